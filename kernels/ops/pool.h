// SPDX-License-Identifier: LGPL-3.0-or-later
// Pooling over windows, and its gradients.
#ifndef GK_OPS_POOL_H
#define GK_OPS_POOL_H

#include "gk.h"

// The window of pixel (oy, ox) is the part inside the picture of the rows oy*stride - pad_top ..
// + kernel_h - 1 and the columns ox*stride - pad_left .. + kernel_w - 1.
typedef struct {
    size_t kernel_h, kernel_w;
    size_t stride; // >= 1
    size_t pad_top, pad_left;
    double scale; // of the sum of a window; 0: one divided by the number of pixels in the window
} GkPoolShape;

// average_pool:          small[o] = scale * sum of large over the window of o
// average_pool_gradient: large[i] = sum of scale * small[o] over all o whose window holds i
// An empty window gives 0.
// Alias:   none.
struct GkAveragePool {
    GkView large, small;
    GkPoolShape shape;
};

// m[o] is the first maximum of x in the window of o, row by row, for each channel.
// max_pool:          small[o] = large[m[o]]; large is x for the maximum itself
// max_pool_gradient: large[i] = sum of small[o] over all o with m[o] = i
// Each window holds a pixel.
// Shape:   large and x are equal.
// Alias:   none, but large may be x in max_pool.
struct GkMaxPool {
    GkView x, large, small;
    GkPoolShape shape; // without scale
};

#endif
