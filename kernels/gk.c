// SPDX-License-Identifier: LGPL-3.0-or-later
// Views on activation memory.
#include "gk.h"

const char *gk_status_text(GkStatus status)
{
    switch (status) {
    case GK_OK:
        return "no error";
    case GK_ERROR_UNSUPPORTED:
        return "not supported by this backend";
    case GK_ERROR_MEMORY:
        return "out of memory";
    case GK_ERROR_DEVICE:
        return "the device failed";
    }
    return "unknown error";
}

size_t gk_dtype_bytes(GkDtype dtype)
{
    switch (dtype) {
    case GK_F64:
        return sizeof(double);
    case GK_F32:
        return sizeof(float);
    case GK_F16:
    case GK_BF16:
        return 2;
    }
    return 0;
}

// A view without data, as cost functions take it, stays without: there is nothing to count from.
static void *advance(const GkView *view, size_t elements)
{
    return view->data == NULL ? NULL : (char *)view->data + elements * gk_dtype_bytes(view->dtype);
}

GkView gk_view_nhwc(void *data, GkDtype dtype, size_t n, size_t h, size_t w, size_t c)
{
    return (GkView){.data = data,
                    .dtype = dtype,
                    .n = n,
                    .h = h,
                    .w = w,
                    .c = c,
                    .block = c,
                    .stride_n = h * w * c,
                    .stride_block = c,
                    .stride_y = w * c,
                    .stride_x = c};
}

GkView gk_view_blocked(void *data, GkDtype dtype, size_t n, size_t h, size_t w, size_t c)
{
    const size_t n_blocks = (c + GK_BLOCK - 1) / GK_BLOCK;
    // Five pixels more than the plane: planes of 2^k bytes would otherwise share their cache sets.
    const size_t plane = (h * w + 5) * GK_BLOCK;
    return (GkView){.data = data,
                    .dtype = dtype,
                    .n = n,
                    .h = h,
                    .w = w,
                    .c = c,
                    .block = GK_BLOCK,
                    .stride_n = n_blocks * plane,
                    .stride_block = plane,
                    .stride_y = w * GK_BLOCK,
                    .stride_x = GK_BLOCK};
}

GkView gk_view_lanes(void *data, GkDtype dtype, size_t n, size_t h, size_t w, size_t c,
                     size_t lanes)
{
    const size_t pixel = (c + lanes - 1) / lanes * lanes;
    return (GkView){.data = data,
                    .dtype = dtype,
                    .n = n,
                    .h = h,
                    .w = w,
                    .c = c,
                    .block = pixel,
                    .stride_n = h * w * pixel,
                    .stride_block = pixel,
                    .stride_y = w * pixel,
                    .stride_x = pixel};
}

size_t gk_view_bytes(const GkView *view)
{
    return view->n * view->stride_n * gk_dtype_bytes(view->dtype);
}

GkView gk_view_channels(const GkView *view, size_t first, size_t count)
{
    GkView v = *view;
    const size_t lane = view->first + first;
    v.data = advance(view, lane / v.block * v.stride_block);
    v.first = lane % v.block;
    v.c = count;
    return v;
}

GkView gk_view_rectangle(const GkView *view, size_t y, size_t x, size_t h, size_t w)
{
    GkView v = *view;
    v.data = advance(view, y * v.stride_y + x * v.stride_x);
    v.h = h;
    v.w = w;
    return v;
}
