// SPDX-License-Identifier: LGPL-3.0-or-later
// Product of matrices [W,C], one for each N: a, b, either transposed.
#include "rules.h"
#include "values.h"

#include <ops/matmul.h>

static gboolean shape(const GanNode *node, const GanShape *in, GanShape *out, GError **error)
{
    const gboolean ta = node->attributes.transpose_a, tb = node->attributes.transpose_b;
    const gsize inner = ta ? in[0].w : in[0].c;
    if (in[0].h != 1 || in[1].h != 1 || in[0].n != in[1].n || inner != (tb ? in[1].c : in[1].w))
        return gan_shape_refuse(node, in, 2, error);
    *out = (GanShape){in[0].n, 1, ta ? in[0].c : in[0].w, tb ? in[1].w : in[1].c};
    return TRUE;
}

static GkStatus run(const GanCall *call)
{
    const GkMatmul args = {.a = call->inputs[0],
                           .b = call->inputs[1],
                           .y = *call->output,
                           .transpose_a = call->node->attributes.transpose_a,
                           .transpose_b = call->node->attributes.transpose_b};
    return GAN_KERNEL(call, matmul, &args);
}

static GanNode *gradient(GanNode *node, GanNode *g, guint k)
{
    GanNode *a = node->inputs[0], *b = node->inputs[1];
    const gboolean ta = node->attributes.transpose_a, tb = node->attributes.transpose_b;
    if (k == 0)
        return ta ? gan_matmul(b, tb, g, TRUE) : gan_matmul(g, FALSE, b, !tb);
    return tb ? gan_matmul(g, TRUE, a, ta) : gan_matmul(a, !ta, g, FALSE);
}

const GanSightRule gan_sight_matmul = gan_sees_whole;
const GanOpRow gan_op_matmul = {
    .name = "matrix product",
    .channels = gan_channels_none,
    .shape = shape,
    .geometry = gan_geometry_none,
    .run = run,
    .gradient = gradient,
    .dense = TRUE,
};
