// SPDX-License-Identifier: LGPL-3.0-or-later
// How far each pixel is from a mask.
// Source:  Felzenszwalb, Huttenlocher, "Distance Transforms of Sampled Functions", 2012.
#ifndef GAN_DISTANCE_H
#define GAN_DISTANCE_H

#include <gan/error.h>

// Fills in the Euclidean distance of each pixel's centre to that of the nearest pixel of the dense
// width x height mask with at least 0.5; G_MAXFLOAT where there is none.
// Errors:  GAN_ERROR_MEMORY.
gboolean gan_distance(const float *mask, gsize width, gsize height, float *distances,
                      GError **error);

#endif
