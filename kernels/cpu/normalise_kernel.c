// SPDX-License-Identifier: LGPL-3.0-or-later
// The second half of a normalisation over a run of pixels.
#include "epilogue.h"
#include "isa.h"

V_INLINE Vec load_some(const float *p, const size_t lanes)
{
    return lanes == V_LANES ? v_load(p) : v_load_n(p, lanes);
}

// `lanes` channels from `c` on.
V_INLINE void walk(const GkCpuNormalise *op, size_t c, const size_t lanes, const EndKind end,
                   const bool add)
{
    const Vec mean = load_some(op->mean + c, lanes), scale = load_some(op->scale + c, lanes);
    const Vec bias = load_some(op->bias + c, lanes), slope = load_some(op->slopes + c, lanes);
    const float *x = op->x + c, *r = op->r + c;
    float *y = op->y + c;
    for (size_t i = 0; i < op->pixels; i++, x += op->x_step, y += op->y_step, r += op->r_step) {
        const Vec v = (load_some(x, lanes) - mean) * scale;
        Vec w = end_activate(v, bias, slope, end, op->kind);
        if (add)
            w += load_some(r, lanes);
        if (lanes == V_LANES)
            v_store(y, w);
        else
            v_store_n(y, w, lanes);
    }
}

V_INLINE void walk_all(const GkCpuNormalise *op, const EndKind end, const bool add)
{
    size_t c = 0;
    for (; c + V_LANES <= op->channels; c += V_LANES)
        walk(op, c, V_LANES, end, add);
    if (c < op->channels)
        walk(op, c, op->channels - c, end, add);
}

void V_NAME(gk_cpu_normalise)(const GkCpuNormalise *op)
{
    GkCpuNormalise with = *op;
    const bool add = op->r != NULL;
    if (!add)
        with.r = op->x; // counted on with, never read
    switch (end_kind(op->kind)) {
    case END_LINEAR:
        if (add)
            walk_all(&with, END_LINEAR, true);
        else
            walk_all(&with, END_LINEAR, false);
        break;
    case END_LEAKY:
        if (add)
            walk_all(&with, END_LEAKY, true);
        else
            walk_all(&with, END_LEAKY, false);
        break;
    case END_SILU:
    case END_OTHER:
        if (add)
            walk_all(&with, END_OTHER, true);
        else
            walk_all(&with, END_OTHER, false);
    }
}
