// SPDX-License-Identifier: LGPL-3.0-or-later
// Reverse accumulation over a graph: Linnainmaa 1970; each operation has its rule in its row.
#include "gradient.h"
#include "ops.h"
#include "values.h"

// Which nodes up to `last` depend on one of the wanted ones by a path of gradients.
static gboolean *find_dependent(const GanGraph *graph, GanNode *const *wanted, guint n, guint last)
{
    gboolean *dependent = g_new0(gboolean, last + 1);
    for (guint i = 0; i < n; i++)
        if (wanted[i]->id <= last)
            dependent[wanted[i]->id] = TRUE;
    for (guint i = 0; i <= last; i++) {
        const GanNode *node = gan_graph_node(graph, i);
        if (gan_op_row(node->op)->gradient == NULL)
            continue;
        for (guint k = 0; k < gan_node_n_data(node) && !dependent[i]; k++)
            dependent[i] = dependent[node->inputs[k]->id];
    }
    return dependent;
}

void gan_graph_gradient(GanGraph *graph, GanNode *loss, GanNode *const *wanted, guint n,
                        GanNode **gradients)
{
    g_return_if_fail(loss->graph == graph);
    const guint last = loss->id;
    g_autofree gboolean *dependent = find_dependent(graph, wanted, n, last);
    g_autofree GanNode **sums = g_new0(GanNode *, last + 1);
    if (dependent[last])
        sums[last] = gan_broadcast(gan_scalar(graph, 1), loss);
    for (guint i = last + 1; i-- > 0;) {
        GanNode *node = gan_graph_node(graph, i);
        const GanOpRow *row = gan_op_row(node->op);
        if (sums[i] == NULL || row->gradient == NULL)
            continue;
        // The last input first: gradients of biases and slopes then follow the functions whose
        // values they sum up, and join their chain (chain.c).
        for (guint k = gan_node_n_data(node); k-- > 0;) {
            const guint from = node->inputs[k]->id;
            GanNode *part = dependent[from] ? row->gradient(node, sums[i], k) : NULL;
            if (part != NULL)
                sums[from] = sums[from] == NULL ? part : gan_sum(sums[from], part);
        }
    }
    for (guint i = 0; i < n; i++)
        gradients[i] = wanted[i]->id <= last && sums[wanted[i]->id] != NULL
                           ? sums[wanted[i]->id]
                           : gan_broadcast(gan_scalar(graph, 0), wanted[i]);
}
