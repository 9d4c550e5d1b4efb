// SPDX-License-Identifier: LGPL-3.0-or-later
// Colours.
#include "row.h"

#include <glib/gi18n-lib.h>

static void on_changed(GtkWidget *button, gpointer data)
{
    double rgb[3];
    toolkit_colour(button, rgb);
    row_set_colour(data, rgb);
}

static void make(Row *row)
{
    g_autofree char *title = row_plain_label(_(row->argument->label));
    row->widget = toolkit_colour_button(title);
    g_signal_connect(row->widget, "color-changed", G_CALLBACK(on_changed), row);
    gtk_box_pack_start(GTK_BOX(row->box), row->widget, FALSE, FALSE, 0);
}

static void show(Row *row)
{
    double rgb[3];
    values_colour(row->rows->params.values, row->argument->name, rgb);
    toolkit_set_colour(row->widget, rgb);
}

const RowKind row_colour = {.make = make, .show = show};
