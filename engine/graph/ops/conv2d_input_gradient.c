// SPDX-License-Identifier: LGPL-3.0-or-later
// Transposed convolution: g, weight [, like]; the gradient of a convolution with respect to x. Once
// fused: g, weight [, bias], and it ends with an activation.
#include "rules.h"

static gboolean has_like(const GanNode *node)
{
    return node->n_inputs > gan_node_n_data(node);
}

static guint channels(const GanNode *node)
{
    const GanTensor *weight = node->inputs[1]->attributes.parameter;
    return has_like(node)   ? node->inputs[2]->channels
           : weight == NULL ? node->attributes.channels
                            : (guint)weight->shape[1] * node->attributes.groups;
}

static gsize extent(gsize in, guint kernel, const GanAttributes *a, guint pad)
{
    const gsize full = (in - 1) * a->stride + (gsize)a->dilation * (kernel - 1) + 1 + a->output_pad;
    return in == 0 || full <= pad ? 0 : full - pad;
}

static gboolean shape(const GanNode *node, const GanShape *in, GanShape *out, GError **error)
{
    const GanAttributes *a = &node->attributes;
    // The weight is [channels of g][channels of the value / groups][kernel_h][kernel_w].
    if (in[1].n != in[0].c || in[1].w != a->kernel_h || in[1].c != a->kernel_w)
        return gan_shape_refuse(node, in, 2, error);
    const gsize channels_out = in[1].h * a->groups;
    if (has_like(node)) {
        *out = in[2];
        return (out->n == in[0].n && out->c == channels_out) ||
               gan_shape_refuse(node, in, 3, error);
    }
    *out = (GanShape){in[0].n, extent(in[0].h, a->kernel_h, a, a->pad_top + a->pad_bottom),
                      extent(in[0].w, a->kernel_w, a, a->pad_left + a->pad_right), channels_out};
    return (out->h > 0 && out->w > 0) || gan_shape_refuse(node, in, 2, error);
}

// Whether the value is as large as g times the stride.
static gboolean keeps_place(const GanAttributes *a, guint kernel, guint pad)
{
    return a->dilation * (kernel - 1) + 1 + a->output_pad == pad + a->stride;
}

static GanSight sight(const GanNode *node, const GanGeometry *rows)
{
    const GanAttributes *a = &node->attributes;
    return has_like(node) || (keeps_place(a, a->kernel_h, a->pad_top + a->pad_bottom) &&
                              keeps_place(a, a->kernel_w, a->pad_left + a->pad_right))
               ? GAN_SIGHT_LOCAL
               : GAN_SIGHT_WHOLE;
}

static GkConv2dInputGradient arguments(const GanCall *call)
{
    const GanNode *node = call->node;
    GkConv2dInputGradient args = {
        .g = call->inputs[0],
        .x = *call->output,
        .weight = call->inputs[1].data,
        .weight_changes = !gan_node_is_constant(node->inputs[1]),
        .activation = {.kind = node->attributes.activation, .slope = node->attributes.slope}};
    if (node->attributes.fused.has_bias) {
        args.bias = call->inputs[2].data;
        args.weight_changes = args.weight_changes || !gan_node_is_constant(node->inputs[2]);
    }
    gan_conv_shape(node, &args.shape);
    return args;
}

static GkStatus run(const GanCall *call)
{
    const GkConv2dInputGradient args = arguments(call);
    return GAN_KERNEL(call, conv2d_input_gradient, &args, call->plan);
}

static GkStatus cost(const GanCall *call, GkCost *cost)
{
    const GkConv2dInputGradient args = arguments(call);
    return GAN_KERNEL(call, conv2d_input_gradient_cost, &args, cost);
}

static GanNode *gradient(GanNode *node, GanNode *g, guint k)
{
    // Gradients are taken before fusion.
    g_assert(!node->attributes.fused.has_bias && node->attributes.activation == GK_ACT_NONE);
    if (k == 0)
        return gan_conv_again(node, g, node->inputs[1], node->inputs[0]);
    return gan_append_like(node, GAN_OP_CONV2D_WEIGHT_GRADIENT, g, node->inputs[0], NULL);
}

const GanSightRule gan_sight_conv2d_input_gradient = sight;
const GanOpRow gan_op_conv2d_input_gradient = {
    .name = "transposed convolution",
    .channels = channels,
    .shape = shape,
    .geometry = gan_geometry_spread,
    .run = run,
    .cost = cost,
    .gradient = gradient,
    .n_data = 2,
    .makes_pictures = TRUE,
};
