// SPDX-License-Identifier: LGPL-3.0-or-later
#include "chooser.h"

enum { COLUMN_ID, COLUMN_NAME, COLUMN_SCALE, COLUMN_NOTE, COLUMN_WORKS, N_COLUMNS };

static GtkCellRenderer *add_cell(GtkWidget *chooser, const char *attribute, int column,
                                 gboolean grow)
{
    GtkCellRenderer *cell = gtk_cell_renderer_text_new();
    gtk_cell_layout_pack_start(GTK_CELL_LAYOUT(chooser), cell, grow);
    gtk_cell_layout_set_attributes(GTK_CELL_LAYOUT(chooser), cell, attribute, column, "sensitive",
                                   COLUMN_WORKS, NULL);
    return cell;
}

GtkWidget *chooser_new(void)
{
    GtkListStore *store = gtk_list_store_new(N_COLUMNS, G_TYPE_STRING, G_TYPE_STRING, G_TYPE_STRING,
                                             G_TYPE_STRING, G_TYPE_BOOLEAN);
    GtkWidget *chooser = gtk_combo_box_new_with_model(GTK_TREE_MODEL(store));
    g_object_unref(store);
    GtkCellRenderer *name = add_cell(chooser, "text", COLUMN_NAME, TRUE);
    g_object_set(name, "ellipsize", PANGO_ELLIPSIZE_MIDDLE, "width-chars", 12, NULL);
    GtkCellRenderer *scale = add_cell(chooser, "text", COLUMN_SCALE, FALSE);
    GtkCellRenderer *note = add_cell(chooser, "markup", COLUMN_NOTE, FALSE);
    g_object_set(scale, "xpad", 6, NULL);
    g_object_set(note, "xpad", 6, NULL);
    return chooser;
}

static GtkListStore *store_of(GtkWidget *chooser)
{
    return GTK_LIST_STORE(gtk_combo_box_get_model(GTK_COMBO_BOX(chooser)));
}

void chooser_clear(GtkWidget *chooser)
{
    gtk_list_store_clear(store_of(chooser));
}

void chooser_add(GtkWidget *chooser, const ChooserItem *item)
{
    GtkTreeIter iter;
    gtk_list_store_append(store_of(chooser), &iter);
    gtk_list_store_set(store_of(chooser), &iter, COLUMN_ID, item->id, COLUMN_NAME, item->name,
                       COLUMN_SCALE, item->scale, COLUMN_NOTE, item->note, COLUMN_WORKS,
                       item->works, -1);
}

gboolean chooser_select(GtkWidget *chooser, const char *id)
{
    GtkTreeModel *model = gtk_combo_box_get_model(GTK_COMBO_BOX(chooser));
    GtkTreeIter iter;
    for (gboolean more = gtk_tree_model_get_iter_first(model, &iter); more;
         more = gtk_tree_model_iter_next(model, &iter)) {
        g_autofree char *found = NULL;
        gtk_tree_model_get(model, &iter, COLUMN_ID, &found, -1);
        if (g_str_equal(found, id)) {
            gtk_combo_box_set_active_iter(GTK_COMBO_BOX(chooser), &iter);
            return TRUE;
        }
    }
    return FALSE;
}

char *chooser_selected(GtkWidget *chooser)
{
    GtkTreeIter iter;
    char *id = NULL;
    if (gtk_combo_box_get_active_iter(GTK_COMBO_BOX(chooser), &iter))
        gtk_tree_model_get(gtk_combo_box_get_model(GTK_COMBO_BOX(chooser)), &iter, COLUMN_ID, &id,
                           -1);
    return id;
}
