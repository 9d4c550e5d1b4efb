// SPDX-License-Identifier: LGPL-3.0-or-later
// Runs a plan on a device with memory of its own: the inputs go up, the nodes are queued, or a
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

static gboolean queue_nodes(gpointer data, GError **error)
{
    return gan_plan_compute(data, NULL, NULL, error);
}

gboolean gan_plan_queue(GanPlan *plan, const char *what, GError **error)
{
    // Who watches wants to see each kernel.
    if (plan->watch != NULL)
        return queue_nodes(plan, error);
    if (plan->recording_age != gan_workspace_age(plan->workspace))
        gan_recording_forget(&plan->recording, plan->program->device);
    plan->recording_age = gan_workspace_age(plan->workspace);
    return gan_recording_run(&plan->recording, plan->program->device, queue_nodes, plan, what,
                             error);
}

// Brings the inputs whose values are read to the device: the first of them by the slot, and with it
// the run begins.
static gboolean put_inputs(GanPlan *plan, gsize slot, const GkView *in, GError **error)
{
    GanDevice *device = plan->program->device;
    const GkDevice *gpu = gan_device_backend(device)->device;
    gboolean has_begun = FALSE;
    for (guint i = 0; i < gan_graph_n_inputs(plan->program->graph); i++) {
        const GanValue *value = &plan->values[gan_graph_input_at(plan->program->graph, i)->id];
        if (!value->computed)
            continue;
        const GkView to = gan_plan_view(plan, value);
        const gboolean put =
            has_begun
                ? gan_plan_put(plan, &in[i], &to, error)
                : gan_device_check_on(device,
                                      gpu->upload(gan_device_context(device), slot, &in[i], &to),
                                      "input", error);
        if (!put)
            return FALSE;
        has_begun = TRUE;
    }
    return TRUE;
}

gboolean gan_plan_start(GanPlan *plan, gsize slot, const GkView *in, GError **error)
{
    GanDevice *device = plan->program->device;
    const GkDevice *gpu = gan_device_backend(device)->device;
    g_return_val_if_fail(gpu != NULL && slot < gpu->n_slots, FALSE);
    const GanValue *first = &plan->values[gan_graph_input(plan->program->graph)->id];
    g_return_val_if_fail(
        in->n == first->shape.n && in->h == first->shape.h && in->w == first->shape.w, FALSE);
    if (!gan_plan_prepare(plan, error))
        return FALSE;
    const GkView from = gan_plan_view(plan, gan_plan_output(plan, 0));
    return put_inputs(plan, slot, in, error) && gan_plan_queue(plan, "network", error) &&
           gan_device_check_on(device, gpu->download(gan_device_context(device), slot, &from),
                               "output", error);
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
    g_assert(out->h == plan->info.out_h && out->w == plan->info.out_w &&
             out->c == plan->info.out_c);
    plan->overflowed = overflowed != 0;
    return TRUE;
}
