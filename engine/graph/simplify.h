// SPDX-License-Identifier: LGPL-3.0-or-later
// Graphs without what is computed twice or for nobody.
#ifndef GAN_SIMPLIFY_H
#define GAN_SIMPLIFY_H

#include "graph.h"

// Returns a graph with the same inputs and outputs, in their order, in which equal nodes are one
// and nodes that no output depends on are gone.
// Owner:   the caller gets a new graph; parameters are shared.
GanGraph *gan_graph_simplify(const GanGraph *graph);

#endif
