// SPDX-License-Identifier: LGPL-3.0-or-later
// The one-dimensional transforms of Winograd's minimal filtering F(m, 3) for m = 6 (points 0, 1,
// -1, 2, -2, 1/2, -1/2 and infinity) and m = 4 (without 1/2 and -1/2).
// Source:  A. Lavin, S. Gray, "Fast Algorithms for Convolutional Neural Networks", CVPR
//          2016, section 4.
//
// A frequency of the weights is their polynomial's value at a point, times a factor that may as
// well stand in the inputs' transform. So both m share the weights' transform: F(4, 3) takes those
// of F(6, 3) at its own points.
#ifndef GK_CPU_WINOGRAD_TRANSFORM_H
#define GK_CPU_WINOGRAD_TRANSFORM_H

#include "simd.h"

#include <stdbool.h>

// B^T d: m + 2 inputs to m + 2 frequencies.
V_INLINE void input_transform(const size_t m, const Vec *d, Vec *o)
{
    if (m == 4) {
        o[0] = v_fma(v_set1(0.25f), d[4], v_fnma(v_set1(1.25f), d[2], d[0]));
        const Vec a = v_fnma(v_set1(3), d[2], v_set1(0.75f) * d[4]),
                  b = v_fnma(v_set1(3), d[1], v_set1(0.75f) * d[3]);
        o[1] = a + b;
        o[2] = a - b;
        const Vec e = v_set1(3.75f) * (d[4] - d[2]), f = v_set1(7.5f) * (d[3] - d[1]);
        o[3] = e + f;
        o[4] = e - f;
        o[5] = v_fma(v_set1(4), d[1], v_fnma(v_set1(5), d[3], d[5]));
        return;
    }
    o[0] = v_fma(v_set1(5.25f), d[4] - d[2], d[0] - d[6]);
    o[7] = v_fma(v_set1(5.25f), d[3] - d[5], d[7] - d[1]);
    const Vec a = v_fnma(v_set1(4.25f), d[4], d[2] + d[6]),
              b = v_fnma(v_set1(4.25f), d[3], d[1] + d[5]);
    o[1] = a + b;
    o[2] = a - b;
    const Vec e = v_fnma(v_set1(1.25f), d[4], v_fma(v_set1(0.25f), d[2], d[6]));
    const Vec f = v_fma(v_set1(2), d[5], v_fnma(v_set1(2.5f), d[3], v_set1(0.5f) * d[1]));
    o[3] = e + f;
    o[4] = e - f;
    const Vec g = v_fma(v_set1(4), v_fnma(v_set1(1.25f), d[4], d[2]), d[6]);
    const Vec h = v_fma(v_set1(2), d[1], v_fnma(v_set1(2.5f), d[3], v_set1(0.5f) * d[5]));
    o[5] = g + h;
    o[6] = g - h;
}

// Every other output of A^T f, from output `odd` on: m + 2 frequencies to m / 2 outputs.
V_INLINE void output_half(const size_t m, const bool odd, const Vec *f, Vec *o)
{
    if (!odd) {
        const Vec a = f[1] + f[2], c = f[3] + f[4];
        if (m == 4) {
            o[0] = f[0] + a + c;
            o[1] = v_fma(v_set1(4), c, a);
            return;
        }
        const Vec e = f[5] + f[6];
        o[0] = v_fma(v_set1(32), e, c) + (f[0] + a);
        o[1] = v_fma(v_set1(8), e, v_fma(v_set1(4), c, a));
        o[2] = v_fma(v_set1(2), e, v_fma(v_set1(16), c, a));
        return;
    }
    const Vec b = f[1] - f[2], d = f[3] - f[4];
    if (m == 4) {
        o[0] = v_fma(v_set1(2), d, b);
        o[1] = v_fma(v_set1(8), d, b) + f[5];
        return;
    }
    const Vec g = f[5] - f[6];
    o[0] = v_fma(v_set1(16), g, v_fma(v_set1(2), d, b));
    o[1] = v_fma(v_set1(4), g, v_fma(v_set1(8), d, b));
    o[2] = v_fma(v_set1(32), d, b + g) + f[7];
}

// A^T f: m + 2 frequencies to m outputs.
V_INLINE void output_transform(const size_t m, const Vec *f, Vec *o)
{
    Vec even[3], odd[3];
    output_half(m, false, f, even);
    output_half(m, true, f, odd);
#pragma GCC unroll 3
    for (size_t i = 0; i < m / 2; i++) {
        o[2 * i] = even[i];
        o[2 * i + 1] = odd[i];
    }
}

// G g: 3 taps to 8 frequencies. The frequencies of 1/2 carry 1/32, which A^T gives back.
V_INLINE void weight_transform(const Vec *g, Vec *o)
{
    const Vec even = g[0] + g[2];
    const Vec s = even * v_set1(-2.0f / 9), t = g[1] * v_set1(-2.0f / 9);
    const Vec u = v_fma(v_set1(4), g[2], g[0]) * v_set1(1.0f / 90), v = g[1] * v_set1(1.0f / 45);
    const Vec w = v_fma(v_set1(4), g[0], g[2]) * v_set1(1.0f / 180), x = g[1] * v_set1(1.0f / 90);
    o[0] = g[0];
    o[1] = s + t;
    o[2] = s - t;
    o[3] = u + v;
    o[4] = u - v;
    o[5] = w + x;
    o[6] = w - x;
    o[7] = g[2];
}

#endif
