// SPDX-License-Identifier: LGPL-3.0-or-later
#include "running_moments.h"

#include <math.h>

void gan_running_moments_init(GanRunningMoments *moments, guint groups)
{
    *moments = (GanRunningMoments){
        .groups = groups, .mean = g_new0(double, groups), .sum = g_new0(double, groups)};
}

void gan_running_moments_clear(GanRunningMoments *moments)
{
    g_free(moments->mean);
    g_free(moments->sum);
}

void gan_running_moments_add(GanRunningMoments *moments, const float *from, gsize stride, gsize w,
                             gsize h, gsize channels)
{
    const gsize per_group = channels / moments->groups;
    const double n = (double)(w * h * per_group), whole = moments->n + n;
    g_autofree double *mean = g_new0(double, channels), *sum = g_new0(double, channels);
    for (gsize y = 0; y < h; y++)
        for (gsize x = 0; x < w; x++)
            for (gsize i = 0; i < channels; i++)
                mean[i] += from[y * stride + x * channels + i];
    for (guint g = 0; g < moments->groups; g++) {
        double total = 0;
        for (gsize i = g * per_group; i < (g + 1) * per_group; i++)
            total += mean[i];
        for (gsize i = g * per_group; i < (g + 1) * per_group; i++)
            mean[i] = total / n;
    }
    for (gsize y = 0; y < h; y++)
        for (gsize x = 0; x < w; x++)
            for (gsize i = 0; i < channels; i++) {
                const double d = from[y * stride + x * channels + i] - mean[i];
                sum[i] += d * d;
            }
    for (guint g = 0; g < moments->groups; g++) {
        const double apart = mean[g * per_group] - moments->mean[g];
        double total = 0;
        for (gsize i = g * per_group; i < (g + 1) * per_group; i++)
            total += sum[i];
        moments->sum[g] += total + apart * apart * moments->n * n / whole;
        moments->mean[g] += apart * n / whole;
    }
    moments->n = whole;
}

float *gan_running_moments_vector(const GanRunningMoments *moments)
{
    float *vector = g_new(float, 2 * (gsize)moments->groups);
    for (guint g = 0; g < moments->groups; g++) {
        vector[g] = (float)moments->mean[g];
        vector[moments->groups + g] = (float)(moments->sum[g] / moments->n);
    }
    return vector;
}

gboolean gan_running_moments_are_finite(const GanRunningMoments *moments)
{
    for (guint g = 0; g < moments->groups; g++)
        if (!isfinite(moments->mean[g]) || !isfinite(moments->sum[g]))
            return FALSE;
    return TRUE;
}
