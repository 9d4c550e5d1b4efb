// SPDX-License-Identifier: LGPL-3.0-or-later
// The top left part of x, factor times as large as a reference: x, reference.
#include "rules.h"

static gboolean shape(const GanNode *node, const GanShape *in, GanShape *out, GError **error)
{
    const guint f = node->attributes.factor;
    *out = (GanShape){in[0].n, in[1].h * f, in[1].w * f, in[0].c};
    if (out->h <= in[0].h && out->w <= in[0].w)
        return TRUE;
    g_set_error(error, GAN_ERROR, GAN_ERROR_SHAPE,
                "crop '%s' needs %" G_GSIZE_FORMAT "x%" G_GSIZE_FORMAT
                " pixels and gets %" G_GSIZE_FORMAT "x%" G_GSIZE_FORMAT,
                node->name, out->w, out->h, in[0].w, in[0].h);
    return FALSE;
}

static GanNode *gradient(GanNode *node, GanNode *g, guint k)
{
    return gan_append_like(node, GAN_OP_EMBED, g, node->inputs[0], NULL);
}

const GanSightRule gan_sight_crop_like = gan_sees_local;
const GanOpRow gan_op_crop_like = {
    .name = "crop",
    .channels = gan_channels_same,
    .shape = shape,
    .geometry = gan_geometry_first,
    .gradient = gradient,
    .view = gan_view_always,
    .n_data = 1,
};
