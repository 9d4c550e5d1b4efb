// SPDX-License-Identifier: LGPL-3.0-or-later
// The pickle machine: between its opcodes (pickle.c) and the calls that it knows (pickle_call.c).
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

gboolean gan_pickle_append(GanPickle *pickle, GanPickleValue *list, GanPickleValue *item);

// Appends `n` keys and values. Errors: a key that Python could not hash.
gboolean gan_pickle_set_items(GanPickle *pickle, GanPickleValue *dict, GanPickleValue *const *items,
                              gsize n);

// Stands in for callable(*arguments). `arguments` is a TUPLE.
GanPickleValue *gan_pickle_call(GanPickle *pickle, GanPickleValue *callable,
                                GanPickleValue *arguments);

// Stands in for object.__setstate__(state).
gboolean gan_pickle_build(GanPickle *pickle, GanPickleValue *object, GanPickleValue *state);

// Turns a persistent id into a STORAGE.
GanPickleValue *gan_pickle_persistent(GanPickle *pickle, GanPickleValue *id);

#endif
