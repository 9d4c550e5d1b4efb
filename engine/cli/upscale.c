// SPDX-License-Identifier: LGPL-3.0-or-later
// `gimp-gan upscale`: enlarges pictures, by any factor or to an exact size.
#include "cli.h"

#include "naming.h"
#include "options.h"
#include "pictures.h"

#include <gan/upscale.h>
#include <math.h>

typedef struct {
    char *scale_text, *to_text;
    double scale;        // 0: the model's own
    guint width, height; // of --to; 0: from the proportions or not given
    gboolean network_alpha, data_alpha;
} Options;

static void options_clear(Options *options)
{
    g_free(options->scale_text);
    g_free(options->to_text);
}
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC(Options, options_clear)

static gboolean check(CliPictures *pictures, gpointer data, GError **error)
{
    Options *o = data;
    if (o->scale_text != NULL && o->to_text != NULL) {
        g_set_error(error, GAN_ERROR, GAN_ERROR_ARGUMENT, "--scale and --to exclude each other.");
        return FALSE;
    }
    if (o->network_alpha && o->data_alpha) {
        g_set_error(error, GAN_ERROR, GAN_ERROR_ARGUMENT,
                    "--network-alpha and --data-alpha exclude each other.");
        return FALSE;
    }
    if (o->scale_text != NULL &&
        !cli_options_number("--scale", o->scale_text, 0.5, 16, &o->scale, error))
        return FALSE;
    if (o->to_text != NULL &&
        !cli_options_size("--to", o->to_text, TRUE, &o->width, &o->height, error))
        return FALSE;
    if (o->to_text != NULL)
        pictures->usual = CLI_TEMPLATE_SIZE;
    pictures->networks[0].scale = o->scale;
    return TRUE;
}

static char *complete(CliPictures *pictures, gpointer data, GError **error)
{
    (void)error;
    Options *o = data;
    if (o->scale == 0)
        o->scale = gan_model_info(pictures->networks[0].model)->scale;
    return o->to_text != NULL ? g_ascii_strdown(o->to_text, -1) : g_strdup_printf("%g", o->scale);
}

// Completes --to, which is meant as the picture is shown, from its proportions.
static GanUpscaleOptions wanted(const Options *o, const CliPicture *picture)
{
    GanUpscaleOptions options = {.factor = o->scale,
                                 .width = o->width,
                                 .height = o->height,
                                 .network_alpha = o->network_alpha,
                                 .data_alpha = o->data_alpha};
    if (picture->sideways) {
        options.width = o->height;
        options.height = o->width;
    }
    const double width = picture->width, height = picture->height;
    if (options.width > 0 && options.height == 0)
        options.height = MAX(1u, (guint)lround(options.width * height / width));
    else if (options.height > 0 && options.width == 0)
        options.width = MAX(1u, (guint)lround(options.height * width / height));
    return options;
}

static gboolean plan(const CliPictures *pictures, const CliPicture *picture, gboolean measure,
                     CliPlan *plan, gpointer data, GError **error)
{
    const GanUpscaleOptions options = wanted(data, picture);
    const CliNetwork *network = &pictures->networks[0];
    if (!cli_plan_add_upscale(plan, network, &options, measure, error))
        return FALSE;
    const Babl *format = gegl_buffer_get_format(picture->buffer);
    if (!(options.network_alpha || options.data_alpha) || !babl_format_has_alpha(format))
        return TRUE;
    // Alpha goes the same way after the colours.
    plan->width = picture->width;
    plan->height = picture->height;
    return cli_plan_add_upscale(plan, network, &options, measure, error);
}

static GeglBuffer *run(const CliPictures *pictures, const CliPicture *picture, const CliPlan *plan,
                       GanProgress progress, gpointer progress_data, gpointer data, GError **error)
{
    (void)plan;
    const GanUpscaleOptions options = wanted(data, picture);
    return gan_upscale(pictures->networks[0].runner, picture->buffer, &options, progress,
                       progress_data, error);
}

CliExit cli_upscale(int argc, char **argv)
{
    g_auto(Options) o = {0};
    const GOptionEntry entries[] = {
        {"scale", 's', 0, G_OPTION_ARG_STRING, &o.scale_text,
         "Enlarge each side by a factor from 0.5 to 16; the default is the model's own", "FACTOR"},
        {"to", 0, 0, G_OPTION_ARG_STRING, &o.to_text,
         "Make the result exactly this size; WIDTHx or xHEIGHT keeps the proportions",
         "WIDTHxHEIGHT"},
        {"network-alpha", 0, 0, G_OPTION_ARG_NONE, &o.network_alpha,
         "Enlarge transparency with the network too, which takes as long again, not by a cubic",
         NULL},
        {"data-alpha", 0, 0, G_OPTION_ARG_NONE, &o.data_alpha,
         "Take transparency for one more channel of data, as in textures: what is under it is "
         "kept, "
         "and both go through the network, which takes as long again",
         NULL},
        {0}};
    const CliPictureVerb verb = {
        .summary = "Enlarges pictures with a pretrained network.",
        .entries = entries,
        .task = GAN_TASK_UPSCALE,
        .usual = CLI_TEMPLATE_FACTOR,
        .data = &o,
        .check = check,
        .complete = complete,
        .plan = plan,
        .run = run,
    };
    return cli_pictures_main(&verb, argc, argv);
}
