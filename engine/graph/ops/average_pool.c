// SPDX-License-Identifier: LGPL-3.0-or-later
// Sums or means over windows: x [, like].
#include "rules.h"

static gboolean shape(const GanNode *node, const GanShape *in, GanShape *out, GError **error)
{
    return gan_shape_pooled(node, in, 1, out, error);
}

static GkStatus run(const GanCall *call)
{
    const GkAveragePool args = {
        .large = call->inputs[0], .small = *call->output, .shape = gan_pool_shape(call->node)};
    return GAN_KERNEL(call, average_pool, &args);
}

static GanNode *gradient(GanNode *node, GanNode *g, guint k)
{
    return gan_append_like(node, GAN_OP_AVERAGE_POOL_GRADIENT, g, node->inputs[0], NULL);
}

const GanSightRule gan_sight_average_pool = gan_sees_pooled;
const GanOpRow gan_op_average_pool = {
    .name = "average pooling",
    .channels = gan_channels_same,
    .shape = shape,
    .geometry = gan_geometry_window,
    .run = run,
    .gradient = gradient,
    .n_data = 1,
};
