// SPDX-License-Identifier: LGPL-3.0-or-later
// Pixel shuffle by a factor: x.
#include "rules.h"

#include <ops/shuffle.h>

static guint channels(const GanNode *node)
{
    return node->inputs[0]->channels / (node->attributes.factor * node->attributes.factor);
}

static gboolean shape(const GanNode *node, const GanShape *in, GanShape *out, GError **error)
{
    const guint f = node->attributes.factor;
    *out = (GanShape){in[0].n, in[0].h * f, in[0].w * f, node->channels};
    if (in[0].c == out->c * f * f)
        return TRUE;
    g_set_error(
        error, GAN_ERROR, GAN_ERROR_SHAPE,
        "pixel shuffle '%s' by %u needs a multiple of %u channels and gets %" G_GSIZE_FORMAT,
        node->name, f, f * f, in[0].c);
    return FALSE;
}

static GkStatus run(const GanCall *call)
{
    const GkShuffle args = {call->inputs[0], *call->output, call->node->attributes.factor};
    return GAN_KERNEL(call, pixel_shuffle, &args);
}

static GanNode *gradient(GanNode *node, GanNode *g, guint k)
{
    return gan_append_like(node, GAN_OP_PIXEL_UNSHUFFLE, g, NULL, NULL);
}

const GanSightRule gan_sight_pixel_shuffle = gan_sees_local;
const GanOpRow gan_op_pixel_shuffle = {
    .name = "pixel shuffle",
    .channels = channels,
    .shape = shape,
    .geometry = gan_geometry_enlarged,
    .run = run,
    .gradient = gradient,
    .makes_pictures = TRUE,
};
