// SPDX-License-Identifier: LGPL-3.0-or-later
// The light of stored numbers, by the curves of their space's profile, for as many spaces as there are
// files: Babl has room for a few (spaces.h).
#ifndef GAN_LIGHT_H
#define GAN_LIGHT_H

#include <gegl.h>

// Returns a picture's light in its own primaries, as floats, alpha straight. Numbers of light, of sRGB
// and of what is neither grey nor red, green and blue are left to Babl.
// Owner:   borrows `buffer`; the caller gets the new one, which may be it.
GeglBuffer *gan_light_of(GeglBuffer *buffer);

#endif
