// SPDX-License-Identifier: LGPL-3.0-or-later
// One of a few, and yes or no.
#include "row.h"

#include <glib/gi18n-lib.h>

static void on_chosen(GtkWidget *combo, gpointer data)
{
    row_set_number(data, gtk_combo_box_get_active(GTK_COMBO_BOX(combo)));
}

static void make_choice(Row *row)
{
    row->widget = gtk_combo_box_text_new();
    for (const ArgumentChoice *choice = row->argument->choices; choice->name != NULL; choice++) {
        g_autofree char *text = row_plain_label(_(choice->label));
        gtk_combo_box_text_append_text(GTK_COMBO_BOX_TEXT(row->widget), text);
    }
    g_signal_connect(row->widget, "changed", G_CALLBACK(on_chosen), row);
    gtk_box_pack_start(GTK_BOX(row->box), row->widget, TRUE, TRUE, 0);
}

static void show_choice(Row *row)
{
    gtk_combo_box_set_active(GTK_COMBO_BOX(row->widget),
                             values_integer(row->rows->params.values, row->argument->name));
}

static void on_toggled(GtkWidget *button, gpointer data)
{
    row_set_number(data, gtk_toggle_button_get_active(GTK_TOGGLE_BUTTON(button)));
}

static void make_boolean(Row *row)
{
    row->widget = gtk_check_button_new_with_mnemonic(_(row->argument->label));
    g_signal_connect(row->widget, "toggled", G_CALLBACK(on_toggled), row);
    gtk_box_pack_start(GTK_BOX(row->box), row->widget, TRUE, TRUE, 0);
}

static void show_boolean(Row *row)
{
    const gint value = values_integer(row->rows->params.values, row->argument->name);
    gtk_toggle_button_set_active(GTK_TOGGLE_BUTTON(row->widget), value != 0);
}

const RowKind row_choice = {.make = make_choice, .show = show_choice};
const RowKind row_boolean = {.make = make_boolean, .show = show_boolean, .has_label = TRUE};
