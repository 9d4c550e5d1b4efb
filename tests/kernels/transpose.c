// SPDX-License-Identifier: LGPL-3.0-or-later
// Shape table of the exchange of axes.
#include "check.h"

static const struct {
    size_t extent[4];
    CheckLayout x, y;
} shapes[] = {
    {{1, 1, 1, 1}, CHECK_PLAN, CHECK_PLAN},  {{2, 3, 4, 5}, CHECK_NHWC, CHECK_NHWC},
    {{2, 5, 3, 20}, CHECK_PLAN, CHECK_NHWC}, {{2, 20, 3, 7}, CHECK_NHWC, CHECK_PLAN},
    {{3, 9, 4, 33}, CHECK_PLAN, CHECK_PLAN},
};

static const unsigned orders[][4] = {
    {0, 1, 2, 3}, {0, 3, 1, 2}, {0, 2, 3, 1}, {1, 0, 2, 3}, {3, 2, 1, 0}, {0, 1, 3, 2},
};

static GkStatus call(const CheckCase *c, const CheckTarget *target, const GkView *views,
                     const void *const *vectors, GkPlan **plan)
{
    if (!target->backend->ops.transpose)
        return GK_ERROR_UNSUPPORTED;
    GkTranspose args = c->args.transpose;
    args.x = views[0];
    args.y = views[1];
    return target->backend->ops.transpose(target->ctx, &args);
}

static size_t n_cases(void)
{
    return G_N_ELEMENTS(shapes) * G_N_ELEMENTS(orders);
}

static void make(size_t index, CheckCase *c)
{
    const size_t i = index / G_N_ELEMENTS(orders);
    const size_t *e = shapes[i].extent;
    const unsigned *axes = orders[index % G_N_ELEMENTS(orders)];
    check_case_label(c, " %zux%zux%zux%zu %s by %u%u%u%u to %s", e[0], e[1], e[2], e[3],
                     check_layout_name(shapes[i].x), axes[0], axes[1], axes[2], axes[3],
                     check_layout_name(shapes[i].y));
    check_case_tensor(c, "x", CHECK_IN, e[0], e[1], e[2], e[3], shapes[i].x);
    check_case_tensor(c, "y", CHECK_OUT, e[axes[0]], e[axes[1]], e[axes[2]], e[axes[3]],
                      shapes[i].y);
    for (size_t k = 0; k < 4; k++)
        c->args.transpose.axes[k] = axes[k];
    c->limit = &check_limit_exact;
    c->call = call;
}

const CheckOp check_transpose = {"transpose", n_cases, make};
