// SPDX-License-Identifier: LGPL-3.0-or-later
// The pickle machine: between its opcodes (pickle.c), its values (pickle_value.c) and
// the calls that it knows (pickle_call.c).
#ifndef GAN_PICKLE_PRIVATE_H
#define GAN_PICKLE_PRIVATE_H

#include "pickle.h"

struct GanPickle {
    const guint8 *data;
    gsize length, position;
    GPtrArray *blocks; // all values and arrays, freed at once
    guint8 *free_space;
    gsize free_bytes, spent_bytes;
    GPtrArray *stack;
    GHashTable *memo;     // index -> value, of the pickle being read
    GHashTable *storages; // key -> GanPickleStorage
    GStringChunk *strings;
    GError *error; // the first one
};

// Sets the machine's error and returns NULL.
gpointer gan_pickle_fail(GanPickle *pickle, GanError code, const char *format, ...)
    G_GNUC_PRINTF(3, 4);

// Give zeroed memory that lives as long as the machine, or NULL with its error set.
gpointer gan_pickle_alloc(GanPickle *pickle, gsize bytes);
GanPickleValue *gan_pickle_value(GanPickle *pickle, GanPickleKind kind);

// Takes from the budget, or sets the error.
gboolean gan_pickle_spend(GanPickle *pickle, gsize bytes);

// Appends items to a container.
gboolean gan_pickle_extend(GanPickle *pickle, GanPickleValue *list, GanPickleValue *const *items,
                           gsize n);

// Appends `n` keys and values.
// Errors:  a key that Python could not hash.
gboolean gan_pickle_set_items(GanPickle *pickle, GanPickleValue *dict, GanPickleValue *const *items,
                              gsize n);

// Stands in for callable(*arguments). `arguments` is a TUPLE.
GanPickleValue *gan_pickle_call(GanPickle *pickle, GanPickleValue *callable,
                                GanPickleValue *arguments);

// Stands in for object.__setstate__(state).
gboolean gan_pickle_build(GanPickle *pickle, GanPickleValue *object, GanPickleValue *state);

// Turns a persistent id into a STORAGE.
GanPickleValue *gan_pickle_persistent(GanPickle *pickle, GanPickleValue *id);

// Reads a line's integer; *truth: it stands for a truth value ("00", "01"). `truth` may be NULL.
gboolean gan_pickle_text_int(GanPickle *pickle, const char *text, gsize length, gint64 *number,
                             gboolean *truth);

// Decodes a line's string in place of itself: repr() of a byte string, or raw-unicode-escape.
gboolean gan_pickle_text_string(GanPickle *pickle, const char **text, gsize *length,
                                gboolean unicode);

#endif
