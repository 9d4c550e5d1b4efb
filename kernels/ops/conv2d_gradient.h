// SPDX-License-Identifier: LGPL-3.0-or-later
// The two gradients of a convolution: what a loss's gradient at its output means for its input and
// for its weight. Each is linear in both operands, and their gradients are convolutions again.
#ifndef GK_OPS_CONV2D_GRADIENT_H
#define GK_OPS_CONV2D_GRADIENT_H

#include "ops/activation.h"

// The convolution that both belong to; see ops/conv2d.h, without upsampling and epilogue, and with
// zeros beyond the edges:
//   g[n,o,oy,ox] = sum_{c,ky,kx} weight[o,c,ky,kx] * X[n, c, oy*stride + ky*dilation - pad_top,
//                                                            ox*stride + kx*dilation - pad_left]
// Shape:   x N H W C; g N OH OW O; weight [O][C/groups][kernel_h][kernel_w], dense, in the
//          backend's dtype. Any OH and OW: what they read outside of x is zero and has no gradient.
typedef struct {
    size_t kernel_h, kernel_w;
    size_t stride, dilation, groups; // >= 1
    size_t pad_top, pad_left;
} GkConv2dShape;

// conv2d_input_gradient:
//   x[n,c,iy,ix] = sum of weight[o,c,ky,kx] * g[n,o,oy,ox] over all o, ky, kx, oy and ox with
//                  iy = oy*stride + ky*dilation - pad_top, ix = ox*stride + kx*dilation - pad_left
// PyTorch's ConvTranspose2d is this operation with the same weight; the size of x tells the output
// padding. For it x = activation(bias[c] + the sum); a gradient has neither.
// Alias:   none; x and g must not overlap.
struct GkConv2dInputGradient {
    GkView g, x;
    const void *weight;
    GkConv2dShape shape;
    int weight_changes; // weight, bias and slopes may differ from call to call with one plan
    const void *bias;   // [C] or NULL
    GkActivation activation;
};

// conv2d_weight_gradient:
//   weight[o,c,ky,kx] = sum_{n,oy,ox} g[n,o,oy,ox] *
//                  X[n, c, oy*stride + ky*dilation - pad_top, ox*stride + kx*dilation - pad_left]
// The order of the sums depends on the shapes only, not on the number of threads: equal inputs
// give equal bits.
struct GkConv2dWeightGradient {
    GkView x, g;
    void *weight;
    GkConv2dShape shape;
};

#endif
