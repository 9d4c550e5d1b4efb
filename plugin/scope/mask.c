// SPDX-License-Identifier: LGPL-3.0-or-later
#include "mask.h"

GeglBuffer *mask_enlarge(GeglBuffer *in, guint width, guint height, HostInterpolation interpolation)
{
    static const GeglSamplerType SAMPLERS[] = {
        [HOST_INTERPOLATION_NONE] = GEGL_SAMPLER_NEAREST,
        [HOST_INTERPOLATION_LINEAR] = GEGL_SAMPLER_LINEAR,
        [HOST_INTERPOLATION_CUBIC] = GEGL_SAMPLER_CUBIC,
        [HOST_INTERPOLATION_NOHALO] = GEGL_SAMPLER_NOHALO,
        [HOST_INTERPOLATION_LOHALO] = GEGL_SAMPLER_LOHALO,
    };
    const Babl *format = babl_format("Y float");
    GeglBuffer *out = gegl_buffer_new(GEGL_RECTANGLE(0, 0, (gint)width, (gint)height), format);
    GeglSampler *sampler = gegl_buffer_sampler_new(in, format, SAMPLERS[interpolation]);
    const double step_x = (double)gegl_buffer_get_width(in) / width;
    const double step_y = (double)gegl_buffer_get_height(in) / height;
    GeglBufferMatrix2 scale = {{{step_x, 0.0}, {0.0, step_y}}};
    g_autofree float *row = g_new(float, width);
    for (guint y = 0; y < height; y++) {
        for (guint x = 0; x < width; x++) {
            gegl_sampler_get(sampler, (x + 0.5) * step_x, (y + 0.5) * step_y, &scale, &row[x],
                             GEGL_ABYSS_CLAMP);
            row[x] = CLAMP(row[x], 0.0f, 1.0f);
        }
        gegl_buffer_set(out, GEGL_RECTANGLE(0, (gint)y, (gint)width, 1), 0, format, row,
                        GEGL_AUTO_ROWSTRIDE);
    }
    g_object_unref(sampler);
    return out;
}

// Reads one row.
static void read_row(GeglBuffer *mask, gint y, float *row)
{
    gegl_buffer_get(mask, GEGL_RECTANGLE(0, y, gegl_buffer_get_width(mask), 1), 1.0,
                    babl_format("Y float"), row, GEGL_AUTO_ROWSTRIDE, GEGL_ABYSS_NONE);
}

void mask_multiply(GeglBuffer *mask, GeglBuffer *by)
{
    const gint width = gegl_buffer_get_width(mask), height = gegl_buffer_get_height(mask);
    g_autofree float *a = g_new(float, width);
    g_autofree float *b = g_new(float, width);
    for (gint y = 0; y < height; y++) {
        read_row(mask, y, a);
        read_row(by, y, b);
        for (gint x = 0; x < width; x++)
            a[x] *= b[x];
        gegl_buffer_set(mask, GEGL_RECTANGLE(0, y, width, 1), 0, babl_format("Y float"), a,
                        GEGL_AUTO_ROWSTRIDE);
    }
}

gboolean mask_is_white(GeglBuffer *mask)
{
    const gint width = gegl_buffer_get_width(mask), height = gegl_buffer_get_height(mask);
    g_autofree float *row = g_new(float, width);
    for (gint y = 0; y < height; y++) {
        read_row(mask, y, row);
        for (gint x = 0; x < width; x++)
            if (row[x] < 1.0f)
                return FALSE;
    }
    return TRUE;
}
