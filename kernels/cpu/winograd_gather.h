// SPDX-License-Identifier: LGPL-3.0-or-later
// The windows of winograd.c that do not lie in memory as they are read: of enlarged pictures, of
// other layouts, and across the edges of pictures that do not end in zeros.
#ifndef GK_CPU_WINOGRAD_GATHER_H
#define GK_CPU_WINOGRAD_GATHER_H

#include "border.h"
#include "cpu.h"
#include "simd.h"

typedef struct {
    size_t n, y0, x0; // the first output
} Tile;

V_INLINE void copy_pixels(float *to, const float *from, size_t n)
{
    for (size_t i = 0; i < n * GK_BLOCK; i += V_LANES)
        v_store(to + i, v_load(from + i));
}

V_INLINE void zero_pixels(float *to, size_t n)
{
    for (size_t i = 0; i < n * GK_BLOCK; i += V_LANES)
        v_store(to + i, v_zero());
}

// The channels of block `cb` at the pixel (y, x) of the view.
V_INLINE void copy_pixel(float *to, const GkView *view, bool whole, size_t n, size_t y, size_t x,
                         size_t cb)
{
    const float *data = view->data;
    const size_t c0 = cb * GK_BLOCK;
    if (whole) {
        copy_pixels(to, data + gk_offset(view, n, y, x, c0), 1);
        return;
    }
    for (size_t l = 0; l < GK_BLOCK; l++)
        to[l] = c0 + l < view->c ? data[gk_offset(view, n, y, x, c0 + l)] : 0;
}

// Copies the columns [begin, end) of a window's row, which lie inside the image, out of its row y.
V_INLINE void gather_inside(const GkCpuWinograd *job, const Tile *tile, size_t y, size_t begin,
                            size_t end, size_t cb, float *row)
{
    const GkView *view = &job->x;
    const bool whole = job->blocks && view->c - cb * GK_BLOCK >= GK_BLOCK;
    const size_t up = job->upsample, x = tile->x0 + begin - job->pad_left;
    if (begin == end)
        return;
    if (!whole) {
        for (size_t j = begin; j < end; j++)
            copy_pixel(row + j * GK_BLOCK, view, false, tile->n, y / up, (x + j - begin) / up, cb);
        return;
    }
    const float *from =
        (const float *)view->data + gk_offset(view, tile->n, y / up, x / up, cb * GK_BLOCK);
    if (up == 1 && view->stride_x == GK_BLOCK) {
        copy_pixels(row + begin * GK_BLOCK, from, end - begin);
        return;
    }
    // No division for each pixel: `left` columns more show the one at `from`.
    for (size_t j = begin, left = up - x % up; j < end; j++) {
        copy_pixels(row + j * GK_BLOCK, from, 1);
        if (--left == 0) {
            left = up;
            from += view->stride_x;
        }
    }
}

// Fills the columns [begin, end) of a window's row, which lie beyond the image's edges.
V_INLINE void gather_border(const GkCpuWinograd *job, const Tile *tile, size_t y, size_t begin,
                            size_t end, size_t cb, float *row)
{
    const GkView *view = &job->x;
    const bool whole = job->blocks && view->c - cb * GK_BLOCK >= GK_BLOCK;
    if (job->pad_mode == GK_PAD_ZERO) {
        zero_pixels(row + begin * GK_BLOCK, end - begin);
        return;
    }
    for (size_t j = begin; j < end; j++) {
        const size_t x =
            gk_cpu_border((ptrdiff_t)(tile->x0 + j - job->pad_left), job->w, job->pad_mode);
        copy_pixel(row + j * GK_BLOCK, view, whole, tile->n, y / job->upsample, x / job->upsample,
                   cb);
    }
}

// Copies the window of ay x ax pixels of one block of channels that a tile reads, with what lies
// beyond the image's edges.
static __attribute__((noinline)) void gather_window(const GkCpuWinograd *job, const Tile *tile,
                                                    size_t ay, size_t ax, size_t cb, float *window)
{
    // Pixels [begin, end) of a row lie inside the image.
    const size_t past = job->w + job->pad_left; // the column behind the image
    const size_t begin = tile->x0 >= job->pad_left       ? 0
                         : job->pad_left - tile->x0 < ax ? job->pad_left - tile->x0
                                                         : ax;
    const size_t inside = past <= tile->x0 ? 0 : past - tile->x0 < ax ? past - tile->x0 : ax;
    const size_t end = inside > begin ? inside : begin;
    for (size_t i = 0; i < ay; i++) {
        float *row = window + i * ax * GK_BLOCK;
        const size_t y =
            gk_cpu_border((ptrdiff_t)(tile->y0 + i - job->pad_top), job->h, job->pad_mode);
        if (y == SIZE_MAX) {
            zero_pixels(row, ax);
            continue;
        }
        gather_border(job, tile, y, 0, begin, cb, row);
        gather_inside(job, tile, y, begin, end, cb, row);
        gather_border(job, tile, y, end, ax, cb, row);
    }
}

#endif
