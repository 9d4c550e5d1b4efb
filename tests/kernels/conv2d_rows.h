// SPDX-License-Identifier: LGPL-3.0-or-later
// Rows of the convolution's shape table that try one attribute each.
#ifndef CONV2D_ROWS_H
#define CONV2D_ROWS_H

#include "check.h"

// Relations of the gate and the residuals to y.
typedef enum { ABSENT, APART, IS_Y } Conv2dExtra;

// How x, y and the first residual lie in memory.
typedef enum {
    OWN_BUFFERS,
    DENSE_GROW, // RRDB's dense block: y is the channels right after x, in one buffer of `whole`
    DENSE_OUT,  // its end: x is all of the buffer, the first residual the first O channels of it
    CROPPED,    // x is a rectangle of a larger buffer, 3 pixels from each edge
    NHWC_ENDS,  // x and y are channels-last whatever the plan's layout is
    NHWC_X,     // only x is
    NHWC_Y,     // only y is
} Conv2dPlacement;

// 0 stands for the usual value: n 1, kernel 3x3, stride, dilation, groups, upsample and shuffle 1,
// padding that keeps the size.
typedef struct {
    size_t c, o, h, w;
    size_t n;
    size_t kh, kw;
    size_t stride, dilation, groups, upsample, shuffle;
    size_t transposed_kernel, transposed_pad;
    gboolean
        own_pad; // the next four count: padding above and left, and y's size before the shuffle
    size_t top, left, oh, ow;
    GkPadMode pad_mode;
    GkActivationKind activation;
    float slope;
    Conv2dExtra gate;
    Conv2dExtra residual[GK_MAX_RESIDUALS];
    float scale[GK_MAX_RESIDUALS];
    size_t residual_upsample[GK_MAX_RESIDUALS];
    Conv2dPlacement placement;
    size_t whole;
    gboolean no_bias;
    gboolean bench_only;
} Conv2dRow;

extern const Conv2dRow conv2d_rows[];
extern const size_t n_conv2d_rows;

#endif
