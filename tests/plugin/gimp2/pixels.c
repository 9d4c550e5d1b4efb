// SPDX-License-Identifier: LGPL-3.0-or-later
// The plug-in's pixels are the command's, whatever image type, precision and profile GIMP
// holds them in.
#include "support.h"

#include <math.h>
#include <string.h>

// A profile with a table and no matrix, of the smallest size: of black alone, or of linear light in
// sRGB's primaries, in 8 bits.
static GimpColorProfile *table_profile(gboolean light)
{
    static const guint8 xyz[3][3] = {{56, 28, 2}, {49, 91, 12}, {18, 8, 91}};
    const guint table_at = 128 + 4 + 12, table = 48 + 768 + 24 + 768, n = table_at + table;
    g_autofree guint8 *p = g_malloc0(n);
    const guint numbers[][2] = {{0, n}, {8, 0x02400000}, {128, 1}, {136, table_at}, {140, table}};
    for (guint i = 0; i < G_N_ELEMENTS(numbers); i++) {
        for (guint k = 0; k < 4; k++)
            p[numbers[i][0] + k] = (guint8)(numbers[i][1] >> (24 - 8 * k));
    }
    memcpy(p + 12, "mntrRGB XYZ ", 12);
    memcpy(p + 36, "acsp", 4);
    memcpy(p + 68, "\0\0\366\326\0\1\0\0\0\0\323\055", 12);
    memcpy(p + 132, "A2B0", 4);
    memcpy(p + table_at, "mft1", 4);
    p[table_at + 8] = p[table_at + 9] = 3;
    p[table_at + 10] = 2;
    p[table_at + 13] = p[table_at + 29] = p[table_at + 45] = 1;
    for (guint i = 0; i < 768; i++) {
        p[table_at + 48 + i] = (guint8)i;
        p[table_at + 48 + 768 + 24 + i] = (guint8)i;
    }
    for (guint i = 0; light && i < 24; i++) {
        for (guint c = 0; c < 3; c++) // red is slowest
            p[table_at + 48 + 768 + i] += (i / 3) >> (2 - c) & 1 ? xyz[c][i % 3] : 0;
    }
    return gimp_color_profile_new_from_icc_profile(p, n, NULL);
}

typedef enum { NONE, ADOBE, ADOBE_LINEAR, GREY_LINEAR, GREY_LAB, TABLE, LIGHT_TABLE } Profile;

static void set_profile(gint image, Profile profile)
{
    if (profile == NONE)
        return;
    GimpColorProfile *adobe = gimp_color_profile_new_rgb_adobe();
    GimpColorProfile *chosen = profile == ADOBE ? g_object_ref(adobe)
                               : profile == ADOBE_LINEAR
                                   ? gimp_color_profile_new_linear_from_color_profile(adobe)
                               : profile == GREY_LINEAR ? gimp_color_profile_new_d65_gray_linear()
                               : profile == GREY_LAB    ? gimp_color_profile_new_d50_gray_lab_trc()
                                                        : table_profile(profile == LIGHT_TABLE);
    g_assert_nonnull(chosen);
    g_assert_true(gimp_image_set_color_profile(image, chosen));
    g_object_unref(adobe);
    g_object_unref(chosen);
}

// The largest difference of two buffers' stored numbers, as a part of the whole range.
static double difference(GeglBuffer *a, GeglBuffer *b)
{
    const GeglRectangle *extent = gegl_buffer_get_extent(a);
    g_assert_true(gegl_rectangle_equal(extent, gegl_buffer_get_extent(b)));
    const Babl *stored = gegl_buffer_get_format(a);
    const char *encoding = babl_format_get_encoding(stored);
    const guint n = (guint)babl_format_get_n_components(stored);
    const gboolean light = strchr(encoding, '\'') == NULL;
    g_autofree char *model = g_strndup(encoding, strcspn(encoding, " "));
    g_autofree char *name = g_strconcat(model, " double", NULL);
    const Babl *format = babl_format_with_space(name, stored);
    g_autofree double *x = g_new(double, (gsize)extent->width *n);
    g_autofree double *y = g_new(double, (gsize)extent->width *n);
    double most = 0.0;
    for (gint row = 0; row < extent->height; row++) {
        const GeglRectangle line = {0, row, extent->width, 1};
        gegl_buffer_get(a, &line, 1.0, format, x, GEGL_AUTO_ROWSTRIDE, GEGL_ABYSS_NONE);
        gegl_buffer_get(b, &line, 1.0, format, y, GEGL_AUTO_ROWSTRIDE, GEGL_ABYSS_NONE);
        for (gsize i = 0; i < (gsize)extent->width * n; i++) {
            // Below black a file's curve goes on in another way than light does.
            const double d = light ? fabs(MAX(x[i], 0) - MAX(y[i], 0)) : fabs(x[i] - y[i]);
            // What is not a number counts as the largest difference.
            if (!(d <= most))
                most = d;
        }
    }
    return most;
}

// What the command makes of these pixels.
static GeglBuffer *by_command(GeglBuffer *pixels)
{
    g_autofree char *in = test_path("in.tif"), *out = test_path("out.tif");
    g_autofree char *model = test_model(MODEL_X2);
    g_autoptr(GError) error = NULL;
    if (!gan_image_save(pixels, in, NULL, &error))
        g_error("%s", error->message);
    test_command("upscale", in, "-o", out, "-m", model, "--overwrite", NULL);
    GeglBuffer *buffer = gan_image_load(out, NULL, &error);
    g_assert_no_error(error);
    return buffer;
}

// One step of a precision's numbers. Floats pass through a file and conversions of their own: Babl
// takes whichever of several is quickest when it is asked, and these differ by up to 7e-6 from a
// process to the next.
static double step_of(GimpPrecision precision)
{
    switch (precision) {
    case GIMP_PRECISION_U8_GAMMA:
    case GIMP_PRECISION_U8_LINEAR:
        return 1.0 / 255.0;
    case GIMP_PRECISION_U16_GAMMA:
    case GIMP_PRECISION_U16_LINEAR:
        return 1.0 / 65535.0;
    case GIMP_PRECISION_HALF_GAMMA:
    case GIMP_PRECISION_HALF_LINEAR:
        return 1.0 / 1024.0;
    default:
        return 1.5e-5;
    }
}

static void check(GimpImageType type, GimpPrecision precision, Profile profile)
{
    const gint layer = test_image(37, 23, type, precision), image = gimp_item_get_image(layer);
    set_profile(image, profile);
    test_paint(layer, 2);
    GeglBuffer *before = test_buffer(layer);
    g_autoptr(GeglBuffer) pixels = gegl_buffer_dup(before);
    g_object_unref(before);
    g_autoptr(GeglBuffer) wanted = by_command(pixels);
    const Upscale upscale = {.model = MODEL_X2, .interpolation = MASKS_CUBIC};
    test_upscale(image, layer, &upscale);
    GeglBuffer *found = test_buffer(layer);
    g_assert_cmpint(gegl_buffer_get_width(found), ==, 74);
    const double most = difference(found, wanted), allowed = step_of(precision);
    g_test_message("type %d precision %d profile %d: %.3g steps", type, precision, profile,
                   most / allowed);
    if (!(most <= 1.01 * allowed))
        g_error("type %d precision %d profile %d: %g off, %.2f steps", type, precision, profile,
                most, most / allowed);
    g_object_unref(found);
    gimp_image_delete(image);
}

static const GimpPrecision precisions[] = {
    GIMP_PRECISION_U8_GAMMA,     GIMP_PRECISION_U8_LINEAR,    GIMP_PRECISION_U16_GAMMA,
    GIMP_PRECISION_U16_LINEAR,   GIMP_PRECISION_U32_GAMMA,    GIMP_PRECISION_U32_LINEAR,
    GIMP_PRECISION_HALF_GAMMA,   GIMP_PRECISION_HALF_LINEAR,  GIMP_PRECISION_FLOAT_GAMMA,
    GIMP_PRECISION_FLOAT_LINEAR, GIMP_PRECISION_DOUBLE_GAMMA,
};

static void test_types_and_precisions(void)
{
    static const GimpImageType types[] = {GIMP_RGB_IMAGE, GIMP_RGBA_IMAGE, GIMP_GRAY_IMAGE,
                                          GIMP_GRAYA_IMAGE};
    for (guint t = 0; t < G_N_ELEMENTS(types); t++) {
        for (guint p = 0; p < G_N_ELEMENTS(precisions); p++)
            check(types[t], precisions[p], NONE);
    }
}

// Of a linear image GIMP has a linear profile.
static gboolean is_linear(GimpPrecision precision)
{
    return precision % 100 == 0;
}

static void test_profiles(void)
{
    for (guint p = 0; p < G_N_ELEMENTS(precisions); p++)
        check(p % 3 ? GIMP_RGB_IMAGE : GIMP_RGBA_IMAGE, precisions[p],
              is_linear(precisions[p]) ? ADOBE_LINEAR : ADOBE);
    check(GIMP_RGB_IMAGE, GIMP_PRECISION_FLOAT_GAMMA, ADOBE_LINEAR);
    check(GIMP_RGB_IMAGE, GIMP_PRECISION_U16_GAMMA, ADOBE_LINEAR);
    check(GIMP_GRAY_IMAGE, GIMP_PRECISION_U16_GAMMA, GREY_LINEAR);
    check(GIMP_GRAYA_IMAGE, GIMP_PRECISION_U8_GAMMA, GREY_LAB);
}

// Numbers of a profile of light are not sRGB's: leaving the profile out gives another picture.
static void test_profile_counts(void)
{
    double most[2];
    for (guint i = 0; i < 2; i++) {
        const gint layer = test_image(32, 32, GIMP_RGB_IMAGE, GIMP_PRECISION_U16_GAMMA);
        const gint image = gimp_item_get_image(layer);
        const Upscale upscale = {.model = MODEL_X2};
        set_profile(image, ADOBE_LINEAR);
        test_paint(layer, 2);
        GeglBuffer *before = test_buffer(layer);
        g_autoptr(GeglBuffer) pixels = gegl_buffer_dup(before);
        g_object_unref(before);
        if (i == 1)
            gegl_buffer_set_format(
                pixels, babl_format(babl_format_get_encoding(gegl_buffer_get_format(pixels))));
        g_autoptr(GeglBuffer) wanted = by_command(pixels);
        gegl_buffer_set_format(
            wanted, babl_format(babl_format_get_encoding(gegl_buffer_get_format(wanted))));
        test_upscale(image, layer, &upscale);
        g_autoptr(GeglBuffer) found = gimp_drawable_get_buffer(layer);
        gegl_buffer_set_format(
            found, babl_format(babl_format_get_encoding(gegl_buffer_get_format(found))));
        most[i] = difference(found, wanted);
        gimp_image_delete(image);
    }
    g_assert_cmpfloat(most[0], <, 1.01 * step_of(GIMP_PRECISION_U16_GAMMA));
    g_assert_cmpfloat(most[1], >, 1e-3);
}

// Numbers of a profile with tables are seen in the space next to it, and stay numbers of the profile.
static void test_table_is_seen(void)
{
    double most[2];
    for (guint i = 0; i < 2; i++) {
        const gint layer = test_image(37, 23, GIMP_RGB_IMAGE, GIMP_PRECISION_U16_GAMMA);
        const gint image = gimp_item_get_image(layer);
        const Upscale upscale = {.model = MODEL_X2};
        test_paint(layer, 2);
        GeglBuffer *before = gimp_drawable_get_buffer(layer);
        g_autoptr(GeglBuffer) pixels = gegl_buffer_dup(before);
        g_object_unref(before);
        set_profile(image, LIGHT_TABLE);
        GimpColorProfile *table = table_profile(TRUE);
        gsize n = 0;
        const guint8 *icc = gimp_color_profile_get_icc_profile(table, &n);
        const Babl *space = i == 0 ? gan_image_nearest_space(icc, n) : babl_space("sRGB");
        g_object_unref(table);
        if (!space) {
            g_test_skip("built without LittleCMS");
            return;
        }
        gegl_buffer_set_format(pixels, babl_format_with_space("R'G'B' u16", space));
        g_autoptr(GeglBuffer) wanted = by_command(pixels);
        gegl_buffer_set_format(wanted, babl_format("R'G'B' u16"));
        test_upscale(image, layer, &upscale);
        g_autoptr(GeglBuffer) found = gimp_drawable_get_buffer(layer);
        gegl_buffer_set_format(found, babl_format("R'G'B' u16"));
        most[i] = difference(found, wanted);
        gimp_image_delete(image);
    }
    g_assert_cmpfloat(most[0], <, 1.01 * step_of(GIMP_PRECISION_U16_GAMMA));
    g_assert_cmpfloat(most[1], >, 1e-3);
}

// Numbers of a profile with tables that cannot be used go through as sRGB; the profile stays.
static void test_table_profile(void)
{
    const gint layer = test_image(37, 23, GIMP_RGB_IMAGE, GIMP_PRECISION_U16_GAMMA);
    const gint image = gimp_item_get_image(layer);
    const Upscale upscale = {.model = MODEL_X2};
    g_autoptr(GeglBuffer) before = gimp_drawable_get_buffer(layer);
    g_autoptr(GeglBuffer) pixels = gegl_buffer_dup(before);
    g_autoptr(GeglBuffer) wanted = by_command(pixels);
    set_profile(image, TABLE);
    test_upscale(image, layer, &upscale);
    g_autoptr(GeglBuffer) found = gimp_drawable_get_buffer(layer);
    g_assert_cmpfloat(difference(found, wanted), <, 1.01 * step_of(GIMP_PRECISION_U16_GAMMA));
    GimpColorProfile *profile = gimp_image_get_color_profile(image), *table = table_profile(FALSE);
    g_assert_true(gimp_color_profile_is_equal(profile, table));
    g_object_unref(profile);
    g_object_unref(table);
    gimp_image_delete(image);
}

// GIMP and the command read the same file, profile and all, each by itself.
static void test_file_of_the_same_profile(void)
{
    g_autofree char *path = test_path("adobe.png"), *out = test_path("out.png");
    g_autofree char *model = test_model(MODEL_X2);
    const gint layer = test_image(40, 30, GIMP_RGB_IMAGE, GIMP_PRECISION_U16_GAMMA);
    set_profile(gimp_item_get_image(layer), ADOBE);
    test_paint(layer, 5);
    g_assert_true(
        gimp_file_save(GIMP_RUN_NONINTERACTIVE, gimp_item_get_image(layer), layer, path, path));
    gimp_image_delete(gimp_item_get_image(layer));
    test_command("upscale", path, "-o", out, "-m", model, "--overwrite", NULL);
    const gint image = gimp_file_load(GIMP_RUN_NONINTERACTIVE, path, path);
    g_assert_cmpint(image, >, 0);
    const Upscale upscale = {.model = MODEL_X2};
    const gint done = test_upscale(image, gimp_image_get_active_layer(image), &upscale);
    g_autoptr(GeglBuffer) found = test_buffer(done);
    g_autoptr(GeglBuffer) wanted = gan_image_load(out, NULL, NULL);
    g_assert_nonnull(wanted);
    g_assert_cmpfloat(difference(found, wanted), <, 1.01 / 65535.0);
    gimp_image_delete(image);
}

// An indexed image keeps its palette: each pixel is the palette's nearest to the network's colour.
static void test_indexed(void)
{
    static const GimpImageType types[] = {GIMP_INDEXED_IMAGE, GIMP_INDEXEDA_IMAGE};
    for (guint t = 0; t < G_N_ELEMENTS(types); t++) {
        const gint layer = test_image(37, 23, types[t], GIMP_PRECISION_U8_GAMMA);
        const gint image = gimp_item_get_image(layer);
        const Upscale upscale = {.model = MODEL_X2};
        const char *name = t ? "R'G'B'A u8" : "R'G'B' u8";
        const guint n = t ? 4 : 3;
        g_autoptr(GeglBuffer) before = gimp_drawable_get_buffer(layer);
        g_autoptr(GeglBuffer) pixels =
            gegl_buffer_new(gegl_buffer_get_extent(before), babl_format(name));
        gegl_buffer_copy(before, NULL, GEGL_ABYSS_NONE, pixels, NULL);
        g_autoptr(GeglBuffer) wanted = by_command(pixels);
        test_upscale(image, layer, &upscale);
        g_assert_cmpint(gimp_image_base_type(image), ==, GIMP_INDEXED);
        g_autoptr(GeglBuffer) found = gimp_drawable_get_buffer(layer);
        g_autofree guint8 *a = g_malloc(74 * 46 * 4), *b = g_malloc(74 * 46 * 4);
        gegl_buffer_get(found, NULL, 1.0, babl_format(name), a, GEGL_AUTO_ROWSTRIDE,
                        GEGL_ABYSS_NONE);
        gegl_buffer_get(wanted, NULL, 1.0, babl_format(name), b, GEGL_AUTO_ROWSTRIDE,
                        GEGL_ABYSS_NONE);
        // The palette has steps of 85, so the nearest is at most half of that away.
        for (gsize i = 0; i < (gsize)74 * 46; i++) {
            const gboolean opaque = !t || a[n * i + 3] > 0;
            for (guint c = 0; c < 3 && opaque; c++) {
                if (abs(a[n * i + c] - b[n * i + c]) > 43)
                    g_error("pixel %" G_GSIZE_FORMAT ": %u, wanted near %u", i, a[n * i + c],
                            b[n * i + c]);
            }
        }
        gimp_image_delete(image);
    }
}

// The layer and the selection go through the network as the whole image does.
static void test_scopes(void)
{
    const gint layer = test_image(60, 50, GIMP_RGBA_IMAGE, GIMP_PRECISION_U16_GAMMA);
    const gint image = gimp_item_get_image(layer);
    g_autoptr(GeglBuffer) before = test_buffer(layer);
    g_autoptr(GeglBuffer) pixels = gegl_buffer_dup(before);
    g_autoptr(GeglBuffer) wanted = by_command(pixels);
    const Upscale of_layer = {.model = MODEL_X2, .scope = SCOPE_LAYER};
    g_autofree char *old = test_describe(image, TRUE);
    const gint larger = test_upscale(image, layer, &of_layer);
    g_assert_cmpint(larger, !=, layer);
    g_assert_cmpint(gimp_image_width(image), ==, 60);
    g_assert_cmpint(gimp_image_get_item_position(image, larger), ==, 0);
    g_assert_cmpint(gimp_image_get_item_position(image, layer), ==, 1);
    g_autoptr(GeglBuffer) found = test_buffer(larger);
    g_assert_cmpfloat(difference(found, wanted), <, 1e-6);
    gint x = 0, y = 0;
    gimp_drawable_offsets(larger, &x, &y);
    g_assert_cmpint(x, ==, -30); // the same centre
    g_assert_cmpint(y, ==, -25);
    gimp_image_remove_layer(image, larger);
    g_autofree char *again = test_describe(image, TRUE);
    g_assert_cmpstr(again, ==, old);

    gimp_image_select_rectangle(image, GIMP_CHANNEL_OP_REPLACE, 20.0, 10.0, 15.0, 12.0);
    const Upscale of_selection = {.model = MODEL_X2, .scope = SCOPE_SELECTION};
    const gint part = test_upscale(image, layer, &of_selection);
    g_assert_cmpint(gimp_drawable_width(part), ==, 30);
    g_assert_cmpint(gimp_drawable_height(part), ==, 24);
    // The network saw what surrounds the selection, so the pixels are those of the whole.
    g_autoptr(GeglBuffer) of_part = test_buffer(part);
    g_autoptr(GeglBuffer) cut =
        gegl_buffer_new(GEGL_RECTANGLE(0, 0, 30, 24), gegl_buffer_get_format(of_part));
    gegl_buffer_copy(wanted, GEGL_RECTANGLE(40, 20, 30, 24), GEGL_ABYSS_NONE, cut,
                     GEGL_RECTANGLE(0, 0, 30, 24));
    g_assert_cmpfloat(difference(of_part, cut), <, 4.0 / 65535.0);
    g_assert_cmpint(gimp_layer_get_mask(part), >, 0);
    gimp_drawable_offsets(part, &x, &y);
    g_assert_cmpint(x, ==, 12); // the same centre, rounded down
    g_assert_cmpint(y, ==, 4);
    gimp_image_delete(image);
}

void test_add_pixels(void)
{
    g_test_add_func("/gimp/pixels/types-and-precisions-as-the-command", test_types_and_precisions);
    g_test_add_func("/gimp/pixels/profiles-as-the-command", test_profiles);
    g_test_add_func("/gimp/pixels/profile-counts", test_profile_counts);
    g_test_add_func("/gimp/pixels/table-profile-is-seen", test_table_is_seen);
    g_test_add_func("/gimp/pixels/table-profile-is-left-out-and-kept", test_table_profile);
    g_test_add_func("/gimp/pixels/file-with-a-profile-as-the-command",
                    test_file_of_the_same_profile);
    g_test_add_func("/gimp/pixels/indexed-keeps-its-palette", test_indexed);
    g_test_add_func("/gimp/pixels/layer-and-selection-as-the-whole", test_scopes);
}
