// SPDX-License-Identifier: LGPL-3.0-or-later
// The matrix products of winograd.c, one frequency at a time.
#ifndef GK_CPU_WINOGRAD_MULTIPLY_H
#define GK_CPU_WINOGRAD_MULTIPLY_H

#include "ahead.h"
#include "register_rows.h"

// c[rows][columns] = v[rows][ic] u[ic][columns], columns counted in vectors. Meanwhile fetches one
// line of `ahead` for each input channel.
V_INLINE void multiply(const float *u, const float *v, size_t v_stride, float *c, size_t c_stride,
                       size_t ic, const size_t rows, const size_t columns, Ahead *ahead)
{
    Vec sum[MAX_ROWS][V_COLUMNS];
#pragma GCC unroll 12
    for (size_t r = 0; r < rows; r++)
#pragma GCC unroll 4
        for (size_t k = 0; k < columns; k++)
            sum[r][k] = v_zero();
    for (size_t left = ic; left;) {
        const char *fetch = ahead->next < ahead->n ? ahead->at[ahead->next++] : (const char *)u;
        const size_t n = left < AHEAD_LINES ? left : AHEAD_LINES;
        left -= n;
        for (const float *end = v + n; v < end; v++, u += columns * V_LANES) {
            Vec b[V_COLUMNS];
            __builtin_prefetch(fetch, 0, 2);
            fetch += LINE_BYTES;
#pragma GCC unroll 4
            for (size_t k = 0; k < columns; k++)
                b[k] = v_load(u + k * V_LANES);
#pragma GCC unroll 12
            for (size_t r = 0; r < rows; r++) {
                const Vec a = v_set1(v[r * v_stride]);
#pragma GCC unroll 4
                for (size_t k = 0; k < columns; k++)
                    sum[r][k] = v_fma(a, b[k], sum[r][k]);
            }
        }
    }
#pragma GCC unroll 12
    for (size_t r = 0; r < rows; r++)
#pragma GCC unroll 4
        for (size_t k = 0; k < columns; k++)
            v_store(c + r * c_stride + k * V_LANES, sum[r][k]);
}

// multiply() for 1 to rows_for(columns) rows. Every count has its own code, so that a block of
// tiles needs no special size.
V_INLINE void multiply_rows(const float *u, const float *v, size_t v_stride, float *c,
                            size_t c_stride, size_t ic, size_t rows, const size_t columns,
                            Ahead *ahead)
{
#define MULTIPLY(n) multiply(u, v, v_stride, c, c_stride, ic, n, columns, ahead)
    WITH_ROWS(rows, columns, MULTIPLY)
#undef MULTIPLY
}

static void multiply_group(const float *u, const float *v, size_t v_stride, float *c,
                           size_t c_stride, size_t ic, size_t rows, size_t columns, Ahead *ahead)
{
    switch (columns) {
#if V_COLUMNS == 4
    case 4:
        multiply_rows(u, v, v_stride, c, c_stride, ic, rows, 4, ahead);
        break;
    case 3:
        multiply_rows(u, v, v_stride, c, c_stride, ic, rows, 3, ahead);
        break;
#endif
    case 2:
        multiply_rows(u, v, v_stride, c, c_stride, ic, rows, 2, ahead);
        break;
    default:
        multiply_rows(u, v, v_stride, c, c_stride, ic, rows, 1, ahead);
    }
}

#endif
