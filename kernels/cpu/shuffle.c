// SPDX-License-Identifier: LGPL-3.0-or-later
// Pixel shuffle and its inverse where they stand alone; after a convolution its epilogue
// does the former.
#include "cpu.h"

typedef struct {
    GkView small, large;
    size_t factor;
    bool enlarge;
} ShuffleJob;

// One row of the large image.
static void shuffle_row(const void *data, size_t item, size_t worker)
{
    const ShuffleJob *job = data;
    const GkView *small = &job->small, *large = &job->large;
    const size_t r = job->factor, n = item / large->h, row = item % large->h, dy = row % r;
    for (size_t c = 0; c < large->c; c++) {
        float *to = (float *)large->data + gk_offset(large, n, row, 0, c);
        for (size_t dx = 0; dx < r; dx++) {
            float *from =
                (float *)small->data + gk_offset(small, n, row / r, 0, (c * r + dy) * r + dx);
            for (size_t x = 0; x < small->w; x++) {
                float *l = to + (x * r + dx) * large->stride_x, *s = from + x * small->stride_x;
                if (job->enlarge)
                    *l = *s;
                else
                    *s = *l;
            }
        }
    }
}

static GkStatus shuffle(GkContext *ctx, const ShuffleJob *job)
{
    const GkView *small = &job->small, *large = &job->large;
    const size_t r = job->factor;
    if (!gk_cpu_view_valid(small) || !gk_cpu_view_valid(large) || r < 1 || small->n != large->n ||
        small->c != large->c * r * r || small->h * r != large->h || small->w * r != large->w)
        return GK_ERROR_UNSUPPORTED;
    gk_pool_run(ctx->pool, large->n * large->h, shuffle_row, job);
    return GK_OK;
}

GkStatus gk_cpu_pixel_shuffle(GkContext *ctx, const GkShuffle *args)
{
    const ShuffleJob job = {
        .small = args->x, .large = args->y, .factor = args->factor, .enlarge = true};
    return shuffle(ctx, &job);
}

GkStatus gk_cpu_pixel_unshuffle(GkContext *ctx, const GkShuffle *args)
{
    const ShuffleJob job = {.small = args->y, .large = args->x, .factor = args->factor};
    return shuffle(ctx, &job);
}
