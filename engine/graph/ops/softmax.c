// SPDX-License-Identifier: LGPL-3.0-or-later
// Shares that sum up to 1: x; over the channels, or the pixels of a row, as attributes.axes says.
#include "rules.h"
#include "values.h"

#include <ops/softmax.h>

static GkStatus run(const GanCall *call)
{
    const GkSoftmax args = {call->inputs[0], *call->output,
                            call->node->attributes.axes == GAN_AXIS_C ? GK_SOFTMAX_C
                                                                      : GK_SOFTMAX_W};
    return GAN_KERNEL(call, softmax, &args);
}

// y (g - sum of g y)
static GanNode *gradient(GanNode *node, GanNode *g, guint k)
{
    GanNode *sum = gan_reduce_sum(gan_product(g, node), node->attributes.axes);
    return gan_product(node, gan_difference(g, sum));
}

static GanSight sight(const GanNode *node, const GanGeometry *rows)
{
    return node->attributes.axes == GAN_AXIS_C ? GAN_SIGHT_LOCAL : GAN_SIGHT_WHOLE;
}

const GanSightRule gan_sight_softmax = sight;
const GanOpRow gan_op_softmax = {
    .name = "softmax",
    .channels = gan_channels_same,
    .shape = gan_shape_same,
    .geometry = gan_geometry_first,
    .run = run,
    .in_place = gan_in_place_first,
    .gradient = gradient,
};
