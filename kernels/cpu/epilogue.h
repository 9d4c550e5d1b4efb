// SPDX-License-Identifier: LGPL-3.0-or-later
// The end of a convolution: bias, activation, pixel shuffle, gate, residuals, and the store.
//
// Two ways to memory. When every view consists of whole blocks, vectors go from registers to
// their places. Otherwise a segment of a row is put into a buffer first and scattered from there
// value by value.
#ifndef GK_CPU_EPILOGUE_H
#define GK_CPU_EPILOGUE_H

#include "cpu.h"
#include "simd.h"

// The activations that convolutions have code of their own for, and all others.
typedef enum { END_LINEAR, END_LEAKY, END_SILU, END_OTHER } EndKind;

V_INLINE EndKind end_kind(GkActivationKind kind)
{
    switch (kind) {
    case GK_ACT_NONE:
        return END_LINEAR;
    case GK_ACT_LEAKY:
    case GK_ACT_PRELU:
        return END_LEAKY;
    case GK_ACT_SILU:
        return END_SILU;
    default:
        return END_OTHER;
    }
}

V_INLINE Vec v_hard_sigmoid(Vec v)
{
    return v_min(v_set1(1), v_max(v_zero(), v_fma(v, v_set1(1.0f / 6), v_set1(0.5f))));
}

// Not inlined: a function per vector costs little beside its exponential.
static __attribute__((noinline, unused)) Vec activate_other(Vec v, Vec slope, GkActivationKind kind)
{
    switch (kind) {
    case GK_ACT_SILU:
        return v * v_sigmoid(v);
    case GK_ACT_SIGMOID:
        return v_sigmoid(v);
    case GK_ACT_ELU:
        return v_select_less(v, v_zero(), slope * (v_exp(v) - v_set1(1)), v);
    case GK_ACT_SOFTPLUS:
        return v_softplus(v);
    case GK_ACT_MISH: {
        // With e = exp(v): tanh(log(1 + e)) = (e^2 + 2 e) / (e^2 + 2 e + 2), which is 1 from 20 on.
        const Vec e = v_exp(v_min(v_set1(20), v)), w = e * (e + v_set1(2));
        return v * w * v_reciprocal(w + v_set1(2));
    }
    case GK_ACT_GELU: {
        // 1 + erf(u) = erfc(-u), which loses nothing where it is small.
        const Vec e = v_erfc(v_abs(v) * v_set1(0.70710678118654752f));
        return v_set1(0.5f) * v * v_select_less(v, v_zero(), e, v_set1(2) - e);
    }
    case GK_ACT_GELU_TANH:
        // (1 + tanh u) / 2 = sigmoid(2 u)
        return v * v_sigmoid(v * v_fma(v * v, v_set1(0.07135481627f), v_set1(1.5957691216f)));
    case GK_ACT_HARD_SIGMOID:
        return v_hard_sigmoid(v);
    case GK_ACT_HARD_SWISH:
        return v * v_hard_sigmoid(v);
    case GK_ACT_TANH:
        return v_tanh(v);
    case GK_ACT_NONE:
    case GK_ACT_LEAKY:
    case GK_ACT_PRELU:
        break;
    }
    return v;
}

V_INLINE Vec end_activate(Vec v, Vec bias, Vec slope, EndKind end, GkActivationKind kind)
{
    v += bias;
    if (end == END_LEAKY)
        return v_leaky(v, slope);
    if (end == END_SILU)
        return v * v_sigmoid(v);
    if (end == END_OTHER)
        return activate_other(v, slope, kind);
    return v;
}

// The slopes of the vector of outputs from `oc` (packed order) on, where the activation has any.
V_INLINE Vec end_slope(const GkCpuEpilogue *e, EndKind end, size_t oc)
{
    return end == END_LEAKY || end == END_OTHER ? v_load(e->slopes + oc) : v_zero();
}

// Where the vector of outputs from `oc` (packed order) on goes, for an epilogue of blocks.
typedef struct {
    size_t lanes; // real channels in the vector
    size_t dy, dx, c;
} Place;

V_INLINE Place place_of(const GkCpuEpilogue *e, size_t oc)
{
    const size_t channels = e->y.c;
    if (e->shuffle == 1) {
        const size_t left = oc < channels ? channels - oc : 0;
        return (Place){.lanes = left < V_LANES ? left : V_LANES, .c = oc};
    }
    const size_t sub = oc / channels;
    if (sub >= e->shuffle * e->shuffle)
        return (Place){0};
    return (Place){
        .lanes = V_LANES, .dy = sub / e->shuffle, .dx = sub % e->shuffle, .c = oc % channels};
}

V_INLINE float *place_in(const GkView *view, const Place *p, size_t n, size_t y, size_t x)
{
    return (float *)view->data + n * view->stride_n + p->c / GK_BLOCK * view->stride_block +
           p->c % GK_BLOCK + y * view->stride_y + x * view->stride_x;
}

// Stores `count` activated neighbours in the row `oy`, from `ox` on.
V_INLINE void end_store_blocks(const GkCpuEpilogue *e, const Place *p, const Vec *v, size_t count,
                               size_t n, size_t oy, size_t ox)
{
    const size_t r = e->shuffle, y = oy * r + p->dy, x = ox * r + p->dx;
    float *out = place_in(&e->y, p, n, y, x);
    const size_t step = e->y.stride_x * r;
    const bool whole = p->lanes == V_LANES;
    if (whole && !e->gate.data && e->n_residuals == 0) {
#pragma GCC unroll 8
        for (size_t j = 0; j < count; j++)
            v_store(out + j * step, v[j]);
        return;
    }
    if (whole && !e->gate.data && r == 1 && e->residual[0].upsample == 1 &&
        (e->n_residuals == 1 || e->residual[1].upsample == 1)) {
        const GkResidual *s = &e->residual[0], *t = &e->residual[e->n_residuals - 1];
        const float *a = place_in(&s->r, p, n, y, x), *b = place_in(&t->r, p, n, y, x);
#pragma GCC unroll 8
        for (size_t j = 0; j < count; j++) {
            Vec w = v_fma(v_set1(s->scale), v[j], v_load(a + j * s->r.stride_x));
            if (e->n_residuals == 2)
                w = v_fma(v_set1(t->scale), w, v_load(b + j * t->r.stride_x));
            v_store(out + j * step, w);
        }
        return;
    }
    for (size_t j = 0; j < count; j++) {
        Vec w = v[j];
        if (e->gate.data) {
            const float *g = place_in(&e->gate, p, n, y, x + j * r);
            w = (w + (whole ? v_load(g) : v_load_n(g, p->lanes))) * (v_sigmoid(w) - v_set1(0.5f));
        }
        for (size_t i = 0; i < e->n_residuals; i++) {
            const GkResidual *s = &e->residual[i];
            const float *a = place_in(&s->r, p, n, y / s->upsample, (x + j * r) / s->upsample);
            w = v_fma(v_set1(s->scale), w, whole ? v_load(a) : v_load_n(a, p->lanes));
        }
        if (whole)
            v_store(out + j * step, w);
        else
            v_store_n(out + j * step, w, p->lanes);
    }
}

// Applies gate and residuals to `v`, a run of `count` channels from c on at the pixel (y, x), all
// in one block of each view, and stores it.
V_INLINE void end_store_run(const GkCpuEpilogue *e, const float *v, size_t count, size_t n,
                            size_t y, size_t x, size_t c)
{
    float *out = (float *)e->y.data + gk_offset(&e->y, n, y, x, c);
    const float *g =
        e->gate.data ? (const float *)e->gate.data + gk_offset(&e->gate, n, y, x, c) : NULL;
    const float *r[GK_MAX_RESIDUALS] = {NULL};
    for (size_t i = 0; i < e->n_residuals; i++) {
        const GkResidual *s = &e->residual[i];
        r[i] = (const float *)s->r.data + gk_offset(&s->r, n, y / s->upsample, x / s->upsample, c);
    }
    for (size_t l = 0; l < count; l += V_LANES) {
        const size_t lanes = count - l < V_LANES ? count - l : V_LANES;
        Vec w = v_load_n(v + l, lanes);
        if (lanes == V_LANES)
            w = v_load(v + l);
        if (g) {
            const Vec gate = lanes == V_LANES ? v_load(g + l) : v_load_n(g + l, lanes);
            w = (w + gate) * (v_sigmoid(w) - v_set1(0.5f));
        }
        for (size_t i = 0; i < e->n_residuals; i++)
            w = v_fma(v_set1(e->residual[i].scale), w,
                      lanes == V_LANES ? v_load(r[i] + l) : v_load_n(r[i] + l, lanes));
        if (lanes == V_LANES)
            v_store(out + l, w);
        else
            v_store_n(out + l, w, lanes);
    }
}

// Brings `count` buffered pixels of `n_outputs` values, pixel_stride apart, from the order of the
// weights into the packed order: grouped weights keep their own order, because a group must stay
// together. `copy` has room for a pixel.
static inline __attribute__((unused)) void end_order_for_shuffle(const GkCpuEpilogue *e,
                                                                 size_t n_outputs, float *values,
                                                                 size_t pixel_stride, size_t count,
                                                                 float *copy)
{
    for (size_t p = 0; p < count; p++) {
        float *v = values + p * pixel_stride;
        memcpy(copy, v, n_outputs * sizeof *v);
        for (size_t o = 0; o < n_outputs; o++)
            v[o] = copy[gk_cpu_packed_channel(o, e->y.c, e->shuffle)];
    }
}

// The ends of a compact upscaler: channels-last output of r * C neighbouring floats for each pixel
// and dy, with a nearest-neighbour residual of the same factor, or none.
V_INLINE bool end_is_dense_shuffle(const GkCpuEpilogue *e)
{
    const GkResidual *s = &e->residual[0];
    return !e->gate.data && e->shuffle * e->y.c <= GK_BLOCK && e->y.block >= e->y.c &&
           e->y.first + e->y.c <= e->y.block && e->y.stride_x == e->y.c && e->n_residuals <= 1 &&
           (e->n_residuals == 0 ||
            (s->upsample == e->shuffle && s->r.first + s->r.c <= s->r.block));
}

// Stores `count` pixels of the row `oy` from `ox` on out of a buffer: pixel j's activated outputs
// lie in packed order from values + j * pixel_stride on, with GK_BLOCK floats to read behind the
// last of them.
static __attribute__((noinline, unused)) void end_store_buffer(const GkCpuEpilogue *e,
                                                               const float *values,
                                                               size_t pixel_stride, size_t count,
                                                               size_t n, size_t oy, size_t ox)
{
    const size_t r = e->shuffle, channels = e->y.c;
    if (r > 1 && end_is_dense_shuffle(e)) {
        const size_t length = r * channels;
        float repeated[GK_BLOCK] = {0};
        for (size_t j = 0; j < count; j++) {
            const float *v = values + j * pixel_stride;
            const float *add = NULL;
            if (e->n_residuals) {
                const GkView *s = &e->residual[0].r;
                add = (const float *)s->data + gk_offset(s, n, oy, ox + j, 0);
                for (size_t dx = 0; dx < r; dx++)
                    for (size_t c = 0; c < channels; c++)
                        repeated[dx * channels + c] = add[c];
            }
            for (size_t dy = 0; dy < r; dy++) {
                float *out = (float *)e->y.data + gk_offset(&e->y, n, oy * r + dy, (ox + j) * r, 0);
                for (size_t l = 0; l < length; l += V_LANES) {
                    Vec w = v_load(v + dy * length + l);
                    if (add)
                        w = v_fma(v_set1(e->residual[0].scale), w, v_load(repeated + l));
                    if (length - l >= V_LANES)
                        v_store(out + l, w);
                    else
                        v_store_n(out + l, w, length - l);
                }
            }
        }
        return;
    }
    if (r == 1 && !e->gate.data && e->n_residuals == 0 && gk_cpu_run(&e->y, 0) == channels) {
        float *out = (float *)e->y.data + gk_offset(&e->y, n, oy, ox, 0);
        for (size_t j = 0; j < count; j++, out += e->y.stride_x) {
            const float *v = values + j * pixel_stride;
            size_t l = 0;
            for (; channels - l >= V_LANES; l += V_LANES)
                v_store(out + l, v_load(v + l));
            if (l < channels)
                v_store_n(out + l, v_load(v + l), channels - l);
        }
        return;
    }
    for (size_t j = 0; j < count; j++)
        for (size_t sub = 0; sub < r * r; sub++)
            for (size_t c = 0; c < channels;) {
                size_t run = gk_cpu_run(&e->y, c);
                if (e->gate.data) {
                    const size_t other = gk_cpu_run(&e->gate, c);
                    run = other < run ? other : run;
                }
                for (size_t i = 0; i < e->n_residuals; i++) {
                    const size_t other = gk_cpu_run(&e->residual[i].r, c);
                    run = other < run ? other : run;
                }
                end_store_run(e, values + j * pixel_stride + sub * channels + c, run, n,
                              oy * r + sub / r, (ox + j) * r + sub % r, c);
                c += run;
            }
}

#endif
