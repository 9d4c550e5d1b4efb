// SPDX-License-Identifier: LGPL-3.0-or-later
// Pooling over windows, and its gradients. Each work item writes rows that no other one writes.
#include "cpu.h"

#include <string.h>

// First and last + 1 coordinate inside the picture of a window.
static size_t first_inside(size_t o, size_t stride, size_t pad)
{
    return o * stride > pad ? o * stride - pad : 0;
}

static size_t past_inside(size_t o, size_t stride, size_t pad, size_t kernel, size_t size)
{
    const size_t past = o * stride + kernel;
    return past <= pad ? 0 : past - pad < size ? past - pad : size;
}

static float window_scale(const GkPoolShape *s, size_t h, size_t w)
{
    return s->scale != 0 ? (float)s->scale : 1 / (float)(h * w > 0 ? h * w : 1);
}

static size_t smaller(size_t a, size_t b)
{
    return a < b ? a : b;
}

static bool is_supported(const GkView *large, const GkView *small, const GkPoolShape *s)
{
    return gk_cpu_view_valid(large) && gk_cpu_view_valid(small) && large->n == small->n &&
           large->c == small->c && s->stride && s->kernel_h && s->kernel_w;
}

// One row of the small picture.
static void average_row(const void *data, size_t item, size_t worker)
{
    const GkAveragePool *job = data;
    const GkView *large = &job->large, *small = &job->small;
    const GkPoolShape *s = &job->shape;
    const size_t n = item / small->h, oy = item % small->h;
    const size_t y0 = first_inside(oy, s->stride, s->pad_top);
    const size_t y1 = past_inside(oy, s->stride, s->pad_top, s->kernel_h, large->h);
    for (size_t c = 0; c < small->c;) {
        const size_t run = smaller(gk_cpu_run(large, c), gk_cpu_run(small, c));
        float *to = (float *)small->data + gk_offset(small, n, oy, 0, c);
        for (size_t ox = 0; ox < small->w; ox++, to += small->stride_x) {
            const size_t x0 = first_inside(ox, s->stride, s->pad_left);
            const size_t x1 = past_inside(ox, s->stride, s->pad_left, s->kernel_w, large->w);
            for (size_t l = 0; l < run; l++)
                to[l] = 0;
            if (y0 >= y1 || x0 >= x1)
                continue;
            for (size_t y = y0; y < y1; y++)
                for (size_t x = x0; x < x1; x++) {
                    const float *from = (const float *)large->data + gk_offset(large, n, y, x, c);
                    for (size_t l = 0; l < run; l++)
                        to[l] += from[l];
                }
            const float scale = window_scale(s, y1 - y0, x1 - x0);
            for (size_t l = 0; l < run; l++)
                to[l] *= scale;
        }
        c += run;
    }
}

// The outputs [*first, *past) whose windows can hold coordinate i.
static void windows_of(size_t i, size_t stride, size_t pad, size_t kernel, size_t n_windows,
                       size_t *first, size_t *past)
{
    *first = i + pad >= kernel ? (i + pad - kernel) / stride + 1 : 0;
    *past = smaller((i + pad) / stride + 1, n_windows);
}

// One row of the large picture.
static void average_gradient_row(const void *data, size_t item, size_t worker)
{
    const GkAveragePool *job = data;
    const GkView *large = &job->large, *small = &job->small;
    const GkPoolShape *s = &job->shape;
    const size_t n = item / large->h, iy = item % large->h;
    size_t oy0, oy1;
    windows_of(iy, s->stride, s->pad_top, s->kernel_h, small->h, &oy0, &oy1);
    for (size_t c = 0; c < large->c;) {
        const size_t run = smaller(gk_cpu_run(large, c), gk_cpu_run(small, c));
        float *to = (float *)large->data + gk_offset(large, n, iy, 0, c);
        for (size_t ix = 0; ix < large->w; ix++, to += large->stride_x) {
            size_t ox0, ox1;
            windows_of(ix, s->stride, s->pad_left, s->kernel_w, small->w, &ox0, &ox1);
            for (size_t l = 0; l < run; l++)
                to[l] = 0;
            for (size_t oy = oy0; oy < oy1; oy++)
                for (size_t ox = ox0; ox < ox1; ox++) {
                    const size_t h = past_inside(oy, s->stride, s->pad_top, s->kernel_h, large->h) -
                                     first_inside(oy, s->stride, s->pad_top);
                    const size_t w =
                        past_inside(ox, s->stride, s->pad_left, s->kernel_w, large->w) -
                        first_inside(ox, s->stride, s->pad_left);
                    const float scale = window_scale(s, h, w);
                    const float *from = (const float *)small->data + gk_offset(small, n, oy, ox, c);
                    for (size_t l = 0; l < run; l++)
                        to[l] += scale * from[l];
                }
        }
        c += run;
    }
}

GkStatus gk_cpu_average_pool(GkContext *ctx, const GkAveragePool *args)
{
    if (!is_supported(&args->large, &args->small, &args->shape))
        return GK_ERROR_UNSUPPORTED;
    gk_pool_run(ctx->pool, args->small.n * args->small.h, average_row, args);
    return GK_OK;
}

GkStatus gk_cpu_average_pool_gradient(GkContext *ctx, const GkAveragePool *args)
{
    if (!is_supported(&args->large, &args->small, &args->shape))
        return GK_ERROR_UNSUPPORTED;
    gk_pool_run(ctx->pool, args->large.n * args->large.h, average_gradient_row, args);
    return GK_OK;
}

// The first maximum of a window in a channel; x's pixels begin at `from`.
static void find_maximum(const GkView *x, const float *from, const GkPoolShape *s, size_t oy,
                         size_t ox, size_t *my, size_t *mx)
{
    const size_t y0 = first_inside(oy, s->stride, s->pad_top);
    const size_t y1 = past_inside(oy, s->stride, s->pad_top, s->kernel_h, x->h);
    const size_t x0 = first_inside(ox, s->stride, s->pad_left);
    const size_t x1 = past_inside(ox, s->stride, s->pad_left, s->kernel_w, x->w);
    *my = y0;
    *mx = x0;
    float best = from[y0 * x->stride_y + x0 * x->stride_x];
    for (size_t v = y0; v < y1; v++)
        for (size_t u = x0; u < x1; u++) {
            const float value = from[v * x->stride_y + u * x->stride_x];
            if (value > best) {
                best = value;
                *my = v;
                *mx = u;
            }
        }
}

// One row of the small picture.
static void max_row(const void *data, size_t item, size_t worker)
{
    const GkMaxPool *job = data;
    const GkView *x = &job->x, *large = &job->large, *small = &job->small;
    const size_t n = item / small->h, oy = item % small->h;
    for (size_t c = 0; c < small->c; c++) {
        const float *from = (const float *)x->data + gk_offset(x, n, 0, 0, c);
        const float *value = (const float *)large->data + gk_offset(large, n, 0, 0, c);
        float *to = (float *)small->data + gk_offset(small, n, oy, 0, c);
        for (size_t ox = 0; ox < small->w; ox++) {
            size_t my, mx;
            find_maximum(x, from, &job->shape, oy, ox, &my, &mx);
            to[ox * small->stride_x] = value[my * large->stride_y + mx * large->stride_x];
        }
    }
}

// One channel of one image: windows may overlap.
static void max_gradient_channel(const void *data, size_t item, size_t worker)
{
    const GkMaxPool *job = data;
    const GkView *x = &job->x, *large = &job->large, *small = &job->small;
    const size_t n = item / x->c, c = item % x->c;
    const float *from = (const float *)x->data + gk_offset(x, n, 0, 0, c);
    const float *value = (const float *)small->data + gk_offset(small, n, 0, 0, c);
    float *to = (float *)large->data + gk_offset(large, n, 0, 0, c);
    for (size_t y = 0; y < large->h; y++)
        for (size_t u = 0; u < large->w; u++)
            to[y * large->stride_y + u * large->stride_x] = 0;
    for (size_t oy = 0; oy < small->h; oy++)
        for (size_t ox = 0; ox < small->w; ox++) {
            size_t my, mx;
            find_maximum(x, from, &job->shape, oy, ox, &my, &mx);
            to[my * large->stride_y + mx * large->stride_x] +=
                value[oy * small->stride_y + ox * small->stride_x];
        }
}

static bool max_is_supported(const GkMaxPool *args)
{
    const GkPoolShape *s = &args->shape;
    return is_supported(&args->large, &args->small, s) && gk_cpu_view_valid(&args->x) &&
           gk_cpu_same_shape(&args->x, &args->large) && s->pad_top < s->kernel_h &&
           s->pad_left < s->kernel_w &&
           (args->small.h == 0 || (args->small.h - 1) * s->stride < args->x.h + s->pad_top) &&
           (args->small.w == 0 || (args->small.w - 1) * s->stride < args->x.w + s->pad_left);
}

GkStatus gk_cpu_max_pool(GkContext *ctx, const GkMaxPool *args)
{
    if (!max_is_supported(args))
        return GK_ERROR_UNSUPPORTED;
    gk_pool_run(ctx->pool, args->small.n * args->small.h, max_row, args);
    return GK_OK;
}

GkStatus gk_cpu_max_pool_gradient(GkContext *ctx, const GkMaxPool *args)
{
    if (!max_is_supported(args))
        return GK_ERROR_UNSUPPORTED;
    gk_pool_run(ctx->pool, args->x.n * args->x.c, max_gradient_channel, args);
    return GK_OK;
}
