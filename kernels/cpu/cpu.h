// SPDX-License-Identifier: LGPL-3.0-or-later
// What the files of the CPU backend share: the context, the plan, and the jobs that conv2d.c and
// the pointwise operations hand to kernels compiled per instruction set.
#ifndef GK_CPU_CPU_H
#define GK_CPU_CPU_H

#include "ops/all.h"

#include "onednn.h"
#include "pool.h"

#include <stdbool.h>
#include <stdint.h>

// Output channels of a convolution lie in "packed order" inside the backend: (dy, dx, c) instead
// of the pixel shuffle's (c, dy, dx), so that a vector of neighbouring outputs goes to
// neighbouring channels of one pixel. Without a shuffle the two orders are the same. The count is
// padded to whole blocks.

// The end of a convolution, from the sum to memory.
typedef struct {
    GkView y;
    size_t shuffle;
    GkActivationKind kind;
    const float *bias;   // packed order
    const float *slopes; // packed order; GK_ACT_PRELU's, or one that is the same for all
    GkView gate;         // no data: none
    size_t n_residuals;
    GkResidual residual[GK_MAX_RESIDUALS];
    // All views are whole blocks of 16 channels and a block has one place in the shuffle.
    bool blocks;
} GkCpuEpilogue;

// A 3x3 convolution of stride 1 as Winograd F(6 x 6, 3 x 3), with the last tiles of an axis smaller
// where that wastes less.
#define GK_CPU_WINOGRAD_A 8           // frequencies along an axis
#define GK_CPU_WINOGRAD_MAX_TILES 128 // of a block

// Tiles along an axis: n_large of 6 outputs, whose inputs have 8 frequencies, and then tiles of 4
// with 6 frequencies.
typedef struct {
    size_t n, n_large;
} GkCpuTiles;

// Returns the first output of tile i; that of the tile behind the last one is the tiles' extent.
static inline size_t gk_cpu_tile_start(const GkCpuTiles *tiles, size_t i)
{
    return i <= tiles->n_large ? 6 * i : 4 * i + 2 * tiles->n_large;
}

// Returns the frequencies of the tiles before tile i.
static inline size_t gk_cpu_tile_frequencies(const GkCpuTiles *tiles, size_t i)
{
    return i <= tiles->n_large ? 8 * i : 6 * i + 2 * tiles->n_large;
}

// Returns the tile that has the frequency `f` of all tiles' one after the other.
static inline size_t gk_cpu_tile_at_frequency(const GkCpuTiles *tiles, size_t f)
{
    return f < 8 * tiles->n_large ? f / 8 : (f - 2 * tiles->n_large) / 6;
}

typedef struct {
    GkView x;
    bool blocks; // x is whole blocks of 16 channels
    size_t upsample, pad_top, pad_left;
    GkPadMode pad_mode;
    size_t h, w;         // of x after upsampling
    size_t out_h, out_w; // before the shuffle
    size_t ic, oc;       // oc padded to whole blocks
    GkCpuTiles rows, columns;
    size_t n_images;
    size_t n_blocks;     // of tiles that are worked on together
    size_t tile_stride;  // floats from one tile of V (and of M, in the same place) to the next
    size_t plane_stride; // floats from one frequency to the next
    size_t u_stride;     // floats from one frequency of u to the next
    const float *u;      // [frequency][group of output channels][ic][channels of the group]
    float *scratch;      // V, then one tile of outputs
    size_t scratch_stride;
    GkCpuEpilogue epilogue;
} GkCpuWinograd;

// Returns the frequencies of all tiles together, which the matrix products' time goes with.
static inline size_t gk_cpu_winograd_work(const GkCpuWinograd *job)
{
    return job->n_images * gk_cpu_tile_frequencies(&job->rows, job->rows.n) *
           gk_cpu_tile_frequencies(&job->columns, job->columns.n);
}

// The transform of a layer's weights for the above; items are chunks of 16 input channels.
typedef struct {
    const float *weight; // [out_channels][ic][3][3]
    size_t out_channels, shuffle;
    size_t ic, oc;
    size_t u_stride;
    float *u;
} GkCpuWinogradWeights;

// Any convolution, over rows that are first copied into scratch with their border.
typedef struct {
    GkView x;
    size_t upsample, pad_top, pad_left, stride, dilation;
    GkPadMode pad_mode;
    size_t kernel_h, kernel_w;
    size_t h, w;         // of x after upsampling
    size_t out_h, out_w; // before the shuffle
    size_t groups;
    size_t ic, oc;                                               // of one group; oc not padded
    size_t oc_padded;                                            // of one group
    size_t channels, shuffle, transposed_kernel, transposed_pad; // of y; see window.h
    size_t pixel_stride; // floats from one staged pixel to the next: ic, or more for whole vectors
    // An item is `rows` rows of `segment` outputs, and one of n_parts parts of the channels.
    size_t rows, segment;
    size_t n_row_blocks, n_segments, n_parts, n_items;
    const float *weight; // as conv2d.c packs it
    float *scratch;      // staged rows, then sums, then outputs
    size_t scratch_stride, staged_floats, sums_floats;
    GkCpuEpilogue epilogue;
} GkCpuDirect;

// Sums in memory, channels-last, in the order of the weights, and without bias; items are rows.
#define GK_CPU_FINISH_PIXELS 16

typedef struct {
    const float *values;
    size_t out_h, out_w, n_outputs;
    float *scratch; // GK_CPU_FINISH_PIXELS + 1 pixels
    size_t scratch_stride, buffer_stride;
    GkCpuEpilogue epilogue; // bias and slopes in the order of the weights
} GkCpuFinish;

// Outputs that the few-outputs kernel has room for.
#define GK_CPU_FEW 4

typedef enum { GK_CPU_ADD, GK_CPU_MULTIPLY, GK_CPU_AFFINE, GK_CPU_ACTIVATE } GkCpuPointwiseKind;

// y = op(a, b) or op(a) over `count` floats; channel parameters repeat with `period`, which is
// count or a multiple of GK_BLOCK.
typedef struct {
    GkCpuPointwiseKind kind;
    GkActivationKind activation;
    float alpha, beta;          // GK_CPU_ADD; alpha is the slope of GK_ACT_LEAKY and GK_ACT_ELU
    const float *scale, *shift; // GK_CPU_AFFINE; scale holds the slopes of GK_ACT_PRELU
} GkCpuPointwise;

// The weight gradient of a convolution; an item is one group of the convolution, chunk of its input
// channels and vectors of its outputs, summed over all pixels.
#define GK_CPU_WEIGHT_INPUTS 12

typedef struct {
    GkView x, g;
    GkConv2dShape shape;
    size_t ic, oc;    // of one group
    size_t n_chunks;  // of input channels of a group
    size_t n_columns; // groups of output channels of a group
    float *weight;    // [groups * oc][ic][kernel_h][kernel_w]
    float *scratch;   // sums, then a row of g, then a row of x
    size_t scratch_stride, sums_floats, g_floats;
} GkCpuWeightGradient;

// The same of a 3x3 convolution of stride 1, in Winograd's form; an item is a part of the channels
// and a slice of the tiles. With one slice an item ends with the weights, otherwise
// weight_winograd_finish adds the slices up: an item is GK_CPU_WEIGHT_FINISH inputs of a part.
#define GK_CPU_WEIGHT_FINISH 8

typedef struct {
    GkView x, g;
    bool x_blocks, g_blocks; // whole blocks of 16 channels, pixels without gaps
    size_t pad_top, pad_left;
    size_t tiles_y, tiles_x, n_tiles;
    size_t group_tiles; // that are worked on together
    size_t ic, oc;
    size_t ic_part, oc_part; // channels of a part, whole blocks
    size_t n_ic_parts, n_oc_parts, n_slices;
    size_t v_stride, p_stride; // floats from one frequency to the next
    size_t frequency_stride;   // of the sums
    size_t sums_floats;        // of an item
    float *sums;               // of all items, unless there is one slice
    float *scratch;            // V, P, and with one slice the sums
    size_t scratch_stride;
    float *weight; // [oc][ic][3][3]
} GkCpuWeightWinograd;

// y = f(a, b) or f(a) over `rows` runs of `count` floats. A step is the floats from one run to the
// next, 0 for the same again; `*_single` says that one float stands for the whole run.
typedef enum { GK_CPU_UNARY, GK_CPU_BINARY } GkCpuArity;

typedef struct {
    GkCpuArity arity;
    int kind; // GkUnaryKind or GkBinaryKind
    float alpha, beta;
    const float *a, *b;
    float *y;
    size_t rows, count;
    size_t a_step, b_step, y_step;
    bool a_single, b_single;
} GkCpuElementwise;

// Where a coordinate of an enlarged picture falls between two of the small one, and the weight of
// the second.
typedef struct {
    size_t first, second;
    float weight;
} GkCpuBetween;

// `pixels` of a row between two rows of a smaller picture, of neighbouring channels.
typedef struct {
    const float *upper, *lower;
    float *y;
    size_t pixels, channels;
    size_t x_step, y_step;
    float weight; // of the lower row
    const GkCpuBetween *columns;
} GkCpuBlend;

// y[i] = sum of `rows` floats a step apart, for i < count; in order.
typedef void (*GkCpuSumRows)(const float *x, size_t rows, size_t step, size_t count, float *y);

// Rows [first, first + rows) of y = A B; a(i, k) is a[i * a_row + k * a_column], b is packed as
// [n columns rounded up to the group]: rows of b_row floats.
typedef struct {
    const float *a, *b;
    float *y;
    size_t a_row, a_column, b_row, y_row;
    size_t rows, inner, columns;
} GkCpuMatmul;

// A piece of a picture that the first-level cache has room for: `rows` runs of pixels.
typedef struct {
    const float *x;
    size_t rows, pixels;
    size_t row_step, pixel_step;
    size_t channels; // that are neighbours in memory
} GkCpuPiece;

// Of each channel: a value near the mean of its piece, and the sums of the deviations from it and
// of their squares.
typedef struct {
    float *center, *sum, *squares;
} GkCpuDeviations;

// y = activation((x - mean) * scale + bias) + r over `pixels` pixels of neighbouring channels.
typedef struct {
    const float *x, *r; // r: NULL for none
    float *y;
    size_t pixels, channels;
    size_t x_step, r_step, y_step;
    const float *mean, *scale, *bias, *slopes; // of the first channel on
    GkActivationKind kind;
} GkCpuNormalise;

// The kernels of one instruction set.
typedef struct {
    const char *name;
    size_t lanes;
    size_t group; // output channels that the matrix products take together
    GkWork winograd, winograd_weights;
    GkWork direct;
    GkWork few, depthwise;
    GkWork finish;
    GkWork weight_gradient;
    GkWork weight_winograd, weight_winograd_finish;
    void (*elementwise)(const GkCpuElementwise *op);
    GkCpuSumRows sum_rows;
    float (*sum)(const float *x, size_t count); // in a fixed order
    void (*matmul)(const GkCpuMatmul *op);
    void (*moments)(const GkCpuPiece *piece, const GkCpuDeviations *to);
    void (*normalise)(const GkCpuNormalise *op);
    void (*blend)(const GkCpuBlend *op);
    // Softmax of `count` floats side by side.
    void (*softmax_line)(const float *x, float *y, size_t count);
    // Softmax over `rows` floats a step apart, for each of `count` side by side.
    void (*softmax_rows)(const float *x, size_t x_step, float *y, size_t y_step, size_t rows,
                         size_t count);
    void (*pointwise)(const GkCpuPointwise *op, const float *a, const float *b, float *y,
                      size_t count, size_t channel, size_t period);
} GkCpuKernels;

extern const GkCpuKernels gk_cpu_kernels_avx512;
extern const GkCpuKernels gk_cpu_kernels_avx2;
extern const GkCpuKernels gk_cpu_kernels_plain;

// What all plans begin with.
struct GkPlan {
    void (*free)(GkPlan *plan);
};

struct GkContext {
    const GkCpuKernels *kernels;
    GkPool *pool;
    void *scratch;
    size_t scratch_bytes;
    GkCpuOnednn *onednn; // opened at the first need
    bool onednn_tried;
};

// Returns the kernels of the best instruction set that this machine has.
const GkCpuKernels *gk_cpu_best_kernels(void);

// Memory for kernels: aligned to 64 bytes, and to huge pages from their size on.
void *gk_cpu_alloc(size_t bytes);
void gk_cpu_free(void *memory, size_t bytes);

// Returns at least `bytes` of the context's scratch memory; NULL when there is none left. The next
// call may move it.
float *gk_cpu_scratch(GkContext *ctx, size_t bytes);

// Returns whether the backend takes the view: float32, with memory where it has pixels.
bool gk_cpu_view_valid(const GkView *view);
bool gk_cpu_same_shape(const GkView *a, const GkView *b);

// Returns whether channels lie in whole blocks of GK_BLOCK from lane 0 on.
bool gk_cpu_is_blocks(const GkView *view);

// Returns the channels from `c` on that are neighbours in memory, at most view->c - c.
static inline size_t gk_cpu_run(const GkView *view, size_t c)
{
    const size_t left = view->block - (view->first + c) % view->block;
    return left < view->c - c ? left : view->c - c;
}

// Returns where `channel` of the packed order stands in the weights' order.
static inline size_t gk_cpu_packed_channel(size_t channel, size_t channels, size_t shuffle)
{
    return channel % channels * shuffle * shuffle + channel / channels;
}

void gk_cpu_plan_free(GkContext *ctx, GkPlan *plan);

// The slots of GkOps.
#define GK_CPU(op) gk_cpu_##op
GK_OPS_DECLARE(GK_CPU)

#endif
