// SPDX-License-Identifier: LGPL-3.0-or-later
// Layers by the papers' names.
#include "nn.h"

#include <math.h>

struct GanNet {
    GanGraph *graph;
    GanWeights *weights;
    GPtrArray *scopes; // each with its trailing dot, all before it included
    GError *error;
};

GanNet *gan_net_new(GanWeights *weights)
{
    GanNet *net = g_new0(GanNet, 1);
    net->graph = gan_graph_new();
    net->weights = gan_weights_ref(weights);
    net->scopes = g_ptr_array_new_with_free_func(g_free);
    return net;
}

GanGraph *gan_net_finish(GanNet *net, GanNode *output, GError **error)
{
    g_assert(net->scopes->len == 0);
    g_autoptr(GanGraph) graph = net->graph;
    gan_graph_set_output(graph, output);
    const gboolean failed = net->error != NULL;
    if (failed)
        g_propagate_error(error, net->error);
    gan_weights_unref(net->weights);
    g_ptr_array_unref(net->scopes);
    g_free(net);
    return failed ? NULL : g_steal_pointer(&graph);
}

void gan_push(GanNet *net, const char *format, ...)
{
    va_list arguments;
    va_start(arguments, format);
    g_autofree char *scope = g_strdup_vprintf(format, arguments);
    va_end(arguments);
    const char *outer = net->scopes->len == 0 ? "" : net->scopes->pdata[net->scopes->len - 1];
    g_ptr_array_add(net->scopes, g_strconcat(outer, scope, ".", NULL));
}

void gan_pop(GanNet *net)
{
    g_assert(net->scopes->len > 0);
    g_ptr_array_remove_index(net->scopes, net->scopes->len - 1);
}

GanWeights *gan_net_weights(GanNet *net)
{
    return net->weights;
}

void gan_net_fail(GanNet *net, GError *error)
{
    if (net->error == NULL)
        net->error = error;
    else
        g_error_free(error);
}

static char *scoped(const GanNet *net, const char *name, const char *suffix)
{
    const char *scope = net->scopes->len == 0 ? "" : net->scopes->pdata[net->scopes->len - 1];
    return g_strconcat(scope, name, suffix, NULL);
}

// A node of a tensor. Takes `tensor`.
static GanNode *parameter(GanGraph *graph, const char *name, GanTensor *tensor)
{
    GanAttributes a = gan_attributes_default();
    a.parameter = tensor;
    GanNode *node = gan_graph_append(graph, GAN_OP_PARAMETER, name, NULL, 0, &a);
    gan_tensor_unref(tensor);
    return node;
}

// Stands for a weight that could not be read; the net has failed and will never run. Its data is
// shared by all: a damaged file may promise shapes of any size.
static GanTensor *missing(guint rank, const gsize *shape)
{
    return gan_tensor_new_borrowed(rank, shape, NULL, NULL, NULL);
}

// The tensor with the full name `name`, if its shape is the wanted one.
static GanTensor *read(GanNet *net, const char *name, guint rank, const gsize *shape)
{
    if (net->error != NULL)
        return missing(rank, shape);
    const GanWeightsEntry *entry = gan_weights_find(net->weights, name);
    gboolean fits = entry != NULL && entry->rank == rank;
    for (guint i = 0; fits && i < rank; i++)
        fits = entry->shape[i] == shape[i];
    GError *error = NULL;
    GanTensor *tensor = NULL;
    if (fits) {
        tensor = gan_weights_tensor(net->weights, name, &error);
    } else {
        g_autofree char *want = gan_shape_text(rank, shape);
        g_autofree char *have = entry == NULL ? NULL : gan_shape_text(entry->rank, entry->shape);
        const char *path = gan_weights_path(net->weights);
        if (entry == NULL)
            error = g_error_new(GAN_ERROR, GAN_ERROR_SHAPE,
                                "%s: tensor '%s' is missing; the network needs it as %s", path,
                                name, want);
        else
            error =
                g_error_new(GAN_ERROR, GAN_ERROR_SHAPE,
                            "%s: tensor '%s' is %s; the network needs %s", path, name, have, want);
    }
    if (tensor != NULL)
        return tensor;
    gan_net_fail(net, error);
    return missing(rank, shape);
}

GanNode *gan_weight(GanNet *net, const char *name, guint rank, const gsize *shape)
{
    g_autofree char *full = scoped(net, name, "");
    GanNode *node = parameter(net->graph, full, read(net, full, rank, shape));
    node->attributes.from_file = TRUE;
    return node;
}

GanNode *gan_constant(GanNet *net, const char *name, GanTensor *tensor)
{
    g_autofree char *full = scoped(net, name, "");
    return parameter(net->graph, full, tensor);
}

GanNode *gan_input(GanNet *net, guint channels)
{
    GanAttributes a = gan_attributes_default();
    a.channels = channels;
    return gan_graph_append(net->graph, GAN_OP_INPUT, "input", NULL, 0, &a);
}

GanNode *gan_conv2d_with(GanNode *x, GanNode *weight, GanNode *bias)
{
    const GanTensor *w = weight->attributes.parameter;
    GanAttributes a = gan_attributes_default();
    a.kernel_h = (guint)w->shape[2];
    a.kernel_w = (guint)w->shape[3];
    a.pad_top = a.pad_bottom = a.kernel_h / 2;
    a.pad_left = a.pad_right = a.kernel_w / 2;
    GanNode *inputs[] = {x, weight, bias};
    return gan_graph_append(x->graph, GAN_OP_CONV2D, weight->name, inputs, bias == NULL ? 2 : 3,
                            &a);
}

GanNode *gan_conv2d(GanNet *net, const char *name, GanNode *x, guint out_channels, guint kernel)
{
    g_autofree char *w = g_strconcat(name, ".weight", NULL);
    g_autofree char *b = g_strconcat(name, ".bias", NULL);
    g_autofree char *full = scoped(net, b, "");
    const gsize shape[] = {out_channels, x->channels, kernel, kernel};
    GanNode *weight = gan_weight(net, w, 4, shape);
    GanNode *bias =
        gan_weights_find(net->weights, full) == NULL ? NULL : gan_weight(net, b, 1, shape);
    return gan_conv2d_with(x, weight, bias);
}

GanNode *gan_affine_channels(GanNet *net, GanNode *x, const float *scale, const float *shift)
{
    const gsize n = x->channels;
    GanNode *inputs[3] = {x};
    for (guint k = 0; k < 2; k++) {
        GError *error = NULL;
        GanTensor *tensor = gan_tensor_new(1, &n, &error);
        if (tensor == NULL) {
            gan_net_fail(net, error);
            tensor = missing(1, &n);
        }
        for (gsize i = 0; i < n && tensor->data != NULL; i++)
            tensor->data[i] = k == 0 ? scale[i] : shift[i];
        inputs[k + 1] = parameter(net->graph, k == 0 ? "scale" : "shift", tensor);
    }
    const GanAttributes a = gan_attributes_default();
    return gan_graph_append(net->graph, GAN_OP_AFFINE, "scale", inputs, 3, &a);
}

GanNode *gan_affine(GanNet *net, GanNode *x, float scale, float shift)
{
    g_autofree float *values = g_new(float, 2 * (gsize)x->channels);
    for (guint i = 0; i < x->channels; i++) {
        values[i] = scale;
        values[x->channels + i] = shift;
    }
    return gan_affine_channels(net, x, values, values + x->channels);
}

// gamma (x - mean) / sqrt(variance + eps) + beta = s x + (beta - s mean), s = gamma / sqrt(variance
// + eps).
GanNode *gan_batch_norm(GanNet *net, const char *name, GanNode *x)
{
    static const char *const parts[] = {".weight", ".bias", ".running_mean", ".running_var"};
    const gsize n = x->channels;
    GanTensor *t[4];
    for (guint k = 0; k < 4; k++) {
        g_autofree char *full = scoped(net, name, parts[k]);
        t[k] = read(net, full, 1, &n);
    }
    g_autofree float *values = g_new0(float, 2 * n);
    for (gsize i = 0; net->error == NULL && i < n; i++) {
        const double s = t[0]->data[i] / sqrt((double)t[3]->data[i] + 1e-5);
        values[i] = (float)s;
        values[n + i] = (float)(t[1]->data[i] - s * t[2]->data[i]);
    }
    for (guint k = 0; k < 4; k++)
        gan_tensor_unref(t[k]);
    return gan_affine_channels(net, x, values, values + n);
}

static GanNode *activate(GanNode *x, GanNode *slopes, GkActivationKind kind, float slope)
{
    GanAttributes a = gan_attributes_default();
    a.activation = kind;
    a.slope = slope;
    GanNode *inputs[] = {x, slopes};
    return gan_graph_append(x->graph, GAN_OP_ACTIVATE, x->name, inputs, slopes == NULL ? 1 : 2, &a);
}

GanNode *gan_prelu(GanNet *net, const char *name, GanNode *x)
{
    g_autofree char *w = g_strconcat(name, ".weight", NULL);
    g_autofree char *full = scoped(net, w, "");
    const GanWeightsEntry *entry = gan_weights_find(net->weights, full);
    const gboolean shared = entry != NULL && entry->rank == 1 && entry->shape[0] == 1;
    const gsize n = shared ? 1 : x->channels;
    return activate(x, gan_weight(net, w, 1, &n), GK_ACT_PRELU, 0);
}

GanNode *gan_relu(GanNode *x)
{
    return activate(x, NULL, GK_ACT_LEAKY, 0);
}

GanNode *gan_lrelu(GanNode *x, float slope)
{
    return activate(x, NULL, GK_ACT_LEAKY, slope);
}

GanNode *gan_silu(GanNode *x)
{
    return activate(x, NULL, GK_ACT_SILU, 0);
}

GanNode *gan_sigmoid(GanNode *x)
{
    return activate(x, NULL, GK_ACT_SIGMOID, 0);
}

GanNode *gan_tanh(GanNode *x)
{
    return activate(x, NULL, GK_ACT_TANH, 0);
}

GanNode *gan_scaled_add(float alpha, GanNode *a, float beta, GanNode *b)
{
    GanAttributes attributes = gan_attributes_default();
    attributes.alpha = alpha;
    attributes.beta = beta;
    GanNode *inputs[] = {a, b};
    return gan_graph_append(a->graph, GAN_OP_ADD, a->name, inputs, 2, &attributes);
}

GanNode *gan_add(GanNode *a, GanNode *b)
{
    return gan_scaled_add(1, a, 1, b);
}

GanNode *gan_multiply(GanNode *a, GanNode *b)
{
    const GanAttributes attributes = gan_attributes_default();
    GanNode *inputs[] = {a, b};
    return gan_graph_append(a->graph, GAN_OP_MULTIPLY, a->name, inputs, 2, &attributes);
}

GanNode *gan_concat(GanNode *const *x, guint n)
{
    const GanAttributes attributes = gan_attributes_default();
    return gan_graph_append(x[0]->graph, GAN_OP_CONCAT, x[0]->name, x, n, &attributes);
}

static GanNode *by_factor(GanOp op, GanNode *x, guint factor)
{
    GanAttributes attributes = gan_attributes_default();
    attributes.factor = factor;
    return gan_graph_append(x->graph, op, x->name, &x, 1, &attributes);
}

GanNode *gan_pixel_shuffle(GanNode *x, guint factor)
{
    return by_factor(GAN_OP_PIXEL_SHUFFLE, x, factor);
}

GanNode *gan_pixel_unshuffle(GanNode *x, guint factor)
{
    return by_factor(GAN_OP_PIXEL_UNSHUFFLE, x, factor);
}

GanNode *gan_upsample_nearest(GanNode *x, guint factor)
{
    return by_factor(GAN_OP_UPSAMPLE_NEAREST, x, factor);
}

GanNode *gan_upsample_bilinear(GanNode *x, guint factor)
{
    return by_factor(GAN_OP_UPSAMPLE_BILINEAR, x, factor);
}

GanNode *gan_pad_to_multiple(GanNode *x, guint multiple, GkPadMode mode)
{
    GanAttributes attributes = gan_attributes_default();
    attributes.factor = multiple;
    attributes.pad_mode = mode;
    return gan_graph_append(x->graph, GAN_OP_PAD_TO_MULTIPLE, x->name, &x, 1, &attributes);
}

GanNode *gan_crop_like(GanNode *x, GanNode *reference, guint factor)
{
    GanAttributes attributes = gan_attributes_default();
    attributes.factor = factor;
    GanNode *inputs[] = {x, reference};
    return gan_graph_append(x->graph, GAN_OP_CROP_LIKE, x->name, inputs, 2, &attributes);
}
