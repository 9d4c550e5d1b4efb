// SPDX-License-Identifier: LGPL-3.0-or-later
// Every gradient rule, and the gradients of the gradients, against central differences on the
// double reference. One file: each function stands near its row, and every operation has one.
#include "gradient.h"
#include "step.h"
#include "values.h"

#include <math.h>

enum { MAX_INPUTS = 4 };

// A function of one to four values. Shapes without pixels (H W of 1, or dense) are dense arrays.
typedef struct {
    const char *name;
    GanShape shapes[MAX_INPUTS]; // as many as have a C
    GanNode *(*build)(GanNode *const *x);
    double low,
        high; // range of the values; signs are drawn where low > 0 and `positive` is not set
    gboolean positive;
} Row;

#define UNARY(name, ...)                                                                           \
    static GanNode *name(GanNode *const *x)                                                        \
    {                                                                                              \
        return __VA_ARGS__;                                                                        \
    }

UNARY(linear, gan_linear_map(x[0], -0.5f, 2))
UNARY(absolute, gan_absolute(x[0]))
UNARY(sign, gan_product(gan_unary(x[0], GK_UNARY_SIGN, 1, 0), x[1]))
UNARY(square, gan_square(x[0]))
UNARY(square_root, gan_square_root(x[0]))
UNARY(reciprocal, gan_reciprocal(x[0]))
UNARY(exponential, gan_exponential(x[0]))
UNARY(logarithm, gan_logarithm(x[0]))
UNARY(softplus, gan_softplus(x[0]))
UNARY(clamp, gan_product(gan_clamp(x[0], -0.6f, 0.7f), x[0]))
UNARY(sum, gan_binary(x[0], x[1], GK_BINARY_ADD, 0.5f, -2))
UNARY(product, gan_binary(x[0], x[1], GK_BINARY_MULTIPLY, -1.5f, 0))
UNARY(quotient, gan_binary(x[0], x[1], GK_BINARY_DIVIDE, 2, 0))
UNARY(step, gan_binary(gan_square(x[0]), x[1], GK_BINARY_STEP, 1, 0.2f))
UNARY(window, gan_binary(gan_square(x[0]), x[1], GK_BINARY_WINDOW, 0.5f, 2))
UNARY(reduce_sum, gan_square(gan_reduce_sum(gan_square(x[0]), GAN_AXIS_H | GAN_AXIS_W)))
UNARY(reduce_mean, gan_square(gan_reduce_mean(gan_square(x[0]), GAN_AXIS_N | GAN_AXIS_C)))
UNARY(reduce_like, gan_square(gan_reduce_like(gan_square(x[0]), x[1])))
UNARY(broadcast, gan_square(gan_broadcast(gan_square(x[0]), x[1])))
UNARY(matmul_nn, gan_matmul(x[0], FALSE, x[1], FALSE))
UNARY(matmul_tn, gan_matmul(x[0], TRUE, x[1], FALSE))
UNARY(matmul_nt, gan_matmul(x[0], FALSE, x[1], TRUE))
UNARY(matmul_tt, gan_matmul(x[0], TRUE, x[1], TRUE))
UNARY(transpose, gan_square(gan_transpose(x[0], 2, 0, 3, 1)))
UNARY(reshape, gan_square(gan_reshape(x[0], GAN_KEEP(0), 1, 6, GAN_REST)))
UNARY(slice, gan_square(gan_slice(gan_slice(x[0], 1, 1, 2), 3, 2, 0)))
UNARY(pad_zero, gan_square(gan_pad(x[0], 1, 2, 0, 3, GK_PAD_ZERO)))
UNARY(pad_replicate, gan_square(gan_pad(x[0], 1, 2, 0, 3, GK_PAD_REPLICATE)))
UNARY(pad_reflect, gan_square(gan_pad(x[0], 1, 2, 0, 3, GK_PAD_REFLECT)))
UNARY(average_pool, gan_square(gan_average_pool(x[0], 3, 2, 1, TRUE, FALSE)))
UNARY(average_pool_padded, gan_square(gan_average_pool(x[0], 3, 2, 1, FALSE, TRUE)))
UNARY(max_pool, gan_square(gan_max_pool(x[0], 3, 2, 1, FALSE)))
UNARY(stop, gan_product(x[0], gan_sum(x[0], gan_stop(gan_scalar(x[0]->graph, 3)))))

static GanNode *conv(GanNode *const *x)
{
    return gan_convolution(
        x[0], x[1], x[2], 6,
        &(GanConvParams){.kernel_h = 3, .kernel_w = 2, .pad_top = 1, .pad_right = 1});
}

static GanNode *conv_padded(GanNode *const *x, GkPadMode mode)
{
    const GanConvParams params = {.kernel_h = 3,
                                  .kernel_w = 4,
                                  .stride = 2,
                                  .pad_top = 1,
                                  .pad_left = 2,
                                  .pad_bottom = 2,
                                  .pad_right = 1,
                                  .pad_mode = mode};
    return gan_square(gan_convolution(x[0], x[1], x[2], 6, &params));
}

static GanNode *conv_reflect(GanNode *const *x)
{
    return conv_padded(x, GK_PAD_REFLECT);
}

static GanNode *conv_replicate(GanNode *const *x)
{
    return conv_padded(x, GK_PAD_REPLICATE);
}

static GanNode *conv_circular(GanNode *const *x)
{
    return conv_padded(x, GK_PAD_CIRCULAR);
}

static GanNode *conv_strided(GanNode *const *x)
{
    const GanConvParams params = {.kernel_h = 3,
                                  .kernel_w = 3,
                                  .stride = 2,
                                  .dilation = 2,
                                  .groups = 2,
                                  .pad_top = 2,
                                  .pad_left = 1,
                                  .pad_bottom = 2,
                                  .pad_right = 2};
    return gan_convolution(x[0], x[1], NULL, 8, &params);
}

static GanNode *conv_transposed(GanNode *const *x)
{
    const GanConvParams params = {.kernel_h = 4,
                                  .kernel_w = 4,
                                  .stride = 2,
                                  .pad_top = 1,
                                  .pad_left = 1,
                                  .pad_bottom = 1,
                                  .pad_right = 1,
                                  .output_pad = 1};
    return gan_transposed_convolution(x[0], x[1], x[2], 5, &params);
}

static GanNode *moments(GanNode *const *x)
{
    return gan_square(gan_moments(x[0], x[0]->channels, FALSE));
}

static GanNode *moments_of_groups(GanNode *const *x)
{
    return gan_square(gan_moments(x[0], 3, FALSE));
}

static GanNode *moments_of_images(GanNode *const *x)
{
    return gan_square(gan_moments(x[0], x[0]->channels, TRUE));
}

// Of moments that do not depend on x, which are squared so that variances are positive.
static GanNode *normalised_groups(GanNode *const *x)
{
    return gan_square(gan_normalised(x[0], gan_square(x[1]), 0.5f));
}

// Instance norm, and with one image's moments batch norm, with weights.
static GanNode *normalised(GanNode *const *x)
{
    GanAttributes a = gan_attributes_default();
    a.groups = x[0]->channels;
    a.epsilon = 0.5f;
    GanNode *inputs[] = {x[0], gan_square(x[1]), x[2], x[3]};
    return gan_graph_append(x[0]->graph, GAN_OP_NORMALISE, "tested", inputs, 4, &a);
}

static GanNode *group_norm(GanNode *const *x)
{
    return gan_square(gan_normalised(x[0], gan_moments(x[0], 2, FALSE), 0.5f));
}

static GanNode *softmax_channels(GanNode *const *x)
{
    return gan_square(gan_softmax(x[0], GAN_AXIS_C));
}

static GanNode *softmax_rows(GanNode *const *x)
{
    return gan_square(gan_softmax(x[0], GAN_AXIS_W));
}

static GanNode *append(GanOp op, GanNode *const *x, guint n, const GanAttributes *attributes)
{
    return gan_graph_append(x[0]->graph, op, "tested", x, n, attributes);
}

static GanNode *activated(GanNode *const *x, guint n, GkActivationKind kind, float slope)
{
    GanAttributes a = gan_attributes_default();
    a.activation = kind;
    a.slope = slope;
    return append(GAN_OP_ACTIVATE, x, n, &a);
}

// Squared where the function is linear in pieces, so that a second derivative is left.
UNARY(no_activation, gan_square(activated(x, 1, GK_ACT_NONE, 0)))
UNARY(relu, gan_square(activated(x, 1, GK_ACT_LEAKY, 0)))
UNARY(leaky, gan_square(activated(x, 1, GK_ACT_LEAKY, 0.2f)))
UNARY(leaky_negative, gan_square(activated(x, 1, GK_ACT_LEAKY, -0.5f)))
UNARY(prelu, gan_square(activated(x, 2, GK_ACT_PRELU, 0)))
UNARY(silu, activated(x, 1, GK_ACT_SILU, 0))
UNARY(sigmoid, activated(x, 1, GK_ACT_SIGMOID, 0))
UNARY(tangent, activated(x, 1, GK_ACT_TANH, 0))
UNARY(elu, activated(x, 1, GK_ACT_ELU, 0.75f))
UNARY(softplus_activation, activated(x, 1, GK_ACT_SOFTPLUS, 0))
UNARY(mish, activated(x, 1, GK_ACT_MISH, 0))
UNARY(gelu, activated(x, 1, GK_ACT_GELU, 0))
UNARY(gelu_tanh, activated(x, 1, GK_ACT_GELU_TANH, 0))
UNARY(hard_sigmoid, gan_square(activated(x, 1, GK_ACT_HARD_SIGMOID, 0)))
UNARY(hard_swish, activated(x, 1, GK_ACT_HARD_SWISH, 0))
UNARY(error_function, gan_unary(x[0], GK_UNARY_ERF, 1, 0))

// What a network's layers are made of: its gradient is a chain between two convolutions.
static GanNode *layer(GanNode *const *x)
{
    GanNode *inputs[] = {
        gan_convolution(x[0], x[1], x[2], 16, &(GanConvParams){.kernel_h = 1, .kernel_w = 1}),
        x[3]};
    return gan_square(activated(inputs, 2, GK_ACT_PRELU, 0));
}

// Values that only a chain reads, one that others read too, sums between functions, and one of them
// read by a function.
static GanNode *many_functions(GanNode *const *x)
{
    GanNode *a = gan_product(gan_square(x[0]), x[1]),
            *b = gan_exponential(gan_linear_map(a, -1, 0));
    GanNode *mean = gan_reduce_mean(b, GAN_AXIS_N | GAN_AXIS_H | GAN_AXIS_W);
    GanNode *far = gan_difference(b, mean);
    return gan_sum(gan_quotient(far, gan_linear_map(gan_square(a), 1, 1)), b);
}

static GanNode *with_factor(GanOp op, GanNode *const *x, guint n, guint factor)
{
    GanAttributes a = gan_attributes_default();
    a.factor = factor;
    a.alpha = 0.5f;
    a.beta = -2;
    a.pad_mode = GK_PAD_REFLECT;
    return append(op, x, n, &a);
}

UNARY(old_add, gan_square(with_factor(GAN_OP_ADD, x, 2, 1)))
UNARY(old_multiply, with_factor(GAN_OP_MULTIPLY, x, 2, 1))
UNARY(affine, with_factor(GAN_OP_AFFINE, x, 3, 1))
UNARY(concat, gan_square(with_factor(GAN_OP_CONCAT, x, 3, 1)))
UNARY(shuffle, gan_square(with_factor(GAN_OP_PIXEL_SHUFFLE, x, 1, 2)))
UNARY(unshuffle, gan_square(with_factor(GAN_OP_PIXEL_UNSHUFFLE, x, 1, 2)))
UNARY(nearest, gan_square(with_factor(GAN_OP_UPSAMPLE_NEAREST, x, 1, 3)))
UNARY(bilinear, gan_square(with_factor(GAN_OP_UPSAMPLE_BILINEAR, x, 1, 2)))
UNARY(pad_to_multiple, gan_square(with_factor(GAN_OP_PAD_TO_MULTIPLE, x, 1, 4)))
UNARY(crop_like, gan_square(with_factor(GAN_OP_CROP_LIKE, x, 2, 2)))

#undef UNARY

static const GanShape picture = {2, 5, 6, 5};

static const Row rows[] = {
    {"linear", {{2, 5, 6, 5}}, linear, 0, 1, FALSE},
    {"absolute", {{2, 5, 6, 5}}, absolute, 0.2, 1, FALSE},
    {"sign", {{2, 5, 6, 5}, {2, 5, 6, 5}}, sign, 0.2, 1, FALSE},
    {"square", {{2, 5, 6, 5}}, square, 0, 1, FALSE},
    {"square-root", {{2, 5, 6, 5}}, square_root, 0.2, 1, TRUE},
    {"reciprocal", {{2, 5, 6, 5}}, reciprocal, 0.4, 1, FALSE},
    {"exponential", {{2, 5, 6, 5}}, exponential, 0, 1, FALSE},
    {"logarithm", {{2, 5, 6, 5}}, logarithm, 0.3, 1, TRUE},
    {"softplus", {{2, 5, 6, 5}}, softplus, 0, 2, FALSE},
    {"clamp", {{2, 5, 6, 5}}, clamp, 0, 1, FALSE},
    {"sum", {{2, 5, 6, 5}, {2, 5, 6, 5}}, sum, 0, 1, FALSE},
    {"sum-broadcast", {{2, 5, 6, 1}, {1, 1, 1, 5}}, sum, 0, 1, FALSE},
    {"product", {{2, 5, 6, 5}, {2, 5, 6, 5}}, product, 0, 1, FALSE},
    {"product-broadcast", {{1, 5, 6, 5}, {2, 1, 6, 1}}, product, 0, 1, FALSE},
    {"quotient", {{2, 5, 6, 5}, {2, 1, 1, 5}}, quotient, 0.4, 1, FALSE},
    {"step", {{2, 5, 6, 5}, {2, 5, 6, 5}}, step, 0.2, 1, FALSE},
    {"window", {{2, 5, 6, 5}, {2, 5, 6, 5}}, window, 0.1, 1, FALSE},
    {"reduce-sum", {{2, 5, 6, 5}}, reduce_sum, 0, 1, FALSE},
    {"reduce-mean", {{2, 5, 6, 5}}, reduce_mean, 0, 1, FALSE},
    {"reduce-like", {{2, 5, 6, 5}, {1, 5, 1, 5}}, reduce_like, 0, 1, FALSE},
    {"broadcast", {{1, 5, 1, 5}, {2, 5, 6, 5}}, broadcast, 0, 1, FALSE},
    {"matmul", {{2, 1, 3, 5}, {2, 1, 5, 4}}, matmul_nn, 0, 1, FALSE},
    {"matmul-tn", {{2, 1, 5, 3}, {2, 1, 5, 4}}, matmul_tn, 0, 1, FALSE},
    {"matmul-nt", {{2, 1, 3, 5}, {2, 1, 4, 5}}, matmul_nt, 0, 1, FALSE},
    {"matmul-tt", {{2, 1, 5, 3}, {2, 1, 4, 5}}, matmul_tt, 0, 1, FALSE},
    {"transpose", {{2, 5, 6, 5}}, transpose, 0, 1, FALSE},
    {"reshape", {{2, 5, 6, 5}}, reshape, 0, 1, FALSE},
    {"slice", {{2, 5, 6, 5}}, slice, 0, 1, FALSE},
    {"convolution", {{2, 5, 6, 5}, {6, 5, 3, 2}, {1, 1, 1, 6}}, conv, 0, 1, FALSE},
    {"convolution-reflect", {{2, 5, 6, 5}, {6, 5, 3, 4}, {1, 1, 1, 6}}, conv_reflect, 0, 1, FALSE},
    {"convolution-replicate",
     {{2, 5, 6, 5}, {6, 5, 3, 4}, {1, 1, 1, 6}},
     conv_replicate,
     0,
     1,
     FALSE},
    {"convolution-circular",
     {{2, 5, 6, 5}, {6, 5, 3, 4}, {1, 1, 1, 6}},
     conv_circular,
     0,
     1,
     FALSE},
    {"moments", {{2, 5, 6, 5}}, moments, 0, 1, FALSE},
    {"moments-of-groups", {{2, 5, 6, 6}}, moments_of_groups, 0, 1, FALSE},
    {"moments-of-images", {{2, 5, 6, 5}}, moments_of_images, 0, 1, FALSE},
    {"normalise-groups", {{2, 5, 6, 6}, {2, 1, 1, 6}}, normalised_groups, 0.3, 1, FALSE},
    {"normalise",
     {{2, 5, 6, 5}, {2, 1, 1, 10}, {1, 1, 1, 5}, {2, 1, 1, 5}},
     normalised,
     0.3,
     1,
     FALSE},
    {"normalise-images",
     {{2, 5, 6, 5}, {1, 1, 1, 10}, {1, 1, 1, 5}, {1, 1, 1, 5}},
     normalised,
     0.3,
     1,
     FALSE},
    {"group-norm", {{2, 5, 6, 6}}, group_norm, 0, 1, FALSE},
    {"softmax-channels", {{2, 5, 6, 5}}, softmax_channels, 0, 1, FALSE},
    {"softmax-rows", {{2, 5, 6, 5}}, softmax_rows, 0, 1, FALSE},
    {"convolution-strided", {{2, 9, 8, 6}, {8, 3, 3, 3}}, conv_strided, 0, 1, FALSE},
    {"convolution-transposed",
     {{2, 3, 4, 6}, {6, 5, 4, 4}, {1, 1, 1, 5}},
     conv_transposed,
     0,
     1,
     FALSE},
    {"pad-zero", {{2, 5, 6, 5}}, pad_zero, 0, 1, FALSE},
    {"pad-replicate", {{2, 5, 6, 5}}, pad_replicate, 0, 1, FALSE},
    {"pad-reflect", {{2, 5, 6, 5}}, pad_reflect, 0, 1, FALSE},
    {"average-pool", {{2, 5, 6, 5}}, average_pool, 0, 1, FALSE},
    {"average-pool-padded", {{2, 5, 6, 5}}, average_pool_padded, 0, 1, FALSE},
    {"max-pool", {{2, 5, 6, 5}}, max_pool, 0, 1, FALSE},
    {"stop", {{2, 5, 6, 5}}, stop, 0, 1, FALSE},
    {"no-activation", {{2, 5, 6, 5}}, no_activation, 0.2, 1, FALSE},
    {"relu", {{2, 5, 6, 5}}, relu, 0.2, 1, FALSE},
    {"leaky", {{2, 5, 6, 5}}, leaky, 0.2, 1, FALSE},
    {"leaky-negative", {{2, 5, 6, 5}}, leaky_negative, 0.2, 1, FALSE},
    {"prelu", {{2, 5, 6, 5}, {1, 1, 1, 5}}, prelu, 0.2, 1, FALSE},
    {"prelu-blocks", {{2, 3, 5, 32}, {1, 1, 1, 32}}, prelu, 0.2, 1, FALSE},
    {"layer", {{2, 3, 5, 16}, {16, 16, 1, 1}, {1, 1, 1, 16}, {1, 1, 1, 16}}, layer, 0, 1, FALSE},
    {"many-functions", {{2, 3, 5, 16}, {2, 1, 1, 16}}, many_functions, 0, 1, FALSE},
    {"many-functions-dense", {{2, 3, 5, 3}, {1, 1, 1, 3}}, many_functions, 0, 1, FALSE},
    {"silu", {{2, 5, 6, 5}}, silu, 0, 1, FALSE},
    {"silu-blocks", {{2, 3, 4, 32}}, silu, 0, 1, FALSE},
    {"sigmoid", {{2, 5, 6, 5}}, sigmoid, 0, 1, FALSE},
    {"tanh", {{2, 5, 6, 5}}, tangent, 0, 1, FALSE},
    {"elu", {{2, 5, 6, 5}}, elu, 0.2, 1, FALSE},
    {"softplus-activation", {{2, 5, 6, 5}}, softplus_activation, 0, 1, FALSE},
    {"mish", {{2, 5, 6, 5}}, mish, 0, 1, FALSE},
    {"gelu", {{2, 5, 6, 5}}, gelu, 0, 1, FALSE},
    {"gelu-tanh", {{2, 5, 6, 5}}, gelu_tanh, 0, 1, FALSE},
    {"hard-sigmoid", {{2, 5, 6, 5}}, hard_sigmoid, 0, 1, FALSE},
    {"hard-swish", {{2, 5, 6, 5}}, hard_swish, 0, 1, FALSE},
    {"erf", {{2, 5, 6, 5}}, error_function, 0, 1, FALSE},
    {"add", {{2, 5, 6, 5}, {2, 5, 6, 5}}, old_add, 0, 1, FALSE},
    {"multiply", {{2, 5, 6, 5}, {2, 5, 6, 5}}, old_multiply, 0, 1, FALSE},
    {"affine", {{2, 5, 6, 5}, {1, 1, 1, 5}, {1, 1, 1, 5}}, affine, 0, 1, FALSE},
    {"concat", {{2, 3, 2, 3}, {2, 3, 2, 1}, {2, 3, 2, 4}}, concat, 0, 1, FALSE},
    {"pixel-shuffle", {{2, 3, 2, 20}}, shuffle, 0, 1, FALSE},
    {"pixel-unshuffle", {{2, 4, 6, 3}}, unshuffle, 0, 1, FALSE},
    {"nearest", {{2, 3, 2, 5}}, nearest, 0, 1, FALSE},
    {"bilinear", {{2, 3, 2, 5}}, bilinear, 0, 1, FALSE},
    {"pad-to-multiple", {{2, 5, 6, 5}}, pad_to_multiple, 0, 1, FALSE},
    {"crop-like", {{2, 5, 6, 5}, {2, 2, 2, 5}}, crop_like, 0, 1, FALSE},
};

static gsize length(const GanShape *s)
{
    return s->n * s->h * s->w * s->c;
}

static guint n_inputs(const Row *row)
{
    guint n = 0;
    while (n < MAX_INPUTS && row->shapes[n].c > 0)
        n++;
    return n;
}

// Inputs of the row, then an input for each weight that makes a number of a value: first of the
// row's value, then of each of its gradients.
typedef struct {
    GanStep *step;
    guint n;     // inputs of the row
    guint n_all; // and weights
    double *data[2 * MAX_INPUTS + 1];
    GanShape shape[2 * MAX_INPUTS + 1];
} Problem;

static GanNode *weighted_sum(GanNode *value, GanNode *weight)
{
    return gan_reduce_sum(gan_product(value, weight), GAN_AXIS_ALL);
}

// The shape of the row's value, by running its shape rules once.
static GanShape value_shape(const Row *row, GanDevice *device)
{
    GanGraph *graph = gan_graph_new();
    GanNode *x[MAX_INPUTS];
    for (guint k = 0; k < n_inputs(row); k++)
        x[k] = gan_named_input(graph, "x", (guint)row->shapes[k].c);
    gan_graph_add_output(graph, row->build(x));
    g_autoptr(GError) error = NULL;
    g_autoptr(GanStep) step = gan_step_new(graph, device, row->shapes, &error);
    g_assert_no_error(error);
    return gan_step_output_shape(step, 0);
}

static gboolean used[GAN_N_OPS], used_unary[GK_N_UNARY], used_binary[GK_N_BINARY],
    used_activation[GK_N_ACTIVATIONS];

static void note_used(const GanNode *node)
{
    used[node->op] = TRUE;
    if (node->op == GAN_OP_UNARY)
        used_unary[node->attributes.unary] = TRUE;
    if (node->op == GAN_OP_BINARY)
        used_binary[node->attributes.binary] = TRUE;
    if (node->op == GAN_OP_ACTIVATE)
        used_activation[node->attributes.activation] = TRUE;
}

// A graph whose outputs are a number and its gradients: the weighted sum of the row's value (order
// 1), or the weighted sum of that sum's gradients (order 2).
static Problem problem_new(const Row *row, guint order, GanDevice *device)
{
    Problem p = {.n = n_inputs(row)};
    GanGraph *graph = gan_graph_new();
    GanNode *x[MAX_INPUTS], *weight[MAX_INPUTS + 1], *gradient[MAX_INPUTS];
    for (guint k = 0; k < p.n; k++) {
        p.shape[k] = row->shapes[k];
        x[k] = gan_named_input(graph, "x", (guint)row->shapes[k].c);
    }
    p.shape[p.n] = value_shape(row, device);
    weight[0] = gan_named_input(graph, "weight", 0);
    p.n_all = p.n + 1;
    for (guint k = 0; order == 2 && k < p.n; k++) {
        p.shape[p.n_all++] = row->shapes[k];
        weight[1 + k] = gan_named_input(graph, "weight", 0);
    }
    GanNode *loss = weighted_sum(row->build(x), weight[0]);
    gan_graph_gradient(graph, loss, x, p.n, gradient);
    if (order == 2) {
        loss = weighted_sum(gradient[0], weight[1]);
        for (guint k = 1; k < p.n; k++)
            loss = gan_sum(loss, weighted_sum(gradient[k], weight[1 + k]));
        gan_graph_gradient(graph, loss, x, p.n, gradient);
    }
    gan_graph_add_output(graph, loss);
    for (guint k = 0; k < p.n; k++)
        gan_graph_add_output(graph, gradient[k]);
    for (guint i = 0; i < gan_graph_n_nodes(graph); i++)
        note_used(gan_graph_node(graph, i));
    g_autoptr(GError) error = NULL;
    p.step = gan_step_new(graph, device, p.shape, &error);
    g_assert_no_error(error);
    GRand *random = g_rand_new_with_seed(11);
    for (guint k = 0; k < p.n_all; k++) {
        p.data[k] = g_new(double, length(&p.shape[k]));
        for (gsize i = 0; i < length(&p.shape[k]); i++) {
            double v = g_rand_double_range(random, k < p.n ? row->low : 0.1, row->high);
            if (!(k < p.n && row->positive) && g_rand_boolean(random))
                v = -v;
            p.data[k][i] = v;
        }
    }
    g_rand_free(random);
    return p;
}

static void problem_clear(Problem *p)
{
    for (guint k = 0; k < p->n_all; k++)
        g_free(p->data[k]);
    gan_step_free(p->step);
}

static double run(Problem *p, double *const *gradients)
{
    double loss = NAN;
    void *outputs[1 + MAX_INPUTS] = {&loss};
    for (guint k = 0; k < p->n; k++)
        outputs[1 + k] = gradients == NULL ? NULL : gradients[k];
    g_autoptr(GError) error = NULL;
    gan_step_run(p->step, (const void *const *)p->data, outputs, &error);
    g_assert_no_error(error);
    return loss;
}

// Returns the largest difference between the graph's gradients and central differences.
static double compare(Problem *p, double *largest)
{
    const double h = 1e-5;
    double *gradients[MAX_INPUTS], worst = 0;
    *largest = 0;
    for (guint k = 0; k < p->n; k++)
        gradients[k] = g_new0(double, length(&p->shape[k]));
    run(p, gradients);
    for (guint k = 0; k < p->n; k++)
        for (gsize i = 0; i < length(&p->shape[k]); i++) {
            double *x = &p->data[k][i];
            const double old = *x;
            *x = old + h;
            const double above = run(p, NULL);
            *x = old - h;
            const double below = run(p, NULL);
            *x = old;
            const double wanted = (above - below) / (2 * h);
            *largest = fmax(*largest, fabs(wanted));
            // Not fmax(): a NaN must count.
            if (!(fabs(gradients[k][i] - wanted) <= worst))
                worst = fabs(gradients[k][i] - wanted);
        }
    for (guint k = 0; k < p->n; k++)
        g_free(gradients[k]);
    return worst;
}

static void test_row(const Row *row, guint order)
{
    g_autoptr(GError) error = NULL;
    g_autoptr(GanDevice) device = gan_device_open("reference:double", 0, &error);
    g_assert_no_error(error);
    Problem p = problem_new(row, order, device);
    double largest;
    const double worst = compare(&p, &largest);
    problem_clear(&p);
    g_test_message("worst %.3g of %.3g", worst, largest);
    // Differences are exact to h^2 times the third derivative, and to the rounding of the loss
    // (1e-16 times some hundred summands) divided by h.
    g_assert_cmpfloat(worst, <, 2e-8 * fmax(largest, 1));
    // A first derivative of nothing would prove nothing.
    if (order == 1)
        g_assert_cmpfloat(largest, >, 0.01);
}

// Backends with layouts of their own compute what the reference computes, second
// derivatives and all.
static void test_backends(gconstpointer data)
{
    static const char *const names[] = {"cpu:avx512", "cpu:avx2", "cpu:plain"};
    const Row *row = data;
    g_autoptr(GanDevice) reference = gan_device_open("reference:double", 0, NULL);
    Problem p = problem_new(row, 2, reference);
    double *wanted[MAX_INPUTS];
    for (guint k = 0; k < p.n; k++)
        wanted[k] = g_new0(double, length(&p.shape[k]));
    const double loss = run(&p, wanted);
    for (guint d = 0; d < G_N_ELEMENTS(names); d++) {
        g_autoptr(GanDevice) device = gan_device_open(names[d], 2, NULL);
        if (device == NULL)
            continue;
        Problem q = problem_new(row, 2, device);
        float *in[2 * MAX_INPUTS + 1], found_loss = NAN, *found[1 + MAX_INPUTS] = {&found_loss};
        for (guint k = 0; k < p.n_all; k++) {
            in[k] = g_new(float, length(&p.shape[k]));
            for (gsize i = 0; i < length(&p.shape[k]); i++)
                in[k][i] = (float)p.data[k][i];
        }
        for (guint k = 0; k < p.n; k++)
            found[1 + k] = g_new0(float, length(&p.shape[k]));
        g_autoptr(GError) error = NULL;
        // Twice: a run leaves nothing behind that the next one trips over.
        for (guint times = 0; times < 2; times++)
            gan_step_run(q.step, (const void *const *)in, (void *const *)found, &error);
        g_assert_no_error(error);
        g_assert_cmpfloat(fabs(found_loss - loss), <, 2e-5 * fmax(fabs(loss), 1));
        for (guint k = 0; k < p.n; k++)
            for (gsize i = 0; i < length(&p.shape[k]); i++)
                g_assert_cmpfloat(fabs(found[1 + k][i] - wanted[k][i]), <,
                                  2e-5 * fmax(fabs(wanted[k][i]), 4));
        for (guint k = 0; k < p.n_all; k++)
            g_free(in[k]);
        for (guint k = 0; k < p.n; k++)
            g_free(found[1 + k]);
        problem_clear(&q);
    }
    for (guint k = 0; k < p.n; k++)
        g_free(wanted[k]);
    problem_clear(&p);
}

// A resumed training repeats every bit, also on a machine with another number of threads.
static void test_threads(gconstpointer data)
{
    const Row *row = data;
    g_autofree guint8 *first = NULL;
    for (guint n_threads = 1; n_threads <= 5; n_threads += 2) {
        g_autoptr(GanDevice) device = gan_device_open("cpu", n_threads, NULL);
        Problem p = problem_new(row, 2, device);
        float *in[2 * MAX_INPUTS + 1], *out[1 + MAX_INPUTS];
        gsize n_out = 1;
        for (guint k = 0; k < p.n; k++)
            n_out += length(&p.shape[k]);
        g_autofree float *all = g_new0(float, n_out);
        out[0] = all;
        for (guint k = 0; k < p.n; k++)
            out[1 + k] = k == 0 ? all + 1 : out[k] + length(&p.shape[k - 1]);
        for (guint k = 0; k < p.n_all; k++) {
            in[k] = g_new(float, length(&p.shape[k]));
            for (gsize i = 0; i < length(&p.shape[k]); i++)
                in[k][i] = (float)p.data[k][i];
        }
        g_autoptr(GError) error = NULL;
        gan_step_run(p.step, (const void *const *)in, (void *const *)out, &error);
        g_assert_no_error(error);
        if (first == NULL)
            first = g_memdup2(all, n_out * sizeof(float));
        g_assert_cmpmem(first, n_out * sizeof(float), all, n_out * sizeof(float));
        for (guint k = 0; k < p.n_all; k++)
            g_free(in[k]);
        problem_clear(&p);
    }
}

static void test_first(gconstpointer data)
{
    test_row(data, 1);
}

static void test_second(gconstpointer data)
{
    test_row(data, 2);
}

static void check_kinds(const char *type, const gboolean *is_used, guint n)
{
    for (guint kind = 0; kind < n; kind++)
        if (!is_used[kind])
            g_error("no row of this test has number %u of %s", kind, type);
}

// An operation or a function without a row above has no check.
static void test_all_used(void)
{
    g_autoptr(GanDevice) device = gan_device_open("reference:double", 0, NULL);
    for (guint i = 0; i < G_N_ELEMENTS(rows); i++)
        for (guint order = 1; order <= 2; order++) {
            Problem p = problem_new(&rows[i], order, device);
            problem_clear(&p);
        }
    for (guint op = 0; op < GAN_N_OPS; op++)
        if (!used[op] && op != GAN_OP_INPUT && op != GAN_OP_PARAMETER)
            g_error("no row of this test has the operation '%s'", gan_op_name((GanOp)op));
    check_kinds("GkUnaryKind", used_unary, GK_N_UNARY);
    check_kinds("GkBinaryKind", used_binary, GK_N_BINARY);
    check_kinds("GkActivationKind", used_activation, GK_N_ACTIVATIONS);
}

// A wrong gradient is noticed: here that of x^2 is compared with the differences of x^2 - x.
static void test_notices(void)
{
    g_autoptr(GanDevice) device = gan_device_open("reference:double", 0, NULL);
    const Row wrong = {"wrong", {{2, 5, 6, 5}}, square, 0, 1, FALSE};
    Problem p = problem_new(&wrong, 1, device);
    double *gradient = g_new0(double, length(&picture));
    run(&p, &gradient);
    const gsize i = 7;
    const double x = p.data[0][i], w = p.data[1][i];
    g_assert_cmpfloat(fabs(gradient[i] - 2 * x * w), <, 1e-14);
    g_assert_cmpfloat(fabs(gradient[i] - (2 * x - 1) * w), >, 0.01);
    g_free(gradient);
    problem_clear(&p);
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    for (guint i = 0; i < G_N_ELEMENTS(rows); i++) {
        g_autofree char *first = g_strdup_printf("/gradient/first/%s", rows[i].name);
        g_autofree char *second = g_strdup_printf("/gradient/second/%s", rows[i].name);
        g_test_add_data_func(first, &rows[i], test_first);
        g_test_add_data_func(second, &rows[i], test_second);
        g_autofree char *backends = g_strdup_printf("/step/cpu-equals-reference/%s", rows[i].name);
        g_test_add_data_func(backends, &rows[i], test_backends);
        g_autofree char *threads =
            g_strdup_printf("/step/same-bits-whatever-the-threads/%s", rows[i].name);
        g_test_add_data_func(threads, &rows[i], test_threads);
    }
    g_test_add_func("/gradient/check-notices-a-wrong-one", test_notices);
    g_test_add_func("/gradient/every-operation-is-checked", test_all_used);
    return g_test_run();
}
