// SPDX-License-Identifier: LGPL-3.0-or-later
// Files that end before their end marker: taken when all of the picture is there.
#include "folder.h"

#include <gan/image.h>

#include <glib/gstdio.h>
#include <math.h>
#include <stdio.h>
#include <string.h>

#include <jpeglib.h>

#define WIDTH 61
#define HEIGHT 45

// Writes noise; `restart`: rows of blocks between restart markers, 0 for none.
static void write_jpeg(const char *path, gboolean progressive, int restart, gboolean arithmetic)
{
    struct jpeg_compress_struct info;
    struct jpeg_error_mgr manager;
    FILE *file = g_fopen(path, "wb");
    g_assert_nonnull(file);
    info.err = jpeg_std_error(&manager);
    jpeg_create_compress(&info);
    jpeg_stdio_dest(&info, file);
    info.image_width = WIDTH;
    info.image_height = HEIGHT;
    info.input_components = 3;
    info.in_color_space = JCS_RGB;
    jpeg_set_defaults(&info);
    jpeg_set_quality(&info, 90, TRUE);
    info.restart_in_rows = restart;
    info.arith_code = arithmetic;
    if (progressive)
        jpeg_simple_progression(&info);
    jpeg_start_compress(&info, TRUE);
    guint8 row[3 * WIDTH];
    guint32 seed = 1;
    while (info.next_scanline < info.image_height) {
        for (guint i = 0; i < G_N_ELEMENTS(row); i++) {
            seed = seed * 1664525u + 1013904223u;
            row[i] = (guint8)(128 + (seed >> 27));
        }
        guint8 *rows[1] = {row};
        jpeg_write_scanlines(&info, rows, 1);
    }
    jpeg_finish_compress(&info);
    jpeg_destroy_compress(&info);
    g_assert_cmpint(fclose(file), ==, 0);
}

static double difference(GeglBuffer *a, GeglBuffer *b)
{
    const GeglRectangle *extent = gegl_buffer_get_extent(a);
    g_assert_true(gegl_rectangle_equal(extent, gegl_buffer_get_extent(b)));
    const gsize n = (gsize)extent->width * (gsize)extent->height * 3;
    g_autofree float *x = g_new(float, n), *y = g_new(float, n);
    const Babl *format = babl_format("R'G'B' float");
    gegl_buffer_get(a, NULL, 1.0, format, x, GEGL_AUTO_ROWSTRIDE, GEGL_ABYSS_NONE);
    gegl_buffer_get(b, NULL, 1.0, format, y, GEGL_AUTO_ROWSTRIDE, GEGL_ABYSS_NONE);
    double most = 0;
    for (gsize i = 0; i < n; i++)
        most = MAX(most, fabs((double)(x[i] - y[i])));
    return most;
}

// Cuts the file by `missing` bytes. Claims that it is taken with a word and is the whole picture, or
// is refused.
static void expect(const char *path, gsize missing, gboolean taken)
{
    g_autofree char *data = NULL, *cut = g_strconcat(path, ".cut", NULL);
    gsize length;
    g_autoptr(GError) error = NULL;
    g_autoptr(GPtrArray) notes = g_ptr_array_new_with_free_func(g_free);
    g_assert_true(g_file_get_contents(path, &data, &length, NULL));
    g_assert_true(g_file_set_contents(cut, data, (gssize)(length - missing), NULL));
    g_autoptr(GeglBuffer) whole = gan_image_load(path, NULL, NULL);
    g_autoptr(GeglBuffer) found = gan_image_load(cut, notes, &error);
    g_unlink(cut);
    if (!taken) {
        g_assert_null(found);
        g_assert_error(error, GAN_ERROR, GAN_ERROR_FORMAT);
        return;
    }
    g_assert_no_error(error);
    g_assert_cmpuint(notes->len, ==, 1);
    g_assert_nonnull(strstr(notes->pdata[0], "lacks its end"));
    g_assert_cmpfloat(difference(whole, found), ==, 0);
}

static void test_jpeg(void)
{
    g_autofree char *path = in_folder("end.jpg");
    for (guint i = 0; i < 6; i++) { // arithmetic coding, too
        write_jpeg(path, i % 3 == 1, i % 3 == 2 ? 1 : 0, i >= 3);
        expect(path, 1, TRUE);
        expect(path, 2, TRUE);
        for (gsize missing = i >= 3 ? 226 : 6; missing < 600; missing += 11)
            expect(path, missing, FALSE);
    }
    g_unlink(path);
}

// The height of a page that was not known before its end stands behind it.
static void test_height_behind(void)
{
    static const guint8 behind[] = {0xff, 0xdc, 0, 4, 0, HEIGHT, 0xff, 0xd9};
    g_autofree char *path = in_folder("behind.jpg"), *other = in_folder("before.jpg"), *data = NULL;
    gsize length, at = 2;
    for (guint i = 0; i < 2; i++) {
        write_jpeg(other, i == 1, 0, FALSE);
        g_clear_pointer(&data, g_free);
        g_assert_true(g_file_get_contents(other, &data, &length, NULL));
        const guint8 *bytes = (const guint8 *)data;
        for (at = 2; bytes[at + 1] < 0xc0 || bytes[at + 1] > 0xc2;)
            at += 2 + ((gsize)bytes[at + 2] << 8 | bytes[at + 3]);
        data[at + 5] = data[at + 6] = 0;
        g_autoptr(GByteArray) all = g_byte_array_new();
        g_byte_array_append(all, bytes, (guint)length - 2);
        g_byte_array_append(all, behind, sizeof behind);
        g_assert_true(g_file_set_contents(path, (const char *)all->data, (gssize)all->len, NULL));
        g_autoptr(GError) error = NULL;
        g_autoptr(GPtrArray) notes = g_ptr_array_new_with_free_func(g_free);
        g_autoptr(GeglBuffer) whole = gan_image_load(other, NULL, NULL);
        g_autoptr(GeglBuffer) found = gan_image_load(path, notes, &error);
        g_assert_no_error(error);
        g_assert_cmpuint(notes->len, ==, 0);
        g_assert_cmpfloat(difference(whole, found), ==, 0);
        // Without it nobody knows.
        g_assert_true(g_file_set_contents(path, data, (gssize)length, NULL));
        g_autoptr(GeglBuffer) none = gan_image_load(path, NULL, &error);
        g_assert_null(none);
        g_assert_error(error, GAN_ERROR, GAN_ERROR_FORMAT);
    }
    g_unlink(path);
    g_unlink(other);
}

static void test_png(void)
{
    g_autofree char *path = in_folder("end.png"), *jpeg = in_folder("end.jpg");
    write_jpeg(jpeg, FALSE, 0, FALSE);
    g_autoptr(GeglBuffer) buffer = gan_image_load(jpeg, NULL, NULL);
    g_assert_true(gan_image_save(buffer, path, NULL, NULL));
    for (gsize missing = 1; missing <= 12; missing++)
        expect(path, missing, TRUE);
    for (gsize missing = 30; missing < 600; missing += 11)
        expect(path, missing, FALSE);
    g_unlink(path);
    g_unlink(jpeg);
}

int main(int argc, char **argv)
{
    folder_begin(&argc, &argv, TRUE);
    g_test_add_func("/ends/jpeg", test_jpeg);
    g_test_add_func("/ends/height-behind-the-picture", test_height_behind);
    g_test_add_func("/ends/png", test_png);
    return folder_run();
}
