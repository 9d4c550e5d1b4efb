// SPDX-License-Identifier: LGPL-3.0-or-later
// OpenEXR files of half floats by OpenEXR's C core.
#include "exrhalf.h"
#include "spaces.h"

#include <openexr.h>
#include <string.h>

typedef struct {
    exr_context_t file;
    int part; // the only one
    guint n;  // channels
} Writing;

static void on_error(exr_const_context_t file, exr_result_t code, const char *text)
{
}

gboolean gan_exr_has_half(void)
{
    return TRUE;
}

static exr_result_t write_header(const Writing *writing, const GeglRectangle *extent,
                                 const char *const *names, const Babl *space)
{
    double v[8] = {0};
    exr_result_t status = exr_initialize_required_attr_simple(
        writing->file, writing->part, extent->width, extent->height, EXR_COMPRESSION_ZIP);
    for (guint c = 0; c < writing->n && status == EXR_ERR_SUCCESS; c++)
        status = exr_add_channel(writing->file, writing->part, names[c], EXR_PIXEL_HALF,
                                 EXR_PERCEPTUALLY_LOGARITHMIC, 1, 1);
    if (status == EXR_ERR_SUCCESS && !babl_space_is_gray(space)) {
        babl_space_get(space, &v[0], &v[1], &v[2], &v[3], &v[4], &v[5], &v[6], &v[7], NULL, NULL,
                       NULL);
        const exr_attr_chromaticities_t chromaticities = {(float)v[2], (float)v[3], (float)v[4],
                                                          (float)v[5], (float)v[6], (float)v[7],
                                                          (float)v[0], (float)v[1]};
        status = exr_attr_set_chromaticities(writing->file, writing->part, "chromaticities",
                                             &chromaticities);
    }
    return status == EXR_ERR_SUCCESS ? exr_write_header(writing->file) : status;
}

// Packs the rows of one chunk, which begin at row y.
static exr_result_t write_chunk(const Writing *writing, exr_encode_pipeline_t *pipeline, gint y,
                                const char *const *names, const guint16 *rows, gint width)
{
    exr_chunk_info_t chunk;
    exr_result_t status = exr_write_scanline_chunk_info(writing->file, writing->part, y, &chunk);
    if (status != EXR_ERR_SUCCESS)
        return status;
    const gboolean is_first = y == 0;
    status = is_first ? exr_encoding_initialize(writing->file, writing->part, &chunk, pipeline)
                      : exr_encoding_update(writing->file, writing->part, &chunk, pipeline);
    if (status != EXR_ERR_SUCCESS)
        return status;
    for (int k = 0; k < pipeline->channel_count; k++) {
        exr_coding_channel_info_t *channel = &pipeline->channels[k];
        guint c = 0; // the file has them in the order of their names
        while (c + 1 < writing->n && strcmp(names[c], channel->channel_name) != 0)
            c++;
        channel->encode_from_ptr = (const guint8 *)(rows + c);
        channel->user_bytes_per_element = 2;
        channel->user_data_type = EXR_PIXEL_HALF;
        channel->user_pixel_stride = (gint32)(2 * writing->n);
        channel->user_line_stride = (gint32)(2 * writing->n) * width;
    }
    if (is_first)
        status = exr_encoding_choose_default_routines(writing->file, writing->part, pipeline);
    return status == EXR_ERR_SUCCESS ? exr_encoding_run(writing->file, writing->part, pipeline)
                                     : status;
}

static exr_result_t write_pixels(const Writing *writing, GeglBuffer *buffer, const Babl *format,
                                 const char *const *names)
{
    const GeglRectangle *extent = gegl_buffer_get_extent(buffer);
// What newer versions of the library initialise with gives two of the fields only.
#pragma GCC diagnostic push
#pragma GCC diagnostic ignored "-Wmissing-field-initializers"
    exr_encode_pipeline_t pipeline = EXR_ENCODE_PIPELINE_INITIALIZER;
#pragma GCC diagnostic pop
    gint32 band = 1;
    exr_result_t status = exr_get_scanlines_per_chunk(writing->file, writing->part, &band);
    g_autofree guint16 *rows = g_new(guint16, (gsize)extent->width * writing->n * (gsize)band);
    for (gint y = 0; y < extent->height && status == EXR_ERR_SUCCESS; y += band) {
        const gint n = MIN(band, extent->height - y);
        gan_numbers_get(buffer, GEGL_RECTANGLE(extent->x, extent->y + y, extent->width, n), format,
                        rows);
        status = write_chunk(writing, &pipeline, y, names, rows, extent->width);
    }
    exr_encoding_destroy(writing->file, &pipeline);
    return status;
}

gboolean gan_exr_write_half(GeglBuffer *buffer, const char *path, GError **error)
{
    static const struct {
        const char *format;
        guint n;
        const char *names[4];
    } layouts[2][2] = {
        {{"RGB half", 3, {"R", "G", "B"}}, {"RaGaBaA half", 4, {"R", "G", "B", "A"}}},
        {{"Y half", 1, {"Y"}}, {"YaA half", 2, {"Y", "A"}}},
    };
    const Babl *own = gegl_buffer_get_format(buffer), *space = babl_format_get_space(own);
    const gboolean is_grey =
        (babl_get_model_flags(babl_format_get_model(own)) & BABL_MODEL_FLAG_GRAY) != 0;
    const gboolean alpha = babl_format_has_alpha(own) != 0;
    const char *const *names = layouts[is_grey][alpha].names;
    const Babl *format = babl_format_with_space(layouts[is_grey][alpha].format, space);
    Writing writing = {.n = layouts[is_grey][alpha].n};
    exr_context_initializer_t options = EXR_DEFAULT_CONTEXT_INITIALIZER;
    options.error_handler_fn = on_error;
    exr_result_t status = exr_start_write(&writing.file, path, EXR_WRITE_FILE_DIRECTLY, &options);
    if (status == EXR_ERR_SUCCESS) {
        status = exr_add_part(writing.file, "", EXR_STORAGE_SCANLINE, &writing.part);
        if (status == EXR_ERR_SUCCESS)
            status = write_header(&writing, gegl_buffer_get_extent(buffer), names, space);
        if (status == EXR_ERR_SUCCESS)
            status = write_pixels(&writing, buffer, format, names);
        const exr_result_t closed = exr_finish(&writing.file);
        status = status == EXR_ERR_SUCCESS ? closed : status;
    }
    if (status == EXR_ERR_SUCCESS)
        return TRUE;
    g_set_error(error, GAN_ERROR, GAN_ERROR_FILE, "the picture cannot be written: %s",
                exr_get_default_error_message(status));
    return FALSE;
}
