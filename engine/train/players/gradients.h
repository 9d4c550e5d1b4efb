// SPDX-License-Identifier: LGPL-3.0-or-later
// A training step as far as the gradients: runs a graph, keeps the gradients of a network's
// weights, and brings its buffers up to date.
//
//   GanGraph *graph = gan_graph_new();
//   GanNode *x = gan_named_input(graph, "low", 3), *y = gan_named_input(graph, "high", 3);
//   GanNet *g = gan_net_new_training(graph, parameters, NULL);
//   GanNode *loss = gan_loss_l1(gan_family_apply(family, &sizes, g, x, NULL), y);
//   GanGradients *step = gan_gradients_new(graph, device, loss, &loss, 1, &g, 1, NULL, 0, shapes,
//                                          &error);
//   for (…) {
//       gan_gradients_run(step, inputs, outputs, FALSE, &error);
//       gan_optimizer_step(optimizer, rate, gan_gradients_tensors(step));
//   }
#ifndef GAN_GRADIENTS_H
#define GAN_GRADIENTS_H

#include "nn.h"
#include "step.h"

typedef struct GanGradients GanGradients;

// Appends the gradients of `loss` for all weights of the networks `trained`, and makes the graph
// ready to run. `watched` are values that a run reports, such as the terms of the loss; any shape.
// `others` are networks of the graph that are not trained by it, but whose buffers change.
// Owner:   takes graph; the parameters of the networks must outlive it, the GanNet need not.
// Errors:  as gan_step_new(), GAN_ERROR_MEMORY.
GanGradients *gan_gradients_new(GanGraph *graph, GanDevice *device, GanNode *loss,
                                GanNode *const *watched, guint n_watched, GanNet *const *trained,
                                guint n_trained, GanNet *const *others, guint n_others,
                                const GanShape *inputs, GError **error);
void gan_gradients_free(GanGradients *gradients); // accepts NULL
G_DEFINE_AUTOPTR_CLEANUP_FUNC(GanGradients, gan_gradients_free)

const GanStepInfo *gan_gradients_info(const GanGradients *gradients);

// The step that runs the graph.
GanStep *gan_gradients_step(const GanGradients *gradients);

// The shape of a watched value.
GanShape gan_gradients_shape(const GanGradients *gradients, guint watched);

// Runs the step: fills the gradients, or adds to them where `accumulate`; writes the watched
// values, dense and channels-last, to `watched` (NULL where they are not wanted), and the buffers'
// new values to their tensors.
// Errors:  GAN_ERROR_MEMORY, GAN_ERROR_DEVICE; then neither gradients nor buffers have changed.
gboolean gan_gradients_run(GanGradients *gradients, const float *const *inputs,
                           float *const *watched, gboolean accumulate, GError **error);

// Has runs leave the gradients on the device, where gan_step_take() finds them as the outputs
// gan_gradients_output(); gan_gradients_tensors() are not filled any more.
void gan_gradients_leave(GanGradients *gradients);
guint gan_gradients_output(const GanGradients *gradients, guint weight);

// The weights in the order of the networks' layers, and their gradients. They may be scaled and
// clipped in place.
guint gan_gradients_n(const GanGradients *gradients);
GanTensor *const *gan_gradients_weights(const GanGradients *gradients);
GanTensor *const *gan_gradients_tensors(const GanGradients *gradients);

#endif
