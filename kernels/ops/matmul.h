// SPDX-License-Identifier: LGPL-3.0-or-later
// Products of matrices.
#ifndef GK_OPS_MATMUL_H
#define GK_OPS_MATMUL_H

#include "gk.h"

// y[n] = A[n] B[n] for each n, with A = a or its transpose, B = b or its transpose. A matrix is a
// dense channels-last image of height 1: W rows, C columns. No overlap. Sums as in ops/reduce.h.
struct GkMatmul {
    GkView a, b, y;
    int transpose_a, transpose_b;
};

#endif
