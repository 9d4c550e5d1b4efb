// SPDX-License-Identifier: LGPL-3.0-or-later
// A graph made ready for a device (program) and for inputs of one size (plan).
#ifndef GAN_PLAN_H
#define GAN_PLAN_H

#include "device-private.h"
#include "ops.h"
#include "workspace.h"

// A graph on a device, with what the backend keeps for each node (packed weights) between runs.
typedef struct GanProgram GanProgram;

// Owner:   takes graph; keeps a reference to device.
GanProgram *gan_program_new(GanGraph *graph, GanDevice *device);
void gan_program_free(GanProgram *program); // accepts NULL; plans must be gone
G_DEFINE_AUTOPTR_CLEANUP_FUNC(GanProgram, gan_program_free)

// Shapes, lifetimes and places in one arena.
typedef struct GanPlan GanPlan;

// Computes everything but allocates nothing: gan_plan_run() sees to the arena, which lies in
// `workspace`, or in one of the plan's own for NULL. Plans that share a workspace run one after the
// other. `inputs` are the shapes of the graph's inputs, in its order.
// Owner:   keeps a reference to workspace.
// Errors:  GAN_ERROR_SHAPE, GAN_ERROR_UNSUPPORTED: the message names the node.
GanPlan *gan_plan_new_for(GanProgram *program, GanWorkspace *workspace, const GanShape *inputs,
                          GError **error);
void gan_plan_free(GanPlan *plan); // accepts NULL
G_DEFINE_AUTOPTR_CLEANUP_FUNC(GanPlan, gan_plan_free)

// The same for a graph all of whose inputs are n x h x w pictures.
GanPlan *gan_plan_new(GanProgram *program, GanWorkspace *workspace, gsize n, gsize h, gsize w,
                      GError **error);

typedef struct {
    gsize out_h, out_w, out_c; // of the first output
    gsize arena_bytes;         // values of this plan
    gsize packed_bytes;  // weights as the kernels keep them, shared by all plans of the program
    gsize scratch_bytes; // kernels' scratch memory, shared by all plans of the device
    gsize n_kernels;     // that a run calls
    double flops;        // direct formula of convolutions; others one for each element
} GanPlanInfo;
const GanPlanInfo *gan_plan_info(const GanPlan *plan);

// Returns the shape of an output.
GanShape gan_plan_output_shape(const GanPlan *plan, guint index);

// Called between kernels with the finished part of the plan's flops. Returning FALSE stops the run.
typedef gboolean (*GanPlanProgress)(double fraction, gpointer data);

// Runs the plan. `in` and `out` are as many channels-last views of host memory, in the backend's
// dtype, as the graph has inputs and outputs.
// Errors:  GAN_ERROR_MEMORY, GAN_ERROR_DEVICE, G_IO_ERROR_CANCELLED.
gboolean gan_plan_run(GanPlan *plan, const GkView *in, const GkView *out, GanPlanProgress progress,
                      gpointer data, GError **error);

// The two halves of a run where gan_plan_n_slots() > 1: start() queues a run in a slot and returns,
// finish() waits for it and tells where the first output lies: dense, channels-last, in float32,
// until the slot's next start(). `in` is free after start().
// Errors:  as gan_plan_run().
gsize gan_plan_n_slots(const GanPlan *plan);
gboolean gan_plan_start(GanPlan *plan, gsize slot, const GkView *in, GError **error);
gboolean gan_plan_finish(GanPlan *plan, gsize slot, GkView *out, GError **error);

// Whether a value of the last finished run exceeded the range of the type that the device computes
// in, or came out as infinite or no number: its result may be wrong anywhere.
gboolean gan_plan_overflowed(const GanPlan *plan);

// Told after each kernel of a run what it computed and how long it took.
typedef void (*GanPlanWatch)(const GanNode *node, double seconds, gpointer data);

// Has `watch` called for the runs from now on; NULL: no longer.
void gan_plan_watch(GanPlan *plan, GanPlanWatch watch, gpointer data);

#endif
