// SPDX-License-Identifier: LGPL-3.0-or-later
// The U-Net critic of Real-ESRGAN, which judges every pixel, with spectral normalisation.
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

static GanNode *conv(GanLayers *layers, guint number, GanNode *x, guint channels, gboolean down,
                     gboolean spectral)
{
    const GanCriticOptions own = {.norm =
                                      spectral ? GAN_CRITIC_NORM_SPECTRAL : GAN_CRITIC_NORM_NONE};
    char name[16];
    g_snprintf(name, sizeof name, "conv%u", number);
    return gan_critic_conv(layers, name, NULL, x, channels, down ? 4 : 3, down ? 2 : 1, 1,
                           !spectral, &own);
}

GanNode *gan_critic_unet(GanLayers *layers, GanNode *x, const GanCriticOptions *options)
{
    const guint f = options->features;
    GanNode *level[4];
    level[0] = gan_lrelu(conv(layers, 0, x, f, FALSE, FALSE), SLOPE);
    for (guint i = 1; i <= 3; i++)
        level[i] = gan_lrelu(conv(layers, i, level[i - 1], f << i, TRUE, TRUE), SLOPE);
    GanNode *y = level[3];
    for (guint i = 0; i < 3; i++) {
        y = conv(layers, 4 + i, gan_upsample_bilinear(y, 2), f << (2 - i), FALSE, TRUE);
        y = gan_add(gan_lrelu(y, SLOPE), level[2 - i]);
    }
    y = gan_lrelu(conv(layers, 7, y, f, FALSE, TRUE), SLOPE);
    y = gan_lrelu(conv(layers, 8, y, f, FALSE, TRUE), SLOPE);
    return conv(layers, 9, y, 1, FALSE, FALSE);
}
