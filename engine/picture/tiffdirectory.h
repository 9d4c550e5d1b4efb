// SPDX-License-Identifier: LGPL-3.0-or-later
// The first directory of a TIFF structure: of a TIFF file, or of the EXIF in another one. For what
// has to be known of bytes in memory; pages are read by libtiff.
// Source:  TIFF 6.0, 2; BigTIFF design (Aware Systems).
#ifndef GAN_TIFFDIRECTORY_H
#define GAN_TIFFDIRECTORY_H

#include <glib.h>

typedef struct {
    const guint8 *data;
    gsize length;
    gboolean big_endian;
    guint word; // bytes of places and counts: 4, or 8 in BigTIFF
} GanTiffDirectory;

// Returns FALSE where the bytes do not begin as a TIFF structure does.
gboolean gan_tiff_directory_open(const guint8 *data, gsize length, GanTiffDirectory *tiff);

// Returns the number of `n` bytes at a place; 0 beyond the end.
guint64 gan_tiff_directory_number(const GanTiffDirectory *tiff, guint64 at, guint n);

// Returns the place of the entry of a tag, 0 where there is none: the tag, 2 bytes of type, a word
// of count, a word of value or of its place.
guint64 gan_tiff_directory_entry(const GanTiffDirectory *tiff, guint16 tag);

#endif
