// SPDX-License-Identifier: LGPL-3.0-or-later
// Scale and shift of each channel: x, scale, shift.
#include "rules.h"
#include "values.h"

#include <ops/pointwise.h>

static GkStatus run(const GanCall *call)
{
    const GkAffine args = {.x = call->inputs[0],
                           .y = *call->output,
                           .scale = call->inputs[1].data,
                           .shift = call->inputs[2].data};
    return GAN_KERNEL(call, affine, &args);
}

static GanNode *gradient(GanNode *node, GanNode *g, guint k)
{
    if (k == 0)
        return gan_product(g, node->inputs[1]);
    return gan_reduce_like(k == 1 ? gan_product(g, node->inputs[0]) : g, node->inputs[k]);
}

const GanSightRule gan_sight_affine = gan_sees_local;
const GanOpRow gan_op_affine = {
    .name = "scale",
    .channels = gan_channels_same,
    .shape = gan_shape_same,
    .geometry = gan_geometry_first,
    .run = run,
    .in_place = gan_in_place_first,
    .gradient = gradient,
};
