// SPDX-License-Identifier: LGPL-3.0-or-later
// Padding on all sides: x [, like].
#include "rules.h"

static gboolean shape(const GanNode *node, const GanShape *in, GanShape *out, GError **error)
{
    const GanAttributes *a = &node->attributes;
    *out = node->n_inputs > 1 ? in[1]
                              : (GanShape){in[0].n, in[0].h + a->pad_top + a->pad_bottom,
                                           in[0].w + a->pad_left + a->pad_right, in[0].c};
    return TRUE;
}

static GkStatus run(const GanCall *call)
{
    const GanAttributes *a = &call->node->attributes;
    const GkPad args = {.x = call->inputs[0],
                        .y = *call->output,
                        .top = a->pad_top,
                        .left = a->pad_left,
                        .mode = a->pad_mode};
    return GAN_KERNEL(call, pad, &args);
}

static GanNode *gradient(GanNode *node, GanNode *g, guint k)
{
    return gan_append_like(node, GAN_OP_PAD_GRADIENT, g, node->inputs[0], NULL);
}

const GanSightRule gan_sight_pad = gan_sees_padding;
const GanOpRow gan_op_pad = {
    .name = "padding",
    .channels = gan_channels_same,
    .shape = shape,
    .geometry = gan_geometry_first,
    .run = run,
    .gradient = gradient,
    .view = gan_view_equal,
    .n_data = 1,
};
