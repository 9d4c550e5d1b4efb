// SPDX-License-Identifier: LGPL-3.0-or-later
// The list of menu items.
#include "tasks.h"

#include <string.h>

static const Task *const TASKS[] = {&task_upscale, &task_models, NULL};

const Task *const *tasks_all(void)
{
    return TASKS;
}

const Task *tasks_find(const char *name)
{
    for (guint i = 0; TASKS[i] != NULL; i++)
        if (strcmp(TASKS[i]->name, name) == 0)
            return TASKS[i];
    return NULL;
}
