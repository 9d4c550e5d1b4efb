// SPDX-License-Identifier: LGPL-3.0-or-later
// Padding on the right and at the bottom, to a multiple of a factor: x.
#include "rules.h"

static gboolean shape(const GanNode *node, const GanShape *in, GanShape *out, GError **error)
{
    const guint f = node->attributes.factor;
    *out = (GanShape){in[0].n, (in[0].h + f - 1) / f * f, (in[0].w + f - 1) / f * f, in[0].c};
    return TRUE;
}

static GkStatus run(const GanCall *call)
{
    const GkPad args = {
        .x = call->inputs[0], .y = *call->output, .mode = call->node->attributes.pad_mode};
    return GAN_KERNEL(call, pad, &args);
}

static GanNode *gradient(GanNode *node, GanNode *g, guint k)
{
    return gan_append_like(node, GAN_OP_PAD_GRADIENT, g, node->inputs[0], NULL);
}

const GanSightRule gan_sight_pad_to_multiple = gan_sees_local;
const GanOpRow gan_op_pad_to_multiple = {
    .name = "padding",
    .channels = gan_channels_same,
    .shape = shape,
    .geometry = gan_geometry_first,
    .run = run,
    .gradient = gradient,
    .view = gan_view_equal,
};
