// SPDX-License-Identifier: LGPL-3.0-or-later
// TIFF files written row by row, with the ICC profile as it is: GEGL's saver needs the whole
// picture in memory once more and writes a profile of its own making.
#ifndef GAN_TIFFFILE_H
#define GAN_TIFFFILE_H

#include "density.h"
#include <gegl.h>

// Writes the whole buffer uncompressed in its own space and depth (8, 16, 32 bits, half, float,
// double). `profile`, `density`: NULL for none.
// Errors:  GAN_ERROR_FILE.
gboolean gan_tiff_write(GeglBuffer *buffer, const char *path, GBytes *profile,
                        const GanDensity *density, GError **error);

#endif
