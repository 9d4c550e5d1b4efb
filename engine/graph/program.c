// SPDX-License-Identifier: LGPL-3.0-or-later
// Programs: a graph on a device, with its parameters as the device's kernels take them. A backend
// with memory of its own, or of another type than float32, works on copies of them.
#include "plan-private.h"

static const GanTensor *tensor_of(const GanProgram *program, guint id)
{
    return gan_graph_node(program->graph, id)->attributes.parameter;
}

gboolean gan_program_has_own_memory(const GanProgram *program)
{
    return gan_device_backend(program->device)->device != NULL;
}

// Whether the kernels cannot read the tensor itself.
static gboolean needs_copy(const GanProgram *program, guint id)
{
    return gan_program_has_own_memory(program) ||
           gan_device_backend(program->device)->dtype != GK_F32 ||
           program->stored[id].length != gan_tensor_length(tensor_of(program, id));
}

static gsize copy_bytes(const GanProgram *program, guint id)
{
    return MAX(program->stored[id].length, 1) *
           gk_dtype_bytes(gan_device_backend(program->device)->dtype);
}

static void release(GanProgram *program, guint id)
{
    GanStored *stored = &program->stored[id];
    if (stored->copy != NULL && !stored->bound)
        gan_device_backend(program->device)
            ->free(gan_device_context(program->device), stored->copy, copy_bytes(program, id));
    stored->copy = NULL;
}

// A slope may be one for all channels; its readers tell how many they want.
static void find_lengths(GanProgram *program)
{
    for (guint i = 0; i < gan_graph_n_nodes(program->graph); i++) {
        const GanNode *node = gan_graph_node(program->graph, i);
        if (node->op == GAN_OP_PARAMETER)
            program->stored[i].length = gan_tensor_length(tensor_of(program, i));
        for (guint k = 0; k < node->n_inputs && gan_op_row(node->op)->spread != NULL; k++) {
            GanStored *stored = &program->stored[node->inputs[k]->id];
            if (node->inputs[k]->op == GAN_OP_PARAMETER &&
                gan_tensor_length(tensor_of(program, node->inputs[k]->id)) == 1)
                stored->length = MAX(stored->length, gan_op_row(node->op)->spread(node, k));
        }
    }
}

GanProgram *gan_program_make(GanGraph *graph, GanDevice *device)
{
    const guint n = gan_graph_n_nodes(graph);
    GanProgram *program = g_new0(GanProgram, 1);
    program->graph = graph;
    program->device = gan_device_ref(device);
    program->stored = g_new0(GanStored, n);
    program->packed = g_new0(GkPlan *, n);
    find_lengths(program);
    return program;
}

GanProgram *gan_program_new(GanGraph *graph, GanDevice *device)
{
    GanProgram *program = gan_program_make(graph, device);
    // What fails here for want of memory is tried again by the run, which says so.
    gan_program_prepare(program, NULL);
    return program;
}

void gan_program_free(GanProgram *program)
{
    if (program == NULL)
        return;
    for (guint i = 0; i < gan_graph_n_nodes(program->graph); i++) {
        release(program, i);
        if (program->packed[i] != NULL)
            gan_device_backend(program->device)
                ->plan_free(gan_device_context(program->device), program->packed[i]);
    }
    gan_graph_free(program->graph);
    gan_device_unref(program->device);
    g_free(program->stored);
    g_free(program->packed);
    g_free(program);
}

// Fills a parameter's copy in the process's memory.
static void convert(const GanProgram *program, guint id, void *copy)
{
    const GanTensor *tensor = tensor_of(program, id);
    const gsize n = gan_tensor_length(tensor), length = program->stored[id].length;
    for (gsize i = 0; i < length; i++) {
        const float v = tensor->data[n == length ? i : 0];
        if (gan_device_backend(program->device)->dtype == GK_F64)
            ((double *)copy)[i] = v;
        else
            ((float *)copy)[i] = v;
    }
}

// Parameters on their way to a device.
typedef struct {
    GArray *transfers; // of GkTransfer
    GArray *ids;       // whose they are
    GPtrArray *made;   // numbers that had to be made for it
} Load;

static void load_clear(Load *load)
{
    g_array_unref(load->transfers);
    g_array_unref(load->ids);
    g_ptr_array_unref(load->made);
}
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC(Load, load_clear)

static void load_add(Load *load, const GanProgram *program, guint id)
{
    const GanStored *stored = &program->stored[id];
    const void *from = tensor_of(program, id)->data;
    if (stored->length != gan_tensor_length(tensor_of(program, id))) {
        void *spread = g_malloc_n(stored->length, sizeof(float));
        convert(program, id, spread);
        g_ptr_array_add(load->made, spread);
        from = spread;
    }
    const GkTransfer transfer = {stored->copy, from, stored->length * sizeof(float)};
    g_array_append_val(load->transfers, transfer);
    g_array_append_val(load->ids, id);
}

static gboolean load_write(const Load *load, GanProgram *program, GError **error)
{
    if (load->transfers->len == 0)
        return TRUE;
    const GkStatus status =
        gan_device_backend(program->device)
            ->device->write(gan_device_context(program->device),
                            (const GkTransfer *)load->transfers->data, load->transfers->len);
    return gan_device_check_on(program->device, status, "parameters", error);
}

// Gives every parameter that needs one a copy, and fills it, or adds it to the load.
static gboolean copy_parameters(GanProgram *program, Load *load, GError **error)
{
    const GkBackend *backend = gan_device_backend(program->device);
    for (guint i = 0; i < gan_graph_n_nodes(program->graph); i++) {
        GanStored *stored = &program->stored[i];
        const GanNode *node = gan_graph_node(program->graph, i);
        // Constants stay as they are.
        if (node->op != GAN_OP_PARAMETER || !needs_copy(program, i) ||
            (stored->copy != NULL && (stored->bound || gan_node_is_constant(node))))
            continue;
        if (stored->copy == NULL)
            stored->copy =
                backend->alloc(gan_device_context(program->device), copy_bytes(program, i));
        if (stored->copy == NULL) {
            g_set_error(error, GAN_ERROR, GAN_ERROR_MEMORY,
                        "no memory for the weights of the network");
            return FALSE;
        }
        if (gan_program_has_own_memory(program))
            load_add(load, program, i);
        else
            convert(program, i, stored->copy);
    }
    return TRUE;
}

gboolean gan_program_prepare(GanProgram *program, GError **error)
{
    g_auto(Load) load = {.transfers = g_array_new(FALSE, FALSE, sizeof(GkTransfer)),
                         .ids = g_array_new(FALSE, FALSE, sizeof(guint)),
                         .made = g_ptr_array_new_with_free_func(g_free)};
    if (copy_parameters(program, &load, error) && load_write(&load, program, error))
        return TRUE;
    // What was not written is not there.
    for (guint i = 0; i < load.ids->len; i++)
        release(program, g_array_index(load.ids, guint, i));
    return FALSE;
}

void gan_program_bind(GanProgram *program, const GanTensor *tensor, void *memory)
{
    for (guint i = 0; i < gan_graph_n_nodes(program->graph); i++) {
        if (gan_graph_node(program->graph, i)->op != GAN_OP_PARAMETER ||
            tensor_of(program, i) != tensor)
            continue;
        release(program, i);
        program->stored[i].copy = memory;
        program->stored[i].bound = TRUE;
    }
}

void *gan_program_parameter(const GanProgram *program, guint id)
{
    return needs_copy(program, id) ? program->stored[id].copy
                                   : (void *)tensor_of(program, id)->data;
}
