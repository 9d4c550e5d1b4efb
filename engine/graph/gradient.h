// SPDX-License-Identifier: LGPL-3.0-or-later
// The gradient of a graph is a graph: nodes of the same operations, appended behind the others. So
// gradients can be differentiated again, and backends know no backward mode.
#ifndef GAN_GRADIENT_H
#define GAN_GRADIENT_H

#include "graph.h"

// Appends the gradients of the sum of all elements of `loss` with respect to the values of
// `wanted` and fills `gradients` with them, each of the shape of its value; zeros where the loss
// does not depend on it. Gradients do not flow through GAN_OP_STOP, nor through parameters and
// inputs that nobody wants.
void gan_graph_gradient(GanGraph *graph, GanNode *loss, GanNode *const *wanted, guint n,
                        GanNode **gradients);

#endif
