// SPDX-License-Identifier: LGPL-3.0-or-later
// Reference: means and variances, in two passes.
#include "real.h"

#include <assert.h>

// What the sums run over: images [n0, n1), channels [c0, c1), all pixels.
typedef struct {
    const GkView *x;
    size_t n0, n1, c0, c1;
} Part;

// Returns the mean of (x - center)^power.
static double mean_of(const Part *p, double center, int power)
{
    const GkView *x = p->x;
    double sum = 0;
    for (size_t n = p->n0; n < p->n1; n++)
        for (size_t iy = 0; iy < x->h; iy++)
            for (size_t ix = 0; ix < x->w; ix++)
                for (size_t c = p->c0; c < p->c1; c++) {
                    const double v = real_get(x, n, iy, ix, c) - center;
                    sum += power == 2 ? v * v : v;
                }
    return sum / ((double)(p->n1 - p->n0) * (double)(p->c1 - p->c0) * (double)(x->h * x->w));
}

GkStatus GK_REF(moments)(GkContext *ctx, const GkMoments *args)
{
    const GkView *x = &args->x, *y = &args->y;
    if (!real_is_dtype_of(x) || !real_is_dtype_of(y))
        return GK_ERROR_UNSUPPORTED;
    const size_t groups = y->c / 2, channels = groups ? x->c / groups : 0;
    assert(x->n * x->h * x->w * x->c > 0 && y->c % 2 == 0 && channels * groups == x->c);
    assert((y->n == 1 || y->n == x->n) && y->h == 1 && y->w == 1);
    for (size_t n = 0; n < y->n; n++)
        for (size_t g = 0; g < groups; g++) {
            const Part part = {.x = x,
                               .n0 = y->n == 1 ? 0 : n,
                               .n1 = y->n == 1 ? x->n : n + 1,
                               .c0 = g * channels,
                               .c1 = (g + 1) * channels};
            const double mean = mean_of(&part, 0, 1);
            real_set(y, n, 0, 0, g, mean);
            real_set(y, n, 0, 0, groups + g, mean_of(&part, mean, 2));
        }
    return GK_OK;
}
