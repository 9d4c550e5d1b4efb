// SPDX-License-Identifier: LGPL-3.0-or-later
// Parts and layers of OpenEXR files: each can be asked for by its number and its name, and no damage
// ends the process.
#include "folder.h"

#include <gan/image.h>

#include <math.h>
#include <string.h>

#define WIDTH 21
#define HEIGHT 13

// Of parts.exr, whose numbers are sums of the column, the row, the channel and the picture.
static const struct {
    const char *name, *encoding, *note;
    guint k; // of the picture in the numbers
} rows[] = {
    {"beauty", "RGB half", "picture 1 of 4 is read; the others are left out (fog, depth, spec)", 0},
    {"fog", "RaGaBaA float", "channels are left out: Z, spec.B, spec.G, spec.R", 1},
    {"depth", "Y float", "its channel Z is read as grey", 4},
    {"spec", "RGB half", "of its layers spec is read", 2},
};

static char *given(const char *name)
{
    return g_test_build_filename(G_TEST_DIST, "tiles", "pictures", name, NULL);
}

static void compare(GeglBuffer *buffer, guint k)
{
    g_assert_cmpint(gegl_buffer_get_width(buffer), ==, WIDTH);
    g_assert_cmpint(gegl_buffer_get_height(buffer), ==, HEIGHT);
    const gboolean grey = k == 4, alpha = k == 1;
    const guint n = grey ? 1 : alpha ? 4 : 3;
    float found[WIDTH * HEIGHT * 4];
    gegl_buffer_get(buffer, NULL, 1.0,
                    babl_format(grey    ? "Y float"
                                : alpha ? "RaGaBaA float"
                                        : "RGB float"),
                    found, GEGL_AUTO_ROWSTRIDE, GEGL_ABYSS_NONE);
    for (guint i = 0; i < WIDTH * HEIGHT * n; i++) {
        const guint c = i % n, x = i / n % WIDTH, y = i / n / WIDTH;
        const float wanted = c == 3 ? 0.5f : (float)(x + 2 * y + 64 * c + 256 * k) / 256.0f;
        g_assert_cmpfloat(found[i], ==, wanted);
    }
}

static gboolean is_built_in(void)
{
    g_autofree char *path = given("parts.exr");
    g_autoptr(GanImagePages) pages = gan_image_pages(path, NULL);
    if (pages->n > 1)
        return TRUE;
    g_test_skip("this build has no OpenEXR core");
    return FALSE;
}

static void test_parts(void)
{
    g_autofree char *path = given("parts.exr");
    if (!is_built_in())
        return;
    g_autoptr(GError) error = NULL;
    g_autoptr(GanImagePages) pages = gan_image_pages(path, &error);
    g_assert_no_error(error);
    g_assert_cmpuint(pages->n, ==, G_N_ELEMENTS(rows));
    g_assert_cmpstr(pages->unit, ==, "picture");
    g_assert_null(pages->delays_ms);
    g_assert_cmpuint(gan_image_pages_find(pages, "Z"), ==, 0);
    for (guint i = 0; i < G_N_ELEMENTS(rows); i++) {
        g_autoptr(GPtrArray) notes = g_ptr_array_new_with_free_func(g_free);
        g_assert_cmpuint(gan_image_pages_find(pages, rows[i].name), ==, i + 1);
        g_autoptr(GeglBuffer) buffer = gan_image_load_page(path, i + 1, notes, &error);
        g_assert_no_error(error);
        g_assert_cmpstr(babl_format_get_encoding(gegl_buffer_get_format(buffer)), ==,
                        rows[i].encoding);
        compare(buffer, rows[i].k);
        g_assert_true(g_ptr_array_find_with_equal_func(notes, rows[i].note, g_str_equal, NULL));
    }
    g_assert_null(gan_image_load_page(path, 5, NULL, &error));
    g_assert_nonnull(strstr(error->message, "it has no picture 5, but 4"));
}

// A file of named layers gives the first that has colour, one of a channel alone what is asked for.
static void test_layers(void)
{
    g_autofree char *nameless = given("viewlayer.exr"), *parts = given("multipart.exr");
    if (!is_built_in())
        return;
    g_autoptr(GError) error = NULL;
    g_autoptr(GPtrArray) notes = g_ptr_array_new_with_free_func(g_free);
    g_autoptr(GeglBuffer) first = gan_image_load(nameless, notes, &error);
    g_assert_no_error(error);
    g_assert_nonnull(first);
    g_assert_cmpstr(notes->pdata[0], ==, "of its layers ViewLayer.Combined is read");
    g_ptr_array_set_size(notes, 0);
    g_autoptr(GeglBuffer) beauty = gan_image_load(parts, notes, &error);
    g_assert_no_error(error);
    g_assert_nonnull(beauty);
    g_assert_cmpuint(notes->len, ==, 1);
    g_assert_cmpstr(notes->pdata[0], ==, "part 1 of 2 is read; the other is left out (depth)");
    g_autoptr(GeglBuffer) depth = gan_image_load_page(parts, 2, notes, &error);
    g_assert_no_error(error);
    g_assert_cmpstr(babl_format_get_encoding(gegl_buffer_get_format(depth)), ==, "Y float");
}

// Luminance with a value of chroma for 2 x 2 pixels becomes colours; other such files are refused.
static void test_chroma(void)
{
    enum { ACROSS = 48, DOWN = 40 };
    g_autofree char *path = given("chroma.exr"), *sampled = given("sampled.exr");
    if (!is_built_in())
        return;
    g_autoptr(GError) error = NULL;
    g_autoptr(GPtrArray) notes = g_ptr_array_new_with_free_func(g_free);
    g_autoptr(GeglBuffer) buffer = gan_image_load(path, notes, &error);
    g_assert_no_error(error);
    g_assert_cmpuint(notes->len, ==, 0);
    g_assert_cmpstr(babl_format_get_encoding(gegl_buffer_get_format(buffer)), ==, "RGB half");
    g_assert_cmpint(gegl_buffer_get_width(buffer), ==, ACROSS);
    g_assert_cmpint(gegl_buffer_get_height(buffer), ==, DOWN);
    g_autofree float *found = g_new(float, ACROSS *DOWN * 3);
    gegl_buffer_get(buffer, NULL, 1.0, babl_format("RGB float"), found, GEGL_AUTO_ROWSTRIDE,
                    GEGL_ABYSS_NONE);
    for (gint y = 0; y < DOWN; y++) {
        for (gint x = 0; x < ACROSS; x++) {
            // At its end there is no chroma on the other side.
            const double within = x < ACROSS - 8 && y < DOWN - 8 ? 0.004 : 0.025;
            const double wanted[3] = {0.3 + 0.2 * sin(x / 9.0), 0.4 + 0.2 * cos(y / 8.0),
                                      0.35 + 0.1 * sin((x + y) / 11.0)};
            for (gint c = 0; c < 3; c++)
                g_assert_cmpfloat_with_epsilon((double)found[(y * ACROSS + x) * 3 + c], wanted[c],
                                               within);
        }
    }
    g_assert_null(gan_image_load(sampled, NULL, &error));
    g_assert_error(error, GAN_ERROR, GAN_ERROR_FORMAT);
    g_assert_nonnull(strstr(error->message, "fewer pixels"));
}

static void test_damage(void)
{
    g_autofree char *parts = given("parts.exr"), *chroma = given("chroma.exr");
    if (!is_built_in())
        return;
    g_autoptr(GRand) random = g_rand_new_with_seed(3);
    g_autofree char *bad = in_folder("bad.exr");
    for (guint k = 0; k < 400; k++) {
        const gboolean of_parts = k < 300;
        g_autofree char *data = NULL;
        gsize length = 0;
        g_assert_true(g_file_get_contents(of_parts ? parts : chroma, &data, &length, NULL));
        g_autofree char *copy = g_memdup2(data, length);
        // Headers are the first kilobytes.
        for (guint i = 0; i < k % 4; i++)
            copy[g_rand_int_range(random, 0, k % 2 ? MIN(2000, (gint)length) : (gint)length)] =
                (char)g_rand_int(random);
        const gsize cut = k % 4 == 0 ? length * (k % 300 + 1) / 301 : length;
        g_assert_true(g_file_set_contents(bad, copy, (gssize)cut, NULL));
        g_autoptr(GError) error = NULL;
        g_autoptr(GeglBuffer) buffer =
            gan_image_load_page(bad, of_parts ? 2 + k % 3 : 1, NULL, &error);
        g_assert_true((buffer != NULL) != (error != NULL));
    }
}

int main(int argc, char **argv)
{
    folder_begin(&argc, &argv, TRUE);
    g_test_add_func("/exr/parts-and-layers-by-number-and-name", test_parts);
    g_test_add_func("/exr/layers-alone", test_layers);
    g_test_add_func("/exr/luminance-and-chroma", test_chroma);
    g_test_add_func("/exr/survives-damage", test_damage);
    return folder_run();
}
