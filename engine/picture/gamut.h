// SPDX-License-Identifier: LGPL-3.0-or-later
// Which space holds the colours of a picture.
#ifndef GAN_GAMUT_H
#define GAN_GAMUT_H

#include <gegl.h>

// Returns the smallest of sRGB, Rec. 2020 and ProPhoto in which hardly any number of R'G'B' lies
// outside 0..1: no more than `part` of them by more than `within`. ProPhoto may not hold all.
// `name`: NULL, or set to its name.
const Babl *gan_gamut_smallest(GeglBuffer *buffer, float within, double part, const char **name);

#endif
