// SPDX-License-Identifier: LGPL-3.0-or-later
// A function of one value, element by element: x; attributes.unary with alpha and beta.
#include "rules.h"
#include "values.h"

#include <math.h>

static GkStatus run(const GanCall *call)
{
    const GanAttributes *a = &call->node->attributes;
    const GkUnary args = {.x = call->inputs[0],
                          .y = *call->output,
                          .kind = a->unary,
                          .alpha = a->alpha,
                          .beta = a->beta};
    return GAN_KERNEL(call, unary, &args);
}

static GanNode *gradient(GanNode *node, GanNode *g, guint k)
{
    GanNode *x = node->inputs[0];
    const GanAttributes *a = &node->attributes;
    switch (a->unary) {
    case GK_UNARY_LINEAR:
        return gan_linear_map(g, a->alpha, 0);
    case GK_UNARY_ABS:
        return gan_product(g, gan_unary(x, GK_UNARY_SIGN, 1, 0));
    case GK_UNARY_SIGN:
        return NULL;
    case GK_UNARY_SQUARE:
        return gan_binary(g, x, GK_BINARY_MULTIPLY, 2, 0);
    case GK_UNARY_SQRT:
        return gan_binary(g, node, GK_BINARY_DIVIDE, 0.5f, 0);
    case GK_UNARY_RECIPROCAL:
        return gan_binary(g, gan_square(node), GK_BINARY_MULTIPLY, -1, 0);
    case GK_UNARY_EXP:
        return gan_product(g, node);
    case GK_UNARY_LOG:
        return gan_quotient(g, x);
    case GK_UNARY_SOFTPLUS:
        return gan_product(g, gan_activated(x, GK_ACT_SIGMOID));
    case GK_UNARY_CLAMP:
        return gan_binary(g, x, GK_BINARY_WINDOW, a->alpha, a->beta);
    case GK_UNARY_ERF: // 2 / sqrt(pi) exp(-x^2)
        return gan_scaled(gan_product(g, gan_exponential(gan_linear_map(gan_square(x), -1, 0))),
                          M_2_SQRTPI);
    }
    g_assert_not_reached();
}

static void link(const GanNode *node, const GkView *input, const GkView *output, GkLink *link)
{
    const GanAttributes *a = &node->attributes;
    *link = (GkLink){GK_LINK_UNARY, (int)a->unary, a->alpha, a->beta, 0, 0, {0}};
}

const GanSightRule gan_sight_unary = gan_sees_local;
const GanOpRow gan_op_unary = {
    .name = "function",
    .channels = gan_channels_same,
    .shape = gan_shape_same,
    .geometry = gan_geometry_first,
    .run = run,
    .in_place = gan_in_place_first,
    .gradient = gradient,
    .link = link,
};
