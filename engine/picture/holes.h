// SPDX-License-Identifier: LGPL-3.0-or-later
// Numbers of float pictures that are none, or no light: NaN, the infinities, and what is more than
// a hundred thousand times white. A network sees their neighbourhood in their place, so that they
// spoil nothing around them, and the result has them where they were.
#ifndef GAN_HOLES_H
#define GAN_HOLES_H

#include "pixels.h"

// The most that a network is shown, in its own curve.
#define GAN_HOLES_BEYOND 128.0f

// How far neighbours are carried into holes; what is farther becomes middle grey, and opaque.
#define GAN_HOLES_REACH GAN_BLEED_REACH

// Fills the holes of a dense width x height picture, channel by channel and ring by ring, with the
// mean of the neighbours.
// Errors:  GAN_ERROR_MEMORY.
gboolean gan_holes_fill(float *pixels, gsize width, gsize height, guint n_colours, gboolean alpha,
                        GError **error);

// Gives `out` the holes of `area` of `in`, which it shows in its own size. Nothing is done where
// one of them is of integers.
// Errors:  GAN_ERROR_MEMORY.
gboolean gan_holes_put_back(GeglBuffer *in, const GeglRectangle *area, GeglBuffer *out,
                            const GeglRectangle *to, GError **error);

#endif
