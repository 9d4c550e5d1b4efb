// SPDX-License-Identifier: LGPL-3.0-or-later
// `gimp-gan restore`: removes noise and the damage of compression at the pictures' own size, and
// enlarges the results where that is asked for.
#include "cli.h"

#include "options.h"
#include "pictures.h"
#include "report.h"

#include <gan/image.h>
#include <gan/restore.h>
#include <math.h>
#include <string.h>

#define TEMPLATE "{name}-restored.{ext}"
#define TEMPLATE_THEN "{name}-restored-x{scale}.{ext}"

enum { RESTORE, THEN }; // the networks

typedef struct {
    char *strength_text, *level_text, *noise_text, *then_text;
    double strength;
    double level;  // that was asked for; NAN: none
    double told;   // of the picture that is worked on; NAN: the model's own
    double factor; // of --then-upscale; 0: none
    gboolean data_alpha;
    const GanEnd *number; // of the model, which takes the level; NULL: it has none
} Options;

// Whether the network finds the number itself unless it is told.
static gboolean is_found(const GanEnd *number)
{
    return number->initial < number->low;
}

// Whether a picture's own file says what the model is to be told, unless somebody does.
static gboolean is_of_file(const Options *o)
{
    return o->number != NULL && isnan(o->level) && !is_found(o->number) &&
           strcmp(o->number->name, "quality") == 0;
}

static double level_of(const Options *o, const CliPicture *picture)
{
    const guint quality = is_of_file(o) ? gan_image_jpeg_quality(picture->input) : 0;
    return quality > 0 ? CLAMP(quality, (double)o->number->low, (double)o->number->high) : o->level;
}

static void options_clear(Options *options)
{
    g_free(options->strength_text);
    g_free(options->level_text);
    g_free(options->noise_text);
    g_free(options->then_text);
}
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC(Options, options_clear)

// FACTOR or FACTOR:MODEL.
static gboolean check_then(CliPictures *pictures, Options *o, GError **error)
{
    const char *colon = strchr(o->then_text, ':');
    g_autofree char *factor = g_strndup(o->then_text, colon != NULL ? (gsize)(colon - o->then_text)
                                                                    : strlen(o->then_text));
    if (colon != NULL && colon[1] == '\0') {
        g_set_error(error, GAN_ERROR, GAN_ERROR_ARGUMENT,
                    "--then-upscale is '%s'; after the colon it takes the name of a model.",
                    o->then_text);
        return FALSE;
    }
    if (!cli_options_number("The factor of --then-upscale", factor, 0.5, 16, &o->factor, error))
        return FALSE;
    pictures->networks[THEN] = (CliNetwork){.name = colon != NULL ? colon + 1 : NULL,
                                            .task = GAN_TASK_UPSCALE,
                                            .scale = o->factor,
                                            .option = "--then-upscale FACTOR:NAME"};
    pictures->n_networks = 2;
    pictures->usual = TEMPLATE_THEN;
    return TRUE;
}

static gboolean check(CliPictures *pictures, gpointer data, GError **error)
{
    Options *o = data;
    if (o->level_text != NULL && o->noise_text != NULL) {
        g_set_error(error, GAN_ERROR, GAN_ERROR_ARGUMENT,
                    "--level and --noise exclude each other.");
        return FALSE;
    }
    if (o->strength_text != NULL &&
        !cli_options_number("--strength", o->strength_text, 0, 1, &o->strength, error))
        return FALSE;
    return o->then_text == NULL || check_then(pictures, o, error);
}

static char *complete(CliPictures *pictures, gpointer data, GError **error)
{
    Options *o = data;
    const CliNetwork *network = &pictures->networks[RESTORE];
    const char *text = o->noise_text != NULL ? o->noise_text : o->level_text;
    o->number = gan_restore_level(network->model);
    if (o->noise_text != NULL && o->number != NULL && strcmp(o->number->name, "noise") != 0) {
        g_set_error(error, GAN_ERROR, GAN_ERROR_ARGUMENT,
                    "--noise is '%s', but the number that the model '%s' takes is its %s; --level "
                    "sets it.",
                    text, network->pick.name, o->number->name);
        return NULL;
    }
    if (text != NULL &&
        !cli_pick_level(&network->pick, network->model,
                        o->noise_text != NULL ? "--noise" : "--level", text, &o->level, error))
        return NULL;
    if (text == NULL && o->number != NULL) {
        const double initial = (double)o->number->initial;
        g_autofree char *own =
            is_found(o->number) ? g_strdup("what it finds")
            : is_of_file(o) ? g_strdup_printf("that of each JPEG file, of other files %g,", initial)
                            : g_strdup_printf("%g", initial);
        pictures->note =
            g_strdup_printf("The model takes a number, its %s from %g to %g: %s "
                            "unless --level says another.",
                            o->number->name, (double)o->number->low, (double)o->number->high, own);
    }
    return g_strdup_printf("%g", o->factor > 0 ? o->factor : 1);
}

// Whether colours and alpha go through the networks apart.
static gboolean is_twice(const Options *o, const CliPicture *picture)
{
    return o->data_alpha && babl_format_has_alpha(gegl_buffer_get_format(picture->buffer));
}

static gboolean plan(const CliPictures *pictures, const CliPicture *picture, gboolean measure,
                     CliPlan *plan, gpointer data, GError **error)
{
    Options *o = data;
    const CliNetwork *network = &pictures->networks[RESTORE];
    GanEstimate estimate;
    o->told = level_of(o, picture);
    if (!gan_runner_estimate(network->runner, picture->width, picture->height, measure, &estimate,
                             error) ||
        !cli_plan_add_passes(plan, network, 1, measure, error))
        return FALSE;
    plan->memory_bytes = estimate.memory_bytes;
    plan->gpu_bytes = estimate.gpu_bytes;
    plan->seconds = estimate.seconds;
    const gboolean twice = is_twice(o, picture);
    if (twice && !cli_plan_add_passes(plan, network, 1, measure, error))
        return FALSE;
    plan->seconds *= twice ? 2 : 1;
    const GanUpscaleOptions then = {.factor = o->factor, .data_alpha = o->data_alpha};
    const guint width = plan->width, height = plan->height;
    if (o->factor == 0)
        return TRUE;
    if (!cli_plan_add_upscale(plan, &pictures->networks[THEN], &then, measure, error))
        return FALSE;
    if (!twice)
        return TRUE;
    plan->width = width;
    plan->height = height;
    return cli_plan_add_upscale(plan, &pictures->networks[THEN], &then, measure, error);
}

// The progress of one step as that of the whole.
typedef struct {
    GanProgress progress;
    gpointer data;
    double done, share;
} Step;

static gboolean on_step(double fraction, gpointer data)
{
    const Step *step = data;
    return step->progress(step->done + fraction * step->share, step->data);
}

// Returns the part of all work that restoring is before `n_passes` of enlarging.
static double share_of_restoring(const CliPictures *pictures, guint n_passes)
{
    const GanModelInfo *first = gan_model_info(pictures->networks[RESTORE].model);
    const GanModelInfo *then = gan_model_info(pictures->networks[THEN].model);
    double enlarging = 0;
    for (guint pass = 0; pass < n_passes; pass++)
        enlarging += then->flops_per_pixel * pow(then->scale * then->scale, pass);
    return first->flops_per_pixel / (first->flops_per_pixel + enlarging);
}

static GeglBuffer *run(const CliPictures *pictures, const CliPicture *picture, const CliPlan *plan,
                       GanProgress progress, gpointer progress_data, gpointer data, GError **error)
{
    const Options *o = data;
    const GanRestoreOptions options = {
        .strength = o->strength, .level = o->told, .data_alpha = o->data_alpha};
    Step step = {progress, progress_data, 0, 1};
    if (o->factor > 0)
        step.share = share_of_restoring(pictures, is_twice(o, picture) ? plan->n_passes / 2 - 1
                                                                       : plan->n_passes - 1);
    g_autoptr(GeglBuffer) restored = gan_restore(pictures->networks[RESTORE].runner,
                                                 picture->buffer, &options, on_step, &step, error);
    if (restored == NULL || o->factor == 0)
        return g_steal_pointer(&restored);
    step.done = step.share;
    step.share = 1 - step.done;
    const GanUpscaleOptions then = {.factor = o->factor, .data_alpha = o->data_alpha};
    return gan_upscale(pictures->networks[THEN].runner, restored, &then, on_step, &step, error);
}

static void report(JsonBuilder *event, gpointer data)
{
    const Options *o = data;
    cli_report_number(event, "strength", o->strength);
    if (o->number == NULL)
        return;
    cli_report_string(event, "level_of", o->number->name);
    if (!isnan(o->told) || !is_found(o->number))
        cli_report_number(event, "level", isnan(o->told) ? (double)o->number->initial : o->told);
}

CliExit cli_restore(int argc, char **argv)
{
    g_auto(Options) o = {.strength = 1, .level = NAN, .told = NAN};
    const GOptionEntry entries[] = {
        {"strength", 0, 0, G_OPTION_ARG_STRING, &o.strength_text,
         "How much of what the network changes is taken, from 0 to 1; the default is 1", "X"},
        {"level", 0, 0, G_OPTION_ARG_STRING, &o.level_text,
         "What the model is told of the damage, such as the strength of the noise; 'gimp-gan info' "
         "says what it takes; the default is the model's own",
         "N"},
        {"noise", 0, 0, G_OPTION_ARG_STRING, &o.noise_text,
         "The same as --level, of a model that takes the strength of the noise", "N"},
        {"then-upscale", 0, 0, G_OPTION_ARG_FILENAME, &o.then_text,
         "Enlarge what was restored, with a model of 'gimp-gan upscale'", "FACTOR[:MODEL]"},
        {"data-alpha", 0, 0, G_OPTION_ARG_NONE, &o.data_alpha,
         "Take transparency for one more channel of data, as in textures: what is under it is "
         "kept, "
         "and both go through the network, which takes as long again",
         NULL},
        {0}};
    const CliPictureVerb verb = {
        .summary = "Removes noise and the damage of compression with a pretrained network.",
        .entries = entries,
        .task = GAN_TASK_RESTORE,
        .usual = TEMPLATE,
        .data = &o,
        .check = check,
        .complete = complete,
        .plan = plan,
        .run = run,
        .report = report,
    };
    return cli_pictures_main(&verb, argc, argv);
}
