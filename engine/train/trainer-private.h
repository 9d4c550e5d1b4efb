// SPDX-License-Identifier: LGPL-3.0-or-later
// A trainer as its own files and tests see it.
#ifndef GAN_TRAINER_PRIVATE_H
#define GAN_TRAINER_PRIVATE_H

#include "log.h"
#include "state.h"

struct GanTrainer {
    GanTraining training;
    const GanProcedure *procedure;
    gpointer own; // the procedure's
    GanRollbacks rollbacks;
    GanLog *log;
    guint64 begun_bytes; // that the process took before
};

// gan_trainer_new() with other procedures and another source, which are borrowed and must outlive
// the trainer. `source`: or NULL.
GanTrainer *gan_trainer_new_with(const GanTrainerOptions *options,
                                 const GanProcedure *const *procedures,
                                 const GanTrainingSource *source, GError **error);

// Begins to load batches, from the next one on.
void gan_trainer_start_loader(GanTrainer *trainer);

// Takes a step; *diverged: losses or gradients were no numbers.
gboolean gan_trainer_step(GanTrainer *trainer, gboolean *diverged, GError **error);

#endif
