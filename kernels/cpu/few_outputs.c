// SPDX-License-Identifier: LGPL-3.0-or-later
// Convolution to up to GK_CPU_FEW output channels: vectors of input channels, summed up at the end.
// A vector of outputs would be mostly empty.
#include "cpu.h"
#include "epilogue.h"
#include "isa.h"
#include "stage.h"

#define MAX_PIXELS 6

// sums[pixels][outputs] for neighbouring outputs whose first input is at `in`.
// Weights: [kernel_h][kernel_w][pixel_stride / V_LANES][outputs][V_LANES].
V_INLINE void convolve(const GkCpuDirect *job, const float *in, size_t row_floats,
                       float (*sums)[GK_CPU_FEW], const size_t pixels, const size_t outputs)
{
    const size_t pixel_step = job->stride * job->pixel_stride,
                 tap_step = job->dilation * job->pixel_stride;
    const float *weight = job->weight;
    Vec sum[MAX_PIXELS][GK_CPU_FEW];
#pragma GCC unroll 6
    for (size_t p = 0; p < pixels; p++)
#pragma GCC unroll 4
        for (size_t o = 0; o < outputs; o++)
            sum[p][o] = v_zero();
    // Taps of a row without gaps between them are one run.
    const bool dense = job->dilation == 1;
    const size_t n_runs = dense ? 1 : job->kernel_w;
    const size_t length = dense ? job->kernel_w * job->pixel_stride : job->pixel_stride;
    for (size_t ky = 0; ky < job->kernel_h; ky++)
        for (size_t run = 0; run < n_runs; run++) {
            const float *a = in + ky * row_floats + run * tap_step;
            for (size_t c = 0; c < length; c += V_LANES) {
                Vec w[GK_CPU_FEW];
#pragma GCC unroll 4
                for (size_t o = 0; o < outputs; o++)
                    w[o] = v_load(weight + o * V_LANES);
                weight += outputs * V_LANES;
#pragma GCC unroll 6
                for (size_t p = 0; p < pixels; p++) {
                    const Vec value = v_keep(v_load(a + p * pixel_step + c));
#pragma GCC unroll 4
                    for (size_t o = 0; o < outputs; o++)
                        sum[p][o] = v_fma(value, w[o], sum[p][o]);
                }
            }
        }
    for (size_t p = 0; p < pixels; p++)
        for (size_t o = 0; o < outputs; o++)
            sums[p][o] = v_sum(sum[p][o]);
}

V_INLINE size_t pixels_for(const size_t outputs)
{
    if (V_LANES == 16)
        return 6;
    return outputs > 3 ? 3 : 4;
}

// Convolves a segment; pixel x's outputs go to buffer + x * GK_BLOCK.
V_INLINE void convolve_segment(const GkCpuDirect *job, size_t count, const float *staged,
                               size_t row_floats, float *buffer, const size_t outputs)
{
    const size_t most = pixels_for(outputs);
    for (size_t x = 0; x < count;) {
        const float *in = staged + x * job->stride * job->pixel_stride;
        float sums[MAX_PIXELS][GK_CPU_FEW];
        size_t pixels = 1;
        if (count - x >= most) {
            pixels = most;
            convolve(job, in, row_floats, sums, most, outputs);
        } else {
            convolve(job, in, row_floats, sums, 1, outputs);
        }
        for (size_t p = 0; p < pixels; p++, x++)
            memcpy(buffer + x * GK_BLOCK, sums[p], outputs * sizeof *buffer);
    }
}

void V_NAME(gk_cpu_few)(const void *data, size_t item, size_t worker)
{
    const GkCpuDirect *job = data;
    const GkCpuEpilogue *e = &job->epilogue;
    const GkCpuSegment s = gk_cpu_segment(job, item);
    float *staged = job->scratch + worker * job->scratch_stride,
          *buffer = staged + job->staged_floats + job->sums_floats;
    const size_t row_floats = gk_cpu_staged_pixels(job, s.count) * job->pixel_stride;
    const EndKind end = end_kind(e->kind);
    const Vec bias = v_load(e->bias), slope = end_slope(e, end, 0);
    gk_cpu_stage(job, &s, 0, staged);
    for (size_t r = 0; r < s.rows; r++) {
        const float *in = staged + r * job->stride * row_floats;
        memset(buffer, 0, s.count * GK_BLOCK * sizeof *buffer);
        switch (job->oc) {
        case 1:
            convolve_segment(job, s.count, in, row_floats, buffer, 1);
            break;
        case 2:
            convolve_segment(job, s.count, in, row_floats, buffer, 2);
            break;
        case 3:
            convolve_segment(job, s.count, in, row_floats, buffer, 3);
            break;
        default:
            convolve_segment(job, s.count, in, row_floats, buffer, 4);
        }
        for (size_t x = 0; x < s.count; x++) {
            float *v = buffer + x * GK_BLOCK;
            v_store(v, end_activate(v_load(v), bias, slope, end, e->kind));
        }
        end_store_buffer(e, buffer, GK_BLOCK, s.count, s.n, s.oy + r, s.ox);
    }
}
