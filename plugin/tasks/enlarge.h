// SPDX-License-Identifier: LGPL-3.0-or-later
// What tasks that enlarge with a model know of it before gan_upscale() runs.
#ifndef PLUGIN_ENLARGE_H
#define PLUGIN_ENLARGE_H

#include "../task.h"

G_BEGIN_DECLS

// GIMP_MAX_IMAGE_SIZE of both versions; the library's own limit is below it.
#define ENLARGE_MOST_SIDE 500000
// How many times as wide or high a result may be.
#define ENLARGE_MOST_FACTOR 16.0

// Takes wide x high, whole numbers, as the new size of width x height; a side is one pixel at least.
// Errors:  a side or a factor that is too large.
gboolean enlarge_size(guint width, guint height, double wide, double high, guint *new_width,
                      guint *new_height, GError **error);

TaskReach enlarge_reach(const GanModelInfo *model);

// Predicts what it takes to make new_width x new_height pixels of width x height.
// Errors:  gan_upscale_plan()'s.
gboolean enlarge_cost(GanRunner *runner, guint width, guint height, guint new_width,
                      guint new_height, gboolean measure, TaskCost *cost, GError **error);

G_END_DECLS
#endif
