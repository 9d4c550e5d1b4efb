// SPDX-License-Identifier: LGPL-3.0-or-later
// Activations, sums, products and per-channel scaling, LANES channels a thread.
#include "launch.cuh"

struct Activate {
    GkView x, y;
    Places places;
    Activation activation;
    int *overflow;

    __device__ void operator()(unsigned i) const
    {
        const Place p = places.at(i);
        float v[LANES];
        load(x, p, v);
        for (unsigned k = 0; k < p.count; k++)
            v[k] = activate(activation, p.c + k, v[k]);
        store(y, p, v, overflow);
    }
};

// y = alpha a + beta b, or a b.
struct Combine {
    GkView a, b, y;
    Places places;
    float alpha, beta;
    bool multiply;
    int *overflow;

    __device__ void operator()(unsigned i) const
    {
        const Place p = places.at(i);
        float u[LANES], v[LANES];
        load(a, p, u);
        load(b, p, v);
        for (unsigned k = 0; k < LANES; k++)
            v[k] = multiply ? u[k] * v[k] : alpha * u[k] + beta * v[k];
        store(y, p, v, overflow);
    }
};

struct Affine {
    GkView x, y;
    Places places;
    const float *scale, *shift;
    int *overflow;

    __device__ void operator()(unsigned i) const
    {
        const Place p = places.at(i);
        float v[LANES];
        load(x, p, v);
        for (unsigned k = 0; k < p.count; k++)
            v[k] = scale[p.c + k] * v[k] + shift[p.c + k];
        store(y, p, v, overflow);
    }
};

// Whether both are channels-last and of one shape.
static bool are_alike(const GkView &a, const GkView &b)
{
    return gk_cuda_is_view(&a) && gk_cuda_is_view(&b) && gk_cuda_is_same_shape(&a, &b);
}

GkStatus gk_cuda_activate(GkContext *ctx, const GkActivate *args)
{
    if (!are_alike(args->x, args->y))
        return GK_ERROR_UNSUPPORTED;
    const Activation activation = {args->activation.kind, args->activation.slope,
                                   (const float *)args->activation.slopes};
    const Activate f = {args->x, args->y, Places(args->y), activation, ctx->overflow};
    return launch_each(ctx, "activation", f, n_places(args->y));
}

GkStatus gk_cuda_add(GkContext *ctx, const GkAdd *args)
{
    if (!are_alike(args->a, args->y) || !are_alike(args->b, args->y))
        return GK_ERROR_UNSUPPORTED;
    const Combine f = {args->a,     args->b,    args->y, Places(args->y),
                       args->alpha, args->beta, false,   ctx->overflow};
    return launch_each(ctx, "sum", f, n_places(args->y));
}

GkStatus gk_cuda_multiply(GkContext *ctx, const GkMultiply *args)
{
    if (!are_alike(args->a, args->y) || !are_alike(args->b, args->y))
        return GK_ERROR_UNSUPPORTED;
    const Combine f = {args->a, args->b, args->y, Places(args->y), 0, 0, true, ctx->overflow};
    return launch_each(ctx, "product", f, n_places(args->y));
}

GkStatus gk_cuda_affine(GkContext *ctx, const GkAffine *args)
{
    if (!are_alike(args->x, args->y))
        return GK_ERROR_UNSUPPORTED;
    const Affine f = {args->x,
                      args->y,
                      Places(args->y),
                      (const float *)args->scale,
                      (const float *)args->shift,
                      ctx->overflow};
    return launch_each(ctx, "scale", f, n_places(args->y));
}
