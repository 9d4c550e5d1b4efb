// SPDX-License-Identifier: LGPL-3.0-or-later
// Damage to measure networks on: against values of Pillow 13 with libjpeg-turbo (JPEG), SciPy 3.2 (the
// Gaussian) and of a second xoshiro256** in Python (noise).
#include <gan/damage.h>
#include <gan/error.h>
#include <math.h>

// Ramps and a curve, all different in their channels.
static GanTensor *scene(gsize width, gsize height, gboolean grey)
{
    const gsize shape[] = {1, height, width, 3};
    GanTensor *tensor = gan_tensor_new(4, shape, NULL);
    for (gsize y = 0; y < height; y++)
        for (gsize x = 0; x < width; x++) {
            float *p = tensor->data + (y * width + x) * 3;
            p[0] = (float)((x * 7 + y * 3) % 256);
            p[1] = grey ? p[0] : (float)((x * y / 3) % 256);
            p[2] = grey ? p[0] : (float)(255 - x * 4 % 256);
        }
    return tensor;
}

static GanTensor *damaged(GanTensor *picture, const char *text, guint64 seed, const char *name,
                          gboolean whole)
{
    GError *error = NULL;
    g_autoptr(GanDamage) damage = gan_damage_new(text, &error);
    g_assert_no_error(error);
    GanTensor *out = gan_damage_apply(damage, picture, seed, name, whole, &error);
    g_assert_no_error(error);
    return out;
}

static double mean_square(const GanTensor *a, const GanTensor *b)
{
    double sum = 0;
    for (gsize i = 0; i < gan_tensor_length(a); i++)
        sum += pow((double)a->data[i] - (double)b->data[i], 2);
    return sum / (double)gan_tensor_length(a);
}

static double sum_of(const GanTensor *a)
{
    double sum = 0;
    for (gsize i = 0; i < gan_tensor_length(a); i++)
        sum += (double)a->data[i];
    return sum;
}

static void assert_pixel(const GanTensor *a, gsize x, gsize y, double r, double g, double b)
{
    const float *p = a->data + (y * a->shape[2] + x) * 3;
    g_assert_cmpfloat_with_epsilon((double)p[0], r, 1e-3);
    g_assert_cmpfloat_with_epsilon((double)p[1], g, 1e-3);
    g_assert_cmpfloat_with_epsilon((double)p[2], b, 1e-3);
}

static void assert_same(const GanTensor *a, const GanTensor *b)
{
    const gsize n = gan_tensor_length(a) * sizeof(float);
    g_assert_cmpmem(a->data, n, b->data, gan_tensor_length(b) * sizeof(float));
}

// save(quality=Q) of Pillow halves colours.
static void test_jpeg_is_pillows(void)
{
    g_autoptr(GanTensor) picture = scene(61, 45, FALSE);
    g_autoptr(GanTensor) better = damaged(picture, "jpeg:75", 0, "a", TRUE);
    assert_pixel(better, 10, 10, 102, 32, 216);
    assert_pixel(better, 60, 44, 43, 87, 28);
    g_assert_cmpfloat_with_epsilon(mean_square(better, picture), 302.1939283545841, 1e-6);
    g_assert_cmpfloat(sum_of(better), ==, 1005892);
    g_autoptr(GanTensor) worse = damaged(picture, "jpeg:30", 1, "b", FALSE);
    assert_pixel(worse, 10, 10, 98, 32, 204);
    assert_pixel(worse, 60, 44, 41, 93, 44);
    g_assert_cmpfloat(sum_of(worse), ==, 1005832);
}

// gaussian_filter1d(mode="mirror", radius=5), which is rounded here.
static void test_blur_is_scipys(void)
{
    g_autoptr(GanTensor) picture = scene(61, 45, FALSE);
    g_autoptr(GanTensor) blurred = damaged(picture, "blur:1.2", 0, "a", FALSE);
    assert_pixel(blurred, 10, 10, 100, 33, 215);
    assert_pixel(blurred, 0, 0, 9, 0, 251);
    assert_pixel(blurred, 60, 44, 31, 81, 19);
    g_assert_cmpfloat_with_epsilon(mean_square(blurred, picture), 364.16623, 0.5);
    g_assert_cmpfloat_with_epsilon(sum_of(blurred), 1005071, 3);
    g_autoptr(GanTensor) same = damaged(picture, "blur:0", 0, "a", FALSE);
    assert_same(same, picture);
    // Wider than the picture, all of it comes to one mean.
    g_autoptr(GanTensor) small = scene(3, 1, FALSE);
    g_autoptr(GanTensor) flat = damaged(small, "blur:20", 0, "a", FALSE);
    assert_pixel(flat, 1, 0, 7, 0, 251);
    assert_pixel(flat, 2, 0, 7, 0, 251);
}

static void test_noise_is_the_same_everywhere(void)
{
    static const double parts[] = {4147, -12177, 3634, 1800, 4903, -3801};
    g_autoptr(GanTensor) picture = scene(300, 200, FALSE);
    g_autoptr(GanTensor) noisy = damaged(picture, "noise:25", 7, "lenna", FALSE);
    for (guint i = 0; i < G_N_ELEMENTS(parts); i++)
        g_assert_cmpfloat((double)(noisy->data[i] - picture->data[i]), ==, parts[i] / 256);
    // Nothing is cut off, so that the deviation is all there.
    g_assert_cmpfloat_with_epsilon(mean_square(noisy, picture), 625, 7);
    g_autoptr(GanTensor) whole = damaged(picture, "noise:25", 7, "lenna", TRUE);
    g_autoptr(GanTensor) bytes = damaged(picture, "noise:25,8bit", 7, "lenna", FALSE);
    assert_same(whole, bytes);
    g_assert_cmpfloat(mean_square(whole, picture), <, 600);
    for (gsize i = 0; i < gan_tensor_length(whole); i++)
        g_assert_cmpfloat((double)whole->data[i], ==,
                          floor(CLAMP((double)noisy->data[i], 0, 255) + 0.5));
    g_autoptr(GanTensor) other = damaged(picture, "noise:25", 7, "lena", FALSE);
    g_autoptr(GanTensor) next = damaged(picture, "noise:25", 8, "lenna", FALSE);
    g_assert_cmpfloat_with_epsilon(mean_square(other, noisy), 1250, 14);
    g_assert_cmpfloat_with_epsilon(mean_square(next, noisy), 1250, 14);
}

static void test_grey_stays_grey(void)
{
    g_autoptr(GanTensor) picture = scene(80, 60, TRUE);
    g_autoptr(GanTensor) noisy = damaged(picture, "noise:10,jpeg:40,noise:10", 0, "a", FALSE);
    for (gsize i = 0; i < gan_tensor_length(noisy); i += 3) {
        g_assert_cmpfloat(noisy->data[i], ==, noisy->data[i + 1]);
        g_assert_cmpfloat(noisy->data[i], ==, noisy->data[i + 2]);
    }
    g_assert_cmpfloat(mean_square(noisy, picture), >, 100);
}

// Each step sees what the one before it left.
static void test_steps_in_their_order(void)
{
    g_autoptr(GanTensor) picture = scene(61, 45, FALSE);
    g_autoptr(GanTensor) noisy = damaged(picture, "noise:5", 3, "a", TRUE);
    g_autoptr(GanTensor) by_hand = damaged(noisy, "jpeg:75", 3, "a", TRUE);
    g_autoptr(GanTensor) chained = damaged(picture, "noise:5,jpeg:75", 3, "a", FALSE);
    g_autoptr(GanTensor) turned = damaged(picture, "jpeg:75,noise:5", 3, "a", TRUE);
    assert_same(chained, by_hand);
    g_assert_cmpfloat(mean_square(turned, chained), >, 10);
}

static void test_texts(void)
{
    static const struct {
        const char *text, *said;
        double noise, quality; // -1: no step says it
    } right[] = {{"jpeg:75", "jpeg:75", -1, 75},
                 {" noise:3 , jpeg:90,noise:4,jpeg:10 ", "noise:3,jpeg:90,noise:4,jpeg:10", 5, 10},
                 {"blur:1.20,8bit", "blur:1.2,8bit", -1, -1},
                 {"noise:0", "noise:0", 0, -1},
                 {"noise:2.5e1", "noise:25", 25, -1}};
    for (guint i = 0; i < G_N_ELEMENTS(right); i++) {
        g_autoptr(GanDamage) damage = gan_damage_new(right[i].text, NULL);
        double noise = -1, quality = -1;
        g_assert_cmpstr(gan_damage_text(damage), ==, right[i].said);
        g_assert_true(gan_damage_level(damage, "noise", &noise) == (right[i].noise >= 0));
        g_assert_true(gan_damage_level(damage, "quality", &quality) == (right[i].quality >= 0));
        g_assert_cmpfloat_with_epsilon(noise, right[i].noise, 1e-12);
        g_assert_cmpfloat(quality, ==, right[i].quality);
        g_assert_false(gan_damage_level(damage, NULL, &noise));
    }
    static const char *const wrong[] = {"",          "jpeg",     "jpeg:",    "jpeg:0",
                                        "jpeg:101",  "jpeg:7.5", "noise:-1", "noise:256",
                                        "noise:nan", "blur:21",  "blur: 1",  "jpeg:75,",
                                        "JPEG:75",   "jpeg:75%", "8bit:1"};
    for (guint i = 0; i < G_N_ELEMENTS(wrong); i++) {
        g_autoptr(GError) error = NULL;
        g_assert_null(gan_damage_new(wrong[i], &error));
        g_assert_error(error, GAN_ERROR, GAN_ERROR_ARGUMENT);
    }
    g_autoptr(GError) error = NULL;
    g_assert_null(gan_damage_new("8bit,8bit,8bit,8bit,8bit,8bit,8bit,8bit,8bit,8bit,8bit,8bit,8bit,"
                                 "8bit,8bit,8bit,8bit",
                                 &error));
    g_assert_error(error, GAN_ERROR, GAN_ERROR_ARGUMENT);
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/damage/jpeg-is-pillows", test_jpeg_is_pillows);
    g_test_add_func("/damage/blur-is-scipys", test_blur_is_scipys);
    g_test_add_func("/damage/noise-is-the-same-everywhere", test_noise_is_the_same_everywhere);
    g_test_add_func("/damage/grey-stays-grey", test_grey_stays_grey);
    g_test_add_func("/damage/steps-in-their-order", test_steps_in_their_order);
    g_test_add_func("/damage/texts", test_texts);
    return g_test_run();
}
