// SPDX-License-Identifier: LGPL-3.0-or-later
// Softmax along and across runs of neighbouring floats.
#include "isa.h"

V_INLINE Vec load_some(const float *p, const size_t lanes)
{
    return lanes == V_LANES ? v_load(p) : v_load_n(p, lanes);
}

V_INLINE void store_some(float *p, Vec v, const size_t lanes)
{
    if (lanes == V_LANES)
        v_store(p, v);
    else
        v_store_n(p, v, lanes);
}

static float largest_of(const float *x, size_t count)
{
    float largest = x[0];
    for (size_t i = 1; i < count; i++)
        largest = x[i] > largest ? x[i] : largest;
    return largest;
}

void V_NAME(gk_cpu_softmax_line)(const float *x, float *y, size_t count)
{
    const Vec largest = v_set1(largest_of(x, count));
    const size_t whole = count / V_LANES * V_LANES, left = count - whole;
    Vec sum = v_zero();
    for (size_t i = 0; i < whole; i += V_LANES) {
        const Vec e = v_exp(v_load(x + i) - largest);
        v_store(y + i, e);
        sum += e;
    }
    float rest = 0;
    if (left > 0) {
        v_store_n(y + whole, v_exp(v_load_n(x + whole, left) - largest), left);
        rest = v_sum(v_load_n(y + whole, left));
    }
    const Vec share = v_set1(1 / (v_sum(sum) + rest));
    for (size_t i = 0; i < whole; i += V_LANES)
        v_store(y + i, v_load(y + i) * share);
    if (left > 0)
        v_store_n(y + whole, v_load_n(y + whole, left) * share, left);
}

V_INLINE void softmax_columns(const float *x, size_t x_step, float *y, size_t y_step, size_t rows,
                              const size_t lanes)
{
    Vec largest = load_some(x, lanes), sum = v_zero();
    for (size_t r = 1; r < rows; r++)
        largest = v_max(largest, load_some(x + r * x_step, lanes));
    for (size_t r = 0; r < rows; r++) {
        const Vec e = v_exp(load_some(x + r * x_step, lanes) - largest);
        store_some(y + r * y_step, e, lanes);
        sum += e;
    }
    const Vec share = v_set1(1) / sum;
    for (size_t r = 0; r < rows; r++)
        store_some(y + r * y_step, load_some(y + r * y_step, lanes) * share, lanes);
}

void V_NAME(gk_cpu_softmax_rows)(const float *x, size_t x_step, float *y, size_t y_step,
                                 size_t rows, size_t count)
{
    size_t i = 0;
    for (; i + V_LANES <= count; i += V_LANES)
        softmax_columns(x + i, x_step, y + i, y_step, rows, V_LANES);
    if (i < count)
        softmax_columns(x + i, x_step, y + i, y_step, rows, count - i);
}
