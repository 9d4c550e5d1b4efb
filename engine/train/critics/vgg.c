// SPDX-License-Identifier: LGPL-3.0-or-later
// The VGG-style critic of SRGAN and ESRGAN, for patches of 128 x 128 pixels.
//
// Ledig et al., arXiv:1609.04802; Wang et al., arXiv:1809.00219; BasicSR,
// basicsr/archs/discriminator_arch.py, VGGStyleDiscriminator.
//
//   conv0_0                      conv 3x3 -> f, leaky ReLU 0.2
//   convI_0, bnI_0               conv 3x3 -> min(2^I, 8) f, batch norm; leaky ReLU    I = 1 ... 4
//   convI_1, bnI_1               conv 4x4, stride 2, batch norm; leaky ReLU           I = 0 ... 4
//   linear1, linear2             8 f 4 4 -> 100, leaky ReLU; -> 1
#include "critics.h"

#define SLOPE 0.2f
#define N_LEVELS 5u
#define HIDDEN 100u

GanNode *gan_critic_vgg(GanLayers *layers, GanNode *x, const GanCriticOptions *options)
{
    const GanCriticOptions own = {.features = options->features, .norm = GAN_CRITIC_NORM_BATCH};
    GanNode *y = x;
    for (guint i = 0; i < N_LEVELS; i++) {
        const guint channels = own.features * MIN(1u << i, 8u);
        char conv[16], norm[16];
        g_snprintf(conv, sizeof conv, "conv%u_0", i);
        g_snprintf(norm, sizeof norm, "bn%u_0", i);
        y = gan_critic_conv(layers, conv, i > 0 ? norm : NULL, y, channels, 3, 1, 1, i == 0, &own);
        y = gan_lrelu(y, SLOPE);
        g_snprintf(conv, sizeof conv, "conv%u_1", i);
        g_snprintf(norm, sizeof norm, "bn%u_1", i);
        y = gan_lrelu(gan_critic_conv(layers, conv, norm, y, channels, 4, 2, 1, FALSE, &own),
                      SLOPE);
    }
    y = gan_layer_linear(layers, "linear1", y, own.features * 8 * 16, HIDDEN, GAN_LAYER_PLAIN);
    return gan_layer_linear(layers, "linear2", gan_lrelu(y, SLOPE), HIDDEN, 1, GAN_LAYER_PLAIN);
}
