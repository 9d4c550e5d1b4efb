// SPDX-License-Identifier: LGPL-3.0-or-later
// Profiles for grey pictures whose space is one of colours.
#ifndef GAN_GREYPROFILE_H
#define GAN_GREYPROFILE_H

#include <gegl.h>

// Returns an ICC profile for grey with the curve of a space; NULL: the program is built without
// LittleCMS.
// Owner:   the caller.
GBytes *gan_grey_profile(const Babl *space);

#endif
