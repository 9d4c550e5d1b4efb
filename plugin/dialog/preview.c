// SPDX-License-Identifier: LGPL-3.0-or-later
// A preview is made in three steps, because libgimp serves the main thread only and models are for
// the worker: the worker tells how many pixels around a place matter (which loads the model), the
// main thread copies them into a private buffer, the worker computes.
#include "preview.h"

#include "../scope/scope.h"
#include "map.h"

#include <gan/image.h>
#include <gan/resample.h>
#include <glib/gi18n-lib.h>
#include <math.h>

// A drag or a held key asks many times a second.
#define PAUSE_MS 120
// What the cubic resampler sees beside the part that is shown, in the result's pixels.
#define CUBIC_MARGIN 4
#define THUMBNAIL 512 // in the canvas, until there is better
// Zoomed out, more of the result is to be seen than there are pixels to show it: at 50 % four times
// as much, and what the edges take. Beyond that, and beyond what memory may hold, a part is
// computed.
#define MOST_OF_AREA 5.0
#define MOST_PIXELS 16e6

#define SOURCE_VISIBLE (-1)

enum { ZOOM_FIT, ZOOM_HALF, ZOOM_WHOLE, ZOOM_DOUBLE, ZOOM_OTHER, N_ZOOMS };
static const double PERCENTS[] = {[ZOOM_HALF] = 50, [ZOOM_WHOLE] = 100, [ZOOM_DOUBLE] = 200};

// What a picture is of.
typedef struct {
    GeglRectangle part; // of the drawable, to be shown
    gboolean alone;     // more than the part is to be seen
    double zoom;        // its pixels to one of the result's, 1 at most
} Shown;

struct Preview {
    const Task *task;
    const Values *values;
    const Subject *subject;
    Worker *worker; // NULL before the start
    GtkWidget *box, *status, *percent;
    GtkWidget *zooms[N_ZOOMS]; // the last one is not seen: the wheel's own
    Canvas *canvas;
    Map *map;
    gint source;          // the layer that is shown, SOURCE_VISIBLE, or 0 before the start
    gint visible;         // a layer made of what is to be seen; 0: none
    gint x, y;            // of the source's corner on the canvas
    gboolean to_zoom;     // onto the selection, once the size of the result is known
    GeglBuffer *drawable; // the source's pixels; main thread only; NULL: they cannot be read
    double factor_x, factor_y;
    gboolean wanted;       // there are values that work
    Shown asked;           // what the last picture shows or will show
    gboolean setting_zoom; // the buttons are being set, not used
    guint timer_id;
};

// One preview on its way.
typedef struct {
    Preview *preview;
    Values *values;
    Shown shown;
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
    canvas_set_after(preview->canvas, NULL, FALSE);
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

// `buffer` with so many times its pixels. Returns NULL where memory is short.
static GeglBuffer *resized(GeglBuffer *buffer, double x, double y)
{
    const GeglRectangle *from = gegl_buffer_get_extent(buffer);
    const GeglRectangle extent = {0, 0, (int)MAX(1, round(from->width * x)),
                                  (int)MAX(1, round(from->height * y))};
    const Babl *space = babl_format_get_space(gegl_buffer_get_format(buffer));
    g_autoptr(GeglBuffer) out =
        gegl_buffer_new(&extent, babl_format_with_space("R'G'B'A float", space));
    return gan_resample_buffer(buffer, out, NULL) ? g_steal_pointer(&out) : NULL;
}

static Picture *enlarge_cubic(const PreviewJob *job)
{
    const double x = job->factor_x * job->shown.zoom, y = job->factor_y * job->shown.zoom;
    const guint margin = CUBIC_MARGIN + (guint)(CUBIC_MARGIN / MIN(1, MIN(x, y)));
    const GeglRectangle near = grown(&job->shown.part, margin, gegl_buffer_get_extent(job->in));
    g_autoptr(GeglBuffer) in = gegl_buffer_create_sub_buffer(job->in, &near);
    g_autoptr(GeglBuffer) out = resized(in, x, y);
    return out != NULL ? picture_new(out, &near, &job->shown.part) : NULL;
}

// No more pixels than are shown.
static Picture *result_picture(const PreviewJob *job, GeglBuffer *result)
{
    g_autoptr(GeglBuffer) small =
        job->shown.zoom < 1 ? resized(result, job->shown.zoom, job->shown.zoom) : NULL;
    return picture_new(small != NULL ? small : result, gegl_buffer_get_extent(job->in),
                       &job->shown.part);
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
        scope_preview(job->preview->task, session, job->values, job->preview->subject, job->in,
                      &scale_x, &scale_y, worker_go_on, worker_job, &error);
    job->seconds = (double)(g_get_monotonic_time() - start_us) * 1e-6;
    if (out != NULL)
        job->after = result_picture(job, out);
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
    // Translators: how many times as large the result is, and how long that took.
    g_autofree char *text =
        job->factor_x != 1 || job->factor_y != 1
            ? g_strdup_printf(_("×%.4g, computed in %.1f s"), job->factor_x, job->seconds)
            : g_strdup_printf(_("Computed in %.1f s"), job->seconds);
    say(preview, text);
    canvas_set_progress(preview->canvas, -1);
    canvas_set_message(preview->canvas, NULL);
    canvas_set_after(preview->canvas, g_steal_pointer(&job->after), job->shown.alone);
}

// --- second: the pixels ---

static PreviewJob *job_new(Preview *preview)
{
    PreviewJob *job = g_new0(PreviewJob, 1);
    job->preview = preview;
    job->shown = preview->asked;
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
        grown(&job->shown.part, known->margin, gegl_buffer_get_extent(preview->drawable));
    job->in = gegl_buffer_new(&area, gegl_buffer_get_format(preview->drawable));
    gegl_buffer_copy(preview->drawable, &area, GEGL_ABYSS_NONE, job->in, &area);
    worker_post(preview->worker, WORKER_PREVIEW, &work, job);
}

// --- first: how much of them ---

static void margin_run(WorkerJob *worker_job, Session *session, gpointer data)
{
    PreviewJob *job = data;
    g_autoptr(GError) error = NULL;
    if (!scope_preview_margin(job->preview->task, session, job->values, &job->margin, &error))
        job->problem = g_strdup(error->message);
}

// What is to be shown now. Returns FALSE when there is nothing.
static gboolean find_shown(const Preview *preview, Shown *shown)
{
    const View *view = canvas_view(preview->canvas);
    const double most = view->area_width * view->area_height * MOST_OF_AREA;
    GeglRectangle area;
    if (!view_area(view, &area) || !view_part(view, MIN(most, MOST_PIXELS), &shown->part))
        return FALSE;
    shown->alone = !gegl_rectangle_equal(&area, &shown->part);
    shown->zoom = MIN(view_zoom(view) / 100, 1);
    return TRUE;
}

static gboolean begin(gpointer data)
{
    static const WorkerWork work = {margin_run, NULL, copy_pixels, job_free};
    Preview *preview = data;
    preview->timer_id = 0;
    if (!find_shown(preview, &preview->asked))
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

// --- the window's events ---

static void show_zoom(Preview *preview)
{
    const View *view = canvas_view(preview->canvas);
    // Translators: how large the preview shows the result's pixels.
    g_autofree char *text = g_strdup_printf(_("%.0f %%"), view_zoom(view));
    gtk_label_set_text(GTK_LABEL(preview->percent), text);
    guint active = view->fit ? ZOOM_FIT : ZOOM_OTHER;
    for (guint i = ZOOM_HALF; i <= ZOOM_DOUBLE && !view->fit; i++)
        active = view->zoom == PERCENTS[i] ? i : active;
    preview->setting_zoom = TRUE;
    gtk_toggle_button_set_active(GTK_TOGGLE_BUTTON(preview->zooms[active]), TRUE);
    preview->setting_zoom = FALSE;
}

static void on_moved(gpointer data)
{
    Preview *preview = data;
    const Shown *asked = &preview->asked;
    Shown shown;
    map_update(preview->map);
    show_zoom(preview);
    // What is larger on the screen than the result's pixels are needs no others.
    if (find_shown(preview, &shown) &&
        (shown.zoom != asked->zoom || !gegl_rectangle_contains(&asked->part, &shown.part)))
        begin_soon(preview);
}

static void on_zoom_toggled(GtkWidget *button, gpointer data)
{
    Preview *preview = data;
    if (preview->setting_zoom || !gtk_toggle_button_get_active(GTK_TOGGLE_BUTTON(button)))
        return;
    for (guint i = ZOOM_HALF; i <= ZOOM_DOUBLE; i++)
        if (button == preview->zooms[i])
            canvas_set_zoom(preview->canvas, PERCENTS[i]);
    if (button == preview->zooms[ZOOM_FIT])
        canvas_set_fit(preview->canvas);
}

static void on_original_toggled(GtkWidget *button, gpointer data)
{
    const Preview *preview = data;
    canvas_set_original(preview->canvas, gtk_toggle_button_get_active(GTK_TOGGLE_BUTTON(button)));
}

// Where all of the result is seen at once, a selection is a speck in it.
static void zoom_onto_selection(Preview *preview)
{
    static const double zooms[] = {800, 400, 200};
    const View *view = canvas_view(preview->canvas);
    const GeglRectangle *selection = &preview->subject->selection;
    if (!preview->to_zoom || view->width <= 0)
        return;
    preview->to_zoom = FALSE;
    if (view->width * view->factor_x > view->area_width ||
        view->height * view->factor_y > view->area_height)
        return;
    for (guint i = 0; i < G_N_ELEMENTS(zooms); i++) {
        const double zoom = zooms[i] / 100;
        if (selection->width * view->factor_x * zoom > view->area_width ||
            selection->height * view->factor_y * zoom > view->area_height)
            continue;
        canvas_set_zoom(preview->canvas, zooms[i]);
        return;
    }
}

void preview_update(Preview *preview, double x, double y)
{
    preview_follow(preview);
    preview->wanted = TRUE;
    preview->factor_x = x;
    preview->factor_y = y;
    canvas_set_factors(preview->canvas, x, y);
    zoom_onto_selection(preview);
    show_zoom(preview);
    map_update(preview->map);
    begin_soon(preview);
}

void preview_stop(Preview *preview)
{
    preview->wanted = FALSE;
    cancel(preview);
    say(preview, "");
}

// --- what is shown ---

static gint find_source(const Preview *preview)
{
    const Subject *subject = preview->subject;
    const gboolean has_layer =
        subject->layer.id > 0 && !subject->layer.is_group && !subject->has_floating;
    if (!scope_is_whole(scope_of(preview->values)) && has_layer)
        return subject->layer.id;
    return subject->only_layer > 0 && !subject->has_floating ? subject->only_layer : SOURCE_VISIBLE;
}

static void close_source(Preview *preview)
{
    g_clear_object(&preview->drawable);
    if (preview->visible > 0)
        host_layer_drop(preview->visible);
    preview->visible = preview->source = 0;
}

// Returns the layer to read; 0 when there is none.
static gint open_layer(Preview *preview, GError **error)
{
    preview->x = preview->y = 0;
    if (preview->source == SOURCE_VISIBLE)
        return preview->visible = host_layer_of_visible(preview->subject->image, error);
    if (preview->source == preview->subject->layer.id) {
        preview->x = preview->subject->layer.x;
        preview->y = preview->subject->layer.y;
    }
    return preview->source;
}

static void show_thumbnail(Preview *preview, gint layer, guint width, guint height)
{
    g_autoptr(GdkPixbuf) thumbnail =
        toolkit_thumbnail(layer, MIN(width, THUMBNAIL), MIN(height, THUMBNAIL));
    canvas_set_thumbnail(preview->canvas, thumbnail);
    map_set_thumbnail(preview->map, thumbnail);
}

static void open_source(Preview *preview)
{
    g_autofree char *warning = NULL;
    g_autoptr(GError) error = NULL;
    const gint layer = open_layer(preview, &error);
    preview->drawable = layer > 0 ? host_drawable_buffer(layer, &warning, &error) : NULL;
    canvas_set_before(preview->canvas, NULL);
    canvas_set_after(preview->canvas, NULL, FALSE);
    canvas_set_message(preview->canvas, preview->drawable != NULL ? NULL : error->message);
    preview->asked = (Shown){0};
    if (preview->drawable == NULL)
        return;
    const guint width = (guint)gegl_buffer_get_width(preview->drawable);
    const guint height = (guint)gegl_buffer_get_height(preview->drawable);
    canvas_set_size(preview->canvas, width, height);
    show_thumbnail(preview, layer, width, height);
    // What is selected is what the user looks at.
    double x = width / 2.0, y = height / 2.0;
    if (preview->subject->has_selection) {
        const GeglRectangle *selection = &preview->subject->selection;
        x = selection->x + selection->width / 2.0 - preview->x;
        y = selection->y + selection->height / 2.0 - preview->y;
    }
    canvas_center(preview->canvas, x, y);
}

void preview_follow(Preview *preview)
{
    const gint source = find_source(preview);
    if (preview->worker == NULL || source == preview->source)
        return;
    cancel(preview);
    close_source(preview);
    preview->source = source;
    open_source(preview);
    begin_soon(preview);
}

void preview_start(Preview *preview, Worker *worker)
{
    preview->worker = worker;
    gan_image_init(0);
    preview_follow(preview);
}

// --- start and end ---

static GtkWidget *make_zooms(Preview *preview)
{
    static const char *const labels[N_ZOOMS] = {
        [ZOOM_HALF] = N_("_50 %"), [ZOOM_WHOLE] = N_("_100 %"), [ZOOM_DOUBLE] = N_("_200 %")};
    GtkWidget *box = toolkit_box(GTK_ORIENTATION_HORIZONTAL, 0);
    preview->setting_zoom = TRUE;
    for (guint i = 0; i < N_ZOOMS; i++) {
        GtkRadioButton *group = i > 0 ? GTK_RADIO_BUTTON(preview->zooms[0]) : NULL;
        GtkWidget *zoom = gtk_radio_button_new_from_widget(group);
        preview->zooms[i] = zoom;
        gtk_toggle_button_set_mode(GTK_TOGGLE_BUTTON(zoom), FALSE);
        if (labels[i] != NULL)
            g_object_set(zoom, "label", _(labels[i]), "use-underline", TRUE, NULL);
        gtk_widget_set_tooltip_text(zoom, _("Size of the result's pixels"));
        gtk_widget_set_no_show_all(zoom, i == ZOOM_OTHER);
        g_signal_connect(zoom, "toggled", G_CALLBACK(on_zoom_toggled), preview);
        gtk_box_pack_start(GTK_BOX(box), zoom, FALSE, FALSE, 0);
    }
    GtkWidget *fit = preview->zooms[ZOOM_FIT];
    gtk_container_add(GTK_CONTAINER(fit),
                      gtk_image_new_from_icon_name(GIMP_ICON_ZOOM_FIT_BEST, GTK_ICON_SIZE_BUTTON));
    gtk_widget_set_tooltip_text(fit, _("Fit into the preview"));
    preview->setting_zoom = FALSE;
    return box;
}

static GtkWidget *make_original(Preview *preview)
{
    GtkWidget *original = gtk_toggle_button_new_with_mnemonic(_("Ori_ginal"));
    gtk_widget_set_tooltip_text(
        original, _("Show what is there now; holding the right mouse button on the preview does "
                    "the same"));
    g_signal_connect(original, "toggled", G_CALLBACK(on_original_toggled), preview);
    return original;
}

static GtkWidget *make_bar(Preview *preview)
{
    GtkWidget *buttons = toolkit_box(GTK_ORIENTATION_HORIZONTAL, 6);
    preview->percent = gtk_label_new(NULL);
    gtk_label_set_width_chars(GTK_LABEL(preview->percent), 6);
    gtk_box_pack_start(GTK_BOX(buttons), make_zooms(preview), FALSE, FALSE, 0);
    gtk_box_pack_start(GTK_BOX(buttons), preview->percent, FALSE, FALSE, 0);
    gtk_box_pack_end(GTK_BOX(buttons), make_original(preview), FALSE, FALSE, 0);
    preview->status = gtk_label_new(NULL);
    g_object_set(preview->status, "xalign", 0.0, "ellipsize", PANGO_ELLIPSIZE_END, NULL);
    GtkWidget *column = toolkit_box(GTK_ORIENTATION_VERTICAL, 6);
    gtk_box_pack_start(GTK_BOX(column), buttons, FALSE, FALSE, 0);
    gtk_box_pack_start(GTK_BOX(column), preview->status, FALSE, FALSE, 0);
    GtkWidget *bar = toolkit_box(GTK_ORIENTATION_HORIZONTAL, 12);
    gtk_box_pack_start(GTK_BOX(bar), map_widget(preview->map), FALSE, FALSE, 0);
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
    preview->to_zoom = subject->has_selection;
    preview->canvas = canvas_new(&(CanvasEvents){on_moved, preview});
    preview->map = map_new(preview->canvas);
    preview->box = toolkit_box(GTK_ORIENTATION_VERTICAL, 6);
    GtkWidget *frame = gtk_frame_new(NULL);
    gtk_frame_set_shadow_type(GTK_FRAME(frame), GTK_SHADOW_IN);
    gtk_container_add(GTK_CONTAINER(frame), canvas_widget(preview->canvas));
    gtk_box_pack_start(GTK_BOX(preview->box), frame, TRUE, TRUE, 0);
    gtk_box_pack_start(GTK_BOX(preview->box), make_bar(preview), FALSE, FALSE, 0);
    show_zoom(preview);
    gtk_widget_show_all(preview->box);
    return preview;
}

void preview_free(Preview *preview)
{
    if (preview == NULL)
        return;
    if (preview->timer_id != 0)
        g_source_remove(preview->timer_id);
    map_free(preview->map);
    canvas_free(preview->canvas);
    close_source(preview);
    g_free(preview);
}

GtkWidget *preview_widget(Preview *preview)
{
    return preview->box;
}
