// SPDX-License-Identifier: LGPL-3.0-or-later
// What only GIMP 3 has: layer effects, and several layers selected at once.
//
// Compiled without by_id.h, over libgimp 3 as it is.
#include "own.h"

#include "../gimp2/support.h"
#include <string.h>

#define BLUR "gegl:gaussian-blur"
#define INVERT "gegl:invert-gamma"

static GimpDrawable *drawable_of(gint id)
{
    return gimp_drawable_get_by_id(id);
}

static GimpImage *image_of(gint layer)
{
    return gimp_item_get_image(gimp_item_get_by_id(layer));
}

// A layer with two effects below each other, of which one is hidden.
static void add_effects(gint layer)
{
    gimp_drawable_append_new_filter(drawable_of(layer), INVERT, "inverted", GIMP_LAYER_MODE_REPLACE,
                                    0.75, NULL);
    GimpDrawableFilter *blur = gimp_drawable_append_new_filter(
        drawable_of(layer), BLUR, "blurred", GIMP_LAYER_MODE_REPLACE, 1.0, "std-dev-x", 2.5, NULL);
    gimp_drawable_filter_set_visible(blur, FALSE);
}

// The effects of a drawable as text.
static char *describe_effects(gint id)
{
    GString *text = g_string_new(NULL);
    g_autofree GimpDrawableFilter **effects = gimp_drawable_get_filters(drawable_of(id));
    for (guint i = 0; effects && effects[i]; i++) {
        g_autofree char *name = gimp_drawable_filter_get_name(effects[i]);
        g_autofree char *operation = gimp_drawable_filter_get_operation_name(effects[i]);
        g_string_append_printf(text, "%s '%s' visible %d opacity %.2f mode %d\n", operation, name,
                               gimp_drawable_filter_get_visible(effects[i]),
                               gimp_drawable_filter_get_opacity(effects[i]),
                               gimp_drawable_filter_get_blend_mode(effects[i]));
        if (g_str_equal(operation, BLUR)) {
            double deviation = 0.0;
            g_object_get(gimp_drawable_filter_get_config(effects[i]), "std-dev-x", &deviation,
                         NULL);
            g_string_append_printf(text, "%.2f\n", deviation);
        }
    }
    return g_string_free(text, FALSE);
}

// The image and its layers with their pixels as text. GIMP 3.0 may name the selection's format
// otherwise after effects were merged.
static char *describe_layers(GimpImage *image)
{
    char *text = test_describe(gimp_image_get_id(image), TRUE);
    char *rest = strstr(text, "\nselection");
    g_assert_nonnull(rest);
    *rest = 0;
    return text;
}

// The pixels below the effects go through the network; what the effects show follows from them.
static void test_effects_stay_above_the_new_pixels(void)
{
    const gint layer = test_image(40, 30, GIMP_RGBA_IMAGE, GIMP_PRECISION_U8_NON_LINEAR);
    const gint plain = test_image(40, 30, GIMP_RGBA_IMAGE, GIMP_PRECISION_U8_NON_LINEAR);
    GimpImage *image = image_of(layer), *other = image_of(plain);
    add_effects(layer);
    g_autofree char *before = describe_effects(layer);
    g_assert_nonnull(strstr(before, "'inverted' visible 1 opacity 0.75"));
    g_assert_nonnull(strstr(before, "2.50"));
    const Upscale upscale = {.model = MODEL_X2};
    test_upscale(gimp_image_get_id(image), layer, &upscale);
    test_upscale(gimp_image_get_id(other), plain, &upscale);
    g_autofree char *after = describe_effects(layer);
    g_assert_cmpstr(after, ==, before);
    g_autofree char *found = describe_layers(image);
    g_autofree char *wanted = describe_layers(other);
    g_assert_cmpstr(found, ==, wanted);

    // Merged, they cover the whole of the larger layer.
    gimp_drawable_merge_new_filter(drawable_of(plain), INVERT, "inverted", GIMP_LAYER_MODE_REPLACE,
                                   0.75, NULL);
    g_assert_true(gimp_drawable_merge_filters(drawable_of(layer)));
    g_autofree char *merged = describe_layers(image);
    g_autofree char *merged_too = describe_layers(other);
    g_assert_cmpstr(merged, ==, merged_too);
    g_assert_cmpstr(merged, !=, found);
    gimp_image_delete(image);
    gimp_image_delete(other);
}

static void test_effects_follow_into_a_new_image(void)
{
    const gint layer = test_image(40, 30, GIMP_RGB_IMAGE, GIMP_PRECISION_U8_NON_LINEAR);
    GimpImage *image = image_of(layer);
    add_effects(layer);
    g_autofree char *before = describe_effects(layer);
    const Upscale upscale = {.model = MODEL_X2, .scope = SCOPE_NEW_IMAGE};
    gint result = 0, result_layer = 0;
    g_assert_cmpint(test_upscale_mode(GIMP_RUN_NONINTERACTIVE, gimp_image_get_id(image), layer,
                                      &upscale, &result, &result_layer),
                    ==, GIMP_PDB_SUCCESS);
    g_assert_cmpint(result, !=, gimp_image_get_id(image));
    g_autofree char *after = describe_effects(result_layer);
    g_assert_cmpstr(after, ==, before);
    gimp_image_delete(gimp_image_get_by_id(result));
    gimp_image_delete(image);
}

// A layer of its own, above the old one or in an image of its own, has the same effects.
static void test_effects_follow_onto_a_new_layer(void)
{
    static const gint scopes[] = {SCOPE_LAYER, SCOPE_SELECTION, SCOPE_SELECTION_NEW_IMAGE};
    for (guint i = 0; i < G_N_ELEMENTS(scopes); i++) {
        const gint layer = test_image(40, 30, GIMP_RGBA_IMAGE, GIMP_PRECISION_U8_NON_LINEAR);
        const gint plain = test_image(40, 30, GIMP_RGBA_IMAGE, GIMP_PRECISION_U8_NON_LINEAR);
        GimpImage *image = image_of(layer), *other = image_of(plain);
        add_effects(layer);
        gimp_image_select_rectangle(image, GIMP_CHANNEL_OP_REPLACE, 5, 5, 20, 10);
        gimp_image_select_rectangle(other, GIMP_CHANNEL_OP_REPLACE, 5, 5, 20, 10);
        g_autofree char *before = describe_effects(layer);
        const Upscale upscale = {.model = MODEL_X2, .scope = scopes[i]};
        gint result = 0, found = 0, wanted = 0, wanted_image = 0;
        g_assert_cmpint(test_upscale_mode(GIMP_RUN_NONINTERACTIVE, gimp_image_get_id(image), layer,
                                          &upscale, &result, &found),
                        ==, GIMP_PDB_SUCCESS);
        g_assert_cmpint(test_upscale_mode(GIMP_RUN_NONINTERACTIVE, gimp_image_get_id(other), plain,
                                          &upscale, &wanted_image, &wanted),
                        ==, GIMP_PDB_SUCCESS);
        g_assert_cmpint(found, !=, layer);
        g_autofree char *after = describe_effects(found);
        g_assert_cmpstr(after, ==, before);
        g_autofree char *kept = describe_effects(layer);
        g_assert_cmpstr(kept, ==, before);
        // They are applied once: the pixels below are the network's.
        g_autofree char *pixels = test_describe(gimp_image_get_id(image_of(found)), TRUE);
        g_autofree char *plain_pixels = test_describe(gimp_image_get_id(image_of(wanted)), TRUE);
        g_assert_cmpstr(pixels, ==, plain_pixels);
        if (result != gimp_image_get_id(image)) {
            gimp_image_delete(gimp_image_get_by_id(result));
            gimp_image_delete(gimp_image_get_by_id(wanted_image));
        }
        gimp_image_delete(image);
        gimp_image_delete(other);
    }
}

static void test_effects_of_a_group_stay(void)
{
    const gint layer = test_image(40, 30, GIMP_RGBA_IMAGE, GIMP_PRECISION_U8_NON_LINEAR);
    GimpImage *image = image_of(layer);
    GimpGroupLayer *group = gimp_group_layer_new(image, "group");
    gimp_image_insert_layer(image, GIMP_LAYER(group), NULL, 0);
    GimpLayer *inner =
        gimp_layer_new(image, "inner", 11, 7, GIMP_RGBA_IMAGE, 100.0, GIMP_LAYER_MODE_NORMAL);
    gimp_image_insert_layer(image, inner, GIMP_LAYER(group), 0);
    const gint id = gimp_item_get_id(GIMP_ITEM(group));
    add_effects(id);
    g_autofree char *before = describe_effects(id);
    const Upscale upscale = {.model = MODEL_X2};
    test_upscale(gimp_image_get_id(image), layer, &upscale);
    g_autofree char *after = describe_effects(id);
    g_assert_cmpstr(after, ==, before);
    g_assert_cmpint(gimp_drawable_get_width(GIMP_DRAWABLE(group)), ==, 22);
    gimp_image_delete(image);
}

// Runs plug-in-gan-upscale with two layers; returns its status.
static GimpPDBStatusType upscale_two(GimpImage *image, GimpLayer *a, GimpLayer *b,
                                     const char *scope)
{
    GObject *drawables[] = {(GObject *)a, (GObject *)b, NULL};
    g_autofree char *model = test_model(MODEL_X2);
    GimpProcedure *procedure = gimp_pdb_lookup_procedure(gimp_get_pdb(), "plug-in-gan-upscale");
    GimpProcedureConfig *config = gimp_procedure_create_config(procedure);
    g_object_set(config, "run-mode", GIMP_RUN_NONINTERACTIVE, "image", image, "model", model,
                 "scope", scope, "device", "cpu", NULL);
    gimp_procedure_config_set_core_object_array(config, "drawables", drawables, 2);
    GimpValueArray *results = gimp_procedure_run_config(procedure, config);
    const GimpPDBStatusType status = GIMP_VALUES_GET_ENUM(results, 0);
    gimp_value_array_unref(results);
    g_object_unref(config);
    return status;
}

// The whole image has no need of one layer; what works on a layer refuses several in words.
static void test_several_layers(void)
{
    const gint layer = test_image(20, 10, GIMP_RGBA_IMAGE, GIMP_PRECISION_U8_NON_LINEAR);
    GimpImage *image = image_of(layer);
    GimpLayer *first = gimp_layer_get_by_id(layer);
    GimpLayer *second = gimp_layer_copy(first);
    gimp_image_insert_layer(image, second, NULL, 0);
    const GimpLayer *both[] = {first, second, NULL};
    gimp_image_set_selected_layers(image, both);
    g_autofree char *before = test_describe(gimp_image_get_id(image), TRUE);
    static const char *const refused[] = {"layer", "selection"};
    gimp_selection_all(image);
    gimp_selection_none(image);
    for (guint i = 0; i < G_N_ELEMENTS(refused); i++) {
        g_assert_cmpint(upscale_two(image, first, second, refused[i]), ==,
                        GIMP_PDB_EXECUTION_ERROR);
        const char *words = gimp_pdb_get_last_error(gimp_get_pdb());
        if (!strstr(words, "exactly one layer"))
            g_error("the message is '%s'", words);
        g_autofree char *after = test_describe(gimp_image_get_id(image), TRUE);
        g_assert_cmpstr(after, ==, before);
    }
    g_assert_cmpint(upscale_two(image, first, second, "image"), ==, GIMP_PDB_SUCCESS);
    g_assert_cmpint(gimp_drawable_get_width(GIMP_DRAWABLE(first)), ==, 40);
    g_assert_cmpint(gimp_drawable_get_width(GIMP_DRAWABLE(second)), ==, 40);
    g_autofree GimpLayer **selected = gimp_image_get_selected_layers(image);
    g_assert_cmpuint(gimp_core_object_array_get_length((GObject **)(void *)selected), ==, 2);
    gimp_image_delete(image);
}

// Several layers that lie in a group stay selected though layers come and go around them.
static void test_selected_layers_in_a_group(void)
{
    const gint layer = test_image(20, 10, GIMP_RGBA_IMAGE, GIMP_PRECISION_U8_NON_LINEAR);
    GimpImage *image = image_of(layer);
    GimpGroupLayer *group = gimp_group_layer_new(image, "group");
    gimp_image_insert_layer(image, GIMP_LAYER(group), NULL, 0);
    GimpLayer *first = gimp_layer_copy(gimp_layer_get_by_id(layer));
    GimpLayer *second = gimp_layer_copy(first);
    gimp_image_insert_layer(image, first, GIMP_LAYER(group), 0);
    gimp_image_insert_layer(image, second, GIMP_LAYER(group), 0);
    const GimpLayer *both[] = {second, first, NULL};
    gimp_image_set_selected_layers(image, both);
    g_assert_cmpint(upscale_two(image, second, first, "image"), ==, GIMP_PDB_SUCCESS);
    g_autofree GimpLayer **selected = gimp_image_get_selected_layers(image);
    g_assert_cmpuint(gimp_core_object_array_get_length((GObject **)(void *)selected), ==, 2);
    g_assert_true(selected[0] == first || selected[0] == second);
    g_assert_true(selected[1] == first || selected[1] == second);
    g_autofree GimpItem **children = gimp_item_get_children(GIMP_ITEM(group));
    g_assert_cmpuint(gimp_core_object_array_get_length((GObject **)(void *)children), ==, 2);
    gimp_image_delete(image);
}

void test_add_effects(void)
{
    g_test_add_func("/gimp3/effects/stay-above-the-new-pixels",
                    test_effects_stay_above_the_new_pixels);
    g_test_add_func("/gimp3/effects/follow-into-a-new-image", test_effects_follow_into_a_new_image);
    g_test_add_func("/gimp3/effects/follow-onto-a-new-layer", test_effects_follow_onto_a_new_layer);
    g_test_add_func("/gimp3/effects/of-a-group-stay", test_effects_of_a_group_stay);
    g_test_add_func("/gimp3/layers/several-for-the-image-one-for-a-layer", test_several_layers);
    g_test_add_func("/gimp3/layers/several-in-a-group-stay-selected",
                    test_selected_layers_in_a_group);
}
