// SPDX-License-Identifier: LGPL-3.0-or-later
// The dialogs' toolkit: GTK 2.24 and libgimpui 2.10.
#include "../dialog/toolkit.h"
#include <string.h>

#define COLOUR_WIDTH 60
#define COLOUR_HEIGHT 20

void toolkit_init(void)
{
    gimp_ui_init("gimp-gan", FALSE);
}

GtkWidget *toolkit_box(GtkOrientation orientation, gint spacing)
{
    return orientation == GTK_ORIENTATION_HORIZONTAL ? gtk_hbox_new(FALSE, spacing)
                                                     : gtk_vbox_new(FALSE, spacing);
}

GtkWidget *toolkit_grid(guint row_spacing, guint column_spacing)
{
    GtkWidget *table = gtk_table_new(1, 1, FALSE);
    gtk_table_set_row_spacings(GTK_TABLE(table), row_spacing);
    gtk_table_set_col_spacings(GTK_TABLE(table), column_spacing);
    return table;
}

void toolkit_grid_attach(GtkWidget *grid, GtkWidget *child, guint column, guint row,
                         guint n_columns, gboolean grow)
{
    gtk_table_attach(GTK_TABLE(grid), child, column, column + n_columns, row, row + 1,
                     (GtkAttachOptions)(GTK_FILL | (grow ? GTK_EXPAND : 0)), GTK_FILL, 0, 0);
}

GtkWidget *toolkit_scrolled(GtkWidget *child, gint height)
{
    GtkWidget *scrolled = gtk_scrolled_window_new(NULL, NULL);
    GtkWidget *port = gtk_viewport_new(NULL, NULL);
    gtk_viewport_set_shadow_type(GTK_VIEWPORT(port), GTK_SHADOW_NONE);
    gtk_container_add(GTK_CONTAINER(port), child);
    gtk_container_add(GTK_CONTAINER(scrolled), port);
    gtk_scrolled_window_set_policy(GTK_SCROLLED_WINDOW(scrolled), GTK_POLICY_NEVER,
                                   GTK_POLICY_AUTOMATIC);
    gtk_widget_set_size_request(scrolled, -1, height);
    return scrolled;
}

gint toolkit_height(GtkWidget *widget)
{
    GtkRequisition size;
    gtk_widget_size_request(widget, &size);
    return size.height;
}

gint toolkit_screen_height(void)
{
    GdkScreen *screen = NULL;
    GdkRectangle monitor;
    gint x = 0, y = 0;
    gdk_display_get_pointer(gdk_display_get_default(), &screen, &x, &y, NULL);
    gdk_screen_get_monitor_geometry(screen, gdk_screen_get_monitor_at_point(screen, x, y),
                                    &monitor);
    return monitor.height;
}

GtkWidget *toolkit_slider(GtkAdjustment *adjustment)
{
    GtkWidget *scale = gtk_hscale_new(adjustment);
    gtk_scale_set_draw_value(GTK_SCALE(scale), FALSE);
    return scale;
}

GtkWidget *toolkit_colour_button(const char *title)
{
    const GimpRGB black = {0, 0, 0, 1};
    GtkWidget *button =
        gimp_color_button_new(title, COLOUR_WIDTH, COLOUR_HEIGHT, &black, GIMP_COLOR_AREA_FLAT);
    gimp_color_button_set_update(GIMP_COLOR_BUTTON(button), TRUE);
    return button;
}

void toolkit_colour(GtkWidget *button, double rgb[3])
{
    GimpRGB colour;
    gimp_color_button_get_color(GIMP_COLOR_BUTTON(button), &colour);
    rgb[0] = colour.r;
    rgb[1] = colour.g;
    rgb[2] = colour.b;
}

void toolkit_set_colour(GtkWidget *button, const double rgb[3])
{
    const GimpRGB colour = {rgb[0], rgb[1], rgb[2], 1};
    gimp_color_button_set_color(GIMP_COLOR_BUTTON(button), &colour);
}

GtkWidget *toolkit_layer_chooser(void)
{
    return gimp_layer_combo_box_new(NULL, NULL);
}

typedef struct {
    ToolkitDraw draw;
    gpointer data;
} Drawing;

static gboolean on_expose(GtkWidget *widget, GdkEventExpose *event, gpointer data)
{
    const Drawing *drawing = data;
    cairo_t *cr = gdk_cairo_create(gtk_widget_get_window(widget));
    gdk_cairo_region(cr, event->region);
    cairo_clip(cr);
    drawing->draw(widget, cr, drawing->data);
    cairo_destroy(cr);
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
    g_signal_connect_data(area, "expose-event", G_CALLBACK(on_expose), drawing, drawing_free, 0);
    return area;
}

guint toolkit_scale_factor(GtkWidget *widget)
{
    return 1;
}

void toolkit_cursor(GtkWidget *widget, GdkCursorType type)
{
    GdkCursor *cursor = gdk_cursor_new_for_display(gtk_widget_get_display(widget), type);
    gdk_window_set_cursor(gtk_widget_get_window(widget), cursor);
    gdk_cursor_unref(cursor);
}

void toolkit_button_order(GtkWidget *dialog, const gint *responses, gint n)
{
    gtk_dialog_set_alternative_button_order_from_array(GTK_DIALOG(dialog), n, (gint *)responses);
}

GtkWidget *toolkit_size_entry(const ToolkitSizes *s)
{
    GtkWidget *entry = gimp_coordinates_new(
        GIMP_UNIT_PIXEL, "%a", TRUE, TRUE, 10, GIMP_SIZE_ENTRY_UPDATE_SIZE, TRUE, TRUE,
        s->labels[0], s->full[0], s->resolutions[0], s->least[0], s->most[0], 0, s->full[0],
        s->labels[1], s->full[1], s->resolutions[1], s->least[1], s->most[1], 0, s->full[1]);
    // As far apart as the other rows' labels and fields.
    gtk_table_set_col_spacing(GTK_TABLE(entry), 0, 6);
    return entry;
}

void toolkit_size_in_pixels(GtkWidget *entry)
{
    gimp_size_entry_set_unit(GIMP_SIZE_ENTRY(entry), GIMP_UNIT_PIXEL);
}

static gboolean is_linear(const Babl *format)
{
    const char *model = babl_get_name(babl_format_get_model(format));
    return g_str_has_prefix(model, "RGB") || g_str_equal(model, "Y") || g_str_equal(model, "YA");
}

static void make_perceptual(GdkPixbuf *pixbuf)
{
    const gboolean alpha = gdk_pixbuf_get_has_alpha(pixbuf);
    const Babl *fish = babl_fish(babl_format(alpha ? "RGBA u8" : "RGB u8"),
                                 babl_format(alpha ? "R'G'B'A u8" : "R'G'B' u8"));
    const int width = gdk_pixbuf_get_width(pixbuf);
    const gsize row_bytes = (gsize)width * (alpha ? 4 : 3);
    g_autofree guchar *row = g_malloc(row_bytes);
    for (int y = 0; y < gdk_pixbuf_get_height(pixbuf); y++) {
        guchar *pixels =
            gdk_pixbuf_get_pixels(pixbuf) + (gsize)y * gdk_pixbuf_get_rowstride(pixbuf);
        memcpy(row, pixels, row_bytes);
        babl_process(fish, row, pixels, width);
    }
}

GdkPixbuf *toolkit_thumbnail(gint drawable, guint width, guint height)
{
    GdkPixbuf *pixbuf =
        gimp_drawable_get_thumbnail(drawable, (gint)width, (gint)height, GIMP_PIXBUF_KEEP_ALPHA);
    // GIMP makes 8 bits of the drawable's own kind of numbers and does not say which.
    if (pixbuf && !gimp_drawable_is_indexed(drawable) &&
        is_linear(gimp_drawable_get_format(drawable)))
        make_perceptual(pixbuf);
    return pixbuf;
}
