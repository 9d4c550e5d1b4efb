// SPDX-License-Identifier: LGPL-3.0-or-later
// A function of two values with broadcasting, element by element: a, b; attributes.binary with
// alpha and beta.
#include "rules.h"
#include "values.h"

static gboolean shape(const GanNode *node, const GanShape *in, GanShape *out, GError **error)
{
    gsize a[4], b[4], e[4];
    gan_shape_extents(&in[0], a);
    gan_shape_extents(&in[1], b);
    for (guint i = 0; i < 4; i++) {
        if (a[i] != b[i] && a[i] != 1 && b[i] != 1)
            return gan_shape_refuse(node, in, 2, error);
        e[i] = a[i] == 1 ? b[i] : a[i];
    }
    *out = gan_shape_of(e);
    return TRUE;
}

static GkStatus run(const GanCall *call)
{
    const GanAttributes *a = &call->node->attributes;
    const GkBinary args = {.a = call->inputs[0],
                           .b = call->inputs[1],
                           .y = *call->output,
                           .kind = a->binary,
                           .alpha = a->alpha,
                           .beta = a->beta};
    return GAN_KERNEL(call, binary, &args);
}

static GanNode *gradient(GanNode *node, GanNode *g, guint k)
{
    GanNode *a = node->inputs[0], *b = node->inputs[1], *part = NULL;
    const float alpha = node->attributes.alpha, beta = node->attributes.beta;
    switch (node->attributes.binary) {
    case GK_BINARY_ADD:
        part = gan_linear_map(g, k == 0 ? alpha : beta, 0);
        break;
    case GK_BINARY_MULTIPLY:
        part = gan_binary(g, k == 0 ? b : a, GK_BINARY_MULTIPLY, alpha, 0);
        break;
    case GK_BINARY_DIVIDE:
        // (alpha a / b)' = -alpha a / b^2
        part = k == 0 ? gan_binary(g, b, GK_BINARY_DIVIDE, alpha, 0)
                      : gan_binary(gan_product(g, node), b, GK_BINARY_DIVIDE, -1, 0);
        break;
    case GK_BINARY_STEP:
    case GK_BINARY_WINDOW:
        if (k == 0)
            part = gan_binary(g, b, node->attributes.binary, alpha, beta);
        break;
    }
    return part == NULL ? NULL : gan_reduce_like(part, node->inputs[k]);
}

static void link(const GanNode *node, const GkView *input, const GkView *output, GkLink *link)
{
    const GanAttributes *a = &node->attributes;
    *link = (GkLink){GK_LINK_BINARY, (int)a->binary, a->alpha, a->beta, 0, 0, {0}};
}

const GanSightRule gan_sight_binary = gan_sees_pointwise;
const GanOpRow gan_op_binary = {
    .name = "function of two",
    .channels = gan_channels_binary,
    .shape = shape,
    .geometry = gan_geometry_joined,
    .run = run,
    .in_place = gan_in_place_both,
    .gradient = gradient,
    .link = link,
    .one_scale = TRUE,
};
