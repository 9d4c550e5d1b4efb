// SPDX-License-Identifier: LGPL-3.0-or-later
// Luminance and chroma of OpenEXR files by OpenEXR's C core.
// Source:  "Technical Introduction to OpenEXR": luminance/chroma images; the library's own filter
//          (ImfRgbaYca.cpp).
#include "exrchroma.h"

#include <string.h>

// Weights of the values beside the middle between two, from the nearest on; the same on both sides.
static const float weights[] = {0.627123f, -0.186077f, 0.087929f, -0.043159f,
                                0.019597f, -0.007540f, 0.002128f};

enum { Y, RY, BY, A, N_PLANES };

// A channel with all its values.
typedef struct {
    const char *name;  // NULL: there is none
    gint across, down; // pixels of the picture to a value
    gint top, width, height;
    float *values;
} Plane;

typedef struct {
    exr_const_context_t file;
    int part;
    exr_attr_box2i_t box;
    gint width, height;
    Plane planes[N_PLANES];
} Picture;

// Rounded up, of negative numbers too.
static gint divide_up(gint x, gint by)
{
    return x > 0 ? (x + by - 1) / by : -(-x / by);
}

static const exr_attr_chlist_entry_t *channel_of(const exr_attr_chlist_t *list,
                                                 const GanExrLayer *layer, const char *letters)
{
    g_autofree char *name = g_strconcat(layer->layer, letters, NULL);
    for (gint i = 0; i < list->num_channels; i++) {
        if (strcmp(list->entries[i].name.str, name) == 0)
            return &list->entries[i];
    }
    return NULL;
}

gboolean gan_exr_is_sampled(exr_const_context_t file, const GanExrLayer *layer, gboolean *chroma)
{
    const exr_attr_chlist_t *list = NULL;
    gboolean sampled = FALSE;
    *chroma = FALSE;
    if (exr_get_channels(file, layer->part, &list) != EXR_ERR_SUCCESS || !list)
        return FALSE;
    for (gint i = 0; i < list->num_channels; i++) {
        const exr_attr_chlist_entry_t *entry = &list->entries[i];
        for (guint c = 0; c < 4; c++) {
            if (layer->channels[c] && strcmp(layer->channels[c], entry->name.str) == 0)
                sampled = sampled || entry->x_sampling != 1 || entry->y_sampling != 1;
        }
    }
    const exr_attr_chlist_entry_t *ry = channel_of(list, layer, "RY"),
                                  *by = channel_of(list, layer, "BY");
    *chroma = layer->is_grey && !sampled && ry && by && MAX(ry->x_sampling, ry->y_sampling) <= 2 &&
              MAX(by->x_sampling, by->y_sampling) <= 2 &&
              MIN(ry->x_sampling, ry->y_sampling) >= 1 && MIN(by->x_sampling, by->y_sampling) >= 1;
    return sampled || (layer->is_grey && (ry || by));
}

// Numbers of a line, as they lie in the file, as floats.
static void convert(const guint8 *from, exr_pixel_type_t type, float *to, gsize n)
{
    for (gsize i = 0; i < n && type != EXR_PIXEL_HALF; i++) {
        guint32 bits;
        memcpy(&bits, from + 4 * i, 4);
        bits = GUINT32_FROM_LE(bits);
        if (type == EXR_PIXEL_FLOAT)
            memcpy(&to[i], &bits, 4);
        else
            to[i] = (float)bits;
    }
    if (type != EXR_PIXEL_HALF)
        return;
    g_autofree guint16 *halves = g_new(guint16, n);
    for (gsize i = 0; i < n; i++)
        halves[i] = (guint16)(from[2 * i] | from[2 * i + 1] << 8);
    babl_process(babl_fish(babl_format("Y half"), babl_format("Y float")), halves, to, (glong)n);
}

// Takes a chunk apart in place of the core, whose quicker ways take all channels to be of one size:
// line by line the channels in their order, those alone that have values there.
static exr_result_t take_apart(exr_decode_pipeline_t *pipeline)
{
    Picture *picture = pipeline->decoding_user_data;
    const guint8 *from = pipeline->unpacked_buffer;
    guint64 left = pipeline->chunk.unpacked_size;
    for (gint y = pipeline->chunk.start_y; y < pipeline->chunk.start_y + pipeline->chunk.height;
         y++) {
        for (gint i = 0; i < pipeline->channel_count; i++) {
            const exr_coding_channel_info_t *channel = &pipeline->channels[i];
            const guint64 bytes = (guint64)channel->width * (guint)channel->bytes_per_element;
            if (channel->y_samples < 1 || y % channel->y_samples != 0)
                continue;
            if (!from || channel->width < 1 || bytes > left)
                return EXR_ERR_CORRUPT_CHUNK;
            for (guint p = 0; p < N_PLANES; p++) {
                Plane *plane = &picture->planes[p];
                if (!plane->name || strcmp(plane->name, channel->channel_name) != 0)
                    continue;
                const gint row = divide_up(y, plane->down) - plane->top;
                if (channel->width != plane->width || row < 0 || row >= plane->height)
                    return EXR_ERR_CORRUPT_CHUNK;
                convert(from, (exr_pixel_type_t)channel->data_type,
                        plane->values + (gsize)row * (gsize)plane->width, (gsize)plane->width);
            }
            from += bytes;
            left -= bytes;
        }
    }
    return EXR_ERR_SUCCESS;
}

static exr_result_t read_planes(Picture *picture)
{
    const int part = picture->part;
    gint32 band = 1;
    gboolean has_begun = FALSE;
    exr_decode_pipeline_t pipeline;
    memset(&pipeline, 0, sizeof pipeline);
    exr_result_t status = exr_get_scanlines_per_chunk(picture->file, part, &band);
    for (gint y = 0; y < picture->height && status == EXR_ERR_SUCCESS; y += band) {
        exr_chunk_info_t chunk;
        status = exr_read_scanline_chunk_info(picture->file, part, picture->box.min.y + y, &chunk);
        if (status != EXR_ERR_SUCCESS)
            break;
        status = has_begun ? exr_decoding_update(picture->file, part, &chunk, &pipeline)
                           : exr_decoding_initialize(picture->file, part, &chunk, &pipeline);
        if (status == EXR_ERR_SUCCESS && !has_begun)
            status = exr_decoding_choose_default_routines(picture->file, part, &pipeline);
        has_begun = TRUE;
        pipeline.decoding_user_data = picture;
        pipeline.unpack_and_convert_fn = take_apart;
        if (status == EXR_ERR_SUCCESS)
            status = exr_decoding_run(picture->file, part, &pipeline);
    }
    if (has_begun)
        exr_decoding_destroy(picture->file, &pipeline);
    return status;
}

// Values of a line at every pixel, of which there is one in two. `step`: between values.
static void fill_line(const float *from, gint n, gsize step, float *to, gint n_to, gsize step_to)
{
    for (gint i = 0; i < n_to; i++) {
        const gint k = MIN(i / 2, n - 1);
        float sum = i % 2 == 0 ? from[(gsize)k * step] : 0.0f;
        for (gint w = 0; i % 2 == 1 && w < (gint)G_N_ELEMENTS(weights); w++)
            sum += weights[w] *
                   (from[(gsize)MAX(k - w, 0) * step] + from[(gsize)MIN(k + 1 + w, n - 1) * step]);
        to[(gsize)i * step_to] = sum;
    }
}

// Gives the plane a value for every pixel.
static gboolean fill(Plane *plane, gint width, gint height)
{
    if (plane->across == 2) {
        float *wide = g_try_malloc_n((gsize)width * (gsize)plane->height, sizeof(float));
        if (!wide)
            return FALSE;
        for (gint y = 0; y < plane->height; y++)
            fill_line(plane->values + (gsize)y * (gsize)plane->width, plane->width, 1,
                      wide + (gsize)y * (gsize)width, width, 1);
        g_free(plane->values);
        plane->values = wide;
        plane->width = width;
    }
    if (plane->down == 2) {
        float *high = g_try_malloc_n((gsize)width * (gsize)height, sizeof(float));
        if (!high)
            return FALSE;
        for (gint x = 0; x < width; x++)
            fill_line(plane->values + x, plane->height, (gsize)width, high + x, height,
                      (gsize)width);
        g_free(plane->values);
        plane->values = high;
        plane->height = height;
    }
    return plane->width == width && plane->height == height;
}

// What red, green and blue give to luminance, by the file's primaries; those of BT.709 without.
static void luminance_of(exr_const_context_t file, int part, double of[3])
{
    exr_attr_chromaticities_t c;
    if (exr_attr_get_chromaticities(file, part, "chromaticities", &c) != EXR_ERR_SUCCESS)
        c = (exr_attr_chromaticities_t){0.64f, 0.33f, 0.30f, 0.60f, 0.15f, 0.06f, 0.3127f, 0.3290f};
    const double x[4] = {(double)c.red_x, (double)c.green_x, (double)c.blue_x, (double)c.white_x},
                 y[4] = {(double)c.red_y, (double)c.green_y, (double)c.blue_y, (double)c.white_y};
    double sum = 0;
    // White is a mixture: each primary by the triangle that the other two make with it.
    for (guint i = 0; i < 3; i++) {
        const guint j = (i + 1) % 3, k = (i + 2) % 3;
        of[i] = y[i] * ((x[j] - x[3]) * (y[k] - y[3]) - (x[k] - x[3]) * (y[j] - y[3]));
        sum += of[i];
    }
    for (guint i = 0; i < 3; i++)
        of[i] = sum != 0 ? of[i] / sum : 1.0 / 3;
}

static GeglBuffer *mix(const Picture *picture, const GanExrLayer *layer)
{
    const Plane *planes = picture->planes;
    const gboolean alpha = planes[A].name != NULL;
    const gint n = alpha ? 4 : 3;
    const Babl *space = gan_exr_space(picture->file, picture->part);
    const char *name = alpha ? "RaGaBaA" : "RGB";
    g_autofree char *whole = g_strdup_printf("%s float", name);
    g_autofree char *own = g_strdup_printf("%s %s", name, layer->is_half ? "half" : "float");
    const Babl *format = babl_format_with_space(whole, space);
    GeglBuffer *buffer = gegl_buffer_new(GEGL_RECTANGLE(0, 0, picture->width, picture->height),
                                         babl_format_with_space(own, space));
    double of[3];
    luminance_of(picture->file, picture->part, of);
    g_autofree float *row = g_new(float, (gsize)picture->width *(gsize)n);
    for (gint y = 0; y < picture->height; y++) {
        for (gint x = 0; x < picture->width; x++) {
            const gsize i = (gsize)y * (gsize)picture->width + (gsize)x;
            const double light = (double)planes[Y].values[i],
                         red = ((double)planes[RY].values[i] + 1) * light,
                         blue = ((double)planes[BY].values[i] + 1) * light;
            float *pixel = row + (gsize)x * (gsize)n;
            pixel[0] = (float)red;
            pixel[1] = of[1] != 0 ? (float)((light - red * of[0] - blue * of[2]) / of[1]) : 0.0f;
            pixel[2] = (float)blue;
            if (alpha)
                pixel[3] = planes[A].values[i];
        }
        gegl_buffer_set(buffer, GEGL_RECTANGLE(0, y, picture->width, 1), 0, format, row,
                        GEGL_AUTO_ROWSTRIDE);
    }
    return buffer;
}

// Finds the layer's channels and makes room for them. Returns NULL, or what is wrong.
static const char *prepare(Picture *picture, const GanExrLayer *layer)
{
    static const char *const letters[N_PLANES] = {"Y", "RY", "BY", "A"};
    const exr_attr_chlist_t *list = NULL;
    const exr_attr_box2i_t *box = &picture->box;
    if (exr_get_channels(picture->file, picture->part, &list) != EXR_ERR_SUCCESS || !list ||
        exr_get_data_window(picture->file, picture->part, &picture->box) != EXR_ERR_SUCCESS ||
        (gint64)box->max.x - box->min.x >= G_MAXINT32 / 16 || box->max.x < box->min.x ||
        (gint64)box->max.y - box->min.y >= G_MAXINT32 / 16 || box->max.y < box->min.y)
        return "it is damaged: its size";
    picture->width = box->max.x - box->min.x + 1;
    picture->height = box->max.y - box->min.y + 1;
    for (guint p = 0; p < N_PLANES; p++) {
        Plane *plane = &picture->planes[p];
        const exr_attr_chlist_entry_t *entry =
            p == A && !layer->channels[3] ? NULL : channel_of(list, layer, letters[p]);
        if (!entry && p == A)
            continue;
        if (!entry)
            return "it is damaged: its channels";
        plane->name = entry->name.str;
        plane->across = entry->x_sampling;
        plane->down = entry->y_sampling;
        plane->top = divide_up(box->min.y, plane->down);
        plane->width =
            divide_up(box->max.x + 1, plane->across) - divide_up(box->min.x, plane->across);
        plane->height = divide_up(box->max.y + 1, plane->down) - plane->top;
        if (plane->width < 1 || plane->height < 1)
            return "it is damaged: its size";
        plane->values = g_try_malloc0_n((gsize)plane->width * (gsize)plane->height, sizeof(float));
        if (!plane->values)
            return "";
    }
    return NULL;
}

GeglBuffer *gan_exr_chroma_read(exr_const_context_t file, const GanExrLayer *layer, GError **error)
{
    Picture picture = {.file = file, .part = layer->part};
    GeglBuffer *buffer = NULL;
    const char *wrong = prepare(&picture, layer);
    const exr_result_t status = wrong ? EXR_ERR_SUCCESS : read_planes(&picture);
    if (!wrong && status != EXR_ERR_SUCCESS)
        wrong = status == EXR_ERR_FEATURE_NOT_IMPLEMENTED
                    ? "its compression is not read of luminance and chroma"
                    : "it is damaged or ends too early";
    if (!wrong && !(fill(&picture.planes[RY], picture.width, picture.height) &&
                    fill(&picture.planes[BY], picture.width, picture.height)))
        wrong = "";
    if (!wrong)
        buffer = mix(&picture, layer);
    else if (*wrong)
        g_set_error_literal(error, GAN_ERROR, GAN_ERROR_FORMAT, wrong);
    else
        g_set_error_literal(error, GAN_ERROR, GAN_ERROR_MEMORY, "no memory for its pixels");
    for (guint p = 0; p < N_PLANES; p++)
        g_free(picture.planes[p].values);
    return buffer;
}
