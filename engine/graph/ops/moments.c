// SPDX-License-Identifier: LGPL-3.0-or-later
// Means and variances over the pixels: x; of attributes.groups groups of channels, over all images
// where attributes.axes has GAN_AXIS_N. N 1 1 2 G: the means, then the variances.
#include "rules.h"
#include "values.h"

#include <ops/moments.h>

static guint channels(const GanNode *node)
{
    return 2 * node->attributes.groups;
}

static gboolean shape(const GanNode *node, const GanShape *in, GanShape *out, GError **error)
{
    const GanAttributes *a = &node->attributes;
    *out = (GanShape){a->axes & GAN_AXIS_N ? 1 : in[0].n, 1, 1, 2 * a->groups};
    return in[0].c % a->groups == 0 || gan_shape_refuse(node, in, 1, error);
}

static GkStatus run(const GanCall *call)
{
    const GkMoments args = {call->inputs[0], *call->output};
    return GAN_KERNEL(call, moments, &args);
}

// With m values in a group: 1 / m for the mean, 2 (x - mean) / m for the variance.
static GanNode *gradient(GanNode *node, GanNode *g, guint k)
{
    GanNode *x = node->inputs[0];
    const guint n = node->attributes.groups;
    const guint axes = GAN_AXIS_H | GAN_AXIS_W | (node->attributes.axes & GAN_AXIS_N);
    GanNode *share = gan_linear_map(gan_share(x, axes), (float)n / (float)x->channels, 0);
    GanNode *of_mean = gan_group_spread(gan_slice(g, 3, 0, n), n, x->channels);
    GanNode *of_variance = gan_group_spread(gan_slice(g, 3, n, n), n, x->channels);
    GanNode *mean = gan_group_spread(gan_slice(node, 3, 0, n), n, x->channels);
    GanNode *far = gan_binary(gan_difference(x, mean), of_variance, GK_BINARY_MULTIPLY, 2, 0);
    return gan_product(gan_sum(far, of_mean), share);
}

const GanSightRule gan_sight_moments = gan_sees_statistics;
const GanOpRow gan_op_moments = {
    .name = "moments",
    .channels = channels,
    .shape = shape,
    .geometry = gan_geometry_none,
    .run = run,
    .gradient = gradient,
    .dense = TRUE,
};
