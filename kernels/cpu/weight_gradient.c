// SPDX-License-Identifier: LGPL-3.0-or-later
// The weight gradient of a convolution as sums of products in registers: input channels times
// vectors of output channels, along a row of pixels. Row sums are added up in memory, so that no
// sum of floats is longer than a row, and an item owns its weights, so that threads share nothing.
#include "cpu.h"
#include "isa.h"

#define GROUP (V_LANES * V_COLUMNS)
#define INPUTS 6

// sums[INPUTS][columns] += products of `count` pixels: x's stand x_step floats apart, g's GROUP.
V_INLINE void add_products(const float *x, size_t x_step, const float *g, size_t count, float *sums,
                           const size_t inputs, const size_t columns)
{
    Vec sum[INPUTS][V_COLUMNS];
#pragma GCC unroll 6
    for (size_t i = 0; i < inputs; i++)
#pragma GCC unroll 4
        for (size_t k = 0; k < columns; k++)
            sum[i][k] = v_zero();
    for (size_t p = 0; p < count; p++, x += x_step, g += GROUP) {
        Vec b[V_COLUMNS];
#pragma GCC unroll 4
        for (size_t k = 0; k < columns; k++)
            b[k] = v_load(g + k * V_LANES);
#pragma GCC unroll 6
        for (size_t i = 0; i < inputs; i++) {
            const Vec a = v_set1(x[i]);
#pragma GCC unroll 4
            for (size_t k = 0; k < columns; k++)
                sum[i][k] = v_fma(a, b[k], sum[i][k]);
        }
    }
#pragma GCC unroll 6
    for (size_t i = 0; i < inputs; i++)
#pragma GCC unroll 4
        for (size_t k = 0; k < columns; k++) {
            float *to = sums + i * GROUP + k * V_LANES;
            v_store(to, v_load(to) + sum[i][k]);
        }
}

V_INLINE void add_columns(const float *x, size_t x_step, const float *g, size_t count, float *sums,
                          const size_t inputs, size_t columns)
{
    switch (columns) {
#if V_COLUMNS == 4
    case 4:
        add_products(x, x_step, g, count, sums, inputs, 4);
        break;
    case 3:
        add_products(x, x_step, g, count, sums, inputs, 3);
        break;
#endif
    case 2:
        add_products(x, x_step, g, count, sums, inputs, 2);
        break;
    default:
        add_products(x, x_step, g, count, sums, inputs, 1);
    }
}

// Copies `count` channels from `first` on of a row of `view` to pixels of `step` floats; the rest
// of each pixel becomes zero.
static void stage(const GkView *view, size_t n, size_t y, size_t first, size_t count, float *to,
                  size_t step)
{
    for (size_t c = 0; c < count;) {
        const size_t left = gk_cpu_run(view, first + c), run = left < count - c ? left : count - c;
        const float *from = (const float *)view->data + gk_offset(view, n, y, 0, first + c);
        for (size_t x = 0; x < view->w; x++, from += view->stride_x)
            if (run == GK_BLOCK) // a constant size: a few vectors instead of a call
                memcpy(to + x * step + c, from, GK_BLOCK * sizeof *to);
            else
                for (size_t l = 0; l < run; l++)
                    to[x * step + c + l] = from[l];
        c += run;
    }
    for (size_t x = 0; count < step && x < view->w; x++)
        memset(to + x * step + count, 0, (step - count) * sizeof *to);
}

// One row of g and one row of taps.
static void add_row(const GkCpuWeightGradient *job, const float *x, const float *g, size_t inputs,
                    size_t columns, float *sums)
{
    const GkConv2dShape *s = &job->shape;
    for (size_t kx = 0; kx < s->kernel_w; kx++) {
        // Outputs [begin, end) read column ox * stride + shift - pad_left of x.
        const size_t shift = kx * s->dilation, past = job->x.w + s->pad_left;
        const size_t begin =
            shift >= s->pad_left ? 0 : (s->pad_left - shift + s->stride - 1) / s->stride;
        size_t end = past <= shift ? 0 : (past - shift - 1) / s->stride + 1;
        end = end < job->g.w ? end : job->g.w;
        if (begin >= end)
            continue;
        const float *from = x + (begin * s->stride + shift - s->pad_left) * GK_CPU_WEIGHT_INPUTS;
        const size_t step = s->stride * GK_CPU_WEIGHT_INPUTS;
        float *to = sums + kx * GK_CPU_WEIGHT_INPUTS * GROUP;
        for (size_t c = 0; c < inputs; c += INPUTS) {
            // Lanes behind the last input are staged as zero.
            if (inputs - c > INPUTS / 2)
                add_columns(from + c, step, g + begin * GROUP, end - begin, to + c * GROUP, INPUTS,
                            columns);
            else
                add_columns(from + c, step, g + begin * GROUP, end - begin, to + c * GROUP,
                            INPUTS / 2, columns);
        }
    }
}

void V_NAME(gk_cpu_weight_gradient)(const void *data, size_t item, size_t worker)
{
    const GkCpuWeightGradient *job = data;
    const GkConv2dShape *s = &job->shape;
    const size_t column = item % job->n_columns, chunk = item / job->n_columns % job->n_chunks;
    const size_t group = item / job->n_columns / job->n_chunks;
    const size_t o0 = column * GROUP, outputs = job->oc - o0 < GROUP ? job->oc - o0 : GROUP;
    const size_t c0 = chunk * GK_CPU_WEIGHT_INPUTS;
    const size_t inputs = job->ic - c0 < GK_CPU_WEIGHT_INPUTS ? job->ic - c0 : GK_CPU_WEIGHT_INPUTS;
    const size_t columns = (outputs + V_LANES - 1) / V_LANES;
    float *sums = job->scratch + worker * job->scratch_stride;
    float *g_row = sums + job->sums_floats, *x_row = g_row + job->g_floats;
    const size_t tap_row = s->kernel_w * GK_CPU_WEIGHT_INPUTS * GROUP;
    memset(sums, 0, s->kernel_h * tap_row * sizeof *sums);
    for (size_t n = 0; n < job->g.n; n++)
        for (size_t oy = 0; oy < job->g.h; oy++) {
            stage(&job->g, n, oy, group * job->oc + o0, outputs, g_row, GROUP);
            for (size_t ky = 0; ky < s->kernel_h; ky++) {
                const size_t iy = oy * s->stride + ky * s->dilation - s->pad_top; // wraps above
                if (iy >= job->x.h)
                    continue;
                stage(&job->x, n, iy, group * job->ic + c0, inputs, x_row, GK_CPU_WEIGHT_INPUTS);
                add_row(job, x_row, g_row, inputs, columns, sums + ky * tap_row);
            }
        }
    const size_t n_taps = s->kernel_h * s->kernel_w;
    for (size_t o = 0; o < outputs; o++)
        for (size_t c = 0; c < inputs; c++) {
            float *to = job->weight + ((group * job->oc + o0 + o) * job->ic + c0 + c) * n_taps;
            for (size_t tap = 0; tap < n_taps; tap++)
                to[tap] = sums[(tap * GK_CPU_WEIGHT_INPUTS + c) * GROUP + o];
        }
}
