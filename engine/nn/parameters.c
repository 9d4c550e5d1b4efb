// SPDX-License-Identifier: LGPL-3.0-or-later
// The weights of a network in training.
#include "parameters.h"

#include <string.h>

struct GanParameters {
    GPtrArray *list;   // of GanParameter
    GHashTable *named; // name -> GanParameter
};

static void parameter_free(gpointer data)
{
    GanParameter *parameter = data;
    g_free(parameter->name);
    gan_tensor_unref(parameter->tensor);
    g_free(parameter);
}

GanParameters *gan_parameters_new(void)
{
    GanParameters *parameters = g_new0(GanParameters, 1);
    parameters->list = g_ptr_array_new_with_free_func(parameter_free);
    parameters->named = g_hash_table_new(g_str_hash, g_str_equal);
    return parameters;
}

void gan_parameters_free(GanParameters *parameters)
{
    if (parameters == NULL)
        return;
    g_hash_table_unref(parameters->named);
    g_ptr_array_unref(parameters->list);
    g_free(parameters);
}

guint gan_parameters_n(const GanParameters *parameters)
{
    return parameters->list->len;
}

const GanParameter *gan_parameters_at(const GanParameters *parameters, guint index)
{
    g_return_val_if_fail(index < parameters->list->len, NULL);
    return parameters->list->pdata[index];
}

guint64 gan_parameters_n_weights(const GanParameters *parameters)
{
    guint64 n = 0;
    for (guint i = 0; i < parameters->list->len; i++) {
        const GanParameter *parameter = parameters->list->pdata[i];
        n += parameter->kind == GAN_PARAMETER_WEIGHT ? gan_tensor_length(parameter->tensor) : 0;
    }
    return n;
}

const GanParameter *gan_parameters_find(const GanParameters *parameters, const char *name)
{
    return g_hash_table_lookup(parameters->named, name);
}

GanTensor *gan_parameters_add(GanParameters *parameters, const char *name, GanParameterKind kind,
                              guint rank, const gsize *shape, GError **error)
{
    g_return_val_if_fail(gan_parameters_find(parameters, name) == NULL, NULL);
    GanTensor *tensor = gan_tensor_new(rank, shape, error);
    if (tensor == NULL)
        return NULL;
    GanParameter *parameter = g_new0(GanParameter, 1);
    parameter->name = g_strdup(name);
    parameter->kind = kind;
    parameter->tensor = tensor;
    g_ptr_array_add(parameters->list, parameter);
    g_hash_table_insert(parameters->named, parameter->name, parameter);
    return tensor;
}

// State that PyTorch's layers keep beside their weights.
static GanParameterKind kind_of(const char *name)
{
    return g_str_has_suffix(name, ".running_mean") || g_str_has_suffix(name, ".running_var") ||
                   g_str_has_suffix(name, ".weight_u") || g_str_has_suffix(name, ".weight_v")
               ? GAN_PARAMETER_BUFFER
               : GAN_PARAMETER_WEIGHT;
}

static gboolean has_shape_of(const GanParameter *parameter, const GanWeightsEntry *entry)
{
    const GanTensor *tensor = parameter->tensor;
    return tensor->rank == entry->rank &&
           memcmp(tensor->shape, entry->shape, entry->rank * sizeof tensor->shape[0]) == 0;
}

static gboolean load_one(GanParameters *parameters, GanWeights *weights,
                         const GanWeightsEntry *entry, GError **error)
{
    const GanParameter *known = gan_parameters_find(parameters, entry->name);
    if (known != NULL && !has_shape_of(known, entry)) {
        g_autofree char *have = gan_shape_text(entry->rank, entry->shape);
        g_autofree char *want = gan_shape_text(known->tensor->rank, known->tensor->shape);
        g_set_error(error, GAN_ERROR, GAN_ERROR_SHAPE,
                    "%s: tensor '%s' is %s; the network needs %s", gan_weights_path(weights),
                    entry->name, have, want);
        return FALSE;
    }
    g_autoptr(GanTensor) from = gan_weights_tensor(weights, entry->name, error);
    if (from == NULL)
        return FALSE;
    GanTensor *to = known != NULL
                        ? known->tensor
                        : gan_parameters_add(parameters, entry->name, kind_of(entry->name),
                                             entry->rank, entry->shape, error);
    if (to == NULL)
        return FALSE;
    memcpy(to->data, from->data, gan_tensor_length(from) * sizeof(float));
    return TRUE;
}

gboolean gan_parameters_load(GanParameters *parameters, GanWeights *weights, GError **error)
{
    for (guint i = 0; i < gan_weights_n_entries(weights); i++) {
        const GanWeightsEntry *entry = gan_weights_entry(weights, i);
        // PyTorch's counters of batches are integers, and nothing depends on them.
        if (entry->dtype != GAN_DTYPE_OTHER && !load_one(parameters, weights, entry, error))
            return FALSE;
    }
    return TRUE;
}

gboolean gan_parameters_load_exactly(GanParameters *parameters, GanWeights *weights, GError **error)
{
    const guint n = parameters->list->len;
    if (!gan_parameters_load(parameters, weights, error))
        return FALSE;
    if (parameters->list->len == n && gan_weights_n_entries(weights) >= n)
        return TRUE;
    g_set_error(error, GAN_ERROR, GAN_ERROR_SHAPE,
                "%s has %u tensors; the network has %u of other names", gan_weights_path(weights),
                gan_weights_n_entries(weights), n);
    return FALSE;
}

GPtrArray *gan_parameters_load_fitting(GanParameters *parameters, GanWeights *weights,
                                       GError **error)
{
    g_autoptr(GPtrArray) kept = g_ptr_array_new_with_free_func(g_free);
    for (guint i = 0; i < parameters->list->len; i++) {
        const GanParameter *parameter = parameters->list->pdata[i];
        const GanWeightsEntry *entry = gan_weights_find(weights, parameter->name);
        if (entry == NULL || !has_shape_of(parameter, entry))
            g_ptr_array_add(kept, g_strdup(parameter->name));
        else if (!load_one(parameters, weights, entry, error))
            return NULL;
    }
    if (kept->len == parameters->list->len) {
        g_set_error(error, GAN_ERROR, GAN_ERROR_SHAPE,
                    "%s: none of its %u tensors has name and shape of one of the network's",
                    gan_weights_path(weights), gan_weights_n_entries(weights));
        return NULL;
    }
    return g_steal_pointer(&kept);
}

gboolean gan_parameters_save(const GanParameters *parameters, const char *path,
                             const char *const *metadata, GError **error)
{
    const guint n = parameters->list->len;
    g_autofree const char **names = g_new(const char *, MAX(n, 1));
    g_autofree GanTensor **tensors = g_new(GanTensor *, MAX(n, 1));
    for (guint i = 0; i < n; i++) {
        const GanParameter *parameter = parameters->list->pdata[i];
        names[i] = parameter->name;
        tensors[i] = parameter->tensor;
    }
    return gan_weights_save(path, names, tensors, n, GAN_DTYPE_F32, metadata, error);
}
