// SPDX-License-Identifier: LGPL-3.0-or-later
// Formats that are read but not written: their numbers, their frames, and their ends when they are
// cut.
#include "folder.h"

#include <gan/image.h>

#include <glib/gstdio.h>
#include <math.h>
#include <string.h>
#include <zlib.h>

static char *write_file(const char *name, const void *data, gsize length)
{
    char *path = in_folder(name);
    g_assert_true(g_file_set_contents(path, data, (gssize)length, NULL));
    return path;
}

static char *given(const char *name)
{
    return g_test_build_filename(G_TEST_DIST, "tiles", "pictures", name, NULL);
}

static void refuse(const char *path, const char *word)
{
    g_autoptr(GError) error = NULL;
    g_autoptr(GeglBuffer) buffer = gan_image_load(path, NULL, &error);
    g_assert_null(buffer);
    g_assert_error(error, GAN_ERROR, GAN_ERROR_FORMAT);
    g_assert_null(strchr(error->message, '\n'));
    if (!strstr(error->message, path) || !strstr(error->message, word))
        g_error("'%s' does not say '%s'", error->message, word);
}

static void expect(GeglBuffer *buffer, const char *encoding, gint x, gint y, const double *wanted,
                   guint n, double within)
{
    double found[4];
    const Babl *format = gegl_buffer_get_format(buffer);
    const gboolean linear = strchr(encoding, '\'') == NULL;
    const char *name =
        n == 1 ? (linear ? "Y double" : "Y' double") : (linear ? "RGB double" : "R'G'B' double");
    g_assert_cmpstr(babl_format_get_encoding(format), ==, encoding);
    gegl_buffer_get(buffer, GEGL_RECTANGLE(x, y, 1, 1), 1.0, babl_format(name), found,
                    GEGL_AUTO_ROWSTRIDE, GEGL_ABYSS_NONE);
    for (guint c = 0; c < n; c++)
        g_assert_cmpfloat_with_epsilon(found[c], wanted[c], within);
}

// 2 x 2 pixels in every way that Netpbm has, and PFM, whose rows go upwards.
static void test_netpbm(void)
{
    static const char bits[] = "P4\n2 2\n\x40\x80", wide[] = "P5 2 2 1000\n\0\0\1\364\3\350\0\144";
    static const char pam[] = "P7\nWIDTH 2\nHEIGHT 2\nDEPTH 2\nMAXVAL 255\nTUPLTYPE "
                              "GRAYSCALE_ALPHA\nENDHDR\n\0\xff\x80\xff\xff\xff\x1a\xff";
    static const char pfm[] = "Pf\n2 2\n-1.0\n\0\0\0\0\0\0\0\x40\0\0\0\x3e\0\0\x80\x3f";
    static const struct {
        const char *data;
        gsize length;
        const char *encoding;
        double grey[4]; // row by row
    } rows[] = {
        {"P1\n# a word\n2 2\n10\n0 1\n", 0, "Y' u8", {0, 1, 1, 0}},
        {bits, sizeof bits - 1, "Y' u8", {1, 0, 0, 1}},
        {"P2 2 2 7 0 7 1 2", 0, "Y' u8", {0, 1, 1 / 7.0, 2 / 7.0}},
        {"P2 2 2 1023 0 1023 1 512", 0, "Y' u16", {0, 1, 1 / 1023.0, 512 / 1023.0}},
        {"P3 2 2 15 0 0 0 15 15 15 5 5 5 1 1 1", 0, "R'G'B' u8", {0, 1, 5 / 15.0, 1 / 15.0}},
        {wide, sizeof wide - 1, "Y' u16", {0, 0.5, 1, 0.1}},
        {pam, sizeof pam - 1, "Y'A u8", {0, 128 / 255.0, 1, 26 / 255.0}},
        {pfm, sizeof pfm - 1, "Y float", {0.125, 1, 0, 2}},
    };
    for (gsize i = 0; i < G_N_ELEMENTS(rows); i++) {
        const gsize length = rows[i].length > 0 ? rows[i].length : strlen(rows[i].data);
        g_autofree char *path = write_file("a.pnm", rows[i].data, length);
        g_autoptr(GError) error = NULL;
        g_autoptr(GeglBuffer) buffer = gan_image_load(path, NULL, &error);
        g_assert_no_error(error);
        for (gint k = 0; k < 4; k++)
            expect(buffer, rows[i].encoding, k % 2, k / 2, &rows[i].grey[k], 1, 2.1e-3);
        // Without its last number it has no second row.
        const gsize cut = rows[i].length > 0 ? 1 : strlen(strrchr(rows[i].data, ' '));
        g_autofree char *short_path = write_file("b.pnm", rows[i].data, length - cut);
        if (i != 0)
            refuse(short_path, "too early");
    }
    // Colours that are none, more channels than are read, and a header that ends in one byte.
    static const struct {
        const char *data, *word;
    } others[] = {
        {"P7\nWIDTH 1\nHEIGHT 1\nDEPTH 4\nMAXVAL 255\nTUPLTYPE CMYK\nENDHDR\nabcd", "CMYK"},
        {"P7\nWIDTH 1\nHEIGHT 1\nDEPTH 5\nMAXVAL 255\nENDHDR\nabcde", "5 channels"}};
    for (gsize i = 0; i < G_N_ELEMENTS(others); i++) {
        g_autofree char *other = write_file("o.pam", others[i].data, strlen(others[i].data));
        refuse(other, others[i].word);
    }
    static const char *const ends[] = {"P5 2 1 255\r\n\x20", "P5 2 1 255\r\n\n\x20"};
    for (gsize i = 0; i < G_N_ELEMENTS(ends); i++) {
        g_autofree char *end = write_file("e.pgm", ends[i], strlen(ends[i]));
        g_autoptr(GeglBuffer) buffer = gan_image_load(end, NULL, NULL);
        expect(buffer, "Y' u8", 0, 0, (const double[]){10 / 255.0}, 1, 1e-4);
        expect(buffer, "Y' u8", 1, 0, (const double[]){32 / 255.0}, 1, 1e-4);
    }
    // A JPEG-LS is in order, but not read.
    static const char ls[] = "\xff\xd8\xff\xf7\0\x0b\x08\0\1\0\1\1\1\x11\0"
                             "\xff\xda\0\x08\1\1\0\0\x3f\0\xff\xd9";
    g_autofree char *jpeg = write_file("ls.jpg", ls, sizeof ls - 1);
    refuse(jpeg, "of a kind that is not read");
    // Two pictures behind each other.
    static const char two[] = "P5 1 1 255\n\x20P5 1 1 255\n\x40";
    g_autofree char *path = write_file("two.pgm", two, sizeof two - 1);
    g_autoptr(GPtrArray) notes = g_ptr_array_new_with_free_func(g_free);
    g_autoptr(GeglBuffer) first = gan_image_load(path, notes, NULL);
    expect(first, "Y' u8", 0, 0, (const double[]){32 / 255.0}, 1, 1e-4);
    g_assert_cmpuint(notes->len, ==, 1);
    g_autoptr(GeglBuffer) second = gan_image_load_page(path, 2, NULL, NULL);
    expect(second, "Y' u8", 0, 0, (const double[]){64 / 255.0}, 1, 1e-4);
}

static gboolean is_read(const char *path)
{
    g_autoptr(GeglBuffer) buffer = gan_image_load(path, NULL, NULL);
    return buffer != NULL;
}

// Animations: the first frame with a word, or the one that is asked for.
static void test_frames(void)
{
    static const struct {
        const char *name, *encoding;
        double colours[3][3]; // of the pixel at 5, 5 of each frame
        guint n_readable;
    } rows[] = {
        {"anim.gif", "R'G'B' u8", {{12, 33, 140}, {247, 25, 77}, {206, 25, 128}}, 3},
        {"anim.webp", "R'G'B' u8", {{20, 27, 149}, {239, 27, 64}, {198, 27, 115}}, 3},
        {"anim.png", "R'G'B' u8", {{255, 0, 0}, {0, 255, 0}, {0, 0, 255}}, 3},
    };
    for (gsize i = 0; i < G_N_ELEMENTS(rows); i++) {
        g_autofree char *path = given(rows[i].name);
        if (i == 1 && !is_read(path)) {
            refuse(path, "animated WebP"); // this build has no part for it
            continue;
        }
        g_autoptr(GPtrArray) notes = g_ptr_array_new_with_free_func(g_free);
        for (guint page = 0; page <= 4; page++) {
            g_autoptr(GError) error = NULL;
            const guint frame = MAX(page, 1) - 1;
            g_autoptr(GeglBuffer) buffer = gan_image_load_page(path, page, notes, &error);
            if (frame >= rows[i].n_readable) {
                g_assert_error(error, GAN_ERROR, GAN_ERROR_FORMAT);
                continue;
            }
            g_assert_no_error(error);
            const double wanted[3] = {rows[i].colours[frame][0] / 255.0,
                                      rows[i].colours[frame][1] / 255.0,
                                      rows[i].colours[frame][2] / 255.0};
            expect(buffer, rows[i].encoding, 5, 5, wanted, 3, 2e-3);
            if (page == 0) {
                g_assert_cmpuint(notes->len, ==, 1);
                g_assert_cmpstr(notes->pdata[0], ==,
                                "frame 1 of 3 is read; the others are left out");
            }
        }
    }
}

// What a frame leaves on the canvas: red stays, blue is cleared, green gives back what was there.
static void test_disposal(void)
{
    static const struct {
        guint page;
        gint x, y;
        guint8 wanted[4];
    } rows[] = {{2, 4, 4, {0, 0, 255, 255}},    {3, 4, 4, {0, 0, 0, 0}},
                {3, 12, 12, {0, 128, 0, 255}},  {4, 12, 12, {255, 0, 0, 255}},
                {4, 3, 14, {255, 255, 0, 255}}, {4, 9, 9, {0, 0, 0, 0}}};
    g_autofree char *path = given("dispose.gif");
    for (gsize i = 0; i < G_N_ELEMENTS(rows); i++) {
        g_autoptr(GError) error = NULL;
        g_autoptr(GeglBuffer) buffer = gan_image_load_page(path, rows[i].page, NULL, &error);
        g_assert_no_error(error);
        guint8 found[4];
        gegl_buffer_get(buffer, GEGL_RECTANGLE(rows[i].x, rows[i].y, 1, 1), 1.0,
                        babl_format("R'G'B'A u8"), found, GEGL_AUTO_ROWSTRIDE, GEGL_ABYSS_NONE);
        g_assert_cmpmem(found, 4, rows[i].wanted, 4);
    }
}

// A GIF that ends within its first frame is refused, one within a later frame or before its end
// marker is taken with a word.
static void test_cut_gif(void)
{
    g_autofree char *path = given("anim.gif"), *data = NULL;
    gsize length = 0;
    g_assert_true(g_file_get_contents(path, &data, &length, NULL));
    const struct {
        gsize length;
        const char *note; // NULL: refused
    } rows[] = {{length / 6, NULL},
                {length / 4, NULL},
                {length / 2, "it ends too early, within a later frame"},
                {length - 1, "its end marker is missing"}};
    for (gsize i = 0; i < G_N_ELEMENTS(rows); i++) {
        g_autofree char *cut = write_file("cut.gif", data, rows[i].length);
        if (!rows[i].note) {
            refuse(cut, "too early");
            continue;
        }
        g_autoptr(GPtrArray) notes = g_ptr_array_new_with_free_func(g_free);
        g_autoptr(GError) error = NULL;
        GeglBuffer *of_cut = gan_image_load(cut, notes, &error);
        g_assert_no_error(error);
        g_object_unref(of_cut);
        g_assert_true(g_ptr_array_find_with_equal_func(notes, rows[i].note, g_str_equal, NULL));
    }
}

// Some bytes that claim to be more than any of that length can hold are refused before memory is asked
// for; what a profile claims of its length does not matter.
static void test_claims(void)
{
    g_autofree char *path = given("dispose.gif"), *data = NULL;
    gsize length = 0;
    g_assert_true(g_file_get_contents(path, &data, &length, NULL));
    gsize frame = 13 + 6;
    while (data[frame] != 0x2c)
        frame++;
    memset(data + frame + 5, 0xff, 4);
    g_autofree char *gif = write_file("claims.gif", data, length);
    refuse(gif, "too early: a frame has 65535 x 65535 pixels");

    static const guint8 fax[] = {'I', 'I', 42, 0, 8, 0, 0, 0, 7, 0,         //
                                 0,   1,   3,  0, 1, 0, 0, 0, 0, 32,  0, 0, // 8192 pixels
                                 1,   1,   3,  0, 1, 0, 0, 0, 0, 240, 0, 0, // in 61440 rows
                                 2,   1,   3,  0, 1, 0, 0, 0, 1, 0,   0, 0, // of a bit each
                                 3,   1,   3,  0, 1, 0, 0, 0, 4, 0,   0, 0, // Group 4
                                 6,   1,   3,  0, 1, 0, 0, 0, 0, 0,   0, 0, // white is 0
                                 17,  1,   4,  0, 1, 0, 0, 0, 8, 0,   0, 0, // the strip
                                 23,  1,   4,  0, 1, 0, 0, 0, 8, 0,   0, 0, 0, 0, 0, 0};
    g_autofree char *tif = write_file("claims.tif", fax, sizeof fax);
    refuse(tif, "too early: it has 8192 x 61440 pixels");

    static const guint8 chunks[] = {0x89, 'P',  'N', 'G', '\r', '\n', 0x1a, '\n', //
                                    0,    0,    0,   13,  'I',  'H',  'D',  'R',  0x40, 0,    0,
                                    0,    0x40, 0,   0,   0,    8,    2,    0,    0,    0, //
                                    0,    0,    0,   0,                                    //
                                    0,    0,    0,   8,   'I',  'D',  'A',  'T',  0x78, 0x9c, 3,
                                    0,    0,    0,   0,   1};
    guint8 png[sizeof chunks + 16];
    memcpy(png, chunks, sizeof chunks);
    const guint32 head = GUINT32_TO_BE((guint32)crc32(0, png + 12, 17));
    const guint32 body = GUINT32_TO_BE((guint32)crc32(0, png + 37, 12));
    memcpy(png + 29, &head, 4);
    memcpy(png + sizeof chunks, &body, 4);
    memcpy(png + sizeof chunks + 4, "\0\0\0\0IEND\xae\x42\x60\x82", 12);
    g_autofree char *huge = write_file("claims.png", png, sizeof png);
    refuse(huge, "too early");
}

// A BMP and a TGA of 3 x 2 pixels, whole and cut.
static void test_bitmaps(void)
{
    guint8 bmp[54 + 24] = "BM", tga[18 + 18] = {0};
    const guint8 head[] = {78, 0, 0, 0, 0, 0, 0, 0, 54, 0, 0, 0, 40, 0, 0,  0, 3, 0,
                           0,  0, 2, 0, 0, 0, 1, 0, 24, 0, 0, 0, 0,  0, 24, 0, 0, 0};
    memcpy(bmp + 2, head, sizeof head);
    tga[2] = 2, tga[12] = 3, tga[14] = 2, tga[16] = 24;
    // Blue, green, red; the lower row first.
    for (guint y = 0; y < 2; y++) {
        for (guint x = 0; x < 3; x++) {
            const guint8 pixel[3] = {(guint8)(10 + x), (guint8)(100 + y), 200};
            memcpy(bmp + 54 + y * 12 + x * 3, pixel, 3);
            memcpy(tga + 18 + y * 9 + x * 3, pixel, 3);
        }
    }
    const struct {
        const char *name;
        const guint8 *data;
        gsize length;
    } rows[] = {{"a.bmp", bmp, sizeof bmp}, {"a.tga", tga, sizeof tga}};
    for (gsize i = 0; i < G_N_ELEMENTS(rows); i++) {
        g_autofree char *path = write_file(rows[i].name, rows[i].data, rows[i].length);
        g_autoptr(GError) error = NULL;
        g_autoptr(GeglBuffer) buffer = gan_image_load(path, NULL, &error);
        if (!buffer) {
            refuse(path, "not a picture of a known kind"); // this build has no part for it
            continue;
        }
        expect(buffer, "R'G'B' u8", 2, 0, (const double[]){200 / 255.0, 101 / 255.0, 12 / 255.0}, 3,
               1e-4);
        expect(buffer, "R'G'B' u8", 0, 1, (const double[]){200 / 255.0, 100 / 255.0, 10 / 255.0}, 3,
               1e-4);
        g_autofree char *cut = write_file(rows[i].name, rows[i].data, rows[i].length - 4);
        refuse(cut, "too early");
    }
}

// Formats that a library of their own reads: a slope of colours with a red patch.
static void test_libraries(void)
{
    static const struct {
        const char *name;
        double within;
    } rows[] = {{"plain.avif", 0.03}, {"plain.jxl", 1e-4}, {"plain.jp2", 1e-4}};
    for (gsize i = 0; i < G_N_ELEMENTS(rows); i++) {
        g_autofree char *path = given(rows[i].name), *data = NULL;
        gsize length = 0;
        g_assert_true(g_file_get_contents(path, &data, &length, NULL));
        g_autofree char *cut = write_file("cut", data, length * 2 / 3);
        refuse(cut, gan_image_name(path) == GAN_IMAGE_NAME_READ ? "too early" : "known kind");
        if (gan_image_name(path) != GAN_IMAGE_NAME_READ)
            continue; // this build has no part for it
        g_autoptr(GError) error = NULL;
        g_autoptr(GPtrArray) notes = g_ptr_array_new_with_free_func(g_free);
        g_autoptr(GeglBuffer) buffer = gan_image_load(path, notes, &error);
        g_assert_no_error(error);
        g_assert_cmpuint(notes->len, ==, 0);
        g_assert_cmpint(gegl_buffer_get_width(buffer), ==, 64);
        g_assert_cmpint(gegl_buffer_get_height(buffer), ==, 40);
        expect(buffer, "R'G'B' u8", 10, 5, (const double[]){250 / 255.0, 10 / 255.0, 20 / 255.0}, 3,
               rows[i].within);
        expect(buffer, "R'G'B' u8", 40, 30, (const double[]){161 / 255.0, 196 / 255.0, 175 / 255.0},
               3, rows[i].within);
    }
}

// Luma without chroma stays grey: a slope from left to right, and back below. Video's range, which
// libheif passes over, is stretched.
static void test_grey_heif(void)
{
    static const struct {
        const char *name, *encoding;
        gboolean narrow;
        double within;
    } rows[] = {
        {"grey.avif", "Y' u8", FALSE, 1e-4},       {"grey.avif", "Y' u8", TRUE, 2.1e-3},
        {"grey10.avif", "Y' u16", FALSE, 1e-3},    {"grey10.avif", "Y' u16", TRUE, 1.2e-3},
        {"greyalpha.avif", "Y'A u8", FALSE, 1e-4}, {"greyalpha.avif", "Y'A u8", TRUE, 2.1e-3},
        {"grey.heic", "Y' u8", FALSE, 0.03},
    };
    for (gsize i = 0; i < G_N_ELEMENTS(rows); i++) {
        g_autofree char *of_it = given(rows[i].name), *data = NULL;
        gsize length = 0;
        g_assert_true(g_file_get_contents(of_it, &data, &length, NULL));
        for (gsize k = 0; rows[i].narrow && k + 12 < length; k++) {
            if (memcmp(data + k, "colrnclx", 8) == 0)
                data[k + 14] &= 0x7f;
        }
        g_autofree char *path = write_file(rows[i].name, data, length);
        g_autoptr(GError) error = NULL;
        g_autoptr(GPtrArray) notes = g_ptr_array_new_with_free_func(g_free);
        g_autoptr(GeglBuffer) buffer = gan_image_load(path, notes, &error);
        if (!buffer &&
            (gan_image_name(path) != GAN_IMAGE_NAME_READ || g_str_has_suffix(path, "c"))) {
            g_test_message("%s: %s", path,
                           error->message); // neither libheif nor its plug-in is there
            continue;
        }
        g_assert_no_error(error);
        g_assert_cmpuint(notes->len, ==, rows[i].narrow ? 1 : 0);
        if (rows[i].narrow)
            g_assert_cmpstr(notes->pdata[0], ==,
                            "video's narrow range is stretched to the full one");
        for (gint x = 0; x < 64; x += 7) {
            const double slope[] = {4 * x / 255.0, 1 - 4 * x / 255.0};
            for (gint k = 0; k < 2; k++) {
                // In steps of 8 bits, of which 10 have four each.
                const double steps = i == 3 ? 1023 / 4.0 : 255;
                const double wide = CLAMP((slope[k] * steps - 16) / 219, 0.0, 1.0);
                expect(buffer, rows[i].encoding, x, k == 0 ? 2 : 35,
                       rows[i].narrow ? &wide : &slope[k], 1, rows[i].within);
            }
        }
    }
}

// Frames of JPEG XL keep their times, 24000 / 1001 ticks a second, and those that last for ever are
// pages.
static void test_jxl_frames(void)
{
    static const guint times[] = {42, 2002, 1001000};
    g_autofree char *path = given("anim.jxl"), *of_pages = given("pages.jxl"), *data = NULL;
    gsize length = 0;
    if (gan_image_name(path) != GAN_IMAGE_NAME_READ) {
        g_test_skip("this build does not read JPEG XL");
        return;
    }
    g_autoptr(GError) error = NULL;
    g_autoptr(GanImagePages) pages = gan_image_pages(of_pages, &error);
    g_assert_no_error(error);
    g_assert_cmpuint(pages->n, ==, 3);
    g_assert_cmpstr(pages->unit, ==, "page");
    g_assert_null(pages->delays_ms);
    g_assert_true(g_file_get_contents(path, &data, &length, NULL));
    for (gsize n = length; n > length / 2; n--) { // of one that is cut as many as there are
        g_autofree char *cut = write_file("cut.jxl", data, n);
        g_autoptr(GanImagePages) frames = gan_image_pages(cut, &error);
        g_assert_no_error(error);
        g_assert_cmpuint(frames->n, <=, 3);
        g_assert_cmpuint(frames->n, >=, n == length ? 3 : 1);
        g_assert_cmpstr(frames->unit, ==, "frame");
        g_assert_cmpuint(frames->n_plays, ==, 5);
        g_assert_cmpuint(frames->delays_ms ? frames->delays_ms->len : 1, ==, frames->n);
        g_assert_true(frames->delays_ms || frames->n == 1);
        for (guint i = 0; frames->delays_ms && i < frames->n; i++)
            g_assert_cmpuint(g_array_index(frames->delays_ms, guint, i), ==, times[i]);
    }
    g_autofree char *still = given("plain.jxl");
    g_autoptr(GanImagePages) one = gan_image_pages(still, &error);
    g_assert_no_error(error);
    g_assert_cmpuint(one->n, ==, 1);
    g_assert_null(one->delays_ms);
}

// Of a raw file that is a TIFF what the sensor saw, not the thumbnail, turned as the camera was
// held.
static void test_raw(void)
{
    g_autofree char *path = given("small.dng"), *data = NULL;
    gsize length = 0;
    g_assert_true(g_file_get_contents(path, &data, &length, NULL));
    g_autofree char *renamed = write_file("raw.tif", data, length);
    g_autoptr(GError) error = NULL;
    g_autoptr(GeglBuffer) buffer = gan_image_load(renamed, NULL, &error);
    if (!buffer) {
        g_test_skip(error->message); // neither LibRaw nor GEGL's loader is there
        return;
    }
    g_assert_cmpint(gegl_buffer_get_width(buffer), ==, 60);
    g_assert_cmpint(gegl_buffer_get_height(buffer), ==, 80);
}

// What is not red, green, blue, alpha or luminance of an EXR is named; halves stay halves.
static void test_exr(void)
{
    g_autofree char *layers = given("layers.exr"), *half = given("half.exr");
    g_autoptr(GPtrArray) notes = g_ptr_array_new_with_free_func(g_free);
    g_autoptr(GError) error = NULL;
    g_autoptr(GeglBuffer) a = gan_image_load(half, notes, &error);
    g_assert_no_error(error);
    if (!g_str_has_suffix(babl_format_get_encoding(gegl_buffer_get_format(a)), "half")) {
        g_test_skip("this build has no OpenEXR core");
        return;
    }
    g_assert_cmpuint(notes->len, ==, 0);
    GeglBuffer *of_layers = gan_image_load(layers, notes, &error);
    g_assert_no_error(error);
    g_object_unref(of_layers);
    g_assert_cmpuint(notes->len, ==, 2);
    g_assert_cmpstr(notes->pdata[0], ==,
                    "channels are left out: N.X, Z, diffuse.B, diffuse.G, diffuse.R");
    g_assert_cmpstr(notes->pdata[1], ==,
                    "picture 1 of 3 is read; the others are left out (N, diffuse)");
    // The same numbers in the new file, and with alpha and in another space, too.
    g_autofree char *out = in_folder("out.exr");
    static const char *const encodings[] = {"RGB half", "RaGaBaA half", "Y half"};
    g_ptr_array_set_size(notes, 0);
    for (gsize i = 0; i < G_N_ELEMENTS(encodings); i++) {
        const Babl *space = i == 1 ? babl_space("Rec2020") : babl_space("sRGB");
        const Babl *format = babl_format_with_space(encodings[i], space);
        g_autoptr(GeglBuffer) made = gegl_buffer_new(GEGL_RECTANGLE(0, 0, 37, 41), format);
        for (gint y = 0; y < 41; y++) {
            for (gint x = 0; x < 37; x++) {
                const float pixel[4] = {0.01f * (float)x, 0.02f * (float)y, 7.5f, 0.75f};
                gegl_buffer_set(made, GEGL_RECTANGLE(x, y, 1, 1), 0,
                                babl_format_with_space(i == 2 ? "Y float" : "RaGaBaA float", space),
                                pixel, GEGL_AUTO_ROWSTRIDE);
            }
        }
        const GanImageSaveOptions options = {.notes = notes};
        g_assert_true(gan_image_save(made, out, &options, &error));
        g_assert_no_error(error);
        g_autoptr(GeglBuffer) back = gan_image_load(out, notes, &error);
        g_assert_no_error(error);
        g_assert_cmpstr(babl_format_get_encoding(gegl_buffer_get_format(back)), ==, encodings[i]);
        guint16 wanted[37 * 41 * 4], found[37 * 41 * 4];
        gegl_buffer_get(made, NULL, 1.0, NULL, wanted, GEGL_AUTO_ROWSTRIDE, GEGL_ABYSS_NONE);
        gegl_buffer_get(back, NULL, 1.0, NULL, found, GEGL_AUTO_ROWSTRIDE, GEGL_ABYSS_NONE);
        g_assert_cmpmem(wanted,
                        (gsize)37 * 41 * 2 *
                            (i == 0   ? 3
                             : i == 1 ? 4
                                      : 1),
                        found,
                        (gsize)37 * 41 * 2 *
                            (i == 0   ? 3
                             : i == 1 ? 4
                                      : 1));
    }
    g_assert_cmpuint(notes->len, ==, 0);
}

// What is no picture is told which formats are read, by the parts that this build has.
static void test_unknown(void)
{
    static const struct {
        const char *ending, *title;
    } rows[] = {{"jpg", "JPEG"},           {"png", "PNG"},      {"tif", "TIFF"},
                {"pnm", "Netpbm"},         {"gif", "GIF"},      {"bmp", "BMP, TGA and icons"},
                {"heic", "AVIF and HEIC"}, {"jxl", "JPEG XL"},  {"jp2", "JPEG 2000"},
                {"hdr", "Radiance HDR"},   {"psd", "Photoshop"}};
    g_autofree char *path = write_file("a.png", "nothing of a picture", 20);
    g_autoptr(GError) error = NULL;
    g_autoptr(GeglBuffer) buffer = gan_image_load(path, NULL, &error);
    g_assert_null(buffer);
    g_assert_error(error, GAN_ERROR, GAN_ERROR_FORMAT);
    for (gsize i = 0; i < G_N_ELEMENTS(rows); i++) {
        g_autofree char *name = g_strconcat("a.", rows[i].ending, NULL);
        const gboolean read = gan_image_name(name) == GAN_IMAGE_NAME_READ;
        if ((strstr(error->message, rows[i].title) != NULL) != read)
            g_error("'%s', but %s is %s", error->message, rows[i].title, read ? "read" : "not");
    }
    g_assert_null(strstr(error->message, "animated"));
}

static void test_names(void)
{
    static const struct {
        const char *name;
        GanImageName kind;
    } rows[] = {
        {"a.PNG", GAN_IMAGE_NAME_READ},     {"b/a.tiff", GAN_IMAGE_NAME_READ},
        {"a.pfm", GAN_IMAGE_NAME_READ},     {"a.nef", GAN_IMAGE_NAME_ALONE},
        {"a.svg", GAN_IMAGE_NAME_ALONE},    {"a.psd", GAN_IMAGE_NAME_NOT_READ},
        {"a.dds", GAN_IMAGE_NAME_NOT_READ}, {"notes.txt", GAN_IMAGE_NAME_OTHER},
        {"png", GAN_IMAGE_NAME_OTHER},      {".png", GAN_IMAGE_NAME_OTHER},
        {"a.", GAN_IMAGE_NAME_OTHER},       {"a.p", GAN_IMAGE_NAME_OTHER},
    };
    for (gsize i = 0; i < G_N_ELEMENTS(rows); i++)
        g_assert_cmpint(gan_image_name(rows[i].name), ==, rows[i].kind);
}

int main(int argc, char **argv)
{
    folder_begin(&argc, &argv, TRUE);
    g_test_add_func("/formats/netpbm", test_netpbm);
    g_test_add_func("/formats/one-frame-of-several-with-a-word", test_frames);
    g_test_add_func("/formats/frames-leave-what-they-say", test_disposal);
    g_test_add_func("/formats/cut-gif", test_cut_gif);
    g_test_add_func("/formats/claims-of-few-bytes", test_claims);
    g_test_add_func("/formats/bitmaps", test_bitmaps);
    g_test_add_func("/formats/read-by-libraries", test_libraries);
    g_test_add_func("/formats/heif-without-chroma-is-grey", test_grey_heif);
    g_test_add_func("/formats/jpeg-xl-frames-keep-times", test_jxl_frames);
    g_test_add_func("/formats/raw-and-no-thumbnail", test_raw);
    g_test_add_func("/formats/exr-channels", test_exr);
    g_test_add_func("/formats/unknown-and-which-are-known", test_unknown);
    g_test_add_func("/formats/names", test_names);
    return folder_run();
}
