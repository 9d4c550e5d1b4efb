// SPDX-License-Identifier: LGPL-3.0-or-later
// The gradient of padding: g, like.
#include "rules.h"

static GkStatus run(const GanCall *call)
{
    const GanAttributes *a = &call->node->attributes;
    const GkPadGradient args = {.y = call->inputs[0],
                                .x = *call->output,
                                .top = a->pad_top,
                                .left = a->pad_left,
                                .mode = a->pad_mode};
    return GAN_KERNEL(call, pad_gradient, &args);
}

static GanNode *gradient(GanNode *node, GanNode *g, guint k)
{
    return gan_append_like(node, GAN_OP_PAD, g, node->inputs[0], NULL);
}

const GanSightRule gan_sight_pad_gradient = gan_sees_padding;
const GanOpRow gan_op_pad_gradient = {
    .name = "gradient of padding",
    .channels = gan_channels_like,
    .shape = gan_shape_like,
    .geometry = gan_geometry_first,
    .run = run,
    .gradient = gradient,
    .n_data = 1,
};
