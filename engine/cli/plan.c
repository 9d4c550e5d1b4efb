// SPDX-License-Identifier: LGPL-3.0-or-later
// The steps that a plan for one picture is made of.
#include "pictures.h"
#include "report.h"

gboolean cli_plan_add_passes(CliPlan *plan, const CliNetwork *network, guint n_passes,
                             gboolean measure, GError **error)
{
    const double scale = gan_model_info(network->model)->scale;
    guint width = plan->width, height = plan->height;
    for (guint pass = 0; measure && pass < n_passes; pass++) {
        GanEstimate estimate;
        if (!gan_runner_estimate(network->runner, width, height, FALSE, &estimate, error))
            return FALSE;
        g_autofree char *count = cli_report_count(estimate.n_tiles, "tile", "tiles");
        g_string_append_printf(plan->tiles, "%s%s of %u x %u", plan->n_tiles > 0 ? ", then " : "",
                               count, estimate.tile_width, estimate.tile_height);
        plan->n_tiles += estimate.n_tiles;
        width = (guint)(width * scale);
        height = (guint)(height * scale);
    }
    plan->n_passes += n_passes;
    return TRUE;
}

gboolean cli_plan_add_upscale(CliPlan *plan, const CliNetwork *network,
                              const GanUpscaleOptions *options, gboolean measure, GError **error)
{
    GanUpscalePlan found;
    if (!gan_upscale_plan(network->runner, plan->width, plan->height, options, measure, &found,
                          error) ||
        !cli_plan_add_passes(plan, network, found.passes, measure, error))
        return FALSE;
    plan->width = found.width;
    plan->height = found.height;
    plan->resample = found.resample;
    plan->memory_bytes = MAX(plan->memory_bytes, found.memory_bytes);
    plan->gpu_bytes = MAX(plan->gpu_bytes, found.gpu_bytes);
    plan->seconds += found.seconds;
    return TRUE;
}
