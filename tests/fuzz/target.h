// SPDX-License-Identifier: LGPL-3.0-or-later
// What the fuzz targets share: open bytes as a weight file and read everything in it.
#ifndef GAN_FUZZ_TARGET_H
#define GAN_FUZZ_TARGET_H

#include <gan/weights.h>

// The entry point that libFuzzer and replay.c call.
int LLVMFuzzerTestOneInput(const guint8 *data, gsize length);

// Aborts if the reader breaks its contract. Takes no ownership.
void fuzz_read(const guint8 *data, gsize length, const char *name);

#endif
