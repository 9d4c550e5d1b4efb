// SPDX-License-Identifier: LGPL-3.0-or-later
// The functions of one and two values, as ops/elementwise.h has them, and operands
// that are broadcast.
#ifndef GK_CUDA_FUNCTIONS_CUH
#define GK_CUDA_FUNCTIONS_CUH

#include "launch.cuh"

__device__ inline float unary(GkUnaryKind kind, float alpha, float beta, float v)
{
    switch (kind) {
    case GK_UNARY_LINEAR:
        return alpha * v + beta;
    case GK_UNARY_ABS:
        return fabsf(v);
    case GK_UNARY_SIGN:
        return (float)((v > 0) - (v < 0));
    case GK_UNARY_SQUARE:
        return v * v;
    case GK_UNARY_SQRT:
        return sqrtf(v);
    case GK_UNARY_RECIPROCAL:
        return 1.0f / v;
    case GK_UNARY_EXP:
        return expf(v);
    case GK_UNARY_LOG:
        return logf(v);
    case GK_UNARY_SOFTPLUS:
        return softplus(v);
    case GK_UNARY_ERF:
        return erff(v);
    case GK_UNARY_CLAMP:
        return fminf(fmaxf(v, alpha), beta);
    }
    return v;
}

__device__ inline float binary(GkBinaryKind kind, float alpha, float beta, float a, float b)
{
    switch (kind) {
    case GK_BINARY_ADD:
        return alpha * a + beta * b;
    case GK_BINARY_MULTIPLY:
        return alpha * a * b;
    case GK_BINARY_DIVIDE:
        return alpha * a / b;
    case GK_BINARY_STEP:
        return b > 0 ? alpha * a : beta * a;
    case GK_BINARY_WINDOW:
        return b >= alpha && b <= beta ? a : 0.0f;
    }
    return a;
}

// Returns whether `x` has the extents of `y`, or 1.
static inline bool is_broadcast(const GkView &x, const GkView &y)
{
    return gk_cuda_is_view(&x) && (x.n == 1 || x.n == y.n) && (x.h == 1 || x.h == y.h) &&
           (x.w == 1 || x.w == y.w) && (x.c == 1 || x.c == y.c);
}

// Makes an extent of 1 stand for any place along its axis. Channels have no stride: c says it.
static inline GkView broadcast(GkView v)
{
    v.stride_n = v.n == 1 ? 0 : v.stride_n;
    v.stride_y = v.h == 1 ? 0 : v.stride_y;
    v.stride_x = v.w == 1 ? 0 : v.stride_x;
    return v;
}

// The place in a broadcast view for one of the result.
__device__ inline size_t operand(const GkView &v, size_t n, size_t y, size_t x, size_t c)
{
    return place_of(v, n, y, x, v.c == 1 ? 0 : c);
}

__device__ inline void load_operand(const GkView &v, const Place &p, float *values)
{
    load(v, operand(v, p.n, p.y, p.x, p.c), v.c == 1 ? 1 : p.count, values);
    if (v.c == 1)
        for (unsigned k = 1; k < LANES; k++)
            values[k] = values[0];
}

#endif
