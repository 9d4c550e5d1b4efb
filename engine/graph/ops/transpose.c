// SPDX-License-Identifier: LGPL-3.0-or-later
// Axes in another order: x; axis i of the value is axis attributes.order[i] of x.
#include "rules.h"
#include "values.h"

#include <ops/transpose.h>

static gboolean shape(const GanNode *node, const GanShape *in, GanShape *out, GError **error)
{
    gsize x[4], e[4];
    gan_shape_extents(&in[0], x);
    for (guint i = 0; i < 4; i++)
        e[i] = x[node->attributes.order[i]];
    *out = gan_shape_of(e);
    return TRUE;
}

static GkStatus run(const GanCall *call)
{
    GkTranspose args = {.x = call->inputs[0], .y = *call->output};
    for (guint i = 0; i < 4; i++)
        args.axes[i] = call->node->attributes.order[i];
    return GAN_KERNEL(call, transpose, &args);
}

static GanNode *gradient(GanNode *node, GanNode *g, guint k)
{
    guint back[4];
    for (guint i = 0; i < 4; i++)
        back[node->attributes.order[i]] = i;
    return gan_transpose(g, back[0], back[1], back[2], back[3]);
}

const GanSightRule gan_sight_transpose = gan_sees_whole;
const GanOpRow gan_op_transpose = {
    .name = "transposition",
    .channels = gan_channels_none,
    .shape = shape,
    .geometry = gan_geometry_none,
    .run = run,
    .gradient = gradient,
    .dense = TRUE,
};
