// SPDX-License-Identifier: LGPL-3.0-or-later
// Interpolation of two state dicts.
#ifndef GAN_BLEND_H
#define GAN_BLEND_H

#include <gan/weights.h>

// Returns a state dict of (1 - t) * a + t * b for every floating-point tensor.
// Errors:  GAN_ERROR_SHAPE: the names or shapes differ. GAN_ERROR_MEMORY. gan_weights_tensor()'s.
// Source:  Wang et al. 2018, arXiv:1809.00219, section 3.4.
GanWeights *gan_blend(GanWeights *a, GanWeights *b, double t, GError **error);

#endif
