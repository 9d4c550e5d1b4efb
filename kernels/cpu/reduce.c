// SPDX-License-Identifier: LGPL-3.0-or-later
// Sums over axes in two steps: sums along a row of pixels, one work item for each row, then sums of
// those in double. What is added to what depends on the shapes only.
#include "cpu.h"

// Floats of a row when a dense value is summed up as a whole.
#define DENSE_ROW ((size_t)1024)

typedef struct {
    const GkCpuKernels *kernels;
    GkView x;
    bool keep_w, keep_c;
    size_t row_floats; // of a row's sums
    float *rows;
} RowsJob;

// The sums of one row of one image, [w][c] where kept.
static void sum_row(const void *data, size_t item, size_t worker)
{
    const RowsJob *job = data;
    const GkView *x = &job->x;
    const size_t n = item / x->h, row = item % x->h;
    float *to = job->rows + item * job->row_floats;
    const size_t width = job->keep_w ? x->w : 1;
    for (size_t i = 0; !job->keep_c && i < width; i++)
        to[i] = 0;
    for (size_t c = 0; c < x->c;) {
        const size_t run = gk_cpu_run(x, c);
        const float *from = (const float *)x->data + gk_offset(x, n, row, 0, c);
        if (job->keep_w && !job->keep_c) {
            for (size_t i = 0; i < x->w; i++)
                to[i] += job->kernels->sum(from + i * x->stride_x, run);
        } else if (job->keep_w) {
            for (size_t i = 0; i < x->w; i++)
                for (size_t l = 0; l < run; l++)
                    to[i * x->c + c + l] = from[i * x->stride_x + l];
        } else if (job->keep_c) {
            job->kernels->sum_rows(from, x->w, x->stride_x, run, to + c);
        } else if (x->stride_x == run) {
            to[0] += job->kernels->sum(from, x->w * run);
        } else {
            float sum = 0;
            for (size_t i = 0; i < x->w; i++)
                sum += job->kernels->sum(from + i * x->stride_x, run);
            to[0] += sum;
        }
        c += run;
    }
}

typedef struct {
    GkView y;
    size_t n, h; // of x
    size_t row_floats;
    const float *rows;
    double scale;
} ColumnsJob;

// The end of one place of y's width and channels in one image and row of y.
static void sum_column(const void *data, size_t item, size_t worker)
{
    const ColumnsJob *job = data;
    const GkView *y = &job->y;
    const size_t n = item / y->h, row = item % y->h;
    const size_t n0 = y->n == 1 ? 0 : n, n1 = y->n == 1 ? job->n : n + 1;
    const size_t y0 = y->h == 1 ? 0 : row, y1 = y->h == 1 ? job->h : row + 1;
    for (size_t x = 0; x < y->w; x++)
        for (size_t c = 0; c < y->c; c++) {
            const float *from = job->rows + x * y->c + c;
            double sum = 0;
            for (size_t m = n0; m < n1; m++)
                for (size_t v = y0; v < y1; v++)
                    sum += from[(m * job->h + v) * job->row_floats];
            ((float *)y->data)[gk_offset(y, n, row, x, c)] = (float)(job->scale * sum);
        }
}

static bool is_sum_of(const GkView *x, const GkView *y)
{
    return (y->n == 1 || y->n == x->n) && (y->h == 1 || y->h == x->h) &&
           (y->w == 1 || y->w == x->w) && (y->c == 1 || y->c == x->c);
}

GkStatus gk_cpu_reduce(GkContext *ctx, const GkReduce *args)
{
    const GkView *y = &args->y;
    if (!gk_cpu_view_valid(&args->x) || !gk_cpu_view_valid(y) || !is_sum_of(&args->x, y))
        return GK_ERROR_UNSUPPORTED;
    RowsJob rows = {.kernels = ctx->kernels, .x = args->x};
    GkView *x = &rows.x;
    const size_t length = x->n * x->h * x->w * x->c;
    const bool dense = x->block >= x->first + x->c && x->stride_x == x->c &&
                       x->stride_y == x->w * x->c && x->stride_n == x->h * x->stride_y;
    // Rows of the kernel's size are too short where a weight is summed up.
    float rest = 0;
    const bool whole = y->n * y->h * y->w * y->c == 1 && dense && length > DENSE_ROW;
    if (whole) {
        const float *data = (const float *)x->data + x->first;
        const size_t n_rows = length / DENSE_ROW;
        rest = ctx->kernels->sum(data + n_rows * DENSE_ROW, length - n_rows * DENSE_ROW);
        *x = gk_view_nhwc((void *)data, GK_F32, 1, n_rows, DENSE_ROW, 1);
    }
    rows.keep_w = y->w == x->w && x->w > 1;
    rows.keep_c = y->c == x->c && x->c > 1;
    rows.row_floats = (rows.keep_w ? x->w : 1) * (rows.keep_c ? x->c : 1);
    rows.rows = gk_cpu_scratch(ctx, (x->n * x->h * rows.row_floats + 1) * sizeof(float));
    if (!rows.rows)
        return GK_ERROR_MEMORY;
    gk_pool_run(ctx->pool, x->n * x->h, sum_row, &rows);
    const ColumnsJob columns = {.y = *y,
                                .n = x->n,
                                .h = x->h,
                                .row_floats = rows.row_floats,
                                .rows = rows.rows,
                                .scale = args->scale};
    gk_pool_run(ctx->pool, y->n * y->h, sum_column, &columns);
    if (whole)
        ((float *)y->data)[y->first] += (float)(args->scale * rest);
    return GK_OK;
}
