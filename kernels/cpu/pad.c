// SPDX-License-Identifier: LGPL-3.0-or-later
// Padding in height and width.
#include "border.h"
#include "cpu.h"

static void pad_row(const void *data, size_t item, size_t worker)
{
    const GkPad *job = data;
    const GkView *x = &job->x, *y = &job->y;
    const size_t n = item / y->h, row = item % y->h;
    const size_t iy = gk_cpu_border((ptrdiff_t)(row - job->top), x->h, job->mode);
    for (size_t c = 0; c < y->c;) {
        const size_t run_x = gk_cpu_run(x, c), run_y = gk_cpu_run(y, c),
                     run = run_x < run_y ? run_x : run_y;
        float *to = (float *)y->data + gk_offset(y, n, row, 0, c);
        for (size_t ox = 0; ox < y->w; ox++, to += y->stride_x) {
            const size_t ix = gk_cpu_border((ptrdiff_t)(ox - job->left), x->w, job->mode);
            if (iy == SIZE_MAX || ix == SIZE_MAX) {
                for (size_t l = 0; l < run; l++)
                    to[l] = 0;
                continue;
            }
            const float *from = (const float *)x->data + gk_offset(x, n, iy, ix, c);
            for (size_t l = 0; l < run; l++)
                to[l] = from[l];
        }
        c += run;
    }
}

GkStatus gk_cpu_pad(GkContext *ctx, const GkPad *args)
{
    const GkView *x = &args->x, *y = &args->y;
    if (!gk_cpu_view_valid(x) || !gk_cpu_view_valid(y) || x->n != y->n || x->c != y->c ||
        (args->mode != GK_PAD_ZERO && (x->h == 0 || x->w == 0)))
        return GK_ERROR_UNSUPPORTED;
    gk_pool_run(ctx->pool, y->n * y->h, pad_row, args);
    return GK_OK;
}

// One channel of one image.
static void pad_gradient_channel(const void *data, size_t item, size_t worker)
{
    const GkPadGradient *job = data;
    const GkView *x = &job->x, *y = &job->y;
    const size_t n = item / x->c, c = item % x->c;
    const float *from = (const float *)y->data + gk_offset(y, n, 0, 0, c);
    float *to = (float *)x->data + gk_offset(x, n, 0, 0, c);
    for (size_t iy = 0; iy < x->h; iy++)
        for (size_t ix = 0; ix < x->w; ix++)
            to[iy * x->stride_y + ix * x->stride_x] = 0;
    for (size_t oy = 0; oy < y->h; oy++) {
        const size_t iy = gk_cpu_border((ptrdiff_t)(oy - job->top), x->h, job->mode);
        if (iy == SIZE_MAX)
            continue;
        for (size_t ox = 0; ox < y->w; ox++) {
            const size_t ix = gk_cpu_border((ptrdiff_t)(ox - job->left), x->w, job->mode);
            if (ix != SIZE_MAX)
                to[iy * x->stride_y + ix * x->stride_x] +=
                    from[oy * y->stride_y + ox * y->stride_x];
        }
    }
}

GkStatus gk_cpu_pad_gradient(GkContext *ctx, const GkPadGradient *args)
{
    const GkView *x = &args->x, *y = &args->y;
    if (!gk_cpu_view_valid(x) || !gk_cpu_view_valid(y) || x->n != y->n || x->c != y->c ||
        x->h == 0 || x->w == 0)
        return GK_ERROR_UNSUPPORTED;
    gk_pool_run(ctx->pool, x->n * x->c, pad_gradient_channel, args);
    return GK_OK;
}
