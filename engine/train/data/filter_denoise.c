// SPDX-License-Identifier: LGPL-3.0-or-later
// What cameras and programs take noise away with, for what is left of it.
#include "filter.h"

#include "luma.h"

#include <math.h>
#include <string.h>

#define BILATERAL_HALF 2
#define BILATERAL_SIGMA 1.5f // pixels
#define SEARCH_HALF 3
#define PATCH_HALF 1
#define MOST_CHANNELS 3

// The picture with pixels around it, so that neighbours need no bounds.
typedef struct {
    float *data;
    gsize row, channels; // row: numbers from one line to the next
    guint half;
} Padded;

static const float *pixel(const Padded *in, gsize x, gsize y)
{
    return in->data + (y + in->half) * in->row + (x + in->half) * in->channels;
}

static float median_of_nine(float *v)
{
    // Sorted as far as the fifth.
    for (guint i = 0; i < 5; i++)
        for (guint k = i + 1; k < 9; k++) {
            const float low = MIN(v[i], v[k]), high = MAX(v[i], v[k]);
            v[i] = low;
            v[k] = high;
        }
    return v[4];
}

static void median(const Padded *in, gsize x, gsize y, float *out)
{
    const float *middle = pixel(in, x, y) - in->row - in->channels;
    for (gsize c = 0; c < in->channels; c++) {
        float values[9];
        for (gsize i = 0; i < 9; i++)
            values[i] = middle[i / 3 * in->row + i % 3 * in->channels + c];
        out[c] = median_of_nine(values);
    }
}

// Mean squared difference of two pixels.
static float distance(const float *a, const float *b, gsize channels)
{
    float sum = 0;
    for (gsize c = 0; c < channels; c++)
        sum += (a[c] - b[c]) * (a[c] - b[c]);
    return sum / (float)channels;
}

static void add_weighted(const float *from, float weight, gsize channels, float *sum, float *total)
{
    for (gsize c = 0; c < channels; c++)
        sum[c] += weight * from[c];
    *total += weight;
}

static void bilateral(const Padded *in, gsize x, gsize y, float spread, float *out)
{
    const float *middle = pixel(in, x, y);
    float sum[MOST_CHANNELS] = {0}, total = 0;
    for (gssize v = -BILATERAL_HALF; v <= BILATERAL_HALF; v++)
        for (gssize u = -BILATERAL_HALF; u <= BILATERAL_HALF; u++) {
            const float *other = middle + v * (gssize)in->row + u * (gssize)in->channels;
            const float near = (float)(u * u + v * v) / (BILATERAL_SIGMA * BILATERAL_SIGMA);
            const float alike = distance(middle, other, in->channels) / (spread * spread);
            add_weighted(other, expf(-(near + alike) / 2), in->channels, sum, &total);
        }
    for (gsize c = 0; c < in->channels; c++)
        out[c] = sum[c] / total;
}

// Patches differ by twice the noise's variance where the picture does not.
static void means(const Padded *in, gsize x, gsize y, float spread, float variance, float *out)
{
    const float *middle = pixel(in, x, y);
    float sum[MOST_CHANNELS] = {0}, total = 0;
    for (gssize v = -SEARCH_HALF; v <= SEARCH_HALF; v++)
        for (gssize u = -SEARCH_HALF; u <= SEARCH_HALF; u++) {
            const gssize step = v * (gssize)in->row + u * (gssize)in->channels;
            float difference = 0;
            for (gssize b = -PATCH_HALF; b <= PATCH_HALF; b++) {
                const float *a = middle + b * (gssize)in->row - PATCH_HALF * (gssize)in->channels;
                difference += distance(a, a + step, (2 * PATCH_HALF + 1) * in->channels);
            }
            difference = difference / (2 * PATCH_HALF + 1) - 2 * variance;
            add_weighted(middle + step, expf(-MAX(difference, 0) / (spread * spread)), in->channels,
                         sum, &total);
        }
    for (gsize c = 0; c < in->channels; c++)
        out[c] = sum[c] / total;
}

// Colours take the whole change, luma a part of it: grain stays, blotches go.
static void take(const float *noisy, float *clean, gsize channels, float part)
{
    float change[MOST_CHANNELS] = {0};
    for (gsize c = 0; c < channels; c++)
        change[c] = clean[c] - noisy[c];
    const float grey = channels == 3 ? gan_luma(change) : change[0];
    for (gsize c = 0; c < channels; c++)
        clean[c] = noisy[c] + change[c] - (1 - part) * grey;
}

GanTensor *gan_filter_denoise(GanTensor *in, const GanDenoise *denoise, double deviation,
                              GError **error)
{
    const gsize height = in->shape[1], width = in->shape[2], channels = in->shape[3];
    g_return_val_if_fail(channels <= MOST_CHANNELS, NULL);
    const guint half = SEARCH_HALF + PATCH_HALF;
    g_autofree float *source = gan_filter_padded(in, half, error);
    g_autoptr(GanTensor) out = source != NULL ? gan_tensor_new(4, in->shape, error) : NULL;
    if (out == NULL)
        return NULL;
    const Padded padded = {source, (width + 2 * (gsize)half) * channels, channels, half};
    const float spread = (float)MAX(denoise->strength * deviation, 1e-4),
                variance = (float)(deviation * deviation);
    for (gsize y = 0; y < height; y++)
        for (gsize x = 0; x < width; x++) {
            float *to = out->data + (y * width + x) * channels;
            switch (denoise->kind) {
            case GAN_DENOISE_MEDIAN:
                median(&padded, x, y, to);
                break;
            case GAN_DENOISE_BILATERAL:
                bilateral(&padded, x, y, spread, to);
                break;
            case GAN_DENOISE_MEANS:
                means(&padded, x, y, spread, variance, to);
                break;
            case GAN_DENOISE_NONE:
            case GAN_N_DENOISES:
                memcpy(to, pixel(&padded, x, y), channels * sizeof(float));
                break;
            }
            take(pixel(&padded, x, y), to, channels, (float)denoise->part);
        }
    return g_steal_pointer(&out);
}
