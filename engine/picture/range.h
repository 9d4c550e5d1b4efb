// SPDX-License-Identifier: LGPL-3.0-or-later
// Numbers beyond 0..1, which float pictures have, brought near to it for a network and back: a
// network breaks on what it never saw. In 0..1 nothing changes. Above 1, v becomes
// 1 + ln(1 + 4 (v - 1)) / 4, and below 0, -ln(1 - 10 v) / 10: both go on as they come, ever more
// slowly, and a hundred times white is 1.8. The half below is closer, because networks bear less
// there.
#ifndef GAN_RANGE_H
#define GAN_RANGE_H

#include <glib.h>

// Brings the colours of n pixels near to 0..1. Returns whether one lay beyond.
gboolean gan_range_close(float *pixels, gsize n, guint n_colours, gboolean alpha);

// Brings n numbers back that are `stride` apart. What lies beyond `low`..`high`, which include 0..1,
// goes on in a straight line: how much a network overshoots the numbers around it is not for the
// curve to enlarge.
void gan_range_open(float *numbers, gsize n, gsize stride, float low, float high);

#endif
