// SPDX-License-Identifier: LGPL-3.0-or-later
// Two-dimensional convolution (cross-correlation, as in PyTorch's Conv2d) with a fused epilogue.
#ifndef GK_OPS_CONV2D_H
#define GK_OPS_CONV2D_H

#include "ops/activation.h"
#include "ops/pad.h"

// One summand of the epilogue: v = scale * v + r, with r read at (y / upsample, x / upsample).
typedef struct {
    GkView r;        // N, H / upsample, W / upsample, C of y
    float scale;     // of the value so far
    size_t upsample; // nearest-neighbour factor of r, >= 1
} GkResidual;

#define GK_MAX_RESIDUALS 2

//   v[n,o,oy,ox] = bias[o] + sum_{c,ky,kx} weight[o,c,ky,kx] *
//                  X[n, c, oy*stride + ky*dilation - pad_top, ox*stride + kx*dilation - pad_left]
// where X is x with each pixel repeated upsample x upsample times, and beyond its edges what
// pad_mode says (of X, not of x: a mirror lies on the centre of a repeated pixel). Then, in this
// order:
//   v = activation(v)
//   (o, oy, ox) -> pixel shuffle: o = (c*r + dy)*r + dx goes to (c, oy*r + dy, ox*r + dx),
//                  r = shuffle
//   v = (v + g) * (sigmoid(v) - 1/2)   if gate is set (SPAN's attention), g = gate at that place
//   v = residual[i].scale * v + residual[i].r   for each i in order
//   y = v
// Shape:   x N H W C; y N OH*shuffle OW*shuffle O/(shuffle*shuffle); weight
//          [O][C/groups][kernel_h][kernel_w]. OH and OW are given by y, and with them the padding
//          at the bottom and on the right.
// With a transposed_kernel k the weights are those of a transposed convolution by r with k x k taps:
// weight[(c*r + dy)*r + dx, ., ky, kx] is 0 where dy + transposed_pad - r*(ky - kernel_h/2), its
// place in that kernel, or the same of x is not in 0..k-1. These taps need not be computed.
// Alias:   gate and residuals with upsample == 1 may be y itself; x and y must not overlap.
// The two operations of ops/conv2d_gradient.h know zeros beyond the edges only. For another
// pad_mode a graph composes the gradients of GkPad and of a convolution without padding.
struct GkConv2d {
    GkView x, y;
    // Dense, in the views' dtype; may be read at every call or packed at the first.
    const void *weight;
    const void *bias;   // [O] or NULL
    int weight_changes; // weight, bias and slopes may differ from call to call with one plan
    size_t out_channels;
    size_t kernel_h, kernel_w;
    size_t stride, dilation, groups; // >= 1
    size_t pad_top, pad_left;
    GkPadMode pad_mode;
    size_t upsample; // >= 1
    GkActivation activation;
    size_t shuffle;                           // >= 1
    size_t transposed_kernel, transposed_pad; // 0: any weights
    const GkView *gate;
    GkResidual residual[GK_MAX_RESIDUALS];
    size_t n_residuals;
};

#endif
