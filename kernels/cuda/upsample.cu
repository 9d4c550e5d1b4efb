// SPDX-License-Identifier: LGPL-3.0-or-later
// Enlarging by a whole factor, and a gradient of it, which gathers what a pixel was blended into.
#include "launch.cuh"

struct Nearest {
    GkView x, y;
    Places places;
    unsigned factor;
    int *overflow;

    __device__ void operator()(unsigned i) const
    {
        const Place p = places.at(i);
        float v[LANES];
        load(x, p.at(p.y / factor, p.x / factor), v);
        store(y, p, v, overflow);
    }
};

// Where an output coordinate falls between two source coordinates, along one axis.
struct Tap {
    unsigned low, high;
    float weight; // of `high`
};

// align_corners=False: the source coordinate is max(0, (o + 1/2)/f - 1/2). In units of 1/(2f) it
// is the whole number 2o + 1 - f.
__device__ static inline Tap tap_at(unsigned o, unsigned factor, unsigned size)
{
    const unsigned units = 2 * o + 1 > factor ? 2 * o + 1 - factor : 0;
    Tap tap;
    tap.low = units / (2 * factor);
    tap.high = tap.low + 1 < size ? tap.low + 1 : tap.low;
    tap.weight = (float)(units % (2 * factor)) / (float)(2 * factor);
    return tap;
}

struct Bilinear {
    GkView x, y;
    Places places;
    unsigned factor;
    int *overflow;

    __device__ void operator()(unsigned i) const
    {
        const Place p = places.at(i);
        const Tap v = tap_at(p.y, factor, (unsigned)x.h), u = tap_at(p.x, factor, (unsigned)x.w);
        float a[LANES], b[LANES], c[LANES], d[LANES];
        load(x, p.at(v.low, u.low), a);
        load(x, p.at(v.low, u.high), b);
        load(x, p.at(v.high, u.low), c);
        load(x, p.at(v.high, u.high), d);
        for (unsigned k = 0; k < LANES; k++) {
            const float top = (1 - u.weight) * a[k] + u.weight * b[k];
            const float bottom = (1 - u.weight) * c[k] + u.weight * d[k];
            a[k] = (1 - v.weight) * top + v.weight * bottom;
        }
        store(y, p, a, overflow);
    }
};

// How much of pixel `i` is in the pixel of `tap`.
__device__ static inline float share(const Tap &tap, unsigned i)
{
    return (tap.low == i ? 1 - tap.weight : 0.0f) + (tap.high == i ? tap.weight : 0.0f);
}

// The output coordinates whose taps hold coordinate `i`: those with units between those of the
// neighbours' centres, 2f(i - 1) and 2f(i + 1).
__device__ static inline unsigned first_reached(unsigned i, unsigned factor)
{
    return i > 0 ? factor * (i - 1) + (factor + 1) / 2 : 0;
}

__device__ static inline unsigned past_reached(unsigned i, unsigned factor, unsigned size)
{
    return min(factor * (i + 1) + factor / 2, size);
}

struct BilinearGradient {
    GkView y, x;
    Places places;
    unsigned factor;
    int *overflow;

    __device__ void operator()(unsigned i) const
    {
        const Place p = places.at(i);
        const unsigned h = (unsigned)x.h, w = (unsigned)x.w;
        const unsigned y1 = past_reached(p.y, factor, h * factor);
        const unsigned x1 = past_reached(p.x, factor, w * factor);
        float sum[LANES] = {0}, v[LANES];
        for (unsigned oy = first_reached(p.y, factor); oy < y1; oy++)
            for (unsigned ox = first_reached(p.x, factor); ox < x1; ox++) {
                const float weight =
                    share(tap_at(oy, factor, h), p.y) * share(tap_at(ox, factor, w), p.x);
                load(y, p.at(oy, ox), v);
                for (unsigned k = 0; k < LANES; k++)
                    sum[k] += weight * v[k];
            }
        store(x, p, sum, overflow);
    }
};

static bool is_enlarging(const GkView &x, const GkView &y, size_t factor)
{
    return gk_cuda_is_view(&x) && gk_cuda_is_view(&y) && x.n == y.n && x.c == y.c &&
           x.h * factor == y.h && x.w * factor == y.w;
}

GkStatus gk_cuda_upsample_nearest(GkContext *ctx, const GkUpsample *args)
{
    if (!is_enlarging(args->x, args->y, args->factor))
        return GK_ERROR_UNSUPPORTED;
    const Nearest f = {args->x, args->y, Places(args->y), (unsigned)args->factor, ctx->overflow};
    return launch_each(ctx, "nearest upsampling", f, n_places(args->y));
}

GkStatus gk_cuda_upsample_bilinear(GkContext *ctx, const GkUpsample *args)
{
    if (!is_enlarging(args->x, args->y, args->factor))
        return GK_ERROR_UNSUPPORTED;
    const Bilinear f = {args->x, args->y, Places(args->y), (unsigned)args->factor, ctx->overflow};
    return launch_each(ctx, "bilinear upsampling", f, n_places(args->y));
}

GkStatus gk_cuda_upsample_bilinear_gradient(GkContext *ctx, const GkUpsampleGradient *args)
{
    if (!is_enlarging(args->x, args->y, args->factor))
        return GK_ERROR_UNSUPPORTED;
    const BilinearGradient f = {args->y, args->x, Places(args->x), (unsigned)args->factor,
                                ctx->overflow};
    return launch_each(ctx, "gradient of bilinear upsampling", f, n_places(args->x));
}
