// SPDX-License-Identifier: LGPL-3.0-or-later
// Pointwise operations over runs of neighbouring floats.
#include "epilogue.h"
#include "isa.h"

// Loads `lanes` floats, all of a vector or fewer.
V_INLINE Vec load_some(const float *p, size_t lanes)
{
    return lanes == V_LANES ? v_load(p) : v_load_n(p, lanes);
}

V_INLINE Vec apply(const GkCpuPointwise *op, const float *a, const float *b, size_t i,
                   size_t channel, size_t lanes)
{
    const Vec v = load_some(a + i, lanes);
    switch (op->kind) {
    case GK_CPU_ADD:
        return v_fma(v_set1(op->alpha), v, v_set1(op->beta) * load_some(b + i, lanes));
    case GK_CPU_MULTIPLY:
        return v * load_some(b + i, lanes);
    case GK_CPU_AFFINE:
        return v_fma(load_some(op->scale + channel, lanes), v,
                     load_some(op->shift + channel, lanes));
    case GK_CPU_ACTIVATE:
        break;
    }
    switch (op->activation) {
    case GK_ACT_NONE:
        return v;
    case GK_ACT_LEAKY:
        return v_leaky(v, v_set1(op->alpha));
    case GK_ACT_PRELU:
        return v_leaky(v, load_some(op->scale + channel, lanes));
    default:
        return activate_other(v, v_set1(op->alpha), op->activation);
    }
}

void V_NAME(gk_cpu_pointwise)(const GkCpuPointwise *op, const float *a, const float *b, float *y,
                              size_t count, size_t channel, size_t period)
{
    size_t phase = 0;
    size_t i = 0;
    for (; i + V_LANES <= count; i += V_LANES) {
        v_store(y + i, apply(op, a, b, i, channel + phase, V_LANES));
        phase += V_LANES;
        if (phase == period)
            phase = 0;
    }
    if (i < count)
        v_store_n(y + i, apply(op, a, b, i, channel + phase, count - i), count - i);
}
