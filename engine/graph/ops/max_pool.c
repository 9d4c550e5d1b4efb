// SPDX-License-Identifier: LGPL-3.0-or-later
// v where x has its maxima, over windows: v, x [, like].
#include "rules.h"

static gboolean shape(const GanNode *node, const GanShape *in, GanShape *out, GError **error)
{
    return gan_shape_pooled(node, in, 2, out, error);
}

static void geometry(const GanNode *node, const GanGeometry *rows, GanGeometry *out)
{
    GanGeometry other = rows[node->inputs[1]->id];
    gan_geometry_window(node, rows, out);
    other.reach += out->reach - rows[node->inputs[0]->id].reach;
    gan_geometry_join(&other, out);
}

static GkStatus run(const GanCall *call)
{
    const GkMaxPool args = {.large = call->inputs[0],
                            .x = call->inputs[1],
                            .small = *call->output,
                            .shape = gan_pool_shape(call->node)};
    return GAN_KERNEL(call, max_pool, &args);
}

// Where the maximum stands changes by jumps: the second input has no gradient.
static GanNode *gradient(GanNode *node, GanNode *g, guint k)
{
    return k == 0 ? gan_append_like(node, GAN_OP_MAX_POOL_GRADIENT, g, node->inputs[1], NULL)
                  : NULL;
}

const GanSightRule gan_sight_max_pool = gan_sees_pooled;
const GanOpRow gan_op_max_pool = {
    .name = "max pooling",
    .channels = gan_channels_same,
    .shape = shape,
    .geometry = geometry,
    .run = run,
    .gradient = gradient,
    .n_data = 2,
};
