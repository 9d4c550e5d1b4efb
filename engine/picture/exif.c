// SPDX-License-Identifier: LGPL-3.0-or-later
// Numbers out of a TIFF structure.
// Source:  CIPA DC-008 (EXIF 2.32), 4.5.
#include "exif.h"

#include "tiffdirectory.h"
#include <string.h>

#define APP1 0xe1
#define EXIF "Exif\0" // with the zero that ends it: six bytes

enum { BYTE = 1, SHORT = 3, LONG = 4, RATIONAL = 5, LONG8 = 16 };

gboolean gan_exif_number(const guint8 *data, gsize length, guint16 tag, double *value)
{
    GanTiffDirectory tiff;
    const guint64 at =
        gan_tiff_directory_open(data, length, &tiff) ? gan_tiff_directory_entry(&tiff, tag) : 0;
    if (at == 0)
        return FALSE;
    const guint64 type = gan_tiff_directory_number(&tiff, at + 2, 2), place = at + 4 + tiff.word;
    if (type == RATIONAL) {
        const guint64 from = tiff.word == 8 ? place : gan_tiff_directory_number(&tiff, place, 4);
        const guint64 below = gan_tiff_directory_number(&tiff, from + 4, 4);
        if (below == 0)
            return FALSE;
        *value = (double)gan_tiff_directory_number(&tiff, from, 4) / (double)below;
        return TRUE;
    }
    const guint bytes = type == BYTE    ? 1
                        : type == SHORT ? 2
                        : type == LONG  ? 4
                        : type == LONG8 ? 8
                                        : 0;
    if (bytes == 0 || bytes > tiff.word)
        return FALSE;
    *value = (double)gan_tiff_directory_number(&tiff, place, bytes);
    return TRUE;
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
    GanTiffDirectory tiff;
    return found && gan_tiff_directory_open(found, *n, &tiff) ? found : NULL;
}
