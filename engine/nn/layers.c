// SPDX-License-Identifier: LGPL-3.0-or-later
// Layers of networks in training.
#include "layers.h"
#include "initialise.h"

#include <string.h>

#define NORM_EPS 1e-5f
#define MOMENTUM 0.1f
#define SPECTRAL_EPS 1e-12f

typedef struct {
    const GanParameter *parameter;
    GanNode *node;    // a weight, or a buffer's latest value
    gboolean changed; // a buffer
} Entry;

struct GanLayers {
    GanGraph *graph;
    GanParameters *parameters;
    GRand *random;
    char *weight_rule, *norm_rule;
    gboolean training, keep_buffers;
    GPtrArray *scopes; // each with its trailing dot, all before it included
    GPtrArray *entries;
    GHashTable *named;            // full name -> Entry
    GPtrArray *weights, *updates; // of Entry
    GError *error;
};

GanLayers *gan_layers_new(GanGraph *graph, GanParameters *parameters, GRand *random)
{
    GanLayers *layers = g_new0(GanLayers, 1);
    layers->graph = graph;
    layers->parameters = parameters;
    layers->random = random;
    layers->training = TRUE;
    layers->scopes = g_ptr_array_new_with_free_func(g_free);
    layers->entries = g_ptr_array_new_with_free_func(g_free);
    layers->named = g_hash_table_new(g_str_hash, g_str_equal);
    layers->weights = g_ptr_array_new();
    layers->updates = g_ptr_array_new();
    return layers;
}

gboolean gan_layers_finish(GanLayers *layers, GError **error)
{
    g_assert(layers->scopes->len == 0);
    if (layers->error == NULL)
        return TRUE;
    g_propagate_error(error, g_steal_pointer(&layers->error));
    return FALSE;
}

void gan_layers_free(GanLayers *layers)
{
    if (layers == NULL)
        return;
    g_clear_error(&layers->error);
    g_ptr_array_unref(layers->scopes);
    g_ptr_array_unref(layers->weights);
    g_ptr_array_unref(layers->updates);
    g_hash_table_unref(layers->named);
    g_ptr_array_unref(layers->entries);
    g_free(layers->weight_rule);
    g_free(layers->norm_rule);
    g_free(layers);
}

GanGraph *gan_layers_graph(const GanLayers *layers)
{
    return layers->graph;
}

GanParameters *gan_layers_parameters(const GanLayers *layers)
{
    return layers->parameters;
}

void gan_layers_set_training(GanLayers *layers, gboolean training)
{
    layers->training = training;
}

void gan_layers_keep_buffers(GanLayers *layers)
{
    layers->keep_buffers = TRUE;
}

void gan_layers_set_initialisers(GanLayers *layers, const char *weights, const char *norms)
{
    g_free(layers->weight_rule);
    g_free(layers->norm_rule);
    layers->weight_rule = g_strdup(weights);
    layers->norm_rule = g_strdup(norms);
}

static const char *scope_of(const GanLayers *layers)
{
    return layers->scopes->len == 0 ? "" : layers->scopes->pdata[layers->scopes->len - 1];
}

void gan_layers_push(GanLayers *layers, const char *format, ...)
{
    va_list arguments;
    va_start(arguments, format);
    g_autofree char *scope = g_strdup_vprintf(format, arguments);
    va_end(arguments);
    g_ptr_array_add(layers->scopes, g_strconcat(scope_of(layers), scope, ".", NULL));
}

void gan_layers_pop(GanLayers *layers)
{
    g_assert(layers->scopes->len > 0);
    g_ptr_array_remove_index(layers->scopes, layers->scopes->len - 1);
}

guint gan_layers_n_weights(const GanLayers *layers)
{
    return layers->weights->len;
}

const GanParameter *gan_layers_weight(const GanLayers *layers, guint index)
{
    return ((const Entry *)layers->weights->pdata[index])->parameter;
}

GanNode *gan_layers_weight_node(const GanLayers *layers, guint index)
{
    return ((const Entry *)layers->weights->pdata[index])->node;
}

guint gan_layers_n_updates(const GanLayers *layers)
{
    return layers->updates->len;
}

GanTensor *gan_layers_update(const GanLayers *layers, guint index, GanNode **node)
{
    const Entry *entry = layers->updates->pdata[index];
    *node = entry->node;
    return entry->parameter->tensor;
}

// --- weights and buffers ---

// How a weight that is not there begins.
typedef struct {
    const char *rule; // NULL: as PyTorch's bias of `weight`
    const GanTensor *weight;
} Start;

// A constant of the wanted shape for a network that has failed and will never run: all axes are
// counted, no memory is taken.
static GanNode *stand_in(GanLayers *layers, const char *name, guint rank, const gsize *shape)
{
    g_autoptr(GanTensor) tensor = gan_tensor_new_borrowed(rank, shape, NULL, NULL, NULL);
    return gan_trainable(layers->graph, name, tensor);
}

static void fail(GanLayers *layers, GError *error)
{
    if (layers->error == NULL)
        layers->error = error;
    else
        g_error_free(error);
}

static const GanParameter *make(GanLayers *layers, const char *name, GanParameterKind kind,
                                guint rank, const gsize *shape, const Start *start)
{
    GError *error = NULL;
    if (layers->random == NULL) {
        g_autofree char *want = gan_shape_text(rank, shape);
        fail(layers, g_error_new(GAN_ERROR, GAN_ERROR_SHAPE,
                                 "tensor '%s' is missing; the network needs it as %s", name, want));
        return NULL;
    }
    GanTensor *tensor = gan_parameters_add(layers->parameters, name, kind, rank, shape, &error);
    if (tensor == NULL) {
        fail(layers, error);
        return NULL;
    }
    if (start->rule == NULL)
        gan_initialise_bias(tensor, start->weight, layers->random);
    else if (!gan_initialise(tensor, start->rule, layers->random, &error))
        fail(layers, error);
    return gan_parameters_find(layers->parameters, name);
}

// The entry of a parameter by its full name: from an earlier use, else from the parameters, else
// made. NULL after an error.
static Entry *enter(GanLayers *layers, const char *name, GanParameterKind kind, guint rank,
                    const gsize *shape, const Start *start)
{
    Entry *entry = g_hash_table_lookup(layers->named, name);
    if (layers->error != NULL)
        return NULL;
    const GanParameter *parameter = gan_parameters_find(layers->parameters, name);
    if (parameter == NULL)
        parameter = make(layers, name, kind, rank, shape, start);
    if (parameter == NULL)
        return NULL;
    const GanTensor *tensor = parameter->tensor;
    if (tensor->rank != rank || memcmp(tensor->shape, shape, rank * sizeof *shape) != 0) {
        g_autofree char *want = gan_shape_text(rank, shape);
        g_autofree char *have = gan_shape_text(tensor->rank, tensor->shape);
        fail(layers, g_error_new(GAN_ERROR, GAN_ERROR_SHAPE,
                                 "tensor '%s' is %s; the network needs %s", name, have, want));
        return NULL;
    }
    if (entry != NULL)
        return entry;
    entry = g_new0(Entry, 1);
    entry->parameter = parameter;
    entry->node = gan_trainable(layers->graph, name, parameter->tensor);
    g_ptr_array_add(layers->entries, entry);
    g_hash_table_insert(layers->named, parameter->name, entry);
    if (kind == GAN_PARAMETER_WEIGHT)
        g_ptr_array_add(layers->weights, entry);
    return entry;
}

// A weight or the present value of a buffer. `suffix` follows the layer's name.
static GanNode *value_of(GanLayers *layers, const char *name, const char *suffix,
                         GanParameterKind kind, guint rank, const gsize *shape, const Start *start)
{
    g_autofree char *full = g_strconcat(scope_of(layers), name, suffix, NULL);
    const Entry *entry = enter(layers, full, kind, rank, shape, start);
    return entry != NULL ? entry->node : stand_in(layers, full, rank, shape);
}

// Gives a buffer its next value.
static void change(GanLayers *layers, const char *name, const char *suffix, GanNode *value)
{
    g_autofree char *full = g_strconcat(scope_of(layers), name, suffix, NULL);
    Entry *entry = g_hash_table_lookup(layers->named, full);
    if (entry == NULL || layers->keep_buffers)
        return; // the network has failed, or wants no change
    entry->node = gan_stop(value);
    if (!entry->changed)
        g_ptr_array_add(layers->updates, entry);
    entry->changed = TRUE;
}

static const char *weight_rule(const GanLayers *layers)
{
    return layers->weight_rule != NULL ? layers->weight_rule : "default";
}

// --- spectral normalisation: Miyato, Kataoka, Koyama, Yoshida 2018, arXiv:1802.05957 ---

// v / max(|v|, eps); as sqrt(max(v v, eps^2)).
static GanNode *unit(GanNode *v)
{
    GanNode *norm = gan_square_root(gan_clamp(gan_reduce_sum(gan_square(v), GAN_AXIS_ALL),
                                              SPECTRAL_EPS * SPECTRAL_EPS, G_MAXFLOAT));
    return gan_quotient(v, norm);
}

// The weight over its largest singular value. Its matrix has `rows` rows along axis 0, or along
// axis 1 for transposed convolutions.
static GanNode *spectral(GanLayers *layers, const char *name, GanNode *weight, gsize rows,
                         gsize columns, gboolean transposed)
{
    const Start start = {.rule = "normal"};
    GanNode *u = value_of(layers, name, ".weight_u", GAN_PARAMETER_BUFFER, 1, &rows, &start);
    GanNode *v = value_of(layers, name, ".weight_v", GAN_PARAMETER_BUFFER, 1, &columns, &start);
    GanNode *ordered = transposed ? gan_transpose(weight, 1, 0, 2, 3) : weight;
    GanNode *matrix = gan_reshape(ordered, 1, 1, (int)rows, (int)columns);
    if (layers->training) {
        // Row vectors: v = u W, u = v W^T.
        GanNode *frozen = gan_stop(matrix);
        v = gan_stop(unit(gan_matmul(u, FALSE, frozen, FALSE)));
        u = gan_stop(unit(gan_matmul(v, FALSE, frozen, TRUE)));
        change(layers, name, ".weight_u", u);
        change(layers, name, ".weight_v", v);
    }
    GanNode *sigma = gan_reduce_sum(
        gan_product(gan_matmul(gan_stop(v), FALSE, matrix, TRUE), gan_stop(u)), GAN_AXIS_ALL);
    return gan_quotient(weight, sigma);
}

// "<name>.weight" or its spectral form.
static GanNode *layer_weight(GanLayers *layers, const char *name, guint rank, const gsize *shape,
                             GanLayerFlags flags, gboolean transposed)
{
    const Start start = {.rule = weight_rule(layers)};
    if (!(flags & GAN_LAYER_SPECTRAL))
        return value_of(layers, name, ".weight", GAN_PARAMETER_WEIGHT, rank, shape, &start);
    GanNode *weight =
        value_of(layers, name, ".weight_orig", GAN_PARAMETER_WEIGHT, rank, shape, &start);
    gsize length = 1;
    for (guint i = 0; i < rank; i++)
        length *= shape[i];
    const gsize rows = shape[transposed ? 1 : 0];
    return spectral(layers, name, weight, rows, length / rows, transposed);
}

static GanNode *layer_bias(GanLayers *layers, const char *name, gsize channels,
                           const gsize *weight_shape, guint weight_rank, GanLayerFlags flags)
{
    if (flags & GAN_LAYER_NO_BIAS)
        return NULL;
    g_autoptr(GanTensor) like =
        gan_tensor_new_borrowed(weight_rank, weight_shape, NULL, NULL, NULL);
    // Only the shape of the weight counts. With a rule of its own for the weights, a bias is zero.
    const Start start = {.rule = layers->weight_rule != NULL ? "zeros" : NULL, .weight = like};
    return value_of(layers, name, ".bias", GAN_PARAMETER_WEIGHT, 1, &channels, &start);
}

GanNode *gan_layer_conv2d(GanLayers *layers, const char *name, GanNode *x, guint channels,
                          const GanWalk *walk, GanLayerFlags flags)
{
    const gsize shape[] = {channels, x->channels / MAX(walk->groups, 1), walk->kernel_h,
                           walk->kernel_w};
    GanNode *weight = layer_weight(layers, name, 4, shape, flags, FALSE);
    GanNode *bias = layer_bias(layers, name, channels, shape, 4, flags);
    return gan_convolution(x, weight, bias, channels, walk);
}

GanNode *gan_layer_conv_transpose2d(GanLayers *layers, const char *name, GanNode *x, guint channels,
                                    const GanWalk *walk, GanLayerFlags flags)
{
    const gsize shape[] = {x->channels, channels / MAX(walk->groups, 1), walk->kernel_h,
                           walk->kernel_w};
    GanNode *weight = layer_weight(layers, name, 4, shape, flags, TRUE);
    GanNode *bias = layer_bias(layers, name, channels, shape, 4, flags);
    return gan_transposed_convolution(x, weight, bias, channels, walk);
}

GanNode *gan_layer_linear(GanLayers *layers, const char *name, GanNode *x, guint inputs,
                          guint outputs, GanLayerFlags flags)
{
    const gsize shape[] = {outputs, inputs};
    GanNode *weight = layer_weight(layers, name, 2, shape, flags, FALSE);
    GanNode *bias = layer_bias(layers, name, outputs, shape, 2, flags);
    // N C H W, one row for each image.
    GanNode *flat = gan_reshape(gan_transpose(x, 0, 3, 1, 2), 1, 1, GAN_REST, (int)inputs);
    GanNode *y = gan_matmul(flat, FALSE, weight, TRUE);
    if (bias != NULL)
        y = gan_sum(y, bias);
    return gan_reshape(y, GAN_REST, 1, 1, (int)outputs);
}

// --- normalisations ---

GanNode *gan_normalise(GanNode *x, guint axes, float eps, GanNode **mean, GanNode **variance)
{
    *mean = gan_reduce_mean(x, axes);
    GanNode *centred = gan_difference(x, *mean);
    *variance = gan_reduce_mean(gan_square(centred), axes);
    GanNode *scale = gan_reciprocal(gan_square_root(gan_linear_map(*variance, 1, eps)));
    return gan_product(centred, scale);
}

// y * weight + bias with one of each for a channel.
static GanNode *scaled(GanLayers *layers, const char *name, GanNode *y, gsize channels,
                       gboolean affine)
{
    if (!affine)
        return y;
    const Start ones = {.rule = layers->norm_rule != NULL ? layers->norm_rule : "ones"};
    const Start zeros = {.rule = "zeros"};
    GanNode *weight = value_of(layers, name, ".weight", GAN_PARAMETER_WEIGHT, 1, &channels, &ones);
    GanNode *bias = value_of(layers, name, ".bias", GAN_PARAMETER_WEIGHT, 1, &channels, &zeros);
    return gan_sum(gan_product(y, weight), bias);
}

// The running variance is unbiased: n / (n - 1) for n places.
static GanNode *unbiased(GanNode *variance, GanNode *x)
{
    GanNode *share = gan_share(x, GAN_AXIS_N | GAN_AXIS_H | GAN_AXIS_W);
    return gan_quotient(variance, gan_linear_map(share, -1, 1));
}

GanNode *gan_layer_batch_norm(GanLayers *layers, const char *name, GanNode *x, gboolean affine)
{
    const gsize n = x->channels;
    const Start zeros = {.rule = "zeros"}, ones = {.rule = "ones"};
    GanNode *running_mean =
        value_of(layers, name, ".running_mean", GAN_PARAMETER_BUFFER, 1, &n, &zeros);
    GanNode *running_variance =
        value_of(layers, name, ".running_var", GAN_PARAMETER_BUFFER, 1, &n, &ones);
    GanNode *y;
    if (layers->training) {
        GanNode *mean, *variance;
        y = gan_normalise(x, GAN_AXIS_N | GAN_AXIS_H | GAN_AXIS_W, NORM_EPS, &mean, &variance);
        change(layers, name, ".running_mean",
               gan_binary(running_mean, mean, GK_BINARY_ADD, 1 - MOMENTUM, MOMENTUM));
        change(layers, name, ".running_var",
               gan_binary(running_variance, unbiased(variance, x), GK_BINARY_ADD, 1 - MOMENTUM,
                          MOMENTUM));
    } else {
        GanNode *scale =
            gan_reciprocal(gan_square_root(gan_linear_map(running_variance, 1, NORM_EPS)));
        y = gan_product(gan_difference(x, running_mean), scale);
    }
    return scaled(layers, name, y, n, affine);
}

GanNode *gan_layer_instance_norm(GanLayers *layers, const char *name, GanNode *x, gboolean affine)
{
    GanNode *mean, *variance;
    GanNode *y = gan_normalise(x, GAN_AXIS_H | GAN_AXIS_W, NORM_EPS, &mean, &variance);
    return scaled(layers, name, y, x->channels, affine);
}

GanNode *gan_layer_group_norm(GanLayers *layers, const char *name, GanNode *x, guint groups,
                              gboolean affine)
{
    GanNode *mean, *variance, *y;
    g_return_val_if_fail(groups > 0 && x->channels % groups == 0, x);
    if (groups == 1) {
        y = gan_normalise(x, GAN_AXIS_H | GAN_AXIS_W | GAN_AXIS_C, NORM_EPS, &mean, &variance);
    } else {
        // N, pixels, groups, channels of a group.
        GanNode *split =
            gan_reshape(x, GAN_KEEP(0), GAN_REST, (int)groups, (int)(x->channels / groups));
        y = gan_normalise(split, GAN_AXIS_H | GAN_AXIS_C, NORM_EPS, &mean, &variance);
        GanNode *inputs[] = {y, x};
        const GanAttributes attributes = gan_attributes_default();
        y = gan_graph_append(x->graph, GAN_OP_RESHAPE, x->name, inputs, 2, &attributes);
    }
    return scaled(layers, name, y, x->channels, affine);
}

GanNode *gan_layer_layer_norm(GanLayers *layers, const char *name, GanNode *x, gboolean affine)
{
    return gan_layer_group_norm(layers, name, x, 1, affine);
}

GanNode *gan_layer_prelu(GanLayers *layers, const char *name, GanNode *x)
{
    const gsize n = x->channels;
    const Start start = {.rule = "constant(value=0.25)"};
    GanAttributes attributes = gan_attributes_default();
    attributes.activation = GK_ACT_PRELU;
    GanNode *inputs[] = {x, value_of(layers, name, ".weight", GAN_PARAMETER_WEIGHT, 1, &n, &start)};
    return gan_graph_append(x->graph, GAN_OP_ACTIVATE, x->name, inputs, 2, &attributes);
}

// --- networks of the inference families ---

static GanNode *import_parameter(GanLayers *layers, const GanNode *node)
{
    GanTensor *tensor = node->attributes.parameter;
    if (!node->attributes.from_file)
        return gan_frozen(layers->graph, node->name, tensor);
    if (layers->error == NULL && gan_parameters_find(layers->parameters, node->name) == NULL) {
        GError *error = NULL;
        GanTensor *own = gan_parameters_add(layers->parameters, node->name, GAN_PARAMETER_WEIGHT,
                                            tensor->rank, tensor->shape, &error);
        if (own != NULL)
            memcpy(own->data, tensor->data, gan_tensor_length(tensor) * sizeof(float));
        else
            fail(layers, error);
    }
    const Start start = {.rule = "zeros"};
    const Entry *entry =
        enter(layers, node->name, GAN_PARAMETER_WEIGHT, tensor->rank, tensor->shape, &start);
    return entry != NULL ? entry->node : stand_in(layers, node->name, tensor->rank, tensor->shape);
}

// max(x, 0) + a min(x, 0) with one slope for all channels.
static GanNode *shared_prelu(GanNode *x, GanNode *slope)
{
    return gan_sum(gan_binary(x, x, GK_BINARY_STEP, 1, 0),
                   gan_product(gan_binary(x, x, GK_BINARY_STEP, 0, 1), slope));
}

GanNode *gan_layers_import(GanLayers *layers, const GanGraph *network, GanNode *x)
{
    const guint n = gan_graph_n_nodes(network);
    g_autofree GanNode **map = g_new0(GanNode *, n);
    for (guint i = 0; i < n; i++) {
        const GanNode *node = gan_graph_node(network, i);
        if (node->op == GAN_OP_INPUT) {
            map[i] = x;
            continue;
        }
        if (node->op == GAN_OP_PARAMETER) {
            map[i] = import_parameter(layers, node);
            continue;
        }
        g_autofree GanNode **inputs = g_new(GanNode *, MAX(node->n_inputs, 1));
        for (guint k = 0; k < node->n_inputs; k++)
            inputs[k] = map[node->inputs[k]->id];
        if (node->op == GAN_OP_ACTIVATE && node->n_inputs > 1 &&
            gan_tensor_length(node->inputs[1]->attributes.parameter) == 1 && node->channels > 1)
            map[i] = shared_prelu(inputs[0], inputs[1]);
        else
            map[i] = gan_graph_append(layers->graph, node->op, node->name, inputs, node->n_inputs,
                                      &node->attributes);
    }
    return map[gan_graph_output(network)->id];
}
