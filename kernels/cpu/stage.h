// SPDX-License-Identifier: LGPL-3.0-or-later
// Copies the rows that a segment of outputs reads, with their border, so that the convolutions in
// direct.c and few_outputs.c need to know neither layout nor border nor upsampling.
#ifndef GK_CPU_STAGE_H
#define GK_CPU_STAGE_H

#include "border.h"
#include "cpu.h"

// One work item: a segment of neighbouring rows of outputs, and a part of their channels.
typedef struct {
    size_t n, oy, ox, rows, count, part;
} GkCpuSegment;

static inline GkCpuSegment gk_cpu_segment(const GkCpuDirect *job, size_t item)
{
    const size_t place = item / job->n_parts, block = place / job->n_segments;
    const size_t oy = block % job->n_row_blocks * job->rows,
                 ox = place % job->n_segments * job->segment;
    return (GkCpuSegment){.n = block / job->n_row_blocks,
                          .oy = oy,
                          .ox = ox,
                          .rows = job->out_h - oy < job->rows ? job->out_h - oy : job->rows,
                          .count = job->out_w - ox < job->segment ? job->out_w - ox : job->segment,
                          .part = item % job->n_parts};
}

// Returns the pixels in a staged row for `count` outputs.
static inline size_t gk_cpu_staged_pixels(const GkCpuDirect *job, size_t count)
{
    return (count - 1) * job->stride + (job->kernel_w - 1) * job->dilation + 1;
}

// Copies the pixels [begin, end) of a staged row, which lie inside the image, out of the row `from`
// of it; staged pixel 0 is column x0 - pad_left.
static inline void gk_cpu_stage_inside(const GkCpuDirect *job, const float *from_row, size_t group,
                                       size_t x0, size_t begin, size_t end, float *row)
{
    const GkView *view = &job->x;
    const size_t first = group * job->ic, up = job->upsample, ps = job->pixel_stride;
    for (size_t c = 0; c < job->ic;) {
        const size_t lane = view->first + first + c;
        const size_t in_block = view->block - lane % view->block;
        const size_t run = in_block < job->ic - c ? in_block : job->ic - c;
        const float *from = from_row + lane / view->block * view->stride_block + lane % view->block;
        for (size_t i = begin; i < end; i++) {
            const size_t x = x0 + i - job->pad_left;
            const float *p = from + (up == 1 ? x : x / up) * view->stride_x;
            float *to = row + i * ps + c;
            if (run == GK_BLOCK) // a constant size: a few vectors instead of a call
                memcpy(to, p, GK_BLOCK * sizeof *to);
            else
                for (size_t l = 0; l < run; l++)
                    to[l] = p[l];
        }
        c += run;
    }
    if (job->ic < ps)
        for (size_t i = begin; i < end; i++)
            memset(row + i * ps + job->ic, 0, (ps - job->ic) * sizeof *row);
}

// Fills the pixels [begin, end) of a staged row, which lie beyond the image's edges.
static inline void gk_cpu_stage_border(const GkCpuDirect *job, const float *from_row, size_t group,
                                       size_t x0, size_t begin, size_t end, float *row)
{
    if (job->pad_mode == GK_PAD_ZERO) {
        memset(row + begin * job->pixel_stride, 0, (end - begin) * job->pixel_stride * sizeof *row);
        return;
    }
    for (size_t i = begin; i < end; i++) {
        const size_t x = gk_cpu_border((ptrdiff_t)(x0 + i - job->pad_left), job->w, job->pad_mode);
        // The pixel x of the image, as if it were column x0 + i - pad_left.
        gk_cpu_stage_inside(job, from_row, group, x + job->pad_left, 0, 1,
                            row + i * job->pixel_stride);
    }
}

// Returns the staged rows for `rows` rows of outputs: tap ky of row r is row r * stride + ky. With
// dilation there is one row of outputs, and the rows between the taps are left out.
static inline size_t gk_cpu_staged_rows(const GkCpuDirect *job, size_t rows)
{
    return (rows - 1) * job->stride + job->kernel_h;
}

// Fills staged[rows][pixels][pixel_stride] with the channels of group `group`. Lanes between the
// group's channels and pixel_stride become zero.
static inline void gk_cpu_stage(const GkCpuDirect *job, const GkCpuSegment *s, size_t group,
                                float *staged)
{
    const GkView *view = &job->x;
    const float *data = (const float *)view->data + s->n * view->stride_n;
    const size_t n_pixels = gk_cpu_staged_pixels(job, s->count), ps = job->pixel_stride;
    const size_t x0 = s->ox * job->stride;
    // Staged pixels [begin, end) lie inside the image.
    const size_t before = x0 >= job->pad_left ? 0 : job->pad_left - x0;
    const size_t begin = before < n_pixels ? before : n_pixels;
    const size_t past = job->w + job->pad_left; // the column behind the image, in X's coordinates
    const size_t inside = past <= x0 ? 0 : past - x0 < n_pixels ? past - x0 : n_pixels;
    const size_t end = inside > begin ? inside : begin;
    const size_t n_rows = gk_cpu_staged_rows(job, s->rows);
    for (size_t i = 0; i < n_rows; i++) {
        float *row = staged + i * n_pixels * ps;
        const size_t y =
            gk_cpu_border((ptrdiff_t)(s->oy * job->stride + i * job->dilation - job->pad_top),
                          job->h, job->pad_mode);
        if (y == SIZE_MAX) {
            memset(row, 0, n_pixels * ps * sizeof *row);
            continue;
        }
        const float *from_row = data + y / job->upsample * view->stride_y;
        gk_cpu_stage_border(job, from_row, group, x0, 0, begin, row);
        gk_cpu_stage_inside(job, from_row, group, x0, begin, end, row);
        gk_cpu_stage_border(job, from_row, group, x0, end, n_pixels, row);
    }
}

#endif
