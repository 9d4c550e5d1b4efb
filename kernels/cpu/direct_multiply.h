// SPDX-License-Identifier: LGPL-3.0-or-later
// The sums of products in direct.c: vectors of output channels, inputs broadcast, and as
// many pixels times channels as there are registers for sums.
#ifndef GK_CPU_DIRECT_MULTIPLY_H
#define GK_CPU_DIRECT_MULTIPLY_H

#include "ahead.h"
#include "register_rows.h"

#include <stdbool.h>

#define GROUP (V_LANES * V_COLUMNS)
// Bytes of weights that all pixels of an item meet before the next ones: they stay in the
// second-level cache.
#define PIECE_BYTES ((size_t)256 << 10)

// How a convolution walks over staged pixels: runs of `length` neighbouring inputs, n_x of them in
// a row of taps, n_y rows of taps.
typedef struct {
    size_t n_y, n_x;
    size_t row_step, x_step;
    size_t length;
    size_t pixel_step; // from one output's first input to the next one's
} Taps;

// Taps of a row without gaps between them are one run.
V_INLINE Taps taps_of(size_t kernel_h, size_t kernel_w, size_t row_floats, size_t tap_step,
                      size_t inputs, size_t pixel_step)
{
    const bool dense = tap_step == inputs;
    return (Taps){.n_y = kernel_h,
                  .n_x = dense ? 1 : kernel_w,
                  .row_step = row_floats,
                  .x_step = tap_step,
                  .length = dense ? kernel_w * inputs : inputs,
                  .pixel_step = pixel_step};
}

// Adds the products of n inputs and their weights; fetches a line for each of them.
V_INLINE void multiply_inputs(const float *a, size_t pixel_step, const float *weight, size_t n,
                              const char *fetch, const bool fetches, Vec (*sum)[V_COLUMNS],
                              const size_t pixels, const size_t columns)
{
    for (const float *end = a + n; a < end; a++, weight += columns * V_LANES) {
        Vec b[V_COLUMNS];
        if (fetches) {
            __builtin_prefetch(fetch, 0, 2);
            fetch += LINE_BYTES;
        }
#pragma GCC unroll 4
        for (size_t k = 0; k < columns; k++)
            b[k] = v_load(weight + k * V_LANES);
#pragma GCC unroll 12
        for (size_t p = 0; p < pixels; p++) {
            const Vec value = v_set1(a[p * pixel_step]);
#pragma GCC unroll 4
            for (size_t k = 0; k < columns; k++)
                sum[p][k] = v_fma(value, b[k], sum[p][k]);
        }
    }
}

// The runs [first, past) for outputs whose first input is at `in`, added to sums[pixels][GROUP] if
// `add`. Weights: [run][input][columns]. Meanwhile fetches one line of `ahead` for each input.
V_INLINE void multiply_pixels(const Taps *taps, const float *in, const float *weight, size_t first,
                              size_t past, const bool add, float *sums, const size_t pixels,
                              const size_t columns, Ahead *ahead)
{
    const size_t pixel_step = taps->pixel_step;
    Vec sum[MAX_ROWS][V_COLUMNS];
#pragma GCC unroll 12
    for (size_t p = 0; p < pixels; p++)
#pragma GCC unroll 4
        for (size_t k = 0; k < columns; k++)
            sum[p][k] = add ? v_load(sums + p * GROUP + k * V_LANES) : v_zero();
    weight += first * taps->length * columns * V_LANES;
    for (size_t run = first; run < past; run++) {
        const float *a = in + run / taps->n_x * taps->row_step + run % taps->n_x * taps->x_step;
        size_t left = taps->length;
        for (; left >= AHEAD_LINES && ahead->next < ahead->n; left -= AHEAD_LINES) {
            multiply_inputs(a, pixel_step, weight, AHEAD_LINES, ahead->at[ahead->next++], true, sum,
                            pixels, columns);
            a += AHEAD_LINES;
            weight += AHEAD_LINES * columns * V_LANES;
        }
        multiply_inputs(a, pixel_step, weight, left, NULL, false, sum, pixels, columns);
        weight += left * columns * V_LANES;
    }
#pragma GCC unroll 12
    for (size_t p = 0; p < pixels; p++)
#pragma GCC unroll 4
        for (size_t k = 0; k < columns; k++)
            v_store(sums + p * GROUP + k * V_LANES, sum[p][k]);
}

// multiply_pixels() for 1 to rows_for(columns) pixels, each count with code of its own.
V_INLINE void multiply_some(const Taps *taps, const float *in, const float *weight, size_t first,
                            size_t past, bool add, float *sums, size_t pixels, const size_t columns,
                            Ahead *ahead)
{
#define MULTIPLY(n) multiply_pixels(taps, in, weight, first, past, add, sums, n, columns, ahead)
    WITH_ROWS(pixels, columns, MULTIPLY)
#undef MULTIPLY
}

static void multiply_columns(const Taps *taps, const float *in, const float *weight, size_t first,
                             size_t past, bool add, float *sums, size_t pixels, size_t columns,
                             Ahead *ahead)
{
    switch (columns) {
#if V_COLUMNS == 4
    case 4:
        multiply_some(taps, in, weight, first, past, add, sums, pixels, 4, ahead);
        break;
    case 3:
        multiply_some(taps, in, weight, first, past, add, sums, pixels, 3, ahead);
        break;
#endif
    case 2:
        multiply_some(taps, in, weight, first, past, add, sums, pixels, 2, ahead);
        break;
    default:
        multiply_some(taps, in, weight, first, past, add, sums, pixels, 1, ahead);
    }
}

#endif
