// SPDX-License-Identifier: LGPL-3.0-or-later
// What numbers of picture files mean where that is not a matrix with curves: profiles that are tables,
// code points of HDR, grey; and pages that are held differently.
#include "folder.h"

#include <container.h>
#include <gan/image.h>
#include <tags.h>

#include <glib/gstdio.h>
#include <math.h>
#include <string.h>
#include <tiffio.h>

#define W 24
#define H 16

// Display P3's primaries to XYZ of D50, and back.
static const double to_xyz[3][3] = {{0.5151187, 0.2919778, 0.1571035},
                                    {0.2411892, 0.6922441, 0.0665668},
                                    {-0.0010505, 0.0418791, 0.7840713}};
static const double of_xyz[3][3] = {{2.4039840, -0.9899069, -0.3976415},
                                    {-0.8422229, 1.7988437, 0.0160354},
                                    {0.0482059, -0.0974068, 1.2740049}};
static const double d50[3] = {0.9642, 1.0, 0.8249};

static double light_of(double x)
{
    return x > 0.04045 ? pow((x + 0.055) / 1.055, 2.4) : x / 12.92;
}

static double number_of(double light)
{
    return light > 0.0031308 ? 1.055 * pow(light, 1 / 2.4) - 0.055 : 12.92 * light;
}

static void lab_of_number(const double number[3], double lab[3])
{
    double f[3];
    for (guint i = 0; i < 3; i++) {
        double sum = 0;
        for (guint c = 0; c < 3; c++)
            sum += to_xyz[i][c] * light_of(number[c]);
        const double t = sum / d50[i];
        f[i] = t > 216.0 / 24389 ? cbrt(t) : (24389.0 / 27 * t + 16) / 116;
    }
    lab[0] = 116 * f[1] - 16;
    lab[1] = 500 * (f[0] - f[1]);
    lab[2] = 200 * (f[1] - f[2]);
}

static void number_of_lab(const double lab[3], double number[3])
{
    const double y = (lab[0] + 16) / 116, f[3] = {y + lab[1] / 500, y, y - lab[2] / 200};
    double xyz[3];
    for (guint i = 0; i < 3; i++)
        xyz[i] = d50[i] * (f[i] > 6.0 / 29 ? pow(f[i], 3) : 3 * 36.0 / 841 * (f[i] - 4.0 / 29));
    for (guint c = 0; c < 3; c++) {
        double sum = 0;
        for (guint i = 0; i < 3; i++)
            sum += of_xyz[c][i] * xyz[i];
        number[c] = number_of(CLAMP(sum, 0.0, 1.0));
    }
}

static void append(GByteArray *to, guint64 x, guint n)
{
    for (guint i = n; i-- > 0;) {
        const guint8 byte = (guint8)(x >> (8 * i));
        g_byte_array_append(to, &byte, 1);
    }
}

static void append_word(GByteArray *to, const char *word)
{
    g_byte_array_append(to, (const guint8 *)word, 4);
}

// A table of 16 bits (lut16Type) over a grid of n points a channel.
static GByteArray *table_of(guint n, gboolean back)
{
    GByteArray *table = g_byte_array_new();
    append_word(table, "mft2");
    append(table, 0, 4);
    append(table, 3u << 24 | 3u << 16 | n << 8, 4);
    for (guint i = 0; i < 9; i++)
        append(table, i % 4 == 0 ? 65536 : 0, 4);
    append(table, 2u << 16 | 2, 4);
    for (guint c = 0; c < 3; c++)
        append(table, 65535, 4);
    for (guint i = 0; i < n * n * n; i++) {
        const guint place[3] = {i / n / n, i / n % n, i % n};
        double at[3];
        for (guint c = 0; c < 3; c++)
            at[c] = (double)place[c] / (n - 1);
        double out[3], lab[3];
        if (back) {
            lab[0] = at[0] * 65535 / 652.8;
            for (guint c = 1; c < 3; c++)
                lab[c] = at[c] * 65535 / 256 - 128;
            number_of_lab(lab, out);
        } else {
            lab_of_number(at, lab);
            out[0] = lab[0] * 652.8 / 65535;
            for (guint c = 1; c < 3; c++)
                out[c] = (lab[c] + 128) * 256 / 65535;
        }
        for (guint c = 0; c < 3; c++)
            append(table, (guint64)(CLAMP(out[c], 0.0, 1.0) * 65535 + 0.5), 2);
    }
    for (guint c = 0; c < 3; c++)
        append(table, 65535, 4);
    return table;
}

// A curve of two points: L* is the number.
static GByteArray *line(void)
{
    GByteArray *curve = g_byte_array_new();
    append_word(curve, "curv");
    append(curve, 0, 4);
    append(curve, 2, 4);
    append(curve, 65535, 4);
    return curve;
}

// A profile of version 2 that leads to Lab. Takes the tags' contents.
static GBytes *profile_of_tags(const char *colours, const char *const *names, GByteArray **tags,
                               guint n)
{
    GByteArray *icc = g_byte_array_new();
    gsize at = 128 + 4 + 12 * n, size = at;
    for (guint i = 0; i < n; i++)
        size += tags[i]->len;
    append(icc, size, 4);
    append(icc, 0, 4);
    append(icc, 0x02400000, 4);
    append_word(icc, "mntr");
    append_word(icc, colours);
    append_word(icc, "Lab ");
    g_byte_array_set_size(icc, 128);
    memset(icc->data + 24, 0, 104);
    memcpy(icc->data + 36, "acsp", 4);
    memcpy(icc->data + 68, "\0\0\366\326\0\1\0\0\0\0\323\055", 12);
    append(icc, n, 4);
    for (guint i = 0; i < n; i++) {
        append_word(icc, names[i]);
        append(icc, at, 4);
        append(icc, tags[i]->len, 4);
        at += tags[i]->len;
    }
    for (guint i = 0; i < n; i++) {
        g_byte_array_append(icc, tags[i]->data, tags[i]->len);
        g_byte_array_unref(tags[i]);
    }
    return g_byte_array_free_to_bytes(icc);
}

static GBytes *p3_table(gboolean back)
{
    static const char *const names[] = {"A2B0", "B2A0"};
    GByteArray *tags[] = {table_of(21, FALSE), back ? table_of(21, TRUE) : NULL};
    return profile_of_tags("RGB ", names, tags, back ? 2 : 1);
}

static gboolean has_lcms(void)
{
    for (guint i = 0; gan_image_without(i); i++) {
        if (g_str_has_prefix(gan_image_without(i), "LittleCMS"))
            return FALSE;
    }
    return TRUE;
}

static GBytes *read_profile(const char *path)
{
    g_autoptr(GMappedFile) map = g_mapped_file_new(path, FALSE, NULL);
    const guint8 *data = (const guint8 *)g_mapped_file_get_contents(map);
    const gsize length = g_mapped_file_get_length(map);
    return gan_container_profile(gan_container_kind(data, length), data, length);
}

static GeglBuffer *load(const char *path, GPtrArray *notes)
{
    g_autoptr(GError) error = NULL;
    GeglBuffer *buffer = gan_image_load(path, notes, &error);
    g_assert_no_error(error);
    return buffer;
}

static void save(GeglBuffer *buffer, const char *path, const char *source, guint page,
                 GPtrArray *notes)
{
    g_autoptr(GError) error = NULL;
    const GanImageSaveOptions options = {
        .metadata = source, .page = page, .notes = notes, .quality = 100};
    g_assert_true(gan_image_save(buffer, path, &options, &error));
    g_assert_no_error(error);
}

// Colours of all hues, none of them near black, where tables of Lab have few points.
static void fill(guint8 *numbers)
{
    for (guint i = 0; i < W * H; i++) {
        const guint hue = i % W / 4, strength = i / W / 4;
        for (guint c = 0; c < 3; c++)
            numbers[3 * i + c] =
                (guint8)((hue + 1) >> c & 1 ? 200 + 15 * strength : 170 - 40 * strength);
    }
}

static GeglBuffer *picture(const Babl *format, const guint8 *numbers)
{
    GeglBuffer *buffer = gegl_buffer_new(GEGL_RECTANGLE(0, 0, W, H), format);
    gegl_buffer_set(buffer, NULL, 0,
                    babl_format_with_space("R'G'B' u8", babl_format_get_space(format)), numbers,
                    GEGL_AUTO_ROWSTRIDE);
    return buffer;
}

static double farthest(GeglBuffer *a, GeglBuffer *b, const Babl *format)
{
    const gsize n = W * H * 3;
    g_autofree float *x = g_new(float, n), *y = g_new(float, n);
    const GeglRectangle area = {0, 0, W, H};
    gegl_buffer_get(a, &area, 1.0, format, x, GEGL_AUTO_ROWSTRIDE, GEGL_ABYSS_NONE);
    gegl_buffer_get(b, &area, 1.0, format, y, GEGL_AUTO_ROWSTRIDE, GEGL_ABYSS_NONE);
    double most = 0;
    for (gsize i = 0; i < n; i++)
        most = MAX(most, fabs((double)x[i] - (double)y[i]));
    return most;
}

// A picture whose numbers are Display P3's by a table has the colours of one with a matrix, in every
// format; it is written with its numbers where the table leads back, and else with its colours.
static void test_tables(void)
{
    static const char *const names[] = {"t.webp", "t.png", "t.tif", "t.jpg"};
    const Babl *curve = babl_trc("sRGB");
    const Babl *p3 = babl_space_from_chromaticities(NULL, 0.3127, 0.3290, 0.680, 0.320, 0.265,
                                                    0.690, 0.150, 0.060, curve, curve, curve, 0);
    const Babl *seen = babl_format_with_space("R'G'B' float", p3);
    guint8 numbers[W * H * 3];
    fill(numbers);
    g_autoptr(GeglBuffer) meant = picture(babl_format_with_space("R'G'B' u8", p3), numbers);
    g_autoptr(GeglBuffer) plain = picture(babl_format("R'G'B' u8"), numbers);
    g_autofree char *source = in_folder("source.webp");
    for (guint back = 0; back < 2; back++) {
        g_autoptr(GBytes) table = p3_table(back);
        g_autoptr(GPtrArray) notes = g_ptr_array_new_with_free_func(g_free);
        save(plain, source, NULL, 0, NULL);
        g_assert_true(gan_container_embed_webp(source, table, NULL));
        g_autoptr(GeglBuffer) first = load(source, notes);
        if (!has_lcms()) {
            g_assert_nonnull(strstr(notes->pdata[0], "is not used"));
            g_test_skip("built without LittleCMS");
            return;
        }
        g_assert_cmpuint(notes->len, ==, 0);
        g_assert_cmpfloat(farthest(first, meant, seen), <, 0.012); // of 255: 3
        for (guint i = 0; i < G_N_ELEMENTS(names); i++) {
            const double lossy = i == 3 ? 0.02 : 0.0;
            g_autofree char *path = in_folder(names[i]);
            g_autoptr(GPtrArray) said = g_ptr_array_new_with_free_func(g_free);
            save(first, path, source, 0, said);
            g_assert_cmpuint(said->len, ==, back ? 0 : 1);
            g_autoptr(GeglBuffer) again = load(path, NULL);
            g_assert_cmpfloat(farthest(again, meant, seen), <, 0.012 + lossy);
            g_autoptr(GBytes) kept = read_profile(path);
            g_assert_true(!back == (kept == NULL || !g_bytes_equal(kept, table)));
            if (!back) {
                g_assert_nonnull(strstr(said->pdata[0], "another profile"));
                continue;
            }
            // The numbers of the file: with the profile taken off.
            g_autofree char *bare = in_folder("bare.png");
            g_autoptr(GMappedFile) map = g_mapped_file_new(path, FALSE, NULL);
            if (i != 1)
                continue;
            g_autofree guint8 *data =
                g_memdup2(g_mapped_file_get_contents(map), g_mapped_file_get_length(map));
            const gsize n = g_mapped_file_get_length(map);
            g_assert_cmpuint(data[24], ==, 8);
            for (gsize at = 8; at + 4 < n; at++) {
                if (memcmp(data + at, "iCCP", 4) == 0)
                    data[at] = 'x'; // libpng passes over what it does not know
            }
            g_assert_true(g_file_set_contents(bare, (const char *)data, (gssize)n, NULL));
            g_autoptr(GError) error = NULL;
            g_autoptr(GeglBuffer) found = gan_image_load(bare, NULL, &error);
            g_assert_no_error(error);
            g_assert_cmpfloat(farthest(found, plain, babl_format("R'G'B' float")), <, 0.012);
        }
    }
}

// The space next to a table: its numbers are seen nearly as they look.
static void test_nearest_space(void)
{
    g_autoptr(GBytes) table = p3_table(FALSE);
    gsize n;
    const void *icc = g_bytes_get_data(table, &n);
    const Babl *space = gan_image_nearest_space(icc, n);
    if (!has_lcms()) {
        g_test_skip("built without LittleCMS");
        return;
    }
    guint8 numbers[W * H * 3];
    fill(numbers);
    g_autoptr(GeglBuffer) near = picture(babl_format_with_space("R'G'B' u8", space), numbers);
    const Babl *curve = babl_trc("sRGB");
    const Babl *p3 = babl_space_from_chromaticities(NULL, 0.3127, 0.3290, 0.680, 0.320, 0.265,
                                                    0.690, 0.150, 0.060, curve, curve, curve, 0);
    g_autoptr(GeglBuffer) meant = picture(babl_format_with_space("R'G'B' u8", p3), numbers);
    g_assert_cmpfloat(farthest(near, meant, babl_format_with_space("R'G'B' float", p3)), <, 0.02);
    g_assert_null(gan_image_nearest_space(icc, 200));
    int length = 0;
    const char *matrix = babl_space_get_icc(babl_space("Adobish"), &length);
    g_assert_null(gan_image_nearest_space(matrix, (gsize)length));
}

// Grey whose numbers are L*, which is not light.
static void test_grey_lightness(void)
{
    static const char *const names[] = {"kTRC"};
    GByteArray *tags[] = {line()};
    g_autoptr(GBytes) profile = profile_of_tags("GRAY", names, tags, 1);
    const guint8 half = 128;
    const GeglRectangle extent = {0, 0, W, H};
    g_autoptr(GeglBuffer) grey = gegl_buffer_new(&extent, babl_format("Y' u8"));
    gegl_buffer_set_color_from_pixel(grey, &extent, &half, babl_format("Y' u8"));
    g_autofree char *path = in_folder("lightness.tif"), *to = in_folder("lightness.png");
    save(grey, path, NULL, 0, NULL);
    TIFF *tiff = TIFFOpen(path, "r+");
    TIFFSetField(tiff, TIFFTAG_ICCPROFILE, (guint32)g_bytes_get_size(profile),
                 g_bytes_get_data(profile, NULL));
    TIFFRewriteDirectory(tiff);
    TIFFClose(tiff);
    g_autoptr(GPtrArray) notes = g_ptr_array_new_with_free_func(g_free);
    g_autoptr(GeglBuffer) read = load(path, notes);
    if (!has_lcms()) {
        g_test_skip("built without LittleCMS");
        return;
    }
    g_assert_cmpuint(notes->len, ==, 0);
    float light = 0;
    gegl_buffer_get(read, GEGL_RECTANGLE(3, 3, 1, 1), 1.0, babl_format("Y float"), &light,
                    GEGL_AUTO_ROWSTRIDE, GEGL_ABYSS_NONE);
    g_assert_cmpfloat_with_epsilon(light, 0.18592f, 1e-3f); // L* is 50.196
    save(read, to, path, 0, notes);
    g_assert_cmpuint(notes->len, ==, 0);
    g_autoptr(GBytes) kept = read_profile(to);
    g_assert_true(kept && g_bytes_equal(kept, profile));
    g_autofree char *data = NULL;
    g_assert_true(g_file_get_contents(to, &data, NULL, NULL));
    g_assert_cmpuint((guint8)data[24], ==, 8);
}

static char *tag(GExiv2Metadata *metadata, const char *name)
{
    return gexiv2_metadata_try_get_tag_string(metadata, name, NULL);
}

static void expect_pixel(GeglBuffer *buffer, const char *format, const double wanted[3],
                         double within)
{
    double found[3];
    gegl_buffer_get(buffer, GEGL_RECTANGLE(9, 9, 1, 1), 1.0, babl_format(format), found,
                    GEGL_AUTO_ROWSTRIDE, GEGL_ABYSS_NONE);
    for (guint c = 0; c < 3; c++)
        g_assert_cmpfloat_with_epsilon(found[c], wanted[c], within);
}

// What a PNG file states by cICP: name and four bytes; NULL: nothing.
static const char *stated(const char *data, gsize length)
{
    for (gsize at = 8; at + 8 < length; at++) {
        if (memcmp(data + at, "cICP", 4) == 0)
            return data + at;
    }
    return NULL;
}

// Files of one colour, 150, 100, 60 of 255, with code points, EXIF and XMP.
static void test_code_points(void)
{
    static const struct {
        const char *name;
        double light[3]; // of sRGB
        const char *chunk;
    } rows[] = {{"pq.avif", {1.6969, 0.0321, -0.0112}, "cICP\011\020\0\001"},
                {"pq.jxl", {1.6969, 0.0321, -0.0112}, "cICP\011\020\0\001"},
                {"p3.avif", {0.3449, 0.1200, 0.0336}, NULL}};
    static const double numbers[3] = {150 / 255.0, 100 / 255.0, 60 / 255.0};
    g_autofree char *png = in_folder("points.png"), *exr = in_folder("points.exr"),
                    *tif = in_folder("points.tif"), *jpeg = in_folder("points.jpg");
    for (guint i = 0; i < G_N_ELEMENTS(rows); i++) {
        g_autofree char *path =
            g_test_build_filename(G_TEST_DIST, "tiles", "pictures", rows[i].name, NULL);
        if (gan_image_name(path) != GAN_IMAGE_NAME_READ)
            continue; // this build has no part for it
        g_autoptr(GPtrArray) notes = g_ptr_array_new_with_free_func(g_free);
        g_autoptr(GeglBuffer) buffer = load(path, notes);
        g_assert_cmpuint(notes->len, ==, 0);
        if (rows[i].chunk) // numbers as they are
            expect_pixel(buffer, "R'G'B' double", numbers, 4e-3);
        else
            expect_pixel(buffer, "RGB double", rows[i].light, 4e-3);
        save(buffer, png, path, 0, notes);
        save(buffer, exr, path, 0, NULL);
        g_autoptr(GeglBuffer) light = load(exr, NULL);
        expect_pixel(light, "RGB double", rows[i].light, 0.03);
        g_autofree char *data = NULL;
        gsize length;
        g_assert_true(g_file_get_contents(png, &data, &length, NULL));
        const char *at = stated(data, length);
        g_assert_true(!rows[i].chunk == !at);
        g_assert_true(!at || memcmp(at, rows[i].chunk, 8) == 0);
        // By a profile that names the code points the numbers stay what they are.
        save(buffer, tif, path, 0, NULL);
        g_autoptr(GeglBuffer) by_profile = load(tif, NULL);
        g_assert_cmpfloat(farthest(by_profile, buffer, babl_format("R'G'B' float")), <, 2e-3);
        g_autoptr(GBytes) first = read_profile(tif), second = NULL;
        if (!has_lcms())
            continue;
        g_assert_nonnull(first);
        save(by_profile, jpeg, tif, 0, NULL);
        second = read_profile(jpeg);
        g_assert_true(g_bytes_equal(first, second));
        save(by_profile, png, tif, 0, NULL);
        g_autofree char *also = NULL;
        g_assert_true(g_file_get_contents(png, &also, &length, NULL));
        g_assert_true(!rows[i].chunk == !stated(also, length));
    }
}

static void test_boxes(void)
{
    g_autofree char *path =
                        g_test_build_filename(G_TEST_DIST, "tiles", "pictures", "pq.avif", NULL),
                    *to = in_folder("boxes.jpg");
    if (gan_image_name(path) != GAN_IMAGE_NAME_READ) {
        g_test_skip("this build does not read AVIF");
        return;
    }
    g_autoptr(GeglBuffer) buffer = load(path, NULL);
    g_assert_cmpint(gegl_buffer_get_width(buffer), ==, 48); // turned as the file says
    g_assert_cmpuint(gan_image_orientation(path, 0), ==, 1);
    save(buffer, to, path, 0, NULL);
    g_autoptr(GExiv2Metadata) metadata = gexiv2_metadata_new();
    g_assert_true(gexiv2_metadata_open_path(metadata, to, NULL));
    static const char *const wanted[][2] = {{"Exif.Image.Artist", "Me"},
                                            {"Exif.Image.Orientation", "1"},
                                            {"Exif.Image.XResolution", "300/1"},
                                            {"Xmp.dc.title", "lang=\"x-default\" Hello"}};
    for (guint i = 0; i < G_N_ELEMENTS(wanted); i++) {
        g_autofree char *found = tag(metadata, wanted[i][0]);
        g_assert_cmpstr(found, ==, wanted[i][1]);
    }
}

// Grey in a space of colours gets a profile for grey where there is one, and its light stays.
static void test_grey_profile(void)
{
    static const char *const names[] = {"g.png", "g.jpg", "g.tif", "g.webp"};
    const Babl *spaces[] = {babl_space("Adobish"), babl_space("ProPhoto"), babl_space("Rec2020"),
                            babl_space_with_trc(babl_space("Apple"), babl_trc("sRGB"))};
    const GeglRectangle extent = {0, 0, W, H};
    for (guint s = 0; s < G_N_ELEMENTS(spaces); s++) {
        const Babl *format = babl_format_with_space("Y' u8", spaces[s]);
        const guint8 number = 90;
        g_autoptr(GeglBuffer) grey = gegl_buffer_new(&extent, format);
        gegl_buffer_set_color_from_pixel(grey, &extent, &number, format);
        // A source whose profile is for colours.
        g_autofree char *source = in_folder("colours.png");
        g_autoptr(GeglBuffer) colours =
            gegl_buffer_new(&extent, babl_format_with_space("R'G'B' u8", spaces[s]));
        gegl_buffer_copy(grey, NULL, GEGL_ABYSS_NONE, colours, NULL);
        save(colours, source, NULL, 0, NULL);
        for (guint i = 0; i < G_N_ELEMENTS(names); i++) {
            g_autofree char *path = in_folder(names[i]);
            save(grey, path, source, 0, NULL);
            g_autoptr(GBytes) profile = read_profile(path);
            const char *head = profile ? g_bytes_get_data(profile, NULL) : NULL;
            if (!has_lcms()) {
                g_test_skip("built without LittleCMS");
                return;
            }
            g_assert_true(!head || memcmp(head + 16, i < 3 ? "GRAY" : "RGB ", 4) == 0);
            g_autoptr(GeglBuffer) again = load(path, NULL);
            g_assert_cmpfloat(farthest(again, grey, babl_format("R'G'B' float")), <, 4e-3);
        }
    }
}

// Two pages that are held differently.
static void test_pages(void)
{
    g_autofree char *path = in_folder("pages.tif");
    const guint16 orientations[] = {1, 6, 3};
    TIFF *tiff = TIFFOpen(path, "w");
    guint8 row[W] = {0};
    for (guint p = 0; p < G_N_ELEMENTS(orientations); p++) {
        TIFFSetField(tiff, TIFFTAG_IMAGEWIDTH, W);
        TIFFSetField(tiff, TIFFTAG_IMAGELENGTH, H);
        TIFFSetField(tiff, TIFFTAG_BITSPERSAMPLE, 8);
        TIFFSetField(tiff, TIFFTAG_SAMPLESPERPIXEL, 1);
        TIFFSetField(tiff, TIFFTAG_PHOTOMETRIC, PHOTOMETRIC_MINISBLACK);
        if (p > 0)
            TIFFSetField(tiff, TIFFTAG_ORIENTATION, orientations[p]);
        for (guint y = 0; y < H; y++)
            TIFFWriteScanline(tiff, row, y, 0);
        TIFFWriteDirectory(tiff);
    }
    TIFFClose(tiff);
    static const char *const names[] = {"page.png", "page.jpg", "page.tif", "page.webp"};
    for (guint p = 0; p < G_N_ELEMENTS(orientations); p++) {
        g_autoptr(GError) error = NULL;
        g_autoptr(GeglBuffer) buffer = gan_image_load_page(path, p + 1, NULL, &error);
        g_assert_no_error(error);
        g_assert_cmpuint(gan_image_orientation(path, p + 1), ==, orientations[p]);
        for (guint i = 0; i < G_N_ELEMENTS(names); i++) {
            g_autofree char *to = in_folder(names[i]);
            save(buffer, to, path, p + 1, NULL);
            g_assert_cmpuint(gan_image_orientation(to, 0), ==, orientations[p]);
        }
    }
}

int main(int argc, char **argv)
{
    folder_begin(&argc, &argv, TRUE);
    g_test_add_func("/profiles/tables", test_tables);
    g_test_add_func("/profiles/space-next-to-a-table", test_nearest_space);
    g_test_add_func("/profiles/grey-lightness", test_grey_lightness);
    g_test_add_func("/profiles/code-points", test_code_points);
    g_test_add_func("/profiles/boxes-of-metadata", test_boxes);
    g_test_add_func("/profiles/grey-in-a-space-of-colours", test_grey_profile);
    g_test_add_func("/profiles/pages-are-held-differently", test_pages);
    return folder_run();
}
