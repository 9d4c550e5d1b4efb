// SPDX-License-Identifier: LGPL-3.0-or-later
// Python pickles (protocols 0 to 5) turned into plain data. Nothing is looked up or executed: a
// call becomes data only if its name stands in a short list (pickle_call.c); any other call is an
// error that names it. Memory is bounded, nothing recurses, and a value may be part of itself.
// Source:  CPython Lib/pickletools.py; PyTorch torch/serialization.py for persistent ids.
#ifndef GAN_PICKLE_H
#define GAN_PICKLE_H

#include "element.h"

typedef enum {
    GAN_PICKLE_NONE,
    GAN_PICKLE_BOOL,
    GAN_PICKLE_INT,
    GAN_PICKLE_BIG_INT, // string: little-endian two's complement, more than 64 bits
    GAN_PICKLE_FLOAT,
    GAN_PICKLE_STRING,
    GAN_PICKLE_BYTES,
    GAN_PICKLE_TUPLE,
    GAN_PICKLE_LIST,
    GAN_PICKLE_SET,
    GAN_PICKLE_DICT,   // items: key, value, key, value, …; of equal keys the last counts
    GAN_PICKLE_OBJECT, // a TorchScript object: items as of a dict, its attributes
    GAN_PICKLE_GLOBAL,
    GAN_PICKLE_STORAGE,
    GAN_PICKLE_TENSOR,
    GAN_PICKLE_OPAQUE, // something harmless that weights do not need
} GanPickleKind;

// One storage of the file, shared by the tensors that are views of it.
typedef struct {
    char *key;
    GanElement element;
    gsize n_elements;
    const guint8 *data; // NULL until the container's reader has found it
} GanPickleStorage;

// A run of elements of a storage.
typedef struct {
    GanPickleStorage *storage;
    gsize offset, n_elements;
    gboolean untyped; // elements are bytes, until a tensor says what they are
} GanPickleView;

typedef struct {
    GanPickleStorage *storage;
    GanElement element; // the storage's, but of an untyped one
    gsize offset;       // of such elements, from the storage's start
    guint rank;
    gsize shape[GAN_TENSOR_MAX_RANK];
    gsize stride[GAN_TENSOR_MAX_RANK];
} GanPickleTensor;

typedef struct GanPickleValue GanPickleValue;
struct GanPickleValue {
    GanPickleKind kind;
    union {
        gint64 integer; // INT, BOOL
        double real;
        struct {
            const char *text;
            gsize length;
        } string; // STRING, BYTES, BIG_INT
        struct {
            const char *module, *name;
        } global;
        struct {
            GanPickleValue **items;
            gsize n, capacity;
        } list; // TUPLE, LIST, SET, DICT, OBJECT
        GanPickleView view;
        GanPickleTensor *tensor;
    };
};

typedef struct GanPickle GanPickle;

// Makes a reader; values live as long as it does.
// Owner:   borrows data.
GanPickle *gan_pickle_new(const guint8 *data, gsize length);
void gan_pickle_free(GanPickle *pickle); // accepts NULL
G_DEFINE_AUTOPTR_CLEANUP_FUNC(GanPickle, gan_pickle_free)

// Reads one pickle from the current position on and stops behind it.
// Owner:   the reader.
// Errors:  GAN_ERROR_FORMAT, GAN_ERROR_FORBIDDEN.
GanPickleValue *gan_pickle_load(GanPickle *pickle, GError **error);

gsize gan_pickle_position(const GanPickle *pickle);

// Returns the storage that a persistent id called `key`, or NULL.
GanPickleStorage *gan_pickle_find_storage(const GanPickle *pickle, const char *key);

gboolean gan_pickle_is_string(const GanPickleValue *value, const char *text);

// Returns the value of a DICT's or OBJECT's key, or NULL.
GanPickleValue *gan_pickle_lookup(const GanPickleValue *dict, const char *key);

#endif
