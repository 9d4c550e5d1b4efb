// SPDX-License-Identifier: LGPL-3.0-or-later
// The state of a run between two steps, in one file: from it the run goes on to the same bits.
#ifndef GAN_STATE_H
#define GAN_STATE_H

#include "procedure.h"

// What the trainer keeps beside the training.
typedef struct {
    guint64 skipped; // batches that rollbacks left out
    guint n_rollbacks;
} GanRollbacks;

#define GAN_STATE_FILE "checkpoint.safetensors"

// Writes the state of `training` and of the procedure's `own`.
// Errors:  those of gan_checkpoint_write(); GAN_ERROR_DEVICE.
gboolean gan_state_save(const GanTraining *training, const GanProcedure *procedure, gpointer own,
                        const GanRollbacks *rollbacks, GError **error);

// What a state file says of itself, without the networks that it is for.
typedef struct {
    guint64 step;
    char *changes; // "section.key=value", a line each
} GanStateSummary;

void gan_state_summary_clear(GanStateSummary *summary);
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC(GanStateSummary, gan_state_summary_clear)

// Owner:   the caller clears `summary`.
// Errors:  those of gan_weights_open().
gboolean gan_state_look(const char *path, GanStateSummary *summary, GError **error);

// Takes it back.
// Errors:  those of gan_checkpoint_read(): nothing has changed then. GAN_ERROR_DEVICE.
gboolean gan_state_load(GanTraining *training, const GanProcedure *procedure, gpointer own,
                        GanRollbacks *rollbacks, GError **error);

#endif
