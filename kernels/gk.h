// SPDX-License-Identifier: LGPL-3.0-or-later
// Kernels: views on memory, the table of operations, and what a backend is. No GLib, no
// files, no graph.
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

typedef enum { GK_F32, GK_F64, GK_F16, GK_BF16 } GkDtype;

// Returns the size of one element in bytes.
size_t gk_dtype_bytes(GkDtype dtype);

// The channels that lie together in blocked layout; one AVX-512 register of float32.
#define GK_BLOCK 16

// A batch of images in memory: the one activation layout of the project. Channels lie together
// in blocks of `block`: block >= c gives channels-last (NHWC, the layout at a plan's ends),
// GK_BLOCK gives planes of 16 channels (NCHW16c, the layout inside a CPU plan). There is no
// halo: kernels handle borders. Lanes of a block that belong to no channel may hold anything and
// may be overwritten.
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

// Makes a channels-last view of `data` whose pixels begin at multiples of `lanes` elements, as
// devices with vectors of channels take it. The lanes behind the last channel belong to nobody.
GkView gk_view_lanes(void *data, GkDtype dtype, size_t n, size_t h, size_t w, size_t c,
                     size_t lanes);

// Returns the bytes that a view made by one of the three functions above spans.
size_t gk_view_bytes(const GkView *view);

// Returns the channels [first, first + count) of `view`, without a copy.
GkView gk_view_channels(const GkView *view, size_t first, size_t count);

// Returns the rectangle of `view` with its corner at (y, x), without a copy.
GkView gk_view_rectangle(const GkView *view, size_t y, size_t x, size_t h, size_t w);

// What a backend keeps for one place in a graph between calls: packed weights, chosen algorithms.
typedef struct GkPlan GkPlan;

// One open backend: its threads, its scratch memory, its device.
typedef struct GkContext GkContext;

// Where a backend keeps what takes long to make from one process to the next. Kernels know no
// files: the engine gives the functions.
typedef struct {
    void *data;
    // Returns what was saved under `key`, to be given to release(), or NULL.
    void *(*load)(void *data, const char *key, size_t *bytes);
    void (*release)(void *data, void *value);
    // Keeps a copy of `value`; failing is no error.
    void (*save)(void *data, const char *key, const void *value, size_t bytes);
} GkStore;

typedef struct {
    size_t n_threads; // 0: the cores that this process may use
    // CPU: "avx512", "avx2", "plain"; CUDA: "own" for our kernels alone, "cudnn" for cuDNN wherever
    // it can; NULL: the best there is.
    const char *isa;
    const char *device;   // of several: its index, or a part of its name; NULL: the first
    const GkStore *store; // outlives the context; NULL: nothing is kept
    char *reason;         // open() says here in words why it failed; NULL: not wanted
    size_t reason_bytes;
} GkOptions;

// What an operation needs besides its views.
typedef struct {
    double flops;         // multiplications and additions of the direct formula
    size_t packed_bytes;  // kept in the plan
    size_t scratch_bytes; // shared by all operations of a context, all threads together
} GkCost;

// The operations, a row each: the slot, and the struct of arguments that its contract in ops/
// describes. PLANNED keeps a plan and tells what it needs, PLAIN does neither. All that backends
// and checks know of an operation's existence is made of this list: PLANNED(op, Args, name) and
// PLAIN(op, Args, name) are macros, and `name` is one that they may use.
#define GK_OPS(PLANNED, PLAIN, name)                                                               \
    PLANNED(conv2d, GkConv2d, name)                                                                \
    PLANNED(conv2d_input_gradient, GkConv2dInputGradient, name)                                    \
    PLANNED(conv2d_weight_gradient, GkConv2dWeightGradient, name)                                  \
    PLAIN(activate, GkActivate, name)                                                              \
    PLAIN(add, GkAdd, name)                                                                        \
    PLAIN(multiply, GkMultiply, name)                                                              \
    PLAIN(affine, GkAffine, name)                                                                  \
    PLAIN(copy, GkCopy, name)                                                                      \
    PLAIN(pixel_shuffle, GkShuffle, name)                                                          \
    PLAIN(pixel_unshuffle, GkShuffle, name)                                                        \
    PLAIN(upsample_nearest, GkUpsample, name)                                                      \
    PLAIN(upsample_bilinear, GkUpsample, name)                                                     \
    PLAIN(pad, GkPad, name)                                                                        \
    PLAIN(unary, GkUnary, name)                                                                    \
    PLAIN(binary, GkBinary, name)                                                                  \
    PLAIN(chain, GkChain, name)                                                                    \
    PLAIN(fill, GkFill, name)                                                                      \
    PLAIN(reduce, GkReduce, name)                                                                  \
    PLAIN(matmul, GkMatmul, name)                                                                  \
    PLAIN(transpose, GkTranspose, name)                                                            \
    PLAIN(average_pool, GkAveragePool, name)                                                       \
    PLAIN(average_pool_gradient, GkAveragePool, name)                                              \
    PLAIN(max_pool, GkMaxPool, name)                                                               \
    PLAIN(max_pool_gradient, GkMaxPool, name)                                                      \
    PLAIN(pad_gradient, GkPadGradient, name)                                                       \
    PLAIN(upsample_bilinear_gradient, GkUpsampleGradient, name)                                    \
    PLAIN(moments, GkMoments, name)                                                                \
    PLAIN(normalise, GkNormalise, name)                                                            \
    PLAIN(softmax, GkSoftmax, name)

#define GK_TYPE(op, Args, name) typedef struct Args Args;
GK_OPS(GK_TYPE, GK_TYPE, )
#undef GK_TYPE

// The operations of a backend. An empty slot means "not supported". Every function checks what it
// does not support and returns GK_ERROR_UNSUPPORTED before it writes anything. OP_cost fills in
// what OP would need; it reads shapes and attributes only, views may have no data.
typedef struct {
#define GK_PLAIN(op, Args, name) GkStatus (*op)(GkContext * ctx, const Args *args);
#define GK_PLANNED(op, Args, name)                                                                 \
    GkStatus (*op)(GkContext * ctx, const Args *args, GkPlan **plan);                              \
    GkStatus (*op##_cost)(GkContext * ctx, const Args *args, GkCost *cost);
    GK_OPS(GK_PLANNED, GK_PLAIN, )
#undef GK_PLANNED
#undef GK_PLAIN
} GkOps;

// For a backend that has all operations: GK_OPS_DECLARE(name) declares the functions name(op), and
// GK_OPS_TABLE(name) is the GkOps of them; `name` is a macro that makes a function's name.
#define GK_OPS_DECLARE(name) GK_OPS(GK_DECLARE_PLANNED, GK_DECLARE_PLAIN, name)
#define GK_DECLARE_PLAIN(op, Args, name) GkStatus name(op)(GkContext * ctx, const Args *args);
#define GK_DECLARE_PLANNED(op, Args, name)                                                         \
    GkStatus name(op)(GkContext * ctx, const Args *args, GkPlan **plan);                           \
    GkStatus name(op##_cost)(GkContext * ctx, const Args *args, GkCost *cost);
#define GK_OPS_TABLE(name)                                                                         \
    {                                                                                              \
        GK_OPS(GK_FILL_PLANNED, GK_FILL_PLAIN, name)                                               \
    }
#define GK_FILL_PLAIN(op, Args, name) .op = name(op),
#define GK_FILL_PLANNED(op, Args, name) .op = name(op), .op##_cost = name(op##_cost),

// The work of one plan, written down once and played again; what it was made of must stay.
typedef struct GkRecording GkRecording;

// One copy between the process's memory and a device's.
typedef struct {
    void *to;
    const void *from;
    size_t bytes;
} GkTransfer;

// What a backend whose memory is not the process's has besides. Everything that its operations
// are given, parameters included, lies in memory from its `alloc`. Operations are queued: they
// return before the work is done, the work is done in the order of the calls, and a failure of the
// device may be told by a later call. At the ends of a plan, and in parameters, the elements are
// the backend's `dtype`; inside they are the device's. Each view inside may be of the device's
// dtype or of float32, whatever the other views of the call are.
typedef struct {
    GkDtype dtype; // of the views inside a plan
    size_t lanes;  // as gk_view_lanes() takes it
    // Runs of a plan that may be under way at once: one uploads or downloads while
    // another computes.
    size_t n_slots;
    // Return a phrase such as "NVIDIA H200, float16", and what failed last in words,
    // "" for nothing.
    // Owner:   the context.
    const char *(*description)(const GkContext *ctx);
    const char *(*error_text)(const GkContext *ctx);
    // Returns how long the device has computed for runs that were fetched, transfers not counted.
    double (*busy_seconds)(const GkContext *ctx);
    // Returns the bytes that alloc() could still give.
    size_t (*free_bytes)(GkContext *ctx);
    // Copy to and from the device, `n` pieces in one go. write() is queued, and what it was given
    // is free when it returns; read() waits for what is queued, and is done when it returns.
    GkStatus (*write)(GkContext *ctx, const GkTransfer *transfers, size_t n);
    GkStatus (*read)(GkContext *ctx, const GkTransfer *transfers, size_t n);
    // The ends of a run in a slot. upload() queues the copy of `from`, channels-last in the
    // process's memory, to `to` on the device; `from` is free when it returns. download() queues
    // the way back of `from`; fetch() waits for it and tells where it lies: dense, channels-last,
    // in the process's memory, until the slot's next download(). It also tells whether a value of
    // the run exceeded the range of the device's dtype, or came out as infinite or no number.
    GkStatus (*upload)(GkContext *ctx, size_t slot, const GkView *from, const GkView *to);
    GkStatus (*download)(GkContext *ctx, size_t slot, const GkView *from);
    GkStatus (*fetch)(GkContext *ctx, size_t slot, GkView *out, int *overflowed);
    // Between record() and record_end() operations are written down and not run; every one of
    // them must have run once with the same arguments. replay() answers GK_ERROR_UNSUPPORTED when
    // the memory that a recording was made with has moved since: then record again.
    GkStatus (*record)(GkContext *ctx);
    GkStatus (*record_end)(GkContext *ctx, GkRecording **recording);
    GkStatus (*replay)(GkContext *ctx, GkRecording *recording);
    void (*recording_free)(GkContext *ctx, GkRecording *recording); // accepts NULL
} GkDevice;

typedef struct {
    const char *name;
    GkDtype dtype; // of every view it is given; of a device's backend: see GkDevice
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
    const GkDevice *device; // NULL: its memory is the process's
} GkBackend;

// What a loadable module of kernels exports under the name "gk_module".
typedef struct {
    size_t bytes;                     // of GkBackend as the module knows it
    const char *version;              // of the project that it was built with
    const GkBackend *const *backends; // the usual one first; NULL behind the last
} GkModule;

// The definition of every operation, in plain loops; never tuned.
extern const GkBackend gk_backend_ref_f32;
extern const GkBackend gk_backend_ref_f64;

// The CPU: our own vector kernels, oneDNN for convolutions of odd shape.
extern const GkBackend gk_backend_cpu;

#ifdef __cplusplus
}
#endif
#endif
