// SPDX-License-Identifier: LGPL-3.0-or-later
// JPEG files read and written with libjpeg itself: GEGL's loader ends the process when a file is
// damaged and reads past its buffer when one is cut off, and its saver hangs when the disk is full.
#ifndef GAN_JPEGFILE_H
#define GAN_JPEGFILE_H

#include "density.h"
#include <gegl.h>

// Decodes a file in memory. `space`: of the new buffer's format, NULL for sRGB.
// `notes`: added to when the data is damaged but a picture came out.
// Owner:   the caller gets the buffer.
// Errors:  GAN_ERROR_FORMAT: damaged or cut off. GAN_ERROR_MEMORY.
GeglBuffer *gan_jpeg_decode(const guint8 *data, gsize length, const Babl *space, GPtrArray *notes,
                            GError **error);

// Writes the whole buffer in its own space, without alpha, at full colour resolution. `profile`:
// NULL for none. `density`: NULL when nothing is known.
// Errors:  GAN_ERROR_FILE.
gboolean gan_jpeg_write(GeglBuffer *buffer, const char *path, guint quality, GBytes *profile,
                        const GanDensity *density, GError **error);

#endif
