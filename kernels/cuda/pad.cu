// SPDX-License-Identifier: LGPL-3.0-or-later
// Padding in height and width, and its gradient, which gathers what shows a pixel.
#include "border.cuh"
#include "launch.cuh"

struct Pad {
    GkView x, y;
    Places places;
    int top, left;
    GkPadMode mode;
    int *overflow;

    __device__ void operator()(unsigned i) const
    {
        const Place p = places.at(i);
        const int iy = border((int)p.y - top, (int)x.h, mode);
        const int ix = border((int)p.x - left, (int)x.w, mode);
        float v[LANES] = {0};
        if (iy >= 0 && ix >= 0)
            load(x, p.at(iy, ix), v);
        store(y, p, v, overflow);
    }
};

GkStatus gk_cuda_pad(GkContext *ctx, const GkPad *args)
{
    const GkView *x = &args->x, *y = &args->y;
    if (!gk_cuda_is_view(x) || !gk_cuda_is_view(y) || x->n != y->n || x->c != y->c || x->h == 0 ||
        x->w == 0 || y->h > 1u << 30 || y->w > 1u << 30)
        return GK_ERROR_UNSUPPORTED;
    const Pad f = {*x, *y, Places(*y), (int)args->top, (int)args->left, args->mode, ctx->overflow};
    return launch_each(ctx, "padding", f, n_places(*y));
}

// The coordinates in y that show coordinate i of x along one axis: n[0] from first[0] on, then n[1]
// from first[1] on, each `step` apart.
struct Images {
    int first[2], n[2], step;

    __device__ int count() const
    {
        return n[0] + n[1];
    }

    __device__ size_t at(int k) const
    {
        return (size_t)(k < n[0] ? first[0] + k * step : first[1] + (k - n[0]) * step);
    }
};

// How many coordinates first, first + step, .. there are below `past`.
__device__ static inline int n_steps(int first, int past, int step)
{
    return first < past ? (past - first + step - 1) / step : 0;
}

// `size` of x, `past` of y; `before` coordinates of y lie before x.
__device__ static inline Images images(int i, int size, int past, int before, GkPadMode mode)
{
    const int place = i + before;
    if (mode == GK_PAD_ZERO)
        return {{place, 0}, {place < past ? 1 : 0, 0}, 1};
    if (mode == GK_PAD_REPLICATE || size == 1) {
        const int first = i == 0 ? 0 : place, end = i == size - 1 ? past : place + 1;
        return {{first, 0}, {n_steps(first, min(end, past), 1), 0}, 1};
    }
    if (mode == GK_PAD_CIRCULAR)
        return {{place % size, 0}, {n_steps(place % size, past, size), 0}, size};
    // The mirrored signal shows i at i and at -i in each period; the ends are their own mirrors.
    const int period = 2 * (size - 1), low = place % period, mirrored = before - i;
    const int high = (mirrored % period + period) % period;
    return {{low, high},
            {n_steps(low, past, period), low == high ? 0 : n_steps(high, past, period)},
            period};
}

struct PadGradient {
    GkView y, x;
    Places places;
    int top, left;
    GkPadMode mode;
    int *overflow;

    __device__ void operator()(unsigned i) const
    {
        const Place p = places.at(i);
        const Images rows = images((int)p.y, (int)x.h, (int)y.h, top, mode);
        const Images columns = images((int)p.x, (int)x.w, (int)y.w, left, mode);
        float sum[LANES] = {0}, v[LANES];
        for (int a = 0; a < rows.count(); a++)
            for (int b = 0; b < columns.count(); b++) {
                load(y, p.at(rows.at(a), columns.at(b)), v);
                for (unsigned k = 0; k < LANES; k++)
                    sum[k] += v[k];
            }
        store(x, p, sum, overflow);
    }
};

GkStatus gk_cuda_pad_gradient(GkContext *ctx, const GkPadGradient *args)
{
    const GkView *x = &args->x, *y = &args->y;
    const size_t limit = (size_t)1 << 29;
    if (!gk_cuda_is_view(x) || !gk_cuda_is_view(y) || x->n != y->n || x->c != y->c ||
        x->h > limit || x->w > limit || y->h > limit || y->w > limit || args->top > limit ||
        args->left > limit)
        return GK_ERROR_UNSUPPORTED;
    const PadGradient f = {*y,         *x,           Places(*x), (int)args->top, (int)args->left,
                           args->mode, ctx->overflow};
    return launch_each(ctx, "gradient of padding", f, n_places(*x));
}
