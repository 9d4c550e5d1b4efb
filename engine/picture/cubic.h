// SPDX-License-Identifier: LGPL-3.0-or-later
// Cubic resampling along one axis: which input pixels an output pixel is the sum of, and
// with what weights.
#ifndef GAN_CUBIC_H
#define GAN_CUBIC_H

#include <gan/error.h>

// The input pixels and weights of the output pixels [first, first + n) of an axis.
typedef struct {
    gsize n, n_taps;
    gsize *index;   // [n][n_taps]
    double *weight; // [n][n_taps]; each row sums to 1
} GanCubic;

// Fills in `cubic`, which must be zeroed, for an axis of n_in pixels resized to n_out.
// Errors:  GAN_ERROR_MEMORY.
// Source:  MATLAB's imresize: Keys 1981, a = -1/2, stretched by n_in / n_out when shrinking,
//          indices outside mirrored so that the edge pixel is repeated once.
gboolean gan_cubic_init(GanCubic *cubic, gsize n_in, gsize n_out, gsize first, gsize n,
                        GError **error);
void gan_cubic_clear(GanCubic *cubic);
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC(GanCubic, gan_cubic_clear)

// The input pixels [*from, *to) that the output pixels [first, first + n) of `cubic` (counted from
// its own first) need.
void gan_cubic_span(const GanCubic *cubic, gsize first, gsize n, gsize *from, gsize *to);

// Down: output row `o` from rows of `row` floats, the first of which is input row `origin`. `sums`
// is scratch memory for `row` numbers.
void gan_cubic_down(const GanCubic *cubic, gsize o, const float *from, gsize origin, gsize row,
                    double *sums, float *to);

// Across: all output pixels of one row of `channels` interleaved channels, the first of which is
// input pixel `origin`.
void gan_cubic_across(const GanCubic *cubic, const float *from, gsize origin, gsize channels,
                      float *to);

#endif
