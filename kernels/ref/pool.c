// SPDX-License-Identifier: LGPL-3.0-or-later
// Reference: pooling and its gradients.
#include "real.h"

#include <assert.h>
#include <stdlib.h>

// The pixels of a window along both axes: first <= i < past.
typedef struct {
    size_t y0, y1, x0, x1;
} Window;

static size_t first_inside(size_t o, size_t stride, size_t pad)
{
    return o * stride > pad ? o * stride - pad : 0;
}

static size_t past_inside(size_t o, size_t stride, size_t pad, size_t kernel, size_t size)
{
    const size_t past = o * stride + kernel;
    return past <= pad ? 0 : past - pad < size ? past - pad : size;
}

static Window window_of(const GkPoolShape *s, const GkView *large, size_t oy, size_t ox)
{
    return (Window){first_inside(oy, s->stride, s->pad_top),
                    past_inside(oy, s->stride, s->pad_top, s->kernel_h, large->h),
                    first_inside(ox, s->stride, s->pad_left),
                    past_inside(ox, s->stride, s->pad_left, s->kernel_w, large->w)};
}

static double scale_of(const GkPoolShape *s, const Window *w)
{
    const double count =
        w->y1 > w->y0 && w->x1 > w->x0 ? (double)(w->y1 - w->y0) * (double)(w->x1 - w->x0) : 1;
    return s->scale != 0 ? s->scale : 1 / count;
}

GkStatus GK_REF(average_pool)(GkContext *ctx, const GkAveragePool *args)
{
    const GkView *large = &args->large, *small = &args->small;
    if (!real_is_dtype_of(large) || !real_is_dtype_of(small))
        return GK_ERROR_UNSUPPORTED;
    assert(large->n == small->n && large->c == small->c && args->shape.stride);
    for (size_t n = 0; n < small->n; n++)
        for (size_t oy = 0; oy < small->h; oy++)
            for (size_t ox = 0; ox < small->w; ox++)
                for (size_t c = 0; c < small->c; c++) {
                    const Window w = window_of(&args->shape, large, oy, ox);
                    double sum = 0;
                    for (size_t iy = w.y0; iy < w.y1; iy++)
                        for (size_t ix = w.x0; ix < w.x1; ix++)
                            sum += real_get(large, n, iy, ix, c);
                    real_set(small, n, oy, ox, c, scale_of(&args->shape, &w) * sum);
                }
    return GK_OK;
}

GkStatus GK_REF(average_pool_gradient)(GkContext *ctx, const GkAveragePool *args)
{
    const GkView *large = &args->large, *small = &args->small;
    if (!real_is_dtype_of(large) || !real_is_dtype_of(small))
        return GK_ERROR_UNSUPPORTED;
    assert(large->n == small->n && large->c == small->c && args->shape.stride);
    for (size_t n = 0; n < large->n; n++)
        for (size_t iy = 0; iy < large->h; iy++)
            for (size_t ix = 0; ix < large->w; ix++)
                for (size_t c = 0; c < large->c; c++) {
                    double sum = 0;
                    for (size_t oy = 0; oy < small->h; oy++)
                        for (size_t ox = 0; ox < small->w; ox++) {
                            const Window w = window_of(&args->shape, large, oy, ox);
                            if (iy >= w.y0 && iy < w.y1 && ix >= w.x0 && ix < w.x1)
                                sum += scale_of(&args->shape, &w) * real_get(small, n, oy, ox, c);
                        }
                    real_set(large, n, iy, ix, c, sum);
                }
    return GK_OK;
}

// The first maximum of a window.
static void find_maximum(const GkView *x, const Window *w, size_t n, size_t c, size_t *my,
                         size_t *mx)
{
    *my = w->y0;
    *mx = w->x0;
    for (size_t iy = w->y0; iy < w->y1; iy++)
        for (size_t ix = w->x0; ix < w->x1; ix++)
            if (real_get(x, n, iy, ix, c) > real_get(x, n, *my, *mx, c)) {
                *my = iy;
                *mx = ix;
            }
}

GkStatus GK_REF(max_pool)(GkContext *ctx, const GkMaxPool *args)
{
    const GkView *x = &args->x, *large = &args->large, *small = &args->small;
    if (!real_is_dtype_of(x) || !real_is_dtype_of(large) || !real_is_dtype_of(small))
        return GK_ERROR_UNSUPPORTED;
    assert(real_is_same_shape(x, large) && x->n == small->n && x->c == small->c);
    for (size_t n = 0; n < small->n; n++)
        for (size_t oy = 0; oy < small->h; oy++)
            for (size_t ox = 0; ox < small->w; ox++)
                for (size_t c = 0; c < small->c; c++) {
                    const Window w = window_of(&args->shape, x, oy, ox);
                    assert(w.y0 < w.y1 && w.x0 < w.x1);
                    size_t my, mx;
                    find_maximum(x, &w, n, c, &my, &mx);
                    real_set(small, n, oy, ox, c, real_get(large, n, my, mx, c));
                }
    return GK_OK;
}

GkStatus GK_REF(max_pool_gradient)(GkContext *ctx, const GkMaxPool *args)
{
    const GkView *x = &args->x, *large = &args->large, *small = &args->small;
    if (!real_is_dtype_of(x) || !real_is_dtype_of(large) || !real_is_dtype_of(small))
        return GK_ERROR_UNSUPPORTED;
    assert(real_is_same_shape(x, large) && x->n == small->n && x->c == small->c);
    double *sums = calloc(x->h * x->w, sizeof *sums);
    if (!sums)
        return GK_ERROR_MEMORY;
    for (size_t n = 0; n < x->n; n++)
        for (size_t c = 0; c < x->c; c++) {
            for (size_t i = 0; i < x->h * x->w; i++)
                sums[i] = 0;
            for (size_t oy = 0; oy < small->h; oy++)
                for (size_t ox = 0; ox < small->w; ox++) {
                    const Window w = window_of(&args->shape, x, oy, ox);
                    assert(w.y0 < w.y1 && w.x0 < w.x1);
                    size_t my, mx;
                    find_maximum(x, &w, n, c, &my, &mx);
                    sums[my * x->w + mx] += real_get(small, n, oy, ox, c);
                }
            for (size_t i = 0; i < x->h * x->w; i++)
                real_set(large, n, i / x->w, i % x->w, c, sums[i]);
        }
    free(sums);
    return GK_OK;
}
