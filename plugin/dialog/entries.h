// SPDX-License-Identifier: LGPL-3.0-or-later
// The models that a window shows: copies of the catalogue's entries, which the
// worker's session keeps.
#ifndef PLUGIN_DIALOG_ENTRIES_H
#define PLUGIN_DIALOG_ENTRIES_H

#include "worker.h"

#include <gan/catalogue.h>

G_BEGIN_DECLS

typedef void (*EntriesReady)(GPtrArray *entries, const char *problem, gpointer data);

// Looks through the model folders again, on the worker's thread, then calls `ready` on the main
// thread with the GanCatalogueEntry's of all tasks, usable ones first.
// Owner:   `ready` borrows the array and may take a reference; problem is NULL unless the folders
//          cannot be looked through.
void entries_load(Worker *worker, EntriesReady ready, gpointer data);

// What the models must be for that an argument of the task names.
GanTask entries_task(const Task *task, const Argument *argument);

// Text such as "×4" and "2,5 MB".
// Owner:   the caller frees it.
char *entries_scale_text(const GanCatalogueEntry *entry);
// What may be done with the model: its licence, marked where it forbids commercial use; "unknown
// licence" where none is known.
char *entries_licence_text(const GanCatalogueEntry *entry);

// Returns whether the file lies in the user's own folder, from where it may be removed.
gboolean entries_is_own(const GanCatalogueEntry *entry);

G_END_DECLS
#endif
