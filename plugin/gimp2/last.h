// SPDX-License-Identifier: LGPL-3.0-or-later
// The values that the user chose last, of each task: GIMP keeps them while it runs, and the key
// file gimp-gan/TASK.ini in GIMP's own folder of settings from one start to the next.
#ifndef GIMP2_LAST_H
#define GIMP2_LAST_H

#include "../task.h"

G_BEGIN_DECLS

// Sets `values` to what was chosen last, as far as that is known and still allowed.
void last_load(const Task *task, Values *values);

// Keeps `values`. A folder that cannot be written costs only the memory of them.
void last_save(const Task *task, const Values *values);

G_END_DECLS
#endif
