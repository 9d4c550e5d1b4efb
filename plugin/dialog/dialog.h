// SPDX-License-Identifier: LGPL-3.0-or-later
// The dialogs, made from the declarations of a task. Compiled once for GTK 2 and once for GTK 3;
// what differs between them is in toolkit.h, which each host implements.
#ifndef PLUGIN_DIALOG_H
#define PLUGIN_DIALOG_H

#include "../task.h"

G_BEGIN_DECLS

// Shows the dialog of `task` with its rows, estimate and preview, and waits for an answer.
// `values`:  what it starts with; on OK, what was chosen.
// Returns FALSE when it was closed or cancelled.
gboolean dialog_run(const Task *task, Values *values, const Subject *subject);

// The window of Models…: list, import, remove, card and licence, open the folder.
void dialog_models(void);

G_END_DECLS
#endif
