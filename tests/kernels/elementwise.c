// SPDX-License-Identifier: LGPL-3.0-or-later
// Shape tables of elementwise functions, with and without broadcasting.
#include "check.h"

// An operand's shape: bit i of `kept` says that it has the result's extent along axis i (N H W C);
// along the others its extent is 1.
enum { N = 1, H = 2, W = 4, C = 8, ALL = 15 };

static const struct {
    size_t n, h, w, c;
    unsigned a, b; // kept axes
    CheckLayout layout_a, layout_b, layout_y;
    gboolean in_place; // y is a
    gboolean bench_only;
} rows[] = {
    {1, 1, 1, 1, ALL, ALL, CHECK_PLAN, CHECK_PLAN, CHECK_PLAN, FALSE, FALSE},
    {1, 1, 7, 3, ALL, ALL, CHECK_PLAN, CHECK_PLAN, CHECK_PLAN, FALSE, FALSE},
    {2, 17, 23, 64, ALL, ALL, CHECK_PLAN, CHECK_PLAN, CHECK_PLAN, FALSE, FALSE},
    {2, 9, 11, 28, ALL, ALL, CHECK_PLAN, CHECK_PLAN, CHECK_PLAN, TRUE, FALSE},
    // A weight: dense, long.
    {64, 28, 3, 3, ALL, ALL, CHECK_NHWC, CHECK_NHWC, CHECK_NHWC, FALSE, FALSE},
    {64, 28, 3, 3, ALL, 0, CHECK_NHWC, CHECK_NHWC, CHECK_NHWC, TRUE, FALSE},
    {64, 28, 3, 3, ALL, N, CHECK_NHWC, CHECK_NHWC, CHECK_NHWC, FALSE, FALSE},
    // Per channel, per image and channel, per image, per pixel, one for all.
    {2, 7, 5, 32, ALL, C, CHECK_PLAN, CHECK_NHWC, CHECK_PLAN, FALSE, FALSE},
    {2, 7, 5, 20, ALL, C, CHECK_PLAN, CHECK_NHWC, CHECK_PLAN, FALSE, FALSE},
    {2, 7, 5, 20, C, ALL, CHECK_NHWC, CHECK_PLAN, CHECK_PLAN, FALSE, FALSE},
    {3, 7, 5, 48, ALL, N | C, CHECK_PLAN, CHECK_NHWC, CHECK_PLAN, FALSE, FALSE},
    {3, 7, 5, 20, N | C, N, CHECK_NHWC, CHECK_NHWC, CHECK_PLAN, FALSE, FALSE},
    {3, 7, 5, 16, ALL, N | H | W, CHECK_PLAN, CHECK_PLAN, CHECK_PLAN, FALSE, FALSE},
    {3, 7, 5, 3, ALL, N | H | W, CHECK_PLAN, CHECK_NHWC, CHECK_PLAN, FALSE, FALSE},
    {2, 7, 5, 32, ALL, H | W, CHECK_PLAN, CHECK_NHWC, CHECK_PLAN, FALSE, FALSE},
    {2, 7, 5, 32, 0, 0, CHECK_NHWC, CHECK_NHWC, CHECK_PLAN, FALSE, FALSE},
    {2, 7, 5, 32, H, W, CHECK_NHWC, CHECK_NHWC, CHECK_PLAN, FALSE, FALSE},
    {1, 5, 9, 20, ALL, ALL, CHECK_NHWC, CHECK_BLOCKED, CHECK_BLOCKED, FALSE, FALSE},
    {1, 5, 9, 20, ALL, ALL, CHECK_BLOCKED, CHECK_BLOCKED, CHECK_NHWC, FALSE, FALSE},
    {1, 5, 9, 48, ALL, ALL, CHECK_NHWC, CHECK_BLOCKED, CHECK_BLOCKED, FALSE, FALSE},
    // Two layouts, on devices two types.
    {2, 7, 5, 24, ALL, ALL, CHECK_PLAN, CHECK_NHWC, CHECK_NHWC, FALSE, FALSE},
    {8, 64, 64, 64, ALL, ALL, CHECK_PLAN, CHECK_PLAN, CHECK_PLAN, FALSE, TRUE},
    {8, 64, 64, 64, ALL, C, CHECK_PLAN, CHECK_NHWC, CHECK_PLAN, FALSE, TRUE},
};

static void add_operand(CheckCase *c, const char *name, size_t row, unsigned kept,
                        CheckLayout layout, double low, double high)
{
    const size_t i =
        check_case_tensor(c, name, CHECK_IN, kept & N ? rows[row].n : 1, kept & H ? rows[row].h : 1,
                          kept & W ? rows[row].w : 1, kept & C ? rows[row].c : 1, layout);
    c->tensor[i].low = low;
    c->tensor[i].high = high;
}

static void label_kept(CheckCase *c, const char *name, unsigned kept)
{
    check_case_label(c, " %s[%s%s%s%s]", name, kept & N ? "N" : "1", kept & H ? "H" : "1",
                     kept & W ? "W" : "1", kept & C ? "C" : "1");
}

// Adds y, then a or the alias of it.
static void add_ends(CheckCase *c, size_t row, double low, double high)
{
    check_case_tensor(c, "y", CHECK_OUT, rows[row].n, rows[row].h, rows[row].w, rows[row].c,
                      rows[row].layout_y);
    if (rows[row].in_place) {
        const size_t a = check_case_alias(c, "a", 0);
        c->tensor[a].low = low;
        c->tensor[a].high = high;
    } else {
        add_operand(c, "a", row, rows[row].a, rows[row].layout_a, low, high);
    }
    check_case_label(c, " %zux%zux%zux%zu", rows[row].n, rows[row].h, rows[row].w, rows[row].c);
    label_kept(c, "a", rows[row].a);
    if (rows[row].in_place)
        check_case_label(c, " in place");
    check_case_label(c, " %s->%s", check_layout_name(rows[row].layout_a),
                     check_layout_name(rows[row].layout_y));
    c->bench_only = rows[row].bench_only;
}

static const struct {
    GkUnaryKind kind;
    const char *name;
    double alpha, beta, low, high;
    const CheckLimit *limit;
} functions[] = {
    {GK_UNARY_LINEAR, "linear", -0.5, 2, -4, 4, &check_limit_pointwise},
    {GK_UNARY_ABS, "abs", 0, 0, -4, 4, &check_limit_exact},
    {GK_UNARY_SIGN, "sign", 0, 0, -4, 4, &check_limit_exact},
    {GK_UNARY_SQUARE, "square", 0, 0, -4, 4, &check_limit_pointwise},
    {GK_UNARY_SQRT, "sqrt", 0, 0, 0, 4, &check_limit_pointwise},
    {GK_UNARY_RECIPROCAL, "reciprocal", 0, 0, 0.1, 4, &check_limit_pointwise},
    {GK_UNARY_EXP, "exp", 0, 0, -8, 8, &check_limit_exp},
    {GK_UNARY_LOG, "log", 0, 0, 1e-6, 40, &check_limit_exp},
    {GK_UNARY_SOFTPLUS, "softplus", 0, 0, -30, 30, &check_limit_exp},
    {GK_UNARY_ERF, "erf", 0, 0, -5, 5, &check_limit_exp},
    {GK_UNARY_CLAMP, "clamp", -0.75, 1.25, -4, 4, &check_limit_pointwise},
};
G_STATIC_ASSERT(G_N_ELEMENTS(functions) == GK_N_UNARY);

static GkStatus call_unary(const CheckCase *c, const CheckTarget *target, const GkView *views,
                           const void *const *vectors, GkPlan **plan)
{
    if (!target->backend->ops.unary)
        return GK_ERROR_UNSUPPORTED;
    GkUnary args = c->args.unary;
    args.y = views[0];
    args.x = views[1];
    return target->backend->ops.unary(target->ctx, &args);
}

static size_t n_unary_cases(void)
{
    return G_N_ELEMENTS(functions) * G_N_ELEMENTS(rows);
}

static void make_unary(size_t index, CheckCase *c)
{
    const size_t f = index % G_N_ELEMENTS(functions), row = index / G_N_ELEMENTS(functions);
    check_case_label(c, " %s", functions[f].name);
    add_ends(c, row, functions[f].low, functions[f].high);
    c->args.unary = (GkUnary){
        .kind = functions[f].kind, .alpha = functions[f].alpha, .beta = functions[f].beta};
    c->limit = functions[f].limit;
    c->steep = functions[f].kind == GK_UNARY_EXP;
    c->call = call_unary;
}

static const struct {
    GkBinaryKind kind;
    const char *name;
    double alpha, beta;
} pairs[] = {
    {GK_BINARY_ADD, "add", 0.5, -2},        {GK_BINARY_MULTIPLY, "multiply", -1.5, 0},
    {GK_BINARY_DIVIDE, "divide", 2, 0},     {GK_BINARY_STEP, "step", 1, 0.2},
    {GK_BINARY_WINDOW, "window", 0.5, 1.5},
};
G_STATIC_ASSERT(G_N_ELEMENTS(pairs) == GK_N_BINARY);

static GkStatus call_binary(const CheckCase *c, const CheckTarget *target, const GkView *views,
                            const void *const *vectors, GkPlan **plan)
{
    if (!target->backend->ops.binary)
        return GK_ERROR_UNSUPPORTED;
    GkBinary args = c->args.binary;
    args.y = views[0];
    args.a = views[1];
    args.b = views[2];
    return target->backend->ops.binary(target->ctx, &args);
}

static size_t n_binary_cases(void)
{
    return G_N_ELEMENTS(pairs) * G_N_ELEMENTS(rows);
}

static void make_binary(size_t index, CheckCase *c)
{
    const size_t f = index % G_N_ELEMENTS(pairs), row = index / G_N_ELEMENTS(pairs);
    check_case_label(c, " %s", pairs[f].name);
    add_ends(c, row, -2, 2);
    label_kept(c, "b", rows[row].b);
    check_case_label(c, " %s", check_layout_name(rows[row].layout_b));
    add_operand(c, "b", row, rows[row].b, rows[row].layout_b,
                pairs[f].kind == GK_BINARY_DIVIDE ? 0.25 : -2, 2);
    c->args.binary =
        (GkBinary){.kind = pairs[f].kind, .alpha = pairs[f].alpha, .beta = pairs[f].beta};
    c->limit = &check_limit_pointwise;
    c->steep = pairs[f].kind == GK_BINARY_WINDOW;
    c->call = call_binary;
}

static GkStatus call_fill(const CheckCase *c, const CheckTarget *target, const GkView *views,
                          const void *const *vectors, GkPlan **plan)
{
    if (!target->backend->ops.fill)
        return GK_ERROR_UNSUPPORTED;
    const GkFill args = {.y = views[0], .value = c->args.fill.value};
    return target->backend->ops.fill(target->ctx, &args);
}

// Fill has no inputs; an untouched neighbour stands for one.
static void make_fill(size_t index, CheckCase *c)
{
    static const struct {
        size_t n, h, w, c, first, whole;
        CheckLayout layout;
    } fills[] = {
        {1, 1, 1, 1, 0, 2, CHECK_NHWC},
        {2, 5, 3, 16, 16, 48, CHECK_PLAN},
        {2, 5, 3, 7, 13, 40, CHECK_PLAN},
        {3, 9, 3, 3, 3, 12, CHECK_NHWC},
    };
    check_case_label(c, " %zux%zux%zux%zu of %zu %s", fills[index].n, fills[index].h,
                     fills[index].w, fills[index].c, fills[index].whole,
                     check_layout_name(fills[index].layout));
    const size_t buffer = check_case_buffer(c, fills[index].n, fills[index].h, fills[index].w,
                                            fills[index].whole, fills[index].layout);
    check_case_slice(c, "y", CHECK_OUT, buffer, fills[index].first, fills[index].c);
    check_case_slice(c, "neighbour", CHECK_IN, buffer, fills[index].first > 0 ? 0 : fills[index].c,
                     1);
    c->args.fill.value = 0.25;
    c->limit = &check_limit_exact;
    c->call = call_fill;
}

static size_t n_fill_cases(void)
{
    return 4;
}

const CheckOp check_unary = {"unary", n_unary_cases, make_unary};
const CheckOp check_binary = {"binary", n_binary_cases, make_binary};
const CheckOp check_fill = {"fill", n_fill_cases, make_fill};
