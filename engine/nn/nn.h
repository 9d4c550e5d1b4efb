// SPDX-License-Identifier: LGPL-3.0-or-later
// The papers' vocabulary: layers that append nodes to a graph and take their weights by scoped
// name.
//
// A net's first error sticks: later calls append harmless nodes, and gan_net_finish() reports it.
// So a family reads like its paper, without a check in every line.
#ifndef GAN_NN_H
#define GAN_NN_H

#include "graph.h"
#include <gan/weights.h>

typedef struct GanNet GanNet;

// Starts a net over a state dict.
// Owner:   keeps a reference to weights.
GanNet *gan_net_new(GanWeights *weights);

// Ends it: frees the net and returns the graph with `output` as its value.
// Owner:   takes net; the caller gets the graph.
// Errors:  the first that any layer met, GAN_ERROR_SHAPE or gan_weights_tensor()'s.
GanGraph *gan_net_finish(GanNet *net, GanNode *output, GError **error);

// Names inside stand behind "<scope>." until the pop. printf-like.
void gan_push(GanNet *net, const char *format, ...) G_GNUC_PRINTF(2, 3);
void gan_pop(GanNet *net);

// The state dict, for layers that read it in their own way; names are not scoped.
GanWeights *gan_net_weights(GanNet *net);

// Records an error, unless one stuck before. Takes `error`.
void gan_net_fail(GanNet *net, GError *error);

// A weight of the file by its scoped name, checked against a shape.
GanNode *gan_weight(GanNet *net, const char *name, guint rank, const gsize *shape);

// A constant tensor that is no tensor of the file. Takes `tensor`.
GanNode *gan_constant(GanNet *net, const char *name, GanTensor *tensor);

GanNode *gan_input(GanNet *net, guint channels);

// Convolution "<name>.weight", "<name>.bias" (if the file has it), stride 1, zero-padded to the
// same size.
GanNode *gan_conv2d(GanNet *net, const char *name, GanNode *x, guint out_channels, guint kernel);

// Convolution with given weight and bias (NULL for none), stride 1, zero-padded to the same size.
GanNode *gan_conv2d_with(GanNode *x, GanNode *weight, GanNode *bias);

// Batch norm in evaluation mode, "<name>.weight", ".bias", ".running_mean", ".running_var", eps
// 1e-5.
GanNode *gan_batch_norm(GanNet *net, const char *name, GanNode *x);

// PReLU with "<name>.weight" of one element or one per channel.
GanNode *gan_prelu(GanNet *net, const char *name, GanNode *x);

GanNode *gan_relu(GanNode *x);
GanNode *gan_lrelu(GanNode *x, float slope);
GanNode *gan_silu(GanNode *x);
GanNode *gan_sigmoid(GanNode *x);
GanNode *gan_tanh(GanNode *x);

GanNode *gan_add(GanNode *a, GanNode *b);
GanNode *gan_scaled_add(float alpha, GanNode *a, float beta, GanNode *b); // alpha a + beta b
GanNode *gan_multiply(GanNode *a, GanNode *b);
// scale * x + shift, the same for all channels, or one value for each.
GanNode *gan_affine(GanNet *net, GanNode *x, float scale, float shift);
GanNode *gan_affine_channels(GanNet *net, GanNode *x, const float *scale, const float *shift);

GanNode *gan_concat(GanNode *const *x, guint n);
GanNode *gan_pixel_shuffle(GanNode *x, guint factor);
GanNode *gan_pixel_unshuffle(GanNode *x, guint factor);
GanNode *gan_upsample_nearest(GanNode *x, guint factor);
GanNode *gan_upsample_bilinear(GanNode *x, guint factor);
GanNode *gan_pad_to_multiple(GanNode *x, guint multiple, GkPadMode mode);
// The top left part of x, `factor` times as large as `reference`.
GanNode *gan_crop_like(GanNode *x, GanNode *reference, guint factor);

#endif
