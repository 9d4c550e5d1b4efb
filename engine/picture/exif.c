// SPDX-License-Identifier: LGPL-3.0-or-later
// Numbers out of a TIFF structure.
// Source:  TIFF 6.0, 2; BigTIFF design (Aware Systems); CIPA DC-008 (EXIF 2.32), 4.5.
#include "exif.h"

#include <string.h>

#define APP1 0xe1
#define EXIF "Exif\0" // with the zero that ends it: six bytes

enum { BYTE = 1, SHORT = 3, LONG = 4, RATIONAL = 5, LONG8 = 16 };

typedef struct {
    const guint8 *data;
    gsize length;
    gboolean big_endian;
} Tiff;

static guint64 number(const Tiff *tiff, guint64 at, guint n)
{
    guint64 x = 0;
    if (at > tiff->length || n > tiff->length - at)
        return 0;
    for (guint i = 0; i < n; i++)
        x |= (guint64)tiff->data[at + i] << 8 * (tiff->big_endian ? n - 1 - i : i);
    return x;
}

static gboolean is_tiff(const guint8 *data, gsize length)
{
    return length >= 8 && (memcmp(data, "II", 2) == 0 || memcmp(data, "MM", 2) == 0);
}

gboolean gan_exif_number(const guint8 *data, gsize length, guint16 tag, double *value)
{
    if (!is_tiff(data, length))
        return FALSE;
    const Tiff tiff = {data, length, data[0] == 'M'};
    const gboolean big = number(&tiff, 2, 2) == 43;
    const guint word = big ? 8 : 4, entry = big ? 20 : 12, head = big ? 8 : 2;
    const guint64 directory = number(&tiff, big ? 8 : 4, word);
    const guint64 n = MIN(number(&tiff, directory, head), 65535);
    for (guint64 i = 0; i < n; i++) {
        const guint64 at = directory + head + i * entry;
        if (number(&tiff, at, 2) != tag)
            continue;
        const guint64 type = number(&tiff, at + 2, 2), place = at + 4 + word;
        if (type == RATIONAL) {
            const guint64 from = big ? place : number(&tiff, place, 4);
            const guint64 below = number(&tiff, from + 4, 4);
            if (below == 0)
                return FALSE;
            *value = (double)number(&tiff, from, 4) / (double)below;
            return TRUE;
        }
        const guint bytes = type == BYTE    ? 1
                            : type == SHORT ? 2
                            : type == LONG  ? 4
                            : type == LONG8 ? 8
                                            : 0;
        if (bytes == 0 || bytes > word)
            return FALSE;
        *value = (double)number(&tiff, place, bytes);
        return TRUE;
    }
    return FALSE;
}

const guint8 *gan_jpeg_segment(const guint8 *data, gsize length, guint8 marker, const char *head,
                               gsize n_head, gsize *n)
{
    gsize at = 2;
    guint8 found;
    const guint8 *payload;
    while (gan_jpeg_next(data, length, &at, &found, &payload, n)) {
        if (found == marker && *n >= n_head && memcmp(payload, head, n_head) == 0)
            return payload;
    }
    return NULL;
}

const guint8 *gan_exif_find(GanContainer kind, const guint8 *data, gsize length, gsize *n)
{
    const guint8 *found = NULL;
    gsize at = kind == GAN_CONTAINER_PNG ? 8 : 12;
    GanChunk chunk;
    if (kind == GAN_CONTAINER_TIFF) {
        found = data;
        *n = length;
    } else if (kind == GAN_CONTAINER_JPEG) {
        found = gan_jpeg_segment(data, length, APP1, EXIF, sizeof EXIF, n);
        found = found ? found + sizeof EXIF : NULL;
        *n -= found ? sizeof EXIF : 0;
    }
    while (kind == GAN_CONTAINER_PNG && !found && gan_png_next(data, length, &at, &chunk)) {
        found = memcmp(chunk.name, "eXIf", 4) == 0 ? chunk.data : NULL;
        *n = chunk.length;
    }
    while (kind == GAN_CONTAINER_WEBP && !found && gan_webp_next(data, length, &at, &chunk)) {
        found = memcmp(chunk.name, "EXIF", 4) == 0 ? chunk.data : NULL;
        *n = chunk.length;
        // Some writers put JPEG's head before it.
        if (found && *n > sizeof EXIF && memcmp(found, EXIF, sizeof EXIF) == 0) {
            found += sizeof EXIF;
            *n -= sizeof EXIF;
        }
    }
    return found && is_tiff(found, *n) ? found : NULL;
}
