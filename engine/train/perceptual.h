// SPDX-License-Identifier: LGPL-3.0-or-later
// Frozen networks that see pictures roughly as people do: losses compare what they make of two.
#ifndef GAN_PERCEPTUAL_H
#define GAN_PERCEPTUAL_H

#include <gan/weights.h>
#include <values.h>

typedef struct GanFeatures GanFeatures;

// Opens VGG19, or the beginning of it, with the tensors convB_I.weight and .bias (or torchvision's
// features.N). With conv0, a 1x1 convolution that prepares the picture, edges are mirrored; else
// the mean colour is taken off 0..255 (Caffe), or off 0..1 and divided by the deviation
// (torchvision). `layers`: those that losses look at, before their ReLU, with weights: "conv1_2:0.1
// conv3_1";
// "": the last of the file.
// Errors:  gan_weights_open()'s. GAN_ERROR_UNKNOWN: not VGG19. GAN_ERROR_FORMAT: no such layer.
// Source:  Simonyan, Zisserman 2014, arXiv:1409.1556.
GanFeatures *gan_features_open(const char *path, const char *layers, GError **error);
void gan_features_free(GanFeatures *features); // accepts NULL
G_DEFINE_AUTOPTR_CLEANUP_FUNC(GanFeatures, gan_features_free)

// Appends the network for x of R'G'B' 0..1 and fills `values` with the layers that losses look at.
guint gan_features_n(const GanFeatures *features);
double gan_features_weight(const GanFeatures *features, guint index);
void gan_features_append(const GanFeatures *features, GanNode *x, GanNode **values);

// The weighted sum of the mean absolute differences of the layers (Johnson, Alahi, Li 2016,
// arXiv:1603.08155; before the ReLU and in L1 as ESRGAN, arXiv:1809.00219), and of the mean square
// differences of their Gram matrices. Scaled to what torchvision's preparation gives.
GanNode *gan_loss_perceptual(const GanFeatures *features, GanNode *const *made,
                             GanNode *const *wanted);
GanNode *gan_loss_style(const GanFeatures *features, GanNode *const *made, GanNode *const *wanted);

#endif
