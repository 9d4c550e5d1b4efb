// SPDX-License-Identifier: LGPL-3.0-or-later
// Gradient of a convolution for its weight, for every shape and type: a product of matrices over
// the pixels of g, whose rows are output channels and whose columns are taps and input channels.
//
// The pixels are cut into slices, so that few weights keep the device busy too; a second kernel
// adds the slices in their order. How many there are depends on the shapes only.
#include "conv_gradient.h"
#include "gradient_tile.cuh"

enum {
    WANTED_BLOCKS = 512,    // a few for each multiprocessor of a large device
    MIN_SLICE_PIXELS = 256, // below, adding slices would cost as much as they save
};

struct WeightGradient {
    GkView x, g;
    float *sums; // [slice][O][columns]
    int kernel_w, stride, dilation, pad_top, pad_left;
    unsigned oc, ic, groups; // channels of g and x in a group
    unsigned n_columns;      // taps times inputs
    unsigned row_tiles, column_tiles;
    unsigned n_pixels, slice_pixels;
};

struct WeightTerms {
    const WeightGradient &p;
    unsigned group, o, column; // the first that this thread reads: an output, and a column
    unsigned c;                // the column's input and tap
    int ky, kx;
    unsigned pixel, end; // the step's first pixel, and the slice's end

    __device__ WeightTerms(const WeightGradient &p, unsigned group, unsigned row,
                           unsigned first_column, unsigned slice)
        : p(p), group(group), o(row + tile_column()), column(first_column + tile_column())
    {
        c = column % p.ic;
        ky = (int)(column / p.ic) / p.kernel_w;
        kx = (int)(column / p.ic) % p.kernel_w;
        const unsigned first = slice * p.slice_pixels;
        end = p.n_pixels - first < p.slice_pixels ? p.n_pixels : first + p.slice_pixels;
        pixel = first - DEPTH;
    }

    __device__ bool next(void)
    {
        pixel += DEPTH;
        return pixel < end;
    }

    // Reads `count` channels of x from c on at the place that a tap reads for output (oy,
    // ox); zeros outside.
    __device__ void load_x(unsigned n, int oy, int ox, int ky, int kx, unsigned c, unsigned count,
                           float *b) const
    {
        const int iy = oy * p.stride + ky * p.dilation - p.pad_top;
        const int ix = ox * p.stride + kx * p.dilation - p.pad_left;
        const bool inside = iy >= 0 && iy < (int)p.x.h && ix >= 0 && ix < (int)p.x.w;
        load_or_zero(p.x, inside ? count : 0, n, iy, ix, group * p.ic + c, b);
    }

    // Columns of more than one tap.
    __device__ void load_mixed(unsigned n, int oy, int ox, float *b) const
    {
        unsigned at = c;
        int y = ky, x = kx;
#pragma unroll
        for (unsigned i = 0; i < LANES; i++) {
            float one[LANES];
            load_x(n, oy, ox, y, x, at, column + i < p.n_columns ? 1 : 0, one);
            b[i] = one[0];
            if (++at < p.ic)
                continue;
            at = 0;
            if (++x < p.kernel_w)
                continue;
            x = 0;
            y++;
        }
    }

    __device__ void load(float *a, float *b) const
    {
        const unsigned mine = pixel + threadIdx.x / (TILE / LANES);
        const bool there = mine < end;
        const int ox = (int)(mine % (unsigned)p.g.w);
        const unsigned row = mine / (unsigned)p.g.w;
        const int oy = (int)(row % (unsigned)p.g.h);
        const unsigned n = row / (unsigned)p.g.h;
        const unsigned n_outputs = there ? lanes_below(o, p.oc) : 0;
        load_or_zero(p.g, n_outputs, n, oy, ox, group * p.oc + o, a);
        if (there && p.ic % LANES != 0)
            load_mixed(n, oy, ox, b);
        else
            load_x(n, oy, ox, ky, kx, c, there && column < p.n_columns ? LANES : 0, b);
    }

    __device__ void put(float *to_a, const float *a, float *to_b, const float *b) const
    {
        const unsigned place = threadIdx.x / (TILE / LANES) * PITCH + tile_column();
        store_lanes(to_a + place, LANES, a);
        store_lanes(to_b + place, LANES, b);
    }
};

__global__ void __launch_bounds__(TILE_THREADS) weight_gradient(const WeightGradient p)
{
    unsigned rest = blockIdx.x;
    const unsigned first_column = rest % p.column_tiles * TILE;
    rest /= p.column_tiles;
    const unsigned row = rest % p.row_tiles * TILE;
    rest /= p.row_tiles;
    const unsigned group = rest % p.groups, slice = rest / p.groups;
    TileSums sums = {};
    WeightTerms terms(p, group, row, first_column, slice);
    tile_run(terms, sums);
    const unsigned count = lanes_below(terms.column, p.n_columns);
#pragma unroll
    for (unsigned i = 0; i < TILE_ROWS; i++) {
        const unsigned o = row + tile_row() + i;
        if (o < p.oc && count > 0)
            store_lanes(p.sums + (((size_t)slice * p.groups + group) * p.oc + o) * p.n_columns +
                            terms.column,
                        count, sums.v[i]);
    }
}

// From sums in cuDNN's order, [slice][O][tap][in_c], to the weight's.
template <class S> struct AddSlices {
    const S *sums;
    float *weight;
    size_t n_slices, slice_length;
    unsigned n_taps, n_inputs, in_c;

    __device__ void operator()(unsigned i) const
    {
        const unsigned c = i % n_inputs, tap = i / n_inputs % n_taps, o = i / n_inputs / n_taps;
        const S *from = sums + ((size_t)o * n_taps + tap) * in_c + c;
        float v = 0;
        for (size_t k = 0; k < n_slices; k++, from += slice_length)
            v += to_float(*from);
        weight[((size_t)o * n_inputs + c) * n_taps + tap] = v;
    }
};

static size_t n_weights(const GkConv2dWeightGradient *args)
{
    const GkConv2dShape *s = &args->shape;
    return args->g.c * (args->x.c / s->groups) * s->kernel_h * s->kernel_w;
}

template <class S>
static GkStatus add_slices(GkContext *ctx, const GkConv2dWeightGradient *args, const void *sums,
                           size_t n_slices, size_t in_c)
{
    const GkConv2dShape *s = &args->shape;
    const AddSlices<S> f = {(const S *)sums,
                            (float *)args->weight,
                            n_slices,
                            n_weights(args),
                            (unsigned)(s->kernel_h * s->kernel_w),
                            (unsigned)(args->x.c / s->groups),
                            (unsigned)in_c};
    return launch_each(ctx, "end of a weight gradient", f, n_weights(args));
}

GkStatus gk_cuda_krsc_unpack(GkContext *ctx, const GkConv2dWeightGradient *args, const void *krsc,
                             size_t in_c)
{
    return GK_CUDA_BY_DTYPE(gk_cuda_products_dtype(&args->x, &args->g), add_slices, ctx, args, krsc,
                            1, in_c);
}

// --- shapes ---

struct Slices {
    size_t count, pixels;
};

static size_t n_columns(const GkConv2dWeightGradient *args)
{
    const GkConv2dShape *s = &args->shape;
    return s->kernel_h * s->kernel_w * (args->x.c / s->groups);
}

// Tiles of one slice.
static size_t n_tiles(const GkConv2dWeightGradient *args)
{
    const size_t groups = args->shape.groups;
    return groups * tiles_of(args->g.c / groups) * tiles_of(n_columns(args));
}

static size_t divide_up(size_t a, size_t b)
{
    return (a + b - 1) / b;
}

static Slices slices_of(const GkConv2dWeightGradient *args)
{
    const size_t n_pixels = args->g.n * args->g.h * args->g.w;
    const size_t wanted = divide_up(WANTED_BLOCKS, n_tiles(args));
    const size_t most = divide_up(n_pixels, MIN_SLICE_PIXELS);
    const size_t pixels = divide_up(n_pixels, wanted < most ? wanted : most);
    Slices slices;
    slices.pixels = divide_up(pixels, DEPTH) * DEPTH;
    slices.count = divide_up(n_pixels, slices.pixels);
    return slices;
}

size_t gk_cuda_weight_gradient_bytes(const GkConv2dWeightGradient *args)
{
    return slices_of(args).count * n_weights(args) * sizeof(float);
}

GkStatus gk_cuda_weight_gradient_run(GkContext *ctx, const GkConv2dWeightGradient *args)
{
    const GkConv2dShape *s = &args->shape;
    const Slices slices = slices_of(args);
    const size_t n_pixels = args->g.n * args->g.h * args->g.w;
    const size_t n_blocks = slices.count * n_tiles(args);
    if (n_pixels > 0xffffffffu - 2 * DEPTH || n_blocks > 0x7fffffff)
        return GK_ERROR_UNSUPPORTED;
    WeightGradient p = {};
    p.x = args->x;
    p.g = args->g;
    p.sums = (float *)gk_cuda_scratch(ctx, gk_cuda_weight_gradient_bytes(args));
    if (p.sums == NULL)
        return GK_ERROR_MEMORY;
    p.kernel_w = (int)s->kernel_w;
    p.stride = (int)s->stride;
    p.dilation = (int)s->dilation;
    p.pad_top = (int)s->pad_top;
    p.pad_left = (int)s->pad_left;
    p.groups = (unsigned)s->groups;
    p.oc = (unsigned)(args->g.c / s->groups);
    p.ic = (unsigned)(args->x.c / s->groups);
    p.n_columns = (unsigned)n_columns(args);
    p.row_tiles = (unsigned)tiles_of(p.oc);
    p.column_tiles = (unsigned)tiles_of(p.n_columns);
    p.n_pixels = (unsigned)n_pixels;
    p.slice_pixels = (unsigned)slices.pixels;
    const GkStatus status = launch(ctx, "weight gradient", weight_gradient, (unsigned)n_blocks,
                                   TILE_THREADS, TILE_BYTES, p);
    return status == GK_OK ? add_slices<float>(ctx, args, p.sums, slices.count, p.ic) : status;
}
