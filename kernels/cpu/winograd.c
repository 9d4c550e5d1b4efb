// SPDX-License-Identifier: LGPL-3.0-or-later
// Convolution 3x3 of stride 1 as Winograd F(m x m, 3 x 3), m = 4 or 6, with a fused epilogue.
// Source: A. Lavin, S. Gray, "Fast Algorithms for Convolutional Neural Networks", CVPR 2016.
//
// A block of tiles stays in the second-level cache: its inputs are transformed to V
// [frequency][tile][ic], a matrix product for each frequency overwrites V by M
// [frequency][tile][oc], and M is transformed to outputs, which go through the epilogue to memory.
// The transformed weights stream past.
#include "cpu.h"
#include "epilogue.h"
#include "isa.h"
#include "winograd_multiply.h"
#include "winograd_transform.h"

#define MAX_M 6
#define MAX_A 8     // m + 2
#define MAX_STRIP 3 // windows that are transformed together
#define GROUP (V_LANES * V_COLUMNS)

// Transforms `count` windows, m pixels apart, of V_LANES channels; the first one's corner is at
// `in`, pixels are GK_BLOCK apart. Frequency k of window t goes to v + t * tile_stride + k * plane.
V_INLINE void transform_windows(const size_t m, const float *in, size_t row_stride, size_t count,
                                float *v, size_t tile_stride, size_t plane)
{
    const size_t a = m + 2, width = a + (count - 1) * m;
    // [frequency of y][x]; neighbouring windows share two columns.
    _Alignas(64) float columns[MAX_A][MAX_A + (MAX_STRIP - 1) * MAX_M][V_LANES];
    for (size_t x = 0; x < width; x++) {
        Vec d[MAX_A], f[MAX_A];
#pragma GCC unroll 8
        for (size_t y = 0; y < a; y++)
            d[y] = v_load(in + y * row_stride + x * GK_BLOCK);
        input_transform(m, d, f);
#pragma GCC unroll 8
        for (size_t y = 0; y < a; y++)
            v_store(columns[y][x], f[y]);
    }
    for (size_t t = 0; t < count; t++)
        for (size_t y = 0; y < a; y++) {
            Vec d[MAX_A], f[MAX_A];
#pragma GCC unroll 8
            for (size_t x = 0; x < a; x++)
                d[x] = v_load(columns[y][t * m + x]);
            input_transform(m, d, f);
#pragma GCC unroll 8
            for (size_t x = 0; x < a; x++)
                v_store(v + t * tile_stride + (y * a + x) * plane, f[x]);
        }
}

// Copies the a x a window with its corner at (y0 - pad, x0 - pad) of one block of channels, with
// zeros outside of the image.
static __attribute__((noinline)) void gather_window(const GkCpuWinograd *job, size_t n, size_t y0,
                                                    size_t x0, size_t cb, float *window)
{
    const GkView *view = &job->x;
    const size_t a = job->m + 2, c0 = cb * GK_BLOCK;
    const size_t lanes = view->c - c0 < GK_BLOCK ? view->c - c0 : GK_BLOCK;
    const bool whole = job->blocks && lanes == GK_BLOCK;
    size_t columns[MAX_A]; // of the view; SIZE_MAX outside
    for (size_t j = 0; j < a; j++) {
        const size_t x = x0 + j - job->pad_left; // wraps to a large number left of the image
        columns[j] = x < job->w ? x / job->upsample : SIZE_MAX;
    }
    for (size_t i = 0; i < a; i++) {
        const size_t y = y0 + i - job->pad_top;
        const size_t row = y < job->h ? y / job->upsample : SIZE_MAX;
        float *to = window + i * a * GK_BLOCK;
        for (size_t j = 0; j < a; j++, to += GK_BLOCK) {
            if (row == SIZE_MAX || columns[j] == SIZE_MAX) {
                for (size_t l = 0; l < GK_BLOCK; l += V_LANES)
                    v_store(to + l, v_zero());
            } else if (whole) {
                const float *from = (const float *)view->data + n * view->stride_n +
                                    cb * view->stride_block + row * view->stride_y +
                                    columns[j] * view->stride_x;
                for (size_t l = 0; l < GK_BLOCK; l += V_LANES)
                    v_store(to + l, v_load(from + l));
            } else {
                for (size_t l = 0; l < lanes; l++)
                    to[l] =
                        ((const float *)view->data)[gk_offset(view, n, row, columns[j], c0 + l)];
                for (size_t l = lanes; l < GK_BLOCK; l++)
                    to[l] = 0;
            }
        }
    }
}

// A run of tiles side by side in a row of tiles of one image.
typedef struct {
    size_t n, y0, x0; // the first tile's corner
    size_t count;
} Run;

V_INLINE Run run_at(const GkCpuWinograd *job, const size_t m, size_t tile, size_t left)
{
    const size_t tiles = job->tiles_y * job->tiles_x, rest = tile % tiles;
    const size_t to_edge = job->tiles_x - rest % job->tiles_x;
    return (Run){.n = tile / tiles,
                 .y0 = rest / job->tiles_x * m,
                 .x0 = rest % job->tiles_x * m,
                 .count = left < to_edge ? left : to_edge};
}

V_INLINE bool reads_memory(const GkCpuWinograd *job)
{
    return job->blocks && job->upsample == 1 && job->x.stride_x == GK_BLOCK;
}

V_INLINE void transform_inputs(const GkCpuWinograd *job, const size_t m, size_t first, size_t count,
                               float *v)
{
    const GkView *view = &job->x;
    const size_t a = m + 2, n_blocks = (job->ic + GK_BLOCK - 1) / GK_BLOCK;
    const bool direct = reads_memory(job);
    for (size_t cb = 0; cb < n_blocks; cb++)
        for (size_t t = 0; t < count;) {
            const Run run = run_at(job, m, first + t, count - t);
            const bool rows_inside =
                direct && run.y0 >= job->pad_top && run.y0 - job->pad_top + a <= job->h;
            for (size_t i = 0; i < run.count;) {
                const size_t x0 = run.x0 + i * m;
                float *to = v + (t + i) * job->tile_stride + cb * GK_BLOCK;
                // The windows from here on that lie inside the image.
                size_t inside = 0;
                if (rows_inside && x0 >= job->pad_left)
                    while (inside < MAX_STRIP && i + inside < run.count &&
                           x0 + inside * m - job->pad_left + a <= job->w)
                        inside++;
                _Alignas(64) float window[MAX_A * MAX_A * GK_BLOCK];
                const float *in = window;
                size_t row_stride = a * GK_BLOCK;
                if (inside) {
                    in = (const float *)view->data + run.n * view->stride_n +
                         cb * view->stride_block + (run.y0 - job->pad_top) * view->stride_y +
                         (x0 - job->pad_left) * GK_BLOCK;
                    row_stride = view->stride_y;
                } else {
                    gather_window(job, run.n, run.y0, x0, cb, window);
                    inside = 1;
                }
                for (size_t part = 0; part < GK_BLOCK; part += V_LANES)
                    transform_windows(m, in + part, row_stride, inside, to + part, job->tile_stride,
                                      job->plane_stride);
                i += inside;
            }
            t += run.count;
        }
}

// The matrix products bring this block's outputs and the next block's inputs into the cache
// meanwhile.
V_INLINE void ahead_add(Ahead *ahead, const float *first, size_t pixels)
{
    const char *p = (const char *)first, *end = p + pixels * GK_BLOCK * sizeof(float);
    for (; p < end && ahead->n < MAX_AHEAD; p += AHEAD_LINES * LINE_BYTES)
        ahead->at[ahead->n++] = p;
}

// The places of a block's outputs in y or in a residual.
V_INLINE void ahead_outputs(Ahead *ahead, const GkCpuWinograd *job, const GkView *view,
                            const size_t m, size_t first, size_t count)
{
    for (size_t t = 0; t < count;) {
        const Run run = run_at(job, m, first + t, count - t);
        const size_t width = run.count * m, left = job->out_w - run.x0;
        for (size_t cb = 0; cb * GK_BLOCK < view->c; cb++)
            for (size_t y = run.y0; y < run.y0 + m && y < job->out_h; y++)
                ahead_add(ahead,
                          (const float *)view->data + run.n * view->stride_n +
                              cb * view->stride_block + y * view->stride_y +
                              run.x0 * view->stride_x,
                          width < left ? width : left);
        t += run.count;
    }
}

V_INLINE void ahead_epilogue(Ahead *ahead, const GkCpuWinograd *job, const size_t m, size_t first,
                             size_t count)
{
    const GkCpuEpilogue *e = &job->epilogue;
    if (!e->blocks || e->shuffle != 1)
        return;
    ahead_outputs(ahead, job, &e->y, m, first, count);
    if (e->gate.data && e->gate.data != e->y.data)
        ahead_outputs(ahead, job, &e->gate, m, first, count);
    for (size_t i = 0; i < e->n_residuals; i++)
        if (e->residual[i].upsample == 1 && e->residual[i].r.data != e->y.data)
            ahead_outputs(ahead, job, &e->residual[i].r, m, first, count);
}

V_INLINE void ahead_inputs(Ahead *ahead, const GkCpuWinograd *job, const size_t m, size_t first,
                           size_t count)
{
    const GkView *view = &job->x;
    if (!reads_memory(job))
        return;
    for (size_t t = 0; t < count;) {
        const Run run = run_at(job, m, first + t, count - t);
        const size_t width = run.count * m + 2, left = job->w - run.x0;
        for (size_t cb = 0; cb * GK_BLOCK < job->ic; cb++)
            for (size_t y = run.y0; y < run.y0 + m + 2; y++)
                if (y >= job->pad_top && y - job->pad_top < job->h)
                    ahead_add(ahead,
                              (const float *)view->data + run.n * view->stride_n +
                                  cb * view->stride_block + (y - job->pad_top) * view->stride_y +
                                  run.x0 * view->stride_x,
                              width < left ? width : left);
        t += run.count;
    }
}

// M = V U for one frequency, in V's place. `copies` has room for the inputs of MAX_ROWS tiles.
static void multiply_frequency(const GkCpuWinograd *job, const float *u, float *v, size_t tiles,
                               float *copies, Ahead *ahead)
{
    const size_t ic = job->ic, oc = job->oc, stride = job->tile_stride;
    const size_t most = rows_for(oc < GROUP ? oc / V_LANES : V_COLUMNS);
    const size_t n_parts = (tiles + most - 1) / most;
    for (size_t part = 0; part < n_parts; part++) {
        const size_t first = tiles * part / n_parts, rows = tiles * (part + 1) / n_parts - first;
        float *c = v + first * stride;
        if (oc <= GROUP) {
            multiply_group(u, c, stride, c, stride, ic, rows, oc / V_LANES, ahead);
            continue;
        }
        // Several groups of outputs read the same inputs, which the first of them would overwrite.
        for (size_t r = 0; r < rows; r++)
            memcpy(copies + r * ic, c + r * stride, ic * sizeof *copies);
        for (size_t o = 0; o < oc; o += GROUP) {
            const size_t width = oc - o < GROUP ? oc - o : GROUP;
            multiply_group(u + o * ic, copies, ic, c + o, stride, ic, rows, width / V_LANES, ahead);
        }
    }
}

V_INLINE void transform_outputs(const GkCpuWinograd *job, const size_t m, const EndKind end,
                                size_t first, size_t count, const float *products, float *buffer)
{
    const GkCpuEpilogue *e = &job->epilogue;
    const size_t a = m + 2, tiles = job->tiles_y * job->tiles_x, plane = job->plane_stride;
    for (size_t oc = 0; oc < job->oc; oc += V_LANES) {
        const Place place = place_of(e, oc);
        if (e->blocks && !place.lanes)
            continue;
        const Vec bias = v_load(e->bias + oc);
        const Vec slope = end == END_LEAKY ? v_load(e->slopes + oc) : v_zero();
        for (size_t t = 0; t < count; t++) {
            const size_t n = (first + t) / tiles, rest = (first + t) % tiles;
            const size_t y0 = rest / job->tiles_x * m, x0 = rest % job->tiles_x * m;
            const size_t rows = job->out_h - y0 < m ? job->out_h - y0 : m;
            const size_t width = job->out_w - x0 < m ? job->out_w - x0 : m;
            const float *f0 = products + t * job->tile_stride + oc;
            _Alignas(64) float columns[MAX_A][MAX_A][V_LANES]; // [y][frequency of x]
            for (size_t x = 0; x < a; x++) {
                Vec f[MAX_A], o[MAX_A];
#pragma GCC unroll 8
                for (size_t y = 0; y < a; y++)
                    f[y] = v_load(f0 + (y * a + x) * plane);
                output_transform(m, f, o);
#pragma GCC unroll 8
                for (size_t y = 0; y < m; y++)
                    v_store(columns[y][x], o[y]);
            }
            for (size_t y = 0; y < rows; y++) {
                Vec f[MAX_A], o[MAX_A];
#pragma GCC unroll 8
                for (size_t x = 0; x < a; x++)
                    f[x] = v_load(columns[y][x]);
                output_transform(m, f, o);
#pragma GCC unroll 8
                for (size_t x = 0; x < m; x++)
                    o[x] = end_activate(o[x], bias, slope, end, e->kind);
                if (e->blocks && width == m) {
                    end_store_blocks(e, &place, o, m, n, y0 + y, x0);
                } else if (e->blocks) {
                    end_store_blocks(e, &place, o, width, n, y0 + y, x0);
                } else {
#pragma GCC unroll 8
                    for (size_t x = 0; x < m; x++)
                        v_store(buffer + ((t * m + y) * m + x) * job->oc + oc, o[x]);
                }
            }
        }
    }
    if (e->blocks)
        return;
    for (size_t t = 0; t < count; t++) {
        const size_t n = (first + t) / tiles, rest = (first + t) % tiles;
        const size_t y0 = rest / job->tiles_x * m, x0 = rest % job->tiles_x * m;
        const size_t width = job->out_w - x0 < m ? job->out_w - x0 : m;
        for (size_t y = 0; y < m && y0 + y < job->out_h; y++)
            end_store_buffer(e, buffer + (t * m + y) * m * job->oc, job->oc, width, n, y0 + y, x0);
    }
}

// Blocks differ by one tile at most, so that threads finish together.
V_INLINE size_t block_start(const GkCpuWinograd *job, size_t block)
{
    return job->n_tiles * block / job->n_blocks;
}

V_INLINE void run_block(const GkCpuWinograd *job, const size_t m, size_t item, size_t worker)
{
    const size_t n_frequencies = (m + 2) * (m + 2);
    const size_t first = block_start(job, item), count = block_start(job, item + 1) - first;
    float *v = job->scratch + worker * job->scratch_stride;
    float *rest = v + n_frequencies * job->plane_stride;
    transform_inputs(job, m, first, count, v);
    Ahead ahead;
    ahead.n = ahead.next = 0;
    ahead_epilogue(&ahead, job, m, first, count);
    // The thread mostly takes the next block as well.
    const size_t after = item + 1;
    if (after < job->n_blocks) {
        const size_t start = block_start(job, after);
        ahead_inputs(&ahead, job, m, start, block_start(job, after + 1) - start);
    }
    for (size_t k = 0; k < n_frequencies; k++)
        multiply_frequency(job, job->u + k * job->u_stride, v + k * job->plane_stride, count, rest,
                           &ahead);
    const EndKind end = end_kind(job->epilogue.kind);
    if (job->epilogue.blocks) {
        if (end == END_LINEAR)
            transform_outputs(job, m, END_LINEAR, first, count, v, rest);
        else if (end == END_LEAKY)
            transform_outputs(job, m, END_LEAKY, first, count, v, rest);
        else if (end == END_SILU)
            transform_outputs(job, m, END_SILU, first, count, v, rest);
        else
            transform_outputs(job, m, END_OTHER, first, count, v, rest);
        return;
    }
    // One tile at a time through the buffer.
    for (size_t t = 0; t < count; t++)
        transform_outputs(job, m, end, first + t, 1, v + t * job->tile_stride, rest);
}

void V_NAME(gk_cpu_winograd)(const void *data, size_t item, size_t worker)
{
    const GkCpuWinograd *job = data;
    if (job->m == 4)
        run_block(job, 4, item, worker);
    else
        run_block(job, 6, item, worker);
}

// taps[i][lane] = element i of the row that belongs to the lane, for i < n; rows are zero from
// `n_rows` on.
V_INLINE void transpose_rows(const float *const *rows, size_t n_rows, size_t n,
                             float (*taps)[V_LANES])
{
    for (size_t i = 0; i < n; i += V_LANES) {
        Vec block[V_LANES];
        for (size_t l = 0; l < V_LANES; l++)
            block[l] = l >= n_rows        ? v_zero()
                       : n - i >= V_LANES ? v_load(rows[l] + i)
                                          : v_load_n(rows[l] + i, n - i);
        v_transpose(block);
        for (size_t l = 0; l < V_LANES; l++)
            v_store(taps[i + l], block[l]);
    }
}

// Input channels that the lines of transformed weights are fetched ahead of their stores.
#define WEIGHTS_AHEAD 1

V_INLINE void transform_weights(const GkCpuWinogradWeights *job, const size_t m, size_t item)
{
    const size_t a = m + 2, first = item * GK_BLOCK;
    const size_t n = job->ic - first < GK_BLOCK ? job->ic - first : GK_BLOCK;
    const size_t channels = job->out_channels / (job->shuffle * job->shuffle);
    for (size_t o = 0; o < job->oc; o += V_LANES) {
        const float *rows[V_LANES] = {NULL};
        size_t n_rows = 0;
        for (; n_rows < V_LANES && o + n_rows < job->out_channels; n_rows++)
            rows[n_rows] =
                job->weight +
                (gk_cpu_packed_channel(o + n_rows, channels, job->shuffle) * job->ic + first) * 9;
        _Alignas(64) float taps[GK_BLOCK * 9 + V_LANES][V_LANES];
        transpose_rows(rows, n_rows, n * 9, taps);
        // The vector's place in its group of output channels.
        const size_t group = o / GROUP * GROUP;
        const size_t width = job->oc - group < GROUP ? job->oc - group : GROUP;
        for (size_t i = 0; i < n; i++) {
            Vec half[3][MAX_A]; // [tap of x][frequency of y]
#pragma GCC unroll 3
            for (size_t x = 0; x < 3; x++) {
                const Vec g[3] = {v_load(taps[i * 9 + x]), v_load(taps[i * 9 + 3 + x]),
                                  v_load(taps[i * 9 + 6 + x])};
                weight_transform(m, g, half[x]);
            }
            float *u = job->u + group * job->ic + (first + i) * width + (o - group);
            // Stores leave in order: each would wait for its line if it were not on its way.
            if (i + WEIGHTS_AHEAD < n)
                for (size_t k = 0; k < a * a; k++)
                    __builtin_prefetch(u + WEIGHTS_AHEAD * width + k * job->u_stride, 1, 3);
#pragma GCC unroll 8
            for (size_t y = 0; y < a; y++) {
                const Vec g[3] = {half[0][y], half[1][y], half[2][y]};
                Vec f[MAX_A];
                weight_transform(m, g, f);
#pragma GCC unroll 8
                for (size_t x = 0; x < a; x++)
                    v_store(u + (y * a + x) * job->u_stride, f[x]);
            }
        }
    }
}

void V_NAME(gk_cpu_winograd_weights)(const void *data, size_t item, size_t worker)
{
    const GkCpuWinogradWeights *job = data;
    if (job->m == 4)
        transform_weights(job, 4, item);
    else
        transform_weights(job, 6, item);
}
