// SPDX-License-Identifier: LGPL-3.0-or-later
// Radiance's pictures: their numbers, the way that rows go, primaries, shape of pixels, and cut ones.
// BMP and TGA in what they share with them: no alpha, and how large they are on paper.
#include "folder.h"

#include <gan/image.h>

#include "density.h"
#include "origin.h"
#include <string.h>

static char *write_file(const char *name, const void *data, gsize length)
{
    char *path = in_folder(name);
    g_assert_true(g_file_set_contents(path, data, (gssize)length, NULL));
    return path;
}

// Eight pixels by two, of red that grows by 16 with each pixel and of green that tells the row;
// `packed`: each channel by itself, as newer programs write it.
static GByteArray *make(const char *head, const char *resolution, guint n_rows, guint n_pixels,
                        gboolean packed)
{
    GByteArray *file = g_byte_array_new();
    g_autofree char *text =
        g_strdup_printf("#?RADIANCE\n%sFORMAT=32-bit_rle_rgbe\n\n%s\n", head, resolution);
    g_byte_array_append(file, (const guint8 *)text, (guint)strlen(text));
    for (guint y = 0; y < n_rows; y++) {
        const guint8 mark[] = {2, 2, (guint8)(n_pixels >> 8), (guint8)n_pixels};
        if (packed)
            g_byte_array_append(file, mark, 4);
        for (guint c = 0; packed && c < 4; c++) {
            guint8 run[] = {(guint8)(128 + n_pixels), c == 1   ? (guint8)(100 * y)
                                                      : c == 2 ? 64
                                                               : 129};
            const guint8 count = (guint8)n_pixels;
            g_byte_array_append(file, c == 0 ? &count : run, c == 0 ? 1 : 2);
            for (guint8 x = 0; c == 0 && x < n_pixels; x++) {
                const guint8 red = (guint8)(16 * x);
                g_byte_array_append(file, &red, 1);
            }
        }
        for (guint x = 0; !packed && x < n_pixels; x++) {
            const guint8 pixel[] = {(guint8)(16 * x), (guint8)(100 * y), 64, 129};
            g_byte_array_append(file, pixel, 4);
        }
    }
    return file;
}

static void expect_pixel(GeglBuffer *buffer, gint x, gint y, float red, float green)
{
    float found[3];
    const Babl *format = gegl_buffer_get_format(buffer);
    g_assert_cmpstr(babl_format_get_encoding(format), ==, "RGB float"); // and no alpha
    gegl_buffer_get(buffer, GEGL_RECTANGLE(x, y, 1, 1), 1.0, format, found, GEGL_AUTO_ROWSTRIDE,
                    GEGL_ABYSS_NONE);
    g_assert_cmpfloat(found[0], ==, red);
    g_assert_cmpfloat(found[1], ==, green);
    g_assert_cmpfloat(found[2], ==, 0.5f);
}

static void test_radiance(void)
{
    static const struct {
        const char *resolution;
        gint x, y, width, height; // where the second pixel of the second row is shown
    } rows[] = {{"-Y 2 +X 8", 1, 1, 8, 2}, {"-Y 2 -X 8", 6, 1, 8, 2}, {"+Y 2 +X 8", 1, 0, 8, 2},
                {"+Y 2 -X 8", 6, 0, 8, 2}, {"+X 2 -Y 8", 1, 1, 2, 8}, {"-X 2 -Y 8", 0, 1, 2, 8},
                {"+X 2 +Y 8", 1, 6, 2, 8}, {"-X 2 +Y 8", 0, 6, 2, 8}};
    for (gsize i = 0; i < G_N_ELEMENTS(rows); i++) {
        for (guint packed = 0; packed < 2; packed++) {
            g_autoptr(GByteArray) file = make("", rows[i].resolution, 2, 8, packed == 1);
            g_autofree char *path = write_file("a.hdr", file->data, file->len);
            g_autoptr(GError) error = NULL;
            g_autoptr(GPtrArray) notes = g_ptr_array_new_with_free_func(g_free);
            g_autoptr(GeglBuffer) buffer = gan_image_load(path, notes, &error);
            g_assert_no_error(error);
            g_assert_cmpuint(notes->len, ==, 0);
            g_assert_cmpint(gegl_buffer_get_width(buffer), ==, rows[i].width);
            g_assert_cmpint(gegl_buffer_get_height(buffer), ==, rows[i].height);
            expect_pixel(buffer, rows[i].x, rows[i].y, 16 / 128.0f, 100 / 128.0f);
        }
    }
}

// Every part of a file is refused, wherever it ends.
static void test_cut(void)
{
    for (guint packed = 0; packed < 2; packed++) {
        g_autoptr(GByteArray) file = make("", "-Y 2 +X 8", 2, 8, packed == 1);
        for (guint n = 12; n < file->len; n++) {
            g_autoptr(GError) error = NULL;
            g_autofree char *path = write_file("cut.hdr", file->data, n);
            g_autoptr(GeglBuffer) buffer = gan_image_load(path, NULL, &error);
            g_assert_null(buffer);
            g_assert_error(error, GAN_ERROR, GAN_ERROR_FORMAT);
        }
    }
}

// A run of the older kind: the last pixel, so many times.
static void test_old_runs(void)
{
    static const char head[] = "#?RGBE\n\n-Y 1 +X 300\n\x10\x20\x40\x81\1\1\1\x2b\1\1\1\1";
    g_autofree char *path = write_file("old.hdr", head, sizeof head - 1);
    g_autoptr(GError) error = NULL;
    g_autoptr(GeglBuffer) buffer = gan_image_load(path, NULL, &error);
    g_assert_no_error(error);
    expect_pixel(buffer, 299, 0, 16 / 128.0f, 32 / 128.0f);
}

static void test_header(void)
{
    g_autoptr(GByteArray) file = make("# word\nVIEW=-vh 90\nPIXASPECT=0.5\n"
                                      "PRIMARIES=.708 .292 .17 .797 .131 .046 .3127 .329\n",
                                      "-Y 2 +X 8", 2, 8, TRUE);
    g_autofree char *path = write_file("head.hdr", file->data, file->len);
    g_autoptr(GPtrArray) notes = g_ptr_array_new_with_free_func(g_free);
    g_autoptr(GeglBuffer) buffer = gan_image_load(path, notes, NULL);
    expect_pixel(buffer, 1, 1, 16 / 128.0f, 100 / 128.0f);
    g_assert_cmpuint(notes->len, ==, 1);
    g_assert_cmpstr(notes->pdata[0], ==, "lines of its header are left out: VIEW=-vh 90");
    g_assert_true(babl_format_get_space(gegl_buffer_get_format(buffer)) != babl_space("sRGB"));
    g_autoptr(GanOrigin) origin = gan_origin_open(path, 0);
    g_assert_cmpint(origin->density.unit, ==, GAN_DENSITY_SHAPE);
    g_assert_cmpfloat(gan_density_pixel_shape(&origin->density), ==, 2);
    g_autoptr(GByteArray) other = make("", "-Y 2 +X 8", 2, 8, TRUE);
    memcpy(strstr((char *)other->data, "rgbe"), "xyze", 4);
    g_autofree char *xyz = write_file("xyz.hdr", other->data, other->len);
    g_autoptr(GError) error = NULL;
    g_assert_null(gan_image_load(xyz, NULL, &error));
    g_assert_nonnull(strstr(error->message, "XYZ"));
}

// 32 bits of which the last 8 say nothing, 11811 pixels in a metre; and grey by its palette.
static void test_bmp(void)
{
    guint8 bmp[54 + 16] = "BM";
    const guint8 head[] = {70, 0, 0, 0, 0,  0, 0, 0, 54,   0,    0, 0, 40,   0,
                           0,  0, 2, 0, 0,  0, 2, 0, 0,    0,    1, 0, 32,   0,
                           0,  0, 0, 0, 16, 0, 0, 0, 0x23, 0x2e, 0, 0, 0x23, 0x2e};
    guint8 grey[54 + 8 + 8] = "BM";
    memcpy(bmp + 2, head, sizeof head);
    memset(bmp + 54, 90, 16);
    for (guint i = 0; i < 4; i++)
        bmp[54 + 4 * i + 3] = 0, bmp[54 + 4 * i] = 30;
    memcpy(grey + 2, head, sizeof head);
    grey[10] = 62, grey[28] = 1, grey[34] = 8, grey[46] = 2;
    memset(grey + 54, 40, 3);
    memset(grey + 58, 240, 3);
    grey[62] = grey[66] = 0x40;
    g_autofree char *path = write_file("a.bmp", bmp, sizeof bmp);
    g_autofree char *bits = write_file("b.bmp", grey, sizeof grey);
    if (gan_image_name(path) != GAN_IMAGE_NAME_READ) {
        g_test_skip("this build reads no BMP");
        return;
    }
    g_autoptr(GError) error = NULL;
    g_autoptr(GeglBuffer) buffer = gan_image_load(path, NULL, &error);
    g_assert_no_error(error);
    g_assert_cmpstr(babl_format_get_encoding(gegl_buffer_get_format(buffer)), ==, "R'G'B' u8");
    g_autoptr(GanOrigin) origin = gan_origin_open(path, 0);
    g_assert_cmpint(origin->density.unit, ==, GAN_DENSITY_METRE);
    g_assert_cmpfloat(origin->density.x, ==, 11811);
    g_autoptr(GeglBuffer) two = gan_image_load(bits, NULL, &error);
    g_assert_no_error(error);
    g_assert_cmpstr(babl_format_get_encoding(gegl_buffer_get_format(two)), ==, "Y' u8");
    guint8 found[4];
    gegl_buffer_get(two, NULL, 1.0, NULL, found, GEGL_AUTO_ROWSTRIDE, GEGL_ABYSS_NONE);
    g_assert_cmpmem(found, 4, ((const guint8[]){40, 240, 40, 240}), 4);
}

// A resolution box of JPEG 2000: 11811 pixels in a metre down, half as many across.
static void test_jp2(void)
{
    static const char box[] = "\0\0\0\14jP  \r\n\x87\n\0\0\0\x22jp2h\0\0\0\x1ares \0\0\0\x12resc"
                              "\x2e\x23\0\1\x2e\x23\0\2\0\0";
    const GanDensity density =
        gan_density_read(GAN_CONTAINER_UNKNOWN, (const guint8 *)box, sizeof box - 1);
    g_assert_cmpint(density.unit, ==, GAN_DENSITY_METRE);
    g_assert_cmpfloat(density.y, ==, 11811);
    g_assert_cmpfloat(density.x, ==, 5905.5);
    for (gsize n = 0; n < sizeof box - 1; n++)
        gan_density_read(GAN_CONTAINER_UNKNOWN, (const guint8 *)box, n);
}

int main(int argc, char **argv)
{
    folder_begin(&argc, &argv, TRUE);
    g_test_add_func("/radiance/numbers-and-directions", test_radiance);
    g_test_add_func("/radiance/cut", test_cut);
    g_test_add_func("/radiance/old-runs", test_old_runs);
    g_test_add_func("/radiance/header", test_header);
    g_test_add_func("/radiance/bmp-like-them", test_bmp);
    g_test_add_func("/radiance/jpeg-2000-resolution", test_jp2);
    return folder_run();
}
