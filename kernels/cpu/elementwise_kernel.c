// SPDX-License-Identifier: LGPL-3.0-or-later
// Elementwise functions and sums over runs of floats.
#include "isa.h"

// alpha and beta are op's, as vectors.
V_INLINE Vec unary(const int kind, Vec v, Vec alpha, Vec beta)
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
        return v_max(v_zero(), v) + v_log(v_set1(1) + v_exp(-v_abs(v)));
    default: // GK_UNARY_CLAMP
        return v_min(beta, v_max(alpha, v));
    }
}

V_INLINE Vec binary(const int kind, Vec a, Vec b, Vec alpha, Vec beta)
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
    default: // GK_BINARY_WINDOW
        return v_select_less(b, alpha, v_zero(), v_select_less(beta, b, v_zero(), a));
    }
}

V_INLINE Vec load(const float *p, bool single, size_t lanes)
{
    return single ? v_set1(*p) : lanes == V_LANES ? v_load(p) : v_load_n(p, lanes);
}

V_INLINE void walk(const GkCpuElementwise *op, const GkCpuArity arity, const int kind)
{
    const Vec alpha = v_set1(op->alpha), beta = v_set1(op->beta);
    for (size_t r = 0; r < op->rows; r++) {
        const float *a = op->a + r * op->a_step, *b = op->b + r * op->b_step;
        float *y = op->y + r * op->y_step;
        for (size_t i = 0; i < op->count; i += V_LANES) {
            const size_t lanes = op->count - i < V_LANES ? op->count - i : V_LANES;
            const Vec va = load(a + (op->a_single ? 0 : i), op->a_single, lanes);
            Vec v;
            if (arity == GK_CPU_UNARY)
                v = unary(kind, va, alpha, beta);
            else
                v = binary(kind, va, load(b + (op->b_single ? 0 : i), op->b_single, lanes), alpha,
                           beta);
            if (lanes == V_LANES)
                v_store(y + i, v);
            else
                v_store_n(y + i, v, lanes);
        }
    }
}

// A case for each function, so that its loop holds nothing else.
#define UNARY(kind)                                                                                \
    case kind:                                                                                     \
        walk(op, GK_CPU_UNARY, kind);                                                              \
        return
#define BINARY(kind)                                                                               \
    case kind:                                                                                     \
        walk(op, GK_CPU_BINARY, kind);                                                             \
        return

void V_NAME(gk_cpu_elementwise)(const GkCpuElementwise *op)
{
    if (op->arity == GK_CPU_UNARY)
        switch (op->kind) {
            UNARY(GK_UNARY_LINEAR);
            UNARY(GK_UNARY_ABS);
            UNARY(GK_UNARY_SIGN);
            UNARY(GK_UNARY_SQUARE);
            UNARY(GK_UNARY_SQRT);
            UNARY(GK_UNARY_RECIPROCAL);
            UNARY(GK_UNARY_EXP);
            UNARY(GK_UNARY_LOG);
            UNARY(GK_UNARY_SOFTPLUS);
        default:
            walk(op, GK_CPU_UNARY, GK_UNARY_CLAMP);
            return;
        }
    switch (op->kind) {
        BINARY(GK_BINARY_ADD);
        BINARY(GK_BINARY_MULTIPLY);
        BINARY(GK_BINARY_DIVIDE);
        BINARY(GK_BINARY_STEP);
    default:
        walk(op, GK_CPU_BINARY, GK_BINARY_WINDOW);
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
