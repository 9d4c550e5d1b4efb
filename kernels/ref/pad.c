// SPDX-License-Identifier: LGPL-3.0-or-later
// Reference: padding in height and width.
#include "real.h"

#include <assert.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>

size_t GK_REF(pad_source)(ptrdiff_t i, size_t size, GkPadMode mode)
{
    const ptrdiff_t past = (ptrdiff_t)size;
    if (i >= 0 && i < past)
        return (size_t)i;
    switch (mode) {
    case GK_PAD_ZERO:
        return SIZE_MAX;
    case GK_PAD_REPLICATE:
        return i < 0 ? 0 : size - 1;
    case GK_PAD_REFLECT: {
        if (size == 1)
            return 0;
        // The mirrored signal 0 1 .. size-1 size-2 .. 1 has the period 2 * (size - 1).
        const ptrdiff_t period = 2 * (past - 1), phase = (i % period + period) % period;
        return phase < past ? (size_t)phase : (size_t)(period - phase);
    }
    case GK_PAD_CIRCULAR:
        return (size_t)((i % past + past) % past);
    }
    assert(!"a mode that pad.h lacks");
    return SIZE_MAX;
}

GkStatus GK_REF(pad)(GkContext *ctx, const GkPad *args)
{
    const GkView *x = &args->x, *y = &args->y;
    if (!real_is_dtype_of(x) || !real_is_dtype_of(y))
        return GK_ERROR_UNSUPPORTED;
    assert(x->n == y->n && x->c == y->c && x->h > 0 && x->w > 0);
    for (size_t n = 0; n < y->n; n++)
        for (size_t oy = 0; oy < y->h; oy++)
            for (size_t ox = 0; ox < y->w; ox++) {
                const size_t iy = GK_REF(pad_source)((ptrdiff_t)(oy - args->top), x->h, args->mode);
                const size_t ix =
                    GK_REF(pad_source)((ptrdiff_t)(ox - args->left), x->w, args->mode);
                const int is_pixel = iy != SIZE_MAX && ix != SIZE_MAX;
                for (size_t c = 0; c < y->c; c++)
                    real_set(y, n, oy, ox, c, is_pixel ? real_get(x, n, iy, ix, c) : 0);
            }
    return GK_OK;
}

GkStatus GK_REF(pad_gradient)(GkContext *ctx, const GkPadGradient *args)
{
    const GkView *x = &args->x, *y = &args->y;
    if (!real_is_dtype_of(x) || !real_is_dtype_of(y))
        return GK_ERROR_UNSUPPORTED;
    assert(x->n == y->n && x->c == y->c && x->h > 0 && x->w > 0);
    double *sums = calloc(x->h * x->w, sizeof *sums);
    if (!sums)
        return GK_ERROR_MEMORY;
    for (size_t n = 0; n < x->n; n++)
        for (size_t c = 0; c < x->c; c++) {
            for (size_t oy = 0; oy < y->h; oy++)
                for (size_t ox = 0; ox < y->w; ox++) {
                    const size_t iy =
                        GK_REF(pad_source)((ptrdiff_t)(oy - args->top), x->h, args->mode);
                    const size_t ix =
                        GK_REF(pad_source)((ptrdiff_t)(ox - args->left), x->w, args->mode);
                    if (iy != SIZE_MAX && ix != SIZE_MAX)
                        sums[iy * x->w + ix] += real_get(y, n, oy, ox, c);
                }
            for (size_t i = 0; i < x->h * x->w; i++) {
                real_set(x, n, i / x->w, i % x->w, c, sums[i]);
                sums[i] = 0;
            }
        }
    free(sums);
    return GK_OK;
}
