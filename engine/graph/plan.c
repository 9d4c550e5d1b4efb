// SPDX-License-Identifier: LGPL-3.0-or-later
// Plans: shapes, lifetimes, and the place of every value in one arena.
//
// Every value lies in a buffer. Buffers are the arena's, or the caller's input and output.
// Concatenation costs nothing where its parts can be computed in place: the parts then share the
// buffer of the longest concatenation that they belong to (RRDB's dense blocks become one buffer of
// 192 channels).
#include "arena.h"
#include "plan-private.h"

#include <string.h>

static guint add_buffer(GanPlan *plan, GanPlace place, const GanShape *shape, guint first)
{
    const GanBuffer buffer = {.place = place, .shape = *shape, .first = first, .last = first};
    g_array_append_val(plan->buffers, buffer);
    return plan->buffers->len - 1;
}

static gboolean infer_shapes(GanPlan *plan, GError **error)
{
    const GanGraph *graph = plan->program->graph;
    g_autoptr(GArray) inputs = g_array_new(FALSE, TRUE, sizeof(GanShape));
    for (guint i = 0; i < gan_graph_n_nodes(graph); i++) {
        const GanNode *node = gan_graph_node(graph, i);
        GanValue *value = &plan->values[i];
        value->buffer = -1;
        value->last_reader = i;
        value->computed = gan_op_row(node->op)->run != NULL;
        if (node->op == GAN_OP_PARAMETER) {
            value->shape = gan_parameter_shape(node->attributes.parameter);
            continue;
        }
        if (node->op == GAN_OP_INPUT) {
            value->shape = (GanShape){plan->n, plan->h, plan->w, node->channels};
            continue;
        }
        g_array_set_size(inputs, node->n_inputs);
        for (guint k = 0; k < node->n_inputs; k++) {
            g_array_index(inputs, GanShape, k) = plan->values[node->inputs[k]->id].shape;
            plan->values[node->inputs[k]->id].last_reader = i;
        }
        if (!gan_op_row(node->op)->shape(node, (const GanShape *)inputs->data, &value->shape,
                                         error))
            return FALSE;
    }
    return TRUE;
}

// TRUE if a value has the same pixels as its node's first input and needs no kernel.
static gboolean is_same(const GanPlan *plan, const GanNode *node)
{
    const GanOpRow *row = gan_op_row(node->op);
    if (row->view == NULL)
        return FALSE;
    const GanShape *a = &plan->values[node->inputs[0]->id].shape;
    const GkView input = gk_view_nhwc(NULL, GK_F32, a->n, a->h, a->w, a->c);
    GkView value;
    return row->view(node, &input, &plan->values[node->id].shape, &value) && value.h == a->h &&
           value.w == a->w;
}

// Gives the parts of a concatenation their place in its buffer, those that have none yet.
static void place_parts(GanPlan *plan, const GanNode *node)
{
    const GkBackend *backend = gan_device_backend(plan->program->device);
    const gsize block = backend->device != NULL ? backend->device->lanes : MAX(backend->block, 1);
    GanValue *value = &plan->values[node->id];
    if (value->buffer < 0) {
        // The same parts may stand together in a longer concatenation already.
        const GanValue *first = &plan->values[node->inputs[0]->id];
        guint channel = first->first_channel;
        gboolean together = first->buffer >= 0;
        for (guint k = 0; k < node->n_inputs && together; k++) {
            const GanValue *part = &plan->values[node->inputs[k]->id];
            together = part->buffer == first->buffer && part->first_channel == channel;
            channel += (guint)part->shape.c;
        }
        if (together) {
            value->buffer = first->buffer;
            value->first_channel = first->first_channel;
            value->computed = FALSE;
            return;
        }
        value->buffer = (int)add_buffer(plan, PLACE_ARENA, &value->shape, node->id);
    }
    guint channel = value->first_channel;
    gboolean all = TRUE;
    for (guint k = 0; k < node->n_inputs; k++) {
        const GanNode *input = node->inputs[k];
        GanValue *part = &plan->values[input->id];
        const gboolean free_to_place =
            part->buffer < 0 && part->computed && channel % block == 0 && !is_same(plan, input);
        if (free_to_place) {
            part->buffer = value->buffer;
            part->first_channel = channel;
        } else if (part->buffer != value->buffer || part->first_channel != channel) {
            all = FALSE;
        }
        channel += (guint)part->shape.c;
    }
    value->computed = !all;
}

// Longest first, so that shorter concatenations find their parts in place.
static int by_channels(gconstpointer a, gconstpointer b)
{
    const GanNode *const *na = a, *const *nb = b;
    return (*na)->channels != (*nb)->channels ? ((*na)->channels > (*nb)->channels ? -1 : 1)
                                              : (int)(*na)->id - (int)(*nb)->id;
}

static void place_concatenations(GanPlan *plan)
{
    const GanGraph *graph = plan->program->graph;
    g_autoptr(GPtrArray) nodes = g_ptr_array_new();
    for (guint i = 0; i < gan_graph_n_nodes(graph); i++)
        if (gan_graph_node(graph, i)->op == GAN_OP_CONCAT)
            g_ptr_array_add(nodes, gan_graph_node(graph, i));
    g_ptr_array_sort(nodes, by_channels);
    for (guint i = 0; i < nodes->len; i++)
        place_parts(plan, nodes->pdata[i]);
}

// A kernel's answer to the views that a node would get; views have no data.
static GkStatus node_cost(const GanPlan *plan, const GanNode *node, const GkView *out, GkCost *cost)
{
    const GkBackend *backend = gan_device_backend(plan->program->device);
    GkView inputs[5 + GK_MAX_RESIDUALS];
    const GkView in = gk_view_nhwc(NULL, backend->dtype, plan->n, plan->h, plan->w,
                                   gan_graph_input(plan->program->graph)->channels);
    g_assert(node->n_inputs <= G_N_ELEMENTS(inputs));
    for (guint k = 0; k < node->n_inputs; k++)
        inputs[k] = gan_plan_value_view(plan, node->inputs[k], &in, out);
    const GkView output = gan_plan_value_view(plan, node, &in, out);
    const GanCall call = {.ops = &backend->ops,
                          .context = gan_device_context(plan->program->device),
                          .node = node,
                          .inputs = inputs,
                          .output = &output};
    *cost = (GkCost){0};
    return gan_op_row(node->op)->cost(&call, cost);
}

// Gives every other value a buffer: its own, or that of an input that nobody reads later.
static void place_values(GanPlan *plan)
{
    const GanGraph *graph = plan->program->graph;
    for (guint i = 0; i < gan_graph_n_nodes(graph); i++) {
        const GanNode *node = gan_graph_node(graph, i);
        GanValue *value = &plan->values[i];
        if (value->buffer >= 0 || node->op == GAN_OP_PARAMETER)
            continue;
        if (node->op == GAN_OP_INPUT && !plan->copy_in) {
            value->buffer = (int)add_buffer(plan, PLACE_IN, &value->shape, i);
            continue;
        }
        if (!value->computed && node->op != GAN_OP_INPUT) {
            // A view of the first input.
            value->buffer = plan->values[node->inputs[0]->id].buffer;
            value->first_channel = plan->values[node->inputs[0]->id].first_channel;
            continue;
        }
        if (node == plan->writer && !plan->copy_out) {
            value->buffer = (int)add_buffer(plan, PLACE_OUT, &value->shape, i);
            continue;
        }
        value->buffer = (int)add_buffer(plan, PLACE_ARENA, &value->shape, i);
    }
}

// Whether the value of node `i` may be written over its input `input`: each is alone in its buffer.
static gboolean may_replace(const GanPlan *plan, guint i, const GanValue *input,
                            const guint *n_values)
{
    if (input->buffer < 0 || input->last_reader != i || n_values[input->buffer] != 1)
        return FALSE;
    const GanBuffer *own = &g_array_index(plan->buffers, GanBuffer, plan->values[i].buffer);
    const GanBuffer *theirs = &g_array_index(plan->buffers, GanBuffer, input->buffer);
    return own->place == PLACE_ARENA && theirs->place == PLACE_ARENA &&
           memcmp(&own->shape, &theirs->shape, sizeof own->shape) == 0;
}

// Merges the buffer of a value with that of an input whose last reader the value's node is.
static void place_in_place(GanPlan *plan)
{
    const GanGraph *graph = plan->program->graph;
    const guint n_buffers = plan->buffers->len;
    g_autofree guint *n_values = g_new0(guint, n_buffers);
    for (guint i = 0; i < gan_graph_n_nodes(graph); i++)
        if (plan->values[i].buffer >= 0)
            n_values[plan->values[i].buffer]++;
    for (guint i = 0; i < gan_graph_n_nodes(graph); i++) {
        const GanNode *node = gan_graph_node(graph, i);
        const GanOpRow *row = gan_op_row(node->op);
        GanValue *value = &plan->values[i];
        if (!value->computed || value->buffer < 0 || n_values[value->buffer] != 1 ||
            row->in_place == NULL)
            continue;
        const guint places = row->in_place(node);
        for (guint k = 0; k < node->n_inputs; k++) {
            const GanValue *input = &plan->values[node->inputs[k]->id];
            if (!(places & (1u << k)) || !may_replace(plan, i, input, n_values))
                continue;
            // The chain goes on in the input's buffer: it counts as one value again.
            n_values[value->buffer] = 0;
            value->buffer = input->buffer;
            break;
        }
    }
}

static void find_lifetimes(GanPlan *plan)
{
    const GanGraph *graph = plan->program->graph;
    for (guint b = 0; b < plan->buffers->len; b++) {
        g_array_index(plan->buffers, GanBuffer, b).first = G_MAXUINT;
        g_array_index(plan->buffers, GanBuffer, b).last = 0;
    }
    for (guint i = 0; i < gan_graph_n_nodes(graph); i++) {
        const GanValue *value = &plan->values[i];
        if (value->buffer < 0)
            continue;
        GanBuffer *buffer = &g_array_index(plan->buffers, GanBuffer, value->buffer);
        buffer->first = MIN(buffer->first, i);
        buffer->last = MAX(buffer->last, value->last_reader);
    }
    // What is copied out is read after the last node.
    const int last = plan->values[gan_graph_output(graph)->id].buffer;
    g_array_index(plan->buffers, GanBuffer, last).last = gan_graph_n_nodes(graph);
}

static void place_in_arena(GanPlan *plan)
{
    g_autoptr(GArray) spans = g_array_new(FALSE, TRUE, sizeof(GanSpan));
    g_autoptr(GPtrArray) owners = g_ptr_array_new();
    for (guint b = 0; b < plan->buffers->len; b++) {
        GanBuffer *buffer = &g_array_index(plan->buffers, GanBuffer, b);
        if (buffer->place != PLACE_ARENA || buffer->first == G_MAXUINT)
            continue;
        const GkView view = gan_plan_buffer_view(plan, buffer, NULL);
        const GanSpan span = {
            .first = buffer->first, .last = buffer->last, .bytes = gk_view_bytes(&view)};
        g_array_append_val(spans, span);
        g_ptr_array_add(owners, buffer);
    }
    plan->info.arena_bytes = gan_arena_place((GanSpan *)spans->data, spans->len);
    for (guint i = 0; i < spans->len; i++) {
        GanBuffer *buffer = owners->pdata[i];
        buffer->bytes = g_array_index(spans, GanSpan, i).bytes;
        buffer->offset = g_array_index(spans, GanSpan, i).offset;
    }
}

// Adds up what the kernels need. FALSE with no error: a kernel refuses a view at the ends of the
// plan.
static gboolean add_costs(GanPlan *plan, gboolean *retry, GError **error)
{
    const GanGraph *graph = plan->program->graph;
    const GanShape *last = &plan->values[gan_graph_output(graph)->id].shape;
    const GkView out = gk_view_nhwc(NULL, gan_device_backend(plan->program->device)->dtype, last->n,
                                    last->h, last->w, last->c);
    plan->info.packed_bytes = plan->info.scratch_bytes = 0;
    plan->info.flops = 0;
    for (guint i = 0; i < gan_graph_n_nodes(graph); i++) {
        const GanNode *node = gan_graph_node(graph, i);
        // Everything that is no convolution counts as one operation for each element.
        plan->flops[i] = !plan->values[i].computed
                             ? 0
                             : (double)plan->values[i].shape.n * (double)plan->values[i].shape.h *
                                   (double)plan->values[i].shape.w *
                                   (double)plan->values[i].shape.c;
        if (gan_op_row(node->op)->cost != NULL) {
            GkCost cost;
            const GkStatus status = node_cost(plan, node, &out, &cost);
            if (status == GK_ERROR_UNSUPPORTED && !plan->force_copies) {
                *retry = TRUE;
                return FALSE;
            }
            g_autofree char *what = g_strdup_printf("%s '%s'", gan_op_name(node->op), node->name);
            if (!gan_device_check(status, what, error))
                return FALSE;
            plan->flops[i] = cost.flops;
            plan->info.packed_bytes += cost.packed_bytes;
            plan->info.scratch_bytes = MAX(plan->info.scratch_bytes, cost.scratch_bytes);
        }
        plan->info.flops += plan->flops[i];
    }
    return TRUE;
}

// Counts the nodes that read a value; in `n_other` those among them that are no convolutions.
static guint count_readers(const GanGraph *graph, const GanNode *value, guint *n_other)
{
    guint n = 0;
    *n_other = 0;
    for (guint i = 0; i < gan_graph_n_nodes(graph); i++) {
        const GanNode *node = gan_graph_node(graph, i);
        for (guint k = 0; k < node->n_inputs; k++) {
            n += node->inputs[k] == value;
            *n_other += node->inputs[k] == value && node->op != GAN_OP_CONV2D;
        }
    }
    return n;
}

// Decides whether the caller's channels-last memory serves as the first and the last value.
// Backends that lay activations out in blocks take such memory in convolutions at most.
static void place_ends(GanPlan *plan)
{
    const GanGraph *graph = plan->program->graph;
    const gboolean blocked = gan_device_backend(plan->program->device)->block != 0;
    guint n_other;
    count_readers(graph, gan_graph_input(graph), &n_other);
    plan->copy_in = plan->force_copies || (blocked && n_other > 0);
    plan->writer = gan_graph_output(graph);
    guint n_readers = count_readers(graph, plan->writer, &n_other) + 1;
    while (is_same(plan, plan->writer)) {
        plan->writer = plan->writer->inputs[0];
        n_readers = MAX(n_readers, count_readers(graph, plan->writer, &n_other));
    }
    plan->copy_out = plan->force_copies || n_readers > 1 ||
                     (blocked && plan->writer->op != GAN_OP_CONV2D) ||
                     !plan->values[plan->writer->id].computed;
}

static gboolean lay_out(GanPlan *plan, gboolean *retry, GError **error)
{
    const guint n = gan_graph_n_nodes(plan->program->graph);
    memset(plan->values, 0, n * sizeof(GanValue));
    g_array_set_size(plan->buffers, 0);
    plan->info.arena_bytes = 0;
    if (!infer_shapes(plan, error))
        return FALSE;
    for (guint i = 0; i < n; i++)
        if (is_same(plan, gan_graph_node(plan->program->graph, i)))
            plan->values[i].computed = FALSE;
    place_ends(plan);
    place_concatenations(plan);
    place_values(plan);
    place_in_place(plan);
    find_lifetimes(plan);
    place_in_arena(plan);
    return add_costs(plan, retry, error);
}

GanPlan *gan_plan_new(GanProgram *program, GanWorkspace *workspace, gsize n, gsize h, gsize w,
                      GError **error)
{
    const guint n_nodes = gan_graph_n_nodes(program->graph);
    g_autoptr(GanPlan) plan = g_new0(GanPlan, 1);
    plan->program = program;
    plan->n = n;
    plan->h = h;
    plan->w = w;
    plan->workspace =
        workspace != NULL ? gan_workspace_ref(workspace) : gan_workspace_new(program->device);
    plan->values = g_new0(GanValue, n_nodes);
    plan->flops = g_new0(double, n_nodes);
    plan->buffers = g_array_new(FALSE, TRUE, sizeof(GanBuffer));
    // A device cannot work on the caller's memory.
    plan->force_copies = gan_device_backend(program->device)->device != NULL;
    for (;;) {
        gboolean retry = FALSE;
        if (lay_out(plan, &retry, error))
            break;
        if (!retry)
            return NULL;
        plan->force_copies = TRUE;
    }
    const GanShape *last = &plan->values[gan_graph_output(program->graph)->id].shape;
    plan->info.out_h = last->h;
    plan->info.out_w = last->w;
    plan->info.out_c = last->c;
    return g_steal_pointer(&plan);
}

void gan_plan_free(GanPlan *plan)
{
    if (plan == NULL)
        return;
    gan_queue_forget(plan);
    gan_workspace_unref(plan->workspace);
    g_free(plan->values);
    g_free(plan->flops);
    g_array_unref(plan->buffers);
    g_free(plan);
}

const GanPlanInfo *gan_plan_info(const GanPlan *plan)
{
    return &plan->info;
}
