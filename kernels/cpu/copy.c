// SPDX-License-Identifier: LGPL-3.0-or-later
// Copies between layouts, nearest-neighbour enlarging and padding: all of them move runs of
// channels from one pixel to another.
#include "cpu.h"

#include <string.h>

// Moves `count` pixels of `run` neighbouring channels; a step is the floats from one
// pixel to the next.
static void move_pixels(const float *from, size_t from_step, float *to, size_t to_step, size_t run,
                        size_t count)
{
    if (from_step == run && to_step == run)
        memcpy(to, from, run * count * sizeof *to);
    else if (run == GK_BLOCK) // a constant size, so that this is a few vectors and no call
        for (size_t i = 0; i < count; i++)
            memcpy(to + i * to_step, from + i * from_step, GK_BLOCK * sizeof *to);
    else
        for (size_t i = 0; i < count; i++)
            for (size_t l = 0; l < run; l++)
                to[i * to_step + l] = from[i * from_step + l];
}

static size_t common_run(const GkView *a, const GkView *b, size_t c)
{
    const size_t run_a = gk_cpu_run(a, c), run_b = gk_cpu_run(b, c);
    return run_a < run_b ? run_a : run_b;
}

static void copy_row(const void *data, size_t item, size_t worker)
{
    const GkCopy *job = data;
    const GkView *x = &job->x, *y = &job->y;
    const size_t n = item / y->h, row = item % y->h;
    for (size_t c = 0; c < y->c;) {
        const size_t run = common_run(x, y, c);
        move_pixels((const float *)x->data + gk_offset(x, n, row, 0, c), x->stride_x,
                    (float *)y->data + gk_offset(y, n, row, 0, c), y->stride_x, run, y->w);
        c += run;
    }
}

GkStatus gk_cpu_copy(GkContext *ctx, const GkCopy *args)
{
    if (!gk_cpu_view_valid(&args->x) || !gk_cpu_view_valid(&args->y) ||
        !gk_cpu_same_shape(&args->x, &args->y))
        return GK_ERROR_UNSUPPORTED;
    gk_pool_run(ctx->pool, args->y.n * args->y.h, copy_row, args);
    return GK_OK;
}
