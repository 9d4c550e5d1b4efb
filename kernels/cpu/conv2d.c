// SPDX-License-Identifier: LGPL-3.0-or-later
// Convolution: which kernel takes it, the packed weights in the plan, the scratch
// memory, and the jobs.
#include "conv2d-private.h"

#include <stdlib.h>
#include <string.h>

// Bytes of V that a core works on: a quarter of a second-level cache of 1 MB, because the next
// inputs, the outputs and the weights pass through it as well.
#define WINOGRAD_BLOCK_BYTES ((size_t)224 << 10)
// Fewer tiles than this would read the weights too often. Weights that no cache holds until the
// next block pay for tiles that leave the second-level cache.
#define MIN_BLOCK_TILES 12
#define LARGE_WEIGHT_BYTES ((size_t)12 << 20)
#define LARGE_BLOCK_TILES 66
// Tiles whose products the registers hold together.
#define REGISTER_TILES 6
// Winograd's weights are kept in the plan if they are no larger than this, as those from 64 to 64
// channels are; seven times the weights of a large network would be too much to keep.
#define KEPT_WEIGHT_BYTES ((size_t)1152 << 10)
// Input channels from which on Winograd pays.
#define MIN_WINOGRAD_INPUTS 12
// What one multiplication of the direct convolution takes, as measured: one of Winograd's with its
// share of the transforms, and for each pair of channels the weights' transform, or where they are
// kept what else a call takes.
#define WINOGRAD_SHARE 1.4
#define WINOGRAD_WEIGHT_WORK 4500
#define WINOGRAD_KEPT_WORK 1200

typedef struct {
    GkPlan plan;
    size_t bytes;
    GkCpuMethod method; // that the weights are packed for
    size_t weight_floats;
    float *bias_packed, *slopes_packed, *weight_packed; // one allocation, bias first
    GkCpuOnednnConv *onednn;                            // METHOD_ONEDNN, for one shape
    GkCpuOnednnShape onednn_shape;
} ConvPlan;

static bool is_supported(const GkConv2d *args)
{
    const GkView *x = &args->x, *y = &args->y;
    const size_t r = args->shuffle;
    if (!gk_cpu_view_valid(x) || !gk_cpu_view_valid(y))
        return false;
    if (!args->stride || !args->dilation || !args->groups || !args->upsample || !r ||
        !args->kernel_h || !args->kernel_w || !args->out_channels)
        return false;
    if (args->pad_mode != GK_PAD_ZERO && x->h * x->w == 0)
        return false;
    if (x->n != y->n || x->c % args->groups || args->out_channels % args->groups ||
        args->out_channels != y->c * r * r || y->h % r || y->w % r)
        return false;
    if (args->gate && (!gk_cpu_view_valid(args->gate) || !gk_cpu_same_shape(args->gate, y)))
        return false;
    if (args->n_residuals > GK_MAX_RESIDUALS)
        return false;
    for (size_t i = 0; i < args->n_residuals; i++) {
        const GkResidual *s = &args->residual[i];
        if (!gk_cpu_view_valid(&s->r) || !s->upsample || s->r.n != y->n || s->r.c != y->c ||
            s->r.h * s->upsample != y->h || s->r.w * s->upsample != y->w)
            return false;
    }
    return true;
}

// Covers an axis with tiles at the least number of frequencies: what is left behind the large tiles
// takes one small tile or, with the last large one, two of them.
static GkCpuTiles tiles_of(size_t size)
{
    const size_t n = size / 6, left = size % 6;
    if (left == 0)
        return (GkCpuTiles){.n = n, .n_large = n};
    if (left == 5)
        return (GkCpuTiles){.n = n + 1, .n_large = n + 1};
    return (GkCpuTiles){.n = n + 1, .n_large = n > 0 && left <= 2 ? n - 1 : n};
}

// Sizes the blocks of tiles and lays out their memory.
static void shape_winograd(const GkContext *ctx, const GkConv2d *args, GkCpuConvShape *s)
{
    GkCpuWinograd *w = &s->winograd;
    const size_t n_threads = gk_pool_n_threads(ctx->pool);
    const size_t n_frequencies = GK_CPU_WINOGRAD_A * GK_CPU_WINOGRAD_A;
    *w = (GkCpuWinograd){.x = args->x,
                         .blocks = gk_cpu_is_blocks(&args->x),
                         .upsample = args->upsample,
                         .pad_top = args->pad_top,
                         .pad_left = args->pad_left,
                         .pad_mode = args->pad_mode,
                         .h = args->x.h * args->upsample,
                         .w = args->x.w * args->upsample,
                         .out_h = s->out_h,
                         .out_w = s->out_w,
                         .ic = s->ic,
                         .oc = s->oc_padded,
                         .rows = tiles_of(s->out_h),
                         .columns = tiles_of(s->out_w),
                         .n_images = args->y.n};
    const size_t ic_padded = round_up(s->ic, GK_BLOCK);
    w->tile_stride = ic_padded > w->oc ? ic_padded : w->oc;
    const size_t weight_bytes = n_frequencies * s->ic * w->oc * sizeof(float);
    size_t block = WINOGRAD_BLOCK_BYTES / (n_frequencies * w->tile_stride * sizeof(float)) /
                   REGISTER_TILES * REGISTER_TILES;
    if (block < MIN_BLOCK_TILES)
        block = weight_bytes > LARGE_WEIGHT_BYTES ? LARGE_BLOCK_TILES : MIN_BLOCK_TILES;
    // Threads should finish together: as many blocks as a multiple of them.
    const size_t work = gk_cpu_winograd_work(w);
    w->n_blocks = round_up(divide_up(work, block * n_frequencies), n_threads);
    // The largest block may consist of small tiles.
    const size_t block_tiles = divide_up(work, w->n_blocks) / 36 + 1;
    // Frequencies a power of two apart would share their cache sets.
    w->plane_stride = (block_tiles * w->tile_stride / GK_BLOCK | 1) * GK_BLOCK;
    const size_t group_rows = MAX_GROUP_ROWS * ic_padded, tile_outputs = 36 * w->oc + GK_BLOCK;
    w->scratch_stride =
        n_frequencies * w->plane_stride + (group_rows > tile_outputs ? group_rows : tile_outputs);
    w->scratch_stride = round_up(w->scratch_stride, 1024) + GK_BLOCK;
    w->u_stride = s->ic * s->oc_padded + 5 * GK_BLOCK;
    s->transformed_floats = round_up(n_frequencies * w->u_stride, 1024);
    s->scratch_floats = w->scratch_stride * n_threads;
    if (s->transformed_floats * sizeof(float) <= KEPT_WEIGHT_BYTES && !args->weight_changes)
        s->weight_floats = s->transformed_floats;
    else
        s->scratch_floats += s->transformed_floats;
}

// Of a small picture with large weights, transforming these takes longer than anything else. Weights
// that change are packed at every call, which for the direct convolution takes longer still.
static bool winograd_pays(const GkConv2d *args, const GkCpuConvShape *s)
{
    const size_t r = args->shuffle, k = args->transposed_kernel;
    const double taps = k ? (double)(k * k) / (double)(r * r) : 9;
    const double direct_work = (double)(args->y.n * s->out_h * s->out_w) * taps;
    const double work = WINOGRAD_SHARE * (double)gk_cpu_winograd_work(&s->winograd) +
                        (s->weight_floats > 0 ? WINOGRAD_KEPT_WORK : WINOGRAD_WEIGHT_WORK);
    return args->weight_changes || work < direct_work;
}

// Fills in what METHOD_ONEDNN needs. The direct convolution's part is there as well, for the case
// that the library refuses.
static void shape_onednn(const GkContext *ctx, GkCpuConvShape *s)
{
    const GkCpuOnednnShape *o = &s->onednn;
    const size_t n_outputs = o->groups * o->oc;
    s->x_floats = round_up(o->n * o->h * o->w * o->groups * o->ic, GK_BLOCK);
    s->y_floats = round_up(o->n * o->out_h * o->out_w * n_outputs, GK_BLOCK);
    s->finish = (GkCpuFinish){.out_h = o->out_h,
                              .out_w = o->out_w,
                              .n_outputs = n_outputs,
                              .buffer_stride = round_up(n_outputs, GK_BLOCK)};
    s->finish.scratch_stride = (GK_CPU_FINISH_PIXELS + 1) * s->finish.buffer_stride + GK_BLOCK;
    const size_t scratch_floats =
        s->x_floats + s->y_floats + s->finish.scratch_stride * gk_pool_n_threads(ctx->pool);
    if (scratch_floats > s->scratch_floats)
        s->scratch_floats = scratch_floats;
}

static GkCpuOnednn *onednn_of(GkContext *ctx)
{
    if (!ctx->onednn_tried) {
        ctx->onednn_tried = true;
        ctx->onednn = gk_cpu_onednn_open(gk_pool_n_threads(ctx->pool));
    }
    return ctx->onednn;
}

static void shape_of(GkContext *ctx, const GkConv2d *args, GkCpuConvShape *s)
{
    *s = (GkCpuConvShape){.method = gk_cpu_direct_method(args),
                          .out_h = args->y.h / args->shuffle,
                          .out_w = args->y.w / args->shuffle,
                          .ic = args->x.c / args->groups,
                          .oc = args->out_channels / args->groups};
    s->oc_padded = round_up(s->oc, GK_BLOCK);
    if (args->groups == 1 && s->oc > GK_CPU_FEW && s->ic >= MIN_WINOGRAD_INPUTS &&
        args->kernel_h == 3 && args->kernel_w == 3 && args->stride == 1 && args->dilation == 1) {
        shape_winograd(ctx, args, s);
        if (winograd_pays(args, s)) {
            s->method = METHOD_WINOGRAD;
            return;
        }
    }
    gk_cpu_direct_shape(ctx, args, s);
    if (s->method != METHOD_DIRECT)
        return;
    s->onednn = (GkCpuOnednnShape){.n = args->y.n,
                                   .h = args->x.h,
                                   .w = args->x.w,
                                   .out_h = s->out_h,
                                   .out_w = s->out_w,
                                   .groups = args->groups,
                                   .ic = s->ic,
                                   .oc = s->oc,
                                   .kernel_h = args->kernel_h,
                                   .kernel_w = args->kernel_w,
                                   .stride = args->stride,
                                   .dilation = args->dilation,
                                   .pad_top = args->pad_top,
                                   .pad_left = args->pad_left};
    // With a lesser instruction set than the machine's, the library would not keep to it, and it
    // keeps the weights that it was made with.
    if (args->groups > 1 && !args->weight_changes && args->upsample == 1 &&
        args->pad_mode == GK_PAD_ZERO && ctx->kernels == gk_cpu_best_kernels() &&
        gk_cpu_onednn_takes(&s->onednn) && onednn_of(ctx)) {
        s->method = METHOD_ONEDNN;
        shape_onednn(ctx, s);
    }
}

static const void *slopes_of(const GkConv2d *args)
{
    return args->activation.kind == GK_ACT_PRELU ? args->activation.slopes : NULL;
}

static void conv_plan_free(GkPlan *base)
{
    ConvPlan *plan = (ConvPlan *)base;
    gk_cpu_onednn_conv_free(plan->onednn);
    gk_cpu_free(plan->bias_packed, plan->bytes);
    free(plan);
}

static void transform_weights(GkContext *ctx, const GkConv2d *args, const GkCpuConvShape *s,
                              float *u)
{
    const GkCpuWinogradWeights weights = {.weight = args->weight,
                                          .out_channels = args->out_channels,
                                          .shuffle = args->shuffle,
                                          .ic = s->ic,
                                          .oc = s->oc_padded,
                                          .u_stride = s->winograd.u_stride,
                                          .u = u};
    gk_pool_run(ctx->pool, divide_up(s->ic, GK_BLOCK), ctx->kernels->winograd_weights, &weights);
}

// Puts bias, slopes and weight into the plan.
static void plan_pack(GkContext *ctx, const GkConv2d *args, const GkCpuConvShape *s, ConvPlan *plan)
{
    const float *bias = args->bias, *slopes = slopes_of(args);
    for (size_t g = 0; g < args->groups; g++)
        for (size_t o = 0; o < s->oc_padded; o++) {
            const size_t from = gk_cpu_source_channel(args, s, g, o);
            const bool real = from < args->out_channels;
            // Groups of outputs have gaps between them in the direct convolution only.
            const bool gaps = s->method != METHOD_ONEDNN && s->method != METHOD_DEPTHWISE;
            const size_t to = gaps   ? g * s->oc_padded + o
                              : real ? from
                                     : args->out_channels + o - s->oc;
            plan->bias_packed[to] = bias && real ? bias[from] : 0;
            plan->slopes_packed[to] = slopes ? (real ? slopes[from] : 0) : args->activation.slope;
        }
    if (s->method == METHOD_WINOGRAD && s->weight_floats > 0)
        transform_weights(ctx, args, s, plan->weight_packed);
    if (s->method != METHOD_WINOGRAD && s->method != METHOD_ONEDNN)
        gk_cpu_direct_pack(ctx, args, s, plan->weight_packed);
}

// Returns whether a call of this shape can use what an earlier one has packed: of a tiny picture,
// which is no blocks of channels, another method may have been the best.
static bool plan_fits(const ConvPlan *plan, const GkCpuConvShape *s)
{
    return plan->method == s->method && plan->weight_floats == s->weight_floats &&
           (s->method != METHOD_ONEDNN ||
            !memcmp(&plan->onednn_shape, &s->onednn, sizeof s->onednn));
}

// Makes the plan; s->method becomes METHOD_DIRECT when oneDNN refuses.
static ConvPlan *plan_new(GkContext *ctx, const GkConv2d *args, GkCpuConvShape *s)
{
    ConvPlan *plan = calloc(1, sizeof *plan);
    if (!plan)
        return NULL;
    plan->plan.free = conv_plan_free;
    plan->method = s->method;
    plan->weight_floats = s->weight_floats;
    if (s->method == METHOD_ONEDNN) {
        plan->onednn = gk_cpu_onednn_conv_new(ctx->onednn, &s->onednn, args->weight);
        plan->onednn_shape = s->onednn;
        if (!plan->onednn)
            s->method = METHOD_DIRECT;
    }
    const size_t weight_floats = plan->onednn ? 0 : s->weight_floats;
    const size_t n_outputs = args->groups * s->oc_padded;
    plan->bytes = (2 * n_outputs + weight_floats) * sizeof(float);
    plan->bias_packed = gk_cpu_alloc(plan->bytes);
    if (!plan->bias_packed) {
        gk_cpu_onednn_conv_free(plan->onednn);
        free(plan);
        return NULL;
    }
    plan->slopes_packed = plan->bias_packed + n_outputs;
    plan->weight_packed = plan->slopes_packed + n_outputs;
    plan_pack(ctx, args, s, plan);
    return plan;
}

static GkCpuEpilogue epilogue_of(const GkConv2d *args, const ConvPlan *plan, GkCpuMethod method)
{
    GkCpuEpilogue e = {.y = args->y,
                       .shuffle = args->shuffle,
                       .kind = args->activation.kind,
                       .bias = plan->bias_packed,
                       .slopes = plan->slopes_packed,
                       .n_residuals = args->n_residuals};
    e.blocks = gk_cpu_ends_in_blocks(args) && (args->groups == 1 || method == METHOD_DEPTHWISE);
    if (args->gate)
        e.gate = *args->gate;
    for (size_t i = 0; i < args->n_residuals; i++)
        e.residual[i] = args->residual[i];
    return e;
}

GkStatus gk_cpu_conv2d_cost(GkContext *ctx, const GkConv2d *args, GkCost *cost)
{
    if (!is_supported(args))
        return GK_ERROR_UNSUPPORTED;
    GkCpuConvShape s;
    shape_of(ctx, args, &s);
    const double n_outputs = (double)args->y.n * s.out_h * s.out_w * args->out_channels;
    *cost =
        (GkCost){.flops = 2 * n_outputs * s.ic * args->kernel_h * args->kernel_w,
                 .packed_bytes = (s.weight_floats + 2 * args->groups * s.oc_padded) * sizeof(float),
                 .scratch_bytes = s.scratch_floats * sizeof(float)};
    return GK_OK;
}

static void run_winograd(GkContext *ctx, const GkConv2d *args, const ConvPlan *plan,
                         GkCpuConvShape *s, float *scratch)
{
    s->winograd.u = plan->weight_packed;
    s->winograd.scratch = scratch;
    if (s->weight_floats == 0) {
        transform_weights(ctx, args, s, scratch);
        s->winograd.u = scratch;
        s->winograd.scratch = scratch + s->transformed_floats;
    }
    gk_pool_run(ctx->pool, s->winograd.n_blocks, ctx->kernels->winograd, &s->winograd);
}

static GkWork direct_work(const GkContext *ctx, GkCpuMethod method)
{
    switch (method) {
    case METHOD_FEW:
        return ctx->kernels->few;
    case METHOD_DEPTHWISE:
        return ctx->kernels->depthwise;
    default:
        return ctx->kernels->direct;
    }
}

static GkStatus run_onednn(GkContext *ctx, const GkConv2d *args, const ConvPlan *plan,
                           GkCpuConvShape *s, float *scratch)
{
    float *x = scratch, *y = x + s->x_floats;
    const GkCopy copy = {.x = args->x,
                         .y = gk_view_nhwc(x, GK_F32, args->x.n, args->x.h, args->x.w, args->x.c)};
    const GkStatus status = gk_cpu_copy(ctx, &copy);
    if (status != GK_OK)
        return status;
    if (!gk_cpu_onednn_conv_run(plan->onednn, x, y))
        return GK_ERROR_DEVICE;
    s->finish.values = y;
    s->finish.scratch = y + s->y_floats;
    gk_pool_run(ctx->pool, args->y.n * s->out_h, ctx->kernels->finish, &s->finish);
    return GK_OK;
}

GkStatus gk_cpu_conv2d(GkContext *ctx, const GkConv2d *args, GkPlan **plan)
{
    if (!is_supported(args))
        return GK_ERROR_UNSUPPORTED;
    if (args->y.n * args->y.h * args->y.w == 0)
        return GK_OK;
    GkCpuConvShape s;
    shape_of(ctx, args, &s);
    float *scratch = gk_cpu_scratch(ctx, s.scratch_floats * sizeof(float));
    if (!scratch)
        return GK_ERROR_MEMORY;
    ConvPlan *packed = (ConvPlan *)*plan;
    if (packed && !plan_fits(packed, &s)) {
        gk_cpu_plan_free(ctx, *plan);
        *plan = NULL;
        packed = NULL;
    }
    if (packed && s.method == METHOD_ONEDNN && !packed->onednn)
        s.method = METHOD_DIRECT;
    if (!packed) {
        packed = plan_new(ctx, args, &s);
        if (!packed)
            return GK_ERROR_MEMORY;
        *plan = &packed->plan;
    } else if (args->weight_changes) {
        plan_pack(ctx, args, &s, packed);
    }

    const GkCpuEpilogue epilogue = epilogue_of(args, packed, s.method);
    s.winograd.epilogue = s.direct.epilogue = s.finish.epilogue = epilogue;
    switch (s.method) {
    case METHOD_WINOGRAD:
        run_winograd(ctx, args, packed, &s, scratch);
        break;
    case METHOD_ONEDNN:
        return run_onednn(ctx, args, packed, &s, scratch);
    default:
        s.direct.weight = packed->weight_packed;
        s.direct.scratch = scratch;
        gk_pool_run(ctx->pool, s.direct.n_items, direct_work(ctx, s.method), &s.direct);
    }
    return GK_OK;
}
