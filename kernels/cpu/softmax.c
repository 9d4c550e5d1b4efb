// SPDX-License-Identifier: LGPL-3.0-or-later
// Softmax over the channels of pixels or over the pixels of rows.
#include "cpu.h"

typedef struct {
    const GkCpuKernels *kernels;
    GkSoftmax args;
    float *lines; // by worker: the channels of a pixel
    size_t line_floats;
} Job;

static size_t common_run(const GkView *x, const GkView *y, size_t c)
{
    const size_t run_x = gk_cpu_run(x, c), run_y = gk_cpu_run(y, c);
    return run_x < run_y ? run_x : run_y;
}

// Channels that do not lie together go through a line of their own.
static void run_scattered(const Job *job, const float *x, float *y, float *line)
{
    const GkView *from = &job->args.x, *to = &job->args.y;
    for (size_t c = 0; c < from->c; c++)
        line[c] = x[gk_offset(from, 0, 0, 0, c)];
    job->kernels->softmax_line(line, line, from->c);
    for (size_t c = 0; c < to->c; c++)
        y[gk_offset(to, 0, 0, 0, c)] = line[c];
}

// One row of one image.
static void run_row(const void *data, size_t item, size_t worker)
{
    const Job *job = data;
    const GkView *x = &job->args.x, *y = &job->args.y;
    const size_t n = item / y->h, row = item % y->h;
    if (job->args.axis == GK_SOFTMAX_W) {
        for (size_t c = 0; c < y->c;) {
            const size_t run = common_run(x, y, c);
            job->kernels->softmax_rows((const float *)x->data + gk_offset(x, n, row, 0, c),
                                       x->stride_x, (float *)y->data + gk_offset(y, n, row, 0, c),
                                       y->stride_x, y->w, run);
            c += run;
        }
        return;
    }
    const bool together = common_run(x, y, 0) == y->c;
    for (size_t ix = 0; ix < y->w; ix++) {
        const float *from =
            (const float *)x->data + n * x->stride_n + row * x->stride_y + ix * x->stride_x;
        float *to = (float *)y->data + n * y->stride_n + row * y->stride_y + ix * y->stride_x;
        if (together)
            job->kernels->softmax_line(from + x->first, to + y->first, y->c);
        else
            run_scattered(job, from, to, job->lines + worker * job->line_floats);
    }
}

GkStatus gk_cpu_softmax(GkContext *ctx, const GkSoftmax *args)
{
    const GkView *x = &args->x, *y = &args->y;
    if (!gk_cpu_view_valid(x) || !gk_cpu_view_valid(y) || !gk_cpu_same_shape(x, y))
        return GK_ERROR_UNSUPPORTED;
    if (y->w * y->c == 0)
        return GK_OK;
    Job job = {.kernels = ctx->kernels,
               .args = *args,
               .line_floats = (y->c + GK_BLOCK - 1) / GK_BLOCK * GK_BLOCK + GK_BLOCK};
    job.lines = gk_cpu_scratch(ctx, gk_pool_n_threads(ctx->pool) * job.line_floats * sizeof(float));
    if (!job.lines)
        return GK_ERROR_MEMORY;
    gk_pool_run(ctx->pool, y->n * y->h, run_row, &job);
    return GK_OK;
}
