// SPDX-License-Identifier: LGPL-3.0-or-later
// Pixel shuffle (Shi et al. 2016, arXiv:1609.05158) and its inverse, in PyTorch's channel order.
#ifndef GK_OPS_SHUFFLE_H
#define GK_OPS_SHUFFLE_H

#include "gk.h"

// pixel_shuffle:   y[n, c, iy*r + dy, ix*r + dx] = x[n, (c*r + dy)*r + dx, iy, ix]
// pixel_unshuffle: y[n, (c*r + dy)*r + dx, iy, ix] = x[n, c, iy*r + dy, ix*r + dx]
// Shape:   the small image has r*r times the channels and 1/r of the height and width.
// Alias:   none.
struct GkShuffle {
    GkView x, y;
    size_t factor; // r >= 1
};

#endif
