// SPDX-License-Identifier: LGPL-3.0-or-later
// What the readers of the formats share.
#include "reader.h"
#include "spaces.h"
#include <string.h>

const GanFormat *gan_format_of(const guint8 *data, gsize length)
{
    for (guint i = 0; gan_formats[i]; i++) {
        if (gan_formats[i]->recognise(data, length))
            return gan_formats[i];
    }
    return NULL;
}

GeglBuffer *gan_reading_refuse(GError **error, const char *format, ...)
{
    va_list values;
    va_start(values, format);
    g_autofree char *text = g_strdup_vprintf(format, values);
    va_end(values);
    g_strdelimit(g_strchomp(text), "\r\n", ' '); // libraries' words may end in lines
    g_set_error_literal(error, GAN_ERROR, GAN_ERROR_FORMAT, text);
    return NULL;
}

GeglBuffer *gan_reading_buffer(guint width, guint height, const Babl *format)
{
    return gegl_buffer_new(GEGL_RECTANGLE(0, 0, (gint)width, (gint)height), format);
}

void gan_reading_put_row(GeglBuffer *buffer, guint y, const void *row)
{
    gegl_buffer_set(buffer, GEGL_RECTANGLE(0, (gint)y, gegl_buffer_get_width(buffer), 1), 0,
                    gegl_buffer_get_format(buffer), row, GEGL_AUTO_ROWSTRIDE);
}

void gan_reading_film(GanReading *reading, const GanFilm *film)
{
    reading->n_pages = film->frames->len;
    reading->unit = "frame";
    reading->n_plays = film->n_plays;
    reading->delays = g_array_new(FALSE, FALSE, sizeof(guint));
    for (guint i = 0; i < film->frames->len; i++) {
        const GanFilmFrame *frame = gan_film_frame(film, i);
        const guint delay_ms =
            (frame->delay * 1000 + frame->per_second / 2) / MAX(frame->per_second, 1);
        g_array_append_val(reading->delays, delay_ms);
    }
}

// Whether none of n pixels is transparent. `bytes`: of a sample, the last of each pixel is alpha.
static gboolean is_opaque(const guint8 *row, gsize n, gsize bytes, gsize n_channels)
{
    for (gsize i = n_channels - 1; i < n * n_channels; i += n_channels) {
        for (gsize k = 0; k < bytes; k++) {
            if (row[i * bytes + k] != 255)
                return FALSE;
        }
    }
    return TRUE;
}

GeglBuffer *gan_reading_opaque(GeglBuffer *buffer)
{
    const GeglRectangle *extent = gegl_buffer_get_extent(buffer);
    const Babl *format = gegl_buffer_get_format(buffer);
    const gsize n_channels = (gsize)babl_format_get_n_components(format),
                pixel = (gsize)babl_format_get_bytes_per_pixel(format);
    const gboolean grey =
        (babl_get_model_flags(babl_format_get_model(format)) & BABL_MODEL_FLAG_GRAY) != 0;
    g_autofree guint8 *row = g_malloc((gsize)extent->width * pixel);
    for (gint y = extent->y; y < extent->y + extent->height; y++) {
        gegl_buffer_get(buffer, GEGL_RECTANGLE(extent->x, y, extent->width, 1), 1.0, format, row,
                        GEGL_AUTO_ROWSTRIDE, GEGL_ABYSS_NONE);
        if (!is_opaque(row, (gsize)extent->width, pixel / n_channels, n_channels))
            return buffer;
    }
    g_autofree char *name = g_strdup_printf("%s %s", grey ? "Y'" : "R'G'B'",
                                            babl_get_name(babl_format_get_type(format, 0)));
    GeglBuffer *opaque =
        gegl_buffer_new(extent, babl_format_with_space(name, babl_format_get_space(format)));
    gan_numbers_copy(buffer, opaque);
    g_object_unref(buffer);
    return opaque;
}

GeglBuffer *gan_reading_grey(GeglBuffer *buffer)
{
    const GeglRectangle *extent = gegl_buffer_get_extent(buffer);
    const Babl *own = gegl_buffer_get_format(buffer);
    const gsize n = (gsize)extent->width;
    const gboolean alpha = babl_format_has_alpha(own) != 0,
                   deep = babl_format_get_type(own, 0) == babl_type("u16");
    const gsize bytes = deep ? 2 : 1, n_out = alpha ? 2 : 1;
    const Babl *colours = babl_format(deep ? "R'G'B'A u16" : "R'G'B'A u8"),
               *greys =
                   babl_format(alpha ? (deep ? "Y'A u16" : "Y'A u8") : (deep ? "Y' u16" : "Y' u8"));
    g_autofree guint8 *row = g_malloc(n * 4 * bytes), *out = g_malloc(n * n_out * bytes);
    g_autoptr(GeglBuffer) grey = gegl_buffer_new(extent, greys);
    for (gint y = extent->y; y < extent->y + extent->height; y++) {
        const GeglRectangle line = {extent->x, y, extent->width, 1};
        gegl_buffer_get(buffer, &line, 1.0, colours, row, GEGL_AUTO_ROWSTRIDE, GEGL_ABYSS_NONE);
        for (gsize x = 0; x < n; x++) {
            const guint8 *pixel = row + 4 * x * bytes;
            if (memcmp(pixel, pixel + bytes, bytes) != 0 ||
                memcmp(pixel, pixel + 2 * bytes, bytes) != 0)
                return buffer;
            memcpy(out + n_out * x * bytes, pixel, bytes);
            if (alpha)
                memcpy(out + (2 * x + 1) * bytes, pixel + 3 * bytes, bytes);
        }
        gegl_buffer_set(grey, &line, 0, greys, out, GEGL_AUTO_ROWSTRIDE);
    }
    g_object_unref(buffer);
    return g_steal_pointer(&grey);
}
