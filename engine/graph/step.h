// SPDX-License-Identifier: LGPL-3.0-or-later
// Runs a graph with several inputs and outputs, such as the step of a training, at one size.
#ifndef GAN_STEP_H
#define GAN_STEP_H

#include "plan.h"

typedef struct GanStep GanStep;

// Makes `graph` ready for a device and for inputs of the given shapes, in the graph's order.
// Computes everything but allocates nothing: gan_step_run() allocates the arena at its first call.
// A GPU's device of bfloat16 runs it in mixed precision, one of float16 in float32.
// Owner:   takes graph; keeps a reference to device.
// Errors:  GAN_ERROR_SHAPE, GAN_ERROR_UNSUPPORTED: the message names the node.
GanStep *gan_step_new(GanGraph *graph, GanDevice *device, const GanShape *inputs, GError **error);
void gan_step_free(GanStep *step); // accepts NULL
G_DEFINE_AUTOPTR_CLEANUP_FUNC(GanStep, gan_step_free)

typedef GanPlanInfo GanStepInfo;
const GanStepInfo *gan_step_info(const GanStep *step);

// Returns the shape of an output.
GanShape gan_step_output_shape(const GanStep *step, guint index);

// Runs the step. Trainable parameters are read anew, so that what their owner changed since the
// last run counts. `inputs` and `outputs` are dense channels-last arrays in host memory of the
// shapes above, in the backend's dtype, which is float32 for every GPU; an output of NULL is not
// wanted this time.
// Errors:  GAN_ERROR_MEMORY, GAN_ERROR_DEVICE.
gboolean gan_step_run(GanStep *step, const void *const *inputs, void *const *outputs,
                      GError **error);

// Has a step of a device with memory of its own read a parameter from `memory` there, as often as
// it is in the graph; the tensor's own numbers are not looked at any more.
// Owner:   the caller, who keeps the memory as long as the step runs.
void gan_step_bind(GanStep *step, const GanTensor *tensor, void *memory);

// Has a step of a device with memory of its own take an input from where another step of
// that device left an output of its last run; what gan_step_run() is given for that input is
// not looked at.
// Owner:   the caller, who keeps `from` as long as the step runs. Their shapes are equal.
void gan_step_link(GanStep *step, guint input, GanStep *from, guint output);

// Copies an output of the last run to `memory` on the device, dense float32, or adds it to
// what is there.
// Errors:  GAN_ERROR_DEVICE.
gboolean gan_step_take(GanStep *step, guint output, void *memory, gboolean add, GError **error);

// As gan_plan_watch().
typedef GanPlanWatch GanStepWatch;
void gan_step_watch(GanStep *step, GanStepWatch watch, gpointer data);

#endif
