// SPDX-License-Identifier: LGPL-3.0-or-later
// How near a network that enlarges or restores comes to originals, when it is given small or damaged
// copies of them: the validation of such a training.
#ifndef GAN_COMPARISON_H
#define GAN_COMPARISON_H

#include "procedure.h"

// Beyond all steps: what chance does to pictures that are the same at every look.
#define GAN_COMPARISON_BATCH (G_GUINT64_CONSTANT(1) << 40)

typedef struct {
    const GanTraining *training;
    const GanNetwork *network;
    const GanDegradeSettings *degrade;
    guint scale;
    guint limit;       // pictures at most
    gboolean *useless; // of the pictures; NULL before the first validation
} GanComparison;

void gan_comparison_clear(GanComparison *comparison);

// Returns what the model makes of each sample of `in`. `numbers`: of each, where the network is told
// one, else NULL.
GanTensor *gan_comparison_run(const GanComparison *comparison, GanModel *model, GanTensor *in,
                              const float *numbers, GError **error);

// Finds the size of the largest input of the validation; it is left as it is where no picture can be
// read.
void gan_comparison_largest(const GanComparison *comparison, gsize *width, gsize *height);

// Compares with all pictures of the validation, at each of the strengths that the recipe names, and
// says once which cannot be used.
// Errors:  GAN_ERROR_FORMAT: none can.
gboolean gan_comparison_validate(GanComparison *comparison, GanModel *model, GanValidation *found,
                                 GError **error);

#endif
