// SPDX-License-Identifier: LGPL-3.0-or-later
// The functions of libgimp 2.10, by ids, over libgimp 3.
#include "by_id.h"

#include <string.h>

gint by_id_of_item(gpointer item)
{
    return item ? gimp_item_get_id(GIMP_ITEM(item)) : 0;
}

gint by_id_of_image(GimpImage *image)
{
    return image ? gimp_image_get_id(image) : 0;
}

gint *by_id_of_items(gpointer items, gint *n)
{
    g_autofree gpointer *from = items;
    const gsize length = gimp_core_object_array_get_length((GObject **)(void *)from);
    gint *ids = g_new0(gint, length + 1);
    for (gsize i = 0; i < length; i++)
        ids[i] = by_id_of_item(from[i]);
    *n = (gint)length;
    return ids;
}

gint by_id_first(gpointer items)
{
    gint n = 0;
    g_autofree gint *ids = by_id_of_items(items, &n);
    return n > 0 ? ids[0] : -1;
}

gint *by_id_images(gint *n)
{
    g_autofree GimpImage **images = gimp_get_images();
    const gsize length = gimp_core_object_array_get_length((GObject **)(void *)images);
    gint *ids = g_new0(gint, length + 1);
    for (gsize i = 0; i < length; i++)
        ids[i] = by_id_of_image(images[i]);
    *n = (gint)length;
    return ids;
}

gboolean by_id_copy(gint drawable)
{
    const GimpDrawable *drawables[] = {BY_ID_DRAWABLE(drawable), NULL};
    return (gimp_edit_copy)(drawables);
}

gboolean by_id_select_layer(gint image, gint layer)
{
    const GimpLayer *layers[] = {BY_ID_LAYER(layer), NULL};
    return gimp_image_set_selected_layers(BY_ID_IMAGE(image), layers);
}

void by_id_set_colormap(gint image, guchar *colours, gint n)
{
    gimp_palette_set_colormap(gimp_image_get_palette(BY_ID_IMAGE(image)), babl_format("R'G'B' u8"),
                              colours, (gsize)n * 3);
}

gint by_id_text(gint image, double x, double y, const char *text, gint border, double size)
{
    g_autofree GimpFont **fonts = gimp_fonts_get_list(NULL);
    g_assert_nonnull(fonts[0]);
    return by_id_of_item(
        gimp_text_font(BY_ID_IMAGE(image), NULL, x, y, text, border, TRUE, size, fonts[0]));
}

gint by_id_channel_new(gint image, const char *name, gint width, gint height, double opacity,
                       const GimpRGB *colour)
{
    GeglColor *set = gegl_color_new("black");
    gegl_color_set_rgba(set, colour->r, colour->g, colour->b, colour->a);
    const gint channel =
        by_id_of_item((gimp_channel_new)(BY_ID_IMAGE(image), name, width, height, opacity, set));
    g_object_unref(set);
    return channel;
}

gint *by_id_strokes(gint path, gint *n)
{
    gsize length = 0;
    gint *strokes = gimp_path_get_strokes(BY_ID_PATH(path), &length);
    *n = (gint)length;
    return strokes;
}

void by_id_stroke_points(gint path, gint stroke, gint *n, double **points, gboolean *closed)
{
    gsize length = 0;
    gimp_path_stroke_get_points(BY_ID_PATH(path), stroke, &length, points, closed);
    *n = (gint)length;
}

gint by_id_load(const char *path)
{
    g_autoptr(GFile) file = g_file_new_for_path(path);
    return by_id_of_image((gimp_file_load)(GIMP_RUN_NONINTERACTIVE, file));
}

gboolean by_id_save(gint image, const char *path)
{
    g_autoptr(GFile) file = g_file_new_for_path(path);
    return (gimp_file_save)(GIMP_RUN_NONINTERACTIVE, BY_ID_IMAGE(image), file, NULL);
}

// --- procedures ---

// A file is passed as its path.
static void set_string(GimpProcedureConfig *config, const GParamSpec *spec, const char *text)
{
    const gboolean is_file = g_type_is_a(spec->value_type, G_TYPE_FILE);
    g_autoptr(GFile) file = is_file && text[0] ? g_file_new_for_path(text) : NULL;
    if (is_file)
        g_object_set(config, spec->name, file, NULL);
    else
        g_object_set(config, spec->name, text, NULL);
}

// Sets one property of the configuration to what was passed for it.
static void set_argument(GimpProcedureConfig *config, GParamSpec *spec, const GimpParam *param)
{
    const char *name = spec->name;
    if (GIMP_IS_PARAM_SPEC_CHOICE(spec)) {
        GimpChoice *choice = gimp_param_spec_choice_get_choice(spec);
        for (GList *nick = gimp_choice_list_nicks(choice); nick; nick = nick->next) {
            if (gimp_choice_get_id(choice, nick->data) == param->data.d_int32)
                g_object_set(config, name, nick->data, NULL);
        }
        return;
    }
    switch (param->type) {
    case GIMP_PDB_FLOAT:
        g_object_set(config, name, param->data.d_float, NULL);
        break;
    case GIMP_PDB_STRING:
        set_string(config, spec, param->data.d_string);
        break;
    case GIMP_PDB_COLOR: {
        const GimpRGB *rgb = param->data.d_color;
        GeglColor *colour = gegl_color_new(NULL);
        gegl_color_set_pixel(colour, babl_format("R'G'B'A double"), rgb);
        g_object_set(config, name, colour, NULL);
        g_object_unref(colour);
        break;
    }
    case GIMP_PDB_STRINGARRAY:
        g_object_set(config, name, param->data.d_stringarray, NULL);
        break;
    case GIMP_PDB_IMAGE:
        g_object_set(config, name, BY_ID_IMAGE(param->data.d_image), NULL);
        break;
    case GIMP_PDB_DRAWABLE: {
        if (G_IS_PARAM_SPEC_OBJECT(spec)) {
            g_object_set(config, name, BY_ID_DRAWABLE(param->data.d_drawable), NULL);
            break;
        }
        GObject *drawables[] = {(GObject *)BY_ID_DRAWABLE(param->data.d_drawable), NULL};
        gimp_procedure_config_set_core_object_array(config, name, drawables, drawables[0] ? 1 : 0);
        break;
    }
    default:
        g_object_set(config, name, param->data.d_int32, NULL);
    }
}

static void take_result(const GValue *value, GimpParam *param)
{
    if (G_VALUE_HOLDS(value, GIMP_TYPE_IMAGE)) {
        param->type = GIMP_PDB_IMAGE;
        param->data.d_image = by_id_of_image(g_value_get_object(value));
    } else if (G_VALUE_HOLDS(value, GIMP_TYPE_ITEM)) {
        param->type = GIMP_PDB_LAYER;
        param->data.d_layer = by_id_of_item(g_value_get_object(value));
    } else if (G_VALUE_HOLDS_STRING(value)) {
        param->type = GIMP_PDB_STRING;
        param->data.d_string = g_value_dup_string(value);
    } else if (G_VALUE_HOLDS_INT(value)) {
        param->type = GIMP_PDB_INT32;
        param->data.d_int32 = g_value_get_int(value);
    }
}

GimpParam *gimp_run_procedure2(const char *name, gint *n_results, gint n, const GimpParam *params)
{
    GimpProcedure *procedure = gimp_pdb_lookup_procedure(gimp_get_pdb(), name);
    if (!procedure)
        g_error("there is no procedure %s", name);
    GimpProcedureConfig *config = gimp_procedure_create_config(procedure);
    gint n_specs = 0;
    GParamSpec **specs = gimp_procedure_get_arguments(procedure, &n_specs);
    gint spec = 0;
    for (gint i = 0; i < n; i++) {
        const gboolean run_mode = i == 0 && strcmp(specs[0]->name, "run-mode") != 0;
        const gboolean count = i + 1 < n && params[i + 1].type == GIMP_PDB_STRINGARRAY;
        if (run_mode || count)
            continue;
        g_assert_cmpint(spec, <, n_specs);
        set_argument(config, specs[spec++], &params[i]);
    }
    GimpValueArray *values = gimp_procedure_run_config(procedure, config);
    GimpParam *results = g_new0(GimpParam, (gsize)gimp_value_array_length(values) + 1);
    *n_results = gimp_value_array_length(values);
    results[0].type = GIMP_PDB_STATUS;
    results[0].data.d_status = GIMP_VALUES_GET_ENUM(values, 0);
    for (gint i = 1; i < *n_results; i++)
        take_result(gimp_value_array_index(values, i), &results[i]);
    gimp_value_array_unref(values);
    g_object_unref(config);
    return results;
}

GimpParam *gimp_run_procedure(const char *name, gint *n_results, ...)
{
    g_autoptr(GArray) params = g_array_new(FALSE, FALSE, sizeof(GimpParam));
    va_list list;
    va_start(list, n_results);
    for (;;) {
        GimpParam param = {.type = va_arg(list, GimpPDBArgType)};
        if (param.type == GIMP_PDB_END)
            break;
        if (param.type == GIMP_PDB_FLOAT)
            param.data.d_float = va_arg(list, double);
        else if (param.type == GIMP_PDB_STRING)
            param.data.d_string = va_arg(list, char *);
        else if (param.type == GIMP_PDB_STRINGARRAY)
            param.data.d_stringarray = va_arg(list, char **);
        else if (param.type == GIMP_PDB_COLOR)
            param.data.d_color = va_arg(list, const GimpRGB *);
        else
            param.data.d_int32 = va_arg(list, gint32);
        g_array_append_val(params, param);
    }
    va_end(list);
    return gimp_run_procedure2(name, n_results, (gint)params->len,
                               (const GimpParam *)(void *)params->data);
}

void gimp_destroy_params(GimpParam *params, gint n)
{
    for (gint i = 0; i < n; i++) {
        if (params[i].type == GIMP_PDB_STRING)
            g_free(params[i].data.d_string);
    }
    g_free(params);
}
