// SPDX-License-Identifier: LGPL-3.0-or-later
// Reference: gradients of a convolution, as the formulas in ops/conv2d_gradient.h walk over the
// products of the forward convolution; then what a transposed convolution ends with.
#include "real.h"

#include <assert.h>
#include <stdint.h>
#include <stdlib.h>

// Returns the coordinate in x that output `o` reads at tap `k`, or SIZE_MAX outside of it.
static size_t source(size_t o, size_t k, const GkConv2dShape *s, size_t pad, size_t size)
{
    const size_t i = o * s->stride + k * s->dilation;
    return i < pad || i - pad >= size ? SIZE_MAX : i - pad;
}

static void assert_shapes(const GkView *x, const GkView *g, const GkConv2dShape *s)
{
    assert(s->stride && s->dilation && s->groups && s->kernel_h && s->kernel_w);
    assert(x->n == g->n && x->c % s->groups == 0 && g->c % s->groups == 0);
    (void)x, (void)g, (void)s;
}

static size_t weight_length(const GkView *x, const GkView *g, const GkConv2dShape *s)
{
    return g->c * (x->c / s->groups) * s->kernel_h * s->kernel_w;
}

static void fill_cost(const GkView *x, const GkView *g, const GkConv2dShape *s,
                      size_t scratch_length, GkCost *cost)
{
    *cost = (GkCost){.flops = 2 * (double)(g->n * g->h * g->w) * (double)weight_length(x, g, s),
                     .scratch_bytes = scratch_length * sizeof(double)};
}

// What is done with each product of the convolution.
typedef struct {
    const GkView *x, *g;
    const GkConv2dShape *shape;
    const void *weight; // input gradient
    double *sums;       // of x (dense channels-last) or of the weight
} Walk;

// The products of one output value at one tap.
static void walk_channels(const Walk *w, size_t n, size_t o, size_t tap, double g, size_t iy,
                          size_t ix)
{
    const size_t c_group = w->x->c / w->shape->groups, o_group = w->g->c / w->shape->groups;
    const size_t n_taps = w->shape->kernel_h * w->shape->kernel_w;
    for (size_t c = 0; c < c_group; c++) {
        const size_t k = (o * c_group + c) * n_taps + tap, channel = o / o_group * c_group + c;
        if (w->weight)
            w->sums[((n * w->x->h + iy) * w->x->w + ix) * w->x->c + channel] +=
                real_at(w->weight, k) * g;
        else
            w->sums[k] += real_get(w->x, n, iy, ix, channel) * g;
    }
}

static void walk(const Walk *w)
{
    const GkView *g = w->g;
    for (size_t n = 0; n < g->n; n++)
        for (size_t oy = 0; oy < g->h; oy++)
            for (size_t ox = 0; ox < g->w; ox++)
                for (size_t ky = 0; ky < w->shape->kernel_h; ky++)
                    for (size_t kx = 0; kx < w->shape->kernel_w; kx++) {
                        const size_t iy = source(oy, ky, w->shape, w->shape->pad_top, w->x->h);
                        const size_t ix = source(ox, kx, w->shape, w->shape->pad_left, w->x->w);
                        if (iy == SIZE_MAX || ix == SIZE_MAX)
                            continue;
                        for (size_t o = 0; o < g->c; o++)
                            walk_channels(w, n, o, ky * w->shape->kernel_w + kx,
                                          real_get(g, n, oy, ox, o), iy, ix);
                    }
}

GkStatus GK_REF(conv2d_input_gradient)(GkContext *ctx, const GkConv2dInputGradient *args,
                                       GkPlan **plan)
{
    const GkView *x = &args->x, *g = &args->g;
    if (!real_is_dtype_of(x) || !real_is_dtype_of(g))
        return GK_ERROR_UNSUPPORTED;
    assert_shapes(x, g, &args->shape);
    double *sums = calloc(x->n * x->h * x->w * x->c + 1, sizeof *sums);
    if (!sums)
        return GK_ERROR_MEMORY;
    const Walk w = {x, g, &args->shape, args->weight, sums};
    walk(&w);
    const double *sum = sums;
    for (size_t n = 0; n < x->n; n++)
        for (size_t iy = 0; iy < x->h; iy++)
            for (size_t ix = 0; ix < x->w; ix++)
                for (size_t c = 0; c < x->c; c++) {
                    const double v = *sum++ + (args->bias ? real_at(args->bias, c) : 0);
                    real_set(x, n, iy, ix, c, GK_REF(activation)(&args->activation, c, v));
                }
    free(sums);
    return GK_OK;
}

GkStatus GK_REF(conv2d_input_gradient_cost)(GkContext *ctx, const GkConv2dInputGradient *args,
                                            GkCost *cost)
{
    const GkView *x = &args->x;
    if (!real_is_dtype_of(x) || !real_is_dtype_of(&args->g))
        return GK_ERROR_UNSUPPORTED;
    assert_shapes(x, &args->g, &args->shape);
    fill_cost(x, &args->g, &args->shape, x->n * x->h * x->w * x->c, cost);
    return GK_OK;
}

GkStatus GK_REF(conv2d_weight_gradient)(GkContext *ctx, const GkConv2dWeightGradient *args,
                                        GkPlan **plan)
{
    const GkView *x = &args->x, *g = &args->g;
    if (!real_is_dtype_of(x) || !real_is_dtype_of(g))
        return GK_ERROR_UNSUPPORTED;
    assert_shapes(x, g, &args->shape);
    const size_t length = weight_length(x, g, &args->shape);
    double *sums = calloc(length, sizeof *sums);
    if (!sums)
        return GK_ERROR_MEMORY;
    const Walk w = {x, g, &args->shape, NULL, sums};
    walk(&w);
    for (size_t i = 0; i < length; i++)
        ((GkReal *)args->weight)[i] = (GkReal)sums[i];
    free(sums);
    return GK_OK;
}

GkStatus GK_REF(conv2d_weight_gradient_cost)(GkContext *ctx, const GkConv2dWeightGradient *args,
                                             GkCost *cost)
{
    const GkView *x = &args->x, *g = &args->g;
    if (!real_is_dtype_of(x) || !real_is_dtype_of(g))
        return GK_ERROR_UNSUPPORTED;
    assert_shapes(x, g, &args->shape);
    fill_cost(x, g, &args->shape, weight_length(x, g, &args->shape), cost);
    return GK_OK;
}
