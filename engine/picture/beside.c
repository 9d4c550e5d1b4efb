// SPDX-License-Identifier: LGPL-3.0-or-later
// What a file says beside its pixels.
// Source:  ISO/IEC 23008-12, A.2.1 (EXIF in boxes); RFC 9649 (WebP).
#include "beside.h"

#include "container.h"
#include <string.h>

#define JPEG_HEAD "Exif\0" // with the zero that ends it: six bytes

void gan_beside_clear(GanBeside *beside)
{
    g_clear_pointer(&beside->profile, g_bytes_unref);
    g_clear_pointer(&beside->exif, g_bytes_unref);
    g_clear_pointer(&beside->xmp, g_bytes_unref);
}

static gboolean is_tiff(const guint8 *data, gsize length)
{
    return length > 8 && (memcmp(data, "II*\0", 4) == 0 || memcmp(data, "MM\0*", 4) == 0);
}

void gan_beside_take_exif(GanBeside *beside, const guint8 *data, gsize length)
{
    if (length < 4 || beside->exif)
        return;
    const gsize place =
        (gsize)data[0] << 24 | (gsize)data[1] << 16 | (gsize)data[2] << 8 | (gsize)data[3];
    // The place as it is told, or without it, with JPEG's head or not, as some programs write it.
    const gsize starts[] = {place < length - 4 ? 4 + place : 0, 4, 0};
    for (guint i = 0; i < G_N_ELEMENTS(starts) && !beside->exif; i++) {
        gsize at = starts[i];
        if (length - at > sizeof JPEG_HEAD && memcmp(data + at, JPEG_HEAD, sizeof JPEG_HEAD) == 0)
            at += sizeof JPEG_HEAD;
        if (is_tiff(data + at, length - at))
            beside->exif = g_bytes_new(data + at, length - at);
    }
}

static void append_chunk(GByteArray *to, const char *name, GBytes *bytes)
{
    gsize n;
    const guint8 *data = g_bytes_get_data(bytes, &n);
    g_byte_array_append(to, (const guint8 *)name, 4);
    gan_append_little(to, n, 4);
    g_byte_array_append(to, data, (guint)n);
    if (n % 2 != 0)
        gan_append_little(to, 0, 1);
}

GBytes *gan_beside_file(const GanBeside *beside)
{
    const gsize most = (gsize)256 << 20;
    const gsize n = (beside->exif ? g_bytes_get_size(beside->exif) : 0) +
                    (beside->xmp ? g_bytes_get_size(beside->xmp) : 0);
    if (n == 0 || n > most)
        return NULL;
    GByteArray *file = g_byte_array_new();
    g_byte_array_append(file, (const guint8 *)"RIFF", 4);
    gan_append_little(file,
                      4 + 18 + n + (beside->exif ? 8 + g_bytes_get_size(beside->exif) % 2 : 0) +
                          (beside->xmp ? 8 + g_bytes_get_size(beside->xmp) % 2 : 0),
                      4);
    g_byte_array_append(file, (const guint8 *)"WEBPVP8X", 8);
    gan_append_little(file, 10, 4);
    gan_append_little(file, (beside->exif ? 8 : 0) | (beside->xmp ? 4 : 0), 4);
    gan_append_little(file, MAX(beside->width, 1) - 1, 3);
    gan_append_little(file, MAX(beside->height, 1) - 1, 3);
    if (beside->exif)
        append_chunk(file, "EXIF", beside->exif);
    if (beside->xmp)
        append_chunk(file, "XMP ", beside->xmp);
    return g_byte_array_free_to_bytes(file);
}
