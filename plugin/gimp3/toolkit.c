// SPDX-License-Identifier: LGPL-3.0-or-later
// The dialogs' toolkit: GTK 3 and libgimpui 3.
#include "../dialog/toolkit.h"

void toolkit_init(void)
{
    gimp_ui_init("gimp-gan");
}

GtkWidget *toolkit_box(GtkOrientation orientation, gint spacing)
{
    return gtk_box_new(orientation, spacing);
}

GtkWidget *toolkit_grid(guint row_spacing, guint column_spacing)
{
    GtkWidget *grid = gtk_grid_new();
    gtk_grid_set_row_spacing(GTK_GRID(grid), row_spacing);
    gtk_grid_set_column_spacing(GTK_GRID(grid), column_spacing);
    return grid;
}

void toolkit_grid_attach(GtkWidget *grid, GtkWidget *child, guint column, guint row,
                         guint n_columns, gboolean grow)
{
    gtk_widget_set_hexpand(child, grow);
    gtk_grid_attach(GTK_GRID(grid), child, (gint)column, (gint)row, (gint)n_columns, 1);
}

GtkWidget *toolkit_slider(GtkAdjustment *adjustment)
{
    GtkWidget *scale = gtk_scale_new(GTK_ORIENTATION_HORIZONTAL, adjustment);
    gtk_scale_set_draw_value(GTK_SCALE(scale), FALSE);
    return scale;
}

typedef struct {
    ToolkitDraw draw;
    gpointer data;
} Drawing;

static gboolean on_draw(GtkWidget *widget, cairo_t *cr, gpointer data)
{
    const Drawing *drawing = data;
    drawing->draw(widget, cr, drawing->data);
    return TRUE;
}

static void drawing_free(gpointer data, GClosure *closure)
{
    g_free(data);
}

GtkWidget *toolkit_drawing_area(ToolkitDraw draw, gpointer data)
{
    GtkWidget *area = gtk_drawing_area_new();
    Drawing *drawing = g_new(Drawing, 1);
    *drawing = (Drawing){draw, data};
    g_signal_connect_data(area, "draw", G_CALLBACK(on_draw), drawing, drawing_free, 0);
    return area;
}

guint toolkit_scale_factor(GtkWidget *widget)
{
    return (guint)gtk_widget_get_scale_factor(widget);
}

void toolkit_cursor(GtkWidget *widget, GdkCursorType type)
{
    GdkCursor *cursor = gdk_cursor_new_for_display(gtk_widget_get_display(widget), type);
    gdk_window_set_cursor(gtk_widget_get_window(widget), cursor);
    g_object_unref(cursor);
}

void toolkit_button_order(GtkWidget *dialog, const gint *responses, gint n)
{
    gimp_dialog_set_alternative_button_order_from_array(GIMP_DIALOG(dialog), n, (gint *)responses);
}

GtkWidget *toolkit_size_entry(const ToolkitSizes *s)
{
    GtkWidget *entry = gimp_coordinates_new(
        gimp_unit_pixel(), "%a", TRUE, TRUE, 10, GIMP_SIZE_ENTRY_UPDATE_SIZE, TRUE, TRUE,
        s->labels[0], s->full[0], s->resolutions[0], s->least[0], s->most[0], 0, s->full[0],
        s->labels[1], s->full[1], s->resolutions[1], s->least[1], s->most[1], 0, s->full[1]);
    // As far apart as the other rows' labels and fields.
    gtk_grid_set_column_spacing(GTK_GRID(entry), 6);
    gtk_grid_set_row_spacing(GTK_GRID(entry), 2);
    return entry;
}

GdkPixbuf *toolkit_thumbnail(gint drawable, guint width, guint height)
{
    GimpDrawable *found = gimp_drawable_get_by_id(drawable);
    if (found == NULL)
        return NULL;
    return gimp_drawable_get_thumbnail(found, (gint)width, (gint)height, GIMP_PIXBUF_KEEP_ALPHA);
}
