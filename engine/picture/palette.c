// SPDX-License-Identifier: LGPL-3.0-or-later
// Pictures of a palette.
#include "palette.h"

const Babl *gan_palette_colours(const Babl *format)
{
    if (!babl_format_is_palette(format))
        return NULL;
    return babl_format_with_space(babl_format_has_alpha(format) ? "R'G'B'A u8" : "R'G'B' u8",
                                  babl_format_get_space(format));
}

GeglBuffer *gan_palette_converted(GeglBuffer *in, const Babl *format)
{
    const GeglRectangle *from = gegl_buffer_get_extent(in);
    const GeglRectangle to = {0, 0, from->width, from->height};
    GeglBuffer *out = gegl_buffer_new(&to, format);
    gegl_buffer_copy(in, from, GEGL_ABYSS_NONE, out, &to);
    return out;
}
