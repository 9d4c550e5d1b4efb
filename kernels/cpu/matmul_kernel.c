// SPDX-License-Identifier: LGPL-3.0-or-later
// Products of matrices: a block of rows times a vector or more of columns in registers.
#include "isa.h"

#define ROWS 6

V_INLINE void block(const GkCpuMatmul *op, size_t first, size_t column, const size_t rows,
                    const size_t columns)
{
    Vec sum[ROWS][V_COLUMNS];
#pragma GCC unroll 6
    for (size_t r = 0; r < rows; r++)
#pragma GCC unroll 4
        for (size_t k = 0; k < columns; k++)
            sum[r][k] = v_zero();
    const float *a = op->a + first * op->a_row, *b = op->b + column;
    for (size_t i = 0; i < op->inner; i++, a += op->a_column, b += op->b_row) {
        Vec v[V_COLUMNS];
#pragma GCC unroll 4
        for (size_t k = 0; k < columns; k++)
            v[k] = v_load(b + k * V_LANES);
#pragma GCC unroll 6
        for (size_t r = 0; r < rows; r++) {
            const Vec value = v_set1(a[r * op->a_row]);
#pragma GCC unroll 4
            for (size_t k = 0; k < columns; k++)
                sum[r][k] = v_fma(value, v[k], sum[r][k]);
        }
    }
#pragma GCC unroll 6
    for (size_t r = 0; r < rows; r++)
#pragma GCC unroll 4
        for (size_t k = 0; k < columns; k++) {
            const size_t at = column + k * V_LANES;
            const size_t left = op->columns > at ? op->columns - at : 0;
            float *to = op->y + (first + r) * op->y_row + at;
            if (left >= V_LANES)
                v_store(to, sum[r][k]);
            else if (left > 0)
                v_store_n(to, sum[r][k], left);
        }
}

void V_NAME(gk_cpu_matmul)(const GkCpuMatmul *op)
{
    for (size_t column = 0; column < op->columns;) {
        const bool wide = op->columns - column > V_LANES;
        size_t first = 0;
        for (; first + ROWS <= op->rows; first += ROWS)
            if (wide)
                block(op, first, column, ROWS, V_COLUMNS);
            else
                block(op, first, column, ROWS, 1);
        for (; first < op->rows; first++)
            if (wide)
                block(op, first, column, 1, V_COLUMNS);
            else
                block(op, first, column, 1, 1);
        column += wide ? V_LANES * V_COLUMNS : V_LANES;
    }
}
