// SPDX-License-Identifier: LGPL-3.0-or-later
// The shape of a matrix product's innermost block: rows of sums that stay in registers.
#ifndef GK_CPU_REGISTER_ROWS_H
#define GK_CPU_REGISTER_ROWS_H

#include "simd.h"

#define MAX_ROWS 12

// The rows that go with `columns` vectors: as many sums as there are registers for.
V_INLINE size_t rows_for(const size_t columns)
{
    if (V_LANES < 16)
        return columns == 1 ? 12 : 6;
    return columns == 4 ? 6 : columns == 3 ? 8 : 12;
}

// CALL(n) with n = rows, 1 to rows_for(columns), as a constant: every count has code of its own.
#define WITH_ROWS(rows, columns, CALL)                                                             \
    switch (rows) {                                                                                \
        ROWS_CASE(1, columns, CALL)                                                                \
        ROWS_CASE(2, columns, CALL)                                                                \
        ROWS_CASE(3, columns, CALL)                                                                \
        ROWS_CASE(4, columns, CALL)                                                                \
        ROWS_CASE(5, columns, CALL)                                                                \
        ROWS_CASE(6, columns, CALL)                                                                \
        ROWS_CASE(7, columns, CALL)                                                                \
        ROWS_CASE(8, columns, CALL)                                                                \
        ROWS_CASE(9, columns, CALL)                                                                \
        ROWS_CASE(10, columns, CALL)                                                               \
        ROWS_CASE(11, columns, CALL)                                                               \
        ROWS_CASE(12, columns, CALL)                                                               \
    }
#define ROWS_CASE(n, columns, CALL)                                                                \
    case n:                                                                                        \
        if (n <= rows_for(columns))                                                                \
            CALL(n);                                                                               \
        break;

#endif
