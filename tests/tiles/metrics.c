// SPDX-License-Identifier: LGPL-3.0-or-later
// PSNR and SSIM against numpy. The constants come from two pictures of 37 x 29 pixels made by the
// generator below, compared in numpy with the textbook formulas: a full 11 x 11 window (not a
// separable one), Y and the channels in double precision.
#include <gan/metrics.h>

#include <math.h>

enum { W = 37, H = 29, N = W * H * 3 };

static void fill_random(double *to, guint32 state)
{
    for (guint i = 0; i < N; i++) {
        state = state * 1664525u + 1013904223u;
        to[i] = state >> 24;
    }
}

static void make_pictures(GanTensor **a, GanTensor **b)
{
    static const gsize shape[4] = {1, H, W, 3};
    g_autofree double *first = g_new(double, N), *second = g_new(double, N);
    fill_random(first, 1);
    fill_random(second, 2);
    *a = gan_tensor_new(4, shape, NULL);
    *b = gan_tensor_new(4, shape, NULL);
    for (guint i = 0; i < N; i++) {
        const guint c = i % 3, x = i / 3 % W, y = i / 3 / W;
        const double smooth = 127 + (x * 3 + y * 2 + c * 10) % 97;
        const double p = floor((smooth * 3 + first[i]) / 4);
        const double q = p + floor(second[i] / 16) - 8;
        (*a)->data[i] = (float)p;
        (*b)->data[i] = (float)CLAMP(q, 0, 255);
    }
}

static void test_equals_numpy(void)
{
    static const GanMetrics wanted[2] = {
        {39.51436440388336, 34.68357943308397, 0.9803790231110686, 0.975929903999614},
        {39.521643712165194, 34.60934821298177, 0.9791423946078837, 0.977659739231667},
    };
    g_autoptr(GanTensor) a = NULL;
    g_autoptr(GanTensor) b = NULL;
    make_pictures(&a, &b);
    for (guint i = 0; i < 2; i++) {
        GanMetrics found;
        g_assert_true(gan_metrics_compare(a, b, i * 4, &found, NULL));
        g_assert_cmpfloat_with_epsilon(found.psnr_y, wanted[i].psnr_y, 1e-9);
        g_assert_cmpfloat_with_epsilon(found.psnr_rgb, wanted[i].psnr_rgb, 1e-9);
        g_assert_cmpfloat_with_epsilon(found.ssim_y, wanted[i].ssim_y, 1e-10);
        g_assert_cmpfloat_with_epsilon(found.ssim_rgb, wanted[i].ssim_rgb, 1e-10);
    }
}

static void test_equal_pictures(void)
{
    g_autoptr(GanTensor) a = NULL;
    g_autoptr(GanTensor) b = NULL;
    make_pictures(&a, &b);
    GanMetrics found;
    g_assert_true(gan_metrics_compare(a, a, 0, &found, NULL));
    g_assert_true(isinf(found.psnr_y) && isinf(found.psnr_rgb));
    g_assert_cmpfloat_with_epsilon(found.ssim_y, 1.0, 1e-12);
}

static void test_shapes(void)
{
    static const gsize shapes[][4] = {
        {1, 10, 40, 3}, {1, 29, 37, 1}, {1, 29, 37, 2}, {2, 29, 37, 3}};
    g_autoptr(GanTensor) a = NULL;
    g_autoptr(GanTensor) b = NULL;
    make_pictures(&a, &b);
    GanMetrics found;
    for (guint i = 0; i < G_N_ELEMENTS(shapes); i++) {
        g_autoptr(GError) error = NULL;
        g_autoptr(GanTensor) other = gan_tensor_new(4, shapes[i], NULL);
        // Against another shape, and where the shape alone is wrong against itself.
        g_assert_false(gan_metrics_compare(a, other, 0, &found, &error));
        g_assert_error(error, GAN_ERROR, GAN_ERROR_SHAPE);
        g_clear_error(&error);
        if (i != 1) {
            g_assert_false(gan_metrics_compare(other, other, 0, &found, &error));
            g_assert_error(error, GAN_ERROR, GAN_ERROR_SHAPE);
        }
    }
    g_autoptr(GError) error = NULL;
    g_assert_false(gan_metrics_compare(a, b, 10, &found, &error));
    g_assert_error(error, GAN_ERROR, GAN_ERROR_SHAPE);
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/metrics/equal-numpy", test_equals_numpy);
    g_test_add_func("/metrics/equal-pictures-have-no-error", test_equal_pictures);
    g_test_add_func("/metrics/refuse-other-shapes", test_shapes);
    return g_test_run();
}
