// SPDX-License-Identifier: LGPL-3.0-or-later
// Means and variances over pixels: the statistics of batch, instance, group and layer norm.
#ifndef GK_OPS_MOMENTS_H
#define GK_OPS_MOMENTS_H

#include "gk.h"

// With G groups of C / G neighbouring channels, over all pixels and channels of a group:
//   y[n, g]     = mean of x
//   y[n, G + g] = mean of (x - mean)^2, the biased variance
// G = C is instance norm's, G = 1 layer norm's over H, W and C. Where y has one image and x has
// several, they run over all images: batch norm's.
// Shape:   x N H W C, none of them 0; y N or 1, 1, 1, 2 G; C is a multiple of G. No overlap.
// A mean that is large beside the deviations costs no digits of the variance but those that x has
// lost itself. Moments of parts of a picture are merged by Chan's formula: what two parts of n and
// m values tell is that of n + m values with
//   mean = (n a + m b) / (n + m),   variance = (n s + m t) / (n + m) + n m (a - b)^2 / (n + m)^2.
// The order of the sums depends on the shapes only, not on the number of threads: equal inputs
// give equal bits.
// Source:  T. F. Chan, G. H. Golub, R. J. LeVeque, "Updating Formulae and a Pairwise Algorithm for
//          Computing Sample Variances", COMPSTAT 1982.
struct GkMoments {
    GkView x, y;
};

#endif
