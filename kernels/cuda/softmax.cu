// SPDX-License-Identifier: LGPL-3.0-or-later
// Softmax: a thread for each line.
#include "sums.cuh"

struct Softmax {
    GkView x, y;
    Walk lines_x, lines_y;
    unsigned length;
    size_t step_x, step_y;

    __device__ void operator()(unsigned i) const
    {
        const size_t from = x.first + lines_x.at(i), to = y.first + lines_y.at(i);
        float largest = load_one(x, from), sum = 0;
        for (unsigned k = 1; k < length; k++)
            largest = fmaxf(largest, load_one(x, from + k * step_x));
        for (unsigned k = 0; k < length; k++)
            sum += expf(load_one(x, from + k * step_x) - largest);
        for (unsigned k = 0; k < length; k++) {
            const float v = expf(load_one(x, from + k * step_x) - largest) / sum;
            store(y, to + k * step_y, 1, &v, NULL);
        }
    }
};

static Walk lines(const GkView &v, bool over_c)
{
    Walk walk;
    walk.add(v.n, v.stride_n);
    walk.add(v.h, v.stride_y);
    walk.add(over_c ? v.w : v.c, over_c ? v.stride_x : 1);
    return walk;
}

GkStatus gk_cuda_softmax(GkContext *ctx, const GkSoftmax *args)
{
    const GkView &x = args->x, &y = args->y;
    if (!gk_cuda_is_view(&x) || !gk_cuda_is_view(&y) || !gk_cuda_is_same_shape(&x, &y))
        return GK_ERROR_UNSUPPORTED;
    const bool over_c = args->axis == GK_SOFTMAX_C;
    const Softmax f = {x,
                       y,
                       lines(x, over_c),
                       lines(y, over_c),
                       (unsigned)(over_c ? x.c : x.w),
                       over_c ? 1 : x.stride_x,
                       over_c ? 1 : y.stride_x};
    return f.length == 0 ? GK_OK : launch_each(ctx, "softmax", f, y.n * y.h * (over_c ? y.w : y.c));
}
