// SPDX-License-Identifier: LGPL-3.0-or-later
// Elementwise functions with broadcasting: views of any layout become nests of loops, and loops
// that run through memory without gaps become one.
#include "cpu.h"

#define MAX_DIMS 5
// Floats of one work item, about.
#define ITEM_FLOATS ((size_t)4096)

// A nest of loops over a, b and y, from the outermost to the innermost.
typedef struct {
    size_t n_dims;
    size_t extent[MAX_DIMS];
    size_t stride[MAX_DIMS][3];
} Nest;

typedef struct {
    const GkCpuKernels *kernels;
    GkCpuElementwise op; // of the two innermost loops
    Nest nest;           // of the others
    size_t rows_an_item, n_parts;
} Job;

static void add_dim(Nest *nest, size_t extent, size_t a, size_t b, size_t y)
{
    if (extent == 1)
        return;
    if (nest->n_dims > 0) {
        // Joins the loop around, if its step is this loop's length for all three.
        size_t *outer = nest->stride[nest->n_dims - 1];
        if (outer[0] == a * extent && outer[1] == b * extent && outer[2] == y * extent) {
            nest->extent[nest->n_dims - 1] *= extent;
            outer[0] = a;
            outer[1] = b;
            outer[2] = y;
            return;
        }
    }
    nest->extent[nest->n_dims] = extent;
    nest->stride[nest->n_dims][0] = a;
    nest->stride[nest->n_dims][1] = b;
    nest->stride[nest->n_dims++][2] = y;
}

static size_t step(const GkView *v, size_t extent, size_t stride)
{
    (void)v;
    return extent == 1 ? 0 : stride;
}

static void run_item(const void *data, size_t item, size_t worker)
{
    const Job *job = data;
    GkCpuElementwise op = job->op;
    const size_t first = item % job->n_parts * job->rows_an_item;
    size_t outer = item / job->n_parts;
    for (size_t d = job->nest.n_dims; d-- > 0;) {
        const size_t at = outer % job->nest.extent[d];
        outer /= job->nest.extent[d];
        op.a += at * job->nest.stride[d][0];
        op.b += at * job->nest.stride[d][1];
        op.y += at * job->nest.stride[d][2];
    }
    op.a += first * op.a_step;
    op.b += first * op.b_step;
    op.y += first * op.y_step;
    op.rows = op.rows - first < job->rows_an_item ? op.rows - first : job->rows_an_item;
    job->kernels->elementwise(&op);
}

// Runs the nest: its innermost loop is the run of floats, the one around it the rows.
static void run_nest(GkContext *ctx, GkCpuElementwise op, Nest nest)
{
    Job job = {.kernels = ctx->kernels};
    size_t inner = nest.n_dims;
    op.count = op.rows = 1;
    op.a_single = op.b_single = false;
    if (inner > 0) {
        const size_t *s = nest.stride[inner - 1];
        const bool is_run = s[2] == 1 && s[0] <= 1 && s[1] <= 1;
        if (is_run) {
            inner--;
            op.count = nest.extent[inner];
            op.a_single = s[0] == 0;
            op.b_single = s[1] == 0;
        }
    }
    if (inner == 0 && op.count > ITEM_FLOATS) {
        // One long run: cut into rows.
        const size_t whole = op.count / ITEM_FLOATS;
        GkCpuElementwise rest = op;
        op.rows = whole;
        op.a_step = op.a_single ? 0 : ITEM_FLOATS;
        op.b_step = op.b_single ? 0 : ITEM_FLOATS;
        op.y_step = ITEM_FLOATS;
        op.count = ITEM_FLOATS;
        rest.count -= whole * ITEM_FLOATS;
        rest.a += whole * op.a_step;
        rest.b += whole * op.b_step;
        rest.y += whole * op.y_step;
        if (rest.count > 0)
            ctx->kernels->elementwise(&rest);
    } else if (inner > 0) {
        inner--;
        op.rows = nest.extent[inner];
        op.a_step = nest.stride[inner][0];
        op.b_step = nest.stride[inner][1];
        op.y_step = nest.stride[inner][2];
    }
    nest.n_dims = inner;
    job.nest = nest;
    job.op = op;
    job.rows_an_item = ITEM_FLOATS / op.count > 0 ? ITEM_FLOATS / op.count : 1;
    job.n_parts = (op.rows + job.rows_an_item - 1) / job.rows_an_item;
    size_t n_items = job.n_parts;
    for (size_t d = 0; d < nest.n_dims; d++)
        n_items *= nest.extent[d];
    gk_pool_run(ctx->pool, n_items, run_item, &job);
}

static bool is_broadcast(const GkView *x, const GkView *y)
{
    return gk_cpu_view_valid(x) && (x->n == 1 || x->n == y->n) && (x->h == 1 || x->h == y->h) &&
           (x->w == 1 || x->w == y->w) && (x->c == 1 || x->c == y->c);
}

// Channels from c on that are neighbours; one that stands for all is no limit.
static size_t run_of(const GkView *v, size_t c, size_t channels)
{
    return v->c == 1 && channels > 1 ? channels - c : gk_cpu_run(v, c);
}

static const float *at_channel(const GkView *v, size_t c)
{
    return (const float *)v->data + gk_offset(v, 0, 0, 0, v->c == 1 ? 0 : c);
}

static GkStatus run(GkContext *ctx, const GkView *a, const GkView *b, const GkView *y,
                    GkCpuElementwise op)
{
    if (!gk_cpu_view_valid(y) || !is_broadcast(a, y) || !is_broadcast(b, y))
        return GK_ERROR_UNSUPPORTED;
    if (y->n * y->h * y->w * y->c == 0)
        return GK_OK;
    // Whole blocks are one loop more; otherwise each run of channels has a nest of its own.
    const bool blocks = gk_cpu_is_blocks(y) && y->c % GK_BLOCK == 0 &&
                        (a->c == 1 || gk_cpu_is_blocks(a) || (a->block >= y->c && a->first == 0)) &&
                        (b->c == 1 || gk_cpu_is_blocks(b) || (b->block >= y->c && b->first == 0));
    for (size_t c = 0; c < y->c;) {
        size_t run = gk_cpu_run(y, c);
        const size_t run_a = run_of(a, c, y->c), run_b = run_of(b, c, y->c);
        run = run_a < run ? run_a : run;
        run = run_b < run ? run_b : run;
        Nest nest = {0};
        const bool single_a = a->c == 1 && y->c > 1, single_b = b->c == 1 && y->c > 1;
        add_dim(&nest, y->n, step(a, a->n, a->stride_n), step(b, b->n, b->stride_n), y->stride_n);
        if (blocks) {
            run = GK_BLOCK;
            add_dim(&nest, y->c / GK_BLOCK,
                    single_a              ? 0
                    : gk_cpu_is_blocks(a) ? a->stride_block
                                          : GK_BLOCK,
                    single_b              ? 0
                    : gk_cpu_is_blocks(b) ? b->stride_block
                                          : GK_BLOCK,
                    y->stride_block);
        }
        add_dim(&nest, y->h, step(a, a->h, a->stride_y), step(b, b->h, b->stride_y), y->stride_y);
        add_dim(&nest, y->w, step(a, a->w, a->stride_x), step(b, b->w, b->stride_x), y->stride_x);
        add_dim(&nest, run, single_a ? 0 : 1, single_b ? 0 : 1, 1);
        op.a = at_channel(a, c);
        op.b = at_channel(b, c);
        op.y = (float *)y->data + gk_offset(y, 0, 0, 0, c);
        run_nest(ctx, op, nest);
        c = blocks ? y->c : c + run;
    }
    return GK_OK;
}

GkStatus gk_cpu_unary(GkContext *ctx, const GkUnary *args)
{
    const GkCpuElementwise op = {.arity = GK_CPU_UNARY,
                                 .kind = (int)args->kind,
                                 .alpha = (float)args->alpha,
                                 .beta = (float)args->beta};
    return run(ctx, &args->x, &args->x, &args->y, op);
}

GkStatus gk_cpu_binary(GkContext *ctx, const GkBinary *args)
{
    const GkCpuElementwise op = {.arity = GK_CPU_BINARY,
                                 .kind = (int)args->kind,
                                 .alpha = (float)args->alpha,
                                 .beta = (float)args->beta};
    return run(ctx, &args->a, &args->b, &args->y, op);
}

GkStatus gk_cpu_fill(GkContext *ctx, const GkFill *args)
{
    const float value = (float)args->value;
    const GkView x = gk_view_nhwc((void *)&value, GK_F32, 1, 1, 1, 1);
    const GkCpuElementwise op = {
        .arity = GK_CPU_UNARY, .kind = (int)GK_UNARY_LINEAR, .alpha = 1, .beta = 0};
    return run(ctx, &x, &x, &args->y, op);
}
