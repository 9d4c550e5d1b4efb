// SPDX-License-Identifier: LGPL-3.0-or-later
// The discriminator of DCGAN.
//
// Radford, Metz, Chintala, arXiv:1511.06434; pytorch/examples, dcgan/main.py.
//
//   main.0                  conv 4x4, stride 2, padding 1 -> f, leaky ReLU 0.2
//   main.3i - 1, .3i        conv 4x4, stride 2, padding 1 -> 2^i f, batch norm; leaky ReLU 0.2
//   main.3n - 1             conv over all that is left, 4x4 (7x7 of 28 pixels) -> 1
#include "critics.h"

#define SLOPE 0.2f

GanNode *gan_critic_dcgan(GanLayers *layers, GanNode *x, const GanCriticOptions *options)
{
    const guint left = options->size % 7 == 0 ? 7 : 4; // pixels a side in the end
    guint side = options->size / 2, channels = options->features;
    // The authors' code has no biases; without a norm they are needed.
    const gboolean bias =
        options->norm == GAN_CRITIC_NORM_NONE || options->norm == GAN_CRITIC_NORM_SPECTRAL;
    GanNode *y = gan_lrelu(
        gan_critic_conv(layers, "main.0", NULL, x, channels, 4, 2, 1, bias, options), SLOPE);
    guint number = 2;
    for (; side > left; side /= 2, number += 3) {
        g_autofree char *conv = g_strdup_printf("main.%u", number);
        g_autofree char *norm = g_strdup_printf("main.%u", number + 1);
        channels *= 2;
        y = gan_critic_conv(layers, conv, norm, y, channels, 4, 2, 1, bias, options);
        y = gan_lrelu(y, SLOPE);
    }
    g_autofree char *last = g_strdup_printf("main.%u", number);
    return gan_critic_conv(layers, last, NULL, y, 1, left, 1, 0, bias, options);
}
