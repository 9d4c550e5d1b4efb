// SPDX-License-Identifier: LGPL-3.0-or-later
// Padding in height and width.
#include "launch.cuh"

// Returns the source coordinate in 0..size-1 of coordinate `i`, or -1 where there is only zero.
__device__ static inline int source(int i, int size, GkPadMode mode)
{
    if (i >= 0 && i < size)
        return i;
    if (mode == GK_PAD_ZERO)
        return -1;
    if (mode == GK_PAD_REPLICATE || size == 1)
        return i < 0 ? 0 : size - 1;
    // The mirrored signal 0 1 .. size-1 size-2 .. 1 has the period 2 * (size - 1).
    const int period = 2 * (size - 1), phase = (i % period + period) % period;
    return phase < size ? phase : period - phase;
}

template <class T> struct Pad {
    GkView x, y;
    Places places;
    int top, left;
    GkPadMode mode;

    __device__ void operator()(unsigned i) const
    {
        const Place p = places.at(i);
        const int iy = source((int)p.y - top, (int)x.h, mode);
        const int ix = source((int)p.x - left, (int)x.w, mode);
        float v[LANES] = {0};
        if (iy >= 0 && ix >= 0)
            load_lanes(element<T>(x, p.n, (size_t)iy, (size_t)ix, p.c), p.count, v);
        store_lanes(element<T>(y, p.n, p.y, p.x, p.c), p.count, v);
    }
};

template <class T> static GkStatus run_pad(GkContext *ctx, const GkPad *args)
{
    const Pad<T> f = {args->x,        args->y,         Places(args->y),
                      (int)args->top, (int)args->left, args->mode};
    return launch_each(ctx, "padding", f, n_places(args->y));
}

GkStatus gk_cuda_pad(GkContext *ctx, const GkPad *args)
{
    const GkView *x = &args->x, *y = &args->y;
    if (!gk_cuda_is_view(x) || !gk_cuda_is_view(y) || x->dtype != y->dtype || x->n != y->n ||
        x->c != y->c || x->h == 0 || x->w == 0 || y->h > 1u << 30 || y->w > 1u << 30)
        return GK_ERROR_UNSUPPORTED;
    return GK_CUDA_BY_DTYPE(args->y, run_pad, ctx, args);
}
