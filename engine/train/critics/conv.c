// SPDX-License-Identifier: LGPL-3.0-or-later
// The convolution that critics are made of.
#include "critics.h"

static GanNode *normalised(GanLayers *layers, const char *name, GanNode *x, GanCriticNorm norm)
{
    switch (norm) {
    case GAN_CRITIC_NORM_BATCH:
        return gan_layer_batch_norm(layers, name, x, TRUE);
    case GAN_CRITIC_NORM_INSTANCE:
        return gan_layer_instance_norm(layers, name, x, FALSE);
    case GAN_CRITIC_NORM_LAYER:
        return gan_layer_layer_norm(layers, name, x, TRUE);
    case GAN_CRITIC_NORM_NONE:
    case GAN_CRITIC_NORM_SPECTRAL:
        break;
    }
    return x;
}

GanNode *gan_critic_conv(GanLayers *layers, const char *name, const char *norm, GanNode *x,
                         guint channels, guint kernel, guint stride, guint pad, gboolean bias,
                         const GanCriticOptions *options)
{
    const GanWalk walk = {.kernel_h = kernel,
                          .kernel_w = kernel,
                          .stride = stride,
                          .pad_top = pad,
                          .pad_left = pad,
                          .pad_bottom = pad,
                          .pad_right = pad};
    const guint flags = (bias ? 0 : GAN_LAYER_NO_BIAS) |
                        (options->norm == GAN_CRITIC_NORM_SPECTRAL ? GAN_LAYER_SPECTRAL : 0);
    GanNode *y = gan_layer_conv2d(layers, name, x, channels, &walk, (GanLayerFlags)flags);
    return norm != NULL ? normalised(layers, norm, y, options->norm) : y;
}
