// SPDX-License-Identifier: LGPL-3.0-or-later
// What lies beyond the edges of a picture.
#ifndef GK_CUDA_BORDER_CUH
#define GK_CUDA_BORDER_CUH

#include "ops/pad.h"

#include <cuda_runtime.h>

// Returns the coordinate in 0..size-1 that stands at `i`, or -1 for zero.
__device__ static inline int border(int i, int size, GkPadMode mode)
{
    if (i >= 0 && i < size)
        return i;
    if (mode == GK_PAD_ZERO)
        return -1;
    if (mode == GK_PAD_CIRCULAR)
        return (i % size + size) % size;
    if (mode == GK_PAD_REPLICATE || size == 1)
        return i < 0 ? 0 : size - 1;
    // The mirrored signal 0 1 .. size-1 size-2 .. 1 has the period 2 * (size - 1).
    const int period = 2 * (size - 1), phase = (i % period + period) % period;
    return phase < size ? phase : period - phase;
}

#endif
