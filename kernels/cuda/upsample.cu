// SPDX-License-Identifier: LGPL-3.0-or-later
// Enlarging by a whole factor.
#include "launch.cuh"

template <class T> struct Nearest {
    GkView x, y;
    Places places;
    unsigned factor;

    __device__ void operator()(unsigned i) const
    {
        const Place p = places.at(i);
        float v[LANES];
        load_lanes(element<T>(x, p.n, p.y / factor, p.x / factor, p.c), p.count, v);
        store_lanes(element<T>(y, p.n, p.y, p.x, p.c), p.count, v);
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

template <class T> struct Bilinear {
    GkView x, y;
    Places places;
    unsigned factor;

    __device__ void operator()(unsigned i) const
    {
        const Place p = places.at(i);
        const Tap v = tap_at(p.y, factor, (unsigned)x.h), u = tap_at(p.x, factor, (unsigned)x.w);
        float a[LANES], b[LANES], c[LANES], d[LANES];
        load_lanes(element<T>(x, p.n, v.low, u.low, p.c), p.count, a);
        load_lanes(element<T>(x, p.n, v.low, u.high, p.c), p.count, b);
        load_lanes(element<T>(x, p.n, v.high, u.low, p.c), p.count, c);
        load_lanes(element<T>(x, p.n, v.high, u.high, p.c), p.count, d);
        for (unsigned k = 0; k < LANES; k++) {
            const float top = (1 - u.weight) * a[k] + u.weight * b[k];
            const float bottom = (1 - u.weight) * c[k] + u.weight * d[k];
            a[k] = (1 - v.weight) * top + v.weight * bottom;
        }
        store_lanes(element<T>(y, p.n, p.y, p.x, p.c), p.count, a);
    }
};

template <class T> static GkStatus run_nearest(GkContext *ctx, const GkUpsample *args)
{
    const Nearest<T> f = {args->x, args->y, Places(args->y), (unsigned)args->factor};
    return launch_each(ctx, "nearest upsampling", f, n_places(args->y));
}

template <class T> static GkStatus run_bilinear(GkContext *ctx, const GkUpsample *args)
{
    const Bilinear<T> f = {args->x, args->y, Places(args->y), (unsigned)args->factor};
    return launch_each(ctx, "bilinear upsampling", f, n_places(args->y));
}

static bool is_enlarging(const GkUpsample *args)
{
    const GkView *x = &args->x, *y = &args->y;
    return gk_cuda_is_view(x) && gk_cuda_is_view(y) && x->dtype == y->dtype && x->n == y->n &&
           x->c == y->c && x->h * args->factor == y->h && x->w * args->factor == y->w;
}

GkStatus gk_cuda_upsample_nearest(GkContext *ctx, const GkUpsample *args)
{
    if (!is_enlarging(args))
        return GK_ERROR_UNSUPPORTED;
    return GK_CUDA_BY_DTYPE(args->y, run_nearest, ctx, args);
}

GkStatus gk_cuda_upsample_bilinear(GkContext *ctx, const GkUpsample *args)
{
    if (!is_enlarging(args))
        return GK_ERROR_UNSUPPORTED;
    return GK_CUDA_BY_DTYPE(args->y, run_bilinear, ctx, args);
}
