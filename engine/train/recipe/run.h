// SPDX-License-Identifier: LGPL-3.0-or-later
// What every recipe says, whatever it trains: [recipe], [run] and [output].
#ifndef GAN_RUN_H
#define GAN_RUN_H

#include "recipe.h"

typedef struct {
    char *title, *paper;
    char *procedure; // the way to train, by name
} GanRecipeTitle;

// What a graphics processor's steps compute in; a processor's compute in float32.
typedef enum {
    GAN_PRECISION_FLOAT32,
    GAN_PRECISION_BFLOAT16, // mixed: see step.h
} GanPrecision;

typedef struct {
    guint64 steps, seed;
    guint precision; // GanPrecision
    guint log_every, samples_every, validate_every, save_every, n_samples;
    double diverged; // a loss this many times its running mean counts as divergence
    char *name;      // of what is written; "": the recipe's
    char *licence, *good_for, *note;
} GanRunSettings;

extern const GanKeys gan_title_keys; // GanRecipeTitle
extern const GanKeys gan_run_keys;   // GanRunSettings

#endif
