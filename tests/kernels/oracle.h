// SPDX-License-Identifier: LGPL-3.0-or-later
// The inside of CheckOracle and CheckMemory.
#ifndef ORACLE_H
#define ORACLE_H

#include "check.h"

struct CheckOracle {
    const CheckCase *c;
    float *vectors[CHECK_MAX_VECTORS];   // NULL for a length of 0
    float *values[CHECK_MAX_TENSORS];    // inputs, dense channels-last; NULL for results
    double *expected[CHECK_MAX_TENSORS]; // all tensors after the call; NULL for aliases
};

// What may happen to a word of a buffer.
typedef enum {
    OWNER_KEEP,   // it must stay as it was: inputs, other channels, gaps, guards
    OWNER_RESULT, // it must become a result
    OWNER_NOBODY, // it may hold anything
} Owner;

// A buffer with guard words around it.
typedef struct {
    float *base;     // the first guard word
    void *on_device; // where `base` is but the shadow of a device's memory; else NULL
    GkDtype dtype;   // of the device's elements
    size_t n_words;
    GkView view;   // the whole buffer
    float *before; // all words as they were before the first call
    guint8 *owner; // an Owner for each word
} Guarded;

struct CheckMemory {
    const CheckOracle *oracle;
    const CheckTarget *target;
    Guarded buffers[CHECK_MAX_TENSORS];
    GkView views[CHECK_MAX_TENSORS];
    float *vectors[CHECK_MAX_VECTORS];
    void *device_vectors[CHECK_MAX_VECTORS]; // NULL where the memory is the process's
    GkPlan *plan;
};

#endif
