// SPDX-License-Identifier: LGPL-3.0-or-later
// Enlarging by a whole factor.
#include "cpu.h"

static size_t common_run(const GkView *a, const GkView *b, size_t c)
{
    const size_t run_a = gk_cpu_run(a, c), run_b = gk_cpu_run(b, c);
    return run_a < run_b ? run_a : run_b;
}

static bool is_supported(const GkUpsample *args)
{
    const GkView *x = &args->x, *y = &args->y;
    return gk_cpu_view_valid(x) && gk_cpu_view_valid(y) && args->factor >= 1 && x->n == y->n &&
           x->c == y->c && x->h * args->factor == y->h && x->w * args->factor == y->w;
}

static void nearest_row(const void *data, size_t item, size_t worker)
{
    const GkUpsample *job = data;
    const GkView *x = &job->x, *y = &job->y;
    const size_t n = item / y->h, row = item % y->h;
    for (size_t c = 0; c < y->c;) {
        const size_t run = common_run(x, y, c);
        const float *from = (const float *)x->data + gk_offset(x, n, row / job->factor, 0, c);
        float *to = (float *)y->data + gk_offset(y, n, row, 0, c);
        for (size_t ix = 0; ix < x->w; ix++, from += x->stride_x)
            for (size_t dx = 0; dx < job->factor; dx++, to += y->stride_x)
                for (size_t l = 0; l < run; l++)
                    to[l] = from[l];
        c += run;
    }
}

static GkCpuBetween between(size_t o, size_t factor, size_t size)
{
    // In double: the weight of a large coordinate would lose its last digits.
    const double position = ((double)o + 0.5) / (double)factor - 0.5;
    const double clamped = position > 0 ? position : 0;
    GkCpuBetween b = {.first = (size_t)clamped};
    b.weight = (float)(clamped - (double)b.first);
    b.second = b.first + 1 < size ? b.first + 1 : size - 1;
    return b;
}

typedef struct {
    const GkCpuKernels *kernels;
    GkUpsample args;
    const GkCpuBetween *columns; // of y
} BilinearJob;

static void bilinear_row(const void *data, size_t item, size_t worker)
{
    const BilinearJob *job = data;
    const GkView *x = &job->args.x, *y = &job->args.y;
    const size_t n = item / y->h, row = item % y->h;
    const GkCpuBetween v = between(row, job->args.factor, x->h);
    for (size_t c = 0; c < y->c;) {
        const size_t run = common_run(x, y, c);
        const GkCpuBlend op = {.upper = (const float *)x->data + gk_offset(x, n, v.first, 0, c),
                               .lower = (const float *)x->data + gk_offset(x, n, v.second, 0, c),
                               .y = (float *)y->data + gk_offset(y, n, row, 0, c),
                               .pixels = y->w,
                               .channels = run,
                               .x_step = x->stride_x,
                               .y_step = y->stride_x,
                               .weight = v.weight,
                               .columns = job->columns};
        job->kernels->blend(&op);
        c += run;
    }
}

GkStatus gk_cpu_upsample_nearest(GkContext *ctx, const GkUpsample *args)
{
    if (!is_supported(args))
        return GK_ERROR_UNSUPPORTED;
    gk_pool_run(ctx->pool, args->y.n * args->y.h, nearest_row, args);
    return GK_OK;
}

GkStatus gk_cpu_upsample_bilinear(GkContext *ctx, const GkUpsample *args)
{
    const GkView *y = &args->y;
    if (!is_supported(args))
        return GK_ERROR_UNSUPPORTED;
    if (y->n * y->h * y->w == 0)
        return GK_OK;
    GkCpuBetween *columns = (GkCpuBetween *)gk_cpu_scratch(ctx, y->w * sizeof *columns);
    if (!columns)
        return GK_ERROR_MEMORY;
    for (size_t x = 0; x < y->w; x++)
        columns[x] = between(x, args->factor, args->x.w);
    const BilinearJob job = {.kernels = ctx->kernels, .args = *args, .columns = columns};
    gk_pool_run(ctx->pool, y->n * y->h, bilinear_row, &job);
    return GK_OK;
}

// One channel of one image.
static void bilinear_gradient_channel(const void *data, size_t item, size_t worker)
{
    const GkUpsampleGradient *job = data;
    const GkView *x = &job->x, *y = &job->y;
    const size_t n = item / x->c, c = item % x->c;
    const float *from = (const float *)y->data + gk_offset(y, n, 0, 0, c);
    float *to = (float *)x->data + gk_offset(x, n, 0, 0, c);
    for (size_t iy = 0; iy < x->h; iy++)
        for (size_t ix = 0; ix < x->w; ix++)
            to[iy * x->stride_y + ix * x->stride_x] = 0;
    for (size_t oy = 0; oy < y->h; oy++) {
        const GkCpuBetween v = between(oy, job->factor, x->h);
        float *upper = to + v.first * x->stride_y, *lower = to + v.second * x->stride_y;
        for (size_t ox = 0; ox < y->w; ox++) {
            const GkCpuBetween h = between(ox, job->factor, x->w);
            const float value = from[oy * y->stride_y + ox * y->stride_x];
            const size_t left = h.first * x->stride_x, right = h.second * x->stride_x;
            upper[left] += (1 - v.weight) * (1 - h.weight) * value;
            upper[right] += (1 - v.weight) * h.weight * value;
            lower[left] += v.weight * (1 - h.weight) * value;
            lower[right] += v.weight * h.weight * value;
        }
    }
}

GkStatus gk_cpu_upsample_bilinear_gradient(GkContext *ctx, const GkUpsampleGradient *args)
{
    const GkUpsample forward = {.x = args->x, .y = args->y, .factor = args->factor};
    if (!is_supported(&forward))
        return GK_ERROR_UNSUPPORTED;
    gk_pool_run(ctx->pool, args->x.n * args->x.c, bilinear_gradient_channel, args);
    return GK_OK;
}
