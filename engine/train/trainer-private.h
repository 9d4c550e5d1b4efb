// SPDX-License-Identifier: LGPL-3.0-or-later
// A trainer as its own files see it.
#ifndef GAN_TRAINER_PRIVATE_H
#define GAN_TRAINER_PRIVATE_H

#include "checkpoint.h"
#include "ema.h"
#include "gradients.h"
#include "log.h"
#include "loss_features.h"
#include "optimizer.h"
#include "recipe.h"
#include "resident.h"
#include "schedule.h"
#include <family.h>
#include <gan/metrics.h>
#include <gan/trainer.h>

#define GAN_TRAINER_TERMS 10

// One of the two players: what a step of it computes, and what its optimizer keeps.
typedef struct {
    GanGradients *gradients;
    GanOptimizer *optimizer;
    GanResident *resident; // or NULL: the weights are in the process's memory
    GanSchedule schedule;
    const char *terms[GAN_TRAINER_TERMS]; // names of the first watched values
    guint n_terms;
    float values[GAN_TRAINER_TERMS]; // of the last run
} GanPlayer;

// Where batches and random numbers come from instead of the loader and the seed, so that a known
// run can be repeated.
typedef struct {
    gsize height, width; // of the targets
    gboolean (*batch)(gpointer data, GanBatch *batch, GError **error);
    void (*latent)(gpointer data, float *latent); // GENERATE only
    gpointer data;
} GanTrainerSource;

struct GanTrainer {
    GanRecipe *recipe;
    const GanTrainerSource *source; // or NULL
    gsize height, width;            // of the targets
    GanDevice *device;
    GanDevice *step_device; // of the same GPU, in the recipe's precision; owned by `device`
    char *precision_note;   // why it is another one; NULL: it is not
    char *output, *name, *network_text, *result;
    gboolean resume;
    GanDataset *dataset, *validation; // validation: or NULL
    char *data_hash;
    guint n_classes; // that the networks are told; 0: none
    GanLoaderOptions loading;
    GanLoader *loader;

    guint64 begun_bytes; // that the process took before

    const GanFamily *family; // of the generator
    GanSizes sizes;
    GanParameters *weights; // of the generator
    GPtrArray *unread;      // names of those that `network.start` did not give; NULL: none
    GanParameters *critic;  // or NULL
    GanPlayer generator, judge;
    GanStep *make;         // the generator alone; GENERATE only
    GanEma *ema;           // or NULL
    GanFeatures *features; // or NULL
    GStrv feature_layers;  // that losses look at
    float *feature_weights;

    gsize picture_length;                          // numbers of a batch of targets
    float *latent, *made, *planes, *share, *shift; // NULL where they are not used
    guint *labels;                                 // of the batch that is worked on

    guint64 step, n_batches, n_latents; // done and taken so far
    guint64 skipped;                    // batches that rollbacks left out
    guint n_rollbacks;
    double rate_factor;                  // halved by each rollback
    double best;                         // validation PSNR of the best weights so far; 0: none
    double means[2 * GAN_TRAINER_TERMS]; // running means of the terms, the generator's first
    GanLog *log;
    GanBatch grid; // fixed inputs of the sample grid
    GanTensor *grid_latent;
    GanTrainerNotice notice;
    gpointer data;
};

// trainer.c: gan_trainer_new() with another source, which is borrowed and must outlive the trainer.
GanTrainer *gan_trainer_new_from(const GanTrainerOptions *options, const GanTrainerSource *source,
                                 GError **error);

// Begins to load batches, from the next one on.
void gan_trainer_start_loader(GanTrainer *trainer);

// trainer_plan.c: the memory that the process takes now and, unless NULL, the most so far; 0 where
// the system does not tell.
guint64 gan_trainer_resident_bytes(guint64 *most);

// trainer_players.c: builds the steps; runs them.
gboolean gan_trainer_build(GanTrainer *trainer, GError **error);
gboolean gan_trainer_step(GanTrainer *trainer, gboolean *diverged, GError **error);
void gan_trainer_fill_latent(const GanTrainer *trainer, GanRandomUse use, guint64 draw,
                             const guint *labels, guint n, float *latent);
void gan_player_clear(GanPlayer *player);

// The input of the critic's step for what the network made.
enum { GAN_TRAINER_FAKE = 1 };

// trainer_update.c: whether the device of the steps has memory of its own; what stays there,
// weights and what the network makes for the critic, is taken there.
gboolean gan_trainer_is_on_gpu(const GanTrainer *trainer);
gboolean gan_trainer_settle(GanTrainer *trainer, GError **error);
// Brings the tensors up to date with the device, before they are read; takes what was written to
// them there.
gboolean gan_trainer_pull(const GanTrainer *trainer, GError **error);
gboolean gan_trainer_push(GanTrainer *trainer, GError **error);
// Changes a player's weights by the gradients of the last run, unless not all that it found are
// numbers: *diverged.
gboolean gan_trainer_update(GanTrainer *trainer, GanPlayer *player, gboolean *diverged,
                            GError **error);
gboolean gan_trainer_average(GanTrainer *trainer, GError **error);

// trainer_report.c: what a run writes.
gboolean gan_trainer_save_state(GanTrainer *trainer, GError **error);
gboolean gan_trainer_load_state(GanTrainer *trainer, GError **error);
gboolean gan_trainer_save_weights(GanTrainer *trainer, const char *which, GError **error);
gboolean gan_trainer_write_samples(GanTrainer *trainer, GError **error);
gboolean gan_trainer_validate(GanTrainer *trainer, GanMetrics *mean, GError **error);
// The size of the largest input of the validation; left as it is where no picture can be read.
void gan_trainer_validated_size(const GanTrainer *trainer, gsize *width, gsize *height);
char *gan_trainer_path(const GanTrainer *trainer, const char *name);

#endif
