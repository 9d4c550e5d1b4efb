// SPDX-License-Identifier: LGPL-3.0-or-later
// Pictures of ink without a profile: about what the inks leave over of the encoded colour.
#include "folder.h"

#include <gan/image.h>

#include <glib/gstdio.h>
#include <stdio.h>

#include <jpeglib.h>

#define SIDE 16

static const guint8 inks[4] = {51, 26, 128, 77};

// Writes a JPEG of one colour; its ink as it is without Adobe's mark, else what it leaves over.
static void write_jpeg(const char *path, J_COLOR_SPACE space, gboolean marked)
{
    struct jpeg_compress_struct info;
    struct jpeg_error_mgr manager;
    FILE *file = g_fopen(path, "wb");
    g_assert_nonnull(file);
    info.err = jpeg_std_error(&manager);
    jpeg_create_compress(&info);
    jpeg_stdio_dest(&info, file);
    info.image_width = info.image_height = SIDE;
    info.input_components = 4;
    info.in_color_space = JCS_CMYK;
    jpeg_set_defaults(&info);
    jpeg_set_colorspace(&info, space);
    jpeg_set_quality(&info, 100, TRUE);
    info.write_Adobe_marker = marked;
    jpeg_start_compress(&info, TRUE);
    guint8 row[4 * SIDE];
    for (guint i = 0; i < G_N_ELEMENTS(row); i++)
        row[i] = marked ? 255 - inks[i % 4] : inks[i % 4];
    while (info.next_scanline < info.image_height) {
        guint8 *rows[1] = {row};
        jpeg_write_scanlines(&info, rows, 1);
    }
    jpeg_finish_compress(&info);
    jpeg_destroy_compress(&info);
    g_assert_cmpint(fclose(file), ==, 0);
}

static void append(GByteArray *to, guint32 x, guint n)
{
    for (guint i = 0; i < n; i++) {
        const guint8 byte = (guint8)(x >> 8 * i);
        g_byte_array_append(to, &byte, 1);
    }
}

// Writes a TIFF of one pixel with 8 or 16 bits.
static void write_tiff(const char *path, guint bits)
{
    const guint32 at = 8, pixel = at + 2 + 10 * 12 + 4, depths = pixel + 8;
    const guint32 entries[10][4] = {{256, 3, 1, 1}, {257, 3, 1, 1}, {258, 3, 4, depths},
                                    {259, 3, 1, 1}, {262, 3, 1, 5}, {273, 4, 1, pixel},
                                    {277, 3, 1, 4}, {278, 3, 1, 1}, {279, 4, 1, bits / 2},
                                    {284, 3, 1, 1}};
    g_autoptr(GByteArray) all = g_byte_array_new();
    g_byte_array_append(all, (const guint8 *)"II*\0", 4);
    append(all, at, 4);
    append(all, G_N_ELEMENTS(entries), 2);
    for (guint i = 0; i < G_N_ELEMENTS(entries); i++) {
        append(all, entries[i][0], 2);
        append(all, entries[i][1], 2);
        append(all, entries[i][2], 4);
        append(all, entries[i][3], 4);
    }
    append(all, 0, 4);
    for (guint i = 0; i < 4; i++)
        append(all, bits == 8 ? inks[i] : inks[i] * 257u, bits / 8);
    for (guint i = bits / 2; i < 8; i++)
        append(all, 0, 1);
    for (guint i = 0; i < 4; i++)
        append(all, bits, 2);
    g_assert_true(g_file_set_contents(path, (const char *)all->data, (gssize)all->len, NULL));
}

static void expect_colour(const char *path, double limit)
{
    g_autoptr(GError) error = NULL;
    g_autoptr(GPtrArray) notes = g_ptr_array_new_with_free_func(g_free);
    g_autoptr(GeglBuffer) buffer = gan_image_load(path, notes, &error);
    g_assert_no_error(error);
    g_assert_cmpuint(notes->len, ==, 1);
    float colour[3];
    gegl_buffer_get(buffer, GEGL_RECTANGLE(0, 0, 1, 1), 1.0, babl_format("R'G'B' float"), colour,
                    GEGL_AUTO_ROWSTRIDE, GEGL_ABYSS_NONE);
    const double black = 1 - inks[3] / 255.0;
    for (guint c = 0; c < 3; c++)
        g_assert_cmpfloat_with_epsilon(colour[c], (1 - inks[c] / 255.0) * black, limit);
}

static void test_jpeg(void)
{
    g_autofree char *path = in_folder("ink.jpg");
    write_jpeg(path, JCS_CMYK, TRUE);
    expect_colour(path, 0.008);
    write_jpeg(path, JCS_YCCK, TRUE);
    expect_colour(path, 0.012);
    write_jpeg(path, JCS_CMYK, FALSE);
    expect_colour(path, 0.008);
    g_unlink(path);
}

static void test_tiff(void)
{
    g_autofree char *path = in_folder("ink.tif");
    for (guint bits = 8; bits <= 16; bits += 8) {
        write_tiff(path, bits);
        expect_colour(path, 0.004);
    }
    g_unlink(path);
}

int main(int argc, char **argv)
{
    folder_begin(&argc, &argv, TRUE);
    g_test_add_func("/ink/jpeg-without-a-profile", test_jpeg);
    g_test_add_func("/ink/tiff-without-a-profile", test_tiff);
    return folder_run();
}
