// SPDX-License-Identifier: LGPL-3.0-or-later
// Reference: pixel shuffle and its inverse (Shi et al. 2016, arXiv:1609.05158).
#include "real.h"

#include <assert.h>

// Walks over the small image; (c*r + dy)*r + dx there is (c, iy*r + dy, ix*r + dx) in
// the large one.
static GkStatus shuffle(const GkShuffle *args, const GkView *small, const GkView *large)
{
    const size_t r = args->factor;
    if (!real_is_dtype_of(small) || !real_is_dtype_of(large))
        return GK_ERROR_UNSUPPORTED;
    assert(r >= 1 && small->n == large->n && small->c == large->c * r * r &&
           small->h * r == large->h && small->w * r == large->w);
    for (size_t n = 0; n < small->n; n++)
        for (size_t iy = 0; iy < small->h; iy++)
            for (size_t ix = 0; ix < small->w; ix++)
                for (size_t c = 0; c < large->c; c++)
                    for (size_t dy = 0; dy < r; dy++)
                        for (size_t dx = 0; dx < r; dx++) {
                            const size_t packed = (c * r + dy) * r + dx;
                            if (large == &args->y)
                                real_set(large, n, iy * r + dy, ix * r + dx, c,
                                         real_get(small, n, iy, ix, packed));
                            else
                                real_set(small, n, iy, ix, packed,
                                         real_get(large, n, iy * r + dy, ix * r + dx, c));
                        }
    return GK_OK;
}

GkStatus GK_REF(pixel_shuffle)(GkContext *ctx, const GkShuffle *args)
{
    return shuffle(args, &args->x, &args->y);
}

GkStatus GK_REF(pixel_unshuffle)(GkContext *ctx, const GkShuffle *args)
{
    return shuffle(args, &args->y, &args->x);
}
