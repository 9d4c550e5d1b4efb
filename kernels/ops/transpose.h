// SPDX-License-Identifier: LGPL-3.0-or-later
// Exchange of axes.
#ifndef GK_OPS_TRANSPOSE_H
#define GK_OPS_TRANSPOSE_H

#include "gk.h"

// Axis i of y is axis axes[i] of x; axes are counted 0 to 3 for N, H, W, C. No overlap.
struct GkTranspose {
    GkView x, y;
    unsigned axes[4];
};

#endif
