// SPDX-License-Identifier: LGPL-3.0-or-later
// Kernels: views on memory, the table of operations, and what a backend is. No GLib, no files, no
// graph.
#ifndef GK_H
#define GK_H

#include <stddef.h>

#ifdef __cplusplus
extern "C" {
#endif

typedef enum {
    GK_OK = 0,
    GK_ERROR_UNSUPPORTED, // the backend has no kernel for these arguments
    GK_ERROR_MEMORY,      // out of memory
    GK_ERROR_DEVICE,      // the device or its library failed
} GkStatus;

// Returns a static English phrase for `status`.
const char *gk_status_text(GkStatus status);

typedef enum { GK_F32, GK_F64 } GkDtype;

// Returns the size of one element in bytes.
size_t gk_dtype_bytes(GkDtype dtype);

// The channels that lie together in blocked layout; one AVX-512 register of float32.
#define GK_BLOCK 16

// A batch of images in memory: the one activation layout of the project. Channels lie together in
// blocks of `block`: block >= c gives channels-last (NHWC, the layout at a plan's ends), GK_BLOCK
// gives planes of 16 channels (NCHW16c, the layout inside a CPU plan). There is no halo: kernels
// handle borders. Lanes of a block that belong to no channel may hold anything and may be
// overwritten.
typedef struct {
    void *data; // element (0, 0, 0) of the block that holds channel 0
    GkDtype dtype;
    size_t n, h, w, c;
    size_t block;        // channels in a block
    size_t first;        // lane of channel 0 in its block, < block
    size_t stride_n;     // elements from one image to the next
    size_t stride_block; // elements from one block of channels to the next
    size_t stride_y;     // elements from one row to the next
    size_t stride_x;     // elements from one pixel to the next
} GkView;

// Returns the offset of an element from `data`, in elements.
static inline size_t gk_offset(const GkView *v, size_t n, size_t y, size_t x, size_t c)
{
    const size_t lane = v->first + c;
    return n * v->stride_n + lane / v->block * v->stride_block + y * v->stride_y + x * v->stride_x +
           lane % v->block;
}

// Makes a dense channels-last view of `data`.
GkView gk_view_nhwc(void *data, GkDtype dtype, size_t n, size_t h, size_t w, size_t c);

// Makes a view of `data` in blocks of GK_BLOCK channels, as backends with block == GK_BLOCK take
// it. Planes are spaced so that equal pixels of neighbouring planes do not fall on one cache set.
GkView gk_view_blocked(void *data, GkDtype dtype, size_t n, size_t h, size_t w, size_t c);

// Returns the bytes that a view made by one of the two functions above spans.
size_t gk_view_bytes(const GkView *view);

// Returns the channels [first, first + count) of `view`, without a copy.
GkView gk_view_channels(const GkView *view, size_t first, size_t count);

// Returns the rectangle of `view` with its corner at (y, x), without a copy.
GkView gk_view_rectangle(const GkView *view, size_t y, size_t x, size_t h, size_t w);

// What a backend keeps for one place in a graph between calls: packed weights, chosen algorithms.
typedef struct GkPlan GkPlan;

// One open backend: its threads, its scratch memory, its device.
typedef struct GkContext GkContext;

typedef struct {
    size_t n_threads; // 0: the cores that this process may use
    const char *isa;  // CPU: "avx512", "avx2", "plain"; NULL: the best that the CPU has
} GkOptions;

// What an operation needs besides its views.
typedef struct {
    double flops;         // multiplications and additions of the direct formula
    size_t packed_bytes;  // kept in the plan
    size_t scratch_bytes; // shared by all operations of a context, all threads together
} GkCost;

typedef struct GkConv2d GkConv2d;
typedef struct GkConv2dInputGradient GkConv2dInputGradient;
typedef struct GkConv2dWeightGradient GkConv2dWeightGradient;
typedef struct GkActivate GkActivate;
typedef struct GkAdd GkAdd;
typedef struct GkMultiply GkMultiply;
typedef struct GkAffine GkAffine;
typedef struct GkCopy GkCopy;
typedef struct GkShuffle GkShuffle;
typedef struct GkUpsample GkUpsample;
typedef struct GkPad GkPad;
typedef struct GkUnary GkUnary;
typedef struct GkBinary GkBinary;
typedef struct GkFill GkFill;
typedef struct GkReduce GkReduce;
typedef struct GkMatmul GkMatmul;
typedef struct GkTranspose GkTranspose;
typedef struct GkAveragePool GkAveragePool;
typedef struct GkMaxPool GkMaxPool;
typedef struct GkPadGradient GkPadGradient;
typedef struct GkUpsampleGradient GkUpsampleGradient;

// The operations of a backend; the contracts stand in ops/. An empty slot means "not supported".
// Every function checks what it does not support and returns GK_ERROR_UNSUPPORTED before it writes
// anything.
typedef struct {
    GkStatus (*conv2d)(GkContext *ctx, const GkConv2d *args, GkPlan **plan);
    // Fills in what conv2d would need; reads shapes and attributes only, views may have no data.
    GkStatus (*conv2d_cost)(GkContext *ctx, const GkConv2d *args, GkCost *cost);
    GkStatus (*conv2d_input_gradient)(GkContext *ctx, const GkConv2dInputGradient *args,
                                      GkPlan **plan);
    GkStatus (*conv2d_input_gradient_cost)(GkContext *ctx, const GkConv2dInputGradient *args,
                                           GkCost *cost);
    GkStatus (*conv2d_weight_gradient)(GkContext *ctx, const GkConv2dWeightGradient *args,
                                       GkPlan **plan);
    GkStatus (*conv2d_weight_gradient_cost)(GkContext *ctx, const GkConv2dWeightGradient *args,
                                            GkCost *cost);
    GkStatus (*activate)(GkContext *ctx, const GkActivate *args);
    GkStatus (*add)(GkContext *ctx, const GkAdd *args);
    GkStatus (*multiply)(GkContext *ctx, const GkMultiply *args);
    GkStatus (*affine)(GkContext *ctx, const GkAffine *args);
    GkStatus (*copy)(GkContext *ctx, const GkCopy *args);
    GkStatus (*pixel_shuffle)(GkContext *ctx, const GkShuffle *args);
    GkStatus (*pixel_unshuffle)(GkContext *ctx, const GkShuffle *args);
    GkStatus (*upsample_nearest)(GkContext *ctx, const GkUpsample *args);
    GkStatus (*upsample_bilinear)(GkContext *ctx, const GkUpsample *args);
    GkStatus (*pad)(GkContext *ctx, const GkPad *args);
    GkStatus (*unary)(GkContext *ctx, const GkUnary *args);
    GkStatus (*binary)(GkContext *ctx, const GkBinary *args);
    GkStatus (*fill)(GkContext *ctx, const GkFill *args);
    GkStatus (*reduce)(GkContext *ctx, const GkReduce *args);
    GkStatus (*matmul)(GkContext *ctx, const GkMatmul *args);
    GkStatus (*transpose)(GkContext *ctx, const GkTranspose *args);
    GkStatus (*average_pool)(GkContext *ctx, const GkAveragePool *args);
    GkStatus (*average_pool_gradient)(GkContext *ctx, const GkAveragePool *args);
    GkStatus (*max_pool)(GkContext *ctx, const GkMaxPool *args);
    GkStatus (*max_pool_gradient)(GkContext *ctx, const GkMaxPool *args);
    GkStatus (*pad_gradient)(GkContext *ctx, const GkPadGradient *args);
    GkStatus (*upsample_bilinear_gradient)(GkContext *ctx, const GkUpsampleGradient *args);
} GkOps;

typedef struct {
    const char *name;
    GkDtype dtype; // of every view it is given
    size_t block;  // of the views inside a plan: 0 for channels-last, GK_BLOCK for blocks
    // Opens the backend. Errors: GK_ERROR_UNSUPPORTED when this machine lacks what `options` asks
    // for.
    GkStatus (*open)(const GkOptions *options, GkContext **ctx);
    void (*close)(GkContext *ctx);
    // Returns what was chosen at open: threads, and the instruction set's name.
    size_t (*n_threads)(const GkContext *ctx);
    const char *(*isa)(const GkContext *ctx);
    // Memory of the device, aligned for its kernels, not cleared; NULL when there is none left.
    void *(*alloc)(GkContext *ctx, size_t bytes);
    void (*free)(GkContext *ctx, void *memory, size_t bytes);
    void (*plan_free)(GkContext *ctx, GkPlan *plan);
    GkOps ops;
} GkBackend;

// The definition of every operation, in plain loops; never tuned.
extern const GkBackend gk_backend_ref_f32;
extern const GkBackend gk_backend_ref_f64;

// The CPU: our own vector kernels, oneDNN for convolutions of odd shape.
extern const GkBackend gk_backend_cpu;

#ifdef __cplusplus
}
#endif
#endif
