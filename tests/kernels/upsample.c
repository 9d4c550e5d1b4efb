// SPDX-License-Identifier: LGPL-3.0-or-later
// Shape tables of enlarging by a whole factor.
#include "check.h"

static const struct {
    size_t n, h, w, c, factor;
    CheckLayout x, y;
    gboolean bench_only;
} rows[] = {
    {1, 1, 1, 1, 2, CHECK_PLAN, CHECK_PLAN, FALSE},
    {1, 1, 7, 3, 3, CHECK_PLAN, CHECK_PLAN, FALSE},
    {2, 5, 3, 16, 1, CHECK_PLAN, CHECK_PLAN, FALSE},
    {2, 17, 23, 64, 2, CHECK_PLAN, CHECK_PLAN, FALSE},
    {1, 33, 50, 28, 3, CHECK_PLAN, CHECK_PLAN, FALSE},
    {2, 9, 5, 3, 4, CHECK_PLAN, CHECK_PLAN, FALSE},
    {1, 2, 3, 17, 8, CHECK_PLAN, CHECK_PLAN, FALSE},
    {1, 9, 14, 3, 4, CHECK_NHWC, CHECK_PLAN, FALSE},
    {1, 9, 14, 3, 4, CHECK_PLAN, CHECK_NHWC, FALSE},
    {1, 256, 256, 3, 4, CHECK_PLAN, CHECK_PLAN, TRUE},
    {1, 128, 128, 64, 2, CHECK_PLAN, CHECK_PLAN, TRUE},
};

static GkStatus call_nearest(const CheckCase *c, const CheckTarget *target, const GkView *views,
                             const void *const *vectors, GkPlan **plan)
{
    if (!target->backend->ops.upsample_nearest)
        return GK_ERROR_UNSUPPORTED;
    const GkUpsample args = {.x = views[0], .y = views[1], .factor = c->args.upsample.factor};
    return target->backend->ops.upsample_nearest(target->ctx, &args);
}

static GkStatus call_bilinear(const CheckCase *c, const CheckTarget *target, const GkView *views,
                              const void *const *vectors, GkPlan **plan)
{
    if (!target->backend->ops.upsample_bilinear)
        return GK_ERROR_UNSUPPORTED;
    const GkUpsample args = {.x = views[0], .y = views[1], .factor = c->args.upsample.factor};
    return target->backend->ops.upsample_bilinear(target->ctx, &args);
}

static size_t n_cases(void)
{
    return G_N_ELEMENTS(rows);
}

static void make(size_t index, CheckCase *c)
{
    const size_t n = rows[index].n, h = rows[index].h, w = rows[index].w;
    const size_t channels = rows[index].c, f = rows[index].factor;
    check_case_label(c, " by %zu, %zux%zux%zux%zu", f, n, h, w, channels);
    if (rows[index].x != CHECK_PLAN || rows[index].y != CHECK_PLAN)
        check_case_label(c, " %s->%s", check_layout_name(rows[index].x),
                         check_layout_name(rows[index].y));
    check_case_tensor(c, "x", CHECK_IN, n, h, w, channels, rows[index].x);
    check_case_tensor(c, "y", CHECK_OUT, n, h * f, w * f, channels, rows[index].y);
    c->args.upsample.factor = f;
    c->optional = rows[index].x != CHECK_PLAN || rows[index].y != CHECK_PLAN;
    c->bench_only = rows[index].bench_only;
}

static void make_nearest(size_t index, CheckCase *c)
{
    make(index, c);
    c->limit = &check_limit_exact;
    c->call = call_nearest;
}

static void make_bilinear(size_t index, CheckCase *c)
{
    make(index, c);
    c->limit = &check_limit_bilinear;
    c->call = call_bilinear;
}

const CheckOp check_upsample_nearest = {"upsample_nearest", n_cases, make_nearest};
const CheckOp check_upsample_bilinear = {"upsample_bilinear", n_cases, make_bilinear};

static GkStatus call_bilinear_gradient(const CheckCase *c, const CheckTarget *target,
                                       const GkView *views, const void *const *vectors,
                                       GkPlan **plan)
{
    if (!target->backend->ops.upsample_bilinear_gradient)
        return GK_ERROR_UNSUPPORTED;
    const GkUpsampleGradient args = {
        .x = views[0], .y = views[1], .factor = c->args.upsample.factor};
    return target->backend->ops.upsample_bilinear_gradient(target->ctx, &args);
}

static void make_bilinear_gradient(size_t index, CheckCase *c)
{
    make(index, c);
    c->tensor[0].role = CHECK_OUT;
    c->tensor[1].role = CHECK_IN;
    c->limit = &check_limit_sum;
    c->steep = TRUE; // terms may cancel
    c->magnitude = 4;
    c->call = call_bilinear_gradient;
}

const CheckOp check_upsample_bilinear_gradient = {"upsample_bilinear_gradient", n_cases,
                                                  make_bilinear_gradient};
