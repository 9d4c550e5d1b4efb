// SPDX-License-Identifier: LGPL-3.0-or-later
// Functions of one and of two values with broadcasting, LANES channels a thread.
#include "functions.cuh"

struct Unary {
    GkView x, y;
    Places places;
    GkUnaryKind kind;
    float alpha, beta;
    int *overflow;

    __device__ void operator()(unsigned i) const
    {
        const Place p = places.at(i);
        float v[LANES];
        load_operand(x, p, v);
        for (unsigned k = 0; k < p.count; k++)
            v[k] = unary(kind, alpha, beta, v[k]);
        store(y, p, v, overflow);
    }
};

struct Binary {
    GkView a, b, y;
    Places places;
    GkBinaryKind kind;
    float alpha, beta;
    int *overflow;

    __device__ void operator()(unsigned i) const
    {
        const Place p = places.at(i);
        float u[LANES], v[LANES];
        load_operand(a, p, u);
        load_operand(b, p, v);
        for (unsigned k = 0; k < p.count; k++)
            v[k] = binary(kind, alpha, beta, u[k], v[k]);
        store(y, p, v, overflow);
    }
};

struct Fill {
    GkView y;
    Places places;
    float value;
    int *overflow;

    __device__ void operator()(unsigned i) const
    {
        const Place p = places.at(i);
        float v[LANES];
        for (unsigned k = 0; k < LANES; k++)
            v[k] = value;
        store(y, p, v, overflow);
    }
};

// Whether a view has no gaps, and as many elements as channels may be.
static bool is_dense(const GkView &v)
{
    return v.stride_x == v.c && v.stride_y == v.w * v.c && v.stride_n == v.h * v.stride_y &&
           v.n * v.stride_n <= 0xffffffffu;
}

// A dense value as one row of channels: pictures of few channels and weights fill all lanes then.
static GkView flat(const GkView &v)
{
    GkView row = v;
    row.n = row.h = row.w = 1;
    row.c = v.n * v.h * v.w * v.c;
    return row;
}

// Whether `x` and `y` may be taken as such rows, element by element.
static bool is_flat(const GkView &x, const GkView &y)
{
    return gk_cuda_is_same_shape(&x, &y) && is_dense(x) && is_dense(y);
}

GkStatus gk_cuda_unary(GkContext *ctx, const GkUnary *args)
{
    if (!gk_cuda_is_view(&args->y) || !is_broadcast(args->x, args->y))
        return GK_ERROR_UNSUPPORTED;
    const bool rows = is_flat(args->x, args->y);
    const GkView x = rows ? flat(args->x) : args->x, y = rows ? flat(args->y) : args->y;
    const Unary f = {broadcast(x), y, Places(y), args->kind, (float)args->alpha, (float)args->beta,
                     ctx->overflow};
    return launch_each(ctx, "function", f, n_places(y));
}

GkStatus gk_cuda_binary(GkContext *ctx, const GkBinary *args)
{
    if (!gk_cuda_is_view(&args->y) || !is_broadcast(args->a, args->y) ||
        !is_broadcast(args->b, args->y))
        return GK_ERROR_UNSUPPORTED;
    const bool rows = is_flat(args->a, args->y) && is_flat(args->b, args->y);
    const GkView a = rows ? flat(args->a) : args->a, b = rows ? flat(args->b) : args->b;
    const GkView y = rows ? flat(args->y) : args->y;
    const Binary f = {broadcast(a),      broadcast(b), y, Places(y), args->kind, (float)args->alpha,
                      (float)args->beta, ctx->overflow};
    return launch_each(ctx, "function of two", f, n_places(y));
}

GkStatus gk_cuda_fill(GkContext *ctx, const GkFill *args)
{
    if (!gk_cuda_is_view(&args->y))
        return GK_ERROR_UNSUPPORTED;
    const GkView y = is_dense(args->y) ? flat(args->y) : args->y;
    const Fill f = {y, Places(y), (float)args->value, ctx->overflow};
    return launch_each(ctx, "fill", f, n_places(y));
}
