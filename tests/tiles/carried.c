// SPDX-License-Identifier: LGPL-3.0-or-later
// What goes from one picture file into the next beside its pixels.
#include "folder.h"

#include <gan/image.h>

#include "container.h"
#include "pngtext.h"
#include <glib/gstdio.h>
#include <math.h>
#include <string.h>

// CRC-32 of PNG, bit by bit.
static guint32 crc(const guint8 *data, gsize length)
{
    guint32 x = 0xffffffff;
    for (gsize i = 0; i < length; i++) {
        x ^= data[i];
        for (guint k = 0; k < 8; k++)
            x = x >> 1 ^ (x & 1 ? 0xedb88320 : 0);
    }
    return ~x;
}

static void append32(GByteArray *to, guint32 x)
{
    const guint8 bytes[4] = {(guint8)(x >> 24), (guint8)(x >> 16), (guint8)(x >> 8), (guint8)x};
    g_byte_array_append(to, bytes, 4);
}

typedef struct {
    const char *name, *data;
    gsize length;
} Part;

#define PART(name, text)                                                                           \
    {                                                                                              \
        name, text, sizeof(text) - 1                                                               \
    }

static void append_part(GByteArray *to, const Part *part)
{
    append32(to, (guint32)part->length);
    const guint at = to->len;
    g_byte_array_append(to, (const guint8 *)part->name, 4);
    g_byte_array_append(to, (const guint8 *)part->data, (guint)part->length);
    append32(to, crc(to->data + at, part->length + 4));
}

// Writes a PNG file of one colour, with these parts and no other statement on colours.
static void write_png(const char *path, const guint16 colour[3], const Part *parts, guint n_parts,
                      gboolean at_end)
{
    static const char *const own[] = {"sRGB", "gAMA", "cHRM"};
    const GeglRectangle extent = {0, 0, 6, 4};
    g_autoptr(GeglBuffer) buffer = gegl_buffer_new(&extent, babl_format("R'G'B' u16"));
    gegl_buffer_set_color_from_pixel(buffer, &extent, colour, babl_format("R'G'B' u16"));
    g_assert_true(gan_image_save(buffer, path, NULL, NULL));
    g_autofree char *data = NULL;
    gsize length, at = 8;
    g_assert_true(g_file_get_contents(path, &data, &length, NULL));
    g_autoptr(GByteArray) all = g_byte_array_new();
    g_byte_array_append(all, (const guint8 *)data, 8);
    GanChunk chunk;
    while (gan_png_next((const guint8 *)data, length, &at, &chunk)) {
        gboolean drop = FALSE;
        for (guint i = 0; i < G_N_ELEMENTS(own); i++)
            drop = drop || memcmp(chunk.name, own[i], 4) == 0;
        const gboolean here = memcmp(chunk.name, at_end ? "IEND" : "IDAT", 4) == 0;
        for (guint i = 0; here && i < n_parts; i++)
            append_part(all, &parts[i]);
        if (!drop)
            g_byte_array_append(all, chunk.whole, (guint)chunk.whole_length);
    }
    g_assert_true(g_file_set_contents(path, (const char *)all->data, (gssize)all->len, NULL));
}

// Claims that the file has the part exactly once, with these contents.
static void expect_part(const char *path, const Part *part)
{
    g_autofree char *data = NULL;
    gsize length, at = 8;
    guint n = 0;
    g_assert_true(g_file_get_contents(path, &data, &length, NULL));
    GanChunk chunk;
    while (gan_png_next((const guint8 *)data, length, &at, &chunk)) {
        if (memcmp(chunk.name, part->name, 4) != 0 || chunk.length != part->length)
            continue;
        n += memcmp(chunk.data, part->data, part->length) == 0;
    }
    g_assert_cmpuint(n, ==, 1);
}

static GPtrArray *copy(const char *from, const char *to)
{
    g_autoptr(GError) error = NULL;
    GPtrArray *notes = g_ptr_array_new_with_free_func(g_free);
    g_autoptr(GeglBuffer) buffer = gan_image_load(from, notes, &error);
    g_assert_no_error(error);
    const GanImageSaveOptions options = {.metadata = from, .notes = notes};
    gan_image_save(buffer, to, &options, &error);
    g_assert_no_error(error);
    return notes;
}

static void expect_light(const char *path, const float wanted[3], double limit)
{
    g_autoptr(GError) error = NULL;
    g_autoptr(GeglBuffer) buffer = gan_image_load(path, NULL, &error);
    g_assert_no_error(error);
    float light[3];
    gegl_buffer_get(buffer, GEGL_RECTANGLE(0, 0, 1, 1), 1.0, babl_format("RGB float"), light,
                    GEGL_AUTO_ROWSTRIDE, GEGL_ABYSS_NONE);
    for (guint c = 0; c < 3; c++)
        g_assert_cmpfloat_with_epsilon(light[c], wanted[c], limit);
}

static gboolean has_note(GPtrArray *notes, const char *text)
{
    for (guint i = 0; i < notes->len; i++) {
        if (strstr(notes->pdata[i], text))
            return TRUE;
    }
    return FALSE;
}

static void test_png_colours(void)
{
    static const char chrm_2020[] =
        "\000\000\172\046\000\000\200\204\000\001\024\220\000\000\162\020"
        "\000\000\102\150\000\001\067\124\000\000\063\054\000\000\021\370";
    static const struct {
        Part parts[3];
        guint n_parts;
        guint16 colour[3];
        float light[3]; // of sRGB
    } cases[] = {
        // Display P3's red, and grey of half the range.
        {{PART("cICP", "\014\015\000\001")}, 1, {65535, 0, 0}, {1.2249f, -0.0420f, -0.0196f}},
        {{PART("cICP", "\014\015\000\001")}, 1, {32768, 32768, 32768}, {0.2140f, 0.2140f, 0.2140f}},
        // BT.2020's green by cHRM alone, and by cICP over chunks that say otherwise.
        {{{"cHRM", chrm_2020, 32}}, 1, {0, 65535, 0}, {-0.5877f, 1.1329f, -0.1006f}},
        {{PART("cICP", "\011\015\000\001"), PART("sRGB", "\000"), PART("gAMA", "\000\001\206\240")},
         3,
         {0, 65535, 0},
         {-0.5877f, 1.1329f, -0.1006f}},
        {{PART("cICP", "\001\010\000\001")}, 1, {32768, 32768, 0}, {0.5f, 0.5f, 0}},
        {{PART("gAMA", "\000\000\331\004")}, 1, {32768, 0, 0}, {0.2872f, 0, 0}},
        // Nothing is known: as sRGB.
        {{PART("cICP", "\002\002\000\001")}, 1, {32768, 0, 0}, {0.2140f, 0, 0}},
        {{PART("cICP", "\011\020\000\001"), PART("mDCV", "123456789012345678901234"),
          PART("cLLI", "12345678")},
         3,
         {32768, 0, 0},
         {0.2140f, 0, 0}},
    };
    g_autofree char *from = in_folder("colours.png"), *to = in_folder("new.png");
    for (guint i = 0; i < G_N_ELEMENTS(cases); i++) {
        write_png(from, cases[i].colour, cases[i].parts, cases[i].n_parts, FALSE);
        expect_light(from, cases[i].light, 2e-3);
        g_autoptr(GPtrArray) notes = copy(from, to);
        g_assert_cmpuint(notes->len, ==, cases[i].parts[0].data[0] == 2 ? 1 : 0);
        expect_light(to, cases[i].light, 2e-3);
        for (guint p = 0; p < cases[i].n_parts; p++)
            expect_part(to, &cases[i].parts[p]);
    }
    // In other formats the same light.
    static const char *const others[] = {"new.tif", "new.jpg", "new.webp", "new.exr"};
    const guint16 colour[3] = {52429, 13107, 26214};
    write_png(from, colour, cases[0].parts, 1, FALSE);
    const float light[3] = {0.7322f, 0.0091f, 0.1314f};
    expect_light(from, light, 2e-3);
    for (guint i = 0; i < G_N_ELEMENTS(others); i++) {
        g_autofree char *other = in_folder(others[i]);
        g_ptr_array_unref(copy(from, other));
        expect_light(other, light, 0.02);
    }
}

// Video's narrow range is stretched, of 16 bits and of a picture that says so of HDR alike; what is
// written says that it is full.
static void test_narrow_range(void)
{
    static const Part narrow[] = {PART("cICP", "\001\015\000\000"),
                                  PART("cICP", "\011\020\000\000")},
                      full[] = {PART("cICP", "\001\015\000\001"), PART("cICP", "\011\020\000\001")};
    const guint16 colour[3] = {4096, 60160, 32128}; // of 8 bits: 16, 235, and half of between
    const float light[3] = {0, 1, 0.2140f};
    g_autofree char *from = in_folder("narrow.png"), *to = in_folder("stretched.png");
    for (guint i = 0; i < G_N_ELEMENTS(narrow); i++) {
        write_png(from, colour, &narrow[i], 1, FALSE);
        expect_light(from, light, 1e-3);
        g_autoptr(GPtrArray) notes = copy(from, to);
        g_assert_true(has_note(notes, "narrow range is stretched"));
        expect_part(to, &full[i]);
        expect_light(to, light, 1e-3);
    }
}

static void test_video_curve(void)
{
    const Part part = PART("cICP", "\001\001\000\001");
    const guint16 colour[3] = {32768, 32768, 32768};
    g_autofree char *from = in_folder("video.png");
    write_png(from, colour, &part, 1, FALSE);
    g_autoptr(GPtrArray) notes = g_ptr_array_new_with_free_func(g_free);
    g_object_unref(gan_image_load(from, notes, NULL));
    if (notes->len > 0) {
        g_test_skip("built without LittleCMS");
        return;
    }
    const float light[3] = {0.2597f, 0.2597f, 0.2597f};
    expect_light(from, light, 1e-3);
}

// The place of four letters in n bytes, from `at` on.
static gsize find(const guint8 *bytes, gsize n, gsize at, const char *letters)
{
    while (at + 4 <= n && memcmp(bytes + at, letters, 4) != 0)
        at++;
    g_assert_cmpuint(at + 4, <=, n);
    return at;
}

static void test_hdr_colours(void)
{
    // Numbers of 203 cd/m2, the white of paper, in PQ and in HLG.
    static const Part parts[] = {PART("cICP", "\011\020\000\001"),
                                 PART("cICP", "\011\022\000\001")};
    static const guint16 numbers[] = {38056, 49151};
    const float white[3] = {1, 1, 1};
    g_autofree char *from = in_folder("hdr.png"), *exr = in_folder("hdr.exr"),
                    *jpeg = in_folder("hdr.jpg");
    for (guint i = 0; i < G_N_ELEMENTS(parts); i++) {
        const guint16 colour[3] = {numbers[i], numbers[i], numbers[i]};
        write_png(from, colour, &parts[i], 1, FALSE);
        g_autoptr(GPtrArray) notes = copy(from, exr);
        g_assert_true(has_note(notes, "linear light"));
        expect_light(exr, white, 5e-3);
        g_autoptr(GPtrArray) others = copy(from, jpeg);
        g_assert_true(has_note(others, "HDR colours"));
        g_autofree char *data = NULL;
        gsize length;
        g_assert_true(g_file_get_contents(jpeg, &data, &length, NULL));
        g_autoptr(GBytes) profile =
            gan_container_profile(GAN_CONTAINER_JPEG, (const guint8 *)data, length);
        if (has_note(others, "not told"))
            continue; // without LittleCMS
        g_assert_nonnull(profile);
        gsize n;
        const guint8 *bytes = g_bytes_get_data(profile, &n);
        // The table of tags says where four letters, four bytes of zero and the code points are.
        const guint8 *tag = bytes + find(bytes, n, 128, "cicp");
        const gsize value = (gsize)tag[4] << 24 | tag[5] << 16 | tag[6] << 8 | tag[7];
        g_assert_cmpuint(value + 12, <=, n);
        g_assert_cmpmem(bytes + value + 8, 2, parts[i].data, 2);
    }
}

static void test_png_texts(void)
{
    static const Part parts[] = {
        PART("tEXt", "Title\0Tr\344ume"),
        PART("tEXt", "parameters\0a tree\nSteps: 20"),
        PART("tEXt", "Description\0a thing"),
        PART("iTXt", "Author\0\0\0de\0Autor\0J\303\274rgen"),
        PART(
            "zTXt",
            "Comment\0\0\170\234\113\114\044\016\000\000\066\353\017\051"), // forty times the letter a
        PART("iTXt", "workflow\0\1\0\0\0\170\234\113\114\044\016\000\000\066\353\017\051"),
    };
    static const char *const values[] = {"Tr\303\244ume", "a tree\nSteps: 20", "a thing",
                                         "J\303\274rgen"};
    const guint16 colour[3] = {1000, 20000, 30000};
    g_autofree char *from = in_folder("texts.png"), *to = in_folder("texts-new.png");
    for (guint at_end = 0; at_end < 2; at_end++) {
        write_png(from, colour, parts, G_N_ELEMENTS(parts), at_end == 1);
        g_autoptr(GPtrArray) notes = copy(from, to);
        g_assert_cmpuint(notes->len, ==, 0);
        for (guint i = 0; i < G_N_ELEMENTS(parts); i++)
            expect_part(to, &parts[i]);
    }
    // Other formats have places for most of them.
    g_autofree char *jpeg = in_folder("texts.jpg");
    g_autoptr(GPtrArray) notes = copy(from, jpeg);
    g_assert_cmpuint(notes->len, ==, 1);
    g_assert_true(has_note(notes, "'workflow'"));
    g_assert_false(has_note(notes, "'Title'") || has_note(notes, "'parameters'"));
    for (guint i = 0; i < G_N_ELEMENTS(parts); i++) {
        g_autoptr(GByteArray) all = g_byte_array_new();
        g_byte_array_append(all, (const guint8 *)parts[i].name, 4);
        g_byte_array_append(all, (const guint8 *)parts[i].data, (guint)parts[i].length);
        g_autoptr(GBytes) chunk = g_byte_array_free_to_bytes(g_steal_pointer(&all));
        GanPngText text = {0};
        g_assert_true(gan_png_text_read(chunk, &text));
        g_autofree char *a = g_strnfill(40, 'a');
        g_assert_cmpstr(text.value, ==, i < G_N_ELEMENTS(values) ? values[i] : a);
        gan_png_text_clear(&text);
        // Whatever is cut off it, it is read or refused.
        for (gsize n = 0; n < g_bytes_get_size(chunk); n++) {
            g_autoptr(GBytes) cut = g_bytes_new_from_bytes(chunk, 0, n);
            if (gan_png_text_read(cut, &text))
                gan_png_text_clear(&text);
        }
    }
}

// A profile that cannot be unpacked is no colour, and that is said.
static void test_damaged_profile(void)
{
    static const Part part = PART("iCCP", "name\0\0garbage");
    const guint16 colour[3] = {1000, 20000, 30000};
    g_autofree char *from = in_folder("damaged.png");
    write_png(from, colour, &part, 1, FALSE);
    g_autoptr(GPtrArray) notes = g_ptr_array_new_with_free_func(g_free);
    g_autoptr(GeglBuffer) buffer = gan_image_load(from, notes, NULL);
    g_assert_true(gegl_buffer_get_format(buffer) == babl_format("R'G'B' u16"));
    g_assert_cmpuint(notes->len, ==, 1);
    g_assert_cmpstr(notes->pdata[0], ==,
                    "its colour profile is damaged: numbers are taken as sRGB");
}

// Of a JPEG's profile in several pieces all have to be there; one of no kind goes nowhere.
static void test_incomplete_profile(void)
{
    static const struct {
        char bytes[36];
        const char *note;
    } rows[] = {
        {"\xff\xe2\0\x12ICC_PROFILE\0\1\2ab", "its colour profile is incomplete and is not used"},
        {"\xff\xe2\0\x12ICC_PROFILE\0\1\1ab", "the colour profile is damaged or of an unknown "
                                              "kind, which is not used: numbers are taken "
                                              "as sRGB"},
    };
    const guint16 colour[3] = {1000, 20000, 30000};
    g_autofree char *png = in_folder("pieces.png"), *from = in_folder("pieces.jpg");
    write_png(png, colour, NULL, 0, FALSE);
    for (guint i = 0; i < G_N_ELEMENTS(rows); i++) {
        g_ptr_array_unref(copy(png, from));
        g_autofree char *data = NULL;
        gsize length;
        g_assert_true(g_file_get_contents(from, &data, &length, NULL));
        g_autoptr(GByteArray) all = g_byte_array_new();
        g_byte_array_append(all, (const guint8 *)data, 2);
        g_byte_array_append(all, (const guint8 *)rows[i].bytes, 20);
        g_byte_array_append(all, (const guint8 *)data + 2, (guint)length - 2);
        g_assert_true(g_file_set_contents(from, (const char *)all->data, (gssize)all->len, NULL));
        g_autoptr(GPtrArray) notes = g_ptr_array_new_with_free_func(g_free);
        g_autoptr(GeglBuffer) buffer = gan_image_load(from, notes, NULL);
        g_assert_nonnull(buffer);
        g_assert_cmpuint(notes->len, ==, 1);
        g_assert_cmpstr(notes->pdata[0], ==, rows[i].note);
    }
}

// What is wanted behind a PNG goes along; what speaks of its old numbers is named.
static void test_png_others(void)
{
    static const Part behind = PART("bKGD", "\0\1\200\0\377\377"), deep = PART("sBIT", "\20\20\20"),
                      coarse = PART("sBIT", "\5\6\5"), palette = PART("sPLT", "a\0\10\1\2\3\4\0\0");
    const Part parts[] = {behind, deep}, others[] = {coarse, palette};
    const guint16 colour[3] = {1000, 20000, 30000};
    g_autofree char *from = in_folder("others.png"), *to = in_folder("others-new.png"),
                    *jpg = in_folder("others.jpg");
    write_png(from, colour, parts, 2, FALSE);
    g_autoptr(GPtrArray) none = copy(from, to);
    g_assert_cmpuint(none->len, ==, 0);
    expect_part(to, &behind);
    g_autoptr(GPtrArray) opaque = copy(from, jpg); // nothing is behind it
    g_assert_cmpuint(opaque->len, ==, 0);
    write_png(from, colour, others, 2, FALSE);
    g_autoptr(GPtrArray) named = copy(from, to);
    g_assert_cmpuint(named->len, ==, 1);
    g_assert_cmpstr(named->pdata[0], ==, "PNG chunks that are not carried over: sBIT, sPLT");
}

static void test_resolution(void)
{
    static const Part parts[] = {
        PART("pHYs", "\000\000\056\043\000\000\056\043\001"), // 300 pixels in an inch
        PART("pHYs", "\000\000\013\023\000\000\027\046\001"), // 72 across, 150.5 down
        PART("pHYs", "\000\000\000\001\000\000\000\002\000"), // twice as wide as high
        PART("pHYs", "\000\000\000\013\000\000\000\012\000"), // PAL, 10 to 11
    };
    // Each by way of another format, and back.
    static const char *const ways[] = {"way.png", "way.jpg", "way.tif", "way.webp", "way.exr"};
    const guint16 colour[3] = {1000, 20000, 30000};
    g_autofree char *from = in_folder("size.png"), *to = in_folder("size-new.png");
    for (guint i = 0; i < G_N_ELEMENTS(parts); i++) {
        write_png(from, colour, &parts[i], 1, FALSE);
        for (guint k = 0; k < G_N_ELEMENTS(ways); k++) {
            g_autofree char *way = in_folder(ways[k]);
            // EXR says the shape of pixels, JPEG's numbers are whole.
            const gboolean is_size = parts[i].data[8] == 1, is_exr = k == 4;
            if (k == 1 && i == 1)
                continue;
            g_autoptr(GPtrArray) notes = copy(from, way);
            g_assert_true(has_note(notes, "resolution") == (is_size && is_exr));
            g_ptr_array_unref(copy(way, to));
            if (!(is_size && is_exr))
                expect_part(to, &parts[i]);
        }
    }
}

int main(int argc, char **argv)
{
    folder_begin(&argc, &argv, TRUE);
    g_test_add_func("/carried/png-colours", test_png_colours);
    g_test_add_func("/carried/narrow-range", test_narrow_range);
    g_test_add_func("/carried/video-curve", test_video_curve);
    g_test_add_func("/carried/hdr-colours", test_hdr_colours);
    g_test_add_func("/carried/png-texts", test_png_texts);
    g_test_add_func("/carried/damaged-profile", test_damaged_profile);
    g_test_add_func("/carried/incomplete-profile", test_incomplete_profile);
    g_test_add_func("/carried/png-others", test_png_others);
    g_test_add_func("/carried/resolution-and-shape-of-pixels", test_resolution);
    return folder_run();
}
