// SPDX-License-Identifier: LGPL-3.0-or-later
// What the tests of the families share: golden files, state dicts to damage, comparisons.
#ifndef TESTS_FAMILIES_SUPPORT_H
#define TESTS_FAMILIES_SUPPORT_H

#include <family.h>
#include <gan/model.h>
#include <json-glib/json-glib.h>

// --- golden files: tests/golden/index.json and what it lists ---

typedef struct {
    char *family, *variant;
    JsonObject *json; // the entry, borrowed
    GPtrArray *files; // paths of all containers of its weights, safetensors first
    char *golden;     // path of inputs and outputs
} GoldenModel;

// Returns all entries of the index, also those of families that are not in the list yet.
// Owner:   the program, until its end.
const GPtrArray *golden_models(void);

// Returns what the file cannot tell of this entry.
GanModelOptions golden_options(const GoldenModel *model);

// --- tensors ---

GanTensor *tensor_filled(guint rank, const gsize *shape, float value);
GanTensor *tensor_random(GRand *rand, double scale, guint rank, ...); // normal, dimensions as gsize
GanTensor *nhwc_of_nchw(const GanTensor *nchw);

// Greatest difference, or infinity where the shapes differ or a number is NaN; and greatest value.
double difference(const GanTensor *a, const GanTensor *b);
double magnitude(const GanTensor *a);

// --- state dicts ---

typedef struct {
    GPtrArray *names, *tensors;
} Dict;

Dict *dict_new(void);
Dict *dict_of(GanWeights *weights);
void dict_free(Dict *dict);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(Dict, dict_free)
void dict_set(Dict *dict, const char *name, GanTensor *tensor); // takes tensor
void dict_drop(Dict *dict, const char *name);
GanTensor *dict_get(const Dict *dict, const char *name); // borrowed

// Writes a safetensors file into the test's own folder and opens it.
GanWeights *dict_open(const Dict *dict);
GanWeights *dict_open_with(const Dict *dict, const char *const *metadata);

// --- devices ---

// Opens a device, or skips the running test and returns NULL if this machine has none such.
GanDevice *device_or_skip(const char *name);
extern const char *const device_names[]; // NULL-terminated

// What a device's output may differ from the authors', by the greatest value of the output.
// Winograd F(4x4,3x3) in float32 loses two to three digits to the direct formula, so its
// devices get 2e-4.
double device_limit(const char *name);

// Runs a network that was not fused, or that was.
GanTensor *run_graph(GanGraph *graph, GanDevice *device, const GanTensor *in); // takes graph

#endif
