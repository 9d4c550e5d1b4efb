// SPDX-License-Identifier: LGPL-3.0-or-later
// Cubic resampling along one axis, as MATLAB's imresize computes it.
#include "cubic.h"

#include <math.h>
#include <string.h>

void gan_cubic_clear(GanCubic *cubic)
{
    g_clear_pointer(&cubic->index, g_free);
    g_clear_pointer(&cubic->weight, g_free);
}

static double keys(double x)
{
    x = fabs(x);
    if (x <= 1.0)
        return (1.5 * x - 2.5) * x * x + 1.0;
    if (x < 2.0)
        return ((-0.5 * x + 2.5) * x - 4.0) * x + 2.0;
    return 0.0;
}

static gsize mirrored(gint64 i, gsize n)
{
    const gint64 period = 2 * (gint64)n;
    gint64 k = i % period;
    if (k < 0)
        k += period;
    return (gsize)(k < (gint64)n ? k : period - 1 - k);
}

gboolean gan_cubic_init(GanCubic *cubic, gsize n_in, gsize n_out, gsize first, gsize n,
                        GError **error)
{
    g_assert(n_in > 0 && first + n <= n_out);
    const double scale = (double)n_out / (double)n_in;
    const double stretch = MIN(scale, 1.0);
    const double support = 4.0 / stretch;
    gsize length = 0;
    cubic->n = n;
    cubic->n_taps = (gsize)ceil(support) + 2;
    if (g_size_checked_mul(&length, n, cubic->n_taps)) {
        cubic->index = g_try_new(gsize, length);
        cubic->weight = g_try_new(double, length);
    }
    if (!cubic->index || !cubic->weight) {
        g_set_error(error, GAN_ERROR, GAN_ERROR_MEMORY,
                    "no memory for resampling %" G_GSIZE_FORMAT " to %" G_GSIZE_FORMAT " pixels",
                    n_in, n_out);
        return FALSE;
    }
    for (gsize o = 0; o < n; o++) {
        // Centres in pixels counted from 1, as imresize has them, so that its rounding is
        // met bit for bit.
        const double centre = (double)(first + o + 1) / scale + 0.5 * (1.0 - 1.0 / scale);
        const double left = floor(centre - support / 2.0);
        gsize *index = cubic->index + o * cubic->n_taps;
        double *weight = cubic->weight + o * cubic->n_taps;
        double sum = 0.0;
        for (gsize t = 0; t < cubic->n_taps; t++) {
            const double x = left + (double)t;
            weight[t] = stretch * keys(stretch * (centre - x));
            index[t] = mirrored((gint64)x - 1, n_in);
            sum += weight[t];
        }
        for (gsize t = 0; t < cubic->n_taps; t++)
            weight[t] /= sum;
    }
    return TRUE;
}

void gan_cubic_span(const GanCubic *cubic, gsize first, gsize n, gsize *from, gsize *to)
{
    *from = G_MAXSIZE;
    *to = 0;
    for (gsize i = first * cubic->n_taps; i < (first + n) * cubic->n_taps; i++) {
        if (cubic->weight[i] != 0.0) {
            *from = MIN(*from, cubic->index[i]);
            *to = MAX(*to, cubic->index[i] + 1);
        }
    }
}

void gan_cubic_down(const GanCubic *cubic, gsize o, const float *from, gsize origin, gsize row,
                    double *sums, float *to)
{
    memset(sums, 0, row * sizeof *sums);
    for (gsize t = 0; t < cubic->n_taps; t++) {
        const double w = cubic->weight[o * cubic->n_taps + t];
        if (w == 0.0)
            continue;
        const float *x = from + (cubic->index[o * cubic->n_taps + t] - origin) * row;
        for (gsize i = 0; i < row; i++)
            sums[i] += w * x[i];
    }
    for (gsize i = 0; i < row; i++)
        to[i] = (float)sums[i];
}

void gan_cubic_across(const GanCubic *cubic, const float *from, gsize origin, gsize channels,
                      float *to)
{
    for (gsize o = 0; o < cubic->n; o++) {
        const gsize *index = cubic->index + o * cubic->n_taps;
        const double *weight = cubic->weight + o * cubic->n_taps;
        for (gsize c = 0; c < channels; c++) {
            double sum = 0.0;
            for (gsize t = 0; t < cubic->n_taps; t++) {
                if (weight[t] != 0.0)
                    sum += weight[t] * from[(index[t] - origin) * channels + c];
            }
            to[o * channels + c] = (float)sum;
        }
    }
}
