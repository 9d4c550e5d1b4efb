// SPDX-License-Identifier: LGPL-3.0-or-later
// Plans: the shapes of all values, their places in one arena, and what their kernels need.
#include "plan-private.h"

#include <string.h>

gboolean gan_plan_is_output(const GanPlan *plan, guint id)
{
    for (guint i = 0; i < gan_graph_n_outputs(plan->program->graph); i++)
        if (gan_graph_output_at(plan->program->graph, i)->id == id)
            return TRUE;
    return FALSE;
}

static gboolean take_input(const GanNode *node, const GanShape *shape, GanValue *value,
                           GError **error)
{
    value->shape = *shape;
    if (node->channels == 0 || node->channels == shape->c)
        return TRUE;
    g_set_error(error, GAN_ERROR, GAN_ERROR_SHAPE,
                "input '%s' has %" G_GSIZE_FORMAT " channels; the graph needs %u", node->name,
                shape->c, node->channels);
    return FALSE;
}

static gboolean infer_shapes(GanPlan *plan, const GanShape *inputs, GError **error)
{
    const GanGraph *graph = plan->program->graph;
    g_autoptr(GArray) shapes = g_array_new(FALSE, TRUE, sizeof(GanShape));
    guint n_inputs = 0, widest = 1;
    for (guint i = 0; i < gan_graph_n_nodes(graph); i++) {
        const GanNode *node = gan_graph_node(graph, i);
        GanValue *value = &plan->values[i];
        widest = MAX(widest, node->n_inputs);
        if (node->op == GAN_OP_INPUT) {
            value->source = n_inputs;
            if (!take_input(node, &inputs[n_inputs++], value, error))
                return FALSE;
            continue;
        }
        g_array_set_size(shapes, node->n_inputs);
        for (guint k = 0; k < node->n_inputs; k++)
            g_array_index(shapes, GanShape, k) = plan->values[node->inputs[k]->id].shape;
        if (!gan_op_row(node->op)->shape(node, (const GanShape *)shapes->data, &value->shape,
                                         error))
            return FALSE;
    }
    plan->call_views = g_new0(GkView, widest);
    return TRUE;
}

// What is read only for its shape is not computed.
static void find_live(GanPlan *plan)
{
    const GanGraph *graph = plan->program->graph;
    for (guint i = 0; i < gan_graph_n_outputs(graph); i++)
        plan->values[gan_graph_output_at(graph, i)->id].live = TRUE;
    for (guint i = gan_graph_n_nodes(graph); i-- > 0;) {
        const GanNode *node = gan_graph_node(graph, i);
        for (guint k = 0; k < gan_node_n_data(node) && plan->values[i].live; k++)
            plan->values[node->inputs[k]->id].live = TRUE;
    }
}

// Adds up what the kernels need. `refused`: a kernel does not take a view.
static gboolean add_costs(GanPlan *plan, gboolean *refused, GError **error)
{
    const GanProgram *program = plan->program;
    for (guint i = 0; i < gan_graph_n_nodes(program->graph); i++) {
        const GanNode *node = gan_graph_node(program->graph, i);
        GanValue *value = &plan->values[i];
        if (!value->computed || gan_op_row(node->op)->cost == NULL)
            continue;
        for (guint k = 0; k < node->n_inputs; k++)
            plan->call_views[k] = plan->values[node->inputs[k]->id].view;
        const GanCall call = {.ops = &gan_device_backend(program->device)->ops,
                              .context = gan_device_context(program->device),
                              .node = node,
                              .inputs = plan->call_views,
                              .output = &value->view};
        GkCost cost = {0};
        const GkStatus status = gan_op_row(node->op)->cost(&call, &cost);
        *refused = status == GK_ERROR_UNSUPPORTED;
        g_autofree char *what = g_strdup_printf("%s '%s'", gan_op_name(node->op), node->name);
        if (!gan_device_check(status, what, error))
            return FALSE;
        value->flops = cost.flops;
        plan->info.packed_bytes += cost.packed_bytes;
        plan->info.scratch_bytes = MAX(plan->info.scratch_bytes, cost.scratch_bytes);
    }
    for (guint i = 0; i < gan_graph_n_nodes(program->graph); i++)
        plan->info.flops += plan->values[i].flops;
    return TRUE;
}

static gboolean lay_out(GanPlan *plan, const GanShape *inputs, gboolean *refused, GError **error)
{
    const guint n = gan_graph_n_nodes(plan->program->graph);
    memset(plan->values, 0, n * sizeof *plan->values);
    memset(&plan->info, 0, sizeof plan->info);
    g_array_set_size(plan->spans, 0);
    g_array_set_size(plan->chains, 0);
    g_clear_pointer(&plan->call_views, g_free);
    if (!infer_shapes(plan, inputs, error))
        return FALSE;
    find_live(plan);
    gan_plan_place(plan);
    return add_costs(plan, refused, error);
}

GanPlan *gan_plan_make(GanProgram *program, GanWorkspace *workspace, const GanShape *inputs,
                       GanPurpose purpose, GError **error)
{
    const guint n = gan_graph_n_nodes(program->graph);
    g_autoptr(GanPlan) plan = g_new0(GanPlan, 1);
    plan->program = program;
    plan->purpose = purpose;
    plan->workspace =
        workspace != NULL ? gan_workspace_ref(workspace) : gan_workspace_new(program->device);
    plan->values = g_new0(GanValue, n);
    plan->chain_of = g_new(int, n);
    plan->spans = g_array_new(FALSE, TRUE, sizeof(GanSpan));
    plan->chains = g_array_new(FALSE, TRUE, sizeof(GanChain));
    g_autoptr(GError) refusal = NULL;
    gboolean refused = FALSE;
    if (!lay_out(plan, inputs, &refused, &refusal)) {
        plan->copies_ends = TRUE;
        if (!refused || purpose != FOR_RUNS) {
            g_propagate_error(error, g_steal_pointer(&refusal));
            return NULL;
        }
        if (!lay_out(plan, inputs, &refused, error))
            return NULL;
    }
    if (gan_graph_n_outputs(program->graph) > 0) {
        const GanShape last = gan_plan_output_shape(plan, 0);
        plan->info.out_h = last.h;
        plan->info.out_w = last.w;
        plan->info.out_c = last.c;
    }
    return g_steal_pointer(&plan);
}

GanPlan *gan_plan_new_for(GanProgram *program, GanWorkspace *workspace, const GanShape *inputs,
                          GError **error)
{
    return gan_plan_make(program, workspace, inputs, FOR_RUNS, error);
}

GanPlan *gan_plan_new(GanProgram *program, GanWorkspace *workspace, gsize n, gsize h, gsize w,
                      GError **error)
{
    const guint n_inputs = gan_graph_n_inputs(program->graph);
    g_autofree GanShape *inputs = g_new(GanShape, MAX(n_inputs, 1));
    for (guint i = 0; i < n_inputs; i++)
        inputs[i] = (GanShape){n, h, w, gan_graph_input_at(program->graph, i)->channels};
    return gan_plan_new_for(program, workspace, inputs, error);
}

void gan_plan_free(GanPlan *plan)
{
    if (plan == NULL)
        return;
    gan_recording_forget(&plan->recording, plan->program->device);
    gan_plan_staging_free(plan);
    gan_workspace_unref(plan->workspace);
    g_array_unref(plan->spans);
    g_array_unref(plan->chains);
    g_free(plan->chain_of);
    g_free(plan->call_views);
    g_free(plan->values);
    g_free(plan);
}

const GanPlanInfo *gan_plan_info(const GanPlan *plan)
{
    return &plan->info;
}

const GanValue *gan_plan_output(const GanPlan *plan, guint index)
{
    return &plan->values[gan_graph_output_at(plan->program->graph, index)->id];
}

GanShape gan_plan_output_shape(const GanPlan *plan, guint index)
{
    return gan_plan_output(plan, index)->shape;
}
