// SPDX-License-Identifier: LGPL-3.0-or-later
// A runner: its plans, the size of its tiles, and what it predicts of a run.
//
// Tile size: a picture that fits into TILE_BYTES is one tile. Otherwise tiles grow until the
// borders cost little (ENOUGH_BORDERS tiles' sides), within TILE_BYTES, because larger ones gain
// nothing and cost memory; where borders are so wide that such a tile would mostly compute borders,
// up to the whole budget is used.
#include "runner-private.h"

#include "pixels.h"

#include <math.h>

#define TILE_BYTES ((guint64)512 << 20)
#define ENOUGH_BORDERS 40 // a tile of 40 borders computes 10 % more than the picture has
#define LEAST_BORDERS 9   // one of 9, 50 %
#define MOST_TILE 2048

// Multiplications by a weight, on average, below which reading it takes longer.
#define FEW_USES 100

static gboolean is_picture(const GanEnd *end)
{
    return end->kind == GAN_END_PICTURE && (end->channels == 1 || end->channels == 3);
}

GanRunner *gan_runner_new(GanModel *model, GanDevice *device, const GanRunnerOptions *options,
                          GError **error)
{
    g_return_val_if_fail(model && device, NULL);
    const GanModelInfo *info = gan_model_info(model);
    if (!is_picture(&info->inputs[0]) || !is_picture(&info->output) ||
        info->output.channels < info->inputs[0].channels) {
        g_set_error(error, GAN_ERROR, GAN_ERROR_UNSUPPORTED,
                    "%s takes %u channels and gives %u; pictures need 1 and 1, 1 and 3, or 3 and 3",
                    info->title, info->inputs[0].channels, info->output.channels);
        return NULL;
    }
    if (info->scale < 1 || info->scale != floor(info->scale)) {
        g_set_error(error, GAN_ERROR, GAN_ERROR_UNSUPPORTED,
                    "%s enlarges by %g; a whole factor is needed", info->title, info->scale);
        return NULL;
    }
    if (gan_device_backend(device)->dtype != GK_F32) {
        g_set_error(error, GAN_ERROR, GAN_ERROR_UNSUPPORTED,
                    "%s computes in another type than float32", gan_device_description(device));
        return NULL;
    }
    GanProgram *program =
        gan_model_check_numbers(model, error) ? gan_model_program(model, device, error) : NULL;
    if (!program)
        return NULL;
    GanRunner *runner = g_new0(GanRunner, 1);
    runner->model = gan_model_ref(model);
    runner->device = gan_device_ref(device);
    runner->program = program;
    runner->workspace = gan_workspace_new(device);
    runner->info = info;
    if (options)
        runner->options = *options;
    if (info->sight == GAN_SIGHT_STATISTICS) {
        runner->passes = gan_passes_new(model, device, runner->workspace, error);
        if (!runner->passes) {
            gan_runner_free(runner);
            return NULL;
        }
    }
    return runner;
}

void gan_runner_free(GanRunner *runner)
{
    if (!runner)
        return;
    for (guint i = 0; i < N_PLANS; i++)
        gan_plan_free(runner->plans[i].plan);
    gan_passes_free(runner->passes);
    gan_workspace_unref(runner->workspace);
    gan_model_unref(runner->model);
    gan_device_unref(runner->device);
    g_free(runner);
}

GanModel *gan_runner_model(const GanRunner *runner)
{
    return runner->model;
}

double gan_runner_network_seconds(const GanRunner *runner)
{
    g_return_val_if_fail(runner, 0.0);
    return (double)runner->network_us * 1e-6;
}

void gan_runner_shapes(const GanRunner *runner, guint width, guint height,
                       GanShape shapes[GAN_MODEL_MAX_INPUTS])
{
    const GanModelInfo *info = runner->info;
    for (guint k = 0; k < info->n_inputs; k++) {
        const gboolean number = info->inputs[k].kind == GAN_END_NUMBER;
        shapes[k] =
            (GanShape){1, number ? 1 : height, number ? 1 : width, info->inputs[k].channels};
    }
}

GanPlan *gan_runner_plan(GanRunner *runner, guint width, guint height, GError **error)
{
    GanPlan *found = NULL;
    for (guint i = 0; i < N_PLANS; i++) {
        if (runner->plans[i].width == width && runner->plans[i].height == height)
            found = runner->plans[i].plan;
    }
    if (found)
        return found;
    GanShape shapes[GAN_MODEL_MAX_INPUTS];
    gan_runner_shapes(runner, width, height, shapes);
    GanPlan *plan = gan_plan_new_for(runner->program, runner->workspace, shapes, error);
    if (!plan)
        return NULL;
    const guint i = runner->next_plan++ % N_PLANS;
    gan_plan_free(runner->plans[i].plan);
    runner->plans[i].width = width;
    runner->plans[i].height = height;
    runner->plans[i].plan = plan;
    return plan;
}

void gan_runner_cut(const GanRunner *runner, guint width, guint height, guint tile, GanTileAxis *x,
                    GanTileAxis *y)
{
    const GanModelInfo *info = runner->info;
    gan_tile_axis_init(x, width, tile, 4 * info->alignment, info->overlap, info->exact_tiles);
    gan_tile_axis_init(y, height, tile, 4 * info->alignment, info->overlap, info->exact_tiles);
}

void gan_runner_release(GanRunner *runner)
{
    gan_workspace_release(runner->workspace);
}

// Predicts a run that is cut so: what the plan takes, and the tiles' pixels as floats on either
// side of it.
static gboolean predict(GanRunner *runner, const GanTileAxis *x, const GanTileAxis *y,
                        GanEstimate *estimate, GError **error)
{
    const GanModelInfo *info = runner->info;
    GanShape shapes[GAN_MODEL_MAX_INPUTS];
    gan_runner_shapes(runner, x->read, y->read, shapes);
    g_autoptr(GanPlan) plan = gan_plan_new_for(runner->program, NULL, shapes, error);
    if (!plan)
        return FALSE;
    const GanPlanInfo *needs = gan_plan_info(plan);
    const guint64 in = (guint64)x->read * y->read, around = 2 * GAN_BLEED_REACH;
    const guint scale = (guint)info->scale;
    const guint64 out = in * scale * scale;
    guint64 input = 0;
    for (guint k = 0; k < info->n_inputs; k++)
        input += sizeof(float) * shapes[k].h * shapes[k].w * shapes[k].c;
    const guint64 ends = input + sizeof(float) * out * info->output.channels;
    const guint64 pixels = sizeof(float) * (x->read + around) * (y->read + around) * 4;
    const guint64 shared = 2 * (guint64)y->ramp * scale * x->length * scale +
                           2 * (guint64)x->ramp * scale * y->read * scale;
    const guint64 carried = x->n * y->n > 1 ? sizeof(float) * shared * 4 : 0;
    const guint64 network =
        (guint64)needs->arena_bytes + needs->packed_bytes + needs->scratch_bytes;
    const GkDevice *gpu = gan_device_backend(runner->device)->device;
    *estimate = (GanEstimate){.flops = needs->flops * x->n * y->n};
    if (gpu != NULL) {
        // Both ends of each run that is under way, on the GPU and beside it.
        estimate->gpu_bytes = network + gpu->n_slots * ends;
        estimate->memory_bytes = gpu->n_slots * (ends + pixels + input) + carried;
    } else {
        estimate->memory_bytes = network + ends + pixels + carried;
    }
    return TRUE;
}

// What a run may take: of a GPU's memory and of the process's.
typedef struct {
    guint64 gpu_bytes, memory_bytes;
} Budget;

static Budget find_budget(const GanRunner *runner)
{
    const guint64 most = runner->options.memory_bytes;
    return (Budget){
        .gpu_bytes = most > 0 ? most : gan_device_free_bytes(runner->device) / 2,
        .memory_bytes = most > 0 ? most : gan_process_free_bytes() / 2,
    };
}

static gboolean fits(const GanEstimate *estimate, const Budget *budget)
{
    return estimate->gpu_bytes <= budget->gpu_bytes &&
           estimate->memory_bytes <= budget->memory_bytes;
}

static void refuse(const GanEstimate *estimate, const Budget *budget, GError **error)
{
    const gboolean on_gpu = estimate->gpu_bytes > budget->gpu_bytes;
    const guint64 needed = on_gpu ? estimate->gpu_bytes : estimate->memory_bytes;
    const guint64 allowed = on_gpu ? budget->gpu_bytes : budget->memory_bytes;
    g_set_error(error, GAN_ERROR, GAN_ERROR_MEMORY,
                "the smallest tile needs %" G_GUINT64_FORMAT " MB%s; %" G_GUINT64_FORMAT
                " MB are allowed",
                (needed >> 20) + 1, on_gpu ? " of the GPU's memory" : "", allowed >> 20);
}

// Sides of tiles that passes are tried with: their borders are a few pixels, so that large tiles
// gain little.
static const guint PASS_TILES[] = {768, 512, 384, 256, 128, 64, 32, 16, LEAST_TILE};

static gboolean choose_pass_tile(GanRunner *runner, guint width, guint height, guint *tile,
                                 GanEstimate *estimate, GError **error)
{
    const Budget budget = find_budget(runner);
    for (guint i = 0; i < G_N_ELEMENTS(PASS_TILES); i++) {
        *tile = PASS_TILES[i];
        if (!gan_passes_estimate(runner->passes, width, height, *tile, estimate, error))
            return FALSE;
        if (fits(estimate, &budget))
            return TRUE;
    }
    refuse(estimate, &budget, error);
    return FALSE;
}

// Whether the whole picture at once is within the budget and what is of use.
static gboolean fits_whole(GanRunner *runner, guint width, guint height, GanEstimate *estimate)
{
    GanTileAxis x, y;
    const Budget budget = find_budget(runner);
    gan_runner_cut(runner, width, height, MAX(width, height), &x, &y);
    return predict(runner, &x, &y, estimate, NULL) && fits(estimate, &budget) &&
           MAX(estimate->gpu_bytes, estimate->memory_bytes) <= TILE_BYTES;
}

gboolean gan_runner_choose_tile(GanRunner *runner, guint width, guint height, guint *tile,
                                gboolean *in_passes, GanEstimate *estimate, GError **error)
{
    GanTileAxis x, y;
    *in_passes =
        runner->passes && (runner->options.tile > 0 ? runner->options.tile < MAX(width, height)
                                                    : !fits_whole(runner, width, height, estimate));
    if (*in_passes && runner->options.tile == 0)
        return choose_pass_tile(runner, width, height, tile, estimate, error);
    if (*in_passes) {
        *tile = runner->options.tile;
        return gan_passes_estimate(runner->passes, width, height, *tile, estimate, error);
    }
    if (runner->options.tile > 0) {
        *tile = runner->options.tile;
        gan_runner_cut(runner, width, height, *tile, &x, &y);
        return predict(runner, &x, &y, estimate, error);
    }
    const Budget budget = find_budget(runner);
    const guint overlap = runner->info->overlap;
    const guint enough = CLAMP(ENOUGH_BORDERS * overlap, 128, MOST_TILE);
    guint side = MAX(width, height);
    for (;;) {
        gan_runner_cut(runner, width, height, side, &x, &y);
        if (!predict(runner, &x, &y, estimate, error))
            return FALSE;
        const guint64 bytes = MAX(estimate->gpu_bytes, estimate->memory_bytes);
        const gboolean useful = side <= enough || x.n * y.n == 1;
        if (fits(estimate, &budget) && useful &&
            (bytes <= TILE_BYTES || side <= LEAST_BORDERS * overlap))
            break;
        if (side <= LEAST_TILE) {
            if (fits(estimate, &budget))
                break;
            refuse(estimate, &budget, error);
            return FALSE;
        }
        side = MIN(MAX(LEAST_TILE, MIN(side * 7 / 8, side - 1)), enough);
    }
    *tile = side;
    return TRUE;
}

// Times one small tile: floating-point operations a second.
static gboolean measure_speed(GanRunner *runner, double *speed, GError **error)
{
    static const guint sides[] = {32, 96};
    for (guint i = 0; i < G_N_ELEMENTS(sides); i++) {
        const guint side = (sides[i] + runner->info->alignment - 1) / runner->info->alignment *
                           runner->info->alignment;
        GanShape shapes[GAN_MODEL_MAX_INPUTS];
        gan_runner_shapes(runner, side, side, shapes);
        g_autoptr(GanPlan) plan = gan_plan_new_for(runner->program, NULL, shapes, error);
        if (!plan)
            return FALSE;
        const GanPlanInfo *needs = gan_plan_info(plan);
        gsize widest = 1;
        for (guint k = 0; k < runner->info->n_inputs; k++)
            widest = MAX(widest, shapes[k].c);
        // All inputs may be the same zeros.
        g_autofree float *in = g_try_new0(float, (gsize)side *side *widest);
        g_autofree float *out = g_try_new(float, needs->out_h * needs->out_w * needs->out_c);
        if (!in || !out) {
            g_set_error(error, GAN_ERROR, GAN_ERROR_MEMORY, "no memory for a tile of %u pixels",
                        side);
            return FALSE;
        }
        GkView from[GAN_MODEL_MAX_INPUTS];
        for (guint k = 0; k < runner->info->n_inputs; k++)
            from[k] = gk_view_nhwc(in, GK_F32, 1, shapes[k].h, shapes[k].w, shapes[k].c);
        const GkView to = gk_view_nhwc(out, GK_F32, 1, needs->out_h, needs->out_w, needs->out_c);
        // The first run packs weights and wakes threads.
        gint64 took = 0;
        for (int run = 0; run < 2; run++) {
            const gint64 start = g_get_monotonic_time();
            if (!gan_plan_run(plan, from, &to, NULL, NULL, error))
                return FALSE;
            took = MAX(g_get_monotonic_time() - start, 1);
        }
        *speed = needs->flops / ((double)took * 1e-6);
        // A larger tile tells more, where it takes no longer than a glance, and where the small one
        // did no more than read large weights once.
        if (took > 30000 && needs->flops > FEW_USES * 2.0 * (double)runner->info->n_parameters)
            break;
    }
    return TRUE;
}

gboolean gan_runner_estimate(GanRunner *runner, guint width, guint height, gboolean measure,
                             GanEstimate *estimate, GError **error)
{
    g_return_val_if_fail(runner && estimate && width > 0 && height > 0, FALSE);
    GanEstimate found;
    guint tile = 0;
    gboolean in_passes = FALSE;
    if (!gan_runner_choose_tile(runner, width, height, &tile, &in_passes, &found, error))
        return FALSE;
    // Once: a dialog asks again whenever a number changes.
    if (measure && runner->speed <= 0.0 && !measure_speed(runner, &runner->speed, error))
        return FALSE;
    if (!in_passes) {
        GanTileAxis x, y;
        gan_runner_cut(runner, width, height, tile, &x, &y);
        found.tile_width = (width + x.n - 1) / x.n;
        found.tile_height = (height + y.n - 1) / y.n;
        found.n_tiles = x.n * y.n;
    }
    found.seconds = measure ? found.flops / runner->speed : 0.0;
    *estimate = found;
    return TRUE;
}
