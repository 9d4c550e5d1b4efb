// SPDX-License-Identifier: LGPL-3.0-or-later
// The keys of a recipe: what each takes, where in the recipe it stands, and how it is read and
// written.
#ifndef GAN_RECIPE_KEYS_H
#define GAN_RECIPE_KEYS_H

#include "recipe.h"

typedef enum {
    GAN_KEY_TEXT,
    GAN_KEY_FILE,    // char *: a file or folder
    GAN_KEY_INTEGER, // guint
    GAN_KEY_LARGE,   // guint64
    GAN_KEY_NUMBER,  // double
    GAN_KEY_FLAG,    // yes, no
    GAN_KEY_CHOICE,  // guint: index into `choices`
    GAN_KEY_RANGE,   // GanRange: "low high"
    GAN_KEY_THREE,   // double[3]
    GAN_KEY_SIX,     // double[6]
    GAN_KEY_STEPS,   // GanSteps: "n n n"
} GanKeyType;

typedef struct {
    const char *section, *key;
    GanKeyType type;
    gsize offset;
    double low, high;
    const char *fallback; // NULL: the key must be given
    const char *choices;  // words between bars
} GanRecipeKey;

extern const GanRecipeKey gan_recipe_keys[];
extern const guint gan_n_recipe_keys;

// Returns the row of a key, or NULL.
const GanRecipeKey *gan_recipe_key_find(const char *section, const char *key);

// Returns what a key takes, for messages.
// Owner:   the caller.
char *gan_recipe_key_takes(const GanRecipeKey *key);

// Reads a value; FALSE: the key does not take it.
gboolean gan_recipe_key_read(GanRecipe *recipe, const GanRecipeKey *key, const char *text);

// Returns the value as it is written in a recipe.
// Owner:   the caller.
char *gan_recipe_key_text(const GanRecipe *recipe, const GanRecipeKey *key);

// Frees what the value holds.
void gan_recipe_key_clear(GanRecipe *recipe, const GanRecipeKey *key);

#endif
