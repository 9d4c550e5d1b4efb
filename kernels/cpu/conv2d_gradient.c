// SPDX-License-Identifier: LGPL-3.0-or-later
// Gradients of a convolution. The input gradient is a convolution of g with turned weights, for
// stride s one for each of the s x s places that an input pixel can have between the outputs; so
// all kernels of conv2d.c serve it. Where kernel and stride are one, as where a decoder doubles the
// size, these are one 1x1 convolution before a pixel shuffle. The weight gradient has a kernel of
// its own.
#include "cpu.h"

#include <stdlib.h>
#include <string.h>

// The weight gradient in Winograd's form: pixels of g that a tile has along an axis, its
// frequencies, and the inputs from which on it pays.
#define TILE 6
#define N_FREQUENCIES 64
#define MIN_WINOGRAD_INPUTS 8
#define MIN_WINOGRAD_OUTPUTS 8
// It pays if it multiplies less than the direct form by this factor.
#define LEAST_GAIN 2
// Channels of a part, at most: the sums of 64 x 64 are as large as a second-level cache of 1 MB.
#define PART_CHANNELS 64
// Bytes of V and P that a core works on; the sums pass by.
#define GROUP_BYTES ((size_t)640 << 10)
// Items that a layer is cut into, whatever the number of threads, and the tiles of a slice.
#define WANTED_ITEMS 16
#define MIN_SLICE_TILES 48

static bool is_supported(const GkView *x, const GkView *g, const GkConv2dShape *s)
{
    return gk_cpu_view_valid(x) && gk_cpu_view_valid(g) && s->stride && s->dilation && s->groups &&
           s->kernel_h && s->kernel_w && x->n == g->n && x->c % s->groups == 0 &&
           g->c % s->groups == 0;
}

static double flops_of(const GkView *x, const GkView *g, const GkConv2dShape *s)
{
    const size_t inputs = x->c / s->groups;
    return 2 * (double)g->n * g->h * g->w * g->c * inputs * s->kernel_h * s->kernel_w;
}

// --- input gradient ---

// Input coordinates first, first + stride, ... read the taps `tap`, `tap + tap_step`, ... of the
// kernel: as a convolution over g they are `n_taps` taps in reverse order.
typedef struct {
    size_t first, count; // coordinates of x
    size_t tap, tap_step, n_taps;
    size_t skip;     // coordinates of g that are never read, at its beginning
    size_t pad;      // of the convolution over the others
    size_t dilation; // of the convolution
} Phase;

static size_t gcd(size_t a, size_t b)
{
    return b == 0 ? a : gcd(b, a % b);
}

// Coordinate i of x meets tap k at g's coordinate (i + pad - k * dilation) / stride, if that
// divides. Taps that meet one phase are stride / gcd(stride, dilation) apart.
static Phase phase_of(size_t first, size_t size, size_t kernel, const GkConv2dShape *s, size_t pad)
{
    const size_t d = gcd(s->stride, s->dilation);
    Phase p = {.first = first,
               .count = first < size ? (size - first - 1) / s->stride + 1 : 0,
               .tap = kernel,
               .tap_step = s->stride / d,
               .dilation = s->dilation / d};
    for (size_t k = kernel; k-- > 0;)
        if ((first + pad + k * (s->stride - s->dilation % s->stride)) % s->stride == 0) {
            p.tap = k < p.tap ? k : p.tap;
            p.n_taps++;
        }
    if (p.n_taps == 0)
        return p;
    // The last tap reads farthest back: g's coordinate j - back for the j-th of the phase.
    const ptrdiff_t back = ((ptrdiff_t)((p.tap + (p.n_taps - 1) * p.tap_step) * s->dilation) -
                            (ptrdiff_t)(first + pad)) /
                           (ptrdiff_t)s->stride;
    p.pad = back > 0 ? (size_t)back : 0;
    p.skip = back < 0 ? (size_t)-back : 0;
    return p;
}

typedef struct {
    GkPlan plan;
    size_t n_phases;
    size_t bytes;
    float *turned;   // weights of all phases, one after the other
    GkPlan *phase[]; // of their convolutions
} InputPlan;

static void input_plan_free(GkPlan *base)
{
    InputPlan *plan = (InputPlan *)base;
    for (size_t i = 0; i < plan->n_phases; i++)
        gk_cpu_plan_free(NULL, plan->phase[i]);
    gk_cpu_free(plan->turned, plan->bytes);
    free(plan);
}

static size_t weight_floats(const GkConv2dInputGradient *args)
{
    const GkConv2dShape *s = &args->shape;
    return args->x.c * (args->g.c / s->groups) * s->kernel_h * s->kernel_w;
}

// Whether each value of g makes a square of x of its own.
static bool is_shuffle(const GkConv2dInputGradient *args)
{
    const GkConv2dShape *s = &args->shape;
    return s->stride > 1 && s->kernel_h == s->stride && s->kernel_w == s->stride &&
           s->dilation == 1 && s->groups == 1 && s->pad_top == 0 && s->pad_left == 0 &&
           args->x.h == args->g.h * s->stride && args->x.w == args->g.w * s->stride;
}

// Bias and slopes of the convolution before the shuffle: each channel's, as often as it has places.
static size_t parameter_floats(const GkConv2dInputGradient *args)
{
    return is_shuffle(args) ? 2 * args->x.c * args->shape.stride * args->shape.stride : 0;
}

static size_t plan_bytes(const GkConv2dInputGradient *args)
{
    return (weight_floats(args) + parameter_floats(args) + 1) * sizeof(float);
}

static InputPlan *input_plan_new(const GkConv2dInputGradient *args)
{
    const size_t n_phases = is_shuffle(args) ? 1 : args->shape.stride * args->shape.stride;
    InputPlan *plan = calloc(1, sizeof *plan + n_phases * sizeof plan->phase[0]);
    if (!plan)
        return NULL;
    plan->plan.free = input_plan_free;
    plan->n_phases = n_phases;
    plan->bytes = plan_bytes(args);
    plan->turned = gk_cpu_alloc(plan->bytes);
    if (!plan->turned) {
        free(plan);
        return NULL;
    }
    return plan;
}

// The convolution before the shuffle, whose weight is [C][stride][stride][O]; bias and slopes lie
// behind the weight.
static GkConv2d shuffle_args(const GkConv2dInputGradient *args, const float *weight)
{
    const size_t n = args->x.c * args->shape.stride * args->shape.stride;
    const float *parameters = weight ? weight + weight_floats(args) : NULL;
    GkConv2d conv = {.x = args->g,
                     .y = args->x,
                     .weight = weight,
                     .bias = args->bias ? parameters : NULL,
                     .weight_changes = args->weight_changes,
                     .out_channels = n,
                     .kernel_h = 1,
                     .kernel_w = 1,
                     .stride = 1,
                     .dilation = 1,
                     .groups = 1,
                     .upsample = 1,
                     .activation = args->activation,
                     .shuffle = args->shape.stride};
    if (args->activation.kind == GK_ACT_PRELU && parameters)
        conv.activation.slopes = parameters + n;
    return conv;
}

static void pack_shuffle(const GkConv2dInputGradient *args, float *to)
{
    const size_t n_places = args->shape.stride * args->shape.stride, n = args->x.c * n_places;
    const float *weight = args->weight, *bias = args->bias;
    const float *slopes = args->activation.kind == GK_ACT_PRELU ? args->activation.slopes : NULL;
    float *parameters = to + weight_floats(args);
    for (size_t i = 0; i < n; i++) {
        for (size_t o = 0; o < args->g.c; o++)
            *to++ = weight[o * n + i];
        if (bias)
            parameters[i] = bias[i / n_places];
        if (slopes)
            parameters[n + i] = slopes[i / n_places];
    }
}

// [C][O/groups][taps of v][taps of u] of [O][C/groups][kernel_h][kernel_w].
static void turn(const GkConv2dInputGradient *args, const Phase *v, const Phase *u, float *to)
{
    const GkConv2dShape *s = &args->shape;
    const float *weight = args->weight;
    const size_t ic = args->x.c / s->groups, oc = args->g.c / s->groups;
    for (size_t c = 0; c < args->x.c; c++)
        for (size_t o = 0; o < oc; o++) {
            const float *from =
                weight + ((c / ic * oc + o) * ic + c % ic) * s->kernel_h * s->kernel_w;
            for (size_t y = v->n_taps; y-- > 0;)
                for (size_t x = u->n_taps; x-- > 0;)
                    *to++ =
                        from[(v->tap + y * v->tap_step) * s->kernel_w + u->tap + x * u->tap_step];
        }
}

static bool phase_is_read(const GkConv2dInputGradient *args, const Phase *v, const Phase *u)
{
    return v->n_taps && u->n_taps && v->skip < args->g.h && u->skip < args->g.w;
}

// The convolution of one phase. Its y may be empty, and it has no taps when nothing is read.
static GkConv2d phase_args(const GkConv2dInputGradient *args, const Phase *v, const Phase *u)
{
    const GkConv2dShape *s = &args->shape;
    const GkView *g = &args->g;
    const bool read = phase_is_read(args, v, u);
    GkConv2d conv = {
        .x = read ? gk_view_rectangle(g, v->skip, u->skip, g->h - v->skip, g->w - u->skip) : *g,
        .y = gk_view_rectangle(&args->x, v->first, u->first, v->count, u->count),
        .out_channels = args->x.c,
        .kernel_h = v->n_taps,
        .kernel_w = u->n_taps,
        .stride = 1,
        .dilation = v->dilation,
        .groups = s->groups,
        .pad_top = v->pad,
        .pad_left = u->pad,
        .upsample = 1,
        .bias = args->bias,
        .activation = args->activation,
        .shuffle = 1,
        .weight_changes = args->weight_changes};
    conv.y.stride_y *= s->stride;
    conv.y.stride_x *= s->stride;
    return conv;
}

static void phases_of(const GkConv2dInputGradient *args, size_t index, Phase *v, Phase *u)
{
    const GkConv2dShape *s = &args->shape;
    *v = phase_of(index / s->stride, args->x.h, s->kernel_h, s, s->pad_top);
    *u = phase_of(index % s->stride, args->x.w, s->kernel_w, s, s->pad_left);
}

// The pixels that no product reaches: the activation of the bias.
static GkStatus fill_unread(GkContext *ctx, const GkConv2d *conv)
{
    GkStatus status;
    if (conv->bias) {
        const GkUnary copy = {.x = gk_view_nhwc((void *)conv->bias, GK_F32, 1, 1, 1, conv->y.c),
                              .y = conv->y,
                              .kind = GK_UNARY_LINEAR,
                              .alpha = 1};
        status = gk_cpu_unary(ctx, &copy);
    } else {
        const GkFill fill = {.y = conv->y};
        status = gk_cpu_fill(ctx, &fill);
    }
    if (status != GK_OK || conv->activation.kind == GK_ACT_NONE)
        return status;
    const GkActivate activate = {.x = conv->y, .y = conv->y, .activation = conv->activation};
    return gk_cpu_activate(ctx, &activate);
}

GkStatus gk_cpu_conv2d_input_gradient_cost(GkContext *ctx, const GkConv2dInputGradient *args,
                                           GkCost *cost)
{
    if (!is_supported(&args->x, &args->g, &args->shape))
        return GK_ERROR_UNSUPPORTED;
    *cost = (GkCost){.flops = flops_of(&args->x, &args->g, &args->shape),
                     .packed_bytes = plan_bytes(args)};
    if (is_shuffle(args)) {
        const GkConv2d conv = shuffle_args(args, NULL);
        GkCost part;
        const GkStatus status = gk_cpu_conv2d_cost(ctx, &conv, &part);
        cost->packed_bytes += part.packed_bytes;
        cost->scratch_bytes = part.scratch_bytes;
        return status;
    }
    for (size_t i = 0; i < args->shape.stride * args->shape.stride; i++) {
        Phase v, u;
        phases_of(args, i, &v, &u);
        if (v.count == 0 || u.count == 0 || !phase_is_read(args, &v, &u))
            continue;
        const GkConv2d conv = phase_args(args, &v, &u);
        GkCost part;
        const GkStatus status = gk_cpu_conv2d_cost(ctx, &conv, &part);
        if (status != GK_OK)
            return status;
        cost->packed_bytes += part.packed_bytes;
        if (part.scratch_bytes > cost->scratch_bytes)
            cost->scratch_bytes = part.scratch_bytes;
    }
    return GK_OK;
}

GkStatus gk_cpu_conv2d_input_gradient(GkContext *ctx, const GkConv2dInputGradient *args,
                                      GkPlan **plan)
{
    if (!is_supported(&args->x, &args->g, &args->shape))
        return GK_ERROR_UNSUPPORTED;
    InputPlan *parts = (InputPlan *)*plan;
    if (parts &&
        parts->bytes != plan_bytes(args)) { // made for a size that is none, or is a shuffle
        gk_cpu_plan_free(ctx, *plan);
        *plan = NULL;
    }
    const bool pack = !*plan || args->weight_changes;
    if (!*plan) {
        InputPlan *made = input_plan_new(args);
        if (!made)
            return GK_ERROR_MEMORY;
        *plan = &made->plan;
    }
    parts = (InputPlan *)*plan;
    float *weight = parts->turned;
    if (is_shuffle(args)) {
        const GkConv2d conv = shuffle_args(args, weight);
        if (pack)
            pack_shuffle(args, weight);
        return gk_cpu_conv2d(ctx, &conv, &parts->phase[0]);
    }
    for (size_t i = 0; i < parts->n_phases; i++) {
        Phase v, u;
        phases_of(args, i, &v, &u);
        GkConv2d conv = phase_args(args, &v, &u);
        conv.weight = weight;
        // All phases are packed, also those that this size of x has not got.
        if (pack)
            turn(args, &v, &u, weight);
        weight += args->x.c * (args->g.c / args->shape.groups) * v.n_taps * u.n_taps;
        if (conv.y.h == 0 || conv.y.w == 0)
            continue;
        const GkStatus status = phase_is_read(args, &v, &u)
                                    ? gk_cpu_conv2d(ctx, &conv, &parts->phase[i])
                                    : fill_unread(ctx, &conv);
        if (status != GK_OK)
            return status;
    }
    return GK_OK;
}

// --- weight gradient ---

static size_t divide_up(size_t a, size_t b)
{
    return (a + b - 1) / b;
}

static size_t round_up(size_t a, size_t b)
{
    return divide_up(a, b) * b;
}

static GkCpuWeightGradient weight_job(const GkContext *ctx, const GkConv2dWeightGradient *args)
{
    const GkConv2dShape *s = &args->shape;
    const size_t group = ctx->kernels->group;
    GkCpuWeightGradient job = {.x = args->x,
                               .g = args->g,
                               .shape = *s,
                               .ic = args->x.c / s->groups,
                               .oc = args->g.c / s->groups,
                               .weight = args->weight};
    job.n_chunks = divide_up(job.ic, GK_CPU_WEIGHT_INPUTS);
    job.n_columns = divide_up(job.oc, group);
    job.sums_floats = s->kernel_h * s->kernel_w * GK_CPU_WEIGHT_INPUTS * group;
    job.g_floats = job.g.w * group;
    job.scratch_stride = job.sums_floats + job.g_floats + job.x.w * GK_CPU_WEIGHT_INPUTS;
    job.scratch_stride = round_up(job.scratch_stride, 1024) + GK_BLOCK;
    return job;
}

static bool winograd_pays(const GkConv2dWeightGradient *args)
{
    const GkConv2dShape *s = &args->shape;
    const GkView *g = &args->g;
    return s->kernel_h == 3 && s->kernel_w == 3 && s->stride == 1 && s->dilation == 1 &&
           s->groups == 1 && args->x.c >= MIN_WINOGRAD_INPUTS && g->c >= MIN_WINOGRAD_OUTPUTS &&
           g->h * g->w * 9 >=
               LEAST_GAIN * N_FREQUENCIES * divide_up(g->h, TILE) * divide_up(g->w, TILE);
}

// Channels of a part, whole blocks, all parts about the same.
static size_t part_channels(size_t channels)
{
    return round_up(divide_up(channels, divide_up(channels, PART_CHANNELS)), GK_BLOCK);
}

// Everything that the result depends on follows from shapes, nothing from the number of threads.
static GkCpuWeightWinograd winograd_job(const GkConv2dWeightGradient *args)
{
    const GkView *x = &args->x, *g = &args->g;
    GkCpuWeightWinograd job = {.x = *x,
                               .g = *g,
                               .x_blocks = gk_cpu_is_blocks(x) && x->stride_x == GK_BLOCK,
                               .g_blocks = gk_cpu_is_blocks(g) && g->stride_x == GK_BLOCK,
                               .pad_top = args->shape.pad_top,
                               .pad_left = args->shape.pad_left,
                               .tiles_y = divide_up(g->h, TILE),
                               .tiles_x = divide_up(g->w, TILE),
                               .ic = x->c,
                               .oc = g->c,
                               .ic_part = part_channels(x->c),
                               .oc_part = part_channels(g->c),
                               .weight = args->weight};
    job.n_tiles = g->n * job.tiles_y * job.tiles_x;
    job.n_ic_parts = divide_up(job.ic, job.ic_part);
    job.n_oc_parts = divide_up(job.oc, job.oc_part);
    const size_t most = divide_up(WANTED_ITEMS, job.n_ic_parts * job.n_oc_parts);
    job.n_slices = job.n_tiles / MIN_SLICE_TILES;
    job.n_slices = job.n_slices < 1 ? 1 : job.n_slices < most ? job.n_slices : most;
    const size_t slice_tiles = divide_up(job.n_tiles, job.n_slices);
    const size_t most_tiles =
        GROUP_BYTES / (N_FREQUENCIES * (job.ic_part + job.oc_part) * sizeof(float));
    job.group_tiles = divide_up(slice_tiles, divide_up(slice_tiles, most_tiles));
    // Frequencies a power of two apart would share their cache sets.
    job.v_stride = (job.group_tiles * job.ic_part / GK_BLOCK | 1) * GK_BLOCK;
    job.p_stride = (job.group_tiles * job.oc_part / GK_BLOCK | 1) * GK_BLOCK;
    job.frequency_stride = job.ic_part * job.oc_part + GK_BLOCK;
    job.sums_floats = round_up(N_FREQUENCIES * job.frequency_stride, 1024);
    job.scratch_stride =
        N_FREQUENCIES * (job.v_stride + job.p_stride) + (job.n_slices == 1 ? job.sums_floats : 0);
    job.scratch_stride = round_up(job.scratch_stride, 1024) + GK_BLOCK;
    return job;
}

// All threads' scratch memory, then the sums of all items.
static size_t winograd_scratch_bytes(const GkContext *ctx, const GkCpuWeightWinograd *job)
{
    const size_t n_items = job->n_ic_parts * job->n_oc_parts * job->n_slices;
    return (round_up(job->scratch_stride * gk_pool_n_threads(ctx->pool), 1024) +
            (job->n_slices > 1 ? n_items * job->sums_floats : 0)) *
           sizeof(float);
}

static GkStatus run_winograd(GkContext *ctx, const GkConv2dWeightGradient *args)
{
    GkCpuWeightWinograd job = winograd_job(args);
    job.scratch = gk_cpu_scratch(ctx, winograd_scratch_bytes(ctx, &job));
    if (!job.scratch)
        return GK_ERROR_MEMORY;
    job.sums = job.scratch + round_up(job.scratch_stride * gk_pool_n_threads(ctx->pool), 1024);
    const size_t n_parts = job.n_ic_parts * job.n_oc_parts;
    gk_pool_run(ctx->pool, n_parts * job.n_slices, ctx->kernels->weight_winograd, &job);
    if (job.n_slices > 1)
        gk_pool_run(ctx->pool, n_parts * (job.ic_part / GK_CPU_WEIGHT_FINISH),
                    ctx->kernels->weight_winograd_finish, &job);
    return GK_OK;
}

GkStatus gk_cpu_conv2d_weight_gradient_cost(GkContext *ctx, const GkConv2dWeightGradient *args,
                                            GkCost *cost)
{
    if (!is_supported(&args->x, &args->g, &args->shape))
        return GK_ERROR_UNSUPPORTED;
    *cost = (GkCost){.flops = flops_of(&args->x, &args->g, &args->shape)};
    if (winograd_pays(args)) {
        const GkCpuWeightWinograd job = winograd_job(args);
        cost->scratch_bytes = winograd_scratch_bytes(ctx, &job);
        return GK_OK;
    }
    const GkCpuWeightGradient job = weight_job(ctx, args);
    cost->scratch_bytes = job.scratch_stride * gk_pool_n_threads(ctx->pool) * sizeof(float);
    return GK_OK;
}

GkStatus gk_cpu_conv2d_weight_gradient(GkContext *ctx, const GkConv2dWeightGradient *args,
                                       GkPlan **plan)
{
    if (!is_supported(&args->x, &args->g, &args->shape))
        return GK_ERROR_UNSUPPORTED;
    if (winograd_pays(args))
        return run_winograd(ctx, args);
    GkCpuWeightGradient job = weight_job(ctx, args);
    job.scratch =
        gk_cpu_scratch(ctx, job.scratch_stride * gk_pool_n_threads(ctx->pool) * sizeof(float));
    if (!job.scratch)
        return GK_ERROR_MEMORY;
    gk_pool_run(ctx->pool, args->shape.groups * job.n_chunks * job.n_columns,
                ctx->kernels->weight_gradient, &job);
    return GK_OK;
}
