// SPDX-License-Identifier: LGPL-3.0-or-later
// Critics: the networks that tell real pictures from made ones, in the names of
// their authors' checkpoints.
#ifndef GAN_CRITICS_H
#define GAN_CRITICS_H

#include <nn.h>

typedef enum {
    GAN_CRITIC_NORM_NONE,
    GAN_CRITIC_NORM_BATCH,
    GAN_CRITIC_NORM_INSTANCE,
    GAN_CRITIC_NORM_LAYER,
    GAN_CRITIC_NORM_SPECTRAL,
} GanCriticNorm;

typedef struct {
    guint features;     // of the first layer
    guint size;         // side of the picture; DCGAN
    guint n_layers;     // of stride 2; PatchGAN
    GanCriticNorm norm; // DCGAN and PatchGAN; the others have their own
} GanCriticOptions;

// Each appends a critic and returns its opinion of x as it is, without a sigmoid.
//   gan_critic_dcgan: [N,1,1,1]; sides of 28 or a power of two
//   gan_critic_patch: [N,h,w,1]
//   gan_critic_vgg:   [N,1,1,1]; 128 x 128 pixels
//   gan_critic_unet:  [N,H,W,1]; sides of multiples of 8
typedef GanNode *GanCritic(GanNet *net, GanNode *x, const GanCriticOptions *options);

// GanCriticKind, the words for it in recipes, and gan_critic_x of each, made by the build.
#include "critic_list.h"
extern GanCritic *const gan_critics[GAN_CRITIC_NONE]; // by kind

// "<name>.weight" and ".bias", and the norm that `options` say: spectral, or one called `norm`
// behind it (NULL: none).
GanNode *gan_critic_conv(GanNet *net, const char *name, const char *norm, GanNode *x,
                         guint channels, guint kernel, GanConv conv,
                         const GanCriticOptions *options);

#endif
