// SPDX-License-Identifier: LGPL-3.0-or-later
// Shape table of chains of functions.
#include "check.h"

#include <string.h>

static const struct {
    size_t n, h, w, c;
    gboolean per_image; // the vector is another one for each image
    CheckLayout pictures, vectors;
    size_t margin; // the pictures lie in ones that are so many pixels larger on each side
    gboolean bench_only;
} rows[] = {
    {1, 1, 2, 16, FALSE, CHECK_PLAN, CHECK_NHWC, 0, FALSE},
    {2, 7, 5, 32, FALSE, CHECK_PLAN, CHECK_NHWC, 0, FALSE},
    {3, 9, 11, 48, TRUE, CHECK_PLAN, CHECK_NHWC, 0, FALSE},
    {2, 17, 23, 64, FALSE, CHECK_PLAN, CHECK_NHWC, 0, FALSE},
    {1, 1, 64, 16, TRUE, CHECK_PLAN, CHECK_NHWC, 0, FALSE},
    {5, 13, 10, 16, FALSE, CHECK_PLAN, CHECK_NHWC, 0, FALSE},
    {1, 40, 41, 16, FALSE, CHECK_PLAN, CHECK_NHWC, 0, FALSE},
    {2, 7, 5, 3, FALSE, CHECK_NHWC, CHECK_NHWC, 0, FALSE},
    {2, 7, 5, 24, FALSE, CHECK_NHWC, CHECK_PLAN, 0, FALSE},
    {2, 7, 5, 16, FALSE, CHECK_PLAN, CHECK_NHWC, 1, FALSE},
    {8, 64, 64, 64, FALSE, CHECK_PLAN, CHECK_NHWC, 0, TRUE},
};

// The gradient of PReLU and of the bias before it: with b = x > 0 ? 0 : g
//   y = g + b (slopes - 1), the slopes' b x and the bias's y summed over pixels.
static void prelu(GkChain *chain)
{
    enum { G, X, SLOPES, BELOW, SHARE, OF_SLOPES, PART, RESULT, OF_BIAS };
    static const GkLink links[] = {
        {GK_LINK_BINARY, GK_BINARY_STEP, 0, 1, G, X, {0}},
        {GK_LINK_BINARY, GK_BINARY_MULTIPLY, 1, 0, BELOW, X, {0}},
        {GK_LINK_SUM, 0, 0.5, 0, SHARE, 0, {0}},
        {GK_LINK_BINARY, GK_BINARY_MULTIPLY, 1, 0, BELOW, SLOPES, {0}},
        {GK_LINK_BINARY, GK_BINARY_ADD, 1, 1, G, PART, {0}},
        {GK_LINK_SUM, 0, 1, 0, RESULT, 0, {0}},
    };
    chain->n_links = G_N_ELEMENTS(links);
    memcpy(chain->link, links, sizeof links);
}

// The same results from other functions: two values that are kept, and sums of inputs.
static void mixed(GkChain *chain)
{
    enum { G, X, VECTOR, SQUARE, SHIFTED, OF_G, RATIO, RESULT, OF_VECTOR };
    static const GkLink links[] = {
        {GK_LINK_UNARY, GK_UNARY_SQUARE, 0, 0, X, 0, {0}},
        {GK_LINK_UNARY, GK_UNARY_LINEAR, 2, 1, SQUARE, 0, {0}},
        {GK_LINK_SUM, 0, -2, 0, G, 0, {0}},
        {GK_LINK_BINARY, GK_BINARY_DIVIDE, 1, 0, VECTOR, SHIFTED, {0}},
        {GK_LINK_BINARY, GK_BINARY_WINDOW, -1, 0.25, RATIO, G, {0}},
        {GK_LINK_SUM, 0, 1, 0, RATIO, 0, {0}},
    };
    chain->n_links = G_N_ELEMENTS(links);
    memcpy(chain->link, links, sizeof links);
}

// Results: links 2, 4 and 5.
static GkStatus call(const CheckCase *c, const CheckTarget *target, const GkView *views,
                     const void *const *vectors, GkPlan **plan)
{
    if (!target->backend->ops.chain)
        return GK_ERROR_UNSUPPORTED;
    GkChain args = {.shape = views[2], .input = {views[3], views[4], views[5]}, .n_inputs = 3};
    args.shape.data = NULL;
    c->args.chain(&args);
    args.link[2].y = views[0];
    args.link[5].y = views[1];
    args.link[4].y = views[2];
    return target->backend->ops.chain(target->ctx, &args);
}

static size_t n_cases(void)
{
    return 2 * G_N_ELEMENTS(rows);
}

static void add_picture(CheckCase *c, const char *name, CheckRole role, size_t row)
{
    const size_t h = rows[row].h, w = rows[row].w, margin = rows[row].margin;
    CheckTensor *t = &c->tensor[check_case_tensor(c, name, role, rows[row].n, h + 2 * margin,
                                                  w + 2 * margin, rows[row].c, rows[row].pictures)];
    t->top = t->left = margin;
    t->h = h;
    t->w = w;
}

static void make(size_t index, CheckCase *c)
{
    const size_t i = index / 2, n = rows[i].n, channels = rows[i].c;
    check_case_label(c, " %s %zux%zux%zux%zu", index % 2 ? "mixed" : "prelu", n, rows[i].h,
                     rows[i].w, channels);
    if (rows[i].per_image)
        check_case_label(c, " per image");
    const gboolean usual = rows[i].pictures == CHECK_PLAN && rows[i].vectors == CHECK_NHWC;
    if (!usual)
        check_case_label(c, " %s, vectors %s", check_layout_name(rows[i].pictures),
                         check_layout_name(rows[i].vectors));
    if (rows[i].margin)
        check_case_label(c, " crop %zu", rows[i].margin);
    check_case_tensor(c, "sum", CHECK_OUT, 1, 1, 1, channels, rows[i].vectors);
    check_case_tensor(c, "other sum", CHECK_OUT, 1, 1, 1, channels, rows[i].vectors);
    add_picture(c, "y", CHECK_OUT, i);
    add_picture(c, "g", CHECK_IN, i);
    add_picture(c, "x", CHECK_IN, i);
    check_case_tensor(c, "vector", CHECK_IN, rows[i].per_image ? n : 1, 1, 1, channels,
                      rows[i].vectors);
    c->args.chain = index % 2 ? mixed : prelu;
    c->limit = &check_limit_sum;
    c->steep = index % 2; // a window
    c->optional = !usual || rows[i].margin;
    c->bench_only = rows[i].bench_only;
    c->call = call;
}

const CheckOp check_chain = {"chain", n_cases, make};
