// SPDX-License-Identifier: LGPL-3.0-or-later
// Runs a graph with several inputs and outputs at one size.
//
// Values are pictures in the backend's layout, or dense arrays: weights, matrices, vectors,
// scalars, and pictures of few channels, which blocks of channels would only blow up. A value
// either has a span of the arena, or is a view of another one, or belongs to the caller. A device
// with memory of its own has copies of what belongs to the caller. In mixed precision its pictures
// are of 16 bits and dense arrays of float32: parameters and their gradients, statistics, losses.
#include "arena.h"
#include "simplify.h"
#include "step-private.h"

#include <string.h>

// Pictures of so few channels are dense.
#define FEW_CHANNELS 4

static gboolean infer_shapes(GanStep *step, const GanShape *inputs, GError **error)
{
    g_autoptr(GArray) shapes = g_array_new(FALSE, TRUE, sizeof(GanShape));
    guint n_inputs = 0, widest = 1;
    for (guint i = 0; i < gan_graph_n_nodes(step->graph); i++) {
        const GanNode *node = gan_graph_node(step->graph, i);
        GanStepValue *value = &step->values[i];
        widest = MAX(widest, node->n_inputs);
        if (node->op == GAN_OP_PARAMETER) {
            value->shape = gan_parameter_shape(node->attributes.parameter);
            value->home = HOME_PARAMETER;
            value->source = i;
            continue;
        }
        if (node->op == GAN_OP_INPUT) {
            value->source = n_inputs;
            value->shape = inputs[n_inputs++];
            if (node->channels == 0 || node->channels == value->shape.c)
                continue;
            g_set_error(error, GAN_ERROR, GAN_ERROR_SHAPE,
                        "input '%s' has %" G_GSIZE_FORMAT " channels; the graph needs %u",
                        node->name, value->shape.c, node->channels);
            return FALSE;
        }
        g_array_set_size(shapes, node->n_inputs);
        for (guint k = 0; k < node->n_inputs; k++)
            g_array_index(shapes, GanShape, k) = step->values[node->inputs[k]->id].shape;
        if (!gan_op_row(node->op)->shape(node, (const GanShape *)shapes->data, &value->shape,
                                         error))
            return FALSE;
    }
    step->call_views = g_new0(GkView, widest);
    return TRUE;
}

// What is read only for its shape is not computed.
static void find_live(GanStep *step)
{
    for (guint i = 0; i < gan_graph_n_outputs(step->graph); i++)
        step->values[gan_graph_output_at(step->graph, i)->id].live = TRUE;
    for (guint i = gan_graph_n_nodes(step->graph); i-- > 0;) {
        const GanNode *node = gan_graph_node(step->graph, i);
        for (guint k = 0; k < gan_node_n_data(node) && step->values[i].live; k++)
            step->values[node->inputs[k]->id].live = TRUE;
    }
}

static gboolean is_dense(const GanStep *step, const GanNode *node)
{
    const GanStepValue *value = &step->values[node->id];
    const GkBackend *backend = gan_device_backend(step->device);
    const gboolean mixed = backend->device != NULL && backend->device->dtype != GK_F32;
    if ((backend->block == 0 && !mixed) || node->op == GAN_OP_PARAMETER ||
        gan_op_row(node->op)->dense || value->shape.h * value->shape.w == 1 ||
        value->shape.c <= FEW_CHANNELS)
        return TRUE;
    if (node->op == GAN_OP_INPUT)
        return node->channels == 0;
    gboolean all = !gan_op_row(node->op)->makes_pictures;
    for (guint k = 0; k < node->n_inputs && all; k++)
        all = step->values[node->inputs[k]->id].dense;
    return all;
}

static GkView view_of(const GanStep *step, const GanStepValue *value)
{
    const GkBackend *backend = gan_device_backend(step->device);
    const GkDevice *device = backend->device;
    const GanShape *s = &value->shape;
    if (value->dense)
        return gk_view_nhwc(NULL, backend->dtype, s->n, s->h, s->w, s->c);
    return device != NULL
               ? gk_view_lanes(NULL, device->dtype, s->n, s->h, s->w, s->c, device->lanes)
               : gk_view_blocked(NULL, backend->dtype, s->n, s->h, s->w, s->c);
}

// Makes a value a view of its first input's memory, seen as `view`.
static void share(const GanStepValue *input, const GkView *view, GanStepValue *value)
{
    value->home = input->home;
    value->span = input->span;
    value->source = input->source;
    value->dense = input->dense;
    value->view = *view;
}

static void place(GanStep *step)
{
    const GanGraph *graph = step->graph;
    for (guint i = 0; i < gan_graph_n_nodes(graph); i++) {
        const GanNode *node = gan_graph_node(graph, i);
        const GanOpRow *row = gan_op_row(node->op);
        GanStepValue *value = &step->values[i];
        value->dense = is_dense(step, node);
        value->view = view_of(step, value);
        if (!value->live || value->home == HOME_PARAMETER)
            continue;
        if (node->op == GAN_OP_INPUT && value->dense && !gan_step_has_own_memory(step)) {
            value->home = HOME_INPUT;
            continue;
        }
        if (row->view != NULL) {
            const GanStepValue *input = &step->values[node->inputs[0]->id];
            GkView view;
            if (row->view(node, &input->view, &value->shape, &view)) {
                share(input, &view, value);
                continue;
            }
        }
        const GanSpan span = {
            .first = i, .last = i, .bytes = gk_view_bytes(&value->view), .offset = 0};
        g_array_append_val(step->spans, span);
        value->home = HOME_ARENA;
        value->span = step->spans->len - 1;
        value->computed = TRUE;
        step->info.n_kernels++;
    }
}

static GanSpan *span_of(GanStep *step, const GanStepValue *value)
{
    return &g_array_index(step->spans, GanSpan, value->span);
}

// The chain that node `i` is computed by or before, or NULL.
static GanChain *chain_at(const GanStep *step, guint i)
{
    const int index = step->chain_of[i];
    return index < 0 ? NULL : &g_array_index(step->chains, GanChain, index);
}

static void find_lifetimes(GanStep *step)
{
    const guint n = gan_graph_n_nodes(step->graph);
    for (guint i = 0; i < n; i++) {
        const GanNode *node = gan_graph_node(step->graph, i);
        const GanChain *chain = chain_at(step, i);
        for (guint k = 0; k < gan_node_n_data(node) && step->values[i].live; k++) {
            const GanStepValue *input = &step->values[node->inputs[k]->id];
            if (input->home == HOME_ARENA)
                span_of(step, input)->last = MAX(span_of(step, input)->last, i);
        }
        // Inputs come to a device before anything is computed.
        if (node->op == GAN_OP_INPUT && step->values[i].home == HOME_ARENA &&
            gan_step_has_own_memory(step))
            span_of(step, &step->values[i])->first = 0;
        // From the chain's first piece on, while all that it reads is still there.
        if (chain != NULL && step->values[i].home == HOME_ARENA)
            span_of(step, &step->values[i])->first = chain->first;
    }
    for (guint i = 0; i < gan_graph_n_outputs(step->graph); i++) {
        const GanStepValue *value = &step->values[gan_graph_output_at(step->graph, i)->id];
        if (value->home == HOME_ARENA)
            span_of(step, value)->last = n;
    }
}

// The other inputs of a node must not lie in the memory that it is going to overwrite, unless they
// are read pixel by pixel, too.
static gboolean may_replace(const GanStep *step, const GanNode *node, guint k)
{
    const GanStepValue *value = &step->values[node->id],
                       *input = &step->values[node->inputs[k]->id];
    if (input->home != HOME_ARENA || memcmp(&input->shape, &value->shape, sizeof value->shape) ||
        memcmp(&input->view, &value->view, sizeof value->view))
        return FALSE;
    for (guint j = 0; j < gan_node_n_data(node); j++) {
        const GanStepValue *other = &step->values[node->inputs[j]->id];
        if (j != k && other->home == HOME_ARENA && other->span == input->span &&
            memcmp(&other->view, &value->view, sizeof value->view))
            return FALSE;
    }
    return TRUE;
}

// Puts values in the place of an input that nobody reads later.
static void place_in_place(GanStep *step)
{
    g_autofree guint *moved = g_new(guint, step->spans->len + 1);
    for (guint i = 0; i < step->spans->len; i++)
        moved[i] = i;
    for (guint i = 0; i < gan_graph_n_nodes(step->graph); i++) {
        const GanNode *node = gan_graph_node(step->graph, i);
        GanStepValue *value = &step->values[i];
        if (value->home != HOME_ARENA)
            continue;
        // Views of a value that moved move along.
        value->span = moved[value->span];
        const GanOpRow *row = gan_op_row(node->op);
        if (!value->computed || step->chain_of[i] >= 0 || row->in_place == NULL)
            continue;
        const guint places = row->in_place(node);
        for (guint k = 0; k < node->n_inputs; k++) {
            const GanStepValue *input = &step->values[node->inputs[k]->id];
            if (!(places & (1u << k)) || !may_replace(step, node, k) ||
                span_of(step, input)->last != i)
                continue;
            GanSpan *own = span_of(step, value), *theirs = span_of(step, input);
            theirs->last = own->last;
            own->bytes = 0;
            own->last = own->first;
            moved[value->span] = input->span;
            value->span = input->span;
            break;
        }
    }
}

static gboolean add_costs(GanStep *step, GError **error)
{
    const GkBackend *backend = gan_device_backend(step->device);
    for (guint i = 0; i < gan_graph_n_nodes(step->graph); i++) {
        const GanNode *node = gan_graph_node(step->graph, i);
        if (!step->values[i].computed || gan_op_row(node->op)->cost == NULL)
            continue;
        for (guint k = 0; k < node->n_inputs; k++)
            step->call_views[k] = step->values[node->inputs[k]->id].view;
        const GanCall call = {.ops = &backend->ops,
                              .context = gan_device_context(step->device),
                              .node = node,
                              .inputs = step->call_views,
                              .output = &step->values[i].view};
        GkCost cost = {0};
        const GkStatus status = gan_op_row(node->op)->cost(&call, &cost);
        g_autofree char *what = g_strdup_printf("%s '%s'", gan_op_name(node->op), node->name);
        if (!gan_device_check(status, what, error))
            return FALSE;
        step->info.flops += cost.flops;
        step->info.packed_bytes += cost.packed_bytes;
        step->info.scratch_bytes = MAX(step->info.scratch_bytes, cost.scratch_bytes);
    }
    return TRUE;
}

GanStep *gan_step_new(GanGraph *graph, GanDevice *device, const GanShape *inputs, GError **error)
{
    g_autoptr(GanGraph) taken = graph;
    const GkDevice *gpu = gan_device_backend(device)->device;
    // Gradients reach beyond the range of float16.
    GanDevice *able =
        gpu != NULL && gpu->dtype == GK_F16 ? gan_device_in(device, GK_F32, error) : device;
    if (able == NULL)
        return NULL;
    g_autoptr(GanStep) step = g_new0(GanStep, 1);
    step->graph = gan_graph_simplify(taken);
    step->device = gan_device_ref(able);
    const guint n = gan_graph_n_nodes(step->graph);
    step->values = g_new0(GanStepValue, n);
    step->packed = g_new0(GkPlan *, n);
    step->copies = g_new0(void *, n);
    step->bound = g_new0(gboolean, n);
    step->spans = g_array_new(FALSE, TRUE, sizeof(GanSpan));
    step->links = g_array_new(FALSE, FALSE, sizeof(GanLink));
    step->chains = g_array_new(FALSE, TRUE, sizeof(GanChain));
    step->chain_of = g_new(int, n);
    for (guint i = 0; i < n; i++)
        step->chain_of[i] = -1;
    if (!infer_shapes(step, inputs, error))
        return NULL;
    find_live(step);
    place(step);
    gan_step_find_chains(step);
    find_lifetimes(step);
    place_in_place(step);
    step->info.arena_bytes = gan_arena_place((GanSpan *)step->spans->data, step->spans->len);
    if (!add_costs(step, error))
        return NULL;
    return g_steal_pointer(&step);
}

void gan_step_free(GanStep *step)
{
    if (step == NULL)
        return;
    const GkBackend *backend = gan_device_backend(step->device);
    GkContext *context = gan_device_context(step->device);
    gan_recording_forget(&step->recording, step->device);
    gan_step_memory_free(step);
    for (guint i = 0; i < gan_graph_n_nodes(step->graph); i++) {
        if (step->packed[i] != NULL)
            backend->plan_free(context, step->packed[i]);
    }
    gan_graph_free(step->graph);
    gan_device_unref(step->device);
    g_array_unref(step->spans);
    g_array_unref(step->links);
    g_array_unref(step->chains);
    g_free(step->chain_of);
    g_free(step->values);
    g_free(step->packed);
    g_free(step->call_views);
    g_free(step);
}

const GanStepInfo *gan_step_info(const GanStep *step)
{
    return &step->info;
}

GanShape gan_step_output_shape(const GanStep *step, guint index)
{
    return step->values[gan_graph_output_at(step->graph, index)->id].shape;
}

static GkView view_with_data(GanStep *step, const GanStepValue *value, const void *const *inputs)
{
    GkView view = value->view;
    switch (value->home) {
    case HOME_NONE: // only its shape is asked for
        break;
    case HOME_ARENA:
        view.data = (char *)step->arena + span_of(step, value)->offset;
        break;
    case HOME_INPUT: // the memory is the process's
        g_assert(inputs != NULL);
        view.data = (void *)inputs[value->source];
        break;
    case HOME_PARAMETER:
        view.data = gan_step_parameter(step, value->source);
        break;
    }
    return view;
}

// As the owners of inputs and outputs see them.
static GkView array_view(const GanStep *step, const GanShape *s, const void *data)
{
    return gk_view_nhwc((void *)data, gan_device_backend(step->device)->dtype, s->n, s->h, s->w,
                        s->c);
}

static gboolean run_node(GanStep *step, const GanNode *node, const void *const *inputs,
                         GError **error)
{
    const GkBackend *backend = gan_device_backend(step->device);
    const GanStepValue *value = &step->values[node->id];
    const GkView output = view_with_data(step, value, inputs);
    if (node->op == GAN_OP_INPUT) {
        if (gan_step_has_own_memory(step))
            return TRUE; // it is there
        g_assert(inputs != NULL);
        const GkView from = array_view(step, &value->shape, inputs[value->source]);
        return gan_step_put(step, &from, &output, error);
    }
    for (guint k = 0; k < node->n_inputs; k++)
        step->call_views[k] = view_with_data(step, &step->values[node->inputs[k]->id], inputs);
    const GanCall call = {.ops = &backend->ops,
                          .context = gan_device_context(step->device),
                          .node = node,
                          .inputs = step->call_views,
                          .output = &output,
                          .plan = &step->packed[node->id]};
    const GkStatus status = gan_op_row(node->op)->run(&call);
    if (status == GK_OK)
        return TRUE;
    g_autofree char *what = g_strdup_printf("%s '%s'", gan_op_name(node->op), node->name);
    return gan_device_check_on(step->device, status, what, error);
}

static void tell(const GanStep *step, guint i, gint64 begun_us)
{
    if (step->watch != NULL)
        step->watch(gan_graph_node(step->graph, i),
                    (double)(g_get_monotonic_time() - begun_us) / G_USEC_PER_SEC, step->watch_data);
}

static gboolean run_watched(GanStep *step, guint i, const void *const *inputs, GError **error)
{
    const gint64 begun_us = step->watch != NULL ? g_get_monotonic_time() : 0;
    if (!step->values[i].computed)
        return TRUE;
    if (!run_node(step, gan_graph_node(step->graph, i), inputs, error))
        return FALSE;
    tell(step, i, begun_us);
    return TRUE;
}

static gboolean run_chain(GanStep *step, GanChain *chain, const void *const *inputs, GError **error)
{
    const GkBackend *backend = gan_device_backend(step->device);
    GkChain *args = &chain->args;
    for (guint i = chain->first; i < chain->last; i++) {
        gboolean own = FALSE;
        for (guint k = 0; k < args->n_links; k++)
            own = own || chain->link[k] == i;
        if (!own && !run_watched(step, i, inputs, error))
            return FALSE;
    }
    const gint64 begun_us = step->watch != NULL ? g_get_monotonic_time() : 0;
    for (guint k = 0; k < args->n_inputs; k++)
        args->input[k] = view_with_data(step, &step->values[chain->input[k]], inputs);
    for (guint k = 0; k < args->n_links; k++)
        args->link[k].y = view_with_data(step, &step->values[chain->link[k]], inputs);
    const GkStatus status = backend->ops.chain(gan_device_context(step->device), args);
    if (status != GK_OK) {
        g_autofree char *what = g_strdup_printf("chain of functions to '%s'",
                                                gan_graph_node(step->graph, chain->last)->name);
        return gan_device_check_on(step->device, status, what, error);
    }
    tell(step, chain->first, begun_us);
    return TRUE;
}

// `inputs`: NULL on a device with memory of its own, where put_inputs() brings them before.
static gboolean run_nodes(GanStep *step, const void *const *inputs, GError **error)
{
    for (guint i = 0; i < gan_graph_n_nodes(step->graph); i++) {
        GanChain *chain = chain_at(step, i);
        if (chain == NULL ? !run_watched(step, i, inputs, error)
                          : chain->first == i && !run_chain(step, chain, inputs, error))
            return FALSE;
    }
    return TRUE;
}

static gboolean queue_nodes(gpointer data, GError **error)
{
    return run_nodes(data, NULL, error);
}

// Who watches wants to see each kernel.
static gboolean compute(GanStep *step, GError **error)
{
    return step->watch != NULL ? run_nodes(step, NULL, error)
                               : gan_recording_run(&step->recording, step->device, queue_nodes,
                                                   step, "training step", error);
}

static const GanLink *find_link(const GanStep *step, guint input)
{
    for (guint i = 0; i < step->links->len; i++) {
        const GanLink *link = &g_array_index(step->links, GanLink, i);
        if (link->input == input)
            return link;
    }
    return NULL;
}

static GkView output_view(GanStep *step, guint output)
{
    const GanNode *node = gan_graph_output_at(step->graph, output);
    return view_with_data(step, &step->values[node->id], NULL);
}

// Brings the inputs to the device.
static gboolean put_inputs(GanStep *step, const void *const *inputs, GError **error)
{
    for (guint i = 0; i < gan_graph_n_nodes(step->graph); i++) {
        const GanStepValue *value = &step->values[i];
        if (gan_graph_node(step->graph, i)->op != GAN_OP_INPUT || !value->computed)
            continue;
        const GkView to = view_with_data(step, value, inputs);
        const GanLink *link = find_link(step, value->source);
        const GkView from = link != NULL ? output_view(link->from, link->output)
                                         : array_view(step, &value->shape, inputs[value->source]);
        if (!(link != NULL ? gan_step_copy(step, &from, &to, error)
                           : gan_step_put(step, &from, &to, error)))
            return FALSE;
    }
    return TRUE;
}

gboolean gan_step_run(GanStep *step, const void *const *inputs, void *const *outputs,
                      GError **error)
{
    if (!gan_step_prepare(step, error))
        return FALSE;
    if (!(gan_step_has_own_memory(step) ? put_inputs(step, inputs, error) && compute(step, error)
                                        : run_nodes(step, inputs, error)))
        return FALSE;
    const guint n_outputs = gan_graph_n_outputs(step->graph);
    g_autofree GanFetch *fetches = g_new(GanFetch, MAX(n_outputs, 1));
    guint n = 0;
    for (guint i = 0; i < n_outputs; i++) {
        const GanStepValue *value = &step->values[gan_graph_output_at(step->graph, i)->id];
        if (outputs[i] != NULL)
            fetches[n++] = (GanFetch){view_with_data(step, value, inputs),
                                      array_view(step, &value->shape, outputs[i])};
    }
    return gan_step_fetch(step, fetches, n, error);
}

void gan_step_link(GanStep *step, guint input, GanStep *from, guint output)
{
    g_return_if_fail(gan_step_has_own_memory(step) && from->device == step->device);
    const GanLink link = {input, from, output};
    g_array_append_val(step->links, link);
}

gboolean gan_step_take(GanStep *step, guint output, void *memory, gboolean add, GError **error)
{
    const GkView from = output_view(step, output);
    const GanShape shape = gan_step_output_shape(step, output);
    const GkView to = array_view(step, &shape, memory);
    return gan_step_add(step, &from, &to, add, error);
}

void gan_step_watch(GanStep *step, GanStepWatch watch, gpointer data)
{
    step->watch = watch;
    step->watch_data = data;
}
