// SPDX-License-Identifier: LGPL-3.0-or-later
// Reference: padding in height and width.
#include "real.h"

#include <assert.h>
#include <stddef.h>
#include <stdlib.h>

// Returns the source coordinate in 0..size-1 of coordinate `i`, which may lie outside.
static size_t replicate(ptrdiff_t i, size_t size)
{
    if (i < 0)
        return 0;
    return (size_t)i < size ? (size_t)i : size - 1;
}

// The mirrored signal 0 1 .. size-1 size-2 .. 1 has the period 2 * (size - 1).
static size_t reflect(ptrdiff_t i, size_t size)
{
    if (size == 1)
        return 0;
    const ptrdiff_t period = 2 * ((ptrdiff_t)size - 1);
    const ptrdiff_t phase = (i % period + period) % period;
    return phase < (ptrdiff_t)size ? (size_t)phase : (size_t)(period - phase);
}

GkStatus GK_REF(pad)(GkContext *ctx, const GkPad *args)
{
    const GkView *x = &args->x, *y = &args->y;
    if (!real_is_dtype_of(x) || !real_is_dtype_of(y))
        return GK_ERROR_UNSUPPORTED;
    assert(x->n == y->n && x->c == y->c && x->h > 0 && x->w > 0);
    size_t (*const source)(ptrdiff_t, size_t) = args->mode == GK_PAD_REFLECT ? reflect : replicate;
    for (size_t n = 0; n < y->n; n++)
        for (size_t oy = 0; oy < y->h; oy++)
            for (size_t ox = 0; ox < y->w; ox++) {
                const ptrdiff_t iy = (ptrdiff_t)oy - (ptrdiff_t)args->top;
                const ptrdiff_t ix = (ptrdiff_t)ox - (ptrdiff_t)args->left;
                const int inside =
                    iy >= 0 && iy < (ptrdiff_t)x->h && ix >= 0 && ix < (ptrdiff_t)x->w;
                for (size_t c = 0; c < y->c; c++)
                    real_set(y, n, oy, ox, c,
                             inside || args->mode != GK_PAD_ZERO
                                 ? real_get(x, n, source(iy, x->h), source(ix, x->w), c)
                                 : 0);
            }
    return GK_OK;
}

GkStatus GK_REF(pad_gradient)(GkContext *ctx, const GkPadGradient *args)
{
    const GkView *x = &args->x, *y = &args->y;
    if (!real_is_dtype_of(x) || !real_is_dtype_of(y))
        return GK_ERROR_UNSUPPORTED;
    assert(x->n == y->n && x->c == y->c && x->h > 0 && x->w > 0);
    size_t (*const source)(ptrdiff_t, size_t) = args->mode == GK_PAD_REFLECT ? reflect : replicate;
    double *sums = malloc(x->h * x->w * sizeof *sums);
    if (!sums)
        return GK_ERROR_MEMORY;
    for (size_t n = 0; n < x->n; n++)
        for (size_t c = 0; c < x->c; c++) {
            for (size_t i = 0; i < x->h * x->w; i++)
                sums[i] = 0;
            for (size_t oy = 0; oy < y->h; oy++)
                for (size_t ox = 0; ox < y->w; ox++) {
                    const ptrdiff_t iy = (ptrdiff_t)oy - (ptrdiff_t)args->top;
                    const ptrdiff_t ix = (ptrdiff_t)ox - (ptrdiff_t)args->left;
                    const int inside =
                        iy >= 0 && iy < (ptrdiff_t)x->h && ix >= 0 && ix < (ptrdiff_t)x->w;
                    if (inside || args->mode != GK_PAD_ZERO)
                        sums[source(iy, x->h) * x->w + source(ix, x->w)] +=
                            real_get(y, n, oy, ox, c);
                }
            for (size_t i = 0; i < x->h * x->w; i++)
                real_set(x, n, i / x->w, i % x->w, c, sums[i]);
        }
    free(sums);
    return GK_OK;
}
