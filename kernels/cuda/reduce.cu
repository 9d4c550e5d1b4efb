// SPDX-License-Identifier: LGPL-3.0-or-later
// Sums over axes.
#include "sums.cuh"

GkStatus gk_cuda_reduce(GkContext *ctx, const GkReduce *args)
{
    const GkView &x = args->x, &y = args->y;
    if (!gk_cuda_is_view(&y) || !gk_cuda_is_view(&x) || (y.n != 1 && y.n != x.n) ||
        (y.h != 1 && y.h != x.h) || (y.w != 1 && y.w != x.w) || (y.c != 1 && y.c != x.c))
        return GK_ERROR_UNSUPPORTED;
    const struct {
        size_t x, y, stride_x, stride_y;
    } axes[] = {{x.n, y.n, x.stride_n, y.stride_n},
                {x.h, y.h, x.stride_y, y.stride_y},
                {x.w, y.w, x.stride_x, y.stride_x},
                {x.c, y.c, 1, 1}};
    Terms t = {x, Walk(), Walk(), 1, 1};
    Walk to;
    for (const auto &axis : axes) {
        if (axis.y == axis.x) {
            t.results.add(axis.x, axis.stride_x);
            to.add(axis.y, axis.stride_y);
            t.n_results *= axis.x;
        } else {
            t.terms.add(axis.x, axis.stride_x);
            t.n_terms *= axis.x;
        }
    }
    if (t.n_terms > MAX_SUM_TERMS)
        return GK_ERROR_UNSUPPORTED;
    float *passes =
        (float *)gk_cuda_scratch(ctx, n_sum_floats(t.n_results, t.n_terms) * sizeof(float));
    return passes == NULL && t.n_terms > SUM_TERMS ? GK_ERROR_MEMORY
                                                   : sum_terms(ctx, t, to, y, args->scale, passes);
}
