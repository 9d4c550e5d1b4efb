// SPDX-License-Identifier: LGPL-3.0-or-later
// The end of a convolution: from sums of products to values in their place, LANES output channels
// of one pixel at a time.
#ifndef GK_CUDA_EPILOGUE_CUH
#define GK_CUDA_EPILOGUE_CUH

#include "conv.h"
#include "launch.cuh"

__device__ inline void finish_shuffled(const GkCudaEpilogue &e, unsigned n, unsigned oy,
                                       unsigned ox, unsigned o0, unsigned count, const float *sums)
{
    const unsigned r = e.shuffle;
#pragma unroll
    for (unsigned k = 0; k < LANES; k++) {
        if (k >= count)
            break;
        const unsigned o = o0 + k, c = o / (r * r);
        const unsigned y = oy * r + o / r % r, x = ox * r + o % r;
        float v = sums[k];
        if (e.has_gate)
            v = (v + load_one(e.gate, place_of(e.gate, n, y, x, c))) * (sigmoid(v) - 0.5f);
        for (unsigned i = 0; i < e.n_residuals; i++)
            v = e.residual_scale[i] * v +
                load_one(e.residual[i], place_of(e.residual[i], n, y / e.residual_upsample[i],
                                                 x / e.residual_upsample[i], c));
        store(e.y, place_of(e.y, n, y, x, c), 1, &v, e.overflow);
    }
}

// Bias, activation, shuffle, gate and residuals of output channels [o0, o0 + LANES) at one place.
__device__ inline void finish(const GkCudaEpilogue &e, unsigned n, unsigned oy, unsigned ox,
                              unsigned o0, float *v)
{
    const unsigned left = e.out_channels - o0, count = left < LANES ? left : (unsigned)LANES;
    const Activation activation = {e.activation, e.slope, e.slopes};
#pragma unroll
    for (unsigned k = 0; k < LANES; k++)
        if (k < count)
            v[k] = activate(activation, o0 + k, v[k] + (e.bias ? e.bias[o0 + k] : 0.0f));
    if (e.shuffle != 1) {
        finish_shuffled(e, n, oy, ox, o0, count, v);
        return;
    }
    float r[LANES];
    if (e.has_gate) {
        load(e.gate, place_of(e.gate, n, oy, ox, o0), count, r);
#pragma unroll
        for (unsigned k = 0; k < LANES; k++)
            v[k] = (v[k] + r[k]) * (sigmoid(v[k]) - 0.5f);
    }
    for (unsigned i = 0; i < e.n_residuals; i++) {
        load(e.residual[i],
             place_of(e.residual[i], n, oy / e.residual_upsample[i], ox / e.residual_upsample[i],
                      o0),
             count, r);
#pragma unroll
        for (unsigned k = 0; k < LANES; k++)
            v[k] = e.residual_scale[i] * v[k] + r[k];
    }
    store(e.y, place_of(e.y, n, oy, ox, o0), count, v, e.overflow);
}

#endif
