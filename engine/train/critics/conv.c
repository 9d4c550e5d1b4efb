// SPDX-License-Identifier: LGPL-3.0-or-later
// The convolution that critics are made of.
#include "critics.h"

GanNode *gan_critic_conv(GanNet *net, const char *name, const char *norm, GanNode *x,
                         guint channels, guint kernel, GanConv conv,
                         const GanCriticOptions *options)
{
    conv.spectral = options->norm == GAN_CRITIC_NORM_SPECTRAL;
    GanNode *y = gan_conv2d_with(net, name, x, channels, kernel, conv);
    if (norm == NULL)
        return y;
    switch (options->norm) {
    case GAN_CRITIC_NORM_BATCH:
        return gan_batch_norm(net, norm, y);
    case GAN_CRITIC_NORM_INSTANCE:
        return gan_instance_norm(net, NULL, y);
    case GAN_CRITIC_NORM_LAYER:
        return gan_layer_norm(net, norm, y);
    case GAN_CRITIC_NORM_NONE:
    case GAN_CRITIC_NORM_SPECTRAL:
        break;
    }
    return y;
}
