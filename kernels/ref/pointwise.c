// SPDX-License-Identifier: LGPL-3.0-or-later
// Reference: sums, products and per-channel scaling.
#include "real.h"

#include <assert.h>

GkStatus GK_REF(add)(GkContext *ctx, const GkAdd *args)
{
    const GkView *a = &args->a, *b = &args->b, *y = &args->y;
    if (!real_is_dtype_of(a) || !real_is_dtype_of(b) || !real_is_dtype_of(y))
        return GK_ERROR_UNSUPPORTED;
    assert(real_is_same_shape(a, y) && real_is_same_shape(b, y));
    for (size_t n = 0; n < y->n; n++)
        for (size_t iy = 0; iy < y->h; iy++)
            for (size_t ix = 0; ix < y->w; ix++)
                for (size_t c = 0; c < y->c; c++)
                    real_set(y, n, iy, ix, c,
                             args->alpha * real_get(a, n, iy, ix, c) +
                                 args->beta * real_get(b, n, iy, ix, c));
    return GK_OK;
}

GkStatus GK_REF(multiply)(GkContext *ctx, const GkMultiply *args)
{
    const GkView *a = &args->a, *b = &args->b, *y = &args->y;
    if (!real_is_dtype_of(a) || !real_is_dtype_of(b) || !real_is_dtype_of(y))
        return GK_ERROR_UNSUPPORTED;
    assert(real_is_same_shape(a, y) && real_is_same_shape(b, y));
    for (size_t n = 0; n < y->n; n++)
        for (size_t iy = 0; iy < y->h; iy++)
            for (size_t ix = 0; ix < y->w; ix++)
                for (size_t c = 0; c < y->c; c++)
                    real_set(y, n, iy, ix, c,
                             real_get(a, n, iy, ix, c) * real_get(b, n, iy, ix, c));
    return GK_OK;
}

GkStatus GK_REF(affine)(GkContext *ctx, const GkAffine *args)
{
    const GkView *x = &args->x, *y = &args->y;
    if (!real_is_dtype_of(x) || !real_is_dtype_of(y))
        return GK_ERROR_UNSUPPORTED;
    assert(real_is_same_shape(x, y));
    for (size_t n = 0; n < y->n; n++)
        for (size_t iy = 0; iy < y->h; iy++)
            for (size_t ix = 0; ix < y->w; ix++)
                for (size_t c = 0; c < y->c; c++)
                    real_set(y, n, iy, ix, c,
                             real_at(args->scale, c) * real_get(x, n, iy, ix, c) +
                                 real_at(args->shift, c));
    return GK_OK;
}
