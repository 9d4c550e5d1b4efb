// SPDX-License-Identifier: LGPL-3.0-or-later
// What the denoisers of KAIR, and FBCNN, have in common: a plain stack of convolutions, residual
// blocks, and a plane that tells how much noise there is.
#ifndef GAN_DENOISER_H
#define GAN_DENOISER_H

#include "family.h"

// Returns how many modules the stack "model.0", "model.2", … has: 3x3 convolutions with biases, and
// ReLUs between them. 0: the file has any other tensor.
guint gan_denoiser_stack(const GanWeights *weights);

// Has the last layer of a new network begin with nothing where it is added to a picture.
void gan_denoiser_begin_last(GanNet *net, const GanSizes *sizes);

// Builds it: sizes->blocks convolutions, the last to `channels`.
GanNode *gan_denoiser_build_stack(GanNet *net, const GanSizes *sizes, GanNode *x, guint channels);

// Adds the second input of a network that is told: the deviation of the noise, of 255 levels.
void gan_denoiser_add_level(GanModelInfo *info);

// Reads off a file what the number of a network that is told means, and what it makes; see GanSizes.
void gan_denoiser_told_sizes(const GanWeights *weights, GanSizes *sizes);

// Describes such a network: its title and its second input, which is a quality or a deviation.
void gan_denoiser_describe_told(const char *title, const GanSizes *sizes, GanModelInfo *info);

// The damage as the network sees it, [N,1,1,1], 0 where there is none: how far the quality is from
// 100, of 1; or the deviation, in units of white where the network makes the picture itself, else
// of 50 levels.
GanNode *gan_denoiser_level(GanNet *net, const GanSizes *sizes);

// The picture as the network sees it: where it makes what is added, grey is 0, as beyond the sides.
GanNode *gan_denoiser_seen(const GanSizes *sizes, GanNode *x);

// The level as a plane beside `like`.
GanNode *gan_denoiser_plane(GanNode *level, GanNode *like);

// What comes out of a network that is told: `made`, or x + min(1, 10 level) made. So a picture
// without damage stays as it is, whatever the network makes of it.
GanNode *gan_denoiser_told(GanNet *net, const GanSizes *sizes, GanNode *x, GanNode *level,
                           GanNode *made);

// conv "<number>.res.0", ReLU, conv "<number>.res.2", both 3x3 with as many channels as `x`.
GanNode *gan_denoiser_residual(GanNet *net, guint number, GanNode *x, gboolean bias);

// `n` blocks that add that to what they get, numbered from `first` on.
GanNode *gan_denoiser_residuals(GanNet *net, guint n, guint first, GanNode *x, gboolean bias);

#endif
