// SPDX-License-Identifier: LGPL-3.0-or-later
// Pooling over windows, and its gradients. A gradient is gathered: a thread looks at all windows
// that hold its pixel, so that no two of them write to one place.
#include "launch.cuh"

// A range of pixels or of windows along both axes: first <= i < past.
struct Range {
    int y0, y1, x0, x1;
};

// The windows of one pooling. Coordinates fit into int: is_pooling() looks after it.
struct Windows {
    int large_h, large_w, small_h, small_w, kernel_h, kernel_w, stride, top, left;
    float scale;

    Windows() = default;
    Windows(const GkPoolShape &s, const GkView &large, const GkView &small)
        : large_h((int)large.h), large_w((int)large.w), small_h((int)small.h),
          small_w((int)small.w), kernel_h((int)s.kernel_h), kernel_w((int)s.kernel_w),
          stride((int)s.stride), top((int)s.pad_top), left((int)s.pad_left), scale((float)s.scale)
    {
    }

    // The pixels in the window of (oy, ox).
    __device__ Range pixels(int oy, int ox) const
    {
        const int y = oy * stride - top, x = ox * stride - left;
        return {max(y, 0), min(y + kernel_h, large_h), max(x, 0), min(x + kernel_w, large_w)};
    }

    // The windows that hold pixel (iy, ix).
    __device__ Range holders(int iy, int ix) const
    {
        const int y = iy + top, x = ix + left;
        return {first_holder(y, kernel_h), min(y / stride + 1, small_h), first_holder(x, kernel_w),
                min(x / stride + 1, small_w)};
    }

    __device__ int first_holder(int i, int kernel) const
    {
        return i < kernel ? 0 : (i - kernel) / stride + 1;
    }

    __device__ float scale_of(const Range &w) const
    {
        if (scale != 0)
            return scale;
        return w.y1 > w.y0 && w.x1 > w.x0 ? 1.0f / ((float)(w.y1 - w.y0) * (float)(w.x1 - w.x0))
                                          : 1.0f;
    }
};

struct AveragePool {
    GkView large, small;
    Places places;
    Windows windows;
    int *overflow;

    __device__ void operator()(unsigned i) const
    {
        const Place p = places.at(i);
        const Range w = windows.pixels((int)p.y, (int)p.x);
        float sum[LANES] = {0}, v[LANES];
        for (int y = w.y0; y < w.y1; y++)
            for (int x = w.x0; x < w.x1; x++) {
                load(large, p.at(y, x), v);
                for (unsigned k = 0; k < LANES; k++)
                    sum[k] += v[k];
            }
        for (unsigned k = 0; k < LANES; k++)
            sum[k] *= windows.scale_of(w);
        store(small, p, sum, overflow);
    }
};

struct AveragePoolGradient {
    GkView large, small;
    Places places;
    Windows windows;
    int *overflow;

    __device__ void operator()(unsigned i) const
    {
        const Place p = places.at(i);
        const Range o = windows.holders((int)p.y, (int)p.x);
        float sum[LANES] = {0}, v[LANES];
        for (int oy = o.y0; oy < o.y1; oy++)
            for (int ox = o.x0; ox < o.x1; ox++) {
                const float scale = windows.scale_of(windows.pixels(oy, ox));
                load(small, p.at(oy, ox), v);
                for (unsigned k = 0; k < LANES; k++)
                    sum[k] += scale * v[k];
            }
        store(large, p, sum, overflow);
    }
};

// Finds the first maximum of a window, row by row, for each of LANES channels: at y * w + x.
__device__ static inline void find_maxima(const GkView &x, const Range &w, const Place &p,
                                          unsigned *at)
{
    float best[LANES], v[LANES];
    load(x, p.at(w.y0, w.x0), best);
    for (unsigned k = 0; k < LANES; k++)
        at[k] = (unsigned)w.y0 * (unsigned)x.w + (unsigned)w.x0;
    for (int iy = w.y0; iy < w.y1; iy++)
        for (int ix = w.x0; ix < w.x1; ix++) {
            load(x, p.at(iy, ix), v);
            for (unsigned k = 0; k < LANES; k++)
                if (v[k] > best[k]) {
                    best[k] = v[k];
                    at[k] = (unsigned)iy * (unsigned)x.w + (unsigned)ix;
                }
        }
}

struct MaxPool {
    GkView x, large, small;
    Places places;
    Windows windows;
    int *overflow;

    __device__ void operator()(unsigned i) const
    {
        const Place p = places.at(i);
        const unsigned w = (unsigned)x.w;
        unsigned at[LANES];
        find_maxima(x, windows.pixels((int)p.y, (int)p.x), p, at);
        float v[LANES];
        for (unsigned k = 0; k < p.count; k++)
            v[k] = load_one(large, place_of(large, p.n, at[k] / w, at[k] % w, p.c + k));
        store(small, p, v, overflow);
    }
};

struct MaxPoolGradient {
    GkView x, large, small;
    Places places;
    Windows windows;
    int *overflow;

    __device__ void operator()(unsigned i) const
    {
        const Place p = places.at(i);
        const Range o = windows.holders((int)p.y, (int)p.x);
        const unsigned here = p.y * (unsigned)x.w + p.x;
        float sum[LANES] = {0}, v[LANES];
        for (int oy = o.y0; oy < o.y1; oy++)
            for (int ox = o.x0; ox < o.x1; ox++) {
                unsigned at[LANES];
                find_maxima(x, windows.pixels(oy, ox), p, at);
                load(small, p.at(oy, ox), v);
                for (unsigned k = 0; k < LANES; k++)
                    sum[k] += at[k] == here ? v[k] : 0.0f;
            }
        store(large, p, sum, overflow);
    }
};

static bool is_pooling(const GkView &large, const GkView &small, const GkPoolShape &s)
{
    const size_t limit = (size_t)1 << 29;
    return gk_cuda_is_view(&large) && gk_cuda_is_view(&small) && large.n == small.n &&
           large.c == small.c && s.stride >= 1 && s.stride <= limit &&
           large.h + s.pad_top <= limit && large.w + s.pad_left <= limit && s.kernel_h <= limit &&
           s.kernel_w <= limit && small.h * s.stride <= limit && small.w * s.stride <= limit;
}

// Each window of a maximum holds a pixel: the first one and the last one do.
static bool is_max_pooling(const GkMaxPool *args)
{
    const GkView &large = args->large, &small = args->small;
    const GkPoolShape &s = args->shape;
    return is_pooling(large, small, s) && gk_cuda_is_view(&args->x) &&
           gk_cuda_is_same_shape(&args->x, &large) && s.kernel_h > s.pad_top &&
           s.kernel_w > s.pad_left && small.h * s.stride < large.h + s.pad_top + s.stride &&
           small.w * s.stride < large.w + s.pad_left + s.stride && large.h * large.w <= 0xffffffffu;
}

GkStatus gk_cuda_average_pool(GkContext *ctx, const GkAveragePool *args)
{
    if (!is_pooling(args->large, args->small, args->shape))
        return GK_ERROR_UNSUPPORTED;
    const AveragePool f = {args->large, args->small, Places(args->small),
                           Windows(args->shape, args->large, args->small), ctx->overflow};
    return launch_each(ctx, "average pooling", f, n_places(args->small));
}

GkStatus gk_cuda_average_pool_gradient(GkContext *ctx, const GkAveragePool *args)
{
    if (!is_pooling(args->large, args->small, args->shape))
        return GK_ERROR_UNSUPPORTED;
    const AveragePoolGradient f = {args->large, args->small, Places(args->large),
                                   Windows(args->shape, args->large, args->small), ctx->overflow};
    return launch_each(ctx, "gradient of average pooling", f, n_places(args->large));
}

GkStatus gk_cuda_max_pool(GkContext *ctx, const GkMaxPool *args)
{
    if (!is_max_pooling(args))
        return GK_ERROR_UNSUPPORTED;
    const MaxPool f = {args->x,
                       args->large,
                       args->small,
                       Places(args->small),
                       Windows(args->shape, args->large, args->small),
                       ctx->overflow};
    return launch_each(ctx, "maximum pooling", f, n_places(args->small));
}

GkStatus gk_cuda_max_pool_gradient(GkContext *ctx, const GkMaxPool *args)
{
    if (!is_max_pooling(args))
        return GK_ERROR_UNSUPPORTED;
    const MaxPoolGradient f = {args->x,
                               args->large,
                               args->small,
                               Places(args->large),
                               Windows(args->shape, args->large, args->small),
                               ctx->overflow};
    return launch_each(ctx, "gradient of maximum pooling", f, n_places(args->large));
}
