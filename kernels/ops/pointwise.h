// SPDX-License-Identifier: LGPL-3.0-or-later
// Sums, products and per-channel scaling of activations of equal shape.
#ifndef GK_OPS_POINTWISE_H
#define GK_OPS_POINTWISE_H

#include "gk.h"

// y = alpha * a + beta * b. y may be a or b.
struct GkAdd {
    GkView a, b, y;
    float alpha, beta;
};

// y = a * b. y may be a or b.
struct GkMultiply {
    GkView a, b, y;
};

// y[c] = scale[c] * x[c] + shift[c]. y may be x.
struct GkAffine {
    GkView x, y;
    const void *scale, *shift; // [C] each, in the views' dtype
};

#endif
