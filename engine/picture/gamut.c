// SPDX-License-Identifier: LGPL-3.0-or-later
// Which space holds the colours of a picture.
#include "gamut.h"

static gboolean holds(GeglBuffer *buffer, const Babl *space, float within, double part)
{
    const GeglRectangle *extent = gegl_buffer_get_extent(buffer);
    const Babl *format = babl_format_with_space("R'G'B' float", space);
    const gsize n = (gsize)extent->width * 3;
    g_autofree float *row = g_new(float, n);
    gsize n_outside = 0;
    for (gint y = 0; y < extent->height; y++) {
        gegl_buffer_get(buffer, GEGL_RECTANGLE(extent->x, extent->y + y, extent->width, 1), 1.0,
                        format, row, GEGL_AUTO_ROWSTRIDE, GEGL_ABYSS_NONE);
        for (gsize i = 0; i < n; i++)
            n_outside += !(row[i] >= -within && row[i] <= 1.0f + within);
    }
    return (gdouble)n_outside <= part * (gdouble)n * extent->height;
}

const Babl *gan_gamut_smallest(GeglBuffer *buffer, float within, double part, const char **name)
{
    static const char *const spaces[] = {"sRGB", "Rec2020", "ProPhoto"};
    guint i = 0;
    while (i + 1 < G_N_ELEMENTS(spaces) && !holds(buffer, babl_space(spaces[i]), within, part))
        i++;
    if (name)
        *name = spaces[i];
    return babl_space(spaces[i]);
}
