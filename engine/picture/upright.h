// SPDX-License-Identifier: LGPL-3.0-or-later
// Pictures turned upright, for formats that cannot say how they are to be held.
#ifndef GAN_UPRIGHT_H
#define GAN_UPRIGHT_H

#include <gegl.h>

// Returns the picture as `orientation` shows it (EXIF's 1 to 8), in the same format.
// Owner:   the caller.
GeglBuffer *gan_turn_upright(GeglBuffer *buffer, guint orientation);

#endif
