// SPDX-License-Identifier: LGPL-3.0-or-later
// Convolution 3x3 of stride 1 as Winograd F(m x m, 3 x 3) with a fused epilogue. m is 6, and 4 for
// the last tiles of an axis where that wastes less; each axis has its own.
// Source:  A. Lavin, S. Gray, "Fast Algorithms for Convolutional Neural Networks", CVPR 2016.
//
// A block of tiles stays in the second-level cache: its inputs are transformed to V
// [frequency][tile][ic], a matrix product for each frequency overwrites V by M
// [frequency][tile][oc], and M is transformed to outputs, which go through the epilogue to memory.
// The transformed weights stream past. Small tiles lack some frequencies and share the weights of
// the others, see winograd_transform.h.
#include "cpu.h"
#include "epilogue.h"
#include "isa.h"
#include "winograd_gather.h"
#include "winograd_multiply.h"
#include "winograd_transform.h"

#define MAX_M 6
#define A GK_CPU_WINOGRAD_A
#define MAX_STRIP 3 // windows that are transformed together
#define GROUP (V_LANES * V_COLUMNS)

// --- blocks of tiles ---

// By height and width, in this order: so the tiles that have a frequency are neighbours in V.
enum { TALL_NARROW, TALL_WIDE, LOW_WIDE, LOW_NARROW, N_KINDS };

typedef struct {
    size_t start[N_KINDS + 1]; // of each kind's tiles
    Tile tile[GK_CPU_WINOGRAD_MAX_TILES];
} Block;

// Returns the first tile of a block. Blocks have the same work within a tile's, so that
// threads finish together.
V_INLINE size_t block_start(const GkCpuWinograd *job, size_t block)
{
    const GkCpuTiles *rows = &job->rows, *columns = &job->columns;
    const size_t row_work = gk_cpu_tile_frequencies(columns, columns->n);
    const size_t image_work = gk_cpu_tile_frequencies(rows, rows->n) * row_work;
    const size_t before = gk_cpu_winograd_work(job) * block / job->n_blocks;
    const size_t n = before / image_work, left = before % image_work;
    const size_t row = gk_cpu_tile_at_frequency(rows, left / row_work);
    const size_t left_in_row = left - gk_cpu_tile_frequencies(rows, row) * row_work;
    const size_t height = row < rows->n_large ? 8 : 6;
    return (n * rows->n + row) * columns->n +
           gk_cpu_tile_at_frequency(columns, left_in_row / height);
}

static void block_fill(const GkCpuWinograd *job, size_t first, size_t end, Block *block)
{
    const size_t tiles = job->rows.n * job->columns.n;
    size_t count = 0;
    for (size_t kind = 0; kind < N_KINDS; kind++) {
        const bool tall = kind <= TALL_WIDE, wide = kind == TALL_WIDE || kind == LOW_WIDE;
        block->start[kind] = count;
        size_t n = first / tiles, row = first % tiles / job->columns.n,
               column = first % job->columns.n;
        for (size_t t = first; t < end; t++) {
            if ((row < job->rows.n_large) == tall && (column < job->columns.n_large) == wide)
                block->tile[count++] = (Tile){.n = n,
                                              .y0 = gk_cpu_tile_start(&job->rows, row),
                                              .x0 = gk_cpu_tile_start(&job->columns, column)};
            if (++column < job->columns.n)
                continue;
            column = 0;
            if (++row < job->rows.n)
                continue;
            row = 0;
            n++;
        }
    }
    block->start[N_KINDS] = count;
}

// A run of tiles side by side in a row of tiles of one image.
typedef struct {
    size_t n, y0, x0; // the first output
    size_t height, width;
    size_t count;
} Run;

V_INLINE Run run_at(const GkCpuWinograd *job, size_t tile, size_t left)
{
    const size_t row = tile / job->columns.n, column = tile % job->columns.n, y = row % job->rows.n;
    const size_t to_edge = job->columns.n - column, count = left < to_edge ? left : to_edge;
    const size_t y0 = gk_cpu_tile_start(&job->rows, y),
                 x0 = gk_cpu_tile_start(&job->columns, column);
    return (Run){.n = row / job->rows.n,
                 .y0 = y0,
                 .x0 = x0,
                 .height = gk_cpu_tile_start(&job->rows, y + 1) - y0,
                 .width = gk_cpu_tile_start(&job->columns, column + count) - x0,
                 .count = count};
}

// --- inputs ---

// The place of frequency i of an axis among the frequencies of F(6, 3).
V_INLINE size_t frequency_of(const size_t m, size_t i)
{
    return m == 4 && i == 5 ? 7 : i;
}

// Windows that overlap, as they lie in memory. Their pixels outside of the rows and columns that
// are told are zeros and no memory.
typedef struct {
    const float *data;
    ptrdiff_t corner, row_stride; // where pixel (y, x) is: corner + y * row_stride + x * GK_BLOCK
    ptrdiff_t y_begin, y_end, x_begin, x_end;
} Patch;

// Transforms `count` windows, mx pixels apart, of V_LANES channels. Frequency k of window t goes to
// v + t * tile_stride + k * plane.
V_INLINE void transform_windows(const size_t my, const size_t mx, const Patch *patch,
                                const bool inside, size_t part, size_t count, float *v,
                                size_t tile_stride, size_t plane)
{
    const ptrdiff_t ay = (ptrdiff_t)my + 2;
    const size_t ax = mx + 2, width = ax + (count - 1) * mx;
    // [frequency of y][x]; neighbouring windows share two columns.
    _Alignas(64) float columns[A][A + (MAX_STRIP - 1) * MAX_M][V_LANES];
    for (size_t x = 0; x < width; x++) {
        Vec d[A], f[A];
        const ptrdiff_t at = (ptrdiff_t)x;
        const bool is_column = inside || (at >= patch->x_begin && at < patch->x_end);
#pragma GCC unroll 8
        for (ptrdiff_t y = 0; y < ay; y++)
            d[y] = inside || (is_column && y >= patch->y_begin && y < patch->y_end)
                       ? v_load(patch->data + part +
                                (patch->corner + y * patch->row_stride + at * GK_BLOCK))
                       : v_zero();
        input_transform(my, d, f);
#pragma GCC unroll 8
        for (ptrdiff_t y = 0; y < ay; y++)
            v_store(columns[y][x], f[y]);
    }
    for (size_t t = 0; t < count; t++)
        for (size_t y = 0; y < my + 2; y++) {
            Vec d[A], f[A];
#pragma GCC unroll 8
            for (size_t x = 0; x < ax; x++)
                d[x] = v_load(columns[y][t * mx + x]);
            input_transform(mx, d, f);
            float *to = v + t * tile_stride + frequency_of(my, y) * A * plane;
#pragma GCC unroll 8
            for (size_t x = 0; x < ax; x++)
                v_store(to + frequency_of(mx, x) * plane, f[x]);
        }
}

V_INLINE bool reads_memory(const GkCpuWinograd *job)
{
    return job->blocks && job->upsample == 1 && job->x.stride_x == GK_BLOCK;
}

// Returns how many of the tiles from `tile` to `end` stand side by side, at most MAX_STRIP.
V_INLINE size_t strip_at(const size_t mx, const Tile *tile, const Tile *end)
{
    size_t n = 1;
    while (n < MAX_STRIP && tile + n < end && tile[n].y0 == tile->y0 && tile[n].n == tile->n &&
           tile[n].x0 == tile->x0 + n * mx)
        n++;
    return n;
}

// The windows of the tiles from `tile` on in one block of the image's channels.
V_INLINE Patch patch_at(const GkCpuWinograd *job, const Tile *tile, size_t cb)
{
    const GkView *view = &job->x;
    const ptrdiff_t y = (ptrdiff_t)tile->y0 - (ptrdiff_t)job->pad_top,
                    x = (ptrdiff_t)tile->x0 - (ptrdiff_t)job->pad_left;
    return (Patch){.data = (const float *)view->data + tile->n * view->stride_n +
                           cb * view->stride_block,
                   .corner = y * (ptrdiff_t)view->stride_y + x * GK_BLOCK,
                   .row_stride = (ptrdiff_t)view->stride_y,
                   .y_begin = -y,
                   .y_end = (ptrdiff_t)job->h - y,
                   .x_begin = -x,
                   .x_end = (ptrdiff_t)job->w - x};
}

// Transforms the inputs of the tiles [first, end) of a block, which are of my x mx outputs.
V_INLINE void transform_inputs(const GkCpuWinograd *job, const Block *block, const size_t my,
                               const size_t mx, size_t first, size_t end, float *v)
{
    const size_t n_channel_blocks = (job->ic + GK_BLOCK - 1) / GK_BLOCK;
    const bool direct = reads_memory(job);
    for (size_t cb = 0; cb < n_channel_blocks; cb++)
        for (size_t t = first; t < end;) {
            const Tile *tile = &block->tile[t];
            float *to = v + t * job->tile_stride + cb * GK_BLOCK;
            _Alignas(64) float window[A * A * GK_BLOCK];
            Patch patch = {0};
            size_t count = 1;
            bool inside = false;
            if (direct) {
                count = strip_at(mx, tile, block->tile + end);
                patch = patch_at(job, tile, cb);
                inside = patch.y_begin <= 0 && patch.y_end >= (ptrdiff_t)my + 2 &&
                         patch.x_begin <= 0 && patch.x_end >= (ptrdiff_t)(count * mx) + 2;
            }
            // Zeros beyond an edge need no memory.
            if (!inside && !(direct && job->pad_mode == GK_PAD_ZERO)) {
                gather_window(job, tile, my + 2, mx + 2, cb, window);
                patch = (Patch){.data = window, .row_stride = (ptrdiff_t)(mx + 2) * GK_BLOCK};
                count = 1;
                inside = true;
            }
            for (size_t part = 0; part < GK_BLOCK; part += V_LANES)
                if (inside)
                    transform_windows(my, mx, &patch, true, part, count, to + part,
                                      job->tile_stride, job->plane_stride);
                else
                    transform_windows(my, mx, &patch, false, part, count, to + part,
                                      job->tile_stride, job->plane_stride);
            t += count;
        }
}

// --- matrix products ---

// The matrix products bring this block's outputs and the next block's inputs into the cache
// meanwhile.

// The places of a block's outputs in y or in a residual.
V_INLINE void ahead_outputs(Ahead *ahead, const GkCpuWinograd *job, const GkView *view,
                            size_t first, size_t end)
{
    for (size_t t = first; t < end;) {
        const Run run = run_at(job, t, end - t);
        const size_t left = job->out_w - run.x0;
        for (size_t cb = 0; cb * GK_BLOCK < view->c; cb++)
            for (size_t y = run.y0; y < run.y0 + run.height && y < job->out_h; y++)
                ahead_add(ahead,
                          (const float *)view->data + run.n * view->stride_n +
                              cb * view->stride_block + y * view->stride_y +
                              run.x0 * view->stride_x,
                          run.width < left ? run.width : left);
        t += run.count;
    }
}

V_INLINE void ahead_epilogue(Ahead *ahead, const GkCpuWinograd *job, size_t first, size_t end)
{
    const GkCpuEpilogue *e = &job->epilogue;
    if (!e->blocks || e->shuffle != 1)
        return;
    ahead_outputs(ahead, job, &e->y, first, end);
    if (e->gate.data && e->gate.data != e->y.data)
        ahead_outputs(ahead, job, &e->gate, first, end);
    for (size_t i = 0; i < e->n_residuals; i++)
        if (e->residual[i].upsample == 1 && e->residual[i].r.data != e->y.data)
            ahead_outputs(ahead, job, &e->residual[i].r, first, end);
}

V_INLINE void ahead_inputs(Ahead *ahead, const GkCpuWinograd *job, size_t first, size_t end)
{
    const GkView *view = &job->x;
    if (!reads_memory(job))
        return;
    for (size_t t = first; t < end;) {
        const Run run = run_at(job, t, end - t);
        const size_t width = run.width + 2, left = job->w - run.x0;
        for (size_t cb = 0; cb * GK_BLOCK < job->ic; cb++)
            for (size_t y = run.y0; y < run.y0 + run.height + 2; y++)
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

V_INLINE void multiply_block(const GkCpuWinograd *job, const Block *block, float *v, float *copies,
                             Ahead *ahead)
{
    for (size_t k = 0; k < A * A; k++) {
        // Only F(6, 3) has the frequencies of 1/2 and -1/2.
        const bool tall = k / A == 5 || k / A == 6, wide = k % A == 5 || k % A == 6;
        const size_t first = wide ? block->start[TALL_WIDE] : 0;
        const size_t end = block->start[tall ? LOW_WIDE : wide ? LOW_NARROW : N_KINDS];
        multiply_frequency(job, job->u + k * job->u_stride,
                           v + k * job->plane_stride + first * job->tile_stride, end - first,
                           copies, ahead);
    }
}

// --- outputs ---

// Memory that a tile's outputs of one vector of channels go to or are added from.
typedef struct {
    float *at;          // the first output's
    size_t row, column; // floats from one output to the next
} Spot;

typedef struct {
    Spot y;
    size_t n_residuals;
    Spot residual[GK_MAX_RESIDUALS];
    Vec scale[GK_MAX_RESIDUALS];
} Sink;

// Transforms a tile's products of one vector of channels, adds the bias, multiplies what is
// negative by `slope`, and stores the tile.
V_INLINE void transform_tile(const size_t my, const size_t mx, const float *products, size_t plane,
                             Vec bias, Vec slope, const Sink *sink)
{
    const Spot to = sink->y; // stores could change what `sink` points to
#pragma GCC unroll 2
    for (size_t odd = 0; odd < 2; odd++) {
        Vec half[MAX_M / 2][A]; // [every other column of outputs][frequency of y]
#pragma GCC unroll 8
        for (size_t y = 0; y < my + 2; y++) {
            const float *row = products + frequency_of(my, y) * A * plane;
            Vec f[A], o[MAX_M / 2];
#pragma GCC unroll 8
            for (size_t x = 0; x < mx + 2; x++)
                f[x] = v_load(row + frequency_of(mx, x) * plane);
            output_half(mx, odd, f, o);
#pragma GCC unroll 3
            for (size_t x = 0; x < mx / 2; x++)
                half[x][y] = o[x];
        }
#pragma GCC unroll 3
        for (size_t x = 0; x < mx / 2; x++) {
            const size_t column = 2 * x + odd;
            Vec o[MAX_M];
            output_transform(my, half[x], o);
#pragma GCC unroll 6
            for (size_t y = 0; y < my; y++)
                o[y] = v_leaky(o[y] + bias, slope);
            for (size_t i = 0; i < sink->n_residuals; i++) {
                const Spot *r = &sink->residual[i];
#pragma GCC unroll 6
                for (size_t y = 0; y < my; y++)
                    o[y] = v_fma(sink->scale[i], o[y],
                                 v_load(r->at + y * r->row + column * r->column));
            }
#pragma GCC unroll 6
            for (size_t y = 0; y < my; y++)
                v_store(to.at + y * to.row + column * to.column, o[y]);
        }
    }
}

V_INLINE Spot spot_in(const GkView *view, const Place *place, size_t shuffle, const Tile *tile)
{
    return (Spot){.at = place_in(view, place, tile->n, tile->y0 * shuffle + place->dy,
                                 tile->x0 * shuffle + place->dx),
                  .row = view->stride_y * shuffle,
                  .column = view->stride_x * shuffle};
}

// TRUE if the activation is one of those that transform_tile() has.
V_INLINE bool is_straight(EndKind end)
{
    return end == END_LINEAR || end == END_LEAKY;
}

// TRUE if transform_tile() can store whole tiles to their place.
V_INLINE bool stores_tiles(const GkCpuEpilogue *e)
{
    bool can = e->blocks && !e->gate.data && is_straight(end_kind(e->kind));
    for (size_t i = 0; i < e->n_residuals; i++)
        can = can && e->residual[i].upsample == 1;
    return can;
}

// Ends `rows` x `width` outputs of a vector of channels that lie in a buffer of mx pixels a row,
// with bias and slope.
static __attribute__((noinline)) void finish_tile(const GkCpuEpilogue *e, const Place *place,
                                                  const Tile *tile, size_t rows, size_t width,
                                                  size_t mx, const float *buffer)
{
    const EndKind end = end_kind(e->kind);
    for (size_t y = 0; y < rows; y++) {
        Vec o[MAX_M];
        for (size_t x = 0; x < width; x++) {
            o[x] = v_load(buffer + (y * mx + x) * V_LANES);
            if (!is_straight(end))
                o[x] = end_activate(o[x], v_zero(), v_set1(e->slopes[0]), end, e->kind);
        }
        end_store_blocks(e, place, o, width, tile->n, tile->y0 + y, tile->x0);
    }
}

// The same for all channels, which lie together in the buffer.
static __attribute__((noinline)) void finish_pixels(const GkCpuWinograd *job, const Tile *tile,
                                                    size_t my, size_t mx, float *buffer)
{
    const GkCpuEpilogue *e = &job->epilogue;
    const EndKind end = end_kind(e->kind);
    const size_t rows = job->out_h - tile->y0 < my ? job->out_h - tile->y0 : my;
    const size_t width = job->out_w - tile->x0 < mx ? job->out_w - tile->x0 : mx;
    for (size_t y = 0; y < rows; y++) {
        float *row = buffer + y * mx * job->oc;
        for (size_t i = 0; i < width * job->oc && !is_straight(end); i += V_LANES)
            v_store(row + i,
                    end_activate(v_load(row + i), v_zero(), v_set1(e->slopes[0]), end, e->kind));
        end_store_buffer(e, row, job->oc, width, tile->n, tile->y0 + y, tile->x0);
    }
}

// Transforms the products of the tiles [first, end) of a block, which are of my x mx outputs. Where
// all channels of a pixel are stored together, the buffer takes those of one tile: then it must be
// the only one.
V_INLINE void transform_products(const GkCpuWinograd *job, const Block *block, const size_t my,
                                 const size_t mx, size_t first, size_t end, const float *v,
                                 float *buffer)
{
    const GkCpuEpilogue *e = &job->epilogue;
    const bool leaky = end_kind(e->kind) == END_LEAKY, stores = stores_tiles(e);
    const size_t out_h = job->out_h, out_w = job->out_w, shuffle = e->shuffle;
    const size_t plane = job->plane_stride, tile_stride = job->tile_stride;
    Sink sink = {.n_residuals = 0};
    for (size_t i = 0; i < e->n_residuals; i++)
        sink.scale[i] = v_set1(e->residual[i].scale);
    for (size_t oc = 0; oc < job->oc; oc += V_LANES) {
        const Place place = place_of(e, oc);
        if (e->blocks && !place.lanes)
            continue;
        const Vec bias = v_load(e->bias + oc), slope = leaky ? v_load(e->slopes + oc) : v_set1(1);
        const size_t pixel = e->blocks ? V_LANES : job->oc;
        const Spot buffered = {
            .at = e->blocks ? buffer : buffer + oc, .row = mx * pixel, .column = pixel};
        for (size_t t = first; t < end; t++) {
            const Tile *tile = &block->tile[t];
            const size_t rows = out_h - tile->y0 < my ? out_h - tile->y0 : my;
            const size_t width = out_w - tile->x0 < mx ? out_w - tile->x0 : mx;
            const bool whole = stores && place.lanes == V_LANES && rows == my && width == mx;
            sink.y = whole ? spot_in(&e->y, &place, shuffle, tile) : buffered;
            sink.n_residuals = whole ? e->n_residuals : 0;
            for (size_t i = 0; i < sink.n_residuals; i++)
                sink.residual[i] = spot_in(&e->residual[i].r, &place, shuffle, tile);
            transform_tile(my, mx, v + t * tile_stride + oc, plane, bias, slope, &sink);
            if (!whole && e->blocks)
                finish_tile(e, &place, tile, rows, width, mx, buffer);
        }
    }
}

V_INLINE void transform_outputs(const GkCpuWinograd *job, const Block *block, const size_t my,
                                const size_t mx, size_t first, size_t end, const float *v,
                                float *buffer)
{
    const size_t step = job->epilogue.blocks ? end - first : 1;
    for (size_t t = first; t < end; t += step) {
        transform_products(job, block, my, mx, t, t + step, v, buffer);
        if (!job->epilogue.blocks)
            finish_pixels(job, &block->tile[t], my, mx, buffer);
    }
}

void V_NAME(gk_cpu_winograd)(const void *data, size_t item, size_t worker)
{
    const GkCpuWinograd *job = data;
    const size_t first = block_start(job, item), end = block_start(job, item + 1);
    float *v = job->scratch + worker * job->scratch_stride;
    float *rest = v + A * A * job->plane_stride;
    Block block;
    block_fill(job, first, end, &block);
#define FOR_ALL_KINDS(transform, ...)                                                              \
    transform(job, &block, 6, 4, block.start[TALL_NARROW], block.start[TALL_WIDE], __VA_ARGS__);   \
    transform(job, &block, 6, 6, block.start[TALL_WIDE], block.start[LOW_WIDE], __VA_ARGS__);      \
    transform(job, &block, 4, 6, block.start[LOW_WIDE], block.start[LOW_NARROW], __VA_ARGS__);     \
    transform(job, &block, 4, 4, block.start[LOW_NARROW], block.start[N_KINDS], __VA_ARGS__)
    FOR_ALL_KINDS(transform_inputs, v);
    Ahead ahead;
    ahead.n = ahead.next = 0;
    ahead_epilogue(&ahead, job, first, end);
    // The thread mostly takes the next block as well.
    if (item + 1 < job->n_blocks)
        ahead_inputs(&ahead, job, end, block_start(job, item + 2));
    multiply_block(job, &block, v, rest, &ahead);
    FOR_ALL_KINDS(transform_outputs, v, rest);
#undef FOR_ALL_KINDS
}
