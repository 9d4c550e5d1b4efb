// SPDX-License-Identifier: LGPL-3.0-or-later
// Convolution of each channel by itself, over blocks of channels: products of whole vectors.
#include "cpu.h"
#include "epilogue.h"
#include "isa.h"
#include "stage.h"

#define PIXELS 6

// sums[pixels] of V_LANES channels for neighbouring outputs whose first input is at `in`.
// Weights: [kernel_h][kernel_w][GK_BLOCK].
V_INLINE void convolve(const GkCpuDirect *job, const float *in, size_t row_floats,
                       const float *weight, Vec *sums, const size_t pixels)
{
    const size_t pixel_step = job->stride * GK_BLOCK, tap_step = job->dilation * GK_BLOCK;
    Vec sum[PIXELS];
#pragma GCC unroll 6
    for (size_t p = 0; p < pixels; p++)
        sum[p] = v_zero();
    for (size_t ky = 0; ky < job->kernel_h; ky++)
        for (size_t kx = 0; kx < job->kernel_w; kx++, weight += GK_BLOCK) {
            const float *a = in + ky * row_floats + kx * tap_step;
            const Vec w = v_load(weight);
#pragma GCC unroll 6
            for (size_t p = 0; p < pixels; p++)
                sum[p] = v_fma(v_load(a + p * pixel_step), w, sum[p]);
        }
#pragma GCC unroll 6
    for (size_t p = 0; p < pixels; p++)
        sums[p] = sum[p];
}

void V_NAME(gk_cpu_depthwise)(const void *data, size_t item, size_t worker)
{
    const GkCpuDirect *job = data;
    const GkCpuEpilogue *e = &job->epilogue;
    const GkCpuSegment s = gk_cpu_segment(job, item);
    float *staged = job->scratch + worker * job->scratch_stride;
    const size_t row_floats = gk_cpu_staged_pixels(job, s.count) * GK_BLOCK;
    const size_t pixel_step = job->stride * GK_BLOCK;
    const EndKind end = end_kind(e->kind);
    gk_cpu_stage(job, &s, s.part, staged);
    for (size_t lane = 0; lane < GK_BLOCK; lane += V_LANES) {
        const size_t first = s.part * GK_BLOCK + lane;
        const Place place = place_of(e, first);
        if (!place.lanes)
            continue;
        const Vec bias = v_load(e->bias + first), slope = end_slope(e, end, first);
        const float *weight =
            job->weight + s.part * GK_BLOCK * job->kernel_h * job->kernel_w + lane;
        for (size_t r = 0; r < s.rows; r++)
            for (size_t x = 0; x < s.count;) {
                const float *in = staged + r * job->stride * row_floats + x * pixel_step + lane;
                size_t pixels = 1;
                Vec v[PIXELS];
                if (s.count - x >= PIXELS) {
                    pixels = PIXELS;
                    convolve(job, in, row_floats, weight, v, PIXELS);
                } else {
                    convolve(job, in, row_floats, weight, v, 1);
                }
                for (size_t p = 0; p < pixels; p++)
                    v[p] = end_activate(v[p], bias, slope, end, e->kind);
                end_store_blocks(e, &place, v, pixels, s.n, s.oy + r, s.ox + x);
                x += pixels;
            }
    }
}
