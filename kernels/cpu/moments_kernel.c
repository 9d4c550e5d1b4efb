// SPDX-License-Identifier: LGPL-3.0-or-later
// Sums of a piece of a picture that means and variances are made of.
#include "isa.h"

// Sums that an addition need not wait for the one before.
#define CHAINS 4

V_INLINE Vec load_some(const float *p, size_t lanes)
{
    return lanes == V_LANES ? v_load(p) : v_load_n(p, lanes);
}

// Sums of x - center over the piece, and of their squares if `squares`; `lanes` channels.
V_INLINE void sums_of(const GkCpuPiece *piece, size_t first, const size_t lanes, Vec center,
                      const bool squares, Vec *sum, Vec *square_sum)
{
    Vec a[CHAINS], b[CHAINS];
    for (size_t k = 0; k < CHAINS; k++)
        a[k] = b[k] = v_zero();
    for (size_t y = 0; y < piece->rows; y++) {
        const float *p = piece->x + y * piece->row_step + first;
        size_t i = 0;
        for (; i + CHAINS <= piece->pixels; i += CHAINS)
#pragma GCC unroll 4
            for (size_t k = 0; k < CHAINS; k++, p += piece->pixel_step) {
                const Vec d = load_some(p, lanes) - center;
                a[k] += d;
                if (squares)
                    b[k] = v_fma(d, d, b[k]);
            }
        for (; i < piece->pixels; i++, p += piece->pixel_step) {
            const Vec d = load_some(p, lanes) - center;
            a[0] += d;
            if (squares)
                b[0] = v_fma(d, d, b[0]);
        }
    }
    *sum = (a[0] + a[1]) + (a[2] + a[3]);
    *square_sum = (b[0] + b[1]) + (b[2] + b[3]);
}

V_INLINE void vector_of(const GkCpuPiece *piece, const GkCpuDeviations *to, size_t first,
                        const size_t lanes)
{
    Vec sum, squares;
    sums_of(piece, first, lanes, v_zero(), false, &sum, &squares);
    // The second pass finds the piece in the cache. Deviations from near the mean are as small as
    // can be, so that their squares lose nothing to cancellation.
    const Vec center = sum * v_set1(1 / (float)(piece->rows * piece->pixels));
    sums_of(piece, first, lanes, center, true, &sum, &squares);
    v_store_n(to->center + first, center, lanes);
    v_store_n(to->sum + first, sum, lanes);
    v_store_n(to->squares + first, squares, lanes);
}

void V_NAME(gk_cpu_moments)(const GkCpuPiece *piece, const GkCpuDeviations *to)
{
    size_t c = 0;
    for (; c + V_LANES <= piece->channels; c += V_LANES)
        vector_of(piece, to, c, V_LANES);
    if (c < piece->channels)
        vector_of(piece, to, c, piece->channels - c);
}
