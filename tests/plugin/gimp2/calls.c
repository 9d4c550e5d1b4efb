// SPDX-License-Identifier: LGPL-3.0-or-later
// Calls of the procedures: what is refused and in which words, and lists of files.
#include "support.h"

#include <string.h>

static char *hostile(const char *name)
{
    return g_build_filename(g_getenv("GOLDEN"), "..", "hostile", name, NULL);
}

static void test_models(void)
{
    const gint layer = test_image(16, 12, GIMP_RGB_IMAGE, GIMP_PRECISION_U8_GAMMA);
    const gint image = gimp_item_get_image(layer);
    const Upscale none = {.model = NULL};
    test_refused(image, layer, &none, GIMP_PDB_EXECUTION_ERROR,
                 "No model for 'upscale' is installed");
    test_refused(image, layer, &none, GIMP_PDB_EXECUTION_ERROR, "own/data/gimp-gan/models");
    const Upscale unknown = {.model = "no-such-model"};
    test_refused(image, layer, &unknown, GIMP_PDB_EXECUTION_ERROR, "no-such-model");
    const Upscale missing = {.model = "/nowhere/model.pth"};
    test_refused(image, layer, &missing, GIMP_PDB_EXECUTION_ERROR, "/nowhere/model.pth");
    static const char *const files[] = {"html.pth", "empty-file.pth", "bad-crc.pth",
                                        "exec-os-system.pth", "deflate-corrupt.pth"};
    for (guint i = 0; i < G_N_ELEMENTS(files); i++) {
        g_autofree char *path = hostile(files[i]);
        const Upscale damaged = {.model = path};
        test_refused(image, layer, &damaged, GIMP_PDB_EXECUTION_ERROR, files[i]);
    }
    const Upscale device = {.model = MODEL_X2, .device = "abacus"};
    test_refused(image, layer, &device, GIMP_PDB_EXECUTION_ERROR, "abacus");
    gimp_image_delete(image);
}

static void test_what_is_no_layer(void)
{
    const gint layer = test_image(16, 12, GIMP_RGBA_IMAGE, GIMP_PRECISION_U8_GAMMA);
    const gint image = gimp_item_get_image(layer);
    const Upscale upscale = {.model = MODEL_X2, .scope = SCOPE_LAYER};
    const gint mask = gimp_layer_create_mask(layer, GIMP_ADD_MASK_WHITE);
    gimp_layer_add_mask(layer, mask);
    // A mask stands for its layer.
    const gint added = test_upscale(image, mask, &upscale);
    g_assert_cmpint(gimp_drawable_width(added), ==, 32);
    g_assert_cmpint(gimp_layer_get_mask(added), >, 0);
    gimp_image_remove_layer(image, added);
    const GimpRGB green = {0.0, 1.0, 0.0, 1.0};
    const gint channel = gimp_channel_new(image, "channel", 16, 12, 50.0, &green);
    gimp_image_insert_channel(image, channel, 0, 0);
    test_refused(image, channel, &upscale, GIMP_PDB_EXECUTION_ERROR, "channel");
    const gint group = gimp_layer_group_new(image);
    gimp_image_insert_layer(image, group, 0, 0);
    test_refused(image, group, &upscale, GIMP_PDB_EXECUTION_ERROR, "group");
    const Upscale selection = {.model = MODEL_X2, .scope = SCOPE_SELECTION};
    test_refused(image, layer, &selection, GIMP_PDB_EXECUTION_ERROR, "Nothing is selected");
    gimp_image_select_rectangle(image, GIMP_CHANNEL_OP_REPLACE, 2.0, 2.0, 8.0, 8.0);
    gimp_edit_copy(layer);
    const gint floating = gimp_edit_paste(layer, TRUE);
    g_assert_true(gimp_layer_is_floating_sel(floating));
    const Upscale whole = {.model = MODEL_X2};
    test_refused(image, floating, &upscale, GIMP_PDB_EXECUTION_ERROR, "floating selection");
    test_refused(image, layer, &whole, GIMP_PDB_EXECUTION_ERROR, "floating selection");
    gimp_floating_sel_anchor(floating);
    test_upscale(image, layer, &whole);
    gimp_image_delete(image);
}

// The alpha of a layer, made twice as large in one of the ways.
static GBytes *alpha_of(gint image, gint layer, gint how)
{
    const Upscale upscale = {.model = MODEL_X2, .scope = SCOPE_LAYER, .alpha = how};
    const gint made = test_upscale(image, layer, &upscale);
    g_autoptr(GeglBuffer) buffer = gimp_drawable_get_buffer(made);
    const GeglRectangle *extent = gegl_buffer_get_extent(buffer);
    const gsize n = (gsize)extent->width * (gsize)extent->height;
    g_autofree guint8 *pixels = g_malloc(4 * n);
    guint8 *alpha = g_malloc(n);
    gegl_buffer_get(buffer, extent, 1.0, babl_format("R'G'B'A u8"), pixels, GEGL_AUTO_ROWSTRIDE,
                    GEGL_ABYSS_NONE);
    for (gsize i = 0; i < n; i++)
        alpha[i] = pixels[4 * i + 3];
    gimp_image_remove_layer(image, made);
    return g_bytes_new_take(alpha, n);
}

// Left to itself, the model makes the letters' edges, and those of no other layer.
static void test_text(void)
{
    enum { CUBIC, NETWORK, AUTO };
    const gint layer = test_image(64, 48, GIMP_RGBA_IMAGE, GIMP_PRECISION_U8_GAMMA);
    const gint image = gimp_item_get_image(layer);
    const gint text =
        gimp_text_fontname(image, -1, 2.0, 3.0, "Ag", 0, TRUE, 30.0, GIMP_PIXELS, "Sans");
    const gint layers[] = {text, layer}, same[] = {NETWORK, CUBIC}, other[] = {CUBIC, NETWORK};
    for (guint i = 0; i < G_N_ELEMENTS(layers); i++) {
        g_autoptr(GBytes) found = alpha_of(image, layers[i], AUTO);
        g_autoptr(GBytes) wanted = alpha_of(image, layers[i], same[i]);
        g_autoptr(GBytes) unwanted = alpha_of(image, layers[i], other[i]);
        g_assert_true(g_bytes_equal(found, wanted));
        g_assert_false(g_bytes_equal(found, unwanted));
    }
    gimp_image_delete(image);
}

// The colours of a layer, made twice as large in one of the ways.
static GBytes *colours_of(gint image, gint layer, gint how)
{
    const Upscale upscale = {.model = MODEL_X2, .scope = SCOPE_LAYER, .alpha = how};
    const gint made = test_upscale(image, layer, &upscale);
    g_autoptr(GeglBuffer) buffer = gimp_drawable_get_buffer(made);
    const gsize n = (gsize)gegl_buffer_get_width(buffer) * (gsize)gegl_buffer_get_height(buffer);
    guint8 *pixels = g_malloc(3 * n);
    gegl_buffer_get(buffer, NULL, 1.0, babl_format("R'G'B' u8"), pixels, GEGL_AUTO_ROWSTRIDE,
                    GEGL_ABYSS_NONE);
    gimp_image_remove_layer(image, made);
    return g_bytes_new_take(pixels, 3 * n);
}

// As data, alpha has no say in the colours: those under 0 are enlarged as if nothing lay over them.
static void test_data(void)
{
    enum { CUBIC, DATA = 3 };
    const gint layer = test_image(40, 30, GIMP_RGBA_IMAGE, GIMP_PRECISION_U8_GAMMA);
    const gint image = gimp_item_get_image(layer);
    test_paint(layer, 3);
    g_autoptr(GeglBuffer) buffer = gimp_drawable_get_buffer(layer);
    g_autofree guint8 *pixels = g_malloc(40 * 30 * 4);
    GBytes *colours[3] = {NULL};
    for (guint i = 0; i < 3; i++) {
        gegl_buffer_get(buffer, NULL, 1.0, babl_format("R'G'B'A u8"), pixels, GEGL_AUTO_ROWSTRIDE,
                        GEGL_ABYSS_NONE);
        for (gsize k = 0; k < 40 * 30; k++)
            pixels[4 * k + 3] = i > 0 && k % 40 < 25 ? 0 : 255;
        gegl_buffer_set(buffer, NULL, 0, babl_format("R'G'B'A u8"), pixels, GEGL_AUTO_ROWSTRIDE);
        gegl_buffer_flush(buffer);
        colours[i] = colours_of(image, layer, i < 2 ? DATA : CUBIC);
    }
    g_assert_true(g_bytes_equal(colours[0], colours[1]));
    g_assert_false(g_bytes_equal(colours[0], colours[2]));
    for (guint i = 0; i < 3; i++)
        g_clear_pointer(&colours[i], g_bytes_unref);
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

static void test_files(void)
{
    g_autofree char *a = test_picture_file("a.png", GIMP_RGBA_IMAGE, GIMP_PRECISION_U8_GAMMA);
    g_autofree char *b = test_picture_file("b.tif", GIMP_RGB_IMAGE, GIMP_PRECISION_U16_GAMMA);
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
    // A name as long as names can be; the reason of a loader that tells none to its caller.
    g_autofree char *stem = g_strnfill(251, 'n'), *long_name = g_strconcat(stem, ".png", NULL);
    g_autofree char *long_file = test_path(long_name), *text = test_path("text.jpg");
    g_autofree char *long_result = g_build_filename(folder, long_name, NULL);
    g_autofree char *content = NULL;
    gsize length = 0;
    g_assert_true(g_file_get_contents(a, &content, &length, NULL));
    g_assert_true(g_file_set_contents_full(long_file, content, (gssize)length,
                                           G_FILE_SET_CONTENTS_NONE, 0666, NULL));
    g_assert_true(g_file_set_contents(text, "no picture", -1, NULL));
    const char *two[] = {long_file, text, NULL};
    g_autofree char *told = NULL;
    g_assert_cmpint(upscale_files(two, folder, "", model, &n_done, &told), ==, GIMP_PDB_SUCCESS);
    g_test_message("%s", told);
    g_assert_cmpint(n_done, ==, 1);
    g_assert_true(g_file_test(long_result, G_FILE_TEST_EXISTS));
    g_assert_true(g_str_has_prefix(told, text));
    g_assert_null(strstr(told, "execution error"));
    g_assert_cmpuint(strlen(told), >, strlen(text) + 10);
    // What concerns all files is an error, as is a pattern that matches none.
    const char *no_files[] = {NULL};
    g_assert_cmpint(upscale_files(no_files, folder, "png", model, &n_done, &none), ==,
                    GIMP_PDB_EXECUTION_ERROR);
    g_assert_nonnull(strstr(gimp_get_pdb_error(), "No file is named"));
    g_assert_cmpint(upscale_files(one, folder, "png", "no-such-model", &n_done, &none), ==,
                    GIMP_PDB_EXECUTION_ERROR);
    g_assert_nonnull(strstr(gimp_get_pdb_error(), "no-such-model"));
    g_assert_cmpint(upscale_files(one, "/proc/none", "png", model, &n_done, &none), ==,
                    GIMP_PDB_EXECUTION_ERROR);
}

// Of files that are cut GIMP opens what there is; they fail as they do on the command line. One that only
// lacks its end is done where GIMP opens it, which 3.2 does not of PNG.
static void test_cut_files(void)
{
    static const struct {
        const char *name;
        double part;
        const char *said; // NULL: it is done if GIMP opens it
    } rows[] = {{"cut.png", 0.5, "cut.png: the PNG data is damaged: it ends too early"},
                {"cut.jpg", 0.7, "cut.jpg: the JPEG data ends too early"},
                {"cut.tif", 0.9, "cut.tif: it "},
                {"endless.png", -12, NULL},
                {"endless.jpg", -2, NULL}};
    g_autofree char *folder = test_path("of-cut"), *model = test_model(MODEL_X2);
    for (guint i = 0; i < G_N_ELEMENTS(rows); i++) {
        g_autofree char *path = test_path(rows[i].name);
        const gint layer = test_image(200, 150, GIMP_RGB_IMAGE, GIMP_PRECISION_U8_GAMMA);
        const gint image = gimp_item_get_image(layer);
        g_assert_true(gimp_file_save(GIMP_RUN_NONINTERACTIVE, image, layer, path, path));
        gimp_image_delete(image);
        g_autofree char *content = NULL, *failures = NULL;
        gsize length = 0;
        gint n_done = -1;
        g_assert_true(g_file_get_contents(path, &content, &length, NULL));
        const double kept =
            rows[i].part < 0 ? (double)length + rows[i].part : (double)length * rows[i].part;
        g_assert_true(g_file_set_contents(path, content, (gssize)kept, NULL));
        const char *files[] = {path, NULL};
        g_assert_cmpint(upscale_files(files, folder, "png", model, &n_done, &failures), ==,
                        GIMP_PDB_SUCCESS);
        g_test_message("%s: %s", rows[i].name, failures);
        const gint opened =
            rows[i].said == NULL ? gimp_file_load(GIMP_RUN_NONINTERACTIVE, path, path) : -1;
        g_assert_cmpint(n_done, ==, opened > 0);
        g_assert_cmpint(failures[0] == '\0', ==, opened > 0);
        if (opened > 0)
            gimp_image_delete(opened);
        g_assert_true(rows[i].said == NULL || strstr(failures, rows[i].said) != NULL);
    }
}

// What a file holds, in a picture or as layers of an .xcf.
static char *file_of(const char *name, GimpImageType bottom, GimpImageType top, gint cover)
{
    char *path = test_path(name);
    const gint layer = test_image(20, 15, bottom, GIMP_PRECISION_U8_GAMMA);
    const gint image = gimp_item_get_image(layer);
    if (cover != 0) {
        const gint above =
            gimp_layer_new(image, "above", cover, cover, top, 100.0, GIMP_LAYER_MODE_NORMAL);
        gimp_image_insert_layer(image, above, 0, 0);
        test_paint(above, 4);
    }
    g_assert_true(gimp_file_save(GIMP_RUN_NONINTERACTIVE, image, layer, path, path));
    gimp_image_delete(image);
    return path;
}

// Whether a picture has alpha, and whether it is grey. Above it GIMP opens the thumbnail that GIMP 3.2
// puts into TIFF files.
static void check_kind(const char *path, gboolean alpha, gboolean grey)
{
    const gint image = gimp_file_load(GIMP_RUN_NONINTERACTIVE, path, path);
    gint n = 0;
    g_autofree gint *layers = gimp_image_get_layers(image, &n);
    g_assert_cmpint(n, >=, 1);
    const gint layer = layers[n - 1];
    if (gimp_drawable_has_alpha(layer) != alpha || gimp_drawable_is_gray(layer) != grey)
        g_error("%s has alpha: %d, is grey: %d", path, gimp_drawable_has_alpha(layer),
                gimp_drawable_is_gray(layer));
    g_assert_cmpint(gimp_drawable_width(layer), ==, 40);
    gimp_image_delete(image);
}

// An opaque picture gets no alpha, be it that something transparent lies above what is opaque; what
// had alpha keeps it.
static void test_alpha_of_files(void)
{
    static const struct {
        const char *name;
        GimpImageType bottom, top;
        gint cover;
        gboolean alpha, grey;
    } rows[] = {
        {"rgb.png", GIMP_RGB_IMAGE, GIMP_RGB_IMAGE, 0, FALSE, FALSE},
        {"grey.png", GIMP_GRAY_IMAGE, GIMP_GRAY_IMAGE, 0, FALSE, TRUE},
        {"rgba.png", GIMP_RGBA_IMAGE, GIMP_RGB_IMAGE, 0, TRUE, FALSE},
        {"greya.png", GIMP_GRAYA_IMAGE, GIMP_GRAY_IMAGE, 0, TRUE, TRUE},
        {"tiff.tif", GIMP_RGB_IMAGE, GIMP_RGB_IMAGE, 0, FALSE, FALSE},
        {"below.xcf", GIMP_RGB_IMAGE, GIMP_RGBA_IMAGE, 9, FALSE, FALSE},
        {"above.xcf", GIMP_GRAYA_IMAGE, GIMP_GRAY_IMAGE, 20, FALSE, TRUE},
        {"part.xcf", GIMP_RGBA_IMAGE, GIMP_RGB_IMAGE, 9, TRUE, FALSE},
    };
    // Not every system can write the last two, which know no grey and take longer.
    static const char *const extensions[] = {"png", "tif", "avif", "heic"};
    enum { N_SURE = 2, N_ROWS_OF_ALL = 3 };
    g_autofree char *model = test_model(MODEL_X2), *folder = test_path("alpha");
    for (guint i = 0; i < G_N_ELEMENTS(rows); i++) {
        g_autofree char *file = file_of(rows[i].name, rows[i].bottom, rows[i].top, rows[i].cover);
        const char *files[] = {file, NULL};
        for (guint e = 0; e < (i < N_ROWS_OF_ALL ? G_N_ELEMENTS(extensions) : N_SURE); e++) {
            g_autofree char *stem = g_strndup(rows[i].name, strcspn(rows[i].name, "."));
            g_autofree char *name = g_strconcat(stem, ".", extensions[e], NULL);
            g_autofree char *result = g_build_filename(folder, name, NULL), *failures = NULL;
            gint n_done = 0;
            g_assert_cmpint(upscale_files(files, folder, extensions[e], model, &n_done, &failures),
                            ==, GIMP_PDB_SUCCESS);
            if (n_done == 1)
                check_kind(result, rows[i].alpha, rows[i].grey && e < N_SURE);
            else if (e < N_SURE)
                g_error("%s", failures);
        }
    }
}

// Enlarges a file of the golden ones; returns the layers of what became of it and its size.
static gint enlarge_pages(const char *name, const char *extension, gint *width, gint *height,
                          char **failures)
{
    g_autofree char *path = g_build_filename(g_getenv("GOLDEN"), "..", "pages", name, NULL);
    g_autofree char *folder = test_path("pages"), *model = test_model(MODEL_X2);
    g_autofree char *stem = g_strndup(name, strcspn(name, "."));
    g_autofree char *file = g_strconcat(stem, ".", extension, NULL);
    g_autofree char *result = g_build_filename(folder, file, NULL);
    const char *files[] = {path, NULL};
    gint n_done = 0, n = 0;
    g_assert_cmpint(upscale_files(files, folder, extension, model, &n_done, failures), ==,
                    GIMP_PDB_SUCCESS);
    if (n_done != 1)
        g_error("%s", *failures);
    const gint image = gimp_file_load(GIMP_RUN_NONINTERACTIVE, result, result);
    g_free(gimp_image_get_layers(image, &n));
    *width = gimp_image_width(image);
    *height = gimp_image_height(image);
    gimp_image_delete(image);
    return n;
}

// How many layers GIMP makes of a file of the golden ones.
static gint layers_of(const char *name)
{
    g_autofree char *path = g_build_filename(g_getenv("GOLDEN"), "..", "pages", name, NULL);
    gint n = 0;
    const gint image = gimp_file_load(GIMP_RUN_NONINTERACTIVE, path, path);
    g_free(gimp_image_get_layers(image, &n));
    gimp_image_delete(image);
    return n;
}

// Pages and frames are no layers of one picture: the first one is the picture, and that there are
// others is told, unless all are kept. A thumbnail is none of them.
static void test_pages(void)
{
    static const struct {
        const char *name;
        gint n_pages, width, height;
    } rows[] = {
        {"three.tif", 3, 128, 96},
        {"film.gif", 3, 128, 96},
        {"thumbnail.tif", 1, 40, 30},
    };
    for (guint i = 0; i < G_N_ELEMENTS(rows); i++) {
        g_autofree char *said = NULL, *kept = NULL;
        gint width = 0, height = 0;
        g_assert_cmpint(enlarge_pages(rows[i].name, "png", &width, &height, &said), ==, 1);
        g_assert_cmpint(width, ==, rows[i].width);
        g_assert_cmpint(height, ==, rows[i].height);
        if (rows[i].n_pages > 1) {
            g_assert_nonnull(strstr(said, rows[i].name));
            g_assert_nonnull(strstr(said, "only the first of its 3 pages or frames"));
        } else {
            g_assert_cmpstr(said, ==, "");
        }
        g_assert_cmpint(enlarge_pages(rows[i].name, "xcf", &width, &height, &kept), ==,
                        rows[i].n_pages);
        g_assert_cmpint(width, ==, rows[i].width);
        g_assert_cmpint(height, ==, rows[i].height);
        g_assert_cmpstr(kept, ==, "");
    }
    // Of an animated PNG GIMP opens the first frame only, and all of them since 3.2.
    const gint n_opened = layers_of("still.png");
    static const struct {
        const char *extension, *said, *said_of_layers;
    } kinds[] = {{"png", "GIMP opens only the first of its 3 pages or frames",
                  "only the first of its 3 pages or frames"},
                 {"xcf", "GIMP opens only the first of its 3 pages or frames", ""}};
    for (guint i = 0; i < G_N_ELEMENTS(kinds); i++) {
        g_autofree char *said = NULL;
        gint width = 0, height = 0;
        const gboolean is_xcf = g_str_equal(kinds[i].extension, "xcf");
        g_assert_cmpint(enlarge_pages("still.png", kinds[i].extension, &width, &height, &said), ==,
                        is_xcf ? n_opened : 1);
        g_assert_nonnull(strstr(said, n_opened == 1 ? kinds[i].said : kinds[i].said_of_layers));
        g_assert_cmpint(said[0] == '\0', ==, n_opened > 1 && is_xcf);
    }
}

void test_add_calls(void)
{
    g_test_add_func("/gimp/calls/missing-and-damaged-models-are-told", test_models);
    g_test_add_func("/gimp/calls/what-is-no-layer-is-refused", test_what_is_no_layer);
    g_test_add_func("/gimp/calls/text-has-its-edges-by-the-model", test_text);
    g_test_add_func("/gimp/calls/files-are-done-in-one-call", test_files);
    g_test_add_func("/gimp/calls/alpha-as-data-leaves-colours-alone", test_data);
    g_test_add_func("/gimp/calls/opaque-files-get-no-alpha", test_alpha_of_files);
    g_test_add_func("/gimp/calls/pages-are-told", test_pages);
    g_test_add_func("/gimp/calls/cut-files-fail", test_cut_files);
}
