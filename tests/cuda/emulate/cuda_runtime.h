// SPDX-License-Identifier: LGPL-3.0-or-later
// CUDA C++ as far as our kernels use it, for a C++ compiler in place of NVIDIA's header of this
// name. Threads of a block are coroutines; see emulate.cpp.
#ifndef EMULATED_CUDA_RUNTIME_H
#define EMULATED_CUDA_RUNTIME_H

#include "cuda_runtime_api.h"

#include <cmath>
#include <cstdint>
#include <cstring>
#include <functional>
#include <tuple>
#include <utility>

#define __host__
#define __device__
#define __global__
#define __launch_bounds__(...)

struct dim3 {
    unsigned x, y, z;
    dim3(unsigned width) : x(width), y(1), z(1)
    {
    }
};

struct alignas(16) uint4 {
    unsigned x, y, z, w;
};

struct alignas(8) float2 {
    float x, y;
};

static inline float2 make_float2(float x, float y)
{
    return float2{x, y};
}

struct EmulatedIndex {
    unsigned x;
};

static inline int min(int a, int b)
{
    return a < b ? a : b;
}

static inline unsigned min(unsigned a, unsigned b)
{
    return a < b ? a : b;
}

static inline int max(int a, int b)
{
    return a > b ? a : b;
}

// Of the coroutine at work.
extern EmulatedIndex threadIdx, blockIdx;

unsigned char *emulated_shared();
void __syncthreads();
void __syncwarp();

// Where the lanes of a warp give each other what they hold: one place until all have met, and then
// another, so that a lane may go on while others still read.
struct EmulatedExchange {
    float a[16][16], b[8][16]; // b by its columns
    const void *address[32];
};
EmulatedExchange *emulated_exchange();
unsigned emulated_lane();

// Copies that are not done before they are waited for.
void emulated_copy(void *to, const void *from, unsigned bytes);
void emulated_commit();
void emulated_wait(int n);

static inline float __uint_as_float(unsigned bits)
{
    float v;
    memcpy(&v, &bits, sizeof v);
    return v;
}

static inline unsigned __float_as_uint(float v)
{
    unsigned bits;
    memcpy(&bits, &v, sizeof bits);
    return bits;
}

cudaError_t emulated_launch(std::function<void()> kernel, unsigned n_blocks, unsigned n_threads,
                            size_t shared_bytes, cudaStream_t stream);

template <class... P, size_t... I>
static std::function<void()> emulated_bind(void (*kernel)(P...), void **pointers,
                                           std::index_sequence<I...>)
{
    std::tuple<P...> values(*(P *)pointers[I]...);
    return [kernel, values]() { std::apply(kernel, values); };
}

template <class... P>
static cudaError_t cudaLaunchKernel(void (*kernel)(P...), dim3 grid, dim3 block, void **pointers,
                                    size_t shared_bytes, cudaStream_t stream)
{
    return emulated_launch(
        emulated_bind(kernel, pointers, std::make_index_sequence<sizeof...(P)>()), grid.x, block.x,
        shared_bytes, stream);
}

cudaError_t emulated_allow_shared(int bytes);

template <class F> static cudaError_t cudaFuncSetAttribute(F *, cudaFuncAttribute, int value)
{
    return emulated_allow_shared(value);
}

#endif
