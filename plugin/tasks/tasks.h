// SPDX-License-Identifier: LGPL-3.0-or-later
// The tasks, one file each.
#ifndef PLUGIN_TASKS_H
#define PLUGIN_TASKS_H

#include "../task.h"

G_BEGIN_DECLS

extern const Task task_upscale;
extern const Task task_models;

G_END_DECLS
#endif
