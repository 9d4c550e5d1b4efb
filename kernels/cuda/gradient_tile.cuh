// SPDX-License-Identifier: LGPL-3.0-or-later
// The product of matrices that both gradients of a convolution are, one tile of it for each block:
// 64 rows by 64 columns, 4 x 8 sums a thread, DEPTH terms at a time in shared memory. The terms
// that follow are on their way to registers while a thread multiplies.
#ifndef GK_CUDA_GRADIENT_TILE_CUH
#define GK_CUDA_GRADIENT_TILE_CUH

#include "launch.cuh"

// The check on the processor has its own.
#include <tensor_core.cuh>

enum {
    TILE = 64,
    DEPTH = 16,
    TILE_THREADS = 128,
    TILE_ROWS = 4,    // of a thread; its columns are LANES
    PITCH = TILE + 4, // whole words of 16 bytes, and rows begin on different banks
    TILE_BYTES = 2 * DEPTH * PITCH * sizeof(float),
};

struct alignas(16) Four {
    float v[4];
};

struct TileSums {
    float v[TILE_ROWS][LANES];
};

// The first of a thread's rows and columns in its tile.
__device__ static inline unsigned tile_row(void)
{
    return threadIdx.x / (TILE / LANES) * TILE_ROWS;
}

__device__ static inline unsigned tile_column(void)
{
    return threadIdx.x % (TILE / LANES) * LANES;
}

// Adds DEPTH products to each sum. They have a sum of their own first: thousands of products in a
// row lose digits.
__device__ static inline void tile_multiply(const float *a, const float *b, TileSums &sums)
{
    float part[TILE_ROWS][LANES] = {};
#pragma unroll
    for (unsigned k = 0; k < DEPTH; k++) {
        const Four left = *(const Four *)(a + k * PITCH + tile_row());
        const Four *right = (const Four *)(b + k * PITCH + tile_column());
        const Four low = right[0], high = right[1];
#pragma unroll
        for (unsigned i = 0; i < TILE_ROWS; i++)
#pragma unroll
            for (unsigned j = 0; j < 4; j++) {
                part[i][j] += left.v[i] * low.v[j];
                part[i][4 + j] += left.v[i] * high.v[j];
            }
    }
#pragma unroll
    for (unsigned i = 0; i < TILE_ROWS; i++)
#pragma unroll
        for (unsigned j = 0; j < LANES; j++)
            sums.v[i][j] += part[i][j];
}

// Runs over all terms. `from` gives them, DEPTH at a time: next() goes on and tells whether there
// are more, the same for all threads; load() reads this thread's LANES elements of either matrix;
// put() lays them down as [DEPTH][PITCH].
template <class Terms> __device__ static inline void tile_run(Terms &from, TileSums &sums)
{
    GK_CUDA_SHARED(shared);
    float *a = (float *)shared, *b = a + DEPTH * PITCH;
    float next_a[LANES], next_b[LANES];
    bool more = from.next();
    if (more)
        from.load(next_a, next_b);
    while (more) {
        from.put(a, next_a, b, next_b);
        __syncthreads();
        more = from.next();
        if (more)
            from.load(next_a, next_b);
        tile_multiply(a, b, sums);
        __syncthreads();
    }
}

// LANES elements in a row from `first` on, as far as they lie below `end`.
__device__ static inline unsigned lanes_below(unsigned first, unsigned end)
{
    const unsigned left = first < end ? end - first : 0;
    return left < LANES ? left : (unsigned)LANES;
}

// Reads `count` channels of a pixel; with none there need be no such pixel, and all are 0.
__device__ static inline void load_or_zero(const GkView &v, unsigned count, unsigned n, int y,
                                           int x, unsigned c, float *to)
{
    load(v, count > 0 ? place_of(v, n, (unsigned)y, (unsigned)x, c) : 0, count, to);
}

static inline size_t tiles_of(size_t n)
{
    return (n + TILE - 1) / TILE;
}

#endif
