// SPDX-License-Identifier: LGPL-3.0-or-later
// Products of matrices: B is packed once, with columns padded to whole vectors; work items are
// blocks of rows of A.
#include "cpu.h"

#include <string.h>

// Rows of a work item; a multiple of the kernel's.
#define ITEM_ROWS ((size_t)24)

typedef struct {
    const GkCpuKernels *kernels;
    GkCpuMatmul op; // of the whole matrix
    const float *a;
    float *y;
} Job;

static void run_item(const void *data, size_t item, size_t worker)
{
    const Job *job = data;
    GkCpuMatmul op = job->op;
    const size_t first = item * ITEM_ROWS;
    op.a += first * op.a_row;
    op.y += first * op.y_row;
    op.rows = op.rows - first < ITEM_ROWS ? op.rows - first : ITEM_ROWS;
    job->kernels->matmul(&op);
}

typedef struct {
    const GkView *b;
    const float *from;
    int transpose;
    size_t inner, columns, row;
    float *to;
} PackJob;

// Row `item` of the packed B.
static void pack_row(const void *data, size_t item, size_t worker)
{
    const PackJob *job = data;
    const float *from = job->from;
    float *to = job->to + item * job->row;
    if (!job->transpose)
        memcpy(to, from + item * job->b->stride_x, job->columns * sizeof *to);
    else
        for (size_t k = 0; k < job->columns; k++)
            to[k] = from[k * job->b->stride_x + item];
    memset(to + job->columns, 0, (job->row - job->columns) * sizeof *to);
}

static bool is_matrix(const GkView *v)
{
    return gk_cpu_view_valid(v) && v->h == 1 && v->block >= v->first + v->c;
}

GkStatus gk_cpu_matmul(GkContext *ctx, const GkMatmul *args)
{
    const GkView *a = &args->a, *b = &args->b, *y = &args->y;
    const size_t inner = args->transpose_a ? a->w : a->c;
    if (!is_matrix(a) || !is_matrix(b) || !is_matrix(y) || a->n != y->n || b->n != y->n ||
        y->w != (args->transpose_a ? a->c : a->w) || y->c != (args->transpose_b ? b->w : b->c) ||
        inner != (args->transpose_b ? b->c : b->w))
        return GK_ERROR_UNSUPPORTED;
    const size_t group = ctx->kernels->group, row = (y->c + group - 1) / group * group;
    float *packed = gk_cpu_scratch(ctx, (inner * row + 1) * sizeof(float));
    if (!packed)
        return GK_ERROR_MEMORY;
    for (size_t n = 0; n < y->n; n++) {
        const PackJob pack = {.b = b,
                              .from = (const float *)b->data + gk_offset(b, n, 0, 0, 0),
                              .transpose = args->transpose_b,
                              .inner = inner,
                              .columns = y->c,
                              .row = row,
                              .to = packed};
        gk_pool_run(ctx->pool, inner, pack_row, &pack);
        const Job job = {.kernels = ctx->kernels,
                         .op = {.a = (const float *)a->data + gk_offset(a, n, 0, 0, 0),
                                .b = packed,
                                .y = (float *)y->data + gk_offset(y, n, 0, 0, 0),
                                .a_row = args->transpose_a ? 1 : a->stride_x,
                                .a_column = args->transpose_a ? a->stride_x : 1,
                                .b_row = row,
                                .y_row = y->stride_x,
                                .rows = y->w,
                                .inner = inner,
                                .columns = y->c}};
        gk_pool_run(ctx->pool, (y->w + ITEM_ROWS - 1) / ITEM_ROWS, run_item, &job);
    }
    return GK_OK;
}
