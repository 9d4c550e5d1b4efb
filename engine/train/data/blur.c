// SPDX-License-Identifier: LGPL-3.0-or-later
// Blur kernels.
#include "blur.h"

#include <math.h>
#include <string.h>

static double sinc_weight(double cutoff, double r)
{
    // J1(x) / x goes to 1/2.
    return r == 0 ? cutoff * cutoff / (4 * G_PI) : cutoff * j1(cutoff * r) / (2 * G_PI * r);
}

void gan_blur_kernel(const GanBlur *blur, float *weights)
{
    if (blur->kind == GAN_BLUR_NONE) {
        memset(weights, 0, (gsize)blur->size * blur->size * sizeof *weights);
        weights[(gsize)blur->size * blur->size / 2] = 1;
        return;
    }
    g_assert(blur->size % 2 == 1 && blur->size <= GAN_BLUR_MOST);
    const gboolean aniso = blur->kind == GAN_BLUR_ANISO ||
                           blur->kind == GAN_BLUR_GENERALISED_ANISO ||
                           blur->kind == GAN_BLUR_PLATEAU_ANISO;
    const gboolean plateau =
        blur->kind == GAN_BLUR_PLATEAU_ISO || blur->kind == GAN_BLUR_PLATEAU_ANISO;
    const gboolean gaussian = blur->kind == GAN_BLUR_ISO || blur->kind == GAN_BLUR_ANISO;
    const double sigma_y = aniso ? blur->sigma_y : blur->sigma_x;
    const double cosine = cos(blur->rotation), sine = sin(blur->rotation);
    const int half = (int)blur->size / 2;
    double all[GAN_BLUR_MOST * GAN_BLUR_MOST], sum = 0;
    for (int v = -half; v <= half; v++)
        for (int u = -half; u <= half; u++) {
            // q in the axes of S: x' = R' x.
            const double x = (cosine * u + sine * v) / blur->sigma_x,
                         y = (cosine * v - sine * u) / sigma_y;
            const double q =
                aniso ? x * x + y * y : (u * u + v * v) / (blur->sigma_x * blur->sigma_x);
            const double power = gaussian ? q : pow(q, blur->beta);
            const double w = blur->kind == GAN_BLUR_SINC
                                 ? sinc_weight(blur->cutoff, sqrt(u * u + v * v))
                             : plateau ? 1 / (power + 1)
                                       : exp(-power / 2);
            all[(v + half) * (int)blur->size + u + half] = w;
            sum += w;
        }
    for (guint i = 0; i < blur->size * blur->size; i++)
        weights[i] = (float)(all[i] / sum);
}
