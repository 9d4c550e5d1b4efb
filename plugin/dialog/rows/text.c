// SPDX-License-Identifier: LGPL-3.0-or-later
// Strings.
#include "row.h"

static void on_changed(GtkWidget *entry, gpointer data)
{
    row_set_text(data, gtk_entry_get_text(GTK_ENTRY(entry)));
}

static void make(Row *row)
{
    row->widget = gtk_entry_new();
    gtk_entry_set_activates_default(GTK_ENTRY(row->widget), TRUE);
    g_signal_connect(row->widget, "changed", G_CALLBACK(on_changed), row);
    gtk_box_pack_start(GTK_BOX(row->box), row->widget, TRUE, TRUE, 0);
}

static void show(Row *row)
{
    gtk_entry_set_text(GTK_ENTRY(row->widget),
                       values_text(row->rows->params.values, row->argument->name));
}

const RowKind row_text = {.make = make, .show = show};
