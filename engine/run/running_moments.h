// SPDX-License-Identifier: LGPL-3.0-or-later
// Mean and variance of groups of channels, merged from the parts of a picture in double precision.
// Source:  Chan, Golub, LeVeque 1979, "Updating formulae and a pairwise algorithm for computing
// sample variances".
#ifndef GAN_RUNNING_MOMENTS_H
#define GAN_RUNNING_MOMENTS_H

#include <glib.h>

typedef struct {
    guint groups;
    double n;           // values of a group so far
    double *mean, *sum; // of each group; sum of squared deviations
} GanRunningMoments;

void gan_running_moments_init(GanRunningMoments *moments, guint groups);
void gan_running_moments_clear(GanRunningMoments *moments); // of zeros, too

// Adds w x h pixels of `channels` channels, `stride` values from row to row.
void gan_running_moments_add(GanRunningMoments *moments, const float *from, gsize stride, gsize w,
                             gsize h, gsize channels);

// Returns the means and behind them the variances, as kernels/ops/moments.h has them.
// Owner:   the caller, g_free().
float *gan_running_moments_vector(const GanRunningMoments *moments);

gboolean gan_running_moments_are_finite(const GanRunningMoments *moments);

#endif
