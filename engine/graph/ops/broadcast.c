// SPDX-License-Identifier: LGPL-3.0-or-later
// One value in the place of many: x, like; the gradient of the sum over axes.
#include "rules.h"

#include <ops/elementwise.h>

static void geometry(const GanNode *node, const GanGeometry *rows, GanGeometry *out)
{
    gan_geometry_like(node, rows, out);
    out->reach = rows[node->inputs[0]->id].reach;
}

static GkStatus run(const GanCall *call)
{
    const GkUnary args = {
        .x = call->inputs[0],
        .y = *call->output,
        .kind = GK_UNARY_LINEAR,
        .alpha = gan_sum_scale(&call->node->attributes, call->output, &call->inputs[0])};
    return GAN_KERNEL(call, unary, &args);
}

static GanNode *gradient(GanNode *node, GanNode *g, guint k)
{
    return gan_append_like(node, GAN_OP_REDUCE, g, node->inputs[0], NULL);
}

// A scale acts on equal shapes, too.
static gboolean view(const GanNode *node, const GkView *input, const GanShape *shape, GkView *value)
{
    return node->attributes.alpha == 1 && gan_view_equal(node, input, shape, value);
}

const GanSightRule gan_sight_broadcast = gan_sees_local;
const GanOpRow gan_op_broadcast = {
    .name = "broadcast",
    .channels = gan_channels_like,
    .shape = gan_shape_like,
    .geometry = geometry,
    .run = run,
    .gradient = gradient,
    .view = view,
    .n_data = 1,
};
