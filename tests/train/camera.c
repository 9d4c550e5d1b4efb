// SPDX-License-Identifier: LGPL-3.0-or-later
// What cameras make of noise: a sensor's colour filters, and denoisers against NumPy.
#include <filter.h>
#include <string.h>

static GanTensor *filled(gsize width, gsize height, gsize channels, float value)
{
    const gsize shape[] = {1, height, width, channels};
    GanTensor *tensor = gan_tensor_new(4, shape, NULL);
    for (gsize i = 0; i < gan_tensor_length(tensor); i++)
        tensor->data[i] = value;
    return tensor;
}

// A sensor's noise: sites of a colour keep theirs, between two of them is their mean.
static void test_mosaic_noise(void)
{
    g_autoptr(GanTensor) before = filled(8, 6, 3, 0.5f);
    for (guint phase = 0; phase < 4; phase++) {
        g_autoptr(GanTensor) picture = filled(8, 6, 3, 0.5f);
        for (gsize i = 0; i < gan_tensor_length(picture); i++)
            picture->data[i] += (float)((i * 37) % 101) / 1000 - 0.05f;
        g_autoptr(GanTensor) noisy = filled(8, 6, 3, 0);
        memcpy(noisy->data, picture->data, gan_tensor_length(noisy) * sizeof(float));
        gan_filter_mosaic_noise(noisy, before, phase);
        // The red pixel at or beside (2, 2), the green ones and the blue one that follow it.
        const gsize x = 2 + phase % 2, y = 2 + phase / 2;
        const float *p = picture->data, *q = noisy->data;
        const gsize row = 8 * 3, red = y * row + x * 3, green = red + 3 + 1, blue = red + row + 5;
        g_assert_cmpfloat(q[red], ==, p[red]);
        g_assert_cmpfloat(q[green], ==, p[green]);
        g_assert_cmpfloat(q[blue], ==, p[blue]);
        g_assert_cmpfloat_with_epsilon(q[red + 3], (p[red] + p[red + 6]) / 2, 1e-6);
        g_assert_cmpfloat_with_epsilon(q[red + row], (p[red] + p[red + 2 * row]) / 2, 1e-6);
        g_assert_cmpfloat_with_epsilon(
            q[red + row + 3], (p[red] + p[red + 6] + p[red + 2 * row] + p[red + 2 * row + 6]) / 4,
            1e-6);
        g_assert_cmpfloat_with_epsilon(q[blue - 3], (p[blue] + p[blue - 6]) / 2, 1e-6);
        g_assert_cmpfloat_with_epsilon(
            q[red + 1], (p[red - 3 + 1] + p[red + 3 + 1] + p[red - row + 1] + p[red + row + 1]) / 4,
            1e-6);
    }
    // Grey pictures stay.
    g_autoptr(GanTensor) grey = filled(8, 6, 1, 0.25f);
    g_autoptr(GanTensor) level = filled(8, 6, 1, 0.5f);
    gan_filter_mosaic_noise(grey, level, 0);
    for (gsize i = 0; i < gan_tensor_length(grey); i++)
        g_assert_cmpfloat(grey->data[i], ==, 0.25f);
}

// Against the formulas in NumPy, at (6, 5) and in the upper right corner.
static void test_denoising(void)
{
    static const struct {
        GanDenoiseKind kind;
        double part, inside[3], corner[3];
    } rows[] = {
        {GAN_DENOISE_MEDIAN, 1, {0.460825, 0.457732, 0.436082}, {0.525773, 0.408247, 0.553608}},
        {GAN_DENOISE_MEDIAN, 0.4, {0.476856, 0.473763, 0.452114}, {0.524691, 0.407166, 0.552526}},
        {GAN_DENOISE_BILATERAL, 1, {0.518350, 0.449614, 0.382174}, {0.384840, 0.518417, 0.412675}},
        {GAN_DENOISE_BILATERAL,
         0.4,
         {0.530608, 0.461872, 0.394432},
         {0.379880, 0.513457, 0.407715}},
        {GAN_DENOISE_MEANS, 1, {0.452435, 0.459299, 0.384525}, {0.385307, 0.516926, 0.390378}},
        {GAN_DENOISE_MEANS, 0.4, {0.472946, 0.479810, 0.405036}, {0.382313, 0.513932, 0.387384}}};
    g_autoptr(GanTensor) picture = filled(12, 12, 3, 0);
    for (gsize y = 0; y < 12; y++)
        for (gsize x = 0; x < 12; x++)
            for (gsize c = 0; c < 3; c++)
                picture->data[(y * 12 + x) * 3 + c] =
                    (float)((x * 37 + y * 91 + c * 53) % 97) / 97 * 0.3f + 0.3f;
    for (guint i = 0; i < G_N_ELEMENTS(rows); i++) {
        const GanDenoise denoise = {rows[i].kind, 1.5, rows[i].part};
        g_autoptr(GanTensor) out = gan_filter_denoise(picture, &denoise, 0.05, NULL);
        for (guint c = 0; c < 3; c++) {
            g_assert_cmpfloat_with_epsilon(out->data[(5 * 12 + 6) * 3 + c], rows[i].inside[c],
                                           2e-6);
            g_assert_cmpfloat_with_epsilon(out->data[11 * 3 + c], rows[i].corner[c], 2e-6);
        }
    }
    g_autoptr(GanTensor) tiny = filled(4, 9, 3, 0);
    g_autoptr(GError) error = NULL;
    g_assert_null(gan_filter_denoise(tiny, &(GanDenoise){GAN_DENOISE_MEDIAN, 1, 1}, 0.1, &error));
    g_assert_error(error, GAN_ERROR, GAN_ERROR_SHAPE);
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/camera/mosaic-noise", test_mosaic_noise);
    g_test_add_func("/camera/denoising", test_denoising);
    return g_test_run();
}
