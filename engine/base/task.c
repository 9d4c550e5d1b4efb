// SPDX-License-Identifier: LGPL-3.0-or-later
// The names of tasks.
#include <gan/task.h>

static const char *const NAMES[] = {
    [GAN_TASK_ANY] = "any",     [GAN_TASK_UPSCALE] = "upscale", [GAN_TASK_RESTORE] = "restore",
    [GAN_TASK_STYLE] = "style", [GAN_TASK_INPAINT] = "inpaint", [GAN_TASK_GENERATE] = "generate",
};
G_STATIC_ASSERT(G_N_ELEMENTS(NAMES) == GAN_N_TASKS);

const char *gan_task_name(GanTask task)
{
    g_return_val_if_fail(task < GAN_N_TASKS, NULL);
    return NAMES[task];
}

GanTask gan_task_parse(const char *name)
{
    for (GanTask task = GAN_TASK_UPSCALE; task < GAN_N_TASKS; task++)
        if (g_strcmp0(name, NAMES[task]) == 0)
            return task;
    return GAN_TASK_ANY;
}
