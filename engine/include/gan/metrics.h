// SPDX-License-Identifier: LGPL-3.0-or-later
// Picture quality in the protocol of the super-resolution literature.
#ifndef GAN_METRICS_H
#define GAN_METRICS_H

#include <gan/tensor.h>

G_BEGIN_DECLS

typedef struct {
    double psnr_y, psnr_rgb; // dB; infinite for equal pictures
    double ssim_y, ssim_rgb; // 0..1; rgb: mean over the channels
} GanMetrics;

// Compares two pictures of values 0..255 that were rounded to whole numbers, without a border of
// `crop` pixels. Y = 16 + (65.481 R + 128.553 G + 24.966 B) / 255. SSIM: 11x11 Gaussian, sigma 1.5,
// valid windows only, K1 = 0.01, K2 = 0.03, L = 255.
// Shape:   both [1,H,W,3] or both [1,H,W,1], equal; larger than the border and a window.
// Errors:  GAN_ERROR_SHAPE.
// Source:  Wang et al. 2004; BasicSR's calculate_psnr, calculate_ssim and rgb2ycbcr
//          for the protocol.
gboolean gan_metrics_compare(GanTensor *a, GanTensor *b, guint crop, GanMetrics *metrics,
                             GError **error);

G_END_DECLS
#endif
