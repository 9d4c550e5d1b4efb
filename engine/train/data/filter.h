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
// cuts to 0..1 when `cut`.
void gan_filter_gaussian_noise(GanTensor *picture, double sigma, gboolean grey, gboolean cut,
                               GanRandom *random);

// Adds shot noise: the picture in 8 bits is counted in as many grains as it has levels (rounded up
// to a power of two), each count drawn from Poisson's distribution; the difference times `scale` is
// added in place, of the luma when `grey`. Cuts to 0..1.
void gan_filter_poisson_noise(GanTensor *picture, double scale, gboolean grey, GanRandom *random);

// Makes of the noise by which `picture` differs from `before` what a sensor's would be, in place: each
// pixel has the noise of one colour (rows of red and green, of green and blue), and the others are
// means of the neighbours'. `phase`: which of the four pixels the picture begins with, 0..3. Pictures
// of one channel stay. Cuts to 0..1.
void gan_filter_mosaic_noise(GanTensor *picture, const GanTensor *before, guint phase);

// What cameras and programs take noise away with.
typedef enum {
    GAN_DENOISE_NONE,
    GAN_DENOISE_MEDIAN,    // of 3 x 3, each channel alone
    GAN_DENOISE_BILATERAL, // 5 x 5
    GAN_DENOISE_MEANS,     // non-local means: patches of 3 x 3 within 7 x 7
    GAN_N_DENOISES,
} GanDenoiseKind;

typedef struct {
    GanDenoiseKind kind;
    double
        strength; // how different pixels may be, in deviations of the noise; of no use to a median
    double part;  // 0..1: how much of the change of luma is taken; that of colours is whole
} GanDenoise;

// `deviation`: of the noise, in 0..1.
// Errors:  GAN_ERROR_MEMORY. GAN_ERROR_SHAPE: fewer than 5 pixels a side.
// Source:  Tomasi and Manduchi 1998; Buades, Coll, Morel 2005.
GanTensor *gan_filter_denoise(GanTensor *in, const GanDenoise *denoise, double deviation,
                              GError **error);

// Returns the numbers of the picture with `half` mirrored pixels around it.
// Owner:   the caller frees them.
// Errors:  GAN_ERROR_MEMORY. GAN_ERROR_SHAPE: not more than `half` pixels a side.
float *gan_filter_padded(const GanTensor *in, guint half, GError **error);

// Codes and decodes as JPEG. `quality`: 1..100. `subsample`: colours at half size, as
// most programs do.
// Errors:  GAN_ERROR_MEMORY, GAN_ERROR_FORMAT.
GanTensor *gan_filter_jpeg(GanTensor *in, guint quality, gboolean subsample, GError **error);

// Sharpens where there are edges: 51 x 51 Gaussian (sigma 8), half the difference added where it is
// above 10 levels of 255, the mask softened by the same Gaussian.
// Source:  Real-ESRGAN's target sharpening (USMSharp).
GanTensor *gan_filter_sharpen(GanTensor *in, GError **error);

#endif
