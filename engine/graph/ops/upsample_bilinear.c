// SPDX-License-Identifier: LGPL-3.0-or-later
// Bilinear upsampling by a factor: x.
#include "rules.h"

#include <ops/upsample.h>

static gboolean shape(const GanNode *node, const GanShape *in, GanShape *out, GError **error)
{
    const guint f = node->attributes.factor;
    *out = (GanShape){in[0].n, in[0].h * f, in[0].w * f, in[0].c};
    return TRUE;
}

static void geometry(const GanNode *node, const GanGeometry *rows, GanGeometry *out)
{
    *out = rows[node->inputs[0]->id];
    gan_geometry_reach(out, 1);
    gan_geometry_rescale(out, node->attributes.factor, 1);
}

static GkStatus run(const GanCall *call)
{
    const GkUpsample args = {call->inputs[0], *call->output, call->node->attributes.factor};
    return GAN_KERNEL(call, upsample_bilinear, &args);
}

static GanNode *gradient(GanNode *node, GanNode *g, guint k)
{
    return gan_append_like(node, GAN_OP_UPSAMPLE_BILINEAR_GRADIENT, g, NULL, NULL);
}

const GanSightRule gan_sight_upsample_bilinear = gan_sees_local;
const GanOpRow gan_op_upsample_bilinear = {
    .name = "bilinear upsampling",
    .channels = gan_channels_same,
    .shape = shape,
    .geometry = geometry,
    .run = run,
    .gradient = gradient,
    .makes_pictures = TRUE,
};
