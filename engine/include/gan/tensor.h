// SPDX-License-Identifier: LGPL-3.0-or-later
// Dense float32 arrays of up to eight dimensions in host memory, shared by reference.
#ifndef GAN_TENSOR_H
#define GAN_TENSOR_H

#include <gan/error.h>

G_BEGIN_DECLS

#define GAN_TENSOR_MAX_RANK 8

// Immutable once it is shared. Weights keep PyTorch's order ([O,C,K,K] for a convolution),
// images are NHWC.
typedef struct {
    guint rank;
    gsize shape[GAN_TENSOR_MAX_RANK];
    float *data; // row-major, gan_tensor_length() elements
    // private
    gint ref_count;
    gpointer owner; // what keeps `data` alive; freed with owner_free
    GDestroyNotify owner_free;
} GanTensor;

// Makes a tensor with its own memory, not cleared.
// Errors:  GAN_ERROR_MEMORY.
GanTensor *gan_tensor_new(guint rank, const gsize *shape, GError **error);

// Makes a tensor over `data`, which `owner` keeps alive.
// Owner:   takes owner and passes it to owner_free when the tensor goes.
GanTensor *gan_tensor_new_borrowed(guint rank, const gsize *shape, float *data, gpointer owner,
                                   GDestroyNotify owner_free);

GanTensor *gan_tensor_ref(GanTensor *tensor);
void gan_tensor_unref(GanTensor *tensor); // accepts NULL
G_DEFINE_AUTOPTR_CLEANUP_FUNC(GanTensor, gan_tensor_unref)

// Returns the number of elements.
gsize gan_tensor_length(const GanTensor *tensor);

// Returns the shape as text, "[64,3,3,3]".
// Owner:   the caller frees it.
char *gan_shape_text(guint rank, const gsize *shape);

G_END_DECLS
#endif
