// SPDX-License-Identifier: LGPL-3.0-or-later
// Files.
#include "row.h"

#include <glib/gi18n-lib.h>

static void on_chosen(GtkWidget *button, gpointer data)
{
    g_autofree char *path = gtk_file_chooser_get_filename(GTK_FILE_CHOOSER(button));
    row_set_text(data, path != NULL ? path : "");
}

static void make(Row *row)
{
    g_autofree char *title = row_plain_label(_(row->argument->label));
    row->widget = gtk_file_chooser_button_new(title, GTK_FILE_CHOOSER_ACTION_OPEN);
    // Else it begins with the files used last, of all programs.
    const char *pictures = g_get_user_special_dir(G_USER_DIRECTORY_PICTURES);
    gtk_file_chooser_set_current_folder(GTK_FILE_CHOOSER(row->widget),
                                        pictures != NULL ? pictures : g_get_home_dir());
    g_signal_connect(row->widget, "file-set", G_CALLBACK(on_chosen), row);
    gtk_box_pack_start(GTK_BOX(row->box), row->widget, TRUE, TRUE, 0);
}

static void show(Row *row)
{
    const char *path = values_text(row->rows->params.values, row->argument->name);
    if (path[0] != 0)
        gtk_file_chooser_set_filename(GTK_FILE_CHOOSER(row->widget), path);
    else
        gtk_file_chooser_unselect_all(GTK_FILE_CHOOSER(row->widget));
}

const RowKind row_file = {.make = make, .show = show};
