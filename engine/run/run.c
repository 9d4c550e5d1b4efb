// SPDX-License-Identifier: LGPL-3.0-or-later
// One run over one picture: tiles read, computed, put together with alpha and colour, and written.
#include "runner-private.h"

#include "cubic.h"
#include "pixels.h"
#include <gio/gio.h>
#include <string.h>

// Pixels that a cubic at the edge of a tile reaches beyond it.
#define CUBIC_REACH 3

// Tiles that are under way at once: a GPU computes one while others are read and written.
#define MOST_SLOTS 2

// One run over one picture.
typedef struct {
    GanRunner *runner;
    GeglBuffer *in, *out;
    GeglRectangle area; // of in
    GanTileAxis x, y;
    GanPixels reader, writer;
    guint n_colours; // of the picture's floats; a network of one channel sees their luma
    gboolean alpha;
    guint margin;  // pixels around what the network reads, for bleeding and cubics
    float *pixels; // the tile at work with margin, n_colours + alpha channels
    float *net_in; // the tile as the network takes it
    float *pixels_of[MOST_SLOTS], *net_in_of[MOST_SLOTS]; // by the slot of a tile
    gsize n_slots;                                        // tiles under way at once
    float *net_out;      // and gives it; a GPU has its own memory for that
    const float *result; // what the network gave for the tile at work
    float *carry_right;  // blended tiles: weighted results that the next tile in the row completes
    float *carry_bottom; // and the next row of tiles
    GanProgress progress;
    gpointer data;
    double done, share; // finished part of the run, and the part that the tile at work is
} Run;

static void run_clear(Run *run)
{
    for (gsize i = 0; i < MOST_SLOTS; i++) {
        g_free(run->pixels_of[i]);
        g_free(run->net_in_of[i]);
    }
    g_free(run->net_out);
    g_free(run->carry_right);
    g_free(run->carry_bottom);
}
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC(Run, run_clear)

static guint n_channels(const Run *run)
{
    return run->n_colours + (run->alpha ? 1 : 0);
}

static gboolean run_allocate(Run *run, GError **error)
{
    const GanModelInfo *info = run->runner->info;
    const gsize read = (gsize)run->x.read * run->y.read, scale = (guint)info->scale;
    const gsize wide = run->x.read + 2 * (gsize)run->margin,
                high = run->y.read + 2 * (gsize)run->margin;
    const GkDevice *gpu = gan_device_backend(run->runner->device)->device;
    gboolean all = TRUE;
    run->n_slots = gpu != NULL && run->x.n * run->y.n > 1 ? MIN(gpu->n_slots, MOST_SLOTS) : 1;
    for (gsize i = 0; i < run->n_slots; i++) {
        run->pixels_of[i] = g_try_malloc_n(wide * high, n_channels(run) * sizeof(float));
        run->net_in_of[i] = g_try_malloc_n(read, info->inputs[0].channels * sizeof(float));
        all = all && run->pixels_of[i] && run->net_in_of[i];
    }
    if (gpu == NULL) {
        run->net_out = g_try_malloc_n(read * scale * scale, info->output.channels * sizeof(float));
        all = all && run->net_out;
    }
    if (run->x.ramp > 0 && run->x.n * run->y.n > 1) {
        const gsize ramp = 2 * (gsize)run->x.ramp * scale;
        run->carry_right =
            g_try_malloc_n(ramp * run->y.read * scale, n_channels(run) * sizeof(float));
        run->carry_bottom =
            g_try_malloc_n(ramp * run->x.length * scale, n_channels(run) * sizeof(float));
        all = all && run->carry_right && run->carry_bottom;
    }
    if (!all)
        g_set_error(error, GAN_ERROR, GAN_ERROR_MEMORY, "no memory for a tile of %u x %u pixels",
                    run->x.read, run->y.read);
    return all;
}

// Luma of R'G'B' (BT.601, as in the YCbCr that such networks were trained on).
static float luma(const float *rgb)
{
    return 0.299f * rgb[0] + 0.587f * rgb[1] + 0.114f * rgb[2];
}

// A tile at work: what it reads, with and without margin, and what it contributes to; all in input
// pixels of the picture.
typedef struct {
    guint i, j;
    guint read_x0, read_x1, read_y0, read_y1;
    guint wide_x0, wide_x1, wide_y0, wide_y1;
    guint area_x0, area_x1, area_y0, area_y1;
} Tile;

static void tile_init(Tile *tile, const Run *run, guint i, guint j)
{
    tile->i = i;
    tile->j = j;
    gan_tile_axis_read(&run->x, i, &tile->read_x0, &tile->read_x1);
    gan_tile_axis_read(&run->y, j, &tile->read_y0, &tile->read_y1);
    gan_tile_axis_area(&run->x, i, &tile->area_x0, &tile->area_x1);
    gan_tile_axis_area(&run->y, j, &tile->area_y0, &tile->area_y1);
    tile->wide_x0 = tile->read_x0 > run->margin ? tile->read_x0 - run->margin : 0;
    tile->wide_y0 = tile->read_y0 > run->margin ? tile->read_y0 - run->margin : 0;
    tile->wide_x1 = MIN(tile->read_x1 + run->margin, run->x.length);
    tile->wide_y1 = MIN(tile->read_y1 + run->margin, run->y.length);
}

static gboolean tile_read(const Run *run, const Tile *tile, GError **error)
{
    const GanModelInfo *info = run->runner->info;
    const guint channels = n_channels(run), net = info->inputs[0].channels;
    const gsize wide = tile->wide_x1 - tile->wide_x0, high = tile->wide_y1 - tile->wide_y0;
    const GeglRectangle area = {run->area.x + (gint)tile->wide_x0,
                                run->area.y + (gint)tile->wide_y0, (gint)wide, (gint)high};
    if (!gan_pixels_read(&run->reader, run->in, &area, run->pixels, error) ||
        (run->alpha && !gan_pixels_bleed(run->pixels, wide, high, run->n_colours, error)))
        return FALSE;
    const float low = info->inputs[0].low, span = info->inputs[0].high - low;
    float *to = run->net_in;
    for (guint y = tile->read_y0; y < tile->read_y1; y++) {
        const float *from =
            run->pixels + ((y - tile->wide_y0) * wide + tile->read_x0 - tile->wide_x0) * channels;
        for (guint x = tile->read_x0; x < tile->read_x1; x++, from += channels, to += net) {
            if (net < run->n_colours) {
                to[0] = low + luma(from) * span;
                continue;
            }
            for (guint c = 0; c < net; c++)
                to[c] = low + from[c] * span;
        }
    }
    return TRUE;
}

static gboolean tile_progress(double fraction, gpointer data)
{
    const Run *run = data;
    return !run->progress || run->progress(MIN(run->done + fraction * run->share, 1.0), run->data);
}

// The cubics of a tile: those channels that the network does not make, alpha and, for a network of
// luma, the colours.
typedef struct {
    gboolean needed;
    GanCubic x, y;
    gsize between_length, row_length; // of what follows, for each worker
    double *sums;
    float *between, *row; // a row of the tile's input width, and of its area's output width
} Cubics;

static void cubics_clear(Cubics *cubics)
{
    gan_cubic_clear(&cubics->x);
    gan_cubic_clear(&cubics->y);
    g_free(cubics->sums);
    g_free(cubics->between);
    g_free(cubics->row);
}
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC(Cubics, cubics_clear)

static gboolean cubics_init(Cubics *cubics, const Run *run, const Tile *tile, GError **error)
{
    const gsize scale = (guint)run->runner->info->scale;
    cubics->needed = run->alpha || run->runner->info->output.channels < run->n_colours;
    if (!cubics->needed)
        return TRUE;
    const gsize width = (tile->area_x1 - tile->area_x0) * scale,
                height = (tile->area_y1 - tile->area_y0) * scale;
    if (!gan_cubic_init(&cubics->x, run->x.length, run->x.length * scale, tile->area_x0 * scale,
                        width, error) ||
        !gan_cubic_init(&cubics->y, run->y.length, run->y.length * scale, tile->area_y0 * scale,
                        height, error))
        return FALSE;
    const guint n_workers = gan_pixels_n_workers();
    cubics->between_length = (gsize)(tile->wide_x1 - tile->wide_x0) * n_channels(run);
    cubics->row_length = width * n_channels(run);
    cubics->sums = g_try_new(double, cubics->between_length *n_workers);
    cubics->between = g_try_new(float, cubics->between_length *n_workers);
    cubics->row = g_try_new(float, cubics->row_length *n_workers);
    if (cubics->sums && cubics->between && cubics->row)
        return TRUE;
    g_set_error(error, GAN_ERROR, GAN_ERROR_MEMORY,
                "no memory for rows of %" G_GSIZE_FORMAT " pixels", width);
    return FALSE;
}

// What makes the rows of a tile's area. Where tiles are blended, the last rows of a tile and the
// last pixels of its rows are complete only with the next tile.
typedef struct {
    const Run *run;
    const Tile *tile;
    gsize width, height;     // of the area, in output pixels
    gsize n_columns, n_rows; // of it, that are complete
    Cubics cubics;
    float *blended;               // a row for each worker
    float *weights_x, *weights_y; // NULL: nothing is blended
} Rows;

static void rows_clear(Rows *rows)
{
    cubics_clear(&rows->cubics);
    g_free(rows->blended);
    g_free(rows->weights_x);
    g_free(rows->weights_y);
}
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC(Rows, rows_clear)

static gboolean rows_init(Rows *rows, const Run *run, const Tile *tile, GError **error)
{
    const guint scale = (guint)run->runner->info->scale;
    const gsize ramp = 2 * (gsize)run->x.ramp * scale;
    rows->run = run;
    rows->tile = tile;
    rows->n_columns = rows->width = (gsize)(tile->area_x1 - tile->area_x0) * scale;
    rows->n_rows = rows->height = (gsize)(tile->area_y1 - tile->area_y0) * scale;
    if (!cubics_init(&rows->cubics, run, tile, error))
        return FALSE;
    if (run->carry_right == NULL)
        return TRUE;
    if (tile->i + 1 < run->x.n)
        rows->n_columns -= ramp;
    if (tile->j + 1 < run->y.n)
        rows->n_rows -= ramp;
    rows->blended = g_try_new(float, gan_pixels_n_workers() * rows->width * n_channels(run));
    rows->weights_x = g_try_new(float, rows->width);
    rows->weights_y = g_try_new(float, rows->height);
    if (!rows->blended || !rows->weights_x || !rows->weights_y) {
        g_set_error(error, GAN_ERROR, GAN_ERROR_MEMORY,
                    "no memory for rows of %" G_GSIZE_FORMAT " pixels", rows->width);
        return FALSE;
    }
    gan_tile_axis_weights(&run->x, tile->i, scale, rows->weights_x);
    gan_tile_axis_weights(&run->y, tile->j, scale, rows->weights_y);
    return TRUE;
}

// Puts output row `y` of the tile's area together: the network's channels, and the cubics'.
static const float *tile_row(guint y, guint worker, float *row, gpointer data)
{
    const Rows *rows = data;
    const Run *run = rows->run;
    const Tile *tile = rows->tile;
    const Cubics *cubics = &rows->cubics;
    const GanModelInfo *info = run->runner->info;
    const guint scale = (guint)info->scale, channels = n_channels(run), net = info->output.channels;
    const gsize width = rows->width;
    const gsize net_width = (gsize)(tile->read_x1 - tile->read_x0) * scale;
    const gsize net_y = (gsize)(tile->area_y0 - tile->read_y0) * scale + y;
    const float *from =
        run->result + (net_y * net_width + (gsize)(tile->area_x0 - tile->read_x0) * scale) * net;
    const float low = info->output.low, unit = 1.0f / (info->output.high - low);
    g_assert(cubics->needed || (net >= run->n_colours && !run->alpha));
    if (!cubics->needed && net == channels) {
        if (low == 0.0f && unit == 1.0f)
            return from;
        for (gsize i = 0; i < width * net; i++)
            row[i] = (from[i] - low) * unit;
        return row;
    }
    const float *cubic = NULL;
    if (cubics->needed) {
        float *between = cubics->between + worker * cubics->between_length;
        float *across = cubics->row + worker * cubics->row_length;
        gan_cubic_down(&cubics->y, y, run->pixels, tile->wide_y0, cubics->between_length,
                       cubics->sums + worker * cubics->between_length, between);
        gan_cubic_across(&cubics->x, between, tile->wide_x0, channels, across);
        cubic = across;
    }
    float *to = row;
    for (gsize x = 0; x < width; x++, from += net, to += channels) {
        const float *own = cubic ? cubic + x * channels : NULL;
        if (own && net < run->n_colours) {
            // The network's luma with the cubic's differences of colour.
            const float change = (from[0] - low) * unit - luma(own);
            for (guint c = 0; c < run->n_colours; c++)
                to[c] = own[c] + change;
        } else {
            for (guint c = 0; c < net; c++)
                to[c] = (from[c] - low) * unit;
        }
        if (own && run->alpha)
            to[run->n_colours] = CLAMP(own[run->n_colours], 0.0f, 1.0f);
    }
    return row;
}

// The same for blended tiles: weighs the row, takes up what earlier tiles left for it, and lays
// aside what later tiles complete. Rows that are not complete come after those that are.
static const float *blended_row(guint y, guint worker, float *unused, gpointer data)
{
    const Rows *rows = data;
    const Run *run = rows->run;
    const Tile *tile = rows->tile;
    const guint scale = (guint)run->runner->info->scale, channels = n_channels(run);
    const gsize ramp = 2 * (gsize)run->x.ramp * scale;
    float *row = rows->blended + worker * rows->width * channels;
    const float *made = tile_row(y, worker, row, data);
    for (gsize x = 0; x < rows->width; x++) {
        for (guint c = 0; c < channels; c++)
            row[x * channels + c] =
                made[x * channels + c] * (rows->weights_x[x] * rows->weights_y[y]);
    }
    float *right = run->carry_right + y * ramp * channels;
    for (gsize k = 0; k < ramp * channels && tile->i > 0; k++)
        row[k] += right[k];
    if (rows->n_columns < rows->width)
        memcpy(right, row + rows->n_columns * channels, ramp * channels * sizeof(float));
    const gsize row_length = (gsize)run->x.length * scale * channels;
    float *bottom = run->carry_bottom + (gsize)tile->area_x0 * scale * channels;
    if (tile->j > 0 && y < ramp) {
        for (gsize k = 0; k < rows->n_columns * channels; k++)
            row[k] += bottom[y * row_length + k];
    }
    if (y >= rows->n_rows)
        memcpy(bottom + (y - rows->n_rows) * row_length, row,
               rows->n_columns * channels * sizeof(float));
    return row;
}

static gboolean tile_write(const Run *run, const Tile *tile, GError **error)
{
    const guint scale = (guint)run->runner->info->scale;
    g_auto(Rows) rows = {0};
    if (!rows_init(&rows, run, tile, error))
        return FALSE;
    const GeglRectangle area = {(gint)(tile->area_x0 * scale), (gint)(tile->area_y0 * scale),
                                (gint)rows.n_columns, (gint)rows.n_rows};
    if (!gan_pixels_write_rows(&run->writer, run->out, &area,
                               rows.weights_x != NULL ? blended_row : tile_row, &rows, error))
        return FALSE;
    for (gsize y = rows.n_rows; y < rows.height; y++)
        blended_row((guint)y, 0, NULL, &rows);
    return TRUE;
}

// A tile under way.
typedef struct {
    Tile tile;
    gsize slot;
    GanPlan *plan;
    GkView from;
} Work;

// Reads a tile and, on a GPU, sets it going.
static gboolean work_begin(Run *run, Work *work, guint i, guint j, gsize slot, GError **error)
{
    GanRunner *runner = run->runner;
    const Tile *tile = &work->tile;
    tile_init(&work->tile, run, i, j);
    work->slot = slot;
    run->pixels = run->pixels_of[slot];
    run->net_in = run->net_in_of[slot];
    const guint width = tile->read_x1 - tile->read_x0, height = tile->read_y1 - tile->read_y0;
    if (!tile_read(run, tile, error))
        return FALSE;
    work->plan = gan_runner_plan(runner, width, height, error);
    if (!work->plan)
        return FALSE;
    const GanPlanInfo *needs = gan_plan_info(work->plan);
    g_assert(needs->out_w == width * (guint)runner->info->scale &&
             needs->out_h == height * (guint)runner->info->scale);
    work->from =
        gk_view_nhwc(run->net_in, GK_F32, 1, height, width, runner->info->inputs[0].channels);
    if (gan_plan_n_slots(work->plan) == 1)
        return TRUE;
    const gint64 began_us = g_get_monotonic_time();
    const gboolean started = gan_plan_start(work->plan, slot, &work->from, error);
    runner->network_us += g_get_monotonic_time() - began_us;
    return started;
}

// Computes a tile in float32 whose values left the range of a shorter type. The one that showed it
// is gone either way: black or not a number.
static gboolean work_again(Run *run, const Work *work, GkView *out, GError **error)
{
    GanDevice *exact = gan_device_in(run->runner->device, GK_F32, error);
    if (exact == run->runner->device)
        return TRUE; // it has no wider type: that is the network's own result
    GanProgram *program = exact ? gan_model_program(run->runner->model, exact, error) : NULL;
    g_autoptr(GanPlan) plan =
        program ? gan_plan_new(program, NULL, 1, work->from.h, work->from.w, error) : NULL;
    return plan && gan_plan_start(plan, 0, &work->from, error) &&
           gan_plan_finish(plan, 0, out, error);
}

// Computes a tile, or waits for it.
static gboolean work_compute(Run *run, const Work *work, GError **error)
{
    const GanPlanInfo *info = gan_plan_info(work->plan);
    GkView out = gk_view_nhwc(run->net_out, GK_F32, 1, info->out_h, info->out_w, info->out_c);
    const gboolean computed =
        gan_plan_n_slots(work->plan) == 1
            ? gan_plan_run(work->plan, &work->from, &out, tile_progress, run, error)
            : gan_plan_finish(work->plan, work->slot, &out, error) &&
                  (!gan_plan_overflowed(work->plan) || work_again(run, work, &out, error));
    run->result = out.data;
    return computed;
}

// Computes a tile and writes it.
static gboolean work_end(Run *run, const Work *work, GError **error)
{
    run->pixels = run->pixels_of[work->slot];
    run->net_in = run->net_in_of[work->slot];
    const gint64 began_us = g_get_monotonic_time();
    const gboolean computed = work_compute(run, work, error);
    run->runner->network_us += g_get_monotonic_time() - began_us;
    if (!computed)
        return FALSE;
    if (!tile_write(run, &work->tile, error))
        return FALSE;
    run->done += run->share;
    if (tile_progress(0.0, run))
        return TRUE;
    g_set_error(error, G_IO_ERROR, G_IO_ERROR_CANCELLED, "cancelled");
    return FALSE;
}

static gboolean run_tiles(Run *run, GError **error)
{
    if (!run_allocate(run, error))
        return FALSE;
    Work works[MOST_SLOTS];
    const guint n = run->x.n * run->y.n;
    const guint ahead = (guint)run->n_slots - 1;
    run->done = 0.0;
    run->share = 1.0 / (double)n;
    for (guint k = 0; k < n + ahead; k++) {
        Work *next = &works[k % run->n_slots];
        if (k < n && !work_begin(run, next, k % run->x.n, k / run->x.n, k % run->n_slots, error))
            return FALSE;
        if (k >= ahead && !work_end(run, &works[(k - ahead) % run->n_slots], error))
            return FALSE;
    }
    return TRUE;
}

static void run_init(Run *run)
{
    const GanModelInfo *info = run->runner->info;
    gan_pixels_init(&run->reader, gegl_buffer_get_format(run->in));
    gan_pixels_init(&run->writer, gegl_buffer_get_format(run->out));
    run->alpha = run->reader.alpha && run->writer.alpha;
    run->n_colours = MAX(info->inputs[0].channels, run->reader.n_colours);
    gan_pixels_set_layout(&run->reader, run->n_colours, run->alpha);
    gan_pixels_set_layout(&run->writer, run->n_colours, run->alpha);
    const guint cubic = run->alpha || info->inputs[0].channels < run->n_colours ? CUBIC_REACH : 0;
    run->margin = run->alpha ? GAN_BLEED_REACH : cubic;
}

gboolean gan_runner_run(GanRunner *runner, GeglBuffer *in, const GeglRectangle *area,
                        GeglBuffer *out, GanProgress progress, gpointer data, GError **error)
{
    g_return_val_if_fail(runner && GEGL_IS_BUFFER(in) && GEGL_IS_BUFFER(out) && area, FALSE);
    g_return_val_if_fail(gegl_rectangle_contains(gegl_buffer_get_extent(in), area), FALSE);
    g_return_val_if_fail(area->width > 0 && area->height > 0, FALSE);
    const gint scale = (gint)runner->info->scale;
    g_return_val_if_fail(
        gegl_rectangle_contains(gegl_buffer_get_extent(out),
                                GEGL_RECTANGLE(0, 0, area->width * scale, area->height * scale)),
        FALSE);
    guint tile = 0;
    GanEstimate estimate;
    if (!gan_runner_choose_tile(runner, (guint)area->width, (guint)area->height, &tile, &estimate,
                                error))
        return FALSE;
    for (;; tile /= 2) {
        g_auto(Run) run = {.runner = runner,
                           .in = in,
                           .out = out,
                           .area = *area,
                           .progress = progress,
                           .data = data};
        g_autoptr(GError) reason = NULL;
        gan_runner_cut(runner, (guint)area->width, (guint)area->height, tile, &run.x, &run.y);
        run_init(&run);
        const gboolean done = run_tiles(&run, &reason);
        gan_runner_release(runner);
        if (done)
            return TRUE;
        // The prediction cannot know what others take meanwhile; smaller tiles may still go.
        if (!g_error_matches(reason, GAN_ERROR, GAN_ERROR_MEMORY) || tile / 2 < LEAST_TILE) {
            g_propagate_error(error, g_steal_pointer(&reason));
            return FALSE;
        }
    }
}
