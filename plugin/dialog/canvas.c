// SPDX-License-Identifier: LGPL-3.0-or-later
// Lengths are in pixels of the screen unless they say otherwise; GTK's own are larger on screens of
// high resolution.
#include "canvas.h"

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
    guint width, height; // of the drawable, its pixels
    double factor_x, factor_y;
    guint percent;
    double x, y;             // what is in the middle, in the drawable's pixels
    double split;            // 0..1 of the area's width
    gboolean original, held; // by the caller, by the right mouse button
    Picture *before, *after;
    GdkPixbuf *thumbnail;
    double progress;
    char *message;
    Drag drag;
    double drag_x, drag_y; // of the mouse at the last event
    GdkCursorType cursor;
};

static void area_size(const Canvas *canvas, double *width, double *height)
{
    GtkAllocation allocation;
    gtk_widget_get_allocation(canvas->area, &allocation);
    const guint scale = toolkit_scale_factor(canvas->area);
    *width = allocation.width * (double)scale;
    *height = allocation.height * (double)scale;
}

static PictureView view_of(const Canvas *canvas)
{
    PictureView view = {.scale_x = canvas->factor_x * canvas->percent / 100,
                        .scale_y = canvas->factor_y * canvas->percent / 100};
    double width = 0, height = 0;
    area_size(canvas, &width, &height);
    // Whole pixels, so that those of the result fall on those of the screen.
    view.x = round(width / 2 - canvas->x * view.scale_x);
    view.y = round(height / 2 - canvas->y * view.scale_y);
    return view;
}

// A drawable that is larger than the area fills it; a smaller one stands in its middle.
static double limit(double middle, double length, double shown)
{
    if (shown >= length)
        return length / 2;
    return CLAMP(middle, shown / 2, length - shown / 2);
}

static void limit_middle(Canvas *canvas)
{
    double width = 0, height = 0;
    area_size(canvas, &width, &height);
    const PictureView view = view_of(canvas);
    canvas->x = limit(canvas->x, canvas->width, width / view.scale_x);
    canvas->y = limit(canvas->y, canvas->height, height / view.scale_y);
}

void canvas_center(Canvas *canvas, double x, double y)
{
    const double old_x = canvas->x, old_y = canvas->y;
    canvas->x = x;
    canvas->y = y;
    limit_middle(canvas);
    if (canvas->x == old_x && canvas->y == old_y)
        return;
    gtk_widget_queue_draw(canvas->area);
    canvas->events.moved(canvas->events.data);
}

gboolean canvas_area(const Canvas *canvas, GeglRectangle *area)
{
    double width = 0, height = 0;
    area_size(canvas, &width, &height);
    const PictureView view = view_of(canvas);
    const double left = MAX(0, floor(-view.x / view.scale_x));
    const double top = MAX(0, floor(-view.y / view.scale_y));
    const double right = MIN(canvas->width, ceil((width - view.x) / view.scale_x));
    const double bottom = MIN(canvas->height, ceil((height - view.y) / view.scale_y));
    if (right <= left || bottom <= top)
        return FALSE;
    *area = (GeglRectangle){(int)left, (int)top, (int)(right - left), (int)(bottom - top)};
    return TRUE;
}

// --- painting ---

static void paint_thumbnail(const Canvas *canvas, cairo_t *cr, const PictureView *view)
{
    cairo_save(cr);
    cairo_rectangle(cr, view->x, view->y, canvas->width * view->scale_x,
                    canvas->height * view->scale_y);
    cairo_clip(cr);
    picture_paint_checks(cr);
    if (canvas->thumbnail != NULL) {
        cairo_translate(cr, view->x, view->y);
        cairo_scale(cr, canvas->width * view->scale_x / gdk_pixbuf_get_width(canvas->thumbnail),
                    canvas->height * view->scale_y / gdk_pixbuf_get_height(canvas->thumbnail));
        gdk_cairo_set_source_pixbuf(cr, canvas->thumbnail, 0, 0);
        cairo_pattern_set_extend(cairo_get_source(cr), CAIRO_EXTEND_PAD);
        cairo_paint(cr);
    }
    cairo_restore(cr);
}

// Words on a dark ground; x and y are those of the corner that `right` and `bottom` name.
static void paint_words(const Canvas *canvas, cairo_t *cr, const char *text, double x, double y,
                        gboolean right)
{
    const double scale = toolkit_scale_factor(canvas->area);
    g_autoptr(PangoLayout) layout = gtk_widget_create_pango_layout(canvas->area, text);
    int width = 0, height = 0;
    pango_layout_get_pixel_size(layout, &width, &height);
    const double wide = (width + 12) * scale, high = (height + 4) * scale;
    cairo_save(cr);
    cairo_translate(cr, right ? x - wide : x, y);
    cairo_rectangle(cr, 0, 0, wide, high);
    cairo_set_source_rgba(cr, 0, 0, 0, 0.6);
    cairo_fill(cr);
    cairo_scale(cr, scale, scale);
    cairo_move_to(cr, 6, 2);
    cairo_set_source_rgb(cr, 1, 1, 1);
    pango_cairo_show_layout(cr, layout);
    cairo_restore(cr);
}

static void paint_message(const Canvas *canvas, cairo_t *cr, double width, double height)
{
    const double scale = toolkit_scale_factor(canvas->area);
    g_autoptr(PangoLayout) layout = gtk_widget_create_pango_layout(canvas->area, canvas->message);
    pango_layout_set_width(layout, (int)(MAX(width / scale - 48, 48) * PANGO_SCALE));
    pango_layout_set_wrap(layout, PANGO_WRAP_WORD_CHAR);
    pango_layout_set_alignment(layout, PANGO_ALIGN_CENTER);
    int high = 0;
    pango_layout_get_pixel_size(layout, NULL, &high);
    cairo_save(cr);
    cairo_scale(cr, scale, scale);
    const double top = (height / scale - high) / 2;
    cairo_rectangle(cr, 0, top - 12, width / scale, high + 24);
    cairo_set_source_rgba(cr, 0, 0, 0, 0.6);
    cairo_fill(cr);
    cairo_move_to(cr, 24, top);
    cairo_set_source_rgb(cr, 1, 1, 1);
    pango_cairo_show_layout(cr, layout);
    cairo_restore(cr);
}

static void paint_split(const Canvas *canvas, cairo_t *cr, double width, double height)
{
    const double scale = toolkit_scale_factor(canvas->area);
    const double x = round(canvas->split * width);
    const double radius = 7 * scale, middle = round(height / 2);
    cairo_save(cr);
    for (int pass = 0; pass < 2; pass++) {
        const double shade = pass == 0 ? 0 : 1, border = pass == 0 ? scale : 0;
        cairo_set_source_rgba(cr, shade, shade, shade, pass == 0 ? 0.5 : 1);
        cairo_rectangle(cr, x - scale / 2 - border, 0, scale + 2 * border, height);
        cairo_fill(cr);
        cairo_arc(cr, x, middle, radius + border, 0, 2 * G_PI);
        cairo_fill(cr);
    }
    cairo_set_source_rgb(cr, 0.2, 0.2, 0.2);
    for (int side = -1; side <= 1; side += 2) {
        cairo_move_to(cr, x + side * 5 * scale, middle);
        cairo_line_to(cr, x + side * 1.5 * scale, middle - 3 * scale);
        cairo_line_to(cr, x + side * 1.5 * scale, middle + 3 * scale);
        cairo_close_path(cr);
        cairo_fill(cr);
    }
    cairo_restore(cr);
}

static void paint_progress(const Canvas *canvas, cairo_t *cr, double width, double height)
{
    const double high = 4.0 * toolkit_scale_factor(canvas->area);
    cairo_rectangle(cr, 0, height - high, width, high);
    cairo_set_source_rgba(cr, 0, 0, 0, 0.6);
    cairo_fill(cr);
    cairo_rectangle(cr, 0, height - high, width * CLAMP(canvas->progress, 0, 1), high);
    cairo_set_source_rgb(cr, 0.36, 0.66, 0.95);
    cairo_fill(cr);
}

static void on_draw(GtkWidget *widget, cairo_t *cr, gpointer data)
{
    const Canvas *canvas = data;
    const double scale = toolkit_scale_factor(widget);
    double width = 0, height = 0;
    area_size(canvas, &width, &height);
    cairo_scale(cr, 1 / scale, 1 / scale);
    cairo_set_source_rgb(cr, 0.3, 0.3, 0.3);
    cairo_paint(cr);
    const gboolean original = canvas->original || canvas->held;
    if (canvas->width > 0) {
        const PictureView view = view_of(canvas);
        paint_thumbnail(canvas, cr, &view);
        if (canvas->before != NULL)
            picture_paint(canvas->before, cr, &view);
        if (canvas->after != NULL && !original) {
            const double x = round(canvas->split * width);
            cairo_save(cr);
            cairo_rectangle(cr, x, 0, width - x, height);
            cairo_clip(cr);
            picture_paint(canvas->after, cr, &view);
            cairo_restore(cr);
        }
    }
    if (canvas->after != NULL && !original) {
        paint_split(canvas, cr, width, height);
        paint_words(canvas, cr, _("Before"), 0, 0, FALSE);
        paint_words(canvas, cr, _("After"), width, 0, TRUE);
    } else if (canvas->after != NULL) {
        paint_words(canvas, cr, _("Before"), 0, 0, FALSE);
    }
    if (canvas->message != NULL)
        paint_message(canvas, cr, width, height);
    if (canvas->progress >= 0)
        paint_progress(canvas, cr, width, height);
    if (gtk_widget_has_focus(widget)) {
        cairo_rectangle(cr, scale / 2, scale / 2, width - scale, height - scale);
        cairo_set_source_rgba(cr, 1, 1, 1, 0.7);
        cairo_set_line_width(cr, scale);
        cairo_set_dash(cr, (double[]){2 * scale}, 1, 0);
        cairo_stroke(cr);
    }
}

// --- mouse and keys ---

static gboolean on_split(const Canvas *canvas, double x)
{
    double width = 0, height = 0;
    area_size(canvas, &width, &height);
    return canvas->after != NULL && !canvas->original &&
           fabs(x - canvas->split * width) <= GRIP * (double)toolkit_scale_factor(canvas->area);
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
    gtk_widget_queue_draw(canvas->area);
}

static gboolean on_motion(GtkWidget *widget, GdkEventMotion *event, gpointer data)
{
    Canvas *canvas = data;
    const double scale = toolkit_scale_factor(widget);
    const double x = event->x * scale, y = event->y * scale;
    double width = 0, height = 0;
    area_size(canvas, &width, &height);
    if (canvas->drag == DRAG_SPLIT)
        move_split(canvas, x / width);
    if (canvas->drag == DRAG_VIEW) {
        const PictureView view = view_of(canvas);
        canvas_center(canvas, canvas->x - (x - canvas->drag_x) / view.scale_x,
                      canvas->y - (y - canvas->drag_y) / view.scale_y);
    }
    canvas->drag_x = x;
    canvas->drag_y = y;
    point(canvas, x);
    return TRUE;
}

static gboolean on_scroll(GtkWidget *widget, GdkEventScroll *event, gpointer data)
{
    Canvas *canvas = data;
    if (event->direction == GDK_SCROLL_UP)
        canvas->events.zoomed(200, canvas->events.data);
    if (event->direction == GDK_SCROLL_DOWN)
        canvas->events.zoomed(100, canvas->events.data);
    return TRUE;
}

static gboolean on_key(GtkWidget *widget, GdkEventKey *event, gpointer data)
{
    Canvas *canvas = data;
    int x = 0, y = 0;
    switch (event->keyval) {
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
    if ((event->state & GDK_SHIFT_MASK) != 0) {
        move_split(canvas, canvas->split + x / 16.0);
        return TRUE;
    }
    double width = 0, height = 0;
    area_size(canvas, &width, &height);
    const PictureView view = view_of(canvas);
    canvas_center(canvas, canvas->x + x * width / 8 / view.scale_x,
                  canvas->y + y * height / 8 / view.scale_y);
    return TRUE;
}

static void on_allocated(GtkWidget *widget, GdkRectangle *allocation, gpointer data)
{
    Canvas *canvas = data;
    limit_middle(canvas);
    canvas->events.moved(canvas->events.data);
}

// --- from outside ---

static void replace(Canvas *canvas, Picture **old, Picture *picture)
{
    picture_free(*old);
    *old = picture;
    gtk_widget_queue_draw(canvas->area);
}

void canvas_set_before(Canvas *canvas, Picture *picture)
{
    replace(canvas, &canvas->before, picture);
}

void canvas_set_after(Canvas *canvas, Picture *picture)
{
    replace(canvas, &canvas->after, picture);
}

void canvas_set_thumbnail(Canvas *canvas, GdkPixbuf *thumbnail)
{
    g_set_object(&canvas->thumbnail, thumbnail);
    gtk_widget_queue_draw(canvas->area);
}

void canvas_set_size(Canvas *canvas, guint width, guint height)
{
    canvas->width = width;
    canvas->height = height;
    limit_middle(canvas);
    gtk_widget_queue_draw(canvas->area);
}

void canvas_set_factors(Canvas *canvas, double x, double y)
{
    if (canvas->factor_x == x && canvas->factor_y == y)
        return;
    canvas->factor_x = x;
    canvas->factor_y = y;
    limit_middle(canvas);
    gtk_widget_queue_draw(canvas->area);
}

void canvas_set_zoom(Canvas *canvas, guint percent)
{
    canvas->percent = percent;
    limit_middle(canvas);
    gtk_widget_queue_draw(canvas->area);
}

void canvas_set_original(Canvas *canvas, gboolean original)
{
    canvas->original = original;
    gtk_widget_queue_draw(canvas->area);
}

void canvas_set_progress(Canvas *canvas, double fraction)
{
    canvas->progress = fraction;
    gtk_widget_queue_draw(canvas->area);
}

void canvas_set_message(Canvas *canvas, const char *message)
{
    if (g_strcmp0(canvas->message, message) == 0)
        return;
    g_free(canvas->message);
    canvas->message = g_strdup(message);
    gtk_widget_queue_draw(canvas->area);
}

Canvas *canvas_new(const CanvasEvents *events)
{
    Canvas *canvas = g_new0(Canvas, 1);
    canvas->events = *events;
    canvas->factor_x = canvas->factor_y = 1;
    canvas->percent = 100;
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
