// SPDX-License-Identifier: LGPL-3.0-or-later
// Sum or mean over axes: x [, like]; alpha times the sum over attributes.axes, or over those that
// `like` has not got.
#include "rules.h"

#include <ops/reduce.h>

static guint channels(const GanNode *node)
{
    if (node->n_inputs > 1)
        return node->inputs[1]->channels;
    return node->attributes.axes & GAN_AXIS_C ? 1 : node->inputs[0]->channels;
}

static gboolean shape(const GanNode *node, const GanShape *in, GanShape *out, GError **error)
{
    gsize x[4], e[4];
    gan_shape_extents(&in[0], x);
    if (node->n_inputs > 1) {
        gan_shape_extents(&in[1], e);
        for (guint i = 0; i < 4; i++)
            if (e[i] != x[i] && e[i] != 1)
                return gan_shape_refuse(node, in, 2, error);
    } else {
        for (guint i = 0; i < 4; i++)
            e[i] = node->attributes.axes & (1u << i) ? 1 : x[i];
    }
    *out = gan_shape_of(e);
    return TRUE;
}

static gboolean sums_pixels(const GanNode *node, const GanGeometry *rows)
{
    return node->n_inputs > 1 ? rows[node->inputs[1]->id].scale_num == 0
                              : (node->attributes.axes & (GAN_AXIS_H | GAN_AXIS_W)) != 0;
}

// One value for all pixels has none itself.
static void geometry(const GanNode *node, const GanGeometry *rows, GanGeometry *out)
{
    if (!sums_pixels(node, rows))
        gan_geometry_first(node, rows, out);
}

static GanSight sight(const GanNode *node, const GanGeometry *rows)
{
    const guint axes = node->attributes.axes & (GAN_AXIS_H | GAN_AXIS_W);
    if (!sums_pixels(node, rows) || rows[node->inputs[0]->id].scale_num == 0)
        return GAN_SIGHT_LOCAL;
    // Sums of rows or of columns are as many as there are pixels along the other axis.
    return node->n_inputs > 1 || axes == (GAN_AXIS_H | GAN_AXIS_W) ? GAN_SIGHT_STATISTICS
                                                                   : GAN_SIGHT_WHOLE;
}

static GkStatus run(const GanCall *call)
{
    const GkReduce args = {
        .x = call->inputs[0],
        .y = *call->output,
        .scale = gan_sum_scale(&call->node->attributes, &call->inputs[0], call->output)};
    return GAN_KERNEL(call, reduce, &args);
}

// Sum and broadcast, with scale and mean, are each other's gradients.
static GanNode *gradient(GanNode *node, GanNode *g, guint k)
{
    return gan_append_like(node, GAN_OP_BROADCAST, g, node->inputs[0], NULL);
}

// A scale acts on equal shapes, too.
static gboolean view(const GanNode *node, const GkView *input, const GanShape *shape, GkView *value)
{
    return node->attributes.alpha == 1 && gan_view_equal(node, input, shape, value);
}

static void link(const GanNode *node, const GkView *input, const GkView *output, GkLink *link)
{
    const double scale = gan_sum_scale(&node->attributes, input, output);
    *link = (GkLink){GK_LINK_SUM, 0, scale, 0, 0, 0, {0}};
}

const GanSightRule gan_sight_reduce = sight;
const GanOpRow gan_op_reduce = {
    .name = "sum over axes",
    .channels = channels,
    .shape = shape,
    .geometry = geometry,
    .run = run,
    .gradient = gradient,
    .view = view,
    .link = link,
    .n_data = 1,
};
