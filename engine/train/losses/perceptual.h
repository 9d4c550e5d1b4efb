// SPDX-License-Identifier: LGPL-3.0-or-later
// What a recipe says of losses in what a feature network sees: a part of [loss].
#ifndef GAN_PERCEPTUAL_H
#define GAN_PERCEPTUAL_H

#include "loss_features.h"
#include <ops.h>
#include <random.h>
#include <recipe.h>

typedef struct {
    double weight, style_weight;
    char *network, *layers; // a weight file; "name:weight name"
    guint shift;            // pixels that pictures are moved at most, at random
} GanPerceptualSettings;

extern const GanKeys gan_perceptual_keys; // GanPerceptualSettings

// A feature network and the layers of it that count.
typedef struct GanObserver GanObserver;

// Opens the network, where its path says or beside the recipe.
// Errors:  those of gan_features_open(); GAN_ERROR_FORMAT: there are no such layers, or a
//          weight is none.
GanObserver *gan_observer_new(const GanRecipe *recipe, GError **error);
void gan_observer_free(GanObserver *observer); // accepts NULL
G_DEFINE_AUTOPTR_CLEANUP_FUNC(GanObserver, gan_observer_free)

// The difference of two RGB pictures in 0..1 in the observer's eyes.
GanNode *gan_observer_loss(const GanObserver *observer, GanPerceptual kind, GanNode *made,
                           GanNode *wanted);

// Pooling sees pixels in a fixed grid, and a network that enlarges can write in that grid what only
// features take for detail. It cannot where the grid lies elsewhere each time: the picture moved by
// as many pixels as `shift` says, a kernel of the shape below with a single one in it.
GanShape gan_shift_shape(guint shift, guint channels);
GanNode *gan_shift_apply(GanNode *x, GanNode *kernel, guint shift, guint channels);

// Fills the kernels of all channels with a one at the same random place.
void gan_shift_draw(guint shift, guint channels, GanRandom *random, float *kernel);

#endif
