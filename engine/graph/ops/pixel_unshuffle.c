// SPDX-License-Identifier: LGPL-3.0-or-later
// The inverse of a pixel shuffle: x.
#include "rules.h"

#include <ops/shuffle.h>

static guint channels(const GanNode *node)
{
    return node->inputs[0]->channels * node->attributes.factor * node->attributes.factor;
}

static gboolean shape(const GanNode *node, const GanShape *in, GanShape *out, GError **error)
{
    const guint f = node->attributes.factor;
    *out = (GanShape){in[0].n, in[0].h / f, in[0].w / f, node->channels};
    if (in[0].h % f == 0 && in[0].w % f == 0)
        return TRUE;
    g_set_error(error, GAN_ERROR, GAN_ERROR_SHAPE,
                "pixel unshuffle '%s' needs multiples of %u pixels and gets %" G_GSIZE_FORMAT
                "x%" G_GSIZE_FORMAT,
                node->name, f, in[0].w, in[0].h);
    return FALSE;
}

static void geometry(const GanNode *node, const GanGeometry *rows, GanGeometry *out)
{
    *out = rows[node->inputs[0]->id];
    gan_geometry_rescale(out, 1, node->attributes.factor);
    out->alignment *= node->attributes.factor;
}

static GkStatus run(const GanCall *call)
{
    const GkShuffle args = {call->inputs[0], *call->output, call->node->attributes.factor};
    return GAN_KERNEL(call, pixel_unshuffle, &args);
}

static GanNode *gradient(GanNode *node, GanNode *g, guint k)
{
    return gan_append_like(node, GAN_OP_PIXEL_SHUFFLE, g, NULL, NULL);
}

const GanSightRule gan_sight_pixel_unshuffle = gan_sees_local;
const GanOpRow gan_op_pixel_unshuffle = {
    .name = "pixel unshuffle",
    .channels = channels,
    .shape = shape,
    .geometry = geometry,
    .run = run,
    .gradient = gradient,
    .makes_pictures = TRUE,
};
