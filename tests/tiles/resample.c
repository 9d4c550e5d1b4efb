// SPDX-License-Identifier: LGPL-3.0-or-later
// Bicubic resampling against the published low-resolution pictures of Set5, which MATLAB made, and
// its published quality; and the resampling of buffers.
#include <gan/image.h>
#include <gan/metrics.h>
#include <gan/resample.h>

#include <math.h>
#include <stdlib.h>

static const char *const set5[] = {"baby", "bird", "butterfly", "head", "woman"};

// The folder of Set5, or NULL after a skip was recorded.
static char *set5_folder(void)
{
    const char *data = g_getenv("GIMP_GAN_TEST_DATA");
    char *folder = data ? g_build_filename(data, "eval", "Set5", NULL)
                        : g_test_build_filename(G_TEST_DIST, "..", "..", "shared", "data", "eval",
                                                "Set5", NULL);
    if (g_file_test(folder, G_FILE_TEST_IS_DIR))
        return folder;
    g_autofree char *why =
        g_strdup_printf("no Set5 in %s; GIMP_GAN_TEST_DATA names the folder of 'eval'", folder);
    g_test_skip(why);
    g_free(folder);
    return NULL;
}

// The picture as [1,H,W,3] of 0..255, cut to a multiple of `multiple` pixels.
static GanTensor *load(const char *folder, const char *sub, const char *name, guint multiple)
{
    g_autoptr(GError) error = NULL;
    g_autofree char *path = g_build_filename(folder, sub, name, NULL);
    g_autoptr(GeglBuffer) buffer = gan_image_load(path, NULL, &error);
    g_assert_no_error(error);
    const gsize width = (gsize)gegl_buffer_get_width(buffer) / multiple * multiple;
    const gsize height = (gsize)gegl_buffer_get_height(buffer) / multiple * multiple;
    const gsize shape[4] = {1, height, width, 3};
    GanTensor *tensor = gan_tensor_new(4, shape, &error);
    g_assert_no_error(error);
    g_autofree guint8 *bytes = g_new(guint8, height * width * 3);
    gegl_buffer_get(buffer, GEGL_RECTANGLE(0, 0, (gint)width, (gint)height), 1.0,
                    babl_format("R'G'B' u8"), bytes, GEGL_AUTO_ROWSTRIDE, GEGL_ABYSS_NONE);
    for (gsize i = 0; i < height * width * 3; i++)
        tensor->data[i] = bytes[i];
    return tensor;
}

static void test_equals_matlab(void)
{
    g_autofree char *folder = set5_folder();
    if (!folder)
        return;
    for (guint scale = 2; scale <= 4; scale++) {
        for (guint i = 0; i < G_N_ELEMENTS(set5); i++) {
            g_autoptr(GError) error = NULL;
            g_autofree char *name = g_strdup_printf("%s.png", set5[i]);
            g_autofree char *small = g_strdup_printf("X%u/%sx%u.png", scale, set5[i], scale);
            g_autoptr(GanTensor) high = load(folder, "HR", name, scale);
            g_autoptr(GanTensor) wanted = load(folder, "LR_bicubic", small, 1);
            g_autoptr(GanTensor) low =
                gan_resample_bicubic(high, wanted->shape[2], wanted->shape[1], TRUE, &error);
            g_assert_no_error(error);
            g_assert_cmpuint(low->shape[1] * scale, ==, high->shape[1]);
            g_assert_cmpmem(low->data, gan_tensor_length(low) * sizeof(float), wanted->data,
                            gan_tensor_length(wanted) * sizeof(float));
        }
    }
}

static void test_published_psnr(void)
{
    static const double published[] = {33.67, 30.40, 28.43};
    g_autofree char *folder = set5_folder();
    if (!folder)
        return;
    for (guint scale = 2; scale <= 4; scale++) {
        double sum = 0.0;
        for (guint i = 0; i < G_N_ELEMENTS(set5); i++) {
            g_autoptr(GError) error = NULL;
            g_autofree char *name = g_strdup_printf("%s.png", set5[i]);
            g_autofree char *small = g_strdup_printf("X%u/%sx%u.png", scale, set5[i], scale);
            g_autoptr(GanTensor) high = load(folder, "HR", name, scale);
            g_autoptr(GanTensor) low = load(folder, "LR_bicubic", small, 1);
            g_autoptr(GanTensor) back =
                gan_resample_bicubic(low, high->shape[2], high->shape[1], TRUE, &error);
            g_assert_no_error(error);
            GanMetrics metrics;
            g_assert_true(gan_metrics_compare(back, high, scale, &metrics, &error));
            sum += metrics.psnr_y;
        }
        g_test_message("x%u: %.4f dB", scale, sum / 5);
        g_assert_cmpfloat_with_epsilon(sum / 5, published[scale - 2], 0.02);
    }
}

static float at(GeglBuffer *buffer, gint x, gint y, guint channel)
{
    float pixel[4];
    gegl_buffer_get(buffer, GEGL_RECTANGLE(x, y, 1, 1), 1.0, babl_format("R'G'B'A float"), pixel,
                    GEGL_AUTO_ROWSTRIDE, GEGL_ABYSS_NONE);
    return pixel[channel];
}

static void test_buffer_equals_tensor(void)
{
    // Tall enough for several bands.
    enum { W = 300, H = 900, W2 = 417, H2 = 1433 };
    g_autoptr(GError) error = NULL;
    const gsize shape[4] = {1, H, W, 3};
    g_autoptr(GanTensor) in = gan_tensor_new(4, shape, &error);
    g_autoptr(GRand) random = g_rand_new_with_seed(7);
    for (gsize i = 0; i < gan_tensor_length(in); i++)
        in->data[i] = (float)g_rand_double(random);
    g_autoptr(GeglBuffer) from =
        gegl_buffer_new(GEGL_RECTANGLE(5, -3, W, H), babl_format("R'G'B' float"));
    g_autoptr(GeglBuffer) to =
        gegl_buffer_new(GEGL_RECTANGLE(-2, 9, W2, H2), babl_format("R'G'B' float"));
    gegl_buffer_set(from, NULL, 0, babl_format("R'G'B' float"), in->data, GEGL_AUTO_ROWSTRIDE);
    g_assert_true(gan_resample_buffer(from, to, &error));
    g_assert_no_error(error);
    g_autoptr(GanTensor) wanted = gan_resample_bicubic(in, W2, H2, FALSE, &error);
    g_autofree float *found = g_new(float, W2 *H2 * 3);
    gegl_buffer_get(to, NULL, 1.0, babl_format("R'G'B' float"), found, GEGL_AUTO_ROWSTRIDE,
                    GEGL_ABYSS_NONE);
    for (gsize i = 0; i < gan_tensor_length(wanted); i++)
        g_assert_cmpfloat_with_epsilon(found[i], wanted->data[i], 1e-6);
}

static void test_alpha_weighs_colour(void)
{
    // White disc, and red that nobody sees around it: no pink may appear.
    enum { N = 32 };
    g_autoptr(GError) error = NULL;
    g_autoptr(GeglBuffer) from =
        gegl_buffer_new(GEGL_RECTANGLE(0, 0, N, N), babl_format("R'G'B'A u8"));
    g_autoptr(GeglBuffer) to =
        gegl_buffer_new(GEGL_RECTANGLE(0, 0, 77, 45), babl_format("R'G'B'A float"));
    for (gint y = 0; y < N; y++) {
        for (gint x = 0; x < N; x++) {
            const gboolean inside = (x - 16) * (x - 16) + (y - 16) * (y - 16) < 81;
            const guint8 pixel[4] = {255, inside ? 255 : 0, inside ? 255 : 0, inside ? 255 : 0};
            gegl_buffer_set(from, GEGL_RECTANGLE(x, y, 1, 1), 0, babl_format("R'G'B'A u8"), pixel,
                            GEGL_AUTO_ROWSTRIDE);
        }
    }
    g_assert_true(gan_resample_buffer(from, to, &error));
    for (gint y = 0; y < 45; y++) {
        for (gint x = 0; x < 77; x++) {
            if (at(to, x, y, 3) > 0.01f)
                g_assert_cmpfloat_with_epsilon(at(to, x, y, 1), 1.0, 1e-3);
        }
    }
    g_assert_cmpfloat_with_epsilon(at(to, 38, 22, 3), 1.0, 1e-6);
    g_assert_cmpfloat_with_epsilon(at(to, 1, 1, 3), 0.0, 1e-6);
}

static void test_any_size_to_any_size(void)
{
    static const gint sizes[] = {1, 2, 3, 7, 64};
    for (guint a = 0; a < G_N_ELEMENTS(sizes); a++) {
        for (guint b = 0; b < G_N_ELEMENTS(sizes); b++) {
            g_autoptr(GError) error = NULL;
            g_autoptr(GeglBuffer) from =
                gegl_buffer_new(GEGL_RECTANGLE(0, 0, sizes[a], sizes[b]), babl_format("Y' u16"));
            g_autoptr(GeglBuffer) to = gegl_buffer_new(GEGL_RECTANGLE(0, 0, sizes[b], sizes[a]),
                                                       babl_format("R'G'B'A u16"));
            const float grey = 0.25f;
            gegl_buffer_set_color_from_pixel(from, NULL, &grey, babl_format("Y' float"));
            g_assert_true(gan_resample_buffer(from, to, &error));
            g_assert_cmpfloat_with_epsilon(at(to, sizes[b] - 1, sizes[a] - 1, 1), 0.25,
                                           1.0 / 65535);
            g_assert_cmpfloat_with_epsilon(at(to, 0, 0, 3), 1.0, 1e-6);
        }
    }
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    gan_image_init(1);
    g_test_add_func("/resample/equals-matlab-bit-for-bit", test_equals_matlab);
    g_test_add_func("/resample/gives-the-published-psnr", test_published_psnr);
    g_test_add_func("/resample/buffer-equals-tensor", test_buffer_equals_tensor);
    g_test_add_func("/resample/alpha-weighs-colour", test_alpha_weighs_colour);
    g_test_add_func("/resample/any-size-to-any-size", test_any_size_to_any_size);
    return g_test_run();
}
