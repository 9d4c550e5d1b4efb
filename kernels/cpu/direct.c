// SPDX-License-Identifier: LGPL-3.0-or-later
// Convolution of any kernel, stride, dilation and groups, as the formula says.
#include "cpu.h"
#include "direct_multiply.h"
#include "epilogue.h"
#include "isa.h"
#include "stage.h"
#include "window.h"

// Ends the sums of `pixels` outputs of the row oy from ox on, `columns` vectors of channels from
// `oc` on: to their place, or into the buffer of their row.
V_INLINE void end_pixels(const GkCpuDirect *job, const GkCpuSegment *s, size_t oy, size_t ox,
                         size_t oc, size_t columns, size_t pixels, const float *sums, float *buffer)
{
    const GkCpuEpilogue *e = &job->epilogue;
    const EndKind end = end_kind(e->kind);
    const size_t buffer_stride = job->groups * job->oc_padded;
    for (size_t k = 0; k < columns; k++) {
        const size_t first = oc + k * V_LANES;
        const Vec bias = v_load(e->bias + first), slope = end_slope(e, end, first);
        Vec v[MAX_ROWS];
        for (size_t p = 0; p < pixels; p++)
            v[p] = end_activate(v_load(sums + p * GROUP + k * V_LANES), bias, slope, end, e->kind);
        if (e->blocks) {
            const Place place = place_of(e, first);
            if (place.lanes)
                end_store_blocks(e, &place, v, pixels, s->n, oy, ox);
        } else {
            for (size_t p = 0; p < pixels; p++)
                v_store(buffer + (ox - s->ox + p) * buffer_stride + first, v[p]);
        }
    }
}

// What the thread mostly reads next: the rows of the following item, unless it is another part of
// the same.
static void ahead_rows(Ahead *ahead, const GkCpuDirect *job, size_t item)
{
    const GkView *x = &job->x;
    if (item + 1 == job->n_items || (item + 1) % job->n_parts || !gk_cpu_is_blocks(x) ||
        x->stride_x != GK_BLOCK)
        return;
    const GkCpuSegment s = gk_cpu_segment(job, item + 1);
    const size_t n_rows = gk_cpu_staged_rows(job, s.rows), x0 = s.ox * job->stride;
    const size_t before = x0 < job->pad_left ? job->pad_left - x0 : 0;
    const size_t first = x0 + before - job->pad_left;
    const size_t past = x0 + gk_cpu_staged_pixels(job, s.count);
    const size_t end = past < job->w + job->pad_left ? past - job->pad_left : job->w;
    if (past <= job->pad_left || first >= end)
        return;
    for (size_t i = 0; i < n_rows; i++) {
        const size_t y = s.oy * job->stride + i * job->dilation - job->pad_top; // wraps above
        if (y >= job->h)
            continue;
        const float *row = (const float *)x->data + s.n * x->stride_n +
                           y / job->upsample * x->stride_y + first / job->upsample * GK_BLOCK;
        const size_t pixels = (end - 1) / job->upsample - first / job->upsample + 1;
        for (size_t c = 0; c < x->c; c += GK_BLOCK)
            ahead_add(ahead, row + c / GK_BLOCK * x->stride_block, pixels);
    }
}

// `columns` vectors of channels from `oc` on, for all pixels of the segment.
static void run_group(const GkCpuDirect *job, const GkCpuSegment *s, const float *staged, size_t oc,
                      size_t columns, float *sums, float *buffer, Ahead *ahead)
{
    const size_t ps = job->pixel_stride;
    const size_t row_floats = gk_cpu_staged_pixels(job, s->count) * ps;
    const GkCpuWindow window = gk_cpu_window(job, oc, columns * V_LANES);
    const Taps taps =
        taps_of(window.h, window.w, row_floats, job->dilation * ps, job->ic, job->stride * ps);
    staged += window.y * row_floats + window.x * job->dilation * ps;
    const size_t n_runs = taps.n_y * taps.n_x;
    const size_t bytes = n_runs * taps.length * columns * V_LANES * sizeof(float);
    // A place that no tap reaches has one piece, without runs.
    const size_t n_pieces = bytes > 0 ? 1 + (bytes - 1) / PIECE_BYTES : 1;
    const float *weight = job->weight + gk_cpu_window_weights(job, oc, GROUP);
    const size_t most = rows_for(columns), n_chunks = (s->count + most - 1) / most;
    for (size_t piece = 0; piece < n_pieces; piece++) {
        const size_t first = n_runs * piece / n_pieces, past = n_runs * (piece + 1) / n_pieces;
        for (size_t r = 0; r < s->rows; r++)
            for (size_t chunk = 0; chunk < n_chunks; chunk++) {
                const size_t x = s->count * chunk / n_chunks;
                const size_t pixels = s->count * (chunk + 1) / n_chunks - x;
                // With one piece the sums are needed no longer than to the end of this turn.
                float *to = n_pieces == 1 ? sums : sums + (r * s->count + x) * GROUP;
                multiply_columns(&taps, staged + r * job->stride * row_floats + x * taps.pixel_step,
                                 weight, first, past, piece > 0, to, pixels, columns, ahead);
                if (piece + 1 == n_pieces)
                    end_pixels(job, s, s->oy + r, s->ox + x, oc, columns, pixels, to, buffer);
            }
    }
}

void V_NAME(gk_cpu_direct)(const void *data, size_t item, size_t worker)
{
    const GkCpuDirect *job = data;
    const GkCpuEpilogue *e = &job->epilogue;
    const GkCpuSegment s = gk_cpu_segment(job, item);
    float *staged = job->scratch + worker * job->scratch_stride;
    float *sums = staged + job->staged_floats, *buffer = sums + job->sums_floats;
    const size_t buffer_stride = job->groups * job->oc_padded;
    const size_t n_groups = (job->oc_padded + GROUP - 1) / GROUP;
    Ahead ahead;
    ahead.n = ahead.next = 0;
    ahead_rows(&ahead, job, item);
    for (size_t g = 0; g < job->groups; g++) {
        gk_cpu_stage(job, &s, g, staged);
        for (size_t i = n_groups * s.part / job->n_parts;
             i < n_groups * (s.part + 1) / job->n_parts; i++) {
            const size_t left = job->oc_padded - i * GROUP;
            run_group(job, &s, staged, g * job->oc_padded + i * GROUP,
                      (left < GROUP ? left : GROUP) / V_LANES, sums, buffer, &ahead);
        }
    }
    if (e->blocks)
        return;
    // Close the gaps between groups: the buffer's order becomes the packed order.
    if (job->groups > 1 && job->oc != job->oc_padded)
        for (size_t x = 0; x < s.count; x++)
            for (size_t g = 1; g < job->groups; g++)
                memmove(buffer + x * buffer_stride + g * job->oc,
                        buffer + x * buffer_stride + g * job->oc_padded, job->oc * sizeof *buffer);
    if (job->groups > 1 && e->shuffle > 1)
        end_order_for_shuffle(e, job->groups * job->oc, buffer, buffer_stride, s.count,
                              buffer + job->segment * buffer_stride);
    end_store_buffer(e, buffer, buffer_stride, s.count, s.n, s.oy, s.ox);
}
