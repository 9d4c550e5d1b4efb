// SPDX-License-Identifier: LGPL-3.0-or-later
// Means and variances as trees: a thread takes at most SUM_TERMS values, or what so many threads
// found, until one is left. The order depends on the shapes only.
#include "sums.cuh"

// What a part of the values tells: how many they are, the mean of their distances from a value of
// the group, and the sum of the squared deviations from their mean.
struct Moments {
    float count, mean, squares;
};

// Chan's formula; see ops/moments.h.
__device__ static inline Moments merged(const Moments &a, const Moments &b)
{
    const float count = a.count + b.count, shift = b.mean - a.mean, share = b.count / count;
    return {count, a.mean + shift * share, a.squares + b.squares + shift * shift * a.count * share};
}

// Merges every n_parts-th term of each result: values of x, or of the pass before where that is.
struct MomentParts {
    GkView x;
    Walk results, terms;
    const Moments *parts;
    unsigned n_results, n_terms, n_parts;
    bool side_by_side; // results that follow each other in memory, so that threads should
    Moments *to;
    GkView y; // of the last pass; no data: there are more
    unsigned groups;

    __device__ Moments term(unsigned result, unsigned t, float near) const
    {
        if (parts)
            return parts[(size_t)t * n_results + result];
        return {1, load_one(x, x.first + results.at(result) + terms.at(t)) - near, 0};
    }

    __device__ void operator()(unsigned i) const
    {
        const unsigned result = side_by_side ? i % n_results : i / n_parts;
        const unsigned part = side_by_side ? i / n_results : i % n_parts;
        const float near = load_one(x, x.first + results.at(result));
        Moments m = term(result, part, near);
        for (unsigned t = part + n_parts; t < n_terms; t += n_parts)
            m = merged(m, term(result, t, near));
        if (!y.data) {
            to[(size_t)part * n_results + result] = m;
            return;
        }
        const float mean = near + m.mean, variance = m.squares / m.count;
        const unsigned n = result / groups, g = result % groups;
        store(y, place_of(y, n, 0, 0, g), 1, &mean, NULL);
        store(y, place_of(y, n, 0, 0, groups + g), 1, &variance, NULL);
    }
};

// The passes' results lie one behind the other from `to` on.
static GkStatus pass(GkContext *ctx, const Terms &t, const Moments *parts, const GkView &y,
                     Moments *to)
{
    const size_t n_parts = n_sum_parts(t.n_terms);
    const bool is_last = n_parts == 1;
    GkView result = y;
    if (!is_last)
        result.data = NULL;
    const MomentParts f = {t.x,
                           t.results,
                           t.terms,
                           parts,
                           (unsigned)t.n_results,
                           (unsigned)t.n_terms,
                           (unsigned)n_parts,
                           t.n_results > 1 && t.results.stride[t.results.n_axes - 1] == 1,
                           to,
                           result,
                           (unsigned)(y.c / 2)};
    const GkStatus status = launch_each(ctx, "moments", f, t.n_results * n_parts);
    if (status != GK_OK || is_last)
        return status;
    Terms rest = t;
    rest.n_terms = n_parts;
    return pass(ctx, rest, to, y, to + n_parts * t.n_results);
}

GkStatus gk_cuda_moments(GkContext *ctx, const GkMoments *args)
{
    const GkView &x = args->x, &y = args->y;
    if (!gk_cuda_is_view(&x) || !gk_cuda_is_view(&y) || x.n * x.h * x.w * x.c == 0 || y.c == 0 ||
        y.c % 2 || x.c % (y.c / 2) || (y.n != 1 && y.n != x.n) || y.h != 1 || y.w != 1)
        return GK_ERROR_UNSUPPORTED;
    const size_t groups = y.c / 2, channels = x.c / groups;
    Terms t = {x, Walk(), Walk(), y.n * groups, x.n / y.n * x.h * x.w * channels};
    t.results.add(y.n, x.stride_n);
    t.results.add(groups, channels);
    t.terms.add(x.n / y.n, x.stride_n);
    t.terms.add(x.h, x.stride_y);
    t.terms.add(x.w, x.stride_x);
    t.terms.add(channels, 1);
    if (t.n_terms > MAX_SUM_TERMS)
        return GK_ERROR_UNSUPPORTED;
    Moments *passes =
        (Moments *)gk_cuda_scratch(ctx, n_sum_floats(t.n_results, t.n_terms) * sizeof(Moments));
    return passes == NULL && t.n_terms > SUM_TERMS ? GK_ERROR_MEMORY
                                                   : pass(ctx, t, NULL, y, passes);
}
