// SPDX-License-Identifier: LGPL-3.0-or-later
// Activation: x [, slopes].
#include "rules.h"
#include "values.h"

#include <math.h>

static GkStatus run(const GanCall *call)
{
    const GanAttributes *a = &call->node->attributes;
    const GkActivate args = {
        .x = call->inputs[0],
        .y = *call->output,
        .activation = {.kind = a->activation,
                       .slope = a->slope,
                       .slopes = call->node->n_inputs > 1 ? call->inputs[1].data : NULL}};
    return GAN_KERNEL(call, activate, &args);
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

// t + x s (1 - t^2) with s = sigmoid(x), t = tanh(softplus(x)).
static GanNode *slope_of_mish(GanNode *x)
{
    GanNode *s = gan_activated(x, GK_ACT_SIGMOID), *t = gan_activated(gan_softplus(x), GK_ACT_TANH);
    return gan_sum(t, gan_product(gan_product(x, s), gan_linear_map(gan_square(t), -1, 1)));
}

// P + x p, the normal distribution and its density.
static GanNode *slope_of_gelu(GanNode *x)
{
    GanNode *error = gan_unary(gan_scaled(x, M_SQRT1_2), GK_UNARY_ERF, 1, 0);
    GanNode *density = gan_exponential(gan_linear_map(gan_square(x), -0.5f, 0));
    return gan_sum(gan_linear_map(error, 0.5f, 0.5f),
                   gan_scaled(gan_product(x, density), M_SQRT1_2 * M_2_SQRTPI / 2));
}

// s + x s (1 - s) u' with s = sigmoid(u), u = a (x + b x^3).
static GanNode *slope_of_gelu_tanh(GanNode *x)
{
    const double a = M_SQRT2 * M_2_SQRTPI;
    GanNode *square = gan_scaled(gan_square(x), 0.044715);
    GanNode *u = gan_scaled(gan_product(x, gan_linear_map(square, 1, 1)), a);
    GanNode *s = gan_activated(u, GK_ACT_SIGMOID);
    GanNode *steep = gan_product(s, gan_linear_map(s, -1, 1));
    GanNode *rest = gan_product(gan_product(x, steep), gan_linear_map(square, 3, 1));
    return gan_sum(s, gan_scaled(rest, a));
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
        // Both share the part of g below zero: times x it goes to the slopes, times the
        // slope it stays.
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
    case GK_ACT_ELU: // y + slope below zero
        return gan_sum(step(g, x, 1, 0),
                       step(gan_product(g, gan_linear_map(node, 1, slope)), x, 0, 1));
    case GK_ACT_SOFTPLUS:
        return gan_product(g, gan_activated(x, GK_ACT_SIGMOID));
    case GK_ACT_MISH:
        return gan_product(g, slope_of_mish(x));
    case GK_ACT_GELU:
        return gan_product(g, slope_of_gelu(x));
    case GK_ACT_GELU_TANH:
        return gan_product(g, slope_of_gelu_tanh(x));
    case GK_ACT_HARD_SIGMOID:
        return gan_binary(gan_scaled(g, 1.0 / 6), x, GK_BINARY_WINDOW, -3, 3);
    case GK_ACT_HARD_SWISH: {
        GanNode *inside =
            gan_binary(gan_product(gan_scaled(g, 1.0 / 6), x), x, GK_BINARY_WINDOW, -3, 3);
        return gan_sum(gan_product(g, gan_activated(x, GK_ACT_HARD_SIGMOID)), inside);
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
