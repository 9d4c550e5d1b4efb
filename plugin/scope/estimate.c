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

static void set_nothing(const Subject *subject, GError **error)
{
    if (subject->layer.id <= 0 || subject->layer.is_group)
        g_set_error(error, GAN_ERROR, GAN_ERROR_ARGUMENT,
                    _("No layer is active. Choose a layer in the Layers dialog, or work on the "
                      "whole image."));
    else
        g_set_error(error, GAN_ERROR, GAN_ERROR_ARGUMENT,
                    _("Nothing of the active layer is selected. Select a part of it, or choose "
                      "another scope."));
}

gboolean estimate_size(const Task *task, Session *session, const Values *values,
                       const Subject *subject, EstimateSize *size, GError **error)
{
    EstimateSize found = {0};
    if (!find_base(values, subject, &found.width, &found.height)) {
        set_nothing(subject, error);
        return FALSE;
    }
    if (!work_size(task, session, values, found.width, found.height, &found.new_width,
                   &found.new_height, error))
        return FALSE;
    *size = found;
    return TRUE;
}

// "400 x 320 pixels, about 12 s, 90 MB of memory"
static char *describe_cost(const EstimateSize *size, const TaskCost *cost)
{
    g_autofree char *pixels =
        g_strdup_printf(_("%u x %u pixels"), size->new_width, size->new_height);
    if (cost->memory_bytes == 0)
        return g_steal_pointer(&pixels);
    g_autofree char *memory = quantity_bytes(cost->memory_bytes);
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

// With a warning where there is one.
static char *describe(const EstimateSize *size, const TaskCost *cost, double result_pixels)
{
    char *text = describe_cost(size, cost);
    if (room_check(result_pixels * ROOM_LEAST_BYTES, NULL))
        return text;
    g_autofree char *alone = text;
    return g_strdup_printf("%s\n%s", alone,
                           _("The result is larger than what memory and GIMP's swap folder have "
                             "free. Choose a smaller size."));
}

// How often `of` goes into `made`; once into what is made of nothing.
static double times(double made, double of)
{
    return of > 0.0 ? made / of : 1.0;
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
        !task->cost(session, values, size.width, size.height, measure, &cost, &reason)) {
        work_fail(error, reason);
        return FALSE;
    }
    const double area = (double)size.width * size.height;
    const double parts =
        scope_is_whole(scope_of(values)) ? times((double)subject->n_layer_pixels, area) : 1.0;
    cost.seconds *= parts;
    *estimate = (ScopeEstimate){
        .width = size.new_width,
        .height = size.new_height,
        .factor_x = times(size.new_width, size.width),
        .factor_y = times(size.new_height, size.height),
        .level = level,
        .text = describe(&size, &cost, parts * size.new_width * size.new_height),
    };
    return TRUE;
}
