// SPDX-License-Identifier: LGPL-3.0-or-later
// OpenEXR files. The first part's own channels are read by GEGL's loader, after OpenEXR's C core has
// told what that loader leaves out without a word: channels, windows, attributes; and that channels
// are halves. Other parts and layers, and luminance with chroma, are read by the core.
#include "reader.h"

#include "container.h"
#include "exrchroma.h"
#include "exrlayer.h"
#include "notes.h"
#include "operations.h"
#include "spaces.h"
#include <openexr.h>
#include <string.h>

#define MOST_NAMES 8

static gboolean recognise(const guint8 *data, gsize length)
{
    return gan_container_kind(data, length) == GAN_CONTAINER_EXR;
}

static void on_error(exr_const_context_t file, exr_result_t code, const char *text)
{
}

static gboolean is_among(const char *name, const char *const *names)
{
    return g_strv_contains(names, name);
}

// The first few of the names, as a text.
static char *listed(GPtrArray *names)
{
    g_autoptr(GString) text = g_string_new(NULL);
    for (guint i = 0; i < MIN(names->len, MOST_NAMES); i++)
        g_string_append_printf(text, "%s%s", i > 0 ? ", " : "", (const char *)names->pdata[i]);
    if (names->len > MOST_NAMES)
        g_string_append_printf(text, " and %u more", names->len - MOST_NAMES);
    return g_strdup(text->str);
}

// Names of the part's channels that do not belong to the layer; the file's.
static GPtrArray *others_of(exr_const_context_t file, const GanExrLayer *layer)
{
    static const char *const taken[] = {"R", "G", "B", "A", "Y", "RY", "BY", NULL};
    const exr_attr_chlist_t *list = NULL;
    GPtrArray *others = g_ptr_array_new();
    if (exr_get_channels(file, layer->part, &list) != EXR_ERR_SUCCESS || !list)
        return others;
    for (gint i = 0; i < list->num_channels; i++) {
        const char *name = list->entries[i].name.str;
        gboolean is_read = layer->part == 0 && *layer->layer == '\0' && is_among(name, taken);
        for (guint c = 0; c < 4; c++)
            is_read = is_read || (layer->channels[c] && strcmp(layer->channels[c], name) == 0);
        if (!is_read)
            g_ptr_array_add(others, (gpointer)(gsize)name);
    }
    return others;
}

static void note_windows(exr_const_context_t file, int part, GPtrArray *notes)
{
    exr_attr_box2i_t data, shown;
    if (exr_get_data_window(file, part, &data) != EXR_ERR_SUCCESS ||
        exr_get_display_window(file, part, &shown) != EXR_ERR_SUCCESS ||
        memcmp(&data, &shown, sizeof data) == 0)
        return;
    gan_note(
        notes,
        "its data window, %d x %d at %d, %d, is not its display window, %d x %d at %d, %d; the "
        "data window is read, and its place is left out",
        data.max.x - data.min.x + 1, data.max.y - data.min.y + 1, data.min.x, data.min.y,
        shown.max.x - shown.min.x + 1, shown.max.y - shown.min.y + 1, shown.min.x, shown.min.y);
}

static void note_attributes(exr_const_context_t file, int part, GPtrArray *notes)
{
    // Those that every file has, or that are the old file's own.
    static const char *const usual[] = {"channels",
                                        "compression",
                                        "dataWindow",
                                        "displayWindow",
                                        "lineOrder",
                                        "pixelAspectRatio",
                                        "screenWindowCenter",
                                        "screenWindowWidth",
                                        "tiles",
                                        "chromaticities",
                                        "name",
                                        "type",
                                        "chunkCount",
                                        "version",
                                        "maxSamplesPerPixel",
                                        "view",
                                        "xDensity",
                                        "dwaCompressionLevel",
                                        NULL};
    g_autoptr(GPtrArray) names = g_ptr_array_new();
    gint32 n = 0;
    if (exr_get_attribute_count(file, part, &n) != EXR_ERR_SUCCESS)
        return;
    for (gint32 i = 0; i < n; i++) {
        const exr_attribute_t *attribute = NULL;
        if (exr_get_attribute_by_index(file, part, EXR_ATTR_LIST_FILE_ORDER, i, &attribute) ==
                EXR_ERR_SUCCESS &&
            attribute && !is_among(attribute->name, usual))
            g_ptr_array_add(names, (gpointer)(gsize)attribute->name);
    }
    g_autofree char *list = listed(names);
    if (names->len > 0)
        gan_note(notes, "attributes are left out: %s", list);
}

// Tells of the pictures that the file has. Returns the one to read; NULL: it cannot be.
static const GanExrLayer *choose(exr_const_context_t file, const GPtrArray *layers,
                                 GanReading *reading, GError **error)
{
    gint n_parts = 0;
    exr_get_count(file, &n_parts);
    reading->n_pages = layers->len;
    reading->unit = layers->len > (guint)n_parts ? "picture" : "part";
    reading->names = g_ptr_array_new_with_free_func(g_free);
    for (guint i = 0; i < layers->len; i++)
        g_ptr_array_add(reading->names, g_strdup(((const GanExrLayer *)layers->pdata[i])->name));
    if (reading->only_list)
        return NULL;
    guint page = reading->page;
    for (guint i = 0; page == 0 && i < layers->len; i++) {
        if (((const GanExrLayer *)layers->pdata[i])->has_colour)
            page = i + 1;
    }
    page = MAX(page, 1);
    if (page > layers->len) {
        gan_reading_refuse(error, "it has no %s %u, but %u", reading->unit, page, layers->len);
        return NULL;
    }
    const GanExrLayer *layer = layers->pdata[page - 1];
    // A channel alone (depth, a mask) is read where it is asked for.
    if (layer->has_colour || (layer->alone && reading->page > 0)) {
        reading->page = page;
        return layer;
    }
    g_autoptr(GPtrArray) others = others_of(file, layer);
    g_autofree char *list = listed(others);
    gan_reading_refuse(error, "it has no channels R, G, B or Y%s, but %s%s",
                       layers->len > 1 ? " there" : "",
                       layer->alone      ? layer->alone
                       : others->len > 0 ? list
                                         : "none",
                       layer->alone ? ", which is read as grey when it is asked for as a page"
                                    : "; a program that knows layers can write one of them as R, "
                                      "G, B");
    return NULL;
}

// Notes what is not read of the part, which is deep or not.
static gboolean look(exr_const_context_t file, const GanExrLayer *layer, GanReading *reading,
                     GError **error)
{
    exr_storage_t storage = EXR_STORAGE_SCANLINE;
    g_autoptr(GPtrArray) others = others_of(file, layer);
    g_autofree char *list = listed(others);
    exr_get_storage(file, layer->part, &storage);
    if (storage == EXR_STORAGE_DEEP_SCANLINE || storage == EXR_STORAGE_DEEP_TILED) {
        gan_reading_refuse(error, "its pixels are deep (of several samples each), which are not "
                                  "read");
        return FALSE;
    }
    if (layer->alone)
        gan_note(reading->notes, "its channel %s is read as grey", layer->alone);
    else if (*layer->layer != '\0')
        gan_note(reading->notes, "of its layers %s is read", layer->name);
    if (others->len > 0)
        gan_note(reading->notes, "channels are left out: %s", list);
    note_windows(file, layer->part, reading->notes);
    note_attributes(file, layer->part, reading->notes);
    return TRUE;
}

// The same picture in halves, as the file has it.
static GeglBuffer *as_half(GeglBuffer *buffer)
{
    const Babl *format = gegl_buffer_get_format(buffer);
    g_auto(GStrv) words = g_strsplit(babl_format_get_encoding(format), " ", 2);
    g_autofree char *name = g_strdup_printf("%s half", words[0]);
    GeglBuffer *half = gegl_buffer_new(gegl_buffer_get_extent(buffer),
                                       babl_format_with_space(name, babl_format_get_space(format)));
    gan_numbers_copy(buffer, half);
    g_object_unref(buffer);
    return half;
}

// Reads by the core, where the loader does not come. *is_ours: it does not; *is_half: it makes
// floats of halves.
static GeglBuffer *read_by_core(GanReading *reading, gboolean *is_ours, gboolean *is_half,
                                GError **error)
{
    exr_context_t file = NULL;
    exr_context_initializer_t options = EXR_DEFAULT_CONTEXT_INITIALIZER;
    GeglBuffer *buffer = NULL;
    options.error_handler_fn = on_error;
    // A header that the core finds fault with is the loader's to judge.
    if (exr_start_read(&file, reading->path, &options) != EXR_ERR_SUCCESS) {
        *is_ours = reading->only_list;
        return NULL;
    }
    g_autoptr(GPtrArray) layers = gan_exr_layers(file);
    const GanExrLayer *layer = choose(file, layers, reading, error);
    *is_ours = TRUE;
    if (layer && look(file, layer, reading, error)) {
        *is_ours = layer->part > 0 || *layer->layer != '\0' || layer->alone;
        *is_half = layer->is_half;
        gboolean chroma = FALSE;
        const gboolean sampled = gan_exr_is_sampled(file, layer, &chroma);
        if (!gan_exr_space(file, layer->part)) {
            gan_reading_refuse(error, GAN_NO_ROOM_TO_READ);
            *is_ours = TRUE;
        } else if (chroma)
            buffer = gan_exr_chroma_read(file, layer, error);
        else if (sampled)
            gan_reading_refuse(error, "its colours have fewer pixels than it, which is read of "
                                      "luminance and chroma (Y, RY, BY) only");
        else if (*is_ours)
            buffer = gan_exr_read(file, layer, error);
        *is_ours = *is_ours || sampled;
    }
    exr_finish(&file);
    return buffer;
}

// Finds bytes among those that headers take. Returns what is behind them, or NULL.
static const guint8 *find(const GanReading *reading, const char *bytes, gsize n)
{
    const guint8 *data = reading->data, *end = data + MIN(reading->length, 1 << 16);
    while ((data = memchr(data, bytes[0], (gsize)(end - data)))) {
        if ((gsize)(end - data) > n && memcmp(data, bytes, n) == 0)
            return data + n;
        data++;
    }
    return NULL;
}

// Whether the file is packed in a way that came after the OpenEXR that is here, which cannot tell.
static gboolean is_newer(const GanReading *reading)
{
    const guint8 *kind = find(reading, "compression\0compression\0\1\0\0", 28);
    return kind && *kind >= EXR_COMPRESSION_LAST_TYPE;
}

// Whether there may be chroma, which ends the loader.
static gboolean may_have_chroma(const GanReading *reading)
{
    return find(reading, "\0RY\0", 4) || find(reading, "\0BY\0", 4);
}

static GeglBuffer *read_picture(GanReading *reading, GError **error)
{
    gboolean is_ours = FALSE, is_half = FALSE;
    GeglBuffer *of_core = read_by_core(reading, &is_ours, &is_half, error);
    if (is_ours)
        return of_core;
    if (may_have_chroma(reading))
        return gan_reading_refuse(error, "it is damaged: its header");
    g_autoptr(GString) messages = g_string_new(NULL);
    g_autoptr(GeglBuffer) buffer =
        gan_operation_load("gegl:exr-load", "exr-load", reading->path, messages);
    if (!buffer || gegl_buffer_get_width(buffer) < 1 || gegl_buffer_get_height(buffer) < 1 ||
        messages->len > 0)
        return is_newer(reading)
                   ? gan_reading_refuse(
                         error, "its compression is newer than the OpenEXR that is there reads")
                   : gan_reading_refuse(error, "the picture cannot be read%s%s",
                                        messages->len > 0 ? ": " : "", messages->str);
    return is_half ? as_half(g_steal_pointer(&buffer)) : g_steal_pointer(&buffer);
}

const GanFormat gan_format_exr = {"OpenEXR", recognise, read_picture, FALSE, TRUE, NULL, TRUE};
