// SPDX-License-Identifier: LGPL-3.0-or-later
// What planning and running share: a program's data, and where a plan puts each value.
#ifndef GAN_PLAN_PRIVATE_H
#define GAN_PLAN_PRIVATE_H

#include "arena.h"
#include "plan.h"
#include "recording.h"

// --- programs (program.c) ---

// A parameter as the kernels take it.
typedef struct {
    gsize length;   // elements
    void *copy;     // where it differs from the tensor's own numbers; NULL: not made yet
    gboolean bound; // the copy is somebody else's
} GanStored;

struct GanProgram {
    GanGraph *graph;
    GanDevice *device;
    GanStored *stored; // by node
    GkPlan **packed;   // by node
};

// gan_program_new() without bringing the parameters to where the kernels take them from.
GanProgram *gan_program_make(GanGraph *graph, GanDevice *device);

// Brings the parameters there that are not there yet or that their owner may have changed.
gboolean gan_program_prepare(GanProgram *program, GError **error);

// Has a parameter read from memory of the device, as often as it is in the graph.
void gan_program_bind(GanProgram *program, const GanTensor *tensor, void *memory);

// Returns a parameter's elements as the kernels take them.
void *gan_program_parameter(const GanProgram *program, guint id);

// Whether the device has memory of its own, which is a GPU.
gboolean gan_program_has_own_memory(const GanProgram *program);

// --- plans ---

// Where a value lies: nowhere, since only its shape is asked for, or only a chain reads it; in the
// arena; in memory of the caller; with the parameters.
typedef enum { HOME_NONE, HOME_ARENA, HOME_INPUT, HOME_OUTPUT, HOME_PARAMETER } GanHome;

typedef struct {
    GanShape shape;
    gboolean live;     // somebody reads it
    gboolean dense;    // channels-last in the backend's dtype whatever its pictures are
    gboolean computed; // a kernel runs for it
    GanHome home;
    guint span;         // HOME_ARENA
    guint source;       // index of the input or of the output; the parameter's node
    int frame;          // the concatenation that it is a part of, a node; -1: none
    guint first;        // its first channel there
    gsize offset_bytes; // from where its span begins
    GkView view;        // without data
    double flops;       // of its kernel; everything that is no convolution counts one an element
} GanValue;

// Functions that one kernel computes, see chain.c.
typedef struct {
    guint first, last; // nodes; those between that are not of the chain are computed before it
    GkChain args;      // views without data
    guint input[GK_MAX_CHAIN_INPUTS], link[GK_MAX_LINKS]; // nodes
} GanChain;

// What a plan is made for.
typedef enum {
    FOR_RUNS,  // of a network: the caller's memory serves as first and last value where it can
    FOR_STEPS, // of a training: ends are copied, and an output may not be wanted
} GanPurpose;

struct GanPlan {
    GanProgram *program;
    GanWorkspace *workspace; // where the arena lies
    GanPurpose purpose;
    gboolean copies_ends; // a kernel refused to work on the caller's memory
    GanPlanInfo info;
    GanValue *values; // by node
    GArray *spans;    // of GanSpan
    GArray *chains;   // of GanChain
    int *chain_of;    // by node: the chain that computes it, or before which it is computed; or -1
    GkView *call_views;    // for a node's inputs
    const GkView *ends[2]; // the caller's inputs and outputs while a run on the processor goes on
    void *staging;         // on a device: where arrays are converted on their way in and out
    gsize staging_bytes;
    GanRecording recording; // on a device with memory of its own
    guint recording_age;    // of the workspace that it was made in
    gboolean overflowed;    // the last run that was finished
    GanPlanWatch watch;
    gpointer watch_data;
};

GanPlan *gan_plan_make(GanProgram *program, GanWorkspace *workspace, const GanShape *inputs,
                       GanPurpose purpose, GError **error);

// Gives every live value its home and its view (place.c).
void gan_plan_place(GanPlan *plan);

// Finds the chains of a plan whose values have their homes. What only a chain reads loses its own.
void gan_plan_find_chains(GanPlan *plan);

// The chain that node `i` is computed by or before, or NULL.
GanChain *gan_plan_chain_at(const GanPlan *plan, guint i);

// Whether a node is one of the graph's outputs.
gboolean gan_plan_is_output(const GanPlan *plan, guint id);

// The view of a value, with data where its home has memory.
GkView gan_plan_view(const GanPlan *plan, const GanValue *value);

// The value of an output, and what its owner sees of it: a dense array.
const GanValue *gan_plan_output(const GanPlan *plan, guint index);
GkView gan_plan_array(const GanPlan *plan, const GanShape *shape, const void *data);

// Makes sure that the arena and the parameters are there.
gboolean gan_plan_prepare(GanPlan *plan, GError **error);

// Computes all nodes. On a device with memory of its own the inputs are there already.
gboolean gan_plan_compute(GanPlan *plan, GanPlanProgress progress, gpointer data, GError **error);

// Has the nodes queued, or a recording of that played, on a device with memory of its own.
gboolean gan_plan_queue(GanPlan *plan, const char *what, GError **error);

// --- ends (ends.c) ---

// Copies a view of the process's memory to a value; a value to another of the same device; a value
// to a dense array of the same memory, or adds it there.
gboolean gan_plan_put(GanPlan *plan, const GkView *from, const GkView *value, GError **error);
gboolean gan_plan_copy(GanPlan *plan, const GkView *from, const GkView *to, const char *what,
                       GError **error);
gboolean gan_plan_add(GanPlan *plan, const GkView *value, const GkView *array, GError **error);

// Copies float32 between channels-last views of the process's memory.
void gan_view_rows(const GkView *from, const GkView *to);

// A value and the array of the process's memory that it goes to.
typedef struct {
    GkView value, array;
} GanFetch;

// Copies values to their arrays, all in one go: a device is waited for once, and there
// arrays are dense.
gboolean gan_plan_fetch(GanPlan *plan, const GanFetch *fetches, guint n, GError **error);

void gan_plan_staging_free(GanPlan *plan);

#endif
