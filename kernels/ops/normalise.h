// SPDX-License-Identifier: LGPL-3.0-or-later
// The second half of batch, instance, group and layer norm: what is done with the moments.
#ifndef GK_OPS_NORMALISE_H
#define GK_OPS_NORMALISE_H

#include "ops/activation.h"

//   v = (x[n,c] - mean[n,g]) / sqrt(variance[n,g] + epsilon) * weight[n,c] + bias[n,c]
//   y = activation(v) + r
// with the moments as ops/moments.h has them, g the group of channel c, and r = residual at that
// place, 0 where it is absent. They may be of another picture than x, such as the whole one that x
// is a part of.
// Shape:   x, y and residual N H W C; moments N or 1, 1, 1, 2 G; weight and bias N or 1, 1, 1, C.
//          With one image the moments, the weight or the bias are those of all images.
// Alias:   y may be x, and residual may be x or y.
struct GkNormalise {
    GkView x, y, moments;
    const GkView *weight, *bias; // NULL: ones, zeros
    const GkView *residual;      // or NULL
    double epsilon;              // > 0
    GkActivation activation;
};

#endif
