// SPDX-License-Identifier: LGPL-3.0-or-later
// WebP results: lossless where the source is, and where the user asks for all of the quality.
#include "folder.h"

#include <gan/image.h>

#include "container.h"
#include <glib/gstdio.h>
#include <string.h>

#define WIDTH 40
#define HEIGHT 30

// Line art with all kinds of transparency and colour under it.
static GeglBuffer *sprite(gboolean alpha)
{
    const Babl *format = babl_format(alpha ? "R'G'B'A u8" : "R'G'B' u8");
    GeglBuffer *buffer = gegl_buffer_new(GEGL_RECTANGLE(0, 0, WIDTH, HEIGHT), format);
    for (gint y = 0; y < HEIGHT; y++) {
        for (gint x = 0; x < WIDTH; x++) {
            const guint8 pixel[4] = {(guint8)(x % 3 * 120), (guint8)(y % 2 * 250),
                                     (guint8)(x * y % 256), (guint8)(x * 6)};
            gegl_buffer_set(buffer, GEGL_RECTANGLE(x, y, 1, 1), 0, format, pixel,
                            GEGL_AUTO_ROWSTRIDE);
        }
    }
    return buffer;
}

// Saves, and returns whether the file is lossless; claims that the numbers are then equal.
static gboolean is_lossless(GeglBuffer *buffer, const char *path, const char *from, guint quality)
{
    g_autoptr(GError) error = NULL;
    const GanImageSaveOptions options = {.metadata = from, .quality = quality};
    gan_image_save(buffer, path, &options, &error);
    g_assert_no_error(error);
    g_autofree char *data = NULL;
    gsize length, at = 12;
    gboolean lossless = FALSE;
    g_assert_true(g_file_get_contents(path, &data, &length, NULL));
    GanChunk chunk;
    while (gan_webp_next((const guint8 *)data, length, &at, &chunk))
        lossless = lossless || memcmp(chunk.name, "VP8L", 4) == 0;
    if (!lossless)
        return FALSE;
    const Babl *format = gegl_buffer_get_format(buffer);
    const gsize n = (gsize)WIDTH * HEIGHT * (gsize)babl_format_get_bytes_per_pixel(format);
    g_autofree guint8 *before = g_malloc(n), *after = g_malloc(n);
    g_autoptr(GeglBuffer) again = gan_image_load(path, NULL, &error);
    g_assert_no_error(error);
    gegl_buffer_get(buffer, NULL, 1.0, format, before, GEGL_AUTO_ROWSTRIDE, GEGL_ABYSS_NONE);
    gegl_buffer_get(again, NULL, 1.0, format, after, GEGL_AUTO_ROWSTRIDE, GEGL_ABYSS_NONE);
    g_assert_cmpmem(before, n, after, n);
    return TRUE;
}

static void test_kinds(void)
{
    g_autofree char *png = in_folder("a.png"), *jpeg = in_folder("a.jpg"),
                    *lossy = in_folder("lossy.webp"), *whole = in_folder("whole.webp"),
                    *to = in_folder("new.webp"), *tga = in_folder("a.tga");
    // A pixel of a TGA, which begins like no other format.
    static const char pixel[18 + 3] = {0, 0, 2, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1, 0, 1, 0, 24, 0};
    g_assert_true(g_file_set_contents(tga, pixel, sizeof pixel, NULL));
    for (guint alpha = 0; alpha < 2; alpha++) {
        g_autoptr(GeglBuffer) buffer = sprite(alpha == 1);
        g_assert_true(gan_image_save(buffer, png, NULL, NULL));
        g_assert_true(gan_image_save(buffer, jpeg, NULL, NULL));
        if (!is_lossless(buffer, whole, png, 0)) {
            g_test_skip("built without libwebp");
            break;
        }
        g_assert_false(is_lossless(buffer, lossy, png, 90));
        g_assert_true(is_lossless(buffer, to, whole, 0));
        if (gan_image_name(tga) == GAN_IMAGE_NAME_READ)
            g_assert_true(is_lossless(buffer, to, tga, 0));
        g_assert_true(is_lossless(buffer, to, jpeg, 100));
        g_assert_false(is_lossless(buffer, to, jpeg, 0));
        g_assert_false(is_lossless(buffer, to, lossy, 0));
        g_assert_false(is_lossless(buffer, to, NULL, 0));
        // Alpha is lossless in lossy files, too.
        g_autoptr(GeglBuffer) again = gan_image_load(lossy, NULL, NULL);
        const Babl *format = babl_format("R'G'B'A u8");
        const gsize n = (gsize)WIDTH * HEIGHT * 4;
        g_autofree guint8 *before = g_malloc(n), *after = g_malloc(n);
        gegl_buffer_get(buffer, NULL, 1.0, format, before, GEGL_AUTO_ROWSTRIDE, GEGL_ABYSS_NONE);
        gegl_buffer_get(again, NULL, 1.0, format, after, GEGL_AUTO_ROWSTRIDE, GEGL_ABYSS_NONE);
        for (gsize i = 3; i < n; i += 4)
            g_assert_cmpuint(before[i], ==, after[i]);
    }
    char *const paths[] = {tga, png, jpeg, lossy, whole, to};
    for (guint i = 0; i < G_N_ELEMENTS(paths); i++)
        g_unlink(paths[i]);
}

int main(int argc, char **argv)
{
    folder_begin(&argc, &argv, TRUE);
    g_test_add_func("/webp/lossless-where-the-source-is", test_kinds);
    return folder_run();
}
