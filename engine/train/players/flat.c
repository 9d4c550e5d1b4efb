// SPDX-License-Identifier: LGPL-3.0-or-later
// Tensors one behind the other in an array on a device.
#include "flat.h"

#include <ops/elementwise.h>

// Numbers between the beginnings of two tensors: kernels read whole words of 16 bytes, and copies
// are fastest from lines of the cache on.
#define ALIGNMENT 64

struct GanFlat {
    GanDevice *device;
    guint n;
    GanTensor **tensors;
    gsize *first; // of each tensor's numbers; then how many there are in all
    float *data;  // on the device
};

static gsize bytes_of(const GanFlat *flat)
{
    return MAX(flat->first[flat->n], 1) * sizeof(float);
}

GanFlat *gan_flat_new(GanDevice *device, GanTensor *const *tensors, guint n, GError **error)
{
    g_autoptr(GanFlat) flat = g_new0(GanFlat, 1);
    flat->device = gan_device_ref(device);
    flat->n = n;
    flat->tensors = g_new0(GanTensor *, MAX(n, 1));
    flat->first = g_new0(gsize, n + 1);
    for (guint i = 0; i < n; i++) {
        flat->tensors[i] = gan_tensor_ref(tensors[i]);
        const gsize end = flat->first[i] + gan_tensor_length(tensors[i]);
        flat->first[i + 1] = (end + ALIGNMENT - 1) / ALIGNMENT * ALIGNMENT;
    }
    const GkBackend *backend = gan_device_backend(device);
    flat->data = backend->alloc(gan_device_context(device), bytes_of(flat));
    if (flat->data == NULL) {
        g_set_error(error, GAN_ERROR, GAN_ERROR_MEMORY,
                    "no memory for the %" G_GSIZE_FORMAT " MB of a network's weights",
                    bytes_of(flat) >> 20);
        return NULL;
    }
    const GkFill fill = {.y = gan_flat_channels(flat), .value = 0};
    const GkStatus status = backend->ops.fill == NULL
                                ? GK_ERROR_UNSUPPORTED
                                : backend->ops.fill(gan_device_context(device), &fill);
    return gan_device_check_on(device, status, "weights", error) ? g_steal_pointer(&flat) : NULL;
}

void gan_flat_free(GanFlat *flat)
{
    if (flat == NULL)
        return;
    if (flat->data != NULL)
        gan_device_backend(flat->device)
            ->free(gan_device_context(flat->device), flat->data, bytes_of(flat));
    for (guint i = 0; i < flat->n; i++)
        gan_tensor_unref(flat->tensors[i]);
    g_free(flat->tensors);
    g_free(flat->first);
    gan_device_unref(flat->device);
    g_free(flat);
}

gboolean gan_flat_push(GanFlat *flat, GError **error)
{
    g_autofree GkTransfer *transfers = g_new(GkTransfer, MAX(flat->n, 1));
    for (guint i = 0; i < flat->n; i++)
        transfers[i] = (GkTransfer){gan_flat_at(flat, i), flat->tensors[i]->data,
                                    gan_tensor_length(flat->tensors[i]) * sizeof(float)};
    const GkStatus status =
        gan_device_backend(flat->device)
            ->device->write(gan_device_context(flat->device), transfers, flat->n);
    return gan_device_check_on(flat->device, status, "weights", error);
}

gboolean gan_flat_pull(GanFlat *flat, GError **error)
{
    g_autofree GkTransfer *transfers = g_new(GkTransfer, MAX(flat->n, 1));
    for (guint i = 0; i < flat->n; i++)
        transfers[i] = (GkTransfer){flat->tensors[i]->data, gan_flat_at(flat, i),
                                    gan_tensor_length(flat->tensors[i]) * sizeof(float)};
    const GkStatus status =
        gan_device_backend(flat->device)
            ->device->read(gan_device_context(flat->device), transfers, flat->n);
    return gan_device_check_on(flat->device, status, "weights", error);
}

GkView gan_flat_channels(const GanFlat *flat)
{
    return gk_view_nhwc(flat->data, GK_F32, 1, 1, 1, flat->first[flat->n]);
}

GkView gan_flat_pixels(const GanFlat *flat)
{
    return gk_view_nhwc(flat->data, GK_F32, 1, 1, flat->first[flat->n], 1);
}

guint gan_flat_n(const GanFlat *flat)
{
    return flat->n;
}

GanTensor *gan_flat_tensor(const GanFlat *flat, guint i)
{
    return flat->tensors[i];
}

void *gan_flat_at(const GanFlat *flat, guint i)
{
    return flat->data + flat->first[i];
}
