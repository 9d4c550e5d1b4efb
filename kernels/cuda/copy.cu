// SPDX-License-Identifier: LGPL-3.0-or-later
// Copies between channels-last views of any strides and types: the ends of a plan, concatenation,
// slices.
#include "launch.cuh"

struct Copy {
    GkView x, y;
    Places places;
    int *overflow;

    __device__ void operator()(unsigned i) const
    {
        const Place p = places.at(i);
        float v[LANES];
        load(x, p, v);
        // A value that cuDNN lost on the way shows here first: it notes nothing.
        bool finite = true;
#pragma unroll
        for (unsigned k = 0; k < LANES; k++)
            finite = finite && fabsf(v[k]) <= largest<float>();
        if (!finite)
            *overflow = 1;
        store(y, p, v, overflow);
    }
};

GkStatus gk_cuda_copy(GkContext *ctx, const GkCopy *args)
{
    if (!gk_cuda_is_view(&args->x) || !gk_cuda_is_view(&args->y) ||
        !gk_cuda_is_same_shape(&args->x, &args->y))
        return GK_ERROR_UNSUPPORTED;
    const Copy f = {args->x, args->y, Places(args->y), ctx->overflow};
    return launch_each(ctx, "copy", f, n_places(args->y));
}
