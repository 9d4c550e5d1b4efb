// SPDX-License-Identifier: LGPL-3.0-or-later
// The one luma that networks are trained on and run with: BT.601 of R'G'B', as in the YCbCr of
// JPEG, MATLAB's rgb2gray() and OpenCV's grey. What a grey picture stores is Babl's business.
#ifndef GAN_LUMA_H
#define GAN_LUMA_H

static inline float gan_luma(const float *rgb)
{
    return 0.299f * rgb[0] + 0.587f * rgb[1] + 0.114f * rgb[2];
}

#endif
