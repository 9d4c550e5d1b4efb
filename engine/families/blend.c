// SPDX-License-Identifier: LGPL-3.0-or-later
// Interpolation of two state dicts.
#include "blend.h"

#include <string.h>

static gboolean is_float(const GanWeightsEntry *entry)
{
    return entry->dtype != GAN_DTYPE_OTHER;
}

// Sets the error that one of the files has `found` where the other one has `wanted`.
static void set_difference(GError **error, const GanWeights *file, const char *name,
                           const char *found, const GanWeights *other, const char *wanted)
{
    g_set_error(error, GAN_ERROR, GAN_ERROR_SHAPE,
                "%s: tensor '%s' is %s; to be blended with %s it must be %s",
                gan_weights_path(file), name, found, gan_weights_path(other), wanted);
}

// Whether every floating-point tensor of `a` is in `b` with the same shape.
static gboolean contained(const GanWeights *a, const GanWeights *b, GError **error)
{
    for (guint i = 0; i < gan_weights_n_entries(a); i++) {
        const GanWeightsEntry *of_a = gan_weights_entry(a, i);
        if (!is_float(of_a))
            continue;
        const GanWeightsEntry *of_b = gan_weights_find(b, of_a->name);
        if (of_b != NULL && is_float(of_b) && of_b->rank == of_a->rank &&
            memcmp(of_a->shape, of_b->shape, of_a->rank * sizeof *of_a->shape) == 0)
            continue;
        g_autofree char *wanted = gan_shape_text(of_a->rank, of_a->shape);
        g_autofree char *found =
            of_b == NULL ? g_strdup("missing") : gan_shape_text(of_b->rank, of_b->shape);
        set_difference(error, b, of_a->name, found, a, wanted);
        return FALSE;
    }
    return TRUE;
}

static GanTensor *blend_tensor(GanWeights *a, GanWeights *b, const char *name, double t,
                               GError **error)
{
    g_autoptr(GanTensor) of_a = gan_weights_tensor(a, name, error);
    g_autoptr(GanTensor) of_b = of_a == NULL ? NULL : gan_weights_tensor(b, name, error);
    GanTensor *both = of_b == NULL ? NULL : gan_tensor_new(of_a->rank, of_a->shape, error);
    for (gsize i = 0; both != NULL && i < gan_tensor_length(both); i++)
        both->data[i] = (float)((1 - t) * of_a->data[i] + t * of_b->data[i]);
    return both;
}

GanWeights *gan_blend(GanWeights *a, GanWeights *b, double t, GError **error)
{
    if (!contained(a, b, error) || !contained(b, a, error))
        return NULL;
    g_autoptr(GPtrArray) names = g_ptr_array_new();
    g_autoptr(GPtrArray) tensors = g_ptr_array_new_with_free_func((GDestroyNotify)gan_tensor_unref);
    for (guint i = 0; i < gan_weights_n_entries(a); i++) {
        const GanWeightsEntry *entry = gan_weights_entry(a, i);
        if (!is_float(entry))
            continue;
        GanTensor *both = blend_tensor(a, b, entry->name, t, error);
        if (both == NULL) {
            g_prefix_error(error, "%s blended with %s: ", gan_weights_path(a), gan_weights_path(b));
            return NULL;
        }
        g_ptr_array_add(names, (gpointer)entry->name);
        g_ptr_array_add(tensors, both);
    }
    gan_weights_drop_pages(a);
    gan_weights_drop_pages(b);
    g_autofree char *name =
        g_strdup_printf("%s blended with %.3g of %s", gan_weights_path(a), t, gan_weights_path(b));
    return gan_weights_new_from_tensors(name, (const char *const *)names->pdata,
                                        (GanTensor *const *)tensors->pdata, tensors->len, error);
}
