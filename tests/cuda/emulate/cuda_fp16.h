// SPDX-License-Identifier: LGPL-3.0-or-later
// float16 conversions in integers, in place of NVIDIA's header of this name.
#ifndef EMULATED_CUDA_FP16_H
#define EMULATED_CUDA_FP16_H

#include "cuda_runtime.h"

struct __half {
    unsigned short bits;
};

static inline __half __ushort_as_half(unsigned short bits)
{
    return __half{bits};
}

static inline unsigned short __half_as_ushort(__half v)
{
    return v.bits;
}

static inline float __half2float(__half v)
{
    const unsigned sign = (v.bits & 0x8000u) << 16, exponent = v.bits >> 10 & 31,
                   fraction = v.bits & 0x3ffu;
    if (exponent == 31)
        return __uint_as_float(sign | 0x7f800000u | fraction << 13);
    if (exponent == 0)
        return (sign ? -1.0f : 1.0f) * (float)fraction * 5.9604644775390625e-8f; // 2^-24
    return __uint_as_float(sign | (exponent + 112) << 23 | fraction << 13);
}

// To nearest, ties to even.
static inline __half __float2half_rn(float v)
{
    const unsigned bits = __float_as_uint(v), sign = bits >> 16 & 0x8000u;
    const unsigned magnitude = bits & 0x7fffffffu;
    if (magnitude > 0x7f800000u)
        return __half{0x7fff};
    if (magnitude >= 0x477ff000u) // 65520 and above
        return __half{(unsigned short)(sign | 0x7c00u)};
    if (magnitude < 0x38800000u) { // below 2^-14: a whole number of 2^-24
        const float scaled = __uint_as_float(magnitude) * 16777216.0f;
        return __half{(unsigned short)(sign | (unsigned)std::nearbyint(scaled))};
    }
    const unsigned rounded = magnitude + 0xfffu + (magnitude >> 13 & 1u) - 0x38000000u;
    return __half{(unsigned short)(sign | rounded >> 13)};
}

#endif
