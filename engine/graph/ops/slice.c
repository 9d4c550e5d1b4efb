// SPDX-License-Identifier: LGPL-3.0-or-later
// A part of each axis: x [, like]; see gan_slice().
#include "rules.h"

#include <ops/copy.h>

static guint channels(const GanNode *node)
{
    const GanAttributes *a = &node->attributes;
    if (node->n_inputs > 1)
        return node->inputs[1]->channels;
    return a->extent[3] > 0 ? (guint)a->extent[3] : node->inputs[0]->channels - a->first[3];
}

static gboolean shape(const GanNode *node, const GanShape *in, GanShape *out, GError **error)
{
    const GanAttributes *a = &node->attributes;
    gsize x[4], e[4];
    gan_shape_extents(&in[0], x);
    gan_shape_extents(&in[node->n_inputs - 1], e);
    for (guint i = 0; i < 4; i++) {
        if (node->n_inputs == 1 && a->first[i] <= x[i])
            e[i] = a->extent[i] > 0 ? (gsize)a->extent[i] : x[i] - a->first[i];
        if (a->first[i] + e[i] > x[i])
            return gan_shape_refuse(node, in, node->n_inputs, error);
    }
    *out = gan_shape_of(e);
    return TRUE;
}

static GkStatus run(const GanCall *call)
{
    const GkCopy args = {.x = gan_part_view(call->node, &call->inputs[0], call->output),
                         .y = *call->output};
    return GAN_KERNEL(call, copy, &args);
}

static GanNode *gradient(GanNode *node, GanNode *g, guint k)
{
    return gan_append_like(node, GAN_OP_EMBED, g, node->inputs[0], NULL);
}

const GanSightRule gan_sight_slice = gan_sees_part;
const GanOpRow gan_op_slice = {
    .name = "slice",
    .channels = channels,
    .shape = shape,
    .geometry = gan_geometry_first,
    .run = run,
    .gradient = gradient,
    .view = gan_view_equal,
    .n_data = 1,
};
