// SPDX-License-Identifier: LGPL-3.0-or-later
// Where layers get their weights from: what net.c does for layers.c.
#ifndef GAN_NET_PRIVATE_H
#define GAN_NET_PRIVATE_H

#include "nn.h"

struct GanNet {
    GanGraph *graph;
    GanWeights *weights;       // of a net that runs, else NULL
    GanParameters *parameters; // of a net that trains, else NULL
    GRand *random;             // or NULL
    char *weight_rule, *norm_rule;
    gboolean training, keep_buffers;
    GPtrArray *scopes;         // each with its trailing dot, all before it included
    GPtrArray *inputs;         // of nodes
    GHashTable *entries;       // full name -> the net's entry for it
    GHashTable *known;         // full names, as a set
    GPtrArray *used, *updates; // of entries: weights that train, buffers that change
    GError *error;
};

// "<scope>.<name><suffix>". `name`: NULL or ends the scope.
// Owner:   the caller frees it.
char *gan_net_full_name(const GanNet *net, const char *name, const char *suffix);

// How a weight begins that is not there yet.
typedef struct {
    const char *rule;    // NULL: as PyTorch's bias of a layer with a weight of the shape below
    const gsize *weight; // that shape
    guint rank;
} GanStart;

// The node of "<scope>.<name><suffix>": a constant, a trained weight, or the present value of a
// buffer. Never NULL.
GanNode *gan_net_value(GanNet *net, const char *name, const char *suffix, GanParameterKind kind,
                       guint rank, const gsize *shape, const GanStart *start);

// Gives a buffer its next value.
void gan_net_change(GanNet *net, const char *name, const char *suffix, GanNode *value);

// The number of elements of the tensor "<scope>.<name>.weight" where there is one, else 0.
gsize gan_net_length(const GanNet *net, const char *name);

// A constant that is no tensor of the file. Takes `tensor`.
GanNode *gan_net_constant(GanGraph *graph, const char *name, GanTensor *tensor);

#endif
