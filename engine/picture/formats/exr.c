// SPDX-License-Identifier: LGPL-3.0-or-later
// OpenEXR files by GEGL's loader, after OpenEXR's C core has told what that loader leaves out
// without a word: channels, layers, parts, windows, attributes; and that channels are halves.
#include "reader.h"

#include "container.h"
#include "notes.h"
#include "operations.h"
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

// What the loader makes of a file's first part.
typedef struct {
    gboolean has_colour; // a channel that the loader takes for colour
    gboolean is_half;    // those that it takes are halves
    GPtrArray *others;   // names of the other channels; the file's
} Channels;

static void look_at_channels(exr_const_context_t file, Channels *channels)
{
    static const char *const taken[] = {"R", "G", "B", "A", "Y", "RY", "BY", NULL};
    const exr_attr_chlist_t *list = NULL;
    channels->is_half = TRUE;
    if (exr_get_channels(file, 0, &list) != EXR_ERR_SUCCESS || !list)
        return;
    for (gint i = 0; i < list->num_channels; i++) {
        const exr_attr_chlist_entry_t *channel = &list->entries[i];
        if (!is_among(channel->name.str, taken)) {
            g_ptr_array_add(channels->others, (gpointer)(gsize)channel->name.str);
            continue;
        }
        channels->has_colour = channels->has_colour || strcmp(channel->name.str, "A") != 0;
        channels->is_half = channels->is_half && channel->pixel_type == EXR_PIXEL_HALF;
    }
}

static void note_windows(exr_const_context_t file, GPtrArray *notes)
{
    exr_attr_box2i_t data, shown;
    if (exr_get_data_window(file, 0, &data) != EXR_ERR_SUCCESS ||
        exr_get_display_window(file, 0, &shown) != EXR_ERR_SUCCESS ||
        memcmp(&data, &shown, sizeof data) == 0)
        return;
    gan_note(
        notes,
        "its data window, %d x %d at %d, %d, is not its display window, %d x %d at %d, %d; the "
        "data window is read, and its place is left out",
        data.max.x - data.min.x + 1, data.max.y - data.min.y + 1, data.min.x, data.min.y,
        shown.max.x - shown.min.x + 1, shown.max.y - shown.min.y + 1, shown.min.x, shown.min.y);
}

static void note_attributes(exr_const_context_t file, GPtrArray *notes)
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
    if (exr_get_attribute_count(file, 0, &n) != EXR_ERR_SUCCESS)
        return;
    for (gint32 i = 0; i < n; i++) {
        const exr_attribute_t *attribute = NULL;
        if (exr_get_attribute_by_index(file, 0, EXR_ATTR_LIST_FILE_ORDER, i, &attribute) ==
                EXR_ERR_SUCCESS &&
            attribute && !is_among(attribute->name, usual))
            g_ptr_array_add(names, (gpointer)(gsize)attribute->name);
    }
    g_autofree char *list = listed(names);
    if (names->len > 0)
        gan_note(notes, "attributes are left out: %s", list);
}

// Notes what the loader leaves out; FALSE when it would find nothing.
static gboolean look(exr_const_context_t file, GanReading *reading, gboolean *is_half,
                     GError **error)
{
    g_autoptr(GPtrArray) others = g_ptr_array_new();
    Channels channels = {.others = others};
    exr_storage_t storage = EXR_STORAGE_SCANLINE;
    gint n_parts = 1;
    exr_get_count(file, &n_parts);
    exr_get_storage(file, 0, &storage);
    reading->n_pages = (guint)MAX(n_parts, 1);
    reading->unit = "part";
    reading->first_only = TRUE;
    look_at_channels(file, &channels);
    g_autofree char *list = listed(others);
    if (storage == EXR_STORAGE_DEEP_SCANLINE || storage == EXR_STORAGE_DEEP_TILED)
        gan_reading_refuse(error, "its pixels are deep (of several samples each), which are not "
                                  "read");
    else if (reading->page > 1)
        gan_reading_refuse(error, "of an OpenEXR file the first part alone can be read");
    else if (!channels.has_colour)
        gan_reading_refuse(error,
                           "it has no channels R, G, B or Y, but %s; a program that knows layers "
                           "can write one of them as R, G, B",
                           others->len > 0 ? list : "none");
    else {
        if (others->len > 0)
            gan_note(reading->notes, "channels are left out: %s", list);
        note_windows(file, reading->notes);
        note_attributes(file, reading->notes);
        *is_half = channels.is_half;
        return TRUE;
    }
    return FALSE;
}

// The same picture in halves, as the file has it.
static GeglBuffer *as_half(GeglBuffer *buffer)
{
    const Babl *format = gegl_buffer_get_format(buffer);
    g_auto(GStrv) words = g_strsplit(babl_format_get_encoding(format), " ", 2);
    g_autofree char *name = g_strdup_printf("%s half", words[0]);
    GeglBuffer *half = gegl_buffer_new(gegl_buffer_get_extent(buffer),
                                       babl_format_with_space(name, babl_format_get_space(format)));
    gegl_buffer_copy(buffer, NULL, GEGL_ABYSS_NONE, half, NULL);
    g_object_unref(buffer);
    return half;
}

static GeglBuffer *read_picture(GanReading *reading, GError **error)
{
    exr_context_t file = NULL;
    exr_context_initializer_t options = EXR_DEFAULT_CONTEXT_INITIALIZER;
    gboolean is_half = FALSE;
    options.error_handler_fn = on_error;
    // A header that the core finds fault with is the loader's to judge.
    if (exr_start_read(&file, reading->path, &options) == EXR_ERR_SUCCESS) {
        const gboolean done = look(file, reading, &is_half, error);
        exr_finish(&file);
        if (!done)
            return NULL;
    }
    g_autoptr(GString) messages = g_string_new(NULL);
    g_autoptr(GeglBuffer) buffer =
        gan_operation_load("gegl:exr-load", "exr-load", reading->path, messages);
    if (!buffer || gegl_buffer_get_width(buffer) < 1 || gegl_buffer_get_height(buffer) < 1 ||
        messages->len > 0)
        return gan_reading_refuse(error, "the picture cannot be read%s%s",
                                  messages->len > 0 ? ": " : "", messages->str);
    return is_half ? as_half(g_steal_pointer(&buffer)) : g_steal_pointer(&buffer);
}

const GanFormat gan_format_exr = {"OpenEXR", recognise, read_picture, FALSE};
