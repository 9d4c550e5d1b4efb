// SPDX-License-Identifier: LGPL-3.0-or-later
// One segment of a network over all tiles of a picture.
#include "passes-private.h"
#include "rows.h"
#include "running_moments.h"

#include <gio/gio.h>
#include <string.h>

// The model's input that a node is, or -1.
static int input_of(const GanPasses *passes, guint id)
{
    for (guint k = 0; k < gan_graph_n_inputs(passes->graph); k++)
        if (gan_graph_input_at(passes->graph, k)->id == id)
            return (int)k;
    return -1;
}

// What a pass takes for its tiles.
typedef struct {
    GanPassesWork *work;
    const GanPass *pass;
    GanTileAxis x, y;
    guint margin;
    float *pixels;     // of the picture, with margin; where the segment reads it
    gboolean beyond;   // some of them lay beyond 0..1
    float **in, **out; // of the segment's inputs and outputs
    GkView *from, *to;
    GanRunningMoments *moments; // by the segment's outputs and their moments, in order
    GanPlan *plan;              // of the last tile
    GanShape *shapes;           // that it was made for
    GanRows rows;               // of the last segment
} Sweep;

static void sweep_clear(Sweep *sweep)
{
    const GanSegment *segment = sweep->pass->segment;
    guint m = 0;
    for (guint k = 0; k < segment->n_inputs && sweep->in; k++)
        g_free(sweep->in[k]);
    for (guint i = 0; i < segment->n_outputs && sweep->out; i++) {
        g_free(sweep->out[i]);
        for (guint k = 0; k < segment->outputs[i].n_moments; k++, m++)
            gan_running_moments_clear(&sweep->moments[m]);
    }
    gan_plan_free(sweep->plan);
    gan_rows_clear(&sweep->rows);
    g_free(sweep->pixels);
    g_free(sweep->in);
    g_free(sweep->out);
    g_free(sweep->from);
    g_free(sweep->to);
    g_free(sweep->moments);
    g_free(sweep->shapes);
}
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC(Sweep, sweep_clear)

static gboolean set_no_memory(const Sweep *sweep, GError **error)
{
    g_set_error(error, GAN_ERROR, GAN_ERROR_MEMORY, "no memory for a tile of %u x %u pixels",
                sweep->x.read, sweep->y.read);
    return FALSE;
}

static const Babl *format_of(guint channels)
{
    return babl_format_n(babl_type("float"), (int)channels);
}

// Makes plan and memory for tiles whose inputs have these shapes, unless they are there already.
// The first tile reads no less than any other.
static gboolean sweep_fit(Sweep *sweep, const GanShape *shapes, GError **error)
{
    const GanSegment *segment = sweep->pass->segment;
    const gsize bytes = segment->n_inputs * sizeof *shapes;
    if (sweep->plan && memcmp(sweep->shapes, shapes, bytes) == 0)
        return TRUE;
    g_clear_pointer(&sweep->plan, gan_plan_free);
    memcpy(sweep->shapes, shapes, bytes);
    sweep->plan =
        gan_plan_new_for(sweep->pass->program, sweep->work->passes->workspace, shapes, error);
    if (!sweep->plan)
        return FALSE;
    for (guint k = 0; k < segment->n_inputs; k++) {
        const GanShape *s = &shapes[k];
        g_free(sweep->in[k]);
        sweep->in[k] = g_try_new(float, gan_passes_length(s));
        sweep->from[k] = gk_view_nhwc(sweep->in[k], GK_F32, s->n, s->h, s->w, s->c);
        if (!sweep->in[k])
            return set_no_memory(sweep, error);
    }
    for (guint i = 0; i < segment->n_outputs; i++) {
        const GanShape s = gan_plan_output_shape(sweep->plan, i);
        g_free(sweep->out[i]);
        sweep->out[i] = g_try_new(float, gan_passes_length(&s));
        sweep->to[i] = gk_view_nhwc(sweep->out[i], GK_F32, s.n, s.h, s.w, s.c);
        if (!sweep->out[i])
            return set_no_memory(sweep, error);
    }
    return TRUE;
}

static gboolean sweep_init(Sweep *sweep, GanPassesWork *work, const GanPass *pass, gboolean last,
                           GError **error)
{
    const GanPassesRun *run = work->run;
    const GanPasses *passes = work->passes;
    const GanSegment *segment = pass->segment;
    const GanReader *reader = run->reader;
    guint n_moments = 0;
    sweep->work = work;
    sweep->pass = pass;
    gan_passes_cut(passes, pass, run->width, run->height, run->tile, &sweep->x, &sweep->y);
    sweep->in = g_new0(float *, MAX(segment->n_inputs, 1));
    sweep->out = g_new0(float *, MAX(segment->n_outputs, 1));
    sweep->from = g_new0(GkView, MAX(segment->n_inputs, 1));
    sweep->to = g_new0(GkView, MAX(segment->n_outputs, 1));
    sweep->shapes = g_new0(GanShape, MAX(segment->n_inputs, 1));
    for (guint i = 0; i < segment->n_outputs; i++)
        n_moments += segment->outputs[i].n_moments;
    sweep->moments = g_new0(GanRunningMoments, MAX(n_moments, 1));
    for (guint i = 0, m = 0; i < segment->n_outputs; i++) {
        const GanSegmentOutput *output = &segment->outputs[i];
        for (guint k = 0; k < output->n_moments; k++, m++) {
            const GanNode *node = gan_graph_node(passes->graph, output->moments[k]);
            gan_running_moments_init(&sweep->moments[m], node->channels / 2);
        }
        const GanShape *full = &work->full[output->node];
        if (output->kept && passes->rows[output->node].scale_num > 0)
            work->kept[output->node] = gegl_buffer_new(
                GEGL_RECTANGLE(0, 0, (gint)full->w, (gint)full->h), format_of((guint)full->c));
    }
    const gboolean luma = reader->info->output.channels < reader->n_colours;
    sweep->margin = gan_reader_margin(reader);
    if (last && run->composer->margin)
        sweep->margin =
            MAX(sweep->margin, run->composer->margin(run->composer, reader->alpha, luma));
    const gsize wide = sweep->x.read + 2 * (gsize)sweep->margin,
                high = sweep->y.read + 2 * (gsize)sweep->margin;
    sweep->pixels = g_try_malloc_n(wide * high, gan_reader_n_channels(reader) * sizeof(float));
    if (!sweep->pixels)
        return set_no_memory(sweep, error);
    return !last || gan_rows_init(&sweep->rows, run->composer, &sweep->x, &sweep->y,
                                  (guint)passes->info->scale, reader->n_colours, reader->alpha,
                                  reader->seen, error);
}

// Fills in the inputs of a tile.
static gboolean sweep_read(Sweep *sweep, const GanTile *tile, const guint area[4], gboolean last,
                           GError **error)
{
    const GanPassesWork *work = sweep->work;
    const GanPasses *passes = work->passes;
    const GanPassesRun *run = work->run;
    const GanSegment *segment = sweep->pass->segment;
    gboolean has_pixels = FALSE;
    if (last && !gan_reader_pixels(run->reader, tile, sweep->pixels, &sweep->beyond, error))
        return FALSE;
    has_pixels = last;
    for (guint k = 0; k < segment->n_inputs; k++) {
        const guint id = segment->inputs[k];
        const int own = input_of(passes, id);
        if (own >= 0) {
            if (!has_pixels &&
                !gan_reader_pixels(run->reader, tile, sweep->pixels, &sweep->beyond, error))
                return FALSE;
            has_pixels = TRUE;
            if (!gan_reader_input(run->reader, tile, (guint)own, sweep->pixels, sweep->in[k],
                                  error))
                return FALSE;
        } else if (work->vectors[id]) {
            memcpy(sweep->in[k], work->vectors[id], sweep->shapes[k].c * sizeof(float));
        } else {
            const GanPart part =
                gan_passes_part(passes, id, &work->full[id], area, run->width, run->height);
            gegl_buffer_get(work->kept[id],
                            GEGL_RECTANGLE((gint)part.x, (gint)part.y, (gint)part.w, (gint)part.h),
                            1.0, format_of((guint)work->full[id].c), sweep->in[k],
                            GEGL_AUTO_ROWSTRIDE, GEGL_ABYSS_NONE);
        }
    }
    return TRUE;
}

// Keeps the part of each output that the tile answers for, and takes its moments.
static gboolean sweep_write(Sweep *sweep, const GanTile *tile, const guint area[4], GError **error)
{
    GanPassesWork *work = sweep->work;
    const GanPasses *passes = work->passes;
    const GanPassesRun *run = work->run;
    const GanReader *reader = run->reader;
    const GanSegment *segment = sweep->pass->segment;
    const guint answer[4] = {tile->area_x0, tile->area_x1, tile->area_y0, tile->area_y1};
    for (guint i = 0, m = 0; i < segment->n_outputs; i++) {
        const GanSegmentOutput *output = &segment->outputs[i];
        const GanShape *full = &work->full[output->node];
        const GanPart read =
            gan_passes_part(passes, output->node, full, area, run->width, run->height);
        const GanPart part =
            gan_passes_part(passes, output->node, full, answer, run->width, run->height);
        if (sweep->to[i].w != read.w || sweep->to[i].h != read.h) {
            g_set_error(error, GAN_ERROR, GAN_ERROR_UNSUPPORTED,
                        "%s: the pixels of '%s' do not stand where those of the picture do",
                        passes->info->title, gan_graph_node(passes->graph, output->node)->name);
            return FALSE;
        }
        const gsize c = full->c, stride = read.w * c;
        const float *from = sweep->out[i] + (part.y - read.y) * stride + (part.x - read.x) * c;
        for (guint k = 0; k < output->n_moments; k++, m++)
            gan_running_moments_add(&sweep->moments[m], from, stride, part.w, part.h, c);
        if (output->kept && work->kept[output->node])
            gegl_buffer_set(work->kept[output->node],
                            GEGL_RECTANGLE((gint)part.x, (gint)part.y, (gint)part.w, (gint)part.h),
                            0, format_of((guint)c), from, (gint)(stride * sizeof(float)));
        else if (output->kept && !work->vectors[output->node])
            work->vectors[output->node] = g_memdup2(sweep->out[i], c * sizeof(float));
        if (!output->final)
            continue;
        const GanTileResult result = {.tile = tile,
                                      .width = run->width,
                                      .height = run->height,
                                      .scale = (guint)passes->info->scale,
                                      .n_colours = reader->n_colours,
                                      .alpha = reader->alpha,
                                      .pixels = sweep->pixels,
                                      .beyond = sweep->beyond,
                                      .net = sweep->out[i],
                                      .end = &passes->info->output};
        if (!gan_rows_write(&sweep->rows, &result, error))
            return FALSE;
    }
    return TRUE;
}

// The moments are complete: they become vectors that later segments read.
static void sweep_finish(Sweep *sweep)
{
    GanPassesWork *work = sweep->work;
    const GanSegment *segment = sweep->pass->segment;
    for (guint i = 0, m = 0; i < segment->n_outputs; i++)
        for (guint k = 0; k < segment->outputs[i].n_moments; k++, m++) {
            const GanRunningMoments *moments = &sweep->moments[m];
            work->vectors[segment->outputs[i].moments[k]] = gan_running_moments_vector(moments);
            work->overflowed |= !gan_running_moments_are_finite(moments);
        }
    for (guint i = 0; i < segment->n_dropped; i++) {
        g_clear_object(&work->kept[segment->dropped[i]]);
        g_clear_pointer(&work->vectors[segment->dropped[i]], g_free);
    }
}

static gboolean tell(double fraction, gpointer data)
{
    const GanPassesWork *work = data;
    const GanPassesRun *run = work->run;
    return !run->progress ||
           run->progress(MIN(work->done + fraction * work->share, 1.0), run->data);
}

gboolean gan_sweep(GanPassesWork *work, const GanPass *pass, gboolean last, GError **error)
{
    const GanPassesRun *run = work->run;
    const GanSegment *segment = pass->segment;
    g_auto(Sweep) sweep = {.pass = pass};
    if (!sweep_init(&sweep, work, pass, last, error))
        return FALSE;
    g_autofree GanShape *shapes = g_new(GanShape, MAX(segment->n_inputs, 1));
    const guint n = sweep.x.n * sweep.y.n;
    work->share /= n;
    for (guint t = 0; t < n; t++) {
        GanTile tile;
        gan_tile_init(&tile, &sweep.x, &sweep.y, t % sweep.x.n, t / sweep.x.n, sweep.margin);
        const guint area[4] = {tile.read_x0, tile.read_x1, tile.read_y0, tile.read_y1};
        gan_passes_input_shapes(work->passes, segment, work->full, area, run->width, run->height,
                                shapes);
        if (!sweep_fit(&sweep, shapes, error) || !sweep_read(&sweep, &tile, area, last, error))
            return FALSE;
        const gint64 began_us = g_get_monotonic_time();
        const gboolean computed = gan_plan_run(sweep.plan, sweep.from, sweep.to, tell, work, error);
        *run->network_us += g_get_monotonic_time() - began_us;
        if (!computed || !sweep_write(&sweep, &tile, area, error))
            return FALSE;
        work->done += work->share;
        if (!tell(0.0, work)) {
            g_set_error(error, G_IO_ERROR, G_IO_ERROR_CANCELLED, "cancelled");
            return FALSE;
        }
    }
    sweep_finish(&sweep);
    return TRUE;
}
