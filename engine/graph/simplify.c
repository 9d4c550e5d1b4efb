// SPDX-License-Identifier: LGPL-3.0-or-later
// Graphs without what is computed twice or for nobody.
#include "simplify.h"

#include <string.h>

static guint node_hash(gconstpointer data)
{
    const GanNode *node = data;
    guint hash = (guint)node->op * 2654435761u;
    for (guint k = 0; k < node->n_inputs; k++)
        hash = hash * 31 + node->inputs[k]->id;
    return hash;
}

// Attributes are compared as memory: they begin as a copy of gan_attributes_default(), and a
// difference that means nothing only costs a node.
static gboolean node_equal(gconstpointer a, gconstpointer b)
{
    const GanNode *na = a, *nb = b;
    if (na->op != nb->op || na->n_inputs != nb->n_inputs || na->op == GAN_OP_INPUT)
        return na == nb;
    for (guint k = 0; k < na->n_inputs; k++)
        if (na->inputs[k] != nb->inputs[k])
            return FALSE;
    if (na->op == GAN_OP_PARAMETER) {
        const GanTensor *ta = na->attributes.parameter, *tb = nb->attributes.parameter;
        // Constants of one element may be equal without being the same.
        return (ta == tb && na->attributes.trainable == nb->attributes.trainable) ||
               (!na->attributes.trainable && !nb->attributes.trainable && ta->rank == 0 &&
                tb->rank == 0 && memcmp(ta->data, tb->data, sizeof(float)) == 0);
    }
    return memcmp(&na->attributes, &nb->attributes, sizeof na->attributes) == 0;
}

GanGraph *gan_graph_simplify(const GanGraph *graph)
{
    const guint n = gan_graph_n_nodes(graph);
    g_autofree gboolean *live = g_new0(gboolean, n);
    g_autofree GanNode **map = g_new0(GanNode *, n);
    for (guint i = 0; i < gan_graph_n_outputs(graph); i++)
        live[gan_graph_output_at(graph, i)->id] = TRUE;
    for (guint i = 0; i < gan_graph_n_inputs(graph); i++)
        live[gan_graph_input_at(graph, i)->id] = TRUE;
    for (guint i = n; i-- > 0;)
        if (live[i])
            for (guint k = 0; k < gan_graph_node(graph, i)->n_inputs; k++)
                live[gan_graph_node(graph, i)->inputs[k]->id] = TRUE;

    GanGraph *to = gan_graph_new();
    // Nodes with the inputs of the new graph: what they would be there.
    g_autoptr(GHashTable) known = g_hash_table_new(node_hash, node_equal);
    for (guint i = 0; i < n; i++) {
        if (!live[i])
            continue;
        const GanNode *node = gan_graph_node(graph, i);
        g_autofree GanNode **inputs = g_new(GanNode *, MAX(node->n_inputs, 1));
        for (guint k = 0; k < node->n_inputs; k++)
            inputs[k] = map[node->inputs[k]->id];
        GanNode probe = *node;
        probe.inputs = inputs;
        map[i] = g_hash_table_lookup(known, &probe);
        if (map[i] != NULL)
            continue;
        map[i] =
            gan_graph_append(to, node->op, node->name, inputs, node->n_inputs, &node->attributes);
        g_hash_table_add(known, map[i]);
    }
    for (guint i = 0; i < gan_graph_n_outputs(graph); i++)
        gan_graph_add_output(to, map[gan_graph_output_at(graph, i)->id]);
    return to;
}
