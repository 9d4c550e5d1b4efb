// SPDX-License-Identifier: LGPL-3.0-or-later
// Blur kernels of Real-ESRGAN's degradations.
// Source:  Wang et al. 2021, arXiv:2107.10833, section 3 and supplement; xinntao/BasicSR,
//          basicsr/data/degradations.py, for what the words mean there.
#ifndef GAN_BLUR_H
#define GAN_BLUR_H

#include <glib.h>

#define GAN_BLUR_MOST 21 // largest side of a kernel

typedef enum {
    GAN_BLUR_NONE,
    GAN_BLUR_ISO,             // exp(-q / 2), q = x' S^-1 x, S = sigma_x^2 I
    GAN_BLUR_ANISO,           // S = R diag(sigma_x^2, sigma_y^2) R'
    GAN_BLUR_GENERALISED_ISO, // exp(-q^beta / 2)
    GAN_BLUR_GENERALISED_ANISO,
    GAN_BLUR_PLATEAU_ISO, // 1 / (q^beta + 1)
    GAN_BLUR_PLATEAU_ANISO,
    GAN_BLUR_SINC, // a round low-pass: c J1(c r) / (2 pi r)
    GAN_N_BLURS,
} GanBlurKind;

typedef struct {
    GanBlurKind kind;
    guint size;              // side in pixels, odd, at most GAN_BLUR_MOST
    double sigma_x, sigma_y; // pixels
    double rotation;         // radians
    double beta;
    double cutoff; // GAN_BLUR_SINC: radians a pixel, up to pi
} GanBlur;

// Fills size x size weights that sum to 1. Of GAN_BLUR_NONE: one weight of 1, whatever the size.
void gan_blur_kernel(const GanBlur *blur, float *weights);

#endif
