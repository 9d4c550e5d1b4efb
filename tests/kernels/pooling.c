// SPDX-License-Identifier: LGPL-3.0-or-later
// Shape tables of pooling and its gradients.
#include "check.h"

static const struct {
    size_t n, h, w, c;
    size_t kernel_h, kernel_w, stride, top, left, small_h, small_w;
    double scale;
    CheckLayout large, small;
    gboolean bench_only;
} rows[] = {
    {1, 1, 1, 1, 1, 1, 1, 0, 0, 1, 1, 0, CHECK_PLAN, CHECK_PLAN, FALSE},
    {2, 6, 7, 20, 2, 2, 2, 0, 0, 3, 3, 0, CHECK_PLAN, CHECK_PLAN, FALSE},
    // Ceil: the last windows are cut off.
    {2, 6, 7, 16, 2, 2, 2, 0, 0, 3, 4, 0, CHECK_PLAN, CHECK_PLAN, FALSE},
    {1, 9, 11, 3, 3, 3, 2, 0, 0, 4, 5, 0, CHECK_PLAN, CHECK_PLAN, FALSE},
    {1, 9, 12, 64, 3, 3, 2, 1, 1, 5, 6, 0, CHECK_PLAN, CHECK_PLAN, FALSE},
    {1, 9, 12, 28, 3, 3, 2, 1, 1, 5, 6, 1. / 9, CHECK_PLAN, CHECK_PLAN, FALSE},
    {1, 5, 6, 17, 3, 3, 1, 1, 1, 5, 6, 0, CHECK_PLAN, CHECK_PLAN, FALSE},
    {2, 8, 12, 6, 4, 4, 4, 0, 0, 2, 3, 1, CHECK_PLAN, CHECK_PLAN, FALSE},
    {1, 6, 9, 5, 2, 3, 1, 0, 1, 5, 9, 0.5, CHECK_PLAN, CHECK_PLAN, FALSE},
    {1, 9, 12, 24, 3, 3, 2, 1, 1, 5, 6, 0, CHECK_NHWC, CHECK_PLAN, FALSE},
    {1, 9, 12, 24, 3, 3, 2, 1, 1, 5, 6, 0, CHECK_PLAN, CHECK_NHWC, FALSE},
    {8, 64, 64, 64, 2, 2, 2, 0, 0, 32, 32, 0, CHECK_PLAN, CHECK_PLAN, TRUE},
};

static size_t n_cases(void)
{
    return G_N_ELEMENTS(rows);
}

static void make(size_t i, CheckCase *c)
{
    check_case_label(c, " %zux%zux%zux%zu by %zux%zu stride%zu pad%zu,%zu to %zux%zu scale %g",
                     rows[i].n, rows[i].h, rows[i].w, rows[i].c, rows[i].kernel_h, rows[i].kernel_w,
                     rows[i].stride, rows[i].top, rows[i].left, rows[i].small_h, rows[i].small_w,
                     rows[i].scale);
    if (rows[i].large != rows[i].small)
        check_case_label(c, " large %s small %s", check_layout_name(rows[i].large),
                         check_layout_name(rows[i].small));
    c->args.pool = (GkPoolShape){.kernel_h = rows[i].kernel_h,
                                 .kernel_w = rows[i].kernel_w,
                                 .stride = rows[i].stride,
                                 .pad_top = rows[i].top,
                                 .pad_left = rows[i].left,
                                 .scale = rows[i].scale};
    c->magnitude = 4;
    c->limit = &check_limit_pointwise;
    c->bench_only = rows[i].bench_only;
}

static void add(CheckCase *c, size_t i, CheckRole large, CheckRole small)
{
    check_case_tensor(c, "large", large, rows[i].n, rows[i].h, rows[i].w, rows[i].c, rows[i].large);
    check_case_tensor(c, "small", small, rows[i].n, rows[i].small_h, rows[i].small_w, rows[i].c,
                      rows[i].small);
}

static GkStatus call_average(const CheckCase *c, const CheckTarget *target, const GkView *views,
                             const void *const *vectors, GkPlan **plan)
{
    if (!target->backend->ops.average_pool)
        return GK_ERROR_UNSUPPORTED;
    const GkAveragePool args = {.large = views[0], .small = views[1], .shape = c->args.pool};
    return target->backend->ops.average_pool(target->ctx, &args);
}

static void make_average(size_t index, CheckCase *c)
{
    make(index, c);
    add(c, index, CHECK_IN, CHECK_OUT);
    c->call = call_average;
}

static GkStatus call_average_gradient(const CheckCase *c, const CheckTarget *target,
                                      const GkView *views, const void *const *vectors,
                                      GkPlan **plan)
{
    if (!target->backend->ops.average_pool_gradient)
        return GK_ERROR_UNSUPPORTED;
    const GkAveragePool args = {.large = views[0], .small = views[1], .shape = c->args.pool};
    return target->backend->ops.average_pool_gradient(target->ctx, &args);
}

static void make_average_gradient(size_t index, CheckCase *c)
{
    make(index, c);
    add(c, index, CHECK_OUT, CHECK_IN);
    c->call = call_average_gradient;
}

static GkStatus call_max(const CheckCase *c, const CheckTarget *target, const GkView *views,
                         const void *const *vectors, GkPlan **plan)
{
    if (!target->backend->ops.max_pool)
        return GK_ERROR_UNSUPPORTED;
    const GkMaxPool args = {
        .large = views[0], .small = views[1], .x = views[2], .shape = c->args.pool};
    return target->backend->ops.max_pool(target->ctx, &args);
}

// The maximum itself in even rows, the value at the place of another one's maximum in odd rows.
static void make_max(size_t index, CheckCase *c)
{
    make(index, c);
    add(c, index, CHECK_IN, CHECK_OUT);
    if (index % 2 == 0)
        check_case_alias(c, "x", 0);
    else
        check_case_tensor(c, "x", CHECK_IN, rows[index].n, rows[index].h, rows[index].w,
                          rows[index].c, rows[index].large);
    c->limit = &check_limit_exact;
    c->steep = TRUE; // equal values have another maximum
    c->call = call_max;
}

static GkStatus call_max_gradient(const CheckCase *c, const CheckTarget *target,
                                  const GkView *views, const void *const *vectors, GkPlan **plan)
{
    if (!target->backend->ops.max_pool_gradient)
        return GK_ERROR_UNSUPPORTED;
    const GkMaxPool args = {
        .large = views[0], .small = views[1], .x = views[2], .shape = c->args.pool};
    return target->backend->ops.max_pool_gradient(target->ctx, &args);
}

static void make_max_gradient(size_t index, CheckCase *c)
{
    make(index, c);
    add(c, index, CHECK_OUT, CHECK_IN);
    check_case_tensor(c, "x", CHECK_IN, rows[index].n, rows[index].h, rows[index].w, rows[index].c,
                      rows[index].large);
    c->steep = TRUE;
    c->call = call_max_gradient;
}

const CheckOp check_average_pool = {"average_pool", n_cases, make_average};
const CheckOp check_average_pool_gradient = {"average_pool_gradient", n_cases,
                                             make_average_gradient};
const CheckOp check_max_pool = {"max_pool", n_cases, make_max};
const CheckOp check_max_pool_gradient = {"max_pool_gradient", n_cases, make_max_gradient};
