// SPDX-License-Identifier: LGPL-3.0-or-later
// Chains of elementwise functions: a thread takes one element at a time through all of them, so
// that only inputs and results pass through memory. Threads whose chain has sums take several
// pixels of a channel and leave what they added up to sums.cuh.
#include "functions.cuh"
#include "sums.cuh"

struct Link {
    GkLinkKind kind;
    int function;
    float alpha, beta;
    unsigned a, b;
    bool is_kept;
    GkView y;
    float *sums; // [part][channel]
};

struct Chain {
    unsigned n_inputs, n_links;
    GkView input[GK_MAX_CHAIN_INPUTS];
    Link link[GK_MAX_LINKS];
    unsigned h, w, c, n_pixels, n_parts;
    int *overflow;

    __device__ void operator()(unsigned i) const
    {
        const unsigned channel = i % c, part = i / c;
        float sums[GK_MAX_LINKS] = {0};
        for (unsigned pixel = part; pixel < n_pixels; pixel += n_parts) {
            unsigned n = pixel, y = 0, x = 0;
            if (h * w != 1) { // the same for all threads
                x = pixel % w;
                y = pixel / w % h;
                n = pixel / w / h;
            }
            compute(n, y, x, channel, sums);
        }
        for (unsigned l = 0; l < n_links; l++)
            if (link[l].kind == GK_LINK_SUM)
                link[l].sums[i] = sums[l];
    }

    __device__ void compute(unsigned n, unsigned y, unsigned x, unsigned channel, float *sums) const
    {
        float values[GK_MAX_CHAIN_INPUTS + GK_MAX_LINKS];
        for (unsigned k = 0; k < n_inputs; k++)
            values[k] = load_one(input[k], operand(input[k], n, y, x, channel));
        for (unsigned l = 0; l < n_links; l++) {
            const Link &f = link[l];
            if (f.kind == GK_LINK_SUM) {
                sums[l] += values[f.a];
                continue;
            }
            const float v =
                f.kind == GK_LINK_UNARY
                    ? unary((GkUnaryKind)f.function, f.alpha, f.beta, values[f.a])
                    : binary((GkBinaryKind)f.function, f.alpha, f.beta, values[f.a], values[f.b]);
            values[n_inputs + l] = v;
            if (f.is_kept) {
                const float kept[LANES] = {v};
                store(f.y, place_of(f.y, n, y, x, channel), 1, kept, overflow);
            }
        }
    }
};

static size_t n_pixels(const GkChain *args)
{
    return args->shape.n * args->shape.h * args->shape.w;
}

static size_t n_sums(const GkChain *args)
{
    size_t n = 0;
    for (size_t l = 0; l < args->n_links; l++)
        n += args->link[l].kind == GK_LINK_SUM;
    return n;
}

// How many threads share the pixels of a channel.
static size_t n_parts(const GkChain *args)
{
    return n_sums(args) > 0 ? n_sum_parts(n_pixels(args)) : n_pixels(args);
}

static Link device_link(const GkLink &l, float *sums)
{
    return {l.kind,           l.function,    (float)l.alpha,
            (float)l.beta,    (unsigned)l.a, (unsigned)l.b,
            l.y.data != NULL, l.y,           sums};
}

// Runs the links; sums get what each thread has added up, one sum behind the other.
static GkStatus run_links(GkContext *ctx, const GkChain *args, float *sums)
{
    const GkView &s = args->shape;
    const size_t part_floats = n_parts(args) * s.c;
    Chain f = {};
    f.n_inputs = (unsigned)args->n_inputs;
    f.n_links = (unsigned)args->n_links;
    for (size_t i = 0; i < args->n_inputs; i++)
        f.input[i] = broadcast(args->input[i]);
    float *next = sums;
    for (size_t l = 0; l < args->n_links; l++) {
        f.link[l] = device_link(args->link[l], next);
        next += args->link[l].kind == GK_LINK_SUM ? part_floats : 0;
    }
    f.h = (unsigned)s.h;
    f.w = (unsigned)s.w;
    f.c = (unsigned)s.c;
    f.n_pixels = (unsigned)n_pixels(args);
    f.n_parts = (unsigned)n_parts(args);
    f.overflow = ctx->overflow;
    return launch_each(ctx, "chain of functions", f, part_floats);
}

static GkStatus run_chain(GkContext *ctx, const GkChain *args)
{
    const size_t channels = args->shape.c, parts = n_parts(args);
    const size_t sum_floats = parts * channels, all_floats = n_sums(args) * sum_floats;
    const size_t pass_floats = n_sums(args) > 0 ? n_sum_floats(channels, parts) : 0;
    float *sums = (float *)gk_cuda_scratch(ctx, (all_floats + pass_floats) * sizeof(float));
    if (sums == NULL && all_floats > 0)
        return GK_ERROR_MEMORY;
    GkStatus status = run_links(ctx, args, sums);
    float *const passes = sums + all_floats;
    for (size_t l = 0; l < args->n_links && status == GK_OK; l++) {
        const GkLink &link = args->link[l];
        if (link.kind != GK_LINK_SUM)
            continue;
        const Terms t = {floats(sums), Walk(channels, 1), Walk(parts, channels), channels, parts};
        status = sum_terms(ctx, t, Walk(channels, 1), link.y, link.alpha, passes);
        sums += sum_floats;
    }
    return status;
}

// Whether operand `index` of link `l` is there when the link is computed.
static bool is_operand(const GkChain *args, size_t index, size_t l)
{
    return index < args->n_inputs + l &&
           (index < args->n_inputs || args->link[index - args->n_inputs].kind != GK_LINK_SUM);
}

static bool is_link(const GkChain *args, size_t l)
{
    const GkLink &link = args->link[l];
    const GkView &y = link.y;
    const bool fits = gk_cuda_is_view(&y) && y.c == args->shape.c &&
                      (link.kind == GK_LINK_SUM ? y.n == 1 && y.h == 1 && y.w == 1
                                                : gk_cuda_is_same_shape(&y, &args->shape));
    return is_operand(args, link.a, l) &&
           (link.kind != GK_LINK_BINARY || is_operand(args, link.b, l)) &&
           (y.data == NULL ? link.kind != GK_LINK_SUM : fits);
}

// Whether a picture of `shape`, or a vector for all of its pixels, is the same as one row.
static bool is_row(const GkView &v, const GkView &shape)
{
    return gk_cuda_is_same_shape(&v, &shape)
               ? v.stride_y == v.w * v.stride_x && v.stride_n == v.h * v.stride_y
               : v.n * v.h * v.w == 1;
}

static bool are_rows(const GkChain *args)
{
    bool rows = true;
    for (size_t i = 0; i < args->n_inputs; i++)
        rows = rows && is_row(args->input[i], args->shape);
    for (size_t l = 0; l < args->n_links; l++)
        rows = rows && (args->link[l].y.data == NULL || is_row(args->link[l].y, args->shape));
    return rows;
}

// Makes each pixel an image, so that its place needs no division.
static void make_row(GkView *v)
{
    v->n *= v->h * v->w;
    v->h = v->w = 1;
    v->stride_n = v->stride_x;
}

GkStatus gk_cuda_chain(GkContext *ctx, const GkChain *args)
{
    if (args->n_inputs > GK_MAX_CHAIN_INPUTS || args->n_links > GK_MAX_LINKS ||
        n_pixels(args) > MAX_SUM_TERMS)
        return GK_ERROR_UNSUPPORTED;
    for (size_t i = 0; i < args->n_inputs; i++)
        if (!is_broadcast(args->input[i], args->shape))
            return GK_ERROR_UNSUPPORTED;
    for (size_t l = 0; l < args->n_links; l++)
        if (!is_link(args, l))
            return GK_ERROR_UNSUPPORTED;
    if (!are_rows(args))
        return run_chain(ctx, args);
    GkChain rows = *args;
    make_row(&rows.shape);
    for (size_t i = 0; i < rows.n_inputs; i++)
        make_row(&rows.input[i]);
    for (size_t l = 0; l < rows.n_links; l++)
        make_row(&rows.link[l].y);
    return run_chain(ctx, &rows);
}
