// SPDX-License-Identifier: LGPL-3.0-or-later
// A window that files can be dragged from, as from a file manager: drag-source FILE...
#include <gtk/gtk.h>

static void on_wanted(GtkWidget *widget, GdkDragContext *context, GtkSelectionData *selection,
                      guint info, guint time, gpointer data)
{
    gtk_selection_data_set_uris(selection, data);
}

int main(int argc, char **argv)
{
    static const GtkTargetEntry target = {(char *)"text/uri-list", 0, 0};
    gtk_init(&argc, &argv);
    g_autoptr(GPtrArray) uris = g_ptr_array_new_with_free_func(g_free);
    for (int i = 1; i < argc; i++) {
        g_autoptr(GError) error = NULL;
        char *uri = g_filename_to_uri(argv[i], NULL, &error);
        if (!uri)
            g_error("%s: %s", argv[i], error->message);
        g_ptr_array_add(uris, uri);
    }
    g_ptr_array_add(uris, NULL);
    GtkWidget *window = gtk_window_new(GTK_WINDOW_TOPLEVEL);
    gtk_window_set_title(GTK_WINDOW(window), "drag-source");
    gtk_window_set_default_size(GTK_WINDOW(window), 80, 80);
    gtk_drag_source_set(window, GDK_BUTTON1_MASK, &target, 1, GDK_ACTION_COPY);
    g_signal_connect(window, "drag-data-get", G_CALLBACK(on_wanted), uris->pdata);
    g_signal_connect(window, "destroy", G_CALLBACK(gtk_main_quit), NULL);
    gtk_widget_show(window);
    gtk_main();
    return 0;
}
