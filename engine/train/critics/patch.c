// SPDX-License-Identifier: LGPL-3.0-or-later
// PatchGAN: judges overlapping patches, 70 x 70 pixels with three layers of stride 2.
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

GanNode *gan_critic_patch(GanLayers *layers, GanNode *x, const GanCriticOptions *options)
{
    const gboolean bias = options->norm != GAN_CRITIC_NORM_BATCH;
    const guint f = options->features, n = options->n_layers;
    GanNode *y = gan_critic_conv(layers, "model.0", NULL, x, f, 4, 2, 1, TRUE, options);
    y = gan_lrelu(y, SLOPE);
    for (guint i = 1; i <= n; i++) {
        g_autofree char *conv = g_strdup_printf("model.%u", 3 * i - 1);
        g_autofree char *norm = g_strdup_printf("model.%u", 3 * i);
        y = gan_critic_conv(layers, conv, norm, y, f * MIN(1u << i, 8u), 4, i < n ? 2 : 1, 1, bias,
                            options);
        y = gan_lrelu(y, SLOPE);
    }
    g_autofree char *last = g_strdup_printf("model.%u", 3 * n + 2);
    return gan_critic_conv(layers, last, NULL, y, 1, 4, 1, 1, TRUE, options);
}
