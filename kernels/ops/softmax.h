// SPDX-License-Identifier: LGPL-3.0-or-later
// Softmax: shares that are positive and sum up to 1.
#ifndef GK_OPS_SOFTMAX_H
#define GK_OPS_SOFTMAX_H

#include "gk.h"

typedef enum {
    GK_SOFTMAX_C, // over the channels of a pixel, which are the columns of a matrix
    GK_SOFTMAX_W, // over the pixels of a row, which are the rows of a matrix
} GkSoftmaxAxis;

// y = exp(x - m) / sum of exp(x - m) over the axis, with m the largest x there. Shapes
// equal. y may be x.
struct GkSoftmax {
    GkView x, y;
    GkSoftmaxAxis axis;
};

#endif
