// SPDX-License-Identifier: LGPL-3.0-or-later
#include "scope.h"

#include "../session.h"
#include "work.h"

#include <glib/gi18n-lib.h>
#include <math.h>

const ArgumentChoice scope_choices[] = {
    [SCOPE_IMAGE] = {"image", N_("The whole image")},
    [SCOPE_NEW_IMAGE] = {"new-image", N_("The whole image, as a new image")},
    [SCOPE_LAYER] = {"layer", N_("The active layer, as a new layer")},
    [SCOPE_SELECTION] = {"selection", N_("The selection, as a new layer")},
    [SCOPE_SELECTION_NEW_IMAGE] = {"selection-new-image", N_("The selection, as a new image")},
    {NULL, NULL},
};

Scope scope_of(const Values *values)
{
    return values_has(values, "scope") ? (Scope)values_integer(values, "scope") : SCOPE_IMAGE;
}

gboolean scope_is_whole(Scope scope)
{
    return scope == SCOPE_IMAGE || scope == SCOPE_NEW_IMAGE;
}

// --- what the values and the task say ---

void work_fail(GError **error, GError *reason)
{
    if (g_error_matches(reason, GAN_ERROR, GAN_ERROR_MEMORY))
        g_prefix_error(&reason, "%s ",
                       _("There is too little memory: close other images or programs, choose a "
                         "smaller model, or work on fewer pixels at a time."));
    else if (g_error_matches(reason, GAN_ERROR, GAN_ERROR_UNSUPPORTED))
        g_prefix_error(&reason, "%s ",
                       _("This model does not work here; choose another model or device."));
    g_propagate_error(error, reason);
}

gboolean scope_check(const Task *task, Session *session, const Values *values, GError **error)
{
    GError *reason = NULL;
    if (task->check == NULL || task->check(session, values, &reason))
        return TRUE;
    work_fail(error, reason);
    return FALSE;
}

gboolean work_size(const Task *task, Session *session, const Values *values, guint width,
                   guint height, guint *new_width, guint *new_height, GError **error)
{
    *new_width = width;
    *new_height = height;
    return task->size == NULL ||
           task->size(session, values, width, height, new_width, new_height, error);
}

gboolean work_reach(const Task *task, Session *session, const Values *values, TaskReach *reach,
                    GError **error)
{
    *reach = (TaskReach){.margin = 0, .grid = 1};
    return task->reach == NULL || task->reach(session, values, reach, error);
}

GeglBuffer *work_run(const Job *job, const HostLayer *layer, GeglBuffer *in, guint width,
                     guint height, Progress *progress, GError **error)
{
    GError *reason = NULL;
    g_autoptr(Values) values = work_suited(job->task, job->values, layer);
    GeglBuffer *out = job->task->work(job->session, values, in, width, height, progress_update,
                                      progress, &reason);
    if (out == NULL)
        work_fail(error, reason);
    return out;
}

Values *work_suited(const Task *task, const Values *values, const HostLayer *layer)
{
    Values *suited = values_copy(values);
    if (task->suit != NULL && layer != NULL)
        task->suit(suited, layer);
    return suited;
}

guint64 work_network_bytes(const Job *job, guint width, guint height)
{
    TaskCost cost = {0};
    if (job->task->cost == NULL ||
        !job->task->cost(job->session, job->values, width, height, FALSE, &cost, NULL))
        return 0;
    return cost.memory_bytes;
}

gboolean work_selected(const HostLayer *layer, const GeglRectangle *selection, GeglRectangle *area)
{
    const GeglRectangle whole = {layer->x, layer->y, (gint)layer->width, (gint)layer->height};
    return gegl_rectangle_intersect(area, &whole, selection) != FALSE;
}

HostInterpolation work_interpolation(const Values *values)
{
    return values_has(values, "interpolation")
               ? (HostInterpolation)values_integer(values, "interpolation")
               : HOST_INTERPOLATION_CUBIC;
}

gboolean work_keep_print_size(const Values *values, gint image, const HostImageInfo *before,
                              double x, double y, GError **error)
{
    if (!values_has(values, "keep-print-size") || !values_integer(values, "keep-print-size"))
        return TRUE;
    return host_image_set_resolution(image, before->x_resolution * x, before->y_resolution * y,
                                     error);
}

char *work_result_name(const Task *task, const char *name, double factor)
{
    if (factor != 1.0)
        return g_strdup_printf("%s ×%.3g", name, factor);
    if (task->result == NULL)
        return g_strdup(name);
    g_auto(GStrv) parts = g_strsplit(_(task->result), "%s", 2);
    return g_strjoinv(name, parts);
}

void work_hand_over(Job *job, gint image, gint layer, const char *name)
{
    host_undo_enable(image);
    job->result_image = image;
    job->result_drawable = layer;
    if (!job->interactive)
        return;
    host_image_set_name(image, name, job->image);
    host_image_show(image);
}

// --- the run ---

static gboolean run(Job *job, GError **error)
{
    const Scope scope = scope_of(job->values);
    if (job->task->from_nothing)
        return new_run(job, error);
    return scope_is_whole(scope) ? whole_run(job, scope == SCOPE_NEW_IMAGE, error)
                                 : layer_run(job, scope, error);
}

gboolean scope_run(Job *job, GError **error)
{
    const gint64 began_us = g_get_monotonic_time();
    job->result_image = job->image;
    job->result_drawable = job->drawable;
    if (!scope_check(job->task, job->session, job->values, error))
        return FALSE;
    const gboolean done = run(job, error);
    if (done)
        g_log(SESSION_LOG_DOMAIN, G_LOG_LEVEL_DEBUG, "the network took %.3f s, all of it %.3f s",
              session_network_seconds(job->session),
              (double)(g_get_monotonic_time() - began_us) * 1e-6);
    return done;
}

// --- the preview ---

gboolean scope_preview_margin(const Task *task, Session *session, const Values *values,
                              guint *margin, GError **error)
{
    TaskReach reach;
    if (!work_reach(task, session, values, &reach, error))
        return FALSE;
    *margin = reach.margin;
    return TRUE;
}

GeglBuffer *scope_preview(const Task *task, Session *session, const Values *values,
                          const Subject *subject, GeglBuffer *in, double *scale_x, double *scale_y,
                          GanProgress progress, gpointer data, GError **error)
{
    EstimateSize size;
    const GeglRectangle *extent = gegl_buffer_get_extent(in);
    if (!estimate_size(task, session, values, subject, &size, error))
        return NULL;
    const double wide = round((double)extent->width * size.new_width / size.width);
    const double high = round((double)extent->height * size.new_height / size.height);
    GError *reason = NULL;
    const HostLayer *layer = scope_is_whole(scope_of(values)) ? NULL : &subject->layer;
    g_autoptr(Values) suited = work_suited(task, values, layer);
    GeglBuffer *out = task->work(session, suited, in, (guint)MAX(wide, 1.0), (guint)MAX(high, 1.0),
                                 progress, data, &reason);
    if (out == NULL) {
        work_fail(error, reason);
        return NULL;
    }
    *scale_x = (double)gegl_buffer_get_width(out) / extent->width;
    *scale_y = (double)gegl_buffer_get_height(out) / extent->height;
    return out;
}
