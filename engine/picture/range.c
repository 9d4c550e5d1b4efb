// SPDX-License-Identifier: LGPL-3.0-or-later
// Numbers beyond 0..1.
#include "range.h"

#include <math.h>

#define ABOVE 4.0f
#define BELOW 10.0f

static float closed(float x)
{
    return x > 1.0f   ? 1.0f + log1pf(ABOVE * (x - 1.0f)) / ABOVE
           : x < 0.0f ? -log1pf(-BELOW * x) / BELOW
                      : x;
}

static float opened(float x)
{
    return x > 1.0f   ? 1.0f + expm1f(ABOVE * (x - 1.0f)) / ABOVE
           : x < 0.0f ? -expm1f(-BELOW * x) / BELOW
                      : x;
}

gboolean gan_range_close(float *pixels, gsize n, guint n_colours, gboolean alpha)
{
    const guint channels = n_colours + (alpha ? 1 : 0);
    gboolean beyond = FALSE;
    for (gsize i = 0; i < n; i++, pixels += channels) {
        for (guint c = 0; c < n_colours; c++) {
            if (pixels[c] >= 0.0f && pixels[c] <= 1.0f)
                continue;
            pixels[c] = closed(pixels[c]);
            beyond = TRUE;
        }
    }
    return beyond;
}

void gan_range_open(float *numbers, gsize n, gsize stride, float low, float high)
{
    for (gsize i = 0; i < n; i++) {
        float *x = &numbers[i * stride];
        if (*x > high)
            *x += opened(high) - high;
        else if (*x < low)
            *x += opened(low) - low;
        else
            *x = opened(*x);
    }
}
