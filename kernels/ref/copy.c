// SPDX-License-Identifier: LGPL-3.0-or-later
// Reference: copies between any two layouts.
#include "real.h"

#include <assert.h>

GkStatus GK_REF(copy)(GkContext *ctx, const GkCopy *args)
{
    const GkView *x = &args->x, *y = &args->y;
    if (!real_is_dtype_of(x) || !real_is_dtype_of(y))
        return GK_ERROR_UNSUPPORTED;
    assert(real_is_same_shape(x, y));
    for (size_t n = 0; n < y->n; n++)
        for (size_t iy = 0; iy < y->h; iy++)
            for (size_t ix = 0; ix < y->w; ix++)
                for (size_t c = 0; c < y->c; c++)
                    real_set(y, n, iy, ix, c, real_get(x, n, iy, ix, c));
    return GK_OK;
}
