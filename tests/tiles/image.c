// SPDX-License-Identifier: LGPL-3.0-or-later
// Picture files: formats, depths, profiles and metadata come through; damaged files are refused
// with a message that names them, and without a word on the terminal.
#include "folder.h"

#include <container.h>
#include <gan/image.h>
#include <tags.h>

#include <glib/gstdio.h>
#include <math.h>
#include <string.h>
#include <unistd.h>

static GeglBuffer *picture(const Babl *format)
{
    GeglBuffer *buffer = gegl_buffer_new(GEGL_RECTANGLE(0, 0, 45, 31), format);
    for (gint y = 0; y < 31; y++) {
        for (gint x = 0; x < 45; x++) {
            const float pixel[4] = {(float)x / 44, (float)y / 30, (float)(x + y) / 74,
                                    1.0f - (float)(x * y % 7) / 8};
            gegl_buffer_set(buffer, GEGL_RECTANGLE(x, y, 1, 1), 0,
                            babl_format_with_space("R'G'B'A float", babl_format_get_space(format)),
                            pixel, GEGL_AUTO_ROWSTRIDE);
        }
    }
    return buffer;
}

static void save(GeglBuffer *buffer, const char *path, const char *source)
{
    g_autoptr(GError) error = NULL;
    const GanImageSaveOptions options = {.metadata = source};
    g_assert_true(gan_image_save(buffer, path, &options, &error));
    g_assert_no_error(error);
}

static GeglBuffer *load(const char *path, GPtrArray *notes)
{
    g_autoptr(GError) error = NULL;
    GeglBuffer *buffer = gan_image_load(path, notes, &error);
    g_assert_no_error(error);
    return buffer;
}

static GBytes *profile_of(const char *path)
{
    g_autoptr(GMappedFile) map = g_mapped_file_new(path, FALSE, NULL);
    const guint8 *data = (const guint8 *)g_mapped_file_get_contents(map);
    const gsize length = g_mapped_file_get_length(map);
    return gan_container_profile(gan_container_kind(data, length), data, length);
}

static double difference(GeglBuffer *a, GeglBuffer *b)
{
    // Numbers are compared where the files keep them: in each picture's own space.
    const gboolean linear =
        strchr(babl_format_get_encoding(gegl_buffer_get_format(b)), '\'') == NULL;
    const char *encoding = "R'G'B'A float";
    const Babl *space_a = linear ? NULL : babl_format_get_space(gegl_buffer_get_format(a));
    const Babl *space_b = linear ? NULL : babl_format_get_space(gegl_buffer_get_format(b));
    g_autofree float *pa = g_new(float, 45 * 31 * 4), *pb = g_new(float, 45 * 31 * 4);
    g_assert_cmpint(gegl_buffer_get_width(b), ==, 45);
    g_assert_cmpint(gegl_buffer_get_height(b), ==, 31);
    gegl_buffer_get(a, NULL, 1.0, babl_format_with_space(encoding, space_a), pa,
                    GEGL_AUTO_ROWSTRIDE, GEGL_ABYSS_NONE);
    gegl_buffer_get(b, NULL, 1.0, babl_format_with_space(encoding, space_b), pb,
                    GEGL_AUTO_ROWSTRIDE, GEGL_ABYSS_NONE);
    double most = 0.0;
    for (gsize i = 0; i < 45 * 31 * 4; i++)
        most = MAX(most, fabs((double)pa[i] - pb[i]));
    return most;
}

// Whether the stored numbers are the same, bit by bit.
static gboolean equal_numbers(GeglBuffer *a, GeglBuffer *b)
{
    const Babl *fa = gegl_buffer_get_format(a), *fb = gegl_buffer_get_format(b);
    const gsize n = 45 * 31 * (gsize)babl_format_get_bytes_per_pixel(fa);
    if (!g_str_equal(babl_format_get_encoding(fa), babl_format_get_encoding(fb)))
        return FALSE;
    g_autofree guint8 *pa = g_malloc(n), *pb = g_malloc(n);
    gegl_buffer_get(a, NULL, 1.0, fa, pa, GEGL_AUTO_ROWSTRIDE, GEGL_ABYSS_NONE);
    gegl_buffer_get(b, NULL, 1.0, fb, pb, GEGL_AUTO_ROWSTRIDE, GEGL_ABYSS_NONE);
    return memcmp(pa, pb, n) == 0;
}

// Format and depth of the file that a buffer is saved as and loaded from again.
static void test_depth_and_profile(void)
{
    static const struct {
        const char *extension, *encoding, *back;
        double within;
    } rows[] = {
        {"png", "R'G'B' u8", "R'G'B' u8", 0},
        {"png", "R'G'B'A u8", "R'G'B'A u8", 0},
        {"png", "R'G'B' u16", "R'G'B' u16", 0},
        {"png", "R'G'B'A u16", "R'G'B'A u16", 0},
        {"png", "Y' u8", "Y' u8", 0},
        {"png", "Y' u16", "Y' u16", 0},
        {"png", "Y'A u16", "Y'A u16", 0},
        // Babl takes the fastest conversion within its tolerance; its timing decides which one.
        {"png", "R'G'B' float", "R'G'B' u16", 2e-4},
        {"tif", "R'G'B' u8", "R'G'B' u8", 0},
        {"tiff", "R'G'B'A u16", "R'G'B'A u16", 0},
        {"tif", "R'G'B' float", "R'G'B' float", 0},
        {"tif", "R'G'B' half", "R'G'B' half", 0},
        {"tif", "Y' u16", "Y' u16", 0},
        {"tif", "Y'A u8", "Y'A u8", 0},
        {"jpg", "R'G'B' u8", "R'G'B' u8", 0.06},
        {"jpeg", "Y' u8", "Y' u8", 0.03},
        {"jpg", "R'G'B' u16", "R'G'B' u8", 0.06},
        {"webp", "R'G'B' u8", "R'G'B' u8", 0.2},
        {"webp", "R'G'B'A u8", "R'G'B'A u8", 0.4},
        {"exr", "RGB float", "RGB float", 2e-3},
        {"exr", "RGBA half", "RGBA float", 2e-3},
    };
    static const char *const spaces[] = {"sRGB", "Adobish", "ProPhoto"};
    for (guint s = 0; s < G_N_ELEMENTS(spaces); s++) {
        for (guint i = 0; i < G_N_ELEMENTS(rows); i++) {
            const Babl *space = babl_space(spaces[s]);
            const Babl *format = babl_format_with_space(rows[i].encoding, space);
            g_autofree char *name = g_strconcat("a.", rows[i].extension, NULL);
            g_autofree char *path = in_folder(name);
            g_autoptr(GeglBuffer) before = picture(format);
            save(before, path, NULL);
            g_autoptr(GPtrArray) notes = g_ptr_array_new_with_free_func(g_free);
            g_autoptr(GeglBuffer) after = load(path, notes);
            g_assert_cmpuint(notes->len, ==, 0);
            const Babl *found = gegl_buffer_get_format(after);
            const gboolean exr = g_str_equal(rows[i].extension, "exr");
            g_test_message("%s %s %s: %s, %g", spaces[s], rows[i].encoding, name,
                           babl_get_name(found), difference(before, after));
            if (!exr)
                g_assert_cmpstr(babl_format_get_encoding(found), ==, rows[i].back);
            // A wide space spreads the error of lossy files.
            if (rows[i].within > 0)
                g_assert_cmpfloat(difference(before, after), <=, rows[i].within * (s > 0 ? 3 : 1));
            else
                g_assert_true(equal_numbers(before, after));
            g_autoptr(GBytes) profile = profile_of(path);
            g_assert_true(exr || (profile != NULL) == (s > 0));
        }
    }
}

// A profile of the smallest size that has a table (A2B0) and no matrix, of a kind that nobody knows.
static GBytes *table_profile(const char *colours)
{
    GByteArray *icc = g_byte_array_new();
    const guint table_at = 128 + 4 + 12, table = 48 + 768 + 24 + 768;
    g_byte_array_set_size(icc, table_at + table);
    memset(icc->data, 0, icc->len);
    guint8 *p = icc->data;
    const guint numbers[][2] = {
        {0, icc->len}, {8, 0x02400000}, {128, 1}, {136, table_at}, {140, table}};
    for (guint i = 0; i < G_N_ELEMENTS(numbers); i++) {
        for (guint k = 0; k < 4; k++)
            p[numbers[i][0] + k] = (guint8)(numbers[i][1] >> (24 - 8 * k));
    }
    memcpy(p + 12, "mntr", 4);
    memcpy(p + 16, colours, 4);
    memcpy(p + 20, "XYZ ", 4);
    memcpy(p + 36, "acsp", 4);
    memcpy(p + 68, "\0\0\366\326\0\1\0\0\0\0\323\055", 12);
    memcpy(p + 132, "A2B0", 4);
    memcpy(p + table_at, "mft7", 4);
    p[table_at + 8] = p[table_at + 9] = 3;
    p[table_at + 10] = 2;
    p[table_at + 13] = p[table_at + 29] = p[table_at + 45] = 1;
    for (guint i = 0; i < 768; i++) {
        p[table_at + 48 + i] = (guint8)i;
        p[table_at + 48 + 768 + 24 + i] = (guint8)i;
    }
    return g_byte_array_free_to_bytes(icc);
}

static void test_strange_table_is_kept(void)
{
    static const char *const names[] = {"out.png", "out.jpg", "out.tif", "out.webp"};
    g_autoptr(GBytes) table = table_profile("RGB ");
    g_autofree char *source = in_folder("table.webp");
    g_autoptr(GeglBuffer) plain = picture(babl_format("R'G'B' u8"));
    save(plain, source, NULL);
    g_assert_true(gan_container_embed_webp(source, table, NULL));
    g_autoptr(GPtrArray) notes = g_ptr_array_new_with_free_func(g_free);
    g_autoptr(GeglBuffer) buffer = load(source, notes);
    g_assert_cmpuint(notes->len, ==, 1);
    g_assert_nonnull(strstr(notes->pdata[0], "is a table"));
    g_assert_true(babl_format_get_space(gegl_buffer_get_format(buffer)) == babl_space("sRGB"));
    for (guint i = 0; i < G_N_ELEMENTS(names); i++) {
        g_autofree char *path = in_folder(names[i]);
        save(buffer, path, source);
        g_autoptr(GBytes) kept = profile_of(path);
        g_assert_nonnull(kept);
        g_assert_true(g_bytes_equal(kept, table));
        // And once more, from the file just written.
        g_autofree char *again = in_folder("again.png");
        g_autoptr(GPtrArray) also = g_ptr_array_new_with_free_func(g_free);
        g_autoptr(GeglBuffer) second = load(path, also);
        g_assert_cmpuint(also->len, ==, 1);
        save(second, again, path);
        g_autoptr(GBytes) still = profile_of(again);
        g_assert_true(g_bytes_equal(still, table));
    }
}

static void test_matrix_profile_is_kept_byte_for_byte(void)
{
    static const char *const names[] = {"m.png", "m.jpg", "m.tif", "m.webp"};
    const Babl *format = babl_format_with_space("R'G'B' u16", babl_space("Adobish"));
    g_autoptr(GeglBuffer) first = picture(format);
    g_autofree char *source = in_folder("source.png");
    save(first, source, NULL);
    g_autoptr(GBytes) profile = profile_of(source);
    g_autoptr(GeglBuffer) buffer = load(source, NULL);
    for (guint i = 0; i < G_N_ELEMENTS(names); i++) {
        g_autofree char *path = in_folder(names[i]);
        save(buffer, path, source);
        g_autoptr(GBytes) kept = profile_of(path);
        g_assert_true(kept && g_bytes_equal(kept, profile));
    }
}

// A profile that says sRGB means the numbers that no profile means, but it stays.
static void test_srgb_profile_is_kept(void)
{
    static const char *const names[] = {"s.png", "s.jpg", "s.tif", "s.webp"};
    int length = 0;
    const char *icc = babl_space_get_icc(babl_space("sRGB"), &length);
    g_autoptr(GBytes) profile = g_bytes_new(icc, (gsize)length);
    g_autofree char *source = in_folder("srgb.webp");
    g_autoptr(GeglBuffer) plain = picture(babl_format("R'G'B' u8"));
    save(plain, source, NULL);
    g_assert_true(gan_container_embed_webp(source, profile, NULL));
    g_autoptr(GeglBuffer) buffer = load(source, NULL);
    for (guint i = 0; i < G_N_ELEMENTS(names); i++) {
        g_autofree char *path = in_folder(names[i]);
        save(buffer, path, source);
        g_autoptr(GBytes) kept = profile_of(path);
        g_assert_true(kept && g_bytes_equal(kept, profile));
    }
}

static void test_metadata_is_kept(void)
{
    static const char *const names[] = {"e.png", "e.jpg", "e.tif", "e.webp"};
    static const char *const tags[][2] = {{"Exif.Image.Artist", "Somebody"},
                                          {"Exif.Image.Orientation", "6"},
                                          {"Exif.Photo.PixelXDimension", "9999"},
                                          {"Xmp.dc.subject", "tree"},
                                          {"Exif.Photo.FNumber", "28/10"}};
    for (guint from = 0; from < G_N_ELEMENTS(names); from++) {
        g_autofree char *with = g_strconcat("source-", names[from], NULL);
        g_autofree char *source = in_folder(with);
        g_autoptr(GeglBuffer) buffer = picture(babl_format("R'G'B' u8"));
        save(buffer, source, NULL);
        g_autoptr(GExiv2Metadata) metadata = gexiv2_metadata_new();
        g_assert_true(gexiv2_metadata_open_path(metadata, source, NULL));
        for (guint t = 0; t < G_N_ELEMENTS(tags); t++)
            g_assert_true(
                gexiv2_metadata_try_set_tag_string(metadata, tags[t][0], tags[t][1], NULL));
        g_assert_true(gexiv2_metadata_save_file(metadata, source, NULL));
        for (guint i = 0; i < G_N_ELEMENTS(names); i++) {
            g_autofree char *path = in_folder(names[i]);
            save(buffer, path, source);
            g_autoptr(GExiv2Metadata) found = gexiv2_metadata_new();
            g_assert_true(gexiv2_metadata_open_path(found, path, NULL));
            for (guint t = 0; t < G_N_ELEMENTS(tags); t++) {
                g_autofree char *value =
                    gexiv2_metadata_try_get_tag_string(found, tags[t][0], NULL);
                const gboolean size = strstr(tags[t][0], "PixelX") != NULL;
                g_assert_cmpstr(value, ==, size ? "45" : tags[t][1]);
            }
            // The picture is as it was.
            g_autoptr(GeglBuffer) after = load(path, NULL);
            g_assert_cmpfloat(difference(buffer, after), <=, i == 1 || i == 3 ? 0.2 : 0);
        }
    }
}

static void expect_refusal(const char *path, GanError code)
{
    g_autoptr(GError) error = NULL;
    g_assert_null(gan_image_load(path, NULL, &error));
    g_assert_error(error, GAN_ERROR, (gint)code);
    g_assert_nonnull(strstr(error->message, path));
}

static void test_refuses_with_a_message(void)
{
    static const char *const names[] = {"whole.png", "whole.jpg", "whole.tif", "whole.webp",
                                        "whole.exr"};
    g_autofree char *missing = in_folder("missing.png"), *empty = in_folder("empty.jpg"),
                    *text = in_folder("text.png");
    expect_refusal(missing, GAN_ERROR_FILE);
    g_autofree char *folder = in_folder(NULL);
    expect_refusal(folder, GAN_ERROR_FILE);
    g_assert_true(g_file_set_contents(empty, "", 0, NULL));
    expect_refusal(empty, GAN_ERROR_FORMAT);
    g_assert_true(g_file_set_contents(text, "no picture", -1, NULL));
    expect_refusal(text, GAN_ERROR_FORMAT);
    g_autoptr(GeglBuffer) buffer = picture(babl_format("R'G'B' u8"));
    for (guint i = 0; i < G_N_ELEMENTS(names); i++) {
        g_autofree char *path = in_folder(names[i]), *data = NULL;
        gsize length;
        save(buffer, path, NULL);
        g_assert_true(g_file_get_contents(path, &data, &length, NULL));
        for (guint part = 1; part < 8; part++) {
            g_assert_true(g_file_set_contents(path, data, (gssize)(length * part / 8), NULL));
            expect_refusal(path, GAN_ERROR_FORMAT);
        }
    }
}

// Whatever single byte is wrong: a picture or an error, but no crash, and the process lives on.
static void test_survives_damage(void)
{
    static const char *const names[] = {"damaged.png", "damaged.jpg"};
    g_autoptr(GeglBuffer) buffer = picture(babl_format("R'G'B' u8"));
    for (guint i = 0; i < G_N_ELEMENTS(names); i++) {
        g_autofree char *path = in_folder(names[i]), *data = NULL;
        gsize length;
        save(buffer, path, NULL);
        g_assert_true(g_file_get_contents(path, &data, &length, NULL));
        for (guint k = 0; k < 300; k++) {
            g_autofree char *damaged = g_memdup2(data, length);
            damaged[g_test_rand_int_range(0, (gint)length)] ^= (char)g_test_rand_int_range(1, 256);
            g_assert_true(g_file_set_contents(path, damaged, (gssize)length, NULL));
            g_autoptr(GError) error = NULL;
            g_autoptr(GPtrArray) notes = g_ptr_array_new_with_free_func(g_free);
            g_autoptr(GeglBuffer) found = gan_image_load(path, notes, &error);
            g_assert_true(found || error);
        }
    }
}

static void test_saving_fails_cleanly(void)
{
    g_autoptr(GError) error = NULL;
    g_autoptr(GeglBuffer) buffer = picture(babl_format("R'G'B' u8"));
    g_autofree char *odd = in_folder("a.xyz"), *deep = in_folder("no/such/a.png"),
                    *none = in_folder("plain");
    g_assert_false(gan_image_can_save(odd));
    g_assert_true(gan_image_can_save("A.JPG"));
    g_assert_false(gan_image_save(buffer, odd, NULL, &error));
    g_assert_error(error, GAN_ERROR, GAN_ERROR_FORMAT);
    g_clear_error(&error);
    g_assert_false(gan_image_save(buffer, none, NULL, &error));
    g_assert_error(error, GAN_ERROR, GAN_ERROR_FORMAT);
    g_clear_error(&error);
    g_assert_false(gan_image_save(buffer, deep, NULL, &error));
    g_assert_error(error, GAN_ERROR, GAN_ERROR_FILE);
    g_clear_error(&error);
    g_autoptr(GeglBuffer) long_one =
        gegl_buffer_new(GEGL_RECTANGLE(0, 0, 20000, 1), babl_format("Y' u8"));
    g_autofree char *webp = in_folder("long.webp");
    g_assert_false(gan_image_save(long_one, webp, NULL, &error));
    g_assert_error(error, GAN_ERROR, GAN_ERROR_FORMAT);
    g_assert_nonnull(strstr(error->message, "16383"));
    g_clear_error(&error);
    // Not a folder's name in the way either; and nothing half-written is left anywhere.
    g_autofree char *taken = in_folder("taken.png");
    g_assert_cmpint(g_mkdir(taken, 0700), ==, 0);
    g_assert_false(gan_image_save(buffer, taken, NULL, &error));
    g_assert_error(error, GAN_ERROR, GAN_ERROR_FILE);
    g_autofree char *folder = in_folder(NULL);
    g_autoptr(GDir) dir = g_dir_open(folder, 0, NULL);
    const char *name;
    while ((name = g_dir_read_name(dir)))
        g_assert_false(g_str_has_prefix(name, "."));
}

static void test_transparent_becomes_white_in_jpeg(void)
{
    g_autoptr(GeglBuffer) buffer =
        gegl_buffer_new(GEGL_RECTANGLE(0, 0, 32, 32), babl_format("R'G'B'A u8"));
    g_autofree char *path = in_folder("flat.jpg");
    save(buffer, path, NULL);
    g_autoptr(GeglBuffer) after = load(path, NULL);
    guint8 pixel[3];
    gegl_buffer_get(after, GEGL_RECTANGLE(16, 16, 1, 1), 1.0, babl_format("R'G'B' u8"), pixel,
                    GEGL_AUTO_ROWSTRIDE, GEGL_ABYSS_NONE);
    g_assert_cmpuint(pixel[0] + pixel[1] + pixel[2], >=, 3 * 254);
}

int main(int argc, char **argv)
{
    // A program that touched no picture may call this as well.
    gan_image_exit();
    folder_begin(&argc, &argv, TRUE);
    gexiv2_log_set_level(GEXIV2_LOG_LEVEL_MUTE);
    g_test_add_func("/image/depth-and-profile-come-through", test_depth_and_profile);
    g_test_add_func("/image/strange-table-is-kept", test_strange_table_is_kept);
    g_test_add_func("/image/matrix-profile-is-kept", test_matrix_profile_is_kept_byte_for_byte);
    g_test_add_func("/image/srgb-profile-is-kept", test_srgb_profile_is_kept);
    g_test_add_func("/image/metadata-is-kept", test_metadata_is_kept);
    g_test_add_func("/image/refuses-with-a-message", test_refuses_with_a_message);
    g_test_add_func("/image/survives-damage", test_survives_damage);
    g_test_add_func("/image/saving-fails-cleanly", test_saving_fails_cleanly);
    g_test_add_func("/image/transparent-becomes-white-in-jpeg",
                    test_transparent_becomes_white_in_jpeg);
    return folder_run();
}
