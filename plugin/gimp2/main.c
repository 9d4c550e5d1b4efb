// SPDX-License-Identifier: LGPL-3.0-or-later
// The plug-in of GIMP 2.10: tells GIMP of the tasks' procedures, and runs one when GIMP asks.
//
// GIMP starts a process of its own for each call. It becomes fast to answer by what it does not do:
// GEGL is started when pixels are touched first, by gan_image_init(), which opens no modules.
#include "../call.h"
#include "../host/names.h"
#include "../language.h"
#include "last.h"
#include "procedures.h"

#include <gan/image.h>
#include <gio/gio.h>
#include <glib/gi18n-lib.h>

#define MENU_LABEL N_("_GAN")

static void query(void)
{
    language_init();
    // GIMP translates labels by itself; its search is to begin where ours are.
    gimp_plugin_domain_register(GETTEXT_PACKAGE, LOCALEDIR);
    gimp_plugin_menu_branch_register("<Image>/Filters", MENU_LABEL);
    for (const Task *const *task = tasks_all(); *task; task++)
        procedures_install(*task);
}

static GimpPDBStatusType status_of(const GError *error)
{
    if (g_error_matches(error, G_IO_ERROR, G_IO_ERROR_CANCELLED))
        return GIMP_PDB_CANCEL;
    return GIMP_PDB_EXECUTION_ERROR;
}

// Sets `values` from where the mode says they come.
static gboolean choose_values(const Task *task, CallMode mode, const GimpParam *arguments, gint n,
                              Values *values, GError **error)
{
    if (mode == CALL_NONINTERACTIVE)
        return procedures_values(task, arguments, n, values, error);
    last_load(task, values);
    return TRUE;
}

// Over one image, or none.
static GimpPDBStatusType run_once(const Task *task, CallMode mode, const GimpParam *arguments,
                                  gint n, GimpParam *results, gint *n_results, GError **error)
{
    g_autoptr(Values) values = values_new(task->arguments, task->n_arguments);
    CallResult result = {0};
    const gint leading = task->from_nothing ? PROCEDURE_NO_IMAGE_LEADING : PROCEDURE_IMAGE_LEADING;
    if (n < leading || !choose_values(task, mode, arguments + leading, n - leading, values, error))
        return GIMP_PDB_CALLING_ERROR;
    const gint image = task->from_nothing ? 0 : arguments[PROCEDURE_IMAGE].data.d_image;
    const gint drawable = task->from_nothing ? 0 : arguments[PROCEDURE_DRAWABLE].data.d_drawable;
    const gboolean done = call_run(task, mode, image, drawable, values, &result, error);
    if (mode != CALL_NONINTERACTIVE)
        gimp_displays_flush();
    if (!done)
        return status_of(*error);
    if (mode == CALL_INTERACTIVE)
        last_save(task, values);
    results[1].type = GIMP_PDB_IMAGE;
    results[1].data.d_image = result.image;
    results[2].type = GIMP_PDB_LAYER;
    results[2].data.d_layer = result.drawable;
    *n_results = 3;
    return GIMP_PDB_SUCCESS;
}

static GimpPDBStatusType run_files(const Task *task, CallMode mode, const GimpParam *arguments,
                                   gint n, GimpParam *results, gint *n_results, GError **error)
{
    g_autoptr(Values) values = values_new(task->arguments, task->n_arguments);
    // There is no dialog for files: who asks for one is taken at the arguments' word.
    if (mode == CALL_INTERACTIVE)
        mode = CALL_NONINTERACTIVE;
    if (n < PROCEDURE_FILES_LEADING ||
        !choose_values(task, mode, arguments + PROCEDURE_FILES_LEADING, n - PROCEDURE_FILES_LEADING,
                       values, error))
        return GIMP_PDB_CALLING_ERROR;
    const gint n_files = MAX(arguments[PROCEDURE_N_FILES].data.d_int32, 0);
    g_autofree const char **files = g_new0(const char *, (gsize)n_files + 1);
    for (gint i = 0; i < n_files; i++)
        files[i] = arguments[PROCEDURE_FILES].data.d_stringarray[i];
    char *failures = NULL;
    const guint n_done =
        call_run_files(task, files, arguments[PROCEDURE_FOLDER].data.d_string,
                       arguments[PROCEDURE_EXTENSION].data.d_string, values, &failures, error);
    if (*error) {
        g_free(failures);
        return status_of(*error);
    }
    results[1].type = GIMP_PDB_INT32;
    results[1].data.d_int32 = (gint32)n_done;
    results[2].type = GIMP_PDB_STRING;
    results[2].data.d_string = failures ? failures : g_strdup("");
    *n_results = 3;
    return GIMP_PDB_SUCCESS;
}

static CallMode call_mode(gint run_mode)
{
    return run_mode == GIMP_RUN_INTERACTIVE      ? CALL_INTERACTIVE
           : run_mode == GIMP_RUN_WITH_LAST_VALS ? CALL_WITH_LAST_VALUES
                                                 : CALL_NONINTERACTIVE;
}

static GimpPDBStatusType run_task(const char *name, gint n, const GimpParam *arguments,
                                  GimpParam *results, gint *n_results, GError **error)
{
    gboolean files = FALSE;
    const Task *task = names_task(name, &files);
    if (!task || n < 1)
        return GIMP_PDB_CALLING_ERROR;
    const CallMode mode = call_mode(arguments[PROCEDURE_RUN_MODE].data.d_int32);
    if (task->window) {
        task->window();
        return GIMP_PDB_SUCCESS;
    }
    return (files ? run_files : run_once)(task, mode, arguments, n, results, n_results, error);
}

// libgimp reads the results after this has returned, and ends the process: the one call that a
// process serves has one set of them.
static void run(const gchar *name, gint n_arguments, const GimpParam *arguments, gint *n_results,
                GimpParam **results)
{
    g_autoptr(GError) error = NULL;
    language_init();
    // Otherwise GIMP gives 8 bits of every drawable.
    gimp_plugin_enable_precision();
    static GimpParam answer[3];
    *results = answer;
    *n_results = 1;
    answer[0].type = GIMP_PDB_STATUS;
    answer[0].data.d_status = run_task(name, n_arguments, arguments, answer, n_results, &error);
    if (error && answer[0].data.d_status != GIMP_PDB_CANCEL) {
        answer[1].type = GIMP_PDB_STRING;
        answer[1].data.d_string = g_strdup(error->message);
        *n_results = 2;
    }
    gan_image_exit();
}

const GimpPlugInInfo PLUG_IN_INFO = {NULL, NULL, query, run};

MAIN()
