// SPDX-License-Identifier: LGPL-3.0-or-later
// Exchange of axes; threads own LANES channels of what they write.
#include "launch.cuh"

struct Transpose {
    GkView x, y;
    Places places;
    size_t step[4]; // in x, along the axes of y
    int *overflow;

    __device__ void operator()(unsigned i) const
    {
        const Place p = places.at(i);
        const size_t from = x.first + p.n * step[0] + p.y * step[1] + p.x * step[2];
        float v[LANES];
        for (unsigned k = 0; k < p.count; k++)
            v[k] = load_one(x, from + (p.c + k) * step[3]);
        store(y, p, v, overflow);
    }
};

GkStatus gk_cuda_transpose(GkContext *ctx, const GkTranspose *args)
{
    const GkView *x = &args->x, *y = &args->y;
    const size_t from[4] = {x->n, x->h, x->w, x->c}, to[4] = {y->n, y->h, y->w, y->c};
    unsigned taken = 0;
    for (unsigned i = 0; i < 4; i++) {
        if (args->axes[i] > 3 || to[i] != from[args->axes[i]])
            return GK_ERROR_UNSUPPORTED;
        taken |= 1u << args->axes[i];
    }
    if (taken != 15 || !gk_cuda_is_view(x) || !gk_cuda_is_view(y))
        return GK_ERROR_UNSUPPORTED;
    const size_t strides[4] = {x->stride_n, x->stride_y, x->stride_x, 1};
    Transpose f = {*x, *y, Places(*y), {0}, ctx->overflow};
    for (unsigned i = 0; i < 4; i++)
        f.step[i] = strides[args->axes[i]];
    return launch_each(ctx, "transposition", f, n_places(*y));
}
