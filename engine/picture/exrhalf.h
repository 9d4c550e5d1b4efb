// SPDX-License-Identifier: LGPL-3.0-or-later
// OpenEXR files of half floats: GEGL's saver writes floats of 32 bits whatever it is given.
#ifndef GAN_EXRHALF_H
#define GAN_EXRHALF_H

#include <gan/error.h>
#include <gegl.h>

// Returns whether this build can write them.
gboolean gan_exr_has_half(void);

// Writes the whole buffer as halves of linear light, alpha associated, packed by ZIP, with the
// chromaticities of its space.
// Errors:  GAN_ERROR_FILE.
gboolean gan_exr_write_half(GeglBuffer *buffer, const char *path, GError **error);

#endif
