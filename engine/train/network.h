// SPDX-License-Identifier: LGPL-3.0-or-later
// A generator that a recipe asks for, [network]: its family and sizes, and its
// weights, made or read.
#ifndef GAN_NETWORK_H
#define GAN_NETWORK_H

#include "ema.h"
#include <family.h>
#include <recipe.h>

typedef struct {
    char *family; // by name
    guint scale, features, blocks, growth, latent, size, channels;
    gboolean residual; // of one that is told the damage: it makes what is added, else the picture
    char *start;       // weight file to begin from; "": none
    gboolean start_strict; // it must fit in every tensor
    gboolean start_grow;   // it has fewer blocks, and what it does is what this one begins with
} GanNetworkSettings;

extern const GanKeys gan_network_keys; // GanNetworkSettings

// What networks of the family are for; a GENERATE one makes pictures out of numbers.
GanTask gan_network_task(const GanNetworkSettings *settings);

typedef struct {
    const GanFamily *family;
    GanSizes sizes;
    GanParameters *parameters;
    gboolean told;     // it takes a number besides the picture
    GanEnd number;     // which
    GPtrArray *unread; // names of weights that the file to begin from did not give; or NULL
} GanNetwork;

// Makes the weights that the recipe asks for: by the rule of the family's authors, or from the file
// `network.start`. `n_classes`: numbers that tell the class, behind the random ones. `told`: what a
// network that takes a number is told, "noise" or "quality"; NULL: nothing.
// Errors:  GAN_ERROR_FORMAT: the family has no such network. GAN_ERROR_SHAPE: the file is of
//          another one, or takes what it is not told. Those of gan_weights_open().
//          GAN_ERROR_MEMORY.
GanNetwork *gan_network_new(const GanRecipe *recipe, guint64 seed, guint n_classes,
                            const char *told, GError **error);
void gan_network_free(GanNetwork *network); // accepts NULL
G_DEFINE_AUTOPTR_CLEANUP_FUNC(GanNetwork, gan_network_free)

// Appends the network, applied to x, to the graph of a net over its parameters. `number`: of each
// sample, [N,1,1,1], where the network is told one, else NULL.
GanNode *gan_network_append(const GanNetwork *network, GanNet *net, GanNode *x, GanNode *number);

// Returns what is saved as a state dict in memory: weights, or their averages where `ema`, or NULL,
// has them, and buffers.
GanWeights *gan_network_state(const GanNetwork *network, const GanEma *ema, GError **error);

// Writes it as safetensors; see gan_weights_save().
gboolean gan_network_save(const GanNetwork *network, const GanEma *ema, const char *path,
                          const char *const *metadata, GError **error);

#endif
