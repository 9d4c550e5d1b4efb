// SPDX-License-Identifier: LGPL-3.0-or-later
// The functions of one and two values, as ops/elementwise.h has them.
#ifndef GK_REF_FUNCTIONS_H
#define GK_REF_FUNCTIONS_H

#include "real.h"

#include <assert.h>
#include <math.h>

static inline double real_unary(GkUnaryKind kind, double alpha, double beta, double v)
{
    switch (kind) {
    case GK_UNARY_LINEAR:
        return alpha * v + beta;
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
        return fmin(fmax(v, alpha), beta);
    case GK_UNARY_ERF:
        return erf(v);
    }
    assert(!"a function that elementwise.h lacks");
    return v;
}

static inline double real_binary(GkBinaryKind kind, double alpha, double beta, double a, double b)
{
    switch (kind) {
    case GK_BINARY_ADD:
        return alpha * a + beta * b;
    case GK_BINARY_MULTIPLY:
        return alpha * a * b;
    case GK_BINARY_DIVIDE:
        return alpha * a / b;
    case GK_BINARY_STEP:
        return b > 0 ? alpha * a : beta * a;
    case GK_BINARY_WINDOW:
        return b >= alpha && b <= beta ? a : 0;
    }
    assert(!"a function that elementwise.h lacks");
    return a;
}

// The element of `v`, whose extents may be 1, that stands for place (n, y, x, c) of the result.
static inline double real_get_broadcast(const GkView *v, size_t n, size_t y, size_t x, size_t c)
{
    return real_get(v, v->n == 1 ? 0 : n, v->h == 1 ? 0 : y, v->w == 1 ? 0 : x, v->c == 1 ? 0 : c);
}

#endif
