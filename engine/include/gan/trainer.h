// SPDX-License-Identifier: LGPL-3.0-or-later
// Training: a recipe and data in, weights out.
#ifndef GAN_TRAINER_H
#define GAN_TRAINER_H

#include <gan/error.h>

G_BEGIN_DECLS

// Returns the path of the recipe that `name` means: an existing file, or the name of one in
// $XDG_DATA_HOME/gimp-gan/recipes or gimp-gan/recipes in $XDG_DATA_DIRS.
// Owner:   the caller frees it.
// Errors:  GAN_ERROR_FILE: there is none; the message says where was looked and what there is.
char *gan_recipe_find(const char *name, GError **error);

// Called with a line on what is worth knowing: a key that is called otherwise now, a picture passed
// over, a validation, a rollback.
typedef void (*GanTrainerNotice)(const char *text, gpointer data);

typedef struct {
    const char *recipe;         // path
    const char *const *changes; // "section.key=value", NULL-terminated; or NULL
    const char *data;           // folder, pack, or folder of IDX or CIFAR files
    const char *output;         // folder that the run writes to; made when it is missing
    const char *device;         // see gan_device_open(); NULL: "auto"
    guint n_threads;            // 0: the cores that the process may use
    // Go on from the checkpoint in `output`, with the changes that were given there, too; those
    // that are given now come last.
    gboolean resume;
    gboolean plans;          // only gan_trainer_plan() will be called: `output` may hold anything
    GanTrainerNotice notice; // or NULL
    gpointer notice_data;
} GanTrainerOptions;

typedef struct GanTrainer GanTrainer;

// Reads the recipe, opens the data, makes the networks and what a step needs. Nothing is written
// yet. The program has called gan_image_init().
// Owner:   copies what it keeps.
// Errors:  those of reading recipe, data and weights; GAN_ERROR_FILE: `output` holds what a run has
//          saved and `resume` is not set, or is set and there is no checkpoint.
// Threads: notices come on the calling thread, here and while the trainer runs.
GanTrainer *gan_trainer_new(const GanTrainerOptions *options, GError **error);
void gan_trainer_free(GanTrainer *trainer); // accepts NULL
G_DEFINE_AUTOPTR_CLEANUP_FUNC(GanTrainer, gan_trainer_free)

typedef struct {
    const char *title;        // of the recipe
    const char *network;      // family and size; owned by the trainer
    const char *device;       // what computes; owned by the trainer
    guint64 n_weights;        // of what is trained for its own sake
    guint64 n_critic_weights; // 0 without a critic
    guint64 n_pictures;       // of the data
    guint64 n_validation;     // pictures that are measured now and then; 0: none
    // The most that the process will take: weights, gradients, optimizer, values of the steps,
    // batches, cached pictures, samples, validation.
    guint64 memory_bytes;
    guint64 gpu_bytes;   // the same of a GPU's memory; 0 without one
    double flops;        // of one step, without the critic's second derivatives
    double step_seconds; // measured
    guint64 step, steps; // done, and in all
} GanTrainerPlan;

// Says what a run will be like. Trains for some steps to measure their time, so that the trainer is
// good for nothing else afterwards.
gboolean gan_trainer_plan(GanTrainer *trainer, GanTrainerPlan *plan, GError **error);

typedef struct {
    guint64 step, steps;
    guint64 first;            // steps that were done when this run began
    double images_per_second; // of the last steps
    const char *terms;        // "pixel 0.0312  critic 0.69", of the last steps in the mean
} GanTrainerState;

// Called after every step. Returning FALSE saves and stops.
typedef gboolean (*GanTrainerProgress)(const GanTrainerState *state, gpointer data);

// Trains until the recipe's steps are done or `progress` says to stop. Writes into the output
// folder: log.jsonl, curves.png, samples-N.png, checkpoint.safetensors, NAME-last.safetensors and,
// with validation, NAME-best.safetensors. Everything appears under its name whole or not at all.
// Errors:  GAN_ERROR_MEMORY, GAN_ERROR_DEVICE; GAN_ERROR_FORMAT: the data cannot be used, or the
//          run diverged again and again. What was saved stays; a run that ends before its first
//          step leaves nothing behind.
//          A file that cannot be written is a notice; the run goes on and tries again at the next
//          interval. Only at the end it is an error.
// Threads: the callback runs on the calling thread.
gboolean gan_trainer_run(GanTrainer *trainer, GanTrainerProgress progress, gpointer data,
                         GError **error);

// Path of the weights that a run wrote last or, with validation, found best; NULL before.
// Owner:   the trainer.
const char *gan_trainer_result(const GanTrainer *trainer);

// What the loader did: batches that the run took, and the seconds it waited for them.
void gan_trainer_waiting(const GanTrainer *trainer, guint64 *n_batches, double *seconds);

G_END_DECLS
#endif
