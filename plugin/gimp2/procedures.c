// SPDX-License-Identifier: LGPL-3.0-or-later
// The procedures that tasks have in GIMP 2.10, made from their declarations.
//
// What is installed stays for the life of GIMP's cache, and libgimp keeps no pointer, so the texts
// made here are freed at once.
#include "procedures.h"

#include "../arguments/kinds.h"
#include "../host/names.h"
#include "../language.h"
#include <gan/error.h>
#include <glib/gi18n-lib.h>

#define AUTHORS "The gimp-gan authors"
#define MENU "<Image>/Filters/GAN"

static const GimpPDBArgType TYPES[] = {
    [ARGUMENT_2_INT] = GIMP_PDB_INT32,         [ARGUMENT_2_FLOAT] = GIMP_PDB_FLOAT,
    [ARGUMENT_2_STRING] = GIMP_PDB_STRING,     [ARGUMENT_2_COLOUR] = GIMP_PDB_COLOR,
    [ARGUMENT_2_DRAWABLE] = GIMP_PDB_DRAWABLE,
};

// The sentence that describes an argument, with what it may be: 2.10 knows no ranges.
static char *argument_description(const Argument *argument)
{
    const ArgumentKindInfo *kind = argument_kind(argument);
    g_autofree char *allowed = kind->allowed ? kind->allowed(argument) : NULL;
    return g_strconcat(_(argument->blurb), allowed, NULL);
}

// Appends a task's own arguments; `texts` holds their descriptions.
static void append_arguments(GArray *parameters, const Task *task, GPtrArray *texts)
{
    for (guint i = 0; i < task->n_arguments; i++) {
        char *text = argument_description(&task->arguments[i]);
        const GimpParamDef parameter = {TYPES[argument_kind(&task->arguments[i])->in_2],
                                        (char *)task->arguments[i].name, text};
        g_ptr_array_add(texts, text);
        g_array_append_val(parameters, parameter);
    }
}

static void install(const Task *task, gboolean files, const char *label, const char *types,
                    const GimpParamDef *leading, guint n_leading, const GimpParamDef *results,
                    gint n_results)
{
    g_autofree char *name = names_procedure(task, files);
    g_autofree char *help = NULL;
    g_autoptr(GPtrArray) texts = g_ptr_array_new_with_free_func(g_free);
    g_autoptr(GArray) parameters = g_array_new(FALSE, FALSE, sizeof(GimpParamDef));
    g_array_append_vals(parameters, leading, n_leading);
    append_arguments(parameters, task, texts);
    if (files)
        help = g_strdup_printf(
            "%s %s",
            _("This procedure works on a list of picture files in one call and loads the model "
              "once. Each file is opened, worked on, and saved into the folder under its own name; "
              "a file that fails does not stop the others."),
            _(task->help));
    gimp_install_procedure(name, _(files ? task->files_blurb : task->blurb),
                           help ? help : _(task->help), AUTHORS, AUTHORS, "2026", label, types,
                           GIMP_PLUGIN, (gint)parameters->len, n_results,
                           (const GimpParamDef *)(const void *)parameters->data, results);
}

static const GimpParamDef run_mode = {
    GIMP_PDB_INT32, (char *)"run-mode",
    (char *)"The run mode { RUN-INTERACTIVE (0), RUN-NONINTERACTIVE (1), RUN-WITH-LAST-VALS (2) }"};

// GIMP translates a label itself, when it is shown.
static void install_menu(const Task *task)
{
    g_autofree char *name = names_procedure(task, FALSE);
    gimp_plugin_menu_register(name, MENU);
    gimp_plugin_icon_register(name, GIMP_ICON_TYPE_ICON_NAME, (const guint8 *)task->icon);
}

static void install_for_images(const Task *task)
{
    const GimpParamDef leading[] = {
        run_mode,
        {GIMP_PDB_IMAGE, (char *)"image", (char *)"The image"},
        {GIMP_PDB_DRAWABLE, (char *)"drawable", (char *)"The active layer"},
    };
    const GimpParamDef results[] = {
        {GIMP_PDB_IMAGE, (char *)"result-image",
         (char *)"The image that holds the result: the same or a new one"},
        {GIMP_PDB_LAYER, (char *)"result-layer", (char *)"The layer that holds the result"},
    };
    install(task, FALSE, task->label, "*", leading, G_N_ELEMENTS(leading), results,
            G_N_ELEMENTS(results));
    install_menu(task);
}

static void install_for_files(const Task *task)
{
    const GimpParamDef leading[] = {
        run_mode,
        {GIMP_PDB_INT32, (char *)"num-files", (char *)"The number of files"},
        {GIMP_PDB_STRINGARRAY, (char *)"files", (char *)"The picture files"},
        {GIMP_PDB_STRING, (char *)"folder", (char *)"The folder for the results"},
        {GIMP_PDB_STRING, (char *)"extension",
         (char *)"The format of the results, such as \"png\"; \"\" keeps each file's own"},
    };
    const GimpParamDef results[] = {
        {GIMP_PDB_INT32, (char *)"num-done", (char *)"The number of files that were done"},
        {GIMP_PDB_STRING, (char *)"failures",
         (char *)"A line for each file that failed, with the reason, or of which only a part was "
                 "worked on; \"\" when there is none"},
    };
    install(task, TRUE, NULL, NULL, leading, G_N_ELEMENTS(leading), results, G_N_ELEMENTS(results));
}

// Without types of images an item is always there.
static void install_without_image(const Task *task)
{
    static const GimpParamDef results[] = {
        {GIMP_PDB_IMAGE, (char *)"result-image", (char *)"The new image"},
        {GIMP_PDB_LAYER, (char *)"result-layer", (char *)"Its layer"},
    };
    install(task, FALSE, task->label, NULL, &run_mode, 1, task->window ? NULL : results,
            task->window ? 0 : G_N_ELEMENTS(results));
    install_menu(task);
}

void procedures_install(const Task *task)
{
    if (task->window || task->from_nothing) {
        install_without_image(task);
        return;
    }
    install_for_images(task);
    install_for_files(task);
}

static void set_value(Values *values, const Argument *argument, const GimpParamData *data)
{
    const char *name = argument->name;
    switch (argument_kind(argument)->in_2) {
    case ARGUMENT_2_INT:
        values_set_number(values, name, data->d_int32);
        return;
    case ARGUMENT_2_FLOAT:
        values_set_number(values, name, data->d_float);
        return;
    case ARGUMENT_2_STRING:
        values_set_text(values, name, data->d_string);
        return;
    case ARGUMENT_2_COLOUR:
        values_set_colour(values, name,
                          (double[]){data->d_color.r, data->d_color.g, data->d_color.b});
        return;
    case ARGUMENT_2_DRAWABLE:
        // GIMP 2.10 says -1 where there is none.
        values_set_number(values, name, MAX(data->d_drawable, 0));
        return;
    }
}

gboolean procedures_values(const Task *task, const GimpParam *arguments, gint n, Values *values,
                           GError **error)
{
    if (n != (gint)task->n_arguments) {
        g_set_error(error, GAN_ERROR, GAN_ERROR_ARGUMENT,
                    _("%d arguments were given after the first ones; there are %u."), n,
                    task->n_arguments);
        return FALSE;
    }
    for (guint i = 0; i < task->n_arguments; i++)
        set_value(values, &task->arguments[i], &arguments[i].data);
    return values_check(values, error);
}
