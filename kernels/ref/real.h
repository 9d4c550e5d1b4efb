// SPDX-License-Identifier: LGPL-3.0-or-later
// The reference backend is compiled twice: this header says for which element, and declares its
// operations. Values are read into double, results are rounded once, when they are written.
#ifndef GK_REF_REAL_H
#define GK_REF_REAL_H

#include "ops/all.h"

// GK_REF(name) must be a macro: it makes the names of the two compilations differ.
#ifdef GK_REF_F64
typedef double GkReal;
#define GK_REF(name) gk_ref_f64_##name
#define GK_REF_BACKEND gk_backend_ref_f64
#define GK_REF_NAME "ref-f64"
#define GK_REF_DTYPE GK_F64
#else
typedef float GkReal;
#define GK_REF(name) gk_ref_f32_##name
#define GK_REF_BACKEND gk_backend_ref_f32
#define GK_REF_NAME "ref-f32"
#define GK_REF_DTYPE GK_F32
#endif

// Returns one element of `v`.
static inline double real_get(const GkView *v, size_t n, size_t y, size_t x, size_t c)
{
    return ((const GkReal *)v->data)[gk_offset(v, n, y, x, c)];
}

// Sets one element of `v` to `value`, rounded to the element's type.
static inline void real_set(const GkView *v, size_t n, size_t y, size_t x, size_t c, double value)
{
    ((GkReal *)v->data)[gk_offset(v, n, y, x, c)] = (GkReal)value;
}

// Returns element `i` of a dense vector, such as a bias.
static inline double real_at(const void *vector, size_t i)
{
    return ((const GkReal *)vector)[i];
}

// Returns whether `v` has this compilation's element type.
static inline int real_is_dtype_of(const GkView *v)
{
    return v->dtype == GK_REF_DTYPE;
}

// Returns whether the two views have equal N, H, W and C.
static inline int real_is_same_shape(const GkView *a, const GkView *b)
{
    return a->n == b->n && a->h == b->h && a->w == b->w && a->c == b->c;
}

// Returns 1 / (1 + exp(-v)).
double GK_REF(sigmoid)(double v);

// Returns the coordinate in 0..size-1 that stands at `i`, which may lie outside; SIZE_MAX for zero.
size_t GK_REF(pad_source)(ptrdiff_t i, size_t size, GkPadMode mode);

// Returns activation(v) in the given channel.
double GK_REF(activation)(const GkActivation *activation, size_t channel, double v);

// The slots of GkOps.
GK_OPS_DECLARE(GK_REF)

#endif
