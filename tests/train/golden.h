// SPDX-License-Identifier: LGPL-3.0-or-later
// Golden files of PyTorch's: inputs, upstream gradients, and what came out in double precision.
#ifndef GOLDEN_H
#define GOLDEN_H

#include "parameters.h"
#include "step.h"

// The devices that are compared with PyTorch: the processor's, or the one that
// TEST_DEVICE names. NULL-terminated.
const char *const *golden_devices(void);

// Opens one of them. Returns NULL where the processor lacks it.
GanDevice *golden_device(const char *name);

// tests/golden/train/<name>.safetensors.
GanWeights *golden_open(const char *name);

// A tensor of the file, or NULL.
GanTensor *golden_find(GanWeights *pack, const char *format, ...) G_GNUC_PRINTF(2, 3);

// The same, and an error if it is not there.
GanTensor *golden_tensor(GanWeights *pack, const char *format, ...) G_GNUC_PRINTF(2, 3);

// An N C H W picture as channels-last floats, and its shape.
float *golden_picture(const GanTensor *tensor);
GanShape golden_picture_shape(const GanTensor *tensor);

// Fails if two arrays differ by more than `limit` times max(1, the largest wanted).
void golden_compare(const char *what, const float *found, const float *wanted, gsize length,
                    double limit);

// Adds a copy of a tensor.
void golden_add_parameter(GanParameters *parameters, const char *name, GanParameterKind kind,
                          const GanTensor *from);

#endif
