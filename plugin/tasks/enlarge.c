// SPDX-License-Identifier: LGPL-3.0-or-later
#include "enlarge.h"

#include <gan/upscale.h>
#include <glib/gi18n-lib.h>

const ArgumentChoice enlarge_alphas[] = {
    [ENLARGE_ALPHA_CUBIC] = {"cubic", N_("Cubic interpolation")},
    [ENLARGE_ALPHA_NETWORK] = {"network", N_("The model")},
    [ENLARGE_ALPHA_AUTO] = {"auto", N_("The model for text, else cubic")},
    [ENLARGE_ALPHA_DATA] = {"data", N_("As data, with the colours under it")},
    {NULL, NULL},
};

gboolean enlarge_alpha_is_data(const Values *values)
{
    return values_integer(values, "alpha") == ENLARGE_ALPHA_DATA;
}

gboolean enlarge_alpha_by_network(const Values *values)
{
    return values_integer(values, "alpha") == ENLARGE_ALPHA_NETWORK ||
           enlarge_alpha_is_data(values);
}

void enlarge_suit(Values *values, const HostLayer *layer)
{
    // As quick as it can be where there is none.
    if (!layer->has_alpha)
        values_set_number(values, "alpha", ENLARGE_ALPHA_CUBIC);
    else if (values_integer(values, "alpha") == ENLARGE_ALPHA_AUTO)
        values_set_number(values, "alpha",
                          layer->is_text ? ENLARGE_ALPHA_NETWORK : ENLARGE_ALPHA_CUBIC);
}

gboolean enlarge_size(guint width, guint height, double wide, double high, guint *new_width,
                      guint *new_height, GError **error)
{
    if (MAX(wide / width, high / height) > ENLARGE_MOST_FACTOR) {
        g_set_error(error, GAN_ERROR, GAN_ERROR_ARGUMENT,
                    _("%.0f x %.0f pixels is more than %g times the present size. Choose a smaller "
                      "size, or enlarge in two steps."),
                    wide, high, ENLARGE_MOST_FACTOR);
        return FALSE;
    }
    if (wide > ENLARGE_MOST_SIDE || high > ENLARGE_MOST_SIDE) {
        g_set_error(error, GAN_ERROR, GAN_ERROR_ARGUMENT,
                    _("%.0f x %.0f pixels is too large; a side may have %d at most. Choose a "
                      "smaller size."),
                    wide, high, ENLARGE_MOST_SIDE);
        return FALSE;
    }
    *new_width = (guint)MAX(wide, 1.0);
    *new_height = (guint)MAX(high, 1.0);
    return TRUE;
}

TaskReach enlarge_reach(const GanModelInfo *model)
{
    // Cubics reach 3 pixels and colour is bled 16 pixels far, both beyond the network's reach. A
    // second pass sees as far in pixels of the first one's result.
    enum { AROUND = 19, TILE_GRID = 4 };
    const guint reach = model->exact_tiles ? model->reach : 2 * model->overlap;
    const guint second = (guint)model->scale > 1 ? reach / ((guint)model->scale - 1) : 0;
    return (TaskReach){.margin = AROUND + reach + second,
                       .grid = TILE_GRID * MAX(model->alignment, 1)};
}

gboolean enlarge_cost(GanRunner *runner, guint width, guint height, guint new_width,
                      guint new_height, gboolean measure, TaskCost *cost, GError **error)
{
    GanUpscalePlan plan;
    const GanUpscaleOptions options = {.width = new_width, .height = new_height};
    if (!gan_upscale_plan(runner, width, height, &options, measure, &plan, error))
        return FALSE;
    *cost = (TaskCost){.memory_bytes = plan.memory_bytes,
                       .gpu_bytes = plan.gpu_bytes,
                       .seconds = plan.seconds,
                       .n_passes = plan.passes};
    return TRUE;
}
