// SPDX-License-Identifier: LGPL-3.0-or-later
// Curves of profiles, and pictures of more spaces than Babl has room for, all in one process.
#include "folder.h"

#include <curve.h>
#include <gan/image.h>
#include <light.h>
#include <math.h>
#include <pixels.h>
#include <profile.h>
#include <spaces.h>
#include <string.h>

#define N_SPACES 130 // Babl ends the process at 100, or when it has converted in 9
#define W 12
#define H 9

static void put(guint8 *to, guint32 x)
{
    const guint32 big = GUINT32_TO_BE(x);
    memcpy(to, &big, sizeof big);
}

// A profile that has nothing but a curve for grey.
static GBytes *grey_profile(const void *curve, gsize n)
{
    guint8 *data = g_malloc0(128 + 16 + n);
    put(data, (guint32)(144 + n));
    memcpy(data + 12, "mntrGRAYXYZ ", 12);
    put(data + 128, 1);
    memcpy(data + 132, "kTRC", 4);
    put(data + 136, 144);
    put(data + 140, (guint32)n);
    memcpy(data + 144, curve, n);
    return g_bytes_new_take(data, 144 + n);
}

static double srgb_light(double x)
{
    return x > 0.04045 ? pow((x + 0.055) / 1.055, 2.4) : x / 12.92;
}

static void test_curves(void)
{
    // ICC's own numbers for sRGB, and an offset of 1/8 with each of the other kinds.
    static const gint32 srgb[] = {157286, 62119, 3417, 5072, 2651};
    static const gint32 plain[] = {131072}, shifted[] = {131072, 65536, -8192};
    static const gint32 raised[] = {131072, 65536, -8192, 16384};
    static const gint32 whole[] = {131072, 65536, 0, 32768, 16384, 8192, 4096};
    const struct {
        guint type, n;
        const gint32 *numbers;
        double x, wanted;
    } rows[] = {{0, 1, plain, 0.5, 0.25},
                {1, 3, shifted, 0.625, 0.25},
                {1, 3, shifted, 0.1, 0.0},
                {2, 4, raised, 0.625, 0.5},
                {2, 4, raised, 0.1, 0.25},
                {3, 5, srgb, 0.5, srgb_light(0.5)},
                {3, 5, srgb, 0.02, 0.02 / 12.92},
                {4, 7, whole, 0.5, 0.375},
                {4, 7, whole, 0.125, 0.125},
                {5, 1, plain, 0.5, NAN},
                {3, 4, srgb, 0.5, NAN}};
    for (guint i = 0; i < G_N_ELEMENTS(rows); i++) {
        guint8 curve[40] = {'p', 'a', 'r', 'a'};
        curve[9] = (guint8)rows[i].type;
        for (guint k = 0; k < rows[i].n; k++)
            put(curve + 12 + (gsize)k * 4, (guint32)rows[i].numbers[k]);
        g_autoptr(GBytes) profile = grey_profile(curve, 12 + (gsize)rows[i].n * 4);
        const double found = gan_profile_light(profile, 0, rows[i].x);
        g_test_message("%u: %g", i, found);
        g_assert_true(isnan(rows[i].wanted) ? isnan(found) : fabs(found - rows[i].wanted) < 2e-5);
    }
    const struct {
        const char *bytes;
        gsize n;
        double wanted; // of 0.25
    } points[] = {{"curv\0\0\0\0\0\0\0\0", 12, 0.25},
                  {"curv\0\0\0\0\0\0\0\1\2\0", 14, 0.0625},
                  {"curv\0\0\0\0\0\0\0\3\0\0\x80\0\xff\xff", 18, 0.25},
                  {"curv\0\0\0\0\0\0\0\7\0\0\x80\0\xff\xff", 18, 0.25}, // says more than it has
                  {"text\0\0\0\0\0\0\0\0", 12, NAN},
                  {"curv\0\0\0\0", 8, NAN}};
    for (guint i = 0; i < G_N_ELEMENTS(points); i++) {
        g_autoptr(GBytes) profile = grey_profile(points[i].bytes, points[i].n);
        const double found = gan_profile_light(profile, 0, 0.25), wanted = points[i].wanted;
        g_assert_true(isnan(wanted) ? isnan(found) : fabs(found - wanted) < 2e-5);
    }
}

static void test_kinds(void)
{
    static const struct {
        const char *encoding, *space;
        GanCurveKind kind;
    } rows[] = {
        {"R'G'B' u8", "sRGB", GAN_CURVE_SRGB},        {"R'G'B' u8", "ProPhoto", GAN_CURVE_FOR_EYES},
        {"R'G'B' u8", "Adobish", GAN_CURVE_FOR_EYES}, {"Y' float", "Apple", GAN_CURVE_FOR_EYES},
        {"R~G~B~ u8", "ProPhoto", GAN_CURVE_SRGB},    {"RGB float", "sRGB", GAN_CURVE_LIGHT},
        {"Y u16", "Rec2020", GAN_CURVE_LIGHT}};
    for (guint i = 0; i < G_N_ELEMENTS(rows); i++)
        g_assert_cmpint(
            gan_curve_kind(babl_format_with_space(rows[i].encoding, babl_space(rows[i].space))), ==,
            rows[i].kind);
    const double p3[8] = {0.3127, 0.329, 0.68, 0.32, 0.265, 0.69, 0.15, 0.06};
    const double gammas[] = {0, 1, 1.25, 1.8, 2.6, 3};
    const GanCurveKind kinds[] = {GAN_CURVE_SRGB,     GAN_CURVE_LIGHT,    GAN_CURVE_LIGHT,
                                  GAN_CURVE_FOR_EYES, GAN_CURVE_FOR_EYES, GAN_CURVE_LIGHT};
    for (guint i = 0; i < G_N_ELEMENTS(gammas); i++) {
        const Babl *space = gan_space_from_primaries(p3, gammas[i], 0);
        g_assert_true(space == gan_space_from_primaries(p3, gammas[i], 0));
        g_assert_cmpint(gan_curve_kind(babl_format_with_space("R'G'B' float", space)), ==,
                        kinds[i]);
    }
}

// Whether the file has the picture's numbers.
static gboolean has_numbers(const char *path, const guint8 *numbers, gsize n)
{
    g_autoptr(GError) error = NULL;
    g_autoptr(GeglBuffer) found = gan_image_load(path, NULL, &error);
    g_assert_no_error(error);
    const Babl *format = gegl_buffer_get_format(found);
    if ((gsize)W * H * (gsize)babl_format_get_bytes_per_pixel(format) != n)
        return FALSE;
    g_autofree guint8 *read = g_malloc(n);
    gegl_buffer_get(found, NULL, 1, format, read, GEGL_AUTO_ROWSTRIDE, GEGL_ABYSS_NONE);
    return memcmp(read, numbers, n) == 0;
}

static void test_many(void)
{
    static const char *const encodings[] = {"R'G'B' u8", "R'G'B'A u16", "Y' u8", "R'G'B'A u8"};
    static const struct {
        const char *name;
        guint exact; // a bit for each encoding that comes back as it was
    } files[] = {{"a.png", 15}, {"a.tif", 15}, {"a.jpg", 0}, {"a.webp", 0}, {"a.exr", 0}};
    guint n_made = 0;
    for (guint i = 0; i < N_SPACES; i++) {
        const double d = i * 0.0004;
        const double xy[8] = {0.3127, 0.329, 0.68 - d, 0.32, 0.265, 0.69 - d, 0.15, 0.06};
        const Babl *space = gan_space_from_primaries(xy, 1.3 + 0.02 * i, 0);
        n_made += space != NULL;
        for (guint e = 0; e < G_N_ELEMENTS(encodings) && space; e++) {
            const Babl *format = babl_format_with_space(encodings[e], space);
            const gsize n = (gsize)W * H * (gsize)babl_format_get_bytes_per_pixel(format);
            g_autofree guint8 *numbers = g_malloc(n);
            for (gsize k = 0; k < n; k++)
                numbers[k] = (guint8)g_test_rand_int_range(0, 256);
            g_autoptr(GeglBuffer) buffer = gegl_buffer_new(GEGL_RECTANGLE(0, 0, W, H), format);
            gegl_buffer_set(buffer, NULL, 0, format, numbers, GEGL_AUTO_ROWSTRIDE);
            float seen[W * H * 3];
            g_assert_true(gan_image_see(buffer, GEGL_RECTANGLE(0, 0, W, H), seen, NULL));
            for (guint f = 0; f < G_N_ELEMENTS(files); f++) {
                g_autofree char *path = in_folder(files[f].name);
                g_autoptr(GError) error = NULL;
                g_assert_true(gan_image_save(buffer, path, NULL, &error));
                g_assert_no_error(error);
                if (files[f].exact >> e & 1)
                    g_assert_true(has_numbers(path, numbers, n));
                g_assert_true(gegl_buffer_get_format(buffer) == format);
            }
        }
    }
    g_test_message("%u spaces of %u", n_made, N_SPACES);
    g_assert_cmpuint(n_made, >, 0); // each with those of its files
    g_assert_cmpuint(n_made, <, N_SPACES);
}

// Light made by Babl, for as many as there is room for.
static void test_asked(void)
{
    guint n_done = 0, n = 0;
    for (guint i = 0; i < 20; i++) {
        const double xy[8] = {0.3127, 0.329, 0.68, 0.32, 0.265 + i * 0.001, 0.69, 0.15, 0.06};
        const Babl *space = gan_space_from_primaries(xy, 1.0, 0);
        if (!space)
            continue;
        g_autofree char *path = in_folder("light.png");
        g_autoptr(GError) error = NULL;
        g_autoptr(GeglBuffer) light =
            gegl_buffer_new(GEGL_RECTANGLE(0, 0, W, H), babl_format_with_space("RGB float", space));
        const gboolean done = gan_image_save(light, path, NULL, &error);
        n++;
        n_done += done;
        if (!done)
            g_assert_error(error, GAN_ERROR, GAN_ERROR_FORMAT);
    }
    g_assert_cmpuint(n, >, 10);
    g_assert_cmpuint(n_done, >, 0);
    g_assert_cmpuint(n_done, <, n);
}

// The light of a picture is Babl's where Babl is exact.
static void test_light(void)
{
    static const char *const spaces[] = {"Adobish", "ProPhoto"};
    static const char *const encodings[] = {"R'G'B' u8", "R'G'B'A float", "Y' u16"};
    for (guint i = 0; i < 6; i++) {
        const Babl *format = babl_format_with_space(encodings[i % 3], babl_space(spaces[i / 3]));
        const gsize n = (gsize)W * H * (gsize)babl_format_get_n_components(format);
        float numbers[W * H * 4], wanted[W * H * 4], found[W * H * 4];
        for (gsize k = 0; k < n; k++)
            numbers[k] = (float)g_test_rand_double_range(0.1, 1);
        g_autoptr(GeglBuffer) buffer = gegl_buffer_new(GEGL_RECTANGLE(0, 0, W, H), format);
        const char *coded[] = {"R'G'B' float", "R'G'B'A float", "Y' float"};
        gegl_buffer_set(buffer, NULL, 0,
                        babl_format_with_space(coded[i % 3], babl_space(spaces[i / 3])), numbers,
                        GEGL_AUTO_ROWSTRIDE);
        g_autoptr(GeglBuffer) light = gan_light_of(buffer);
        const Babl *linear = gegl_buffer_get_format(light);
        g_assert_true(babl_get_model_flags(babl_format_get_model(linear)) & BABL_MODEL_FLAG_LINEAR);
        gegl_buffer_get(buffer, NULL, 1, linear, wanted, GEGL_AUTO_ROWSTRIDE, GEGL_ABYSS_NONE);
        gegl_buffer_get(light, NULL, 1, linear, found, GEGL_AUTO_ROWSTRIDE, GEGL_ABYSS_NONE);
        for (gsize k = 0; k < n; k++)
            g_assert_cmpfloat_with_epsilon(found[k], wanted[k], 1e-3);
    }
}

int main(int argc, char **argv)
{
    folder_begin(&argc, &argv, FALSE);
    g_test_add_func("/spaces/curves-of-profiles", test_curves);
    g_test_add_func("/spaces/kinds-of-curves", test_kinds);
    g_test_add_func("/spaces/light", test_light);
    g_test_add_func("/spaces/conversions-that-there-is-room-for", test_asked);
    g_test_add_func("/spaces/more-than-there-is-room-for", test_many);
    return folder_run();
}
