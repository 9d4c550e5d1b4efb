// SPDX-License-Identifier: LGPL-3.0-or-later
// Runs a network with norms over the whole picture tile by tile: the segments, what lies between
// them, and how much all that takes. sweep.c takes one segment over all tiles.
#include "passes-private.h"

#include <math.h>

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
    passes->model = model;
    passes->info = gan_model_info(model);
    passes->graph = graph;
    passes->device = gan_device_ref(device);
    passes->workspace = gan_workspace_ref(workspace);
    passes->rows = g_new0(GanGeometry, gan_graph_n_nodes(graph));
    passes->segments = gan_graph_segments(graph, error);
    if (!passes->segments || !gan_graph_geometry(graph, passes->rows, error))
        return NULL;
    passes->passes = g_new0(GanPass, passes->segments->len);
    for (guint p = 0; p < passes->segments->len; p++) {
        GanPass *pass = &passes->passes[p];
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

static void part_along(guint from, guint to, guint length, gsize full, const GanGeometry *row,
                       gsize *at, gsize *extent)
{
    *at = (gsize)from * row->scale_num / row->scale_den;
    *extent = (to == length ? full : (gsize)to * row->scale_num / row->scale_den) - *at;
}

GanPart gan_passes_part(const GanPasses *passes, guint id, const GanShape *full,
                        const guint area[4], guint width, guint height)
{
    const GanGeometry *row = &passes->rows[id];
    GanPart part = {0, 0, 1, 1};
    if (row->scale_num == 0)
        return part;
    part_along(area[0], area[1], width, full->w, row, &part.x, &part.w);
    part_along(area[2], area[3], height, full->h, row, &part.y, &part.h);
    return part;
}

void gan_passes_input_shapes(const GanPasses *passes, const GanSegment *segment,
                             const GanShape *full, const guint area[4], guint width, guint height,
                             GanShape *shapes)
{
    for (guint k = 0; k < segment->n_inputs; k++) {
        const guint id = segment->inputs[k];
        const GanPart part = gan_passes_part(passes, id, &full[id], area, width, height);
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
        gan_passes_input_shapes(passes, segment, full, whole, width, height, shapes);
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

void gan_passes_cut(const GanPasses *passes, const GanPass *pass, guint width, guint height,
                    guint tile, GanTileAxis *x, GanTileAxis *y)
{
    const guint alignment = 4 * passes->info->alignment;
    gan_tile_axis_init(x, width, tile, alignment, pass->reach, TRUE);
    gan_tile_axis_init(y, height, tile, alignment, pass->reach, TRUE);
}

// --- prediction ---

guint64 gan_passes_length(const GanShape *shape)
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
        const GanPass *pass = &passes->passes[p];
        const GanSegment *segment = pass->segment;
        GanTileAxis x, y;
        gan_passes_cut(passes, pass, width, height, tile, &x, &y);
        const guint area[4] = {0, x.read, 0, y.read};
        g_autofree GanShape *shapes = g_new(GanShape, MAX(segment->n_inputs, 1));
        gan_passes_input_shapes(passes, segment, full, area, width, height, shapes);
        g_autoptr(GanPlan) plan = gan_plan_new_for(pass->program, NULL, shapes, error);
        if (!plan)
            return FALSE;
        guint64 ends = 0;
        for (guint k = 0; k < segment->n_inputs; k++)
            ends += gan_passes_length(&shapes[k]) * sizeof(float);
        for (guint i = 0; i < segment->n_outputs; i++) {
            const GanShape shape = gan_plan_output_shape(plan, i);
            ends += gan_passes_length(&shape) * sizeof(float);
            if (segment->outputs[i].kept)
                kept += gan_passes_length(&full[segment->outputs[i].node]) * sizeof(float);
        }
        most_kept = MAX(most_kept, kept);
        for (guint i = 0; i < segment->n_dropped; i++)
            kept -= gan_passes_length(&full[segment->dropped[i]]) * sizeof(float);
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

static void work_clear(GanPassesWork *work)
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
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC(GanPassesWork, work_clear)

// Takes all passes. Stops where moments are no numbers, if that is asked for.
static gboolean take_passes(GanPasses *passes, const GanPassesRun *run, gboolean *overflowed,
                            GError **error)
{
    const guint n = gan_graph_n_nodes(passes->graph);
    g_auto(GanPassesWork) work = {.passes = passes, .run = run};
    work.full = g_new0(GanShape, n);
    work.kept = g_new0(GeglBuffer *, n);
    work.vectors = g_new0(float *, n);
    g_autofree double *flops = g_new0(double, passes->n);
    if (!find_shapes(passes, run->width, run->height, work.full, flops, error))
        return FALSE;
    double all = 0;
    for (guint p = 0; p < passes->n; p++)
        all += flops[p];
    for (guint p = 0; p < passes->n && !(overflowed && work.overflowed); p++) {
        work.share = flops[p] / MAX(all, 1.0);
        if (!gan_sweep(&work, &passes->passes[p], p + 1 == passes->n, error))
            return FALSE;
    }
    if (overflowed)
        *overflowed = work.overflowed;
    return TRUE;
}

gboolean gan_passes_run(GanPasses *passes, const GanPassesRun *run, GError **error)
{
    const gboolean gpu = gan_device_backend(passes->device)->device != NULL;
    gboolean overflowed = FALSE;
    if (!take_passes(passes, run, gpu ? &overflowed : NULL, error))
        return FALSE;
    if (!overflowed)
        return TRUE;
    // Values left the range of the GPU's type: all again in a wider one.
    GanDevice *exact = gan_device_in(passes->device, GK_F32, error);
    if (!exact)
        return FALSE;
    GanWorkspace *workspace = gan_workspace_new(exact);
    g_autoptr(GanPasses) again = gan_passes_new(passes->model, exact, workspace, error);
    gan_workspace_unref(workspace);
    return again && take_passes(again, run, NULL, error);
}
