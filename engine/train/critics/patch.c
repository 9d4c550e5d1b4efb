// SPDX-License-Identifier: LGPL-3.0-or-later
// PatchGAN: looks at overlapping patches, 70 x 70 pixels with three layers of stride 2.
//
// Isola, Zhu, Zhou, Efros, "Image-to-Image Translation with Conditional Adversarial Networks",
// arXiv:1611.07004; junyanz/pytorch-CycleGAN-and-pix2pix, models/networks.py.
//
//   model.0                       conv 4x4, stride 2 -> f, leaky ReLU 0.2
//   model.3i - 1, .3i             conv 4x4, stride 2 -> min(2^i, 8) f, norm; leaky ReLU 0.2
//   model.3n - 1, .3n             the same with stride 1
//   model.3n + 2                  conv 4x4, stride 1 -> 1
//
// All paddings are 1. Biases stand at both ends, and everywhere without batch norm.
#include "critics.h"

#define SLOPE 0.2f

GanNode *gan_critic_patch(GanNet *net, GanNode *x, const GanCriticOptions *options)
{
    const gboolean no_bias = options->norm == GAN_CRITIC_NORM_BATCH;
    const guint f = options->features, n = options->n_layers;
    gan_initialise_by(net, "normal(std=0.02)", "normal(mean=1,std=0.02)"); // the authors' code
    GanNode *y = gan_critic_conv(net, "model.0", NULL, x, f, 4, (GanConv){.stride = 2}, options);
    for (guint i = 1; i <= n; i++) {
        g_autofree char *conv = g_strdup_printf("model.%u", 3 * i - 1);
        g_autofree char *norm = g_strdup_printf("model.%u", 3 * i);
        const GanConv step = {.stride = i < n ? 2 : 1, .no_bias = no_bias};
        y = gan_critic_conv(net, conv, norm, gan_lrelu(y, SLOPE), f * MIN(1u << i, 8u), 4, step,
                            options);
    }
    g_autofree char *last = g_strdup_printf("model.%u", 3 * n + 2);
    return gan_critic_conv(net, last, NULL, gan_lrelu(y, SLOPE), 1, 4, (GanConv){0}, options);
}
