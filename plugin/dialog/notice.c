// SPDX-License-Identifier: LGPL-3.0-or-later
// GtkInfoBar is not used: its colours do not go with GIMP's dark themes.
#include "notice.h"

// Of the icon, and of a button with its distance.
#define BESIDE_WORDS 60
#define BUTTON_WIDTH 90

GtkWidget *notice_new(gint width, GtkWidget *button)
{
    GtkWidget *frame = gtk_frame_new(NULL);
    GtkWidget *box = toolkit_box(GTK_ORIENTATION_HORIZONTAL, 12);
    gtk_container_set_border_width(GTK_CONTAINER(box), 6);
    GtkWidget *icon =
        gtk_image_new_from_icon_name(GIMP_ICON_DIALOG_WARNING, GTK_ICON_SIZE_LARGE_TOOLBAR);
    GtkWidget *label = gtk_label_new(NULL);
    g_object_set(label, "wrap", TRUE, "xalign", 0.0, "selectable", TRUE, "can-focus", FALSE, NULL);
    g_object_set_data(G_OBJECT(frame), "width", GINT_TO_POINTER(width));
    gtk_box_pack_start(GTK_BOX(box), icon, FALSE, FALSE, 0);
    gtk_box_pack_start(GTK_BOX(box), label, TRUE, TRUE, 0);
    if (button != NULL) {
        // In the middle, not as high as the words.
        GtkWidget *column = toolkit_box(GTK_ORIENTATION_VERTICAL, 0);
        gtk_box_pack_start(GTK_BOX(column), button, TRUE, FALSE, 0);
        gtk_box_pack_start(GTK_BOX(box), column, FALSE, FALSE, 0);
    }
    gtk_container_add(GTK_CONTAINER(frame), box);
    gtk_widget_show_all(box);
    gtk_widget_set_no_show_all(frame, TRUE);
    g_object_set_data(G_OBJECT(frame), "label", label);
    g_object_set_data(G_OBJECT(frame), "button", button);
    return frame;
}

void notice_say(GtkWidget *notice, const char *text, gboolean with_button)
{
    GtkWidget *label = g_object_get_data(G_OBJECT(notice), "label");
    GtkWidget *button = g_object_get_data(G_OBJECT(notice), "button");
    const gint width = GPOINTER_TO_INT(g_object_get_data(G_OBJECT(notice), "width"));
    gtk_widget_set_size_request(label, width - BESIDE_WORDS - (with_button ? BUTTON_WIDTH : 0), -1);
    if (text != NULL)
        gtk_label_set_text(GTK_LABEL(label), text);
    if (button != NULL)
        gtk_widget_set_visible(button, with_button);
    gtk_widget_set_visible(notice, text != NULL);
}
