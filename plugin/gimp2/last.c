// SPDX-License-Identifier: LGPL-3.0-or-later
// The values that the user chose last, kept by GIMP and in its folder of settings.
#include "last.h"

#include "../host/names.h"
#include <libgimp/gimp.h>
#include <string.h>

static char *settings_file(const Task *task)
{
    g_autofree char *name = g_strconcat(task->name, ".ini", NULL);
    return g_build_filename(gimp_directory(), "gimp-gan", name, NULL);
}

void last_load(const Task *task, Values *values)
{
    g_autofree char *procedure = names_procedure(task, FALSE);
    g_autofree char *path = settings_file(task);
    g_autofree char *text = NULL;
    const gint n = gimp_get_data_size(procedure);
    if (n > 0) {
        text = g_malloc0((gsize)n + 1);
        gimp_get_data(procedure, text);
    } else if (!g_file_get_contents(path, &text, NULL, NULL)) {
        return; // nothing was chosen yet
    }
    values_from_text(values, text);
}

void last_save(const Task *task, const Values *values)
{
    g_autofree char *procedure = names_procedure(task, FALSE);
    g_autofree char *path = settings_file(task), *folder = g_path_get_dirname(path);
    g_autofree char *text = values_to_text(values);
    gimp_set_data(procedure, text, (guint32)strlen(text));
    g_autoptr(GError) error = NULL;
    if (g_mkdir_with_parents(folder, 0700) != 0 || !g_file_set_contents(path, text, -1, &error))
        g_debug("%s: the values are not kept: %s", path, error ? error->message : "no folder");
}
