// SPDX-License-Identifier: LGPL-3.0-or-later
// Runs a plan on a device with memory of its own: the picture goes up, the nodes are queued, or a
// recording of them is played, and the result comes down; several runs are under way at once.
#include "plan-private.h"

#include <math.h>

gsize gan_plan_n_slots(const GanPlan *plan)
{
    const GkDevice *gpu = gan_device_backend(plan->program->device)->device;
    return gpu != NULL ? gpu->n_slots : 1;
}

gboolean gan_plan_overflowed(const GanPlan *plan)
{
    return plan->overflowed;
}

void gan_queue_forget(GanPlan *plan)
{
    const GkDevice *gpu = gan_device_backend(plan->program->device)->device;
    if (gpu != NULL)
        gpu->recording_free(gan_device_context(plan->program->device), plan->recording);
    plan->recording = NULL;
}

static gboolean queue_nodes(GanPlan *plan, GError **error)
{
    const GanGraph *graph = plan->program->graph;
    for (guint i = 0; i < gan_graph_n_nodes(graph); i++)
        if (plan->values[i].computed &&
            !gan_plan_run_node(plan, gan_graph_node(graph, i), NULL, NULL, error))
            return FALSE;
    return TRUE;
}

// Records the nodes; a device that cannot goes on without.
static void record(GanPlan *plan)
{
    const GkDevice *gpu = gan_device_backend(plan->program->device)->device;
    GkContext *context = gan_device_context(plan->program->device);
    if (plan->recording != NULL || plan->no_recording || plan->n_runs == 0)
        return;
    plan->no_recording = TRUE;
    if (gpu->record(context) != GK_OK)
        return;
    const gboolean queued = queue_nodes(plan, NULL);
    if (gpu->record_end(context, &plan->recording) == GK_OK && queued)
        plan->no_recording = FALSE;
    else
        gan_queue_forget(plan);
}

static gboolean compute(GanPlan *plan, GError **error)
{
    const GkDevice *gpu = gan_device_backend(plan->program->device)->device;
    record(plan);
    if (plan->recording != NULL) {
        const GkStatus status =
            gpu->replay(gan_device_context(plan->program->device), plan->recording);
        if (status != GK_ERROR_UNSUPPORTED)
            return gan_device_check_on(plan->program->device, status, "network", error);
        // The memory that it was made with has moved: once more by hand, and record the next.
        gan_queue_forget(plan);
    }
    return queue_nodes(plan, error);
}

gboolean gan_plan_start(GanPlan *plan, gsize slot, const GkView *in, GError **error)
{
    const GanDevice *device = plan->program->device;
    const GkDevice *gpu = gan_device_backend(device)->device;
    GkContext *context = gan_device_context(device);
    const GanGraph *graph = plan->program->graph;
    g_return_val_if_fail(gpu != NULL && slot < gpu->n_slots, FALSE);
    g_return_val_if_fail(in->n == plan->n && in->h == plan->h && in->w == plan->w, FALSE);
    if (!gan_plan_allocate(plan, error))
        return FALSE;
    const GkView to = gan_plan_value_view(plan, gan_graph_input(graph), NULL, NULL);
    const GkView from = gan_plan_value_view(plan, gan_graph_output(graph), NULL, NULL);
    if (!gan_device_check_on(device, gpu->upload(context, slot, in, &to), "input", error) ||
        !compute(plan, error) ||
        !gan_device_check_on(device, gpu->download(context, slot, &from), "output", error))
        return FALSE;
    plan->n_runs++;
    return TRUE;
}

// A value that was lost on the way may show at the end only, as no number.
static gboolean is_finite(const GkView *view)
{
    const float *values = view->data;
    const gsize n = view->n * view->h * view->w * view->c;
    gboolean finite = TRUE;
    for (gsize i = 0; i < n; i++)
        finite &= isfinite(values[i]) != 0;
    return finite;
}

gboolean gan_plan_finish(GanPlan *plan, gsize slot, const GkView *out, GError **error)
{
    const GanDevice *device = plan->program->device;
    const GkDevice *gpu = gan_device_backend(device)->device;
    int overflowed = 0;
    g_return_val_if_fail(gpu != NULL && out->h == plan->info.out_h && out->w == plan->info.out_w,
                         FALSE);
    if (!gan_device_check_on(device, gpu->fetch(gan_device_context(device), slot, out, &overflowed),
                             "output", error))
        return FALSE;
    plan->overflowed = overflowed != 0 || (out->stride_x == out->c && !is_finite(out));
    return TRUE;
}
