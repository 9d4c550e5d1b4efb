// SPDX-License-Identifier: LGPL-3.0-or-later
// A task's dialog, the same for all of them: the preview on the left, where the task has one; on
// the right the model, the task's own controls, its scope, Advanced and the estimate; the button
// that does it is named like the task.
//
// The first thing is to be seen: whatever takes long, the catalogue, the model, GEGL, waits until
// the window has been painted, and most of it then runs on the worker.
#include "dialog.h"

#include "../scope/scope.h"
#include "../session.h"
#include "entries.h"
#include "help.h"
#include "models.h"
#include "notice.h"
#include "preview.h"
#include "rows/rows.h"

#include <glib/gi18n-lib.h>

#define RESPONSE_RESET 1
// A number that is being typed or dragged changes many times a second.
#define PAUSE_MS 150
// GTK 2 lets an expander go on in steps.
#define SETTLE_MS 300
#define COLUMN_WIDTH 460
// Without growing, the window has room for Advanced, and stays within a small screen.
#define WINDOW_WIDTH 980
#define WINDOW_HEIGHT 600
// What the screen must have beside the rows: the window's title, buttons, the estimate, a panel.
#define BESIDE_ROWS 240

typedef struct {
    const Task *task;
    const Subject *subject;
    Values *values; // what the rows show
    GtkWidget *window, *notice, *estimate;
    char *impossible; // why the scope has nothing to work on; NULL: it has
    Rows *rows;
    Preview *preview; // NULL: the task has none
    Worker *worker;   // NULL before the start
    Session *session; // for `sensitive`, on the main thread
    gboolean has_catalogue;
    guint start_id, timer_id, fit_id;
    gint height, seen_height; // that the window had of its own or the user's will, and has now
} Dialog;

// One estimate on its way.
typedef struct {
    Dialog *dialog;
    Values *values;
    gboolean works;
    gboolean about_models; // whether Models… may help
    gboolean possible;     // the scope has something to work on
    char *problem;
} Estimate;

static void estimate_free(gpointer data)
{
    Estimate *estimate = data;
    values_free(estimate->values);
    g_free(estimate->problem);
    g_free(estimate);
}

static void known_free(gpointer data)
{
    ScopeEstimate *known = data;
    g_free(known->text);
    g_free(known);
}

// --- what the window says ---

static void set_works(Dialog *dialog, gboolean works)
{
    gtk_dialog_set_response_sensitive(GTK_DIALOG(dialog->window), GTK_RESPONSE_OK, works);
}

// What made the window taller may be gone again; GTK leaves it as tall.
static gboolean fit(gpointer data)
{
    Dialog *dialog = data;
    gint width = 0, height = 0;
    dialog->fit_id = 0;
    gtk_window_get_size(GTK_WINDOW(dialog->window), &width, &height);
    const gint wanted = MAX(dialog->height, toolkit_height(dialog->window));
    if (height > wanted)
        gtk_window_resize(GTK_WINDOW(dialog->window), width, wanted);
    return G_SOURCE_REMOVE;
}

static void fit_soon(Dialog *dialog)
{
    if (dialog->fit_id == 0)
        dialog->fit_id = g_timeout_add(SETTLE_MS, fit, dialog);
}

static void on_expanded(GtkWidget *expander, GParamSpec *property, gpointer data)
{
    fit_soon(data);
}

// A height is somebody's will where the rows do not need it, or where they had more.
static gboolean on_configured(GtkWidget *window, GdkEventConfigure *event, gpointer data)
{
    Dialog *dialog = data;
    const gint height = event->height;
    if (dialog->seen_height > 0 && height != dialog->seen_height &&
        (height < dialog->height || height > toolkit_height(window)))
        dialog->height = height;
    dialog->seen_height = height;
    return FALSE;
}

// All that stands in the way in one notice, be it the image's or the model's.
static void show_problem(Dialog *dialog, const char *problem, gboolean about_models)
{
    g_autofree char *both = problem != NULL && dialog->impossible != NULL
                                ? g_strdup_printf("%s\n%s", dialog->impossible, problem)
                                : g_strdup(problem != NULL ? problem : dialog->impossible);
    notice_say(dialog->notice, both, about_models);
    if (both != NULL)
        gtk_label_set_text(GTK_LABEL(dialog->estimate), "");
    set_works(dialog, both == NULL);
    fit_soon(dialog);
}

// What is active in the image, and what the scope comes to there: known without any model.
static void show_scope(Dialog *dialog)
{
    g_autoptr(GError) error = NULL;
    g_clear_pointer(&dialog->impossible, g_free);
    if (!scope_check_subject(dialog->values, dialog->subject, &error))
        dialog->impossible = g_strdup(error->message);
    if (dialog->subject->image > 0) {
        g_autofree char *meaning = scope_meaning(dialog->values, dialog->subject);
        rows_say(dialog->rows, "scope", meaning);
    }
    if (dialog->impossible != NULL)
        show_problem(dialog, NULL, FALSE);
    if (dialog->preview != NULL)
        preview_follow(dialog->preview);
}

static void show_estimate(gpointer data, gpointer item)
{
    Dialog *dialog = ((Estimate *)data)->dialog;
    const ScopeEstimate *known = item;
    gtk_label_set_text(GTK_LABEL(dialog->estimate), known->text);
}

// The first answer, which needs no measuring.
static void show_works(gpointer data, gpointer item)
{
    Dialog *dialog = ((Estimate *)data)->dialog;
    show_problem(dialog, NULL, FALSE);
    show_estimate(data, item);
    const ScopeEstimate *known = item;
    rows_set_level(dialog->rows, &known->level);
    if (dialog->preview != NULL)
        preview_update(dialog->preview, known->factor_x, known->factor_y);
}

static void show_outcome(gpointer data)
{
    Estimate *estimate = data;
    Dialog *dialog = estimate->dialog;
    if (estimate->works)
        return;
    show_problem(dialog, estimate->problem, estimate->about_models);
    if (dialog->preview != NULL)
        preview_stop(dialog->preview);
}

// --- the estimate ---

static gboolean concerns_models(const GError *error)
{
    return error->domain == GAN_ERROR && error->code != GAN_ERROR_ARGUMENT &&
           error->code != GAN_ERROR_MEMORY && error->code != GAN_ERROR_DEVICE;
}

static void estimate_run(WorkerJob *job, Session *session, gpointer data)
{
    Estimate *estimate = data;
    const Task *task = estimate->dialog->task;
    const Subject *subject = estimate->dialog->subject;
    g_autoptr(GError) unable = NULL;
    // What else stands in the way, so that it can all be mended at once.
    if (!estimate->possible) {
        if (!scope_check(task, session, estimate->values, &unable)) {
            estimate->problem = g_strdup(unable->message);
            estimate->about_models = concerns_models(unable);
        }
        return;
    }
    // At once what is known at once; the time when it is measured.
    for (int measure = 0; measure < 2 && worker_go_on(0, job); measure++) {
        g_autoptr(GError) error = NULL;
        ScopeEstimate known;
        estimate->works =
            scope_estimate(task, session, estimate->values, subject, measure > 0, &known, &error);
        if (!estimate->works) {
            estimate->problem = g_strdup(error->message);
            estimate->about_models = concerns_models(error);
            return;
        }
        worker_tell(job, measure == 0 ? show_works : show_estimate,
                    g_memdup2(&known, sizeof(known)), known_free);
    }
}

static gboolean begin_estimate(gpointer data)
{
    static const WorkerWork work = {estimate_run, NULL, show_outcome, estimate_free};
    Dialog *dialog = data;
    dialog->timer_id = 0;
    Estimate *estimate = g_new0(Estimate, 1);
    estimate->dialog = dialog;
    estimate->possible = dialog->impossible == NULL;
    estimate->values = values_copy(dialog->values);
    worker_post(dialog->worker, WORKER_ESTIMATE, &work, estimate);
    return G_SOURCE_REMOVE;
}

static void update_unused(Dialog *dialog)
{
    if (dialog->task->unused == NULL)
        return;
    g_autofree const char **reasons = g_new0(const char *, dialog->task->n_arguments);
    dialog->task->unused(dialog->session, dialog->values, dialog->subject, reasons);
    rows_set_unused(dialog->rows, reasons);
}

// The values, or what they mean, are others now.
static void changed(gpointer data)
{
    Dialog *dialog = data;
    if (dialog->has_catalogue)
        update_unused(dialog);
    show_scope(dialog);
    if (!dialog->has_catalogue)
        return;
    if (dialog->timer_id != 0)
        g_source_remove(dialog->timer_id);
    dialog->timer_id = 0;
    worker_cancel(dialog->worker, WORKER_ESTIMATE);
    if (dialog->preview != NULL)
        preview_stop(dialog->preview);
    dialog->timer_id = g_timeout_add(PAUSE_MS, begin_estimate, dialog);
}

// --- models and devices ---

// What a run takes for "".
static const char *default_model(const Dialog *dialog, const Argument *argument)
{
    if (argument->kind != ARGUMENT_MODEL)
        return NULL;
    const GanTask task = entries_task(dialog->task, argument);
    Session *session = task == session_task(dialog->session)
                           ? dialog->session
                           : session_beside(dialog->session, task);
    const GanCatalogueEntry *entry = session_entry(session, "", NULL);
    return entry != NULL ? entry->name : NULL;
}

static void on_models(GPtrArray *entries, const char *problem, gpointer data)
{
    Dialog *dialog = data;
    if (problem != NULL) {
        show_problem(dialog, problem, TRUE);
        return;
    }
    // The worker has just looked, so that this look finds everything in the cache.
    session_refresh(dialog->session);
    dialog->has_catalogue = TRUE;
    g_autofree const char **defaults = g_new0(const char *, dialog->task->n_arguments);
    for (guint i = 0; i < dialog->task->n_arguments; i++)
        defaults[i] = default_model(dialog, &dialog->task->arguments[i]);
    rows_set_models(dialog->rows, entries, defaults);
    changed(dialog);
}

static void on_devices(const DeviceItem *items, guint n, gpointer data)
{
    Dialog *dialog = data;
    rows_set_devices(dialog->rows, items, n);
}

static void manage_models(gpointer data)
{
    Dialog *dialog = data;
    models_run(GTK_WINDOW(dialog->window));
    if (dialog->worker != NULL)
        entries_load(dialog->worker, on_models, dialog);
}

static void on_manage_clicked(GtkWidget *button, gpointer data)
{
    manage_models(data);
}

// --- the window ---

static gboolean start(gpointer data)
{
    Dialog *dialog = data;
    dialog->start_id = 0;
    dialog->worker = worker_new(session_task(dialog->session));
    entries_load(dialog->worker, on_models, dialog);
    devices_load(dialog->worker, on_devices, dialog);
    if (dialog->preview != NULL)
        preview_start(dialog->preview, dialog->worker);
    return G_SOURCE_REMOVE;
}

static gboolean on_mapped(GtkWidget *window, GdkEvent *event, gpointer data)
{
    Dialog *dialog = data;
    // Below painting.
    if (dialog->worker == NULL && dialog->start_id == 0)
        dialog->start_id = g_idle_add_full(G_PRIORITY_LOW, start, dialog, NULL);
    return FALSE;
}

// Called with the window.
static void show_help(const gchar *help_id, gpointer data)
{
    const Dialog *dialog = g_object_get_data(data, "dialog");
    help_show(GTK_WINDOW(dialog->window), _(dialog->task->title), _(dialog->task->blurb),
              _(dialog->task->help));
}

static GtkWidget *make_notice(Dialog *dialog)
{
    // Beside the model stands another one, with the letter.
    GtkWidget *manage = gtk_button_new_with_label(_("Models…"));
    g_signal_connect(manage, "clicked", G_CALLBACK(on_manage_clicked), dialog);
    dialog->notice = notice_new(COLUMN_WIDTH, manage);
    return dialog->notice;
}

// The rows, which scroll where the screen is too low for them.
static GtkWidget *make_rows(Dialog *dialog)
{
    const RowsParams params = {.task = dialog->task,
                               .values = dialog->values,
                               .subject = dialog->subject,
                               .changed = changed,
                               .models = manage_models,
                               .data = dialog};
    dialog->rows = rows_new(&params);
    GtkWidget *rows = rows_widget(dialog->rows);
    const gint room = MAX(toolkit_screen_height() - BESIDE_ROWS, 200);
    return rows_height(dialog->rows) > room ? toolkit_scrolled(rows, room) : rows;
}

static GtkWidget *make_column(Dialog *dialog)
{
    GtkWidget *column = toolkit_box(GTK_ORIENTATION_VERTICAL, 12);
    gtk_widget_set_size_request(column, COLUMN_WIDTH, -1);
    gtk_box_pack_start(GTK_BOX(column), make_rows(dialog), TRUE, TRUE, 0);
    dialog->estimate = gtk_label_new(NULL);
    g_object_set(dialog->estimate, "wrap", TRUE, "xalign", 0.0, NULL);
    gtk_widget_set_size_request(dialog->estimate, COLUMN_WIDTH, -1);
    gtk_box_pack_end(GTK_BOX(column), dialog->estimate, FALSE, FALSE, 0);
    gtk_box_pack_end(GTK_BOX(column), make_notice(dialog), FALSE, FALSE, 0);
    return column;
}

// "_Upscale…" without what says that a dialog follows.
static char *action_label(const Task *task)
{
    g_auto(GStrv) parts = g_strsplit(_(task->label), "…", -1);
    return g_strjoinv("", parts);
}

static void make_window(Dialog *dialog)
{
    static const gint order[] = {GTK_RESPONSE_OK, RESPONSE_RESET, GTK_RESPONSE_CANCEL};
    g_autofree char *role = g_strconcat("gimp-gan-", dialog->task->name, NULL);
    g_autofree char *help_id = g_strconcat("plug-in-gan-", dialog->task->name, NULL);
    g_autofree char *action = action_label(dialog->task);
    dialog->window = gimp_dialog_new(_(dialog->task->title), role, NULL, (GtkDialogFlags)0,
                                     show_help, help_id, _("_Reset"), RESPONSE_RESET, _("_Cancel"),
                                     GTK_RESPONSE_CANCEL, action, GTK_RESPONSE_OK, NULL);
    g_object_set_data(G_OBJECT(dialog->window), "dialog", dialog);
    toolkit_button_order(dialog->window, order, G_N_ELEMENTS(order));
    gtk_dialog_set_default_response(GTK_DIALOG(dialog->window), GTK_RESPONSE_OK);
    gtk_window_set_icon_name(GTK_WINDOW(dialog->window), "gimp-gan");
    gimp_window_set_transient(GTK_WINDOW(dialog->window));
    GtkWidget *content = toolkit_box(GTK_ORIENTATION_HORIZONTAL, 12);
    gtk_container_set_border_width(GTK_CONTAINER(content), 12);
    if (dialog->subject->image > 0) {
        dialog->preview = preview_new(dialog->task, dialog->values, dialog->subject);
        gtk_box_pack_start(GTK_BOX(content), preview_widget(dialog->preview), TRUE, TRUE, 0);
    }
    gtk_box_pack_start(GTK_BOX(content), make_column(dialog), dialog->preview == NULL, TRUE, 0);
    gtk_box_pack_start(GTK_BOX(gtk_dialog_get_content_area(GTK_DIALOG(dialog->window))), content,
                       TRUE, TRUE, 0);
    gtk_widget_show_all(content);
    if (dialog->preview != NULL) {
        dialog->height = WINDOW_HEIGHT;
        gtk_window_set_default_size(GTK_WINDOW(dialog->window), WINDOW_WIDTH, WINDOW_HEIGHT);
    }
    g_signal_connect(dialog->window, "configure-event", G_CALLBACK(on_configured), dialog);
    if (rows_advanced(dialog->rows) != NULL)
        g_signal_connect(rows_advanced(dialog->rows), "notify::expanded", G_CALLBACK(on_expanded),
                         dialog);
    g_signal_connect(dialog->window, "map-event", G_CALLBACK(on_mapped), dialog);
    show_scope(dialog);
}

static void reset(Dialog *dialog)
{
    const Task *task = dialog->task;
    g_autoptr(Values) initial = values_new(task->arguments, task->n_arguments);
    for (guint i = 0; i < task->n_arguments; i++) {
        const Argument *argument = &task->arguments[i];
        if (argument->look != ARGUMENT_HIDDEN)
            values_take(dialog->values, initial, argument->name);
    }
    rows_reset(dialog->rows);
    changed(dialog);
}

// Ends what runs, then frees what it used.
static void dialog_clear(Dialog *dialog)
{
    if (dialog->start_id != 0)
        g_source_remove(dialog->start_id);
    if (dialog->timer_id != 0)
        g_source_remove(dialog->timer_id);
    if (dialog->fit_id != 0)
        g_source_remove(dialog->fit_id);
    worker_free(dialog->worker);
    gtk_widget_destroy(dialog->window);
    preview_free(dialog->preview);
    rows_free(dialog->rows);
    g_free(dialog->impossible);
    session_free(dialog->session);
    values_free(dialog->values);
}

gboolean dialog_run(const Task *task, Values *values, const Subject *subject)
{
    toolkit_init();
    Dialog dialog = {.task = task, .subject = subject};
    dialog.values = values_copy(values);
    dialog.session = session_new(gan_task_parse(task->name));
    make_window(&dialog);
    gint response = 0;
    while ((response = gimp_dialog_run(GIMP_DIALOG(dialog.window))) == RESPONSE_RESET)
        reset(&dialog);
    // A number that is still being typed counts when its field loses the focus.
    gtk_window_set_focus(GTK_WINDOW(dialog.window), NULL);
    gtk_widget_hide(dialog.window);
    while (gtk_events_pending())
        gtk_main_iteration();
    if (response == GTK_RESPONSE_OK)
        for (guint i = 0; i < task->n_arguments; i++)
            values_take(values, dialog.values, task->arguments[i].name);
    dialog_clear(&dialog);
    return response == GTK_RESPONSE_OK;
}
