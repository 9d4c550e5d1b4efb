// SPDX-License-Identifier: LGPL-3.0-or-later
// Layers of networks in training, in PyTorch's definitions and names. A layer takes its weights
// from a GanParameters by scoped name, or makes them there by PyTorch's rule for that layer.
//
// The first error sticks, as in nn.h: later calls append harmless nodes, and gan_layers_finish()
// reports it.
#ifndef GAN_LAYERS_H
#define GAN_LAYERS_H

#include "nn.h"
#include "parameters.h"
#include "values.h"

// One network in one graph. Its weights are one node each, however often it is applied, and its
// buffers go from one application to the next.
typedef struct GanLayers GanLayers;

// Starts a network.
// Owner:   borrows graph and parameters, which must outlive it. `random` draws new weights; NULL:
//          missing weights are an error.
GanLayers *gan_layers_new(GanGraph *graph, GanParameters *parameters, GRand *random);

// Returns FALSE with the first error that any layer met.
gboolean gan_layers_finish(GanLayers *layers, GError **error);
void gan_layers_free(GanLayers *layers); // accepts NULL
G_DEFINE_AUTOPTR_CLEANUP_FUNC(GanLayers, gan_layers_free)

GanGraph *gan_layers_graph(const GanLayers *layers);
GanParameters *gan_layers_parameters(const GanLayers *layers);

// In training (the default) normalisations use the statistics of the batch and update the running
// ones, and spectral norms take a step of the power iteration.
void gan_layers_set_training(GanLayers *layers, gboolean training);

// From here on buffers stay as they are, in training, too: for a second pass over what a step has
// counted already.
void gan_layers_keep_buffers(GanLayers *layers);

// Rules for new weights instead of PyTorch's, as gan_initialise() reads them: of convolutions and
// linear layers, and of normalisations; NULL for PyTorch's.
void gan_layers_set_initialisers(GanLayers *layers, const char *weights, const char *norms);

// Names inside stand behind "<scope>." until the pop. printf-like.
void gan_layers_push(GanLayers *layers, const char *format, ...) G_GNUC_PRINTF(2, 3);
void gan_layers_pop(GanLayers *layers);

// The weights that the network has used so far, in order: the parameter and its node.
guint gan_layers_n_weights(const GanLayers *layers);
const GanParameter *gan_layers_weight(const GanLayers *layers, guint index);
GanNode *gan_layers_weight_node(const GanLayers *layers, guint index);

// The buffers that the network changes: where the new value belongs, and the node that has it.
guint gan_layers_n_updates(const GanLayers *layers);
GanTensor *gan_layers_update(const GanLayers *layers, guint index, GanNode **node);

// Convolutions "<name>.weight", "<name>.bias"; the kernel is walk's. With `spectral` the weight is
// "<name>.weight_orig", divided by its largest singular value as torch.nn.utils.spectral_norm does
// it, with the state "<name>.weight_u" and "<name>.weight_v".
typedef enum {
    GAN_LAYER_PLAIN = 0,
    GAN_LAYER_NO_BIAS = 1,
    GAN_LAYER_SPECTRAL = 2,
} GanLayerFlags;
GanNode *gan_layer_conv2d(GanLayers *layers, const char *name, GanNode *x, guint channels,
                          const GanWalk *walk, GanLayerFlags flags);
GanNode *gan_layer_conv_transpose2d(GanLayers *layers, const char *name, GanNode *x, guint channels,
                                    const GanWalk *walk, GanLayerFlags flags);

// x[N] * weight^T + bias for x of `inputs` numbers for each N, whatever axes they lie on, in
// PyTorch's order (C before H before W).
GanNode *gan_layer_linear(GanLayers *layers, const char *name, GanNode *x, guint inputs,
                          guint outputs, GanLayerFlags flags);

// "<name>.weight" and ".bias" where `affine`, eps 1e-5; batch norm also ".running_mean" and
// ".running_var", momentum 0.1.
GanNode *gan_layer_batch_norm(GanLayers *layers, const char *name, GanNode *x, gboolean affine);
GanNode *gan_layer_instance_norm(GanLayers *layers, const char *name, GanNode *x, gboolean affine);
GanNode *gan_layer_group_norm(GanLayers *layers, const char *name, GanNode *x, guint groups,
                              gboolean affine);
// Over C, H and W, with one weight for each channel (GroupNorm of one group).
GanNode *gan_layer_layer_norm(GanLayers *layers, const char *name, GanNode *x, gboolean affine);

// PReLU with one slope for each channel, 0.25 at the start.
GanNode *gan_layer_prelu(GanLayers *layers, const char *name, GanNode *x);

// Appends a network of the inference families, so that its weights train: tensors of the weight
// file become parameters by their names, what the family computed from them stays constant.
// Returns the value that the network makes of `x`.
GanNode *gan_layers_import(GanLayers *layers, const GanGraph *network, GanNode *x);

// The normalisations without weights: x less its mean, divided by sqrt(variance + eps), over axes.
GanNode *gan_normalise(GanNode *x, guint axes, float eps, GanNode **mean, GanNode **variance);

#endif
