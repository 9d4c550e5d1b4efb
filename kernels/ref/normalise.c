// SPDX-License-Identifier: LGPL-3.0-or-later
// Reference: what is done with the moments of a normalisation.
#include "real.h"

#include <assert.h>
#include <math.h>

// The element of a vector of one image for all, or of one an image.
static double vector_at(const GkView *v, size_t n, size_t c)
{
    return real_get(v, v->n == 1 ? 0 : n, 0, 0, c);
}

static double normalised(const GkNormalise *args, size_t n, size_t c, double v)
{
    const size_t groups = args->moments.c / 2, g = c / (args->x.c / groups);
    const double mean = vector_at(&args->moments, n, g);
    const double variance = vector_at(&args->moments, n, groups + g);
    const double weight = args->weight ? vector_at(args->weight, n, c) : 1;
    const double bias = args->bias ? vector_at(args->bias, n, c) : 0;
    return (v - mean) / sqrt(variance + args->epsilon) * weight + bias;
}

static int is_dtype_of_all(const GkNormalise *args)
{
    return real_is_dtype_of(&args->x) && real_is_dtype_of(&args->y) &&
           real_is_dtype_of(&args->moments) && (!args->weight || real_is_dtype_of(args->weight)) &&
           (!args->bias || real_is_dtype_of(args->bias)) &&
           (!args->residual || real_is_dtype_of(args->residual));
}

static int is_vector(const GkView *v, size_t n, size_t c)
{
    return (v->n == 1 || v->n == n) && v->h == 1 && v->w == 1 && v->c == c;
}

GkStatus GK_REF(normalise)(GkContext *ctx, const GkNormalise *args)
{
    const GkView *x = &args->x, *y = &args->y, *r = args->residual;
    if (!is_dtype_of_all(args))
        return GK_ERROR_UNSUPPORTED;
    assert(real_is_same_shape(x, y) && (!r || real_is_same_shape(r, y)));
    assert(is_vector(&args->moments, x->n, args->moments.c) && args->moments.c >= 2 &&
           x->c % (args->moments.c / 2) == 0);
    assert(!args->weight || is_vector(args->weight, x->n, x->c));
    assert(!args->bias || is_vector(args->bias, x->n, x->c));
    (void)is_vector;
    for (size_t n = 0; n < y->n; n++)
        for (size_t iy = 0; iy < y->h; iy++)
            for (size_t ix = 0; ix < y->w; ix++)
                for (size_t c = 0; c < y->c; c++) {
                    const double v = normalised(args, n, c, real_get(x, n, iy, ix, c));
                    const double a = GK_REF(activation)(&args->activation, c, v);
                    real_set(y, n, iy, ix, c, a + (r ? real_get(r, n, iy, ix, c) : 0));
                }
    return GK_OK;
}
