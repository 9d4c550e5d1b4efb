// SPDX-License-Identifier: LGPL-3.0-or-later
// Losses of pictures.
#include "loss.h"

#include <math.h>

static GanNode *mean(GanNode *x)
{
    return gan_reduce_mean(x, GAN_AXIS_ALL);
}

GanNode *gan_loss_l1(GanNode *made, GanNode *wanted)
{
    return mean(gan_absolute(gan_difference(made, wanted)));
}

GanNode *gan_loss_mse(GanNode *made, GanNode *wanted)
{
    return mean(gan_square(gan_difference(made, wanted)));
}

GanNode *gan_loss_charbonnier(GanNode *made, GanNode *wanted, float eps)
{
    GanNode *square = gan_square(gan_difference(made, wanted));
    return mean(gan_square_root(gan_linear_map(square, 1, eps)));
}

GanNode *gan_loss_huber(GanNode *made, GanNode *wanted, float delta)
{
    // With c = min(|d|, delta): c (|d| - c / 2).
    GanNode *size = gan_absolute(gan_difference(made, wanted));
    GanNode *cut = gan_clamp(size, 0, delta);
    return mean(gan_product(cut, gan_binary(size, cut, GK_BINARY_ADD, 1, -0.5f)));
}

// Differences of neighbours along an axis: all but the first less all but the last.
static GanNode *neighbours(GanNode *x, guint axis)
{
    GanNode *later = gan_slice(x, axis, 1, 0);
    const GanAttributes attributes = gan_attributes_default();
    GanNode *inputs[] = {x, later};
    GanNode *earlier = gan_graph_append(x->graph, GAN_OP_SLICE, x->name, inputs, 2, &attributes);
    return gan_difference(later, earlier);
}

GanNode *gan_loss_total_variation(GanNode *x)
{
    return gan_sum(mean(gan_absolute(neighbours(x, 1))), mean(gan_absolute(neighbours(x, 2))));
}

GanNode *gan_gram(GanNode *features)
{
    // N 1 pixels C.
    GanNode *rows = gan_reshape(features, GAN_KEEP(0), 1, GAN_REST, GAN_KEEP(3));
    GanNode *share =
        gan_product(gan_share(features, GAN_AXIS_H | GAN_AXIS_W), gan_share(features, GAN_AXIS_C));
    return gan_product(gan_matmul(rows, TRUE, rows, FALSE), share);
}

// --- structural similarity ---

#define WINDOW 11
#define SIGMA 1.5
#define MAX_SCALES 5

// A convolution of each channel by itself with a Gaussian, without padding, along one axis.
static GanNode *blur_axis(GanNode *x, guint channels, gboolean vertical)
{
    const gsize shape[] = {channels, 1, vertical ? WINDOW : 1, vertical ? 1 : WINDOW};
    g_autoptr(GanTensor) weight = gan_tensor_new(4, shape, NULL);
    g_assert(weight != NULL);
    double taps[WINDOW], sum = 0;
    const gint half = WINDOW / 2;
    for (guint i = 0; i < WINDOW; i++) {
        const double d = (double)i - half;
        sum += taps[i] = exp(-d * d / (2 * SIGMA * SIGMA));
    }
    for (guint i = 0; i < channels * WINDOW; i++)
        weight->data[i] = (float)(taps[i % WINDOW] / sum);
    const GanConvParams params = {
        .kernel_h = (guint)shape[2], .kernel_w = (guint)shape[3], .groups = channels};
    return gan_convolution(x, gan_frozen(x->graph, "gaussian", weight), NULL, channels, &params);
}

static GanNode *blur(GanNode *x, guint channels)
{
    return blur_axis(blur_axis(x, channels, TRUE), channels, FALSE);
}

// (2 a + c) / (b + c)
static GanNode *ratio(GanNode *a, GanNode *b, float c)
{
    return gan_quotient(gan_linear_map(a, 2, c), gan_linear_map(b, 1, c));
}

// v^exponent for a mean that may be negative: it is cut off at a small number.
static GanNode *power(GanNode *v, float exponent)
{
    GanNode *positive = gan_clamp(v, 1e-4f, G_MAXFLOAT);
    return gan_exponential(gan_linear_map(gan_logarithm(positive), exponent, 0));
}

GanNode *gan_loss_ms_ssim(GanNode *made, GanNode *wanted, guint channels, guint scales)
{
    static const double exponents[MAX_SCALES] = {0.0448, 0.2856, 0.3001, 0.2363, 0.1333};
    const float c1 = 0.01f * 0.01f, c2 = 0.03f * 0.03f;
    g_return_val_if_fail(scales >= 1 && scales <= MAX_SCALES, made);
    double sum = 0;
    for (guint i = 0; i < scales; i++)
        sum += exponents[i];
    const guint pixels = GAN_AXIS_H | GAN_AXIS_W;
    GanNode *product = NULL, *x = made, *y = wanted;
    for (guint i = 0; i < scales; i++) {
        GanNode *mx = blur(x, channels), *my = blur(y, channels);
        GanNode *mxy = gan_product(mx, my), *mm = gan_sum(gan_square(mx), gan_square(my));
        GanNode *covariance = gan_difference(blur(gan_product(x, y), channels), mxy);
        GanNode *variances =
            gan_difference(blur(gan_sum(gan_square(x), gan_square(y)), channels), mm);
        GanNode *structure = ratio(covariance, variances, c2);
        const float exponent = (float)(exponents[i] / sum);
        GanNode *value = i + 1 < scales ? structure : gan_product(structure, ratio(mxy, mm, c1));
        GanNode *factor = power(gan_reduce_mean(value, pixels), exponent);
        product = product == NULL ? factor : gan_product(product, factor);
        if (i + 1 < scales) {
            x = gan_average_pool(x, 2, 2, 0, FALSE, FALSE);
            y = gan_average_pool(y, 2, 2, 0, FALSE, FALSE);
        }
    }
    return gan_linear_map(mean(product), -1, 1);
}
