// SPDX-License-Identifier: LGPL-3.0-or-later
// Activations, sums, products and per-channel scaling, LANES channels a thread.
#include "launch.cuh"

template <class T> struct Activate {
    GkView x, y;
    Places places;
    Activation activation;

    __device__ void operator()(unsigned i) const
    {
        const Place p = places.at(i);
        float v[LANES];
        load_lanes(element<T>(x, p.n, p.y, p.x, p.c), p.count, v);
        for (unsigned k = 0; k < p.count; k++)
            v[k] = activate(activation, p.c + k, v[k]);
        store_lanes(element<T>(y, p.n, p.y, p.x, p.c), p.count, v);
    }
};

// y = alpha a + beta b, or a b.
template <class T> struct Combine {
    GkView a, b, y;
    Places places;
    float alpha, beta;
    bool multiply;
    int *overflow;

    __device__ void operator()(unsigned i) const
    {
        const Place p = places.at(i);
        float u[LANES], v[LANES];
        load_lanes(element<T>(a, p.n, p.y, p.x, p.c), p.count, u);
        load_lanes(element<T>(b, p.n, p.y, p.x, p.c), p.count, v);
        for (unsigned k = 0; k < LANES; k++)
            v[k] = multiply ? u[k] * v[k] : alpha * u[k] + beta * v[k];
        store_checked(element<T>(y, p.n, p.y, p.x, p.c), p.count, v, overflow);
    }
};

template <class T> struct Affine {
    GkView x, y;
    Places places;
    const float *scale, *shift;
    int *overflow;

    __device__ void operator()(unsigned i) const
    {
        const Place p = places.at(i);
        float v[LANES];
        load_lanes(element<T>(x, p.n, p.y, p.x, p.c), p.count, v);
        for (unsigned k = 0; k < p.count; k++)
            v[k] = scale[p.c + k] * v[k] + shift[p.c + k];
        store_checked(element<T>(y, p.n, p.y, p.x, p.c), p.count, v, overflow);
    }
};

template <class T> static GkStatus run_activate(GkContext *ctx, const GkActivate *args)
{
    const Activation activation = {args->activation.kind, args->activation.slope,
                                   (const float *)args->activation.slopes};
    const Activate<T> f = {args->x, args->y, Places(args->y), activation};
    return launch_each(ctx, "activation", f, n_places(args->y));
}

template <class T> static GkStatus run_combine(GkContext *ctx, const Combine<T> &f)
{
    return launch_each(ctx, "sum or product", f, n_places(f.y));
}

template <class T> static GkStatus run_add(GkContext *ctx, const GkAdd *args)
{
    return run_combine<T>(ctx, {args->a, args->b, args->y, Places(args->y), args->alpha, args->beta,
                                false, ctx->overflow});
}

template <class T> static GkStatus run_multiply(GkContext *ctx, const GkMultiply *args)
{
    return run_combine<T>(ctx,
                          {args->a, args->b, args->y, Places(args->y), 0, 0, true, ctx->overflow});
}

template <class T> static GkStatus run_affine(GkContext *ctx, const GkAffine *args)
{
    const Affine<T> f = {args->x,
                         args->y,
                         Places(args->y),
                         (const float *)args->scale,
                         (const float *)args->shift,
                         ctx->overflow};
    return launch_each(ctx, "scale", f, n_places(args->y));
}

// Both of one type and shape, channels-last.
static bool are_alike(const GkView &a, const GkView &b)
{
    return gk_cuda_is_view(&a) && gk_cuda_is_view(&b) && a.dtype == b.dtype &&
           gk_cuda_is_same_shape(&a, &b);
}

GkStatus gk_cuda_activate(GkContext *ctx, const GkActivate *args)
{
    if (!are_alike(args->x, args->y))
        return GK_ERROR_UNSUPPORTED;
    return GK_CUDA_BY_DTYPE(args->y, run_activate, ctx, args);
}

GkStatus gk_cuda_add(GkContext *ctx, const GkAdd *args)
{
    if (!are_alike(args->a, args->y) || !are_alike(args->b, args->y))
        return GK_ERROR_UNSUPPORTED;
    return GK_CUDA_BY_DTYPE(args->y, run_add, ctx, args);
}

GkStatus gk_cuda_multiply(GkContext *ctx, const GkMultiply *args)
{
    if (!are_alike(args->a, args->y) || !are_alike(args->b, args->y))
        return GK_ERROR_UNSUPPORTED;
    return GK_CUDA_BY_DTYPE(args->y, run_multiply, ctx, args);
}

GkStatus gk_cuda_affine(GkContext *ctx, const GkAffine *args)
{
    if (!are_alike(args->x, args->y))
        return GK_ERROR_UNSUPPORTED;
    return GK_CUDA_BY_DTYPE(args->y, run_affine, ctx, args);
}
