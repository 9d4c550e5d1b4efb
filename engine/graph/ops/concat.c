// SPDX-License-Identifier: LGPL-3.0-or-later
// Any number of pictures, along channels.
#include "rules.h"

#include <ops/copy.h>

static guint channels(const GanNode *node)
{
    guint sum = 0;
    for (guint i = 0; i < node->n_inputs; i++)
        sum += node->inputs[i]->channels;
    return sum;
}

static gboolean shape(const GanNode *node, const GanShape *in, GanShape *out, GError **error)
{
    *out = in[0];
    for (guint i = 1; i < node->n_inputs; i++) {
        GanShape other = in[i];
        other.c = in[0].c;
        if (!gan_shapes_equal(node, &in[0], &other, error))
            return FALSE;
    }
    out->c = node->channels;
    return TRUE;
}

static GkStatus run(const GanCall *call)
{
    gsize first = 0;
    for (guint i = 0; i < call->node->n_inputs; i++) {
        const GkView *x = &call->inputs[i];
        const GkCopy args = {.x = *x, .y = gk_view_channels(call->output, first, x->c)};
        first += x->c;
        // The plan lets values be computed in their place in the concatenation.
        if (args.x.data == args.y.data && args.x.first == args.y.first)
            continue;
        const GkStatus status = GAN_KERNEL(call, copy, &args);
        if (status != GK_OK)
            return status;
    }
    return GK_OK;
}

static GanNode *gradient(GanNode *node, GanNode *g, guint k)
{
    GanAttributes attributes = gan_attributes_default();
    for (guint i = 0; i < k; i++)
        attributes.first[3] += node->inputs[i]->channels;
    GanNode *inputs[] = {g, node->inputs[k]};
    return gan_graph_append(node->graph, GAN_OP_SLICE, node->name, inputs, 2, &attributes);
}

const GanSightRule gan_sight_concat = gan_sees_pointwise;
const GanOpRow gan_op_concat = {
    .name = "concatenation",
    .channels = channels,
    .shape = shape,
    .geometry = gan_geometry_joined,
    .run = run,
    .gradient = gradient,
    .one_scale = TRUE,
    .makes_pictures = TRUE,
    .gathers = TRUE,
};
