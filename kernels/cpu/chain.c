// SPDX-License-Identifier: LGPL-3.0-or-later
// Chains of elementwise functions: an item takes a piece of a plane of 16 channels through all of
// them, so that what nobody else reads stays in the first-level cache. Sums of pieces are added up
// in double at the end.
#include "cpu.h"

// Pixels of a piece.
#define PIECE 64
#define PIECE_FLOATS ((size_t)PIECE * GK_BLOCK)
// Lines of sums that share no cache line with a neighbour's.
#define SUM_FLOATS ((size_t)GK_BLOCK)

// How a value lies for one piece: 16 floats for each pixel, the same 16 for all, or one.
typedef enum { LIES_WHOLE, LIES_CHANNELS, LIES_SINGLE } Lies;

typedef struct {
    const GkChain *chain;
    const GkCpuKernels *kernels;
    Lies lies[GK_MAX_CHAIN_INPUTS];
    size_t n_blocks, n_pieces; // of an image, of a plane
    size_t pixels;             // of a plane
    float *values;             // by worker and link: a piece
    size_t worker_floats;
    float *sums; // by link, block and place in the order of the sum
} Job;

static bool is_plane(const GkView *v, const GkView *shape)
{
    return gk_cpu_view_valid(v) && gk_cpu_is_blocks(v) && gk_cpu_same_shape(v, shape) &&
           v->stride_x == GK_BLOCK && v->stride_y == v->w * GK_BLOCK;
}

static bool is_vector(const GkView *v, const GkView *shape)
{
    const bool together = v->c == 1 || gk_cpu_is_blocks(v) || v->first + v->c <= v->block;
    return gk_cpu_view_valid(v) && together && v->h == 1 && v->w == 1 &&
           (v->n == 1 || v->n == shape->n) && (v->c == 1 || v->c == shape->c);
}

static bool is_supported(const GkChain *args, Job *job)
{
    const GkView *s = &args->shape;
    if (args->n_inputs > GK_MAX_CHAIN_INPUTS || args->n_links > GK_MAX_LINKS ||
        s->c % GK_BLOCK != 0)
        return false;
    for (size_t i = 0; i < args->n_inputs; i++) {
        const GkView *v = &args->input[i];
        if (is_plane(v, s))
            job->lies[i] = LIES_WHOLE;
        else if (is_vector(v, s))
            job->lies[i] = v->c == 1 ? LIES_SINGLE : LIES_CHANNELS;
        else
            return false;
    }
    for (size_t i = 0; i < args->n_links; i++) {
        const GkLink *link = &args->link[i];
        const bool sum = link->kind == GK_LINK_SUM;
        if (link->a >= args->n_inputs + i ||
            (link->kind == GK_LINK_BINARY && link->b >= args->n_inputs + i))
            return false;
        if (sum && (!gk_cpu_view_valid(&link->y) || link->y.c != s->c))
            return false;
        if (!sum && link->y.data && !is_plane(&link->y, s))
            return false;
    }
    return true;
}

// A place in an image.
typedef struct {
    size_t n, block, pixel, count; // the first of `count` pixels of a plane
    float *values;
} Piece;

static float *plane_at(const GkView *v, const Piece *p)
{
    return (float *)v->data + p->n * v->stride_n + p->block * v->stride_block + p->pixel * GK_BLOCK;
}

static const float *operand(const Job *job, size_t index, const Piece *p, Lies *lies)
{
    const GkChain *chain = job->chain;
    *lies = LIES_WHOLE;
    if (index >= chain->n_inputs) {
        const GkLink *link = &chain->link[index - chain->n_inputs];
        return link->y.data ? plane_at(&link->y, p)
                            : p->values + (index - chain->n_inputs) * PIECE_FLOATS;
    }
    const GkView *v = &chain->input[index];
    *lies = job->lies[index];
    if (*lies == LIES_WHOLE)
        return plane_at(v, p);
    return (const float *)v->data +
           gk_offset(v, v->n == 1 ? 0 : p->n, 0, 0, *lies == LIES_SINGLE ? 0 : p->block * GK_BLOCK);
}

// Computes one function of a piece to `y`.
static void compute(const Job *job, const GkLink *link, const Piece *p, float *y)
{
    Lies a, b;
    GkCpuElementwise op = {.arity = link->kind == GK_LINK_UNARY ? GK_CPU_UNARY : GK_CPU_BINARY,
                           .kind = link->function,
                           .alpha = (float)link->alpha,
                           .beta = (float)link->beta,
                           .y = y,
                           .rows = 1,
                           .count = p->count * GK_BLOCK};
    op.a = operand(job, link->a, p, &a);
    op.b = operand(job, link->kind == GK_LINK_BINARY ? link->b : link->a, p, &b);
    op.a_single = a == LIES_SINGLE;
    op.b_single = b == LIES_SINGLE;
    if (a == LIES_CHANNELS || b == LIES_CHANNELS) {
        op.rows = p->count;
        op.count = op.y_step = GK_BLOCK;
        op.a_step = a == LIES_WHOLE ? GK_BLOCK : 0;
        op.b_step = b == LIES_WHOLE ? GK_BLOCK : 0;
    }
    job->kernels->elementwise(&op);
}

// Adds up a piece of what may be the same for all pixels.
static void add_up(const Job *job, const GkLink *link, const Piece *p, float *to)
{
    Lies lies;
    const float *a = operand(job, link->a, p, &lies);
    if (lies == LIES_WHOLE) {
        job->kernels->sum_rows(a, p->count, GK_BLOCK, GK_BLOCK, to);
        return;
    }
    for (size_t l = 0; l < GK_BLOCK; l++)
        to[l] = (float)p->count * a[lies == LIES_SINGLE ? 0 : l];
}

// Where the sums of a link and a block begin: [n][piece][16].
static float *sums_of(const Job *job, size_t link, size_t block)
{
    return job->sums +
           (link * job->n_blocks + block) * job->chain->shape.n * job->n_pieces * SUM_FLOATS;
}

static void run_piece(const void *data, size_t item, size_t worker)
{
    const Job *job = data;
    const GkChain *chain = job->chain;
    const size_t index = item % job->n_pieces, plane = item / job->n_pieces;
    Piece p = {.n = plane / job->n_blocks,
               .block = plane % job->n_blocks,
               .pixel = index * PIECE,
               .values = job->values + worker * job->worker_floats};
    p.count = job->pixels - p.pixel < PIECE ? job->pixels - p.pixel : PIECE;
    for (size_t i = 0; i < chain->n_links; i++) {
        const GkLink *link = &chain->link[i];
        if (link->kind == GK_LINK_SUM)
            add_up(job, link, &p,
                   sums_of(job, i, p.block) + (p.n * job->n_pieces + index) * SUM_FLOATS);
        else
            compute(job, link, &p,
                    link->y.data ? plane_at(&link->y, &p) : p.values + i * PIECE_FLOATS);
    }
}

static void finish_sum(const void *data, size_t item, size_t worker)
{
    const Job *job = data;
    const GkLink *link = &job->chain->link[item / job->n_blocks];
    const size_t block = item % job->n_blocks;
    if (link->kind != GK_LINK_SUM)
        return;
    double sums[GK_BLOCK] = {0};
    const float *from = sums_of(job, item / job->n_blocks, block);
    for (size_t i = 0; i < job->chain->shape.n * job->n_pieces; i++)
        for (size_t l = 0; l < GK_BLOCK; l++)
            sums[l] += from[i * SUM_FLOATS + l];
    for (size_t l = 0; l < GK_BLOCK; l++)
        ((float *)link->y.data)[gk_offset(&link->y, 0, 0, 0, block * GK_BLOCK + l)] =
            (float)(link->alpha * sums[l]);
}

GkStatus gk_cpu_chain(GkContext *ctx, const GkChain *args)
{
    const GkView *s = &args->shape;
    Job job = {.chain = args, .kernels = ctx->kernels};
    if (!is_supported(args, &job))
        return GK_ERROR_UNSUPPORTED;
    job.n_blocks = s->c / GK_BLOCK;
    job.pixels = s->h * s->w;
    job.n_pieces = (job.pixels + PIECE - 1) / PIECE;
    job.worker_floats = args->n_links * PIECE_FLOATS + GK_BLOCK;
    const size_t values = gk_pool_n_threads(ctx->pool) * job.worker_floats;
    const size_t sums = args->n_links * job.n_blocks * s->n * job.n_pieces * SUM_FLOATS;
    job.values = gk_cpu_scratch(ctx, (values + sums) * sizeof(float));
    if (!job.values)
        return GK_ERROR_MEMORY;
    job.sums = job.values + values;
    gk_pool_run(ctx->pool, s->n * job.n_blocks * job.n_pieces, run_piece, &job);
    gk_pool_run(ctx->pool, args->n_links * job.n_blocks, finish_sum, &job);
    return GK_OK;
}
