// SPDX-License-Identifier: LGPL-3.0-or-later
// Product of two pictures.
#include "rules.h"
#include "values.h"

#include <ops/pointwise.h>

static gboolean shape(const GanNode *node, const GanShape *in, GanShape *out, GError **error)
{
    *out = in[0];
    return gan_shapes_equal(node, &in[0], &in[1], error);
}

static GkStatus run(const GanCall *call)
{
    const GkMultiply args = {.a = call->inputs[0], .b = call->inputs[1], .y = *call->output};
    return GAN_KERNEL(call, multiply, &args);
}

static GanNode *gradient(GanNode *node, GanNode *g, guint k)
{
    return gan_product(g, node->inputs[1 - k]);
}

static void link(const GanNode *node, const GkView *input, const GkView *output, GkLink *link)
{
    *link = (GkLink){GK_LINK_BINARY, (int)GK_BINARY_MULTIPLY, 1, 0, 0, 0, {0}};
}

const GanSightRule gan_sight_multiply = gan_sees_pointwise;
const GanOpRow gan_op_multiply = {
    .name = "product",
    .channels = gan_channels_same,
    .shape = shape,
    .geometry = gan_geometry_joined,
    .run = run,
    .in_place = gan_in_place_both,
    .gradient = gradient,
    .link = link,
    .one_scale = TRUE,
};
