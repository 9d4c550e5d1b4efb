// SPDX-License-Identifier: LGPL-3.0-or-later
// The procedures that tasks have in GIMP 3, made from their declarations.
#include "procedures.h"

#include "../arguments/kinds.h"
#include "../host/names.h"
#include <gan/image.h>
#include <glib/gi18n-lib.h>

#define AUTHORS "The gimp-gan authors"
#define MENU "<Image>/Filters"
#define SUBMENU MENU "/GAN"

GList *procedures_append_names(GList *names, const Task *task)
{
    names = g_list_append(names, names_procedure(task, FALSE));
    if (task->work && !task->from_nothing)
        names = g_list_append(names, names_procedure(task, TRUE));
    return names;
}

// --- arguments ---

static GimpChoice *choice_of(const Argument *argument)
{
    GimpChoice *choice = gimp_choice_new();
    for (gint i = 0; argument->choices[i].name; i++)
        gimp_choice_add(choice, argument->choices[i].name, i, _(argument->choices[i].label), NULL);
    return choice;
}

static GeglColor *colour_of(const double rgb[3])
{
    gan_image_init(0);
    GeglColor *colour = gegl_color_new(NULL);
    gegl_color_set_pixel(colour, babl_format("R'G'B' double"), rgb);
    return colour;
}

static void add_colour(GimpProcedure *procedure, const Argument *argument, const char *nick,
                       const char *blurb)
{
    double rgb[3];
    g_autoptr(Values) initial = values_new(argument, 1);
    values_colour(initial, argument->name, rgb);
    GeglColor *colour = colour_of(rgb);
    gimp_procedure_add_color_argument(procedure, argument->name, nick, blurb, FALSE, colour,
                                      G_PARAM_READWRITE);
    g_object_unref(colour);
}

static void add_argument(GimpProcedure *procedure, const Argument *argument)
{
    const char *name = argument->name;
    const char *nick = argument->label ? _(argument->label) : name;
    const char *blurb = argument->blurb ? _(argument->blurb) : NULL;
    switch (argument_kind(argument)->in_3) {
    case ARGUMENT_3_BOOLEAN:
        gimp_procedure_add_boolean_argument(procedure, name, nick, blurb, argument->initial != 0.0,
                                            G_PARAM_READWRITE);
        return;
    case ARGUMENT_3_INT:
        gimp_procedure_add_int_argument(procedure, name, nick, blurb, (gint)argument->minimum,
                                        (gint)argument->maximum, (gint)argument->initial,
                                        G_PARAM_READWRITE);
        return;
    case ARGUMENT_3_DOUBLE:
        gimp_procedure_add_double_argument(procedure, name, nick, blurb, argument->minimum,
                                           argument->maximum, argument->initial, G_PARAM_READWRITE);
        return;
    case ARGUMENT_3_STRING:
        gimp_procedure_add_string_argument(procedure, name, nick, blurb,
                                           argument->initial_text ? argument->initial_text : "",
                                           G_PARAM_READWRITE);
        return;
    case ARGUMENT_3_CHOICE:
        gimp_procedure_add_choice_argument(procedure, name, nick, blurb, choice_of(argument),
                                           argument->choices[(gint)argument->initial].name,
                                           G_PARAM_READWRITE);
        return;
    case ARGUMENT_3_FILE:
        gimp_procedure_add_file_argument(procedure, name, nick, blurb,
                                         GIMP_FILE_CHOOSER_ACTION_OPEN, TRUE, NULL,
                                         G_PARAM_READWRITE);
        return;
    case ARGUMENT_3_COLOUR:
        add_colour(procedure, argument, nick, blurb);
        return;
    case ARGUMENT_3_DRAWABLE:
        gimp_procedure_add_drawable_argument(procedure, name, nick, blurb, TRUE, G_PARAM_READWRITE);
        return;
    }
}

static void add_arguments(GimpProcedure *procedure, const Task *task)
{
    for (guint i = 0; i < task->n_arguments; i++)
        add_argument(procedure, &task->arguments[i]);
}

// The property of a configuration that holds an argument, as a GValue of its own type.
static void read_property(GimpProcedureConfig *config, const char *name, GValue *value)
{
    const GParamSpec *spec = g_object_class_find_property(G_OBJECT_GET_CLASS(config), name);
    g_value_init(value, spec->value_type);
    g_object_get_property(G_OBJECT(config), name, value);
}

static void get_object(GObject *object, const Argument *argument, Values *values)
{
    const char *name = argument->name;
    if (GEGL_IS_COLOR(object)) {
        double rgb[3];
        gan_image_init(0);
        gegl_color_get_pixel(GEGL_COLOR(object), babl_format("R'G'B' double"), rgb);
        values_set_colour(values, name, rgb);
    } else if (G_IS_FILE(object)) {
        g_autofree char *path = g_file_get_path(G_FILE(object));
        values_set_text(values, name, path);
    } else if (GIMP_IS_ITEM(object)) {
        values_set_number(values, name, gimp_item_get_id(GIMP_ITEM(object)));
    }
}

static void get_value(GimpProcedureConfig *config, const Argument *argument, Values *values)
{
    g_auto(GValue) value = G_VALUE_INIT, number = G_VALUE_INIT;
    read_property(config, argument->name, &value);
    if (G_VALUE_HOLDS_STRING(&value)) {
        values_set_text(values, argument->name, g_value_get_string(&value));
    } else if (G_VALUE_HOLDS_OBJECT(&value)) {
        get_object(g_value_get_object(&value), argument, values);
    } else if (G_VALUE_HOLDS_BOOLEAN(&value)) {
        // GObject transforms it to whole numbers only.
        values_set_number(values, argument->name, g_value_get_boolean(&value));
    } else {
        g_value_init(&number, G_TYPE_DOUBLE);
        g_value_transform(&value, &number);
        values_set_number(values, argument->name, g_value_get_double(&number));
    }
}

void procedures_get_values(const Task *task, GimpProcedureConfig *config, Values *values)
{
    for (guint i = 0; i < task->n_arguments; i++)
        get_value(config, &task->arguments[i], values);
}

static void set_value(GimpProcedureConfig *config, const Argument *argument, const Values *values)
{
    const char *name = argument->name;
    double rgb[3];
    switch (argument_kind(argument)->in_3) {
    case ARGUMENT_3_BOOLEAN:
    case ARGUMENT_3_INT:
        g_object_set(config, name, values_integer(values, name), NULL);
        return;
    case ARGUMENT_3_DOUBLE:
        g_object_set(config, name, values_number(values, name), NULL);
        return;
    case ARGUMENT_3_STRING:
    case ARGUMENT_3_CHOICE:
        g_object_set(config, name, values_text(values, name), NULL);
        return;
    case ARGUMENT_3_FILE: {
        const char *path = values_text(values, name);
        g_autoptr(GFile) file = path[0] ? g_file_new_for_path(path) : NULL;
        g_object_set(config, name, file, NULL);
        return;
    }
    case ARGUMENT_3_COLOUR: {
        values_colour(values, name, rgb);
        GeglColor *colour = colour_of(rgb);
        g_object_set(config, name, colour, NULL);
        g_object_unref(colour);
        return;
    }
    case ARGUMENT_3_DRAWABLE:
        g_object_set(config, name, gimp_drawable_get_by_id(values_integer(values, name)), NULL);
        return;
    }
}

void procedures_set_values(const Task *task, GimpProcedureConfig *config, const Values *values)
{
    for (guint i = 0; i < task->n_arguments; i++)
        set_value(config, &task->arguments[i], values);
}

// --- procedures ---

static void describe(GimpProcedure *procedure, const char *blurb, const char *help)
{
    gimp_procedure_set_documentation(procedure, _(blurb), help, gimp_procedure_get_name(procedure));
    gimp_procedure_set_attribution(procedure, AUTHORS, AUTHORS, "2026");
}

static void add_to_menu(GimpPlugIn *plug_in, GimpProcedure *procedure, const Task *task)
{
    gimp_procedure_set_menu_label(procedure, _(task->label));
    gimp_procedure_set_icon_name(procedure, task->icon);
    gimp_plug_in_add_menu_branch(plug_in, MENU, _("_GAN"));
    gimp_procedure_add_menu_path(procedure, SUBMENU);
}

static void add_results(GimpProcedure *procedure, const char *image, const char *layer)
{
    gimp_procedure_add_image_return_value(procedure, "result-image", _("Result image"), image, TRUE,
                                          G_PARAM_READWRITE);
    gimp_procedure_add_layer_return_value(procedure, "result-layer", _("Result layer"), layer, TRUE,
                                          G_PARAM_READWRITE);
}

static GimpProcedure *create_for_images(GimpPlugIn *plug_in, const char *name, const Task *task,
                                        GimpRunImageFunc run)
{
    GimpProcedure *procedure = gimp_image_procedure_new(plug_in, name, GIMP_PDB_PROC_TYPE_PLUGIN,
                                                        run, (gpointer)task, NULL);
    gimp_procedure_set_image_types(procedure, "*");
    // Whether one layer must be selected depends on the arguments, so that the task tells.
    gimp_procedure_set_sensitivity_mask(procedure, GIMP_PROCEDURE_SENSITIVE_DRAWABLE |
                                                       GIMP_PROCEDURE_SENSITIVE_DRAWABLES);
    describe(procedure, task->blurb, _(task->help));
    add_to_menu(plug_in, procedure, task);
    add_arguments(procedure, task);
    add_results(procedure, _("The image that holds the result: the same or a new one"),
                _("The layer that holds the result"));
    return procedure;
}

static GimpProcedure *create_for_files(GimpPlugIn *plug_in, const char *name, const Task *task,
                                       GimpRunFunc run)
{
    GimpProcedure *procedure =
        gimp_procedure_new(plug_in, name, GIMP_PDB_PROC_TYPE_PLUGIN, run, (gpointer)task, NULL);
    g_autofree char *help = g_strdup_printf(
        "%s %s",
        _("This procedure works on a list of picture files in one call and loads the model once. "
          "Each file is opened, worked on, and saved into the folder under its own name; a file "
          "that fails does not stop the others."),
        _(task->help));
    describe(procedure, task->files_blurb, help);
    gimp_procedure_add_string_array_argument(procedure, PROCEDURE_FILES, _("_Files"),
                                             _("The picture files"), G_PARAM_READWRITE);
    gimp_procedure_add_string_argument(procedure, PROCEDURE_FOLDER, _("F_older"),
                                       _("The folder for the results"), "", G_PARAM_READWRITE);
    gimp_procedure_add_string_argument(
        procedure, PROCEDURE_EXTENSION, _("_Extension"),
        _("The format of the results, such as \"png\"; \"\" keeps each file's own"), "",
        G_PARAM_READWRITE);
    add_arguments(procedure, task);
    gimp_procedure_add_int_return_value(procedure, "num-done", _("Files done"),
                                        _("The number of files that were done"), 0, G_MAXINT, 0,
                                        G_PARAM_READWRITE);
    gimp_procedure_add_string_return_value(
        procedure, "failures", _("Failures"),
        _("A line for each file that failed, with the reason, or of which only a part was worked "
          "on; \"\" when there is none"),
        "", G_PARAM_READWRITE);
    return procedure;
}

static GimpProcedure *create_without_image(GimpPlugIn *plug_in, const char *name, const Task *task,
                                           GimpRunFunc run)
{
    GimpProcedure *procedure =
        gimp_procedure_new(plug_in, name, GIMP_PDB_PROC_TYPE_PLUGIN, run, (gpointer)task, NULL);
    gimp_procedure_set_sensitivity_mask(procedure, GIMP_PROCEDURE_SENSITIVE_ALWAYS);
    describe(procedure, task->blurb, _(task->help));
    add_to_menu(plug_in, procedure, task);
    // GIMP passes it to whatever is in a menu.
    gimp_procedure_add_enum_argument(procedure, "run-mode", _("Run mode"), _("The run mode"),
                                     GIMP_TYPE_RUN_MODE, GIMP_RUN_NONINTERACTIVE,
                                     G_PARAM_READWRITE);
    if (task->window)
        return procedure;
    add_arguments(procedure, task);
    add_results(procedure, _("The new image"), _("Its layer"));
    return procedure;
}

GimpProcedure *procedures_create(GimpPlugIn *plug_in, const char *name, const ProcedureRuns *runs)
{
    gboolean files = FALSE;
    const Task *task = names_task(name, &files);
    if (!task)
        return NULL;
    if (task->window || task->from_nothing)
        return create_without_image(plug_in, name, task, runs->no_image);
    return files ? create_for_files(plug_in, name, task, runs->files)
                 : create_for_images(plug_in, name, task, runs->image);
}
