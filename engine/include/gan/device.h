// SPDX-License-Identifier: LGPL-3.0-or-later
// Where networks run: the CPU with a number of threads, or a graphics processor.
#ifndef GAN_DEVICE_H
#define GAN_DEVICE_H

#include <gan/error.h>

G_BEGIN_DECLS

typedef struct GanDevice GanDevice;

// Opens a device.
// `name`:      "auto" (the fastest there is), "cpu", "cuda", "reference" (slow, exact: for checks;
//              "reference:double" for finite differences).
//              "cpu:avx2" and so on force an instruction set: avx512, avx2, plain.
//              "cuda:1", "cuda:RTX" choose one of several GPUs by index or a part of its name;
//              "cuda:float32" (and bfloat16; float16 is usual) the type that it computes in;
//              "cuda:own", "cuda:cudnn" whose kernels come first. They go together: "cuda:1:own".
// `n_threads`: CPU threads; 0 takes the cores that the process may use.
// Errors:  GAN_ERROR_DEVICE: no such device here; the message says why.
// Threads: a device serves one caller at a time.
GanDevice *gan_device_open(const char *name, guint n_threads, GError **error);
GanDevice *gan_device_ref(GanDevice *device);
void gan_device_unref(GanDevice *device); // accepts NULL
G_DEFINE_AUTOPTR_CLEANUP_FUNC(GanDevice, gan_device_unref)

// Returns a sentence such as "CPU, 2 threads, AVX-512".
// Owner:   the device.
const char *gan_device_description(const GanDevice *device);

// Returns why "auto" took the CPU although this installation can use a GPU, or NULL.
// Owner:   the device.
const char *gan_device_note(const GanDevice *device);

// Returns how long a GPU has computed since it was opened, transfers not counted; 0 for others.
double gan_device_busy_seconds(const GanDevice *device);

guint gan_device_n_threads(const GanDevice *device);

// Returns the bytes of memory that the device could still give, as the system reports it now.
guint64 gan_device_free_bytes(const GanDevice *device);

G_END_DECLS
#endif
