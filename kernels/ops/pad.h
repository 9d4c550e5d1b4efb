// SPDX-License-Identifier: LGPL-3.0-or-later
// Padding in height and width.
#ifndef GK_OPS_PAD_H
#define GK_OPS_PAD_H

#include "gk.h"

typedef enum {
    GK_PAD_ZERO,
    GK_PAD_REPLICATE, // the edge pixel again
    // Mirrored at the edge pixel's centre; folds back and forth when the image is smaller.
    GK_PAD_REFLECT,
    GK_PAD_CIRCULAR, // the image again and again, side by side
} GkPadMode;

// y[oy, ox] = x[oy - top, ox - left], and outside x as `mode` says. The size of y tells the padding
// at the bottom and on the right. GK_PAD_REFLECT of a 1-pixel image replicates. No overlap.
struct GkPad {
    GkView x, y;
    size_t top, left;
    GkPadMode mode;
};

// x[i] = sum of y over all of its pixels that show pixel i of x in GkPad: the gradient of padding.
struct GkPadGradient {
    GkView y, x;
    size_t top, left;
    GkPadMode mode;
};

#endif
