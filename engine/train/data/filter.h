// SPDX-License-Identifier: LGPL-3.0-or-later
// What a picture goes through on its way to a bad copy: filters, resizing, noise, JPEG. Pictures
// are tensors [1,H,W,C] of 0..1.
#ifndef GAN_FILTER_H
#define GAN_FILTER_H

#include "random.h"
#include <gan/tensor.h>

// Correlates every channel with size x size weights (size odd), the picture mirrored at its edges
// without repeating them. Pictures need more pixels a side than size / 2.
// Errors:  GAN_ERROR_MEMORY. GAN_ERROR_SHAPE: too small a picture.
GanTensor *gan_filter_correlate(GanTensor *in, const float *weights, guint size, GError **error);

typedef enum { GAN_RESIZE_AREA, GAN_RESIZE_BILINEAR, GAN_RESIZE_BICUBIC, GAN_N_RESIZES } GanResize;

// Resizes as torch's interpolate() does without align_corners and antialias: means over the covered
// pixels (area), two taps, or four with a = -3/4, edges repeated.
GanTensor *gan_filter_resize(GanTensor *in, guint width, guint height, GanResize kind,
                             GError **error);

// Adds Gaussian noise of deviation `sigma` in place, one number for all channels when `grey`, and
// cuts to 0..1.
void gan_filter_gaussian_noise(GanTensor *picture, double sigma, gboolean grey, GanRandom *random);

// Adds shot noise: the picture in 8 bits is counted in as many grains as it has levels (rounded up
// to a power of two), each count drawn from Poisson's distribution; the difference times `scale` is
// added in place, of the luma when `grey`. Cuts to 0..1.
void gan_filter_poisson_noise(GanTensor *picture, double scale, gboolean grey, GanRandom *random);

// Codes and decodes as JPEG. `quality`: 1..100. `subsample`: colours at half size, as
// most programs do.
// Errors:  GAN_ERROR_MEMORY, GAN_ERROR_FORMAT.
GanTensor *gan_filter_jpeg(GanTensor *in, guint quality, gboolean subsample, GError **error);

// Sharpens where there are edges: 51 x 51 Gaussian (sigma 8), half the difference added where it is
// above 10 levels of 255, the mask softened by the same Gaussian.
// Source:  Real-ESRGAN's target sharpening (USMSharp).
GanTensor *gan_filter_sharpen(GanTensor *in, GError **error);

#endif
