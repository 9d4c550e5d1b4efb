// SPDX-License-Identifier: LGPL-3.0-or-later
// Colours that a TIFF file tells by tags of its own, without an ICC profile.
#define _GNU_SOURCE // memmem()
#include "folder.h"

#include <gan/image.h>

#include <math.h>
#include <string.h>
#include <tiffio.h>

#define WIDTH 16

static const float d65[2] = {0.3127f, 0.3290f};
static const float of_srgb[6] = {0.64f, 0.33f, 0.30f, 0.60f, 0.15f, 0.06f};
static const float of_adobe[6] = {0.64f, 0.33f, 0.21f, 0.71f, 0.15f, 0.06f};
static const float of_none[6] = {0.3f, 0.3f, 0.3f, 0.3f, 0.3f, 0.3f};

typedef struct {
    guint16 n, bits, format, photometric;
    const float *white, *primaries;
    double gamma; // of the tables; 0: there are none
    const float *levels;
} Kind;

static guint number(guint x, guint c)
{
    return 7 + 15 * x + (c == 0 ? 0 : 3 * c);
}

static char *write_tiff(const Kind *kind)
{
    char *path = in_folder("a.tif");
    g_autofree guint16 *table = g_new(guint16, 65536);
    guint16 row[WIDTH * 3];
    const guint n = 1u << kind->bits;
    for (guint i = 0; i < n && i < 65536; i++)
        table[i] =
            (guint16)(kind->gamma < 0 ? 65535 - i : 65535 * pow(i / (n - 1.0), kind->gamma) + 0.5);
    TIFF *tiff = TIFFOpen(path, "w");
    TIFFSetField(tiff, TIFFTAG_IMAGEWIDTH, WIDTH);
    TIFFSetField(tiff, TIFFTAG_IMAGELENGTH, 1);
    TIFFSetField(tiff, TIFFTAG_BITSPERSAMPLE, kind->bits);
    TIFFSetField(tiff, TIFFTAG_SAMPLESPERPIXEL, kind->n);
    TIFFSetField(tiff, TIFFTAG_SAMPLEFORMAT, kind->format);
    TIFFSetField(tiff, TIFFTAG_PHOTOMETRIC, kind->photometric);
    if (kind->white)
        TIFFSetField(tiff, TIFFTAG_WHITEPOINT, kind->white);
    if (kind->primaries)
        TIFFSetField(tiff, TIFFTAG_PRIMARYCHROMATICITIES, kind->primaries);
    if (kind->gamma != 0)
        TIFFSetField(tiff, TIFFTAG_TRANSFERFUNCTION, table, table, table);
    if (kind->levels)
        TIFFSetField(tiff, TIFFTAG_REFERENCEBLACKWHITE, kind->levels);
    for (guint x = 0; x < WIDTH; x++) {
        for (guint c = 0; c < kind->n; c++) {
            const guint i = x * kind->n + c;
            if (kind->bits == 8)
                ((guint8 *)row)[i] = (guint8)number(x, c);
            else
                row[i] = (guint16)(257 * number(x, c));
        }
    }
    TIFFWriteScanline(tiff, row, 0, 0);
    TIFFClose(tiff);
    return path;
}

// Light of pixel x in linear sRGB by the tags, worked out by hand for Adobe RGB's primaries.
static void wanted_light(const Kind *kind, guint x, double light[3])
{
    static const double to_srgb[3][3] = {{1.39835, -0.39835, 0}, {0, 1, 0}, {0, -0.04293, 1.04293}};
    double own[3];
    for (guint c = 0; c < 3; c++)
        own[c] = pow(number(x, kind->n == 1 ? 0 : c) / 255.0, kind->gamma > 0 ? kind->gamma : 2.2);
    for (guint c = 0; c < 3; c++)
        light[c] = kind->primaries == of_adobe
                       ? to_srgb[c][0] * own[0] + to_srgb[c][1] * own[1] + to_srgb[c][2] * own[2]
                       : own[c];
}

static void compare(const char *path, const Kind *kind)
{
    g_autoptr(GError) error = NULL;
    g_autoptr(GeglBuffer) buffer = gan_image_load(path, NULL, &error);
    g_assert_no_error(error);
    float found[WIDTH * 3];
    gegl_buffer_get(buffer, NULL, 1.0, babl_format("RGB float"), found, GEGL_AUTO_ROWSTRIDE,
                    GEGL_ABYSS_NONE);
    for (guint x = 0; x < WIDTH; x++) {
        double light[3];
        wanted_light(kind, x, light);
        for (guint c = 0; c < 3; c++)
            g_assert_cmpfloat_with_epsilon((double)found[3 * x + c], light[c], 0.003);
    }
}

// The colours are those that the tags tell, here and in the new file, which tells them by a profile.
static void test_used(void)
{
    static const Kind kinds[] = {
        {3, 8, 1, PHOTOMETRIC_RGB, d65, of_adobe, 1.8, NULL},
        {3, 16, 1, PHOTOMETRIC_RGB, d65, of_adobe, 1.0, NULL},
        {3, 8, 1, PHOTOMETRIC_RGB, d65, of_adobe, 0, NULL}, // TIFF's own curve is 2.2
        {3, 8, 1, PHOTOMETRIC_RGB, NULL, NULL, 1.8, NULL},
        {3, 16, 1, PHOTOMETRIC_RGB, d65, of_srgb, 1.0, NULL},
        {1, 8, 1, PHOTOMETRIC_MINISBLACK, NULL, NULL, 1.4, NULL},
        {1, 16, 1, PHOTOMETRIC_MINISBLACK, NULL, NULL, 1.0, NULL},
    };
    static const char *const endings[] = {"png", "tif"};
    for (gsize i = 0; i < G_N_ELEMENTS(kinds); i++) {
        g_autofree char *path = write_tiff(&kinds[i]);
        g_autoptr(GPtrArray) notes = g_ptr_array_new_with_free_func(g_free);
        g_autoptr(GError) error = NULL;
        g_autoptr(GeglBuffer) buffer = gan_image_load(path, notes, &error);
        g_assert_no_error(error);
        if (gan_image_without(0) && strstr(gan_image_without(0), "LittleCMS")) {
            g_assert_cmpuint(notes->len, ==, 1);
            g_assert_nonnull(strstr(notes->pdata[0], "that needs LittleCMS"));
            continue;
        }
        g_assert_cmpuint(notes->len, ==, 0);
        compare(path, &kinds[i]);
        for (gsize k = 0; k < G_N_ELEMENTS(endings); k++) {
            g_autofree char *name = g_strconcat("b.", endings[k], NULL);
            g_autofree char *to = in_folder(name);
            const GanImageSaveOptions options = {.metadata = path, .notes = notes};
            g_assert_true(gan_image_save(buffer, to, &options, NULL));
            g_assert_cmpuint(notes->len, ==, 0);
            compare(to, &kinds[i]);
        }
    }
}

// What is not used is told; what says nothing but sRGB is nothing to tell.
static void test_told(void)
{
    static const float narrow[6] = {16, 235, 16, 235, 16, 235}, full[6] = {0, 255, 0, 255, 0, 255};
    static const float d50[2] = {0.3457f, 0.3585f};
    static const struct {
        Kind kind;
        const char *note;
    } rows[] = {
        {{3, 8, 1, PHOTOMETRIC_RGB, d65, of_srgb, 0, full}, NULL},
        {{3, 8, 1, PHOTOMETRIC_RGB, d65, NULL, 0, NULL}, NULL},
        {{1, 8, 1, PHOTOMETRIC_MINISBLACK, d50, of_adobe, 0, NULL}, NULL},
        {{3, 8, 1, PHOTOMETRIC_RGB, d50, NULL, 0, NULL},
         "its white point (WhitePoint), without primaries, is not used"},
        {{3, 8, 1, PHOTOMETRIC_RGB, NULL, of_adobe, 0, NULL},
         "its primaries (PrimaryChromaticities), without a white point, are not used"},
        {{3, 8, 1, PHOTOMETRIC_RGB, d65, of_none, 0, NULL},
         "its primaries (PrimaryChromaticities), which are no colours, are not used"},
        {{3, 16, SAMPLEFORMAT_IEEEFP, PHOTOMETRIC_RGB, d65, of_adobe, 0, NULL},
         "its primaries (PrimaryChromaticities) are not used with floating point"},
        {{3, 8, 1, PHOTOMETRIC_RGB, NULL, NULL, -1, NULL}, // falls
         "its transfer function (TransferFunction) is not used"},
        {{1, 8, 1, PHOTOMETRIC_MINISWHITE, NULL, NULL, 1.8, NULL},
         "its transfer function (TransferFunction) is not used"},
        {{3, 8, 1, PHOTOMETRIC_RGB, NULL, NULL, 0, narrow},
         "its levels of black and white (ReferenceBlackWhite) are not used"},
    };
    for (gsize i = 0; i < G_N_ELEMENTS(rows); i++) {
        g_autofree char *path = write_tiff(&rows[i].kind);
        g_autoptr(GPtrArray) notes = g_ptr_array_new_with_free_func(g_free);
        g_autoptr(GError) error = NULL;
        g_autoptr(GeglBuffer) buffer = gan_image_load(path, notes, &error);
        g_assert_no_error(error);
        g_assert_true(babl_format_get_space(gegl_buffer_get_format(buffer)) == babl_space("sRGB"));
        g_assert_cmpuint(notes->len, ==, rows[i].note ? 1 : 0);
        if (rows[i].note)
            g_assert_cmpstr(notes->pdata[0], ==, rows[i].note);
    }
}

// A table of a few numbers, which libtiff passes over.
static void test_damaged(void)
{
    const Kind kind = {3, 8, 1, PHOTOMETRIC_RGB, NULL, NULL, 1.8, NULL};
    g_autofree char *path = write_tiff(&kind), *data = NULL;
    gsize length;
    g_assert_true(g_file_get_contents(path, &data, &length, NULL));
    const guint16 head[] = {TIFFTAG_TRANSFERFUNCTION, TIFF_SHORT};
    const guint32 n = 100;
    char *at = memmem(data, length, head, sizeof head);
    g_assert_nonnull(at);
    memcpy(at + 4, &n, sizeof n);
    g_assert_true(g_file_set_contents(path, data, (gssize)length, NULL));
    g_autoptr(GPtrArray) notes = g_ptr_array_new_with_free_func(g_free);
    g_autoptr(GError) error = NULL;
    GeglBuffer *buffer = gan_image_load(path, notes, &error);
    g_assert_no_error(error);
    g_object_unref(buffer);
    g_assert_cmpuint(notes->len, ==, 1);
    g_assert_cmpstr(notes->pdata[0], ==,
                    "what its tag TransferFunction says of its colours is damaged and is not used");
}

int main(int argc, char **argv)
{
    folder_begin(&argc, &argv, FALSE);
    TIFFSetWarningHandler(NULL);
    g_test_add_func("/tiff-colours/of-tags-are-used-and-kept", test_used);
    g_test_add_func("/tiff-colours/what-is-not-used-is-told", test_told);
    g_test_add_func("/tiff-colours/what-is-damaged-is-told", test_damaged);
    return folder_run();
}
