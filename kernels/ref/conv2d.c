// SPDX-License-Identifier: LGPL-3.0-or-later
// Reference: convolution with its epilogue, in the order of the formula in ops/conv2d.h.
#include "real.h"

#include <assert.h>
#include <stdint.h>
#include <stdlib.h>

// Returns the coordinate in x that output `o` reads at tap `k`, or SIZE_MAX where X is zero.
static size_t source(size_t o, size_t k, const GkConv2d *args, size_t pad, size_t size)
{
    const ptrdiff_t i = (ptrdiff_t)(o * args->stride + k * args->dilation - pad);
    const size_t place = GK_REF(pad_source)(i, size * args->upsample, args->pad_mode);
    return place == SIZE_MAX ? SIZE_MAX : place / args->upsample;
}

// Computes v[0..O) = bias + sum of the products at one output pixel, before the epilogue.
// `weight` is [C/groups][kernel_h][kernel_w][O], so that the innermost loop reads it in order.
static void convolve(const GkConv2d *args, const double *weight, size_t n, size_t oy, size_t ox,
                     double *v)
{
    const GkView *x = &args->x;
    const size_t c_group = x->c / args->groups, o_group = args->out_channels / args->groups;
    for (size_t o = 0; o < args->out_channels; o++)
        v[o] = args->bias ? real_at(args->bias, o) : 0;
    for (size_t ky = 0; ky < args->kernel_h; ky++) {
        const size_t iy = source(oy, ky, args, args->pad_top, x->h);
        for (size_t kx = 0; kx < args->kernel_w; kx++) {
            const size_t ix = source(ox, kx, args, args->pad_left, x->w);
            if (iy == SIZE_MAX || ix == SIZE_MAX)
                continue;
            for (size_t c = 0; c < x->c; c++) {
                const double value = real_get(x, n, iy, ix, c);
                const size_t tap = (c % c_group * args->kernel_h + ky) * args->kernel_w + kx;
                const double *w = weight + tap * args->out_channels;
                const size_t first = c / c_group * o_group;
                for (size_t o = first; o < first + o_group; o++)
                    v[o] += value * w[o];
            }
        }
    }
}

// Returns y's value at channel c of pixel (yy, yx), from v = the convolution's channel o.
static double epilogue(const GkConv2d *args, size_t o, size_t n, size_t yy, size_t yx, size_t c,
                       double v)
{
    v = GK_REF(activation)(&args->activation, o, v);
    if (args->gate) {
        const double s = GK_REF(sigmoid)(v);
        v = (v + real_get(args->gate, n, yy, yx, c)) * (s - 0.5);
    }
    for (size_t i = 0; i < args->n_residuals; i++) {
        const GkResidual *s = &args->residual[i];
        v = s->scale * v + real_get(&s->r, n, yy / s->upsample, yx / s->upsample, c);
    }
    return v;
}

static int is_dtype_of_all(const GkConv2d *args)
{
    int same = real_is_dtype_of(&args->x) && real_is_dtype_of(&args->y) &&
               (!args->gate || real_is_dtype_of(args->gate));
    for (size_t i = 0; i < args->n_residuals; i++)
        same = same && real_is_dtype_of(&args->residual[i].r);
    return same;
}

static void assert_shapes(const GkConv2d *args)
{
    const GkView *x = &args->x, *y = &args->y;
    const size_t r = args->shuffle;
    assert(args->stride && args->dilation && args->groups && args->upsample && r);
    assert(args->pad_mode == GK_PAD_ZERO || (x->h > 0 && x->w > 0));
    assert(x->n == y->n && x->c % args->groups == 0 && args->out_channels % args->groups == 0);
    assert(args->out_channels == y->c * r * r && y->h % r == 0 && y->w % r == 0);
    assert(!args->gate || real_is_same_shape(args->gate, y));
    assert(args->n_residuals <= GK_MAX_RESIDUALS);
    for (size_t i = 0; i < args->n_residuals; i++) {
        const GkResidual *s = &args->residual[i];
        assert(s->upsample && s->r.n == y->n && s->r.c == y->c);
        assert(s->r.h * s->upsample == y->h && s->r.w * s->upsample == y->w);
        (void)s;
    }
    (void)x, (void)y, (void)r;
}

// Elements of the weight.
static size_t weight_length(const GkConv2d *args)
{
    return args->out_channels * (args->x.c / args->groups) * args->kernel_h * args->kernel_w;
}

GkStatus GK_REF(conv2d)(GkContext *ctx, const GkConv2d *args, GkPlan **plan)
{
    const GkView *y = &args->y;
    const size_t r = args->shuffle, n_outputs = args->out_channels;
    if (!is_dtype_of_all(args))
        return GK_ERROR_UNSUPPORTED;
    assert_shapes(args);

    double *weight = malloc((weight_length(args) + n_outputs) * sizeof *weight);
    if (!weight)
        return GK_ERROR_MEMORY;
    const size_t n_taps = weight_length(args) / n_outputs;
    for (size_t o = 0; o < n_outputs; o++)
        for (size_t tap = 0; tap < n_taps; tap++)
            weight[tap * n_outputs + o] = real_at(args->weight, o * n_taps + tap);
    double *v = weight + weight_length(args);

    for (size_t n = 0; n < y->n; n++)
        for (size_t oy = 0; oy < y->h / r; oy++)
            for (size_t ox = 0; ox < y->w / r; ox++) {
                convolve(args, weight, n, oy, ox, v);
                for (size_t o = 0; o < n_outputs; o++) {
                    const size_t yy = oy * r + o / r % r, yx = ox * r + o % r, c = o / (r * r);
                    real_set(y, n, yy, yx, c, epilogue(args, o, n, yy, yx, c, v[o]));
                }
            }
    free(weight);
    return GK_OK;
}

GkStatus GK_REF(conv2d_cost)(GkContext *ctx, const GkConv2d *args, GkCost *cost)
{
    if (!is_dtype_of_all(args))
        return GK_ERROR_UNSUPPORTED;
    assert_shapes(args);
    const GkView *y = &args->y;
    const size_t oh = y->h / args->shuffle, ow = y->w / args->shuffle;
    const double n_pixels = (double)y->n * (double)oh * (double)ow;
    *cost = (GkCost){.flops = 2 * n_pixels * (double)weight_length(args),
                     .scratch_bytes = (weight_length(args) + args->out_channels) * sizeof(double)};
    return GK_OK;
}
