// SPDX-License-Identifier: LGPL-3.0-or-later
// Arithmetic on values of a graph.
#include "values.h"

static GanNode *append(GanOp op, GanNode *a, GanNode *b, const GanAttributes *attributes)
{
    GanNode *inputs[] = {a, b};
    return gan_graph_append(a->graph, op, a->name, inputs, b == NULL ? 1 : 2, attributes);
}

static GanNode *parameter(GanGraph *graph, const char *name, GanTensor *tensor, gboolean trainable)
{
    GanAttributes attributes = gan_attributes_default();
    attributes.parameter = tensor;
    attributes.trainable = trainable;
    return gan_graph_append(graph, GAN_OP_PARAMETER, name, NULL, 0, &attributes);
}

GanNode *gan_scalar(GanGraph *graph, double value)
{
    g_autoptr(GanTensor) tensor = gan_tensor_new(0, NULL, NULL);
    g_assert(tensor != NULL);
    tensor->data[0] = (float)value;
    return parameter(graph, "constant", tensor, FALSE);
}

GanNode *gan_trainable(GanGraph *graph, const char *name, GanTensor *tensor)
{
    return parameter(graph, name, tensor, TRUE);
}

GanNode *gan_frozen(GanGraph *graph, const char *name, GanTensor *tensor)
{
    return parameter(graph, name, tensor, FALSE);
}

GanNode *gan_named_input(GanGraph *graph, const char *name, guint channels)
{
    GanAttributes attributes = gan_attributes_default();
    attributes.channels = channels;
    return gan_graph_append(graph, GAN_OP_INPUT, name, NULL, 0, &attributes);
}

GanNode *gan_unary(GanNode *x, GkUnaryKind kind, float alpha, float beta)
{
    GanAttributes attributes = gan_attributes_default();
    attributes.unary = kind;
    attributes.alpha = alpha;
    attributes.beta = beta;
    return append(GAN_OP_UNARY, x, NULL, &attributes);
}

GanNode *gan_linear_map(GanNode *x, float scale, float shift)
{
    return scale == 1 && shift == 0 ? x : gan_unary(x, GK_UNARY_LINEAR, scale, shift);
}

// The factor's first digits and the others, so that a graph in double keeps them.
GanNode *gan_scaled(GanNode *x, double factor)
{
    const float high = (float)factor, low = (float)(factor - (double)high);
    return gan_binary(x, x, GK_BINARY_ADD, high, low);
}

GanNode *gan_negate(GanNode *x)
{
    return gan_linear_map(x, -1, 0);
}

GanNode *gan_absolute(GanNode *x)
{
    return gan_unary(x, GK_UNARY_ABS, 1, 0);
}

GanNode *gan_square(GanNode *x)
{
    return gan_unary(x, GK_UNARY_SQUARE, 1, 0);
}

GanNode *gan_square_root(GanNode *x)
{
    return gan_unary(x, GK_UNARY_SQRT, 1, 0);
}

GanNode *gan_reciprocal(GanNode *x)
{
    return gan_unary(x, GK_UNARY_RECIPROCAL, 1, 0);
}

GanNode *gan_exponential(GanNode *x)
{
    return gan_unary(x, GK_UNARY_EXP, 1, 0);
}

GanNode *gan_logarithm(GanNode *x)
{
    return gan_unary(x, GK_UNARY_LOG, 1, 0);
}

GanNode *gan_softplus(GanNode *x)
{
    return gan_unary(x, GK_UNARY_SOFTPLUS, 1, 0);
}

GanNode *gan_clamp(GanNode *x, float low, float high)
{
    return gan_unary(x, GK_UNARY_CLAMP, low, high);
}

GanNode *gan_binary(GanNode *a, GanNode *b, GkBinaryKind kind, float alpha, float beta)
{
    GanAttributes attributes = gan_attributes_default();
    attributes.binary = kind;
    attributes.alpha = alpha;
    attributes.beta = beta;
    return append(GAN_OP_BINARY, a, b, &attributes);
}

GanNode *gan_sum(GanNode *a, GanNode *b)
{
    return gan_binary(a, b, GK_BINARY_ADD, 1, 1);
}

GanNode *gan_difference(GanNode *a, GanNode *b)
{
    return gan_binary(a, b, GK_BINARY_ADD, 1, -1);
}

GanNode *gan_product(GanNode *a, GanNode *b)
{
    return gan_binary(a, b, GK_BINARY_MULTIPLY, 1, 0);
}

GanNode *gan_quotient(GanNode *a, GanNode *b)
{
    return gan_binary(a, b, GK_BINARY_DIVIDE, 1, 0);
}

GanNode *gan_reduce_sum(GanNode *x, guint axes)
{
    GanAttributes attributes = gan_attributes_default();
    attributes.axes = axes;
    return append(GAN_OP_REDUCE, x, NULL, &attributes);
}

GanNode *gan_reduce_mean(GanNode *x, guint axes)
{
    GanAttributes attributes = gan_attributes_default();
    attributes.axes = axes;
    attributes.mean = TRUE;
    return append(GAN_OP_REDUCE, x, NULL, &attributes);
}

GanNode *gan_reduce_like(GanNode *x, GanNode *like)
{
    const GanAttributes attributes = gan_attributes_default();
    return append(GAN_OP_REDUCE, x, like, &attributes);
}

GanNode *gan_broadcast(GanNode *x, GanNode *like)
{
    const GanAttributes attributes = gan_attributes_default();
    return append(GAN_OP_BROADCAST, x, like, &attributes);
}

GanNode *gan_share(GanNode *x, guint axes)
{
    // Only the shape of x, with the other axes cut to one place, is asked for.
    for (guint i = 0; i < 4; i++)
        if (!(axes & (1u << i)))
            x = gan_slice(x, i, 0, 1);
    GanAttributes attributes = gan_attributes_default();
    attributes.mean = TRUE;
    GanNode *shares = append(GAN_OP_BROADCAST, gan_scalar(x->graph, 1), x, &attributes);
    return gan_reduce_mean(shares, GAN_AXIS_ALL);
}

GanNode *gan_matmul(GanNode *a, gboolean transpose_a, GanNode *b, gboolean transpose_b)
{
    GanAttributes attributes = gan_attributes_default();
    attributes.transpose_a = transpose_a;
    attributes.transpose_b = transpose_b;
    return append(GAN_OP_MATMUL, a, b, &attributes);
}

GanNode *gan_transpose(GanNode *x, guint n, guint h, guint w, guint c)
{
    GanAttributes attributes = gan_attributes_default();
    const guint order[] = {n, h, w, c};
    for (guint i = 0; i < 4; i++)
        attributes.order[i] = order[i];
    return append(GAN_OP_TRANSPOSE, x, NULL, &attributes);
}

GanNode *gan_reshape(GanNode *x, int n, int h, int w, int c)
{
    GanAttributes attributes = gan_attributes_default();
    const int extent[] = {n, h, w, c};
    for (guint i = 0; i < 4; i++)
        attributes.extent[i] = extent[i];
    return append(GAN_OP_RESHAPE, x, NULL, &attributes);
}

GanNode *gan_slice(GanNode *x, guint axis, guint first, guint count)
{
    GanAttributes attributes = gan_attributes_default();
    g_assert(axis < 4);
    attributes.first[axis] = first;
    attributes.extent[axis] = (int)count;
    return append(GAN_OP_SLICE, x, NULL, &attributes);
}

GanNode *gan_stop(GanNode *x)
{
    const GanAttributes attributes = gan_attributes_default();
    return append(GAN_OP_STOP, x, NULL, &attributes);
}

static GanAttributes conv_attributes(const GanConvParams *params, guint channels)
{
    GanAttributes a = gan_attributes_default();
    a.channels = channels;
    a.kernel_h = params->kernel_h;
    a.kernel_w = params->kernel_w;
    a.stride = MAX(params->stride, 1);
    a.dilation = MAX(params->dilation, 1);
    a.groups = MAX(params->groups, 1);
    a.pad_top = params->pad_top;
    a.pad_left = params->pad_left;
    a.pad_bottom = params->pad_bottom;
    a.pad_right = params->pad_right;
    a.output_pad = params->output_pad;
    a.pad_mode = params->pad_mode;
    return a;
}

GanNode *gan_convolution(GanNode *x, GanNode *weight, GanNode *bias, guint channels,
                         const GanConvParams *params)
{
    const GanAttributes attributes = conv_attributes(params, channels);
    GanNode *inputs[] = {x, weight, bias};
    return gan_graph_append(x->graph, GAN_OP_CONV2D, weight->name, inputs, bias == NULL ? 2 : 3,
                            &attributes);
}

GanNode *gan_transposed_convolution(GanNode *x, GanNode *weight, GanNode *bias, guint channels,
                                    const GanConvParams *params)
{
    const GanAttributes attributes = conv_attributes(params, channels);
    GanNode *inputs[] = {x, weight};
    GanNode *y = gan_graph_append(x->graph, GAN_OP_CONV2D_INPUT_GRADIENT, weight->name, inputs, 2,
                                  &attributes);
    return bias == NULL ? y : gan_sum(y, bias);
}

GanNode *gan_moments(GanNode *x, guint groups, gboolean all_images)
{
    GanAttributes attributes = gan_attributes_default();
    attributes.groups = groups;
    attributes.axes = all_images ? GAN_AXIS_N : 0;
    return append(GAN_OP_MOMENTS, x, NULL, &attributes);
}

GanNode *gan_normalised(GanNode *x, GanNode *moments, float epsilon)
{
    GanAttributes attributes = gan_attributes_default();
    attributes.groups = moments->channels / 2;
    attributes.epsilon = epsilon;
    return append(GAN_OP_NORMALISE, x, moments, &attributes);
}

GanNode *gan_softmax(GanNode *x, guint axis)
{
    GanAttributes attributes = gan_attributes_default();
    g_assert(axis == GAN_AXIS_C || axis == GAN_AXIS_W);
    attributes.axes = axis;
    return append(GAN_OP_SOFTMAX, x, NULL, &attributes);
}

GanNode *gan_pad(GanNode *x, guint top, guint left, guint bottom, guint right, GkPadMode mode)
{
    GanAttributes attributes = gan_attributes_default();
    attributes.pad_top = top;
    attributes.pad_left = left;
    attributes.pad_bottom = bottom;
    attributes.pad_right = right;
    attributes.pad_mode = mode;
    return append(GAN_OP_PAD, x, NULL, &attributes);
}

static GanAttributes pool_attributes(guint kernel, guint stride, guint pad, gboolean ceil)
{
    GanAttributes a = gan_attributes_default();
    a.kernel_h = a.kernel_w = kernel;
    a.stride = stride;
    a.pad_top = a.pad_left = a.pad_bottom = a.pad_right = pad;
    a.ceil = ceil;
    return a;
}

GanNode *gan_average_pool(GanNode *x, guint kernel, guint stride, guint pad, gboolean ceil,
                          gboolean count_pad)
{
    GanAttributes attributes = pool_attributes(kernel, stride, pad, ceil);
    attributes.alpha = count_pad ? 1 / (float)(kernel * kernel) : 0;
    return append(GAN_OP_AVERAGE_POOL, x, NULL, &attributes);
}

GanNode *gan_max_pool(GanNode *x, guint kernel, guint stride, guint pad, gboolean ceil)
{
    const GanAttributes attributes = pool_attributes(kernel, stride, pad, ceil);
    return append(GAN_OP_MAX_POOL, x, x, &attributes);
}
