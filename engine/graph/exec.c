// SPDX-License-Identifier: LGPL-3.0-or-later
// Runs a plan: node by node, each kernel on the views that the plan gave it, nothing allocated on
// the way.
#include "plan-private.h"

#include <gio/gio.h>
#include <ops/copy.h>
#include <string.h>

GkView gan_plan_buffer_view(const GanPlan *plan, const GanBuffer *buffer, void *data)
{
    const GkBackend *backend = gan_device_backend(plan->program->device);
    const GanShape *s = &buffer->shape;
    if (backend->device != NULL)
        return gk_view_lanes(data, backend->device->dtype, s->n, s->h, s->w, s->c,
                             backend->device->lanes);
    return backend->block == 0 || buffer->place != PLACE_ARENA
               ? gk_view_nhwc(data, backend->dtype, s->n, s->h, s->w, s->c)
               : gk_view_blocked(data, backend->dtype, s->n, s->h, s->w, s->c);
}

GkView gan_plan_value_view(const GanPlan *plan, const GanNode *node, const GkView *in,
                           const GkView *out)
{
    const GanValue *value = &plan->values[node->id];
    const GanShape *s = &value->shape;
    if (value->buffer < 0)
        return gk_view_nhwc(plan->program->parameters[node->id],
                            gan_device_backend(plan->program->device)->dtype, s->n, s->h, s->w,
                            s->c);
    const GanBuffer *buffer = &g_array_index(plan->buffers, GanBuffer, value->buffer);
    void *arena = gan_workspace_memory(plan->workspace);
    void *memory = arena == NULL ? NULL : (char *)arena + buffer->offset;
    GkView view = buffer->place == PLACE_IN    ? *in
                  : buffer->place == PLACE_OUT ? *out
                                               : gan_plan_buffer_view(plan, buffer, memory);
    view = gk_view_channels(&view, value->first_channel, value->shape.c);
    view.h = value->shape.h;
    view.w = value->shape.w;
    return view;
}

static gboolean run_copy(const GanPlan *plan, const GkView *from, const GkView *to,
                         const char *what, GError **error)
{
    const GkBackend *backend = gan_device_backend(plan->program->device);
    const GkCopy args = {*from, *to};
    const GkStatus status =
        backend->ops.copy == NULL
            ? GK_ERROR_UNSUPPORTED
            : backend->ops.copy(gan_device_context(plan->program->device), &args);
    return gan_device_check(status, what, error);
}

gboolean gan_plan_run_node(GanPlan *plan, const GanNode *node, const GkView *in, const GkView *out,
                           GError **error)
{
    const GkBackend *backend = gan_device_backend(plan->program->device);
    GkView inputs[8];
    g_assert(node->n_inputs <= G_N_ELEMENTS(inputs));
    for (guint k = 0; k < node->n_inputs; k++)
        inputs[k] = gan_plan_value_view(plan, node->inputs[k], in, out);
    const GkView output = gan_plan_value_view(plan, node, in, out);
    const GanCall call = {.ops = &backend->ops,
                          .context = gan_device_context(plan->program->device),
                          .node = node,
                          .inputs = inputs,
                          .output = &output,
                          .plan = &plan->program->packed[node->id]};
    const GkStatus status = gan_op_row(node->op)->run(&call);
    if (status == GK_OK)
        return TRUE;
    g_autofree char *what = g_strdup_printf("%s '%s'", gan_op_name(node->op), node->name);
    return gan_device_check_on(plan->program->device, status, what, error);
}

gboolean gan_plan_allocate(GanPlan *plan, GError **error)
{
    if (plan->program->is_incomplete) {
        g_set_error(error, GAN_ERROR, GAN_ERROR_MEMORY, "no memory for the weights of the network");
        return FALSE;
    }
    if (gan_workspace_need(plan->workspace, plan->info.arena_bytes))
        return TRUE;
    g_set_error(error, GAN_ERROR, GAN_ERROR_MEMORY,
                "no memory for the %" G_GSIZE_FORMAT " MB that a %" G_GSIZE_FORMAT
                "x%" G_GSIZE_FORMAT " tile needs",
                plan->info.arena_bytes >> 20, plan->w, plan->h);
    return FALSE;
}

// Runs on a device with memory of its own, whose nodes tell nothing of how far they are.
static gboolean run_queued(GanPlan *plan, const GkView *in, const GkView *out,
                           GanPlanProgress progress, gpointer data, GError **error)
{
    GkView result;
    if (!gan_plan_start(plan, 0, in, error) || !gan_plan_finish(plan, 0, &result, error))
        return FALSE;
    const float *from = result.data;
    // Whole rows where the caller's pixels lie side by side, which they mostly do.
    const gsize piece = out->stride_x == out->c ? out->w : 1;
    for (gsize n = 0; n < out->n; n++)
        for (gsize y = 0; y < out->h; y++)
            for (gsize x = 0; x < out->w; x += piece, from += piece * out->c)
                memcpy((float *)out->data + gk_offset(out, n, y, x, 0), from,
                       piece * out->c * sizeof(float));
    if (progress == NULL || progress(1, data))
        return TRUE;
    g_set_error(error, G_IO_ERROR, G_IO_ERROR_CANCELLED, "cancelled");
    return FALSE;
}

gboolean gan_plan_run(GanPlan *plan, const GkView *in, const GkView *out, GanPlanProgress progress,
                      gpointer data, GError **error)
{
    const GkBackend *backend = gan_device_backend(plan->program->device);
    const GanGraph *graph = plan->program->graph;
    g_return_val_if_fail(in->n == plan->n && in->h == plan->h && in->w == plan->w &&
                             in->c == gan_graph_input(graph)->channels,
                         FALSE);
    g_return_val_if_fail(out->n == plan->n && out->h == plan->info.out_h &&
                             out->w == plan->info.out_w && out->c == plan->info.out_c,
                         FALSE);
    if (backend->device != NULL)
        return run_queued(plan, in, out, progress, data, error);
    if (!gan_plan_allocate(plan, error))
        return FALSE;
    double done = 0;
    for (guint i = 0; i < gan_graph_n_nodes(graph); i++) {
        const GanNode *node = gan_graph_node(graph, i);
        if (node->op == GAN_OP_INPUT && plan->copy_in) {
            const GkView to = gan_plan_value_view(plan, node, in, out);
            if (!run_copy(plan, in, &to, "input", error))
                return FALSE;
        }
        if (!plan->values[i].computed)
            continue;
        if (!gan_plan_run_node(plan, node, in, out, error))
            return FALSE;
        done += plan->flops[i];
        if (progress != NULL && !progress(MIN(done / plan->info.flops, 1), data)) {
            g_set_error(error, G_IO_ERROR, G_IO_ERROR_CANCELLED, "cancelled");
            return FALSE;
        }
    }
    if (!plan->copy_out)
        return TRUE;
    const GkView from = gan_plan_value_view(plan, gan_graph_output(graph), in, out);
    return run_copy(plan, &from, out, "output", error);
}
