// SPDX-License-Identifier: LGPL-3.0-or-later
// The gradient of sums or means over windows: g, like.
#include "rules.h"

static GkStatus run(const GanCall *call)
{
    const GkAveragePool args = {
        .large = *call->output, .small = call->inputs[0], .shape = gan_pool_shape(call->node)};
    return GAN_KERNEL(call, average_pool_gradient, &args);
}

static GanNode *gradient(GanNode *node, GanNode *g, guint k)
{
    return gan_append_like(node, GAN_OP_AVERAGE_POOL, g, node->inputs[0], NULL);
}

const GanSightRule gan_sight_average_pool_gradient = gan_sees_local;
const GanOpRow gan_op_average_pool_gradient = {
    .name = "gradient of average pooling",
    .channels = gan_channels_like,
    .shape = gan_shape_like,
    .geometry = gan_geometry_spread,
    .run = run,
    .gradient = gradient,
    .n_data = 1,
};
