// SPDX-License-Identifier: LGPL-3.0-or-later
// Copies between channels-last views of any strides and types: the ends of a plan, concatenation,
// slices.
#include "launch.cuh"

template <class X, class Y> struct Copy {
    GkView x, y;
    Places places;

    __device__ void operator()(unsigned i) const
    {
        const Place p = places.at(i);
        float v[LANES];
        load_lanes(element<X>(x, p.n, p.y, p.x, p.c), p.count, v);
        store_lanes(element<Y>(y, p.n, p.y, p.x, p.c), p.count, v);
    }
};

template <class X, class Y> static GkStatus run_from_to(GkContext *ctx, const GkCopy *args)
{
    const Copy<X, Y> f = {args->x, args->y, Places(args->y)};
    return launch_each(ctx, "copy", f, n_places(args->y));
}

// Types differ at the ends of a plan only, where one of them is float32.
template <class Y> static GkStatus run_to(GkContext *ctx, const GkCopy *args)
{
    if (args->x.dtype == args->y.dtype)
        return run_from_to<Y, Y>(ctx, args);
    return args->x.dtype == GK_F32 ? run_from_to<float, Y>(ctx, args) : GK_ERROR_UNSUPPORTED;
}

template <class X> static GkStatus run_to_float(GkContext *ctx, const GkCopy *args)
{
    return run_from_to<X, float>(ctx, args);
}

GkStatus gk_cuda_copy(GkContext *ctx, const GkCopy *args)
{
    if (!gk_cuda_is_view(&args->x) || !gk_cuda_is_view(&args->y) ||
        !gk_cuda_is_same_shape(&args->x, &args->y))
        return GK_ERROR_UNSUPPORTED;
    return args->y.dtype == GK_F32 ? GK_CUDA_BY_DTYPE(args->x, run_to_float, ctx, args)
                                   : GK_CUDA_BY_DTYPE(args->y, run_to, ctx, args);
}
