// SPDX-License-Identifier: LGPL-3.0-or-later
// The network that a recipe trains: its weights, made or read, and how it is built into a graph.
#ifndef GAN_NETWORK_H
#define GAN_NETWORK_H

#include "ema.h"
#include "recipe.h"
#include <layers.h>

typedef struct GanNetwork GanNetwork;

// Makes the weights that the recipe asks for: by the rule of the family's authors, or from the file
// `network.start`. `n_classes`: numbers that tell the class, behind the random ones.
// Errors:  GAN_ERROR_SHAPE: the file is of another network. Those of gan_weights_open().
//          GAN_ERROR_MEMORY.
GanNetwork *gan_network_new(const GanRecipe *recipe, guint n_classes, GError **error);
void gan_network_free(GanNetwork *network); // accepts NULL
G_DEFINE_AUTOPTR_CLEANUP_FUNC(GanNetwork, gan_network_free)

// Returns the names of the weights that begin anew although `network.start` names a file, with
// `network.start_strict=no`; NULL or empty: none.
// Owner:   network.
const GPtrArray *gan_network_unread(const GanNetwork *network);

GanParameters *gan_network_parameters(const GanNetwork *network);

// Numbers of all weights, without running statistics.
guint64 gan_network_n_weights(const GanNetwork *network);

// Appends the network; its weights train.
GanNode *gan_network_append(const GanNetwork *network, GanLayers *layers, GanNode *x);

// The state as it is saved: weights, or their averages where there are any, and buffers. `weights`:
// the tensors that `ema` follows, in its order; NULL for none.
typedef struct {
    const GanEma *ema;
    GanTensor *const *weights;
    guint n;
} GanAverages;

// Returns the network as a state dict in memory.
GanWeights *gan_network_state(const GanNetwork *network, const GanAverages *averages,
                              GError **error);

// Writes it as safetensors; see gan_weights_save().
gboolean gan_network_save(const GanNetwork *network, const GanAverages *averages, const char *path,
                          const char *const *metadata, GError **error);

#endif
