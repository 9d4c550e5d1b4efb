// SPDX-License-Identifier: LGPL-3.0-or-later
// Drawables: a layer of any image that is open, or none.
#include "row.h"

#include <glib/gi18n-lib.h>

#define NONE 0

static void on_chosen(GtkWidget *chooser, gpointer data)
{
    gint id = NONE;
    if (gimp_int_combo_box_get_active(GIMP_INT_COMBO_BOX(chooser), &id))
        row_set_number(data, MAX(id, NONE));
}

static void make(Row *row)
{
    row->widget = toolkit_layer_chooser();
    gimp_int_combo_box_prepend(GIMP_INT_COMBO_BOX(row->widget), GIMP_INT_STORE_VALUE, NONE,
                               GIMP_INT_STORE_LABEL, _("None"), -1);
    g_signal_connect(row->widget, "changed", G_CALLBACK(on_chosen), row);
    gtk_box_pack_start(GTK_BOX(row->box), row->widget, TRUE, TRUE, 0);
}

static void show(Row *row)
{
    const gint id = values_integer(row->rows->params.values, row->argument->name);
    // One that is gone, or is no layer, is none.
    if (!gimp_int_combo_box_set_active(GIMP_INT_COMBO_BOX(row->widget), id))
        gimp_int_combo_box_set_active(GIMP_INT_COMBO_BOX(row->widget), NONE);
}

const RowKind row_layer = {.make = make, .show = show};
