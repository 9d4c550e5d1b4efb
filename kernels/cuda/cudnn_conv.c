// SPDX-License-Identifier: LGPL-3.0-or-later
// Convolutions by cuDNN: with everything that follows in one graph where cuDNN fuses it, else the
// bare sums and our own epilogue behind them. What cuDNN cannot read where it lies (channels that
// are no multiple of its vectors, nearest upsampling) is copied into order first.
#include "cudnn_plan.h"

#include <stdlib.h>
#include <string.h>

static GkDtype products_dtype(const GkConv2d *args)
{
    return gk_cuda_products_dtype(&args->x, &args->y);
}

// Whether x has to be copied into order: of groups only whole pictures make sense to it.
static bool needs_copy(const GkConv2d *args)
{
    return args->upsample != 1 || args->x.dtype != products_dtype(args) ||
           (args->groups == 1 && !gk_cudnn_is_regular(&args->x));
}

static size_t in_channels(const GkConv2d *args)
{
    return needs_copy(args) && args->groups == 1
               ? gk_cudnn_round_up(args->x.c, gk_cudnn_lanes(products_dtype(args)))
               : args->x.c;
}

// Whether everything behind the sums can be part of the graph.
static bool can_fuse(const GkConv2d *args, const GkCudnnState *state)
{
    const GkDtype dtype = products_dtype(args);
    if (!gk_cudnn_has_activation(args->activation.kind) || args->shuffle != 1 ||
        args->gate != NULL || !gk_cudnn_is_regular(&args->y) || args->y.dtype != dtype ||
        (args->activation.kind == GK_ACT_PRELU && state->slopes_fit < 0))
        return false;
    for (size_t i = 0; i < args->n_residuals; i++)
        if (args->residual[i].upsample != 1 || !gk_cudnn_is_regular(&args->residual[i].r) ||
            args->residual[i].r.dtype != dtype)
            return false;
    return true;
}

static GkCudnnShape make_shape(const GkConv2d *args, const GkView *x, const GkView *y, bool bare)
{
    GkCudnnShape s;
    memset(&s, 0, sizeof s); // padding too: shapes are compared as bytes
    s.dtype = x->dtype;
    s.n = (int64_t)x->n;
    s.c = (int64_t)x->c;
    s.h = (int64_t)x->h;
    s.w = (int64_t)x->w;
    s.o = (int64_t)args->out_channels;
    s.oh = (int64_t)gk_cuda_sums_h(args);
    s.ow = (int64_t)gk_cuda_sums_w(args);
    s.kernel_h = (int64_t)args->kernel_h;
    s.kernel_w = (int64_t)args->kernel_w;
    s.stride = (int64_t)args->stride;
    s.dilation = (int64_t)args->dilation;
    s.groups = (int64_t)args->groups;
    s.pad_top = (int64_t)args->pad_top;
    s.pad_left = (int64_t)args->pad_left;
    gk_cudnn_strides(x, s.x_strides);
    gk_cudnn_strides(y, s.y_strides);
    s.bare = bare;
    if (bare)
        return s;
    s.has_bias = args->bias != NULL;
    s.activation = args->activation.kind;
    s.slope = args->activation.kind == GK_ACT_LEAKY ? args->activation.slope : 0;
    s.n_residuals = (int64_t)args->n_residuals;
    for (size_t i = 0; i < args->n_residuals; i++) {
        gk_cudnn_strides(&args->residual[i].r, s.r_strides[i]);
        s.r_scale[i] = args->residual[i].scale;
    }
    return s;
}

// --- running ---

static GkStatus look_at_slopes(GkContext *ctx, const GkConv2d *args, GkCudnnState *state)
{
    if (args->activation.kind != GK_ACT_PRELU || state->slopes_fit != 0)
        return GK_OK;
    if (args->weight_changes) {
        state->slopes_fit = -1; // the next ones may not
        return GK_OK;
    }
    float *slopes = malloc(args->out_channels * sizeof *slopes);
    if (slopes == NULL)
        return GK_ERROR_MEMORY;
    const GkTransfer transfer = {slopes, args->activation.slopes,
                                 args->out_channels * sizeof *slopes};
    const GkStatus status = gk_cuda_read(ctx, &transfer, 1);
    state->slopes_fit = 1;
    for (size_t i = 0; i < args->out_channels && status == GK_OK; i++)
        if (!(slopes[i] >= 0 && slopes[i] <= 1))
            state->slopes_fit = -1;
    free(slopes);
    return status;
}

// The factors before the residuals, where cuDNN can read them.
static GkStatus make_scales(GkContext *ctx, const GkConv2d *args, GkCudnnState *state)
{
    const size_t n = args->out_channels, bytes = args->n_residuals * n * sizeof(float);
    bool needed = false;
    for (size_t i = 0; i < args->n_residuals; i++)
        needed = needed || args->residual[i].scale != 1;
    if (!needed || state->scales != NULL)
        return GK_OK;
    float *scales = malloc(bytes);
    if (scales == NULL)
        return GK_ERROR_MEMORY;
    for (size_t i = 0; i < args->n_residuals * n; i++)
        scales[i] = args->residual[i / n].scale;
    state->scales = gk_cuda_alloc(ctx, bytes);
    const GkTransfer transfer = {state->scales, scales, bytes};
    const GkStatus status =
        state->scales == NULL ? GK_ERROR_MEMORY : gk_cuda_write(ctx, &transfer, 1);
    free(scales);
    return status;
}

static GkStatus pack(GkContext *ctx, const GkConv2d *args, GkCudnnState *state)
{
    const size_t in_c = in_channels(args) / args->groups;
    if (state->weights != NULL && state->in_c == in_c)
        return args->weight_changes ? gk_cuda_krsc_pack(ctx, args, in_c, state->weights) : GK_OK;
    gk_cuda_free(ctx, state->weights, state->weight_bytes);
    state->weight_bytes = args->out_channels * args->kernel_h * args->kernel_w * in_c *
                          gk_dtype_bytes(products_dtype(args));
    state->in_c = in_c;
    state->weights = gk_cuda_alloc(ctx, state->weight_bytes);
    return state->weights == NULL ? GK_ERROR_MEMORY
                                  : gk_cuda_krsc_pack(ctx, args, in_c, state->weights);
}

static GkView ordered_x(const GkConv2d *args, void *data)
{
    return gk_view_nhwc(data, products_dtype(args), args->x.n, args->x.h * args->upsample,
                        args->x.w * args->upsample, in_channels(args));
}

static GkView ordered_sums(const GkConv2d *args, void *data)
{
    const GkDtype dtype = products_dtype(args);
    return gk_view_lanes(data, dtype, args->y.n, gk_cuda_sums_h(args), gk_cuda_sums_w(args),
                         args->out_channels, gk_cudnn_lanes(dtype));
}

// Puts x where cuDNN can read it.
static GkStatus order_x(GkContext *ctx, const GkConv2d *args, const GkView *to)
{
    GkStatus status = GK_OK;
    if (to->c != args->x.c)
        status = gk_cuda_check(ctx, cudaMemsetAsync(to->data, 0, gk_view_bytes(to), ctx->compute),
                               "clearing memory");
    if (status != GK_OK)
        return status;
    const GkUpsample enlarge = {args->x, gk_view_channels(to, 0, args->x.c), args->upsample};
    return gk_cuda_upsample_nearest(ctx, &enlarge);
}

static GkStatus execute(GkContext *ctx, const GkConv2d *args, const GkCudnnState *state,
                        const GkCudnnPlan *plan, const GkView *x, const GkView *y, void *workspace)
{
    int64_t uids[5 + 2 * GK_MAX_RESIDUALS] = {GK_CUDNN_X, GK_CUDNN_WEIGHT, GK_CUDNN_Y};
    const void *pointers[5 + 2 * GK_MAX_RESIDUALS] = {gk_cudnn_data(x), state->weights,
                                                      gk_cudnn_data(y)};
    int64_t n = 3;
    if (plan->shape.has_bias) {
        uids[n] = GK_CUDNN_BIAS;
        pointers[n++] = args->bias;
    }
    if (plan->shape.activation == GK_ACT_PRELU && !plan->shape.bare) {
        uids[n] = GK_CUDNN_SLOPES;
        pointers[n++] = args->activation.slopes;
    }
    for (int64_t i = 0; i < plan->shape.n_residuals; i++) {
        uids[n] = GK_CUDNN_R + i;
        pointers[n++] = gk_cudnn_data(&args->residual[i].r);
        if (plan->shape.r_scale[i] != 1) {
            uids[n] = GK_CUDNN_SCALE + i;
            pointers[n++] = state->scales + (size_t)i * args->out_channels;
        }
    }
    return gk_cudnn_execute(ctx, plan, n, uids, pointers, workspace);
}

GkStatus gk_cudnn_run(GkContext *ctx, const GkConv2d *args, GkCudnnState **state_place)
{
    if (*state_place == NULL)
        *state_place = calloc(1, sizeof **state_place);
    GkCudnnState *state = *state_place;
    GkStatus status = state == NULL ? GK_ERROR_MEMORY : gk_cuda_enter(ctx);
    if (status == GK_OK)
        status = look_at_slopes(ctx, args, state);
    if (status != GK_OK)
        return status;
    const bool copy = needs_copy(args);
    GkView x = copy ? ordered_x(args, NULL) : args->x;
    GkView y = args->y;
    const GkCudnnPlan *plan = NULL;
    bool fused = can_fuse(args, state);
    if (fused) {
        const GkCudnnShape shape = make_shape(args, &x, &y, false);
        plan = gk_cudnn_find(ctx, state, &shape);
    }
    if (plan == NULL) {
        fused = false;
        y = ordered_sums(args, NULL);
        const GkCudnnShape shape = make_shape(args, &x, &y, true);
        plan = gk_cudnn_find(ctx, state, &shape);
    }
    if (plan == NULL)
        return GK_ERROR_UNSUPPORTED;
    const size_t x_bytes = copy ? gk_cudnn_round_up(gk_view_bytes(&x), 256) : 0;
    const size_t y_bytes = fused ? 0 : gk_cudnn_round_up(gk_view_bytes(&y), 256);
    char *scratch = gk_cuda_scratch(ctx, x_bytes + y_bytes + plan->workspace_bytes + 1);
    if (scratch == NULL)
        return GK_ERROR_MEMORY;
    if (copy)
        x.data = scratch;
    if (!fused)
        y.data = scratch + x_bytes;
    status = pack(ctx, args, state);
    if (status == GK_OK && fused)
        status = make_scales(ctx, args, state);
    if (status == GK_OK && copy)
        status = order_x(ctx, args, &x);
    if (status == GK_OK)
        status = execute(ctx, args, state, plan, &x, &y, scratch + x_bytes + y_bytes);
    if (status != GK_OK || fused)
        return status;
    const GkCudaEpilogue e = gk_cuda_epilogue(ctx, args);
    return gk_cuda_epilogue_run(ctx, &e, &y);
}

void gk_cudnn_cost(const GkConv2d *args, size_t *packed_bytes, size_t *scratch_bytes)
{
    const GkView x = ordered_x(args, NULL), y = ordered_sums(args, NULL);
    const GkCudnnState unknown = {0};
    *packed_bytes = args->out_channels * args->kernel_h * args->kernel_w *
                    (in_channels(args) / args->groups) * gk_dtype_bytes(products_dtype(args));
    *scratch_bytes = (needs_copy(args) ? gk_cudnn_round_up(gk_view_bytes(&x), 256) : 0) +
                     (can_fuse(args, &unknown) ? 0 : gk_cudnn_round_up(gk_view_bytes(&y), 256));
}
