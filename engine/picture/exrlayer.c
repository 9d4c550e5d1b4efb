// SPDX-License-Identifier: LGPL-3.0-or-later
// Parts and layers of OpenEXR files by OpenEXR's C core.
// Source:  "Technical Introduction to OpenEXR": layers; openexr_decode.h.
#include "exrlayer.h"

#include "spaces.h"

#include <string.h>

// --- which there are ---

static void layer_free(gpointer data)
{
    GanExrLayer *layer = data;
    g_free(layer->name);
    g_free(layer->layer);
    g_free(layer);
}

// Adds a channel to the layer: R, G, B, A or Y, in either case.
static void add_channel(GanExrLayer *layer, const exr_attr_chlist_entry_t *channel,
                        const char *letter)
{
    static const char letters[] = "RGBAY";
    layer->alone = layer->n_channels++ == 0 ? channel->name.str : NULL;
    const char *found = letter[0] ? strchr(letters, g_ascii_toupper(letter[0])) : NULL;
    if (!found || letter[1] != '\0')
        return;
    const gsize i = (gsize)(found - letters);
    if (i == 4 && layer->has_colour && !layer->is_grey)
        return; // beside R, G and B
    if (i < 3 && layer->is_grey) {
        layer->is_grey = FALSE;
        layer->channels[0] = NULL;
    }
    layer->is_grey = layer->is_grey || i == 4;
    layer->channels[i == 4 ? 0 : i] = channel->name.str;
    layer->has_colour = layer->has_colour || i != 3;
}

static GanExrLayer *layer_new(int part, const char *name, const char *prefix, gsize n)
{
    GanExrLayer *layer = g_new0(GanExrLayer, 1);
    layer->part = part;
    layer->layer = g_strndup(prefix, n);
    layer->name = n > 0 ? g_strndup(prefix, n - 1) : g_strdup(name);
    layer->is_half = TRUE;
    return layer;
}

// Completes a layer when all channels are known.
static void end_layer(GanExrLayer *layer, const exr_attr_chlist_t *list)
{
    if (layer->has_colour) {
        layer->alone = NULL;
    } else if (layer->alone) {
        layer->channels[0] = layer->alone;
        layer->channels[3] = NULL;
        layer->is_grey = TRUE;
    }
    for (gint i = 0; i < list->num_channels; i++) {
        for (guint c = 0; c < 4; c++) {
            if (layer->channels[c] == list->entries[i].name.str &&
                list->entries[i].pixel_type != EXR_PIXEL_HALF)
                layer->is_half = FALSE;
        }
    }
}

// All layers of a part, the one without a name first.
static GPtrArray *layers_of(exr_const_context_t file, int part)
{
    const exr_attr_chlist_t *list = NULL;
    const char *name = NULL;
    GPtrArray *layers = g_ptr_array_new_with_free_func(layer_free);
    if (exr_get_name(file, part, &name) != EXR_ERR_SUCCESS || !name)
        name = "";
    g_ptr_array_add(layers, layer_new(part, name, "", 0));
    if (exr_get_channels(file, part, &list) != EXR_ERR_SUCCESS || !list)
        return layers;
    for (gint i = 0; i < list->num_channels; i++) {
        const char *text = list->entries[i].name.str, *dot = strrchr(text, '.');
        const gsize n = dot ? (gsize)(dot - text) + 1 : 0;
        GanExrLayer *layer = NULL;
        for (guint k = 0; k < layers->len && !layer; k++) {
            GanExrLayer *other = layers->pdata[k];
            if (strlen(other->layer) == n && strncmp(other->layer, text, n) == 0)
                layer = other;
        }
        if (!layer) {
            layer = layer_new(part, name, text, n);
            g_ptr_array_add(layers, layer);
        }
        add_channel(layer, &list->entries[i], text + n);
    }
    for (guint i = 0; i < layers->len; i++)
        end_layer(layers->pdata[i], list);
    return layers;
}

// The one that a part stands for: that without a name, or else the first that has colour.
static guint main_of(const GPtrArray *layers)
{
    for (guint i = 0; i < layers->len; i++) {
        if (((const GanExrLayer *)layers->pdata[i])->has_colour)
            return i;
    }
    return 0;
}

GPtrArray *gan_exr_layers(exr_const_context_t file)
{
    gint n_parts = 0;
    GPtrArray *all = g_ptr_array_new_with_free_func(layer_free);
    g_autoptr(GPtrArray) further = g_ptr_array_new_with_free_func(layer_free);
    if (exr_get_count(file, &n_parts) != EXR_ERR_SUCCESS)
        return all;
    for (gint part = 0; part < n_parts; part++) {
        g_autoptr(GPtrArray) layers = layers_of(file, part);
        g_ptr_array_add(all, g_ptr_array_steal_index(layers, main_of(layers)));
        for (guint i = layers->len; i-- > 0;) {
            const GanExrLayer *layer = layers->pdata[i];
            if (!layer->has_colour && !layer->alone)
                g_ptr_array_remove_index(layers, i);
        }
        g_ptr_array_extend_and_steal(further, g_steal_pointer(&layers));
    }
    g_ptr_array_extend_and_steal(all, g_steal_pointer(&further));
    return all;
}

// --- pixels ---

// What is read of each chunk: pixels of floats, whose channels lie together.
typedef struct {
    exr_const_context_t file;
    const GanExrLayer *layer;
    exr_decode_pipeline_t pipeline;
    gboolean has_begun;
    guint n_channels;
    gint width, height; // of the largest chunk
    float *pixels;
} Reading;

// Fails where a channel has not a value for each pixel.
static exr_result_t ask_for(Reading *reading)
{
    const guint n = reading->n_channels;
    for (gint i = 0; i < reading->pipeline.channel_count; i++) {
        exr_coding_channel_info_t *channel = &reading->pipeline.channels[i];
        channel->decode_to_ptr = NULL;
        for (guint c = 0; c < 4; c++) {
            const char *wanted = reading->layer->channels[c];
            if (!wanted || strcmp(wanted, channel->channel_name) != 0)
                continue;
            if (channel->x_samples != 1 || channel->y_samples != 1)
                return EXR_ERR_ATTR_TYPE_MISMATCH;
            const guint place = c == 3 ? n - 1 : c;
            channel->decode_to_ptr = (guint8 *)(reading->pixels + place);
            channel->user_bytes_per_element = sizeof(float);
            channel->user_data_type = EXR_PIXEL_FLOAT;
            channel->user_pixel_stride = (gint32)(n * sizeof(float));
            channel->user_line_stride = (gint32)(n * sizeof(float)) * channel->width;
        }
    }
    return EXR_ERR_SUCCESS;
}

static exr_result_t read_chunk(Reading *reading, const exr_chunk_info_t *chunk)
{
    const int part = reading->layer->part;
    if (chunk->width < 1 || chunk->height < 1 || chunk->width > reading->width ||
        chunk->height > reading->height)
        return EXR_ERR_BAD_CHUNK_LEADER;
    exr_result_t status =
        reading->has_begun
            ? exr_decoding_update(reading->file, part, chunk, &reading->pipeline)
            : exr_decoding_initialize(reading->file, part, chunk, &reading->pipeline);
    if (status == EXR_ERR_SUCCESS)
        status = ask_for(reading);
    if (status == EXR_ERR_SUCCESS && !reading->has_begun)
        status = exr_decoding_choose_default_routines(reading->file, part, &reading->pipeline);
    reading->has_begun = TRUE;
    memset(reading->pixels, 0,
           (gsize)reading->width * (gsize)reading->height * reading->n_channels * sizeof(float));
    return status == EXR_ERR_SUCCESS ? exr_decoding_run(reading->file, part, &reading->pipeline)
                                     : status;
}

static exr_result_t read_rows(Reading *reading, GeglBuffer *buffer, const Babl *format, gint top)
{
    exr_chunk_info_t chunk;
    const gint width = gegl_buffer_get_width(buffer), height = gegl_buffer_get_height(buffer);
    for (gint y = 0; y < height; y += reading->height) {
        exr_result_t status =
            exr_read_scanline_chunk_info(reading->file, reading->layer->part, top + y, &chunk);
        if (status == EXR_ERR_SUCCESS)
            status = read_chunk(reading, &chunk);
        if (status != EXR_ERR_SUCCESS)
            return status;
        gegl_buffer_set(buffer, GEGL_RECTANGLE(0, y, width, MIN(reading->height, height - y)), 0,
                        format, reading->pixels, GEGL_AUTO_ROWSTRIDE);
    }
    return EXR_ERR_SUCCESS;
}

static exr_result_t read_tiles(Reading *reading, GeglBuffer *buffer, const Babl *format)
{
    exr_chunk_info_t chunk;
    const gint width = gegl_buffer_get_width(buffer), height = gegl_buffer_get_height(buffer);
    for (gint y = 0; y < height; y += reading->height) {
        for (gint x = 0; x < width; x += reading->width) {
            exr_result_t status =
                exr_read_tile_chunk_info(reading->file, reading->layer->part, x / reading->width,
                                         y / reading->height, 0, 0, &chunk);
            if (status == EXR_ERR_SUCCESS)
                status = read_chunk(reading, &chunk);
            if (status != EXR_ERR_SUCCESS)
                return status;
            gegl_buffer_set(buffer, GEGL_RECTANGLE(x, y, chunk.width, chunk.height), 0, format,
                            reading->pixels, GEGL_AUTO_ROWSTRIDE);
        }
    }
    return EXR_ERR_SUCCESS;
}

const Babl *gan_exr_space(exr_const_context_t file, int part)
{
    exr_attr_chromaticities_t c;
    if (exr_attr_get_chromaticities(file, part, "chromaticities", &c) != EXR_ERR_SUCCESS)
        return babl_space("sRGB");
    const double xy[8] = {(double)c.white_x, (double)c.white_y, (double)c.red_x,  (double)c.red_y,
                          (double)c.green_x, (double)c.green_y, (double)c.blue_x, (double)c.blue_y};
    return gan_space_from_primaries(xy, 1.0, BABL_SPACE_FLAG_EQUALIZE);
}

static GeglBuffer *read_pixels(Reading *reading, gboolean is_tiled, const GeglRectangle *window,
                               GError **error)
{
    static const char *const words[2][2] = {{"RGB", "RaGaBaA"}, {"Y", "YaA"}};
    const GanExrLayer *layer = reading->layer;
    const gboolean alpha = layer->channels[3] != NULL;
    const Babl *space = gan_exr_space(reading->file, layer->part);
    g_autofree char *whole = g_strdup_printf("%s float", words[layer->is_grey][alpha]);
    g_autofree char *own =
        g_strdup_printf("%s %s", words[layer->is_grey][alpha], layer->is_half ? "half" : "float");
    const Babl *format = babl_format_with_space(whole, space);
    g_autoptr(GeglBuffer) buffer = gegl_buffer_new(
        GEGL_RECTANGLE(0, 0, window->width, window->height), babl_format_with_space(own, space));
    const exr_result_t status = is_tiled ? read_tiles(reading, buffer, format)
                                         : read_rows(reading, buffer, format, window->y);
    if (status == EXR_ERR_SUCCESS)
        return g_steal_pointer(&buffer);
    // OpenEXR's core of 3.1 does not know DWA.
    g_set_error(error, GAN_ERROR, GAN_ERROR_FORMAT, "%s",
                status == EXR_ERR_FEATURE_NOT_IMPLEMENTED
                    ? "its compression is read of the first part's own channels only"
                : status == EXR_ERR_ATTR_TYPE_MISMATCH
                    ? "its colours have fewer pixels than it, which is read of the first part only"
                    : "it is damaged or ends too early");
    return NULL;
}

GeglBuffer *gan_exr_read(exr_const_context_t file, const GanExrLayer *layer, GError **error)
{
    exr_attr_box2i_t box;
    exr_storage_t storage = EXR_STORAGE_LAST_TYPE;
    guint32 tile_width = 0, tile_height = 0;
    gint32 band = 0;
    exr_get_storage(file, layer->part, &storage);
    const gboolean is_tiled = storage == EXR_STORAGE_TILED;
    if (storage != EXR_STORAGE_SCANLINE && !is_tiled) {
        g_set_error(error, GAN_ERROR, GAN_ERROR_FORMAT,
                    "its pixels are deep (of several samples each), which are not read");
        return NULL;
    }
    const exr_result_t sized =
        is_tiled ? exr_get_tile_descriptor(file, layer->part, &tile_width, &tile_height, NULL, NULL)
                 : exr_get_scanlines_per_chunk(file, layer->part, &band);
    if (sized != EXR_ERR_SUCCESS || exr_get_data_window(file, layer->part, &box) != EXR_ERR_SUCCESS)
        box.max.x = -1, box.max.y = -1, box.min.x = 0, box.min.y = 0;
    const gint64 width = (gint64)box.max.x - box.min.x + 1,
                 height = (gint64)box.max.y - box.min.y + 1;
// What newer versions of the library initialise with gives two of the fields only.
#pragma GCC diagnostic push
#pragma GCC diagnostic ignored "-Wmissing-field-initializers"
    Reading reading = {.pipeline = EXR_DECODE_PIPELINE_INITIALIZER,
                       .file = file,
                       .layer = layer,
                       .n_channels = (layer->is_grey ? 1 : 3) + (layer->channels[3] ? 1 : 0),
                       .width = is_tiled ? (gint)tile_width : (gint)MIN(width, G_MAXINT),
                       .height = is_tiled ? (gint)tile_height : band};
#pragma GCC diagnostic pop
    if (width < 1 || height < 1 || width > G_MAXINT || height > G_MAXINT || reading.width < 1 ||
        reading.height < 1 || reading.width > G_MAXINT32 / 16) {
        g_set_error(error, GAN_ERROR, GAN_ERROR_FORMAT, "it is damaged: its size");
        return NULL;
    }
    g_autofree float *pixels = (guint64)reading.width * (guint64)reading.height <= G_MAXSIZE / 16
                                   ? g_try_malloc_n((gsize)reading.width * (gsize)reading.height,
                                                    reading.n_channels * sizeof(float))
                                   : NULL;
    if (!pixels) {
        g_set_error(error, GAN_ERROR, GAN_ERROR_MEMORY, "no memory for a piece of it");
        return NULL;
    }
    reading.pixels = pixels;
    const GeglRectangle window = {0, box.min.y, (gint)width, (gint)height};
    GeglBuffer *buffer = read_pixels(&reading, is_tiled, &window, error);
    exr_decoding_destroy(file, &reading.pipeline);
    return buffer;
}
