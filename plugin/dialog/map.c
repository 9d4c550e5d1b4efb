// SPDX-License-Identifier: LGPL-3.0-or-later
#include "map.h"

#include <glib/gi18n-lib.h>

#define WIDTH 96
#define HEIGHT 72
#define LEAST_FRAME 4

struct Map {
    Canvas *canvas;
    GtkWidget *area;
    GdkPixbuf *thumbnail;
};

// Where the drawable lies, in GTK's pixels. Returns FALSE while its size is not known.
static gboolean find_place(const Map *map, double *x, double *y, double *scale)
{
    const View *view = canvas_view(map->canvas);
    GtkAllocation allocation;
    gtk_widget_get_allocation(map->area, &allocation);
    if (view->width <= 0 || view->height <= 0)
        return FALSE;
    *scale = MIN(allocation.width / view->width, allocation.height / view->height);
    *x = 0;
    *y = (allocation.height - view->height * *scale) / 2;
    return TRUE;
}

static void on_draw(GtkWidget *widget, cairo_t *cr, gpointer data)
{
    const Map *map = data;
    const View *view = canvas_view(map->canvas);
    double x = 0, y = 0, scale = 0;
    if (!find_place(map, &x, &y, &scale))
        return;
    const double width = view->width * scale, height = view->height * scale;
    cairo_rectangle(cr, x, y, width, height);
    cairo_clip(cr);
    picture_paint_checks(cr);
    if (map->thumbnail != NULL) {
        cairo_save(cr);
        cairo_translate(cr, x, y);
        cairo_scale(cr, width / gdk_pixbuf_get_width(map->thumbnail),
                    height / gdk_pixbuf_get_height(map->thumbnail));
        gdk_cairo_set_source_pixbuf(cr, map->thumbnail, 0, 0);
        cairo_paint(cr);
        cairo_restore(cr);
    }
    GeglRectangle area;
    if (!view_area(view, &area))
        return;
    // A part of a large picture is still to be seen.
    const double wide = MAX(area.width * scale, LEAST_FRAME);
    const double high = MAX(area.height * scale, LEAST_FRAME);
    for (int pass = 0; pass < 2; pass++) {
        cairo_rectangle(cr, x + (area.x + area.width / 2.0) * scale - wide / 2,
                        y + (area.y + area.height / 2.0) * scale - high / 2, wide, high);
        cairo_set_source_rgb(cr, pass, pass, pass);
        cairo_set_line_width(cr, pass == 0 ? 3 : 1);
        cairo_stroke(cr);
    }
}

static void go(const Map *map, double event_x, double event_y)
{
    double x = 0, y = 0, scale = 0;
    if (find_place(map, &x, &y, &scale))
        canvas_center(map->canvas, (event_x - x) / scale, (event_y - y) / scale);
}

static gboolean on_press(GtkWidget *widget, GdkEventButton *event, gpointer data)
{
    if (event->button == 1)
        go(data, event->x, event->y);
    return TRUE;
}

static gboolean on_motion(GtkWidget *widget, GdkEventMotion *event, gpointer data)
{
    if ((event->state & GDK_BUTTON1_MASK) != 0)
        go(data, event->x, event->y);
    return TRUE;
}

void map_set_thumbnail(Map *map, GdkPixbuf *thumbnail)
{
    g_set_object(&map->thumbnail, thumbnail);
    map_update(map);
}

void map_update(Map *map)
{
    gtk_widget_queue_draw(map->area);
}

Map *map_new(Canvas *canvas)
{
    Map *map = g_new0(Map, 1);
    map->canvas = canvas;
    map->area = toolkit_drawing_area(on_draw, map);
    gtk_widget_set_size_request(map->area, WIDTH, HEIGHT);
    gtk_widget_add_events(map->area, GDK_BUTTON_PRESS_MASK | GDK_POINTER_MOTION_MASK);
    gtk_widget_set_tooltip_text(map->area, _("Click to preview another part"));
    g_signal_connect(map->area, "button-press-event", G_CALLBACK(on_press), map);
    g_signal_connect(map->area, "motion-notify-event", G_CALLBACK(on_motion), map);
    return map;
}

void map_free(Map *map)
{
    if (map == NULL)
        return;
    g_clear_object(&map->thumbnail);
    g_free(map);
}

GtkWidget *map_widget(Map *map)
{
    return map->area;
}
