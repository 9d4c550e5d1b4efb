// SPDX-License-Identifier: LGPL-3.0-or-later
// What lies beyond the edges of a picture.
#ifndef GK_CPU_BORDER_H
#define GK_CPU_BORDER_H

#include "ops/pad.h"

#include <stdint.h>

// Returns the coordinate in 0..size-1 that stands at `i` along an axis; SIZE_MAX for zero.
static inline size_t gk_cpu_border(ptrdiff_t i, size_t size, GkPadMode mode)
{
    const ptrdiff_t past = (ptrdiff_t)size;
    if (i >= 0 && i < past)
        return (size_t)i;
    switch (mode) {
    case GK_PAD_ZERO:
        break;
    case GK_PAD_REPLICATE:
        return i < 0 ? 0 : size - 1;
    case GK_PAD_REFLECT: {
        if (size == 1)
            return 0;
        // Mirrors at both edge pixels' centres make a pattern of this period, symmetric about zero.
        const size_t period = 2 * (size - 1), place = (size_t)(i < 0 ? -i : i) % period;
        return place < size ? place : period - place;
    }
    case GK_PAD_CIRCULAR:
        return (size_t)((i % past + past) % past);
    }
    return SIZE_MAX;
}

#endif
