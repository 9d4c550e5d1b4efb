// SPDX-License-Identifier: LGPL-3.0-or-later
// The gradient of max pooling: g, x.
#include "rules.h"

static gboolean shape(const GanNode *node, const GanShape *in, GanShape *out, GError **error)
{
    *out = in[1];
    return TRUE;
}

static void geometry(const GanNode *node, const GanGeometry *rows, GanGeometry *out)
{
    gan_geometry_spread(node, rows, out);
    gan_geometry_join(&rows[node->inputs[1]->id], out);
    // A window's maximum is found in all of it.
    gan_geometry_reach(out, MAX(node->attributes.kernel_h, node->attributes.kernel_w));
}

static GkStatus run(const GanCall *call)
{
    const GkMaxPool args = {.small = call->inputs[0],
                            .x = call->inputs[1],
                            .large = *call->output,
                            .shape = gan_pool_shape(call->node)};
    return GAN_KERNEL(call, max_pool_gradient, &args);
}

static GanNode *gradient(GanNode *node, GanNode *g, guint k)
{
    return k == 0 ? gan_append_like(node, GAN_OP_MAX_POOL, g, node->inputs[1], node->inputs[0])
                  : NULL;
}

const GanSightRule gan_sight_max_pool_gradient = gan_sees_local;
const GanOpRow gan_op_max_pool_gradient = {
    .name = "gradient of max pooling",
    .channels = gan_channels_same,
    .shape = shape,
    .geometry = geometry,
    .run = run,
    .gradient = gradient,
};
