// SPDX-License-Identifier: LGPL-3.0-or-later
// How kernels are started: with every failure turned into the context's words.
#ifndef GK_CUDA_LAUNCH_CUH
#define GK_CUDA_LAUNCH_CUH

#include "element.cuh"

// Queues a kernel.
template <class... P, class... A>
static GkStatus launch(GkContext *ctx, const char *name, void (*kernel)(P...), unsigned n_blocks,
                       unsigned n_threads, size_t shared_bytes, A... arguments)
{
    const GkStatus status = gk_cuda_enter(ctx);
    if (status != GK_OK)
        return status;
    // The driver copies the arguments by the kernel's own types.
    return [&](P... values) {
        void *pointers[] = {(void *)&values...};
        return gk_cuda_check(ctx,
                             cudaLaunchKernel(kernel, dim3(n_blocks), dim3(n_threads), pointers,
                                              shared_bytes, ctx->compute),
                             name);
    }(arguments...);
}

enum { EACH_THREADS = 256 };

// One thread for each i < count: f(i).
template <class F> __global__ void __launch_bounds__(EACH_THREADS) each(F f, unsigned count)
{
    const unsigned i = blockIdx.x * EACH_THREADS + threadIdx.x;
    if (i < count)
        f(i);
}

template <class F>
static GkStatus launch_each(GkContext *ctx, const char *name, const F &f, size_t count)
{
    if (count == 0)
        return GK_OK;
    if (count > 0xffffffffu - EACH_THREADS)
        return GK_ERROR_UNSUPPORTED;
    return launch(ctx, name, each<F>, (unsigned)((count + EACH_THREADS - 1) / EACH_THREADS),
                  EACH_THREADS, 0, f, (unsigned)count);
}

// The work of a kernel over a view: LANES channels of a pixel for each thread.
struct Place {
    unsigned n, y, x, c, count;

    // The same channels of another pixel.
    __device__ Place at(unsigned other_y, unsigned other_x) const
    {
        return {n, other_y, other_x, c, count};
    }
};

struct Places {
    unsigned n_chunks, h, w, c;

    Places() = default;
    Places(const GkView &v)
        : n_chunks((unsigned)((v.c + LANES - 1) / LANES)), h((unsigned)v.h), w((unsigned)v.w),
          c((unsigned)v.c)
    {
    }

    __device__ Place at(unsigned i) const
    {
        Place p;
        p.c = i % n_chunks * LANES;
        i /= n_chunks;
        p.x = i % w;
        i /= w;
        p.y = i % h;
        p.n = i / h;
        p.count = c - p.c < LANES ? c - p.c : (unsigned)LANES;
        return p;
    }
};

__device__ inline void load(const GkView &v, const Place &p, float *to)
{
    load(v, place_of(v, p.n, p.y, p.x, p.c), p.count, to);
}

// Also notes in *overflow, unless NULL, when a value has no finite place in the view's type.
__device__ inline void store(const GkView &v, const Place &p, const float *from, int *overflow)
{
    store(v, place_of(v, p.n, p.y, p.x, p.c), p.count, from, overflow);
}

static inline size_t n_places(const GkView &v)
{
    return v.n * v.h * v.w * ((v.c + LANES - 1) / LANES);
}

// Calls launcher<T>(ctx, args) with the type of elements that `dtype` names.
#define GK_CUDA_BY_DTYPE(dtype, launcher, ...)                                                     \
    ((dtype) == GK_F16    ? launcher<F16>(__VA_ARGS__)                                             \
     : (dtype) == GK_BF16 ? launcher<BF16>(__VA_ARGS__)                                            \
     : (dtype) == GK_F32  ? launcher<float>(__VA_ARGS__)                                           \
                          : GK_ERROR_UNSUPPORTED)

#endif
