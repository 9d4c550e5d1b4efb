// SPDX-License-Identifier: LGPL-3.0-or-later
// Convolution of stride 1 to up to GK_CPU_FEW output channels with a wide kernel. A vector of outputs
// would be mostly empty; so the columns of the kernel are taken for channels: with
//   z[y, x, kx, o] = sum_{ky,c} weight[o,c,ky,kx] * X[y + ky, x, c]
// which fills whole vectors, v[y, x, o] = sum_kx z[y, x + kx, kx, o].
#include "cpu.h"
#include "direct_multiply.h"
#include "epilogue.h"
#include "isa.h"
#include "stage.h"

// z for all staged pixels of one row of outputs, oc_padded floats each.
static void multiply_row(const GkCpuDirect *job, const float *staged, size_t row_floats,
                         size_t n_pixels, float *z)
{
    const size_t ps = job->pixel_stride, n_weights = job->kernel_h * job->ic;
    const Taps taps = taps_of(job->kernel_h, 1, row_floats, ps, job->ic, ps);
    for (size_t o = 0; o < job->oc_padded; o += GROUP) {
        const size_t left = job->oc_padded - o;
        const size_t columns = (left < GROUP ? left : GROUP) / V_LANES;
        const size_t most = rows_for(columns), n_chunks = (n_pixels + most - 1) / most;
        for (size_t chunk = 0; chunk < n_chunks; chunk++) {
            const size_t x = n_pixels * chunk / n_chunks;
            const size_t pixels = n_pixels * (chunk + 1) / n_chunks - x;
            float sums[MAX_ROWS * GROUP];
            multiply_columns(&taps, staged + x * ps, job->weight + o * n_weights, 0, taps.n_y,
                             false, sums, pixels, columns);
            for (size_t p = 0; p < pixels; p++)
                for (size_t k = 0; k < columns * V_LANES; k += V_LANES)
                    v_store(z + (x + p) * job->oc_padded + o + k, v_load(sums + p * GROUP + k));
        }
    }
}

void V_NAME(gk_cpu_columns)(const void *data, size_t item, size_t worker)
{
    const GkCpuDirect *job = data;
    const GkCpuEpilogue *e = &job->epilogue;
    const GkCpuSegment s = gk_cpu_segment(job, item);
    float *staged = job->scratch + worker * job->scratch_stride;
    float *z = staged + job->staged_floats, *buffer = z + job->sums_floats;
    const size_t n_pixels = gk_cpu_staged_pixels(job, s.count);
    const size_t row_floats = n_pixels * job->pixel_stride;
    const size_t tap_step = job->dilation * job->oc_padded + job->oc;
    const EndKind end = end_kind(e->kind);
    gk_cpu_stage(job, &s, 0, staged);
    for (size_t r = 0; r < s.rows; r++) {
        multiply_row(job, staged + r * row_floats, row_floats, n_pixels, z);
        for (size_t x = 0; x < s.count; x++)
            for (size_t o = 0; o < job->oc; o += V_LANES) {
                // The lanes behind the last output are other sums, and nobody's.
                const float *from = z + x * job->oc_padded + o;
                Vec v = v_load(from);
                for (size_t kx = 1; kx < job->kernel_w; kx++)
                    v += v_load(from + kx * tap_step);
                v_store(buffer + x * GK_BLOCK + o,
                        end_activate(v, v_load(e->bias + o), end_slope(e, end, o), end, e->kind));
            }
        end_store_buffer(e, buffer, GK_BLOCK, s.count, s.n, s.oy + r, s.ox);
    }
}
