// SPDX-License-Identifier: LGPL-3.0-or-later
// TIFF files written row by row: header, pixels, directory. BigTIFF beyond 4 GB.
// Source:  TIFF 6.0 (Adobe 1992); BigTIFF design (Aware Systems); tag 34675 from
//          ICC.1:2010 annex B.
#include "tifffile.h"
#include "spaces.h"

#include <gio/gio.h>
#include <math.h>
#include <string.h>

enum { SHORT = 3, LONG = 4, RATIONAL = 5, UNDEFINED = 7, LONG8 = 16 };

// One directory under construction. Values too large for an entry lie before the
// directory, in `outside`.
typedef struct {
    gboolean big;
    guint64 outside_at; // where `outside` will stand in the file
    GByteArray *entries, *outside;
    guint n;
} Directory;

static void append_number(GByteArray *to, guint64 x, guint n)
{
    for (guint i = 0; i < n; i++) {
        // Files are written in this machine's own order, as their header says.
        const guint shift = 8 * (G_BYTE_ORDER == G_LITTLE_ENDIAN ? i : n - 1 - i);
        const guint8 byte = (guint8)(x >> shift);
        g_byte_array_append(to, &byte, 1);
    }
}

static void directory_add(Directory *directory, guint16 tag, guint16 type, gsize count,
                          const guint8 *data, gsize n)
{
    const guint word = directory->big ? 8 : 4;
    append_number(directory->entries, tag, 2);
    append_number(directory->entries, type, 2);
    append_number(directory->entries, count, word);
    if (n <= word) {
        guint8 padded[8] = {0};
        memcpy(padded, data, n);
        g_byte_array_append(directory->entries, padded, word);
    } else {
        append_number(directory->entries, directory->outside_at + directory->outside->len, word);
        g_byte_array_append(directory->outside, data, (guint)n);
        while (directory->outside->len % 8 != 0)
            append_number(directory->outside, 0, 1);
    }
    directory->n++;
}

static void directory_add_numbers(Directory *directory, guint16 tag, guint16 type,
                                  const guint64 *values, gsize count)
{
    const guint size = type == SHORT ? 2 : type == LONG ? 4 : 8;
    g_autoptr(GByteArray) bytes = g_byte_array_new();
    for (gsize i = 0; i < count; i++)
        append_number(bytes, values[i], size);
    directory_add(directory, tag, type, count, bytes->data, bytes->len);
}

static void directory_add_number(Directory *directory, guint16 tag, guint16 type, guint64 value)
{
    directory_add_numbers(directory, tag, type, &value, 1);
}

// A whole number where it is one, else in parts of 65536.
static void directory_add_rational(Directory *directory, guint16 tag, double value)
{
    const gboolean whole = value == floor(value) && value < G_MAXUINT32;
    g_autoptr(GByteArray) bytes = g_byte_array_new();
    append_number(bytes, whole ? (guint64)value : (guint64)(MIN(value, 65535) * 65536), 4);
    append_number(bytes, whole ? 1 : 65536, 4);
    directory_add(directory, tag, RATIONAL, 1, bytes->data, bytes->len);
}

// What TIFF calls a sample, for each of Babl's types that it has.
static const struct {
    const char *type;
    guint bits, format; // 1: unsigned integer, 3: floating point
} samples[] = {{"u8", 8, 1},    {"u16", 16, 1},   {"u32", 32, 1},
               {"half", 16, 3}, {"float", 32, 3}, {"double", 64, 3}};

static gboolean write_rows(GeglBuffer *buffer, const Babl *format, GOutputStream *to,
                           GError **error)
{
    const GeglRectangle *extent = gegl_buffer_get_extent(buffer);
    const gsize row = (gsize)extent->width * (gsize)babl_format_get_bytes_per_pixel(format);
    const gint band = (gint)CLAMP(((gsize)1 << 20) / row, 1, (gsize)extent->height);
    g_autofree guint8 *pixels = g_try_malloc_n((gsize)band, row);
    if (!pixels) {
        g_set_error(error, GAN_ERROR, GAN_ERROR_MEMORY, "no memory for rows of %d pixels",
                    extent->width);
        return FALSE;
    }
    for (gint y = 0; y < extent->height; y += band) {
        const gint n = MIN(band, extent->height - y);
        gan_numbers_get(buffer, GEGL_RECTANGLE(extent->x, extent->y + y, extent->width, n), format,
                        pixels);
        if (!g_output_stream_write_all(to, pixels, (gsize)n * row, NULL, NULL, error))
            return FALSE;
    }
    return TRUE;
}

gboolean gan_tiff_write(GeglBuffer *buffer, const char *path, GBytes *profile,
                        const GanDensity *density, GError **error)
{
    const GeglRectangle *extent = gegl_buffer_get_extent(buffer);
    const Babl *own = gegl_buffer_get_format(buffer);
    const gboolean grey =
        (babl_get_model_flags(babl_format_get_model(own)) & BABL_MODEL_FLAG_GRAY) != 0;
    const gboolean alpha = babl_format_has_alpha(own) != 0;
    const char *type = babl_get_name(babl_format_get_type(own, 0));
    guint sample = 0;
    for (guint i = 0; i < G_N_ELEMENTS(samples); i++) {
        if (strcmp(samples[i].type, type) == 0)
            sample = i;
    }
    g_autofree char *name =
        g_strdup_printf("%s%s %s", grey ? "Y'" : "R'G'B'", alpha ? "A" : "", samples[sample].type);
    const Babl *format = babl_format_with_space(name, babl_format_get_space(own));
    const guint channels = (grey ? 1 : 3) + (alpha ? 1 : 0);
    const guint64 row = (guint64)extent->width * (guint64)babl_format_get_bytes_per_pixel(format);
    const guint64 rows = (guint64)extent->height, n_bytes = row * rows;
    const guint64 strip = CLAMP(65536 / row, 1, rows), n_strips = (rows + strip - 1) / strip;

    Directory directory = {.big = n_bytes > (guint64)G_MAXUINT32 - ((guint64)64 << 20)};
    g_autoptr(GByteArray) entries = directory.entries = g_byte_array_new();
    g_autoptr(GByteArray) outside = directory.outside = g_byte_array_new();
    const guint16 place = directory.big ? LONG8 : LONG;
    const guint head = directory.big ? 16 : 8;
    const guint64 padding = (8 - (head + n_bytes) % 8) % 8;
    directory.outside_at = head + n_bytes + padding;

    g_autofree guint64 *offsets = g_new(guint64, n_strips);
    g_autofree guint64 *sizes = g_new(guint64, n_strips);
    for (guint64 i = 0; i < n_strips; i++) {
        offsets[i] = head + i * strip * row;
        sizes[i] = MIN(strip, rows - i * strip) * row;
    }
    const guint64 bits[4] = {samples[sample].bits, samples[sample].bits, samples[sample].bits,
                             samples[sample].bits};
    const guint64 formats[4] = {samples[sample].format, samples[sample].format,
                                samples[sample].format, samples[sample].format};
    // In the order of their tags.
    directory_add_number(&directory, 256, LONG, (guint64)extent->width);
    directory_add_number(&directory, 257, LONG, rows);
    directory_add_numbers(&directory, 258, SHORT, bits, channels);
    directory_add_number(&directory, 259, SHORT, 1);            // not compressed
    directory_add_number(&directory, 262, SHORT, grey ? 1 : 2); // black is zero; RGB
    directory_add_numbers(&directory, 273, place, offsets, n_strips);
    directory_add_number(&directory, 274, SHORT, 1); // the first row is the top one
    directory_add_number(&directory, 277, SHORT, channels);
    directory_add_number(&directory, 278, LONG, strip);
    directory_add_numbers(&directory, 279, place, sizes, n_strips);
    const gboolean known = density && density->unit != GAN_DENSITY_NONE;
    const gboolean in_cm = known && density->unit == GAN_DENSITY_CENTIMETRE;
    const GanDensity inches = known ? gan_density_in_inches(density) : (GanDensity){0};
    if (known) {
        directory_add_rational(&directory, 282, in_cm ? density->x : inches.x);
        directory_add_rational(&directory, 283, in_cm ? density->y : inches.y);
    }
    directory_add_number(&directory, 284, SHORT, 1); // channels of a pixel together
    if (known)                                       // of no unit, of inches, of centimetres
        directory_add_number(&directory, 296, SHORT,
                             inches.unit == GAN_DENSITY_SHAPE ? 1
                             : in_cm                          ? 3
                                                              : 2);
    if (alpha)
        directory_add_number(&directory, 338, SHORT, 2); // straight alpha
    directory_add_numbers(&directory, 339, SHORT, formats, channels);
    if (profile) {
        gsize n;
        const guint8 *data = g_bytes_get_data(profile, &n);
        directory_add(&directory, 34675, UNDEFINED, n, data, n);
    }

    const guint word = directory.big ? 8 : 4;
    g_autoptr(GByteArray) start = g_byte_array_new(), end = g_byte_array_new();
    g_byte_array_append(start, (const guint8 *)(G_BYTE_ORDER == G_LITTLE_ENDIAN ? "II" : "MM"), 2);
    append_number(start, directory.big ? 43 : 42, 2);
    if (directory.big)
        append_number(start, 8, 4);
    append_number(start, directory.outside_at + outside->len, word);
    for (guint64 i = 0; i < padding; i++)
        append_number(end, 0, 1);
    g_byte_array_append(end, outside->data, outside->len);
    append_number(end, directory.n, directory.big ? 8 : 2);
    g_byte_array_append(end, entries->data, entries->len);
    append_number(end, 0, word); // no further directory

    g_autoptr(GFile) file = g_file_new_for_path(path);
    g_autoptr(GFileOutputStream) stream =
        g_file_replace(file, NULL, FALSE, G_FILE_CREATE_NONE, NULL, error);
    GOutputStream *to = G_OUTPUT_STREAM(stream);
    return stream && g_output_stream_write_all(to, start->data, start->len, NULL, NULL, error) &&
           write_rows(buffer, format, to, error) &&
           g_output_stream_write_all(to, end->data, end->len, NULL, NULL, error) &&
           g_output_stream_close(to, NULL, error);
}
