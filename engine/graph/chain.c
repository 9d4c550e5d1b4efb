// SPDX-License-Identifier: LGPL-3.0-or-later
// Chains: neighbouring elementwise functions of one shape, and sums of their values over all
// pixels, that one kernel computes in one pass over memory. Values that nobody else reads
// are never written.
#include "plan-private.h"

#include <string.h>

// The place of a node among the links or inputs of a chain, or -1.
static int find(const guint *nodes, gsize n, guint id)
{
    for (gsize i = 0; i < n; i++)
        if (nodes[i] == id)
            return (int)i;
    return -1;
}

static gboolean reads_link(const GanChain *chain, const GanNode *node)
{
    for (guint k = 0; k < gan_node_n_data(node); k++)
        if (find(chain->link, chain->args.n_links, node->inputs[k]->id) >= 0)
            return TRUE;
    return FALSE;
}

// TRUE if a chain of the value's shape can be computed: whole blocks of channels, where
// there are blocks.
static gboolean is_whole(const GanPlan *plan, const GanValue *value)
{
    const gsize block = gan_device_backend(plan->program->device)->block;
    return value->shape.h * value->shape.w > 1 && value->frame < 0 &&
           (block == 0 || (!value->dense && value->shape.c % block == 0));
}

// TRUE if a value is the same for all pixels.
static gboolean is_vector(const GanValue *value, const GkView *shape)
{
    const GanShape *s = &value->shape;
    return value->dense && s->h == 1 && s->w == 1 && (s->n == 1 || s->n == shape->n) &&
           (s->c == 1 || s->c == shape->c);
}

static gboolean is_shape(const GanValue *value, const GkView *shape)
{
    return memcmp(&value->view, shape, sizeof *shape) == 0;
}

// Adds what a link reads, if a chain can read it.
static gboolean add_operand(const GanPlan *plan, GanChain *chain, guint id, gboolean whole)
{
    GkChain *args = &chain->args;
    const GanValue *value = &plan->values[id];
    const int link = find(chain->link, args->n_links, id);
    if (link >= 0)
        return args->link[link].kind != GK_LINK_SUM;
    if (!is_shape(value, &args->shape) && (whole || !is_vector(value, &args->shape)))
        return FALSE;
    // The rows of the caller's picture need not lie together.
    if (value->home == HOME_INPUT && plan->purpose == FOR_RUNS)
        return FALSE;
    if (find(chain->input, args->n_inputs, id) >= 0)
        return TRUE;
    if (args->n_inputs == GK_MAX_CHAIN_INPUTS)
        return FALSE;
    chain->input[args->n_inputs++] = id;
    return TRUE;
}

// Adds a node to the chain, or leaves the chain as it is.
static gboolean add_link(const GanPlan *plan, GanChain *chain, const GanNode *node)
{
    const GanOpRow *row = gan_op_row(node->op);
    const GanValue *value = &plan->values[node->id];
    if (row->link == NULL || chain->args.n_links == GK_MAX_LINKS)
        return FALSE;
    GkLink link;
    const GanValue *input = &plan->values[node->inputs[0]->id];
    row->link(node, &input->view, &value->view, &link);
    const gboolean sum = link.kind == GK_LINK_SUM;
    const GanValue *whole = sum ? input : value;
    if (sum && !(value->dense && value->shape.n * value->shape.h * value->shape.w == 1 &&
                 value->shape.c == input->shape.c))
        return FALSE;
    GanChain longer = *chain;
    if (chain->args.n_links == 0) {
        if (!is_whole(plan, whole))
            return FALSE;
        longer.args.shape = whole->view;
    }
    if (!is_shape(whole, &longer.args.shape))
        return FALSE;
    for (guint k = 0; k < gan_node_n_data(node); k++)
        if (!add_operand(plan, &longer, node->inputs[k]->id, sum))
            return FALSE;
    longer.link[longer.args.n_links] = node->id;
    longer.args.link[longer.args.n_links++] = link;
    longer.last = node->id;
    *chain = longer;
    return TRUE;
}

// The longest chain that begins with node `first`. Between its nodes there may be others that are
// small and do not read it.
static GanChain chain_from(const GanPlan *plan, guint first)
{
    GanChain chain = {.first = first, .last = first};
    for (guint i = first; i < gan_graph_n_nodes(plan->program->graph); i++) {
        const GanNode *node = gan_graph_node(plan->program->graph, i);
        const GanValue *value = &plan->values[i];
        if (!value->live || node->op == GAN_OP_PARAMETER)
            continue;
        if (value->computed && node->op != GAN_OP_INPUT && add_link(plan, &chain, node))
            continue;
        const gboolean small = value->shape.h * value->shape.w == 1;
        if (chain.args.n_links == 0 || reads_link(&chain, node) || (value->computed && !small))
            break;
    }
    return chain;
}

// Whether anybody but the chain reads one of its values.
static gboolean is_stored(const GanPlan *plan, const GanChain *chain, guint id)
{
    if (gan_plan_is_output(plan, id))
        return TRUE;
    for (guint i = id + 1; i < gan_graph_n_nodes(plan->program->graph); i++) {
        const GanNode *node = gan_graph_node(plan->program->graph, i);
        if (!plan->values[i].live || find(chain->link, chain->args.n_links, i) >= 0)
            continue;
        for (guint k = 0; k < gan_node_n_data(node); k++)
            if (node->inputs[k]->id == id)
                return TRUE;
    }
    return FALSE;
}

static void keep_chain(GanPlan *plan, GanChain *chain)
{
    GkChain *args = &chain->args;
    for (guint i = 0; i < args->n_links; i++) {
        const GanNode *node = gan_graph_node(plan->program->graph, chain->link[i]);
        gsize at[2] = {0, 0};
        for (guint k = 0; k < gan_node_n_data(node); k++) {
            const guint id = node->inputs[k]->id;
            const int link = find(chain->link, args->n_links, id);
            at[k] = link >= 0 ? args->n_inputs + (gsize)link
                              : (gsize)find(chain->input, args->n_inputs, id);
        }
        args->link[i].a = at[0];
        args->link[i].b = at[1];
        if (is_stored(plan, chain, chain->link[i]))
            continue;
        GanValue *value = &plan->values[chain->link[i]];
        g_array_index(plan->spans, GanSpan, value->span).bytes = 0;
        value->home = HOME_NONE;
        value->computed = FALSE;
    }
    plan->info.n_kernels -= args->n_links - 1;
    for (guint i = chain->first; i <= chain->last; i++)
        if (plan->values[i].computed || find(chain->link, args->n_links, i) >= 0)
            plan->chain_of[i] = (int)plan->chains->len;
    g_array_append_val(plan->chains, *chain);
}

void gan_plan_find_chains(GanPlan *plan)
{
    if (gan_device_backend(plan->program->device)->ops.chain == NULL)
        return;
    for (guint i = 0; i < gan_graph_n_nodes(plan->program->graph); i++) {
        if (!plan->values[i].computed)
            continue;
        GanChain chain = chain_from(plan, i);
        if (chain.args.n_links < 2)
            continue;
        keep_chain(plan, &chain);
        i = chain.last;
    }
}
