// SPDX-License-Identifier: LGPL-3.0-or-later
// Words of the papers without weights of their own.
#include "net-private.h"

GanNode *gan_affine_channels(GanNet *net, GanNode *x, const float *scale, const float *shift)
{
    const gsize n = x->channels;
    GanNode *inputs[3] = {x};
    for (guint k = 0; k < 2; k++) {
        GanTensor *tensor = gan_net_new_tensor(net, 1, &n);
        for (gsize i = 0; i < n && tensor->data != NULL; i++)
            tensor->data[i] = k == 0 ? scale[i] : shift[i];
        inputs[k + 1] = gan_net_constant(net->graph, k == 0 ? "scale" : "shift", tensor);
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

static GanNode *activate(GanNode *x, GkActivationKind kind, float slope)
{
    GanAttributes a = gan_attributes_default();
    a.activation = kind;
    a.slope = slope;
    return gan_graph_append(x->graph, GAN_OP_ACTIVATE, x->name, &x, 1, &a);
}

GanNode *gan_relu(GanNode *x)
{
    return activate(x, GK_ACT_LEAKY, 0);
}

GanNode *gan_lrelu(GanNode *x, float slope)
{
    return activate(x, GK_ACT_LEAKY, slope);
}

GanNode *gan_silu(GanNode *x)
{
    return activate(x, GK_ACT_SILU, 0);
}

GanNode *gan_sigmoid(GanNode *x)
{
    return activate(x, GK_ACT_SIGMOID, 0);
}

GanNode *gan_tanh(GanNode *x)
{
    return activate(x, GK_ACT_TANH, 0);
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
