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

GanNode *gan_critic_vgg(GanNet *net, GanNode *x, const GanCriticOptions *options)
{
    const guint f = options->features;
    const GanConv same = {.no_bias = TRUE}, half = {.stride = 2, .no_bias = TRUE};
    GanNode *y = x;
    char conv[16], norm[16];
    for (guint i = 0; i < N_LEVELS; i++) {
        const guint channels = f * MIN(1u << i, 8u);
        g_snprintf(conv, sizeof conv, "conv%u_0", i);
        g_snprintf(norm, sizeof norm, "bn%u_0", i);
        y = i == 0 ? gan_conv2d(net, conv, y, channels, 3)
                   : gan_batch_norm(net, norm, gan_conv2d_with(net, conv, y, channels, 3, same));
        y = gan_lrelu(y, SLOPE);
        g_snprintf(conv, sizeof conv, "conv%u_1", i);
        g_snprintf(norm, sizeof norm, "bn%u_1", i);
        y = gan_batch_norm(net, norm, gan_conv2d_with(net, conv, y, channels, 4, half));
        y = gan_lrelu(y, SLOPE);
    }
    y = gan_lrelu(gan_linear(net, "linear1", y, f * 8 * 16, HIDDEN, (GanConv){0}), SLOPE);
    return gan_linear(net, "linear2", y, HIDDEN, 1, (GanConv){0});
}
