// SPDX-License-Identifier: LGPL-3.0-or-later
// Calls of the procedures as only 2.10 has them: ranges, last-used values, documentation,
// Script-Fu.
#include "support.h"

#include <glib/gstdio.h>
#include <string.h>

static void test_arguments_out_of_range(void)
{
    const gint layer = test_image(16, 12, GIMP_RGB_IMAGE, GIMP_PRECISION_U8_GAMMA);
    const gint image = gimp_item_get_image(layer);
    const struct {
        Upscale upscale;
        const char *words;
    } rows[] = {
        {{.factor = 99.0}, "'factor' is 99; it needs to be from 0 to 16"},
        {{.factor = -1.0}, "'factor' is -1"},
        {{.width = -5}, "'width' is -5"},
        {{.height = 600000}, "'height' is 600000"},
        {{.scope = 9}, "'scope' is 9"},
        {{.interpolation = -1}, "'interpolation' is -1"},
        {{.alpha = 4}, "'alpha' is 4"},
        {{.no_detail = 3.0}, "'detail' is -2"},
        {{.keep_print_size = 7}, "'keep-print-size' is 7"},
    };
    for (guint i = 0; i < G_N_ELEMENTS(rows); i++) {
        Upscale upscale = rows[i].upscale;
        upscale.model = MODEL_X2;
        test_refused(image, layer, &upscale, GIMP_PDB_CALLING_ERROR, rows[i].words);
    }
    const Upscale small = {.model = MODEL_X2, .factor = 0.1};
    test_refused(image, layer, &small, GIMP_PDB_EXECUTION_ERROR, "The factor is 0.1");
    const Upscale large = {.model = MODEL_X2, .width = 16 * 17};
    test_refused(image, layer, &large, GIMP_PDB_EXECUTION_ERROR, "more than 16 times");
    gimp_image_delete(image);
}

// WITH_LAST_VALS takes what was kept and leaves the arguments.
static void test_last_values(void)
{
    const gint layer = test_image(16, 12, GIMP_RGB_IMAGE, GIMP_PRECISION_U8_GAMMA);
    const gint image = gimp_item_get_image(layer);
    const Upscale ignored = {.model = "no-such-model", .factor = 1.0};
    g_autofree char *model = test_model(MODEL_X2);
    // From GIMP's folder of settings, as after a new start.
    g_autofree char *folder = g_build_filename(gimp_directory(), "gimp-gan", NULL);
    g_autofree char *file = g_build_filename(folder, "upscale.ini", NULL);
    g_autofree char *kept =
        g_strdup_printf("[values]\nmodel=%s\nwidth=40\nheight=0\ndevice=cpu\nfactor=77\n", model);
    g_assert_cmpint(g_mkdir_with_parents(folder, 0700), ==, 0);
    g_assert_true(g_file_set_contents(file, kept, -1, NULL));
    g_assert_cmpint(test_upscale_mode(GIMP_RUN_WITH_LAST_VALS, image, layer, &ignored, NULL, NULL),
                    ==, GIMP_PDB_SUCCESS);
    g_assert_cmpint(gimp_image_width(image), ==, 40);
    g_assert_cmpint(gimp_image_height(image), ==, 30);
    // What this session of GIMP knows comes first.
    g_autofree char *newer = g_strdup_printf("[values]\nmodel=%s\nfactor=0.5\n", model);
    g_assert_true(gimp_set_data("plug-in-gan-upscale", newer, (guint32)strlen(newer)));
    g_assert_cmpint(test_upscale_mode(GIMP_RUN_WITH_LAST_VALS, image, layer, &ignored, NULL, NULL),
                    ==, GIMP_PDB_SUCCESS);
    g_assert_cmpint(gimp_image_width(image), ==, 20);
    // A call with arguments of its own changes neither.
    const Upscale own = {.model = MODEL_X2, .width = 33};
    test_upscale(image, layer, &own);
    g_assert_cmpint(gimp_get_data_size("plug-in-gan-upscale"), ==, (gint)strlen(newer));
    g_assert_cmpint(g_unlink(file), ==, 0);
    gimp_image_delete(image);
}

// The procedure browser shows what the task declares.
static void test_documentation(void)
{
    char *blurb = NULL, *help = NULL, *author = NULL, *copyright = NULL, *date = NULL;
    GimpPDBProcType type;
    gint n_arguments = 0, n_results = 0;
    GimpParamDef *arguments = NULL, *results = NULL;
    g_assert_true(gimp_procedural_db_proc_info("plug-in-gan-upscale", &blurb, &help, &author,
                                               &copyright, &date, &type, &n_arguments, &n_results,
                                               &arguments, &results));
    g_assert_cmpint(n_arguments, ==, 14);
    g_assert_cmpint(n_results, ==, 2);
    g_assert_cmpstr(arguments[0].name, ==, "run-mode");
    g_assert_cmpstr(arguments[6].name, ==, "factor");
    g_assert_cmpint(arguments[6].type, ==, GIMP_PDB_FLOAT);
    g_assert_nonnull(strstr(arguments[6].description, "0 <= factor <= 16"));
    g_assert_nonnull(strstr(arguments[9].description, "selection (3)"));
    g_assert_cmpuint(strlen(help), >, 80);
    g_assert_true(gimp_procedural_db_proc_info("plug-in-gan-upscale-files", &blurb, &help, &author,
                                               &copyright, &date, &type, &n_arguments, &n_results,
                                               &arguments, &results));
    g_assert_nonnull(strstr(blurb, "list of picture files"));
    g_assert_cmpint(n_arguments, ==, 16);
    g_assert_cmpint(arguments[2].type, ==, GIMP_PDB_STRINGARRAY);
    g_assert_true(gimp_procedural_db_proc_info("plug-in-gan-models", &blurb, &help, &author,
                                               &copyright, &date, &type, &n_arguments, &n_results,
                                               &arguments, &results));
    g_assert_cmpint(n_arguments, ==, 1);
}

// A script in Script-Fu, as the README shows it; its error is GIMP's message.
static void test_script_fu(void)
{
    g_autofree char *in = test_picture_file("script.png", GIMP_RGB_IMAGE, GIMP_PRECISION_U8_GAMMA);
    g_autofree char *out = test_path("script-out.png"), *model = test_model(MODEL_X2);
    g_autofree char *script = g_strdup_printf(
        "(let* ((image (car (gimp-file-load RUN-NONINTERACTIVE \"%s\" \"\")))"
        "       (layer (car (gimp-image-get-active-layer image)))"
        "       (result (plug-in-gan-upscale RUN-NONINTERACTIVE image layer"
        "                 \"%s\" 1 1 3 0 0 0 2 0 FALSE \"auto\")))"
        "  (gimp-file-save RUN-NONINTERACTIVE (car result) (cadr result) \"%s\" \"\")"
        "  (gimp-image-delete image))",
        in, model, out);
    gint n = 0;
    GimpParam *results =
        gimp_run_procedure("plug-in-script-fu-eval", &n, GIMP_PDB_INT32, GIMP_RUN_NONINTERACTIVE,
                           GIMP_PDB_STRING, script, GIMP_PDB_END);
    if (results[0].data.d_status != GIMP_PDB_SUCCESS)
        g_error("%s", gimp_get_pdb_error());
    gimp_destroy_params(results, n);
    g_autoptr(GeglBuffer) buffer = gan_image_load(out, NULL, NULL);
    g_assert_nonnull(buffer);
    g_assert_cmpint(gegl_buffer_get_width(buffer), ==, 60);
}

void test_add_own_calls(void)
{
    g_test_add_func("/gimp2/calls/arguments-out-of-range-are-refused", test_arguments_out_of_range);
    g_test_add_func("/gimp2/calls/last-values-are-used-again", test_last_values);
    g_test_add_func("/gimp2/calls/procedures-are-documented", test_documentation);
    g_test_add_func("/gimp2/calls/script-fu-can-call-it", test_script_fu);
}

// What an item that needs no image tells of itself, and that it is in a menu for no type of image.
static void test_from_nothing_declared(void)
{
    char *blurb = NULL, *help = NULL, *author = NULL, *copyright = NULL, *date = NULL;
    GimpPDBProcType type;
    gint n_arguments = 0, n_results = 0, n = 0;
    GimpParamDef *arguments = NULL, *results = NULL;
    g_assert_true(gimp_procedural_db_proc_info("plug-in-gan-pattern", &blurb, &help, &author,
                                               &copyright, &date, &type, &n_arguments, &n_results,
                                               &arguments, &results));
    static const char *const names[] = {"run-mode", "width", "height", "seed", "format"};
    g_assert_cmpint(n_arguments, ==, G_N_ELEMENTS(names));
    for (guint i = 0; i < G_N_ELEMENTS(names); i++)
        g_assert_cmpstr(arguments[i].name, ==, names[i]);
    g_assert_cmpint(n_results, ==, 2);
    g_assert_cmpint(results[0].type, ==, GIMP_PDB_IMAGE);
    g_assert_cmpint(results[1].type, ==, GIMP_PDB_LAYER);
    g_assert_false(gimp_procedural_db_proc_exists("plug-in-gan-pattern-files"));
    // Arrays behind their lengths: menu paths, accelerators, programs, types of images, times, names.
    enum { PATHS = 2, TYPES = 8, NAMES = 12 };
    GimpParam *items =
        gimp_run_procedure("gimp-plugins-query", &n, GIMP_PDB_STRING, "Pattern…", GIMP_PDB_END);
    g_assert_cmpint(items[PATHS - 1].data.d_int32, ==, 1);
    g_assert_cmpstr(items[PATHS].data.d_stringarray[0], ==, "<Image>/Filters/GAN/Pattern…");
    g_assert_null(items[TYPES].data.d_stringarray[0]);
    g_assert_cmpstr(items[NAMES].data.d_stringarray[0], ==, "plug-in-gan-pattern");
    gimp_destroy_params(items, n);
}

// A call without a word about the size or the format.
static void test_from_nothing_again(void)
{
    static const char kept[] = "[values]\nwidth=40\nheight=30\nseed=3\nformat=R'G'B'A u16\n";
    gint n = 0;
    g_assert_true(gimp_set_data("plug-in-gan-pattern", kept, sizeof(kept) - 1));
    GimpParam *results = gimp_run_procedure("plug-in-gan-pattern", &n, GIMP_PDB_INT32,
                                            GIMP_RUN_WITH_LAST_VALS, GIMP_PDB_END);
    g_assert_cmpint(results[0].data.d_status, ==, GIMP_PDB_SUCCESS);
    const gint image = results[1].data.d_image;
    gimp_destroy_params(results, n);
    g_assert_cmpint(gimp_image_width(image), ==, 40);
    g_assert_cmpint(gimp_image_height(image), ==, 30);
    g_assert_cmpint(gimp_image_get_precision(image), ==, GIMP_PRECISION_U16_GAMMA);
    gimp_image_delete(image);
    // Ranges are told, as of every other item.
    results = gimp_run_procedure("plug-in-gan-pattern", &n, GIMP_PDB_INT32, GIMP_RUN_NONINTERACTIVE,
                                 GIMP_PDB_INT32, 0, GIMP_PDB_INT32, 5, GIMP_PDB_INT32, 1,
                                 GIMP_PDB_INT32, 0, GIMP_PDB_END);
    g_assert_cmpint(results[0].data.d_status, ==, GIMP_PDB_CALLING_ERROR);
    gimp_destroy_params(results, n);
    g_assert_nonnull(strstr(gimp_get_pdb_error(),
                            "'width' is 0; it needs to be a whole number from 1 to 1e+06"));
    g_free(gimp_image_list(&n));
    g_assert_cmpint(n, ==, 0);
}

void test_add_own_from_nothing(void)
{
    g_test_add_func("/gimp2/from-nothing/arguments-results-and-menu", test_from_nothing_declared);
    g_test_add_func("/gimp2/from-nothing/last-values-and-ranges", test_from_nothing_again);
}
