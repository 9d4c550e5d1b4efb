// SPDX-License-Identifier: LGPL-3.0-or-later
// The one-dimensional transforms of Winograd's minimal filtering F(m, 3) for m = 4 (points 0, 1,
// -1, 2, -2 and infinity) and m = 6 (also 1/2 and -1/2). Source: A. Lavin, S. Gray, "Fast
// Algorithms for Convolutional Neural Networks", CVPR 2016, section 4.
#ifndef GK_CPU_WINOGRAD_TRANSFORM_H
#define GK_CPU_WINOGRAD_TRANSFORM_H

#include "simd.h"

// B^T d: m + 2 inputs to m + 2 frequencies.
V_INLINE void input_transform(const size_t m, const Vec *d, Vec *o)
{
    if (m == 4) {
        const Vec a = v_fnma(v_set1(4), d[2], d[4]), b = v_fnma(v_set1(4), d[1], d[3]);
        const Vec e = d[4] - d[2], f = d[3] - d[1];
        o[0] = v_fma(v_set1(4), d[0], v_fnma(v_set1(5), d[2], d[4]));
        o[1] = a + b;
        o[2] = a - b;
        o[3] = v_fma(v_set1(2), f, e);
        o[4] = v_fnma(v_set1(2), f, e);
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

// A^T f: m + 2 frequencies to m outputs.
V_INLINE void output_transform(const size_t m, const Vec *f, Vec *o)
{
    const Vec a = f[1] + f[2], b = f[1] - f[2], c = f[3] + f[4], d = f[3] - f[4];
    if (m == 4) {
        o[0] = f[0] + a + c;
        o[1] = v_fma(v_set1(2), d, b);
        o[2] = v_fma(v_set1(4), c, a);
        o[3] = v_fma(v_set1(8), d, b) + f[5];
        return;
    }
    const Vec e = f[5] + f[6], g = f[5] - f[6];
    o[0] = v_fma(v_set1(32), e, c) + (f[0] + a);
    o[1] = v_fma(v_set1(16), g, v_fma(v_set1(2), d, b));
    o[2] = v_fma(v_set1(8), e, v_fma(v_set1(4), c, a));
    o[3] = v_fma(v_set1(4), g, v_fma(v_set1(8), d, b));
    o[4] = v_fma(v_set1(2), e, v_fma(v_set1(16), c, a));
    o[5] = v_fma(v_set1(32), d, b + g) + f[7];
}

// G g: 3 taps to m + 2 frequencies. The frequencies of 1/2 carry 1/32, which A^T gives back.
V_INLINE void weight_transform(const size_t m, const Vec *g, Vec *o)
{
    const Vec even = g[0] + g[2];
    if (m == 4) {
        const Vec s = even * v_set1(-1.0f / 6), t = g[1] * v_set1(-1.0f / 6);
        const Vec u = v_fma(v_set1(4), g[2], g[0]) * v_set1(1.0f / 24),
                  v = g[1] * v_set1(1.0f / 12);
        o[0] = g[0] * v_set1(0.25f);
        o[1] = s + t;
        o[2] = s - t;
        o[3] = u + v;
        o[4] = u - v;
        o[5] = g[2];
        return;
    }
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
