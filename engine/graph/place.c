// SPDX-License-Identifier: LGPL-3.0-or-later
// The places of a plan's values.
//
// Values are pictures in the backend's layout, or dense arrays: weights, matrices, vectors,
// scalars, and pictures of few channels, which blocks of channels would only blow up. A value
// either has a span of the arena, or is a view of another one, or lies in the caller's memory. A
// device with memory of its own has copies of what is the caller's. In mixed precision its pictures
// are of 16 bits and dense arrays of float32: parameters and their gradients, statistics, losses.
//
// Concatenation costs nothing where its parts can be computed in place: the parts then share the
// span of the longest concatenation that they belong to (RRDB's dense blocks become one picture
// of 192 channels).
#include "plan-private.h"
#include "rules.h"

#include <string.h>

// Pictures of so few channels are dense.
#define FEW_CHANNELS 4

static const GkBackend *backend_of(const GanPlan *plan)
{
    return gan_device_backend(plan->program->device);
}

static gboolean has_one_pixel(const GanValue *value)
{
    return value->shape.h * value->shape.w == 1;
}

static gboolean all_inputs_dense(const GanPlan *plan, const GanNode *node)
{
    for (guint k = 0; k < node->n_inputs; k++)
        if (!plan->values[node->inputs[k]->id].dense)
            return FALSE;
    return TRUE;
}

// On a device, for runs: all pictures are as its fast kernels take them, those at the ends, too.
// Vectors from outside, statistics, and what is made of them and of parameters are not: their
// numbers need not fit its type.
static gboolean is_statistic(const GanPlan *plan, const GanNode *node)
{
    const GanValue *value = &plan->values[node->id];
    if (node->op == GAN_OP_INPUT)
        return has_one_pixel(value);
    if (gan_op_row(node->op)->makes_pictures)
        return FALSE;
    const GanValue *first = &plan->values[node->inputs[0]->id];
    return all_inputs_dense(plan, node) || (has_one_pixel(value) && !has_one_pixel(first));
}

static gboolean is_dense(const GanPlan *plan, const GanNode *node)
{
    const GanValue *value = &plan->values[node->id];
    const GkBackend *backend = backend_of(plan);
    const GanOpRow *row = gan_op_row(node->op);
    if (node->op == GAN_OP_PARAMETER || row->dense ||
        (node->op == GAN_OP_INPUT && node->channels == 0))
        return TRUE;
    if (backend->device != NULL && plan->purpose == FOR_RUNS)
        return is_statistic(plan, node);
    const gboolean mixed = backend->device != NULL && backend->device->dtype != GK_F32;
    if ((backend->block == 0 && !mixed) || has_one_pixel(value) ||
        (value->shape.c <= FEW_CHANNELS && !plan->copies_ends))
        return TRUE;
    return node->op != GAN_OP_INPUT && !row->makes_pictures && all_inputs_dense(plan, node);
}

static GkView view_of(const GanPlan *plan, const GanValue *value)
{
    const GkBackend *backend = backend_of(plan);
    const GkDevice *device = backend->device;
    const GanShape *s = &value->shape;
    if (value->dense)
        return gk_view_nhwc(NULL, backend->dtype, s->n, s->h, s->w, s->c);
    return device != NULL
               ? gk_view_lanes(NULL, device->dtype, s->n, s->h, s->w, s->c, device->lanes)
               : gk_view_blocked(NULL, backend->dtype, s->n, s->h, s->w, s->c);
}

static GanSpan *span_of(const GanPlan *plan, const GanValue *value)
{
    return &g_array_index(plan->spans, GanSpan, value->span);
}

// --- concatenations ---

// Makes a value the part of a concatenation that begins at a channel of it.
static void put_in_frame(GanValue *value, int frame, guint first)
{
    value->frame = frame;
    value->first = first;
}

// Whether the inputs of a concatenation stand together in a longer one already.
static gboolean stand_together(const GanPlan *plan, const GanNode *node)
{
    const GanValue *first = &plan->values[node->inputs[0]->id];
    guint channel = first->first;
    for (guint k = 0; k < node->n_inputs; k++) {
        const GanValue *part = &plan->values[node->inputs[k]->id];
        if (part->frame < 0 || part->frame != first->frame || part->first != channel)
            return FALSE;
        channel += (guint)part->shape.c;
    }
    return TRUE;
}

// Gives the parts of a concatenation their place in its span, those that have none yet.
static void place_parts(GanPlan *plan, const GanNode *node)
{
    const GkBackend *backend = backend_of(plan);
    const gsize block = backend->device != NULL ? backend->device->lanes : MAX(backend->block, 1);
    GanValue *value = &plan->values[node->id];
    if (value->frame < 0 && stand_together(plan, node)) {
        const GanValue *first = &plan->values[node->inputs[0]->id];
        put_in_frame(value, first->frame, first->first);
        value->computed = FALSE;
        return;
    }
    if (value->frame < 0)
        put_in_frame(value, (int)node->id, 0);
    guint channel = value->first;
    gboolean all = TRUE;
    for (guint k = 0; k < node->n_inputs; k++) {
        const GanOpRow *row = gan_op_row(node->inputs[k]->op);
        GanValue *part = &plan->values[node->inputs[k]->id];
        if (part->frame < 0 && part->dense == value->dense && row->run != NULL &&
            row->view == NULL && channel % block == 0)
            put_in_frame(part, value->frame, channel);
        else if (part->frame != value->frame || part->first != channel)
            all = FALSE;
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

// The values of a step's concatenations are read again by chains of the gradient, which take
// whole pictures only.
static void place_concatenations(GanPlan *plan)
{
    const GanGraph *graph = plan->program->graph;
    g_autoptr(GPtrArray) nodes = g_ptr_array_new();
    for (guint i = 0; i < gan_graph_n_nodes(graph) && plan->purpose == FOR_RUNS; i++)
        if (gan_op_row(gan_graph_node(graph, i)->op)->gathers && plan->values[i].live)
            g_ptr_array_add(nodes, gan_graph_node(graph, i));
    g_ptr_array_sort(nodes, by_channels);
    for (guint i = 0; i < nodes->len; i++)
        place_parts(plan, nodes->pdata[i]);
}

// --- homes ---

// Gives a value a span of the arena: its own, or for a part that of its concatenation.
static void give_span(GanPlan *plan, guint i)
{
    GanValue *value = &plan->values[i];
    GanValue *frame = value->frame >= 0 ? &plan->values[value->frame] : value;
    if (frame->home != HOME_ARENA) {
        frame->view = view_of(plan, frame);
        const GanSpan span = {
            .first = i, .last = i, .bytes = gk_view_bytes(&frame->view), .offset = 0};
        g_array_append_val(plan->spans, span);
        frame->span = plan->spans->len - 1;
        frame->home = HOME_ARENA;
    }
    value->home = HOME_ARENA;
    value->span = frame->span;
    if (value == frame)
        return;
    // gk_view_channels(), of memory that is not there yet.
    value->view = frame->view;
    value->view.c = value->shape.c;
    value->view.first = value->first % frame->view.block;
    value->offset_bytes = value->first / frame->view.block * frame->view.stride_block *
                          gk_dtype_bytes(frame->view.dtype);
}

// Makes a value a view of its first input's memory, if it is one.
static gboolean share(const GanPlan *plan, const GanNode *node)
{
    const GanOpRow *row = gan_op_row(node->op);
    GanValue *value = &plan->values[node->id];
    GkView view;
    if (row->view == NULL)
        return FALSE;
    const GanValue *input = &plan->values[node->inputs[0]->id];
    if (!row->view(node, &input->view, &value->shape, &view))
        return FALSE;
    // The caller's rows need not lie together, whatever the plan took them for.
    if (input->home == HOME_INPUT && plan->purpose == FOR_RUNS &&
        (view.stride_x != input->view.stride_x || view.stride_y != input->view.stride_y))
        return FALSE;
    const GanShape shape = value->shape;
    *value = *input;
    value->shape = shape;
    value->view = view;
    value->live = TRUE;
    value->computed = FALSE;
    value->flops = 0;
    return TRUE;
}

static void give_homes(GanPlan *plan)
{
    const GanGraph *graph = plan->program->graph;
    for (guint i = 0; i < gan_graph_n_nodes(graph); i++) {
        const GanNode *node = gan_graph_node(graph, i);
        GanValue *value = &plan->values[i];
        // Views are what their inputs are; parts of concatenations have been asked before.
        if (value->frame < 0)
            value->dense = is_dense(plan, node);
        if (value->home != HOME_ARENA)
            value->view = view_of(plan, value);
        if (node->op == GAN_OP_PARAMETER) {
            value->home = HOME_PARAMETER;
            value->source = i;
        } else if (value->live && node->op == GAN_OP_INPUT && value->dense &&
                   !gan_program_has_own_memory(plan->program)) {
            value->home = HOME_INPUT;
        } else if (value->live && !share(plan, node)) {
            give_span(plan, i);
            // A concatenation whose parts are in place is there.
            if (value->frame < 0 || !gan_op_row(node->op)->gathers)
                value->computed = TRUE;
        }
        if (value->computed) {
            const GanShape *s = &value->shape;
            value->flops = (double)s->n * (double)s->h * (double)s->w * (double)s->c;
            plan->info.n_kernels++;
        }
    }
}

// --- the caller's memory at the end ---

static guint count_readers(const GanPlan *plan, const GanNode *value)
{
    const GanGraph *graph = plan->program->graph;
    guint n = 0;
    for (guint i = 0; i < gan_graph_n_outputs(graph); i++)
        n += gan_graph_output_at(graph, i) == value;
    for (guint i = 0; i < gan_graph_n_nodes(graph); i++) {
        const GanNode *node = gan_graph_node(graph, i);
        for (guint k = 0; k < gan_node_n_data(node) && plan->values[i].live; k++)
            n += node->inputs[k] == value;
    }
    return n;
}

// Has a kernel write an output to where the caller wants it, if nobody else reads it. Backends that
// lay pictures out in blocks take such memory in convolutions at most.
static void place_output(GanPlan *plan, guint index)
{
    const GanNode *node = gan_graph_output_at(plan->program->graph, index), *writer = node;
    const GanShape shape = plan->values[node->id].shape;
    for (; plan->values[writer->id].live && !plan->values[writer->id].computed;
         writer = writer->inputs[0])
        if (gan_op_row(writer->op)->view == NULL || count_readers(plan, writer) > 1)
            return;
    const GanValue *value = &plan->values[writer->id];
    if (value->home != HOME_ARENA || value->frame >= 0 || plan->chain_of[writer->id] >= 0 ||
        !value->dense || (backend_of(plan)->block != 0 && !gan_op_row(writer->op)->writes_rows) ||
        writer->op == GAN_OP_INPUT || count_readers(plan, writer) > 1 ||
        memcmp(&shape, &value->shape, sizeof shape) != 0)
        return;
    span_of(plan, value)->bytes = 0;
    for (;; node = node->inputs[0]) {
        plan->values[node->id].home = HOME_OUTPUT;
        plan->values[node->id].source = index;
        if (node == writer)
            return;
    }
}

static void place_outputs(GanPlan *plan)
{
    if (plan->purpose != FOR_RUNS || plan->copies_ends || gan_program_has_own_memory(plan->program))
        return;
    for (guint i = 0; i < gan_graph_n_outputs(plan->program->graph); i++)
        place_output(plan, i);
}

// --- the arena ---

GanChain *gan_plan_chain_at(const GanPlan *plan, guint i)
{
    const int index = plan->chain_of[i];
    return index < 0 ? NULL : &g_array_index(plan->chains, GanChain, index);
}

static void find_lifetimes(GanPlan *plan)
{
    const GanGraph *graph = plan->program->graph;
    const guint n = gan_graph_n_nodes(graph);
    for (guint i = 0; i < n; i++) {
        const GanNode *node = gan_graph_node(graph, i);
        const GanValue *value = &plan->values[i];
        const GanChain *chain = gan_plan_chain_at(plan, i);
        for (guint k = 0; k < gan_node_n_data(node) && value->live; k++) {
            const GanValue *input = &plan->values[node->inputs[k]->id];
            if (input->home == HOME_ARENA)
                span_of(plan, input)->last = MAX(span_of(plan, input)->last, i);
        }
        if (value->home != HOME_ARENA)
            continue;
        span_of(plan, value)->last = MAX(span_of(plan, value)->last, i);
        // Inputs come to a device before anything is computed.
        if (node->op == GAN_OP_INPUT && gan_program_has_own_memory(plan->program))
            span_of(plan, value)->first = 0;
        // From the chain's first piece on, while all that it reads is still there.
        if (chain != NULL && value->computed)
            span_of(plan, value)->first = MIN(span_of(plan, value)->first, chain->first);
    }
    for (guint i = 0; i < gan_graph_n_outputs(graph); i++) {
        const GanValue *value = gan_plan_output(plan, i);
        if (value->home == HOME_ARENA)
            span_of(plan, value)->last = n;
    }
}

// The other inputs of a node must not lie in the memory that it is going to overwrite, unless they
// are read pixel by pixel, too.
static gboolean may_replace(const GanPlan *plan, const GanNode *node, guint k)
{
    const GanValue *value = &plan->values[node->id], *input = &plan->values[node->inputs[k]->id];
    if (input->home != HOME_ARENA || span_of(plan, input)->last != node->id || input->frame >= 0 ||
        memcmp(&input->shape, &value->shape, sizeof value->shape) != 0 ||
        memcmp(&input->view, &value->view, sizeof value->view) != 0)
        return FALSE;
    for (guint j = 0; j < gan_node_n_data(node); j++) {
        const GanValue *other = &plan->values[node->inputs[j]->id];
        if (j != k && other->home == HOME_ARENA && other->span == input->span &&
            memcmp(&other->view, &value->view, sizeof value->view) != 0)
            return FALSE;
    }
    return TRUE;
}

// Puts values in the place of an input that nobody reads later.
static void place_in_place(GanPlan *plan)
{
    g_autofree guint *moved = g_new(guint, plan->spans->len + 1);
    for (guint i = 0; i < plan->spans->len; i++)
        moved[i] = i;
    for (guint i = 0; i < gan_graph_n_nodes(plan->program->graph); i++) {
        const GanNode *node = gan_graph_node(plan->program->graph, i);
        const GanOpRow *row = gan_op_row(node->op);
        GanValue *value = &plan->values[i];
        if (value->home != HOME_ARENA)
            continue;
        // Views of a value that moved move along.
        value->span = moved[value->span];
        if (!value->computed || value->frame >= 0 || plan->chain_of[i] >= 0 ||
            row->in_place == NULL)
            continue;
        const guint places = row->in_place(node);
        for (guint k = 0; k < node->n_inputs; k++) {
            const GanValue *input = &plan->values[node->inputs[k]->id];
            if (!(places & (1u << k)) || !may_replace(plan, node, k))
                continue;
            GanSpan *own = span_of(plan, value), *theirs = span_of(plan, input);
            theirs->last = own->last;
            own->bytes = 0;
            own->last = own->first;
            moved[value->span] = input->span;
            value->span = input->span;
            break;
        }
    }
}

void gan_plan_place(GanPlan *plan)
{
    for (guint i = 0; i < gan_graph_n_nodes(plan->program->graph); i++) {
        plan->values[i].dense = is_dense(plan, gan_graph_node(plan->program->graph, i));
        plan->values[i].frame = -1;
        plan->chain_of[i] = -1;
    }
    place_concatenations(plan);
    give_homes(plan);
    gan_plan_find_chains(plan);
    place_outputs(plan);
    find_lifetimes(plan);
    place_in_place(plan);
    plan->info.arena_bytes = gan_arena_place((GanSpan *)plan->spans->data, plan->spans->len);
}
