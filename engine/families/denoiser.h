// SPDX-License-Identifier: LGPL-3.0-or-later
// What the denoisers of KAIR, and FBCNN, have in common: a plain stack of convolutions, residual
// blocks, and a plane that tells how much noise there is.
#ifndef GAN_DENOISER_H
#define GAN_DENOISER_H

#include "family.h"

// Returns how many modules the stack "model.0", "model.2", … has: 3x3 convolutions with biases, and
// ReLUs between them. 0: the file has any other tensor.
guint gan_denoiser_stack(const GanWeights *weights);

// Builds it: sizes->blocks convolutions, the last to `channels`.
GanNode *gan_denoiser_build_stack(GanNet *net, const GanSizes *sizes, GanNode *x, guint channels);

// Adds the second input of a network that is told: the deviation of the noise, of 255 levels.
void gan_denoiser_add_level(GanModelInfo *info);

// That input as a plane beside `like`, of the deviation in units of white.
GanNode *gan_denoiser_plane(GanNet *net, GanNode *like);

// conv "<number>.res.0", ReLU, conv "<number>.res.2", both 3x3 with as many channels as `x`.
GanNode *gan_denoiser_residual(GanNet *net, guint number, GanNode *x, gboolean bias);

// `n` blocks that add that to what they get, numbered from `first` on.
GanNode *gan_denoiser_residuals(GanNet *net, guint n, guint first, GanNode *x, gboolean bias);

#endif
