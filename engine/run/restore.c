// SPDX-License-Identifier: LGPL-3.0-or-later
// The restore task.
#include <gan/restore.h>

#include "alpha.h"
#include "palette.h"
#include "runner-private.h"

#include <math.h>

const GanEnd *gan_restore_level(const GanModel *model)
{
    const GanModelInfo *info = gan_model_info(model);
    for (guint i = 0; i < info->n_inputs; i++)
        if (info->inputs[i].kind == GAN_END_NUMBER)
            return &info->inputs[i];
    return NULL;
}

// The comparisons also refuse what is not a number.
static gboolean check(const GanModelInfo *info, const GanEnd *level,
                      const GanRestoreOptions *options, GError **error)
{
    if (!(options->strength >= 0.0 && options->strength <= 1.0)) {
        g_set_error(error, GAN_ERROR, GAN_ERROR_ARGUMENT,
                    "the strength is %g; it needs to be in 0..1", options->strength);
        return FALSE;
    }
    if (isnan(options->level))
        return TRUE;
    if (level == NULL) {
        g_set_error(error, GAN_ERROR, GAN_ERROR_ARGUMENT,
                    "%s takes no level; it finds out itself what there is to restore", info->title);
        return FALSE;
    }
    if (options->level >= (double)level->low && options->level <= (double)level->high)
        return TRUE;
    g_set_error(error, GAN_ERROR, GAN_ERROR_ARGUMENT, "the %s is %g; %s takes %g..%g", level->name,
                options->level, info->title, (double)level->low, (double)level->high);
    return FALSE;
}

static GeglBuffer *restore(GanRunner *runner, GeglBuffer *in, const GanRestoreOptions *options,
                           GanProgress progress, gpointer data, GError **error)
{
    GanModel *model = gan_runner_model(runner);
    const GanModelInfo *info = gan_model_info(model);
    const GanEnd *level = gan_restore_level(model);
    const GeglRectangle *extent = gegl_buffer_get_extent(in);
    g_autoptr(GeglBuffer) out = gegl_buffer_new(GEGL_RECTANGLE(0, 0, extent->width, extent->height),
                                                gegl_buffer_get_format(in));
    GanSource sources[GAN_MODEL_MAX_INPUTS] = {{0}};
    for (guint i = 0; i < info->n_inputs; i++) {
        sources[i].buffer = in;
        if (&info->inputs[i] == level)
            sources[i].number = isnan(options->level) ? (double)level->initial : options->level;
    }
    g_autoptr(GanComposer) composer = gan_composer_replace(out, options->strength);
    return gan_runner_run(runner, sources, extent, composer, progress, data, error)
               ? g_steal_pointer(&out)
               : NULL;
}

// The progress of one half as that of the whole.
typedef struct {
    GanProgress progress;
    gpointer data;
    double done;
} Half;

static gboolean half_progress(double fraction, gpointer data)
{
    const Half *half = data;
    return !half->progress || half->progress(half->done + fraction / 2, half->data);
}

// Colours and alpha as two pictures that know nothing of each other.
static GeglBuffer *restore_data(GanRunner *runner, GeglBuffer *in, const GanRestoreOptions *options,
                                GanProgress progress, gpointer data, GError **error)
{
    Half half = {progress, data, 0.0};
    g_autoptr(GeglBuffer) alpha = NULL;
    g_autoptr(GeglBuffer) colours = gan_alpha_split(in, &alpha, error);
    if (colours == NULL || alpha == NULL)
        return colours ? restore(runner, colours, options, progress, data, error) : NULL;
    g_autoptr(GeglBuffer) made = restore(runner, colours, options, half_progress, &half, error);
    half.done = 0.5;
    g_autoptr(GeglBuffer) made_alpha =
        made ? restore(runner, alpha, options, half_progress, &half, error) : NULL;
    return made_alpha ? gan_alpha_joined(made, made_alpha, gegl_buffer_get_format(in), error)
                      : NULL;
}

GeglBuffer *gan_restore(GanRunner *runner, GeglBuffer *in, const GanRestoreOptions *options,
                        GanProgress progress, gpointer data, GError **error)
{
    g_return_val_if_fail(runner && GEGL_IS_BUFFER(in) && options, NULL);
    GanModel *model = gan_runner_model(runner);
    const GanModelInfo *info = gan_model_info(model);
    const GanEnd *level = gan_restore_level(model);
    if (!check(info, level, options, error))
        return NULL;
    const Babl *format = gegl_buffer_get_format(in), *colours = gan_palette_colours(format);
    g_autoptr(GeglBuffer) from = colours ? gan_palette_converted(in, colours) : g_object_ref(in);
    g_autoptr(GeglBuffer) out = (options->data_alpha ? restore_data : restore)(
        runner, from, options, progress, data, error);
    if (out == NULL)
        return NULL;
    return colours ? gan_palette_converted(out, format) : g_steal_pointer(&out);
}
