// SPDX-License-Identifier: LGPL-3.0-or-later
// Programs: a graph on a device, with its parameters as the device's kernels take them.
#include "plan-private.h"

// A parameter as the kernels take it: in the backend's dtype, PReLU slopes one for each channel.
static void *parameter_data(const GanProgram *program, const GanNode *node, gsize length)
{
    const GanTensor *tensor = node->attributes.parameter;
    const gboolean f64 = gan_device_backend(program->device)->dtype == GK_F64;
    const gsize n = gan_tensor_length(tensor);
    if (!f64 && n == length)
        return tensor->data;
    void *data = g_malloc_n(length, f64 ? sizeof(double) : sizeof(float));
    for (gsize i = 0; i < length; i++) {
        const float v = tensor->data[n == length ? i : 0];
        if (f64)
            ((double *)data)[i] = v;
        else
            ((float *)data)[i] = v;
    }
    return data;
}

// Moves a parameter to the device's memory; `data` may be the tensor's own.
static void *parameter_on_device(GanProgram *program, const GanNode *node, void *data, gsize length)
{
    const GkBackend *backend = gan_device_backend(program->device);
    GkContext *context = gan_device_context(program->device);
    const gsize bytes = length * sizeof(float);
    void *memory = backend->alloc(context, bytes);
    const GkTransfer transfer = {memory, data, bytes};
    if (memory != NULL && backend->device->write(context, &transfer, 1) != GK_OK) {
        backend->free(context, memory, bytes);
        memory = NULL;
    }
    program->is_incomplete = program->is_incomplete || memory == NULL;
    if (data != node->attributes.parameter->data)
        g_free(data);
    return memory;
}

GanProgram *gan_program_new(GanGraph *graph, GanDevice *device)
{
    const guint n = gan_graph_n_nodes(graph);
    GanProgram *program = g_new0(GanProgram, 1);
    program->graph = graph;
    program->device = gan_device_ref(device);
    program->parameters = g_new0(void *, n);
    program->packed = g_new0(GkPlan *, n);
    for (guint i = 0; i < n; i++) {
        const GanNode *node = gan_graph_node(graph, i);
        for (guint k = 0; k < node->n_inputs; k++) {
            const GanNode *p = node->inputs[k];
            if (p->op != GAN_OP_PARAMETER || program->parameters[p->id] != NULL)
                continue;
            gsize length = gan_tensor_length(p->attributes.parameter);
            if (length == 1 && gan_op_row(node->op)->spread != NULL)
                length = gan_op_row(node->op)->spread(node, k);
            program->parameters[p->id] = parameter_data(program, p, length);
            if (gan_device_backend(device)->device != NULL)
                program->parameters[p->id] =
                    parameter_on_device(program, p, program->parameters[p->id], length);
        }
    }
    return program;
}

void gan_program_free(GanProgram *program)
{
    if (program == NULL)
        return;
    for (guint i = 0; i < gan_graph_n_nodes(program->graph); i++) {
        const GanTensor *tensor = gan_graph_node(program->graph, i)->attributes.parameter;
        if (tensor != NULL && gan_device_backend(program->device)->device != NULL)
            gan_device_backend(program->device)
                ->free(gan_device_context(program->device), program->parameters[i], 0);
        else if (tensor != NULL && program->parameters[i] != tensor->data)
            g_free(program->parameters[i]);
        if (program->packed[i] != NULL)
            gan_device_backend(program->device)
                ->plan_free(gan_device_context(program->device), program->packed[i]);
    }
    gan_graph_free(program->graph);
    g_free(program->parameters);
    g_free(program->packed);
    gan_device_unref(program->device);
    g_free(program);
}
