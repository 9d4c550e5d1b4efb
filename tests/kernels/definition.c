// SPDX-License-Identifier: LGPL-3.0-or-later
// The definitions themselves: views and the double reference against numbers worked out by
// hand from the papers' formulas and PyTorch's documentation. Everything else is compared
// with the reference.
#include "ops/activation.h"
#include "ops/conv2d.h"
#include "ops/conv2d_gradient.h"
#include "ops/copy.h"
#include "ops/elementwise.h"
#include "ops/moments.h"
#include "ops/normalise.h"
#include "ops/pad.h"
#include "ops/pointwise.h"
#include "ops/shuffle.h"
#include "ops/softmax.h"
#include "ops/upsample.h"

#include <glib.h>
#include <math.h>

static const GkOps *const ops = &gk_backend_ref_f64.ops;

// A dense picture of doubles; the reference never writes to its inputs.
static GkView picture(const double *data, size_t h, size_t w, size_t c)
{
    return gk_view_nhwc((double *)data, GK_F64, 1, h, w, c);
}

static void assert_equal(const double *found, const double *wanted, size_t length)
{
    for (size_t i = 0; i < length; i++)
        if (!(fabs(found[i] - wanted[i]) < 1e-14))
            g_error("element %zu: found %.17g, wanted %.17g", i, found[i], wanted[i]);
}

static void views_name_elements(void)
{
    float data[1];
    const GkView nhwc = gk_view_nhwc(data, GK_F32, 2, 3, 5, 7);
    g_assert_cmpuint(gk_offset(&nhwc, 1, 2, 3, 4), ==, ((size_t)(1 * 3 + 2) * 5 + 3) * 7 + 4);
    g_assert_cmpuint(gk_view_bytes(&nhwc), ==, sizeof(float) * 2 * 3 * 5 * 7);
    const GkView right = gk_view_rectangle(&nhwc, 1, 2, 2, 3);
    g_assert_cmpuint((size_t)((float *)right.data - data), ==, (size_t)(1 * 5 + 2) * 7);
    g_assert_cmpuint(gk_offset(&right, 0, 1, 0, 0), ==, (size_t)5 * 7);

    const GkView blocked = gk_view_blocked(data, GK_F32, 1, 3, 5, 40);
    g_assert_cmpuint(gk_offset(&blocked, 0, 1, 2, 3), ==, (size_t)(1 * 5 + 2) * 16 + 3);
    g_assert_cmpuint(gk_offset(&blocked, 0, 0, 0, 33), ==, 2 * blocked.stride_block + 1);
    g_assert_cmpuint(blocked.stride_block, >=, (size_t)3 * 5 * 16);
    const GkView slice = gk_view_channels(&blocked, 20, 15);
    g_assert_cmpuint(slice.first, ==, 4);
    g_assert_cmpuint(slice.c, ==, 15);
    for (size_t c = 0; c < 15; c++)
        g_assert_cmpuint((size_t)((float *)slice.data - data) + gk_offset(&slice, 0, 2, 1, c), ==,
                         gk_offset(&blocked, 0, 2, 1, 20 + c));
}

static double activated(GkActivationKind kind, double v)
{
    const double slopes[] = {0.25};
    double y = NAN;
    const GkActivate args = {.x = picture(&v, 1, 1, 1),
                             .y = picture(&y, 1, 1, 1),
                             .activation = {.kind = kind, .slope = 0.5f, .slopes = slopes}};
    g_assert_cmpint(ops->activate(NULL, &args), ==, GK_OK);
    return y;
}

static void activations_have_known_values(void)
{
    const double found[] = {
        activated(GK_ACT_NONE, -3),        activated(GK_ACT_LEAKY, -3),
        activated(GK_ACT_LEAKY, 3),        activated(GK_ACT_PRELU, -3),
        activated(GK_ACT_PRELU, 3),        activated(GK_ACT_SIGMOID, 0),
        activated(GK_ACT_SIGMOID, 2),      activated(GK_ACT_SILU, 1),
        activated(GK_ACT_TANH, 1),         activated(GK_ACT_ELU, -3),
        activated(GK_ACT_SOFTPLUS, 1),     activated(GK_ACT_MISH, 1),
        activated(GK_ACT_GELU, 1),         activated(GK_ACT_GELU_TANH, 1),
        activated(GK_ACT_HARD_SIGMOID, 1), activated(GK_ACT_HARD_SWISH, -1),
    };
    const double wanted[] = {-3,
                             -1.5,
                             3,
                             -0.75,
                             3,
                             0.5,
                             0.8807970779778823,
                             0.7310585786300049,
                             0.7615941559557649,
                             -0.475106465816068,
                             1.3132616875182228,
                             0.8650983882673103,
                             0.841344746068543,
                             0.8411919906082768,
                             2.0 / 3,
                             -1.0 / 3};
    assert_equal(found, wanted, G_N_ELEMENTS(wanted));
}

static void sums_products_and_scales(void)
{
    const double a[] = {1, 2, 3, 4}, b[] = {10, 20, 30, 40}, scale[] = {2, -1}, shift[] = {5, 6};
    double y[4];
    const GkAdd add = {.a = picture(a, 1, 2, 2),
                       .b = picture(b, 1, 2, 2),
                       .y = picture(y, 1, 2, 2),
                       .alpha = 0.5f,
                       .beta = -1};
    g_assert_cmpint(ops->add(NULL, &add), ==, GK_OK);
    assert_equal(y, (const double[]){-9.5, -19, -28.5, -38}, 4);
    const GkMultiply multiply = {.a = add.a, .b = add.b, .y = add.y};
    g_assert_cmpint(ops->multiply(NULL, &multiply), ==, GK_OK);
    assert_equal(y, (const double[]){10, 40, 90, 160}, 4);
    const GkAffine affine = {.x = add.a, .y = add.y, .scale = scale, .shift = shift};
    g_assert_cmpint(ops->affine(NULL, &affine), ==, GK_OK);
    assert_equal(y, (const double[]){7, 4, 11, 2}, 4);
}

static void copies_only_its_channels(void)
{
    const double x[] = {1, 2};
    double y[] = {7, 7, 7, 7, 7, 7};
    const GkView whole = picture(y, 1, 2, 3);
    const GkCopy args = {.x = picture(x, 1, 2, 1), .y = gk_view_channels(&whole, 1, 1)};
    g_assert_cmpint(ops->copy(NULL, &args), ==, GK_OK);
    assert_equal(y, (const double[]){7, 1, 7, 7, 2, 7}, 6);
}

static void shuffle_follows_pytorch(void)
{
    // Two channels of 2x2 from eight of 1x1: channel 0 is [[0, 1], [2, 3]], channel 1
    // [[4, 5], [6, 7]].
    const double x[] = {0, 1, 2, 3, 4, 5, 6, 7}, large[] = {0, 4, 1, 5, 2, 6, 3, 7};
    double y[8], back[8];
    const GkShuffle there = {.x = picture(x, 1, 1, 8), .y = picture(y, 2, 2, 2), .factor = 2};
    g_assert_cmpint(ops->pixel_shuffle(NULL, &there), ==, GK_OK);
    assert_equal(y, large, 8);
    const GkShuffle again = {.x = there.y, .y = picture(back, 1, 1, 8), .factor = 2};
    g_assert_cmpint(ops->pixel_unshuffle(NULL, &again), ==, GK_OK);
    assert_equal(back, x, 8);
}

static void upsample_follows_pytorch(void)
{
    const double x[] = {0, 1};
    double y[8];
    GkUpsample args = {.x = picture(x, 1, 2, 1), .y = picture(y, 2, 4, 1), .factor = 2};
    g_assert_cmpint(ops->upsample_nearest(NULL, &args), ==, GK_OK);
    assert_equal(y, (const double[]){0, 0, 1, 1, 0, 0, 1, 1}, 8);
    g_assert_cmpint(ops->upsample_bilinear(NULL, &args), ==, GK_OK);
    assert_equal(y, (const double[]){0, 0.25, 0.75, 1, 0, 0.25, 0.75, 1}, 8);
    double thirds[18], wanted[18];
    args = (GkUpsample){.x = picture(x, 2, 1, 1), .y = picture(thirds, 6, 3, 1), .factor = 3};
    for (size_t i = 0; i < 18; i++)
        wanted[i] = (const double[]){0, 0, 1.0 / 3, 2.0 / 3, 1, 1}[i / 3];
    g_assert_cmpint(ops->upsample_bilinear(NULL, &args), ==, GK_OK);
    assert_equal(thirds, wanted, 18);
}

static void pad_folds_back_and_forth(void)
{
    const double x[] = {1, 2, 3};
    double y[13];
    GkPad args = {.x = picture(x, 1, 3, 1), .y = picture(y, 1, 13, 1), .left = 5};
    args.mode = GK_PAD_REFLECT;
    g_assert_cmpint(ops->pad(NULL, &args), ==, GK_OK);
    assert_equal(y, (const double[]){2, 1, 2, 3, 2, 1, 2, 3, 2, 1, 2, 3, 2}, 13);
    args.mode = GK_PAD_REPLICATE;
    g_assert_cmpint(ops->pad(NULL, &args), ==, GK_OK);
    assert_equal(y, (const double[]){1, 1, 1, 1, 1, 1, 2, 3, 3, 3, 3, 3, 3}, 13);
    args.mode = GK_PAD_ZERO;
    g_assert_cmpint(ops->pad(NULL, &args), ==, GK_OK);
    assert_equal(y, (const double[]){0, 0, 0, 0, 0, 1, 2, 3, 0, 0, 0, 0, 0}, 13);
    args.mode = GK_PAD_CIRCULAR;
    g_assert_cmpint(ops->pad(NULL, &args), ==, GK_OK);
    assert_equal(y, (const double[]){2, 3, 1, 2, 3, 1, 2, 3, 1, 2, 3, 1, 2}, 13);
    const double one[] = {4};
    args = (GkPad){.x = picture(one, 1, 1, 1), .y = picture(y, 3, 2, 1), .top = 1, .left = 1};
    args.mode = GK_PAD_REFLECT;
    g_assert_cmpint(ops->pad(NULL, &args), ==, GK_OK);
    assert_equal(y, (const double[]){4, 4, 4, 4, 4, 4}, 6);
}

// A convolution with all attributes at their usual values.
static GkConv2d usual(GkView x, GkView y, const double *weight, size_t k, size_t out_channels)
{
    return (GkConv2d){.x = x,
                      .y = y,
                      .weight = weight,
                      .out_channels = out_channels,
                      .kernel_h = k,
                      .kernel_w = k,
                      .stride = 1,
                      .dilation = 1,
                      .groups = 1,
                      .upsample = 1,
                      .shuffle = 1};
}

static void run(const GkConv2d *args)
{
    GkPlan *plan = NULL;
    g_assert_cmpint(ops->conv2d(NULL, args, &plan), ==, GK_OK);
    gk_backend_ref_f64.plan_free(NULL, plan);
}

static void convolution_is_cross_correlation(void)
{
    const double x[] = {1, 2, 3, 4}, weight[] = {1, 10, 100, 1000}, bias[] = {0.5};
    double y[9];
    GkConv2d args = usual(picture(x, 2, 2, 1), picture(y, 1, 1, 1), weight, 2, 1);
    args.bias = bias;
    run(&args);
    assert_equal(y, (const double[]){4321.5}, 1);
    // Zeros all around; y's size says how far.
    args.y = picture(y, 3, 3, 1);
    args.bias = NULL;
    args.pad_top = args.pad_left = 1;
    run(&args);
    assert_equal(y, (const double[]){1000, 2100, 200, 3010, 4321, 402, 30, 43, 4}, 9);
}

static void convolution_sums_over_channels(void)
{
    // weight [O][C]: PyTorch's order.
    const double x[] = {1, 10}, weight[] = {1, 2, 3, 4, 5, 6}, grouped[] = {2, 3, 4, 5};
    double y[4];
    GkConv2d args = usual(picture(x, 1, 1, 2), picture(y, 1, 1, 3), weight, 1, 3);
    run(&args);
    assert_equal(y, (const double[]){21, 43, 65}, 3);
    // Two groups of one input and two outputs each.
    args = usual(picture(x, 1, 1, 2), picture(y, 1, 1, 4), grouped, 1, 4);
    args.groups = 2;
    run(&args);
    assert_equal(y, (const double[]){2, 3, 40, 50}, 4);
}

static void convolution_steps_and_spreads(void)
{
    // Only tap (0, 2) is not zero: y[o] = X[o * stride + 2 * dilation - pad_left].
    const double x[] = {1, 2, 3, 4, 5, 6, 7}, weight[] = {0, 0, 1};
    double y[8];
    GkConv2d args = usual(picture(x, 1, 7, 1), picture(y, 1, 4, 1), weight, 3, 1);
    args.kernel_h = 1;
    args.pad_left = 1;
    args.stride = 2;
    run(&args);
    assert_equal(y, (const double[]){2, 4, 6, 0}, 4);
    args.dilation = 2;
    args.pad_left = 2;
    run(&args);
    assert_equal(y, (const double[]){3, 5, 7, 0}, 4);
    // The kernel sees the enlarged picture 1 1 2 2 3 3 4 4, not the small one.
    args = usual(picture(x, 1, 4, 1), picture(y, 1, 8, 1), weight, 3, 1);
    args.kernel_h = 1;
    args.pad_left = 1;
    args.upsample = 2;
    run(&args);
    // The kernel is one row high, and so is y: only the first of the two equal rows is asked for.
    assert_equal(y, (const double[]){1, 2, 2, 3, 3, 4, 4, 0}, 8);
}

static void convolution_sees_beyond_the_edges(void)
{
    const double x[] = {1, 2, 3}, weight[] = {100, 10, 1};
    double y[6];
    GkConv2d args = usual(picture(x, 1, 3, 1), picture(y, 1, 3, 1), weight, 3, 1);
    args.kernel_h = 1;
    args.pad_left = 1;
    args.pad_mode = GK_PAD_REFLECT;
    run(&args);
    assert_equal(y, (const double[]){212, 123, 232}, 3);
    args.pad_mode = GK_PAD_REPLICATE;
    run(&args);
    assert_equal(y, (const double[]){112, 123, 233}, 3);
    args.pad_mode = GK_PAD_CIRCULAR;
    run(&args);
    assert_equal(y, (const double[]){312, 123, 231}, 3);
    // The mirror stands in the enlarged picture 1 1 2 2 3 3.
    args.y = picture(y, 1, 6, 1);
    args.upsample = 2;
    args.pad_mode = GK_PAD_REFLECT;
    run(&args);
    assert_equal(y, (const double[]){111, 112, 122, 223, 233, 333}, 6);
}

static void transposed_convolution_follows_pytorch(void)
{
    const double g[] = {1, 2, 3, 4}, weight[] = {1, 10, 100, 1000}, bias[] = {0.5};
    double x[16];
    const GkConv2dInputGradient args = {.g = picture(g, 2, 2, 1),
                                        .x = picture(x, 4, 4, 1),
                                        .weight = weight,
                                        .shape = {2, 2, 2, 1, 1, 0, 0},
                                        .bias = bias,
                                        .activation = {.kind = GK_ACT_LEAKY}};
    g_assert_cmpint(ops->conv2d_input_gradient(NULL, &args, NULL), ==, GK_OK);
    assert_equal(x,
                 (const double[]){1.5, 10.5, 2.5, 20.5, 100.5, 1000.5, 200.5, 2000.5, 3.5, 30.5,
                                  4.5, 40.5, 300.5, 3000.5, 400.5, 4000.5},
                 16);
}

// Two pixels of two channels: 1 and 3 are the first channel, -2 and 6 the second.
static void norms_follow_pytorch(void)
{
    const double x[] = {1, -2, 3, 6}, weight[] = {2, 1}, bias[] = {0.5, -1};
    double moments[4], y[4];
    GkMoments m = {.x = picture(x, 1, 2, 2), .y = picture(moments, 1, 1, 4)};
    g_assert_cmpint(ops->moments(NULL, &m), ==, GK_OK);
    assert_equal(moments, (const double[]){2, 2, 1, 16}, 4);
    const GkView w = picture(weight, 1, 1, 2), b = picture(bias, 1, 1, 2);
    GkNormalise args = {.x = m.x,
                        .y = picture(y, 1, 2, 2),
                        .moments = m.y,
                        .weight = &w,
                        .bias = &b,
                        .epsilon = 0.75};
    g_assert_cmpint(ops->normalise(NULL, &args), ==, GK_OK);
    assert_equal(y,
                 (const double[]){-1.0118578920369088, -1.9773555548504418, 2.0118578920369088,
                                  -0.0226444451495582},
                 4);
    // One group of both channels; the activation comes before the residual.
    m.y = args.moments = picture(moments, 1, 1, 2);
    g_assert_cmpint(ops->moments(NULL, &m), ==, GK_OK);
    assert_equal(moments, (const double[]){2, 8.5}, 2);
    args.weight = args.bias = NULL;
    args.epsilon = 0.5;
    args.activation = (GkActivation){.kind = GK_ACT_LEAKY};
    args.residual = &m.x;
    g_assert_cmpint(ops->normalise(NULL, &args), ==, GK_OK);
    assert_equal(y, (const double[]){1, -2, 3 + 1.0 / 3, 6 + 4.0 / 3}, 4);
    // Both as images of one channel: the moments of all images.
    m.x = gk_view_nhwc((double *)x, GK_F64, 4, 1, 1, 1);
    g_assert_cmpint(ops->moments(NULL, &m), ==, GK_OK);
    assert_equal(moments, (const double[]){2, 8.5}, 2);
}

static void softmax_follows_pytorch(void)
{
    const double x[] = {1, -2, 3, 6};
    double y[4];
    GkSoftmax args = {.x = picture(x, 1, 2, 2), .y = picture(y, 1, 2, 2), .axis = GK_SOFTMAX_C};
    g_assert_cmpint(ops->softmax(NULL, &args), ==, GK_OK);
    assert_equal(y,
                 (const double[]){0.9525741268224334, 0.0474258731775668, 0.0474258731775668,
                                  0.9525741268224334},
                 4);
    args.axis = GK_SOFTMAX_W;
    g_assert_cmpint(ops->softmax(NULL, &args), ==, GK_OK);
    assert_equal(y,
                 (const double[]){0.1192029220221176, 0.0003353501304665, 0.8807970779778823,
                                  0.9996646498695335},
                 4);
}

static void erf_has_known_values(void)
{
    const double x[] = {0, 0.5, -0.5};
    double y[3];
    const GkUnary args = {.x = picture(x, 1, 3, 1), .y = picture(y, 1, 3, 1), .kind = GK_UNARY_ERF};
    g_assert_cmpint(ops->unary(NULL, &args), ==, GK_OK);
    assert_equal(y, (const double[]){0, 0.5204998778130465, -0.5204998778130465}, 3);
}

// <g, conv(x, w)> = <x, input_gradient(g, w)> = <w, weight_gradient(x, g)>: each product of the
// convolution stands in each of the three sums once.
static void gradients_are_adjoint(void)
{
    enum { C = 4, O = 6, H = 7, W = 5, GH = 4, GW = 3, K = 3, GROUPS = 2 };
    double x[H * W * C], w[O * (C / GROUPS) * K * K], g[GH * GW * O], y[GH * GW * O],
        x_gradient[H * W * C], w_gradient[G_N_ELEMENTS(w)];
    for (size_t i = 0; i < G_N_ELEMENTS(x); i++)
        x[i] = sin(1.0 + 3 * (double)i);
    for (size_t i = 0; i < G_N_ELEMENTS(w); i++)
        w[i] = sin(2.0 + 5 * (double)i);
    for (size_t i = 0; i < G_N_ELEMENTS(g); i++)
        g[i] = sin(3.0 + 7 * (double)i);
    GkConv2d args = usual(picture(x, H, W, C), picture(y, GH, GW, O), w, K, O);
    args.stride = 2;
    args.groups = GROUPS;
    args.pad_top = 1;
    args.pad_left = 2;
    run(&args);
    const GkConv2dShape shape = {K, K, 2, 1, GROUPS, 1, 2};
    const GkConv2dInputGradient input = {
        .g = picture(g, GH, GW, O), .x = picture(x_gradient, H, W, C), .weight = w, .shape = shape};
    g_assert_cmpint(ops->conv2d_input_gradient(NULL, &input, NULL), ==, GK_OK);
    const GkConv2dWeightGradient weight = {
        .x = args.x, .g = input.g, .weight = w_gradient, .shape = shape};
    g_assert_cmpint(ops->conv2d_weight_gradient(NULL, &weight, NULL), ==, GK_OK);
    double sums[3] = {0};
    for (size_t i = 0; i < G_N_ELEMENTS(y); i++)
        sums[0] += g[i] * y[i];
    for (size_t i = 0; i < G_N_ELEMENTS(x); i++)
        sums[1] += x[i] * x_gradient[i];
    for (size_t i = 0; i < G_N_ELEMENTS(w); i++)
        sums[2] += w[i] * w_gradient[i];
    g_assert_cmpfloat(fabs(sums[0]), >, 0.1);
    g_assert_cmpfloat(fabs(sums[1] - sums[0]), <, 1e-12);
    g_assert_cmpfloat(fabs(sums[2] - sums[0]), <, 1e-12);
}

static void epilogue_keeps_its_order(void)
{
    const double x[] = {1}, weight[] = {-2}, gate[] = {3}, r0[] = {10}, r1[] = {100};
    double y[1];
    GkConv2d args = usual(picture(x, 1, 1, 1), picture(y, 1, 1, 1), weight, 1, 1);
    args.activation = (GkActivation){.kind = GK_ACT_LEAKY, .slope = 0.5f};
    run(&args);
    assert_equal(y, (const double[]){-1}, 1);
    // (-1 + 3) * (sigmoid(-1) - 1/2)
    const double gated = 2 * (0.2689414213699951 - 0.5);
    const GkView gate_view = picture(gate, 1, 1, 1);
    args.gate = &gate_view;
    run(&args);
    assert_equal(y, &gated, 1);
    args.residual[0] = (GkResidual){.r = picture(r0, 1, 1, 1), .scale = 0.5f, .upsample = 1};
    args.residual[1] = (GkResidual){.r = picture(r1, 1, 1, 1), .scale = 2, .upsample = 1};
    args.n_residuals = 2;
    run(&args);
    const double summed = 2 * (0.5 * gated + 10) + 100;
    assert_equal(y, &summed, 1);
}

static void epilogue_shuffles_before_it_adds(void)
{
    // Four outputs of one pixel become 2x2; the enlarged picture is added there; PReLU's slopes
    // belong to the outputs of the convolution.
    const double x[] = {1}, weight[] = {1, -2, 3, -4}, slopes[] = {9, 0.5, 9, 0.25}, r[] = {10};
    double y[4];
    GkConv2d args = usual(picture(x, 1, 1, 1), picture(y, 2, 2, 1), weight, 1, 4);
    args.activation = (GkActivation){.kind = GK_ACT_PRELU, .slopes = slopes};
    args.shuffle = 2;
    args.residual[0] = (GkResidual){.r = picture(r, 1, 1, 1), .scale = 1, .upsample = 2};
    args.n_residuals = 1;
    run(&args);
    assert_equal(y, (const double[]){11, 9, 13, 9}, 4);
    // In place: y's old values are the residual.
    double old[] = {100, 200, 300, 400};
    args.y = args.residual[0].r = picture(old, 2, 2, 1);
    args.residual[0].upsample = 1;
    run(&args);
    assert_equal(old, (const double[]){101, 199, 303, 399}, 4);
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/views/name-elements", views_name_elements);
    g_test_add_func("/activate/has-known-values", activations_have_known_values);
    g_test_add_func("/pointwise/sums-products-and-scales", sums_products_and_scales);
    g_test_add_func("/copy/writes-only-its-channels", copies_only_its_channels);
    g_test_add_func("/shuffle/follows-pytorch", shuffle_follows_pytorch);
    g_test_add_func("/upsample/follows-pytorch", upsample_follows_pytorch);
    g_test_add_func("/pad/folds-back-and-forth", pad_folds_back_and_forth);
    g_test_add_func("/conv2d/is-cross-correlation", convolution_is_cross_correlation);
    g_test_add_func("/conv2d/sums-over-channels", convolution_sums_over_channels);
    g_test_add_func("/conv2d/steps-and-spreads", convolution_steps_and_spreads);
    g_test_add_func("/conv2d/sees-beyond-the-edges", convolution_sees_beyond_the_edges);
    g_test_add_func("/conv2d/transposed-follows-pytorch", transposed_convolution_follows_pytorch);
    g_test_add_func("/normalise/follows-pytorch", norms_follow_pytorch);
    g_test_add_func("/softmax/follows-pytorch", softmax_follows_pytorch);
    g_test_add_func("/unary/erf-has-known-values", erf_has_known_values);
    g_test_add_func("/conv2d/gradients-are-adjoint", gradients_are_adjoint);
    g_test_add_func("/conv2d/epilogue-keeps-its-order", epilogue_keeps_its_order);
    g_test_add_func("/conv2d/epilogue-shuffles-before-it-adds", epilogue_shuffles_before_it_adds);
    return g_test_run();
}
