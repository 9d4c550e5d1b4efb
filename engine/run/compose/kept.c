// SPDX-License-Identifier: LGPL-3.0-or-later
// Pixels that come out as they went in.
#include "kept.h"

#include "pixels.h"
#include <string.h>

// Rows worked on at a time.
#define BAND_ROWS 64

static gboolean set_no_memory(gsize width, GError **error)
{
    g_set_error(error, GAN_ERROR, GAN_ERROR_MEMORY,
                "no memory for rows of %" G_GSIZE_FORMAT " pixels", width);
    return FALSE;
}

gboolean gan_kept_rows_init(GanKeptRows *rows, const GanTileResult *result, GError **error)
{
    gan_kept_rows_clear(rows);
    const gsize width = result->tile->area_x1 - result->tile->area_x0;
    rows->length = width * (result->n_colours + (result->alpha ? 1 : 0));
    rows->rows = g_try_new(float, rows->length *gan_pixels_n_workers());
    return rows->rows != NULL || set_no_memory(width, error);
}

void gan_kept_rows_clear(GanKeptRows *rows)
{
    g_clear_pointer(&rows->rows, g_free);
}

const float *gan_kept_rows_base(GanKeptRows *rows, const GanTileResult *result, guint y,
                                guint worker)
{
    float *row = rows->rows + worker * rows->length;
    gan_composer_input_row(result, y, row);
    return row;
}

// Whether each pixel of a band keeps its bytes.
static void find_kept(const float *alpha, const float *weights, gsize n, gboolean *kept)
{
    for (gsize i = 0; i < n; i++)
        kept[i] = (alpha && alpha[2 * i + 1] <= 0.0f) || (weights && weights[i] <= 0.0f);
}

gboolean gan_kept_copy(GeglBuffer *in, const GeglRectangle *area, GeglBuffer *out,
                       GeglBuffer *weights, gboolean all, GError **error)
{
    const Babl *format = gegl_buffer_get_format(out);
    const gboolean alpha = babl_format_has_alpha(format) != 0;
    if (format != gegl_buffer_get_format(in) || (!all && !alpha && !weights))
        return TRUE;
    if (all) {
        gegl_buffer_copy(in, area, GEGL_ABYSS_NONE, out,
                         GEGL_RECTANGLE(0, 0, area->width, area->height));
        return TRUE;
    }
    const gsize width = (gsize)area->width, bytes = (gsize)babl_format_get_bytes_per_pixel(format);
    const gsize most = width * BAND_ROWS;
    g_autofree char *from = g_try_malloc_n(most, bytes), *to = g_try_malloc_n(most, bytes);
    g_autofree float *alphas = alpha ? g_try_new(float, 2 * most) : NULL;
    g_autofree float *shares = weights ? g_try_new(float, most) : NULL;
    g_autofree gboolean *kept = g_try_new(gboolean, most);
    if (!from || !to || !kept || (alpha && !alphas) || (weights && !shares))
        return set_no_memory(width, error);
    for (gint y = 0; y < area->height; y += BAND_ROWS) {
        const gint n_rows = MIN(BAND_ROWS, area->height - y);
        const gsize n = width * (gsize)n_rows;
        const GeglRectangle band = {0, y, area->width, n_rows};
        const GeglRectangle source = {area->x, area->y + y, area->width, n_rows};
        if (alphas)
            gegl_buffer_get(in, &source, 1.0, babl_format("YA float"), alphas, GEGL_AUTO_ROWSTRIDE,
                            GEGL_ABYSS_NONE);
        if (shares)
            gegl_buffer_get(weights, &band, 1.0, babl_format("Y float"), shares,
                            GEGL_AUTO_ROWSTRIDE, GEGL_ABYSS_NONE);
        find_kept(alphas, shares, n, kept);
        gegl_buffer_get(in, &source, 1.0, format, from, GEGL_AUTO_ROWSTRIDE, GEGL_ABYSS_NONE);
        gegl_buffer_get(out, &band, 1.0, format, to, GEGL_AUTO_ROWSTRIDE, GEGL_ABYSS_NONE);
        for (gsize i = 0; i < n; i++)
            if (kept[i])
                memcpy(to + i * bytes, from + i * bytes, bytes);
        gegl_buffer_set(out, &band, 0, format, to, GEGL_AUTO_ROWSTRIDE);
    }
    return TRUE;
}
