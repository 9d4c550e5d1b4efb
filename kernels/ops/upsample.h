// SPDX-License-Identifier: LGPL-3.0-or-later
// Enlarging by a whole factor.
#ifndef GK_OPS_UPSAMPLE_H
#define GK_OPS_UPSAMPLE_H

#include "gk.h"

// upsample_nearest:  y[oy, ox] = x[oy / f, ox / f]
// upsample_bilinear: PyTorch's interpolate(mode='bilinear', align_corners=False): the source
//                    coordinate is max(0, (o + 1/2)/f - 1/2); the right and lower neighbours are
//                    clamped to the edge.
// Shape:   y is f times as high and wide as x.
// Alias:   none.
struct GkUpsample {
    GkView x, y;
    size_t factor; // f >= 1
};

// upsample_bilinear_gradient: x[i] = sum over o of y[o] times the weight that x[i] has in
//                    upsample_bilinear's y[o]. Shapes as there.
struct GkUpsampleGradient {
    GkView y, x;
    size_t factor;
};

#endif
