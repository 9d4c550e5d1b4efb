// SPDX-License-Identifier: LGPL-3.0-or-later
// The papers' vocabulary: layers that append nodes to a graph and take their weights by scoped
// name, for networks that run and networks that train.
//
// A net's first error sticks: later calls append harmless nodes, and gan_net_check() reports it.
// So a family reads like its paper, without a check in every line.
#ifndef GAN_NN_H
#define GAN_NN_H

#include "parameters.h"
#include "values.h"

// One network in one graph. Its weights are one node each, however often it is applied.
typedef struct GanNet GanNet;

// Starts a net that runs: its weights are those of a file, and constant. Batch norms are in
// their evaluation form.
// Owner:   keeps a reference to weights; borrows graph, which must outlive it.
GanNet *gan_net_new(GanGraph *graph, GanWeights *weights);

// Starts a net that trains: its weights are `parameters`, which change between runs. Batch norms
// use the statistics of the batch and update the running ones, spectral norms take a step of the
// power iteration. `random` draws weights that are not there yet; NULL: a missing one is an error.
// Owner:   borrows graph and parameters, which must outlive it.
GanNet *gan_net_new_training(GanGraph *graph, GanParameters *parameters, GRand *random);

// Returns FALSE with the first error that any layer has met: GAN_ERROR_SHAPE, GAN_ERROR_MEMORY, or
// gan_weights_tensor()'s. To be asked once, or before and after a part.
gboolean gan_net_check(GanNet *net, GError **error);
void gan_net_free(GanNet *net); // accepts NULL
G_DEFINE_AUTOPTR_CLEANUP_FUNC(GanNet, gan_net_free)

// The state dict of a net that runs, else NULL.
GanWeights *gan_net_weights(const GanNet *net);

// The values that the network is applied to from here on, in the order in which it takes them, and
// one of them.
void gan_net_feed(GanNet *net, GanNode *const *inputs, guint n);
GanNode *gan_input(const GanNet *net, guint index);

// Whether the net has used the tensor with this full name, or called it spare.
gboolean gan_net_knows(const GanNet *net, const char *name);

// Says that files may hold a tensor of this scoped name, which is not needed. printf-like.
void gan_net_spare(GanNet *net, const char *format, ...) G_GNUC_PRINTF(2, 3);

// Records an error, unless one stuck before. Takes `error`.
void gan_net_fail(GanNet *net, GError *error);

// Names inside stand behind "<scope>." until the pop. printf-like.
void gan_push(GanNet *net, const char *format, ...) G_GNUC_PRINTF(2, 3);
void gan_pop(GanNet *net);

// --- training ---

// Whether norms are in their training form, against the default of the net: FALSE for a net that
// trains freezes them as they are, TRUE for one that runs makes them look at what they get.
void gan_net_set_training(GanNet *net, gboolean training);

// From here on buffers stay as they are, in training, too: for a second pass over what a step
// has counted already.
void gan_net_keep_buffers(GanNet *net);

// From here on new weights of convolutions and linear layers begin by rule `weights`, with biases
// of 0, and those of norms by `norms`, as gan_initialise() reads them; NULL: as PyTorch's begin.
void gan_initialise_by(GanNet *net, const char *weights, const char *norms);

// The weights that the net has used so far, in order: the parameter and its node.
guint gan_net_n_weights(const GanNet *net);
const GanParameter *gan_net_weight(const GanNet *net, guint index);
GanNode *gan_net_weight_node(const GanNet *net, guint index);

// The buffers that the net changes: where the new value belongs, and the node that has it.
guint gan_net_n_updates(const GanNet *net);
GanTensor *gan_net_update(const GanNet *net, guint index, GanNode **node);

// --- layers with weights, in PyTorch's definitions and names ---

// How a convolution differs from the usual one: stride 1, zeros around the picture so that its size
// stays, "<name>.weight" and "<name>.bias". Zeroed members change nothing.
typedef struct {
    guint stride, dilation, groups;
    guint output_pad;    // of a transposed convolution
    gboolean unpadded;   // else with dilation * (K - 1) / 2 pixels on all sides
    GkPadMode pad_mode;  // what they are
    gboolean pad_behind; // those pixels on the right and at the bottom only
    gboolean no_bias;
    // The weight is "<name>.weight_orig" over its largest singular value, with the state
    // "<name>.weight_u" and "<name>.weight_v", as torch.nn.utils.spectral_norm does it.
    gboolean spectral;
} GanConv;

GanNode *gan_conv2d(GanNet *net, const char *name, GanNode *x, guint channels, guint kernel);
GanNode *gan_conv2d_with(GanNet *net, const char *name, GanNode *x, guint channels, guint kernel,
                         GanConv conv);
GanNode *gan_conv_transpose2d(GanNet *net, const char *name, GanNode *x, guint channels,
                              guint kernel, GanConv conv);

// The unpadded transposed convolution of one pixel, which becomes kernel x kernel pixels.
GanNode *gan_project(GanNet *net, const char *name, GanNode *x, guint channels, guint kernel,
                     GanConv conv);

// The convolution with these constants, stride 1, zero-padded to the same size. Takes both tensors.
GanNode *gan_conv2d_of(GanNode *x, const char *name, GanTensor *weight, GanTensor *bias);

// x[N] * weight^T + bias for x of `inputs` numbers for each N, whatever axes they lie on, in
// PyTorch's order (C before H before W). Of `conv`, no_bias and spectral count.
GanNode *gan_linear(GanNet *net, const char *name, GanNode *x, guint inputs, guint outputs,
                    GanConv conv);

// Norms with "<name>.weight" and ".bias", eps 1e-5; of batch norms also ".running_mean" and
// ".running_var", momentum 0.1. `name` NULL: an instance norm without weights.
GanNode *gan_batch_norm(GanNet *net, const char *name, GanNode *x);
GanNode *gan_batch_norm_with(GanNet *net, const char *name, GanNode *x, float eps);
GanNode *gan_instance_norm(GanNet *net, const char *name, GanNode *x);
GanNode *gan_group_norm(GanNet *net, const char *name, GanNode *x, guint groups);
// Over C, H and W, with one weight for each channel (GroupNorm of one group).
GanNode *gan_layer_norm(GanNet *net, const char *name, GanNode *x);

// PReLU with "<name>.weight" of one element or one per channel; new ones of 0.25 per channel.
GanNode *gan_prelu(GanNet *net, const char *name, GanNode *x);

// A tensor of a net that runs, by its scoped name. NULL after an error, which sticks.
// Owner:   the caller gets a reference.
GanTensor *gan_net_tensor(GanNet *net, const char *name, guint rank, const gsize *shape);

// A tensor to be filled, for gan_conv2d_of(). After an error, which sticks: one without data.
GanTensor *gan_net_new_tensor(GanNet *net, guint rank, const gsize *shape);

// A tensor whose presence tells something, whatever is in it: new ones hold one 0.
void gan_marker(GanNet *net, const char *name);

// --- the rest ---

// x less its mean, divided by sqrt(variance + eps), over axes.
GanNode *gan_normalise(GanNode *x, guint axes, float eps, GanNode **mean, GanNode **variance);

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
