// SPDX-License-Identifier: LGPL-3.0-or-later
// The U-Net critic of Real-ESRGAN, which has an opinion on every pixel, with spectral normalisation.
//
// Wang, Xie, Dong, Shan, arXiv:2107.10833; Schoenfeld, Schiele, Khoreva, arXiv:2002.12655;
// xinntao/Real-ESRGAN, realesrgan/archs/discriminator_arch.py.
//
//   conv0                   3x3 -> f
//   conv1, conv2, conv3     4x4, stride 2 -> 2 f, 4 f, 8 f
//   conv4, conv5, conv6     of the bilinear enlargement by 2, 3x3 -> 4 f, 2 f, f; + what was there
//   conv7, conv8            3x3 -> f
//   conv9                   3x3 -> 1
//
// Leaky ReLU 0.2 behind all but the last, whose weight, like the first's, is not normalised.
#include "critics.h"

#define SLOPE 0.2f

static GanNode *conv(GanNet *net, guint number, GanNode *x, guint channels, guint kernel,
                     GanConv how)
{
    char name[16];
    g_snprintf(name, sizeof name, "conv%u", number);
    return gan_conv2d_with(net, name, x, channels, kernel, how);
}

GanNode *gan_critic_unet(GanNet *net, GanNode *x, const GanCriticOptions *options)
{
    const guint f = options->features;
    const GanConv plain = {0}, same = {.spectral = TRUE, .no_bias = TRUE},
                  half = {.stride = 2, .spectral = TRUE, .no_bias = TRUE};
    GanNode *level[4];
    level[0] = gan_lrelu(conv(net, 0, x, f, 3, plain), SLOPE);
    for (guint i = 1; i <= 3; i++)
        level[i] = gan_lrelu(conv(net, i, level[i - 1], f << i, 4, half), SLOPE);
    GanNode *y = level[3];
    for (guint i = 0; i < 3; i++) {
        y = conv(net, 4 + i, gan_upsample_bilinear(y, 2), f << (2 - i), 3, same);
        y = gan_add(gan_lrelu(y, SLOPE), level[2 - i]);
    }
    y = gan_lrelu(conv(net, 7, y, f, 3, same), SLOPE);
    y = gan_lrelu(conv(net, 8, y, f, 3, same), SLOPE);
    return conv(net, 9, y, 1, 3, plain);
}
