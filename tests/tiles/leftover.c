// SPDX-License-Identifier: LGPL-3.0-or-later
// What a file holds beside its picture and its metadata is carried over, scaled, or named.
#define _GNU_SOURCE // memmem()
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
    if (notes->len != (wanted ? 1 : 0))
        g_error("%s: %u notes (%s), where there is to be: %s", from, notes->len,
                notes->len > 0 ? (const char *)notes->pdata[0] : "", wanted ? wanted : "none");
    if (!wanted)
        return;
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

#define CREDENTIALS                                                                                \
    "content credentials (C2PA), which hold for the old pixels, are not carried over"

// The boxes that formats made of them have beside the picture.
static void test_boxes(void)
{
#define ROW(name, bytes, note)                                                                     \
    {                                                                                              \
        name, bytes, sizeof(bytes) - 1, note                                                       \
    }
#define C2PA "\xd8\xfe\xc3\xd6\x1b\x0e\x48\x3c\x92\x97\x58\x28\x87\x7e\xc4\x81"
#define FREE "\0\0\0\1free\0\0\0\0\0\0\0\x12xx" // with a length of 64 bits
#define DAMAGED "a box (uuid) that is damaged or ends too early is not carried over"
    static const struct {
        const char *name, *bytes;
        gsize n;
        const char *note;
    } rows[] = {
        ROW("plain.avif", FREE, NULL),
        ROW("plain.avif", FREE "\0\0\0\0uuid" C2PA "manifest", CREDENTIALS),
        ROW("plain.avif", "\0\0\0\x0cmpvdabcd",
            "the video of the motion photo is not carried over"),
        ROW("plain.avif", "\0\0\0\x0cmoovabcd",
            "the sequence of frames beside the picture is not carried over"),
        ROW("plain.avif", "\0\0\0\x18uuid0123456789abcdef\0\0\0\x08\x01kla",
            "HEIF boxes that are not carried over: uuid, ?kla"),
        ROW("plain.avif",
            "\0\0\0\x70meta\0\0\0\0\0\0\0\x64iinf\0\0\0\0\0\3"
            "\0\0\0\x21infe\2\0\0\0\0\5\0\0mimea\0text/plain\0"
            "\0\0\0\x29infe\2\0\0\0\0\6\0\0mime\0application/rdf+xml\0"
            "\0\0\0\x10infe\2\0\0\0",
            "HEIF items that are not carried over: text/plain"),
        ROW("plain.avif",
            "\0\0\0\x2fmeta\0\0\0\0\0\0\0\x23iinf\0\0\0\0\0\1"
            "\0\0\0\x15infe\2\0\0\0\0\5\0\0tmap\0",
            "the gain map (HDR) is not carried over"),
        ROW("plain.avif",
            "\0\0\0\x2fmeta\0\0\0\0\0\0\0\x23iinf\0\0\0\0\0\1"
            "\0\0\0\x15infe\2\0\0\0\0\5\0\0rgan\0",
            "HEIF items that are not carried over: rgan"),
        ROW("plain.avif",
            "\0\0\0\x60meta\0\0\0\0\0\0\0\x54iprp\0\0\0\x4cipco"
            "\0\0\0\x10pasp\0\0\0\7\0\0\0\7\0\0\0\x10udes\0\0\0\0a\0b\0"
            "\0\0\0\x10pasp\0\0\0\1\0\0\0\2\0\0\0\x0c"
            "clliabcd\0\0\0\x08irot",
            "HEIF properties that are not carried over: udes, pasp, clli"),
        // The lengths of these are wrong.
        ROW("plain.avif", "\0\0\0\xffuuid" C2PA, DAMAGED),
        ROW("plain.avif", "\0\0\0\1uuid\xff\xff\xff\xff\xff\xff\xff\xff" C2PA, DAMAGED),
        ROW("plain.avif", "\0\0\0\7uuid" C2PA, DAMAGED),
        ROW("plain.avif", "\0\0\0\x0emeta\0\0\0\0\0\0", NULL),
        ROW("boxes.jxl", "", NULL),
        ROW("boxes.jxl", "\0\0\0\x20jumb\0\0\0\x18jumdc2pa\0\x11\0\x10\x80\0\0\xaa\0\x38\x9b\x71",
            CREDENTIALS),
        ROW("boxes.jxl", "\0\0\0\x14jumb\0\0\0\x0cjumdabcd",
            "JPEG XL boxes that are not carried over: jumb"),
        ROW("boxes.jxl", "\0\0\0\x0cjhgmabcd", "the gain map (HDR) is not carried over"),
        ROW("boxes.jxl",
            "\0\0\0\x0c"
            "brobjhgm",
            "the gain map (HDR) is not carried over"),
        ROW("plain.jp2",
            "\0\0\0\x18uuid\xb1\x4b\xf8\xbd\x08\x3d\x4b\x43\xa5\xae\x8c\xd7\xd5\xa6\xce\3",
            "the place on the earth (GeoJP2) is not carried over"),
        ROW("plain.jp2", "\0\0\0\x0cxml <a/>", "JPEG 2000 boxes that are not carried over: xml"),
    };
#undef ROW
#undef DAMAGED
#undef C2PA
#undef FREE
    static const char jxl[] = "\0\0\0\x0cJXL \r\n\x87\n\0\0\0\x14"
                              "ftypjxl \0\0\0\0jxl ";
    for (gsize i = 0; i < G_N_ELEMENTS(rows); i++) {
        g_autofree char *given =
            g_test_build_filename(G_TEST_DIST, "tiles", "pictures", rows[i].name, NULL);
        g_autofree char *path = in_folder(rows[i].name), *data = NULL;
        gsize length = sizeof jxl - 1;
        if (!g_str_has_prefix(rows[i].name, "boxes"))
            g_assert_true(g_file_get_contents(given, &data, &length, NULL));
        g_assert_true(g_file_set_contents(path, data ? data : jxl, (gssize)length, NULL));
        insert(path, -1, rows[i].bytes, rows[i].n);
        expect_note(path, "boxes.jpg", rows[i].note);
    }
}

// Content credentials are named in the same words in every format, and are not in the new file.
static void test_credentials(void)
{
    g_autofree char *png = write_plain("c2pa.png"), *webp = write_plain("c2pa.webp");
    insert(png, 33,
           "\0\0\0\4"
           "caBXabcd\0\0\0\0",
           16);
    expect_note(png, "c.png", CREDENTIALS);
    insert(webp, -1, "C2PA\4\0\0\0abcd", 12);
    expect_note(webp, "c.webp", CREDENTIALS);
    static const char gif[] = "GIF89a\1\0\1\0\x80\0\0\0\0\0\xff\xff\xff!\xff\13"
                              "C2PA_GIF\1\0\0\3abc\0"
                              ",\0\0\0\0\1\0\1\0\0\2\2D\1\0;";
    g_autofree char *of_gif = in_folder("c2pa.gif");
    g_assert_true(g_file_set_contents(of_gif, gif, sizeof gif - 1, NULL));
    expect_note(of_gif, "c.jpg", CREDENTIALS);
    static const TIFFFieldInfo fields[] = {
        {37724, -1, -1, TIFF_UNDEFINED, FIELD_CUSTOM, TRUE, TRUE, "Layers"},
        {52545, -1, -1, TIFF_UNDEFINED, FIELD_CUSTOM, TRUE, TRUE, "Credentials"},
        {65001, 1, 1, TIFF_SHORT, FIELD_CUSTOM, TRUE, FALSE, "Curve"}};
    static const char paths[] = "8BIM\7\xd0\0\0\0\0\0\2ab";
    g_autofree char *tif = in_folder("c2pa.tif"), *to = in_folder("c.tif");
    const guint8 row[8] = {0};
    TIFF *tiff = TIFFOpen(tif, "w");
    TIFFMergeFieldInfo(tiff, fields, G_N_ELEMENTS(fields));
    TIFFSetField(tiff, TIFFTAG_IMAGEWIDTH, 8);
    TIFFSetField(tiff, TIFFTAG_IMAGELENGTH, 1);
    TIFFSetField(tiff, TIFFTAG_BITSPERSAMPLE, 8);
    TIFFSetField(tiff, TIFFTAG_PHOTOMETRIC, PHOTOMETRIC_MINISBLACK);
    TIFFSetField(tiff, TIFFTAG_PHOTOSHOP, (guint32)sizeof paths - 1, paths);
    TIFFSetField(tiff, 37724, 12, "Adobe Photos");
    TIFFSetField(tiff, 52545, 12, "credentials.");
    TIFFSetField(tiff, 65001, 1);
    TIFFWriteScanline(tiff, (void *)row, 0, 0);
    TIFFClose(tiff);
    // A tag that libtiff does not write.
    const guint16 written[] = {65001, TIFF_SHORT}, grey_curve = 291;
    g_autofree char *data = NULL;
    gsize length;
    g_assert_true(g_file_get_contents(tif, &data, &length, NULL));
    char *at = memmem(data, length, written, sizeof written);
    g_assert_nonnull(at);
    memcpy(at, &grey_curve, sizeof grey_curve);
    g_assert_true(g_file_set_contents(tif, data, (gssize)length, NULL));
    g_autoptr(GPtrArray) notes = enlarge(tif, to);
    g_assert_cmpuint(notes->len, ==, 4);
    g_assert_cmpstr(notes->pdata[0], ==, CREDENTIALS);
    g_assert_cmpstr(notes->pdata[1], ==, "Photoshop's layers are not carried over");
    g_assert_cmpstr(notes->pdata[2], ==,
                    "its curve of greys (GrayResponseCurve) is neither used nor carried over");
    g_assert_cmpstr(notes->pdata[3], ==, "Photoshop's paths are not carried over");
    g_autoptr(GExiv2Metadata) metadata = gexiv2_metadata_new();
    g_assert_true(gexiv2_metadata_open_path(metadata, to, NULL));
    g_assert_false(gexiv2_metadata_try_has_tag(metadata, "Exif.Image.0xcd41", NULL));
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
    g_test_add_func("/leftover/boxes", test_boxes);
    g_test_add_func("/leftover/credentials", test_credentials);
    g_test_add_func("/leftover/map", test_map);
    return folder_run();
}
