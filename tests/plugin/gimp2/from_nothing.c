// SPDX-License-Identifier: LGPL-3.0-or-later
// A menu item that needs no image: what it makes becomes one, in what it is made of; what fails
// leaves none behind. The tests' own item fails with a seed of 6 and cancels itself with one of 7.
#include "support.h"

#include <math.h>
#include <string.h>

enum { FAILING = 6, CANCELLING = 7 };

static GimpPDBStatusType make(GimpRunMode mode, gint width, gint height, gint seed, gint format,
                              gint *image, gint *layer)
{
    gint n = 0;
    GimpParam *results = gimp_run_procedure(
        "plug-in-gan-pattern", &n, GIMP_PDB_INT32, mode, GIMP_PDB_INT32, width, GIMP_PDB_INT32,
        height, GIMP_PDB_INT32, seed, GIMP_PDB_INT32, format, GIMP_PDB_END);
    const GimpPDBStatusType status = results[0].data.d_status;
    if (status == GIMP_PDB_SUCCESS) {
        g_assert_cmpint(n, ==, 3);
        *image = results[1].data.d_image;
        *layer = results[2].data.d_layer;
    }
    gimp_destroy_params(results, n);
    return status;
}

static gint count_images(void)
{
    gint n = 0;
    g_free(gimp_image_list(&n));
    return n;
}

static void test_image_from_nothing(void)
{
    gint image = 0, layer = 0, n = 0;
    g_assert_cmpint(count_images(), ==, 0);
    g_assert_cmpint(make(GIMP_RUN_NONINTERACTIVE, 50, 33, 2, 0, &image, &layer), ==,
                    GIMP_PDB_SUCCESS);
    g_assert_cmpint(count_images(), ==, 1);
    g_assert_cmpint(gimp_image_width(image), ==, 50);
    g_assert_cmpint(gimp_image_height(image), ==, 33);
    g_autofree gint *layers = gimp_image_get_layers(image, &n);
    g_assert_cmpint(n, ==, 1);
    g_assert_cmpint(layers[0], ==, layer);
    g_assert_cmpint(gimp_image_get_active_layer(image), ==, layer);
    g_autofree char *name = gimp_item_get_name(layer);
    g_assert_cmpstr(name, ==, "Squares");
    g_assert_cmpint(gimp_drawable_width(layer), ==, 50);
    g_assert_cmpint(gimp_drawable_height(layer), ==, 33);
    // Closing it asks, and what follows can be undone.
    g_assert_true(gimp_image_is_dirty(image));
    g_assert_true(gimp_image_undo_is_enabled(image));
    gimp_image_delete(image);
    // Other images do not matter.
    const gint other =
        gimp_item_get_image(test_image(16, 12, GIMP_INDEXED_IMAGE, GIMP_PRECISION_U8_GAMMA));
    g_autofree char *before = test_describe(other, TRUE);
    g_assert_cmpint(make(GIMP_RUN_NONINTERACTIVE, 7, 5, 2, 0, &image, &layer), ==,
                    GIMP_PDB_SUCCESS);
    g_assert_cmpint(count_images(), ==, 2);
    g_assert_cmpint(gimp_image_base_type(image), ==, GIMP_RGB);
    g_autofree char *after = test_describe(other, TRUE);
    g_assert_cmpstr(after, ==, before);
    g_assert_false(gimp_image_is_dirty(other));
    gimp_image_delete(image);
    gimp_image_delete(other);
}

// In the order of the item's formats.
static const struct {
    GimpImageBaseType base;
    GimpPrecision precision;
    gboolean has_alpha, is_wide;
} rows[] = {
    {GIMP_RGB, GIMP_PRECISION_U8_GAMMA, FALSE, FALSE},
    {GIMP_RGB, GIMP_PRECISION_U16_GAMMA, TRUE, FALSE},
    {GIMP_GRAY, GIMP_PRECISION_U8_GAMMA, FALSE, FALSE},
    {GIMP_GRAY, GIMP_PRECISION_FLOAT_LINEAR, TRUE, FALSE},
    {GIMP_RGB, GIMP_PRECISION_HALF_LINEAR, FALSE, FALSE},
    {GIMP_RGB, GIMP_PRECISION_U32_GAMMA, FALSE, FALSE},
    {GIMP_RGB, GIMP_PRECISION_DOUBLE_GAMMA, TRUE, FALSE},
    {GIMP_RGB, GIMP_PRECISION_U16_GAMMA, FALSE, TRUE},
    {GIMP_RGB, GIMP_PRECISION_FLOAT_LINEAR, TRUE, TRUE},
    {GIMP_RGB, GIMP_PRECISION_FLOAT_GAMMA, FALSE, FALSE},
};

// The numbers that the item has painted, as its space has them.
static void check_pixels(gint layer, gboolean is_wide, gboolean is_grey)
{
    static const float colours[2][3] = {{1.0f, 0.0f, 0.25f}, {0.0f, 0.5f, 1.0f}};
    const Babl *format =
        babl_format_with_space("R'G'B' float", babl_space(is_wide ? "Rec2020" : "sRGB"));
    GeglBuffer *buffer = test_buffer(layer);
    for (gint x = 0; x < 2; x++) {
        float found[3], wanted[3];
        gegl_buffer_sample(buffer, 20 * x + 4, 4, NULL, found, format, GEGL_SAMPLER_NEAREST,
                           GEGL_ABYSS_NONE);
        memcpy(wanted, colours[x], sizeof(wanted));
        if (is_grey)
            babl_process(babl_fish(babl_format("R'G'B' float"), babl_format("Y' float")),
                         colours[x], wanted, 1);
        for (gint c = 0; c < 3; c++)
            g_assert_cmpfloat_with_epsilon(found[c], wanted[is_grey ? 0 : c], 1.0 / 255.0);
    }
    g_object_unref(buffer);
}

static void test_formats(void)
{
    for (guint i = 0; i < G_N_ELEMENTS(rows); i++) {
        gint image = 0, layer = 0;
        g_test_message("format %u", i);
        g_assert_cmpint(make(GIMP_RUN_NONINTERACTIVE, 32, 16, 0, (gint)i, &image, &layer), ==,
                        GIMP_PDB_SUCCESS);
        g_assert_cmpint(gimp_image_base_type(image), ==, rows[i].base);
        g_assert_cmpint(gimp_image_get_precision(image), ==, rows[i].precision);
        g_assert_cmpint(gimp_drawable_has_alpha(layer), ==, rows[i].has_alpha);
        GimpColorProfile *profile = gimp_image_get_color_profile(image);
        g_assert_cmpint(profile != NULL, ==, rows[i].is_wide);
        if (profile)
            g_assert_cmpint(gimp_color_profile_is_linear(profile), ==,
                            rows[i].precision == GIMP_PRECISION_FLOAT_LINEAR);
        g_clear_object(&profile);
        check_pixels(layer, rows[i].is_wide, rows[i].base == GIMP_GRAY);
        gimp_image_delete(image);
    }
}

static void test_failing(void)
{
    gint image = 0, layer = 0;
    const struct {
        gint side, seed;
        GimpPDBStatusType status;
        const char *words;
    } calls[] = {
        {20, FAILING, GIMP_PDB_EXECUTION_ERROR, "no pattern has the seed 6"},
        {20, FAILING, GIMP_PDB_EXECUTION_ERROR, "There is too little memory"},
        {1000000, 1, GIMP_PDB_EXECUTION_ERROR, "Choose a smaller size"},
        {20, CANCELLING, GIMP_PDB_CANCEL, ""},
    };
    for (guint i = 0; i < G_N_ELEMENTS(calls); i++) {
        g_assert_cmpint(make(GIMP_RUN_NONINTERACTIVE, calls[i].side, calls[i].side, calls[i].seed,
                             0, &image, &layer),
                        ==, calls[i].status);
        g_test_message("%s", gimp_get_pdb_error());
        g_assert_nonnull(strstr(gimp_get_pdb_error(), calls[i].words));
        g_assert_cmpint(count_images(), ==, 0);
    }
    // More than GIMP can hold is made by the item, but is no image.
    g_assert_cmpint(make(GIMP_RUN_NONINTERACTIVE, 600000, 1, 1, 0, &image, &layer), ==,
                    GIMP_PDB_EXECUTION_ERROR);
    g_test_message("%s", gimp_get_pdb_error());
    g_assert_nonnull(strstr(gimp_get_pdb_error(), "The new image cannot be made"));
    g_assert_cmpint(count_images(), ==, 0);
}

void test_add_from_nothing(void)
{
    g_test_add_func("/gimp/from-nothing/it-needs-no-image-and-makes-one", test_image_from_nothing);
    g_test_add_func("/gimp/from-nothing/the-image-is-in-the-format-of-the-pixels", test_formats);
    g_test_add_func("/gimp/from-nothing/what-fails-leaves-no-image", test_failing);
    test_add_own_from_nothing();
}
