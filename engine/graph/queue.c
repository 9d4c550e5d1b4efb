// SPDX-License-Identifier: LGPL-3.0-or-later
// Runs a plan on a device with memory of its own: the picture goes up, the nodes are queued, or a
// recording of them is played, and the result comes down; several runs are under way at once.
#include "plan-private.h"

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
    gan_recording_forget(&plan->recording, plan->program->device);
}

static gboolean queue_nodes(gpointer data, GError **error)
{
    GanPlan *plan = data;
    const GanGraph *graph = plan->program->graph;
    for (guint i = 0; i < gan_graph_n_nodes(graph); i++)
        if (plan->values[i].computed &&
            !gan_plan_run_node(plan, gan_graph_node(graph, i), NULL, NULL, error))
            return FALSE;
    return TRUE;
}

gboolean gan_plan_start(GanPlan *plan, gsize slot, const GkView *in, GError **error)
{
    GanDevice *device = plan->program->device;
    const GkDevice *gpu = gan_device_backend(device)->device;
    GkContext *context = gan_device_context(device);
    const GanGraph *graph = plan->program->graph;
    g_return_val_if_fail(gpu != NULL && slot < gpu->n_slots, FALSE);
    g_return_val_if_fail(in->n == plan->n && in->h == plan->h && in->w == plan->w, FALSE);
    if (!gan_plan_allocate(plan, error))
        return FALSE;
    if (plan->recording_age != gan_workspace_age(plan->workspace))
        gan_queue_forget(plan);
    plan->recording_age = gan_workspace_age(plan->workspace);
    const GkView to = gan_plan_value_view(plan, gan_graph_input(graph), NULL, NULL);
    const GkView from = gan_plan_value_view(plan, gan_graph_output(graph), NULL, NULL);
    return gan_device_check_on(device, gpu->upload(context, slot, in, &to), "input", error) &&
           gan_recording_run(&plan->recording, device, queue_nodes, plan, "network", error) &&
           gan_device_check_on(device, gpu->download(context, slot, &from), "output", error);
}

gboolean gan_plan_finish(GanPlan *plan, gsize slot, GkView *out, GError **error)
{
    const GanDevice *device = plan->program->device;
    const GkDevice *gpu = gan_device_backend(device)->device;
    int overflowed = 0;
    g_return_val_if_fail(gpu != NULL && slot < gpu->n_slots, FALSE);
    if (!gan_device_check_on(device, gpu->fetch(gan_device_context(device), slot, out, &overflowed),
                             "output", error))
        return FALSE;
    g_assert(out->n == plan->n && out->h == plan->info.out_h && out->w == plan->info.out_w &&
             out->c == plan->info.out_c);
    plan->overflowed = overflowed != 0;
    return TRUE;
}
