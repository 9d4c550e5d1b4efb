// SPDX-License-Identifier: LGPL-3.0-or-later
// The transform of a layer's weights for winograd.c.
#include "cpu.h"
#include "isa.h"
#include "winograd_transform.h"

#define A GK_CPU_WINOGRAD_A
#define GROUP (V_LANES * V_COLUMNS)

// taps[i][lane] = element i of the row that belongs to the lane, for i < n; rows are zero
// from `n_rows` on.
V_INLINE void transpose_rows(const float *const *rows, size_t n_rows, size_t n,
                             float (*taps)[V_LANES])
{
    for (size_t i = 0; i < n; i += V_LANES) {
        Vec block[V_LANES];
        for (size_t l = 0; l < V_LANES; l++)
            block[l] = l >= n_rows        ? v_zero()
                       : n - i >= V_LANES ? v_load(rows[l] + i)
                                          : v_load_n(rows[l] + i, n - i);
        v_transpose(block);
        for (size_t l = 0; l < V_LANES; l++)
            v_store(taps[i + l], block[l]);
    }
}

// Input channels that the lines of transformed weights are fetched ahead of their stores.
#define WEIGHTS_AHEAD 1

void V_NAME(gk_cpu_winograd_weights)(const void *data, size_t item, size_t worker)
{
    const GkCpuWinogradWeights *job = data;
    const size_t first = item * GK_BLOCK;
    const size_t n = job->ic - first < GK_BLOCK ? job->ic - first : GK_BLOCK;
    const size_t channels = job->out_channels / (job->shuffle * job->shuffle);
    for (size_t o = 0; o < job->oc; o += V_LANES) {
        const float *rows[V_LANES] = {NULL};
        size_t n_rows = 0;
        for (; n_rows < V_LANES && o + n_rows < job->out_channels; n_rows++)
            rows[n_rows] =
                job->weight +
                (gk_cpu_packed_channel(o + n_rows, channels, job->shuffle) * job->ic + first) * 9;
        _Alignas(64) float taps[GK_BLOCK * 9 + V_LANES][V_LANES];
        transpose_rows(rows, n_rows, n * 9, taps);
        // The vector's place in its group of output channels.
        const size_t group = o / GROUP * GROUP;
        const size_t width = job->oc - group < GROUP ? job->oc - group : GROUP;
        for (size_t i = 0; i < n; i++) {
            Vec half[3][A]; // [tap of x][frequency of y]
#pragma GCC unroll 3
            for (size_t x = 0; x < 3; x++) {
                const Vec g[3] = {v_load(taps[i * 9 + x]), v_load(taps[i * 9 + 3 + x]),
                                  v_load(taps[i * 9 + 6 + x])};
                weight_transform(g, half[x]);
            }
            float *u = job->u + group * job->ic + (first + i) * width + (o - group);
            // Stores leave in order: each would wait for its line if it were not on its way.
            if (i + WEIGHTS_AHEAD < n)
                for (size_t k = 0; k < A * A; k++)
                    __builtin_prefetch(u + WEIGHTS_AHEAD * width + k * job->u_stride, 1, 3);
#pragma GCC unroll 8
            for (size_t y = 0; y < A; y++) {
                const Vec g[3] = {half[0][y], half[1][y], half[2][y]};
                Vec f[A];
                weight_transform(g, f);
#pragma GCC unroll 8
                for (size_t x = 0; x < A; x++)
                    v_store(u + (y * A + x) * job->u_stride, f[x]);
            }
        }
    }
}
