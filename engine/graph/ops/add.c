// SPDX-License-Identifier: LGPL-3.0-or-later
// Sum of two pictures: alpha a + beta b.
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
    const GkAdd args = {.a = call->inputs[0],
                        .b = call->inputs[1],
                        .y = *call->output,
                        .alpha = call->node->attributes.alpha,
                        .beta = call->node->attributes.beta};
    return GAN_KERNEL(call, add, &args);
}

static GanNode *gradient(GanNode *node, GanNode *g, guint k)
{
    return gan_linear_map(g, k == 0 ? node->attributes.alpha : node->attributes.beta, 0);
}

static void link(const GanNode *node, const GkView *input, const GkView *output, GkLink *link)
{
    const GanAttributes *a = &node->attributes;
    *link = (GkLink){GK_LINK_BINARY, (int)GK_BINARY_ADD, a->alpha, a->beta, 0, 0, {0}};
}

const GanSightRule gan_sight_add = gan_sees_pointwise;
const GanOpRow gan_op_add = {
    .name = "sum",
    .channels = gan_channels_same,
    .shape = shape,
    .geometry = gan_geometry_joined,
    .run = run,
    .in_place = gan_in_place_both,
    .gradient = gradient,
    .link = link,
    .one_scale = TRUE,
};
