// SPDX-License-Identifier: LGPL-3.0-or-later
// Reference: enlarging by a whole factor.
#include "real.h"

#include <assert.h>
#include <stdlib.h>

// Where an output coordinate falls between two source coordinates, along one axis.
typedef struct {
    size_t low, high;
    double weight; // of `high`
} Tap;

// align_corners=False: the source coordinate is max(0, (o + 1/2)/f - 1/2).
static Tap tap_at(size_t o, size_t factor, size_t size)
{
    const double s = (o + 0.5) / factor - 0.5;
    const double source = s > 0 ? s : 0;
    const size_t low = (size_t)source;
    return (Tap){low, low + 1 < size ? low + 1 : low, source - low};
}

static void assert_shapes(const GkUpsample *args)
{
    const GkView *x = &args->x, *y = &args->y;
    const size_t f = args->factor;
    assert(f >= 1 && x->n == y->n && x->c == y->c && x->h * f == y->h && x->w * f == y->w);
    (void)x, (void)y, (void)f;
}

GkStatus GK_REF(upsample_nearest)(GkContext *ctx, const GkUpsample *args)
{
    const GkView *x = &args->x, *y = &args->y;
    const size_t f = args->factor;
    if (!real_is_dtype_of(x) || !real_is_dtype_of(y))
        return GK_ERROR_UNSUPPORTED;
    assert_shapes(args);
    for (size_t n = 0; n < y->n; n++)
        for (size_t oy = 0; oy < y->h; oy++)
            for (size_t ox = 0; ox < y->w; ox++)
                for (size_t c = 0; c < y->c; c++)
                    real_set(y, n, oy, ox, c, real_get(x, n, oy / f, ox / f, c));
    return GK_OK;
}

GkStatus GK_REF(upsample_bilinear)(GkContext *ctx, const GkUpsample *args)
{
    const GkView *x = &args->x, *y = &args->y;
    if (!real_is_dtype_of(x) || !real_is_dtype_of(y))
        return GK_ERROR_UNSUPPORTED;
    assert_shapes(args);
    for (size_t n = 0; n < y->n; n++)
        for (size_t oy = 0; oy < y->h; oy++) {
            const Tap v = tap_at(oy, args->factor, x->h);
            for (size_t ox = 0; ox < y->w; ox++) {
                const Tap u = tap_at(ox, args->factor, x->w);
                for (size_t c = 0; c < y->c; c++) {
                    const double top = (1 - u.weight) * real_get(x, n, v.low, u.low, c) +
                                       u.weight * real_get(x, n, v.low, u.high, c);
                    const double bottom = (1 - u.weight) * real_get(x, n, v.high, u.low, c) +
                                          u.weight * real_get(x, n, v.high, u.high, c);
                    real_set(y, n, oy, ox, c, (1 - v.weight) * top + v.weight * bottom);
                }
            }
        }
    return GK_OK;
}

GkStatus GK_REF(upsample_bilinear_gradient)(GkContext *ctx, const GkUpsampleGradient *args)
{
    const GkView *x = &args->x, *y = &args->y;
    if (!real_is_dtype_of(x) || !real_is_dtype_of(y))
        return GK_ERROR_UNSUPPORTED;
    const size_t f = args->factor;
    assert(f >= 1 && x->n == y->n && x->c == y->c && x->h * f == y->h && x->w * f == y->w);
    double *sums = malloc(x->h * x->w * sizeof *sums);
    if (!sums)
        return GK_ERROR_MEMORY;
    for (size_t n = 0; n < x->n; n++)
        for (size_t c = 0; c < x->c; c++) {
            for (size_t i = 0; i < x->h * x->w; i++)
                sums[i] = 0;
            for (size_t oy = 0; oy < y->h; oy++)
                for (size_t ox = 0; ox < y->w; ox++) {
                    const Tap v = tap_at(oy, f, x->h), u = tap_at(ox, f, x->w);
                    const double g = real_get(y, n, oy, ox, c);
                    sums[v.low * x->w + u.low] += (1 - v.weight) * (1 - u.weight) * g;
                    sums[v.low * x->w + u.high] += (1 - v.weight) * u.weight * g;
                    sums[v.high * x->w + u.low] += v.weight * (1 - u.weight) * g;
                    sums[v.high * x->w + u.high] += v.weight * u.weight * g;
                }
            for (size_t i = 0; i < x->h * x->w; i++)
                real_set(x, n, i / x->w, i % x->w, c, sums[i]);
        }
    free(sums);
    return GK_OK;
}
