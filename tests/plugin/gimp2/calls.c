// SPDX-License-Identifier: LGPL-3.0-or-later
// Calls of the procedures: what is refused and in which words, last-used values, lists of files.
#include "support.h"

#include <glib/gstdio.h>
#include <string.h>

static char *hostile(const char *name)
{
    return g_build_filename(g_getenv("GOLDEN"), "..", "hostile", name, NULL);
}

// Refused, with these words, and nothing is changed.
static void refused(gint image, gint drawable, const Upscale *upscale, GimpPDBStatusType status,
                    const char *words)
{
    g_autofree char *before = test_describe(image, TRUE);
    gimp_image_clean_all(image);
    test_upscale_fails(image, drawable, upscale, status, words);
    g_autofree char *after = test_describe(image, TRUE);
    g_assert_cmpstr(after, ==, before);
    g_assert_false(gimp_image_is_dirty(image));
}

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
        {{.alpha = 2}, "'alpha' is 2"},
        {{.no_detail = 3.0}, "'detail' is -2"},
        {{.keep_print_size = 7}, "'keep-print-size' is 7"},
    };
    for (guint i = 0; i < G_N_ELEMENTS(rows); i++) {
        Upscale upscale = rows[i].upscale;
        upscale.model = MODEL_X2;
        refused(image, layer, &upscale, GIMP_PDB_CALLING_ERROR, rows[i].words);
    }
    const Upscale small = {.model = MODEL_X2, .factor = 0.1};
    refused(image, layer, &small, GIMP_PDB_EXECUTION_ERROR, "The factor is 0.1");
    const Upscale large = {.model = MODEL_X2, .width = 16 * 17};
    refused(image, layer, &large, GIMP_PDB_EXECUTION_ERROR, "more than 16 times");
    gimp_image_delete(image);
}

static void test_models(void)
{
    const gint layer = test_image(16, 12, GIMP_RGB_IMAGE, GIMP_PRECISION_U8_GAMMA);
    const gint image = gimp_item_get_image(layer);
    const Upscale none = {.model = NULL};
    refused(image, layer, &none, GIMP_PDB_EXECUTION_ERROR, "No model is installed");
    refused(image, layer, &none, GIMP_PDB_EXECUTION_ERROR, "own/data/gimp-gan/models");
    const Upscale unknown = {.model = "no-such-model"};
    refused(image, layer, &unknown, GIMP_PDB_EXECUTION_ERROR, "no-such-model");
    const Upscale missing = {.model = "/nowhere/model.pth"};
    refused(image, layer, &missing, GIMP_PDB_EXECUTION_ERROR, "/nowhere/model.pth");
    static const char *const files[] = {"html.pth", "empty-file.pth", "bad-crc.pth",
                                        "exec-os-system.pth", "deflate-corrupt.pth"};
    for (guint i = 0; i < G_N_ELEMENTS(files); i++) {
        g_autofree char *path = hostile(files[i]);
        const Upscale damaged = {.model = path};
        refused(image, layer, &damaged, GIMP_PDB_EXECUTION_ERROR, files[i]);
    }
    const Upscale device = {.model = MODEL_X2, .device = "abacus"};
    refused(image, layer, &device, GIMP_PDB_EXECUTION_ERROR, "abacus");
    gimp_image_delete(image);
}

static void test_what_is_no_layer(void)
{
    const gint layer = test_image(16, 12, GIMP_RGBA_IMAGE, GIMP_PRECISION_U8_GAMMA);
    const gint image = gimp_item_get_image(layer);
    const Upscale upscale = {.model = MODEL_X2, .scope = SCOPE_LAYER};
    const gint mask = gimp_layer_create_mask(layer, GIMP_ADD_MASK_WHITE);
    gimp_layer_add_mask(layer, mask);
    refused(image, mask, &upscale, GIMP_PDB_EXECUTION_ERROR, "layer mask");
    const GimpRGB green = {0.0, 1.0, 0.0, 1.0};
    const gint channel = gimp_channel_new(image, "channel", 16, 12, 50.0, &green);
    gimp_image_insert_channel(image, channel, 0, 0);
    refused(image, channel, &upscale, GIMP_PDB_EXECUTION_ERROR, "channel");
    const gint group = gimp_layer_group_new(image);
    gimp_image_insert_layer(image, group, 0, 0);
    refused(image, group, &upscale, GIMP_PDB_EXECUTION_ERROR, "group");
    const Upscale selection = {.model = MODEL_X2, .scope = SCOPE_SELECTION};
    refused(image, layer, &selection, GIMP_PDB_EXECUTION_ERROR, "Nothing is selected");
    gimp_image_select_rectangle(image, GIMP_CHANNEL_OP_REPLACE, 2.0, 2.0, 8.0, 8.0);
    gimp_edit_copy(layer);
    const gint floating = gimp_edit_paste(layer, TRUE);
    g_assert_true(gimp_layer_is_floating_sel(floating));
    const Upscale whole = {.model = MODEL_X2};
    refused(image, floating, &upscale, GIMP_PDB_EXECUTION_ERROR, "floating selection");
    refused(image, layer, &whole, GIMP_PDB_EXECUTION_ERROR, "floating selection");
    gimp_floating_sel_anchor(floating);
    test_upscale(image, layer, &whole);
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

static GimpPDBStatusType upscale_files(const char **files, const char *folder,
                                       const char *extension, const char *model, gint *n_done,
                                       char **failures)
{
    gint n = 0;
    GimpParam *results = gimp_run_procedure(
        "plug-in-gan-upscale-files", &n, GIMP_PDB_INT32, GIMP_RUN_NONINTERACTIVE, GIMP_PDB_INT32,
        (gint)g_strv_length((char **)files), GIMP_PDB_STRINGARRAY, files, GIMP_PDB_STRING, folder,
        GIMP_PDB_STRING, extension, GIMP_PDB_STRING, model, GIMP_PDB_FLOAT, 1.0, GIMP_PDB_FLOAT,
        1.0, GIMP_PDB_FLOAT, 0.0, GIMP_PDB_INT32, 0, GIMP_PDB_INT32, 0, GIMP_PDB_INT32, 0,
        GIMP_PDB_INT32, 0, GIMP_PDB_INT32, 0, GIMP_PDB_INT32, 0, GIMP_PDB_STRING, "cpu",
        GIMP_PDB_END);
    const GimpPDBStatusType status = results[0].data.d_status;
    if (status == GIMP_PDB_SUCCESS) {
        g_assert_cmpint(n, ==, 3);
        *n_done = results[1].data.d_int32;
        *failures = g_strdup(results[2].data.d_string);
    }
    gimp_destroy_params(results, n);
    return status;
}

static char *picture_file(const char *name, GimpImageType type, GimpPrecision precision)
{
    char *path = test_path(name);
    const gint layer = test_image(20, 15, type, precision), image = gimp_item_get_image(layer);
    g_assert_true(gimp_file_save(GIMP_RUN_NONINTERACTIVE, image, layer, path, path));
    gimp_image_delete(image);
    return path;
}

static void test_files(void)
{
    g_autofree char *a = picture_file("a.png", GIMP_RGBA_IMAGE, GIMP_PRECISION_U8_GAMMA);
    g_autofree char *b = picture_file("b.tif", GIMP_RGB_IMAGE, GIMP_PRECISION_U16_GAMMA);
    g_autofree char *bad = test_path("bad.png"), *missing = test_path("missing.png");
    g_autofree char *folder = test_path("results/deep"), *model = test_model(MODEL_X2);
    g_assert_true(g_file_set_contents(bad, "no picture", -1, NULL));
    // Several layers become one picture.
    const gint bottom = test_image(20, 15, GIMP_RGB_IMAGE, GIMP_PRECISION_U8_GAMMA);
    const gint layered = gimp_item_get_image(bottom);
    const gint top =
        gimp_layer_new(layered, "top", 5, 5, GIMP_RGBA_IMAGE, 100.0, GIMP_LAYER_MODE_NORMAL);
    gimp_image_insert_layer(layered, top, 0, 0);
    gimp_layer_set_offsets(top, 18, -2);
    test_paint(top, 4);
    g_autofree char *xcf = test_path("c.xcf");
    g_assert_true(gimp_file_save(GIMP_RUN_NONINTERACTIVE, layered, top, xcf, xcf));
    gimp_image_delete(layered);

    const char *files[] = {a, bad, b, missing, xcf, NULL};
    gint n_done = 0;
    g_autofree char *failures = NULL;
    g_assert_cmpint(upscale_files(files, folder, "png", model, &n_done, &failures), ==,
                    GIMP_PDB_SUCCESS);
    g_assert_cmpint(n_done, ==, 3);
    g_auto(GStrv) lines = g_strsplit(failures, "\n", -1);
    g_test_message("%s", failures);
    g_assert_nonnull(strstr(lines[0], bad));
    g_assert_nonnull(strstr(failures, missing));
    static const char *const results[] = {"a.png", "b.png", "c.png"};
    for (guint i = 0; i < G_N_ELEMENTS(results); i++) {
        g_autofree char *path = g_build_filename(folder, results[i], NULL);
        g_autoptr(GeglBuffer) buffer = gan_image_load(path, NULL, NULL);
        g_assert_nonnull(buffer);
        g_assert_cmpint(gegl_buffer_get_width(buffer), ==, 40);
        g_assert_cmpint(gegl_buffer_get_height(buffer), ==, 30);
        // 16 bits stay 16 bits.
        g_assert_cmpint(babl_format_get_type(gegl_buffer_get_format(buffer), 0) == babl_type("u16"),
                        ==, i == 1);
    }
    // Nothing half-written is left beside them.
    g_autoptr(GDir) dir = g_dir_open(folder, 0, NULL);
    guint n_files = 0;
    while (g_dir_read_name(dir))
        n_files++;
    g_assert_cmpuint(n_files, ==, 3);
    // Images that were opened for it are closed.
    gint n_images = 0;
    g_free(gimp_image_list(&n_images));
    g_assert_cmpint(n_images, ==, 0);

    // JPEG has no transparency; without an extension a file keeps its own.
    const char *one[] = {a, NULL};
    g_autofree char *none = NULL, *again = NULL;
    g_autofree char *jpeg = g_build_filename(folder, "a.jpg", NULL);
    g_assert_cmpint(upscale_files(one, folder, "jpg", model, &n_done, &none), ==, GIMP_PDB_SUCCESS);
    g_assert_cmpint(n_done, ==, 1);
    g_assert_cmpstr(none, ==, "");
    g_autoptr(GeglBuffer) small = gan_image_load(jpeg, NULL, NULL);
    g_assert_nonnull(small);
    g_assert_cmpint(upscale_files(one, folder, "", model, &n_done, &again), ==, GIMP_PDB_SUCCESS);
    g_assert_cmpint(n_done, ==, 1);
    // What concerns all files is an error.
    g_assert_cmpint(upscale_files(one, folder, "png", "no-such-model", &n_done, &none), ==,
                    GIMP_PDB_EXECUTION_ERROR);
    g_assert_nonnull(strstr(gimp_get_pdb_error(), "no-such-model"));
    g_assert_cmpint(upscale_files(one, "/proc/none", "png", model, &n_done, &none), ==,
                    GIMP_PDB_EXECUTION_ERROR);
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
    g_autofree char *in = picture_file("script.png", GIMP_RGB_IMAGE, GIMP_PRECISION_U8_GAMMA);
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

void test_add_calls(void)
{
    g_test_add_func("/gimp2/calls/arguments-out-of-range-are-refused", test_arguments_out_of_range);
    g_test_add_func("/gimp2/calls/missing-and-damaged-models-are-told", test_models);
    g_test_add_func("/gimp2/calls/what-is-no-layer-is-refused", test_what_is_no_layer);
    g_test_add_func("/gimp2/calls/last-values-are-used-again", test_last_values);
    g_test_add_func("/gimp2/calls/files-are-done-in-one-call", test_files);
    g_test_add_func("/gimp2/calls/procedures-are-documented", test_documentation);
    g_test_add_func("/gimp2/calls/script-fu-can-call-it", test_script_fu);
}
