// SPDX-License-Identifier: LGPL-3.0-or-later
// WebP files written with libwebp itself, where it is there: GEGL's saver knows no lossless files.
#ifndef GAN_WEBPFILE_H
#define GAN_WEBPFILE_H

#include <gan/error.h>
#include <gegl.h>

// Whether the program is built with libwebp.
gboolean gan_webp_writes_lossless(void);

// Writes the whole buffer with 8 bits in its own space, grey as sRGB. `lossless`: every number as
// it is; quality, 1 to 100, is of the other kind, whose alpha is lossless all the same.
// Errors:  GAN_ERROR_FILE, GAN_ERROR_MEMORY. GAN_ERROR_FILE: no lossless files without libwebp.
gboolean gan_webp_write(GeglBuffer *buffer, const char *path, guint quality, gboolean lossless,
                        GError **error);

#endif
