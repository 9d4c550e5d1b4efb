// SPDX-License-Identifier: LGPL-3.0-or-later
// Sums over axes.
#ifndef GK_OPS_REDUCE_H
#define GK_OPS_REDUCE_H

#include "gk.h"

// y = scale * sum of x over the axes in which y's extent is 1; the other extents are equal. No
// overlap. The order of the sums depends on the shapes only, not on the number of threads: equal
// inputs give equal bits.
struct GkReduce {
    GkView x, y;
    double scale;
};

#endif
