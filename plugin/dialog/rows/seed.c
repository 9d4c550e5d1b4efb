// SPDX-License-Identifier: LGPL-3.0-or-later
// Seeds: what a procedure leaves to chance, the dialog chooses, so that the result is what the
// preview shows, and may be had again.
#include "row.h"

#include <glib/gi18n-lib.h>

static gint any_seed(const Row *row)
{
    const double most = MIN(row->argument->maximum, G_MAXINT32 - 1);
    return g_random_int_range(0, (gint)most + 1);
}

static void on_changed(GtkWidget *number, gpointer data)
{
    row_set_number(data, gtk_spin_button_get_value(GTK_SPIN_BUTTON(number)));
}

static void on_clicked(GtkWidget *button, gpointer data)
{
    const Row *row = data;
    gtk_spin_button_set_value(GTK_SPIN_BUTTON(row->widget), any_seed(row));
}

static void make(Row *row)
{
    row->widget = gtk_spin_button_new_with_range(0, row->argument->maximum, 1);
    gtk_entry_set_width_chars(GTK_ENTRY(row->widget), 11);
    gtk_entry_set_activates_default(GTK_ENTRY(row->widget), TRUE);
    g_signal_connect(row->widget, "value-changed", G_CALLBACK(on_changed), row);
    GtkWidget *button = gtk_button_new_with_mnemonic(_("_New Seed"));
    g_signal_connect(button, "clicked", G_CALLBACK(on_clicked), row);
    gtk_box_pack_start(GTK_BOX(row->box), row->widget, FALSE, FALSE, 0);
    gtk_box_pack_start(GTK_BOX(row->box), button, FALSE, FALSE, 0);
}

static void show(Row *row)
{
    Values *values = row->rows->params.values;
    if (values_integer(values, row->argument->name) < 0)
        values_set_number(values, row->argument->name, any_seed(row));
    gtk_spin_button_set_value(GTK_SPIN_BUTTON(row->widget),
                              values_number(values, row->argument->name));
}

const RowKind row_seed = {.make = make, .show = show};
