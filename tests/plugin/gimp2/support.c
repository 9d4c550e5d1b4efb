// SPDX-License-Identifier: LGPL-3.0-or-later
// What the tests inside GIMP share.
#include "support.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

char *test_path(const char *name)
{
    return g_build_filename(g_getenv("TEST_FOLDER"), name, NULL);
}

char *test_model(const char *name)
{
    g_autofree char *golden = g_build_filename(g_getenv("GOLDEN"), name, NULL);
    return g_file_test(golden, G_FILE_TEST_EXISTS) ? g_steal_pointer(&golden) : g_strdup(name);
}

GimpPDBStatusType test_upscale_mode(GimpRunMode mode, gint image, gint drawable,
                                    const Upscale *upscale, gint *result_image, gint *layer)
{
    g_autofree char *model = upscale->model ? test_model(upscale->model) : g_strdup("");
    gint n = 0;
    GimpParam *results = gimp_run_procedure(
        "plug-in-gan-upscale", &n, GIMP_PDB_INT32, mode, GIMP_PDB_IMAGE, image, GIMP_PDB_DRAWABLE,
        drawable, GIMP_PDB_STRING, model, GIMP_PDB_FLOAT, 1.0 - upscale->no_detail, GIMP_PDB_FLOAT,
        1.0, GIMP_PDB_FLOAT, upscale->factor, GIMP_PDB_INT32, upscale->width, GIMP_PDB_INT32,
        upscale->height, GIMP_PDB_INT32, upscale->scope, GIMP_PDB_INT32, upscale->interpolation,
        GIMP_PDB_INT32, upscale->alpha, GIMP_PDB_INT32, upscale->keep_print_size, GIMP_PDB_STRING,
        upscale->device ? upscale->device : "cpu", GIMP_PDB_END);
    const GimpPDBStatusType status = results[0].data.d_status;
    if (status == GIMP_PDB_SUCCESS) {
        g_assert_cmpint(n, ==, 3);
        if (result_image)
            *result_image = results[1].data.d_image;
        if (layer)
            *layer = results[2].data.d_layer;
    }
    gimp_destroy_params(results, n);
    return status;
}

gint test_upscale(gint image, gint drawable, const Upscale *upscale)
{
    gint layer = 0;
    const GimpPDBStatusType status =
        test_upscale_mode(GIMP_RUN_NONINTERACTIVE, image, drawable, upscale, NULL, &layer);
    if (status != GIMP_PDB_SUCCESS)
        g_error("plug-in-gan-upscale: %s", gimp_get_pdb_error());
    return layer;
}

void test_upscale_fails(gint image, gint drawable, const Upscale *upscale, GimpPDBStatusType status,
                        const char *words)
{
    const GimpPDBStatusType found =
        test_upscale_mode(GIMP_RUN_NONINTERACTIVE, image, drawable, upscale, NULL, NULL);
    g_autofree char *said = g_strdup(gimp_get_pdb_error());
    g_test_message("%s", said);
    g_assert_cmpint(found, ==, status);
    if (strstr(said, words) == NULL)
        g_error("the message is '%s'; it does not hold '%s'", said, words);
}

void test_refused(gint image, gint drawable, const Upscale *upscale, GimpPDBStatusType status,
                  const char *words)
{
    g_autofree char *before = test_describe(image, TRUE);
    gimp_image_clean_all(image);
    test_upscale_fails(image, drawable, upscale, status, words);
    g_autofree char *after = test_describe(image, TRUE);
    g_assert_cmpstr(after, ==, before);
    g_assert_false(gimp_image_is_dirty(image));
    g_assert_true(gimp_image_undo_is_enabled(image));
}

void test_paint(gint drawable, guint seed)
{
    GeglBuffer *buffer = gimp_drawable_get_buffer(drawable);
    const GeglRectangle extent = *gegl_buffer_get_extent(buffer);
    g_autofree float *row = g_new(float, (gsize)extent.width * 4);
    for (gint y = 0; y < extent.height; y++) {
        for (gint x = 0; x < extent.width; x++) {
            const float a = 0.13f * (float)x + 0.7f * (float)seed, b = 0.09f * (float)y;
            row[4 * x + 0] = 0.5f + 0.45f * sinf(a + b);
            row[4 * x + 1] = 0.5f + 0.45f * cosf(a - 2.0f * b);
            row[4 * x + 2] = 0.5f + 0.45f * sinf(2.0f * a) * cosf(b);
            row[4 * x + 3] = CLAMP(0.6f + 0.8f * cosf(0.05f * (float)(x + 2 * y)), 0.0f, 1.0f);
        }
        gegl_buffer_set(buffer, GEGL_RECTANGLE(0, y, extent.width, 1), 0,
                        babl_format("R'G'B'A float"), row, GEGL_AUTO_ROWSTRIDE);
    }
    g_object_unref(buffer);
    gimp_drawable_update(drawable, 0, 0, extent.width, extent.height);
}

gint test_image(guint width, guint height, GimpImageType type, GimpPrecision precision)
{
    const GimpImageBaseType base = type <= GIMP_RGBA_IMAGE    ? GIMP_RGB
                                   : type <= GIMP_GRAYA_IMAGE ? GIMP_GRAY
                                                              : GIMP_INDEXED;
    const gint image = gimp_image_new_with_precision((gint)width, (gint)height, base, precision);
    if (base == GIMP_INDEXED) {
        guchar colours[64 * 3];
        for (guint i = 0; i < 64; i++) {
            colours[3 * i] = (guchar)(i % 4 * 85);
            colours[3 * i + 1] = (guchar)(i / 4 % 4 * 85);
            colours[3 * i + 2] = (guchar)(i / 16 * 85);
        }
        gimp_image_set_colormap(image, colours, 64);
    }
    const gint layer = gimp_layer_new(image, "picture", (gint)width, (gint)height, type, 100.0,
                                      GIMP_LAYER_MODE_NORMAL);
    gimp_image_insert_layer(image, layer, 0, 0);
    test_paint(layer, 1);
    gimp_image_clean_all(image);
    return layer;
}

GeglBuffer *test_buffer(gint drawable)
{
    GeglBuffer *buffer = gimp_drawable_get_buffer(drawable);
    if (gimp_drawable_is_indexed(drawable))
        return buffer;
    GimpColorProfile *profile =
        gimp_image_get_effective_color_profile(gimp_item_get_image(drawable));
    const Babl *format =
        gimp_color_profile_get_format(profile, gegl_buffer_get_format(buffer),
                                      GIMP_COLOR_RENDERING_INTENT_RELATIVE_COLORIMETRIC, NULL);
    if (format)
        gegl_buffer_set_format(buffer, format);
    g_object_unref(profile);
    return buffer;
}

char *test_picture_file(const char *name, GimpImageType type, GimpPrecision precision)
{
    char *path = test_path(name);
    const gint layer = test_image(20, 15, type, precision), image = gimp_item_get_image(layer);
    g_assert_true(gimp_file_save(GIMP_RUN_NONINTERACTIVE, image, layer, path, path));
    gimp_image_delete(image);
    return path;
}

// A number for the pixels of a drawable as they are stored.
static char *pixels_hash(gint drawable)
{
    GeglBuffer *buffer = gimp_drawable_get_buffer(drawable);
    const GeglRectangle *extent = gegl_buffer_get_extent(buffer);
    const Babl *format = gegl_buffer_get_format(buffer);
    const gsize row = (gsize)extent->width * (gsize)babl_format_get_bytes_per_pixel(format);
    g_autofree guchar *bytes = g_malloc(row);
    GChecksum *sum = g_checksum_new(G_CHECKSUM_SHA256);
    for (gint y = 0; y < extent->height; y++) {
        gegl_buffer_get(buffer, GEGL_RECTANGLE(0, y, extent->width, 1), 1.0, format, bytes,
                        GEGL_AUTO_ROWSTRIDE, GEGL_ABYSS_NONE);
        g_checksum_update(sum, bytes, (gssize)row);
    }
    char *hash = g_strdup_printf("%s %.16s", babl_get_name(format), g_checksum_get_string(sum));
    g_checksum_free(sum);
    g_object_unref(buffer);
    return hash;
}

static void describe_drawable(GString *text, gint drawable, gboolean pixels)
{
    gint x = 0, y = 0;
    gimp_drawable_offsets(drawable, &x, &y);
    g_autofree char *name = gimp_item_get_name(drawable);
    g_autofree char *hash = pixels ? pixels_hash(drawable) : g_strdup("");
    g_string_append_printf(text, "'%s' %d x %d at %d, %d; visible %d linked %d locks %d %d; %s\n",
                           name, gimp_drawable_width(drawable), gimp_drawable_height(drawable), x,
                           y, gimp_item_get_visible(drawable), gimp_item_get_linked(drawable),
                           gimp_item_get_lock_content(drawable),
                           gimp_item_get_lock_position(drawable), hash);
}

static void describe_layers(GString *text, const gint *layers, gint n, gint depth, gboolean pixels)
{
    for (gint i = 0; i < n; i++) {
        const gint layer = layers[i], mask = gimp_layer_get_mask(layer);
        const gboolean group = gimp_item_is_group(layer);
        g_string_append_printf(text, "%*slayer type %d text %d mode %d opacity %.1f lock alpha %d ",
                               2 * depth, "", gimp_drawable_type(layer),
                               gimp_item_is_text_layer(layer), gimp_layer_get_mode(layer),
                               gimp_layer_get_opacity(layer), gimp_layer_get_lock_alpha(layer));
        describe_drawable(text, layer, pixels && !group);
        if (mask > 0) {
            g_string_append_printf(text, "%*smask apply %d show %d edit %d ", 2 * depth + 2, "",
                                   gimp_layer_get_apply_mask(layer),
                                   gimp_layer_get_show_mask(layer),
                                   gimp_layer_get_edit_mask(layer));
            describe_drawable(text, mask, TRUE);
        }
        if (group) {
            gint n_children = 0;
            g_autofree gint *children = gimp_item_get_children(layer, &n_children);
            describe_layers(text, children, n_children, depth + 1, pixels);
        }
    }
}

static void describe_paths(GString *text, gint image)
{
    gint n = 0;
    g_autofree gint *paths = gimp_image_get_vectors(image, &n);
    for (gint i = 0; i < n; i++) {
        gint n_strokes = 0;
        g_autofree gint *strokes = gimp_vectors_get_strokes(paths[i], &n_strokes);
        for (gint s = 0; s < n_strokes; s++) {
            gint n_points = 0;
            gboolean closed = FALSE;
            g_autofree double *points = NULL;
            gimp_vectors_stroke_get_points(paths[i], strokes[s], &n_points, &points, &closed);
            g_string_append_printf(text, "path closed %d:", closed);
            for (gint p = 0; p < n_points; p++)
                g_string_append_printf(text, " %.6f", points[p]);
            g_string_append_c(text, '\n');
        }
    }
}

static gint compare_lines(gconstpointer a, gconstpointer b)
{
    return strcmp(*(char *const *)a, *(char *const *)b);
}

// Guides and sample points in an order of their own: GIMP's changes when an image is copied.
static void describe_marks(GString *text, gint image)
{
    g_autoptr(GPtrArray) lines = g_ptr_array_new_with_free_func(g_free);
    for (gint g = gimp_image_find_next_guide(image, 0); g > 0;
         g = gimp_image_find_next_guide(image, g))
        g_ptr_array_add(lines, g_strdup_printf("guide %d at %d",
                                               gimp_image_get_guide_orientation(image, g),
                                               gimp_image_get_guide_position(image, g)));
    for (gint p = gimp_image_find_next_sample_point(image, 0); p > 0;
         p = gimp_image_find_next_sample_point(image, p)) {
        gint y = 0;
        const gint x = gimp_image_get_sample_point_position(image, p, &y);
        g_ptr_array_add(lines, g_strdup_printf("sample point %d %d", x, y));
    }
    g_ptr_array_sort(lines, compare_lines);
    for (guint i = 0; i < lines->len; i++)
        g_string_append_printf(text, "%s\n", (char *)lines->pdata[i]);
}

char *test_describe(gint image, gboolean pixels)
{
    GString *text = g_string_new(NULL);
    double x_resolution = 0.0, y_resolution = 0.0;
    gimp_image_get_resolution(image, &x_resolution, &y_resolution);
    g_string_append_printf(text, "image %d x %d base %d precision %d resolution %.4f %.4f\n",
                           gimp_image_width(image), gimp_image_height(image),
                           gimp_image_base_type(image), gimp_image_get_precision(image),
                           x_resolution, y_resolution);
    gint n = 0;
    g_autofree gint *layers = gimp_image_get_layers(image, &n);
    describe_layers(text, layers, n, 0, pixels);
    g_autofree gint *channels = gimp_image_get_channels(image, &n);
    for (gint i = 0; i < n; i++) {
        g_string_append_printf(text, "channel opacity %.1f ",
                               gimp_channel_get_opacity(channels[i]));
        describe_drawable(text, channels[i], TRUE);
    }
    describe_paths(text, image);
    gboolean selected = FALSE;
    gint x1 = 0, y1 = 0, x2 = 0, y2 = 0;
    gimp_selection_bounds(image, &selected, &x1, &y1, &x2, &y2);
    g_autofree char *selection = pixels_hash(gimp_image_get_selection(image));
    g_string_append_printf(text, "selection %d: %d %d %d %d %s\n", selected, x1, y1, x2, y2,
                           selection);
    describe_marks(text, image);
    return g_string_free(text, FALSE);
}

void test_command(const char *first, ...)
{
    g_autoptr(GPtrArray) command = g_ptr_array_new();
    g_autofree char *output = NULL, *errors = NULL;
    g_autoptr(GError) error = NULL;
    gint status = 0;
    g_ptr_array_add(command, (char *)g_getenv("GIMP_GAN"));
    g_ptr_array_add(command, (char *)first);
    va_list arguments;
    va_start(arguments, first);
    do
        g_ptr_array_add(command, va_arg(arguments, char *));
    while (command->pdata[command->len - 1] != NULL);
    va_end(arguments);
    if (!g_spawn_sync(NULL, (char **)command->pdata, NULL, G_SPAWN_DEFAULT, NULL, NULL, &output,
                      &errors, &status, &error) ||
        !g_spawn_check_wait_status(status, &error))
        g_error("gimp-gan %s: %s %s", first, error->message, errors ? errors : "");
}

pid_t test_find_plugin(void)
{
    g_autoptr(GDir) processes = g_dir_open("/proc", 0, NULL);
    for (const char *name; (name = g_dir_read_name(processes)) != NULL;) {
        g_autofree char *path = g_build_filename("/proc", name, "stat", NULL);
        g_autofree char *text = NULL;
        if (!g_ascii_isdigit(*name) || !g_file_get_contents(path, &text, NULL, NULL))
            continue;
        // PID (NAME) STATE PARENT …; one that GIMP asked for its procedures may not be buried yet.
        const char *end = strrchr(text, ')');
        if (end && strstr(text, "(gimp-gan)") && end[2] != 'Z' && atoi(end + 4) == getppid())
            return (pid_t)atoi(text);
    }
    return 0;
}
