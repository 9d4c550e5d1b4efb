// SPDX-License-Identifier: LGPL-3.0-or-later
// Pictures turned upright.
// Source:  EXIF 2.32, tag 274: where the first row and the first column of the file are shown.
#include "upright.h"

GeglBuffer *gan_turn_upright(GeglBuffer *buffer, guint orientation)
{
    const GeglRectangle *from = gegl_buffer_get_extent(buffer);
    const Babl *format = gegl_buffer_get_format(buffer);
    const gboolean sideways = orientation >= 5; // rows become columns
    // Whether the first row is shown below, or right, and a row's first pixel right, or below.
    const gboolean rows_back =
        orientation == 3 || orientation == 4 || orientation == 6 || orientation == 7;
    const gboolean pixels_back =
        orientation == 2 || orientation == 3 || orientation == 7 || orientation == 8;
    const gint width = sideways ? from->height : from->width,
               height = sideways ? from->width : from->height;
    GeglBuffer *upright = gegl_buffer_new(GEGL_RECTANGLE(0, 0, width, height), format);
    const gsize pixel = (gsize)babl_format_get_bytes_per_pixel(format), n = (gsize)from->width;
    g_autofree guint8 *row = g_malloc(n * pixel);
    for (gint y = 0; y < from->height; y++) {
        gegl_buffer_get(buffer, GEGL_RECTANGLE(from->x, from->y + y, from->width, 1), 1.0, format,
                        row, GEGL_AUTO_ROWSTRIDE, GEGL_ABYSS_NONE);
        for (gsize i = 0; pixels_back && i < n / 2; i++) {
            guint8 *a = row + i * pixel, *b = row + (n - 1 - i) * pixel;
            for (gsize k = 0; k < pixel; k++) {
                const guint8 byte = a[k];
                a[k] = b[k];
                b[k] = byte;
            }
        }
        const gint place = rows_back ? from->height - 1 - y : y;
        const GeglRectangle to =
            sideways ? (GeglRectangle){place, 0, 1, height} : (GeglRectangle){0, place, width, 1};
        gegl_buffer_set(upright, &to, 0, format, row, GEGL_AUTO_ROWSTRIDE);
    }
    return upright;
}
