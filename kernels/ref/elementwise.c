// SPDX-License-Identifier: LGPL-3.0-or-later
// Reference: functions of one and two values with broadcasting.
#include "functions.h"

static int is_broadcast(const GkView *x, const GkView *y)
{
    return (x->n == 1 || x->n == y->n) && (x->h == 1 || x->h == y->h) &&
           (x->w == 1 || x->w == y->w) && (x->c == 1 || x->c == y->c);
}

GkStatus GK_REF(unary)(GkContext *ctx, const GkUnary *args)
{
    const GkView *x = &args->x, *y = &args->y;
    if (!real_is_dtype_of(x) || !real_is_dtype_of(y) || !is_broadcast(x, y))
        return GK_ERROR_UNSUPPORTED;
    for (size_t n = 0; n < y->n; n++)
        for (size_t iy = 0; iy < y->h; iy++)
            for (size_t ix = 0; ix < y->w; ix++)
                for (size_t c = 0; c < y->c; c++)
                    real_set(y, n, iy, ix, c,
                             real_unary(args->kind, args->alpha, args->beta,
                                        real_get_broadcast(x, n, iy, ix, c)));
    return GK_OK;
}

GkStatus GK_REF(binary)(GkContext *ctx, const GkBinary *args)
{
    const GkView *a = &args->a, *b = &args->b, *y = &args->y;
    if (!real_is_dtype_of(a) || !real_is_dtype_of(b) || !real_is_dtype_of(y) ||
        !is_broadcast(a, y) || !is_broadcast(b, y))
        return GK_ERROR_UNSUPPORTED;
    for (size_t n = 0; n < y->n; n++)
        for (size_t iy = 0; iy < y->h; iy++)
            for (size_t ix = 0; ix < y->w; ix++)
                for (size_t c = 0; c < y->c; c++)
                    real_set(y, n, iy, ix, c,
                             real_binary(args->kind, args->alpha, args->beta,
                                         real_get_broadcast(a, n, iy, ix, c),
                                         real_get_broadcast(b, n, iy, ix, c)));
    return GK_OK;
}

GkStatus GK_REF(fill)(GkContext *ctx, const GkFill *args)
{
    const GkView *y = &args->y;
    if (!real_is_dtype_of(y))
        return GK_ERROR_UNSUPPORTED;
    for (size_t n = 0; n < y->n; n++)
        for (size_t iy = 0; iy < y->h; iy++)
            for (size_t ix = 0; ix < y->w; ix++)
                for (size_t c = 0; c < y->c; c++)
                    real_set(y, n, iy, ix, c, args->value);
    return GK_OK;
}
