// SPDX-License-Identifier: LGPL-3.0-or-later
// Frozen networks that see pictures somewhat as people do, and losses in what they see.
#ifndef GAN_LOSS_FEATURES_H
#define GAN_LOSS_FEATURES_H

#include "values.h"

#include <gan/weights.h>

// A VGG or SqueezeNet classifier, as far as its file goes.
typedef struct GanFeatures GanFeatures;

// Opens a weight file: layers "conv1_1" to "conv5_4" or torchvision's "features.0" and so on
// (VGG16, VGG19), or "conv1" with "fire2" to "fire9" (SqueezeNet 1.0 and 1.1, ours and Caffe's
// names). The metadata key "input" tells the order, range and mean of the channels ("BGR, 0..255,
// minus 103.939,116.779,123.68"); without it, torchvision's normalisation is meant. A VGG with a
// layer "conv0" makes its own input of RGB in 0..1, pads by reflection and pools the last row and
// column, too (WCT's normalised VGG).
// Errors:  those of gan_weights_open(); GAN_ERROR_UNKNOWN: none of these networks.
GanFeatures *gan_features_open(const char *path, GError **error);
void gan_features_free(GanFeatures *features); // accepts NULL
G_DEFINE_AUTOPTR_CLEANUP_FUNC(GanFeatures, gan_features_free)

// The deepest layer whose values gan_features_append() can give.
const char *gan_features_last(const GanFeatures *features);

// Appends the network to the graph of `x`, an RGB picture in 0..1, as deep as `names` ask for,
// and fills `values` with what these layers give: "conv3_1" before and "relu3_1" after the
// ReLU, "pool1", "fire5".
// Errors:  GAN_ERROR_ARGUMENT: no such layer; the message names those that there are.
gboolean gan_features_append(const GanFeatures *features, GanNode *x, const char *const *names,
                             guint n, GanNode **values, GError **error);

typedef enum {
    GAN_PERCEPTUAL_L1,    // mean absolute difference of features
    GAN_PERCEPTUAL_MSE,   // mean squared difference of features
    GAN_PERCEPTUAL_STYLE, // mean squared difference of their Gram matrices
} GanPerceptual;

// The sum over layers of weights[i] times the difference of the layer's values, RGB in 0..1. The
// wanted picture has no gradient. Networks of another input range are scaled to torchvision's, so
// that a weight means the same for all.
// Source:  Johnson, Alahi, Li 2016, arXiv:1603.08155; weights as in ESRGAN and Real-ESRGAN.
// Errors:  as gan_features_append(); then NULL.
GanNode *gan_loss_perceptual(const GanFeatures *features, GanPerceptual kind, GanNode *made,
                             GanNode *wanted, const char *const *names, const float *weights,
                             guint n, GError **error);

#endif
