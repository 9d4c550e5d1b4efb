// SPDX-License-Identifier: LGPL-3.0-or-later
// Products of matrices in float32: a block computes 64 x 64 results, 16 products deep at a time, a
// thread 4 x 4 of them. Few results of long sums are cut along the sum, so that they fill a device;
// the parts are added up by sums.cuh.
#include "sums.cuh"

// The check on the processor has its own.
#include <tensor_core.cuh>

enum {
    TILE = 64,
    DEEP = 16,
    OWN = 4, // rows, and columns, of a thread
    SIDE = TILE / OWN,
    THREADS = SIDE * SIDE,
    PITCH = TILE + 4, // keeps the banks apart
    SHARED_BYTES = 2 * DEEP * PITCH * sizeof(float),
    ENOUGH_BLOCKS = 256,
    LEAST_DEPTH = 256, // of a part of a sum
};

struct MatMul {
    GkView a, b, y;
    bool transpose_a, transpose_b;
    unsigned n, rows, inner, columns;
    unsigned tiles_x, tiles_y;
    unsigned n_parts, depth; // of the sums
    float *parts;            // [part][n][row][column], or NULL: y gets the sums
    int *overflow;
};

// Loads tile[k][i] = element (i0 + i, k0 + k) of a matrix or its transpose; zero from i1 and k1 on.
__device__ static inline void load_tile(const GkView &m, bool transposed, unsigned n, unsigned i0,
                                        unsigned i1, unsigned k0, unsigned k1, float *tile)
{
    for (unsigned j = threadIdx.x; j < TILE * DEEP; j += THREADS) {
        // Neighbouring threads read neighbouring columns of memory.
        const unsigned i = transposed ? j % TILE : j / DEEP, k = transposed ? j / TILE : j % DEEP;
        float v = 0.0f;
        if (i0 + i < i1 && k0 + k < k1)
            v = load_one(
                m, place_of(m, n, 0, transposed ? k0 + k : i0 + i, transposed ? i0 + i : k0 + k));
        tile[k * PITCH + i] = v;
    }
}

static __global__ void __launch_bounds__(THREADS, 2) multiply(const MatMul p)
{
    GK_CUDA_SHARED(shared);
    float *a = (float *)shared, *b = a + DEEP * PITCH;
    const unsigned x0 = blockIdx.x % p.tiles_x * TILE;
    const unsigned y0 = blockIdx.x / p.tiles_x % p.tiles_y * TILE;
    const unsigned rest = blockIdx.x / p.tiles_x / p.tiles_y, n = rest % p.n, part = rest / p.n;
    const unsigned x = threadIdx.x % SIDE * OWN, y = threadIdx.x / SIDE * OWN;
    const unsigned k1 = min(p.inner, (part + 1) * p.depth);
    float sums[OWN][OWN] = {{0}};
    for (unsigned k0 = part * p.depth; k0 < k1; k0 += DEEP) {
        load_tile(p.a, p.transpose_a, n, y0, p.rows, k0, k1, a);
        load_tile(p.b, !p.transpose_b, n, x0, p.columns, k0, k1, b);
        __syncthreads();
        // A sum of its own for each step: thousands of products in a row lose digits.
        float step[OWN][OWN] = {{0}};
#pragma unroll
        for (unsigned k = 0; k < DEEP; k++)
#pragma unroll
            for (unsigned i = 0; i < OWN; i++)
#pragma unroll
                for (unsigned j = 0; j < OWN; j++)
                    step[i][j] += a[k * PITCH + y + i] * b[k * PITCH + x + j];
#pragma unroll
        for (unsigned i = 0; i < OWN; i++)
#pragma unroll
            for (unsigned j = 0; j < OWN; j++)
                sums[i][j] += step[i][j];
        __syncthreads();
    }
    if (x0 + x >= p.columns)
        return;
    const unsigned left = p.columns - x0 - x, count = left < OWN ? left : (unsigned)OWN;
    for (unsigned i = 0; i < OWN && y0 + y + i < p.rows; i++) {
        const unsigned row = y0 + y + i;
        float v[LANES] = {sums[i][0], sums[i][1], sums[i][2], sums[i][3]};
        if (p.parts == NULL)
            store(p.y, place_of(p.y, n, 0, row, x0 + x), count, v, p.overflow);
        else
            store_lanes(p.parts + ((size_t)rest * p.rows + row) * p.columns + x0 + x, count, v);
    }
}

// Adds up the parts of the sums.
static GkStatus add_parts(GkContext *ctx, const MatMul &p, size_t n_results, float *passes)
{
    const Terms t = {floats(p.parts), Walk(n_results, 1), Walk(p.n_parts, n_results), n_results,
                     p.n_parts};
    Walk to(p.n, p.y.stride_n);
    to.add(p.rows, p.y.stride_x);
    to.add(p.columns, 1);
    return sum_terms(ctx, t, to, p.y, 1, passes);
}

// Cuts the sums by what the shapes say.
static void cut(MatMul *p, size_t n_tiles)
{
    const unsigned deep_enough = (p->inner + LEAST_DEPTH - 1) / LEAST_DEPTH;
    const unsigned wanted = (unsigned)((ENOUGH_BLOCKS + n_tiles - 1) / n_tiles);
    const unsigned n_parts = deep_enough < wanted ? deep_enough : wanted;
    const unsigned steps = (p->inner + DEEP - 1) / DEEP;
    p->depth = n_parts > 1 ? (steps + n_parts - 1) / n_parts * DEEP : steps * DEEP;
    p->n_parts = n_parts > 1 ? (p->inner + p->depth - 1) / p->depth : 1;
}

static bool is_product(const GkMatmul *args)
{
    const GkView &a = args->a, &b = args->b, &y = args->y;
    const size_t rows = args->transpose_a ? a.c : a.w, inner = args->transpose_a ? a.w : a.c;
    const size_t depth = args->transpose_b ? b.c : b.w, columns = args->transpose_b ? b.w : b.c;
    const size_t limit = (size_t)1 << 30;
    return gk_cuda_is_view(&a) && gk_cuda_is_view(&b) && gk_cuda_is_view(&y) && a.h == 1 &&
           b.h == 1 && y.h == 1 && a.n == y.n && b.n == y.n && y.w == rows && y.c == columns &&
           inner == depth && rows <= limit && columns <= limit && inner <= limit;
}

GkStatus gk_cuda_matmul(GkContext *ctx, const GkMatmul *args)
{
    if (!is_product(args))
        return GK_ERROR_UNSUPPORTED;
    const GkView &y = args->y;
    const size_t inner = args->transpose_a ? args->a.w : args->a.c;
    MatMul p = {args->a,
                args->b,
                y,
                args->transpose_a != 0,
                args->transpose_b != 0,
                (unsigned)y.n,
                (unsigned)y.w,
                (unsigned)inner,
                (unsigned)y.c,
                (unsigned)((y.c + TILE - 1) / TILE),
                (unsigned)((y.w + TILE - 1) / TILE),
                1,
                0,
                NULL,
                ctx->overflow};
    const size_t n_tiles = y.n * p.tiles_x * p.tiles_y, n_results = y.n * y.w * y.c;
    if (n_tiles == 0)
        return GK_OK;
    cut(&p, n_tiles);
    if (n_tiles * p.n_parts > 0x7fffffff)
        return GK_ERROR_UNSUPPORTED;
    float *passes = NULL;
    if (p.n_parts > 1) {
        const size_t parts = n_results * p.n_parts;
        p.parts = (float *)gk_cuda_scratch(ctx, (parts + n_sum_floats(n_results, p.n_parts)) *
                                                    sizeof(float));
        if (p.parts == NULL)
            return GK_ERROR_MEMORY;
        passes = p.parts + parts;
    }
    const GkStatus status = launch(ctx, "product of matrices", multiply,
                                   (unsigned)n_tiles * p.n_parts, THREADS, SHARED_BYTES, p);
    return status == GK_OK && p.n_parts > 1 ? add_parts(ctx, p, n_results, passes) : status;
}
