// SPDX-License-Identifier: LGPL-3.0-or-later
// Shape tables of pixel shuffle and its inverse.
#include "check.h"

// Shape of the small image; the large one has c channels.
static const struct {
    size_t n, h, w, c, factor;
    CheckLayout x, y;
    gboolean bench_only;
} rows[] = {
    {1, 1, 1, 1, 2, CHECK_PLAN, CHECK_PLAN, FALSE},
    {1, 1, 7, 3, 1, CHECK_PLAN, CHECK_PLAN, FALSE},
    {2, 5, 3, 3, 2, CHECK_PLAN, CHECK_PLAN, FALSE},
    {2, 17, 23, 3, 4, CHECK_PLAN, CHECK_PLAN, FALSE},
    {1, 33, 50, 3, 3, CHECK_PLAN, CHECK_PLAN, FALSE},
    {1, 5, 3, 64, 2, CHECK_PLAN, CHECK_PLAN, FALSE},
    {2, 5, 3, 64, 3, CHECK_PLAN, CHECK_PLAN, FALSE},
    {1, 9, 4, 17, 2, CHECK_PLAN, CHECK_PLAN, FALSE},
    {1, 2, 3, 3, 8, CHECK_PLAN, CHECK_PLAN, FALSE},
    {1, 9, 14, 3, 2, CHECK_NHWC, CHECK_PLAN, FALSE},
    {1, 9, 14, 3, 4, CHECK_NHWC, CHECK_PLAN, FALSE},
    {1, 9, 14, 3, 4, CHECK_PLAN, CHECK_NHWC, FALSE},
    {1, 256, 256, 3, 4, CHECK_PLAN, CHECK_PLAN, TRUE},
    {1, 128, 128, 64, 2, CHECK_PLAN, CHECK_PLAN, TRUE},
};

static GkStatus call_shuffle(const CheckCase *c, const CheckTarget *target, const GkView *views,
                             const void *const *vectors, GkPlan **plan)
{
    if (!target->backend->ops.pixel_shuffle)
        return GK_ERROR_UNSUPPORTED;
    const GkShuffle args = {.x = views[0], .y = views[1], .factor = c->args.shuffle.factor};
    return target->backend->ops.pixel_shuffle(target->ctx, &args);
}

static GkStatus call_unshuffle(const CheckCase *c, const CheckTarget *target, const GkView *views,
                               const void *const *vectors, GkPlan **plan)
{
    if (!target->backend->ops.pixel_unshuffle)
        return GK_ERROR_UNSUPPORTED;
    const GkShuffle args = {.x = views[0], .y = views[1], .factor = c->args.shuffle.factor};
    return target->backend->ops.pixel_unshuffle(target->ctx, &args);
}

static size_t n_cases(void)
{
    return G_N_ELEMENTS(rows);
}

static void make(size_t index, CheckCase *c, gboolean inverse)
{
    const size_t n = rows[index].n, h = rows[index].h, w = rows[index].w;
    const size_t channels = rows[index].c, r = rows[index].factor;
    check_case_label(c, " by %zu, %zux%zux%zux%zu", r, n, h, w, channels * r * r);
    if (rows[index].x != CHECK_PLAN || rows[index].y != CHECK_PLAN)
        check_case_label(c, " %s->%s", check_layout_name(rows[index].x),
                         check_layout_name(rows[index].y));
    if (inverse) {
        check_case_tensor(c, "x", CHECK_IN, n, h * r, w * r, channels, rows[index].x);
        check_case_tensor(c, "y", CHECK_OUT, n, h, w, channels * r * r, rows[index].y);
    } else {
        check_case_tensor(c, "x", CHECK_IN, n, h, w, channels * r * r, rows[index].x);
        check_case_tensor(c, "y", CHECK_OUT, n, h * r, w * r, channels, rows[index].y);
    }
    c->args.shuffle.factor = r;
    c->limit = &check_limit_exact;
    c->optional = rows[index].x != CHECK_PLAN || rows[index].y != CHECK_PLAN;
    c->bench_only = rows[index].bench_only;
    c->call = inverse ? call_unshuffle : call_shuffle;
}

static void make_shuffle(size_t index, CheckCase *c)
{
    make(index, c, FALSE);
}

static void make_unshuffle(size_t index, CheckCase *c)
{
    make(index, c, TRUE);
}

const CheckOp check_pixel_shuffle = {"pixel_shuffle", n_cases, make_shuffle};
const CheckOp check_pixel_unshuffle = {"pixel_unshuffle", n_cases, make_unshuffle};
