// SPDX-License-Identifier: LGPL-3.0-or-later
// Shape table of padding.
#include "check.h"

static const char *const mode_names[] = {"zero", "replicate", "reflect", "circular"};

static const struct {
    size_t n, h, w, c;
    size_t top, bottom, left, right;
    CheckLayout x, y;
    gboolean bench_only;
} rows[] = {
    {1, 1, 1, 1, 1, 1, 1, 1, CHECK_PLAN, CHECK_PLAN, FALSE},
    {1, 1, 7, 3, 2, 3, 4, 5, CHECK_PLAN, CHECK_PLAN, FALSE},
    {2, 5, 3, 16, 3, 2, 2, 1, CHECK_PLAN, CHECK_PLAN, FALSE},
    {2, 17, 23, 64, 3, 3, 3, 3, CHECK_PLAN, CHECK_PLAN, FALSE},
    {1, 33, 50, 28, 0, 1, 0, 2, CHECK_PLAN, CHECK_PLAN, FALSE},
    {1, 9, 5, 20, 0, 0, 0, 0, CHECK_PLAN, CHECK_PLAN, FALSE},
    // More than the picture: reflection folds back and forth, up to three times here.
    {1, 2, 3, 17, 5, 7, 7, 5, CHECK_PLAN, CHECK_PLAN, FALSE},
    {1, 9, 14, 3, 2, 3, 4, 5, CHECK_NHWC, CHECK_PLAN, FALSE},
    {1, 9, 14, 3, 2, 3, 4, 5, CHECK_PLAN, CHECK_NHWC, FALSE},
    {1, 9, 14, 3, 2, 3, 4, 5, CHECK_NHWC, CHECK_NHWC, FALSE},
    {1, 256, 256, 64, 3, 3, 3, 3, CHECK_PLAN, CHECK_PLAN, TRUE},
};

static GkStatus call(const CheckCase *c, const CheckTarget *target, const GkView *views,
                     const void *const *vectors, GkPlan **plan)
{
    if (!target->backend->ops.pad)
        return GK_ERROR_UNSUPPORTED;
    GkPad args = c->args.pad;
    args.x = views[0];
    args.y = views[1];
    return target->backend->ops.pad(target->ctx, &args);
}

static size_t n_cases(void)
{
    return G_N_ELEMENTS(rows) * G_N_ELEMENTS(mode_names);
}

static void make(size_t index, CheckCase *c)
{
    const size_t mode = index % G_N_ELEMENTS(mode_names), row = index / G_N_ELEMENTS(mode_names);
    const size_t n = rows[row].n, h = rows[row].h, w = rows[row].w, channels = rows[row].c;
    check_case_label(c, " %s %zux%zux%zux%zu top %zu bottom %zu left %zu right %zu",
                     mode_names[mode], n, h, w, channels, rows[row].top, rows[row].bottom,
                     rows[row].left, rows[row].right);
    if (rows[row].x != CHECK_PLAN || rows[row].y != CHECK_PLAN)
        check_case_label(c, " %s->%s", check_layout_name(rows[row].x),
                         check_layout_name(rows[row].y));
    check_case_tensor(c, "x", CHECK_IN, n, h, w, channels, rows[row].x);
    check_case_tensor(c, "y", CHECK_OUT, n, rows[row].top + h + rows[row].bottom,
                      rows[row].left + w + rows[row].right, channels, rows[row].y);
    c->args.pad.mode = (GkPadMode)mode;
    c->args.pad.top = rows[row].top;
    c->args.pad.left = rows[row].left;
    c->limit = &check_limit_exact;
    c->optional = rows[row].x != CHECK_PLAN || rows[row].y != CHECK_PLAN;
    c->bench_only = rows[row].bench_only;
    c->call = call;
}

const CheckOp check_pad = {"pad", n_cases, make};

static GkStatus call_gradient(const CheckCase *c, const CheckTarget *target, const GkView *views,
                              const void *const *vectors, GkPlan **plan)
{
    if (!target->backend->ops.pad_gradient)
        return GK_ERROR_UNSUPPORTED;
    const GkPadGradient args = {.x = views[0],
                                .y = views[1],
                                .top = c->args.pad.top,
                                .left = c->args.pad.left,
                                .mode = c->args.pad.mode};
    return target->backend->ops.pad_gradient(target->ctx, &args);
}

static void make_gradient(size_t index, CheckCase *c)
{
    make(index, c);
    c->tensor[0].role = CHECK_OUT;
    c->tensor[1].role = CHECK_IN;
    c->limit = &check_limit_sum;
    // Up to fifty pixels of y come together in one of x.
    c->magnitude = 8;
    c->call = call_gradient;
}

const CheckOp check_pad_gradient = {"pad_gradient", n_cases, make_gradient};
