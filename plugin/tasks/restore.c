// SPDX-License-Identifier: LGPL-3.0-or-later
// Restore…: pixels through a network that keeps their size and removes damage; then, where asked
// for, through one that enlarges.
#include "../scope/scope.h"
#include "../session.h"
#include "enlarge.h"

#include <gan/restore.h>
#include <gan/upscale.h>
#include <glib/gi18n-lib.h>
#include <math.h>
#include <string.h>

// Numbers of models are none of them as large as this.
#define MOST_LEVEL 1000.0
// Of the progress, where a model enlarges afterwards.
#define FIRST_PART 0.5

static const Argument ARGUMENTS[] = {
    {.name = "model",
     .label = N_("_Model"),
     .blurb = N_("The model: a name shown by Models…, or the path of a weight file; empty for the "
                 "first that restores"),
     .tip =
         N_("The network that restores. Its words say what it is good for; Models… adds others."),
     .kind = ARGUMENT_MODEL},
    {.name = "strength",
     .label = N_("_Strength"),
     .blurb = N_("How much is restored: 1 is what the model makes, 0 the picture as it is, values "
                 "between mix the two"),
     .tip = N_("1 is what the network makes, 0 the picture as it is."),
     .kind = ARGUMENT_NUMBER,
     .look = ARGUMENT_SLIDER,
     .maximum = 1.0,
     .initial = 1.0,
     .digits = 2},
    {.name = "level",
     .label = N_("_Level"),
     .blurb = N_("How strong the noise is, or what quality JPEG files were saved with, in the "
                 "model's own numbers, where it takes one; -1 for that of the JPEG file that the "
                 "image was opened from, its estimate or its authors' setting"),
     .tip = N_("How strong the noise is, or with what quality the JPEG file was saved. "
               "Automatic takes that of the JPEG file that the image was opened from, else it is "
               "left to the model."),
     .kind = ARGUMENT_NUMBER,
     .look = ARGUMENT_LEVEL,
     .minimum = -1.0,
     .maximum = MOST_LEVEL,
     .initial = -1.0,
     .digits = 2},
    SCOPE_ARGUMENT(
        N_("Sco_pe"),
        N_("What is restored: the whole image, layer by layer; a copy of it; the active "
           "layer, to a new layer above it; the selected part of the active layer, to a new "
           "layer above it with the selection as its mask; or that part as a new image"),
        N_("What is restored. A new layer keeps the old one below it; a new image leaves this one "
           "as "
           "it is.")),
    {.name = "enlarge",
     .label = N_("Then _enlarge"),
     .blurb = N_("How many times as wide and high the restored picture is made by a model that "
                 "enlarges; 1 leaves its size"),
     .tip = N_("How many times as wide and high the restored picture is made; 1 leaves its size."),
     .kind = ARGUMENT_NUMBER,
     .minimum = 1.0,
     .maximum = ENLARGE_MOST_FACTOR,
     .initial = 1.0,
     .digits = 2},
    {.name = "enlarge-model",
     .label = N_("Enlarg_ing model"),
     .blurb = N_("The model that enlarges: a name shown by Models…, or the path of a weight file; "
                 "empty for the first that does"),
     .tip = N_("The network that enlarges afterwards."),
     .kind = ARGUMENT_MODEL,
     .section = ARGUMENT_IN_CONTROLS,
     .task = GAN_TASK_UPSCALE},
    {.name = "device",
     .label = N_("De_vice"),
     .blurb = N_("Where to compute: auto, cpu or cuda"),
     .tip = N_("Where it is computed. Automatic takes a graphics processor where one can be used."),
     .kind = ARGUMENT_DEVICE,
     .initial_text = "auto"},
    ENLARGE_ALPHA_ARGUMENT(
        N_("What becomes of the transparency of layers, which stays as it is unless the picture is "
           "enlarged: then by cubic interpolation, as a grey picture by the model that enlarges, "
           "or by that model for text layers alone; or, in textures, as one more channel of data "
           "it is restored and enlarged as colours are, which keeps the colours of what is "
           "transparent and takes twice the time"),
        N_("Transparency stays as it is; this says how it is enlarged. As data, in textures, it is "
           "one more channel, restored as colours are, which takes twice the time.")),
};

// --- what values mean ---

static GanRunner *open_runner(Session *session, const Values *values, GError **error)
{
    return session_runner(session, values_text(values, "model"), NULL, 0.0,
                          values_text(values, "device"), error);
}

static double enlarges_by(const Values *values)
{
    return values_number(values, "enlarge");
}

static GanRunner *open_enlarging(Session *session, const Values *values, GError **error)
{
    return session_runner(session_beside(session, GAN_TASK_UPSCALE),
                          values_text(values, "enlarge-model"), NULL, 0.0,
                          values_text(values, "device"), error);
}

static gboolean check(Session *session, const Values *values, GError **error)
{
    return open_runner(session, values, error) != NULL &&
           (enlarges_by(values) <= 1.0 || open_enlarging(session, values, error) != NULL);
}

// What "automatic" means where it is not left to the model: what the picture's own file says, as
// `gimp-gan restore` has it. A network that finds its number itself is not told.
static double automatic(const GanEnd *end, const Values *values)
{
    const guint quality = values_jpeg_quality(values);
    const gboolean is_told =
        end != NULL && end->initial >= end->low && quality > 0 && strcmp(end->name, "quality") == 0;
    return is_told ? CLAMP(quality, (double)end->low, (double)end->high) : (double)NAN;
}

static gboolean level(Session *session, const Values *values, TaskLevel *found, GError **error)
{
    GanModel *model = session_model(session, values_text(values, "model"), NULL, 0.0, error);
    const GanEnd *end = model != NULL ? gan_restore_level(model) : NULL;
    const double own = automatic(end, values);
    if (end != NULL)
        *found = (TaskLevel){g_intern_string(end->name), (double)end->low, (double)end->high,
                             isnan(own) ? (double)end->initial : own};
    return model != NULL;
}

static gboolean size(Session *session, const Values *values, guint width, guint height,
                     guint *new_width, guint *new_height, GError **error)
{
    const double by = enlarges_by(values);
    return enlarge_size(width, height, round(width * by), round(height * by), new_width, new_height,
                        error);
}

// --- the work ---

static guint common_multiple(guint a, guint b)
{
    guint multiple = a;
    while (multiple % b != 0)
        multiple += a;
    return multiple;
}

static gboolean reach(Session *session, const Values *values, TaskReach *found, GError **error)
{
    GanModel *model = session_model(session, values_text(values, "model"), NULL, 0.0, error);
    if (model == NULL)
        return FALSE;
    *found = enlarge_reach(gan_model_info(model));
    if (enlarges_by(values) <= 1.0)
        return TRUE;
    GanModel *enlarging = session_model(session_beside(session, GAN_TASK_UPSCALE),
                                        values_text(values, "enlarge-model"), NULL, 0.0, error);
    if (enlarging == NULL)
        return FALSE;
    const TaskReach then = enlarge_reach(gan_model_info(enlarging));
    found->margin += then.margin;
    found->grid = common_multiple(found->grid, then.grid);
    return TRUE;
}

static gboolean cost(Session *session, const Values *values, guint width, guint height,
                     gboolean measure, TaskCost *found, GError **error)
{
    GanEstimate first;
    TaskCost then = {0};
    guint wide = 0, high = 0;
    GanRunner *runner = open_runner(session, values, error);
    if (runner == NULL || !size(session, values, width, height, &wide, &high, error) ||
        !gan_runner_estimate(runner, width, height, measure, &first, error))
        return FALSE;
    if (enlarges_by(values) > 1.0) {
        GanRunner *enlarging = open_enlarging(session, values, error);
        if (enlarging == NULL ||
            !enlarge_cost(enlarging, width, height, wide, high, measure, &then, error))
            return FALSE;
    }
    // The first network keeps its memory while the second one runs.
    *found = (TaskCost){.memory_bytes = first.memory_bytes + then.memory_bytes,
                        .gpu_bytes = first.gpu_bytes + then.gpu_bytes,
                        .seconds = first.seconds + then.seconds,
                        .n_passes = then.n_passes};
    // What enlarges makes transparency in a run of its own, what restores only where it is data.
    found->twice = enlarges_by(values) > 1.0 ? enlarge_alpha_by_network(values)
                                             : enlarge_alpha_is_data(values);
    if (enlarge_alpha_is_data(values))
        found->seconds += first.seconds;
    if (enlarge_alpha_by_network(values))
        found->seconds += then.seconds;
    return TRUE;
}

// One of two steps, its progress as a part of both.
typedef struct {
    GanProgress progress;
    gpointer data;
    double begin, length;
} Step;

static gboolean step_progress(double fraction, gpointer data)
{
    const Step *step = data;
    return step->progress == NULL ||
           step->progress(step->begin + fraction * step->length, step->data);
}

static GeglBuffer *work(Session *session, const Values *values, GeglBuffer *in, guint width,
                        guint height, GanProgress progress, gpointer data, GError **error)
{
    GanModel *model = session_model(session, values_text(values, "model"), NULL, 0.0, error);
    if (model == NULL)
        return NULL;
    const double given = values_number(values, "level");
    const GanRestoreOptions options = {
        .strength = values_number(values, "strength"),
        .level = given >= 0.0 ? given : automatic(gan_restore_level(model), values),
        .data_alpha = enlarge_alpha_is_data(values)};
    const gboolean enlarges = enlarges_by(values) > 1.0;
    Step step = {progress, data, 0.0, enlarges ? FIRST_PART : 1.0};
    GanRunner *runner = open_runner(session, values, error);
    g_autoptr(GeglBuffer) restored =
        runner != NULL ? gan_restore(runner, in, &options, step_progress, &step, error) : NULL;
    if (restored == NULL || !enlarges)
        return g_steal_pointer(&restored);
    GanRunner *enlarging = open_enlarging(session, values, error);
    const GanUpscaleOptions enlarged = {.width = width,
                                        .height = height,
                                        .network_alpha = enlarge_alpha_by_network(values),
                                        .data_alpha = enlarge_alpha_is_data(values)};
    step.begin = FIRST_PART;
    step.length = 1.0 - FIRST_PART;
    return enlarging != NULL
               ? gan_upscale(enlarging, restored, &enlarged, step_progress, &step, error)
               : NULL;
}

// --- the dialog ---

static void unused(Session *session, const Values *values, const Subject *subject,
                   const char **reasons)
{
    const gboolean enlarges = enlarges_by(values) > 1.0;
    const gboolean opaque = !scope_is_whole(scope_of(values)) && !subject->layer.has_alpha;
    for (guint i = 0; i < G_N_ELEMENTS(ARGUMENTS); i++) {
        const char *name = ARGUMENTS[i].name;
        reasons[i] = NULL;
        if (strcmp(name, "enlarge-model") == 0 && !enlarges)
            reasons[i] = _("Used when the restored picture is enlarged.");
        else if (strcmp(name, "alpha") == 0 && opaque)
            reasons[i] = _("The layer has no transparency.");
    }
}

const Task task_restore = {
    .name = "restore",
    .label = N_("Res_tore…"),
    .title = N_("Restore"),
    .blurb = N_("Removes noise and the damage of JPEG with a pretrained network"),
    .files_blurb = N_("Removes noise and the damage of JPEG from a list of picture files"),
    .help = N_("Runs a network that keeps the size (DnCNN, FFDNet, DRUNet, FBCNN, and those of "
               "ESRGAN and its relatives that do) from a .pth or .safetensors file over every "
               "layer of the image, over the active layer or over the selected part of it, in the "
               "image's own precision and colour space; nothing but pixels changes. A model that "
               "enlarges may follow."),
    .icon = "gimp-tool-heal",
    .result = N_("%s, restored"),
    .arguments = ARGUMENTS,
    .n_arguments = G_N_ELEMENTS(ARGUMENTS),
    .check = check,
    .size = size,
    .reach = reach,
    .cost = cost,
    .level = level,
    .work = work,
    .suit = enlarge_suit,
    .unused = unused,
};
