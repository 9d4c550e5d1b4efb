// SPDX-License-Identifier: LGPL-3.0-or-later
// Layer masks and selections, enlarged as GIMP enlarges them.
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
