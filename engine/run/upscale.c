// SPDX-License-Identifier: LGPL-3.0-or-later
// The upscale task: any factor or exact size from a model of a fixed scale.
#include <gan/upscale.h>

#include "alpha.h"
#include "palette.h"
#include "runner-private.h"
#include <gan/resample.h>
#include <math.h>
#include <string.h>

#define LEAST_FACTOR 0.5
#define MOST_FACTOR 16.0
#define MOST_SIDE 500000

// The part of the whole that a resample is for the progress bar.
#define RESAMPLE_SHARE 0.02

static gboolean plan_size(guint width, guint height, const GanUpscaleOptions *options,
                          GanUpscalePlan *plan, GError **error)
{
    const gboolean exact = options->width > 0 && options->height > 0;
    // The comparison also refuses what is not a number.
    if (!exact && !(options->factor >= LEAST_FACTOR && options->factor <= MOST_FACTOR)) {
        g_set_error(error, GAN_ERROR, GAN_ERROR_ARGUMENT,
                    "the factor is %g; it needs to be in %g..%g", options->factor, LEAST_FACTOR,
                    MOST_FACTOR);
        return FALSE;
    }
    const double wide = exact ? options->width : MAX(1.0, round(width * options->factor));
    const double high = exact ? options->height : MAX(1.0, round(height * options->factor));
    if (exact && (wide > MOST_FACTOR * width || high > MOST_FACTOR * height)) {
        g_set_error(error, GAN_ERROR, GAN_ERROR_ARGUMENT,
                    "%u x %u to %.0f x %.0f pixels is more than %g times as large", width, height,
                    wide, high, MOST_FACTOR);
        return FALSE;
    }
    if (wide > MOST_SIDE || high > MOST_SIDE) {
        g_set_error(error, GAN_ERROR, GAN_ERROR_ARGUMENT,
                    "%.0f x %.0f pixels; a side may have %d at most", wide, high, MOST_SIDE);
        return FALSE;
    }
    plan->width = (guint)wide;
    plan->height = (guint)high;
    return TRUE;
}

static guint scale_of(const GanRunner *runner)
{
    return (guint)gan_model_info(gan_runner_model(runner))->scale;
}

// Passes of the network until both sides are reached; one at least, none of them in vain.
static void plan_passes(guint scale, guint width, guint height, GanUpscalePlan *plan)
{
    guint64 wide = (guint64)width * scale, high = (guint64)height * scale;
    for (plan->passes = 1; scale > 1 && (wide < plan->width || high < plan->height);
         plan->passes++) {
        wide *= scale;
        high *= scale;
    }
    plan->resample = wide != plan->width || high != plan->height;
}

gboolean gan_upscale_plan(GanRunner *runner, guint width, guint height,
                          const GanUpscaleOptions *options, gboolean measure, GanUpscalePlan *plan,
                          GError **error)
{
    g_return_val_if_fail(runner && options && plan && width > 0 && height > 0, FALSE);
    GanUpscalePlan found = {0};
    const guint scale = scale_of(runner);
    if (!plan_size(width, height, options, &found, error))
        return FALSE;
    plan_passes(scale, width, height, &found);
    double speed = 0.0;
    for (guint pass = 0; pass < found.passes; pass++, width *= scale, height *= scale) {
        GanEstimate estimate;
        if (!gan_runner_estimate(runner, width, height, measure && pass == 0, &estimate, error))
            return FALSE;
        if (measure && pass == 0 && estimate.seconds > 0.0)
            speed = estimate.flops / estimate.seconds;
        found.memory_bytes = MAX(found.memory_bytes, estimate.memory_bytes);
        found.gpu_bytes = MAX(found.gpu_bytes, estimate.gpu_bytes);
        found.seconds += speed > 0.0 ? estimate.flops / speed : 0.0;
    }
    *plan = found;
    return TRUE;
}

// The format between passes: the picture's own, with at least 16 bits so that nothing
// is rounded twice.
static const Babl *deep_format(const Babl *format)
{
    if (babl_format_get_type(format, 0) != babl_type("u8"))
        return format;
    const char *encoding = babl_format_get_encoding(format);
    g_autofree char *model = g_strndup(encoding, strcspn(encoding, " "));
    g_autofree char *deep = g_strconcat(model, " u16", NULL);
    return babl_format_exists(deep) ? babl_format_with_space(deep, babl_format_get_space(format))
                                    : format;
}

// The progress of one step as that of the whole.
typedef struct {
    GanProgress progress;
    gpointer data;
    double done, share;
} Step;

static gboolean step_progress(double fraction, gpointer data)
{
    const Step *step = data;
    return !step->progress ||
           step->progress(MIN(step->done + fraction * step->share, 1.0), step->data);
}

// Alpha goes by a cubic.
static GeglBuffer *upscale(GanRunner *runner, GeglBuffer *in, const GanUpscaleOptions *options,
                           GanProgress progress, gpointer data, GError **error)
{
    const GeglRectangle *extent = gegl_buffer_get_extent(in);
    const gint scale = (gint)scale_of(runner);
    const Babl *format = gegl_buffer_get_format(in);
    GanUpscalePlan plan = {0};
    if (!plan_size((guint)extent->width, (guint)extent->height, options, &plan, error))
        return NULL;
    plan_passes((guint)scale, (guint)extent->width, (guint)extent->height, &plan);
    // Each pass is scale * scale times as much work as the one before.
    double work = 0.0;
    for (guint pass = 0; pass < plan.passes; pass++)
        work += pow((double)scale * scale, pass);
    Step step = {progress, data, 0.0, 0.0};
    g_autoptr(GeglBuffer) now = g_object_ref(in);
    for (guint pass = 0; pass < plan.passes; pass++) {
        const GeglRectangle *from = gegl_buffer_get_extent(now);
        const gboolean last = pass + 1 == plan.passes && !plan.resample;
        const GeglRectangle to = {0, 0, from->width * scale, from->height * scale};
        g_autoptr(GeglBuffer) next = gegl_buffer_new(&to, last ? format : deep_format(format));
        step.share =
            pow((double)scale * scale, pass) / work * (plan.resample ? 1.0 - RESAMPLE_SHARE : 1.0);
        const GanSource source = {.buffer = now};
        g_autoptr(GanComposer) composer = gan_composer_enlarge(next);
        if (!gan_runner_run(runner, &source, from, composer, step_progress, &step, error))
            return NULL;
        step.done += step.share;
        g_object_unref(now);
        now = g_steal_pointer(&next);
    }
    if (plan.resample) {
        g_autoptr(GeglBuffer) next =
            gegl_buffer_new(GEGL_RECTANGLE(0, 0, (gint)plan.width, (gint)plan.height), format);
        if (!gan_resample_buffer(now, next, error))
            return NULL;
        g_object_unref(now);
        now = g_steal_pointer(&next);
    }
    return g_steal_pointer(&now);
}

static GeglBuffer *upscale_with_alpha(GanRunner *runner, GeglBuffer *in,
                                      const GanUpscaleOptions *options, GanProgress progress,
                                      gpointer data, GError **error)
{
    Step step = {progress, data, 0.0, 0.5};
    g_autoptr(GeglBuffer) out = upscale(runner, in, options, step_progress, &step, error);
    g_autoptr(GeglBuffer) small = out ? gan_alpha_picture(in, error) : NULL;
    step.done = 0.5;
    g_autoptr(GeglBuffer) large =
        small ? upscale(runner, small, options, step_progress, &step, error) : NULL;
    return large && gan_alpha_replace(out, small, large, error) ? g_steal_pointer(&out) : NULL;
}

// Colours and alpha as two pictures that know nothing of each other.
static GeglBuffer *upscale_data(GanRunner *runner, GeglBuffer *in, const GanUpscaleOptions *options,
                                GanProgress progress, gpointer data, GError **error)
{
    Step step = {progress, data, 0.0, 0.5};
    g_autoptr(GeglBuffer) alpha = NULL;
    g_autoptr(GeglBuffer) colours = gan_alpha_split(in, &alpha, error);
    if (colours == NULL || alpha == NULL)
        return colours ? upscale(runner, colours, options, progress, data, error) : NULL;
    g_autoptr(GeglBuffer) large = upscale(runner, colours, options, step_progress, &step, error);
    step.done = 0.5;
    g_autoptr(GeglBuffer) large_alpha =
        large ? upscale(runner, alpha, options, step_progress, &step, error) : NULL;
    return large_alpha ? gan_alpha_joined(large, large_alpha, gegl_buffer_get_format(in), error)
                       : NULL;
}

GeglBuffer *gan_upscale(GanRunner *runner, GeglBuffer *in, const GanUpscaleOptions *options,
                        GanProgress progress, gpointer data, GError **error)
{
    g_return_val_if_fail(runner && GEGL_IS_BUFFER(in) && options, NULL);
    const Babl *format = gegl_buffer_get_format(in), *colours = gan_palette_colours(format);
    g_autoptr(GeglBuffer) from = colours ? gan_palette_converted(in, colours) : g_object_ref(in);
    const gboolean twice = options->network_alpha && babl_format_has_alpha(format);
    g_autoptr(GeglBuffer) out = (options->data_alpha ? upscale_data
                                 : twice             ? upscale_with_alpha
                                         : upscale)(runner, from, options, progress, data, error);
    if (!out)
        return NULL;
    if (progress)
        progress(1.0, data);
    return colours ? gan_palette_converted(out, format) : g_steal_pointer(&out);
}
