// SPDX-License-Identifier: LGPL-3.0-or-later
// A training recipe: a key file that a person copies and edits, checked key by key against the
// tables of all who read it.
#ifndef GAN_RECIPE_H
#define GAN_RECIPE_H

#include "keys.h"

// Reads the text of a recipe. `changes`: NULL or NULL-terminated "section.key=value" that replace
// what the file says. Keys that are called otherwise today are converted, with a notice.
// Errors:  GAN_ERROR_FILE. GAN_ERROR_FORMAT: a line is neither section, key nor comment, or a
//          key comes twice; the message names file and line. GAN_ERROR_ARGUMENT: a change is
//          not of that form.
GanRecipe *gan_recipe_open(const char *path, const char *const *changes, GError **error);
void gan_recipe_free(GanRecipe *recipe); // accepts NULL
G_DEFINE_AUTOPTR_CLEANUP_FUNC(GanRecipe, gan_recipe_free)

// Reads all values by the tables `keys`, NULL-terminated, and checks what each table says. A key
// that only one of `others` has is left out, with a notice.
// Owner:   keeps the tables.
// Errors:  GAN_ERROR_FORMAT: a section or key that nobody knows, a value that is none, or one that
//          is missing, or settings that do not go together; the message names file and line, or
//          the change, and the known key that is nearest.
gboolean gan_recipe_fill(GanRecipe *recipe, const GanKeys *const *keys,
                         const GanKeys *const *others, GError **error);

// Returns the settings that one of the tables filled.
// Owner:   recipe.
gconstpointer gan_recipe_settings(const GanRecipe *recipe, const GanKeys *keys);

const char *gan_recipe_path(const GanRecipe *recipe);

// Returns what was given for a key, as it was written, before or after it is read; NULL: nothing.
const char *gan_recipe_word(const GanRecipe *recipe, const char *section, const char *key);

// Lines on what a person should know about the recipe: texts.
const GPtrArray *gan_recipe_notices(const GanRecipe *recipe);

// Returns FALSE and says what is wrong with a key, "section.key", naming where it was set.
// Errors:  GAN_ERROR_FORMAT.
gboolean gan_recipe_refuse(const GanRecipe *recipe, const char *full, GError **error,
                           const char *format, ...) G_GNUC_PRINTF(4, 5);

// Settings that do not go together.
typedef struct {
    gboolean wrong;
    const char *full; // the key that the message points at, "section.key"
    const char *text;
} GanRule;

// Refuses the first rule that is broken.
gboolean gan_recipe_check(const GanRecipe *recipe, const GanRule *rules, gsize n, GError **error);

// Returns all settings, those that were not given too, as the text of a recipe.
// Owner:   the caller frees it.
char *gan_recipe_text(const GanRecipe *recipe);

// Returns the settings that were given, as the text of a recipe, files and folders by their last
// names alone: what may be told to others.
// Owner:   the caller frees it.
char *gan_recipe_given(const GanRecipe *recipe);

// Returns one setting as text.
// Owner:   the caller frees it.
char *gan_recipe_value(const GanRecipe *recipe, const char *section, const char *key);

#endif
