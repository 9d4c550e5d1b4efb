// SPDX-License-Identifier: LGPL-3.0-or-later
// Elementwise functions and sums over runs of floats.
#include "isa.h"

// alpha and beta are op's, as vectors.
V_INLINE Vec unary(const GkUnaryKind kind, Vec v, Vec alpha, Vec beta)
{
    switch (kind) {
    case GK_UNARY_LINEAR:
        return v_fma(alpha, v, beta);
    case GK_UNARY_ABS:
        return v_abs(v);
    case GK_UNARY_SIGN:
        return v_select_less(v, v_zero(), v_set1(-1),
                             v_select_less(v_zero(), v, v_set1(1), v_zero()));
    case GK_UNARY_SQUARE:
        return v * v;
    case GK_UNARY_SQRT:
        return v_sqrt(v);
    case GK_UNARY_RECIPROCAL:
        return v_set1(1) / v;
    case GK_UNARY_EXP:
        return v_exp(v);
    case GK_UNARY_LOG:
        return v_log(v);
    case GK_UNARY_SOFTPLUS:
        return v_softplus(v);
    case GK_UNARY_ERF:
        return v_erf(v);
    case GK_UNARY_CLAMP:
        return v_min(beta, v_max(alpha, v));
    }
    return v;
}

V_INLINE Vec binary(const GkBinaryKind kind, Vec a, Vec b, Vec alpha, Vec beta)
{
    switch (kind) {
    case GK_BINARY_ADD:
        return v_fma(alpha, a, beta * b);
    case GK_BINARY_MULTIPLY:
        return alpha * a * b;
    case GK_BINARY_DIVIDE:
        return alpha * a / b;
    case GK_BINARY_STEP:
        return v_select_less(v_zero(), b, alpha * a, beta * a);
    case GK_BINARY_WINDOW:
        return v_select_less(b, alpha, v_zero(), v_select_less(beta, b, v_zero(), a));
    }
    return a;
}

V_INLINE Vec apply(const GkCpuArity arity, const int kind, Vec a, Vec b, Vec alpha, Vec beta)
{
    return arity == GK_CPU_UNARY ? unary((GkUnaryKind)kind, a, alpha, beta)
                                 : binary((GkBinaryKind)kind, a, b, alpha, beta);
}

// Runs of `count` floats; where one is `single`, *_single of op holds.
V_INLINE void walk_rows(const GkCpuElementwise *op, const GkCpuArity arity, const int kind,
                        const bool a_single, const bool b_single)
{
    const Vec alpha = v_set1(op->alpha), beta = v_set1(op->beta);
    for (size_t r = 0; r < op->rows; r++) {
        const float *a = op->a + r * op->a_step, *b = op->b + r * op->b_step;
        float *y = op->y + r * op->y_step;
        const Vec one_a = a_single ? v_set1(*a) : v_zero(),
                  one_b = b_single ? v_set1(*b) : v_zero();
        size_t i = 0;
        for (; i + V_LANES <= op->count; i += V_LANES)
            v_store(y + i, apply(arity, kind, a_single ? one_a : v_load(a + i),
                                 b_single ? one_b : v_load(b + i), alpha, beta));
        const size_t left = op->count - i;
        if (left > 0)
            v_store_n(y + i,
                      apply(arity, kind, a_single ? one_a : v_load_n(a + i, left),
                            b_single ? one_b : v_load_n(b + i, left), alpha, beta),
                      left);
    }
}

// Runs of one block of channels: pixels.
V_INLINE void walk_pixels(const GkCpuElementwise *op, const GkCpuArity arity, const int kind)
{
    const Vec alpha = v_set1(op->alpha), beta = v_set1(op->beta);
    const float *a = op->a, *b = op->b;
    float *y = op->y;
    for (size_t r = 0; r < op->rows; r++, a += op->a_step, b += op->b_step, y += op->y_step)
        for (size_t l = 0; l < GK_BLOCK; l += V_LANES)
            v_store(y + l, apply(arity, kind, v_load(a + l), v_load(b + l), alpha, beta));
}

V_INLINE void walk(const GkCpuElementwise *op, const GkCpuArity arity, const int kind)
{
    if (op->a_single && op->b_single)
        walk_rows(op, arity, kind, true, true);
    else if (op->a_single)
        walk_rows(op, arity, kind, true, false);
    else if (op->b_single)
        walk_rows(op, arity, kind, false, true);
    else if (op->count == GK_BLOCK)
        walk_pixels(op, arity, kind);
    else
        walk_rows(op, arity, kind, false, false);
}

// A case for each function, so that its loop holds nothing else.
#define UNARY(kind)                                                                                \
    case kind:                                                                                     \
        walk(op, GK_CPU_UNARY, kind);                                                              \
        break
#define BINARY(kind)                                                                               \
    case kind:                                                                                     \
        walk(op, GK_CPU_BINARY, kind);                                                             \
        break

void V_NAME(gk_cpu_elementwise)(const GkCpuElementwise *op)
{
    if (op->arity == GK_CPU_UNARY)
        switch ((GkUnaryKind)op->kind) {
            UNARY(GK_UNARY_LINEAR);
            UNARY(GK_UNARY_ABS);
            UNARY(GK_UNARY_SIGN);
            UNARY(GK_UNARY_SQUARE);
            UNARY(GK_UNARY_SQRT);
            UNARY(GK_UNARY_RECIPROCAL);
            UNARY(GK_UNARY_EXP);
            UNARY(GK_UNARY_LOG);
            UNARY(GK_UNARY_SOFTPLUS);
            UNARY(GK_UNARY_CLAMP);
            UNARY(GK_UNARY_ERF);
        }
    else
        switch ((GkBinaryKind)op->kind) {
            BINARY(GK_BINARY_ADD);
            BINARY(GK_BINARY_MULTIPLY);
            BINARY(GK_BINARY_DIVIDE);
            BINARY(GK_BINARY_STEP);
            BINARY(GK_BINARY_WINDOW);
        }
}

#undef UNARY
#undef BINARY

void V_NAME(gk_cpu_sum_rows)(const float *x, size_t rows, size_t step, size_t count, float *y)
{
    size_t i = 0;
    for (; i + V_LANES <= count; i += V_LANES) {
        Vec sum = v_zero();
        for (size_t r = 0; r < rows; r++)
            sum += v_load(x + r * step + i);
        v_store(y + i, sum);
    }
    if (i < count) {
        Vec sum = v_zero();
        for (size_t r = 0; r < rows; r++)
            sum += v_load_n(x + r * step + i, count - i);
        v_store_n(y + i, sum, count - i);
    }
}

float V_NAME(gk_cpu_sum)(const float *x, size_t count)
{
    Vec sum = v_zero();
    size_t i = 0;
    for (; i + V_LANES <= count; i += V_LANES)
        sum += v_load(x + i);
    if (i < count)
        sum += v_load_n(x + i, count - i);
    return v_sum(sum);
}
