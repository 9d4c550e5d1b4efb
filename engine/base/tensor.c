// SPDX-License-Identifier: LGPL-3.0-or-later
// Dense float32 arrays in host memory.
#include <gan/tensor.h>
#include <stdlib.h>
#include <string.h>

// A cache line, and the widest vector register.
static const gsize ALIGNMENT_BYTES = 64;

// Returns the number of bytes of a float array of this shape, or FALSE if it does not fit a gsize.
static gboolean shape_bytes(guint rank, const gsize *shape, gsize *bytes)
{
    gsize n = sizeof(float);
    gboolean empty = FALSE;
    for (guint i = 0; i < rank; i++)
        empty |= shape[i] == 0;
    for (guint i = 0; i < rank && !empty; i++)
        if (!g_size_checked_mul(&n, n, shape[i]))
            return FALSE;
    *bytes = empty ? 0 : n;
    return TRUE;
}

static GanTensor *tensor_over(guint rank, const gsize *shape, float *data, gpointer owner,
                              GDestroyNotify owner_free)
{
    GanTensor *tensor = g_new0(GanTensor, 1);
    tensor->rank = rank;
    if (rank > 0)
        memcpy(tensor->shape, shape, rank * sizeof *shape);
    tensor->data = data;
    tensor->ref_count = 1;
    tensor->owner = owner;
    tensor->owner_free = owner_free;
    return tensor;
}

GanTensor *gan_tensor_new(guint rank, const gsize *shape, GError **error)
{
    g_return_val_if_fail(rank <= GAN_TENSOR_MAX_RANK, NULL);
    gsize bytes = 0;
    void *data = NULL;
    if (!shape_bytes(rank, shape, &bytes) ||
        posix_memalign(&data, ALIGNMENT_BYTES, MAX(bytes, ALIGNMENT_BYTES)) != 0) {
        g_autofree char *text = gan_shape_text(rank, shape);
        g_set_error(error, GAN_ERROR, GAN_ERROR_MEMORY, "no memory for a tensor of shape %s", text);
        return NULL;
    }
    return tensor_over(rank, shape, data, data, free);
}

GanTensor *gan_tensor_new_borrowed(guint rank, const gsize *shape, float *data, gpointer owner,
                                   GDestroyNotify owner_free)
{
    g_return_val_if_fail(rank <= GAN_TENSOR_MAX_RANK, NULL);
    return tensor_over(rank, shape, data, owner, owner_free);
}

GanTensor *gan_tensor_ref(GanTensor *tensor)
{
    g_return_val_if_fail(tensor != NULL, NULL);
    g_atomic_int_inc(&tensor->ref_count);
    return tensor;
}

void gan_tensor_unref(GanTensor *tensor)
{
    if (tensor == NULL || !g_atomic_int_dec_and_test(&tensor->ref_count))
        return;
    if (tensor->owner_free != NULL)
        tensor->owner_free(tensor->owner);
    g_free(tensor);
}

gsize gan_tensor_length(const GanTensor *tensor)
{
    g_return_val_if_fail(tensor != NULL, 0);
    gsize n = 1;
    for (guint i = 0; i < tensor->rank; i++)
        n *= tensor->shape[i];
    return n;
}

char *gan_shape_text(guint rank, const gsize *shape)
{
    GString *text = g_string_new("[");
    for (guint i = 0; i < rank; i++)
        g_string_append_printf(text, i > 0 ? ",%" G_GSIZE_FORMAT : "%" G_GSIZE_FORMAT, shape[i]);
    g_string_append_c(text, ']');
    return g_string_free(text, FALSE);
}
