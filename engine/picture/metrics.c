// SPDX-License-Identifier: LGPL-3.0-or-later
// PSNR and SSIM as the super-resolution literature computes them.
//
// Source:  Wang, Bovik, Sheikh, Simoncelli 2004 for SSIM; BasicSR's psnr_ssim.py for the
//          protocol: Y in double precision, not rounded; an 11-point Gaussian; only windows that
//          lie inside the picture.
#include <gan/metrics.h>

#include <math.h>
#include <string.h>

#define WINDOW 11
#define SIGMA 1.5

typedef struct {
    gsize width, height;
    double *values;
} Plane;

static void plane_clear(Plane *plane)
{
    g_free(plane->values);
}
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC(Plane, plane_clear)

static gboolean plane_init(Plane *plane, gsize width, gsize height, GError **error)
{
    plane->width = width;
    plane->height = height;
    plane->values = g_try_malloc_n(width * height, sizeof(double));
    if (plane->values)
        return TRUE;
    g_set_error(error, GAN_ERROR, GAN_ERROR_MEMORY,
                "no memory to compare pictures of %" G_GSIZE_FORMAT " x %" G_GSIZE_FORMAT " pixels",
                width, height);
    return FALSE;
}

// Channel `channel` of the picture without its border; channel 3 is Y of the other three.
static void plane_fill(Plane *plane, const GanTensor *picture, guint crop, guint channel)
{
    const gsize channels = picture->shape[3];
    for (gsize y = 0; y < plane->height; y++) {
        const float *row = picture->data + ((y + crop) * picture->shape[2] + crop) * channels;
        double *to = plane->values + y * plane->width;
        for (gsize x = 0; x < plane->width; x++, row += channels)
            to[x] = channel < 3
                        ? row[channel]
                        : 16.0 + (65.481 * row[0] + 128.553 * row[1] + 24.966 * row[2]) / 255.0;
    }
}

static double squared_error(const Plane *a, const Plane *b)
{
    double sum = 0.0;
    for (gsize i = 0; i < a->width * a->height; i++) {
        const double d = a->values[i] - b->values[i];
        sum += d * d;
    }
    return sum / (double)(a->width * a->height);
}

static double psnr(double mse)
{
    return mse > 0.0 ? 10.0 * log10(255.0 * 255.0 / mse) : INFINITY;
}

// Mean over all windows. Five moments are smoothed row by row into a ring of WINDOW rows, then down
// the columns, so that memory stays at a few rows.
static gboolean ssim(const Plane *a, const Plane *b, double *mean, GError **error)
{
    const double c1 = (0.01 * 255.0) * (0.01 * 255.0), c2 = (0.03 * 255.0) * (0.03 * 255.0);
    double gauss[WINDOW], total = 0.0;
    for (int i = 0; i < WINDOW; i++) {
        const int x = i - WINDOW / 2;
        gauss[i] = exp(-x * x / (2.0 * SIGMA * SIGMA));
        total += gauss[i];
    }
    for (int i = 0; i < WINDOW; i++)
        gauss[i] /= total;

    const gsize width = a->width - WINDOW + 1;
    g_autofree double *ring = g_try_malloc_n(5 * WINDOW * width, sizeof(double));
    if (!ring) {
        g_set_error(error, GAN_ERROR, GAN_ERROR_MEMORY,
                    "no memory to compare rows of %" G_GSIZE_FORMAT " pixels", a->width);
        return FALSE;
    }
    double sum = 0.0;
    for (gsize y = 0; y < a->height; y++) {
        const double *ra = a->values + y * a->width, *rb = b->values + y * a->width;
        double *to = ring + y % WINDOW * 5 * width;
        for (gsize x = 0; x < width; x++) {
            double m[5] = {0.0};
            for (int i = 0; i < WINDOW; i++) {
                const double p = ra[x + i], q = rb[x + i], w = gauss[i];
                m[0] += w * p;
                m[1] += w * q;
                m[2] += w * p * p;
                m[3] += w * q * q;
                m[4] += w * p * q;
            }
            memcpy(to + 5 * x, m, sizeof m);
        }
        if (y + 1 < WINDOW)
            continue;
        for (gsize x = 0; x < width; x++) {
            double m[5] = {0.0};
            for (gsize i = 0; i < WINDOW; i++) {
                const double *from = ring + (y + 1 + i) % WINDOW * 5 * width + 5 * x;
                for (int k = 0; k < 5; k++)
                    m[k] += gauss[i] * from[k];
            }
            const double va = m[2] - m[0] * m[0], vb = m[3] - m[1] * m[1], cov = m[4] - m[0] * m[1];
            sum += (2.0 * m[0] * m[1] + c1) * (2.0 * cov + c2) /
                   ((m[0] * m[0] + m[1] * m[1] + c1) * (va + vb + c2));
        }
    }
    *mean = sum / ((double)width * (double)(a->height - WINDOW + 1));
    return TRUE;
}

gboolean gan_metrics_compare(GanTensor *a, GanTensor *b, guint crop, GanMetrics *metrics,
                             GError **error)
{
    g_return_val_if_fail(a && b && metrics, FALSE);
    g_autofree char *text_a = gan_shape_text(a->rank, a->shape);
    g_autofree char *text_b = gan_shape_text(b->rank, b->shape);
    if (strcmp(text_a, text_b) != 0) {
        g_set_error(error, GAN_ERROR, GAN_ERROR_SHAPE, "the pictures differ in size: %s and %s",
                    text_a, text_b);
        return FALSE;
    }
    const gsize least = 2 * (gsize)crop + WINDOW;
    if (a->rank != 4 || a->shape[0] != 1 || (a->shape[3] != 1 && a->shape[3] != 3) ||
        a->shape[1] < least || a->shape[2] < least) {
        g_set_error(error, GAN_ERROR, GAN_ERROR_SHAPE,
                    "cannot compare pictures of shape %s: one picture of 1 or 3 channels is "
                    "wanted, each side "
                    "at least %" G_GSIZE_FORMAT " pixels with a border of %u",
                    text_a, least, crop);
        return FALSE;
    }
    g_auto(Plane) pa = {0};
    g_auto(Plane) pb = {0};
    const gsize width = a->shape[2] - 2 * (gsize)crop, height = a->shape[1] - 2 * (gsize)crop;
    if (!plane_init(&pa, width, height, error) || !plane_init(&pb, width, height, error))
        return FALSE;
    const guint channels = (guint)a->shape[3];
    double mse = 0.0, similarity = 0.0, value = 0.0;
    for (guint c = 0; c < channels; c++) {
        plane_fill(&pa, a, crop, c);
        plane_fill(&pb, b, crop, c);
        mse += squared_error(&pa, &pb) / channels;
        if (!ssim(&pa, &pb, &value, error))
            return FALSE;
        similarity += value / channels;
    }
    GanMetrics found = {psnr(mse), psnr(mse), similarity, similarity};
    if (channels == 3) {
        plane_fill(&pa, a, crop, 3);
        plane_fill(&pb, b, crop, 3);
        found.psnr_y = psnr(squared_error(&pa, &pb));
        if (!ssim(&pa, &pb, &found.ssim_y, error))
            return FALSE;
    }
    *metrics = found;
    return TRUE;
}
