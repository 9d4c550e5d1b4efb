// SPDX-License-Identifier: LGPL-3.0-or-later
// Lengths are in pixels of the screen unless they say otherwise; GTK's own are larger on screens
// of high resolution.
#include "canvas.h"

#include "paint.h"

#include <gdk/gdkkeysyms.h>
#include <glib/gi18n-lib.h>
#include <math.h>

#define GRIP 8 // how near the line is taken, in GTK's pixels
#define LEAST_WIDTH 320
#define LEAST_HEIGHT 280

typedef enum { DRAG_NONE, DRAG_VIEW, DRAG_SPLIT } Drag;

struct Canvas {
    CanvasEvents events;
    GtkWidget *area;
    View view;
    double split;            // 0..1 of the area's width
    gboolean original, held; // by the caller, by the right mouse button
    gboolean alone;          // the picture after is less than what was to be seen
    Picture *before, *after;
    GdkPixbuf *thumbnail;
    double progress;
    char *message;
    Drag drag;
    double drag_x, drag_y; // of the mouse at the last event
    GdkCursorType cursor;
};

const View *canvas_view(const Canvas *canvas)
{
    return &canvas->view;
}

static void redraw(const Canvas *canvas)
{
    gtk_widget_queue_draw(canvas->area);
}

static void moved(const Canvas *canvas)
{
    redraw(canvas);
    canvas->events.moved(canvas->events.data);
}

static double split_x(const Canvas *canvas)
{
    return round(canvas->split * canvas->view.area_width);
}

// --- painting ---

static void paint_thumbnail(const Canvas *canvas, cairo_t *cr, const ViewPlace *place)
{
    const View *view = &canvas->view;
    cairo_save(cr);
    cairo_rectangle(cr, place->x, place->y, view->width * place->scale_x,
                    view->height * place->scale_y);
    cairo_clip(cr);
    picture_paint_checks(cr);
    if (canvas->thumbnail != NULL) {
        cairo_translate(cr, place->x, place->y);
        cairo_scale(cr, view->width * place->scale_x / gdk_pixbuf_get_width(canvas->thumbnail),
                    view->height * place->scale_y / gdk_pixbuf_get_height(canvas->thumbnail));
        gdk_cairo_set_source_pixbuf(cr, canvas->thumbnail, 0, 0);
        cairo_pattern_set_extend(cairo_get_source(cr), CAIRO_EXTEND_PAD);
        cairo_paint(cr);
    }
    cairo_restore(cr);
}

static void paint_after(const Canvas *canvas, cairo_t *cr, const ViewPlace *place)
{
    const View *view = &canvas->view;
    const double x = split_x(canvas);
    cairo_save(cr);
    cairo_rectangle(cr, x, 0, view->area_width - x, view->area_height);
    cairo_clip(cr);
    picture_paint(canvas->after, cr, place);
    cairo_restore(cr);
    if (canvas->alone) {
        const GeglRectangle part = picture_place(canvas->after, place);
        paint_around(canvas->area, cr, &part, view->area_width, view->area_height);
    }
    paint_split(canvas->area, cr, x, view->area_height);
}

static void on_draw(GtkWidget *widget, cairo_t *cr, gpointer data)
{
    const Canvas *canvas = data;
    const double scale = toolkit_scale_factor(widget);
    const double width = canvas->view.area_width, height = canvas->view.area_height;
    cairo_scale(cr, 1 / scale, 1 / scale);
    cairo_set_source_rgb(cr, 0.3, 0.3, 0.3);
    cairo_paint(cr);
    const gboolean result = canvas->after != NULL && !canvas->original && !canvas->held;
    if (canvas->view.width > 0) {
        const ViewPlace place = view_place(&canvas->view);
        paint_thumbnail(canvas, cr, &place);
        if (canvas->before != NULL)
            picture_paint(canvas->before, cr, &place);
        if (result)
            paint_after(canvas, cr, &place);
    }
    if (canvas->after != NULL)
        paint_words(widget, cr, result ? _("Before") : _("Original"), width, FALSE);
    if (result)
        paint_words(widget, cr, _("After"), width, TRUE);
    if (canvas->message != NULL)
        paint_message(widget, cr, canvas->message, width, height);
    if (canvas->progress >= 0)
        paint_progress(widget, cr, canvas->progress, width, height);
    if (gtk_widget_has_focus(widget))
        paint_focus(widget, cr, width, height);
}

// --- mouse and keys ---

static gboolean on_split(const Canvas *canvas, double x)
{
    return canvas->after != NULL && !canvas->original &&
           fabs(x - split_x(canvas)) <= GRIP * (double)toolkit_scale_factor(canvas->area);
}

static void point(Canvas *canvas, double x)
{
    GdkCursorType cursor = GDK_FLEUR;
    if (canvas->drag == DRAG_SPLIT || (canvas->drag == DRAG_NONE && on_split(canvas, x)))
        cursor = GDK_SB_H_DOUBLE_ARROW;
    if (cursor == canvas->cursor)
        return;
    canvas->cursor = cursor;
    toolkit_cursor(canvas->area, cursor);
}

static gboolean on_press(GtkWidget *widget, GdkEventButton *event, gpointer data)
{
    Canvas *canvas = data;
    const double scale = toolkit_scale_factor(widget);
    if (event->type != GDK_BUTTON_PRESS)
        return TRUE;
    gtk_widget_grab_focus(widget);
    if (event->button == 3) {
        canvas->held = TRUE;
        gtk_widget_queue_draw(widget);
    }
    if (event->button != 1)
        return TRUE;
    canvas->drag_x = event->x * scale;
    canvas->drag_y = event->y * scale;
    canvas->drag = on_split(canvas, canvas->drag_x) ? DRAG_SPLIT : DRAG_VIEW;
    point(canvas, canvas->drag_x);
    return TRUE;
}

static gboolean on_release(GtkWidget *widget, GdkEventButton *event, gpointer data)
{
    Canvas *canvas = data;
    if (event->button == 3) {
        canvas->held = FALSE;
        gtk_widget_queue_draw(widget);
    }
    if (event->button == 1)
        canvas->drag = DRAG_NONE;
    return TRUE;
}

static void move_split(Canvas *canvas, double split)
{
    canvas->split = CLAMP(split, 0, 1);
    redraw(canvas);
}

static void pan(Canvas *canvas, double x, double y)
{
    view_pan(&canvas->view, x, y);
    moved(canvas);
}

static void step(Canvas *canvas, int step, double x, double y)
{
    view_step(&canvas->view, step, x, y);
    moved(canvas);
}

static gboolean on_motion(GtkWidget *widget, GdkEventMotion *event, gpointer data)
{
    Canvas *canvas = data;
    const double scale = toolkit_scale_factor(widget);
    const double x = event->x * scale, y = event->y * scale;
    if (canvas->drag == DRAG_SPLIT)
        move_split(canvas, x / canvas->view.area_width);
    if (canvas->drag == DRAG_VIEW)
        pan(canvas, x - canvas->drag_x, y - canvas->drag_y);
    canvas->drag_x = x;
    canvas->drag_y = y;
    point(canvas, x);
    return TRUE;
}

static gboolean on_scroll(GtkWidget *widget, GdkEventScroll *event, gpointer data)
{
    const double scale = toolkit_scale_factor(widget);
    if (event->direction == GDK_SCROLL_UP)
        step(data, 1, event->x * scale, event->y * scale);
    if (event->direction == GDK_SCROLL_DOWN)
        step(data, -1, event->x * scale, event->y * scale);
    return TRUE;
}

static gboolean on_key(GtkWidget *widget, GdkEventKey *event, gpointer data)
{
    Canvas *canvas = data;
    const double width = canvas->view.area_width, height = canvas->view.area_height;
    int x = 0, y = 0;
    switch (event->keyval) {
    case GDK_KEY_plus:
    case GDK_KEY_KP_Add:
        step(canvas, 1, width / 2, height / 2);
        return TRUE;
    case GDK_KEY_minus:
    case GDK_KEY_KP_Subtract:
        step(canvas, -1, width / 2, height / 2);
        return TRUE;
    case GDK_KEY_Left:
        x = -1;
        break;
    case GDK_KEY_Right:
        x = 1;
        break;
    case GDK_KEY_Up:
        y = -1;
        break;
    case GDK_KEY_Down:
        y = 1;
        break;
    default:
        return FALSE;
    }
    if ((event->state & GDK_SHIFT_MASK) != 0)
        move_split(canvas, canvas->split + x / 16.0);
    else
        pan(canvas, -x * width / 8, -y * height / 8);
    return TRUE;
}

static void on_allocated(GtkWidget *widget, GdkRectangle *allocation, gpointer data)
{
    Canvas *canvas = data;
    const double scale = toolkit_scale_factor(widget);
    canvas->view.area_width = allocation->width * scale;
    canvas->view.area_height = allocation->height * scale;
    moved(canvas);
}

// --- from outside ---

void canvas_center(Canvas *canvas, double x, double y)
{
    view_center(&canvas->view, x, y);
    moved(canvas);
}

static void replace(Canvas *canvas, Picture **old, Picture *picture)
{
    picture_free(*old);
    *old = picture;
    redraw(canvas);
}

void canvas_set_before(Canvas *canvas, Picture *picture)
{
    replace(canvas, &canvas->before, picture);
}

void canvas_set_after(Canvas *canvas, Picture *picture, gboolean alone)
{
    canvas->alone = alone;
    replace(canvas, &canvas->after, picture);
}

void canvas_set_thumbnail(Canvas *canvas, GdkPixbuf *thumbnail)
{
    g_set_object(&canvas->thumbnail, thumbnail);
    redraw(canvas);
}

void canvas_set_size(Canvas *canvas, guint width, guint height)
{
    canvas->view.width = width;
    canvas->view.height = height;
    moved(canvas);
}

void canvas_set_factors(Canvas *canvas, double x, double y)
{
    canvas->view.factor_x = x;
    canvas->view.factor_y = y;
    redraw(canvas);
}

void canvas_set_zoom(Canvas *canvas, double percent)
{
    canvas->view.fit = FALSE;
    canvas->view.zoom = percent;
    moved(canvas);
}

void canvas_set_fit(Canvas *canvas)
{
    canvas->view.fit = TRUE;
    moved(canvas);
}

void canvas_set_original(Canvas *canvas, gboolean original)
{
    canvas->original = original;
    redraw(canvas);
}

void canvas_set_progress(Canvas *canvas, double fraction)
{
    canvas->progress = fraction;
    redraw(canvas);
}

void canvas_set_message(Canvas *canvas, const char *message)
{
    if (g_strcmp0(canvas->message, message) == 0)
        return;
    g_free(canvas->message);
    canvas->message = g_strdup(message);
    redraw(canvas);
}

Canvas *canvas_new(const CanvasEvents *events)
{
    Canvas *canvas = g_new0(Canvas, 1);
    canvas->events = *events;
    canvas->view = (View){.factor_x = 1, .factor_y = 1, .zoom = 100};
    canvas->split = 0.5;
    canvas->progress = -1;
    canvas->cursor = GDK_LAST_CURSOR;
    canvas->area = toolkit_drawing_area(on_draw, canvas);
    gtk_widget_set_size_request(canvas->area, LEAST_WIDTH, LEAST_HEIGHT);
    gtk_widget_set_can_focus(canvas->area, TRUE);
    gtk_widget_add_events(canvas->area, GDK_BUTTON_PRESS_MASK | GDK_BUTTON_RELEASE_MASK |
                                            GDK_POINTER_MOTION_MASK | GDK_SCROLL_MASK |
                                            GDK_KEY_PRESS_MASK);
    g_signal_connect(canvas->area, "button-press-event", G_CALLBACK(on_press), canvas);
    g_signal_connect(canvas->area, "button-release-event", G_CALLBACK(on_release), canvas);
    g_signal_connect(canvas->area, "motion-notify-event", G_CALLBACK(on_motion), canvas);
    g_signal_connect(canvas->area, "scroll-event", G_CALLBACK(on_scroll), canvas);
    g_signal_connect(canvas->area, "key-press-event", G_CALLBACK(on_key), canvas);
    g_signal_connect(canvas->area, "size-allocate", G_CALLBACK(on_allocated), canvas);
    return canvas;
}

void canvas_free(Canvas *canvas)
{
    if (canvas == NULL)
        return;
    picture_free(canvas->before);
    picture_free(canvas->after);
    g_clear_object(&canvas->thumbnail);
    g_free(canvas->message);
    g_free(canvas);
}

GtkWidget *canvas_widget(Canvas *canvas)
{
    return canvas->area;
}
