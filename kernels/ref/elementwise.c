// SPDX-License-Identifier: LGPL-3.0-or-later
// Reference: functions of one and two values with broadcasting.
#include "real.h"

#include <assert.h>
#include <math.h>

static int is_broadcast(const GkView *x, const GkView *y)
{
    return (x->n == 1 || x->n == y->n) && (x->h == 1 || x->h == y->h) &&
           (x->w == 1 || x->w == y->w) && (x->c == 1 || x->c == y->c);
}

// The value that stands for place (n, iy, ix, c) of the result.
static double get(const GkView *v, size_t n, size_t iy, size_t ix, size_t c)
{
    return real_get(v, v->n == 1 ? 0 : n, v->h == 1 ? 0 : iy, v->w == 1 ? 0 : ix,
                    v->c == 1 ? 0 : c);
}

static double unary(const GkUnary *f, double v)
{
    switch (f->kind) {
    case GK_UNARY_LINEAR:
        return f->alpha * v + f->beta;
    case GK_UNARY_ABS:
        return fabs(v);
    case GK_UNARY_SIGN:
        return (v > 0) - (v < 0);
    case GK_UNARY_SQUARE:
        return v * v;
    case GK_UNARY_SQRT:
        return sqrt(v);
    case GK_UNARY_RECIPROCAL:
        return 1 / v;
    case GK_UNARY_EXP:
        return exp(v);
    case GK_UNARY_LOG:
        return log(v);
    case GK_UNARY_SOFTPLUS:
        return fmax(v, 0) + log1p(exp(-fabs(v)));
    case GK_UNARY_CLAMP:
        return fmin(fmax(v, f->alpha), f->beta);
    }
    assert(!"a function that elementwise.h lacks");
    return v;
}

static double binary(const GkBinary *f, double a, double b)
{
    switch (f->kind) {
    case GK_BINARY_ADD:
        return f->alpha * a + f->beta * b;
    case GK_BINARY_MULTIPLY:
        return f->alpha * a * b;
    case GK_BINARY_DIVIDE:
        return f->alpha * a / b;
    case GK_BINARY_STEP:
        return b > 0 ? f->alpha * a : f->beta * a;
    case GK_BINARY_WINDOW:
        return b >= f->alpha && b <= f->beta ? a : 0;
    }
    assert(!"a function that elementwise.h lacks");
    return a;
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
                    real_set(y, n, iy, ix, c, unary(args, get(x, n, iy, ix, c)));
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
                             binary(args, get(a, n, iy, ix, c), get(b, n, iy, ix, c)));
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
