// SPDX-License-Identifier: LGPL-3.0-or-later
// What instance, group, layer and batch norm do with moments: x, moments [, weight, bias];
// attributes.groups and epsilon. Once fused it ends with an activation and a sum with a residual.
#include "rules.h"
#include "values.h"

#include <ops/normalise.h>

static gboolean has_residual(const GanNode *node)
{
    return node->attributes.fused.n_residuals > 0;
}

static gboolean has_weight(const GanNode *node)
{
    return node->n_inputs >= 4;
}

static gboolean shape(const GanNode *node, const GanShape *in, GanShape *out, GError **error)
{
    const guint n = node->attributes.groups;
    *out = in[0];
    if (in[1].c != 2 * n || in[0].c % n != 0 ||
        (has_weight(node) && (in[2].c != in[0].c || in[3].c != in[0].c)))
        return gan_shape_refuse(node, in, node->n_inputs, error);
    return !has_residual(node) || gan_shapes_equal(node, &in[0], &in[node->n_inputs - 1], error);
}

static GkStatus run(const GanCall *call)
{
    const GanAttributes *a = &call->node->attributes;
    const GkView *in = call->inputs;
    const GkNormalise args = {.x = in[0],
                              .y = *call->output,
                              .moments = in[1],
                              .weight = has_weight(call->node) ? &in[2] : NULL,
                              .bias = has_weight(call->node) ? &in[3] : NULL,
                              .residual =
                                  has_residual(call->node) ? &in[call->node->n_inputs - 1] : NULL,
                              .epsilon = a->epsilon,
                              .activation = {.kind = a->activation, .slope = a->slope}};
    return GAN_KERNEL(call, normalise, &args);
}

static guint in_place(const GanNode *node)
{
    return 1u | (has_residual(node) ? 1u << (node->n_inputs - 1) : 0);
}

// y = (x - mean) s weight + bias with s = (variance + epsilon)^(-1/2), spread over the channels.
static GanNode *gradient(GanNode *node, GanNode *g, guint k)
{
    const GanAttributes *a = &node->attributes;
    // Gradients are taken before fusion.
    g_assert(a->activation == GK_ACT_NONE && !has_residual(node));
    GanNode *x = node->inputs[0], *moments = node->inputs[1];
    const guint n = a->groups, c = x->channels;
    if (k == 3)
        return gan_reduce_like(g, node->inputs[3]);
    GanNode *variance = gan_linear_map(gan_slice(moments, 3, n, n), 1, a->epsilon);
    GanNode *s = gan_group_spread(gan_reciprocal(gan_square_root(variance)), n, c);
    GanNode *centred = gan_difference(x, gan_group_spread(gan_slice(moments, 3, 0, n), n, c));
    if (k == 2)
        return gan_reduce_like(gan_product(g, gan_product(centred, s)), node->inputs[2]);
    GanNode *of_x = gan_product(g, has_weight(node) ? gan_product(s, node->inputs[2]) : s);
    if (k == 0)
        return of_x;
    // -1 for the mean, -(x - mean) / (2 (variance + epsilon)) for the variance.
    GanNode *of_mean = gan_negate(gan_group_sum(of_x, n));
    GanNode *parts[] = {of_mean, gan_binary(gan_group_sum(gan_product(of_x, centred), n), variance,
                                            GK_BINARY_DIVIDE, -0.5f, 0)};
    const GanAttributes plain = gan_attributes_default();
    GanNode *both = gan_graph_append(node->graph, GAN_OP_CONCAT, node->name, parts, 2, &plain);
    return gan_reduce_like(both, moments);
}

const GanSightRule gan_sight_normalise = gan_sees_local;
const GanOpRow gan_op_normalise = {
    .name = "normalisation",
    .channels = gan_channels_same,
    .shape = shape,
    .geometry = gan_geometry_joined,
    .run = run,
    .in_place = in_place,
    .gradient = gradient,
};
