// SPDX-License-Identifier: LGPL-3.0-or-later
// Upscale…: pixels through a network that enlarges, to any size.
#include "../scope/scope.h"
#include "../session.h"
#include "enlarge.h"

#include <gan/upscale.h>
#include <glib/gi18n-lib.h>
#include <math.h>
#include <string.h>

#define LEAST_FACTOR 0.5

static const ArgumentChoice INTERPOLATIONS[] = {
    [HOST_INTERPOLATION_NONE] = {"none", N_("None")},
    [HOST_INTERPOLATION_LINEAR] = {"linear", N_("Linear")},
    [HOST_INTERPOLATION_CUBIC] = {"cubic", N_("Cubic")},
    [HOST_INTERPOLATION_NOHALO] = {"nohalo", N_("NoHalo")},
    [HOST_INTERPOLATION_LOHALO] = {"lohalo", N_("LoHalo")},
    {NULL, NULL},
};

static const Argument ARGUMENTS[] = {
    {.name = "model",
     .label = N_("_Model"),
     .blurb = N_("The model: a name shown by Models…, or the path of a weight file; empty for the "
                 "first that enlarges"),
     .tip =
         N_("The network that enlarges. Its words say what it is good for; Models… adds others."),
     .kind = ARGUMENT_MODEL},
    {.name = "detail",
     .label = N_("De_tail"),
     .blurb = N_("How much detail is invented, where a faithful weight set of the same "
                 "architecture is installed beside this one: 1 is the model as it is, 0 the "
                 "faithful set, values between blend the two; else it has no effect"),
     .tip = N_("0: faithful to the picture, and softer. 1: crisper, with detail that is made up. "
               "Values between blend the two."),
     .kind = ARGUMENT_NUMBER,
     .look = ARGUMENT_SLIDER,
     .maximum = 1.0,
     .initial = 1.0,
     .digits = 2},
    {.name = "denoise",
     .label = N_("De_noise"),
     .blurb = N_("How much noise is removed, where a weight set that keeps noise (-wdn-) is "
                 "installed beside this one: 1 is the model as it is, 0 the set that keeps noise, "
                 "values between blend the two; else it has no effect"),
     .tip = N_("1 removes noise as the model does; less keeps more of the grain."),
     .kind = ARGUMENT_NUMBER,
     .look = ARGUMENT_SLIDER,
     .maximum = 1.0,
     .initial = 1.0,
     .digits = 2},
    {.name = "factor",
     .label = N_("_Factor"),
     .blurb = N_("How many times as wide and high the result is, from 0.5 to 16; 0 for the model's "
                 "own scale; ignored when a width or a height is given"),
     .tip = N_("How many times as wide and high, written as 1.5, 3/2 or 150 %"),
     .kind = ARGUMENT_NUMBER,
     .look = ARGUMENT_FACTOR,
     .maximum = ENLARGE_MOST_FACTOR,
     .digits = 3},
    {.name = "width",
     .label = N_("_Width"),
     .blurb = N_("Width of the result in pixels: of the image, layer or selected part; 0 follows "
                 "the height, or the factor when both are 0"),
     .tip = N_("The size of the result. The chain keeps the proportions."),
     .kind = ARGUMENT_INTEGER,
     .look = ARGUMENT_WIDTH,
     .maximum = ENLARGE_MOST_SIDE},
    {.name = "height",
     .label = N_("H_eight"),
     .blurb = N_("Height of the result in pixels: of the image, layer or selected part; 0 follows "
                 "the width, or the factor when both are 0"),
     .kind = ARGUMENT_INTEGER,
     .look = ARGUMENT_HEIGHT,
     .maximum = ENLARGE_MOST_SIDE},
    SCOPE_ARGUMENT(
        N_("_Scope"),
        N_("What is enlarged: the whole image with all that belongs to it, as Scale Image "
           "does; the same in a copy; the active layer, to a new layer above it with the "
           "same centre; the selected part of the active layer, to a new layer above it "
           "with the same centre and the selection as its mask; or that part as a new image"),
        N_("What is enlarged. A new layer keeps the old one below it; a new image leaves this one "
           "as "
           "it is.")),
    {.name = "interpolation",
     .label = N_("_Interpolation"),
     .blurb = N_("How masks, channels and the selection are enlarged, which no model sees"),
     .tip = N_("For masks, channels and the selection, which no model sees."),
     .kind = ARGUMENT_CHOICE,
     .section = ARGUMENT_IN_ADVANCED,
     .choices = INTERPOLATIONS,
     .maximum = HOST_INTERPOLATION_LOHALO,
     .initial = HOST_INTERPOLATION_CUBIC},
    ENLARGE_ALPHA_ARGUMENT(
        N_("How the transparency of layers is enlarged: by cubic interpolation, as a grey "
           "picture by the model, which takes twice the time, by the model for text layers "
           "alone, whose letters are nothing but transparency, or, in textures, as one more "
           "channel of data by the model, which keeps the colours of what is transparent"),
        N_("How soft and transparent edges are enlarged. The model makes them crisper and "
           "takes twice the time; text needs it. As data, in textures, it is one more channel.")),
    {.name = "keep-print-size",
     .label = N_("_Keep the print size"),
     .blurb = N_("Multiply the image's resolution, so that it is printed as large as before; else "
                 "the pixels per inch stay, as with Scale Image"),
     .tip = N_("The resolution grows with the pixels, so that a print is as large as before, and "
               "finer. Otherwise prints grow."),
     .kind = ARGUMENT_BOOLEAN,
     .section = ARGUMENT_IN_SCOPE,
     .maximum = 1.0},
    {.name = "device",
     .label = N_("De_vice"),
     .blurb = N_("Where to compute: auto, cpu or cuda"),
     .tip = N_("Where it is computed. Automatic takes a graphics processor where one can be used."),
     .kind = ARGUMENT_DEVICE,
     .initial_text = "auto"},
};

// --- what values mean ---

static const GanCatalogueEntry *find_partner(Session *session, const Values *values,
                                             GanPartner *kind)
{
    const char *name = values_text(values, "model");
    const GanCatalogue *catalogue = session_catalogue(session, NULL);
    // A path has no partner: files beside it are none of the catalogue.
    const GanCatalogueEntry *entry = catalogue != NULL && strchr(name, G_DIR_SEPARATOR) == NULL
                                         ? session_entry(session, name, NULL)
                                         : NULL;
    return entry != NULL ? gan_catalogue_partner(catalogue, entry, kind) : NULL;
}

// The part of the partner, 0 for none.
static double partner_part(Session *session, const Values *values, const char **other)
{
    const double detail = values_number(values, "detail");
    const double denoise = values_number(values, "denoise");
    *other = NULL;
    if (detail >= 1.0 && denoise >= 1.0)
        return 0.0;
    GanPartner kind = GAN_PARTNER_DETAIL;
    const GanCatalogueEntry *partner = find_partner(session, values, &kind);
    const double kept = kind == GAN_PARTNER_DETAIL ? detail : denoise;
    if (partner == NULL || kept >= 1.0)
        return 0.0;
    *other = partner->name;
    return 1.0 - kept;
}

// The runner that the values name, blended where they say so.
static GanRunner *open_runner(Session *session, const Values *values, GError **error)
{
    const char *other = NULL;
    const double part = partner_part(session, values, &other);
    return session_runner(session, values_text(values, "model"), other, part,
                          values_text(values, "device"), error);
}

static const GanModelInfo *open_model(Session *session, const Values *values, GError **error)
{
    const char *other = NULL;
    const double part = partner_part(session, values, &other);
    GanModel *model = session_model(session, values_text(values, "model"), other, part, error);
    return model != NULL ? gan_model_info(model) : NULL;
}

static gboolean check(Session *session, const Values *values, GError **error)
{
    return open_runner(session, values, error) != NULL;
}

// --- the size ---

static gboolean check_least(double factor, GError **error)
{
    if (factor >= LEAST_FACTOR)
        return TRUE;
    g_set_error(error, GAN_ERROR, GAN_ERROR_ARGUMENT,
                _("The factor is %g; it needs to be from %g to %g, or 0 for the model's own "
                  "scale."),
                factor, LEAST_FACTOR, ENLARGE_MOST_FACTOR);
    return FALSE;
}

static gboolean size(Session *session, const Values *values, guint width, guint height,
                     guint *new_width, guint *new_height, GError **error)
{
    const GanModelInfo *model = open_model(session, values, error);
    if (model == NULL)
        return FALSE;
    const double given = values_number(values, "factor");
    const double factor = given > 0.0 ? given : model->scale;
    double wide = values_integer(values, "width"), high = values_integer(values, "height");
    if (wide <= 0.0 && high <= 0.0) {
        if (!check_least(factor, error))
            return FALSE;
        wide = round(width * factor);
        high = round(height * factor);
    } else if (wide <= 0.0) {
        wide = round(high * width / height);
    } else if (high <= 0.0) {
        high = round(wide * height / width);
    }
    return enlarge_size(width, height, wide, high, new_width, new_height, error);
}

// --- the work ---

static gboolean reach(Session *session, const Values *values, TaskReach *found, GError **error)
{
    const GanModelInfo *model = open_model(session, values, error);
    if (model != NULL)
        *found = enlarge_reach(model);
    return model != NULL;
}

static gboolean cost(Session *session, const Values *values, guint width, guint height,
                     gboolean measure, TaskCost *found, GError **error)
{
    guint wide = 0, high = 0;
    GanRunner *runner = open_runner(session, values, error);
    if (runner == NULL || !size(session, values, width, height, &wide, &high, error) ||
        !enlarge_cost(runner, width, height, wide, high, measure, found, error))
        return FALSE;
    found->twice = enlarge_alpha_by_network(values);
    if (found->twice)
        found->seconds *= 2.0;
    return TRUE;
}

static GeglBuffer *work(Session *session, const Values *values, GeglBuffer *in, guint width,
                        guint height, GanProgress progress, gpointer data, GError **error)
{
    const GanUpscaleOptions options = {.width = width,
                                       .height = height,
                                       .network_alpha = enlarge_alpha_by_network(values),
                                       .data_alpha = enlarge_alpha_is_data(values)};
    GanRunner *runner = open_runner(session, values, error);
    return runner != NULL ? gan_upscale(runner, in, &options, progress, data, error) : NULL;
}

// --- the dialog ---

static void unused(Session *session, const Values *values, const Subject *subject,
                   const char **reasons)
{
    GanPartner kind = GAN_PARTNER_DETAIL;
    const gboolean has_partner = find_partner(session, values, &kind) != NULL;
    const Scope scope = scope_of(values);
    for (guint i = 0; i < G_N_ELEMENTS(ARGUMENTS); i++) {
        const char *name = ARGUMENTS[i].name;
        reasons[i] = NULL;
        if (strcmp(name, "detail") == 0 && !(has_partner && kind == GAN_PARTNER_DETAIL))
            reasons[i] = session_entry(session, values_text(values, "model"), NULL) == NULL
                             ? "" // none, or a file of nobody's
                             : _("This model has no faithful set beside it to blend with.");
        else if (strcmp(name, "denoise") == 0 && !(has_partner && kind == GAN_PARTNER_DENOISE))
            reasons[i] = ""; // few models have it
        else if (strcmp(name, "keep-print-size") == 0 && !scope_is_whole(scope) &&
                 scope != SCOPE_SELECTION_NEW_IMAGE)
            reasons[i] = _("A new layer is printed as its image is.");
        else if (strcmp(name, "alpha") == 0 && !scope_is_whole(scope) && !subject->layer.has_alpha)
            reasons[i] = _("The layer has no transparency.");
    }
}

const Task task_upscale = {
    .name = "upscale",
    .label = N_("_Upscale…"),
    .title = N_("Upscale"),
    .blurb = N_("Enlarges an image, a layer or the selection with a pretrained network"),
    .files_blurb = N_("Enlarges a list of picture files with a pretrained network"),
    .help = N_("Runs a generative network (ESRGAN, Real-ESRGAN, SPAN and their relatives) from a "
               ".pth or .safetensors file over every layer of the image, over the active layer or "
               "over the selected part of it, in the image's own precision and colour space, and "
               "gives masks, channels, selection, paths, guides and sample points the place that "
               "Scale Image gives them."),
    .icon = "gimp-tool-scale",
    .arguments = ARGUMENTS,
    .n_arguments = G_N_ELEMENTS(ARGUMENTS),
    .check = check,
    .size = size,
    .reach = reach,
    .cost = cost,
    .work = work,
    .suit = enlarge_suit,
    .unused = unused,
};
