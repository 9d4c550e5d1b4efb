// SPDX-License-Identifier: LGPL-3.0-or-later
// The plug-in of GIMP 3: tells GIMP of the tasks' procedures, and runs one when GIMP asks.
//
// GIMP starts a process of its own for each call. It becomes fast to answer by what it does not do:
// GEGL is started when pixels are touched first, by gan_image_init(), which opens no modules.
#include "../call.h"
#include "../language.h"
#include "procedures.h"

#include <gan/image.h>
#include <gio/gio.h>

G_DECLARE_FINAL_TYPE(Plugin, plugin, GAN, PLUGIN, GimpPlugIn)

struct _Plugin {
    GimpPlugIn parent_instance;
};

G_DEFINE_TYPE(Plugin, plugin, GIMP_TYPE_PLUG_IN)
GIMP_MAIN(plugin_get_type())

// Returns what GIMP expects of a procedure that failed.
// Owner:   takes error.
static GimpValueArray *failed(GimpProcedure *procedure, GError *error)
{
    if (g_error_matches(error, G_IO_ERROR, G_IO_ERROR_CANCELLED)) {
        g_error_free(error);
        return gimp_procedure_new_return_values(procedure, GIMP_PDB_CANCEL, NULL);
    }
    return gimp_procedure_new_return_values(procedure, GIMP_PDB_EXECUTION_ERROR, error);
}

static CallMode call_mode(GimpRunMode mode)
{
    return mode == GIMP_RUN_INTERACTIVE      ? CALL_INTERACTIVE
           : mode == GIMP_RUN_WITH_LAST_VALS ? CALL_WITH_LAST_VALUES
                                             : CALL_NONINTERACTIVE;
}

// What is selected when it is one thing; a task that needs one layer says so when it gets none.
static gint only_drawable(GimpDrawable **drawables)
{
    const gsize n = gimp_core_object_array_get_length((GObject **)(void *)drawables);
    return n == 1 ? gimp_item_get_id(GIMP_ITEM(drawables[0])) : 0;
}

static GimpValueArray *run_once(GimpProcedure *procedure, const Task *task, CallMode mode,
                                gint image, gint drawable, GimpProcedureConfig *config)
{
    GError *error = NULL;
    g_autoptr(Values) values = values_new(task->arguments, task->n_arguments);
    CallResult result = {0};
    procedures_get_values(task, config, values);
    if (!call_run(task, mode, image, drawable, values, &result, &error))
        return failed(procedure, error);
    // GIMP keeps what is in it as the last values when this returns.
    if (mode == CALL_INTERACTIVE)
        procedures_set_values(task, config, values);
    GimpValueArray *results = gimp_procedure_new_return_values(procedure, GIMP_PDB_SUCCESS, NULL);
    if (!task->window) {
        GIMP_VALUES_SET_IMAGE(results, 1, gimp_image_get_by_id(result.image));
        GIMP_VALUES_SET_LAYER(results, 2, gimp_layer_get_by_id(result.drawable));
    }
    return results;
}

static GimpValueArray *run_image(GimpProcedure *procedure, GimpRunMode run_mode, GimpImage *image,
                                 GimpDrawable **drawables, GimpProcedureConfig *config,
                                 gpointer data)
{
    return run_once(procedure, data, call_mode(run_mode), gimp_image_get_id(image),
                    only_drawable(drawables), config);
}

static GimpValueArray *run_no_image(GimpProcedure *procedure, GimpProcedureConfig *config,
                                    gpointer data)
{
    GimpRunMode run_mode = GIMP_RUN_NONINTERACTIVE;
    g_object_get(config, "run-mode", &run_mode, NULL);
    return run_once(procedure, data, call_mode(run_mode), 0, 0, config);
}

static GimpValueArray *run_files(GimpProcedure *procedure, GimpProcedureConfig *config,
                                 gpointer data)
{
    const Task *task = data;
    GError *error = NULL;
    g_auto(GStrv) files = NULL;
    g_autofree char *folder = NULL, *extension = NULL, *failures = NULL;
    g_autoptr(Values) values = values_new(task->arguments, task->n_arguments);
    procedures_get_values(task, config, values);
    g_object_get(config, PROCEDURE_FILES, &files, PROCEDURE_FOLDER, &folder, PROCEDURE_EXTENSION,
                 &extension, NULL);
    const char *const none[] = {NULL};
    const guint n_done =
        call_run_files(task, files ? (const char *const *)(void *)files : none,
                       folder ? folder : "", extension ? extension : "", values, &failures, &error);
    if (error)
        return failed(procedure, error);
    GimpValueArray *results = gimp_procedure_new_return_values(procedure, GIMP_PDB_SUCCESS, NULL);
    GIMP_VALUES_SET_INT(results, 1, (gint)n_done);
    GIMP_VALUES_SET_STRING(results, 2, failures ? failures : "");
    return results;
}

static GList *plugin_query_procedures(GimpPlugIn *plug_in)
{
    GList *names = NULL;
    for (const Task *const *task = tasks_all(); *task; task++)
        names = procedures_append_names(names, *task);
    return names;
}

static GimpProcedure *plugin_create_procedure(GimpPlugIn *plug_in, const gchar *name)
{
    const ProcedureRuns runs = {run_image, run_no_image, run_files};
    return procedures_create(plug_in, name, &runs);
}

// GIMP looks for translations below the plug-in's folder; ours are where the system's are.
static gboolean plugin_set_i18n(GimpPlugIn *plug_in, const gchar *name, gchar **domain,
                                gchar **folder)
{
    language_init();
    return FALSE;
}

static void plugin_quit(GimpPlugIn *plug_in)
{
    gan_image_exit();
}

static void plugin_class_init(PluginClass *class)
{
    GimpPlugInClass *plug_in = GIMP_PLUG_IN_CLASS(class);
    plug_in->query_procedures = plugin_query_procedures;
    plug_in->create_procedure = plugin_create_procedure;
    plug_in->set_i18n = plugin_set_i18n;
    plug_in->quit = plugin_quit;
}

static void plugin_init(Plugin *plugin)
{
}
