// SPDX-License-Identifier: LGPL-3.0-or-later
// Reference: exchange of axes.
#include "real.h"

#include <assert.h>

GkStatus GK_REF(transpose)(GkContext *ctx, const GkTranspose *args)
{
    const GkView *x = &args->x, *y = &args->y;
    if (!real_is_dtype_of(x) || !real_is_dtype_of(y))
        return GK_ERROR_UNSUPPORTED;
    const size_t extents[4] = {x->n, x->h, x->w, x->c};
    assert(y->n == extents[args->axes[0]] && y->h == extents[args->axes[1]] &&
           y->w == extents[args->axes[2]] && y->c == extents[args->axes[3]]);
    (void)extents;
    for (size_t n = 0; n < y->n; n++)
        for (size_t iy = 0; iy < y->h; iy++)
            for (size_t ix = 0; ix < y->w; ix++)
                for (size_t c = 0; c < y->c; c++) {
                    const size_t to[4] = {n, iy, ix, c};
                    size_t from[4] = {0};
                    for (size_t i = 0; i < 4; i++)
                        from[args->axes[i]] = to[i];
                    real_set(y, n, iy, ix, c, real_get(x, from[0], from[1], from[2], from[3]));
                }
    return GK_OK;
}
