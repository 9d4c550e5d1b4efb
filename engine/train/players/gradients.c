// SPDX-License-Identifier: LGPL-3.0-or-later
// A training step as far as the gradients.
#include "gradients.h"
#include "gradient.h"

#include <string.h>

struct GanGradients {
    GanStep *step;
    guint n_watched;
    GPtrArray *weights, *sums; // of GanTensor: weights and their gradients
    GPtrArray *buffers;        // of GanTensor: what a run changes
    GPtrArray *fresh;          // of GanTensor: where a run leaves gradients, then buffers
    void **outputs;            // of the step: watched, fresh
    gboolean left;             // the gradients stay where the step computes them
};

static void collect_updates(GanGradients *g, GanGraph *graph, GanNet *net)
{
    for (guint i = 0; i < gan_net_n_updates(net); i++) {
        GanNode *node = NULL;
        GanTensor *tensor = gan_net_update(net, i, &node);
        g_ptr_array_add(g->buffers, gan_tensor_ref(tensor));
        gan_graph_add_output(graph, node);
    }
}

// Room for a tensor like each of `like`.
static gboolean add_rooms(GPtrArray *rooms, const GPtrArray *like, GError **error)
{
    for (guint i = 0; i < like->len; i++) {
        const GanTensor *tensor = like->pdata[i];
        GanTensor *room = gan_tensor_new(tensor->rank, tensor->shape, error);
        if (room == NULL)
            return FALSE;
        memset(room->data, 0, gan_tensor_length(room) * sizeof(float));
        g_ptr_array_add(rooms, room);
    }
    return TRUE;
}

static GPtrArray *tensors_new(void)
{
    return g_ptr_array_new_with_free_func((GDestroyNotify)gan_tensor_unref);
}

GanGradients *gan_gradients_new(GanGraph *graph, GanDevice *device, GanNode *loss,
                                GanNode *const *watched, guint n_watched, GanNet *const *trained,
                                guint n_trained, GanNet *const *others, guint n_others,
                                const GanShape *inputs, GError **error)
{
    g_autoptr(GanGraph) taken = graph;
    g_autoptr(GanGradients) g = g_new0(GanGradients, 1);
    g->n_watched = n_watched;
    g->weights = tensors_new();
    g->sums = tensors_new();
    g->buffers = tensors_new();
    g->fresh = tensors_new();
    g_autoptr(GPtrArray) nodes = g_ptr_array_new();
    for (guint i = 0; i < n_watched; i++)
        gan_graph_add_output(graph, watched[i]);
    for (guint i = 0; i < n_trained; i++)
        for (guint k = 0; k < gan_net_n_weights(trained[i]); k++) {
            g_ptr_array_add(g->weights, gan_tensor_ref(gan_net_weight(trained[i], k)->tensor));
            g_ptr_array_add(nodes, gan_net_weight_node(trained[i], k));
        }
    g_autofree GanNode **gradients = g_new0(GanNode *, MAX(nodes->len, 1));
    gan_graph_gradient(graph, loss, (GanNode *const *)nodes->pdata, nodes->len, gradients);
    for (guint i = 0; i < nodes->len; i++)
        gan_graph_add_output(graph, gradients[i]);
    for (guint i = 0; i < n_trained; i++)
        collect_updates(g, graph, trained[i]);
    for (guint i = 0; i < n_others; i++)
        collect_updates(g, graph, others[i]);
    if (!add_rooms(g->sums, g->weights, error) || !add_rooms(g->fresh, g->weights, error) ||
        !add_rooms(g->fresh, g->buffers, error))
        return NULL;
    g->outputs = g_new0(void *, MAX(n_watched + g->fresh->len, 1));
    for (guint i = 0; i < g->fresh->len; i++)
        g->outputs[n_watched + i] = ((GanTensor *)g->fresh->pdata[i])->data;
    g->step = gan_step_new(g_steal_pointer(&taken), device, inputs, error);
    return g->step == NULL ? NULL : g_steal_pointer(&g);
}

void gan_gradients_free(GanGradients *gradients)
{
    if (gradients == NULL)
        return;
    gan_step_free(gradients->step);
    g_ptr_array_unref(gradients->weights);
    g_ptr_array_unref(gradients->sums);
    g_ptr_array_unref(gradients->buffers);
    g_ptr_array_unref(gradients->fresh);
    g_free(gradients->outputs);
    g_free(gradients);
}

const GanStepInfo *gan_gradients_info(const GanGradients *gradients)
{
    return gan_step_info(gradients->step);
}

GanStep *gan_gradients_step(const GanGradients *gradients)
{
    return gradients->step;
}

GanShape gan_gradients_shape(const GanGradients *gradients, guint watched)
{
    return gan_step_output_shape(gradients->step, watched);
}

gboolean gan_gradients_run(GanGradients *gradients, const float *const *inputs,
                           float *const *watched, gboolean accumulate, GError **error)
{
    for (guint i = 0; i < gradients->n_watched; i++)
        gradients->outputs[i] = watched[i];
    if (!gan_step_run(gradients->step, (const void *const *)inputs, gradients->outputs, error))
        return FALSE;
    const guint n = gradients->sums->len;
    for (guint i = 0; i < n && !gradients->left; i++) {
        const GanTensor *fresh = gradients->fresh->pdata[i];
        const gsize length = gan_tensor_length(fresh);
        float *restrict sum = ((GanTensor *)gradients->sums->pdata[i])->data;
        if (!accumulate)
            memcpy(sum, fresh->data, length * sizeof(float));
        for (gsize k = 0; accumulate && k < length; k++)
            sum[k] += fresh->data[k];
    }
    for (guint i = 0; i < gradients->buffers->len; i++) {
        GanTensor *buffer = gradients->buffers->pdata[i];
        const GanTensor *fresh = gradients->fresh->pdata[n + i];
        memcpy(buffer->data, fresh->data, gan_tensor_length(buffer) * sizeof(float));
    }
    return TRUE;
}

void gan_gradients_leave(GanGradients *gradients)
{
    gradients->left = TRUE;
    for (guint i = 0; i < gradients->sums->len; i++)
        gradients->outputs[gan_gradients_output(gradients, i)] = NULL;
}

guint gan_gradients_output(const GanGradients *gradients, guint weight)
{
    return gradients->n_watched + weight;
}

guint gan_gradients_n(const GanGradients *gradients)
{
    return gradients->weights->len;
}

GanTensor *const *gan_gradients_weights(const GanGradients *gradients)
{
    return (GanTensor *const *)gradients->weights->pdata;
}

GanTensor *const *gan_gradients_tensors(const GanGradients *gradients)
{
    return (GanTensor *const *)gradients->sums->pdata;
}
