// SPDX-License-Identifier: LGPL-3.0-or-later
// Graphs: nodes in execution order, and their geometry.
#include "ops.h"

struct GanGraph {
    GPtrArray *nodes;
    GPtrArray *inputs, *outputs; // of GanNode
};

static void node_free(gpointer data)
{
    GanNode *node = data;
    if (node->attributes.parameter != NULL)
        gan_tensor_unref(node->attributes.parameter);
    g_free(node->inputs);
    g_free(node->name);
    g_free(node);
}

GanGraph *gan_graph_new(void)
{
    GanGraph *graph = g_new0(GanGraph, 1);
    graph->nodes = g_ptr_array_new_with_free_func(node_free);
    graph->inputs = g_ptr_array_new();
    graph->outputs = g_ptr_array_new();
    return graph;
}

void gan_graph_free(GanGraph *graph)
{
    if (graph == NULL)
        return;
    g_ptr_array_unref(graph->nodes);
    g_ptr_array_unref(graph->inputs);
    g_ptr_array_unref(graph->outputs);
    g_free(graph);
}

guint gan_graph_n_nodes(const GanGraph *graph)
{
    return graph->nodes->len;
}

GanNode *gan_graph_node(const GanGraph *graph, guint id)
{
    g_assert(id < graph->nodes->len);
    return graph->nodes->pdata[id];
}

GanNode *gan_graph_append(GanGraph *graph, GanOp op, const char *name, GanNode *const *inputs,
                          guint n_inputs, const GanAttributes *attributes)
{
    GanNode *node = g_new0(GanNode, 1);
    node->graph = graph;
    node->id = graph->nodes->len;
    node->op = op;
    node->attributes = *attributes;
    if (node->attributes.parameter != NULL)
        gan_tensor_ref(node->attributes.parameter);
    node->inputs = g_new(GanNode *, MAX(n_inputs, 1));
    node->n_inputs = n_inputs;
    for (guint i = 0; i < n_inputs; i++) {
        g_assert(inputs[i]->graph == graph);
        node->inputs[i] = inputs[i];
    }
    node->name = g_strdup(name);
    node->channels = gan_op_row(op)->channels(node);
    g_ptr_array_add(graph->nodes, node);
    if (op == GAN_OP_INPUT)
        g_ptr_array_add(graph->inputs, node);
    return node;
}

GanAttributes gan_attributes_default(void)
{
    return (GanAttributes){
        .scale_num = 1,
        .scale_den = 1,
        .kernel_h = 1,
        .kernel_w = 1,
        .stride = 1,
        .dilation = 1,
        .groups = 1,
        .alpha = 1,
        .beta = 1,
        .factor = 1,
        .fused = {
            .shuffle = 1, .upsample = 1, .residual_scale = {1, 1}, .residual_upsample = {1, 1}}};
}

void gan_graph_set_output(GanGraph *graph, GanNode *node)
{
    g_assert(node->graph == graph);
    if (graph->outputs->len == 0)
        g_ptr_array_add(graph->outputs, node);
    else
        graph->outputs->pdata[0] = node;
}

GanNode *gan_graph_output(const GanGraph *graph)
{
    return graph->outputs->len == 0 ? NULL : graph->outputs->pdata[0];
}

GanNode *gan_graph_input(const GanGraph *graph)
{
    return graph->inputs->len == 0 ? NULL : graph->inputs->pdata[0];
}

guint gan_graph_n_inputs(const GanGraph *graph)
{
    return graph->inputs->len;
}

GanNode *gan_graph_input_at(const GanGraph *graph, guint index)
{
    g_assert(index < graph->inputs->len);
    return graph->inputs->pdata[index];
}

guint gan_graph_add_output(GanGraph *graph, GanNode *node)
{
    g_assert(node->graph == graph);
    g_ptr_array_add(graph->outputs, node);
    return graph->outputs->len - 1;
}

guint gan_graph_n_outputs(const GanGraph *graph)
{
    return graph->outputs->len;
}

GanNode *gan_graph_output_at(const GanGraph *graph, guint index)
{
    g_assert(index < graph->outputs->len);
    return graph->outputs->pdata[index];
}

const char *gan_op_name(GanOp op)
{
    return gan_op_row(op)->name;
}

guint gan_node_n_data(const GanNode *node)
{
    const guint n = gan_op_row(node->op)->n_data;
    return n == 0 ? node->n_inputs
                  : MIN(n + (node->attributes.fused.has_bias ? 1 : 0), node->n_inputs);
}

gboolean gan_node_is_constant(const GanNode *node)
{
    return node->op == GAN_OP_PARAMETER && !node->attributes.trainable;
}

GanShape gan_parameter_shape(const GanTensor *tensor)
{
    gsize extent[4] = {1, 1, 1, 1};
    g_assert(tensor->rank <= 4);
    for (guint i = 0; i < tensor->rank; i++)
        extent[4 - tensor->rank + i] = tensor->shape[i];
    return (GanShape){extent[0], extent[1], extent[2], extent[3]};
}

// Values that meet pixel by pixel must be of one scale; those without pixels go with any.
static gboolean check_scales(const GanNode *node, const GanGeometry *rows, GError **error)
{
    const GanGeometry *first = NULL;
    for (guint k = 0; k < node->n_inputs; k++) {
        const GanGeometry *g = &rows[node->inputs[k]->id];
        if (g->scale_num == 0)
            continue;
        if (first == NULL)
            first = g;
        if (first->scale_num * g->scale_den == g->scale_num * first->scale_den)
            continue;
        g_set_error(error, GAN_ERROR, GAN_ERROR_SHAPE,
                    "%s '%s' joins values of scale %u/%u and %u/%u", gan_op_name(node->op),
                    node->name, first->scale_num, first->scale_den, g->scale_num, g->scale_den);
        return FALSE;
    }
    return TRUE;
}

gboolean gan_graph_geometry(const GanGraph *graph, GanGeometry *rows, GError **error)
{
    g_autofree gboolean *depends = g_new0(gboolean, graph->nodes->len); // on an input
    for (guint i = 0; i < graph->nodes->len; i++) {
        const GanNode *node = graph->nodes->pdata[i];
        GanGeometry g = {.scale_num = 0, .scale_den = 1, .alignment = 1};
        GanSight sight = GAN_SIGHT_LOCAL;
        depends[i] = node->op == GAN_OP_INPUT;
        for (guint k = 0; k < gan_node_n_data(node); k++) {
            depends[i] = depends[i] || depends[node->inputs[k]->id];
            sight = MAX(sight, rows[node->inputs[k]->id].sight);
        }
        if (depends[i]) {
            gan_op_row(node->op)->geometry(node, rows, &g);
            sight = MAX(sight, gan_op_sight(node->op)(node, rows));
        }
        rows[i] = g;
        rows[i].sight = sight;
        if (gan_op_row(node->op)->one_scale && !check_scales(node, rows, error))
            return FALSE;
    }
    return TRUE;
}
