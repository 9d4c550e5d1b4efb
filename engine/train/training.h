// SPDX-License-Identifier: LGPL-3.0-or-later
// What a procedure trains with: the recipe, the data, the devices, and the players that it makes of
// them. Nothing here knows a procedure.
#ifndef GAN_TRAINING_H
#define GAN_TRAINING_H

#include "checkpoint.h"
#include "data_keys.h"
#include "network.h"
#include "turn.h"
#include <gan/model.h>
#include <gan/trainer.h>
#include <run.h>

// Where batches and random numbers come from instead of the loader and the seed, so that a known
// run can be repeated.
typedef struct {
    gsize height, width; // of the targets
    gboolean (*batch)(gpointer data, GanBatch *batch, GError **error);
    void (*numbers)(gpointer data, float *numbers); // that a procedure would draw; or NULL
    gpointer data;
} GanTrainingSource;

typedef struct {
    GanRecipe *recipe;
    const GanRunSettings *run;       // of the recipe
    const GanTrainingSource *source; // or NULL
    GanDevice *device;
    GanDevice *step_device; // of the same GPU, in the recipe's precision; owned by `device`
    gboolean resumes;       // a former run's state replaces what is made anew
    char *changes;          // settings that were given beside the recipe's, a line each
    char *data;             // path
    char *output, *name;    // folder; of what is written there

    GanDataset *dataset, *validation; // validation: or NULL
    char *data_hash;
    GanLoaderOptions loading; // that the procedure set
    GanLoader *loader;

    char *network_text; // for a person: what is trained
    GPtrArray *players; // of GanPlayer
    GPtrArray *turns;   // of GanTurn

    guint64 step, n_batches; // done, and taken, so far
    double rate_factor;      // halved by each rollback
    char *best_name;         // of the measure of `best`, as in the log; NULL: there is none
    double best;             // measure of the best weights so far
    char *result;            // path of the weights that were written last; or NULL
    GanTrainerNotice notice; // or NULL
    gpointer notice_data;
} GanTraining;

// Tells the user.
void gan_training_say(const GanTraining *training, const char *format, ...) G_GNUC_PRINTF(2, 3);

// Returns the path of a file in the output folder.
// Owner:   the caller.
char *gan_training_path(const GanTraining *training, const char *name);

// Opens the data, of the recipe's kind and so many channels; `scale`: see GanDatasetOptions.
// Opens those of the validation, too, where the recipe names some and `validates`.
// Errors:  gan_dataset_open()'s.
gboolean gan_training_open_data(GanTraining *training, guint channels, guint scale,
                                gboolean validates, GError **error);

// Takes the next batch.
// Owner:   the caller clears it.
gboolean gan_training_batch(GanTraining *training, GanBatch *batch, GError **error);

// The size of a batch's targets: the loader's patch, or what the source says.
GanShape gan_training_target(const GanTraining *training, guint channels);

// Random numbers for `use` that depend on the seed and `index` alone.
GanRandom gan_training_random(const GanTraining *training, GanRandomUse use, guint64 index);

// Makes a player or a turn that the training owns.
GanPlayer *gan_training_player(GanTraining *training, const char *name, GanPlayerRole role,
                               const GanLearning *learning);
GanTurn *gan_training_turn(GanTraining *training);

// Changes a player's weights by the gradients of its last turn; see gan_player_update().
gboolean gan_training_update(GanTraining *training, GanPlayer *player, gboolean *diverged,
                             GError **error);

// Whether the device of the steps has memory of its own.
gboolean gan_training_is_on_gpu(const GanTraining *training);

// Takes all players to the device, and has all turns read their weights there.
gboolean gan_training_settle(GanTraining *training, GError **error);

// Brings all tensors up to date with the device; takes what was written to them there.
gboolean gan_training_pull(const GanTraining *training, GError **error);
gboolean gan_training_push(const GanTraining *training, GError **error);

// Returns a player's network as it would be saved now, ready to run: of running averages where
// there are any.
GanModel *gan_training_model(const GanTraining *training, const GanPlayer *player,
                             const GanNetwork *network, GError **error);

// Writes a player's network as a weight file of the run, "NAME-which", with what the run tells of
// it and `metadata`: keys and values in turn, NULL-terminated; values that are empty are left out.
gboolean gan_training_save_network(GanTraining *training, const GanPlayer *player,
                                   const GanNetwork *network, const char *which,
                                   const char *const *metadata, GError **error);

// Says which tensors of `network` begin anew although a file was given for them.
void gan_training_say_unread(const GanTraining *training, const GanNetwork *network,
                             const char *file);

// What stands above a sheet of samples: the recipe's title and the step.
// Owner:   the caller.
char *gan_training_sheet_title(const GanTraining *training);

// Frees what the training holds.
void gan_training_clear(GanTraining *training);

#endif
