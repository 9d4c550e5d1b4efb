// SPDX-License-Identifier: LGPL-3.0-or-later
// One run over one picture: tiles read, computed, and handed to a composer.
#include "runner-private.h"

#include "composer.h"
#include "holes.h"
#include "rows.h"
#include "source.h"
#include <gio/gio.h>

// Tiles that are under way at once: a GPU computes one while others are read and written.
#define MOST_SLOTS 2

// What a tile under way takes.
typedef struct {
    float *pixels;                   // with margin, n_colours + alpha channels
    gboolean beyond;                 // some of them lay beyond 0..1
    float *in[GAN_MODEL_MAX_INPUTS]; // as the network takes it
} Slot;

// One run over one picture.
typedef struct {
    GanRunner *runner;
    GanReader reader;
    GanComposer *composer;
    GanTileAxis x, y;
    guint margin; // pixels around what the network reads, for bleeding and the composer
    Slot slots[MOST_SLOTS];
    gsize n_slots;  // tiles under way at once
    float *net_out; // what the network gives; a GPU has its own memory for that
    GanRows rows;
    GanProgress progress;
    gpointer data;
    double done, share; // finished part of the run, and the part that the tile at work is
} Run;

static void run_clear(Run *run)
{
    for (gsize i = 0; i < MOST_SLOTS; i++) {
        g_free(run->slots[i].pixels);
        for (guint k = 0; k < GAN_MODEL_MAX_INPUTS; k++)
            g_free(run->slots[i].in[k]);
    }
    g_free(run->net_out);
    gan_rows_clear(&run->rows);
    gan_reader_clear(&run->reader);
}
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC(Run, run_clear)

static gboolean run_allocate(Run *run, GError **error)
{
    const GanModelInfo *info = run->runner->info;
    const gsize read = (gsize)run->x.read * run->y.read, scale = (gsize)info->scale;
    const gsize wide = run->x.read + 2 * (gsize)run->margin,
                high = run->y.read + 2 * (gsize)run->margin;
    const GkDevice *gpu = gan_device_backend(run->runner->device)->device;
    gboolean all = TRUE;
    run->n_slots = gpu != NULL && run->x.n * run->y.n > 1 ? MIN(gpu->n_slots, MOST_SLOTS) : 1;
    for (gsize i = 0; i < run->n_slots; i++) {
        Slot *slot = &run->slots[i];
        slot->pixels =
            g_try_malloc_n(wide * high, gan_reader_n_channels(&run->reader) * sizeof(float));
        all = all && slot->pixels;
        for (guint k = 0; k < info->n_inputs; k++) {
            slot->in[k] = g_try_new(float, gan_reader_length(&run->reader, k, read));
            all = all && slot->in[k];
        }
    }
    if (gpu == NULL) {
        run->net_out = g_try_malloc_n(read * scale * scale, info->output.channels * sizeof(float));
        all = all && run->net_out;
    }
    if (!all) {
        g_set_error(error, GAN_ERROR, GAN_ERROR_MEMORY, "no memory for a tile of %u x %u pixels",
                    run->x.read, run->y.read);
        return FALSE;
    }
    return gan_rows_init(&run->rows, run->composer, &run->x, &run->y, (guint)scale,
                         run->reader.n_colours, run->reader.alpha, run->reader.seen, error);
}

static gboolean tile_read(const Run *run, const GanTile *tile, Slot *slot, GError **error)
{
    if (!gan_reader_pixels(&run->reader, tile, slot->pixels, &slot->beyond, error))
        return FALSE;
    for (guint k = 0; k < run->runner->info->n_inputs; k++)
        if (!gan_reader_input(&run->reader, tile, k, slot->pixels, slot->in[k], error))
            return FALSE;
    return TRUE;
}

static gboolean tile_progress(double fraction, gpointer data)
{
    const Run *run = data;
    return !run->progress || run->progress(MIN(run->done + fraction * run->share, 1.0), run->data);
}

// A tile under way.
typedef struct {
    GanTile tile;
    gsize slot;
    GanPlan *plan;
    GkView from[GAN_MODEL_MAX_INPUTS];
} Work;

// Reads a tile and, on a GPU, sets it going.
static gboolean work_begin(Run *run, Work *work, guint i, guint j, gsize slot, GError **error)
{
    GanRunner *runner = run->runner;
    const GanModelInfo *info = runner->info;
    GanTile *tile = &work->tile;
    gan_tile_init(tile, &run->x, &run->y, i, j, run->margin);
    work->slot = slot;
    const guint width = tile->read_x1 - tile->read_x0, height = tile->read_y1 - tile->read_y0;
    if (!tile_read(run, tile, &run->slots[slot], error))
        return FALSE;
    work->plan = gan_runner_plan(runner, width, height, error);
    if (!work->plan)
        return FALSE;
    const GanPlanInfo *needs = gan_plan_info(work->plan);
    g_assert(needs->out_w == width * (guint)info->scale &&
             needs->out_h == height * (guint)info->scale);
    for (guint k = 0; k < info->n_inputs; k++) {
        const gboolean number = info->inputs[k].kind == GAN_END_NUMBER;
        work->from[k] = gk_view_nhwc(run->slots[slot].in[k], GK_F32, 1, number ? 1 : height,
                                     number ? 1 : width, info->inputs[k].channels);
    }
    if (gan_plan_n_slots(work->plan) == 1)
        return TRUE;
    const gint64 began_us = g_get_monotonic_time();
    const gboolean started = gan_plan_start(work->plan, slot, work->from, error);
    runner->network_us += g_get_monotonic_time() - began_us;
    return started;
}

// Computes a tile in float32 whose values left the range of a shorter type. The one that showed it
// is gone either way: black or not a number.
static gboolean work_again(Run *run, const Work *work, GkView *out, GError **error)
{
    GanShape shapes[GAN_MODEL_MAX_INPUTS];
    GanDevice *exact = gan_device_in(run->runner->device, GK_F32, error);
    gan_runner_shapes(run->runner, (guint)work->from[0].w, (guint)work->from[0].h, shapes);
    if (exact == run->runner->device)
        return TRUE; // it has no wider type: that is the network's own result
    GanProgram *program = exact ? gan_model_program(run->runner->model, exact, error) : NULL;
    g_autoptr(GanPlan) plan = program ? gan_plan_new_for(program, NULL, shapes, error) : NULL;
    return plan && gan_plan_start(plan, 0, work->from, error) &&
           gan_plan_finish(plan, 0, out, error);
}

// Computes a tile, or waits for it, and tells where the result lies.
static gboolean work_compute(Run *run, const Work *work, GkView *out, GError **error)
{
    const GanPlanInfo *info = gan_plan_info(work->plan);
    *out = gk_view_nhwc(run->net_out, GK_F32, 1, info->out_h, info->out_w, info->out_c);
    return gan_plan_n_slots(work->plan) == 1
               ? gan_plan_run(work->plan, work->from, out, tile_progress, run, error)
               : gan_plan_finish(work->plan, work->slot, out, error) &&
                     (!gan_plan_overflowed(work->plan) || work_again(run, work, out, error));
}

// Computes a tile and has it written.
static gboolean work_end(Run *run, const Work *work, GError **error)
{
    const GanModelInfo *info = run->runner->info;
    GkView out;
    const gint64 began_us = g_get_monotonic_time();
    const gboolean computed = work_compute(run, work, &out, error);
    run->runner->network_us += g_get_monotonic_time() - began_us;
    if (!computed)
        return FALSE;
    const GanTileResult result = {.tile = &work->tile,
                                  .width = run->x.length,
                                  .height = run->y.length,
                                  .scale = (guint)info->scale,
                                  .n_colours = run->reader.n_colours,
                                  .alpha = run->reader.alpha,
                                  .pixels = run->slots[work->slot].pixels,
                                  .beyond = run->slots[work->slot].beyond,
                                  .net = out.data,
                                  .end = &info->output};
    if (!gan_rows_write(&run->rows, &result, error))
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
    const GanComposer *composer = run->composer;
    const gboolean luma = run->runner->info->output.channels < run->reader.n_colours;
    run->margin = composer->margin ? composer->margin(composer, run->reader.alpha, luma) : 0;
    run->margin = MAX(run->margin, gan_reader_margin(&run->reader));
}

gboolean gan_runner_run(GanRunner *runner, const GanSource *sources, const GeglRectangle *area,
                        GanComposer *composer, GanProgress progress, gpointer data, GError **error)
{
    g_return_val_if_fail(runner && sources && composer && area, FALSE);
    g_return_val_if_fail(area->width > 0 && area->height > 0, FALSE);
    for (guint k = 0; k < runner->info->n_inputs; k++)
        g_return_val_if_fail(
            runner->info->inputs[k].kind == GAN_END_NUMBER ||
                (GEGL_IS_BUFFER(sources[k].buffer) && sources[k].buffer != composer->out &&
                 gegl_rectangle_contains(gegl_buffer_get_extent(sources[k].buffer), area)),
            FALSE);
    const gint scale = (gint)runner->info->scale;
    g_return_val_if_fail(scale == 1 || composer->enlarges, FALSE);
    g_return_val_if_fail(
        gegl_rectangle_contains(gegl_buffer_get_extent(composer->out),
                                GEGL_RECTANGLE(0, 0, area->width * scale, area->height * scale)),
        FALSE);
    guint tile = 0;
    gboolean in_passes = FALSE;
    GanEstimate estimate;
    if (!gan_runner_choose_tile(runner, (guint)area->width, (guint)area->height, &tile, &in_passes,
                                &estimate, error))
        return FALSE;
    for (;; tile /= 2) {
        g_auto(Run)
            run = {.runner = runner, .composer = composer, .progress = progress, .data = data};
        g_autoptr(GError) reason = NULL;
        gan_runner_cut(runner, (guint)area->width, (guint)area->height, tile, &run.x, &run.y);
        gan_reader_init(&run.reader, runner->info, sources, area,
                        gegl_buffer_get_format(composer->out));
        run_init(&run);
        const GanPassesRun passes = {.reader = &run.reader,
                                     .composer = composer,
                                     .width = (guint)area->width,
                                     .height = (guint)area->height,
                                     .tile = tile,
                                     .progress = progress,
                                     .data = data,
                                     .network_us = &runner->network_us};
        const gboolean done =
            in_passes ? gan_passes_run(runner->passes, &passes, &reason) : run_tiles(&run, &reason);
        gan_runner_release(runner);
        if (done)
            return (!composer->finish ||
                    composer->finish(composer, sources[0].buffer, area, error)) &&
                   gan_holes_put_back(
                       sources[0].buffer, area, composer->out,
                       GEGL_RECTANGLE(0, 0, area->width * scale, area->height * scale), error);
        // The prediction cannot know what others take meanwhile; smaller tiles may still go.
        if (!g_error_matches(reason, GAN_ERROR, GAN_ERROR_MEMORY) || tile / 2 < LEAST_TILE) {
            g_propagate_error(error, g_steal_pointer(&reason));
            return FALSE;
        }
    }
}
