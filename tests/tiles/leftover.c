// SPDX-License-Identifier: LGPL-3.0-or-later
// What a file holds beside its picture and its metadata is carried over, scaled, or named.
#include "folder.h"

#include <gan/image.h>

#include "tags.h"
#include <string.h>
#include <tiffio.h>

// Writes 8 x 6 grey pixels as `name` tells.
static char *write_plain(const char *name)
{
    char *path = in_folder(name);
    const GeglRectangle extent = {0, 0, 8, 6};
    g_autoptr(GeglBuffer) buffer = gegl_buffer_new(&extent, babl_format("R'G'B' u8"));
    gegl_buffer_set_color_from_pixel(buffer, &extent, "\x60\x60\x60", babl_format("R'G'B' u8"));
    g_assert_true(gan_image_save(buffer, path, NULL, NULL));
    return path;
}

// Puts bytes at a place of a file; -1: behind it.
static void insert(const char *path, gssize at, const void *bytes, gsize n)
{
    g_autofree char *data = NULL;
    gsize length;
    g_assert_true(g_file_get_contents(path, &data, &length, NULL));
    const gsize place = at < 0 ? length : (gsize)at;
    g_autoptr(GString) all = g_string_new_len(data, (gssize)place);
    g_string_append_len(all, bytes, (gssize)n);
    g_string_append_len(all, data + place, (gssize)(length - place));
    g_assert_true(g_file_set_contents(path, all->str, (gssize)all->len, NULL));
}

// What is said when the picture becomes `to`, twice as wide and three times as high.
static GPtrArray *enlarge(const char *from, const char *to)
{
    GPtrArray *notes = g_ptr_array_new_with_free_func(g_free);
    const GeglRectangle extent = {0, 0, 16, 18};
    g_autoptr(GeglBuffer) buffer = gegl_buffer_new(&extent, babl_format("R'G'B' u8"));
    const GanImageSaveOptions options = {.metadata = from, .notes = notes};
    g_autoptr(GError) error = NULL;
    gan_image_save(buffer, to, &options, &error);
    g_assert_no_error(error);
    return notes;
}

static void expect_note(const char *from, const char *to, const char *wanted)
{
    g_autofree char *path = in_folder(to);
    g_autoptr(GPtrArray) notes = enlarge(from, path);
    if (!wanted) {
        g_assert_cmpuint(notes->len, ==, 0);
        return;
    }
    g_assert_cmpuint(notes->len, ==, 1);
    g_assert_cmpstr(notes->pdata[0], ==, wanted);
}

static void test_jpeg(void)
{
    static const struct {
        const char *bytes;
        gsize n;
        gboolean behind; // the picture, else in front of it
        const char *note;
    } rows[] = {
#define ROW(bytes, behind, note) {bytes, sizeof(bytes) - 1, behind, note}
        ROW("\xff\xe1\0\x0c"
            "FLIR\0\1\0\0xx",
            FALSE, "segments of other programs are not carried over: APP1 (FLIR)"),
        ROW("\xff\xe4\0\6\xaa\x55\1\2", FALSE,
            "segments of other programs are not carried over: APP4"),
        ROW("\xff\xec\0\x0a"
            "Ducky\0\1\0",
            FALSE, NULL),
        ROW("\xff\xfe\0\6eins\xff\xfe\0\6zwei", FALSE,
            "of 2 comments the first alone is carried over"),
        ROW("\xff\xed\0\x1ePhotoshop 3.0\0"
            "8BIM\7\xd0\0\0\0\0\0\2ab",
            FALSE, "Photoshop's paths are not carried over"),
        ROW("\xff\xed\0\x1ePhotoshop 3.0\0"
            "8BIM\4\6\0\0\0\0\0\2ab",
            FALSE, NULL),
        ROW("\0\0\0\x18"
            "ftypmp42 a video of some bytes",
            TRUE, "a video behind the picture's end (34 bytes) is not carried over"),
        ROW("\xff\xd8\xff\xe0 another picture", TRUE,
            "a further picture behind the picture's end (20 bytes) is not carried over"),
        ROW("\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0", TRUE, NULL),
#undef ROW
    };
    for (gsize i = 0; i < G_N_ELEMENTS(rows); i++) {
        g_autofree char *path = write_plain("a.jpg");
        insert(path, rows[i].behind ? -1 : 2, rows[i].bytes, rows[i].n);
        expect_note(path, "b.jpg", rows[i].note);
    }
}

// A comment of a JPEG stays one, or goes into EXIF where the new format has none.
static void test_comment(void)
{
    static const char comment[] = "\xff\xfe\0\6hier", *const names[] = {"c.jpg", "c.tif", "c.webp"};
    gexiv2_log_set_level(GEXIV2_LOG_LEVEL_MUTE);
    g_autofree char *path = write_plain("comment.jpg");
    insert(path, 2, comment, sizeof comment - 1);
    for (gsize i = 0; i < G_N_ELEMENTS(names); i++) {
        g_autofree char *to = in_folder(names[i]);
        g_autoptr(GPtrArray) notes = enlarge(path, to);
        g_assert_cmpuint(notes->len, ==, 0);
        g_autoptr(GExiv2Metadata) metadata = gexiv2_metadata_new();
        g_assert_true(gexiv2_metadata_open_path(metadata, to, NULL));
        g_autofree char *found = gexiv2_metadata_try_get_comment(metadata, NULL);
        g_assert_nonnull(found);
        g_assert_nonnull(strstr(found, "hier"));
    }
    expect_note(path, "c.exr", "its comment is not carried over");
}

static void test_gif_and_webp(void)
{
    static const char gif[] = "GIF89a\1\0\1\0\x80\0\0\0\0\0\xff\xff\xff!\xfe\5hallo\0"
                              "!\xff\13XMP DataXMP\3abc\0,\0\0\0\0\1\0\1\0\0\2\2D\1\0;";
    g_autofree char *path = in_folder("a.gif");
    g_assert_true(g_file_set_contents(path, gif, sizeof gif - 1, NULL));
    expect_note(path, "g.jpg", "extensions of the GIF are not carried over: XMP");
    g_autofree char *result = in_folder("g.jpg");
    g_autoptr(GExiv2Metadata) metadata = gexiv2_metadata_new();
    g_assert_true(gexiv2_metadata_open_path(metadata, result, NULL));
    g_autofree char *found = gexiv2_metadata_try_get_comment(metadata, NULL);
    g_assert_nonnull(found);
    g_assert_nonnull(strstr(found, "hallo"));
    g_autofree char *webp = write_plain("a.webp");
    expect_note(webp, "w.webp", NULL);
    insert(webp, -1, "ABCD\4\0\0\0abcd", 12);
    expect_note(webp, "w.webp", "WebP chunks that are not carried over: ABCD");
    // IPTC has no place in WebP.
    g_autofree char *jpg = write_plain("iptc.jpg");
    g_autoptr(GExiv2Metadata) iptc = gexiv2_metadata_new();
    g_assert_true(gexiv2_metadata_open_path(iptc, jpg, NULL));
    gexiv2_metadata_try_set_tag_string(iptc, "Iptc.Application2.Byline", "me", NULL);
    g_assert_true(gexiv2_metadata_save_file(iptc, jpg, NULL));
    expect_note(jpg, "i.jpg", NULL);
    expect_note(jpg, "i.webp", "IPTC data is not carried over: WebP has no place for it");
}

// A map's pixels are smaller on the earth when there are more of them.
static void test_map(void)
{
    static const TIFFFieldInfo fields[] = {
        {33550, -1, -1, TIFF_DOUBLE, FIELD_CUSTOM, TRUE, TRUE, "PixelScale"},
        {33922, -1, -1, TIFF_DOUBLE, FIELD_CUSTOM, TRUE, TRUE, "TiePoint"},
        {34264, -1, -1, TIFF_DOUBLE, FIELD_CUSTOM, TRUE, TRUE, "Transformation"},
        {34735, -1, -1, TIFF_SHORT, FIELD_CUSTOM, TRUE, TRUE, "GeoKeys"}};
    const double scale[3] = {10, 12, 0}, tie[6] = {3, 2, 0, 500000, 4000000, 0};
    const double matrix[16] = {10, 0, 0, 500, 0, -12, 0, 700, 0, 0, 0, 0, 0, 0, 0, 1};
    for (guint of_middles = 0; of_middles < 2; of_middles++) {
        const guint16 keys[8] = {1, 1, 0, 1, 1025, 0, 1, (guint16)(1 + of_middles)};
        g_autofree char *path = in_folder("map.tif"), *to = in_folder("map-new.tif");
        guint8 row[8] = {0};
        TIFF *tiff = TIFFOpen(path, "w");
        TIFFMergeFieldInfo(tiff, fields, G_N_ELEMENTS(fields));
        TIFFSetField(tiff, TIFFTAG_IMAGEWIDTH, 8);
        TIFFSetField(tiff, TIFFTAG_IMAGELENGTH, 6);
        TIFFSetField(tiff, TIFFTAG_BITSPERSAMPLE, 8);
        TIFFSetField(tiff, TIFFTAG_PHOTOMETRIC, PHOTOMETRIC_MINISBLACK);
        TIFFSetField(tiff, TIFFTAG_IMAGEDESCRIPTION,
                     of_middles ? "{\"shape\": [6, 8]}" : "{\"shape\": [6, 8], \"x\": 1}");
        TIFFSetField(tiff, 33550, 3, scale);
        TIFFSetField(tiff, 33922, 6, tie);
        TIFFSetField(tiff, 34264, 16, matrix);
        TIFFSetField(tiff, 34735, 8, keys);
        for (guint y = 0; y < 6; y++)
            TIFFWriteScanline(tiff, row, y, 0);
        TIFFClose(tiff);
        g_autoptr(GPtrArray) notes = enlarge(path, to);
        g_assert_cmpuint(notes->len, ==, of_middles ? 0 : 1);
        if (!of_middles)
            g_assert_cmpstr(
                notes->pdata[0], ==,
                "its description, which tells tifffile the old size, is not carried over");
        g_autoptr(GExiv2Metadata) metadata = gexiv2_metadata_new();
        g_assert_true(gexiv2_metadata_open_path(metadata, to, NULL));
        g_autofree char *a =
            gexiv2_metadata_try_get_tag_string(metadata, "Exif.Image.0x830e", NULL);
        g_autofree char *b =
            gexiv2_metadata_try_get_tag_string(metadata, "Exif.Image.0x8482", NULL);
        g_autofree char *c =
            gexiv2_metadata_try_get_tag_string(metadata, "Exif.Image.0x85d8", NULL);
        g_assert_cmpstr(a, ==, "5 4 0");
        g_assert_cmpstr(b, ==, of_middles ? "6.5 7 0 500000 4000000 0" : "6 6 0 500000 4000000 0");
        g_assert_cmpstr(c, ==,
                        of_middles ? "5 0 0 497.5 0 -4 0 704 0 0 0 0 0 0 0 1"
                                   : "5 0 0 500 0 -4 0 700 0 0 0 0 0 0 0 1");
    }
}

int main(int argc, char **argv)
{
    folder_begin(&argc, &argv, TRUE);
    g_test_add_func("/leftover/jpeg", test_jpeg);
    g_test_add_func("/leftover/comment", test_comment);
    g_test_add_func("/leftover/gif-and-webp", test_gif_and_webp);
    g_test_add_func("/leftover/map", test_map);
    return folder_run();
}
