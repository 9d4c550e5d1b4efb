// SPDX-License-Identifier: LGPL-3.0-or-later
// TIFF files read with libtiff itself: GEGL's loader makes 8-bit RGBA of palettes, black and white,
// YCbCr and CIELab and turns them, takes signed numbers for unsigned ones, thumbnails for pictures
// and white for black.
#ifndef GAN_TIFFREAD_H
#define GAN_TIFFREAD_H

#include "reader.h"

// A GanReader. Pixels stay where they lie: the orientation is the metadata's.
GeglBuffer *gan_tiff_read(GanReading *reading, GError **error);

#endif
