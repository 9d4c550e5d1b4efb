// SPDX-License-Identifier: LGPL-3.0-or-later
// The weight gradient of a 3x3 convolution of stride 1 in Winograd's form. The convolution is
//   y = A^T [(G w G^T) . (B^T d B)] A
// for each tile, linear in w; so its gradient is what the transposed steps make of y's gradient g:
//   dw = G^T [sum over tiles of (A g A^T) . (B^T d B)] G
// where . multiplies frequency by frequency, which over channels is a matrix product V^T P.
// Source:  A. Lavin, S. Gray, "Fast Algorithms for Convolutional Neural Networks", CVPR 2016.
//
// A group of tiles stays in the second-level cache: V [frequency][tile][ic] and P
// [frequency][tile][oc]. Its products are added to the sums [frequency][ic][oc], which stream past.
// An item has sums of its own, and items follow from shapes only, so that the result does not
// depend on the number of threads.
#include "cpu.h"
#include "isa.h"
#include "register_rows.h"
#include "winograd_transform.h"

#define M 6         // g's pixels of a tile, along an axis
#define A (M + 2)   // x's pixels of a tile, and frequencies
#define MAX_STRIP 4 // windows that are transformed together
#define GROUP (V_LANES * V_COLUMNS)
#define LINE_BYTES 64

// A g: 6 outputs to 8 frequencies, the transpose of output_transform().
V_INLINE void gradient_transform(const Vec *g, Vec *o)
{
    const Vec a = g[0] + g[2] + g[4], b = g[1] + g[3] + g[5];
    const Vec c = v_fma(v_set1(16), g[4], v_fma(v_set1(4), g[2], g[0]));
    const Vec d = v_fma(v_set1(32), g[5], v_fma(v_set1(8), g[3], g[1] + g[1]));
    const Vec e = v_fma(v_set1(32), g[0], v_fma(v_set1(8), g[2], g[4] + g[4]));
    const Vec f = v_fma(v_set1(16), g[1], v_fma(v_set1(4), g[3], g[5]));
    o[0] = g[0];
    o[1] = a + b;
    o[2] = a - b;
    o[3] = c + d;
    o[4] = c - d;
    o[5] = e + f;
    o[6] = e - f;
    o[7] = g[5];
}

// G^T s: 8 frequencies to 3 taps, the transpose of weight_transform().
V_INLINE void tap_transform(const Vec *s, Vec *o)
{
    const Vec a = s[1] + s[2], b = s[1] - s[2], c = s[3] + s[4], d = s[3] - s[4];
    const Vec e = s[5] + s[6], f = s[5] - s[6];
    const Vec ninths = v_set1(-2.0f / 9);
    o[0] = v_fma(v_set1(1.0f / 45), e, v_fma(v_set1(1.0f / 90), c, v_fma(ninths, a, s[0])));
    o[1] = v_fma(v_set1(1.0f / 90), f, v_fma(v_set1(1.0f / 45), d, ninths * b));
    o[2] = v_fma(v_set1(1.0f / 180), e, v_fma(v_set1(2.0f / 45), c, v_fma(ninths, a, s[7])));
}

// Tiles side by side in a row of tiles of one image.
typedef struct {
    size_t n, y0, x0; // of g
    size_t count;
} Run;

V_INLINE Run run_at(const GkCpuWeightWinograd *job, size_t tile, size_t left)
{
    const size_t tiles = job->tiles_y * job->tiles_x, rest = tile % tiles;
    const size_t to_edge = job->tiles_x - rest % job->tiles_x;
    size_t count = left < to_edge ? left : to_edge;
    count = count < MAX_STRIP ? count : MAX_STRIP;
    return (Run){tile / tiles, rest / job->tiles_x * M, rest % job->tiles_x * M, count};
}

// Rows and columns of one block of channels; some may lie outside of the image.
typedef struct {
    ptrdiff_t y0, x0;
    size_t rows, columns;
    const float *row[A]; // at column `begin`; a row of zeros outside of the image
    size_t begin, end;   // columns inside of the image
} Window;

// Floats of the widest row.
#define ROW_FLOATS ((MAX_STRIP * M + A - M) * GK_BLOCK)

// Copies the window's 16 channels from `channel` on, with zeros outside of the image and behind the
// last channel. `to` has room for A rows.
static __attribute__((noinline)) void gather(const GkView *view, size_t n, size_t channel,
                                             Window *w, float *to)
{
    const size_t left = view->c - channel, lanes = left < GK_BLOCK ? left : GK_BLOCK;
    memset(to, 0, w->rows * ROW_FLOATS * sizeof *to);
    for (size_t i = 0; i < w->rows; i++) {
        const size_t y = (size_t)(w->y0 + (ptrdiff_t)i); // wraps to a large number above the image
        w->row[i] = to + i * ROW_FLOATS;
        for (size_t j = 0; j < w->columns && y < view->h; j++) {
            const size_t x = (size_t)(w->x0 + (ptrdiff_t)j);
            for (size_t l = 0; l < lanes && x < view->w; l++)
                to[i * ROW_FLOATS + j * GK_BLOCK + l] =
                    ((const float *)view->data)[gk_offset(view, n, y, x, channel + l)];
        }
    }
    w->begin = 0;
    w->end = w->columns;
}

// Finds the window's rows in memory, or copies them.
V_INLINE void open_window(const GkView *view, bool blocks, size_t n, size_t channel,
                          const float *zeros, float *buffer, Window *w)
{
    if (!blocks || view->c - channel < GK_BLOCK) {
        gather(view, n, channel, w, buffer);
        return;
    }
    const size_t before = w->x0 < 0 ? (size_t)-w->x0 : 0;
    const ptrdiff_t inside = (ptrdiff_t)view->w - w->x0;
    w->begin = before < w->columns ? before : w->columns;
    w->end = inside < (ptrdiff_t)w->columns ? (inside < 0 ? 0 : (size_t)inside) : w->columns;
    const float *image =
        (const float *)view->data + n * view->stride_n + channel / GK_BLOCK * view->stride_block;
    for (size_t i = 0; i < w->rows; i++) {
        const size_t y = (size_t)(w->y0 + (ptrdiff_t)i);
        const bool there = y < view->h && w->begin < w->end;
        w->row[i] =
            there ? image + y * view->stride_y + (size_t)(w->x0 + (ptrdiff_t)w->begin) * GK_BLOCK
                  : zeros;
    }
}

// Transforms `count` windows side by side, M columns apart; frequency k of window t goes to
// to + t * tile_stride + k * plane. x's windows have A rows and columns, g's have M.
V_INLINE void transform_strip(const Window *w, const bool is_x, size_t count, float *to,
                              size_t tile_stride, size_t plane)
{
    const size_t size = is_x ? A : M;
    for (size_t l = 0; l < GK_BLOCK; l += V_LANES) {
        _Alignas(64) float columns[A][ROW_FLOATS / GK_BLOCK][V_LANES]; // [frequency of y][x]
        for (size_t x = 0; x < w->columns; x++) {
            Vec d[A], f[A];
            if (x < w->begin || x >= w->end) {
#pragma GCC unroll 8
                for (size_t y = 0; y < A; y++)
                    v_store(columns[y][x], v_zero());
                continue;
            }
#pragma GCC unroll 8
            for (size_t y = 0; y < size; y++)
                d[y] = v_load(w->row[y] + (x - w->begin) * GK_BLOCK + l);
            if (is_x)
                input_transform(M, d, f);
            else
                gradient_transform(d, f);
#pragma GCC unroll 8
            for (size_t y = 0; y < A; y++)
                v_store(columns[y][x], f[y]);
        }
        for (size_t t = 0; t < count; t++)
            for (size_t y = 0; y < A; y++) {
                Vec d[A], f[A];
#pragma GCC unroll 8
                for (size_t x = 0; x < size; x++)
                    d[x] = v_load(columns[y][t * M + x]);
                if (is_x)
                    input_transform(M, d, f);
                else
                    gradient_transform(d, f);
#pragma GCC unroll 8
                for (size_t x = 0; x < A; x++)
                    v_store(to + t * tile_stride + (y * A + x) * plane + l, f[x]);
            }
    }
}

// V or P of `count` tiles: the channels [channel, channel + channels) of x or g.
V_INLINE void transform_tiles(const GkCpuWeightWinograd *job, const bool is_x, size_t channel,
                              size_t channels, size_t first, size_t count, float *to, size_t plane)
{
    static const float zeros[ROW_FLOATS];
    _Alignas(64) float buffer[A * ROW_FLOATS];
    const GkView *view = is_x ? &job->x : &job->g;
    for (size_t c = 0; c < channels; c += GK_BLOCK)
        for (size_t t = 0; t < count;) {
            const Run run = run_at(job, first + t, count - t);
            Window w = {.y0 = (ptrdiff_t)run.y0 - (is_x ? (ptrdiff_t)job->pad_top : 0),
                        .x0 = (ptrdiff_t)run.x0 - (is_x ? (ptrdiff_t)job->pad_left : 0),
                        .rows = is_x ? A : M,
                        .columns = run.count * M + (is_x ? A - M : 0)};
            open_window(view, is_x ? job->x_blocks : job->g_blocks, run.n, channel + c, zeros,
                        buffer, &w);
            transform_strip(&w, is_x, run.count, to + t * channels + c, channels, plane);
            t += run.count;
        }
}

// sums[rows][columns] (+)= v[tiles][rows] p[tiles][columns], columns counted in vectors. The sums
// that come next are fetched meanwhile.
V_INLINE void add_products(const float *v, size_t v_step, const float *p, size_t p_step,
                           size_t tiles, float *sums, size_t sums_step, bool begin,
                           const size_t rows, const size_t columns)
{
    Vec sum[MAX_ROWS][V_COLUMNS];
#pragma GCC unroll 12
    for (size_t r = 0; r < rows; r++)
#pragma GCC unroll 4
        for (size_t k = 0; k < columns; k++)
            sum[r][k] = v_zero();
    const char *fetch = (const char *)(sums + rows * sums_step);
    for (size_t t = 0; t < tiles; t++, v += v_step, p += p_step) {
        Vec b[V_COLUMNS];
        __builtin_prefetch(fetch, 1, 3);
        fetch += LINE_BYTES;
#pragma GCC unroll 4
        for (size_t k = 0; k < columns; k++)
            b[k] = v_load(p + k * V_LANES);
#pragma GCC unroll 12
        for (size_t r = 0; r < rows; r++) {
            const Vec a = v_set1(v[r]);
#pragma GCC unroll 4
            for (size_t k = 0; k < columns; k++)
                sum[r][k] = v_fma(a, b[k], sum[r][k]);
        }
    }
#pragma GCC unroll 12
    for (size_t r = 0; r < rows; r++)
#pragma GCC unroll 4
        for (size_t k = 0; k < columns; k++) {
            float *to = sums + r * sums_step + k * V_LANES;
            if (begin)
                v_store(to, sum[r][k]);
            else
                v_store(to, v_load(to) + sum[r][k]);
        }
}

// One frequency of one group of tiles, `columns` vectors of outputs. Every count of rows
// has its own code.
V_INLINE void add_rows(const GkCpuWeightWinograd *job, const float *v, const float *p, size_t tiles,
                       float *sums, bool begin, const size_t columns)
{
    const size_t ic = job->ic_part, oc = job->oc_part, most = rows_for(columns);
    const size_t n_parts = (ic + most - 1) / most;
    for (size_t part = 0; part < n_parts; part++) {
        const size_t first = ic * part / n_parts, rows = ic * (part + 1) / n_parts - first;
#define ADD(n) add_products(v + first, ic, p, oc, tiles, sums + first * oc, oc, begin, n, columns)
        WITH_ROWS(rows, columns, ADD)
#undef ADD
    }
}

static void add_frequency(const GkCpuWeightWinograd *job, const float *v, const float *p,
                          size_t tiles, float *sums, bool begin)
{
    for (size_t o = 0; o < job->oc_part; o += GROUP) {
        const size_t left = job->oc_part - o;
        switch ((left < GROUP ? left : GROUP) / V_LANES) {
#if V_COLUMNS == 4
        case 4:
            add_rows(job, v, p + o, tiles, sums + o, begin, 4);
            break;
        case 3:
            add_rows(job, v, p + o, tiles, sums + o, begin, 3);
            break;
#endif
        case 2:
            add_rows(job, v, p + o, tiles, sums + o, begin, 2);
            break;
        default:
            add_rows(job, v, p + o, tiles, sums + o, begin, 1);
        }
    }
}

// Channels that an item works on.
typedef struct {
    size_t o0, c0;
    const float *sums; // of the first slice
} Part;

V_INLINE Part part_at(const GkCpuWeightWinograd *job, size_t part)
{
    return (Part){part % job->n_oc_parts * job->oc_part, part / job->n_oc_parts * job->ic_part,
                  job->sums + part * job->n_slices * job->sums_floats};
}

// Adds up the slices of one input channel's sums and transforms them to weights.
static void finish_input(const GkCpuWeightWinograd *job, const Part *part, size_t c)
{
    for (size_t o = 0; o < job->oc_part; o += V_LANES) {
        _Alignas(64) float half[3][A][V_LANES], taps[9][V_LANES]; // [tap of y][frequency of x]
        for (size_t x = 0; x < A; x++) {
            Vec s[A], f[3];
            for (size_t y = 0; y < A; y++) {
                const float *from =
                    part->sums + (y * A + x) * job->frequency_stride + c * job->oc_part + o;
                s[y] = v_load(from);
                for (size_t i = 1; i < job->n_slices; i++)
                    s[y] += v_load(from + i * job->sums_floats);
            }
            tap_transform(s, f);
            for (size_t y = 0; y < 3; y++)
                v_store(half[y][x], f[y]);
        }
        for (size_t y = 0; y < 3; y++) {
            Vec s[A], f[3];
            for (size_t x = 0; x < A; x++)
                s[x] = v_load(half[y][x]);
            tap_transform(s, f);
            for (size_t x = 0; x < 3; x++)
                v_store(taps[y * 3 + x], f[x]);
        }
        for (size_t l = 0; l < V_LANES && part->o0 + o + l < job->oc; l++) {
            float *to = job->weight + ((part->o0 + o + l) * job->ic + part->c0 + c) * 9;
            for (size_t tap = 0; tap < 9; tap++)
                to[tap] = taps[tap][l];
        }
    }
}

// An item is a part of the channels and a slice of the tiles.
void V_NAME(gk_cpu_weight_winograd)(const void *data, size_t item, size_t worker)
{
    const GkCpuWeightWinograd *job = data;
    const size_t slice = item % job->n_slices;
    Part part = part_at(job, item / job->n_slices);
    const size_t begin = job->n_tiles * slice / job->n_slices,
                 tiles = job->n_tiles * (slice + 1) / job->n_slices - begin;
    const size_t n_groups = (tiles + job->group_tiles - 1) / job->group_tiles;
    float *v = job->scratch + worker * job->scratch_stride, *p = v + A * A * job->v_stride;
    float *sums =
        job->n_slices > 1 ? job->sums + item * job->sums_floats : p + A * A * job->p_stride;
    for (size_t group = 0; group < n_groups; group++) {
        const size_t first = tiles * group / n_groups,
                     count = tiles * (group + 1) / n_groups - first;
        transform_tiles(job, true, part.c0, job->ic_part, begin + first, count, v, job->v_stride);
        transform_tiles(job, false, part.o0, job->oc_part, begin + first, count, p, job->p_stride);
        for (size_t k = 0; k < A * A; k++)
            add_frequency(job, v + k * job->v_stride, p + k * job->p_stride, count,
                          sums + k * job->frequency_stride, group == 0);
    }
    if (job->n_slices > 1)
        return;
    part.sums = sums;
    for (size_t c = 0; c < job->ic_part && part.c0 + c < job->ic; c++)
        finish_input(job, &part, c);
}

// An item is a few input channels of a part, whose slices are all there.
void V_NAME(gk_cpu_weight_winograd_finish)(const void *data, size_t item, size_t worker)
{
    const GkCpuWeightWinograd *job = data;
    const size_t n = job->ic_part / GK_CPU_WEIGHT_FINISH;
    const Part part = part_at(job, item / n);
    const size_t first = item % n * GK_CPU_WEIGHT_FINISH;
    for (size_t c = first; c < first + GK_CPU_WEIGHT_FINISH && part.c0 + c < job->ic; c++)
        finish_input(job, &part, c);
}
