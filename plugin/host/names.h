// SPDX-License-Identifier: LGPL-3.0-or-later
// The names of the procedures that tasks have, the same in both versions of GIMP.
#ifndef PLUGIN_HOST_NAMES_H
#define PLUGIN_HOST_NAMES_H

#include "../task.h"

G_BEGIN_DECLS

// Returns "plug-in-gan-TASK", or "plug-in-gan-TASK-files"; the caller frees it.
char *names_procedure(const Task *task, gboolean files);

// Returns the task that a procedure's name belongs to; NULL: none.
const Task *names_task(const char *procedure, gboolean *files);

G_END_DECLS
#endif
