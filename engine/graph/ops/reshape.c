// SPDX-License-Identifier: LGPL-3.0-or-later
// The same elements, as the axes order them, with other extents: x [, like]; see gan_reshape().
#include "rules.h"
#include "values.h"

#include <ops/copy.h>

static guint channels(const GanNode *node)
{
    const int c = node->attributes.extent[3];
    if (node->n_inputs > 1)
        return node->inputs[1]->channels;
    return c > 0 ? (guint)c : c == GAN_KEEP(3) ? node->inputs[0]->channels : 0;
}

static gboolean shape(const GanNode *node, const GanShape *in, GanShape *out, GError **error)
{
    const gsize length = gan_shape_length(&in[0]);
    if (node->n_inputs > 1) {
        *out = in[1];
        return gan_shape_length(out) == length || gan_shape_refuse(node, in, 2, error);
    }
    gsize x[4], e[4], known = 1;
    int rest = -1;
    gan_shape_extents(&in[0], x);
    for (guint i = 0; i < 4; i++) {
        const int wanted = node->attributes.extent[i];
        g_assert(wanted >= GAN_KEEP(3) && (wanted != GAN_REST || rest < 0));
        if (wanted == GAN_REST)
            rest = (int)i;
        else
            known *= e[i] = wanted > 0 ? (gsize)wanted : x[GAN_KEEP(wanted)];
    }
    if (rest >= 0) {
        if (known == 0 || length % known != 0)
            return gan_shape_refuse(node, in, 1, error);
        e[rest] = length / known;
    }
    *out = gan_shape_of(e);
    return gan_shape_length(out) == length || gan_shape_refuse(node, in, 1, error);
}

// The value of a dense array is that array.
static gboolean view(const GanNode *node, const GkView *input, const GanShape *shape, GkView *value)
{
    if (!gan_view_is_dense(input))
        return FALSE;
    *value = gk_view_nhwc(NULL, input->dtype, shape->n, shape->h, shape->w, shape->c);
    return TRUE;
}

static GkStatus run(const GanCall *call)
{
    const GkView *x = &call->inputs[0];
    const GkCopy args = {.x = *x,
                         .y = gk_view_nhwc(call->output->data, x->dtype, x->n, x->h, x->w, x->c)};
    return GAN_KERNEL(call, copy, &args);
}

static GanNode *gradient(GanNode *node, GanNode *g, guint k)
{
    return gan_append_plain(node, GAN_OP_RESHAPE, g, node->inputs[0]);
}

const GanSightRule gan_sight_reshape = gan_sees_whole;
const GanOpRow gan_op_reshape = {
    .name = "reshape",
    .channels = channels,
    .shape = shape,
    .geometry = gan_geometry_none,
    .run = run,
    .gradient = gradient,
    .view = view,
    .n_data = 1,
    .dense = TRUE,
};
