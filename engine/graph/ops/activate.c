// SPDX-License-Identifier: LGPL-3.0-or-later
// Activation: x [, slopes].
#include "rules.h"
#include "values.h"

static GkStatus run(const GanCall *call)
{
    const GanAttributes *a = &call->node->attributes;
    const GkActivate args = {
        .x = call->inputs[0],
        .y = *call->output,
        .activation = {.kind = a->activation,
                       .slope = a->slope,
                       .slopes = call->node->n_inputs > 1 ? call->inputs[1].data : NULL}};
    return call->ops->activate == NULL ? GK_ERROR_UNSUPPORTED
                                       : call->ops->activate(call->context, &args);
}

static gsize spread(const GanNode *node, guint k)
{
    return node->channels;
}

// As PyTorch has it, the slope counts at zero.
static GanNode *step(GanNode *g, GanNode *x, float above, float below)
{
    return gan_binary(g, x, GK_BINARY_STEP, above, below);
}

static GanNode *gradient(GanNode *node, GanNode *g, guint k)
{
    GanNode *x = node->inputs[0];
    const float slope = node->attributes.slope;
    switch (node->attributes.activation) {
    case GK_ACT_NONE:
        return g;
    case GK_ACT_LEAKY:
        // With a slope that is not negative the value has x's sign, and x need not be kept.
        return step(g, slope >= 0 ? node : x, 1, slope);
    case GK_ACT_PRELU: {
        // Both share the part of g below zero: times x it goes to the slopes, times the slope it
        // stays.
        GanNode *slopes = node->inputs[1], *below = step(g, x, 0, 1);
        if (k == 1)
            return gan_reduce_like(gan_product(below, x), slopes);
        return gan_sum(g, gan_product(below, gan_linear_map(slopes, 1, -1)));
    }
    case GK_ACT_SIGMOID: // y (1 - y)
        return gan_product(g, gan_product(node, gan_linear_map(node, -1, 1)));
    case GK_ACT_TANH: // 1 - y^2
        return gan_product(g, gan_linear_map(gan_square(node), -1, 1));
    case GK_ACT_SILU: { // s + y (1 - s)
        GanNode *s = gan_activated(x, GK_ACT_SIGMOID);
        return gan_product(g, gan_sum(s, gan_product(node, gan_linear_map(s, -1, 1))));
    }
    }
    g_assert_not_reached();
}

const GanSightRule gan_sight_activate = gan_sees_local;
const GanOpRow gan_op_activate = {
    .name = "activation",
    .channels = gan_channels_same,
    .shape = gan_shape_same,
    .geometry = gan_geometry_first,
    .run = run,
    .in_place = gan_in_place_first,
    .gradient = gradient,
    .spread = spread,
};
