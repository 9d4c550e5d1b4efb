// SPDX-License-Identifier: LGPL-3.0-or-later
// Shape tables of sums, products and per-channel scaling.
#include "check.h"

typedef enum { APART, Y_IS_A, Y_IS_B, A_IS_B } Sharing;

// Operands a, b and y of one shape. With `whole` channels they are slices that begin
// at channel `first`.
static const struct {
    size_t n, h, w, c, first, whole;
    CheckLayout a, b, y;
    Sharing sharing;
    gboolean bench_only;
} rows[] = {
    {1, 1, 1, 1, 0, 0, CHECK_PLAN, CHECK_PLAN, CHECK_PLAN, APART, FALSE},
    {1, 1, 7, 3, 0, 0, CHECK_PLAN, CHECK_PLAN, CHECK_PLAN, APART, FALSE},
    {2, 5, 3, 16, 0, 0, CHECK_PLAN, CHECK_PLAN, CHECK_PLAN, APART, FALSE},
    {2, 17, 23, 64, 0, 0, CHECK_PLAN, CHECK_PLAN, CHECK_PLAN, APART, FALSE},
    {2, 17, 23, 64, 0, 0, CHECK_PLAN, CHECK_PLAN, CHECK_PLAN, Y_IS_A, FALSE},
    {1, 33, 50, 28, 0, 0, CHECK_PLAN, CHECK_PLAN, CHECK_PLAN, Y_IS_B, FALSE},
    {2, 5, 9, 17, 0, 0, CHECK_PLAN, CHECK_PLAN, CHECK_PLAN, A_IS_B, FALSE},
    {2, 9, 5, 32, 64, 192, CHECK_PLAN, CHECK_PLAN, CHECK_PLAN, APART, FALSE},
    {2, 9, 5, 32, 64, 192, CHECK_PLAN, CHECK_PLAN, CHECK_PLAN, Y_IS_A, FALSE},
    {1, 9, 5, 20, 0, 0, CHECK_NHWC, CHECK_BLOCKED, CHECK_BLOCKED, APART, FALSE},
    {1, 9, 5, 20, 0, 0, CHECK_BLOCKED, CHECK_NHWC, CHECK_NHWC, Y_IS_B, FALSE},
    {1, 9, 5, 20, 0, 0, CHECK_BLOCKED, CHECK_BLOCKED, CHECK_NHWC, APART, FALSE},
    {1, 9, 5, 20, 0, 0, CHECK_NHWC, CHECK_PLAN, CHECK_PLAN, APART, FALSE},
    {1, 9, 5, 20, 0, 0, CHECK_PLAN, CHECK_NHWC, CHECK_NHWC, APART, FALSE},
    {1, 256, 256, 64, 0, 0, CHECK_PLAN, CHECK_PLAN, CHECK_PLAN, APART, TRUE},
};

// Factors of GkAdd: a plain sum, a difference, RRDB's residual.
static const struct {
    float alpha, beta;
} factors[] = {{1, 1}, {1, -1}, {0.2f, 1}};

static size_t operand(CheckCase *c, const char *name, CheckRole role, size_t row,
                      CheckLayout layout)
{
    const size_t whole = rows[row].whole ? rows[row].whole : rows[row].c;
    const size_t buffer =
        check_case_buffer(c, rows[row].n, rows[row].h, rows[row].w, whole, layout);
    return check_case_slice(c, name, role, buffer, rows[row].first, rows[row].c);
}

// Adds a, b and y, in this order whatever they share, and the common part of the description.
static void make_binary(CheckCase *c, size_t row)
{
    static const char *const sharing_names[] = {"", " y=a", " y=b", " a=b"};
    const gboolean mixed =
        rows[row].a != CHECK_PLAN || rows[row].b != CHECK_PLAN || rows[row].y != CHECK_PLAN;
    check_case_label(c, " %zux%zux%zux%zu", rows[row].n, rows[row].h, rows[row].w, rows[row].c);
    if (rows[row].whole)
        check_case_label(c, " at channel %zu of %zu", rows[row].first, rows[row].whole);
    check_case_label(c, "%s", sharing_names[rows[row].sharing]);
    if (mixed)
        check_case_label(c, " %s*%s->%s", check_layout_name(rows[row].a),
                         check_layout_name(rows[row].b), check_layout_name(rows[row].y));
    switch (rows[row].sharing) {
    case APART:
        operand(c, "a", CHECK_IN, row, rows[row].a);
        operand(c, "b", CHECK_IN, row, rows[row].b);
        operand(c, "y", CHECK_OUT, row, rows[row].y);
        break;
    case Y_IS_A:
        operand(c, "y", CHECK_OUT, row, rows[row].y);
        operand(c, "b", CHECK_IN, row, rows[row].b);
        check_case_alias(c, "a", 0);
        break;
    case Y_IS_B:
        operand(c, "a", CHECK_IN, row, rows[row].a);
        operand(c, "y", CHECK_OUT, row, rows[row].y);
        check_case_alias(c, "b", 1);
        break;
    case A_IS_B:
        operand(c, "a", CHECK_IN, row, rows[row].a);
        check_case_alias(c, "b", 0);
        operand(c, "y", CHECK_OUT, row, rows[row].y);
        break;
    }
    c->limit = &check_limit_pointwise;
    c->bench_only = rows[row].bench_only;
    c->optional = mixed;
}

static GkStatus call_add(const CheckCase *c, const CheckTarget *target, const GkView *views,
                         const void *const *vectors, GkPlan **plan)
{
    if (!target->backend->ops.add)
        return GK_ERROR_UNSUPPORTED;
    GkAdd args = c->args.add;
    args.a = views[0];
    args.b = views[1];
    args.y = views[2];
    return target->backend->ops.add(target->ctx, &args);
}

static size_t n_add_cases(void)
{
    return G_N_ELEMENTS(rows) * G_N_ELEMENTS(factors);
}

static void make_add(size_t index, CheckCase *c)
{
    const size_t factor = index % G_N_ELEMENTS(factors);
    c->args.add.alpha = factors[factor].alpha;
    c->args.add.beta = factors[factor].beta;
    check_case_label(c, " %g*a%+g*b", (double)factors[factor].alpha, (double)factors[factor].beta);
    make_binary(c, index / G_N_ELEMENTS(factors));
    c->call = call_add;
}

static GkStatus call_multiply(const CheckCase *c, const CheckTarget *target, const GkView *views,
                              const void *const *vectors, GkPlan **plan)
{
    if (!target->backend->ops.multiply)
        return GK_ERROR_UNSUPPORTED;
    const GkMultiply args = {.a = views[0], .b = views[1], .y = views[2]};
    return target->backend->ops.multiply(target->ctx, &args);
}

static size_t n_multiply_cases(void)
{
    return G_N_ELEMENTS(rows);
}

static void make_multiply(size_t index, CheckCase *c)
{
    make_binary(c, index);
    c->call = call_multiply;
}

static GkStatus call_affine(const CheckCase *c, const CheckTarget *target, const GkView *views,
                            const void *const *vectors, GkPlan **plan)
{
    if (!target->backend->ops.affine)
        return GK_ERROR_UNSUPPORTED;
    const GkAffine args = {.x = views[0], .y = views[1], .scale = vectors[0], .shift = vectors[1]};
    return target->backend->ops.affine(target->ctx, &args);
}

static size_t n_affine_cases(void)
{
    return G_N_ELEMENTS(rows);
}

static void make_affine(size_t index, CheckCase *c)
{
    // Row A_IS_B has no meaning here and Y_IS_B repeats Y_IS_A: both run in place.
    const gboolean in_place = rows[index].sharing != APART;
    const gboolean mixed = rows[index].a != rows[index].y && !in_place;
    check_case_label(c, " %zux%zux%zux%zu", rows[index].n, rows[index].h, rows[index].w,
                     rows[index].c);
    if (rows[index].whole)
        check_case_label(c, " at channel %zu of %zu", rows[index].first, rows[index].whole);
    if (in_place)
        check_case_label(c, " in place");
    if (mixed || rows[index].y != CHECK_PLAN)
        check_case_label(c, " %s->%s", check_layout_name(rows[index].a),
                         check_layout_name(rows[index].y));
    if (in_place) {
        operand(c, "y", CHECK_OUT, index, rows[index].y);
        check_case_alias(c, "x", 0);
    } else {
        operand(c, "x", CHECK_IN, index, rows[index].a);
        operand(c, "y", CHECK_OUT, index, rows[index].y);
    }
    check_case_vector(c, "scale", rows[index].c, -2, 2);
    check_case_vector(c, "shift", rows[index].c, -1, 1);
    c->limit = &check_limit_pointwise;
    c->bench_only = rows[index].bench_only;
    c->optional = mixed || rows[index].y != CHECK_PLAN;
    c->call = call_affine;
}

const CheckOp check_add = {"add", n_add_cases, make_add};
const CheckOp check_multiply = {"multiply", n_multiply_cases, make_multiply};
const CheckOp check_affine = {"affine", n_affine_cases, make_affine};
