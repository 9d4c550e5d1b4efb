// SPDX-License-Identifier: LGPL-3.0-or-later
// Reference: sums over axes.
#include "real.h"

#include <assert.h>

// Where a result's place begins and ends in x along one axis.
static size_t first_of(size_t place, size_t extent_y)
{
    return extent_y == 1 ? 0 : place;
}

static size_t last_of(size_t place, size_t extent_y, size_t extent_x)
{
    return extent_y == 1 ? extent_x : place + 1;
}

static double sum(const GkView *x, const GkView *y, size_t n, size_t iy, size_t ix, size_t c)
{
    double s = 0;
    for (size_t m = first_of(n, y->n); m < last_of(n, y->n, x->n); m++)
        for (size_t v = first_of(iy, y->h); v < last_of(iy, y->h, x->h); v++)
            for (size_t u = first_of(ix, y->w); u < last_of(ix, y->w, x->w); u++)
                for (size_t k = first_of(c, y->c); k < last_of(c, y->c, x->c); k++)
                    s += real_get(x, m, v, u, k);
    return s;
}

GkStatus GK_REF(reduce)(GkContext *ctx, const GkReduce *args)
{
    const GkView *x = &args->x, *y = &args->y;
    if (!real_is_dtype_of(x) || !real_is_dtype_of(y))
        return GK_ERROR_UNSUPPORTED;
    assert((y->n == 1 || y->n == x->n) && (y->h == 1 || y->h == x->h) &&
           (y->w == 1 || y->w == x->w) && (y->c == 1 || y->c == x->c));
    for (size_t n = 0; n < y->n; n++)
        for (size_t iy = 0; iy < y->h; iy++)
            for (size_t ix = 0; ix < y->w; ix++)
                for (size_t c = 0; c < y->c; c++)
                    real_set(y, n, iy, ix, c, args->scale * sum(x, y, n, iy, ix, c));
    return GK_OK;
}
