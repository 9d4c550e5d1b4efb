// SPDX-License-Identifier: LGPL-3.0-or-later
// The ways to compute a convolution's gradients, which conv2d_gradient.c chooses from.
#ifndef GK_CUDA_CONV_GRADIENT_H
#define GK_CUDA_CONV_GRADIENT_H

#include "conv.h"
#include "ops/conv2d_gradient.h"

#ifdef __cplusplus
extern "C" {
#endif

// Our own kernel for every shape and type; the weight is packed for it.
size_t gk_cuda_input_gradient_bytes(const GkConv2dInputGradient *args);
GkStatus gk_cuda_input_gradient_pack(GkContext *ctx, const GkConv2dInputGradient *args,
                                     void *packed);
GkStatus gk_cuda_input_gradient_run(GkContext *ctx, const GkConv2dInputGradient *args,
                                    const void *packed);

// Bias and activation over sums that lie in x.
GkStatus gk_cuda_input_gradient_end(GkContext *ctx, const GkConv2dInputGradient *args);

// The weight [O][C][kernel_h][kernel_w] with its taps turned, as [C][O][kernel_h][kernel_w]: with
// stride 1 the input gradient is g's convolution with it.
GkStatus gk_cuda_turn(GkContext *ctx, const GkConv2dInputGradient *args, float *turned);

// Our own kernel for every shape and type, and the scratch memory that it takes.
size_t gk_cuda_weight_gradient_bytes(const GkConv2dWeightGradient *args);
GkStatus gk_cuda_weight_gradient_run(GkContext *ctx, const GkConv2dWeightGradient *args);

// Writes the weight gradient from cuDNN's order, [O][kernel_h][kernel_w][in_c] of
// the products' type.
GkStatus gk_cuda_krsc_unpack(GkContext *ctx, const GkConv2dWeightGradient *args, const void *krsc,
                             size_t in_c);

#ifdef __cplusplus
}
#endif
#endif
