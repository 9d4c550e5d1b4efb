// SPDX-License-Identifier: LGPL-3.0-or-later
// What the engine sees of a device: its backend and the open context.
#ifndef GAN_DEVICE_PRIVATE_H
#define GAN_DEVICE_PRIVATE_H

#include <gan/device.h>
#include <gk.h>

const GkBackend *gan_device_backend(const GanDevice *device);
GkContext *gan_device_context(const GanDevice *device);

// Turns a kernel's status into `error`, with `what` (an operation and its node's name) in front.
// Returns TRUE for GK_OK.
gboolean gan_device_check(GkStatus status, const char *what, GError **error);

// The same with the device's own words behind it, where it has some.
gboolean gan_device_check_on(const GanDevice *device, GkStatus status, const char *what,
                             GError **error);

// Returns the device on the same GPU that computes in `dtype`; the device itself where it does, or
// where it is no GPU.
// Owner:   the device.
// Errors:  GAN_ERROR_DEVICE: the GPU cannot.
GanDevice *gan_device_in(GanDevice *device, GkDtype dtype, GError **error);

// Returns the bytes of the system's memory that the process could still take.
guint64 gan_process_free_bytes(void);

#endif
