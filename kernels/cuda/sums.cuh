// SPDX-License-Identifier: LGPL-3.0-or-later
// Sums of many terms as trees: a thread adds up at most SUM_TERMS of them, and what the threads
// found are the terms of the next pass, until one is left. Rounding errors grow with the height of
// the tree, the work is spread over all of a device, and the order depends on the shapes only.
#ifndef GK_CUDA_SUMS_CUH
#define GK_CUDA_SUMS_CUH

#include "launch.cuh"

enum { SUM_TERMS = 32 };

// The most terms of a sum: their numbers may run past it by their own count.
static const size_t MAX_SUM_TERMS = (size_t)1 << 31;

// Places in memory by one number; the last axis runs fastest.
struct Walk {
    unsigned n_axes = 1, extent[4] = {1};
    size_t stride[4] = {0};

    Walk() = default;
    Walk(size_t count, size_t step)
    {
        add(count, step);
    }

    // Adds an axis inside of the others, or joins it with the last one where that leaves no gap.
    void add(size_t count, size_t step)
    {
        const unsigned last = n_axes - 1;
        if (count == 1)
            return;
        if (extent[last] == 1 || stride[last] == count * step)
            set(last, extent[last] * count, step);
        else
            set(n_axes++, count, step);
    }

    void set(unsigned axis, size_t count, size_t step)
    {
        extent[axis] = (unsigned)count;
        stride[axis] = step;
    }

    __device__ size_t at(unsigned i) const
    {
        size_t offset = 0;
        for (unsigned a = n_axes - 1; a > 0; a--) {
            offset += i % extent[a] * stride[a];
            i /= extent[a];
        }
        return offset + i * stride[0];
    }
};

// What is to be added up: term t of result r lies at place results.at(r) + terms.at(t) from the
// first element of x, of which only this and the type matter.
struct Terms {
    GkView x;
    Walk results, terms;
    size_t n_results, n_terms;
};

// Floats that lie together, as Terms and sum_terms() take them.
static inline GkView floats(float *data)
{
    GkView v = {};
    v.data = data;
    v.dtype = GK_F32;
    return v;
}

static inline size_t n_sum_parts(size_t n_terms)
{
    return n_terms > SUM_TERMS ? (n_terms + SUM_TERMS - 1) / SUM_TERMS : 1;
}

// The floats that sum_terms() needs at `passes`.
static inline size_t n_sum_floats(size_t n_results, size_t n_terms)
{
    size_t n = 0;
    while (n_terms > SUM_TERMS) {
        n_terms = n_sum_parts(n_terms);
        n += n_results * n_terms;
    }
    return n;
}

// Sums of every n_parts-th term of each result, times scale; those of a part lie together.
struct SumParts {
    GkView x;
    Walk results, terms, to;
    unsigned n_results, n_terms, n_parts;
    bool side_by_side; // results that follow each other in memory, so that threads should
    GkView y;
    float scale;
    int *overflow;

    __device__ void operator()(unsigned i) const
    {
        const unsigned result = side_by_side ? i % n_results : i / n_parts;
        const unsigned part = side_by_side ? i / n_results : i % n_parts;
        const size_t from = x.first + results.at(result);
        float sum[LANES] = {0};
        for (unsigned t = part; t < n_terms; t += n_parts)
            sum[0] += load_one(x, from + terms.at(t));
        sum[0] *= scale;
        store(y, y.first + (size_t)part * n_results + to.at(result), 1, sum, overflow);
    }
};

static GkStatus sum_parts(GkContext *ctx, const Terms &t, size_t n_parts, const Walk &to,
                          const GkView &y, double scale)
{
    const SumParts f = {t.x,
                        t.results,
                        t.terms,
                        to,
                        (unsigned)t.n_results,
                        (unsigned)t.n_terms,
                        (unsigned)n_parts,
                        t.n_results > 1 && t.results.stride[t.results.n_axes - 1] == 1,
                        y,
                        (float)scale,
                        ctx->overflow};
    return launch_each(ctx, "sums", f, t.n_results * n_parts);
}

// The sum of the terms of r, times scale, to place to.at(r) from the first element of y, for each
// r. Needs n_sum_floats() at `passes`.
static GkStatus sum_terms(GkContext *ctx, const Terms &t, const Walk &to, const GkView &y,
                          double scale, float *passes)
{
    const size_t n_parts = n_sum_parts(t.n_terms);
    if (n_parts == 1)
        return sum_parts(ctx, t, 1, to, y, scale);
    const Walk dense(t.n_results, 1);
    const GkStatus status = sum_parts(ctx, t, n_parts, dense, floats(passes), 1);
    if (status != GK_OK)
        return status;
    const Terms rest = {floats(passes), dense, Walk(n_parts, t.n_results), t.n_results, n_parts};
    return sum_terms(ctx, rest, to, y, scale, passes + n_parts * t.n_results);
}

#endif
