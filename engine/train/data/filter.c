// SPDX-License-Identifier: LGPL-3.0-or-later
// Filters, resizing and noise. Rows of interleaved channels are worked on as one run of numbers, so
// that the compiler's vectors fit whatever the number of channels is.
#include "filter.h"

#include "luma.h"

#include <math.h>
#include <string.h>

// Versions for the vector sizes of the processors there are; the loader picks at run time.
#if defined(__x86_64__)
#define WIDE __attribute__((target_clones("avx512f", "avx2", "default")))
#else
#define WIDE
#endif

#define USM_RADIUS 25
#define USM_SIGMA 8.0
#define USM_WEIGHT 0.5f
#define USM_THRESHOLD 10.0f

static GanTensor *like(const GanTensor *tensor, GError **error)
{
    return gan_tensor_new(4, tensor->shape, error);
}

// --- filters ---

static gsize mirrored(gssize i, gsize n)
{
    if (i < 0)
        i = -i;
    return (gsize)(i < (gssize)n ? i : 2 * (gssize)n - 2 - i);
}

float *gan_filter_padded(const GanTensor *in, guint half, GError **error)
{
    const gsize height = in->shape[1], width = in->shape[2], channels = in->shape[3];
    const gsize row = (width + 2 * (gsize)half) * channels;
    if (height <= half || width <= half) {
        g_set_error(error, GAN_ERROR, GAN_ERROR_SHAPE,
                    "a picture of %" G_GSIZE_FORMAT " x %" G_GSIZE_FORMAT
                    " pixels is too small for a filter of %u",
                    width, height, 2 * half + 1);
        return NULL;
    }
    float *to = g_try_new(float, row *(height + 2 * (gsize)half));
    if (to == NULL) {
        g_set_error(error, GAN_ERROR, GAN_ERROR_MEMORY, "no memory for filtering a picture");
        return NULL;
    }
    for (gsize y = 0; y < height + 2 * (gsize)half; y++) {
        const float *from =
            in->data + mirrored((gssize)y - (gssize)half, height) * width * channels;
        float *line = to + y * row;
        for (guint x = 0; x < half; x++) {
            const gsize left = mirrored((gssize)x - (gssize)half, width),
                        right = mirrored((gssize)(width + x), width);
            memcpy(line + x * channels, from + left * channels, channels * sizeof *to);
            memcpy(line + (half + width + x) * channels, from + right * channels,
                   channels * sizeof *to);
        }
        memcpy(line + half * channels, from, width * channels * sizeof *to);
    }
    return to;
}

// to[i] = sum over n taps of w[t] x[t * step + i].
WIDE static void add_taps(const float *x, gsize step, const float *w, gsize n, float *to,
                          gsize length)
{
    gsize t = 0;
    for (; t + 4 <= n; t += 4) {
        const float *a = x + t * step, *b = a + step, *c = b + step, *d = c + step;
        const float wa = w[t], wb = w[t + 1], wc = w[t + 2], wd = w[t + 3];
        for (gsize i = 0; i < length; i++)
            to[i] += wa * a[i] + wb * b[i] + wc * c[i] + wd * d[i];
    }
    for (; t < n; t++) {
        const float *a = x + t * step, wa = w[t];
        for (gsize i = 0; i < length; i++)
            to[i] += wa * a[i];
    }
}

GanTensor *gan_filter_correlate(GanTensor *in, const float *weights, guint size, GError **error)
{
    const gsize height = in->shape[1], channels = in->shape[3], length = in->shape[2] * channels;
    const gsize row = length + (size - 1) * channels;
    g_autofree float *source = gan_filter_padded(in, size / 2, error);
    g_autoptr(GanTensor) out = source != NULL ? like(in, error) : NULL;
    if (out == NULL)
        return NULL;
    memset(out->data, 0, height * length * sizeof(float));
    for (gsize y = 0; y < height; y++)
        for (gsize v = 0; v < size; v++)
            add_taps(source + (y + v) * row, channels, weights + v * size, size,
                     out->data + y * length, length);
    return g_steal_pointer(&out);
}

// The same by a column and a row of weights.
static GanTensor *separable(GanTensor *in, const float *weights, guint size, GError **error)
{
    const gsize height = in->shape[1], channels = in->shape[3], length = in->shape[2] * channels;
    const gsize row = length + (size - 1) * channels;
    g_autofree float *source = gan_filter_padded(in, size / 2, error);
    g_autofree float *between = g_try_new(float, row);
    g_autoptr(GanTensor) out = source != NULL ? like(in, error) : NULL;
    if (out == NULL || between == NULL) {
        if (out != NULL)
            g_set_error(error, GAN_ERROR, GAN_ERROR_MEMORY, "no memory for filtering a picture");
        return NULL;
    }
    memset(out->data, 0, height * length * sizeof(float));
    for (gsize y = 0; y < height; y++) {
        memset(between, 0, row * sizeof(float));
        add_taps(source + y * row, row, weights, size, between, row);
        add_taps(between, channels, weights, size, out->data + y * length, length);
    }
    return g_steal_pointer(&out);
}

GanTensor *gan_filter_sharpen(GanTensor *in, GError **error)
{
    float weights[2 * USM_RADIUS + 1];
    double sum = 0;
    for (int i = -USM_RADIUS; i <= USM_RADIUS; i++)
        sum += exp(-i * i / (2 * USM_SIGMA * USM_SIGMA));
    for (int i = -USM_RADIUS; i <= USM_RADIUS; i++)
        weights[i + USM_RADIUS] = (float)(exp(-i * i / (2 * USM_SIGMA * USM_SIGMA)) / sum);
    g_autoptr(GanTensor) blurred = separable(in, weights, G_N_ELEMENTS(weights), error);
    g_autoptr(GanTensor) mask = blurred != NULL ? like(in, error) : NULL;
    if (mask == NULL)
        return NULL;
    const gsize n = gan_tensor_length(in);
    for (gsize i = 0; i < n; i++)
        mask->data[i] = fabsf(in->data[i] - blurred->data[i]) * 255 > USM_THRESHOLD ? 1 : 0;
    g_autoptr(GanTensor) soft = separable(mask, weights, G_N_ELEMENTS(weights), error);
    if (soft == NULL)
        return NULL;
    for (gsize i = 0; i < n; i++) {
        const float x = in->data[i];
        const float sharp = CLAMP(x + USM_WEIGHT * (x - blurred->data[i]), 0, 1);
        mask->data[i] = soft->data[i] * sharp + (1 - soft->data[i]) * x;
    }
    return g_steal_pointer(&mask);
}

// --- resizing ---

// One output pixel of an axis: a run of input pixels, edges repeated, with weights. The run of an
// area is as long as it covers.
typedef struct {
    gssize first;
    gsize n;
    float *weights;
} Taps;

static double cubic(double x)
{
    const double a = -0.75;
    x = fabs(x);
    return x <= 1 ? ((a + 2) * x - (a + 3)) * x * x + 1 : ((x - 5) * x + 8) * a * x - 4 * a;
}

static float *fill_taps(Taps *taps, gsize n_in, gsize n_out, GanResize kind)
{
    const double ratio = (double)n_in / (double)n_out;
    const gsize most = MAX((gsize)ceil(ratio) + 1, 4);
    float *weights = g_new(float, n_out *most);
    for (gsize o = 0; o < n_out; o++) {
        Taps *t = &taps[o];
        t->weights = weights + o * most;
        if (kind == GAN_RESIZE_AREA) {
            const gsize begin = o * n_in / n_out, end = ((o + 1) * n_in + n_out - 1) / n_out;
            t->first = (gssize)begin;
            t->n = end - begin;
            for (gsize i = 0; i < t->n; i++)
                t->weights[i] = 1 / (float)t->n;
            continue;
        }
        double at = ((double)o + 0.5) * ratio - 0.5;
        if (kind == GAN_RESIZE_BILINEAR) {
            at = MAX(at, 0);
            t->first = (gssize)at;
            t->n = 2;
            t->weights[1] = (float)(at - (double)t->first);
            t->weights[0] = 1 - t->weights[1];
            continue;
        }
        t->first = (gssize)floor(at) - 1;
        t->n = 4;
        for (gsize i = 0; i < 4; i++)
            t->weights[i] = (float)cubic(at - (double)(t->first + (gssize)i));
    }
    return weights;
}

GanTensor *gan_filter_resize(GanTensor *in, guint width, guint height, GanResize kind,
                             GError **error)
{
    const gsize n_rows = in->shape[1], n_columns = in->shape[2], channels = in->shape[3];
    const gsize length = n_columns * channels;
    const gsize shape[] = {1, height, width, channels};
    g_autoptr(GanTensor) out = gan_tensor_new(4, shape, error);
    if (out == NULL)
        return NULL;
    // The taps point into the weights, which live as long.
    g_autofree Taps *rows = g_new(Taps, height), *columns = g_new(Taps, width);
    g_autofree float *row_weights G_GNUC_UNUSED = fill_taps(rows, n_rows, height, kind);
    g_autofree float *column_weights G_GNUC_UNUSED = fill_taps(columns, n_columns, width, kind);
    g_autofree float *between = g_new(float, length);
    for (gsize y = 0; y < height; y++) {
        memset(between, 0, length * sizeof(float));
        for (gsize t = 0; t < rows[y].n; t++) {
            const gssize from = CLAMP(rows[y].first + (gssize)t, 0, (gssize)n_rows - 1);
            add_taps(in->data + (gsize)from * length, 0, &rows[y].weights[t], 1, between, length);
        }
        for (gsize x = 0; x < width; x++)
            for (gsize c = 0; c < channels; c++) {
                float sum = 0;
                for (gsize t = 0; t < columns[x].n; t++) {
                    const gssize from =
                        CLAMP(columns[x].first + (gssize)t, 0, (gssize)n_columns - 1);
                    sum += columns[x].weights[t] * between[(gsize)from * channels + c];
                }
                out->data[(y * width + x) * channels + c] = sum;
            }
    }
    return g_steal_pointer(&out);
}

// --- noise ---

void gan_filter_gaussian_noise(GanTensor *picture, double sigma, gboolean grey, gboolean cut,
                               GanRandom *random)
{
    const gsize channels = picture->shape[3], n = gan_tensor_length(picture) / channels;
    for (gsize i = 0; i < n; i++) {
        double noise = 0;
        for (gsize c = 0; c < channels; c++) {
            if (c == 0 || !grey)
                noise = sigma * gan_random_normal(random);
            float *value = picture->data + i * channels + c;
            *value += (float)noise;
            if (cut)
                *value = CLAMP(*value, 0, 1);
        }
    }
}

static guint to_level(float value)
{
    return (guint)lrintf(CLAMP(value, 0, 1) * 255);
}

// Levels that occur, rounded up to a power of two. `grey`: of the luma.
static double count_levels(const GanTensor *picture, gboolean grey)
{
    const gsize step = grey ? picture->shape[3] : 1, n = gan_tensor_length(picture);
    gboolean seen[256] = {FALSE};
    guint count = 0;
    for (gsize i = 0; i < n; i += step) {
        const guint level = to_level(grey ? gan_luma(picture->data + i) : picture->data[i]);
        count += seen[level] ? 0 : 1;
        seen[level] = TRUE;
    }
    return exp2(ceil(log2(count)));
}

void gan_filter_poisson_noise(GanTensor *picture, double scale, gboolean grey, GanRandom *random)
{
    const gsize channels = picture->shape[3], n = gan_tensor_length(picture) / channels;
    const gboolean one = grey && channels == 3;
    const double grains = count_levels(picture, one);
    for (gsize i = 0; i < n; i++) {
        float *pixel = picture->data + i * channels;
        double noise = 0;
        const float y = one ? gan_luma(pixel) : 0;
        for (gsize c = 0; c < channels; c++) {
            if (c == 0 || !one) {
                const double value = to_level(one ? y : pixel[c]) / 255.;
                noise = scale * (gan_random_poisson(random, value * grains) / grains - value);
            }
            pixel[c] = CLAMP(pixel[c] + (float)noise, 0, 1);
        }
    }
}

// Whether the sensor's pixel has the colour: red, green, blue.
static gboolean is_site(gsize x, gsize y, gsize c)
{
    return c == 1 ? (x + y) % 2 == 1 : x % 2 == c / 2 && y % 2 == c / 2;
}

void gan_filter_mosaic_noise(GanTensor *picture, const GanTensor *before, guint phase)
{
    const gsize height = picture->shape[1], width = picture->shape[2], channels = 3;
    if (picture->shape[3] != channels || height < 2 || width < 2)
        return;
    const gsize n = gan_tensor_length(picture);
    g_autofree float *noise = g_new(float, n);
    for (gsize i = 0; i < n; i++)
        noise[i] = picture->data[i] - before->data[i];
    const gsize dx = phase % 2, dy = phase / 2;
    for (gsize y = 0; y < height; y++)
        for (gsize x = 0; x < width; x++)
            for (gsize c = 0; c < channels; c++) {
                const gsize at = (y * width + x) * channels + c;
                if (is_site(x + dx, y + dy, c))
                    continue;
                // Mirroring without the edge itself keeps to the colours' places.
                float sum = 0;
                guint count = 0;
                for (gssize v = -1; v <= 1; v++)
                    for (gssize u = -1; u <= 1; u++) {
                        if (!is_site(x + dx + (gsize)(u + 2), y + dy + (gsize)(v + 2), c))
                            continue;
                        const gsize from_y = mirrored((gssize)y + v, height),
                                    from_x = mirrored((gssize)x + u, width);
                        sum += noise[(from_y * width + from_x) * channels + c];
                        count++;
                    }
                picture->data[at] = CLAMP(before->data[at] + sum / (float)count, 0, 1);
            }
}
