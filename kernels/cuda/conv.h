// SPDX-License-Identifier: LGPL-3.0-or-later
// The ways to compute a convolution, which conv2d.c chooses from.
#ifndef GK_CUDA_CONV_H
#define GK_CUDA_CONV_H

#include "cuda.h"

#ifdef __cplusplus
extern "C" {
#endif

// What follows the sums of products, as kernels take it; see ops/conv2d.h for the order.
typedef struct {
    GkView y, gate, residual[GK_MAX_RESIDUALS];
    bool has_gate;
    unsigned n_residuals;
    unsigned residual_upsample[GK_MAX_RESIDUALS];
    float residual_scale[GK_MAX_RESIDUALS];
    const float *bias; // [O] or NULL
    GkActivationKind activation;
    float slope;
    const float *slopes; // [O] or NULL
    unsigned shuffle, out_channels;
    int *overflow;
} GkCudaEpilogue;

// Our own ways. Each has its own packing of the weight.
typedef enum {
    GK_CUDA_MMA,
    GK_CUDA_DIRECT,
    GK_CUDA_GRADIENT, // of the input
    GK_CUDA_N_WAYS
} GkCudaWay;

// What cuDNN keeps for one convolution; see cudnn_conv.h.
typedef struct GkCudnnState GkCudnnState;

// What is kept for one convolution or gradient.
struct GkPlan {
    void *packed[GK_CUDA_N_WAYS];
    size_t packed_bytes[GK_CUDA_N_WAYS];
    GkCudnnState *cudnn;
    bool cudnn_refused;
};

// Packs a weight, which `args` names.
typedef GkStatus (*GkCudaPack)(GkContext *ctx, const void *args, void *packed);

// Packs the weight for a way unless the plan has it; again where it `changes`.
GkStatus gk_cuda_plan_pack(GkContext *ctx, GkPlan *plan, GkCudaWay way, size_t bytes, bool changes,
                           GkCudaPack pack, const void *args);

// Whether two views are of one type, or one of them is of float32.
static inline bool gk_cuda_types_agree(const GkView *a, const GkView *b)
{
    return a->dtype == b->dtype || a->dtype == GK_F32 || b->dtype == GK_F32;
}

// The type of the factors of a convolution's products: 16 bits where either end has them.
static inline GkDtype gk_cuda_products_dtype(const GkView *x, const GkView *y)
{
    return x->dtype != GK_F32 ? x->dtype : y->dtype;
}

// Width and height of the sums, before the shuffle.
static inline size_t gk_cuda_sums_h(const GkConv2d *args)
{
    return args->y.h / args->shuffle;
}

static inline size_t gk_cuda_sums_w(const GkConv2d *args)
{
    return args->y.w / args->shuffle;
}

GkCudaEpilogue gk_cuda_epilogue(const GkContext *ctx, const GkConv2d *args);

// Finishes sums that lie in memory, channels-last [N][OH][OW][O].
GkStatus gk_cuda_epilogue_run(GkContext *ctx, const GkCudaEpilogue *e, const GkView *sums);

// Implicit matrix product on the tensor cores: stride 1, one group, float16 or bfloat16. Copies x
// to scratch memory where it is float32.
bool gk_cuda_mma_can(const GkContext *ctx, const GkConv2d *args);
size_t gk_cuda_mma_bytes(const GkConv2d *args);
size_t gk_cuda_mma_scratch_bytes(const GkConv2d *args);
GkStatus gk_cuda_mma_pack(GkContext *ctx, const GkConv2d *args, void *packed);
GkStatus gk_cuda_mma_run(GkContext *ctx, const GkConv2d *args, const void *packed);

// The plain sum, for every shape and type.
size_t gk_cuda_direct_bytes(const GkConv2d *args);
GkStatus gk_cuda_direct_pack(GkContext *ctx, const GkConv2d *args, void *packed);
GkStatus gk_cuda_direct_run(GkContext *ctx, const GkConv2d *args, const void *packed);

// Weights as cuDNN takes them: [O][kernel_h][kernel_w][in_c] of the products' type, zero where in_c
// is beyond the convolution's channels.
GkStatus gk_cuda_krsc_pack(GkContext *ctx, const GkConv2d *args, size_t in_c, void *packed);

#ifdef __cplusplus
}
#endif
#endif
