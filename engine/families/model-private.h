// SPDX-License-Identifier: LGPL-3.0-or-later
// What the tile runner needs of a model besides its public face.
#ifndef GAN_MODEL_PRIVATE_H
#define GAN_MODEL_PRIVATE_H

#include <gan/model.h>
#include <plan.h>

// Returns the network as its family built it.
// Owner:   the model.
const GanGraph *gan_model_graph(const GanModel *model);

// Appends the network to the graph of `inputs`, as many as the model has; its weights are constants
// there.
// Units:   as gan_model_run_all()'s.
// Errors:  those of the layers, which a model that was made does not meet again but for memory.
GanNode *gan_model_append(const GanModel *model, GanNode *const *inputs, GError **error);

// Returns the model's fused network on `device`, made at the first call.
// Owner:   the model, which keeps it, and the device, until its end.
// Errors:  GAN_ERROR_MEMORY.
GanProgram *gan_model_program(GanModel *model, GanDevice *device, GError **error);

// Sets the error that no part of the file is a network of a family: what it is instead, where that
// is known; else `reason`, why the one that came nearest is none, or NULL.
void gan_unknown(GanWeights *weights, const GError *reason, GError **error);

#endif
