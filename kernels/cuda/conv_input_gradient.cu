// SPDX-License-Identifier: LGPL-3.0-or-later
// Gradient of a convolution for its input, for every shape and type: each block gathers 64 pixels
// by 64 channels of x as a product of matrices over the taps and the channels of g.
//
// With stride s, x's pixels have s x s phases; those of one phase meet the same taps, so the
// pixels of a block are all of one, and no product with nothing is computed.
#include "conv_gradient.h"
#include "gradient_tile.cuh"

struct InputGradient {
    GkView g, x;
    const float *packed; // [tap][O][C/groups]
    int kernel_h, kernel_w, stride, dilation, pad_top, pad_left;
    unsigned oc, ic, groups;            // channels of g and x in a group
    unsigned phase_h, phase_w;          // pixels of a phase, of which the last may be outside of x
    unsigned pixel_tiles, column_tiles; // of a phase; of a group
    const float *bias;                  // [C] or NULL
    Activation activation;
    int *overflow;
};

// What a transposed convolution ends with, for `count` channels of x from c on.
__device__ static inline void end(const float *bias, const Activation &activation, unsigned c,
                                  unsigned count, float *v)
{
    for (unsigned k = 0; k < LANES; k++)
        if (k < count)
            v[k] = activate(activation, c + k, v[k] + (bias ? bias[c + k] : 0.0f));
}

struct InputTerms {
    const InputGradient &p;
    unsigned group, c; // c: the first of this thread's columns, in its group
    int phase_y, phase_x;
    // This thread's pixel.
    bool inside;
    unsigned n;
    int y, x;
    // The step: DEPTH channels of g from o on, at a tap that reads `shift` beside the pixel.
    int tap, shift_y, shift_x;
    unsigned o;

    __device__ InputTerms(const InputGradient &p, unsigned phase, unsigned pixel_tile,
                          unsigned group, unsigned column)
        : p(p), group(group), c(column + tile_column()), tap(-1), o(p.oc)
    {
        phase_y = (int)phase / p.stride;
        phase_x = (int)phase % p.stride;
        const unsigned pixel = pixel_tile * TILE + threadIdx.x % TILE;
        x = (int)(pixel % p.phase_w);
        y = (int)(pixel / p.phase_w % p.phase_h);
        n = pixel / p.phase_w / p.phase_h;
        inside = n < p.x.n;
    }

    // Coordinate phase + stride * i of x meets a tap where `there` divides by the stride, at g's
    // coordinate i + shift.
    __device__ bool meets(void)
    {
        const int there_y = phase_y + p.pad_top - tap / p.kernel_w * p.dilation;
        const int there_x = phase_x + p.pad_left - tap % p.kernel_w * p.dilation;
        shift_y = there_y / p.stride;
        shift_x = there_x / p.stride;
        return there_y % p.stride == 0 && there_x % p.stride == 0;
    }

    __device__ bool next(void)
    {
        o += DEPTH;
        if (o < p.oc)
            return true;
        o = 0;
        do
            tap++;
        while (tap < p.kernel_h * p.kernel_w && !meets());
        return tap < p.kernel_h * p.kernel_w;
    }

    __device__ void load(float *a, float *b) const
    {
        const unsigned k = o + threadIdx.x / TILE * LANES, row = o + threadIdx.x / (TILE / LANES);
        const int oy = y + shift_y, ox = x + shift_x;
        const bool there =
            inside && k < p.oc && oy >= 0 && oy < (int)p.g.h && ox >= 0 && ox < (int)p.g.w;
        load_or_zero(p.g, there ? lanes_below(k, p.oc) : 0, n, oy, ox, group * p.oc + k, a);
        const unsigned count = row < p.oc ? lanes_below(c, p.ic) : 0;
        const size_t place = ((size_t)tap * p.groups + group) * p.oc + row;
        load_lanes(count > 0 ? p.packed + place * p.ic + c : p.packed, count, b);
    }

    // A warp's pixels lie side by side: their words fall on different banks.
    __device__ void put(float *to_a, const float *a, float *to_b, const float *b) const
    {
        const unsigned pixel = threadIdx.x % TILE, k = threadIdx.x / TILE * LANES;
#pragma unroll
        for (unsigned i = 0; i < LANES; i++)
            to_a[(k + i) * PITCH + pixel] = a[i];
        store_lanes(to_b + threadIdx.x / (TILE / LANES) * PITCH + tile_column(), LANES, b);
    }
};

__global__ void __launch_bounds__(TILE_THREADS) input_gradient(const InputGradient p)
{
    unsigned rest = blockIdx.x;
    const unsigned column = rest % p.column_tiles * TILE;
    rest /= p.column_tiles;
    const unsigned pixel_tile = rest % p.pixel_tiles;
    rest /= p.pixel_tiles;
    const unsigned group = rest % p.groups, phase = rest / p.groups;
    TileSums sums = {};
    InputTerms terms(p, phase, pixel_tile, group, column);
    tile_run(terms, sums);
    const unsigned count = lanes_below(terms.c, p.ic);
    if (count == 0)
        return;
#pragma unroll
    for (unsigned i = 0; i < TILE_ROWS; i++) {
        const unsigned pixel = pixel_tile * TILE + tile_row() + i;
        const unsigned x = pixel % p.phase_w * p.stride + terms.phase_x;
        const unsigned y = pixel / p.phase_w % p.phase_h * p.stride + terms.phase_y;
        const unsigned n = pixel / p.phase_w / p.phase_h;
        if (n < p.x.n && y < p.x.h && x < p.x.w) {
            end(p.bias, p.activation, group * p.ic + terms.c, count, sums.v[i]);
            store(p.x, place_of(p.x, n, y, x, group * p.ic + terms.c), count, sums.v[i],
                  p.overflow);
        }
    }
}

static size_t n_weights(const GkConv2dInputGradient *args)
{
    const GkConv2dShape *s = &args->shape;
    return args->g.c * (args->x.c / s->groups) * s->kernel_h * s->kernel_w;
}

size_t gk_cuda_input_gradient_bytes(const GkConv2dInputGradient *args)
{
    return n_weights(args) * sizeof(float);
}

static Activation activation_of(const GkConv2dInputGradient *args)
{
    return {args->activation.kind, args->activation.slope, (const float *)args->activation.slopes};
}

struct End {
    GkView x;
    Places places;
    const float *bias;
    Activation activation;
    int *overflow;

    __device__ void operator()(unsigned i) const
    {
        const Place p = places.at(i);
        float v[LANES];
        load(x, p, v);
        end(bias, activation, p.c, p.count, v);
        store(x, p, v, overflow);
    }
};

GkStatus gk_cuda_input_gradient_end(GkContext *ctx, const GkConv2dInputGradient *args)
{
    const End f = {args->x, Places(args->x), (const float *)args->bias, activation_of(args),
                   ctx->overflow};
    return launch_each(ctx, "end of a convolution", f, n_places(args->x));
}

struct PackGradient {
    const float *weight;
    float *packed;
    unsigned n_taps, n_inputs, n_outputs;

    __device__ void operator()(unsigned i) const
    {
        const unsigned c = i % n_inputs, o = i / n_inputs % n_outputs;
        const unsigned tap = i / n_inputs / n_outputs;
        packed[i] = weight[((size_t)o * n_inputs + c) * n_taps + tap];
    }
};

GkStatus gk_cuda_input_gradient_pack(GkContext *ctx, const GkConv2dInputGradient *args,
                                     void *packed)
{
    const GkConv2dShape *s = &args->shape;
    const PackGradient f = {(const float *)args->weight, (float *)packed,
                            (unsigned)(s->kernel_h * s->kernel_w),
                            (unsigned)(args->x.c / s->groups), (unsigned)args->g.c};
    return launch_each(ctx, "packing of weights", f, n_weights(args));
}

struct Turn {
    const float *weight;
    float *turned;
    unsigned n_taps, n_inputs, n_outputs;

    __device__ void operator()(unsigned i) const
    {
        const unsigned tap = i % n_taps, o = i / n_taps % n_outputs, c = i / n_taps / n_outputs;
        turned[i] = weight[((size_t)o * n_inputs + c) * n_taps + n_taps - 1 - tap];
    }
};

GkStatus gk_cuda_turn(GkContext *ctx, const GkConv2dInputGradient *args, float *turned)
{
    const Turn f = {(const float *)args->weight, turned,
                    (unsigned)(args->shape.kernel_h * args->shape.kernel_w), (unsigned)args->x.c,
                    (unsigned)args->g.c};
    return launch_each(ctx, "packing of weights", f, n_weights(args));
}

GkStatus gk_cuda_input_gradient_run(GkContext *ctx, const GkConv2dInputGradient *args,
                                    const void *packed)
{
    const GkConv2dShape *s = &args->shape;
    InputGradient p = {};
    p.g = args->g;
    p.x = args->x;
    p.packed = (const float *)packed;
    p.kernel_h = (int)s->kernel_h;
    p.kernel_w = (int)s->kernel_w;
    p.stride = (int)s->stride;
    p.dilation = (int)s->dilation;
    p.pad_top = (int)s->pad_top;
    p.pad_left = (int)s->pad_left;
    p.groups = (unsigned)s->groups;
    p.oc = (unsigned)(args->g.c / s->groups);
    p.ic = (unsigned)(args->x.c / s->groups);
    p.phase_h = (unsigned)((args->x.h + s->stride - 1) / s->stride);
    p.phase_w = (unsigned)((args->x.w + s->stride - 1) / s->stride);
    const size_t n_pixels = args->x.n * p.phase_h * p.phase_w;
    p.pixel_tiles = (unsigned)tiles_of(n_pixels);
    p.column_tiles = (unsigned)tiles_of(p.ic);
    p.bias = (const float *)args->bias;
    p.activation = activation_of(args);
    p.overflow = ctx->overflow;
    // Of x smaller than the stride some phases have no pixel.
    const size_t n_blocks = p.column_tiles * tiles_of(n_pixels) * s->groups * s->stride * s->stride;
    if (n_pixels > 0xffffffffu - TILE || n_blocks > 0x7fffffff)
        return GK_ERROR_UNSUPPORTED;
    return launch(ctx, "input gradient", input_gradient, (unsigned)n_blocks, TILE_THREADS,
                  TILE_BYTES, p);
}
