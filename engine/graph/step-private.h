// SPDX-License-Identifier: LGPL-3.0-or-later
// What step.c and chain.c share.
#ifndef GAN_STEP_PRIVATE_H
#define GAN_STEP_PRIVATE_H

#include "arena.h"
#include "step.h"

typedef enum { HOME_NONE, HOME_ARENA, HOME_INPUT, HOME_PARAMETER } GanHome;

typedef struct {
    GanShape shape;
    gboolean live;     // somebody reads it
    gboolean dense;    // channels-last whatever the backend's layout is
    gboolean computed; // a kernel runs for it
    GanHome home;
    guint span;   // HOME_ARENA
    guint source; // input's index, or the parameter's node
    GkView view;  // without data
} GanStepValue;

struct GanStep {
    GanGraph *graph;
    GanDevice *device;
    GanStepInfo info;
    GanStepValue *values; // by node
    GArray *spans;        // of GanSpan
    GkPlan **packed;      // by node
    void **converted;     // by node: a parameter in the backend's dtype, where that is not float32
    GkView *call_views;   // for a node's inputs
    void *arena;
    GArray *chains; // of GanChain
    int *chain_of;  // by node: the chain that computes it, or before which it is computed; -1: none
    GanStepWatch watch;
    gpointer watch_data;
};

// Functions that one kernel computes, see chain.c.
typedef struct {
    guint first, last; // nodes; those between that are not of the chain are computed before it
    GkChain args;      // views without data
    guint input[GK_MAX_CHAIN_INPUTS], link[GK_MAX_LINKS]; // nodes
} GanChain;

// Finds the chains of a step whose values have their places. What only a chain reads loses its own.
void gan_step_find_chains(GanStep *step);

#endif
