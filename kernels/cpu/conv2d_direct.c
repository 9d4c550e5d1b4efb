// SPDX-License-Identifier: LGPL-3.0-or-later
// The direct ways of computing a convolution: which of them takes it, how its work is cut into
// items, and their packed weights.
#include "conv2d-private.h"
#include "window.h"

// Bytes of rows that a core stages for a direct convolution, and rows of outputs that share them.
// Weights that no second-level cache holds are read for each item: there are fewer of these then.
#define STAGED_BYTES ((size_t)128 << 10)
#define LARGE_WEIGHT_BYTES ((size_t)2 << 20)
#define LARGE_STAGED_BYTES ((size_t)1 << 20)
#define MAX_SHARING_ROWS 8
// Items that a thread should have, so that all of them finish together.
#define WANTED_ITEMS 4
// Input channels from which on vectors of them pay.
#define MIN_VECTOR_INPUTS 8

bool gk_cpu_ends_in_blocks(const GkConv2d *args)
{
    bool blocks = gk_cpu_is_blocks(&args->y) && (args->shuffle == 1 || args->y.c % GK_BLOCK == 0) &&
                  (!args->gate || gk_cpu_is_blocks(args->gate));
    for (size_t i = 0; i < args->n_residuals; i++)
        blocks = blocks && gk_cpu_is_blocks(&args->residual[i].r);
    return blocks;
}

// Segments of `rows` rows that share what they stage, which stays in the cache.
static void cut_direct(GkCpuDirect *d, size_t rows)
{
    const size_t weight_bytes = d->oc_padded * d->kernel_h * d->kernel_w * d->ic * sizeof(float);
    const size_t bytes = weight_bytes > LARGE_WEIGHT_BYTES ? LARGE_STAGED_BYTES : STAGED_BYTES;
    d->rows = rows < d->out_h ? rows : d->out_h;
    const size_t staged_rows = (d->rows - 1) * d->stride + d->kernel_h;
    const size_t pixel_bytes = staged_rows * d->pixel_stride * d->stride * sizeof(float);
    const size_t least = d->out_w < 24 ? d->out_w : 24;
    size_t segment = bytes / pixel_bytes / 12 * 12;
    if (segment < least && d->rows > 1) {
        cut_direct(d, d->rows / 2);
        return;
    }
    if (segment < 24)
        segment = 24;
    d->n_segments = divide_up(d->out_w, segment);
    d->segment = round_up(divide_up(d->out_w, d->n_segments), 12);
    d->n_segments = divide_up(d->out_w, d->segment);
    d->n_row_blocks = divide_up(d->out_h, d->rows);
}

static size_t count_items(const GkCpuDirect *d, size_t n_images)
{
    return n_images * d->n_row_blocks * d->n_segments * d->n_parts;
}

void gk_cpu_direct_shape(const GkContext *ctx, const GkConv2d *args, GkCpuConvShape *s)
{
    GkCpuDirect *d = &s->direct;
    const size_t n_threads = gk_pool_n_threads(ctx->pool), wanted = WANTED_ITEMS * n_threads;
    *d = (GkCpuDirect){.x = args->x,
                       .upsample = args->upsample,
                       .pad_top = args->pad_top,
                       .pad_left = args->pad_left,
                       .pad_mode = args->pad_mode,
                       .stride = args->stride,
                       .dilation = args->dilation,
                       .kernel_h = args->kernel_h,
                       .kernel_w = args->kernel_w,
                       .h = args->x.h * args->upsample,
                       .w = args->x.w * args->upsample,
                       .out_h = s->out_h,
                       .out_w = s->out_w,
                       .groups = args->groups,
                       .ic = s->ic,
                       .oc = s->oc,
                       .oc_padded = s->oc_padded,
                       .channels = args->y.c,
                       .shuffle = args->shuffle,
                       .transposed_kernel = args->groups == 1 ? args->transposed_kernel : 0,
                       .transposed_pad = args->transposed_pad,
                       .pixel_stride = s->method == METHOD_FEW ? round_up(s->ic, GK_BLOCK) : s->ic,
                       .n_parts = 1};
    if (s->method == METHOD_DEPTHWISE) {
        d->groups = 1;
        d->ic = d->oc = d->oc_padded = d->pixel_stride = GK_BLOCK;
        d->n_parts = divide_up(args->x.c, GK_BLOCK);
    }
    // What passes through a buffer passes a row at a time; so do taps with gaps between them.
    const bool blocks =
        s->method == METHOD_DIRECT && args->groups == 1 && gk_cpu_ends_in_blocks(args);
    const bool shares = args->dilation == 1 && (blocks || s->method != METHOD_DIRECT);
    cut_direct(d, shares ? MAX_SHARING_ROWS : 1);
    const size_t n_groups = blocks ? divide_up(d->oc_padded, ctx->kernels->group) : 1;
    const size_t n_places = count_items(d, args->y.n);
    if (blocks && n_places > 0 && n_places < wanted)
        d->n_parts =
            n_groups < divide_up(wanted, n_places) ? n_groups : divide_up(wanted, n_places);
    while (d->rows > 1 && count_items(d, args->y.n) < wanted)
        cut_direct(d, d->rows / 2);
    d->n_items = count_items(d, args->y.n);

    const size_t staged_pixels = (d->segment - 1) * d->stride + (d->kernel_w - 1) * d->dilation + 1;
    const size_t staged_rows = (d->rows - 1) * d->stride + d->kernel_h;
    d->staged_floats = round_up(staged_rows * staged_pixels * d->pixel_stride, GK_BLOCK);
    switch (s->method) {
    case METHOD_FEW:
        s->weight_floats = d->kernel_h * d->kernel_w * d->pixel_stride * s->oc;
        break;
    case METHOD_DEPTHWISE:
        s->weight_floats = d->n_parts * GK_BLOCK * d->kernel_h * d->kernel_w;
        break;
    default:
        d->sums_floats = (d->rows * d->segment + MAX_GROUP_ROWS) * ctx->kernels->group;
        s->weight_floats =
            gk_cpu_window_weights(d, args->groups * s->oc_padded, ctx->kernels->group);
    }
    const size_t pixel_outputs = s->method == METHOD_DIRECT ? d->groups * d->oc_padded : GK_BLOCK;
    d->scratch_stride =
        d->staged_floats + d->sums_floats + (d->segment + 1) * pixel_outputs + GK_BLOCK;
    d->scratch_stride = round_up(d->scratch_stride, 1024) + GK_BLOCK;
    s->scratch_floats = d->scratch_stride * n_threads;
}

static bool is_depthwise(const GkConv2d *args)
{
    return args->groups > 1 && args->groups == args->x.c && args->groups == args->out_channels &&
           args->shuffle == 1 && gk_cpu_is_blocks(&args->x) && gk_cpu_ends_in_blocks(args);
}

GkCpuMethod gk_cpu_direct_method(const GkConv2d *args)
{
    if (is_depthwise(args))
        return METHOD_DEPTHWISE;
    if (args->groups == 1 && args->out_channels <= GK_CPU_FEW && args->x.c >= MIN_VECTOR_INPUTS)
        return METHOD_FEW;
    return METHOD_DIRECT;
}

size_t gk_cpu_source_channel(const GkConv2d *args, const GkCpuConvShape *s, size_t g, size_t o)
{
    if (o >= s->oc)
        return args->out_channels;
    if (args->groups > 1)
        return g * s->oc + o;
    return gk_cpu_packed_channel(o, args->y.c, args->shuffle);
}

typedef struct {
    const GkConv2d *args;
    const GkCpuConvShape *s;
    size_t group;
    float *to;
} Packing;

// [group of the convolution][group of vectors][y and x of the window][ic][channels of the group of
// vectors]; an item is a group of vectors.
static void pack_group(const void *data, size_t item, size_t worker)
{
    const Packing *p = data;
    const GkConv2d *args = p->args;
    const GkCpuDirect *job = &p->s->direct;
    const float *weight = args->weight;
    const size_t n_groups = divide_up(job->oc_padded, p->group), g = item / n_groups,
                 first = item % n_groups * p->group, left = job->oc_padded - first,
                 width = left < p->group ? left : p->group, ic = job->ic;
    const GkCpuWindow window = gk_cpu_window(job, first, width);
    float *to = p->to + gk_cpu_window_weights(job, g * job->oc_padded + first, p->group);
    for (size_t o = 0; o < width; o++) {
        const size_t from = gk_cpu_source_channel(args, p->s, g, first + o);
        for (size_t c = 0; c < ic; c++)
            for (size_t y = 0; y < window.h; y++)
                for (size_t x = 0; x < window.w; x++) {
                    const size_t tap =
                        ((from * ic + c) * args->kernel_h + window.y + y) * args->kernel_w +
                        window.x + x;
                    to[((y * window.w + x) * ic + c) * width + o] =
                        from < args->out_channels ? weight[tap] : 0;
                }
    }
}

static void pack_direct(GkContext *ctx, const GkConv2d *args, const GkCpuConvShape *s, float *to)
{
    const Packing packing = {args, s, ctx->kernels->group, to};
    gk_pool_run(ctx->pool, args->groups * divide_up(s->oc_padded, packing.group), pack_group,
                &packing);
}

// [kernel_h][kernel_w][vector of inputs][outputs][lanes]
static void pack_few(const GkContext *ctx, const GkConv2d *args, const GkCpuConvShape *s, float *to)
{
    const float *weight = args->weight;
    const size_t n_taps = args->kernel_h * args->kernel_w, lanes = ctx->kernels->lanes;
    for (size_t tap = 0; tap < n_taps; tap++)
        for (size_t c = 0; c < s->direct.pixel_stride; c += lanes)
            for (size_t o = 0; o < s->oc; o++)
                for (size_t l = 0; l < lanes; l++) {
                    const size_t from = gk_cpu_source_channel(args, s, 0, o);
                    *to++ = c + l < s->ic ? weight[(from * s->ic + c + l) * n_taps + tap] : 0;
                }
}

// [block of channels][kernel_h][kernel_w][channels of the block]
static void pack_depthwise(const GkConv2d *args, float *to)
{
    const float *weight = args->weight;
    const size_t n_taps = args->kernel_h * args->kernel_w;
    for (size_t first = 0; first < args->x.c; first += GK_BLOCK)
        for (size_t tap = 0; tap < n_taps; tap++)
            for (size_t c = first; c < first + GK_BLOCK; c++)
                *to++ = c < args->x.c ? weight[c * n_taps + tap] : 0;
}

void gk_cpu_direct_pack(GkContext *ctx, const GkConv2d *args, const GkCpuConvShape *s, float *to)
{
    switch (s->method) {
    case METHOD_FEW:
        pack_few(ctx, args, s, to);
        break;
    case METHOD_DEPTHWISE:
        pack_depthwise(args, to);
        break;
    default:
        pack_direct(ctx, args, s, to);
    }
}
