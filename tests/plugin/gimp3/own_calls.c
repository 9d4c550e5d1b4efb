// SPDX-License-Identifier: LGPL-3.0-or-later
// Calls of the procedures as only GIMP 3 has them: typed arguments with ranges, last values that
// GIMP keeps in its folder, Script-Fu with arguments by name.
//
// Compiled without by_id.h, over libgimp 3 as it is.
#include "../gimp2/support.h"
#include <glib/gstdio.h>
#include <string.h>

static GimpImage *image_of(gint layer)
{
    return gimp_item_get_image(gimp_item_get_by_id(layer));
}

// Runs a script; FALSE when it failed, with GIMP's words in gimp_pdb_get_last_error().
static gboolean run_script(const char *format, ...)
{
    va_list arguments;
    va_start(arguments, format);
    g_autofree char *text = g_strdup_vprintf(format, arguments);
    va_end(arguments);
    g_autofree char *script = g_strconcat("(begin (script-fu-use-v3) ", text, ")", NULL);
    GimpProcedure *procedure = gimp_pdb_lookup_procedure(gimp_get_pdb(), "plug-in-script-fu-eval");
    GimpValueArray *results =
        gimp_procedure_run(procedure, "run-mode", GIMP_RUN_NONINTERACTIVE, "script", script, NULL);
    const gboolean done = GIMP_VALUES_GET_ENUM(results, 0) == GIMP_PDB_SUCCESS;
    gimp_value_array_unref(results);
    return done;
}

static void test_script_fu(void)
{
    g_autofree char *in =
        test_picture_file("script.png", GIMP_RGB_IMAGE, GIMP_PRECISION_U8_NON_LINEAR);
    g_autofree char *out = test_path("script-out.png"), *model = test_model(MODEL_X2);
    g_assert_true(run_script("(let* ((image (gimp-file-load RUN-NONINTERACTIVE \"%s\"))"
                             "       (layers (gimp-image-get-selected-drawables image)))"
                             "  (plug-in-gan-upscale #:image image #:drawables layers"
                             "    #:model \"%s\" #:factor 3 #:device \"auto\")"
                             "  (gimp-file-save RUN-NONINTERACTIVE image \"%s\")"
                             "  (gimp-image-delete image))",
                             in, model, out));
    g_autoptr(GeglBuffer) buffer = gan_image_load(out, NULL, NULL);
    g_assert_nonnull(buffer);
    g_assert_cmpint(gegl_buffer_get_width(buffer), ==, 60);
    g_assert_cmpint(gegl_buffer_get_height(buffer), ==, 45);
}

static void test_files_from_script_fu(void)
{
    g_autofree char *a = test_picture_file("s1.png", GIMP_RGB_IMAGE, GIMP_PRECISION_U8_NON_LINEAR);
    g_autofree char *b = test_picture_file("s2.png", GIMP_RGB_IMAGE, GIMP_PRECISION_U8_NON_LINEAR);
    g_autofree char *folder = test_path("from-script"), *model = test_model(MODEL_X2);
    g_autofree char *told = test_path("told"), *result = test_path("from-script/s2.tif");
    g_assert_true(run_script(
        "(let ((results (plug-in-gan-upscale-files #:files (list \"%s\" \"%s\") #:folder \"%s\""
        "                 #:extension \"tif\" #:model \"%s\" #:scope \"image\"))"
        "      (port (open-output-file \"%s\")))"
        "  (write results port) (close-output-port port))",
        a, b, folder, model, told));
    g_autofree char *text = NULL;
    g_assert_true(g_file_get_contents(told, &text, NULL, NULL));
    g_assert_cmpstr(text, ==, "(2 \"\")");
    g_autoptr(GeglBuffer) buffer = gan_image_load(result, NULL, NULL);
    g_assert_nonnull(buffer);
    g_assert_cmpint(gegl_buffer_get_width(buffer), ==, 40);
}

// GIMP refuses before the plug-in starts; nothing is changed. (Script-Fu of 3.0 takes the initial
// choice for one that there is not, with a warning of GLib's.)
static void test_arguments_out_of_range(void)
{
    const gint layer = test_image(16, 12, GIMP_RGB_IMAGE, GIMP_PRECISION_U8_NON_LINEAR);
    GimpImage *image = image_of(layer);
    const gint id = gimp_image_get_id(image);
    g_autofree char *before = test_describe(id, TRUE), *model = test_model(MODEL_X2);
    static const char *const arguments[] = {"#:factor 99",     "#:factor -1", "#:width -5",
                                            "#:height 600000", "#:detail 2",  "#:no-such-thing 1",
                                            "#:factor 0.1",    "#:width 272"};
    for (guint i = 0; i < G_N_ELEMENTS(arguments); i++) {
        if (run_script("(plug-in-gan-upscale #:image %d #:drawables (vector %d) #:model \"%s\" %s)",
                       id, layer, model, arguments[i]))
            g_error("%s was taken", arguments[i]);
        g_test_message("%s", gimp_pdb_get_last_error(gimp_get_pdb()));
        g_autofree char *after = test_describe(id, TRUE);
        g_assert_cmpstr(after, ==, before);
    }
    g_assert_false(gimp_image_is_dirty(image));
    gimp_image_delete(image);
}

// As the Batcher plug-in and others call it: a configuration, of which they set what they know of.
static void test_configuration(void)
{
    const gint layer = test_image(16, 12, GIMP_RGB_IMAGE, GIMP_PRECISION_U8_NON_LINEAR);
    GimpImage *image = image_of(layer);
    g_autofree char *before = test_describe(gimp_image_get_id(image), TRUE);
    g_autofree char *model = test_model(MODEL_X2);
    GimpProcedure *procedure = gimp_pdb_lookup_procedure(gimp_get_pdb(), "plug-in-gan-upscale");
    // Batcher makes its own fields for these types and passes over others.
    gint n_arguments = 0;
    GParamSpec **arguments = gimp_procedure_get_arguments(procedure, &n_arguments);
    for (gint i = 3; i < n_arguments; i++)
        g_assert_true(G_IS_PARAM_SPEC_STRING(arguments[i]) ||
                      G_IS_PARAM_SPEC_DOUBLE(arguments[i]) || G_IS_PARAM_SPEC_INT(arguments[i]) ||
                      G_IS_PARAM_SPEC_BOOLEAN(arguments[i]) ||
                      GIMP_IS_PARAM_SPEC_CHOICE(arguments[i]));
    GimpProcedureConfig *config = gimp_procedure_create_config(procedure);
    GObject *drawables[] = {G_OBJECT(gimp_item_get_by_id(layer)), NULL};
    g_object_set(config, "run-mode", GIMP_RUN_NONINTERACTIVE, "image", image, "model", model,
                 "scope", "new-image", NULL);
    gimp_procedure_config_set_core_object_array(config, "drawables", drawables, 1);
    GimpValueArray *results = gimp_procedure_run_config(procedure, config);
    g_assert_cmpint(GIMP_VALUES_GET_ENUM(results, 0), ==, GIMP_PDB_SUCCESS);
    GimpImage *larger = GIMP_VALUES_GET_IMAGE(results, 1);
    g_assert_true(larger != image);
    g_assert_cmpint(gimp_image_get_width(larger), ==, 32);
    g_assert_cmpint(gimp_image_get_height(larger), ==, 24);
    g_assert_true(gimp_item_get_image(GIMP_ITEM(GIMP_VALUES_GET_LAYER(results, 2))) == larger);
    g_autofree char *after = test_describe(gimp_image_get_id(image), TRUE);
    g_assert_cmpstr(after, ==, before);
    gimp_value_array_unref(results);
    g_object_unref(config);
    gimp_image_delete(larger);
    gimp_image_delete(image);
}

// What the dialog chose last is in GIMP's folder, so that it is there after a new start.
static void test_last_values(void)
{
    const gint layer = test_image(16, 12, GIMP_RGB_IMAGE, GIMP_PRECISION_U8_NON_LINEAR);
    GimpImage *image = image_of(layer);
    g_autofree char *model = test_model(MODEL_X2);
    g_autofree char *folder = g_build_filename(gimp_directory(), "plug-in-settings", NULL);
    g_autofree char *file =
        g_build_filename(folder, "GimpProcedureConfigRun-plug-in-gan-upscale.last", NULL);
    g_autofree char *kept = g_strdup_printf(
        "(model \"%s\")\n(width 40)\n(height 0)\n(device \"cpu\")\n(scope \"image\")\n", model);
    g_assert_cmpint(g_mkdir_with_parents(folder, 0700), ==, 0);
    g_assert_true(g_file_set_contents(file, kept, -1, NULL));
    const Upscale ignored = {.model = "no-such-model", .factor = 1.0};
    g_assert_cmpint(test_upscale_mode(GIMP_RUN_WITH_LAST_VALS, gimp_image_get_id(image), layer,
                                      &ignored, NULL, NULL),
                    ==, GIMP_PDB_SUCCESS);
    g_assert_cmpint(gimp_image_get_width(image), ==, 40);
    g_assert_cmpint(gimp_image_get_height(image), ==, 30);
    // A call with arguments of its own leaves them.
    const Upscale own = {.model = MODEL_X2, .width = 63};
    test_upscale(gimp_image_get_id(image), layer, &own);
    g_autofree char *still = NULL;
    g_assert_true(g_file_get_contents(file, &still, NULL, NULL));
    g_assert_cmpstr(still, ==, kept);
    g_assert_cmpint(g_unlink(file), ==, 0);
    gimp_image_delete(image);
}

// The procedure browser shows what the task declares.
static void test_documentation(void)
{
    GimpPDB *pdb = gimp_get_pdb();
    GimpProcedure *upscale = gimp_pdb_lookup_procedure(pdb, "plug-in-gan-upscale");
    GimpProcedure *files = gimp_pdb_lookup_procedure(pdb, "plug-in-gan-upscale-files");
    GimpProcedure *models = gimp_pdb_lookup_procedure(pdb, "plug-in-gan-models");
    gint n = 0;
    gimp_procedure_get_arguments(upscale, &n);
    g_assert_cmpint(n, ==, 14);
    gimp_procedure_get_return_values(upscale, &n);
    g_assert_cmpint(n, ==, 2);
    GParamSpec *factor = gimp_procedure_find_argument(upscale, "factor");
    g_assert_true(G_IS_PARAM_SPEC_DOUBLE(factor));
    g_assert_cmpfloat(G_PARAM_SPEC_DOUBLE(factor)->minimum, ==, 0.0);
    g_assert_cmpfloat(G_PARAM_SPEC_DOUBLE(factor)->maximum, ==, 16.0);
    g_assert_nonnull(strstr(g_param_spec_get_blurb(factor), "model's own scale"));
    GParamSpec *scope = gimp_procedure_find_argument(upscale, "scope");
    g_assert_true(GIMP_IS_PARAM_SPEC_CHOICE(scope));
    GimpChoice *choice = gimp_param_spec_choice_get_choice(scope);
    g_assert_true(gimp_choice_is_valid(choice, "selection"));
    g_assert_cmpint(gimp_choice_get_id(choice, "selection"), ==, SCOPE_SELECTION);
    GParamSpec *device = gimp_procedure_find_argument(upscale, "device");
    g_assert_cmpstr(G_PARAM_SPEC_STRING(device)->default_value, ==, "auto");
    g_assert_cmpuint(strlen(gimp_procedure_get_help(upscale)), >, 80);
    g_assert_cmpstr(gimp_procedure_get_image_types(upscale), ==, "*");
    g_assert_cmpstr(gimp_procedure_get_menu_label(upscale), ==, "_Upscale…");
    const GList *paths = gimp_procedure_get_menu_paths(upscale);
    g_assert_nonnull(paths);
    g_assert_cmpstr(paths->data, ==, "<Image>/Filters/GAN");
    gimp_procedure_get_arguments(files, &n);
    g_assert_cmpint(n, ==, 14);
    g_assert_nonnull(gimp_procedure_find_argument(files, "folder"));
    g_assert_nonnull(strstr(gimp_procedure_get_blurb(files), "list of picture files"));
    gimp_procedure_get_arguments(models, &n);
    g_assert_cmpint(n, ==, 1);
}

void test_add_own_calls(void)
{
    g_test_add_func("/gimp3/calls/script-fu-can-call-it", test_script_fu);
    g_test_add_func("/gimp3/calls/script-fu-can-call-it-for-files", test_files_from_script_fu);
    g_test_add_func("/gimp3/calls/arguments-out-of-range-are-refused", test_arguments_out_of_range);
    g_test_add_func("/gimp3/calls/configuration-with-initial-values-will-do", test_configuration);
    g_test_add_func("/gimp3/calls/last-values-are-used-again", test_last_values);
    g_test_add_func("/gimp3/calls/procedures-are-documented", test_documentation);
}

// What an item that needs no image tells of itself.
static void test_from_nothing_declared(void)
{
    GimpPDB *pdb = gimp_get_pdb();
    GimpProcedure *pattern = gimp_pdb_lookup_procedure(pdb, "plug-in-gan-pattern");
    static const char *const names[] = {"run-mode", "width", "height", "seed", "format"};
    gint n = 0;
    GParamSpec **arguments = gimp_procedure_get_arguments(pattern, &n);
    g_assert_cmpint(n, ==, G_N_ELEMENTS(names));
    for (guint i = 0; i < G_N_ELEMENTS(names); i++)
        g_assert_cmpstr(arguments[i]->name, ==, names[i]);
    GParamSpec **results = gimp_procedure_get_return_values(pattern, &n);
    g_assert_cmpint(n, ==, 2);
    g_assert_true(GIMP_IS_PARAM_SPEC_IMAGE(results[0]));
    g_assert_true(GIMP_IS_PARAM_SPEC_LAYER(results[1]));
    g_assert_cmpstr(gimp_procedure_get_menu_label(pattern), ==, "_Pattern…");
    const GList *paths = gimp_procedure_get_menu_paths(pattern);
    g_assert_nonnull(paths);
    g_assert_cmpstr(paths->data, ==, "<Image>/Filters/GAN");
    g_assert_false(gimp_pdb_procedure_exists(pdb, "plug-in-gan-pattern-files"));
}

static void test_from_nothing_again(void)
{
    g_autofree char *folder = g_build_filename(gimp_directory(), "plug-in-settings", NULL);
    g_autofree char *file =
        g_build_filename(folder, "GimpProcedureConfigRun-plug-in-gan-pattern.last", NULL);
    g_assert_cmpint(g_mkdir_with_parents(folder, 0700), ==, 0);
    g_assert_true(g_file_set_contents(
        file, "(width 40)\n(height 30)\n(seed 3)\n(format \"R'G'B'A u16\")\n", -1, NULL));
    GimpProcedure *pattern = gimp_pdb_lookup_procedure(gimp_get_pdb(), "plug-in-gan-pattern");
    GimpValueArray *results =
        gimp_procedure_run(pattern, "run-mode", GIMP_RUN_WITH_LAST_VALS, NULL);
    g_assert_cmpint(GIMP_VALUES_GET_ENUM(results, 0), ==, GIMP_PDB_SUCCESS);
    GimpImage *image = GIMP_VALUES_GET_IMAGE(results, 1);
    g_assert_cmpint(gimp_image_get_width(image), ==, 40);
    g_assert_cmpint(gimp_image_get_height(image), ==, 30);
    g_assert_cmpint(gimp_image_get_precision(image), ==, GIMP_PRECISION_U16_NON_LINEAR);
    gimp_value_array_unref(results);
    gimp_image_delete(image);
    g_assert_cmpint(g_unlink(file), ==, 0);
    // From Script-Fu, which says only what is not to be initial.
    g_assert_true(run_script("(let ((image (car (plug-in-gan-pattern #:width 21))))"
                             "  (if (not (= (gimp-image-get-width image) 21)) (error 1))"
                             "  (gimp-image-delete image))"));
    g_assert_false(run_script("(plug-in-gan-pattern #:width 0)"));
    g_assert_null(gimp_get_images()[0]);
}

void test_add_own_from_nothing(void)
{
    g_test_add_func("/gimp3/from-nothing/arguments-results-and-menu", test_from_nothing_declared);
    g_test_add_func("/gimp3/from-nothing/last-values-and-ranges", test_from_nothing_again);
}
