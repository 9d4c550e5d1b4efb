// SPDX-License-Identifier: LGPL-3.0-or-later
// Nets: scopes, and where weights come from: a file, parameters in training, or a first value.
#include "initialise.h"
#include "net-private.h"

#include <string.h>

typedef struct {
    const GanParameter *parameter; // NULL in a net that runs
    GanNode *node;                 // a weight, or a buffer's latest value
    gboolean changed;              // a buffer
} Entry;

static GanNet *net_new(GanGraph *graph)
{
    GanNet *net = g_new0(GanNet, 1);
    net->graph = graph;
    net->scopes = g_ptr_array_new_with_free_func(g_free);
    net->inputs = g_ptr_array_new();
    net->entries = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, g_free);
    net->known = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, NULL);
    net->used = g_ptr_array_new();
    net->updates = g_ptr_array_new();
    return net;
}

GanNet *gan_net_new(GanGraph *graph, GanWeights *weights)
{
    GanNet *net = net_new(graph);
    net->weights = gan_weights_ref(weights);
    return net;
}

GanNet *gan_net_new_training(GanGraph *graph, GanParameters *parameters, GRand *random)
{
    GanNet *net = net_new(graph);
    net->parameters = parameters;
    net->random = random;
    net->training = TRUE;
    return net;
}

gboolean gan_net_check(GanNet *net, GError **error)
{
    g_assert(net->scopes->len == 0);
    if (net->error == NULL)
        return TRUE;
    g_propagate_error(error, g_steal_pointer(&net->error));
    return FALSE;
}

void gan_net_free(GanNet *net)
{
    if (net == NULL)
        return;
    g_clear_error(&net->error);
    g_ptr_array_unref(net->scopes);
    g_ptr_array_unref(net->inputs);
    g_ptr_array_unref(net->used);
    g_ptr_array_unref(net->updates);
    g_hash_table_unref(net->entries);
    g_hash_table_unref(net->known);
    gan_weights_unref(net->weights);
    g_free(net->weight_rule);
    g_free(net->norm_rule);
    g_free(net);
}

GanWeights *gan_net_weights(const GanNet *net)
{
    return net->weights;
}

void gan_net_feed(GanNet *net, GanNode *const *inputs, guint n)
{
    g_ptr_array_set_size(net->inputs, 0);
    for (guint i = 0; i < n; i++)
        g_ptr_array_add(net->inputs, inputs[i]);
}

GanNode *gan_input(const GanNet *net, guint index)
{
    g_assert(index < net->inputs->len);
    return net->inputs->pdata[index];
}

void gan_net_fail(GanNet *net, GError *error)
{
    if (net->error == NULL)
        net->error = error;
    else
        g_error_free(error);
}

// --- names ---

static const char *scope_of(const GanNet *net)
{
    return net->scopes->len == 0 ? "" : net->scopes->pdata[net->scopes->len - 1];
}

char *gan_net_full_name(const GanNet *net, const char *name, const char *suffix)
{
    return g_strconcat(scope_of(net), name, suffix, NULL);
}

void gan_push(GanNet *net, const char *format, ...)
{
    va_list arguments;
    va_start(arguments, format);
    g_autofree char *scope = g_strdup_vprintf(format, arguments);
    va_end(arguments);
    g_ptr_array_add(net->scopes, g_strconcat(scope_of(net), scope, ".", NULL));
}

void gan_pop(GanNet *net)
{
    g_assert(net->scopes->len > 0);
    g_ptr_array_remove_index(net->scopes, net->scopes->len - 1);
}

gboolean gan_net_knows(const GanNet *net, const char *name)
{
    return g_hash_table_contains(net->known, name);
}

void gan_net_spare(GanNet *net, const char *format, ...)
{
    va_list arguments;
    va_start(arguments, format);
    g_autofree char *name = g_strdup_vprintf(format, arguments);
    va_end(arguments);
    g_hash_table_add(net->known, gan_net_full_name(net, name, ""));
}

// --- training ---

void gan_net_set_training(GanNet *net, gboolean training)
{
    net->training = training;
}

void gan_net_keep_buffers(GanNet *net)
{
    net->keep_buffers = TRUE;
}

void gan_initialise_by(GanNet *net, const char *weights, const char *norms)
{
    g_free(net->weight_rule);
    g_free(net->norm_rule);
    net->weight_rule = g_strdup(weights);
    net->norm_rule = g_strdup(norms);
}

guint gan_net_n_weights(const GanNet *net)
{
    return net->used->len;
}

const GanParameter *gan_net_weight(const GanNet *net, guint index)
{
    return ((const Entry *)net->used->pdata[index])->parameter;
}

GanNode *gan_net_weight_node(const GanNet *net, guint index)
{
    return ((const Entry *)net->used->pdata[index])->node;
}

guint gan_net_n_updates(const GanNet *net)
{
    return net->updates->len;
}

GanTensor *gan_net_update(const GanNet *net, guint index, GanNode **node)
{
    const Entry *entry = net->updates->pdata[index];
    *node = entry->node;
    return entry->parameter->tensor;
}

// --- weights and buffers ---

GanNode *gan_net_constant(GanGraph *graph, const char *name, GanTensor *tensor)
{
    GanNode *node = gan_frozen(graph, name, tensor);
    gan_tensor_unref(tensor);
    return node;
}

// Stands for a weight of a net that has failed and will never run: all axes are counted, but no
// memory is taken, for a damaged file may promise shapes of any size.
static GanTensor *stand_in(guint rank, const gsize *shape)
{
    return gan_tensor_new_borrowed(rank, shape, NULL, NULL, NULL);
}

GanTensor *gan_net_new_tensor(GanNet *net, guint rank, const gsize *shape)
{
    GError *error = NULL;
    GanTensor *tensor = net->error != NULL ? NULL : gan_tensor_new(rank, shape, &error);
    if (error != NULL)
        gan_net_fail(net, error);
    return tensor != NULL ? tensor : stand_in(rank, shape);
}

static void fail_shape(GanNet *net, const char *name, const char *have, guint rank,
                       const gsize *shape)
{
    g_autofree char *want = gan_shape_text(rank, shape);
    const char *path = net->weights != NULL ? gan_weights_path(net->weights) : "";
    gan_net_fail(net, g_error_new(GAN_ERROR, GAN_ERROR_SHAPE,
                                  have == NULL ? "%s%stensor '%s' is %s; the network needs it as %s"
                                               : "%s%stensor '%s' is %s; the network needs %s",
                                  path, path[0] != '\0' ? ": " : "", name,
                                  have != NULL ? have : "missing", want));
}

// The tensor of the file with the full name `name`, if its shape is the wanted one, else NULL.
static GanTensor *read(GanNet *net, const char *name, guint rank, const gsize *shape)
{
    if (net->error != NULL)
        return NULL;
    g_hash_table_add(net->known, g_strdup(name));
    const GanWeightsEntry *entry = gan_weights_find(net->weights, name);
    if (entry == NULL || entry->rank != rank ||
        memcmp(entry->shape, shape, rank * sizeof *shape) != 0) {
        g_autofree char *have = entry == NULL ? NULL : gan_shape_text(entry->rank, entry->shape);
        fail_shape(net, name, have, rank, shape);
        return NULL;
    }
    GError *error = NULL;
    GanTensor *tensor = gan_weights_tensor(net->weights, name, &error);
    if (tensor == NULL)
        gan_net_fail(net, error);
    return tensor;
}

GanTensor *gan_net_tensor(GanNet *net, const char *name, guint rank, const gsize *shape)
{
    g_autofree char *full = gan_net_full_name(net, name, "");
    return read(net, full, rank, shape);
}

static void begin(GanNet *net, GanTensor *tensor, const GanStart *start)
{
    if (start->rule == NULL) {
        // Only the shape of the weight counts.
        g_autoptr(GanTensor) like = stand_in(start->rank, start->weight);
        gan_initialise_bias(tensor, like, net->random);
        return;
    }
    GError *error = NULL;
    if (!gan_initialise(tensor, start->rule, net->random, &error))
        gan_net_fail(net, error);
}

// The parameter of this name and shape: as it is, else made. NULL after an error.
static const GanParameter *parameter_of(GanNet *net, const char *name, GanParameterKind kind,
                                        guint rank, const gsize *shape, const GanStart *start)
{
    const GanParameter *known = gan_parameters_find(net->parameters, name);
    if (net->error != NULL)
        return NULL;
    if (known != NULL) {
        const GanTensor *tensor = known->tensor;
        if (tensor->rank == rank && memcmp(tensor->shape, shape, rank * sizeof *shape) == 0)
            return known;
        g_autofree char *have = gan_shape_text(tensor->rank, tensor->shape);
        fail_shape(net, name, have, rank, shape);
        return NULL;
    }
    if (net->random == NULL) {
        fail_shape(net, name, NULL, rank, shape);
        return NULL;
    }
    GError *error = NULL;
    GanTensor *tensor = gan_parameters_add(net->parameters, name, kind, rank, shape, &error);
    if (tensor == NULL) {
        gan_net_fail(net, error);
        return NULL;
    }
    begin(net, tensor, start);
    return gan_parameters_find(net->parameters, name);
}

// What the net has under a full name: from an earlier use, else of the file or the parameters. NULL
// after an error.
static Entry *enter(GanNet *net, const char *name, GanParameterKind kind, guint rank,
                    const gsize *shape, const GanStart *start)
{
    Entry *entry = g_hash_table_lookup(net->entries, name);
    g_autoptr(GanTensor) tensor = NULL;
    const GanParameter *parameter = NULL;
    if (net->weights != NULL)
        tensor = read(net, name, rank, shape);
    else
        parameter = parameter_of(net, name, kind, rank, shape, start);
    if ((tensor == NULL && parameter == NULL) || entry != NULL)
        return net->error == NULL ? entry : NULL;
    entry = g_new0(Entry, 1);
    entry->parameter = parameter;
    entry->node = parameter != NULL ? gan_trainable(net->graph, name, parameter->tensor)
                                    : gan_frozen(net->graph, name, tensor);
    g_hash_table_insert(net->entries, g_strdup(name), entry);
    if (parameter != NULL && kind == GAN_PARAMETER_WEIGHT)
        g_ptr_array_add(net->used, entry);
    return entry;
}

GanNode *gan_net_value(GanNet *net, const char *name, const char *suffix, GanParameterKind kind,
                       guint rank, const gsize *shape, const GanStart *start)
{
    g_autofree char *full = gan_net_full_name(net, name, suffix);
    const Entry *entry = enter(net, full, kind, rank, shape, start);
    return entry != NULL ? entry->node : gan_net_constant(net->graph, full, stand_in(rank, shape));
}

void gan_net_change(GanNet *net, const char *name, const char *suffix, GanNode *value)
{
    g_autofree char *full = gan_net_full_name(net, name, suffix);
    Entry *entry = g_hash_table_lookup(net->entries, full);
    if (entry == NULL || entry->parameter == NULL || net->keep_buffers)
        return; // the net has failed, has nothing to change, or wants no change
    entry->node = gan_stop(value);
    if (!entry->changed)
        g_ptr_array_add(net->updates, entry);
    entry->changed = TRUE;
}

gsize gan_net_length(const GanNet *net, const char *name)
{
    g_autofree char *full = gan_net_full_name(net, name, ".weight");
    if (net->parameters != NULL) {
        const GanParameter *known = gan_parameters_find(net->parameters, full);
        return known != NULL ? gan_tensor_length(known->tensor) : 0;
    }
    const GanWeightsEntry *entry = gan_weights_find(net->weights, full);
    gsize length = entry != NULL ? 1 : 0;
    for (guint i = 0; entry != NULL && i < entry->rank; i++)
        length *= entry->shape[i];
    return length;
}

void gan_marker(GanNet *net, const char *name)
{
    static const gsize one = 1;
    const GanStart start = {.rule = "zeros"};
    g_autofree char *full = gan_net_full_name(net, name, "");
    if (net->weights != NULL)
        g_hash_table_add(net->known, g_steal_pointer(&full));
    else
        parameter_of(net, full, GAN_PARAMETER_BUFFER, 1, &one, &start);
}
