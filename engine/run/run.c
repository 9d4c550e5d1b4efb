// SPDX-License-Identifier: LGPL-3.0-or-later
// One run over one picture: tiles read, computed, and handed to a composer.
#include "runner-private.h"

#include "composer.h"
#include "luma.h"
#include "pixels.h"
#include "rows.h"
#include <gio/gio.h>

// Tiles that are under way at once: a GPU computes one while others are read and written.
#define MOST_SLOTS 2

// What a tile under way takes.
typedef struct {
    float *pixels;                   // with margin, n_colours + alpha channels
    float *in[GAN_MODEL_MAX_INPUTS]; // as the network takes it
} Slot;

// One run over one picture.
typedef struct {
    GanRunner *runner;
    const GanSource *sources;
    GanComposer *composer;
    GeglRectangle area; // of the sources
    GanTileAxis x, y;
    GanPixels reader; // of the first source
    guint n_colours;  // of the picture's floats; a network of one channel sees their luma
    gboolean alpha;
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
}
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC(Run, run_clear)

static guint n_channels(const Run *run)
{
    return run->n_colours + (run->alpha ? 1 : 0);
}

// Floats of one input of the network for a tile that reads `read` pixels.
static gsize input_length(const GanEnd *end, gsize read)
{
    return end->kind == GAN_END_NUMBER ? 1 : read * end->channels;
}

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
        slot->pixels = g_try_malloc_n(wide * high, n_channels(run) * sizeof(float));
        all = all && slot->pixels;
        for (guint k = 0; k < info->n_inputs; k++) {
            slot->in[k] = g_try_new(float, input_length(&info->inputs[k], read));
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
    return gan_rows_init(&run->rows, run->composer, &run->x, &run->y, (guint)scale, run->n_colours,
                         run->alpha, error);
}

// The picture, with bled colours in its margin, and from it the network's first input.
static gboolean read_picture(const Run *run, const GanTile *tile, const Slot *slot, GError **error)
{
    const GanEnd *end = &run->runner->info->inputs[0];
    const guint channels = n_channels(run), net = end->channels;
    const float low = end->low, span = end->high - end->low;
    const gsize wide = tile->wide_x1 - tile->wide_x0, high = tile->wide_y1 - tile->wide_y0;
    const GeglRectangle area = {run->area.x + (gint)tile->wide_x0,
                                run->area.y + (gint)tile->wide_y0, (gint)wide, (gint)high};
    if (!gan_pixels_read(&run->reader, run->sources[0].buffer, &area, slot->pixels, error) ||
        (run->alpha && !gan_pixels_bleed(slot->pixels, wide, high, run->n_colours, error)))
        return FALSE;
    float *to = slot->in[0];
    for (guint y = tile->read_y0; y < tile->read_y1; y++) {
        const float *from =
            slot->pixels + ((y - tile->wide_y0) * wide + tile->read_x0 - tile->wide_x0) * channels;
        for (guint x = tile->read_x0; x < tile->read_x1; x++, from += channels, to += net) {
            if (net < run->n_colours) {
                to[0] = low + gan_luma(from) * span;
                continue;
            }
            for (guint c = 0; c < net; c++)
                to[c] = low + from[c] * span;
        }
    }
    return TRUE;
}

// A further picture or a mask, as it is.
static gboolean read_other(const Run *run, const GanTile *tile, guint k, float *to, GError **error)
{
    const GanEnd *end = &run->runner->info->inputs[k];
    GeglBuffer *buffer = run->sources[k].buffer;
    const GeglRectangle area = {
        run->area.x + (gint)tile->read_x0, run->area.y + (gint)tile->read_y0,
        (gint)(tile->read_x1 - tile->read_x0), (gint)(tile->read_y1 - tile->read_y0)};
    const gsize n = (gsize)area.width * (gsize)area.height * end->channels;
    if (end->kind == GAN_END_MASK) {
        gegl_buffer_get(buffer, &area, 1.0, babl_format("Y float"), to, GEGL_AUTO_ROWSTRIDE,
                        GEGL_ABYSS_CLAMP);
    } else {
        GanPixels reader;
        gan_pixels_init(&reader, gegl_buffer_get_format(buffer));
        gan_pixels_set_layout(&reader, end->channels, FALSE);
        if (!gan_pixels_read(&reader, buffer, &area, to, error))
            return FALSE;
    }
    for (gsize i = 0; i < n; i++)
        to[i] = end->low + to[i] * (end->high - end->low);
    return TRUE;
}

static gboolean tile_read(const Run *run, const GanTile *tile, const Slot *slot, GError **error)
{
    const GanModelInfo *info = run->runner->info;
    if (!read_picture(run, tile, slot, error))
        return FALSE;
    for (guint k = 1; k < info->n_inputs; k++) {
        if (info->inputs[k].kind == GAN_END_NUMBER)
            slot->in[k][0] = (float)run->sources[k].number;
        else if (!read_other(run, tile, k, slot->in[k], error))
            return FALSE;
    }
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
    GanDevice *exact = gan_device_in(run->runner->device, GK_F32, error);
    if (exact == run->runner->device)
        return TRUE; // it has no wider type: that is the network's own result
    GanProgram *program = exact ? gan_model_program(run->runner->model, exact, error) : NULL;
    g_autoptr(GanPlan) plan =
        program ? gan_plan_new(program, NULL, 1, work->from[0].h, work->from[0].w, error) : NULL;
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
                                  .n_colours = run->n_colours,
                                  .alpha = run->alpha,
                                  .pixels = run->slots[work->slot].pixels,
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
    const GanModelInfo *info = run->runner->info;
    const GanComposer *composer = run->composer;
    GanPixels writer;
    gan_pixels_init(&run->reader, gegl_buffer_get_format(run->sources[0].buffer));
    gan_pixels_init(&writer, gegl_buffer_get_format(composer->out));
    run->alpha = run->reader.alpha && writer.alpha;
    run->n_colours = MAX(info->output.channels, run->reader.n_colours);
    gan_pixels_set_layout(&run->reader, run->n_colours, run->alpha);
    const gboolean luma = info->output.channels < run->n_colours;
    run->margin = composer->margin ? composer->margin(composer, run->alpha, luma) : 0;
    if (run->alpha)
        run->margin = MAX(run->margin, GAN_BLEED_REACH);
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
    GanEstimate estimate;
    if (!gan_runner_choose_tile(runner, (guint)area->width, (guint)area->height, &tile, &estimate,
                                error))
        return FALSE;
    for (;; tile /= 2) {
        g_auto(Run) run = {.runner = runner,
                           .sources = sources,
                           .composer = composer,
                           .area = *area,
                           .progress = progress,
                           .data = data};
        g_autoptr(GError) reason = NULL;
        gan_runner_cut(runner, (guint)area->width, (guint)area->height, tile, &run.x, &run.y);
        run_init(&run);
        const gboolean done = run_tiles(&run, &reason);
        gan_runner_release(runner);
        if (done)
            return !composer->finish || composer->finish(composer, sources[0].buffer, area, error);
        // The prediction cannot know what others take meanwhile; smaller tiles may still go.
        if (!g_error_matches(reason, GAN_ERROR, GAN_ERROR_MEMORY) || tile / 2 < LEAST_TILE) {
            g_propagate_error(error, g_steal_pointer(&reason));
            return FALSE;
        }
    }
}
