// SPDX-License-Identifier: LGPL-3.0-or-later
// What is done with the moments of a normalisation, LANES channels a thread.
#include "functions.cuh"

struct Normalise {
    GkView x, y, moments, weight, bias, residual; // no data: not there
    Places places;
    unsigned groups, group_channels;
    float epsilon;
    Activation activation;
    int *overflow;

    __device__ float moment(const Place &p, unsigned place) const
    {
        return load_one(moments, operand(moments, p.n, 0, 0, place));
    }

    __device__ void operator()(unsigned i) const
    {
        const Place p = places.at(i);
        float v[LANES], w[LANES], b[LANES] = {0}, r[LANES] = {0};
        for (unsigned k = 0; k < LANES; k++)
            w[k] = 1;
        load(x, p, v);
        if (weight.data)
            load_operand(weight, p, w);
        if (bias.data)
            load_operand(bias, p, b);
        if (residual.data)
            load(residual, p, r);
        for (unsigned k = 0; k < p.count; k++) {
            const unsigned g = (p.c + k) / group_channels;
            const float scale = w[k] / sqrtf(moment(p, groups + g) + epsilon);
            v[k] = activate(activation, p.c + k, (v[k] - moment(p, g)) * scale + b[k]) + r[k];
        }
        store(y, p, v, overflow);
    }
};

static bool is_vector(const GkView &v, const GkView &x)
{
    return gk_cuda_is_view(&v) && (v.n == 1 || v.n == x.n) && v.h == 1 && v.w == 1;
}

static bool is_parameter(const GkView *v, const GkView &x)
{
    return !v || (is_vector(*v, x) && v->c == x.c);
}

GkStatus gk_cuda_normalise(GkContext *ctx, const GkNormalise *args)
{
    const GkView &x = args->x, &y = args->y, &m = args->moments;
    const GkView *r = args->residual, none = {};
    if (!gk_cuda_is_view(&x) || !gk_cuda_is_view(&y) || !gk_cuda_is_same_shape(&x, &y) ||
        !is_vector(m, x) || m.c == 0 || m.c % 2 || x.c % (m.c / 2) ||
        !is_parameter(args->weight, x) || !is_parameter(args->bias, x) ||
        (r && (!gk_cuda_is_view(r) || !gk_cuda_is_same_shape(r, &x))))
        return GK_ERROR_UNSUPPORTED;
    const size_t groups = m.c / 2;
    const Activation activation = {args->activation.kind, args->activation.slope,
                                   (const float *)args->activation.slopes};
    const Normalise f = {x,
                         y,
                         broadcast(m),
                         args->weight ? broadcast(*args->weight) : none,
                         args->bias ? broadcast(*args->bias) : none,
                         r ? *r : none,
                         Places(y),
                         (unsigned)groups,
                         (unsigned)(x.c / groups),
                         (float)args->epsilon,
                         activation,
                         ctx->overflow};
    return launch_each(ctx, "normalisation", f, n_places(y));
}
