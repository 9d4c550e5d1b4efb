// SPDX-License-Identifier: LGPL-3.0-or-later
// Activations, sums, products and per-channel scaling: walks over views of any layout in
// runs of neighbours.
#include "cpu.h"

typedef struct {
    GkCpuPointwise op;
    const GkCpuKernels *kernels;
    GkView a, b, y; // b repeats a for operations of one input
    bool channels;  // the operation has parameters per channel
} PointwiseJob;

static size_t smaller(size_t a, size_t b)
{
    return a < b ? a : b;
}

// One row of one image.
static void pointwise_row(const void *data, size_t item, size_t worker)
{
    const PointwiseJob *job = data;
    const GkView *a = &job->a, *b = &job->b, *y = &job->y;
    const size_t n = item / y->h, row = item % y->h;
    for (size_t c = 0; c < y->c;) {
        const size_t run = smaller(gk_cpu_run(y, c), smaller(gk_cpu_run(a, c), gk_cpu_run(b, c)));
        const float *from_a = (const float *)a->data + gk_offset(a, n, row, 0, c);
        const float *from_b = (const float *)b->data + gk_offset(b, n, row, 0, c);
        float *to = (float *)y->data + gk_offset(y, n, row, 0, c);
        if (a->stride_x == run && b->stride_x == run && y->stride_x == run &&
            (!job->channels || run % GK_BLOCK == 0)) {
            job->kernels->pointwise(&job->op, from_a, from_b, to, y->w * run, c, run);
        } else {
            for (size_t x = 0; x < y->w; x++)
                job->kernels->pointwise(&job->op, from_a + x * a->stride_x,
                                        from_b + x * b->stride_x, to + x * y->stride_x, run, c,
                                        run);
        }
        c += run;
    }
}

static GkStatus run(GkContext *ctx, PointwiseJob *job)
{
    if (!gk_cpu_view_valid(&job->a) || !gk_cpu_view_valid(&job->b) || !gk_cpu_view_valid(&job->y) ||
        !gk_cpu_same_shape(&job->a, &job->y) || !gk_cpu_same_shape(&job->b, &job->y))
        return GK_ERROR_UNSUPPORTED;
    job->kernels = ctx->kernels;
    gk_pool_run(ctx->pool, job->y.n * job->y.h, pointwise_row, job);
    return GK_OK;
}

GkStatus gk_cpu_activate(GkContext *ctx, const GkActivate *args)
{
    PointwiseJob job = {.op = {.kind = GK_CPU_ACTIVATE,
                               .activation = args->activation.kind,
                               .alpha = args->activation.slope,
                               .scale = args->activation.slopes},
                        .a = args->x,
                        .b = args->x,
                        .y = args->y,
                        .channels = args->activation.kind == GK_ACT_PRELU};
    return run(ctx, &job);
}

GkStatus gk_cpu_add(GkContext *ctx, const GkAdd *args)
{
    PointwiseJob job = {.op = {.kind = GK_CPU_ADD, .alpha = args->alpha, .beta = args->beta},
                        .a = args->a,
                        .b = args->b,
                        .y = args->y};
    return run(ctx, &job);
}

GkStatus gk_cpu_multiply(GkContext *ctx, const GkMultiply *args)
{
    PointwiseJob job = {.op = {.kind = GK_CPU_MULTIPLY}, .a = args->a, .b = args->b, .y = args->y};
    return run(ctx, &job);
}

GkStatus gk_cpu_affine(GkContext *ctx, const GkAffine *args)
{
    PointwiseJob job = {.op = {.kind = GK_CPU_AFFINE, .scale = args->scale, .shift = args->shift},
                        .a = args->x,
                        .b = args->x,
                        .y = args->y,
                        .channels = true};
    return run(ctx, &job);
}
