// SPDX-License-Identifier: LGPL-3.0-or-later
// Small random networks, one for each thing that fusion and planning do.
#ifndef TEST_NETS_H
#define TEST_NETS_H

#include "nn.h"

typedef struct {
    const char *name;
    guint channels;      // of the input
    guint n_fused_nodes; // computed nodes left after fusion
    GanNode *(*build)(GanGraph *graph, GanNode *x, GRand *random);
} TestNet;

extern const TestNet test_nets[];
extern const guint n_test_nets;

GanGraph *test_net_build(const TestNet *net);

#endif
