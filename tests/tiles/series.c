// SPDX-License-Identifier: LGPL-3.0-or-later
// Files of several pages or frames: what is put in comes out, and nothing half-written is left.
#include "folder.h"

#include <gan/series.h>

#include <string.h>

#define WIDTH 9
#define HEIGHT 7

static GeglBuffer *page(const char *encoding, guint k)
{
    const Babl *format = babl_format(encoding), *whole = babl_format("R'G'B'A float");
    GeglBuffer *buffer = gegl_buffer_new(GEGL_RECTANGLE(0, 0, (gint)(WIDTH + k), HEIGHT), format);
    for (gint y = 0; y < HEIGHT; y++) {
        for (gint x = 0; x < (gint)(WIDTH + k); x++) {
            const float grey = (float)(x * 20 + (gint)k) / 255.0f;
            const float pixel[4] = {grey, grey, grey, (float)(y * 30) / 255.0f};
            gegl_buffer_set(buffer, GEGL_RECTANGLE(x, y, 1, 1), 0, whole, pixel,
                            GEGL_AUTO_ROWSTRIDE);
        }
    }
    return buffer;
}

static void compare(GeglBuffer *a, GeglBuffer *b)
{
    const Babl *format = gegl_buffer_get_format(a);
    const gsize n = (gsize)gegl_buffer_get_width(a) * (gsize)gegl_buffer_get_height(a) *
                    (gsize)babl_format_get_bytes_per_pixel(format);
    g_assert_true(gegl_rectangle_equal(gegl_buffer_get_extent(a), gegl_buffer_get_extent(b)));
    g_assert_cmpstr(babl_format_get_encoding(format), ==,
                    babl_format_get_encoding(gegl_buffer_get_format(b)));
    g_autofree guint8 *of_a = g_malloc(n), *of_b = g_malloc(n);
    gegl_buffer_get(a, NULL, 1.0, format, of_a, GEGL_AUTO_ROWSTRIDE, GEGL_ABYSS_NONE);
    gegl_buffer_get(b, NULL, 1.0, format, of_b, GEGL_AUTO_ROWSTRIDE, GEGL_ABYSS_NONE);
    g_assert_cmpmem(of_a, n, of_b, n);
}

// Pages of any size, depth and kind.
static void test_tiff(void)
{
    static const char *const encodings[] = {"R'G'B' u8", "Y' u16", "R'G'B'A float", "Y'A u8",
                                            "R'G'B'A u16"};
    const guint n = G_N_ELEMENTS(encodings);
    g_autofree char *path = in_folder("pages.tif");
    const GanImagePages pages = {.n = n, .unit = "page"};
    const GanImageSaveOptions options = {.quality = 0};
    g_autoptr(GError) error = NULL;
    g_autoptr(GanSeries) series = gan_series_new(path, &pages, &options, &error);
    g_assert_no_error(error);
    for (guint i = 0; i < n; i++) {
        g_autoptr(GeglBuffer) buffer = page(encodings[i], i);
        gan_series_add(series, buffer, &error);
        g_assert_no_error(error);
        g_assert_false(g_file_test(path, G_FILE_TEST_EXISTS));
    }
    gan_series_end(series, &error);
    g_assert_no_error(error);
    g_autoptr(GanImagePages) found = gan_image_pages(path, &error);
    g_assert_no_error(error);
    g_assert_cmpuint(found->n, ==, n);
    for (guint i = 0; i < n; i++) {
        g_autoptr(GeglBuffer) wanted = page(encodings[i], i);
        g_autoptr(GeglBuffer) buffer = gan_image_load_page(path, i + 1, NULL, &error);
        g_assert_no_error(error);
        compare(wanted, buffer);
    }
}

// An animation keeps its times, how often it is shown, and what is transparent of a later frame.
static void test_animations(void)
{
    static const char *const endings[] = {"png", "webp"};
    static const guint times[] = {40, 0, 1250, 90000};
    const guint n = G_N_ELEMENTS(times);
    g_autofree char *lossless = in_folder("source.png");
    g_autoptr(GeglBuffer) source = page("R'G'B' u8", 0);
    g_assert_true(gan_image_save(source, lossless, NULL, NULL));
    g_autoptr(GArray) delays = g_array_new(FALSE, FALSE, sizeof(guint));
    g_array_append_vals(delays, times, n);
    const GanImagePages pages = {.n = n, .unit = "frame", .delays_ms = delays, .n_plays = 5};
    for (guint i = 0; i < G_N_ELEMENTS(endings); i++) {
        g_autofree char *name = g_strconcat("film.", endings[i], NULL);
        g_autofree char *path = in_folder(name);
        g_autoptr(GError) error = NULL;
        const GanImageSaveOptions options = {.metadata = lossless, .quality = i == 1 ? 100 : 0};
        g_autoptr(GanSeries) series = gan_series_new(path, &pages, &options, &error);
        g_assert_no_error(error);
        for (guint k = 0; k < n; k++) {
            // The third is wider, which no animation is.
            g_autoptr(GeglBuffer) wide = page("R'G'B' u8", 1);
            if (k == 2) {
                g_assert_false(gan_series_add(series, wide, &error));
                g_assert_error(error, GAN_ERROR, GAN_ERROR_FORMAT);
                g_assert_true(g_str_has_prefix(error->message, path));
                g_clear_error(&error);
            }
            g_autoptr(GeglBuffer) buffer = page(k == 1 ? "R'G'B'A u8" : "R'G'B' u8", 0);
            gan_series_add(series, buffer, &error);
            g_assert_no_error(error);
        }
        gan_series_end(series, &error);
        g_assert_no_error(error);
        g_autoptr(GanImagePages) found = gan_image_pages(path, &error);
        g_assert_no_error(error);
        if (i == 1 && found->n == 1) {
            g_test_skip("this build does not read animated WebP");
            return;
        }
        g_assert_cmpuint(found->n, ==, n);
        g_assert_cmpuint(found->n_plays, ==, 5);
        for (guint k = 0; k < n; k++) {
            g_autoptr(GeglBuffer) wanted = page(k == 1 ? "R'G'B'A u8" : "R'G'B' u8", 0);
            g_autoptr(GeglBuffer) buffer = gan_image_load_page(path, k + 1, NULL, &error);
            g_assert_no_error(error);
            // What is not seen is nothing to libwebp's animations.
            if (i == 0 || k != 1)
                compare(wanted, buffer);
            g_assert_cmpuint(g_array_index(found->delays_ms, guint, k), ==, times[k]);
        }
    }
}

static guint n_files(void)
{
    guint n = 0;
    g_autofree char *folder = in_folder(NULL);
    g_autoptr(GDir) dir = g_dir_open(folder, 0, NULL);
    while (g_dir_read_name(dir))
        n++;
    return n;
}

static void test_left(void)
{
    static const char *const endings[] = {"tif", "png", "webp"};
    for (guint i = 0; i < G_N_ELEMENTS(endings); i++) {
        g_autofree char *name = g_strconcat("left.", endings[i], NULL);
        g_autofree char *path = in_folder(name);
        g_autoptr(GArray) delays = g_array_new(FALSE, TRUE, sizeof(guint));
        g_array_set_size(delays, 3);
        const GanImagePages pages = {.n = 3, .unit = "frame", .delays_ms = delays};
        const GanImageSaveOptions options = {.quality = 0};
        const guint before = n_files();
        for (guint n = 0; n < 3; n++) {
            g_autoptr(GError) error = NULL;
            g_autoptr(GanSeries) series = gan_series_new(path, &pages, &options, &error);
            g_assert_no_error(error);
            g_autoptr(GeglBuffer) buffer = page("R'G'B' u8", 0);
            for (guint k = 0; k < n; k++)
                g_assert_true(gan_series_add(series, buffer, &error));
            g_clear_pointer(&series, gan_series_free);
            g_assert_cmpuint(n_files(), ==, before);
        }
    }
    const GanImagePages pages = {.n = 3, .unit = "page"};
    g_autofree char *problem = gan_series_problem("a.jpg", &pages);
    g_assert_cmpstr(problem, ==, "this format does not hold 3 pages; tif does");
}

int main(int argc, char **argv)
{
    folder_begin(&argc, &argv, TRUE);
    g_test_add_func("/series/tiff-pages", test_tiff);
    g_test_add_func("/series/animations-keep-their-times", test_animations);
    g_test_add_func("/series/nothing-half-written-is-left", test_left);
    return folder_run();
}
