// SPDX-License-Identifier: LGPL-3.0-or-later
// Shape table of copies: the ends of a plan, concatenation, slices and crops.
#include "check.h"

// Where an operand lies: channels from `first` on of a buffer with `whole` channels, and the corner
// of its rectangle in a buffer that is `margin` pixels larger on each side.
typedef struct {
    CheckLayout layout;
    size_t first, whole, margin;
} Place;

static const struct {
    size_t n, h, w, c;
    Place x, y;
    gboolean bench_only;
} rows[] = {
    // The ends of a plan: a picture or a feature map in, the same out.
    {1, 1, 1, 1, {CHECK_NHWC, 0, 1, 0}, {CHECK_PLAN, 0, 1, 0}, FALSE},
    {1, 1, 7, 3, {CHECK_NHWC, 0, 3, 0}, {CHECK_PLAN, 0, 3, 0}, FALSE},
    {2, 17, 23, 3, {CHECK_NHWC, 0, 3, 0}, {CHECK_PLAN, 0, 3, 0}, FALSE},
    {2, 17, 23, 3, {CHECK_PLAN, 0, 3, 0}, {CHECK_NHWC, 0, 3, 0}, FALSE},
    {1, 33, 50, 4, {CHECK_NHWC, 0, 4, 0}, {CHECK_PLAN, 0, 4, 0}, FALSE},
    {2, 5, 3, 64, {CHECK_NHWC, 0, 64, 0}, {CHECK_PLAN, 0, 64, 0}, FALSE},
    {2, 5, 3, 64, {CHECK_PLAN, 0, 64, 0}, {CHECK_NHWC, 0, 64, 0}, FALSE},
    {2, 5, 3, 28, {CHECK_NHWC, 0, 28, 0}, {CHECK_PLAN, 0, 28, 0}, FALSE},
    {2, 5, 3, 28, {CHECK_PLAN, 0, 28, 0}, {CHECK_NHWC, 0, 28, 0}, FALSE},
    // A tile of a picture with alpha: three of four channels, inside a larger picture.
    {1, 9, 14, 3, {CHECK_NHWC, 0, 4, 3}, {CHECK_PLAN, 0, 3, 0}, FALSE},
    {1, 9, 14, 3, {CHECK_PLAN, 0, 3, 0}, {CHECK_NHWC, 0, 4, 3}, FALSE},
    {1, 9, 14, 3, {CHECK_PLAN, 0, 3, 2}, {CHECK_NHWC, 0, 3, 0}, FALSE},
    {1, 9, 14, 1, {CHECK_NHWC, 3, 4, 3}, {CHECK_PLAN, 0, 1, 0}, FALSE},
    // Inside a plan: whole views, aligned slices, crops.
    {2, 17, 23, 48, {CHECK_PLAN, 0, 48, 0}, {CHECK_PLAN, 0, 48, 0}, FALSE},
    {2, 9, 5, 32, {CHECK_PLAN, 0, 32, 0}, {CHECK_PLAN, 64, 192, 0}, FALSE},
    {2, 9, 5, 64, {CHECK_PLAN, 32, 160, 0}, {CHECK_PLAN, 0, 64, 0}, FALSE},
    {1, 9, 5, 40, {CHECK_PLAN, 0, 40, 4}, {CHECK_PLAN, 0, 40, 0}, FALSE},
    {1, 9, 5, 40, {CHECK_PLAN, 0, 40, 0}, {CHECK_PLAN, 0, 40, 4}, FALSE},
    // Concatenation at channels that no block begins with: lanes of the neighbours must stay.
    {2, 5, 7, 12, {CHECK_PLAN, 0, 12, 0}, {CHECK_PLAN, 12, 40, 0}, FALSE},
    {2, 5, 7, 28, {CHECK_PLAN, 0, 28, 0}, {CHECK_PLAN, 28, 84, 0}, FALSE},
    {2, 5, 7, 28, {CHECK_PLAN, 28, 84, 0}, {CHECK_PLAN, 56, 84, 0}, FALSE},
    {2, 5, 7, 5, {CHECK_PLAN, 14, 64, 0}, {CHECK_PLAN, 9, 64, 0}, FALSE},
    {1, 5, 7, 33, {CHECK_PLAN, 7, 64, 0}, {CHECK_PLAN, 15, 64, 0}, FALSE},
    {1, 5, 7, 1, {CHECK_PLAN, 15, 32, 0}, {CHECK_PLAN, 16, 32, 0}, FALSE},
    {1, 5, 7, 20, {CHECK_NHWC, 3, 30, 1}, {CHECK_PLAN, 13, 48, 2}, FALSE},
    {1, 5, 7, 20, {CHECK_PLAN, 13, 48, 2}, {CHECK_NHWC, 3, 30, 1}, FALSE},
    {1, 5, 7, 20, {CHECK_NHWC, 3, 30, 0}, {CHECK_NHWC, 10, 30, 0}, FALSE},
    {1, 256, 256, 3, {CHECK_NHWC, 0, 3, 0}, {CHECK_PLAN, 0, 3, 0}, TRUE},
    {1, 512, 512, 3, {CHECK_PLAN, 0, 3, 0}, {CHECK_NHWC, 0, 3, 0}, TRUE},
    {1, 128, 128, 64, {CHECK_PLAN, 0, 64, 0}, {CHECK_PLAN, 64, 192, 0}, TRUE},
};

static GkStatus call(const CheckCase *c, const CheckTarget *target, const GkView *views,
                     const void *const *vectors, GkPlan **plan)
{
    if (!target->backend->ops.copy)
        return GK_ERROR_UNSUPPORTED;
    const GkCopy args = {.x = views[0], .y = views[1]};
    return target->backend->ops.copy(target->ctx, &args);
}

static size_t n_cases(void)
{
    return G_N_ELEMENTS(rows);
}

static void operand(CheckCase *c, const char *name, CheckRole role, size_t row, const Place *place)
{
    const size_t h = rows[row].h, w = rows[row].w, margin = place->margin;
    const size_t buffer = check_case_buffer(c, rows[row].n, h + 2 * margin, w + 2 * margin,
                                            place->whole, place->layout);
    CheckTensor *t = &c->tensor[check_case_slice(c, name, role, buffer, place->first, rows[row].c)];
    t->top = margin;
    t->left = margin;
    t->h = h;
    t->w = w;
    check_case_label(c, "%s%s %zu+%zu/%zu", role == CHECK_IN ? " " : " to ",
                     place->layout == CHECK_NHWC ? "nhwc" : "plan", place->first, rows[row].c,
                     place->whole);
    if (margin)
        check_case_label(c, " crop %zu", margin);
}

static void make(size_t index, CheckCase *c)
{
    check_case_label(c, " %zux%zux%zu", rows[index].n, rows[index].h, rows[index].w);
    operand(c, "x", CHECK_IN, index, &rows[index].x);
    operand(c, "y", CHECK_OUT, index, &rows[index].y);
    c->limit = &check_limit_exact;
    c->bench_only = rows[index].bench_only;
    c->call = call;
}

const CheckOp check_copy = {"copy", n_cases, make};
