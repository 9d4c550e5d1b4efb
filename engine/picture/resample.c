// SPDX-License-Identifier: LGPL-3.0-or-later
// Separable cubic resampling, for tensors and for buffers.
#include <gan/resample.h>

#include "cubic.h"
#include "holes.h"
#include "pixels.h"
#include "range.h"
#include <math.h>

static void round_to_bytes(float *values, gsize n)
{
    for (gsize i = 0; i < n; i++)
        values[i] = floorf(CLAMP(values[i], 0.0f, 255.0f) + 0.5f);
}

GanTensor *gan_resample_bicubic(GanTensor *in, gsize width, gsize height, gboolean rounding,
                                GError **error)
{
    g_return_val_if_fail(in && in->rank == 4 && in->shape[0] == 1, NULL);
    g_return_val_if_fail(width > 0 && height > 0, NULL);
    const gsize channels = in->shape[3];
    const gsize row = in->shape[2] * channels;
    g_auto(GanCubic) rows = {0};
    g_auto(GanCubic) columns = {0};
    if (!gan_cubic_init(&rows, in->shape[1], height, 0, height, error) ||
        !gan_cubic_init(&columns, in->shape[2], width, 0, width, error))
        return NULL;
    const gsize shape[4] = {1, height, width, channels};
    g_autoptr(GanTensor) out = gan_tensor_new(4, shape, error);
    if (!out)
        return NULL;
    g_autofree double *sums = g_try_new(double, row);
    g_autofree float *between = g_try_new(float, row);
    if (!sums || !between) {
        g_set_error(error, GAN_ERROR, GAN_ERROR_MEMORY,
                    "no memory for resampling rows of %" G_GSIZE_FORMAT " numbers", row);
        return NULL;
    }
    for (gsize y = 0; y < height; y++) {
        float *to = out->data + y * width * channels;
        gan_cubic_down(&rows, y, in->data, 0, row, sums, between);
        if (rounding)
            round_to_bytes(between, row);
        gan_cubic_across(&columns, between, 0, channels, to);
        if (rounding)
            round_to_bytes(to, width * channels);
    }
    return g_steal_pointer(&out);
}

// Straight colour to colour weighted by alpha, and back. Where next to nothing is visible the
// quotient of two small numbers could be any colour, so it is kept in range there.
static void weight_by_alpha(float *pixels, gsize n, guint n_colours)
{
    for (gsize i = 0; i < n; i++, pixels += n_colours + 1) {
        for (guint c = 0; c < n_colours; c++)
            pixels[c] *= pixels[n_colours];
    }
}

static void unweight_by_alpha(float *pixels, gsize n, guint n_colours)
{
    for (gsize i = 0; i < n; i++, pixels += n_colours + 1) {
        // The kernel overshoots alike in both, so alpha is cut to its range only
        // after the division.
        const float alpha = pixels[n_colours];
        for (guint c = 0; c < n_colours; c++) {
            const float colour = alpha > 0.0f ? pixels[c] / alpha : 0.0f;
            pixels[c] = alpha < 1.0f / 32.0f ? CLAMP(colour, 0.0f, 1.0f) : colour;
        }
        pixels[n_colours] = CLAMP(alpha, 0.0f, 1.0f);
    }
}

// A band of rows on their way from one size to another.
typedef struct {
    const GanCubic *rows, *columns;
    const float *source;    // rows of the input from `origin` on
    gsize origin, n_source; // first of them, and how many there are
    gsize row_in, width_in, width, height_in, height;
    gsize first; // output row of the band
    guint n_colours, channels;
    gboolean alpha, beyond; // some colours lay beyond 0..1
    double *sums;           // for each worker row_in numbers
    float *between;
} Resample;

// The first and the last of the input pixels around the middle of output pixel i.
static void around(gsize i, gsize n_in, gsize n_out, gsize *first, gsize *last)
{
    const gsize middle = (2 * i + 1) * n_in / (2 * n_out), reach = MAX(1, n_in / n_out);
    *first = middle > reach ? middle - reach : 0;
    *last = MIN(middle + reach, n_in - 1);
}

// Numbers that lay beyond 0..1 go back there, those between what is around them in the input.
static void open_row(const Resample *resample, guint y, float *row)
{
    const guint colours = resample->n_colours, channels = resample->channels;
    gsize top, bottom, left, right;
    around(resample->first + y, resample->height_in, resample->height, &top, &bottom);
    top = MAX(top, resample->origin);
    bottom = MIN(bottom, resample->origin + resample->n_source - 1);
    for (gsize x = 0; x < resample->width; x++, row += channels) {
        float least[3] = {0.0f, 0.0f, 0.0f}, most[3] = {1.0f, 1.0f, 1.0f};
        around(x, resample->width_in, resample->width, &left, &right);
        for (gsize v = top; v <= bottom; v++) {
            for (gsize u = left; u <= right; u++) {
                const float *pixel =
                    resample->source + (v - resample->origin) * resample->row_in + u * channels;
                const float alpha = resample->alpha ? pixel[colours] : 1.0f;
                for (guint c = 0; c < colours && alpha > 0.0f; c++) {
                    least[c] = MIN(least[c], pixel[c] / alpha);
                    most[c] = MAX(most[c], pixel[c] / alpha);
                }
            }
        }
        for (guint c = 0; c < MIN(colours, 3); c++)
            gan_range_open(row + c, 1, 1, least[c], most[c]);
    }
}

static const float *resample_row(guint y, guint worker, float *row, gpointer data)
{
    const Resample *resample = data;
    float *between = resample->between + worker * resample->row_in;
    gan_cubic_down(resample->rows, resample->first + y, resample->source, resample->origin,
                   resample->row_in, resample->sums + worker * resample->row_in, between);
    gan_cubic_across(resample->columns, between, 0, resample->channels, row);
    if (resample->alpha)
        unweight_by_alpha(row, resample->width, resample->n_colours);
    if (resample->beyond)
        open_row(resample, y, row);
    return row;
}

gboolean gan_resample_buffer(GeglBuffer *in, GeglBuffer *out, GError **error)
{
    g_return_val_if_fail(GEGL_IS_BUFFER(in) && GEGL_IS_BUFFER(out), FALSE);
    const GeglRectangle *from = gegl_buffer_get_extent(in);
    const GeglRectangle *to = gegl_buffer_get_extent(out);
    g_return_val_if_fail(from->width > 0 && from->height > 0 && to->width > 0 && to->height > 0,
                         FALSE);
    g_auto(GanPixels) reader = {0};
    g_auto(GanPixels) writer = {0};
    gan_pixels_init(&reader, gegl_buffer_get_format(in), NULL);
    gan_pixels_init(&writer, gegl_buffer_get_format(out), gegl_buffer_get_format(in));
    // One channel order for both: colour when either has it, alpha when either has it.
    const guint n_colours = MAX(reader.n_colours, writer.n_colours);
    const gboolean alpha = reader.alpha || writer.alpha;
    gan_pixels_set_layout(&reader, n_colours, alpha);
    gan_pixels_set_layout(&writer, n_colours, alpha);
    const guint channels = n_colours + (alpha ? 1 : 0);

    g_auto(GanCubic) rows = {0};
    g_auto(GanCubic) columns = {0};
    if (!gan_cubic_init(&rows, (gsize)from->height, (gsize)to->height, 0, (gsize)to->height,
                        error) ||
        !gan_cubic_init(&columns, (gsize)from->width, (gsize)to->width, 0, (gsize)to->width, error))
        return FALSE;
    const gsize row_in = (gsize)from->width * channels;
    const gsize row_out = (gsize)to->width * channels;
    // Bands of about 8 MB, at least one row.
    const gsize target = (gsize)8 << 20;
    const double rows_in_per_out = (double)from->height / (double)to->height;
    const double row_bytes =
        (double)sizeof(float) * ((double)row_out + rows_in_per_out * (double)row_in);
    const gsize band = (gsize)CLAMP((double)target / row_bytes, 1.0, (double)to->height);

    const guint n_workers = gan_pixels_n_workers();
    g_autofree double *sums = g_try_new(double, row_in *n_workers);
    g_autofree float *between = g_try_new(float, row_in *n_workers);
    g_autofree float *source = NULL;
    gsize source_length = 0;
    for (gsize y = 0; y < (gsize)to->height; y += band) {
        const gsize n = MIN(band, (gsize)to->height - y);
        gsize first, last;
        gan_cubic_span(&rows, y, n, &first, &last);
        if (!source || (last - first) * row_in > source_length) {
            source_length = (last - first) * row_in;
            g_free(source);
            source = g_try_new(float, source_length);
        }
        if (!sums || !between || !source) {
            g_set_error(error, GAN_ERROR, GAN_ERROR_MEMORY,
                        "no memory for resampling a band of %" G_GSIZE_FORMAT " rows", n);
            return FALSE;
        }
        const GeglRectangle read = {from->x, from->y + (gint)first, from->width,
                                    (gint)(last - first)};
        if (!gan_pixels_read(&reader, in, &read, source, error))
            return FALSE;
        const gboolean beyond =
            reader.type == GAN_PIXELS_FLOAT &&
            gan_range_close(source, (last - first) * (gsize)from->width, n_colours, alpha);
        if (alpha)
            weight_by_alpha(source, (last - first) * (gsize)from->width, n_colours);
        Resample resample = {.rows = &rows,
                             .columns = &columns,
                             .source = source,
                             .origin = first,
                             .n_source = last - first,
                             .row_in = row_in,
                             .width_in = (gsize)from->width,
                             .width = (gsize)to->width,
                             .height_in = (gsize)from->height,
                             .height = (gsize)to->height,
                             .first = y,
                             .n_colours = n_colours,
                             .channels = channels,
                             .alpha = alpha,
                             .beyond = beyond,
                             .sums = sums,
                             .between = between};
        const GeglRectangle write = {to->x, to->y + (gint)y, to->width, (gint)n};
        if (!gan_pixels_write_rows(&writer, out, &write, resample_row, &resample, error))
            return FALSE;
    }
    return gan_holes_put_back(in, from, out, to, error);
}
