// SPDX-License-Identifier: LGPL-3.0-or-later
// Shape table of sums over axes.
#include "check.h"

// The axes that stay.
enum { N = 1, H = 2, W = 4, C = 8, ALL = 15 };

static const struct {
    size_t n, h, w, c;
    CheckLayout x, y; // y's where it has pixels
    gboolean bench_only;
} shapes[] = {
    {1, 1, 1, 1, CHECK_PLAN, CHECK_PLAN, FALSE},    {2, 5, 3, 16, CHECK_PLAN, CHECK_PLAN, FALSE},
    {3, 17, 23, 28, CHECK_PLAN, CHECK_PLAN, FALSE}, {2, 7, 5, 3, CHECK_PLAN, CHECK_PLAN, FALSE},
    {64, 28, 3, 3, CHECK_NHWC, CHECK_NHWC, FALSE},  {1, 1, 8, 77, CHECK_NHWC, CHECK_NHWC, FALSE},
    {2, 1, 1, 2000, CHECK_NHWC, CHECK_NHWC, FALSE}, {2, 5, 3, 24, CHECK_PLAN, CHECK_NHWC, FALSE},
    {2, 5, 3, 24, CHECK_NHWC, CHECK_PLAN, FALSE},   {8, 64, 64, 64, CHECK_PLAN, CHECK_PLAN, TRUE},
};

static const unsigned kept[] = {0, C, N, N | C, N | H | W, H | W | C, W, H, ALL};

static GkStatus call(const CheckCase *c, const CheckTarget *target, const GkView *views,
                     const void *const *vectors, GkPlan **plan)
{
    if (!target->backend->ops.reduce)
        return GK_ERROR_UNSUPPORTED;
    const GkReduce args = {.x = views[0], .y = views[1], .scale = c->args.reduce.scale};
    return target->backend->ops.reduce(target->ctx, &args);
}

static size_t n_cases(void)
{
    return G_N_ELEMENTS(shapes) * G_N_ELEMENTS(kept);
}

static void make(size_t index, CheckCase *c)
{
    const size_t i = index / G_N_ELEMENTS(kept);
    const unsigned k = kept[index % G_N_ELEMENTS(kept)];
    const size_t n = shapes[i].n, h = shapes[i].h, w = shapes[i].w, channels = shapes[i].c;
    check_case_label(c, " %zux%zux%zux%zu %s to [%s%s%s%s]", n, h, w, channels,
                     check_layout_name(shapes[i].x), k & N ? "N" : "1", k & H ? "H" : "1",
                     k & W ? "W" : "1", k & C ? "C" : "1");
    if (shapes[i].x != shapes[i].y)
        check_case_label(c, " %s", check_layout_name(shapes[i].y));
    check_case_tensor(c, "x", CHECK_IN, n, h, w, channels, shapes[i].x);
    // Values without pixels are dense in a plan.
    check_case_tensor(c, "y", CHECK_OUT, k & N ? n : 1, k & H ? h : 1, k & W ? w : 1,
                      k & C ? channels : 1, (k & (H | W)) == (H | W) ? shapes[i].y : CHECK_NHWC);
    c->args.reduce.scale = 0.125;
    c->limit = &check_limit_sum;
    c->steep = TRUE; // terms may cancel
    c->bench_only = shapes[i].bench_only;
    c->call = call;
}

const CheckOp check_reduce = {"reduce", n_cases, make};
