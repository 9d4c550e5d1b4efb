// SPDX-License-Identifier: LGPL-3.0-or-later
// Shape table of means and variances.
#include "check.h"

#include <math.h>

static const struct {
    size_t n, h, w, c, groups;
    gboolean together; // one result for all images
    double middle;     // of the values, which lie up to 1 beside it
    CheckLayout x;
    gboolean bench_only;
} rows[] = {
    {1, 1, 1, 1, 1, FALSE, 0, CHECK_PLAN, FALSE},
    {1, 1, 7, 3, 3, FALSE, 0, CHECK_PLAN, FALSE},
    {2, 17, 23, 64, 64, FALSE, 0, CHECK_PLAN, FALSE},
    {2, 17, 23, 64, 1, FALSE, 0, CHECK_PLAN, FALSE},
    {3, 5, 6, 48, 4, FALSE, 0, CHECK_PLAN, FALSE},
    {2, 9, 11, 28, 28, FALSE, 0, CHECK_PLAN, FALSE},
    {2, 9, 11, 28, 7, FALSE, 0, CHECK_PLAN, FALSE},
    {1, 33, 50, 20, 1, FALSE, 0, CHECK_PLAN, FALSE},
    {3, 9, 11, 32, 32, TRUE, 0, CHECK_PLAN, FALSE},
    {3, 9, 11, 20, 5, TRUE, 0, CHECK_PLAN, FALSE},
    // Several pieces, the last of them smaller; rows longer than a piece.
    {1, 61, 40, 16, 16, FALSE, 0, CHECK_PLAN, FALSE},
    {1, 3, 700, 16, 16, FALSE, 0, CHECK_PLAN, FALSE},
    // Means that are large beside the deviations.
    {2, 17, 23, 32, 32, FALSE, 1000, CHECK_PLAN, FALSE},
    {1, 61, 40, 16, 1, FALSE, -4000, CHECK_PLAN, FALSE},
    {2, 9, 14, 3, 3, FALSE, 100, CHECK_NHWC, FALSE},
    {1, 9, 14, 3, 1, FALSE, 0, CHECK_NHWC, FALSE},
    {2, 1, 1, 40, 40, TRUE, 0, CHECK_NHWC, FALSE},
    {1, 128, 128, 256, 256, FALSE, 0, CHECK_PLAN, TRUE},
    {1, 512, 512, 32, 32, FALSE, 0, CHECK_PLAN, TRUE},
    {1, 512, 512, 64, 1, FALSE, 0, CHECK_PLAN, TRUE},
};

static GkStatus call(const CheckCase *c, const CheckTarget *target, const GkView *views,
                     const void *const *vectors, GkPlan **plan)
{
    if (!target->backend->ops.moments)
        return GK_ERROR_UNSUPPORTED;
    const GkMoments args = {.x = views[0], .y = views[1]};
    return target->backend->ops.moments(target->ctx, &args);
}

static double value_at(const GkView *x, size_t n, size_t i, size_t c)
{
    return ((const float *)x->data)[gk_offset(x, n, i / x->w, i % x->w, c)];
}

// The variance of group g of y's image n, in two passes.
static double variance_of(const GkView *x, const GkView *y, size_t n, size_t g)
{
    const size_t channels = x->c / (y->c / 2), n0 = y->n == 1 ? 0 : n,
                 n1 = y->n == 1 ? x->n : n + 1;
    double mean = 0, variance = 0, count = 0;
    for (int pass = 0; pass < 2; pass++)
        for (size_t m = n0; m < n1; m++)
            for (size_t i = 0; i < x->h * x->w; i++)
                for (size_t c = g * channels; c < (g + 1) * channels; c++) {
                    const double v = value_at(x, m, i, c);
                    if (pass == 0)
                        mean += (v - mean) / ++count;
                    else
                        variance += (v - mean) * (v - mean) / count;
                }
    return variance;
}

// Beside a large mean the limit of the whole result says nothing about the variance.
static char *check_variance(const CheckCase *c, const CheckTarget *target, const GkView *views,
                            GkStatus status)
{
    const GkView *x = &views[0], *y = &views[1];
    if (status != GK_OK || x->dtype != GK_F32)
        return NULL;
    for (size_t n = 0; n < y->n; n++)
        for (size_t g = 0; g < y->c / 2; g++) {
            const double wanted = variance_of(x, y, n, g);
            const double found = ((const float *)y->data)[gk_offset(y, n, 0, 0, y->c / 2 + g)];
            if (!(fabs(found - wanted) <= 1e-5 * wanted))
                return g_strdup_printf("the variance of group %zu of image %zu is %.9g, not %.9g",
                                       g, n, found, wanted);
        }
    return NULL;
}

static size_t n_cases(void)
{
    return G_N_ELEMENTS(rows);
}

static void make(size_t index, CheckCase *c)
{
    const size_t n = rows[index].n, groups = rows[index].groups;
    check_case_label(c, " %zux%zux%zux%zu in %zu groups%s around %g %s", n, rows[index].h,
                     rows[index].w, rows[index].c, groups,
                     rows[index].together ? " of all images" : "", rows[index].middle,
                     check_layout_name(rows[index].x));
    const size_t x = check_case_tensor(c, "x", CHECK_IN, n, rows[index].h, rows[index].w,
                                       rows[index].c, rows[index].x);
    c->tensor[x].low = rows[index].middle - 1;
    c->tensor[x].high = rows[index].middle + 1;
    check_case_tensor(c, "y", CHECK_OUT, rows[index].together ? 1 : n, 1, 1, 2 * groups,
                      CHECK_NHWC);
    c->limit = &check_limit_sum;
    c->steep = TRUE; // deviations from a large mean
    c->bench_only = rows[index].bench_only;
    c->call = call;
    c->check_more = check_variance;
}

const CheckOp check_moments = {"moments", n_cases, make};
