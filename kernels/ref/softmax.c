// SPDX-License-Identifier: LGPL-3.0-or-later
// Reference: softmax over channels or over the pixels of a row.
#include "real.h"

#include <assert.h>
#include <math.h>

// The axis from pixel (y, x) and channel c on, one of which is 0.
static void softmax(const GkSoftmax *args, size_t n, size_t iy, size_t ix, size_t c)
{
    const GkView *x = &args->x, *y = &args->y;
    const int over_c = args->axis == GK_SOFTMAX_C;
    const size_t length = over_c ? x->c : x->w;
    double largest = -INFINITY, sum = 0;
    for (size_t i = 0; i < length; i++)
        largest = fmax(largest, real_get(x, n, iy, over_c ? ix : i, over_c ? i : c));
    for (size_t i = 0; i < length; i++)
        sum += exp(real_get(x, n, iy, over_c ? ix : i, over_c ? i : c) - largest);
    for (size_t i = 0; i < length; i++) {
        const size_t at_x = over_c ? ix : i, at_c = over_c ? i : c;
        real_set(y, n, iy, at_x, at_c, exp(real_get(x, n, iy, at_x, at_c) - largest) / sum);
    }
}

GkStatus GK_REF(softmax)(GkContext *ctx, const GkSoftmax *args)
{
    const GkView *x = &args->x, *y = &args->y;
    if (!real_is_dtype_of(x) || !real_is_dtype_of(y))
        return GK_ERROR_UNSUPPORTED;
    assert(real_is_same_shape(x, y));
    for (size_t n = 0; n < y->n; n++)
        for (size_t iy = 0; iy < y->h; iy++)
            if (args->axis == GK_SOFTMAX_C)
                for (size_t ix = 0; ix < y->w; ix++)
                    softmax(args, n, iy, ix, 0);
            else
                for (size_t c = 0; c < y->c; c++)
                    softmax(args, n, iy, 0, c);
    return GK_OK;
}
