// SPDX-License-Identifier: LGPL-3.0-or-later
// Means and variances in one pass over memory: pieces that the first-level cache has room
// for give sums in float, which are put together in double. What is added to what depends on
// the shapes only.
#include "cpu.h"

// Pixels of a piece, unless a row has more.
#define PIECE_PIXELS 256

typedef struct {
    const GkCpuKernels *kernels;
    GkMoments args;
    size_t groups, group_channels;
    size_t piece_rows, n_pieces; // of an image
    float *sums;                 // [image][piece][center, sum, squares][C]
} Job;

static size_t rows_of(const Job *job, size_t piece)
{
    const size_t left = job->args.x.h - piece * job->piece_rows;
    return left < job->piece_rows ? left : job->piece_rows;
}

static void run_piece(const void *data, size_t item, size_t worker)
{
    const Job *job = data;
    const GkView *x = &job->args.x;
    const size_t n = item / job->n_pieces, piece = item % job->n_pieces;
    float *to = job->sums + item * 3 * x->c;
    for (size_t c = 0; c < x->c;) {
        const size_t run = gk_cpu_run(x, c);
        const GkCpuPiece p = {.x = (const float *)x->data +
                                   gk_offset(x, n, piece * job->piece_rows, 0, c),
                              .rows = rows_of(job, piece),
                              .pixels = x->w,
                              .row_step = x->stride_y,
                              .pixel_step = x->stride_x,
                              .channels = run};
        const GkCpuDeviations d = {to + c, to + x->c + c, to + 2 * x->c + c};
        job->kernels->moments(&p, &d);
        c += run;
    }
}

// Pixels of a piece of any image.
static double count_of(const Job *job, size_t item)
{
    return (double)(rows_of(job, item % job->n_pieces) * job->args.x.w);
}

// One result.
static void finish(const void *data, size_t item, size_t worker)
{
    const Job *job = data;
    const GkView *x = &job->args.x, *y = &job->args.y;
    const size_t n = item / job->groups, g = item % job->groups, n_all = x->n / y->n;
    const size_t first = n * n_all * job->n_pieces, past = first + n_all * job->n_pieces;
    const size_t channels = job->group_channels;
    const double n_values = (double)(n_all * x->h * x->w) * (double)channels;
    double total = 0;
    for (size_t i = first; i < past; i++) {
        const float *center = job->sums + i * 3 * x->c + g * channels, *sum = center + x->c;
        const double count = count_of(job, i);
        for (size_t c = 0; c < channels; c++)
            total += count * center[c] + sum[c];
    }
    const double mean = total / n_values;
    double squares = 0;
    for (size_t i = first; i < past; i++) {
        const float *center = job->sums + i * 3 * x->c + g * channels, *sum = center + x->c;
        const float *square_sum = sum + x->c;
        const double count = count_of(job, i);
        for (size_t c = 0; c < channels; c++) {
            const double shift = center[c] - mean;
            squares += square_sum[c] + shift * (2 * sum[c] + count * shift);
        }
    }
    float *to = (float *)y->data + gk_offset(y, n, 0, 0, 0);
    to[g] = (float)mean;
    to[job->groups + g] = (float)(squares > 0 ? squares / n_values : 0);
}

GkStatus gk_cpu_moments(GkContext *ctx, const GkMoments *args)
{
    const GkView *x = &args->x, *y = &args->y;
    if (!gk_cpu_view_valid(x) || !gk_cpu_view_valid(y) || x->n * x->h * x->w * x->c == 0 ||
        y->c == 0 || y->c % 2 || x->c % (y->c / 2) || (y->n != 1 && y->n != x->n) || y->h != 1 ||
        y->w != 1 || y->first + y->c > y->block)
        return GK_ERROR_UNSUPPORTED;
    Job job = {.kernels = ctx->kernels,
               .args = *args,
               .groups = y->c / 2,
               .group_channels = x->c / (y->c / 2),
               .piece_rows = x->w < PIECE_PIXELS ? PIECE_PIXELS / x->w : 1};
    job.n_pieces = (x->h + job.piece_rows - 1) / job.piece_rows;
    job.sums = gk_cpu_scratch(ctx, x->n * job.n_pieces * 3 * x->c * sizeof(float));
    if (!job.sums)
        return GK_ERROR_MEMORY;
    gk_pool_run(ctx->pool, x->n * job.n_pieces, run_piece, &job);
    gk_pool_run(ctx->pool, y->n * job.groups, finish, &job);
    return GK_OK;
}
