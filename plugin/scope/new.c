// SPDX-License-Identifier: LGPL-3.0-or-later
// Makes a new image from nothing: its size, its pixels and what these mean are the task's.
#include "work.h"

#include "room.h"
#include <glib/gi18n-lib.h>

static GeglBuffer *make_pixels(const Job *job, GError **error)
{
    guint width = 0, height = 0;
    if (!work_size(job->task, job->session, job->values, 0, 0, &width, &height, error) ||
        !room_take(work_network_bytes(job, 0, 0), 0.0, (double)width * height * ROOM_LEAST_BYTES,
                   error))
        return NULL;
    g_auto(Progress) progress = {0};
    progress_begin(&progress, _(job->task->title), 1.0);
    progress_part(&progress, NULL, 1.0);
    return work_run(job, NULL, NULL, width, height, &progress, error);
}

gboolean new_run(Job *job, GError **error)
{
    const Task *task = job->task;
    g_autoptr(GeglBuffer) pixels = make_pixels(job, error);
    if (pixels == NULL)
        return FALSE;
    const gint image =
        host_image_new(gegl_buffer_get_format(pixels), (guint)gegl_buffer_get_width(pixels),
                       (guint)gegl_buffer_get_height(pixels), error);
    if (image <= 0)
        return FALSE;
    const char *name = _(task->result != NULL ? task->result : task->title);
    host_undo_disable(image);
    const gint layer = host_layer_new(image, name, pixels, 0, 0, 0, NULL, error);
    if (layer <= 0) {
        host_image_delete(image);
        return FALSE;
    }
    work_hand_over(job, image, layer, name);
    return TRUE;
}
