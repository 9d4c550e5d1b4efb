// SPDX-License-Identifier: LGPL-3.0-or-later
// Everything in an image goes where Scale Image puts it: the same image is scaled by
// gimp_image_scale() and both are told as text. Only the pixels of layers differ.
#include "support.h"

#include <string.h>

static gint add_layer(gint image, const char *name, gint parent, gint x, gint y, gint width,
                      gint height, gboolean alpha)
{
    const gint base = gimp_image_base_type(image);
    const GimpImageType types[] = {[GIMP_RGB] = GIMP_RGB_IMAGE,
                                   [GIMP_GRAY] = GIMP_GRAY_IMAGE,
                                   [GIMP_INDEXED] = GIMP_INDEXED_IMAGE};
    const gint layer = gimp_layer_new(image, name, width, height, types[base] + (alpha ? 1 : 0),
                                      100.0, GIMP_LAYER_MODE_NORMAL);
    gimp_image_insert_layer(image, layer, parent, 0);
    gimp_layer_set_offsets(layer, x, y);
    test_paint(layer, g_str_hash(name) % 50);
    return layer;
}

static gint add_group(gint image, const char *name, gint parent)
{
    const gint group = gimp_layer_group_new(image);
    gimp_image_insert_layer(image, group, parent, 0);
    gimp_item_set_name(group, name);
    return group;
}

static gint add_mask(gint layer)
{
    const gint mask = gimp_layer_create_mask(layer, GIMP_ADD_MASK_WHITE);
    gimp_layer_add_mask(layer, mask);
    test_paint(mask, 7);
    return mask;
}

static void add_marks(gint image)
{
    const GimpRGB green = {0.0, 1.0, 0.0, 1.0};
    const gint channel = gimp_channel_new(image, "channel", gimp_image_width(image),
                                          gimp_image_height(image), 50.0, &green);
    gimp_image_insert_channel(image, channel, 0, 0);
    test_paint(channel, 3);
    gimp_image_select_ellipse(image, GIMP_CHANNEL_OP_REPLACE, 10.5, 8.0, 25.0, 14.0);
    const gint path = gimp_vectors_new(image, "path");
    gimp_image_insert_vectors(image, path, 0, 0);
    const gint stroke = gimp_vectors_bezier_stroke_new_moveto(path, 5.25, 6.5);
    gimp_vectors_bezier_stroke_lineto(path, stroke, 15.0, 16.75);
    gimp_vectors_bezier_stroke_cubicto(path, stroke, 20.0, -3.0, 31.0, 9.5, 60.0, 40.0);
    gimp_image_add_hguide(image, 11);
    gimp_image_add_vguide(image, 13);
    gimp_image_add_vguide(image, gimp_image_width(image));
    gimp_image_add_sample_point(image, 9, 8);
    gimp_image_set_resolution(image, 300.0, 250.0);
}

// One of everything that an enlargement carries along.
static gint rich_image(GimpImageType type, GimpPrecision precision)
{
    const gint bottom = test_image(61, 47, type, precision);
    const gint image = gimp_item_get_image(bottom);
    const gint small = add_layer(image, "small", 0, -7, 5, 20, 11, TRUE);
    add_mask(small);
    const gint hidden = add_layer(image, "hidden", 0, 33, -3, 17, 60, TRUE);
    gimp_item_set_visible(hidden, FALSE);
    const gint held = add_layer(image, "alpha held", 0, 3, 4, 30, 21, TRUE);
    gimp_layer_set_lock_alpha(held, TRUE);
    const gint outside = add_layer(image, "outside", 0, 70, 50, 13, 9, FALSE);
    gimp_item_set_linked(outside, TRUE);
    add_layer(image, "one pixel", 0, 17, 19, 1, 1, TRUE);
    const gint group = add_group(image, "group", 0);
    const gint inner = add_layer(image, "in the group", group, 3, -4, 30, 31, TRUE);
    gimp_layer_set_mode(inner, GIMP_LAYER_MODE_MULTIPLY);
    gimp_layer_set_opacity(inner, 80.0);
    gimp_layer_set_apply_mask(inner, TRUE);
    const gint nested = add_group(image, "nested", group);
    gimp_layer_set_mode(nested, GIMP_LAYER_MODE_PASS_THROUGH);
    const gint deep = add_layer(image, "deep", nested, -9, 22, 18, 13, TRUE);
    gimp_layer_set_apply_mask(deep, FALSE);
    add_mask(deep);
    gimp_layer_set_apply_mask(deep, FALSE);
    add_layer(image, "deep, too", nested, 21, 15, 23, 5, TRUE);
    add_group(image, "empty", nested);
    add_mask(nested);
    add_mask(group);
    const gint locked_group = add_group(image, "locked group", 0);
    const gint locked = add_layer(image, "locked", locked_group, 11, 9, 15, 17, TRUE);
    gimp_item_set_lock_content(locked, TRUE);
    gimp_item_set_lock_position(locked, TRUE);
    gimp_item_set_lock_content(locked_group, TRUE);
    if (type != GIMP_INDEXED_IMAGE && type != GIMP_INDEXEDA_IMAGE) {
        const gint text =
            gimp_text_fontname(image, -1, 2.0, 30.0, "Ag", 0, TRUE, 12.0, GIMP_PIXELS, "Sans");
        g_assert_true(gimp_item_is_text_layer(text));
    }
    add_marks(image);
    gimp_image_set_active_layer(image, inner);
    gimp_image_clean_all(image);
    return image;
}

static const GimpInterpolationType interpolations[] = {
    [MASKS_NONE] = GIMP_INTERPOLATION_NONE,     [MASKS_LINEAR] = GIMP_INTERPOLATION_LINEAR,
    [MASKS_CUBIC] = GIMP_INTERPOLATION_CUBIC,   [MASKS_NOHALO] = GIMP_INTERPOLATION_NOHALO,
    [MASKS_LOHALO] = GIMP_INTERPOLATION_LOHALO,
};

static void assert_same(const char *found, const char *wanted)
{
    g_auto(GStrv) a = g_strsplit(found, "\n", -1), b = g_strsplit(wanted, "\n", -1);
    for (guint i = 0; a[i] || b[i]; i++) {
        g_assert_cmpstr(a[i], ==, b[i]);
        if (!a[i] || !b[i])
            break;
    }
}

// Scales an image by GIMP itself, says what it became, and closes it.
static char *scaled_by_gimp(gint image, gint width, gint height, gint interpolation,
                            double resolution_factor_x, double resolution_factor_y)
{
    double x = 0.0, y = 0.0;
    gimp_context_push();
    gimp_context_set_interpolation(interpolations[interpolation]);
    g_assert_true(gimp_image_scale(image, width, height));
    gimp_context_pop();
    gimp_image_get_resolution(image, &x, &y);
    gimp_image_set_resolution(image, x * resolution_factor_x, y * resolution_factor_y);
    char *text = test_describe(image, FALSE);
    gimp_image_delete(image);
    return text;
}

static void check(GimpImageType type, GimpPrecision precision, const Upscale *upscale)
{
    const gint image = rich_image(type, precision);
    const gint width = gimp_image_width(image), height = gimp_image_height(image);
    const gint wide = upscale->width ? upscale->width : 2 * width;
    const gint high = upscale->height ? upscale->height : 2 * height;
    const gboolean keeps = upscale->keep_print_size != 0;
    g_autofree char *wanted =
        scaled_by_gimp(rich_image(type, precision), wide, high, upscale->interpolation,
                       keeps ? (double)wide / width : 1.0, keeps ? (double)high / height : 1.0);
    g_autofree char *before = test_describe(image, TRUE);
    gint result = 0, layer = 0;
    if (test_upscale_mode(GIMP_RUN_NONINTERACTIVE, image, gimp_image_get_active_drawable(image),
                          upscale, &result, &layer) != GIMP_PDB_SUCCESS)
        g_error("%s", gimp_get_pdb_error());
    g_autofree char *found = test_describe(result, FALSE);
    assert_same(found, wanted);
    g_autofree char *active = gimp_item_get_name(gimp_image_get_active_layer(result));
    g_assert_cmpstr(active, ==, "in the group");
    g_assert_cmpint(layer, ==, gimp_image_get_active_layer(result));
    g_assert_cmpint(result == image, ==, upscale->scope == SCOPE_IMAGE);
    if (result != image) {
        g_autofree char *after = test_describe(image, TRUE);
        assert_same(after, before);
        g_assert_false(gimp_image_is_dirty(image));
        gimp_image_delete(result);
    }
    gimp_image_delete(image);
}

static void test_twice(void)
{
    const Upscale upscale = {.model = MODEL_X2, .interpolation = MASKS_CUBIC};
    check(GIMP_RGB_IMAGE, GIMP_PRECISION_U8_GAMMA, &upscale);
}

static void test_every_interpolation(void)
{
    for (gint i = MASKS_NONE; i <= MASKS_LOHALO; i++) {
        const Upscale upscale = {
            .model = MODEL_X2, .interpolation = i, .width = 143, .height = 111};
        check(GIMP_RGBA_IMAGE, GIMP_PRECISION_U8_GAMMA, &upscale);
    }
}

static void test_odd_sizes(void)
{
    static const gint sizes[][2] = {{61, 47}, {62, 47}, {61, 90}, {100, 200}, {183, 141}};
    for (guint i = 0; i < G_N_ELEMENTS(sizes); i++) {
        const Upscale upscale = {.model = MODEL_X2,
                                 .interpolation = MASKS_LINEAR,
                                 .width = sizes[i][0],
                                 .height = sizes[i][1]};
        check(GIMP_RGBA_IMAGE, GIMP_PRECISION_U8_GAMMA, &upscale);
    }
}

static void test_smaller(void)
{
    static const gint sizes[][2] = {{40, 30}, {40, 60}, {31, 24}, {70, 24}};
    for (guint i = 0; i < G_N_ELEMENTS(sizes); i++) {
        const Upscale upscale = {.model = MODEL_X2,
                                 .interpolation = MASKS_CUBIC,
                                 .width = sizes[i][0],
                                 .height = sizes[i][1]};
        check(GIMP_RGBA_IMAGE, GIMP_PRECISION_U8_GAMMA, &upscale);
    }
}

static void test_precisions(void)
{
    static const GimpPrecision precisions[] = {GIMP_PRECISION_U8_LINEAR, GIMP_PRECISION_U16_GAMMA,
                                               GIMP_PRECISION_HALF_LINEAR,
                                               GIMP_PRECISION_FLOAT_LINEAR};
    for (guint i = 0; i < G_N_ELEMENTS(precisions); i++) {
        const Upscale upscale = {.model = MODEL_X2, .interpolation = MASKS_CUBIC};
        check(GIMP_RGB_IMAGE, precisions[i], &upscale);
    }
}

static void test_grey_and_indexed(void)
{
    const Upscale upscale = {.model = MODEL_X2, .interpolation = MASKS_CUBIC};
    check(GIMP_GRAY_IMAGE, GIMP_PRECISION_U8_GAMMA, &upscale);
    check(GIMP_GRAYA_IMAGE, GIMP_PRECISION_U16_LINEAR, &upscale);
    check(GIMP_INDEXEDA_IMAGE, GIMP_PRECISION_U8_GAMMA, &upscale);
}

static void test_print_size(void)
{
    const Upscale upscale = {.model = MODEL_X2,
                             .interpolation = MASKS_CUBIC,
                             .width = 100,
                             .height = 141,
                             .keep_print_size = TRUE};
    check(GIMP_RGB_IMAGE, GIMP_PRECISION_U8_GAMMA, &upscale);
}

static void test_new_image(void)
{
    const Upscale upscale = {
        .model = MODEL_X2, .interpolation = MASKS_CUBIC, .scope = SCOPE_NEW_IMAGE};
    check(GIMP_RGB_IMAGE, GIMP_PRECISION_U8_GAMMA, &upscale);
}

// Offsets and sizes at many places, against GIMP.
static void test_random_places(void)
{
    for (guint round = 0; round < 6; round++) {
        const gint bottom = test_image(50, 40, GIMP_RGB_IMAGE, GIMP_PRECISION_U8_GAMMA);
        const gint image = gimp_item_get_image(bottom);
        gint parent = 0;
        for (guint i = 0; i < 14; i++) {
            if (i % 4 == 3)
                parent = g_test_rand_int_range(0, 3) ? add_group(image, "group", parent) : 0;
            add_layer(image, "layer", parent, g_test_rand_int_range(-40, 60),
                      g_test_rand_int_range(-40, 60), g_test_rand_int_range(1, 20),
                      g_test_rand_int_range(1, 20), TRUE);
        }
        const Upscale upscale = {.model = MODEL_X2,
                                 .width = g_test_rand_int_range(50, 160),
                                 .height = g_test_rand_int_range(40, 130)};
        g_autofree char *wanted = scaled_by_gimp(gimp_image_duplicate(image), upscale.width,
                                                 upscale.height, MASKS_NONE, 1.0, 1.0);
        test_upscale(image, gimp_image_get_active_drawable(image), &upscale);
        g_autofree char *found = test_describe(image, FALSE);
        assert_same(found, wanted);
        gimp_image_delete(image);
    }
}

// The pixels of layers are the network's wherever the layer lies, also under a mask or a lock.
static void test_every_layer_has_its_pixels(void)
{
    const gint image = rich_image(GIMP_RGB_IMAGE, GIMP_PRECISION_U8_GAMMA);
    const Upscale upscale = {.model = MODEL_X2, .interpolation = MASKS_CUBIC};
    static const char *const names[] = {"picture",      "small",   "hidden",
                                        "alpha held",   "outside", "one pixel",
                                        "in the group", "deep",    "locked"};
    GeglBuffer *wanted[G_N_ELEMENTS(names)] = {NULL};
    g_autofree char *model = test_model(MODEL_X2);
    for (guint i = 0; i < G_N_ELEMENTS(names); i++) {
        g_autofree char *in = test_path("in.png"), *out = test_path("out.png");
        GeglBuffer *buffer = test_buffer(gimp_image_get_layer_by_name(image, names[i]));
        g_assert_true(gan_image_save(buffer, in, NULL, NULL));
        g_object_unref(buffer);
        test_command("upscale", in, "-o", out, "-m", model, "--overwrite", NULL);
        wanted[i] = gan_image_load(out, NULL, NULL);
        g_assert_nonnull(wanted[i]);
    }
    test_upscale(image, gimp_image_get_active_drawable(image), &upscale);
    for (guint i = 0; i < G_N_ELEMENTS(names); i++) {
        GeglBuffer *found = test_buffer(gimp_image_get_layer_by_name(image, names[i]));
        const GeglRectangle extent = *gegl_buffer_get_extent(found);
        const gsize n = (gsize)extent.width * (gsize)extent.height * 4;
        g_autofree guint8 *a = g_malloc(n), *b = g_malloc(n);
        const Babl *format = babl_format("R'G'B'A u8");
        gegl_buffer_get(found, NULL, 1.0, format, a, GEGL_AUTO_ROWSTRIDE, GEGL_ABYSS_NONE);
        gegl_buffer_get(wanted[i], &extent, 1.0, format, b, GEGL_AUTO_ROWSTRIDE, GEGL_ABYSS_NONE);
        for (gsize k = 0; k < n; k++) {
            if (a[k] != b[k])
                g_error("'%s' at %" G_GSIZE_FORMAT ": %u, wanted %u", names[i], k, a[k], b[k]);
        }
        g_object_unref(found);
        g_object_unref(wanted[i]);
    }
    gimp_image_delete(image);
}

void test_add_geometry(void)
{
    g_test_add_func("/gimp/geometry/twice-as-scale-image", test_twice);
    g_test_add_func("/gimp/geometry/every-interpolation-as-scale-image", test_every_interpolation);
    g_test_add_func("/gimp/geometry/odd-sizes-as-scale-image", test_odd_sizes);
    g_test_add_func("/gimp/geometry/smaller-as-scale-image", test_smaller);
    g_test_add_func("/gimp/geometry/precisions-as-scale-image", test_precisions);
    g_test_add_func("/gimp/geometry/grey-and-indexed-as-scale-image", test_grey_and_indexed);
    g_test_add_func("/gimp/geometry/print-size-is-kept-if-asked-for", test_print_size);
    g_test_add_func("/gimp/geometry/new-image-leaves-the-old-one", test_new_image);
    g_test_add_func("/gimp/geometry/random-places-as-scale-image", test_random_places);
    g_test_add_func("/gimp/geometry/every-layer-has-the-network's-pixels",
                    test_every_layer_has_its_pixels);
}
