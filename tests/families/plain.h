// SPDX-License-Identifier: LGPL-3.0-or-later
// Families of which there is no golden file of the authors' code, defined a second time in plain
// loops over the state dict, in double. They share no line with the engine.
#ifndef TESTS_FAMILIES_PLAIN_H
#define TESTS_FAMILIES_PLAIN_H

#include "support.h"

typedef struct {
    const char *family, *variant;
    Dict *(*make)(GRand *rand);                               // random weights
    GanTensor *(*run)(const Dict *dict, const GanTensor *in); // NHWC
    guint scale, channels;
} PlainModel;

extern const PlainModel plain_models[]; // ends with family NULL

// The same definitions over weights of any size.
GanTensor *plain_srresnet(const Dict *dict, const GanTensor *in);
GanTensor *plain_dncnn(const Dict *dict, const GanTensor *in);

#endif
