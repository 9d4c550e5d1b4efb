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

// Two weight sets of one network that a slider blends are shown as one.
typedef struct {
    const char *partner; // what the model is blended with; NULL: nothing
    GanPartner kind;
    const char *of; // the model that is shown for this one too, which is its partner; NULL: none
} EntriesPair;
// `entry`:  one of entries_load()'s, which owns the texts.
EntriesPair entries_pair(const GanCatalogueEntry *entry);
// What a pair is called: the words that both names have, if these are no other model's.
// Owner:   the caller frees it.
char *entries_pair_name(const GPtrArray *entries, const GanCatalogueEntry *entry);

// What the model is good for, in the user's language; NULL: it is not known.
// Owner:   the caller frees it.
char *entries_good_for_text(const GanCatalogueEntry *entry);
// Text such as "×4".
// Owner:   the caller frees it.
char *entries_scale_text(const GanCatalogueEntry *entry);
// What may be done with the model: its licence, marked where it forbids commercial use; "unknown
// licence" where none is known.
char *entries_licence_text(const GanCatalogueEntry *entry);

// Returns whether the file lies in the user's own folder, from where it may be removed.
gboolean entries_is_own(const GanCatalogueEntry *entry);

G_END_DECLS
#endif
