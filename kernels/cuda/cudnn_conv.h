// SPDX-License-Identifier: LGPL-3.0-or-later
// Convolutions by cuDNN, which is opened at run time: without it the backend has its own kernels.
#ifndef GK_CUDA_CUDNN_CONV_H
#define GK_CUDA_CUDNN_CONV_H

#include "conv_gradient.h"

#ifdef __cplusplus
extern "C" {
#endif

// Opens cuDNN for the context's device. Returns NULL when it is not here; `reason` holds its
// version, or why not.
GkCudnn *gk_cudnn_open(GkContext *ctx, char *reason, size_t reason_bytes);
void gk_cudnn_close(GkCudnn *cudnn); // accepts NULL

// Frees what is kept for one convolution or gradient: a plan of cuDNN for each shape it met,
// and packed weights.
void gk_cudnn_state_free(GkContext *ctx, GkCudnnState *state); // accepts NULL

// Runs a convolution.
// Errors:  GK_ERROR_UNSUPPORTED: cuDNN has no engine for it.
GkStatus gk_cudnn_run(GkContext *ctx, const GkConv2d *args, GkCudnnState **state);

// What it needs; cuDNN's own working memory, at most GK_CUDNN_WORKSPACE, is not counted.
void gk_cudnn_cost(const GkConv2d *args, size_t *packed_bytes, size_t *scratch_bytes);

// The same for the two gradients. On failure their results may be half written.
GkStatus gk_cudnn_input_gradient(GkContext *ctx, const GkConv2dInputGradient *args,
                                 GkCudnnState **state);
GkStatus gk_cudnn_weight_gradient(GkContext *ctx, const GkConv2dWeightGradient *args,
                                  GkCudnnState **state);
void gk_cudnn_input_gradient_cost(const GkConv2dInputGradient *args, size_t *packed_bytes,
                                  size_t *scratch_bytes);
void gk_cudnn_weight_gradient_cost(const GkConv2dWeightGradient *args, size_t *scratch_bytes);

enum { GK_CUDNN_WORKSPACE = 256 << 20 };

#ifdef __cplusplus
}
#endif
#endif
