// SPDX-License-Identifier: LGPL-3.0-or-later
// The gradient of a convolution with respect to its weight: x, g.
#include "rules.h"

static gboolean shape(const GanNode *node, const GanShape *in, GanShape *out, GError **error)
{
    const GanAttributes *a = &node->attributes;
    if (in[0].n != in[1].n || in[0].c % a->groups != 0 || in[1].c % a->groups != 0)
        return gan_shape_refuse(node, in, 2, error);
    *out = (GanShape){in[1].c, in[0].c / a->groups, a->kernel_h, a->kernel_w};
    return TRUE;
}

static GkConv2dWeightGradient arguments(const GanCall *call)
{
    GkConv2dWeightGradient args = {
        .x = call->inputs[0], .g = call->inputs[1], .weight = call->output->data};
    gan_conv_shape(call->node, &args.shape);
    return args;
}

static GkStatus run(const GanCall *call)
{
    const GkConv2dWeightGradient args = arguments(call);
    return GAN_KERNEL(call, conv2d_weight_gradient, &args, call->plan);
}

static GkStatus cost(const GanCall *call, GkCost *cost)
{
    const GkConv2dWeightGradient args = arguments(call);
    return GAN_KERNEL(call, conv2d_weight_gradient_cost, &args, cost);
}

static GanNode *gradient(GanNode *node, GanNode *g, guint k)
{
    if (k == 0)
        return gan_append_like(node, GAN_OP_CONV2D_INPUT_GRADIENT, node->inputs[1], g,
                               node->inputs[0]);
    return gan_conv_again(node, node->inputs[0], g, node->inputs[1]);
}

const GanSightRule gan_sight_conv2d_weight_gradient = gan_sees_statistics;
const GanOpRow gan_op_conv2d_weight_gradient = {
    .name = "weight gradient",
    .channels = gan_channels_none,
    .shape = shape,
    .geometry = gan_geometry_none,
    .run = run,
    .cost = cost,
    .gradient = gradient,
    .dense = TRUE,
};
