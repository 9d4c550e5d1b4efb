// SPDX-License-Identifier: LGPL-3.0-or-later
// Convolution of any kernel, stride, dilation and groups, as the formula says: vectors of output
// channels, inputs broadcast, and as many pixels times channels as there are registers for sums.
#include "cpu.h"
#include "epilogue.h"
#include "isa.h"
#include "stage.h"

#define GROUP (V_LANES * V_COLUMNS)
#define PIXELS 6

// sums[pixels][columns] for neighbouring outputs whose first input is at `in`.
// Weights: [kernel_h][kernel_w][ic][columns], as gk_cpu_direct_weights() packs them.
V_INLINE void convolve(const GkCpuDirect *job, const float *in, size_t row_floats,
                       const float *weight, Vec (*sums)[V_COLUMNS], const size_t pixels,
                       const size_t columns)
{
    const size_t pixel_step = job->stride * job->pixel_stride,
                 tap_step = job->dilation * job->pixel_stride;
    Vec sum[PIXELS][V_COLUMNS];
#pragma GCC unroll 6
    for (size_t p = 0; p < pixels; p++)
#pragma GCC unroll 4
        for (size_t k = 0; k < columns; k++)
            sum[p][k] = v_zero();
    // Taps of a row without gaps between them are one run.
    const bool dense = tap_step == job->ic;
    const size_t n_taps = dense ? 1 : job->kernel_w,
                 length = dense ? job->kernel_w * job->ic : job->ic;
    for (size_t ky = 0; ky < job->kernel_h; ky++)
        for (size_t kx = 0; kx < n_taps; kx++) {
            const float *a = in + ky * row_floats + kx * tap_step;
            for (size_t i = 0; i < length; i++) {
                Vec b[V_COLUMNS];
#pragma GCC unroll 4
                for (size_t k = 0; k < columns; k++)
                    b[k] = v_load(weight + k * V_LANES);
                weight += columns * V_LANES;
#pragma GCC unroll 6
                for (size_t p = 0; p < pixels; p++) {
                    const Vec value = v_set1(a[p * pixel_step + i]);
#pragma GCC unroll 4
                    for (size_t k = 0; k < columns; k++)
                        sum[p][k] = v_fma(value, b[k], sum[p][k]);
                }
            }
        }
#pragma GCC unroll 6
    for (size_t p = 0; p < pixels; p++)
#pragma GCC unroll 4
        for (size_t k = 0; k < columns; k++)
            sums[p][k] = sum[p][k];
}

// convolve() for 1 to PIXELS pixels.
V_INLINE void convolve_some(const GkCpuDirect *job, const float *in, size_t row_floats,
                            const float *weight, Vec (*sums)[V_COLUMNS], size_t pixels,
                            const size_t columns)
{
    if (pixels == PIXELS)
        convolve(job, in, row_floats, weight, sums, PIXELS, columns);
    else
        for (size_t p = 0; p < pixels; p++)
            convolve(job, in + p * job->stride * job->pixel_stride, row_floats, weight, sums + p, 1,
                     columns);
}

static void convolve_columns(const GkCpuDirect *job, const float *in, size_t row_floats,
                             const float *weight, Vec (*sums)[V_COLUMNS], size_t pixels,
                             size_t columns)
{
    switch (columns) {
#if V_COLUMNS == 4
    case 4:
        convolve_some(job, in, row_floats, weight, sums, pixels, 4);
        break;
    case 3:
        convolve_some(job, in, row_floats, weight, sums, pixels, 3);
        break;
#endif
    case 2:
        convolve_some(job, in, row_floats, weight, sums, pixels, 2);
        break;
    default:
        convolve_some(job, in, row_floats, weight, sums, pixels, 1);
    }
}

void V_NAME(gk_cpu_direct)(const void *data, size_t item, size_t worker)
{
    const GkCpuDirect *job = data;
    const GkCpuEpilogue *e = &job->epilogue;
    const GkCpuSegment s = gk_cpu_segment(job, item);
    float *staged = job->scratch + worker * job->scratch_stride,
          *buffer = staged + job->staged_floats;
    const size_t row_floats = gk_cpu_staged_pixels(job, s.count) * job->pixel_stride;
    const size_t n_taps = job->kernel_h * job->kernel_w * job->ic;
    const size_t buffer_stride = job->groups * job->oc_padded;
    const EndKind end = end_kind(e->kind);
    for (size_t g = 0; g < job->groups; g++) {
        gk_cpu_stage(job, &s, g, staged);
        for (size_t o = 0; o < job->oc_padded; o += GROUP) {
            const size_t left = job->oc_padded - o,
                         columns = (left < GROUP ? left : GROUP) / V_LANES;
            const size_t oc = g * job->oc_padded + o;
            const float *weight = job->weight + oc * n_taps;
            for (size_t x = 0; x < s.count; x += PIXELS) {
                const size_t pixels = s.count - x < PIXELS ? s.count - x : PIXELS;
                Vec sums[PIXELS][V_COLUMNS];
                convolve_columns(job, staged + x * job->stride * job->pixel_stride, row_floats,
                                 weight, sums, pixels, columns);
                for (size_t k = 0; k < columns; k++) {
                    const size_t first = oc + k * V_LANES;
                    const Vec bias = v_load(e->bias + first);
                    const Vec slope = end_slope(e, end, first);
                    Vec v[PIXELS];
                    for (size_t p = 0; p < pixels; p++)
                        v[p] = end_activate(sums[p][k], bias, slope, end, e->kind);
                    if (e->blocks) {
                        const Place place = place_of(e, first);
                        if (place.lanes)
                            end_store_blocks(e, &place, v, pixels, s.n, s.oy, s.ox + x);
                    } else {
                        for (size_t p = 0; p < pixels; p++)
                            v_store(buffer + (x + p) * buffer_stride + first, v[p]);
                    }
                }
            }
        }
    }
    if (e->blocks)
        return;
    // Close the gaps between groups: the buffer's order becomes the packed order.
    if (job->groups > 1 && job->oc != job->oc_padded)
        for (size_t x = 0; x < s.count; x++)
            for (size_t g = 1; g < job->groups; g++)
                memmove(buffer + x * buffer_stride + g * job->oc,
                        buffer + x * buffer_stride + g * job->oc_padded, job->oc * sizeof *buffer);
    if (job->groups > 1 && e->shuffle > 1)
        end_order_for_shuffle(e, job->groups * job->oc, buffer, buffer_stride, s.count,
                              buffer + job->segment * buffer_stride);
    end_store_buffer(e, buffer, buffer_stride, s.count, s.n, s.oy, s.ox);
}
