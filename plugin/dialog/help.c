// SPDX-License-Identifier: LGPL-3.0-or-later
// GIMP's own help is for GIMP's own pages: where its browser is missing it goes to the network.
#include "help.h"

#include <gan/catalogue.h>
#include <glib/gi18n-lib.h>

static char *page_in(const char *folder)
{
    for (const char *const *name = g_get_language_names(); *name != NULL; name++) {
        g_autofree char *file = g_strconcat(*name, ".html", NULL);
        g_autofree char *path = g_build_filename(folder, file, NULL);
        if (g_file_test(path, G_FILE_TEST_IS_REGULAR))
            return g_steal_pointer(&path);
    }
    g_autofree char *path = g_build_filename(folder, "en.html", NULL);
    return g_file_test(path, G_FILE_TEST_IS_REGULAR) ? g_steal_pointer(&path) : NULL;
}

// Beside the system's models, wherever those are.
static char *find_page(void)
{
    g_auto(GStrv) folders = gan_catalogue_system_folders();
    char *page = NULL;
    for (guint i = 0; folders[i] != NULL && page == NULL; i++) {
        g_autofree char *data = g_path_get_dirname(folders[i]);
        g_autofree char *folder = g_build_filename(data, "help", NULL);
        page = page_in(folder);
    }
    return page;
}

void help_show(GtkWindow *parent, const char *title, const char *summary, const char *text)
{
    g_autofree char *page = find_page();
    g_autofree char *uri = page != NULL ? g_filename_to_uri(page, NULL, NULL) : NULL;
    if (uri != NULL && g_app_info_launch_default_for_uri(uri, NULL, NULL))
        return;
    g_autofree char *shown = page != NULL ? g_filename_display_name(page) : NULL;
    // Translators: %s is a file.
    g_autofree char *more = shown != NULL ? g_strdup_printf(_("More is in %s."), shown) : NULL;
    GtkWidget *message = gtk_message_dialog_new(parent, GTK_DIALOG_MODAL, GTK_MESSAGE_INFO,
                                                GTK_BUTTONS_CLOSE, "%s", summary);
    gtk_message_dialog_format_secondary_text(GTK_MESSAGE_DIALOG(message), "%s%s%s", text,
                                             more != NULL ? "\n\n" : "", more != NULL ? more : "");
    gtk_window_set_title(GTK_WINDOW(message), title);
    gtk_dialog_run(GTK_DIALOG(message));
    gtk_widget_destroy(message);
}
