// SPDX-License-Identifier: LGPL-3.0-or-later
// What step.c, step_memory.c and chain.c share.
#ifndef GAN_STEP_PRIVATE_H
#define GAN_STEP_PRIVATE_H

#include "arena.h"
#include "recording.h"
#include "step.h"

typedef enum { HOME_NONE, HOME_ARENA, HOME_INPUT, HOME_PARAMETER } GanHome;

typedef struct {
    GanShape shape;
    gboolean live;     // somebody reads it
    gboolean dense;    // channels-last in the backend's dtype whatever its pictures are
    gboolean computed; // a kernel runs for it
    GanHome home;
    guint span;   // HOME_ARENA
    guint source; // input's index, or the parameter's node
    GkView view;  // without data
} GanStepValue;

// Where an input comes from: an output of another step.
typedef struct {
    guint input;
    GanStep *from;
    guint output;
} GanLink;

struct GanStep {
    GanGraph *graph;
    GanDevice *device;
    GanStepInfo info;
    GanStepValue *values; // by node
    GArray *spans;        // of GanSpan
    GkPlan **packed;      // by node
    void **copies;        // by node: a parameter as the backend takes it, where that differs
    gboolean *bound;      // by node: the copy is somebody else's
    GkView *call_views;   // for a node's inputs
    void *arena;
    void *staging; // on a device: where arrays are converted on their way in and out
    gsize staging_bytes;
    GArray *links;  // of GanLink
    GArray *chains; // of GanChain
    int *chain_of;  // by node: the chain that computes it, or before which it is computed; -1: none
    GanRecording recording; // on a device with memory of its own
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

// Whether the device has memory of its own, which is a GPU.
gboolean gan_step_has_own_memory(const GanStep *step);

// Allocates what is missing, and brings the parameters to where the backend takes them from.
gboolean gan_step_prepare(GanStep *step, GError **error);
void gan_step_memory_free(GanStep *step);

// Returns a parameter's elements as the backend takes them.
void *gan_step_parameter(GanStep *step, guint id);

// Copies a dense array of the process's memory to a value.
gboolean gan_step_put(GanStep *step, const GkView *from, const GkView *value, GError **error);

// Copies a value of another step of the same device to one of this.
gboolean gan_step_copy(GanStep *step, const GkView *from, const GkView *value, GError **error);

// A value and the dense array of the process's memory that it goes to.
typedef struct {
    GkView value, array;
} GanFetch;

// Copies a value to a dense array of the same memory, or adds it.
gboolean gan_step_add(GanStep *step, const GkView *value, const GkView *array, gboolean add,
                      GError **error);

// Copies values to their arrays, all in one go: a device is waited for once.
gboolean gan_step_fetch(GanStep *step, const GanFetch *fetches, guint n, GError **error);

#endif
