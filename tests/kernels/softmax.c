// SPDX-License-Identifier: LGPL-3.0-or-later
// Shape table of softmax.
#include "check.h"

static const struct {
    size_t n, h, w, c;
    double range; // of the values
    CheckLayout x, y;
    gboolean in_place, bench_only;
} rows[] = {
    {1, 1, 1, 1, 1, CHECK_PLAN, CHECK_PLAN, FALSE, FALSE},
    {2, 5, 7, 3, 4, CHECK_PLAN, CHECK_PLAN, FALSE, FALSE},
    {2, 9, 11, 64, 4, CHECK_PLAN, CHECK_PLAN, FALSE, FALSE},
    {1, 9, 11, 28, 4, CHECK_PLAN, CHECK_PLAN, TRUE, FALSE},
    // Matrices; values whose exponentials a float has no room for.
    {3, 1, 37, 80, 4, CHECK_NHWC, CHECK_NHWC, FALSE, FALSE},
    {1, 1, 64, 100, 200, CHECK_NHWC, CHECK_NHWC, TRUE, FALSE},
    {1, 1, 5, 1000, 8, CHECK_NHWC, CHECK_NHWC, FALSE, FALSE},
    {2, 5, 7, 24, 4, CHECK_PLAN, CHECK_NHWC, FALSE, FALSE},
    {2, 5, 7, 24, 4, CHECK_NHWC, CHECK_PLAN, FALSE, FALSE},
    {8, 1, 256, 1024, 4, CHECK_NHWC, CHECK_NHWC, FALSE, TRUE},
};

static GkStatus call(const CheckCase *c, const CheckTarget *target, const GkView *views,
                     const void *const *vectors, GkPlan **plan)
{
    if (!target->backend->ops.softmax)
        return GK_ERROR_UNSUPPORTED;
    const GkSoftmax args = {.y = views[0], .x = views[1], .axis = c->args.softmax.axis};
    return target->backend->ops.softmax(target->ctx, &args);
}

static size_t n_cases(void)
{
    return 2 * G_N_ELEMENTS(rows);
}

static void make(size_t index, CheckCase *c)
{
    const size_t row = index / 2, n = rows[row].n, h = rows[row].h, w = rows[row].w;
    c->args.softmax.axis = index % 2 ? GK_SOFTMAX_W : GK_SOFTMAX_C;
    check_case_label(c, " over %s %zux%zux%zux%zu of -%g..%g %s->%s%s", index % 2 ? "W" : "C", n, h,
                     w, rows[row].c, rows[row].range, rows[row].range,
                     check_layout_name(rows[row].x), check_layout_name(rows[row].y),
                     rows[row].in_place ? " in place" : "");
    const size_t y = check_case_tensor(c, "y", CHECK_OUT, n, h, w, rows[row].c, rows[row].y);
    const size_t x = rows[row].in_place
                         ? check_case_alias(c, "x", y)
                         : check_case_tensor(c, "x", CHECK_IN, n, h, w, rows[row].c, rows[row].x);
    c->tensor[x].low = -rows[row].range;
    c->tensor[x].high = rows[row].range;
    c->limit = &check_limit_exp;
    c->steep = TRUE;
    c->bench_only = rows[row].bench_only;
    c->call = call;
}

const CheckOp check_softmax = {"softmax", n_cases, make};
