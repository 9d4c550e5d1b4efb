// SPDX-License-Identifier: LGPL-3.0-or-later
// What a model is for. Menu items, verbs, choosers and defaults ask for the task,
// never for a family.
#ifndef GAN_TASK_H
#define GAN_TASK_H

#include <glib.h>

G_BEGIN_DECLS

typedef enum {
    GAN_TASK_ANY, // where a task is asked for: whichever; no model's own
    GAN_TASK_UPSCALE,
    GAN_TASK_RESTORE,
    GAN_TASK_STYLE,
    GAN_TASK_INPAINT,
    GAN_TASK_GENERATE,
    GAN_N_TASKS,
} GanTask;

// Returns "upscale", "restore", "style", "inpaint" or "generate", as verbs and the metadata of
// weight files have it; "any" for GAN_TASK_ANY.
const char *gan_task_name(GanTask task);

// Returns the task of this name, or GAN_TASK_ANY when there is none.
GanTask gan_task_parse(const char *name);

G_END_DECLS
#endif
