// SPDX-License-Identifier: LGPL-3.0-or-later
// The critic of DCGAN, its discriminator.
//
// Radford, Metz, Chintala, arXiv:1511.06434; pytorch/examples, dcgan/main.py.
//
//   main.0                  conv 4x4, stride 2, padding 1 -> f, leaky ReLU 0.2
//   main.3i - 1, .3i        conv 4x4, stride 2, padding 1 -> 2^i f, batch norm; leaky ReLU 0.2
//   main.3n - 1             conv over all that is left, 4x4 (7x7 of 28 pixels) -> 1
#include "critics.h"

#define SLOPE 0.2f

GanNode *gan_critic_dcgan(GanNet *net, GanNode *x, const GanCriticOptions *options)
{
    const guint left = options->size % 7 == 0 ? 7 : 4; // pixels a side in the end
    guint side = options->size / 2, channels = options->features, number = 2;
    // The authors' code has no biases; without a norm they are needed.
    const gboolean no_bias =
        options->norm != GAN_CRITIC_NORM_NONE && options->norm != GAN_CRITIC_NORM_SPECTRAL;
    const GanConv half = {.stride = 2, .no_bias = no_bias};
    const GanConv all = {.unpadded = TRUE, .no_bias = no_bias};
    gan_initialise_by(net, "normal(std=0.02)", "normal(mean=1,std=0.02)"); // the paper's section 4
    GanNode *y = gan_critic_conv(net, "main.0", NULL, x, channels, 4, half, options);
    for (; side > left; side /= 2, number += 3) {
        g_autofree char *conv = g_strdup_printf("main.%u", number);
        g_autofree char *norm = g_strdup_printf("main.%u", number + 1);
        channels *= 2;
        y = gan_critic_conv(net, conv, norm, gan_lrelu(y, SLOPE), channels, 4, half, options);
    }
    g_autofree char *last = g_strdup_printf("main.%u", number);
    return gan_critic_conv(net, last, NULL, gan_lrelu(y, SLOPE), 1, left, all, options);
}
