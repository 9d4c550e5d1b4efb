// SPDX-License-Identifier: LGPL-3.0-or-later
// Convolution as an implicit matrix product on the tensor cores: 16 x 16 pixels by up to 64 output
// channels a block.
//
// The sum runs over chunks of 32 input channels and, inside a chunk, over the kernel's taps. A
// chunk of the pixels that the block sees, with its border, lies in shared memory once for all
// taps: a tap is an offset into it, because ldmatrix takes any address for each row. The border of
// the next chunk and the weights of the next taps are on their way (cp.async, a ring of stages)
// while the tensor cores work.
//
// In shared memory a pixel, or an output channel of the weights, has 64 bytes, four words of 16.
// Word w of pixel p lies at place w ^ (p / 2 % 4), so that eight pixels in a row, which one
// ldmatrix reads, fall on different banks.
#include "border.cuh"
#include "epilogue.cuh"

// The check on the processor has its own.
#include <tensor_core.cuh>

enum {
    TILE = 16,  // pixels of a block, in height and width; a row is the 16 of a fragment
    CHUNK = 32, // input channels
    WORDS = 4,  // of 16 bytes, in a chunk of a pixel
    PIXEL_BYTES = 64,
    MAX_OUTPUTS = 64,
};

struct ConvMma {
    GkView x;
    GkCudaEpilogue e;
    const void *packed;
    unsigned sums_h, sums_w;
    unsigned tiles_x, tiles_y, n_output_blocks;
    unsigned kernel_h, kernel_w, dilation, upsample;
    int pad_top, pad_left;
    GkPadMode pad_mode;
    unsigned n_chunks;
    unsigned halo_w, halo_pixels;
    unsigned n_stages;
};

// Where the shared memory of a block is cut.
__host__ __device__ static inline unsigned halo_bytes(unsigned halo_pixels)
{
    return (halo_pixels * PIXEL_BYTES + 127) / 128 * 128;
}

__device__ static inline unsigned word_place(unsigned row, unsigned word)
{
    return row * PIXEL_BYTES + (word ^ (row >> 1 & 3)) * 16;
}

// A step of the sum: a tap of a chunk.
struct Step {
    unsigned chunk, tap, kx, ky;
};

__device__ static inline void next_step(const ConvMma &p, Step &s)
{
    s.tap++;
    if (++s.kx < p.kernel_w)
        return;
    s.kx = 0;
    if (++s.ky < p.kernel_h)
        return;
    s.ky = s.tap = 0;
    s.chunk++;
}

// Starts the copy of a chunk of the pixels that the block sees, with what lies beyond the picture's
// edges; zero behind the last channel.
template <class T, int threads>
__device__ static inline void load_halo(const ConvMma &p, unsigned n, int y0, int x0,
                                        unsigned chunk, unsigned char *to)
{
    const int h = (int)(p.x.h * p.upsample), w = (int)(p.x.w * p.upsample);
    for (unsigned i = threadIdx.x; i < p.halo_pixels * WORDS; i += threads) {
        const unsigned word = i % WORDS, pixel = i / WORDS;
        const unsigned hy = pixel / p.halo_w, hx = pixel - hy * p.halo_w;
        const int y = border(y0 + (int)hy, h, p.pad_mode), x = border(x0 + (int)hx, w, p.pad_mode);
        const unsigned c = chunk * CHUNK + word * LANES;
        const bool inside = y >= 0 && x >= 0 && c < p.x.c;
        const unsigned left = inside ? (unsigned)p.x.c - c : 0;
        const T *from =
            inside ? element<T>(p.x, n, (unsigned)y / p.upsample, (unsigned)x / p.upsample, c)
                   : (const T *)p.x.data;
        copy_async(to + word_place(pixel, word), from, left < LANES ? left * 2 : 16);
    }
}

template <int outputs, int threads>
__device__ static inline void load_weights(const unsigned char *from, unsigned char *to)
{
    for (unsigned i = threadIdx.x; i < outputs * WORDS; i += threads)
        copy_async(to + word_place(i / WORDS, i % WORDS), from + i * 16, 16);
}

// As many blocks as the shared memory of a large device holds; registers for more would be missed.
__host__ __device__ constexpr int n_resident(int outputs, int warps)
{
    return warps == 4 ? 6 - outputs / 16 : 2;
}

template <class T, int outputs, int warps>
__global__ void __launch_bounds__(warps * 32, n_resident(outputs, warps)) conv_mma(const ConvMma p)
{
    enum { THREADS = warps * 32, ROWS = TILE / warps, PAIRS = outputs / 16 };
    GK_CUDA_SHARED(shared);
    const unsigned lane = threadIdx.x % 32, warp = threadIdx.x / 32;
    const unsigned output_block = blockIdx.x % p.n_output_blocks;
    const unsigned tile = blockIdx.x / p.n_output_blocks;
    const unsigned ox0 = tile % p.tiles_x * TILE, oy0 = tile / p.tiles_x % p.tiles_y * TILE;
    const unsigned n = tile / p.tiles_x / p.tiles_y;
    const unsigned n_taps = p.kernel_h * p.kernel_w, n_steps = n_taps * p.n_chunks;
    const unsigned halo = halo_bytes(p.halo_pixels), stage_bytes = outputs * PIXEL_BYTES;
    unsigned char *stages = shared + 2 * halo;
    const unsigned char *weights =
        (const unsigned char *)p.packed + (size_t)output_block * n_steps * stage_bytes;

    // The steps whose data are asked for run ahead of those that are computed.
    Step ahead = {0, 0, 0, 0};
    unsigned n_ahead = 0;
    auto load_next = [&]() {
        if (n_ahead < n_steps) {
            if (ahead.tap == 0)
                load_halo<T, THREADS>(p, n, (int)oy0 - p.pad_top, (int)ox0 - p.pad_left,
                                      ahead.chunk, shared + ahead.chunk % 2 * halo);
            load_weights<outputs, THREADS>(weights + (size_t)n_ahead * stage_bytes,
                                           stages + n_ahead % p.n_stages * stage_bytes);
            next_step(p, ahead);
            n_ahead++;
        }
        copy_commit();
    };
    for (unsigned i = 0; i + 1 < p.n_stages; i++)
        load_next();

    float sums[ROWS][2 * PAIRS][4];
#pragma unroll
    for (int i = 0; i < ROWS; i++)
#pragma unroll
        for (int k = 0; k < 2 * PAIRS; k++)
#pragma unroll
            for (int e = 0; e < 4; e++)
                sums[i][k][e] = 0.0f;

    Step now = {0, 0, 0, 0};
    for (unsigned step = 0; step < n_steps; step++, next_step(p, now)) {
        if (p.n_stages == 2)
            copy_wait<0>();
        else
            copy_wait<2>();
        // What this step reads is there for all, and what the last one read is free.
        __syncthreads();
        load_next();
        const unsigned char *pixels = shared + now.chunk % 2 * halo;
        const unsigned char *taps = stages + step % p.n_stages * stage_bytes;
        const unsigned corner = now.ky * p.dilation * p.halo_w + now.kx * p.dilation;
#pragma unroll
        for (unsigned half = 0; half < 2; half++) {
            unsigned a[ROWS][4], b[PAIRS][4];
#pragma unroll
            for (unsigned i = 0; i < ROWS; i++) {
                const unsigned pixel = (warp * ROWS + i) * p.halo_w + corner + lane % 16;
                load_matrices(a[i], pixels + word_place(pixel, 2 * half + lane / 16));
            }
#pragma unroll
            for (unsigned k = 0; k < PAIRS; k++) {
                const unsigned output = k * 16 + lane % 8 + lane / 16 * 8;
                load_matrices(b[k], taps + word_place(output, 2 * half + lane / 8 % 2));
            }
#pragma unroll
            for (unsigned i = 0; i < ROWS; i++)
#pragma unroll
                for (unsigned k = 0; k < PAIRS; k++) {
                    multiply_add<T>(sums[i][2 * k], a[i], b[k]);
                    multiply_add<T>(sums[i][2 * k + 1], a[i], b[k] + 2);
                }
        }
    }
    copy_wait<0>();
    __syncthreads();

    // The sums of a row of pixels pass through shared memory: afterwards a thread has LANES
    // channels of one pixel.
    enum { ROW = outputs + 8 }; // a row of 16 x outputs floats; 8 more keep the banks apart
    float *row = (float *)shared + warp * 16 * ROW;
    // Not unrolled: what follows the copy is long, and once is enough of it.
#pragma unroll 1
    for (unsigned i = 0; i < ROWS; i++) {
        // Registers have no run-time index: of the copies of all rows, one is done.
#pragma unroll
        for (unsigned r = 0; r < ROWS; r++) {
            if (r != i)
                continue;
#pragma unroll
            for (unsigned k = 0; k < 2 * PAIRS; k++) {
                float *at = row + lane / 4 * ROW + k * 8 + lane % 4 * 2;
                *(float2 *)at = make_float2(sums[r][k][0], sums[r][k][1]);
                *(float2 *)(at + 8 * ROW) = make_float2(sums[r][k][2], sums[r][k][3]);
            }
        }
        __syncwarp();
        const unsigned oy = oy0 + warp * ROWS + i;
        for (unsigned item = lane; item < 16 * outputs / LANES; item += 32) {
            const unsigned pixel = item / (outputs / LANES), o = item % (outputs / LANES) * LANES;
            const unsigned ox = ox0 + pixel, first = output_block * outputs + o;
            if (oy >= p.sums_h || ox >= p.sums_w || first >= p.e.out_channels)
                continue;
            float v[LANES];
            load_lanes(row + pixel * ROW + o, LANES, v);
            finish(p.e, n, oy, ox, first, v);
        }
        __syncwarp();
    }
}

// Output channels of a block: as few as hold them all.
static unsigned block_outputs(const GkConv2d *args)
{
    const size_t rounded = (args->out_channels + 15) / 16 * 16;
    return rounded < MAX_OUTPUTS ? (unsigned)rounded : (unsigned)MAX_OUTPUTS;
}

static unsigned n_output_blocks(const GkConv2d *args)
{
    return (unsigned)((args->out_channels + block_outputs(args) - 1) / block_outputs(args));
}

static unsigned n_chunks(const GkConv2d *args)
{
    return (unsigned)((args->x.c + CHUNK - 1) / CHUNK);
}

static unsigned halo_w(const GkConv2d *args)
{
    return (unsigned)(TILE + (args->kernel_w - 1) * args->dilation);
}

static unsigned halo_pixels(const GkConv2d *args)
{
    return halo_w(args) * (unsigned)(TILE + (args->kernel_h - 1) * args->dilation);
}

// Steps may run ahead by as many as begin at most one new chunk.
static unsigned n_stages(const GkConv2d *args)
{
    return args->kernel_h * args->kernel_w >= 3 ? 4 : 2;
}

// Large blocks of four warps where an SM has room for two of them; else one of eight.
static unsigned n_warps(const GkContext *ctx)
{
    return ctx->shared_bytes >= 160 * 1024 ? 4 : 8;
}

static size_t shared_bytes(const GkContext *ctx, const GkConv2d *args)
{
    const size_t load =
        2 * halo_bytes(halo_pixels(args)) + n_stages(args) * block_outputs(args) * PIXEL_BYTES;
    const size_t rows = n_warps(ctx) * 16 * (block_outputs(args) + 8) * sizeof(float);
    return load > rows ? load : rows;
}

size_t gk_cuda_mma_bytes(const GkConv2d *args)
{
    return (size_t)n_output_blocks(args) * block_outputs(args) * n_chunks(args) * CHUNK *
           args->kernel_h * args->kernel_w * 2;
}

static GkDtype products_dtype(const GkConv2d *args)
{
    return gk_cuda_products_dtype(&args->x, &args->y);
}

// Where x of float32 is copied to.
static GkView copied_x(const GkConv2d *args, void *data)
{
    const GkView *x = &args->x;
    return gk_view_lanes(data, products_dtype(args), x->n, x->h, x->w, x->c, LANES);
}

size_t gk_cuda_mma_scratch_bytes(const GkConv2d *args)
{
    const GkView copy = copied_x(args, NULL);
    return args->x.dtype == GK_F32 ? gk_view_bytes(&copy) : 0;
}

bool gk_cuda_mma_can(const GkContext *ctx, const GkConv2d *args)
{
    const GkDtype dtype = products_dtype(args);
    const GkView *x = &args->x;
    if ((dtype != GK_F16 || ctx->sm < 75) && (dtype != GK_BF16 || ctx->sm < 80))
        return false;
    // 16 bytes are copied at a time.
    const size_t misplaced = x->first | x->stride_n | x->stride_y | x->stride_x;
    const bool in_place = misplaced % LANES == 0 && (size_t)x->data % 16 == 0;
    return args->stride == 1 && args->groups == 1 && args->kernel_h <= 64 && args->kernel_w <= 64 &&
           (x->dtype == GK_F32 || in_place) && shared_bytes(ctx, args) <= ctx->shared_bytes;
}

// [output block][chunk][tap][output][CHUNK], padded with zeros.
template <class T> struct PackMma {
    const float *weight;
    T *packed;
    unsigned n_taps, n_inputs, n_outputs, n_chunks, outputs;

    __device__ void operator()(unsigned i) const
    {
        const unsigned c = i % CHUNK, o = i / CHUNK % outputs, tap = i / CHUNK / outputs % n_taps;
        const unsigned rest = i / CHUNK / outputs / n_taps;
        const unsigned input = rest % n_chunks * CHUNK + c;
        const unsigned output = rest / n_chunks * outputs + o;
        packed[i] = from_float<T>(input < n_inputs && output < n_outputs
                                      ? weight[((size_t)output * n_inputs + input) * n_taps + tap]
                                      : 0.0f);
    }
};

template <class T> static GkStatus pack(GkContext *ctx, const GkConv2d *args, void *packed)
{
    const PackMma<T> f = {(const float *)args->weight,
                          (T *)packed,
                          (unsigned)(args->kernel_h * args->kernel_w),
                          (unsigned)args->x.c,
                          (unsigned)args->out_channels,
                          n_chunks(args),
                          block_outputs(args)};
    return launch_each(ctx, "packing of weights", f, gk_cuda_mma_bytes(args) / 2);
}

GkStatus gk_cuda_mma_pack(GkContext *ctx, const GkConv2d *args, void *packed)
{
    return products_dtype(args) == GK_F16 ? pack<F16>(ctx, args, packed)
                                          : pack<BF16>(ctx, args, packed);
}

template <class T, int outputs, int warps>
static GkStatus start(GkContext *ctx, const ConvMma &p, unsigned n_blocks, size_t bytes)
{
    // Beyond 48 KB a kernel has to be allowed its shared memory; asking again costs little.
    GkStatus status = gk_cuda_enter(ctx);
    if (status == GK_OK)
        status = gk_cuda_check(ctx,
                               cudaFuncSetAttribute(conv_mma<T, outputs, warps>,
                                                    cudaFuncAttributeMaxDynamicSharedMemorySize,
                                                    (int)bytes),
                               "shared memory of a convolution");
    if (status != GK_OK)
        return status;
    return launch(ctx, "convolution", conv_mma<T, outputs, warps>, n_blocks, warps * 32, bytes, p);
}

template <class T, int warps>
static GkStatus start_for(GkContext *ctx, const ConvMma &p, unsigned outputs, unsigned n_blocks,
                          size_t bytes)
{
    switch (outputs) {
    case 16:
        return start<T, 16, warps>(ctx, p, n_blocks, bytes);
    case 32:
        return start<T, 32, warps>(ctx, p, n_blocks, bytes);
    case 48:
        return start<T, 48, warps>(ctx, p, n_blocks, bytes);
    default:
        return start<T, 64, warps>(ctx, p, n_blocks, bytes);
    }
}

template <class T> static GkStatus run(GkContext *ctx, const GkConv2d *args, const void *packed)
{
    ConvMma p = {};
    p.x = args->x;
    p.e = gk_cuda_epilogue(ctx, args);
    p.packed = packed;
    p.sums_h = (unsigned)gk_cuda_sums_h(args);
    p.sums_w = (unsigned)gk_cuda_sums_w(args);
    p.tiles_x = (p.sums_w + TILE - 1) / TILE;
    p.tiles_y = (p.sums_h + TILE - 1) / TILE;
    p.n_output_blocks = n_output_blocks(args);
    p.kernel_h = (unsigned)args->kernel_h;
    p.kernel_w = (unsigned)args->kernel_w;
    p.dilation = (unsigned)args->dilation;
    p.upsample = (unsigned)args->upsample;
    p.pad_top = (int)args->pad_top;
    p.pad_left = (int)args->pad_left;
    p.pad_mode = args->pad_mode;
    p.n_chunks = n_chunks(args);
    p.halo_w = halo_w(args);
    p.halo_pixels = halo_pixels(args);
    p.n_stages = n_stages(args);
    const size_t n_blocks = args->y.n * p.tiles_x * p.tiles_y * p.n_output_blocks;
    if (n_blocks > 0x7fffffff)
        return GK_ERROR_UNSUPPORTED;
    const size_t bytes = shared_bytes(ctx, args);
    return n_warps(ctx) == 4
               ? start_for<T, 4>(ctx, p, block_outputs(args), (unsigned)n_blocks, bytes)
               : start_for<T, 8>(ctx, p, block_outputs(args), (unsigned)n_blocks, bytes);
}

GkStatus gk_cuda_mma_run(GkContext *ctx, const GkConv2d *args, const void *packed)
{
    GkConv2d conv = *args;
    if (args->x.dtype == GK_F32) {
        conv.x = copied_x(args, gk_cuda_scratch(ctx, gk_cuda_mma_scratch_bytes(args)));
        if (conv.x.data == NULL)
            return GK_ERROR_MEMORY;
        const GkCopy copy = {args->x, conv.x};
        const GkStatus status = gk_cuda_copy(ctx, &copy);
        if (status != GK_OK)
            return status;
    }
    return conv.x.dtype == GK_F16 ? run<F16>(ctx, &conv, packed) : run<BF16>(ctx, &conv, packed);
}
