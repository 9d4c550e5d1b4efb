// SPDX-License-Identifier: LGPL-3.0-or-later
// Exchange of axes.
#include "cpu.h"

// One row of y.
static void transpose_row(const void *data, size_t item, size_t worker)
{
    const GkTranspose *job = data;
    const GkView *x = &job->x, *y = &job->y;
    size_t from[4] = {0};
    from[job->axes[0]] = item / y->h;
    from[job->axes[1]] = item % y->h;
    for (size_t c = 0; c < y->c; c++)
        for (size_t ix = 0; ix < y->w; ix++) {
            from[job->axes[2]] = ix;
            from[job->axes[3]] = c;
            ((float *)y->data)[gk_offset(y, item / y->h, item % y->h, ix, c)] =
                ((const float *)x->data)[gk_offset(x, from[0], from[1], from[2], from[3])];
        }
}

GkStatus gk_cpu_transpose(GkContext *ctx, const GkTranspose *args)
{
    const GkView *x = &args->x, *y = &args->y;
    const size_t extents[4] = {x->n, x->h, x->w, x->c};
    unsigned seen = 0;
    for (size_t i = 0; i < 4; i++) {
        if (args->axes[i] > 3)
            return GK_ERROR_UNSUPPORTED;
        seen |= 1u << args->axes[i];
    }
    if (seen != 15 || !gk_cpu_view_valid(x) || !gk_cpu_view_valid(y) ||
        y->n != extents[args->axes[0]] || y->h != extents[args->axes[1]] ||
        y->w != extents[args->axes[2]] || y->c != extents[args->axes[3]])
        return GK_ERROR_UNSUPPORTED;
    gk_pool_run(ctx->pool, y->n * y->h, transpose_row, args);
    return GK_OK;
}
