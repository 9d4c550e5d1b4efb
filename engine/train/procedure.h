// SPDX-License-Identifier: LGPL-3.0-or-later
// A way to train: one file under procedures/, which declares the settings that it reads, builds its
// players, and says what one step, one sample sheet, one validation and one save are. The list of
// procedures is made by the build from the files.
#ifndef GAN_PROCEDURE_H
#define GAN_PROCEDURE_H

#include "memory.h"
#include "training.h"

#define GAN_SCORES 8

// What a validation found; the more, the better of the first score.
typedef struct {
    struct {
        const char *name; // in the log, behind "validation/"
        double value;
    } scores[GAN_SCORES];
    guint n;
    char *text; // for a person; the caller frees it
} GanValidation;

typedef struct {
    const char *name;           // in recipes: [recipe] procedure
    const GanKeys *const *keys; // tables of the settings that it reads, NULL-terminated

    // Says what does not go together; NULL: every table has said all.
    gboolean (*check)(const GanRecipe *recipe, GError **error);

    // Opens the data and makes networks, players and turns. *own: receives what the procedure keeps
    // of its own, which free() takes when all turns and players are gone, after an error too. The
    // rate in the log is the first player's.
    gboolean (*begin)(GanTraining *training, gpointer *own, GError **error);
    void (*free)(gpointer own); // accepts NULL

    // Trains one step: runs turns and updates players. *diverged: what it found are no numbers.
    gboolean (*step)(gpointer own, gboolean *diverged, GError **error);

    // Writes a sheet of samples to `path`, a PNG; NULL: there are none.
    gboolean (*samples)(gpointer own, const char *path, GError **error);

    // Measures pictures that the players have not seen; NULL: there is no such measure.
    gboolean (*validate)(gpointer own, GanValidation *found, GError **error);

    // Writes what the run is for: weight files, whose names hold `which`, "last" or "best".
    gboolean (*save)(gpointer own, const char *which, GError **error);

    // Adds what its own state is beyond players, and takes it back after the tensors were read;
    // NULL: there is none.
    void (*keep)(gpointer own, GanCheckpoint *state);
    void (*restore)(gpointer own, const GanCheckpoint *state);

    // Adds the memory of what runs between steps: samples, validation; NULL: none.
    gboolean (*foresee)(gpointer own, GanMemory *memory, GError **error);
} GanProcedure;

extern const GanProcedure *const gan_procedures[]; // NULL-terminated

// Reads a recipe with the procedure of the list that it names.
// Errors:  those of gan_recipe_open() and gan_recipe_fill(); GAN_ERROR_FORMAT: no procedure of this
//          name, or settings that do not go together.
GanRecipe *gan_procedure_read(const GanProcedure *const *procedures, const char *path,
                              const char *const *changes, const GanProcedure **procedure,
                              GError **error);

#endif
