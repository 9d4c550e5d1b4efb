// SPDX-License-Identifier: LGPL-3.0-or-later
// Keys of recipes: whoever reads a setting declares it in a table of its own, with the struct that
// the table fills.
//
//   typedef struct { guint features; double rate; } Settings;
//   #define AT(member) offsetof(Settings, member)
//   static const GanKey rows[] = {
//       {"critic", "features", GAN_KEY_INTEGER, AT(features), 1, 1024, "64", NULL},
//       {"critic", "rate", GAN_KEY_NUMBER, AT(rate), 0, 1, "0", NULL},
//   };
//   const GanKeys gan_critic_keys = {rows, G_N_ELEMENTS(rows), sizeof(Settings), NULL};
#ifndef GAN_KEYS_H
#define GAN_KEYS_H

#include <gan/error.h>

typedef enum {
    GAN_KEY_TEXT,
    GAN_KEY_FILE,    // char *: a file or folder
    GAN_KEY_INTEGER, // guint
    GAN_KEY_LARGE,   // guint64
    GAN_KEY_NUMBER,  // double
    GAN_KEY_FLAG,    // gboolean: yes, no
    GAN_KEY_CHOICE,  // guint: index into `choices`
    GAN_KEY_RANGE,   // GanRange: "low high"
    GAN_KEY_THREE,   // double[3]
    GAN_KEY_SIX,     // double[6]
    GAN_KEY_STEPS,   // GanSteps: "n n n"
} GanKeyType;

typedef struct {
    double low, high;
} GanRange;

// A list of whole numbers that rise.
typedef struct {
    guint n;
    guint64 *values;
} GanSteps;

typedef struct {
    const char *section, *key;
    GanKeyType type;
    gsize offset; // in the settings that the table fills
    double low, high;
    const char *fallback; // NULL: the key must be given
    const char *choices;  // words between bars
} GanKey;

typedef struct GanRecipe GanRecipe;

typedef struct {
    const GanKey *rows;
    guint n;
    gsize bytes; // of the settings
    // Fills in what follows from the settings, and says what does not go together; NULL: nothing.
    gboolean (*check)(const GanRecipe *recipe, gpointer settings, GError **error);
} GanKeys;

// Returns what a key takes, for messages.
// Owner:   the caller.
char *gan_key_takes(const GanKey *key);

// Reads a value into the settings; FALSE: the key does not take it.
gboolean gan_key_read(const GanKey *key, const char *text, gpointer settings);

// Returns the value as it is written in a recipe.
// Owner:   the caller.
char *gan_key_text(const GanKey *key, gconstpointer settings);

// Frees what the value holds.
void gan_key_clear(const GanKey *key, gpointer settings);

#endif
