// SPDX-License-Identifier: LGPL-3.0-or-later
// What tasks that enlarge with a model know of it before gan_upscale() runs.
#ifndef PLUGIN_ENLARGE_H
#define PLUGIN_ENLARGE_H

#include "../task.h"

G_BEGIN_DECLS

TaskReach enlarge_reach(const GanModelInfo *model);

// Predicts what it takes to make new_width x new_height pixels of width x height.
// Errors:  gan_upscale_plan()'s.
gboolean enlarge_cost(GanRunner *runner, guint width, guint height, guint new_width,
                      guint new_height, gboolean measure, TaskCost *cost, GError **error);

G_END_DECLS
#endif
