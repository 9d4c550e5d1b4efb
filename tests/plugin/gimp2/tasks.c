// SPDX-License-Identifier: LGPL-3.0-or-later
// Menu items that a test adds, one file each, have all that the plug-in's own have: every scope,
// the procedure for files, arguments of every kind.
#include "support.h"

#include <string.h>

static gint copy(gint image, gint drawable, gint scope, gint *result_image)
{
    gint n = 0;
    GimpParam *results = gimp_run_procedure(
        "plug-in-gan-copy", &n, GIMP_PDB_INT32, GIMP_RUN_NONINTERACTIVE, GIMP_PDB_IMAGE, image,
        GIMP_PDB_DRAWABLE, drawable, GIMP_PDB_INT32, scope, GIMP_PDB_END);
    if (results[0].data.d_status != GIMP_PDB_SUCCESS)
        g_error("plug-in-gan-copy: %s", gimp_get_pdb_error());
    g_assert_cmpint(n, ==, 3);
    const gint layer = results[2].data.d_layer;
    if (result_image)
        *result_image = results[1].data.d_image;
    gimp_destroy_params(results, n);
    return layer;
}

// A picture with what work on pixels must leave alone.
static gint make_image(GimpImageType type, GimpPrecision precision)
{
    const gint layer = test_image(40, 30, type, precision), image = gimp_item_get_image(layer);
    const gint mask = gimp_layer_create_mask(layer, GIMP_ADD_MASK_WHITE);
    gimp_layer_add_mask(layer, mask);
    test_paint(mask, 3);
    const gint group = gimp_layer_group_new(image);
    gimp_image_insert_layer(image, group, 0, 0);
    const gint inner =
        gimp_layer_new(image, "inner", 17, 9,
                       gimp_image_base_type(image) == GIMP_INDEXED ? GIMP_INDEXEDA_IMAGE
                       : gimp_image_base_type(image) == GIMP_GRAY  ? GIMP_GRAYA_IMAGE
                                                                   : GIMP_RGBA_IMAGE,
                       70.0, GIMP_LAYER_MODE_NORMAL);
    gimp_image_insert_layer(image, inner, group, 0);
    gimp_layer_set_offsets(inner, 31, -4);
    test_paint(inner, 5);
    gimp_item_set_lock_content(inner, TRUE);
    gimp_image_select_ellipse(image, GIMP_CHANNEL_OP_REPLACE, 10.5, 8.0, 15.0, 14.0);
    gimp_image_set_resolution(image, 300.0, 250.0);
    gimp_image_set_active_layer(image, layer);
    gimp_image_clean_all(image);
    return layer;
}

static const struct {
    GimpImageType type;
    GimpPrecision precision;
} kinds[] = {
    {GIMP_RGBA_IMAGE, GIMP_PRECISION_U8_GAMMA},
    {GIMP_RGB_IMAGE, GIMP_PRECISION_FLOAT_LINEAR},
    {GIMP_GRAY_IMAGE, GIMP_PRECISION_U16_GAMMA},
    {GIMP_INDEXED_IMAGE, GIMP_PRECISION_U8_GAMMA},
};

// Work that keeps the size touches nothing but pixels, and is one step to undo.
static void test_whole(void)
{
    for (guint i = 0; i < G_N_ELEMENTS(kinds); i++) {
        const gint layer = make_image(kinds[i].type, kinds[i].precision);
        const gint image = gimp_item_get_image(layer);
        g_autofree char *before = test_describe(image, TRUE);
        gint other = 0;
        g_assert_cmpint(copy(image, layer, SCOPE_IMAGE, NULL), ==, layer);
        g_autofree char *after = test_describe(image, TRUE);
        g_assert_cmpstr(after, ==, before);
        g_assert_true(gimp_image_is_dirty(image));
        copy(image, layer, SCOPE_NEW_IMAGE, &other);
        g_assert_cmpint(other, !=, image);
        g_autofree char *of_copy = test_describe(other, TRUE);
        g_assert_cmpstr(of_copy, ==, before);
        gimp_image_delete(other);
        gimp_image_delete(image);
    }
}

// The stored numbers of a part of a layer, as 8 bits.
static guint8 *read_part(gint layer, gint x, gint y, gint width, gint height)
{
    g_autoptr(GeglBuffer) buffer = gimp_drawable_get_buffer(layer);
    guint8 *pixels = g_malloc((gsize)width * (gsize)height * 4);
    gegl_buffer_get(buffer, GEGL_RECTANGLE(x, y, width, height), 1.0, babl_format("R'G'B'A u8"),
                    pixels, GEGL_AUTO_ROWSTRIDE, GEGL_ABYSS_NONE);
    return pixels;
}

static void assert_part(gint layer, gint of, gint x, gint y)
{
    const gint width = gimp_drawable_width(layer), height = gimp_drawable_height(layer);
    g_autofree guint8 *found = read_part(layer, 0, 0, width, height);
    g_autofree guint8 *wanted = read_part(of, x, y, width, height);
    g_assert_cmpmem(found, (gsize)width * (gsize)height * 4, wanted,
                    (gsize)width * (gsize)height * 4);
}

static void test_layer_and_selection(void)
{
    for (guint i = 0; i < G_N_ELEMENTS(kinds); i++) {
        const gint layer = make_image(kinds[i].type, kinds[i].precision);
        const gint image = gimp_item_get_image(layer);
        gint x = 0, y = 0;
        const gint whole = copy(image, layer, SCOPE_LAYER, NULL);
        g_autofree char *name = gimp_item_get_name(whole);
        g_assert_cmpstr(name, ==, "picture, copied");
        assert_part(whole, layer, 0, 0);
        const gint part = copy(image, layer, SCOPE_SELECTION, NULL);
        gimp_drawable_offsets(part, &x, &y);
        g_assert_cmpint(gimp_drawable_width(part), <, 20);
        g_assert_cmpint(gimp_layer_get_mask(part), >, 0);
        assert_part(part, layer, x, y);
        gimp_image_delete(image);
    }
}

static void test_selection_to_a_new_image(void)
{
    for (guint i = 0; i < G_N_ELEMENTS(kinds); i++) {
        const gint layer = make_image(kinds[i].type, kinds[i].precision);
        const gint image = gimp_item_get_image(layer);
        double x = 0.0, y = 0.0;
        gint made = 0;
        gint part = copy(image, layer, SCOPE_SELECTION_NEW_IMAGE, &made);
        g_assert_cmpint(made, !=, image);
        g_assert_cmpint(gimp_image_base_type(made), ==, gimp_image_base_type(image));
        g_assert_cmpint(gimp_image_get_precision(made), ==, gimp_image_get_precision(image));
        g_assert_cmpint(gimp_image_width(made), ==, gimp_drawable_width(part));
        g_assert_cmpint(gimp_image_height(made), ==, gimp_drawable_height(part));
        g_assert_true(gimp_image_get_resolution(made, &x, &y));
        g_assert_cmpfloat(x, ==, 300.0);
        g_assert_cmpfloat(y, ==, 250.0);
        g_assert_true(gimp_image_undo_is_enabled(made));
        // An ellipse, and the layer's own mask.
        g_assert_cmpint(gimp_layer_get_mask(part), >, 0);
        assert_part(part, layer, 10, 8);
        gimp_image_delete(made);
        // A rectangle of a layer without a mask needs none.
        gimp_layer_remove_mask(layer, GIMP_MASK_DISCARD);
        gimp_image_select_rectangle(image, GIMP_CHANNEL_OP_REPLACE, 3.0, 4.0, 50.0, 11.0);
        part = copy(image, layer, SCOPE_SELECTION_NEW_IMAGE, &made);
        g_assert_cmpint(gimp_image_width(made), ==, 37);
        g_assert_cmpint(gimp_image_height(made), ==, 11);
        g_assert_cmpint(gimp_layer_get_mask(part), <=, 0);
        assert_part(part, layer, 3, 4);
        gimp_image_delete(made);
        gimp_image_delete(image);
    }
}

static void test_copied_files(void)
{
    g_autofree char *path = test_picture_file("plain.png", GIMP_RGB_IMAGE, GIMP_PRECISION_U8_GAMMA);
    g_autofree char *folder = test_path("copies");
    const char *files[] = {path, NULL};
    gint n = 0;
    GimpParam *results =
        gimp_run_procedure("plug-in-gan-copy-files", &n, GIMP_PDB_INT32, GIMP_RUN_NONINTERACTIVE,
                           GIMP_PDB_INT32, 1, GIMP_PDB_STRINGARRAY, files, GIMP_PDB_STRING, folder,
                           GIMP_PDB_STRING, "", GIMP_PDB_INT32, SCOPE_IMAGE, GIMP_PDB_END);
    g_assert_cmpint(results[0].data.d_status, ==, GIMP_PDB_SUCCESS);
    g_assert_cmpint(results[1].data.d_int32, ==, 1);
    gimp_destroy_params(results, n);
    g_autofree char *made = g_build_filename(folder, "plain.png", NULL);
    g_autoptr(GeglBuffer) buffer = gan_image_load(made, NULL, NULL);
    g_assert_nonnull(buffer);
    g_assert_cmpint(gegl_buffer_get_width(buffer), ==, 20);
}

enum { ALPHA_AUTO = 2, ALPHA_DATA };

static GimpPDBStatusType restore(gint image, gint drawable, double strength, double enlarge,
                                 gint scope, gint alpha, gint *layer)
{
    g_autofree char *model = test_model("rrdb-basicsr-x1.pth");
    g_autofree char *enlarging = test_model(MODEL_X2);
    gint n = 0;
    GimpParam *results = gimp_run_procedure(
        "plug-in-gan-restore", &n, GIMP_PDB_INT32, GIMP_RUN_NONINTERACTIVE, GIMP_PDB_IMAGE, image,
        GIMP_PDB_DRAWABLE, drawable, GIMP_PDB_STRING, model, GIMP_PDB_FLOAT, strength,
        GIMP_PDB_FLOAT, -1.0, GIMP_PDB_INT32, scope, GIMP_PDB_FLOAT, enlarge, GIMP_PDB_STRING,
        enlarging, GIMP_PDB_STRING, "cpu", GIMP_PDB_INT32, alpha, GIMP_PDB_END);
    const GimpPDBStatusType status = results[0].data.d_status;
    if (status != GIMP_PDB_SUCCESS)
        g_error("plug-in-gan-restore: %s", gimp_get_pdb_error());
    *layer = results[2].data.d_layer;
    gimp_destroy_params(results, n);
    return status;
}

// The plug-in's own: nothing of an image changes but pixels, and at a strength of 0 not these.
static void test_restore(void)
{
    for (guint i = 0; i < G_N_ELEMENTS(kinds); i++) {
        const gint layer = make_image(kinds[i].type, kinds[i].precision);
        const gint image = gimp_item_get_image(layer);
        g_autofree char *before = test_describe(image, TRUE);
        g_autofree char *without = test_describe(image, FALSE);
        gint result = 0;
        restore(image, layer, 0.0, 1.0, SCOPE_IMAGE, ALPHA_AUTO, &result);
        g_autofree char *same = test_describe(image, TRUE);
        g_assert_cmpstr(same, ==, before);
        restore(image, layer, 1.0, 1.0, SCOPE_IMAGE, ALPHA_AUTO, &result);
        g_autofree char *after = test_describe(image, TRUE);
        g_autofree char *but_pixels = test_describe(image, FALSE);
        g_assert_cmpstr(after, !=, before);
        g_assert_cmpstr(but_pixels, ==, without);
        restore(image, layer, 1.0, 2.0, SCOPE_SELECTION, ALPHA_AUTO, &result);
        g_autofree char *name = gimp_item_get_name(result);
        g_assert_cmpstr(name, ==, "picture ×2");
        g_assert_cmpint(gimp_layer_get_mask(result), >, 0);
        restore(image, layer, 1.0, 2.0, SCOPE_IMAGE, ALPHA_AUTO, &result);
        g_assert_cmpint(gimp_image_width(image), ==, 80);
        gimp_image_delete(image);
    }
}

// Files, colours, seeds and drawables reach the task as they were passed.
static void test_kinds_of_arguments(void)
{
    const gint layer = test_image(16, 12, GIMP_RGB_IMAGE, GIMP_PRECISION_U8_GAMMA);
    const gint image = gimp_item_get_image(layer);
    // GIMP 3 takes files that are there.
    g_autofree char *file = test_picture_file("a b.png", GIMP_RGB_IMAGE, GIMP_PRECISION_U8_GAMMA);
    const GimpRGB blue = {0.0, 0.2, 1.0, 1.0};
    gint n = 0;
    GimpParam *results = gimp_run_procedure(
        "plug-in-gan-kinds", &n, GIMP_PDB_INT32, GIMP_RUN_NONINTERACTIVE, GIMP_PDB_IMAGE, image,
        GIMP_PDB_DRAWABLE, layer, GIMP_PDB_STRING, file, GIMP_PDB_DRAWABLE, layer, GIMP_PDB_COLOR,
        &blue, GIMP_PDB_INT32, 7, GIMP_PDB_STRING, "", GIMP_PDB_END);
    g_test_message("%s", gimp_get_pdb_error());
    g_assert_cmpint(results[0].data.d_status, ==, GIMP_PDB_EXECUTION_ERROR);
    gimp_destroy_params(results, n);
    g_autofree char *wanted = g_strdup_printf("file '%s' other there colour #0033ff seed 7", file);
    g_assert_nonnull(strstr(gimp_get_pdb_error(), wanted));
    results = gimp_run_procedure("plug-in-gan-kinds", &n, GIMP_PDB_INT32, GIMP_RUN_NONINTERACTIVE,
                                 GIMP_PDB_IMAGE, image, GIMP_PDB_DRAWABLE, layer, GIMP_PDB_STRING,
                                 "", GIMP_PDB_DRAWABLE, -1, GIMP_PDB_COLOR, &blue, GIMP_PDB_INT32,
                                 -1, GIMP_PDB_STRING, "", GIMP_PDB_END);
    g_assert_cmpint(results[0].data.d_status, ==, GIMP_PDB_SUCCESS);
    gimp_destroy_params(results, n);
    g_autofree guint8 *pixels = read_part(layer, 0, 0, 16, 12);
    g_assert_cmpmem(pixels, 4, "\0\063\377\377", 4);
    gimp_image_delete(image);
}

// A model that is to be told the quality, as a file in the test's folder.
static char *make_told_model(void)
{
    g_autofree char *golden =
        g_build_filename(g_getenv("GOLDEN"), "ffdnet-colour.safetensors", NULL);
    char *path = test_path("told.safetensors");
    g_autofree char *data = NULL;
    gsize length = 0;
    guint64 n = 0;
    g_assert_true(g_file_get_contents(golden, &data, &length, NULL));
    memcpy(&n, data, sizeof n);
    n = GUINT64_FROM_LE(n);
    const gsize n_values = length - sizeof n - (gsize)n;
    g_assert_null(g_strstr_len(data + sizeof n, (gssize)n, "__metadata__"));
    g_autoptr(GString) header =
        g_string_new("{\"__metadata__\":{\"number\":\"quality 10 100 60\"},");
    const char *const marks[] = {"residual", "quality"};
    for (guint i = 0; i < 2; i++)
        g_string_append_printf(
            header, "\"%s\":{\"dtype\":\"F32\",\"shape\":[1],\"data_offsets\":[%zu,%zu]},",
            marks[i], n_values + 4 * i, n_values + 4 * (i + 1));
    g_string_append_len(header, data + sizeof n + 1, (gssize)n - 1);
    const guint64 n_header = GUINT64_TO_LE((guint64)header->len);
    g_autoptr(GByteArray) file = g_byte_array_new();
    g_byte_array_append(file, (const guint8 *)&n_header, sizeof n_header);
    g_byte_array_append(file, (const guint8 *)header->str, (guint)header->len);
    g_byte_array_append(file, (const guint8 *)data + sizeof n + n, (guint)n_values);
    g_byte_array_append(file, (const guint8 *)"\0\0\0\0\0\0\0", 8);
    g_assert_true(g_file_set_contents(path, (const char *)file->data, file->len, NULL));
    return path;
}

// Describes what becomes of a file in GIMP, shrunk before or not. `level`: -1 for automatic.
static char *restored_at(const char *file, const char *model, double level, gboolean shrunk)
{
    const gint image = gimp_file_load(GIMP_RUN_NONINTERACTIVE, file, file);
    gint n = 0;
    g_assert_cmpint(image, >, 0);
    if (shrunk)
        gimp_image_scale(image, 40, 30);
    GimpParam *results = gimp_run_procedure(
        "plug-in-gan-restore", &n, GIMP_PDB_INT32, GIMP_RUN_NONINTERACTIVE, GIMP_PDB_IMAGE, image,
        GIMP_PDB_DRAWABLE, gimp_image_get_active_layer(image), GIMP_PDB_STRING, model,
        GIMP_PDB_FLOAT, 1.0, GIMP_PDB_FLOAT, level, GIMP_PDB_INT32, SCOPE_IMAGE, GIMP_PDB_FLOAT,
        1.0, GIMP_PDB_STRING, "", GIMP_PDB_STRING, "cpu", GIMP_PDB_INT32, ALPHA_AUTO, GIMP_PDB_END);
    if (results[0].data.d_status != GIMP_PDB_SUCCESS)
        g_error("plug-in-gan-restore: %s", gimp_get_pdb_error());
    gimp_destroy_params(results, n);
    char *description = test_describe(image, TRUE);
    gimp_image_delete(image);
    return description;
}

// The same of the picture that the procedure for files makes.
static char *file_restored_at(const char *file, const char *model, double level)
{
    const char *files[] = {file, NULL};
    g_autofree char *folder = test_path("restored");
    g_autofree char *made = g_strconcat(folder, "/told.png", NULL);
    gint n = 0;
    GimpParam *results = gimp_run_procedure(
        "plug-in-gan-restore-files", &n, GIMP_PDB_INT32, GIMP_RUN_NONINTERACTIVE, GIMP_PDB_INT32, 1,
        GIMP_PDB_STRINGARRAY, files, GIMP_PDB_STRING, folder, GIMP_PDB_STRING, "png",
        GIMP_PDB_STRING, model, GIMP_PDB_FLOAT, 1.0, GIMP_PDB_FLOAT, level, GIMP_PDB_INT32,
        SCOPE_IMAGE, GIMP_PDB_FLOAT, 1.0, GIMP_PDB_STRING, "", GIMP_PDB_STRING, "cpu",
        GIMP_PDB_INT32, ALPHA_AUTO, GIMP_PDB_END);
    g_assert_cmpint(results[0].data.d_status, ==, GIMP_PDB_SUCCESS);
    g_assert_cmpint(results[1].data.d_int32, ==, 1);
    gimp_destroy_params(results, n);
    const gint image = gimp_file_load(GIMP_RUN_NONINTERACTIVE, made, made);
    char *description = test_describe(image, TRUE);
    gimp_image_delete(image);
    return description;
}

// Unless somebody says another, a model that is to be told the quality is told that of the image's own
// file, as the command does, while the image has its size.
static void test_quality_of_file(void)
{
    g_autofree char *model = make_told_model(), *file = test_path("told.jpg");
    const gint layer = test_image(80, 60, GIMP_RGB_IMAGE, GIMP_PRECISION_U8_GAMMA);
    g_autoptr(GeglBuffer) picture = test_buffer(layer);
    const GanImageSaveOptions options = {.quality = 30};
    g_assert_true(gan_image_save(picture, file, &options, NULL));
    g_clear_object(&picture);
    gimp_image_delete(gimp_item_get_image(layer));
    g_autofree char *own = restored_at(file, model, -1.0, FALSE);
    g_autofree char *at_30 = restored_at(file, model, 30.0, FALSE);
    g_autofree char *at_60 = restored_at(file, model, 60.0, FALSE);
    g_assert_cmpstr(own, ==, at_30);
    g_assert_cmpstr(own, !=, at_60);
    g_autofree char *shrunk = restored_at(file, model, -1.0, TRUE);
    g_autofree char *shrunk_at_60 = restored_at(file, model, 60.0, TRUE);
    g_assert_cmpstr(shrunk, ==, shrunk_at_60);
    g_autofree char *of_file = file_restored_at(file, model, -1.0);
    g_autofree char *of_file_at_30 = file_restored_at(file, model, 30.0);
    g_autofree char *of_file_at_60 = file_restored_at(file, model, 60.0);
    g_assert_cmpstr(of_file, ==, of_file_at_30);
    g_assert_cmpstr(of_file, !=, of_file_at_60);
}

void test_add_tasks(void)
{
    g_test_add_func("/gimp/tasks/work-of-the-same-size-touches-pixels-only", test_whole);
    g_test_add_func("/gimp/tasks/layer-and-selection-to-new-layers", test_layer_and_selection);
    g_test_add_func("/gimp/tasks/selection-to-a-new-image", test_selection_to_a_new_image);
    g_test_add_func("/gimp/tasks/files", test_copied_files);
    g_test_add_func("/gimp/tasks/restore-changes-pixels-only", test_restore);
    g_test_add_func("/gimp/tasks/restore-knows-the-quality-of-a-file", test_quality_of_file);
    g_test_add_func("/gimp/tasks/every-kind-of-argument", test_kinds_of_arguments);
}
