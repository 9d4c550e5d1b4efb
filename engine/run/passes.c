// SPDX-License-Identifier: LGPL-3.0-or-later
// Runs a network with norms over the whole picture tile by tile.
#include "passes.h"

#include "rows.h"
#include <gio/gio.h>
#include <math.h>
#include <segments.h>
#include <string.h>

typedef struct {
    const GanSegment *segment;
    GanProgram *program;
    guint reach; // in pixels of the picture
} Pass;

struct GanPasses {
    const GanModelInfo *info;
    const GanGraph *graph;
    GanDevice *device;
    GanWorkspace *workspace;
    GanGeometry *rows; // by node of the graph
    GPtrArray *segments;
    Pass *passes;
    guint n;
};

// How far the outputs of a segment see.
static gboolean find_reach(const GanGraph *graph, guint *reach, GError **error)
{
    g_autofree GanGeometry *rows = g_new0(GanGeometry, gan_graph_n_nodes(graph));
    double most = 0.0;
    if (!gan_graph_geometry(graph, rows, error))
        return FALSE;
    for (guint i = 0; i < gan_graph_n_outputs(graph); i++)
        most = MAX(most, rows[gan_graph_output_at(graph, i)->id].reach);
    *reach = (guint)ceil(most);
    return TRUE;
}

GanPasses *gan_passes_new(GanModel *model, GanDevice *device, GanWorkspace *workspace,
                          GError **error)
{
    const GanGraph *graph = gan_model_graph(model);
    g_autoptr(GanPasses) passes = g_new0(GanPasses, 1);
    passes->info = gan_model_info(model);
    passes->graph = graph;
    passes->device = gan_device_ref(device);
    passes->workspace = gan_workspace_ref(workspace);
    passes->rows = g_new0(GanGeometry, gan_graph_n_nodes(graph));
    passes->segments = gan_graph_segments(graph, error);
    if (!passes->segments || !gan_graph_geometry(graph, passes->rows, error))
        return NULL;
    passes->passes = g_new0(Pass, passes->segments->len);
    for (guint p = 0; p < passes->segments->len; p++) {
        Pass *pass = &passes->passes[p];
        pass->segment = g_ptr_array_index(passes->segments, p);
        if (!find_reach(pass->segment->graph, &pass->reach, error))
            return NULL;
        GanGraph *fused = gan_graph_fuse(pass->segment->graph, error);
        if (!fused)
            return NULL;
        pass->program = gan_program_new(fused, device);
        passes->n++;
    }
    return g_steal_pointer(&passes);
}

void gan_passes_free(GanPasses *passes)
{
    if (passes == NULL)
        return;
    for (guint p = 0; p < passes->n; p++)
        gan_program_free(passes->passes[p].program);
    g_clear_pointer(&passes->segments, g_ptr_array_unref);
    gan_workspace_unref(passes->workspace);
    gan_device_unref(passes->device);
    g_free(passes->passes);
    g_free(passes->rows);
    g_free(passes);
}

// --- places ---

// The model's input that a node is, or -1.
static int input_of(const GanPasses *passes, guint id)
{
    for (guint k = 0; k < gan_graph_n_inputs(passes->graph); k++)
        if (gan_graph_input_at(passes->graph, k)->id == id)
            return (int)k;
    return -1;
}

// The part of a value that stands where pixels [x0, x1) x [y0, y1) of the picture are. Beyond the
// last whole pixel of the picture a value has what its network gave it.
typedef struct {
    gsize x, y, w, h;
} Part;

static void part_along(guint from, guint to, guint length, gsize full, const GanGeometry *row,
                       gsize *at, gsize *extent)
{
    *at = (gsize)from * row->scale_num / row->scale_den;
    *extent = (to == length ? full : (gsize)to * row->scale_num / row->scale_den) - *at;
}

static Part part_of(const GanPasses *passes, guint id, const GanShape *full, const guint area[4],
                    guint width, guint height)
{
    const GanGeometry *row = &passes->rows[id];
    Part part = {0, 0, 1, 1};
    if (row->scale_num == 0)
        return part;
    part_along(area[0], area[1], width, full->w, row, &part.x, &part.w);
    part_along(area[2], area[3], height, full->h, row, &part.y, &part.h);
    return part;
}

// The shapes of a segment's inputs for the tile that reads `area`.
static void input_shapes(const GanPasses *passes, const GanSegment *segment, const GanShape *full,
                         const guint area[4], guint width, guint height, GanShape *shapes)
{
    for (guint k = 0; k < segment->n_inputs; k++) {
        const guint id = segment->inputs[k];
        const Part part = part_of(passes, id, &full[id], area, width, height);
        shapes[k] = (GanShape){1, part.h, part.w, gan_graph_node(passes->graph, id)->channels};
    }
}

// Finds the shapes that all values between segments have for the whole picture, by node, and the
// work of each pass (NULL: that is not asked for).
static gboolean find_shapes(GanPasses *passes, guint width, guint height, GanShape *full,
                            double *flops, GError **error)
{
    const guint whole[4] = {0, width, 0, height};
    for (guint k = 0; k < passes->info->n_inputs; k++) {
        const gboolean number = passes->info->inputs[k].kind == GAN_END_NUMBER;
        full[gan_graph_input_at(passes->graph, k)->id] = (GanShape){
            1, number ? 1 : height, number ? 1 : width, passes->info->inputs[k].channels};
    }
    for (guint p = 0; p < passes->n; p++) {
        const GanSegment *segment = passes->passes[p].segment;
        g_autofree GanShape *shapes = g_new(GanShape, MAX(segment->n_inputs, 1));
        input_shapes(passes, segment, full, whole, width, height, shapes);
        g_autoptr(GanPlan) plan = gan_plan_new_for(passes->passes[p].program, NULL, shapes, error);
        if (!plan)
            return FALSE;
        for (guint i = 0; i < segment->n_outputs; i++)
            full[segment->outputs[i].node] = gan_plan_output_shape(plan, i);
        if (flops)
            flops[p] = gan_plan_info(plan)->flops;
    }
    const GanShape *out = &full[gan_graph_output(passes->graph)->id];
    const gsize scale = (gsize)passes->info->scale;
    if (out->w == width * scale && out->h == height * scale)
        return TRUE;
    g_set_error(error, GAN_ERROR, GAN_ERROR_UNSUPPORTED,
                "%s makes %" G_GSIZE_FORMAT " x %" G_GSIZE_FORMAT " pixels of %u x %u",
                passes->info->title, out->w, out->h, width, height);
    return FALSE;
}

static void cut(const GanPasses *passes, const Pass *pass, guint width, guint height, guint tile,
                GanTileAxis *x, GanTileAxis *y)
{
    const guint alignment = 4 * passes->info->alignment;
    gan_tile_axis_init(x, width, tile, alignment, pass->reach, TRUE);
    gan_tile_axis_init(y, height, tile, alignment, pass->reach, TRUE);
}

// --- prediction ---

static guint64 length_of(const GanShape *shape)
{
    return (guint64)shape->n * shape->h * shape->w * shape->c;
}

gboolean gan_passes_estimate(GanPasses *passes, guint width, guint height, guint tile,
                             GanEstimate *estimate, GError **error)
{
    g_autofree GanShape *full = g_new0(GanShape, gan_graph_n_nodes(passes->graph));
    guint64 kept = 0, most_kept = 0, most = 0, most_gpu = 0, cache = 0;
    GanEstimate found = {0};
    if (!find_shapes(passes, width, height, full, NULL, error))
        return FALSE;
    for (guint p = 0; p < passes->n; p++) {
        const Pass *pass = &passes->passes[p];
        const GanSegment *segment = pass->segment;
        GanTileAxis x, y;
        cut(passes, pass, width, height, tile, &x, &y);
        const guint area[4] = {0, x.read, 0, y.read};
        g_autofree GanShape *shapes = g_new(GanShape, MAX(segment->n_inputs, 1));
        input_shapes(passes, segment, full, area, width, height, shapes);
        g_autoptr(GanPlan) plan = gan_plan_new_for(pass->program, NULL, shapes, error);
        if (!plan)
            return FALSE;
        guint64 ends = 0;
        for (guint k = 0; k < segment->n_inputs; k++)
            ends += length_of(&shapes[k]) * sizeof(float);
        for (guint i = 0; i < segment->n_outputs; i++) {
            const GanShape shape = gan_plan_output_shape(plan, i);
            ends += length_of(&shape) * sizeof(float);
            if (segment->outputs[i].kept)
                kept += length_of(&full[segment->outputs[i].node]) * sizeof(float);
        }
        most_kept = MAX(most_kept, kept);
        for (guint i = 0; i < segment->n_dropped; i++)
            kept -= length_of(&full[segment->dropped[i]]) * sizeof(float);
        const guint64 around = 2 * GAN_BLEED_REACH;
        const guint64 pixels = sizeof(float) * 4 * (x.read + around) * (y.read + around);
        const GanPlanInfo *needs = gan_plan_info(plan);
        const guint64 network =
            (guint64)needs->arena_bytes + needs->packed_bytes + needs->scratch_bytes;
        const gboolean gpu = gan_device_backend(passes->device)->device != NULL;
        most = MAX(most, ends + pixels + (gpu ? 0 : network));
        most_gpu = MAX(most_gpu, gpu ? network + ends : 0);
        found.flops += needs->flops * x.n * y.n;
        found.n_tiles += x.n * y.n;
        found.tile_width = (width + x.n - 1) / x.n;
        found.tile_height = (height + y.n - 1) / y.n;
    }
    g_object_get(gegl_config(), "tile-cache-size", &cache, NULL);
    found.memory_bytes = most + MIN(most_kept, cache);
    found.gpu_bytes = most_gpu;
    *estimate = found;
    return TRUE;
}

// --- running ---

// Moments of one value that are being merged; see kernels/ops/moments.h.
typedef struct {
    double n;
    double *mean, *sum; // of each group; sum of squared deviations
} Moments;

// One run.
typedef struct {
    GanPasses *passes;
    const GanPassesRun *run;
    GanShape *full;     // by node
    GeglBuffer **kept;  // by node
    float **vectors;    // by node: moments, and kept values without pixels
    double done, share; // finished part of the run, and that of the tile at work
} Work;

static void work_clear(Work *work)
{
    const guint n = gan_graph_n_nodes(work->passes->graph);
    for (guint i = 0; i < n; i++) {
        g_clear_object(&work->kept[i]);
        g_free(work->vectors[i]);
    }
    g_free(work->full);
    g_free(work->kept);
    g_free(work->vectors);
}
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC(Work, work_clear)

// What a pass takes for its tiles.
typedef struct {
    Work *work;
    const Pass *pass;
    GanTileAxis x, y;
    guint margin;
    float *pixels;     // of the picture, with margin; where the segment reads it
    float **in, **out; // of the segment's inputs and outputs
    GkView *from, *to;
    Moments *moments; // by the segment's outputs and their moments, in order
    GanPlan *plan;    // of the last tile
    GanShape *shapes; // that it was made for
    GanRows rows;     // of the last segment
} Sweep;

static void sweep_clear(Sweep *sweep)
{
    const GanSegment *segment = sweep->pass->segment;
    guint m = 0;
    for (guint k = 0; k < segment->n_inputs && sweep->in; k++)
        g_free(sweep->in[k]);
    for (guint i = 0; i < segment->n_outputs && sweep->out; i++) {
        g_free(sweep->out[i]);
        for (guint k = 0; k < segment->outputs[i].n_moments; k++, m++) {
            g_free(sweep->moments[m].mean);
            g_free(sweep->moments[m].sum);
        }
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
        sweep->in[k] = g_try_new(float, length_of(s));
        sweep->from[k] = gk_view_nhwc(sweep->in[k], GK_F32, s->n, s->h, s->w, s->c);
        if (!sweep->in[k])
            return set_no_memory(sweep, error);
    }
    for (guint i = 0; i < segment->n_outputs; i++) {
        const GanShape s = gan_plan_output_shape(sweep->plan, i);
        g_free(sweep->out[i]);
        sweep->out[i] = g_try_new(float, length_of(&s));
        sweep->to[i] = gk_view_nhwc(sweep->out[i], GK_F32, s.n, s.h, s.w, s.c);
        if (!sweep->out[i])
            return set_no_memory(sweep, error);
    }
    return TRUE;
}

static gboolean sweep_init(Sweep *sweep, Work *work, const Pass *pass, gboolean last,
                           GError **error)
{
    const GanPassesRun *run = work->run;
    const GanPasses *passes = work->passes;
    const GanSegment *segment = pass->segment;
    const GanReader *reader = run->reader;
    guint n_moments = 0;
    sweep->work = work;
    sweep->pass = pass;
    cut(passes, pass, run->width, run->height, run->tile, &sweep->x, &sweep->y);
    sweep->in = g_new0(float *, MAX(segment->n_inputs, 1));
    sweep->out = g_new0(float *, MAX(segment->n_outputs, 1));
    sweep->from = g_new0(GkView, MAX(segment->n_inputs, 1));
    sweep->to = g_new0(GkView, MAX(segment->n_outputs, 1));
    sweep->shapes = g_new0(GanShape, MAX(segment->n_inputs, 1));
    for (guint i = 0; i < segment->n_outputs; i++)
        n_moments += segment->outputs[i].n_moments;
    sweep->moments = g_new0(Moments, MAX(n_moments, 1));
    for (guint i = 0, m = 0; i < segment->n_outputs; i++) {
        const GanSegmentOutput *output = &segment->outputs[i];
        for (guint k = 0; k < output->n_moments; k++, m++) {
            const guint groups = gan_graph_node(passes->graph, output->moments[k])->channels / 2;
            sweep->moments[m].mean = g_new0(double, groups);
            sweep->moments[m].sum = g_new0(double, groups);
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
    return !last ||
           gan_rows_init(&sweep->rows, run->composer, &sweep->x, &sweep->y,
                         (guint)passes->info->scale, reader->n_colours, reader->alpha, error);
}

// Fills in the inputs of a tile.
static gboolean sweep_read(Sweep *sweep, const GanTile *tile, const guint area[4], gboolean last,
                           GError **error)
{
    const Work *work = sweep->work;
    const GanPasses *passes = work->passes;
    const GanPassesRun *run = work->run;
    const GanSegment *segment = sweep->pass->segment;
    gboolean has_pixels = FALSE;
    if (last && !gan_reader_pixels(run->reader, tile, sweep->pixels, error))
        return FALSE;
    has_pixels = last;
    for (guint k = 0; k < segment->n_inputs; k++) {
        const guint id = segment->inputs[k];
        const int own = input_of(passes, id);
        if (own >= 0) {
            if (!has_pixels && !gan_reader_pixels(run->reader, tile, sweep->pixels, error))
                return FALSE;
            has_pixels = TRUE;
            if (!gan_reader_input(run->reader, tile, (guint)own, sweep->pixels, sweep->in[k],
                                  error))
                return FALSE;
        } else if (work->vectors[id]) {
            memcpy(sweep->in[k], work->vectors[id], sweep->shapes[k].c * sizeof(float));
        } else {
            const Part part = part_of(passes, id, &work->full[id], area, run->width, run->height);
            gegl_buffer_get(work->kept[id],
                            GEGL_RECTANGLE((gint)part.x, (gint)part.y, (gint)part.w, (gint)part.h),
                            1.0, format_of((guint)work->full[id].c), sweep->in[k],
                            GEGL_AUTO_ROWSTRIDE, GEGL_ABYSS_NONE);
        }
    }
    return TRUE;
}

// Merges the moments of a rectangle of a dense picture into those so far (Chan et al. 1979).
static void merge(Moments *moments, guint groups, const float *from, gsize stride, gsize w, gsize h,
                  gsize c)
{
    const gsize per_group = c / groups;
    const double n = (double)(w * h * per_group), whole = moments->n + n;
    g_autofree double *mean = g_new0(double, c), *sum = g_new0(double, c);
    for (gsize y = 0; y < h; y++)
        for (gsize x = 0; x < w; x++)
            for (gsize i = 0; i < c; i++)
                mean[i] += from[y * stride + x * c + i];
    for (guint g = 0; g < groups; g++) {
        double total = 0;
        for (gsize i = g * per_group; i < (g + 1) * per_group; i++)
            total += mean[i];
        for (gsize i = g * per_group; i < (g + 1) * per_group; i++)
            mean[i] = total / n;
    }
    for (gsize y = 0; y < h; y++)
        for (gsize x = 0; x < w; x++)
            for (gsize i = 0; i < c; i++) {
                const double d = from[y * stride + x * c + i] - mean[i];
                sum[i] += d * d;
            }
    for (guint g = 0; g < groups; g++) {
        const double apart = mean[g * per_group] - moments->mean[g];
        double total = 0;
        for (gsize i = g * per_group; i < (g + 1) * per_group; i++)
            total += sum[i];
        moments->sum[g] += total + apart * apart * moments->n * n / whole;
        moments->mean[g] += apart * n / whole;
    }
    moments->n = whole;
}

// Keeps the part of each output that the tile answers for, and takes its moments.
static gboolean sweep_write(Sweep *sweep, const GanTile *tile, const guint area[4], GError **error)
{
    Work *work = sweep->work;
    const GanPasses *passes = work->passes;
    const GanPassesRun *run = work->run;
    const GanReader *reader = run->reader;
    const GanSegment *segment = sweep->pass->segment;
    const guint answer[4] = {tile->area_x0, tile->area_x1, tile->area_y0, tile->area_y1};
    for (guint i = 0, m = 0; i < segment->n_outputs; i++) {
        const GanSegmentOutput *output = &segment->outputs[i];
        const GanShape *full = &work->full[output->node];
        const Part read = part_of(passes, output->node, full, area, run->width, run->height);
        const Part part = part_of(passes, output->node, full, answer, run->width, run->height);
        if (sweep->to[i].w != read.w || sweep->to[i].h != read.h) {
            g_set_error(error, GAN_ERROR, GAN_ERROR_UNSUPPORTED,
                        "%s: the pixels of '%s' do not stand where those of the picture do",
                        passes->info->title, gan_graph_node(passes->graph, output->node)->name);
            return FALSE;
        }
        const gsize c = full->c, stride = read.w * c;
        const float *from = sweep->out[i] + (part.y - read.y) * stride + (part.x - read.x) * c;
        for (guint k = 0; k < output->n_moments; k++, m++)
            merge(&sweep->moments[m],
                  gan_graph_node(passes->graph, output->moments[k])->channels / 2, from, stride,
                  part.w, part.h, c);
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
    Work *work = sweep->work;
    const GanSegment *segment = sweep->pass->segment;
    for (guint i = 0, m = 0; i < segment->n_outputs; i++)
        for (guint k = 0; k < segment->outputs[i].n_moments; k++, m++) {
            const guint id = segment->outputs[i].moments[k];
            const guint groups = gan_graph_node(work->passes->graph, id)->channels / 2;
            const Moments *moments = &sweep->moments[m];
            float *vector = g_new(float, 2 * (gsize)groups);
            for (guint g = 0; g < groups; g++) {
                vector[g] = (float)moments->mean[g];
                vector[groups + g] = (float)(moments->sum[g] / moments->n);
            }
            work->vectors[id] = vector;
        }
    for (guint i = 0; i < segment->n_dropped; i++) {
        g_clear_object(&work->kept[segment->dropped[i]]);
        g_clear_pointer(&work->vectors[segment->dropped[i]], g_free);
    }
}

static gboolean tell(double fraction, gpointer data)
{
    const Work *work = data;
    const GanPassesRun *run = work->run;
    return !run->progress ||
           run->progress(MIN(work->done + fraction * work->share, 1.0), run->data);
}

static gboolean run_pass(Work *work, const Pass *pass, gboolean last, GError **error)
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
        input_shapes(work->passes, segment, work->full, area, run->width, run->height, shapes);
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

gboolean gan_passes_run(GanPasses *passes, const GanPassesRun *run, GError **error)
{
    const guint n = gan_graph_n_nodes(passes->graph);
    g_auto(Work) work = {.passes = passes, .run = run};
    work.full = g_new0(GanShape, n);
    work.kept = g_new0(GeglBuffer *, n);
    work.vectors = g_new0(float *, n);
    g_autofree double *flops = g_new0(double, passes->n);
    if (!find_shapes(passes, run->width, run->height, work.full, flops, error))
        return FALSE;
    double all = 0;
    for (guint p = 0; p < passes->n; p++)
        all += flops[p];
    for (guint p = 0; p < passes->n; p++) {
        work.share = flops[p] / MAX(all, 1.0);
        if (!run_pass(&work, &passes->passes[p], p + 1 == passes->n, error))
            return FALSE;
    }
    return TRUE;
}
