// SPDX-License-Identifier: LGPL-3.0-or-later
// The second half of a normalisation: what is done with the moments.
#include "cpu.h"

#include <math.h>

// Vectors of parameters of an image: mean, scale, bias, slopes.
#define N_VECTORS 4

typedef struct {
    const GkCpuKernels *kernels;
    GkNormalise args;
    size_t vector_floats;
    float *vectors; // [N][N_VECTORS][vector_floats]
} Job;

static float vector_at(const GkView *v, size_t n, size_t c)
{
    return ((const float *)v->data)[gk_offset(v, v->n == 1 ? 0 : n, 0, 0, c)];
}

static void fill_vectors(const Job *job, size_t n)
{
    const GkNormalise *args = &job->args;
    const size_t groups = args->moments.c / 2, channels = args->x.c / groups;
    const GkActivation *a = &args->activation;
    float *mean = job->vectors + n * N_VECTORS * job->vector_floats,
          *scale = mean + job->vector_floats, *bias = scale + job->vector_floats,
          *slopes = bias + job->vector_floats;
    for (size_t c = 0; c < args->x.c; c++) {
        const double variance = vector_at(&args->moments, n, groups + c / channels);
        const double weight = args->weight ? vector_at(args->weight, n, c) : 1;
        mean[c] = vector_at(&args->moments, n, c / channels);
        scale[c] = (float)(weight / sqrt(variance + args->epsilon));
        bias[c] = args->bias ? vector_at(args->bias, n, c) : 0;
        slopes[c] = a->kind == GK_ACT_PRELU ? ((const float *)a->slopes)[c] : a->slope;
    }
}

static size_t smaller(size_t a, size_t b)
{
    return a < b ? a : b;
}

// One row of one image.
static void run_row(const void *data, size_t item, size_t worker)
{
    const Job *job = data;
    const GkView *x = &job->args.x, *y = &job->args.y, *r = job->args.residual;
    const size_t n = item / y->h, row = item % y->h;
    const float *vectors = job->vectors + n * N_VECTORS * job->vector_floats;
    for (size_t c = 0; c < y->c;) {
        size_t run = smaller(gk_cpu_run(x, c), gk_cpu_run(y, c));
        if (r)
            run = smaller(run, gk_cpu_run(r, c));
        const GkCpuNormalise op = {.x = (const float *)x->data + gk_offset(x, n, row, 0, c),
                                   .r = r ? (const float *)r->data + gk_offset(r, n, row, 0, c)
                                          : NULL,
                                   .y = (float *)y->data + gk_offset(y, n, row, 0, c),
                                   .pixels = y->w,
                                   .channels = run,
                                   .x_step = x->stride_x,
                                   .r_step = r ? r->stride_x : 0,
                                   .y_step = y->stride_x,
                                   .mean = vectors + c,
                                   .scale = vectors + job->vector_floats + c,
                                   .bias = vectors + 2 * job->vector_floats + c,
                                   .slopes = vectors + 3 * job->vector_floats + c,
                                   .kind = job->args.activation.kind};
        job->kernels->normalise(&op);
        c += run;
    }
}

static bool is_vector(const GkView *v, const GkView *x)
{
    return gk_cpu_view_valid(v) && (v->n == 1 || v->n == x->n) && v->h == 1 && v->w == 1;
}

static bool is_supported(const GkNormalise *args)
{
    const GkView *x = &args->x, *m = &args->moments;
    return gk_cpu_view_valid(x) && gk_cpu_view_valid(&args->y) && gk_cpu_same_shape(x, &args->y) &&
           is_vector(m, x) && m->c > 0 && m->c % 2 == 0 && x->c % (m->c / 2) == 0 &&
           (!args->weight || (is_vector(args->weight, x) && args->weight->c == x->c)) &&
           (!args->bias || (is_vector(args->bias, x) && args->bias->c == x->c)) &&
           (!args->residual ||
            (gk_cpu_view_valid(args->residual) && gk_cpu_same_shape(args->residual, x)));
}

GkStatus gk_cpu_normalise(GkContext *ctx, const GkNormalise *args)
{
    if (!is_supported(args))
        return GK_ERROR_UNSUPPORTED;
    const GkView *y = &args->y;
    Job job = {.kernels = ctx->kernels,
               .args = *args,
               .vector_floats = (y->c + GK_BLOCK - 1) / GK_BLOCK * GK_BLOCK};
    job.vectors = gk_cpu_scratch(ctx, (y->n * N_VECTORS * job.vector_floats + 1) * sizeof(float));
    if (!job.vectors)
        return GK_ERROR_MEMORY;
    for (size_t n = 0; n < y->n; n++)
        fill_vectors(&job, n);
    gk_pool_run(ctx->pool, y->n * y->h, run_row, &job);
    return GK_OK;
}
