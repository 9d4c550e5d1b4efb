// SPDX-License-Identifier: LGPL-3.0-or-later
// What is known of a run before it: sizes, memory, time.
#include "../quantity.h"
#include "room.h"
#include "work.h"

#include <glib/gi18n-lib.h>

// What is worked on: the size that width and height are given for. FALSE: there is nothing.
static gboolean find_base(const Values *values, const Subject *subject, guint *width, guint *height)
{
    const Scope scope = scope_of(values);
    GeglRectangle area;
    if (scope_is_whole(scope)) {
        *width = subject->info.width;
        *height = subject->info.height;
        return TRUE;
    }
    if (subject->layer.id <= 0 || subject->layer.is_group)
        return FALSE;
    *width = subject->layer.width;
    *height = subject->layer.height;
    if (scope == SCOPE_LAYER)
        return TRUE;
    if (!subject->has_selection || !work_selected(&subject->layer, &subject->selection, &area))
        return FALSE;
    *width = (guint)area.width;
    *height = (guint)area.height;
    return TRUE;
}

void scope_base_size(const Values *values, const Subject *subject, guint *width, guint *height)
{
    *width = subject->info.width;
    *height = subject->info.height;
    find_base(values, subject, width, height);
}

gboolean estimate_size(const Task *task, Session *session, const Values *values,
                       const Subject *subject, EstimateSize *size, GError **error)
{
    EstimateSize found = {0};
    if (!scope_check_subject(values, subject, error))
        return FALSE;
    find_base(values, subject, &found.width, &found.height);
    if (!work_size(task, session, values, found.width, found.height, &found.new_width,
                   &found.new_height, error))
        return FALSE;
    *size = found;
    return TRUE;
}

// "400 x 320 pixels, about 12 s, 90 MB of memory"
static char *describe_cost(const EstimateSize *size, const TaskCost *cost, double needed_bytes)
{
    g_autofree char *pixels =
        g_strdup_printf(_("%u x %u pixels"), size->new_width, size->new_height);
    if (cost->memory_bytes == 0)
        return g_steal_pointer(&pixels);
    g_autofree char *memory = quantity_bytes((guint64)MIN(needed_bytes, 1e18));
    g_autofree char *time = cost->seconds > 0.0 ? quantity_time(cost->seconds) : NULL;
    char *text = time != NULL
                     // Translators: %s is "400 x 320 pixels", a time and an amount of memory.
                     ? g_strdup_printf(_("%s, about %s, %s of memory"), pixels, time, memory)
                     : g_strdup_printf(_("%s, %s of memory"), pixels, memory);
    if (cost->gpu_bytes > 0) {
        g_autofree char *alone = text, *gpu_memory = quantity_bytes(cost->gpu_bytes);
        // Translators: %s is "400 x 320 pixels, 90 MB of memory" and then an amount, "300 MB".
        text = g_strdup_printf(_("%s and %s of the GPU's"), alone, gpu_memory);
    }
    return text;
}

// What nobody would think of who knows the model's scale.
static char *describe_runs(const TaskCost *cost)
{
    if (cost->n_passes > 1 && cost->twice)
        return g_strdup_printf(_("The network runs %u times: this size is beyond one run, and "
                                 "transparency takes as many again."),
                               2 * cost->n_passes);
    if (cost->n_passes == 2)
        return g_strdup(_("The network runs twice, as this size is beyond one run."));
    if (cost->n_passes > 2)
        return g_strdup_printf(_("The network runs %u times, as this size is beyond one run."),
                               cost->n_passes);
    return cost->twice ? g_strdup(_("The network runs twice, once for the transparency.")) : NULL;
}

static char *describe(const EstimateSize *size, const TaskCost *cost, double needed_bytes)
{
    char *text = describe_cost(size, cost, needed_bytes);
    g_autofree char *runs = describe_runs(cost);
    if (runs == NULL)
        return text;
    g_autofree char *alone = text;
    return g_strdup_printf("%s\n%s", alone, runs);
}

// How often `of` goes into `made`; once into what is made of nothing.
static double times(double made, double of)
{
    return of > 0.0 ? made / of : 1.0;
}

// A run over all that is worked on: its parts may be meant differently, and what is measured is one.
static gboolean find_cost(const Task *task, Session *session, const Values *values,
                          const Subject *subject, const EstimateSize *size, gboolean measure,
                          TaskCost *cost, GError **error)
{
    static const HostLayer kinds[] = {
        {0}, {.has_alpha = TRUE}, {.has_alpha = TRUE, .is_text = TRUE}};
    const double area = (double)size->width * size->height;
    const gboolean whole = scope_is_whole(scope_of(values)) && area > 0.0;
    g_autoptr(Values) suited = work_suited(task, values, whole ? &kinds[0] : &subject->layer);
    if (!task->cost(session, suited, size->width, size->height, measure, cost, error))
        return FALSE;
    if (!whole)
        return TRUE;
    const double all = (double)subject->n_layer_pixels, alpha = (double)subject->n_alpha_pixels,
                 text = (double)subject->n_text_pixels;
    const double pixels[] = {all - alpha, alpha - text, text};
    const double seconds = cost->seconds;
    cost->seconds = seconds * pixels[0] / area;
    for (guint i = 1; i < G_N_ELEMENTS(kinds); i++) {
        if (pixels[i] <= 0.0)
            continue;
        TaskCost of_kind = {0};
        g_autoptr(Values) meant = work_suited(task, values, &kinds[i]);
        if (!task->cost(session, meant, size->width, size->height, FALSE, &of_kind, error))
            return FALSE;
        cost->seconds += seconds * pixels[i] / area * (of_kind.twice ? 2.0 : 1.0);
        cost->twice |= of_kind.twice;
    }
    return TRUE;
}

// What is worked on and what becomes of it, in bytes.
static double find_needed(const Values *values, const Subject *subject, const EstimateSize *size,
                          const TaskCost *cost)
{
    const double before = (double)size->width * size->height;
    const double after = (double)size->new_width * size->new_height;
    double source = before * MAX(subject->layer.pixel_bytes, ROOM_LEAST_BYTES);
    if (scope_is_whole(scope_of(values)))
        source = subject->n_layer_bytes > 0 ? (double)subject->n_layer_bytes
                                            : (double)subject->n_layer_pixels * ROOM_LEAST_BYTES;
    const double result = before > 0.0 ? source * after / before : after * ROOM_LEAST_BYTES;
    return room_needed(cost->memory_bytes, source, result);
}

gboolean scope_estimate(const Task *task, Session *session, const Values *values,
                        const Subject *subject, gboolean measure, ScopeEstimate *estimate,
                        GError **error)
{
    EstimateSize size;
    TaskCost cost = {0};
    TaskLevel level = {0};
    GError *reason = NULL;
    if (!scope_check(task, session, values, error) ||
        !estimate_size(task, session, values, subject, &size, error) ||
        (task->level != NULL && !task->level(session, values, &level, error)))
        return FALSE;
    if (task->cost != NULL &&
        !find_cost(task, session, values, subject, &size, measure, &cost, &reason)) {
        work_fail(error, reason);
        return FALSE;
    }
    const double needed = find_needed(values, subject, &size, &cost);
    if (!room_check(needed, error))
        return FALSE;
    *estimate = (ScopeEstimate){
        .width = size.new_width,
        .height = size.new_height,
        .factor_x = times(size.new_width, size.width),
        .factor_y = times(size.new_height, size.height),
        .level = level,
        .text = describe(&size, &cost, needed),
    };
    return TRUE;
}
