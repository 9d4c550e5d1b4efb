// SPDX-License-Identifier: LGPL-3.0-or-later
// Tensors on a device with memory of its own, one behind the other in one array, so that one kernel
// works on all of them.
#ifndef GAN_FLAT_H
#define GAN_FLAT_H

#include <device-private.h>
#include <gan/tensor.h>

typedef struct GanFlat GanFlat;

// Makes an array for `n` tensors, full of zeros. Arrays for tensors of equal shapes are alike.
// Owner:   keeps references to the device and to the tensors.
// Errors:  GAN_ERROR_MEMORY, GAN_ERROR_DEVICE.
GanFlat *gan_flat_new(GanDevice *device, GanTensor *const *tensors, guint n, GError **error);
void gan_flat_free(GanFlat *flat); // accepts NULL
G_DEFINE_AUTOPTR_CLEANUP_FUNC(GanFlat, gan_flat_free)

// Copies all tensors to the device, and back.
gboolean gan_flat_push(GanFlat *flat, GError **error);
gboolean gan_flat_pull(GanFlat *flat, GError **error);

// All numbers as channels of one pixel, or as pixels of one channel; those between tensors are 0
// as long as operations leave zeros alone.
GkView gan_flat_channels(const GanFlat *flat);
GkView gan_flat_pixels(const GanFlat *flat);

guint gan_flat_n(const GanFlat *flat);
GanTensor *gan_flat_tensor(const GanFlat *flat, guint i);

// Where a tensor's numbers are on the device.
void *gan_flat_at(const GanFlat *flat, guint i);

#endif
