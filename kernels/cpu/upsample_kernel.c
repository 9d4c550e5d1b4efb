// SPDX-License-Identifier: LGPL-3.0-or-later
// A row of a picture that is enlarged bilinearly.
#include "isa.h"

V_INLINE Vec load_some(const float *p, const size_t lanes)
{
    return lanes == V_LANES ? v_load(p) : v_load_n(p, lanes);
}

// The blend of the two rows in one column of the small picture.
V_INLINE Vec column_of(const GkCpuBlend *op, size_t c, size_t x, const size_t lanes)
{
    const Vec upper = load_some(op->upper + x * op->x_step + c, lanes);
    const Vec lower = load_some(op->lower + x * op->x_step + c, lanes);
    return v_fma(v_set1(op->weight), lower, v_set1(1 - op->weight) * upper);
}

// `lanes` channels from c on. Neighbouring outputs share their columns.
V_INLINE void walk(const GkCpuBlend *op, size_t c, const size_t lanes)
{
    size_t first = op->columns[0].first, second = op->columns[0].second;
    Vec left = column_of(op, c, first, lanes), right = column_of(op, c, second, lanes);
    float *y = op->y + c;
    for (size_t i = 0; i < op->pixels; i++, y += op->y_step) {
        const GkCpuBetween *b = &op->columns[i];
        if (b->first != first || b->second != second) {
            left = b->first == second ? right : column_of(op, c, b->first, lanes);
            right = column_of(op, c, b->second, lanes);
            first = b->first;
            second = b->second;
        }
        const Vec v = v_fma(v_set1(b->weight), right, v_set1(1 - b->weight) * left);
        if (lanes == V_LANES)
            v_store(y, v);
        else
            v_store_n(y, v, lanes);
    }
}

void V_NAME(gk_cpu_blend)(const GkCpuBlend *op)
{
    size_t c = 0;
    for (; c + V_LANES <= op->channels; c += V_LANES)
        walk(op, c, V_LANES);
    if (c < op->channels)
        walk(op, c, op->channels - c);
}
