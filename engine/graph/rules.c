// SPDX-License-Identifier: LGPL-3.0-or-later
// The gradient rules: for each operation, what appends the gradient of an input to the graph.
//
// A rule appends operations of the same set, so that it has a gradient itself. Two operations whose
// gradients are each other share the attributes; the input that only lends its shape tells the size
// that the way back cannot know.
#include "value_ops.h"
#include "values.h"

static GanNode *append_with(GanNode *node, GanOp op, GanNode *a, GanNode *b, GanNode *c)
{
    GanNode *inputs[] = {a, b, c};
    return gan_graph_append(node->graph, op, node->name, inputs,
                            b == NULL   ? 1
                            : c == NULL ? 2
                                        : 3,
                            &node->attributes);
}

static GanNode *of_value(GanNode *node, GanOp op, GanNode *inputs[], guint n)
{
    const GanAttributes attributes = gan_attributes_default();
    return gan_graph_append(node->graph, op, node->name, inputs, n, &attributes);
}

static GanNode *activate(GanNode *x, GkActivationKind kind)
{
    GanAttributes attributes = gan_attributes_default();
    attributes.activation = kind;
    return gan_graph_append(x->graph, GAN_OP_ACTIVATE, x->name, &x, 1, &attributes);
}

GanNode *gan_gradient_unary(GanNode *node, GanNode *g, guint k)
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
        return gan_product(g, activate(x, GK_ACT_SIGMOID));
    case GK_UNARY_CLAMP:
        return gan_binary(g, x, GK_BINARY_WINDOW, a->alpha, a->beta);
    }
    g_assert_not_reached();
}

GanNode *gan_gradient_binary(GanNode *node, GanNode *g, guint k)
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

// Sum and broadcast, with scale and mean, are each other's gradients.
GanNode *gan_gradient_reduce(GanNode *node, GanNode *g, guint k)
{
    return append_with(node, GAN_OP_BROADCAST, g, node->inputs[0], NULL);
}

GanNode *gan_gradient_broadcast(GanNode *node, GanNode *g, guint k)
{
    return append_with(node, GAN_OP_REDUCE, g, node->inputs[0], NULL);
}

GanNode *gan_gradient_matmul(GanNode *node, GanNode *g, guint k)
{
    GanNode *a = node->inputs[0], *b = node->inputs[1];
    const gboolean ta = node->attributes.transpose_a, tb = node->attributes.transpose_b;
    if (k == 0)
        return ta ? gan_matmul(b, tb, g, TRUE) : gan_matmul(g, FALSE, b, !tb);
    return tb ? gan_matmul(g, TRUE, a, ta) : gan_matmul(a, !ta, g, FALSE);
}

GanNode *gan_gradient_transpose(GanNode *node, GanNode *g, guint k)
{
    guint back[4];
    for (guint i = 0; i < 4; i++)
        back[node->attributes.order[i]] = i;
    return gan_transpose(g, back[0], back[1], back[2], back[3]);
}

GanNode *gan_gradient_reshape(GanNode *node, GanNode *g, guint k)
{
    GanNode *inputs[] = {g, node->inputs[0]};
    return of_value(node, GAN_OP_RESHAPE, inputs, 2);
}

// --- convolutions: each of the three is linear in both of its inputs ---

static GanNode *conv_input_gradient(GanNode *node, GanNode *g, GanNode *weight, GanNode *like)
{
    return append_with(node, GAN_OP_CONV2D_INPUT_GRADIENT, g, weight, like);
}

static GanNode *conv_weight_gradient(GanNode *node, GanNode *x, GanNode *g)
{
    return append_with(node, GAN_OP_CONV2D_WEIGHT_GRADIENT, x, g, NULL);
}

// The convolution whose value is like `like`, the value at its far end.
static GanNode *conv(GanNode *node, GanNode *x, GanNode *weight, GanNode *like)
{
    GanAttributes attributes = node->attributes;
    attributes.channels = like->channels;
    GanNode *inputs[] = {x, weight};
    return gan_graph_append(node->graph, GAN_OP_CONV2D, node->name, inputs, 2, &attributes);
}

GanNode *gan_gradient_conv2d(GanNode *node, GanNode *g, guint k)
{
    const GanAttributes *a = &node->attributes;
    // Gradients are taken before fusion.
    g_assert(node->n_inputs <= 3 && a->activation == GK_ACT_NONE && a->fused.shuffle == 1 &&
             a->fused.upsample == 1);
    if (k == 0)
        return conv_input_gradient(node, g, node->inputs[1], node->inputs[0]);
    if (k == 1)
        return conv_weight_gradient(node, node->inputs[0], g);
    return gan_reduce_like(g, node->inputs[2]);
}

GanNode *gan_gradient_conv2d_input_gradient(GanNode *node, GanNode *g, guint k)
{
    if (k == 0)
        return conv(node, g, node->inputs[1], node->inputs[0]);
    return conv_weight_gradient(node, g, node->inputs[0]);
}

GanNode *gan_gradient_conv2d_weight_gradient(GanNode *node, GanNode *g, guint k)
{
    if (k == 0)
        return conv_input_gradient(node, node->inputs[1], g, node->inputs[0]);
    return conv(node, node->inputs[0], g, node->inputs[1]);
}

// --- operations of networks ---

// As PyTorch has it, the slope counts at zero.
static GanNode *step(GanNode *g, GanNode *x, float above, float below)
{
    return gan_binary(g, x, GK_BINARY_STEP, above, below);
}

GanNode *gan_gradient_activate(GanNode *node, GanNode *g, guint k)
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
        GanNode *s = activate(x, GK_ACT_SIGMOID);
        return gan_product(g, gan_sum(s, gan_product(node, gan_linear_map(s, -1, 1))));
    }
    }
    g_assert_not_reached();
}

GanNode *gan_gradient_add(GanNode *node, GanNode *g, guint k)
{
    return gan_linear_map(g, k == 0 ? node->attributes.alpha : node->attributes.beta, 0);
}

GanNode *gan_gradient_multiply(GanNode *node, GanNode *g, guint k)
{
    return gan_product(g, node->inputs[1 - k]);
}

GanNode *gan_gradient_affine(GanNode *node, GanNode *g, guint k)
{
    if (k == 0)
        return gan_product(g, node->inputs[1]);
    return gan_reduce_like(k == 1 ? gan_product(g, node->inputs[0]) : g, node->inputs[k]);
}

GanNode *gan_gradient_concat(GanNode *node, GanNode *g, guint k)
{
    GanAttributes attributes = gan_attributes_default();
    for (guint i = 0; i < k; i++)
        attributes.first[3] += node->inputs[i]->channels;
    GanNode *inputs[] = {g, node->inputs[k]};
    return gan_graph_append(node->graph, GAN_OP_SLICE, node->name, inputs, 2, &attributes);
}

GanNode *gan_gradient_pixel_shuffle(GanNode *node, GanNode *g, guint k)
{
    return append_with(node, GAN_OP_PIXEL_UNSHUFFLE, g, NULL, NULL);
}

GanNode *gan_gradient_pixel_unshuffle(GanNode *node, GanNode *g, guint k)
{
    return append_with(node, GAN_OP_PIXEL_SHUFFLE, g, NULL, NULL);
}

GanNode *gan_gradient_nearest(GanNode *node, GanNode *g, guint k)
{
    // The sum over the pixels that show one.
    GanAttributes attributes = gan_attributes_default();
    attributes.kernel_h = attributes.kernel_w = attributes.stride = node->attributes.factor;
    GanNode *inputs[] = {g, node->inputs[0]};
    return gan_graph_append(node->graph, GAN_OP_AVERAGE_POOL, node->name, inputs, 2, &attributes);
}

GanNode *gan_gradient_bilinear(GanNode *node, GanNode *g, guint k)
{
    return append_with(node, GAN_OP_UPSAMPLE_BILINEAR_GRADIENT, g, NULL, NULL);
}

GanNode *gan_gradient_bilinear_gradient(GanNode *node, GanNode *g, guint k)
{
    return append_with(node, GAN_OP_UPSAMPLE_BILINEAR, g, NULL, NULL);
}

GanNode *gan_gradient_pad(GanNode *node, GanNode *g, guint k)
{
    return append_with(node, GAN_OP_PAD_GRADIENT, g, node->inputs[0], NULL);
}

GanNode *gan_gradient_pad_gradient(GanNode *node, GanNode *g, guint k)
{
    return append_with(node, GAN_OP_PAD, g, node->inputs[0], NULL);
}

GanNode *gan_gradient_slice(GanNode *node, GanNode *g, guint k)
{
    return append_with(node, GAN_OP_EMBED, g, node->inputs[0], NULL);
}

GanNode *gan_gradient_embed(GanNode *node, GanNode *g, guint k)
{
    return append_with(node, GAN_OP_SLICE, g, node->inputs[0], NULL);
}

GanNode *gan_gradient_average_pool(GanNode *node, GanNode *g, guint k)
{
    return append_with(node, GAN_OP_AVERAGE_POOL_GRADIENT, g, node->inputs[0], NULL);
}

GanNode *gan_gradient_average_pool_gradient(GanNode *node, GanNode *g, guint k)
{
    return append_with(node, GAN_OP_AVERAGE_POOL, g, node->inputs[0], NULL);
}

// Where the maximum stands changes by jumps: the second input has no gradient.
GanNode *gan_gradient_max_pool(GanNode *node, GanNode *g, guint k)
{
    return k == 0 ? append_with(node, GAN_OP_MAX_POOL_GRADIENT, g, node->inputs[1], NULL) : NULL;
}

GanNode *gan_gradient_max_pool_gradient(GanNode *node, GanNode *g, guint k)
{
    return k == 0 ? append_with(node, GAN_OP_MAX_POOL, g, node->inputs[1], node->inputs[0]) : NULL;
}
