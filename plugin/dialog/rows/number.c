// SPDX-License-Identifier: LGPL-3.0-or-later
// Integers and numbers, with a slider where the argument asks for one.
#include "row.h"

#include <glib/gi18n-lib.h>
#include <math.h>

static void on_changed(GtkAdjustment *adjustment, gpointer data)
{
    row_set_number(data, gtk_adjustment_get_value(adjustment));
}

static void make(Row *row)
{
    const Argument *a = row->argument;
    const guint digits = a->kind == ARGUMENT_INTEGER ? 0 : a->digits;
    const double step = pow(10, -1.0 * digits);
    GtkAdjustment *adjustment =
        GTK_ADJUSTMENT(gtk_adjustment_new(a->initial, a->minimum, a->maximum, step, 10 * step, 0));
    row->widget = gtk_spin_button_new(adjustment, step, digits);
    gtk_entry_set_activates_default(GTK_ENTRY(row->widget), TRUE);
    if (a->look == ARGUMENT_SLIDER) {
        GtkWidget *slider = toolkit_slider(adjustment);
        gtk_widget_set_tooltip_text(slider, _(argument_tip(a)));
        gtk_box_pack_start(GTK_BOX(row->box), slider, TRUE, TRUE, 0);
    }
    gtk_box_pack_start(GTK_BOX(row->box), row->widget, FALSE, FALSE, 0);
    g_signal_connect(adjustment, "value-changed", G_CALLBACK(on_changed), row);
}

static void show(Row *row)
{
    gtk_spin_button_set_value(GTK_SPIN_BUTTON(row->widget),
                              values_number(row->rows->params.values, row->argument->name));
}

const RowKind row_number = {.make = make, .show = show};
