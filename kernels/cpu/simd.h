// SPDX-License-Identifier: LGPL-3.0-or-later
// Vectors of float for kernels that are compiled once per instruction set. GK_ISA_AVX512 or
// GK_ISA_AVX2 is defined by the build; without them GCC's vector extension is used, which
// every target takes.
//
// V_LANES   floats in a vector; divides GK_BLOCK
// V_COLUMNS vectors of output channels that a register block of the matrix product has
#ifndef GK_CPU_SIMD_H
#define GK_CPU_SIMD_H

#include <math.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#define V_INLINE static inline __attribute__((always_inline, unused))

#if defined(GK_ISA_AVX512)

#include <immintrin.h>

#define V_LANES 16
#define V_COLUMNS 4
#define V_NAME(name) name##_avx512
#define V_ISA "avx512"

typedef __m512 Vec;

V_INLINE Vec v_set1(float a)
{
    return _mm512_set1_ps(a);
}

V_INLINE Vec v_load(const float *p)
{
    return _mm512_loadu_ps(p);
}

V_INLINE void v_store(float *p, Vec a)
{
    _mm512_storeu_ps(p, a);
}

// The first n < V_LANES lanes, the others are zero; memory behind them is not touched.
V_INLINE Vec v_load_n(const float *p, size_t n)
{
    return _mm512_maskz_loadu_ps((__mmask16)((1u << n) - 1), p);
}

V_INLINE void v_store_n(float *p, Vec a, size_t n)
{
    _mm512_mask_storeu_ps(p, (__mmask16)((1u << n) - 1), a);
}

V_INLINE Vec v_fma(Vec a, Vec b, Vec c)
{
    return _mm512_fmadd_ps(a, b, c);
}

// c - a * b
V_INLINE Vec v_fnma(Vec a, Vec b, Vec c)
{
    return _mm512_fnmadd_ps(a, b, c);
}

// v < 0 ? slope * v : v; NaN stays NaN.
V_INLINE Vec v_leaky(Vec v, Vec slope)
{
    return _mm512_mask_mul_ps(v, _mm512_cmp_ps_mask(v, _mm512_setzero_ps(), _CMP_LT_OQ), v, slope);
}

// a < limit ? b : c
V_INLINE Vec v_select_less(Vec a, Vec limit, Vec b, Vec c)
{
    return _mm512_mask_blend_ps(_mm512_cmp_ps_mask(a, limit, _CMP_LT_OQ), c, b);
}

// The larger, or b when one is NaN.
V_INLINE Vec v_max(Vec a, Vec b)
{
    return _mm512_max_ps(a, b);
}

V_INLINE Vec v_min(Vec a, Vec b)
{
    return _mm512_min_ps(a, b);
}

V_INLINE Vec v_abs(Vec a)
{
    return _mm512_abs_ps(a);
}

V_INLINE Vec v_sqrt(Vec a)
{
    return _mm512_sqrt_ps(a);
}

V_INLINE Vec v_round(Vec a)
{
    return _mm512_roundscale_ps(a, _MM_FROUND_TO_NEAREST_INT | _MM_FROUND_NO_EXC);
}

// a * 2^n for whole n in -126..127.
V_INLINE Vec v_scale2(Vec a, Vec n)
{
    return _mm512_scalef_ps(a, n);
}

V_INLINE float v_sum(Vec a)
{
    return _mm512_reduce_add_ps(a);
}

// Transposes a square of vectors.
V_INLINE void v_transpose(Vec *r)
{
    Vec t[16];
#pragma GCC unroll 8
    for (int i = 0; i < 16; i += 2) {
        t[i] = _mm512_unpacklo_ps(r[i], r[i + 1]);
        t[i + 1] = _mm512_unpackhi_ps(r[i], r[i + 1]);
    }
#pragma GCC unroll 8
    for (int i = 0; i < 16; i += 4)
#pragma GCC unroll 2
        for (int k = 0; k < 2; k++) {
            const __m512d a = _mm512_castps_pd(t[i + k]), b = _mm512_castps_pd(t[i + k + 2]);
            r[i + 2 * k] = _mm512_castpd_ps(_mm512_unpacklo_pd(a, b));
            r[i + 2 * k + 1] = _mm512_castpd_ps(_mm512_unpackhi_pd(a, b));
        }
#pragma GCC unroll 4
    for (int k = 0; k < 4; k++) {
        t[k] = _mm512_shuffle_f32x4(r[k], r[4 + k], 0x88);
        t[4 + k] = _mm512_shuffle_f32x4(r[k], r[4 + k], 0xdd);
        t[8 + k] = _mm512_shuffle_f32x4(r[8 + k], r[12 + k], 0x88);
        t[12 + k] = _mm512_shuffle_f32x4(r[8 + k], r[12 + k], 0xdd);
    }
#pragma GCC unroll 4
    for (int k = 0; k < 4; k++) {
        r[k] = _mm512_shuffle_f32x4(t[k], t[8 + k], 0x88);
        r[4 + k] = _mm512_shuffle_f32x4(t[4 + k], t[12 + k], 0x88);
        r[8 + k] = _mm512_shuffle_f32x4(t[k], t[8 + k], 0xdd);
        r[12 + k] = _mm512_shuffle_f32x4(t[4 + k], t[12 + k], 0xdd);
    }
}

// 1 / a for a in 1..2^126, to 2 units in the last place.
V_INLINE Vec v_reciprocal(Vec a)
{
    const Vec guess = _mm512_rcp14_ps(a);
    return _mm512_fmadd_ps(guess, _mm512_fnmadd_ps(a, guess, _mm512_set1_ps(1)), guess);
}

#elif defined(GK_ISA_AVX2)

#include <immintrin.h>

#define V_LANES 8
#define V_COLUMNS 2
#define V_NAME(name) name##_avx2
#define V_ISA "avx2"

typedef __m256 Vec;

V_INLINE __m256i v_mask(size_t n)
{
    static const int32_t lanes[16] = {-1, -1, -1, -1, -1, -1, -1, -1};
    return _mm256_loadu_si256((const __m256i *)(lanes + 8 - n));
}

V_INLINE Vec v_set1(float a)
{
    return _mm256_set1_ps(a);
}

V_INLINE Vec v_load(const float *p)
{
    return _mm256_loadu_ps(p);
}

V_INLINE void v_store(float *p, Vec a)
{
    _mm256_storeu_ps(p, a);
}

V_INLINE Vec v_load_n(const float *p, size_t n)
{
    return _mm256_maskload_ps(p, v_mask(n));
}

V_INLINE void v_store_n(float *p, Vec a, size_t n)
{
    _mm256_maskstore_ps(p, v_mask(n), a);
}

V_INLINE Vec v_fma(Vec a, Vec b, Vec c)
{
    return _mm256_fmadd_ps(a, b, c);
}

V_INLINE Vec v_fnma(Vec a, Vec b, Vec c)
{
    return _mm256_fnmadd_ps(a, b, c);
}

V_INLINE Vec v_leaky(Vec v, Vec slope)
{
    return _mm256_blendv_ps(v, _mm256_mul_ps(v, slope), v);
}

V_INLINE Vec v_select_less(Vec a, Vec limit, Vec b, Vec c)
{
    return _mm256_blendv_ps(c, b, _mm256_cmp_ps(a, limit, _CMP_LT_OQ));
}

V_INLINE Vec v_max(Vec a, Vec b)
{
    return _mm256_max_ps(a, b);
}

V_INLINE Vec v_min(Vec a, Vec b)
{
    return _mm256_min_ps(a, b);
}

V_INLINE Vec v_abs(Vec a)
{
    return _mm256_andnot_ps(_mm256_set1_ps(-0.0f), a);
}

V_INLINE Vec v_sqrt(Vec a)
{
    return _mm256_sqrt_ps(a);
}

V_INLINE Vec v_round(Vec a)
{
    return _mm256_round_ps(a, _MM_FROUND_TO_NEAREST_INT | _MM_FROUND_NO_EXC);
}

V_INLINE Vec v_scale2(Vec a, Vec n)
{
    const __m256i exponent = _mm256_add_epi32(_mm256_cvtps_epi32(n), _mm256_set1_epi32(127));
    return a * _mm256_castsi256_ps(_mm256_slli_epi32(exponent, 23));
}

V_INLINE float v_sum(Vec a)
{
    __m128 s = _mm_add_ps(_mm256_castps256_ps128(a), _mm256_extractf128_ps(a, 1));
    s = _mm_add_ps(s, _mm_movehl_ps(s, s));
    return _mm_cvtss_f32(_mm_add_ss(s, _mm_movehdup_ps(s)));
}

V_INLINE void v_transpose(Vec *r)
{
    Vec t[8];
#pragma GCC unroll 4
    for (int i = 0; i < 8; i += 2) {
        t[i] = _mm256_unpacklo_ps(r[i], r[i + 1]);
        t[i + 1] = _mm256_unpackhi_ps(r[i], r[i + 1]);
    }
#pragma GCC unroll 2
    for (int i = 0; i < 8; i += 4)
#pragma GCC unroll 2
        for (int k = 0; k < 2; k++) {
            const __m256d a = _mm256_castps_pd(t[i + k]), b = _mm256_castps_pd(t[i + k + 2]);
            r[i + 2 * k] = _mm256_castpd_ps(_mm256_unpacklo_pd(a, b));
            r[i + 2 * k + 1] = _mm256_castpd_ps(_mm256_unpackhi_pd(a, b));
        }
#pragma GCC unroll 4
    for (int k = 0; k < 4; k++) {
        const Vec a = r[k], b = r[4 + k];
        r[k] = _mm256_permute2f128_ps(a, b, 0x20);
        r[4 + k] = _mm256_permute2f128_ps(a, b, 0x31);
    }
}

V_INLINE Vec v_reciprocal(Vec a)
{
    return _mm256_set1_ps(1) / a;
}

#else

#define V_LANES 4
#define V_COLUMNS 2
#define V_NAME(name) name##_plain
#define V_ISA "plain"

typedef float Vec __attribute__((vector_size(16)));
typedef int32_t VecInt __attribute__((vector_size(16)));

V_INLINE Vec v_set1(float a)
{
    return (Vec){a, a, a, a};
}

V_INLINE Vec v_load(const float *p)
{
    Vec a;
    memcpy(&a, p, sizeof a);
    return a;
}

V_INLINE void v_store(float *p, Vec a)
{
    memcpy(p, &a, sizeof a);
}

V_INLINE Vec v_load_n(const float *p, size_t n)
{
    return (Vec){n > 0 ? p[0] : 0, n > 1 ? p[1] : 0, n > 2 ? p[2] : 0, 0};
}

V_INLINE void v_store_n(float *p, Vec a, size_t n)
{
    for (size_t i = 0; i < n; i++)
        p[i] = a[i];
}

V_INLINE Vec v_fma(Vec a, Vec b, Vec c)
{
    return a * b + c;
}

V_INLINE Vec v_fnma(Vec a, Vec b, Vec c)
{
    return c - a * b;
}

// mask ? b : c for a mask of ones and zeros in each lane.
V_INLINE Vec v_blend(VecInt mask, Vec b, Vec c)
{
    return (Vec)((mask & (VecInt)b) | (~mask & (VecInt)c));
}

V_INLINE Vec v_leaky(Vec v, Vec slope)
{
    return v_blend(v < (Vec){0}, v * slope, v);
}

V_INLINE Vec v_select_less(Vec a, Vec limit, Vec b, Vec c)
{
    return v_blend(a < limit, b, c);
}

V_INLINE Vec v_max(Vec a, Vec b)
{
    return v_blend(a > b, a, b);
}

V_INLINE Vec v_min(Vec a, Vec b)
{
    return v_blend(a < b, a, b);
}

V_INLINE Vec v_abs(Vec a)
{
    return (Vec)((VecInt)a & INT32_MAX);
}

V_INLINE Vec v_sqrt(Vec a)
{
    return (Vec){__builtin_sqrtf(a[0]), __builtin_sqrtf(a[1]), __builtin_sqrtf(a[2]),
                 __builtin_sqrtf(a[3])};
}

// For |a| < 2^22: adding 1.5 * 2^23 pushes the fraction out of the mantissa.
V_INLINE Vec v_round(Vec a)
{
    const Vec magic = v_set1(12582912.0f);
    return (a + magic) - magic;
}

V_INLINE Vec v_scale2(Vec a, Vec n)
{
    const VecInt exponent = __builtin_convertvector(n, VecInt) + 127;
    return a * (Vec)(exponent << 23);
}

V_INLINE float v_sum(Vec a)
{
    return a[0] + a[2] + (a[1] + a[3]);
}

V_INLINE void v_transpose(Vec *r)
{
    const Vec a = r[0], b = r[1], c = r[2], d = r[3];
    for (int i = 0; i < 4; i++)
        r[i] = (Vec){a[i], b[i], c[i], d[i]};
}

V_INLINE Vec v_reciprocal(Vec a)
{
    return (Vec){1, 1, 1, 1} / a;
}

#endif

// The same value, in a register: what is read once is not read again for each use.
V_INLINE Vec v_keep(Vec a)
{
#if defined(GK_ISA_AVX512) || defined(GK_ISA_AVX2)
    __asm__("" : "+v"(a));
#endif
    return a;
}

V_INLINE Vec v_zero(void)
{
    return v_set1(0);
}

// e^x to 2 units in the last place for x in -87..87; clamped there, NaN stays.
// Source:  Cephes, expf.
V_INLINE Vec v_exp(Vec x)
{
    x = v_max(v_set1(-87), v_min(v_set1(87), x));
    const Vec n = v_round(x * v_set1(1.44269504088896341f));
    // x - n ln 2 in two steps: the first constant has few bits, so its product is exact.
    const Vec r = v_fnma(n, v_set1(-2.12194440e-4f), v_fnma(n, v_set1(0.693359375f), x));
    Vec p = v_set1(1.9875691500e-4f);
    p = v_fma(p, r, v_set1(1.3981999507e-3f));
    p = v_fma(p, r, v_set1(8.3334519073e-3f));
    p = v_fma(p, r, v_set1(4.1665795894e-2f));
    p = v_fma(p, r, v_set1(1.6666665459e-1f));
    p = v_fma(p, r, v_set1(5.0000001201e-1f));
    return v_scale2(v_fma(p, r * r, r + v_set1(1)), n);
}

// log(x) for normal x > 0, to 2 units in the last place; -infinity for zero and the denormal
// numbers, NaN below zero.
// Source:  Cephes, logf.
V_INLINE Vec v_log(Vec x)
{
    float lanes[V_LANES], exponents[V_LANES];
    v_store(lanes, x);
    for (size_t i = 0; i < V_LANES; i++) {
        uint32_t bits;
        memcpy(&bits, &lanes[i], sizeof bits);
        // x = m * 2^e with m in sqrt(1/2)..sqrt(2).
        const uint32_t shifted = bits - 0x3f3504f3u;
        exponents[i] = (float)((int32_t)shifted >> 23);
        bits = (shifted & 0x007fffffu) + 0x3f3504f3u;
        memcpy(&lanes[i], &bits, sizeof bits);
    }
    const Vec e = v_load(exponents), m = v_load(lanes) - v_set1(1), z = m * m;
    Vec p = v_set1(7.0376836292e-2f);
    p = v_fma(p, m, v_set1(-1.1514610310e-1f));
    p = v_fma(p, m, v_set1(1.1676998740e-1f));
    p = v_fma(p, m, v_set1(-1.2420140846e-1f));
    p = v_fma(p, m, v_set1(1.4249322787e-1f));
    p = v_fma(p, m, v_set1(-1.6668057665e-1f));
    p = v_fma(p, m, v_set1(2.0000714765e-1f));
    p = v_fma(p, m, v_set1(-2.4999993993e-1f));
    p = v_fma(p, m, v_set1(3.3333331174e-1f));
    Vec y = v_fma(e, v_set1(-2.12194440e-4f), p * m * z);
    y = v_fma(e, v_set1(0.693359375f), m + v_fnma(v_set1(0.5f), z, y));
    y = v_fma(x, v_zero(), y); // NaN stays NaN
    y = v_select_less(x, v_set1(1.17549435e-38f), v_set1(-INFINITY), y);
    y = v_select_less(x, v_zero(), v_set1(NAN), y);
    return v_select_less(v_set1(3.402823466e38f), x, x, y);
}

V_INLINE Vec v_sigmoid(Vec x)
{
    return v_reciprocal(v_set1(1) + v_exp(-x));
}

V_INLINE Vec v_softplus(Vec x)
{
    return v_max(v_zero(), x) + v_log(v_set1(1) + v_exp(-v_abs(x)));
}

// 1 - erf(x) for x >= 0, to 1.2e-7 of itself.
// Source:  W. H. Press et al., "Numerical Recipes in C", 2nd edition, section 6.2.
V_INLINE Vec v_erfc(Vec x)
{
    const Vec t = v_reciprocal(v_fma(v_set1(0.5f), x, v_set1(1)));
    Vec p = v_set1(0.17087277f);
    p = v_fma(p, t, v_set1(-0.82215223f));
    p = v_fma(p, t, v_set1(1.48851587f));
    p = v_fma(p, t, v_set1(-1.13520398f));
    p = v_fma(p, t, v_set1(0.27886807f));
    p = v_fma(p, t, v_set1(-0.18628806f));
    p = v_fma(p, t, v_set1(0.09678418f));
    p = v_fma(p, t, v_set1(0.37409196f));
    p = v_fma(p, t, v_set1(1.00002368f));
    p = v_fma(p, t, v_set1(-1.26551223f));
    return t * v_exp(v_fnma(x, x, p));
}

// Source:  Cephes, erff, within 1.
V_INLINE Vec v_erf(Vec x)
{
    const Vec z = x * x;
    Vec p = v_set1(7.853861353153693e-5f);
    p = v_fma(p, z, v_set1(-8.010193625184903e-4f));
    p = v_fma(p, z, v_set1(5.188327685732524e-3f));
    p = v_fma(p, z, v_set1(-2.685381193529856e-2f));
    p = v_fma(p, z, v_set1(1.128358514861418e-1f));
    p = v_fma(p, z, v_set1(-3.761262582423300e-1f));
    p = v_fma(p, z, v_set1(1.128379165726710f));
    const Vec far = v_set1(1) - v_erfc(v_abs(x));
    const Vec beyond = v_select_less(x, v_zero(), -far, far);
    return v_select_less(v_abs(x), v_set1(1), p * x, beyond);
}

// Source:  Cephes, tanhf: a polynomial near zero, where 1 - 2 / (e^2x + 1) would cancel.
V_INLINE Vec v_tanh(Vec x)
{
    const Vec z = x * x;
    Vec p = v_set1(-5.70498872745e-3f);
    p = v_fma(p, z, v_set1(2.06390887954e-2f));
    p = v_fma(p, z, v_set1(-5.37397155531e-2f));
    p = v_fma(p, z, v_set1(1.33314422036e-1f));
    p = v_fma(p, z, v_set1(-3.33332819422e-1f));
    const Vec near = v_fma(p * z, x, x);
    const Vec far = v_fnma(v_set1(2), v_reciprocal(v_exp(x + x) + v_set1(1)), v_set1(1));
    return v_select_less(v_abs(x), v_set1(0.625f), near, far);
}

#endif
