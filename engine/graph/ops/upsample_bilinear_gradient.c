// SPDX-License-Identifier: LGPL-3.0-or-later
// The gradient of bilinear upsampling: g.
#include "rules.h"

#include <ops/upsample.h>

static gboolean shape(const GanNode *node, const GanShape *in, GanShape *out, GError **error)
{
    const guint f = node->attributes.factor;
    *out = (GanShape){in[0].n, in[0].h / f, in[0].w / f, in[0].c};
    return (in[0].h % f == 0 && in[0].w % f == 0) || gan_shape_refuse(node, in, 1, error);
}

static void geometry(const GanNode *node, const GanGeometry *rows, GanGeometry *out)
{
    const guint f = node->attributes.factor;
    *out = rows[node->inputs[0]->id];
    // A pixel counts in its own f pixels and half of those of its neighbours.
    gan_geometry_reach(out, 2 * f);
    gan_geometry_rescale(out, 1, f);
    out->alignment *= f;
}

static GkStatus run(const GanCall *call)
{
    const GkUpsampleGradient args = {
        .y = call->inputs[0], .x = *call->output, .factor = call->node->attributes.factor};
    return GAN_KERNEL(call, upsample_bilinear_gradient, &args);
}

static GanNode *gradient(GanNode *node, GanNode *g, guint k)
{
    return gan_append_like(node, GAN_OP_UPSAMPLE_BILINEAR, g, NULL, NULL);
}

const GanSightRule gan_sight_upsample_bilinear_gradient = gan_sees_local;
const GanOpRow gan_op_upsample_bilinear_gradient = {
    .name = "gradient of bilinear upsampling",
    .channels = gan_channels_same,
    .shape = shape,
    .geometry = geometry,
    .run = run,
    .gradient = gradient,
};
