// SPDX-License-Identifier: LGPL-3.0-or-later
// Nearest upsampling by a factor: x.
#include "rules.h"

#include <ops/upsample.h>

static gboolean shape(const GanNode *node, const GanShape *in, GanShape *out, GError **error)
{
    const guint f = node->attributes.factor;
    *out = (GanShape){in[0].n, in[0].h * f, in[0].w * f, in[0].c};
    return TRUE;
}

static GkStatus run(const GanCall *call)
{
    const GkUpsample args = {call->inputs[0], *call->output, call->node->attributes.factor};
    return GAN_KERNEL(call, upsample_nearest, &args);
}

// The sum over the pixels that show one.
static GanNode *gradient(GanNode *node, GanNode *g, guint k)
{
    GanAttributes attributes = gan_attributes_default();
    attributes.kernel_h = attributes.kernel_w = attributes.stride = node->attributes.factor;
    GanNode *inputs[] = {g, node->inputs[0]};
    return gan_graph_append(node->graph, GAN_OP_AVERAGE_POOL, node->name, inputs, 2, &attributes);
}

const GanSightRule gan_sight_upsample_nearest = gan_sees_local;
const GanOpRow gan_op_upsample_nearest = {
    .name = "nearest upsampling",
    .channels = gan_channels_same,
    .shape = shape,
    .geometry = gan_geometry_enlarged,
    .run = run,
    .gradient = gradient,
    .makes_pictures = TRUE,
};
