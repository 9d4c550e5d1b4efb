// SPDX-License-Identifier: LGPL-3.0-or-later
// Gradients of a convolution: which of the ways computes one.
//
// cuDNN comes first where it is: our own kernels for gradients are plain products in float32
// without tensor cores, except where the input gradient of 16-bit types is our own convolution.
#include "conv_gradient.h"
#include "cudnn_conv.h"

#include <stdlib.h>

// Channels-last views whose types agree, and coordinates that an int holds.
static bool is_supported(const GkView *x, const GkView *g, const GkConv2dShape *s)
{
    const size_t most = 1u << 30;
    return gk_cuda_is_view(x) && gk_cuda_is_view(g) && gk_cuda_types_agree(x, g) && s->stride &&
           s->dilation && s->groups && s->kernel_h && s->kernel_w && x->n == g->n &&
           x->c % s->groups == 0 && g->c % s->groups == 0 && x->h < most && x->w < most &&
           g->h < most / s->stride && g->w < most / s->stride && s->pad_top < most &&
           s->pad_left < most && s->kernel_h < most / s->dilation &&
           s->kernel_w < most / s->dilation;
}

static double flops_of(const GkView *x, const GkView *g, const GkConv2dShape *s)
{
    const double n_weights =
        (double)g->c * (double)(x->c / s->groups) * (double)s->kernel_h * (double)s->kernel_w;
    return 2 * (double)g->n * (double)g->h * (double)g->w * n_weights;
}

static bool make_plan(GkPlan **plan)
{
    if (*plan == NULL)
        *plan = calloc(1, sizeof **plan);
    return *plan != NULL;
}

// --- input gradient ---

// With stride 1 the input gradient is g's convolution with the turned weight.
static GkConv2d turned(const GkConv2dInputGradient *args)
{
    const GkConv2dShape *s = &args->shape;
    return (GkConv2d){.x = args->g,
                      .y = args->x,
                      .out_channels = args->x.c,
                      .kernel_h = s->kernel_h,
                      .kernel_w = s->kernel_w,
                      .stride = 1,
                      .dilation = s->dilation,
                      .groups = 1,
                      .pad_top = (s->kernel_h - 1) * s->dilation - s->pad_top,
                      .pad_left = (s->kernel_w - 1) * s->dilation - s->pad_left,
                      .upsample = 1,
                      .bias = args->bias,
                      .activation = args->activation,
                      .shuffle = 1};
}

// Whether our convolution on the tensor cores computes it.
static bool mma_can(const GkContext *ctx, const GkConv2dInputGradient *args)
{
    const GkConv2dShape *s = &args->shape;
    if (s->stride != 1 || s->groups != 1 || s->pad_top > (s->kernel_h - 1) * s->dilation ||
        s->pad_left > (s->kernel_w - 1) * s->dilation)
        return false;
    const GkConv2d conv = turned(args);
    return gk_cuda_mma_can(ctx, &conv);
}

// Bytes of the turned weight, from which the convolution packs its own.
static size_t turned_bytes(const GkConv2dInputGradient *args)
{
    return args->g.c * args->x.c * args->shape.kernel_h * args->shape.kernel_w * sizeof(float);
}

static GkStatus pack_turned(GkContext *ctx, const void *data, void *packed)
{
    const GkConv2dInputGradient *args = data;
    GkConv2d conv = turned(args);
    float *weight = gk_cuda_scratch(ctx, turned_bytes(args));
    if (weight == NULL)
        return GK_ERROR_MEMORY;
    conv.weight = weight;
    const GkStatus status = gk_cuda_turn(ctx, args, weight);
    return status == GK_OK ? gk_cuda_mma_pack(ctx, &conv, packed) : status;
}

static GkStatus run_mma(GkContext *ctx, const GkConv2dInputGradient *args, GkPlan *plan)
{
    const GkConv2d conv = turned(args);
    const GkStatus status = gk_cuda_plan_pack(ctx, plan, GK_CUDA_MMA, gk_cuda_mma_bytes(&conv),
                                              args->weight_changes != 0, pack_turned, args);
    return status == GK_OK ? gk_cuda_mma_run(ctx, &conv, plan->packed[GK_CUDA_MMA]) : status;
}

static GkStatus pack_gathered(GkContext *ctx, const void *args, void *packed)
{
    return gk_cuda_input_gradient_pack(ctx, args, packed);
}

static GkStatus run_gathered(GkContext *ctx, const GkConv2dInputGradient *args, GkPlan *plan)
{
    const GkStatus status =
        gk_cuda_plan_pack(ctx, plan, GK_CUDA_GRADIENT, gk_cuda_input_gradient_bytes(args),
                          args->weight_changes != 0, pack_gathered, args);
    return status == GK_OK ? gk_cuda_input_gradient_run(ctx, args, plan->packed[GK_CUDA_GRADIENT])
                           : status;
}

static bool prefers_cudnn(const GkContext *ctx, const GkConv2dInputGradient *args)
{
    return ctx->cudnn != NULL && !(ctx->own_first && mma_can(ctx, args));
}

static bool has_end(const GkConv2dInputGradient *args)
{
    return args->bias != NULL || args->activation.kind != GK_ACT_NONE;
}

GkStatus gk_cuda_conv2d_input_gradient(GkContext *ctx, const GkConv2dInputGradient *args,
                                       GkPlan **plan)
{
    if (!is_supported(&args->x, &args->g, &args->shape))
        return GK_ERROR_UNSUPPORTED;
    if (!make_plan(plan))
        return GK_ERROR_MEMORY;
    if (prefers_cudnn(ctx, args) && !(*plan)->cudnn_refused) {
        if (gk_cudnn_input_gradient(ctx, args, &(*plan)->cudnn) == GK_OK)
            return has_end(args) ? gk_cuda_input_gradient_end(ctx, args) : GK_OK;
        (*plan)->cudnn_refused = true;
    }
    return mma_can(ctx, args) ? run_mma(ctx, args, *plan) : run_gathered(ctx, args, *plan);
}

GkStatus gk_cuda_conv2d_input_gradient_cost(GkContext *ctx, const GkConv2dInputGradient *args,
                                            GkCost *cost)
{
    if (!is_supported(&args->x, &args->g, &args->shape))
        return GK_ERROR_UNSUPPORTED;
    *cost = (GkCost){.flops = flops_of(&args->x, &args->g, &args->shape)};
    if (prefers_cudnn(ctx, args)) {
        gk_cudnn_input_gradient_cost(args, &cost->packed_bytes, &cost->scratch_bytes);
    } else if (mma_can(ctx, args)) {
        const GkConv2d conv = turned(args);
        cost->packed_bytes = gk_cuda_mma_bytes(&conv);
        const size_t copy_bytes = gk_cuda_mma_scratch_bytes(&conv), turned = turned_bytes(args);
        cost->scratch_bytes = copy_bytes > turned ? copy_bytes : turned;
    } else {
        cost->packed_bytes = gk_cuda_input_gradient_bytes(args);
    }
    return GK_OK;
}

// --- weight gradient ---

GkStatus gk_cuda_conv2d_weight_gradient(GkContext *ctx, const GkConv2dWeightGradient *args,
                                        GkPlan **plan)
{
    if (!is_supported(&args->x, &args->g, &args->shape))
        return GK_ERROR_UNSUPPORTED;
    if (!make_plan(plan))
        return GK_ERROR_MEMORY;
    if (ctx->cudnn != NULL && !(*plan)->cudnn_refused) {
        if (gk_cudnn_weight_gradient(ctx, args, &(*plan)->cudnn) == GK_OK)
            return GK_OK;
        (*plan)->cudnn_refused = true;
    }
    return gk_cuda_weight_gradient_run(ctx, args);
}

GkStatus gk_cuda_conv2d_weight_gradient_cost(GkContext *ctx, const GkConv2dWeightGradient *args,
                                             GkCost *cost)
{
    if (!is_supported(&args->x, &args->g, &args->shape))
        return GK_ERROR_UNSUPPORTED;
    *cost = (GkCost){.flops = flops_of(&args->x, &args->g, &args->shape)};
    if (ctx->cudnn != NULL)
        gk_cudnn_weight_gradient_cost(args, &cost->scratch_bytes);
    else
        cost->scratch_bytes = gk_cuda_weight_gradient_bytes(args);
    return GK_OK;
}
