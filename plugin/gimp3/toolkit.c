// SPDX-License-Identifier: LGPL-3.0-or-later
// The dialogs' toolkit: GTK 3 and libgimpui 3.
#include "../dialog/toolkit.h"

#define COLOUR_WIDTH 60
#define COLOUR_HEIGHT 20

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
    gint height = 0;
    gtk_widget_get_preferred_height(widget, NULL, &height);
    return height;
}

gint toolkit_screen_height(void)
{
    GdkDisplay *display = gdk_display_get_default();
    GdkRectangle monitor;
    gint x = 0, y = 0;
    gdk_device_get_position(gdk_seat_get_pointer(gdk_display_get_default_seat(display)), NULL, &x,
                            &y);
    gdk_monitor_get_geometry(gdk_display_get_monitor_at_point(display, x, y), &monitor);
    return monitor.height;
}

GtkWidget *toolkit_slider(GtkAdjustment *adjustment)
{
    GtkWidget *scale = gtk_scale_new(GTK_ORIENTATION_HORIZONTAL, adjustment);
    gtk_scale_set_draw_value(GTK_SCALE(scale), FALSE);
    return scale;
}

GtkWidget *toolkit_colour_button(const char *title)
{
    GeglColor *black = gegl_color_new("black");
    GtkWidget *button =
        gimp_color_button_new(title, COLOUR_WIDTH, COLOUR_HEIGHT, black, GIMP_COLOR_AREA_FLAT);
    g_object_unref(black);
    gimp_color_button_set_update(GIMP_COLOR_BUTTON(button), TRUE);
    return button;
}

void toolkit_colour(GtkWidget *button, double rgb[3])
{
    GeglColor *colour = gimp_color_button_get_color(GIMP_COLOR_BUTTON(button));
    gegl_color_get_pixel(colour, babl_format("R'G'B' double"), rgb);
    g_object_unref(colour);
}

void toolkit_set_colour(GtkWidget *button, const double rgb[3])
{
    GeglColor *colour = gegl_color_new(NULL);
    gegl_color_set_pixel(colour, babl_format("R'G'B' double"), rgb);
    gimp_color_button_set_color(GIMP_COLOR_BUTTON(button), colour);
    g_object_unref(colour);
}

GtkWidget *toolkit_layer_chooser(void)
{
    return gimp_layer_combo_box_new(NULL, NULL, NULL);
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

void toolkit_size_in_pixels(GtkWidget *entry)
{
    gimp_size_entry_set_unit(GIMP_SIZE_ENTRY(entry), gimp_unit_pixel());
}

// The format of a drawable's thumbnails. GIMP 3.0 makes them in the drawable's own precision, and
// names it without the colour space; 3.2 still names that, but makes them of 8 bits in sRGB.
static const Babl *thumbnail_format(GimpDrawable *drawable)
{
    if (gimp_minor_version >= 2)
        return babl_format(gimp_drawable_has_alpha(drawable) ? "R'G'B'A u8" : "R'G'B' u8");
    const Babl *plain = gimp_drawable_get_thumbnail_format(drawable);
    const Babl *own = gimp_drawable_get_format(drawable);
    return plain && own
               ? babl_format_with_space(babl_format_get_encoding(plain), babl_format_get_space(own))
               : NULL;
}

// gimp_drawable_get_thumbnail() takes the numbers for 8 bits, which in GIMP 3.0 they are in 8-bit
// images only.
GdkPixbuf *toolkit_thumbnail(gint drawable, guint width, guint height)
{
    GimpDrawable *found = gimp_drawable_get_by_id(drawable);
    const Babl *format = found ? thumbnail_format(found) : NULL;
    gint wide = 0, high = 0, pixel_bytes = 0;
    g_autoptr(GBytes) data =
        format ? gimp_drawable_get_thumbnail_data(found, (gint)width, (gint)height, &wide, &high,
                                                  &pixel_bytes)
               : NULL;
    if (data == NULL || pixel_bytes != babl_format_get_bytes_per_pixel(format) || wide <= 0 ||
        high <= 0 || g_bytes_get_size(data) < (gsize)wide * (gsize)high * (gsize)pixel_bytes)
        return NULL;
    const gboolean alpha = babl_format_has_alpha(format) != 0;
    GdkPixbuf *pixbuf = gdk_pixbuf_new(GDK_COLORSPACE_RGB, alpha, 8, wide, high);
    if (pixbuf == NULL)
        return NULL;
    const Babl *fish = babl_fish(format, babl_format(alpha ? "R'G'B'A u8" : "R'G'B' u8"));
    const guint8 *from = g_bytes_get_data(data, NULL);
    for (gint y = 0; y < high; y++)
        babl_process(fish, from + (gsize)y * (gsize)wide * (gsize)pixel_bytes,
                     gdk_pixbuf_get_pixels(pixbuf) +
                         (gsize)y * (gsize)gdk_pixbuf_get_rowstride(pixbuf),
                     wide);
    return pixbuf;
}
