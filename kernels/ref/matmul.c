// SPDX-License-Identifier: LGPL-3.0-or-later
// Reference: products of matrices.
#include "real.h"

#include <assert.h>

static double at(const GkView *m, int transpose, size_t n, size_t row, size_t column)
{
    return transpose ? real_get(m, n, 0, column, row) : real_get(m, n, 0, row, column);
}

GkStatus GK_REF(matmul)(GkContext *ctx, const GkMatmul *args)
{
    const GkView *a = &args->a, *b = &args->b, *y = &args->y;
    if (!real_is_dtype_of(a) || !real_is_dtype_of(b) || !real_is_dtype_of(y))
        return GK_ERROR_UNSUPPORTED;
    const size_t length = args->transpose_a ? a->w : a->c;
    assert(a->n == y->n && b->n == y->n && a->h == 1 && b->h == 1 && y->h == 1);
    assert(y->w == (args->transpose_a ? a->c : a->w) && y->c == (args->transpose_b ? b->w : b->c));
    assert(length == (args->transpose_b ? b->c : b->w));
    for (size_t n = 0; n < y->n; n++)
        for (size_t i = 0; i < y->w; i++)
            for (size_t k = 0; k < y->c; k++) {
                double sum = 0;
                for (size_t j = 0; j < length; j++)
                    sum += at(a, args->transpose_a, n, i, j) * at(b, args->transpose_b, n, j, k);
                real_set(y, n, 0, i, k, sum);
            }
    return GK_OK;
}
