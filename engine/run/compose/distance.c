// SPDX-License-Identifier: LGPL-3.0-or-later
// Squared distances along columns, then along rows: a squared distance is the least of parabolas
// that stand on the values of the other axis, and their lower envelope is found in one sweep.
#include "distance.h"

#include <math.h>

// Memory for one line of n values.
typedef struct {
    float *values;
    gsize *vertices; // of the parabolas of the envelope
    double *ends;    // where each of them begins to be the least
} Line;

// Where the parabola over q becomes less than that over p < q.
static double crossing(const float *f, gsize p, gsize q)
{
    const double dp = (double)p, dq = (double)q;
    return ((f[q] + dq * dq) - (f[p] + dp * dp)) / (2.0 * (dq - dp));
}

// Replaces n values, `stride` apart, by the least of value + squared distance to its place.
static void sweep(float *at, gsize n, gsize stride, const Line *line)
{
    gsize n_found = 0;
    for (gsize i = 0; i < n; i++)
        line->values[i] = at[i * stride];
    for (gsize q = 0; q < n; q++) {
        if (line->values[q] >= G_MAXFLOAT)
            continue;
        while (n_found > 0 &&
               crossing(line->values, line->vertices[n_found - 1], q) <= line->ends[n_found - 1])
            n_found--;
        line->ends[n_found] =
            n_found == 0 ? -INFINITY : crossing(line->values, line->vertices[n_found - 1], q);
        line->vertices[n_found++] = q;
    }
    gsize k = 0;
    for (gsize i = 0; i < n && n_found > 0; i++) {
        while (k + 1 < n_found && line->ends[k + 1] < (double)i)
            k++;
        const double d = (double)i - (double)line->vertices[k];
        at[i * stride] = (float)(d * d + line->values[line->vertices[k]]);
    }
}

gboolean gan_distance(const float *mask, gsize width, gsize height, float *distances,
                      GError **error)
{
    const gsize most = MAX(width, height);
    g_autofree float *values = g_try_new(float, most);
    g_autofree gsize *vertices = g_try_new(gsize, most);
    g_autofree double *ends = g_try_new(double, most);
    if (!values || !vertices || !ends) {
        g_set_error(error, GAN_ERROR, GAN_ERROR_MEMORY,
                    "no memory for a line of %" G_GSIZE_FORMAT " pixels", most);
        return FALSE;
    }
    const Line line = {values, vertices, ends};
    for (gsize i = 0; i < width * height; i++)
        distances[i] = mask[i] >= 0.5f ? 0.0f : G_MAXFLOAT;
    for (gsize x = 0; x < width; x++)
        sweep(distances + x, height, width, &line);
    for (gsize y = 0; y < height; y++)
        sweep(distances + y * width, width, 1, &line);
    for (gsize i = 0; i < width * height; i++)
        if (distances[i] < G_MAXFLOAT)
            distances[i] = sqrtf(distances[i]);
    return TRUE;
}
