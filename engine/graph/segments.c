// SPDX-License-Identifier: LGPL-3.0-or-later
// Cuts a graph where the moments of whole pictures are taken.
//
// A node's stage is the number of moments that must be complete, one after the other, before it can
// be computed. Segment s computes the nodes of stage s, from what segments before it have kept.
#include "segments.h"

#include "ops.h"

#include <string.h>

typedef struct {
    const GanGraph *graph;
    guint n;
    GanGeometry *rows;
    guint *stage;       // by node
    gboolean *constant; // by node: the same at every run
    guint *last;        // by node: the last stage that reads it
} Cut;

static void cut_clear(Cut *cut)
{
    g_free(cut->rows);
    g_free(cut->stage);
    g_free(cut->constant);
    g_free(cut->last);
}
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC(Cut, cut_clear)

static void segment_free(gpointer data)
{
    GanSegment *segment = data;
    for (guint i = 0; i < segment->n_outputs; i++)
        g_free(segment->outputs[i].moments);
    gan_graph_free(segment->graph);
    g_free(segment->inputs);
    g_free(segment->outputs);
    g_free(segment->dropped);
    g_free(segment);
}

static gboolean is_moments(const GanNode *node)
{
    return node->op == GAN_OP_MOMENTS;
}

// Finds the stages; refuses what looks at the whole picture and is no moments.
static gboolean find_stages(Cut *cut, GError **error)
{
    for (guint i = 0; i < cut->n; i++) {
        const GanNode *node = gan_graph_node(cut->graph, i);
        GanSight nearest = GAN_SIGHT_LOCAL;
        cut->constant[i] = node->op != GAN_OP_INPUT;
        for (guint k = 0; k < node->n_inputs; k++) {
            const guint id = node->inputs[k]->id;
            cut->stage[i] = MAX(cut->stage[i], cut->stage[id]);
            cut->constant[i] = cut->constant[i] && cut->constant[id];
            nearest = MAX(nearest, cut->rows[id].sight);
        }
        if (is_moments(node))
            cut->stage[i]++;
        else if (cut->rows[i].sight > nearest) {
            g_set_error(error, GAN_ERROR, GAN_ERROR_UNSUPPORTED,
                        "%s '%s' looks at the whole picture; only moments can be taken of tiles",
                        gan_op_name(node->op), node->name);
            return FALSE;
        }
    }
    for (guint i = 0; i < cut->n; i++) {
        const GanNode *node = gan_graph_node(cut->graph, i);
        cut->last[i] = MAX(cut->last[i], cut->stage[i]);
        // Moments are taken in the segment before their own stage, where their input is computed.
        for (guint k = 0; k < node->n_inputs; k++)
            cut->last[node->inputs[k]->id] =
                MAX(cut->last[node->inputs[k]->id], cut->stage[i] - (is_moments(node) ? 1 : 0));
    }
    return TRUE;
}

static guint scale_divisor(guint a, guint b)
{
    return b == 0 ? a : scale_divisor(b, a % b);
}

// Stands for a node of the network that comes from outside of the segment.
static GanNode *append_input(const Cut *cut, GanSegment *segment, const GanNode *node)
{
    const GanGeometry *row = &cut->rows[node->id];
    GanAttributes a = gan_attributes_default();
    const guint divisor = MAX(1, scale_divisor(row->scale_num, row->scale_den));
    a.channels = node->channels;
    a.scale_num = row->scale_num / divisor;
    a.scale_den = row->scale_den / divisor;
    segment->inputs = g_renew(guint, segment->inputs, segment->n_inputs + 1);
    segment->inputs[segment->n_inputs++] = node->id;
    return gan_graph_append(segment->graph, GAN_OP_INPUT, node->name, NULL, 0, &a);
}

// Copies what node `id` is computed from within stage `s`. Nodes are visited in the network's
// order, so that depth does not matter.
static void copy_nodes(const Cut *cut, GanSegment *segment, guint s, const gboolean *wanted,
                       GanNode **map)
{
    g_autofree gboolean *needed = g_memdup2(wanted, cut->n * sizeof *wanted);
    for (guint i = cut->n; i-- > 0;) {
        const GanNode *node = gan_graph_node(cut->graph, i);
        if (!needed[i] || (!cut->constant[i] && (cut->stage[i] < s || is_moments(node))))
            continue;
        for (guint k = 0; k < node->n_inputs; k++)
            needed[node->inputs[k]->id] = TRUE;
    }
    for (guint i = 0; i < cut->n; i++) {
        const GanNode *node = gan_graph_node(cut->graph, i);
        if (!needed[i])
            continue;
        const gboolean from_outside = !cut->constant[i] && (cut->stage[i] < s || is_moments(node) ||
                                                            node->op == GAN_OP_INPUT);
        if (from_outside) {
            map[i] = append_input(cut, segment, node);
            continue;
        }
        g_autofree GanNode **inputs = g_new(GanNode *, MAX(node->n_inputs, 1));
        for (guint k = 0; k < node->n_inputs; k++)
            inputs[k] = map[node->inputs[k]->id];
        map[i] = gan_graph_append(segment->graph, node->op, node->name, inputs, node->n_inputs,
                                  &node->attributes);
    }
}

// The moments that are taken of node `id` in segment `s`.
static void find_moments(const Cut *cut, guint id, GanSegmentOutput *output)
{
    for (guint i = id + 1; i < cut->n; i++) {
        const GanNode *node = gan_graph_node(cut->graph, i);
        if (!is_moments(node) || node->inputs[0]->id != id)
            continue;
        output->moments = g_renew(guint, output->moments, output->n_moments + 1);
        output->moments[output->n_moments++] = i;
    }
}

static GanSegment *make_segment(const Cut *cut, guint s)
{
    GanSegment *segment = g_new0(GanSegment, 1);
    segment->graph = gan_graph_new();
    g_autofree gboolean *wanted = g_new0(gboolean, cut->n);
    g_autofree GanNode **map = g_new0(GanNode *, cut->n);
    g_autoptr(GArray) outputs = g_array_new(FALSE, TRUE, sizeof(GanSegmentOutput));
    g_autoptr(GArray) dropped = g_array_new(FALSE, FALSE, sizeof(guint));
    const guint final = gan_graph_output(cut->graph)->id;
    for (guint i = 0; i < cut->n; i++) {
        const GanNode *node = gan_graph_node(cut->graph, i);
        if (cut->constant[i] || is_moments(node))
            continue;
        const gboolean own = cut->stage[i] == s;
        // A network's own inputs are read again.
        const gboolean later = cut->last[i] > s && node->op != GAN_OP_INPUT;
        GanSegmentOutput output = {.node = i, .kept = later, .final = i == final};
        if (own)
            find_moments(cut, i, &output);
        if (own && (later || output.final || output.n_moments > 0)) {
            wanted[i] = TRUE;
            g_array_append_val(outputs, output);
        } else if (cut->stage[i] < s && cut->last[i] == s && node->op != GAN_OP_INPUT) {
            g_array_append_val(dropped, i);
        }
    }
    copy_nodes(cut, segment, s, wanted, map);
    for (guint k = 0; k < outputs->len; k++)
        gan_graph_add_output(segment->graph, map[g_array_index(outputs, GanSegmentOutput, k).node]);
    segment->outputs = (GanSegmentOutput *)(void *)g_array_steal(outputs, NULL);
    segment->n_outputs = gan_graph_n_outputs(segment->graph);
    segment->n_dropped = dropped->len;
    segment->dropped = (guint *)(void *)g_array_steal(dropped, NULL);
    return segment;
}

GPtrArray *gan_graph_segments(const GanGraph *graph, GError **error)
{
    const guint n = gan_graph_n_nodes(graph);
    g_auto(Cut) cut = {.graph = graph, .n = n};
    cut.rows = g_new0(GanGeometry, n);
    cut.stage = g_new0(guint, n);
    cut.constant = g_new0(gboolean, n);
    cut.last = g_new0(guint, n);
    if (!gan_graph_geometry(graph, cut.rows, error) || !find_stages(&cut, error))
        return NULL;
    GPtrArray *segments = g_ptr_array_new_with_free_func(segment_free);
    for (guint s = 0; s <= cut.stage[gan_graph_output(graph)->id]; s++)
        g_ptr_array_add(segments, make_segment(&cut, s));
    return segments;
}
