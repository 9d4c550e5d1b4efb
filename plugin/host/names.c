// SPDX-License-Identifier: LGPL-3.0-or-later
#include "names.h"

#include <string.h>

#define PREFIX "plug-in-gan-"
#define FILES "-files"

char *names_procedure(const Task *task, gboolean files)
{
    return g_strconcat(PREFIX, task->name, files ? FILES : "", NULL);
}

const Task *names_task(const char *procedure, gboolean *files)
{
    if (!g_str_has_prefix(procedure, PREFIX))
        return NULL;
    g_autofree char *task = g_strdup(procedure + strlen(PREFIX));
    *files = g_str_has_suffix(task, FILES);
    if (*files)
        task[strlen(task) - strlen(FILES)] = '\0';
    return tasks_find(task);
}
