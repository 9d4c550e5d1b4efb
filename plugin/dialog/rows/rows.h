// SPDX-License-Identifier: LGPL-3.0-or-later
// The rows of a dialog, one for each argument that the task shows.
#ifndef PLUGIN_DIALOG_ROWS_ROWS_H
#define PLUGIN_DIALOG_ROWS_ROWS_H

#include "../../task.h"
#include "../devices.h"
#include "../toolkit.h"

G_BEGIN_DECLS

typedef struct Rows Rows;

typedef struct {
    const Task *task;
    Values *values; // kept up to date; borrowed
    const Subject *subject;
    void (*changed)(gpointer data); // by the user
    void (*models)(gpointer data);  // the button "Models…"
    gpointer data;
} RowsParams;

Rows *rows_new(const RowsParams *params);
void rows_free(Rows *rows); // accepts NULL; after its widget is gone
GtkWidget *rows_widget(Rows *rows);
// What they ask for with Advanced open, before they are in a window.
gint rows_height(Rows *rows);

// Tells what there is to choose from. A value "" becomes the default.
// `entries`:       of GanCatalogueEntry.
// `default_models`: for each argument the name of the one that a run takes for "", or NULL.
void rows_set_models(Rows *rows, GPtrArray *entries, const char *const *default_models);
void rows_set_devices(Rows *rows, const DeviceItem *items, guint n);

// Task.unused's sentences, one for each argument of the task.
void rows_set_unused(Rows *rows, const char *const *reasons);
// A sentence below the row of an argument; NULL: none.
void rows_say(Rows *rows, const char *name, const char *sentence);

// The same after all values were set to what they were at first.
void rows_reset(Rows *rows);
// The expander of what is seldom needed; NULL: there is none.
GtkWidget *rows_advanced(Rows *rows);

// Shows what the values are now; `changed` is not called.
void rows_show(Rows *rows);

// Tells what the chosen model says of its number.
void rows_set_level(Rows *rows, const TaskLevel *level);

G_END_DECLS
#endif
