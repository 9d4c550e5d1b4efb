// SPDX-License-Identifier: LGPL-3.0-or-later
// How far two pictures lie apart as a frozen classifier sees them.
#ifndef GAN_FEATURES_H
#define GAN_FEATURES_H

#include <gan/device.h>
#include <gan/tensor.h>

G_BEGIN_DECLS

typedef struct GanFeatureDistance GanFeatureDistance;

// Opens a VGG or SqueezeNet weight file. `layer`: the layer that is compared, "relu3_1" or "fire9";
// NULL: the deepest one of the file.
// Owner:   the caller; keeps a reference to device.
// Errors:  those of gan_weights_open(); GAN_ERROR_UNKNOWN: neither of these networks;
//          GAN_ERROR_ARGUMENT: no such layer; the message names those that there are.
GanFeatureDistance *gan_feature_distance_open(const char *path, const char *layer,
                                              GanDevice *device, GError **error);
void gan_feature_distance_free(GanFeatureDistance *distance); // accepts NULL
G_DEFINE_AUTOPTR_CLEANUP_FUNC(GanFeatureDistance, gan_feature_distance_free)

// The layer that is compared.
const char *gan_feature_distance_layer(const GanFeatureDistance *distance);

// Writes to `value` the mean absolute difference of the layer's values for pictures of values
// 0..255, without a border of `crop` pixels; 0 for equal ones. Large pictures are compared in tiles
// of up to 512 x 512 pixels, so that memory is bounded.
// Shape:   both [1,H,W,3], equal.
// Units:   the input's in torchvision's normalisation, whatever range the network's own input has.
// Source:  the perceptual loss of Johnson, Alahi, Li 2016, arXiv:1603.08155, with ESRGAN's L1.
// Errors:  GAN_ERROR_SHAPE: unequal, no three channels, or too small for the network.
//          GAN_ERROR_MEMORY, GAN_ERROR_DEVICE.
gboolean gan_feature_distance_measure(GanFeatureDistance *distance, GanTensor *a, GanTensor *b,
                                      guint crop, double *value, GError **error);

G_END_DECLS
#endif
