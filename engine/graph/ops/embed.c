// SPDX-License-Identifier: LGPL-3.0-or-later
// Zeros with a value in them: x, like; the gradient of a slice.
#include "rules.h"

#include <ops/copy.h>
#include <ops/elementwise.h>

static gboolean shape(const GanNode *node, const GanShape *in, GanShape *out, GError **error)
{
    gsize x[4], e[4];
    gan_shape_extents(&in[0], x);
    gan_shape_extents(&in[1], e);
    for (guint i = 0; i < 4; i++)
        if (node->attributes.first[i] + x[i] > e[i])
            return gan_shape_refuse(node, in, 2, error);
    *out = in[1];
    return TRUE;
}

static GkStatus run(const GanCall *call)
{
    const GkFill fill = {.y = *call->output, .value = 0};
    const GkStatus status = GAN_KERNEL(call, fill, &fill);
    const GkCopy args = {.x = call->inputs[0],
                         .y = gan_part_view(call->node, call->output, &call->inputs[0])};
    return status == GK_OK ? GAN_KERNEL(call, copy, &args) : status;
}

static GanNode *gradient(GanNode *node, GanNode *g, guint k)
{
    return gan_append_like(node, GAN_OP_SLICE, g, node->inputs[0], NULL);
}

const GanSightRule gan_sight_embed = gan_sees_part;
const GanOpRow gan_op_embed = {
    .name = "embedding",
    .channels = gan_channels_like,
    .shape = shape,
    .geometry = gan_geometry_first,
    .run = run,
    .gradient = gradient,
    .view = gan_view_equal,
    .n_data = 1,
};
