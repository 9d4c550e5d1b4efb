// SPDX-License-Identifier: LGPL-3.0-or-later
// Shape table of the convolution's gradients: each row is checked for both.
#include "check.h"

#include <math.h>

// 0 stands for the usual value: n 1, kernel 3x3, stride, dilation and groups 1; g's size 0 is the
// one that padding dilation * (kernel - 1) / 2 gives.
static const struct {
    size_t c, o, h, w;
    size_t n, kh, kw, stride, dilation, groups;
    gboolean own_pad; // the next four count
    size_t top, left, gh, gw;
    size_t first, whole; // channels of the buffer that x's begin at, and that it has
    CheckLayout layout_x, layout_g;
    // Of the input gradient, as a transposed convolution has them.
    gboolean bias;
    GkActivationKind activation;
    gboolean bench_only;
} rows[] = {
    {.c = 1, .o = 1, .h = 1, .w = 1},
    {.c = 3, .o = 64, .h = 17, .w = 23, .n = 2},
    {.c = 64, .o = 64, .h = 17, .w = 23, .n = 2},
    {.c = 64, .o = 64, .h = 33, .w = 50},
    {.c = 64, .o = 48, .h = 5, .w = 7},
    {.c = 64, .o = 3, .h = 17, .w = 23, .n = 2},
    {.c = 28, .o = 52, .h = 9, .w = 11, .n = 3},
    {.c = 16, .o = 16, .h = 6, .w = 6},
    {.c = 12, .o = 20, .h = 2, .w = 13},
    {.c = 6, .o = 6, .h = 8, .w = 10, .n = 2},
    {.c = 32, .o = 16, .h = 9, .w = 5, .first = 16, .whole = 64},
    {.c = 20, .o = 16, .h = 9, .w = 5, .first = 7, .whole = 40},
    // Many tiles and many channels: several slices and parts of a Winograd form.
    {.c = 64, .o = 48, .h = 31, .w = 37, .n = 3},
    {.c = 8, .o = 9, .h = 55, .w = 61, .n = 2},
    {.c = 80, .o = 144, .h = 13, .w = 18, .n = 2},
    {.c = 176, .o = 16, .h = 12, .w = 5, .n = 3},
    // Kernels.
    {.c = 64, .o = 32, .h = 17, .w = 23, .kh = 1, .kw = 1},
    {.c = 24, .o = 24, .h = 9, .w = 11, .kh = 1, .kw = 3},
    {.c = 12, .o = 18, .h = 9, .w = 11, .kh = 5, .kw = 5, .n = 2},
    {.c = 3, .o = 32, .h = 17, .w = 23, .kh = 9, .kw = 9},
    {.c = 32, .o = 3, .h = 17, .w = 23, .kh = 7, .kw = 7},
    {.c = 16, .o = 20, .h = 9, .w = 11, .dilation = 2},
    // Padding that shrinks, enlarges, or leaves a part of x unread.
    {.c = 16, .o = 16, .h = 9, .w = 11, .own_pad = TRUE, .gh = 7, .gw = 9},
    {.c = 8, .o = 16, .h = 3, .w = 4, .own_pad = TRUE, .top = 3, .left = 3, .gh = 7, .gw = 8},
    {.c = 16, .o = 16, .h = 9, .w = 11, .own_pad = TRUE, .top = 1, .left = 1, .gh = 5, .gw = 6},
    {.c = 16, .o = 16, .h = 4, .w = 3, .own_pad = TRUE, .top = 9, .left = 8, .gh = 18, .gw = 12},
    {.c = 4, .o = 6, .h = 4, .w = 4, .kh = 4, .kw = 4, .n = 2, .own_pad = TRUE, .gh = 1, .gw = 1},
    {.c = 3, .o = 2, .h = 5, .w = 5, .kh = 2, .kw = 2, .own_pad = TRUE, .gh = 4, .gw = 4},
    // Strides: critics' 4x4, 3x3, 1x1 that leaves pixels out, and more steps than taps.
    {.c = 3,
     .o = 64,
     .h = 32,
     .w = 32,
     .kh = 4,
     .kw = 4,
     .stride = 2,
     .n = 2,
     .own_pad = TRUE,
     .top = 1,
     .left = 1,
     .gh = 16,
     .gw = 16},
    {.c = 64,
     .o = 128,
     .h = 16,
     .w = 16,
     .kh = 4,
     .kw = 4,
     .stride = 2,
     .n = 2,
     .own_pad = TRUE,
     .top = 1,
     .left = 1,
     .gh = 8,
     .gw = 8},
    {.c = 16,
     .o = 20,
     .h = 9,
     .w = 12,
     .kh = 4,
     .kw = 4,
     .stride = 2,
     .own_pad = TRUE,
     .top = 1,
     .left = 1,
     .gh = 4,
     .gw = 6},
    {.c = 16, .o = 32, .h = 10, .w = 13, .stride = 2, .n = 2},
    {.c = 16, .o = 32, .h = 1, .w = 3, .stride = 2},
    {.c = 8, .o = 12, .h = 9, .w = 11, .kh = 1, .kw = 1, .stride = 2},
    {.c = 8,
     .o = 12,
     .h = 11,
     .w = 13,
     .kh = 2,
     .kw = 2,
     .stride = 3,
     .own_pad = TRUE,
     .gh = 4,
     .gw = 4},
    {.c = 8, .o = 12, .h = 19, .w = 21, .kh = 11, .kw = 11, .stride = 4},
    {.c = 6, .o = 8, .h = 13, .w = 11, .stride = 2, .dilation = 3},
    {.c = 6, .o = 8, .h = 13, .w = 12, .stride = 2, .dilation = 2},
    {.c = 6, .o = 8, .h = 17, .w = 15, .stride = 4, .dilation = 6, .kh = 5, .kw = 5},
    // Groups.
    {.c = 32, .o = 64, .h = 9, .w = 11, .groups = 2},
    {.c = 8, .o = 12, .h = 5, .w = 6, .groups = 4, .stride = 2},
    {.c = 20, .o = 20, .h = 6, .w = 7, .groups = 20},
    {.c = 3, .o = 6, .h = 6, .w = 7, .groups = 3, .stride = 2, .n = 2},
    // Layouts.
    {.c = 20, .o = 20, .h = 6, .w = 7, .layout_x = CHECK_NHWC, .layout_g = CHECK_NHWC},
    {.c = 3, .o = 16, .h = 6, .w = 7, .stride = 2, .layout_x = CHECK_NHWC, .layout_g = CHECK_NHWC},
    {.c = 3, .o = 64, .h = 17, .w = 23, .n = 2, .layout_x = CHECK_NHWC},
    {.c = 64, .o = 3, .h = 17, .w = 23, .n = 2, .layout_g = CHECK_NHWC},
    {.c = 3, .o = 16, .h = 9, .w = 7, .stride = 2, .layout_x = CHECK_NHWC},
    {.c = 64, .o = 1, .h = 9, .w = 7, .stride = 2, .layout_g = CHECK_NHWC},
    // Transposed convolutions with what follows them: 3x3 whose last row and column are the output
    // padding, 4x4, 2x2, and a 1x1 that leaves pixels with nothing but the bias.
    {.c = 64,
     .o = 128,
     .h = 34,
     .w = 46,
     .n = 2,
     .stride = 2,
     .bias = TRUE,
     .activation = GK_ACT_LEAKY},
    {.c = 20, .o = 12, .h = 12, .w = 18, .stride = 2, .bias = TRUE, .activation = GK_ACT_PRELU},
    {.c = 64,
     .o = 32,
     .h = 18,
     .w = 24,
     .kh = 4,
     .kw = 4,
     .stride = 2,
     .own_pad = TRUE,
     .top = 1,
     .left = 1,
     .gh = 9,
     .gw = 12,
     .bias = TRUE,
     .activation = GK_ACT_SILU},
    {.c = 3,
     .o = 128,
     .h = 34,
     .w = 46,
     .kh = 4,
     .kw = 4,
     .stride = 2,
     .own_pad = TRUE,
     .top = 1,
     .left = 1,
     .gh = 17,
     .gw = 23,
     .bias = TRUE,
     .activation = GK_ACT_TANH,
     .layout_x = CHECK_NHWC},
    {.c = 48,
     .o = 64,
     .h = 34,
     .w = 46,
     .n = 2,
     .kh = 2,
     .kw = 2,
     .stride = 2,
     .own_pad = TRUE,
     .gh = 17,
     .gw = 23},
    {.c = 28,
     .o = 20,
     .h = 6,
     .w = 10,
     .kh = 2,
     .kw = 2,
     .stride = 2,
     .own_pad = TRUE,
     .gh = 3,
     .gw = 5,
     .bias = TRUE},
    {.c = 8,
     .o = 12,
     .h = 9,
     .w = 11,
     .kh = 1,
     .kw = 1,
     .stride = 2,
     .bias = TRUE,
     .activation = GK_ACT_SIGMOID},
    {.c = 24, .o = 16, .h = 9, .w = 11, .bias = TRUE, .activation = GK_ACT_ELU},
    {.c = 64,
     .o = 128,
     .h = 512,
     .w = 512,
     .stride = 2,
     .bias = TRUE,
     .activation = GK_ACT_LEAKY,
     .bench_only = TRUE},
    {.c = 128, .o = 256, .h = 256, .w = 256, .stride = 2, .bench_only = TRUE},
    {.c = 64,
     .o = 256,
     .h = 128,
     .w = 128,
     .kh = 4,
     .kw = 4,
     .stride = 2,
     .own_pad = TRUE,
     .top = 1,
     .left = 1,
     .gh = 64,
     .gw = 64,
     .bench_only = TRUE},
    {.c = 64,
     .o = 128,
     .h = 512,
     .w = 512,
     .kh = 2,
     .kw = 2,
     .stride = 2,
     .own_pad = TRUE,
     .gh = 256,
     .gw = 256,
     .bench_only = TRUE},
    {.c = 64, .o = 64, .h = 64, .w = 64, .n = 8, .bench_only = TRUE},
    {.c = 3, .o = 64, .h = 64, .w = 64, .n = 8, .bench_only = TRUE},
    {.c = 64, .o = 48, .h = 64, .w = 64, .n = 8, .bench_only = TRUE},
    {.c = 64,
     .o = 128,
     .h = 32,
     .w = 32,
     .n = 16,
     .kh = 4,
     .kw = 4,
     .stride = 2,
     .own_pad = TRUE,
     .top = 1,
     .left = 1,
     .gh = 16,
     .gw = 16,
     .bench_only = TRUE},
};

static size_t or_else(size_t value, size_t usual)
{
    return value ? value : usual;
}

static size_t n_cases(void)
{
    return G_N_ELEMENTS(rows);
}

// Adds the common part. `x` and `g` come in this order; one of them may be the result.
static void make(size_t i, CheckCase *c, CheckRole x_role)
{
    const size_t n = or_else(rows[i].n, 1), kh = or_else(rows[i].kh, 3),
                 kw = or_else(rows[i].kw, 3);
    const size_t stride = or_else(rows[i].stride, 1), dilation = or_else(rows[i].dilation, 1);
    const size_t groups = or_else(rows[i].groups, 1);
    const size_t gh = rows[i].own_pad ? rows[i].gh : (rows[i].h - 1) / stride + 1;
    const size_t gw = rows[i].own_pad ? rows[i].gw : (rows[i].w - 1) / stride + 1;
    GkConv2dShape *s = &c->args.conv2d_shape;
    *s = (GkConv2dShape){.kernel_h = kh,
                         .kernel_w = kw,
                         .stride = stride,
                         .dilation = dilation,
                         .groups = groups,
                         .pad_top = rows[i].own_pad ? rows[i].top : dilation * (kh - 1) / 2,
                         .pad_left = rows[i].own_pad ? rows[i].left : dilation * (kw - 1) / 2};
    check_case_label(c, " %zu->%zu %zux%zu %zux%zux%zu to %zux%zu", rows[i].c, rows[i].o, kh, kw, n,
                     rows[i].h, rows[i].w, gh, gw);
    check_case_label(c, " stride%zu dilation%zu groups%zu", stride, dilation, groups);
    if (rows[i].whole)
        check_case_label(c, " at channel %zu of %zu", rows[i].first, rows[i].whole);
    if (rows[i].layout_x != CHECK_PLAN || rows[i].layout_g != CHECK_PLAN)
        check_case_label(c, " x %s g %s", check_layout_name(rows[i].layout_x),
                         check_layout_name(rows[i].layout_g));
    const size_t buffer = check_case_buffer(c, n, rows[i].h, rows[i].w,
                                            or_else(rows[i].whole, rows[i].c), rows[i].layout_x);
    check_case_slice(c, "x", x_role, buffer, rows[i].first, rows[i].c);
    check_case_tensor(c, "g", CHECK_IN, n, gh, gw, rows[i].o, rows[i].layout_g);
    const size_t summands = rows[i].c / groups * kh * kw;
    c->flops = 2.0 * (double)(n * gh * gw * rows[i].o * summands);
    c->bench_only = rows[i].bench_only;
}

// Supported must mean the same in both functions, and the formula's cost is known.
static char *compare_cost(const CheckCase *c, const char *op, GkStatus status, GkStatus cost_status,
                          const GkCost *cost)
{
    if (cost_status != status)
        return g_strdup_printf("%s_cost answers '%s', %s answers '%s'", op,
                               gk_status_text(cost_status), op, gk_status_text(status));
    if (status == GK_OK && fabs(cost->flops - c->flops) > 0.5)
        return g_strdup_printf("%s_cost says %.0f operations, the formula has %.0f", op,
                               cost->flops, c->flops);
    return NULL;
}

static GkView without_data(const GkView *view)
{
    GkView v = *view;
    v.data = NULL;
    return v;
}

static GkStatus call_input(const CheckCase *c, const CheckTarget *target, const GkView *views,
                           const void *const *vectors, GkPlan **plan)
{
    if (!target->backend->ops.conv2d_input_gradient)
        return GK_ERROR_UNSUPPORTED;
    GkConv2dInputGradient args = {.x = views[0],
                                  .g = views[1],
                                  .weight = vectors[0],
                                  .bias = vectors[1],
                                  .shape = c->args.conv2d_shape,
                                  .activation = c->args.conv2d_end};
    args.activation.slopes = vectors[2];
    return target->backend->ops.conv2d_input_gradient(target->ctx, &args, plan);
}

static char *cost_input(const CheckCase *c, const CheckTarget *target, const GkView *views,
                        GkStatus status)
{
    if (!target->backend->ops.conv2d_input_gradient)
        return NULL;
    const GkConv2dInputGradient args = {
        .x = without_data(&views[0]), .g = without_data(&views[1]), .shape = c->args.conv2d_shape};
    GkCost cost = {-1, 0, 0};
    const GkStatus cost_status =
        target->backend->ops.conv2d_input_gradient_cost(target->ctx, &args, &cost);
    return compare_cost(c, "conv2d_input_gradient", status, cost_status, &cost);
}

static void make_input(size_t index, CheckCase *c)
{
    make(index, c, CHECK_OUT);
    const GkConv2dShape *s = &c->args.conv2d_shape;
    const size_t c_group = rows[index].c / s->groups, o_group = rows[index].o / s->groups;
    // g has variance 1/3, and so have the sums of products.
    const size_t n_taps = s->kernel_h * s->kernel_w;
    const double a = sqrt(3.0 / (double)(o_group * n_taps));
    check_case_vector(c, "weight", rows[index].o * c_group * n_taps, -a, a);
    check_case_vector(c, "bias", rows[index].bias ? rows[index].c : 0, -0.5, 0.5);
    check_case_vector(c, "slopes", rows[index].activation == GK_ACT_PRELU ? rows[index].c : 0, -0.5,
                      1);
    c->args.conv2d_end = (GkActivation){.kind = rows[index].activation, .slope = 0.25f};
    if (rows[index].bias)
        check_case_label(c, " bias, activation %d", (int)rows[index].activation);
    // With a stride, a part of a larger kernel may be 3x3.
    c->limit = s->kernel_h >= 3 ? &check_limit_winograd : &check_limit_direct;
    c->call = call_input;
    c->check_more = cost_input;
}

static GkStatus call_weight(const CheckCase *c, const CheckTarget *target, const GkView *views,
                            const void *const *vectors, GkPlan **plan)
{
    if (!target->backend->ops.conv2d_weight_gradient)
        return GK_ERROR_UNSUPPORTED;
    const GkConv2dWeightGradient args = {
        .x = views[0], .g = views[1], .weight = views[2].data, .shape = c->args.conv2d_shape};
    return target->backend->ops.conv2d_weight_gradient(target->ctx, &args, plan);
}

static char *cost_weight(const CheckCase *c, const CheckTarget *target, const GkView *views,
                         GkStatus status)
{
    if (!target->backend->ops.conv2d_weight_gradient)
        return NULL;
    const GkConv2dWeightGradient args = {
        .x = without_data(&views[0]), .g = without_data(&views[1]), .shape = c->args.conv2d_shape};
    GkCost cost = {-1, 0, 0};
    const GkStatus cost_status =
        target->backend->ops.conv2d_weight_gradient_cost(target->ctx, &args, &cost);
    return compare_cost(c, "conv2d_weight_gradient", status, cost_status, &cost);
}

static void make_weight(size_t index, CheckCase *c)
{
    make(index, c, CHECK_IN);
    const GkConv2dShape *s = &c->args.conv2d_shape;
    // Dense [O][C/groups][kernel_h][kernel_w].
    check_case_tensor(c, "weight", CHECK_OUT, rows[index].o, rows[index].c / s->groups, s->kernel_h,
                      s->kernel_w, CHECK_NHWC);
    // Fast algorithms may transform as the forward convolution does.
    const gboolean winograd = s->kernel_h == 3 && s->kernel_w == 3 && s->stride == 1;
    c->limit = winograd ? &check_limit_winograd : &check_limit_direct;
    c->call = call_weight;
    c->check_more = cost_weight;
}

const CheckOp check_conv2d_input_gradient = {"conv2d_input_gradient", n_cases, make_input};
const CheckOp check_conv2d_weight_gradient = {"conv2d_weight_gradient", n_cases, make_weight};
