// SPDX-License-Identifier: LGPL-3.0-or-later
// Small random networks.
#include "nets.h"

#include <math.h>

static GanNode *parameter(GanGraph *graph, GRand *random, guint rank, const gsize *shape,
                          double scale, double mean)
{
    g_autoptr(GanTensor) t = gan_tensor_new(rank, shape, NULL);
    for (gsize i = 0; i < gan_tensor_length(t); i++)
        t->data[i] = (float)(mean + scale * g_rand_double_range(random, -1, 1));
    GanAttributes a = gan_attributes_default();
    a.parameter = t;
    return gan_graph_append(graph, GAN_OP_PARAMETER, "p", NULL, 0, &a);
}

static GanNode *conv(GanNode *x, GRand *random, gsize out, gsize kernel)
{
    const gsize shape[] = {out, x->channels, kernel, kernel};
    const double scale = sqrt(3.0 / (double)(x->channels * kernel * kernel));
    GanNode *w = parameter(x->graph, random, 4, shape, scale, 0);
    const guint pad = (guint)kernel / 2;
    const GanConvParams params = {.kernel_h = (guint)kernel,
                                  .kernel_w = (guint)kernel,
                                  .pad_top = pad,
                                  .pad_left = pad,
                                  .pad_bottom = pad,
                                  .pad_right = pad};
    return gan_convolution(x, w, parameter(x->graph, random, 1, shape, 0.2, 0), (guint)out,
                           &params);
}

static GanNode *affine(GanNode *x, GRand *random)
{
    const gsize n = x->channels;
    GanNode *inputs[] = {x, parameter(x->graph, random, 1, &n, 0.5, 1),
                         parameter(x->graph, random, 1, &n, 0.5, 0)};
    const GanAttributes a = gan_attributes_default();
    return gan_graph_append(x->graph, GAN_OP_AFFINE, "affine", inputs, 3, &a);
}

static GanNode *constant_affine(GanNode *x, float scale, float shift)
{
    const gsize n = x->channels;
    GanNode *inputs[3] = {x};
    for (guint k = 0; k < 2; k++) {
        g_autoptr(GanTensor) t = gan_tensor_new(1, &n, NULL);
        for (gsize i = 0; i < n; i++)
            t->data[i] = k == 0 ? scale : shift;
        GanAttributes a = gan_attributes_default();
        a.parameter = t;
        inputs[k + 1] = gan_graph_append(x->graph, GAN_OP_PARAMETER, "p", NULL, 0, &a);
    }
    const GanAttributes a = gan_attributes_default();
    return gan_graph_append(x->graph, GAN_OP_AFFINE, "affine", inputs, 3, &a);
}

static GanNode *prelu(GanNode *x, GRand *random, gsize n)
{
    GanAttributes a = gan_attributes_default();
    a.activation = GK_ACT_PRELU;
    GanNode *inputs[] = {x, parameter(x->graph, random, 1, &n, 0.2, 0.25)};
    return gan_graph_append(x->graph, GAN_OP_ACTIVATE, "prelu", inputs, 2, &a);
}

// Convolution, PReLU, convolution, pixel shuffle, nearest skip.
static GanNode *compact(GanGraph *graph, GanNode *x, GRand *random)
{
    GanNode *y = prelu(conv(x, random, 20, 3), random, 20);
    y = prelu(conv(y, random, 20, 3), random, 1);
    return gan_add(gan_pixel_shuffle(conv(y, random, 48, 3), 4), gan_upsample_nearest(x, 4));
}

// Two residual dense blocks, with channels that do and do not fill blocks of 16.
static GanNode *dense(GanGraph *graph, GanNode *x, GRand *random, gsize nf, gsize gc)
{
    GanNode *first = conv(x, random, nf, 3), *y = first;
    for (guint b = 0; b < 2; b++) {
        GanNode *parts[3] = {y};
        parts[1] = gan_lrelu(conv(y, random, gc, 3), 0.2f);
        parts[2] = gan_lrelu(conv(gan_concat(parts, 2), random, gc, 3), 0.2f);
        y = gan_scaled_add(0.2f, conv(gan_concat(parts, 3), random, nf, 3), 1, y);
    }
    y = gan_scaled_add(0.2f, y, 1, first);
    y = gan_add(first, conv(y, random, nf, 3));
    y = gan_lrelu(conv(gan_upsample_nearest(y, 2), random, nf, 3), 0.2f);
    return conv(y, random, 3, 3);
}

static GanNode *dense_16(GanGraph *graph, GanNode *x, GRand *random)
{
    return dense(graph, x, random, 32, 16);
}

static GanNode *dense_8(GanGraph *graph, GanNode *x, GRand *random)
{
    return dense(graph, x, random, 8, 4);
}

// Unshuffle with padding and crop around a small body.
static GanNode *unshuffled(GanGraph *graph, GanNode *x, GRand *random)
{
    GanNode *y = gan_pixel_unshuffle(gan_pad_to_multiple(x, 2, GK_PAD_REFLECT), 2);
    y = gan_relu(conv(y, random, 16, 3));
    y = gan_relu(conv(gan_upsample_nearest(y, 2), random, 16, 3));
    y = conv(gan_upsample_nearest(y, 2), random, 3, 3);
    return gan_crop_like(y, x, 2);
}

// SPAN's block: (o + x)(sigmoid(o) - 1/2), and its concatenation into a 1x1 convolution.
static GanNode *gated(GanGraph *graph, GanNode *x, GRand *random)
{
    GanNode *f = conv(constant_affine(x, 2, -1), random, 24, 3);
    GanNode *a = gan_silu(conv(f, random, 24, 3));
    GanNode *o = conv(a, random, 24, 3);
    GanNode *g = gan_multiply(gan_add(o, f), constant_affine(gan_sigmoid(o), 1, -0.5f));
    GanNode *parts[] = {f, g, a};
    return gan_pixel_shuffle(conv(conv(gan_concat(parts, 3), random, 24, 1), random, 12, 3), 2);
}

// Batch norm and scales around convolutions, an activation after a shuffle, a bilinear skip.
static GanNode *folded(GanGraph *graph, GanNode *x, GRand *random)
{
    GanNode *y = prelu(conv(x, random, 16, 5), random, 1), *skip = y;
    y = prelu(affine(conv(y, random, 16, 3), random), random, 16);
    y = gan_add(skip, affine(conv(y, random, 16, 3), random));
    y = prelu(gan_pixel_shuffle(conv(y, random, 64, 3), 2), random, 16);
    y = affine(conv(y, random, 3, 3), random);
    return gan_scaled_add(1, gan_upsample_bilinear(x, 2), -1, y);
}

// Values read twice, sums that no convolution can take, and an output that is also read.
static GanNode *tangled(GanGraph *graph, GanNode *x, GRand *random)
{
    GanNode *a = conv(x, random, 16, 3), *b = conv(a, random, 16, 3);
    GanNode *s = gan_sigmoid(gan_scaled_add(0.5f, a, 2, b));
    GanNode *parts[] = {s, a, gan_tanh(b), s};
    GanNode *y = conv(gan_concat(parts, 4), random, 16, 3);
    y = gan_multiply(gan_add(y, y), s);
    return gan_add(gan_relu(y), b);
}

// Mirrored borders, instance norms with what follows them, a transposed convolution with bias.
static GanNode *normed(GanGraph *graph, GanNode *x, GRand *random)
{
    const gsize first[] = {16, x->channels, 5, 5}, body[] = {16, 16, 3, 3}, up[] = {16, 3, 4, 4};
    const GanConvParams wide = {.kernel_h = 5,
                                .kernel_w = 5,
                                .stride = 2,
                                .pad_top = 2,
                                .pad_left = 2,
                                .pad_bottom = 2,
                                .pad_right = 2,
                                .pad_mode = GK_PAD_REFLECT};
    const GanConvParams round = {.kernel_h = 3,
                                 .kernel_w = 3,
                                 .pad_top = 1,
                                 .pad_left = 1,
                                 .pad_bottom = 1,
                                 .pad_right = 1,
                                 .pad_mode = GK_PAD_CIRCULAR};
    const GanConvParams twice = {.kernel_h = 4,
                                 .kernel_w = 4,
                                 .stride = 2,
                                 .pad_top = 1,
                                 .pad_left = 1,
                                 .pad_bottom = 1,
                                 .pad_right = 1};
    GanNode *w = parameter(graph, random, 4, first, 0.2, 0);
    GanNode *y = gan_convolution(x, w, NULL, 16, &wide), *skip;
    y = skip = gan_relu(affine(gan_normalised(y, gan_moments(y, 16, FALSE), 0.1f), random));
    y = gan_convolution(y, parameter(graph, random, 4, body, 0.1, 0), NULL, 16, &round);
    y = gan_add(skip, gan_silu(gan_normalised(y, gan_moments(y, 4, FALSE), 0.1f)));
    w = parameter(graph, random, 4, up, 0.1, 0);
    const gsize n = 3;
    GanNode *bias = parameter(graph, random, 1, &n, 0.2, 0);
    return gan_tanh(gan_transposed_convolution(y, w, bias, 3, &twice));
}

const TestNet test_nets[] = {
    {"compact", 3, 3, compact},       {"dense-16", 3, 14, dense_16}, {"dense-8", 3, 14, dense_8},
    {"unshuffled", 3, 5, unshuffled}, {"gated", 3, 7, gated},        {"folded", 3, 6, folded},
    {"tangled", 4, 11, tangled},      {"normed", 3, 7, normed},
};
const guint n_test_nets = G_N_ELEMENTS(test_nets);

GanGraph *test_net_build(const TestNet *net)
{
    GRand *random = g_rand_new_with_seed(7);
    GanGraph *graph = gan_graph_new();
    GanAttributes a = gan_attributes_default();
    a.channels = net->channels;
    GanNode *x = gan_graph_append(graph, GAN_OP_INPUT, "input", NULL, 0, &a);
    gan_graph_set_output(graph, net->build(graph, x, random));
    g_rand_free(random);
    return graph;
}
