// SPDX-License-Identifier: LGPL-3.0-or-later
// Elements of activations on the device: stored as float16, bfloat16 or float32, computed in float.
#ifndef GK_CUDA_ELEMENT_CUH
#define GK_CUDA_ELEMENT_CUH

#include "cuda.h"

#include <cuda_bf16.h>
#include <cuda_fp16.h>
#include <cuda_runtime.h>

struct F16 {
    unsigned short bits;
};

struct BF16 {
    unsigned short bits;
};

__device__ inline float to_float(float v)
{
    return v;
}

__device__ inline float to_float(F16 v)
{
    return __half2float(__ushort_as_half(v.bits));
}

__device__ inline float to_float(BF16 v)
{
    return __uint_as_float((unsigned)v.bits << 16);
}

template <class T> __device__ inline T from_float(float v);

template <> __device__ inline float from_float<float>(float v)
{
    return v;
}

template <> __device__ inline F16 from_float<F16>(float v)
{
    return F16{__half_as_ushort(__float2half_rn(v))};
}

template <> __device__ inline BF16 from_float<BF16>(float v)
{
    return BF16{__bfloat16_as_ushort(__float2bfloat16_rn(v))};
}

// The largest finite value; beyond it lies infinity, which a later activation may hide.
template <class T> __device__ inline float largest(void)
{
    return 3.4e38f;
}

template <> __device__ inline float largest<F16>(void)
{
    return 65504.0f;
}

// Eight channels of a pixel, the unit in which threads work.
enum { LANES = 8 };

// Where LANES elements of T may move as whole words: bytes that `p` must be a multiple of.
template <class T> __device__ inline bool is_aligned(const T *p)
{
    return ((size_t)p & (sizeof(T) * LANES > 16 ? 15 : sizeof(T) * LANES - 1)) == 0;
}

// Reads `count` <= LANES elements; the other values are 0.
template <class T> __device__ inline void load_lanes(const T *p, unsigned count, float *v)
{
    if (count == LANES && is_aligned(p)) {
        struct alignas(16) Words {
            T t[16 / sizeof(T)];
        };
        const Words *words = (const Words *)p;
        for (unsigned i = 0; i < LANES * sizeof(T) / 16; i++) {
            const Words word = words[i];
            for (unsigned k = 0; k < 16 / sizeof(T); k++)
                v[i * (16 / sizeof(T)) + k] = to_float(word.t[k]);
        }
        return;
    }
#pragma unroll
    for (unsigned k = 0; k < LANES; k++)
        v[k] = k < count ? to_float(p[k]) : 0.0f;
}

// Writes `count` <= LANES elements and nothing behind them.
template <class T> __device__ inline void store_lanes(T *p, unsigned count, const float *v)
{
    if (count == LANES && is_aligned(p)) {
        struct alignas(16) Words {
            T t[16 / sizeof(T)];
        };
        Words *words = (Words *)p;
        for (unsigned i = 0; i < LANES * sizeof(T) / 16; i++) {
            Words word;
            for (unsigned k = 0; k < 16 / sizeof(T); k++)
                word.t[k] = from_float<T>(v[i * (16 / sizeof(T)) + k]);
            words[i] = word;
        }
        return;
    }
#pragma unroll
    for (unsigned k = 0; k < LANES; k++)
        if (k < count)
            p[k] = from_float<T>(v[k]);
}

// Writes like store_lanes() and notes in *overflow when a value has no finite place in T.
template <class T>
__device__ inline void store_checked(T *p, unsigned count, const float *v, int *overflow)
{
    if (sizeof(T) == 2 && overflow) {
        bool fits = true;
#pragma unroll
        for (unsigned k = 0; k < LANES; k++)
            fits = fits && (k >= count || fabsf(v[k]) <= largest<T>());
        if (!fits)
            *overflow = 1;
    }
    store_lanes(p, count, v);
}

// The place of an element in a channels-last view, whose block holds all channels.
__device__ inline size_t place_of(const GkView &v, size_t n, size_t y, size_t x, size_t c)
{
    return n * v.stride_n + y * v.stride_y + x * v.stride_x + v.first + c;
}

template <class T>
__device__ inline T *element(const GkView &v, size_t n, size_t y, size_t x, size_t c)
{
    return (T *)v.data + place_of(v, n, y, x, c);
}

// load_lanes() and store_checked() at a place of a view, whose type is looked at here: it is the
// same for all threads, and what only moves or adds numbers waits for memory anyway.
__device__ inline void load(const GkView &v, size_t place, unsigned count, float *to)
{
    switch (v.dtype) {
    case GK_F16:
        load_lanes((const F16 *)v.data + place, count, to);
        return;
    case GK_BF16:
        load_lanes((const BF16 *)v.data + place, count, to);
        return;
    default:
        load_lanes((const float *)v.data + place, count, to);
    }
}

__device__ inline float load_one(const GkView &v, size_t place)
{
    switch (v.dtype) {
    case GK_F16:
        return to_float(((const F16 *)v.data)[place]);
    case GK_BF16:
        return to_float(((const BF16 *)v.data)[place]);
    default:
        return ((const float *)v.data)[place];
    }
}

__device__ inline void store(const GkView &v, size_t place, unsigned count, const float *from,
                             int *overflow)
{
    switch (v.dtype) {
    case GK_F16:
        store_checked((F16 *)v.data + place, count, from, overflow);
        return;
    case GK_BF16:
        store_checked((BF16 *)v.data + place, count, from, overflow);
        return;
    default:
        store_lanes((float *)v.data + place, count, from);
    }
}

__device__ inline float sigmoid(float v)
{
    return 1.0f / (1.0f + expf(-v));
}

__device__ inline float softplus(float v)
{
    return fmaxf(v, 0.0f) + log1pf(expf(-fabsf(v)));
}

__device__ inline float hard_sigmoid(float v)
{
    return fminf(fmaxf(v * (1.0f / 6) + 0.5f, 0.0f), 1.0f);
}

// An activation without pointers to what it does not need.
struct Activation {
    GkActivationKind kind;
    float slope;
    const float *slopes;
};

__device__ inline float activate(const Activation &a, unsigned channel, float v)
{
    switch (a.kind) {
    case GK_ACT_NONE:
        return v;
    case GK_ACT_LEAKY:
        return v >= 0 ? v : a.slope * v;
    case GK_ACT_PRELU:
        return v >= 0 ? v : a.slopes[channel] * v;
    case GK_ACT_SILU:
        return v * sigmoid(v);
    case GK_ACT_SIGMOID:
        return sigmoid(v);
    case GK_ACT_TANH:
        return tanhf(v);
    case GK_ACT_ELU:
        return v >= 0 ? v : a.slope * expm1f(v);
    case GK_ACT_SOFTPLUS:
        return softplus(v);
    case GK_ACT_MISH:
        return v * tanhf(softplus(v));
    case GK_ACT_GELU:
        return 0.5f * v * (1.0f + erff(v * 0.70710678f));
    case GK_ACT_GELU_TANH: // (1 + tanh u) / 2 = sigmoid(2 u)
        return v * sigmoid(v * (0.07135481627f * v * v + 1.5957691216f));
    case GK_ACT_HARD_SIGMOID:
        return hard_sigmoid(v);
    case GK_ACT_HARD_SWISH:
        return v * hard_sigmoid(v);
    }
    return v;
}

#endif
