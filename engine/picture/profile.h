// SPDX-License-Identifier: LGPL-3.0-or-later
// ICC profiles: what Babl makes of them, and which one a new file gets.
#ifndef GAN_PROFILE_H
#define GAN_PROFILE_H

#include <gegl.h>

// Returns the space of a profile; NULL for a table or a damaged one.
const Babl *gan_profile_space(GBytes *profile);

// Returns the profile for the new file: the source's own bytes where the buffer still has its
// colours, else what Babl writes for the buffer's space; NULL for plain sRGB. `source`: a path, or
// NULL.
// Owner:   the caller.
GBytes *gan_profile_for(GeglBuffer *buffer, const char *source);

#endif
