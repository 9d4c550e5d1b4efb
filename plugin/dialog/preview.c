// SPDX-License-Identifier: LGPL-3.0-or-later
// A preview is made in three steps, because libgimp serves the main thread only and models are for
// the worker: the worker tells how many pixels around a place matter (which loads the model), the
// main thread copies them into a private buffer, the worker computes.
#include "preview.h"

#include "canvas.h"

#include <gan/image.h>
#include <gan/resample.h>
#include <glib/gi18n-lib.h>
#include <math.h>

// A drag or a held key asks many times a second.
#define PAUSE_MS 120
// What the cubic resampler sees beside the part that is shown.
#define CUBIC_MARGIN 4
#define THUMBNAIL 512 // in the canvas, until there is better
#define NAVIGATION_WIDTH 96
#define NAVIGATION_HEIGHT 72

struct Preview {
    const Task *task;
    const Values *values;
    const Subject *subject;
    Worker *worker; // NULL before the start
    GtkWidget *box, *navigation, *status, *zooms[2];
    Canvas *canvas;
    GeglBuffer *drawable; // main thread only; NULL: it cannot be read
    guint width, height;
    GdkPixbuf *thumbnail;
    double factor_x, factor_y;
    gboolean wanted;     // there are values that work
    GeglRectangle asked; // the part that the last picture shows or will show
    guint timer_id;
};

// One preview on its way.
typedef struct {
    Preview *preview;
    Values *values;
    GeglRectangle part; // of the drawable, to be shown
    double factor_x, factor_y;
    guint margin;
    GeglBuffer *in; // private: part and margin
    Picture *after;
    double seconds;
    char *problem;
} PreviewJob;

static void job_free(gpointer data)
{
    PreviewJob *job = data;
    values_free(job->values);
    g_clear_object(&job->in);
    picture_free(job->after);
    g_free(job->problem);
    g_free(job);
}

static void say(Preview *preview, const char *text)
{
    gtk_label_set_text(GTK_LABEL(preview->status), text);
    gtk_widget_set_tooltip_text(preview->status, text[0] != 0 ? text : NULL);
}

// Tells what went wrong and takes away the picture that does not belong to these values.
static void fail(Preview *preview, const char *problem)
{
    canvas_set_progress(preview->canvas, -1);
    canvas_set_after(preview->canvas, NULL);
    canvas_set_message(preview->canvas, problem);
    say(preview, "");
}

static GeglRectangle grown(const GeglRectangle *part, guint margin, const GeglRectangle *within)
{
    const int m = (int)margin;
    GeglRectangle wide = {part->x - m, part->y - m, part->width + 2 * m, part->height + 2 * m};
    gegl_rectangle_intersect(&wide, &wide, within);
    return wide;
}

// --- third: the pictures ---

static Picture *enlarge_cubic(const PreviewJob *job)
{
    const GeglRectangle near = grown(&job->part, CUBIC_MARGIN, gegl_buffer_get_extent(job->in));
    g_autoptr(GeglBuffer) in = gegl_buffer_create_sub_buffer(job->in, &near);
    const GeglRectangle extent = {0, 0, (int)MAX(1, round(near.width * job->factor_x)),
                                  (int)MAX(1, round(near.height * job->factor_y))};
    const Babl *space = babl_format_get_space(gegl_buffer_get_format(job->in));
    g_autoptr(GeglBuffer) out =
        gegl_buffer_new(&extent, babl_format_with_space("R'G'B'A float", space));
    if (!gan_resample_buffer(in, out, NULL))
        return NULL;
    return picture_new(out, &near, &job->part);
}

static void show_before(gpointer data, gpointer item)
{
    Preview *preview = ((PreviewJob *)data)->preview;
    Picture **picture = item;
    canvas_set_before(preview->canvas, g_steal_pointer(picture));
}

static void held_picture_free(gpointer data)
{
    Picture **picture = data;
    picture_free(*picture);
    g_free(picture);
}

static void picture_run(WorkerJob *worker_job, Session *session, gpointer data)
{
    PreviewJob *job = data;
    Picture **before = g_new0(Picture *, 1);
    *before = enlarge_cubic(job);
    worker_tell(worker_job, show_before, before, held_picture_free);
    const gint64 start_us = g_get_monotonic_time();
    g_autoptr(GError) error = NULL;
    double scale_x = 1, scale_y = 1;
    g_autoptr(GeglBuffer) out =
        job->preview->task->preview(session, job->values, job->preview->subject, job->in, &scale_x,
                                    &scale_y, worker_go_on, worker_job, &error);
    job->seconds = (double)(g_get_monotonic_time() - start_us) * 1e-6;
    if (out != NULL)
        job->after = picture_new(out, gegl_buffer_get_extent(job->in), &job->part);
    else
        job->problem = g_strdup(error->message);
}

static void show_progress(gpointer data, double fraction)
{
    canvas_set_progress(((PreviewJob *)data)->preview->canvas, fraction);
}

static void show_after(gpointer data)
{
    PreviewJob *job = data;
    Preview *preview = job->preview;
    if (job->after == NULL) {
        fail(preview, job->problem);
        return;
    }
    // Translators: how many times as large the preview shows a part, and how long that took.
    g_autofree char *text =
        g_strdup_printf(_("×%.4g, computed in %.1f s"), job->factor_x, job->seconds);
    say(preview, text);
    canvas_set_progress(preview->canvas, -1);
    canvas_set_message(preview->canvas, NULL);
    canvas_set_after(preview->canvas, g_steal_pointer(&job->after));
}

// --- second: the pixels ---

static PreviewJob *job_new(Preview *preview)
{
    PreviewJob *job = g_new0(PreviewJob, 1);
    job->preview = preview;
    job->part = preview->asked;
    job->factor_x = preview->factor_x;
    job->factor_y = preview->factor_y;
    return job;
}

static void copy_pixels(gpointer data)
{
    static const WorkerWork work = {picture_run, show_progress, show_after, job_free};
    PreviewJob *known = data;
    Preview *preview = known->preview;
    if (known->problem != NULL) {
        fail(preview, known->problem);
        return;
    }
    PreviewJob *job = job_new(preview);
    job->values = g_steal_pointer(&known->values);
    const GeglRectangle area =
        grown(&job->part, known->margin, gegl_buffer_get_extent(preview->drawable));
    job->in = gegl_buffer_new(&area, gegl_buffer_get_format(preview->drawable));
    gegl_buffer_copy(preview->drawable, &area, GEGL_ABYSS_NONE, job->in, &area);
    worker_post(preview->worker, WORKER_PREVIEW, &work, job);
}

// --- first: how much of them ---

static void margin_run(WorkerJob *worker_job, Session *session, gpointer data)
{
    PreviewJob *job = data;
    g_autoptr(GError) error = NULL;
    job->margin = job->preview->task->preview_margin(session, job->values, &error);
    if (error != NULL)
        job->problem = g_strdup(error->message);
}

static gboolean begin(gpointer data)
{
    static const WorkerWork work = {margin_run, NULL, copy_pixels, job_free};
    Preview *preview = data;
    preview->timer_id = 0;
    if (!canvas_area(preview->canvas, &preview->asked))
        return G_SOURCE_REMOVE;
    PreviewJob *job = job_new(preview);
    job->values = values_copy(preview->values);
    canvas_set_progress(preview->canvas, 0);
    say(preview, _("Computing…"));
    worker_post(preview->worker, WORKER_PREVIEW, &work, job);
    return G_SOURCE_REMOVE;
}

static void cancel(Preview *preview)
{
    if (preview->timer_id != 0)
        g_source_remove(preview->timer_id);
    preview->timer_id = 0;
    if (preview->worker != NULL)
        worker_cancel(preview->worker, WORKER_PREVIEW);
    canvas_set_progress(preview->canvas, -1);
}

static void begin_soon(Preview *preview)
{
    // While nothing is wanted, the worker may be gone already.
    if (!preview->wanted || preview->drawable == NULL)
        return;
    cancel(preview);
    preview->timer_id = g_timeout_add(PAUSE_MS, begin, preview);
}

void preview_update(Preview *preview, double x, double y)
{
    preview->wanted = TRUE;
    preview->factor_x = x;
    preview->factor_y = y;
    canvas_set_factors(preview->canvas, x, y);
    gtk_widget_queue_draw(preview->navigation);
    begin_soon(preview);
}

void preview_stop(Preview *preview)
{
    preview->wanted = FALSE;
    cancel(preview);
    say(preview, "");
}

// --- the window's events ---

static void on_moved(gpointer data)
{
    Preview *preview = data;
    GeglRectangle area;
    gtk_widget_queue_draw(preview->navigation);
    if (canvas_area(preview->canvas, &area) && !gegl_rectangle_equal(&area, &preview->asked))
        begin_soon(preview);
}

static void set_zoom(Preview *preview, guint percent)
{
    canvas_set_zoom(preview->canvas, percent);
    on_moved(preview);
}

static void on_zoom_toggled(GtkWidget *button, gpointer data)
{
    Preview *preview = data;
    if (gtk_toggle_button_get_active(GTK_TOGGLE_BUTTON(button)))
        set_zoom(preview, button == preview->zooms[1] ? 200 : 100);
}

static void on_wheel(guint percent, gpointer data)
{
    Preview *preview = data;
    gtk_toggle_button_set_active(GTK_TOGGLE_BUTTON(preview->zooms[percent > 100]), TRUE);
}

static void on_original_toggled(GtkWidget *button, gpointer data)
{
    Preview *preview = data;
    canvas_set_original(preview->canvas, gtk_toggle_button_get_active(GTK_TOGGLE_BUTTON(button)));
}

// --- the whole drawable in little ---

static double navigation_scale(const Preview *preview)
{
    GtkAllocation allocation;
    gtk_widget_get_allocation(preview->navigation, &allocation);
    return MIN((double)allocation.width / preview->width,
               (double)allocation.height / preview->height);
}

static void navigation_origin(const Preview *preview, double scale, double *x, double *y)
{
    GtkAllocation allocation;
    gtk_widget_get_allocation(preview->navigation, &allocation);
    *x = 0;
    *y = (allocation.height - preview->height * scale) / 2;
}

static void draw_navigation(GtkWidget *widget, cairo_t *cr, gpointer data)
{
    const Preview *preview = data;
    if (preview->width == 0)
        return;
    const double scale = navigation_scale(preview);
    double x = 0, y = 0;
    navigation_origin(preview, scale, &x, &y);
    const double width = preview->width * scale, height = preview->height * scale;
    cairo_rectangle(cr, x, y, width, height);
    cairo_clip(cr);
    picture_paint_checks(cr);
    if (preview->thumbnail != NULL) {
        cairo_save(cr);
        cairo_translate(cr, x, y);
        cairo_scale(cr, width / gdk_pixbuf_get_width(preview->thumbnail),
                    height / gdk_pixbuf_get_height(preview->thumbnail));
        gdk_cairo_set_source_pixbuf(cr, preview->thumbnail, 0, 0);
        cairo_paint(cr);
        cairo_restore(cr);
    }
    GeglRectangle area;
    if (!canvas_area(preview->canvas, &area))
        return;
    // A part of a large picture is still to be seen.
    const double wide = MAX(area.width * scale, 4), high = MAX(area.height * scale, 4);
    for (int pass = 0; pass < 2; pass++) {
        cairo_rectangle(cr, x + (area.x + area.width / 2.0) * scale - wide / 2,
                        y + (area.y + area.height / 2.0) * scale - high / 2, wide, high);
        cairo_set_source_rgb(cr, pass, pass, pass);
        cairo_set_line_width(cr, pass == 0 ? 3 : 1);
        cairo_stroke(cr);
    }
}

static void navigate(Preview *preview, double event_x, double event_y)
{
    if (preview->width == 0)
        return;
    const double scale = navigation_scale(preview);
    double x = 0, y = 0;
    navigation_origin(preview, scale, &x, &y);
    canvas_center(preview->canvas, (event_x - x) / scale, (event_y - y) / scale);
}

static gboolean on_navigation_press(GtkWidget *widget, GdkEventButton *event, gpointer data)
{
    if (event->button == 1)
        navigate(data, event->x, event->y);
    return TRUE;
}

static gboolean on_navigation_motion(GtkWidget *widget, GdkEventMotion *event, gpointer data)
{
    if ((event->state & GDK_BUTTON1_MASK) != 0)
        navigate(data, event->x, event->y);
    return TRUE;
}

// --- start and end ---

void preview_start(Preview *preview, Worker *worker)
{
    preview->worker = worker;
    gan_image_init(0);
    g_autofree char *warning = NULL;
    g_autoptr(GError) error = NULL;
    preview->drawable = host_drawable_buffer(preview->subject->drawable, &warning, &error);
    if (preview->drawable == NULL) {
        canvas_set_message(preview->canvas, error->message);
        return;
    }
    const GeglRectangle *extent = gegl_buffer_get_extent(preview->drawable);
    preview->width = (guint)extent->width;
    preview->height = (guint)extent->height;
    canvas_set_size(preview->canvas, preview->width, preview->height);
    preview->thumbnail =
        toolkit_thumbnail(preview->subject->drawable, MIN(preview->width, THUMBNAIL),
                          MIN(preview->height, THUMBNAIL));
    canvas_set_thumbnail(preview->canvas, preview->thumbnail);
    // What is selected is what the user looks at.
    double x = preview->width / 2.0, y = preview->height / 2.0;
    if (preview->subject->has_selection) {
        const GeglRectangle *selection = &preview->subject->selection;
        x = selection->x + selection->width / 2.0 - preview->subject->layer.x;
        y = selection->y + selection->height / 2.0 - preview->subject->layer.y;
    }
    canvas_center(preview->canvas, x, y);
    begin_soon(preview);
}

static GtkWidget *make_navigation(Preview *preview)
{
    preview->navigation = toolkit_drawing_area(draw_navigation, preview);
    gtk_widget_set_size_request(preview->navigation, NAVIGATION_WIDTH, NAVIGATION_HEIGHT);
    gtk_widget_add_events(preview->navigation, GDK_BUTTON_PRESS_MASK | GDK_POINTER_MOTION_MASK);
    gtk_widget_set_tooltip_text(preview->navigation, _("Click to preview another part"));
    g_signal_connect(preview->navigation, "button-press-event", G_CALLBACK(on_navigation_press),
                     preview);
    g_signal_connect(preview->navigation, "motion-notify-event", G_CALLBACK(on_navigation_motion),
                     preview);
    return preview->navigation;
}

static GtkWidget *make_zooms(Preview *preview)
{
    GtkWidget *box = toolkit_box(GTK_ORIENTATION_HORIZONTAL, 0);
    preview->zooms[0] = gtk_radio_button_new_with_mnemonic(NULL, _("_100 %"));
    preview->zooms[1] = gtk_radio_button_new_with_mnemonic_from_widget(
        GTK_RADIO_BUTTON(preview->zooms[0]), _("_200 %"));
    for (guint i = 0; i < 2; i++) {
        gtk_toggle_button_set_mode(GTK_TOGGLE_BUTTON(preview->zooms[i]), FALSE);
        gtk_widget_set_tooltip_text(preview->zooms[i], _("Size of the result's pixels"));
        g_signal_connect(preview->zooms[i], "toggled", G_CALLBACK(on_zoom_toggled), preview);
        gtk_box_pack_start(GTK_BOX(box), preview->zooms[i], FALSE, FALSE, 0);
    }
    return box;
}

static GtkWidget *make_bar(Preview *preview)
{
    GtkWidget *buttons = toolkit_box(GTK_ORIENTATION_HORIZONTAL, 6);
    GtkWidget *original = gtk_toggle_button_new_with_mnemonic(_("Ori_ginal"));
    gtk_widget_set_tooltip_text(
        original, _("Show what is there now; holding the right mouse button on the preview does "
                    "the same"));
    g_signal_connect(original, "toggled", G_CALLBACK(on_original_toggled), preview);
    gtk_box_pack_start(GTK_BOX(buttons), make_zooms(preview), FALSE, FALSE, 0);
    gtk_box_pack_start(GTK_BOX(buttons), original, FALSE, FALSE, 0);
    preview->status = gtk_label_new(NULL);
    g_object_set(preview->status, "xalign", 0.0, "ellipsize", PANGO_ELLIPSIZE_END, NULL);
    GtkWidget *column = toolkit_box(GTK_ORIENTATION_VERTICAL, 6);
    gtk_box_pack_start(GTK_BOX(column), buttons, FALSE, FALSE, 0);
    gtk_box_pack_start(GTK_BOX(column), preview->status, FALSE, FALSE, 0);
    GtkWidget *bar = toolkit_box(GTK_ORIENTATION_HORIZONTAL, 12);
    gtk_box_pack_start(GTK_BOX(bar), make_navigation(preview), FALSE, FALSE, 0);
    gtk_box_pack_start(GTK_BOX(bar), column, TRUE, TRUE, 0);
    return bar;
}

Preview *preview_new(const Task *task, const Values *values, const Subject *subject)
{
    Preview *preview = g_new0(Preview, 1);
    preview->task = task;
    preview->values = values;
    preview->subject = subject;
    preview->factor_x = preview->factor_y = 1;
    preview->canvas = canvas_new(&(CanvasEvents){on_moved, on_wheel, preview});
    preview->box = toolkit_box(GTK_ORIENTATION_VERTICAL, 6);
    GtkWidget *frame = gtk_frame_new(NULL);
    gtk_frame_set_shadow_type(GTK_FRAME(frame), GTK_SHADOW_IN);
    gtk_container_add(GTK_CONTAINER(frame), canvas_widget(preview->canvas));
    GtkWidget *bar = make_bar(preview);
    gtk_box_pack_start(GTK_BOX(preview->box), frame, TRUE, TRUE, 0);
    gtk_box_pack_start(GTK_BOX(preview->box), bar, FALSE, FALSE, 0);
    gtk_widget_show_all(preview->box);
    return preview;
}

void preview_free(Preview *preview)
{
    if (preview == NULL)
        return;
    if (preview->timer_id != 0)
        g_source_remove(preview->timer_id);
    canvas_free(preview->canvas);
    g_clear_object(&preview->drawable);
    g_clear_object(&preview->thumbnail);
    g_free(preview);
}

GtkWidget *preview_widget(Preview *preview)
{
    return preview->box;
}
