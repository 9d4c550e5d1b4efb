// SPDX-License-Identifier: LGPL-3.0-or-later
// How much memory a training takes.
#ifndef GAN_MEMORY_H
#define GAN_MEMORY_H

#include "training.h"

// Where memory is taken: where the networks are computed, which may be a GPU, and in the process.
typedef struct {
    guint64 computing, process;
} GanMemory;

// The memory that the process takes now and, unless NULL, the most so far; 0 where the system
// does not tell.
guint64 gan_memory_resident_bytes(guint64 *most);

// Adds a run of a network alone, as samples and validation run it, over one input of this shape.
gboolean gan_memory_add_run(GanMemory *memory, const GanTraining *training,
                            const GanNetwork *network, GanShape input, GError **error);

// Adds what steps take: values, weights, gradients, optimizers, averages, batches, data.
void gan_memory_add_steps(GanMemory *memory, const GanTraining *training);

#endif
