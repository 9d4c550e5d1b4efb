// SPDX-License-Identifier: LGPL-3.0-or-later
// Convolutions: which of the ways computes one, and the weights packed for it.
#include "conv.h"
#include "cudnn_conv.h"

#include <stdlib.h>

GkCudaEpilogue gk_cuda_epilogue(const GkContext *ctx, const GkConv2d *args)
{
    GkCudaEpilogue e = {.y = args->y,
                        .has_gate = args->gate != NULL,
                        .n_residuals = (unsigned)args->n_residuals,
                        .bias = args->bias,
                        .activation = args->activation.kind,
                        .slope = args->activation.slope,
                        .slopes = args->activation.slopes,
                        .shuffle = (unsigned)args->shuffle,
                        .out_channels = (unsigned)args->out_channels,
                        .overflow = ctx->overflow};
    if (args->gate != NULL)
        e.gate = *args->gate;
    for (size_t i = 0; i < args->n_residuals; i++) {
        e.residual[i] = args->residual[i].r;
        e.residual_scale[i] = args->residual[i].scale;
        e.residual_upsample[i] = (unsigned)args->residual[i].upsample;
    }
    return e;
}

// Channels-last views whose types agree, and coordinates that an int holds.
static bool is_supported(const GkConv2d *args)
{
    const GkView *x = &args->x, *y = &args->y;
    const size_t most = 1u << 30;
    bool fine = gk_cuda_is_view(x) && gk_cuda_is_view(y) && gk_cuda_types_agree(x, y);
    fine = fine && x->h * args->upsample < most && x->w * args->upsample < most && y->h < most &&
           y->w < most && args->pad_top < most && args->pad_left < most;
    fine = fine && (args->pad_mode == GK_PAD_ZERO || x->h * x->w > 0);
    fine = fine && (args->gate == NULL || gk_cuda_is_view(args->gate));
    for (size_t i = 0; i < args->n_residuals; i++)
        fine = fine && gk_cuda_is_view(&args->residual[i].r);
    return fine;
}

GkStatus gk_cuda_plan_pack(GkContext *ctx, GkPlan *plan, GkCudaWay way, size_t bytes, bool changes,
                           GkCudaPack pack, const void *args)
{
    const bool is_new = plan->packed[way] == NULL;
    if (!is_new && !changes)
        return GK_OK;
    if (is_new) {
        plan->packed_bytes[way] = bytes;
        plan->packed[way] = gk_cuda_alloc(ctx, bytes);
    }
    if (plan->packed[way] == NULL)
        return GK_ERROR_MEMORY;
    const GkStatus status = pack(ctx, args, plan->packed[way]);
    if (status != GK_OK && is_new) {
        gk_cuda_free(ctx, plan->packed[way], bytes);
        plan->packed[way] = NULL;
    }
    return status;
}

static GkStatus pack_mma(GkContext *ctx, const void *args, void *packed)
{
    return gk_cuda_mma_pack(ctx, args, packed);
}

static GkStatus pack_direct(GkContext *ctx, const void *args, void *packed)
{
    return gk_cuda_direct_pack(ctx, args, packed);
}

static GkStatus run_own(GkContext *ctx, const GkConv2d *args, GkPlan *plan)
{
    const bool mma = gk_cuda_mma_can(ctx, args), changes = args->weight_changes != 0;
    const GkCudaWay way = mma ? GK_CUDA_MMA : GK_CUDA_DIRECT;
    const GkStatus status = gk_cuda_plan_pack(
        ctx, plan, way, mma ? gk_cuda_mma_bytes(args) : gk_cuda_direct_bytes(args), changes,
        mma ? pack_mma : pack_direct, args);
    if (status != GK_OK)
        return status;
    return mma ? gk_cuda_mma_run(ctx, args, plan->packed[way])
               : gk_cuda_direct_run(ctx, args, plan->packed[way]);
}

// cuDNN knows zeros beyond a picture's edges only.
static bool prefers_cudnn(const GkContext *ctx, const GkConv2d *args)
{
    return ctx->cudnn != NULL && args->pad_mode == GK_PAD_ZERO &&
           !(ctx->own_first && gk_cuda_mma_can(ctx, args));
}

GkStatus gk_cuda_conv2d(GkContext *ctx, const GkConv2d *args, GkPlan **plan)
{
    if (!is_supported(args))
        return GK_ERROR_UNSUPPORTED;
    if (*plan == NULL)
        *plan = calloc(1, sizeof **plan);
    if (*plan == NULL)
        return GK_ERROR_MEMORY;
    if (prefers_cudnn(ctx, args) && !(*plan)->cudnn_refused) {
        const GkStatus status = gk_cudnn_run(ctx, args, &(*plan)->cudnn);
        if (status != GK_ERROR_UNSUPPORTED)
            return status;
        (*plan)->cudnn_refused = true;
    }
    return run_own(ctx, args, *plan);
}

GkStatus gk_cuda_conv2d_cost(GkContext *ctx, const GkConv2d *args, GkCost *cost)
{
    if (!is_supported(args))
        return GK_ERROR_UNSUPPORTED;
    const double n_sums =
        (double)args->y.n * (double)gk_cuda_sums_h(args) * (double)gk_cuda_sums_w(args);
    const size_t inputs = args->x.c / args->groups;
    const double n_weights = (double)args->out_channels * (double)inputs * (double)args->kernel_h *
                             (double)args->kernel_w;
    *cost = (GkCost){.flops = 2 * n_sums * n_weights};
    if (prefers_cudnn(ctx, args)) {
        gk_cudnn_cost(args, &cost->packed_bytes, &cost->scratch_bytes);
    } else if (gk_cuda_mma_can(ctx, args)) {
        cost->packed_bytes = gk_cuda_mma_bytes(args);
        cost->scratch_bytes = gk_cuda_mma_scratch_bytes(args);
    } else {
        cost->packed_bytes = gk_cuda_direct_bytes(args);
    }
    return GK_OK;
}

void gk_cuda_plan_free(GkContext *ctx, GkPlan *plan)
{
    if (plan == NULL)
        return;
    for (int way = 0; way < GK_CUDA_N_WAYS; way++)
        gk_cuda_free(ctx, plan->packed[way], plan->packed_bytes[way]);
    gk_cudnn_state_free(ctx, plan->cudnn);
    free(plan);
}
