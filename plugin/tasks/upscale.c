// SPDX-License-Identifier: LGPL-3.0-or-later
// Upscale…: what it asks for, and what is known before it runs.
#include "upscale.h"

#include "../quantity.h"
#include "room.h"
#include <gan/upscale.h>
#include <glib/gi18n-lib.h>
#include <math.h>
#include <string.h>

// GIMP_MAX_IMAGE_SIZE of both versions; the library's own limit is below it.
#define MOST_SIDE 500000
#define LEAST_FACTOR 0.5
#define MOST_FACTOR 16.0

static const ArgumentChoice SCOPES[] = {
    [UPSCALE_IMAGE] = {"image", N_("The whole image")},
    [UPSCALE_NEW_IMAGE] = {"new-image", N_("The whole image, as a new image")},
    [UPSCALE_LAYER] = {"layer", N_("The active layer, as a new layer")},
    [UPSCALE_SELECTION] = {"selection", N_("The selection, as a new layer")},
    {NULL, NULL},
};

static const ArgumentChoice INTERPOLATIONS[] = {
    [HOST_INTERPOLATION_NONE] = {"none", N_("None")},
    [HOST_INTERPOLATION_LINEAR] = {"linear", N_("Linear")},
    [HOST_INTERPOLATION_CUBIC] = {"cubic", N_("Cubic")},
    [HOST_INTERPOLATION_NOHALO] = {"nohalo", N_("NoHalo")},
    [HOST_INTERPOLATION_LOHALO] = {"lohalo", N_("LoHalo")},
    {NULL, NULL},
};

static const ArgumentChoice ALPHAS[] = {
    [UPSCALE_ALPHA_CUBIC] = {"cubic", N_("Cubic interpolation")},
    [UPSCALE_ALPHA_NETWORK] = {"network", N_("The model")},
    {NULL, NULL},
};

static const Argument ARGUMENTS[] = {
    {.name = "model",
     .label = N_("_Model"),
     .blurb = N_("The model: a name shown by Models…, or the path of a weight file; empty for the "
                 "first that enlarges"),
     .kind = ARGUMENT_MODEL},
    {.name = "detail",
     .label = N_("De_tail"),
     .blurb = N_("How much detail is invented, where a faithful weight set of the same "
                 "architecture is installed beside this one: 1 is the model as it is, 0 the "
                 "faithful set, values between blend the two; else it has no effect"),
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
     .kind = ARGUMENT_NUMBER,
     .look = ARGUMENT_SLIDER,
     .maximum = 1.0,
     .initial = 1.0,
     .digits = 2},
    {.name = "factor",
     .label = N_("_Factor"),
     .blurb = N_("How many times as wide and high the result is, from 0.5 to 16; 0 for the model's "
                 "own scale; ignored when a width or a height is given"),
     .kind = ARGUMENT_NUMBER,
     .look = ARGUMENT_FACTOR,
     .maximum = MOST_FACTOR,
     .digits = 3},
    {.name = "width",
     .label = N_("_Width"),
     .blurb = N_("Width of the result in pixels: of the image, layer or selected part; 0 follows "
                 "the height, or the factor when both are 0"),
     .kind = ARGUMENT_INTEGER,
     .look = ARGUMENT_WIDTH,
     .maximum = MOST_SIDE},
    {.name = "height",
     .label = N_("_Height"),
     .blurb = N_("Height of the result in pixels: of the image, layer or selected part; 0 follows "
                 "the width, or the factor when both are 0"),
     .kind = ARGUMENT_INTEGER,
     .look = ARGUMENT_HEIGHT,
     .maximum = MOST_SIDE},
    {.name = "scope",
     .label = N_("_Scope"),
     .blurb = N_("What is enlarged: the whole image with all that belongs to it, as Scale Image "
                 "does; the same in a copy; the active layer, to a new layer above it with the "
                 "same centre; or the selected part of the active layer, to a new layer above it "
                 "with the same centre and the selection as its mask"),
     .kind = ARGUMENT_CHOICE,
     .section = ARGUMENT_IN_SCOPE,
     .choices = SCOPES,
     .maximum = UPSCALE_SELECTION},
    {.name = "interpolation",
     .label = N_("_Interpolation"),
     .blurb = N_("How masks, channels and the selection are enlarged, which no model sees"),
     .kind = ARGUMENT_CHOICE,
     .section = ARGUMENT_IN_ADVANCED,
     .choices = INTERPOLATIONS,
     .maximum = HOST_INTERPOLATION_LOHALO,
     .initial = HOST_INTERPOLATION_CUBIC},
    {.name = "alpha",
     .label = N_("Tr_ansparency"),
     .blurb = N_("How the transparency of layers is enlarged: by cubic interpolation, or as a grey "
                 "picture by the model, which takes twice the time"),
     .kind = ARGUMENT_CHOICE,
     .section = ARGUMENT_IN_ADVANCED,
     .choices = ALPHAS,
     .maximum = UPSCALE_ALPHA_NETWORK},
    {.name = "keep-print-size",
     .label = N_("_Keep the print size"),
     .blurb = N_("Multiply the image's resolution, so that it is printed as large as before; else "
                 "the pixels per inch stay, as with Scale Image"),
     .kind = ARGUMENT_BOOLEAN,
     .section = ARGUMENT_IN_SCOPE,
     .maximum = 1.0},
    {.name = "device",
     .label = N_("De_vice"),
     .blurb = N_("Where to compute: auto, cpu or cuda"),
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

GanRunner *upscale_runner(Session *session, const Values *values, GError **error)
{
    const char *other = NULL;
    const double part = partner_part(session, values, &other);
    GError *reason = NULL;
    GanRunner *runner = session_runner(session, values_text(values, "model"), other, part,
                                       values_text(values, "device"), &reason);
    if (runner != NULL)
        return runner;
    upscale_explain(&reason);
    g_propagate_error(error, reason);
    return NULL;
}

const GanModelInfo *upscale_model(Session *session, const Values *values, GError **error)
{
    const char *other = NULL;
    const double part = partner_part(session, values, &other);
    GanModel *model = session_model(session, values_text(values, "model"), other, part, error);
    return model != NULL ? gan_model_info(model) : NULL;
}

void upscale_explain(GError **error)
{
    if (g_error_matches(*error, GAN_ERROR, GAN_ERROR_MEMORY))
        g_prefix_error(error, "%s ",
                       _("There is too little memory: close other images or programs, choose a "
                         "smaller model, or enlarge a part at a time."));
    else if (g_error_matches(*error, GAN_ERROR, GAN_ERROR_UNSUPPORTED))
        g_prefix_error(error, "%s ",
                       _("This model does not work here; choose another model or device."));
}

gboolean upscale_size(const Values *values, guint scale, guint width, guint height,
                      guint *new_width, guint *new_height, GError **error)
{
    const double given = values_number(values, "factor");
    const gint exact_width = values_integer(values, "width");
    const gint exact_height = values_integer(values, "height");
    double factor_x = given > 0.0 ? given : scale, factor_y = factor_x;
    double wide, high;
    if (exact_width > 0 || exact_height > 0) {
        wide = exact_width > 0 ? exact_width : round((double)exact_height * width / height);
        high = exact_height > 0 ? exact_height : round((double)exact_width * height / width);
        factor_x = wide / width;
        factor_y = high / height;
    } else {
        if (factor_x < LEAST_FACTOR) {
            g_set_error(error, GAN_ERROR, GAN_ERROR_ARGUMENT,
                        _("The factor is %g; it needs to be from %g to %g, or 0 for the model's "
                          "own scale."),
                        given, LEAST_FACTOR, MOST_FACTOR);
            return FALSE;
        }
        wide = round(width * factor_x);
        high = round(height * factor_y);
    }
    if (factor_x > MOST_FACTOR || factor_y > MOST_FACTOR) {
        g_set_error(error, GAN_ERROR, GAN_ERROR_ARGUMENT,
                    _("%.0f x %.0f pixels is more than %g times the present %u x %u. Choose a "
                      "smaller size, or enlarge in two steps."),
                    wide, high, MOST_FACTOR, width, height);
        return FALSE;
    }
    if (wide > MOST_SIDE || high > MOST_SIDE) {
        g_set_error(error, GAN_ERROR, GAN_ERROR_ARGUMENT,
                    _("%.0f x %.0f pixels is too large; a side may have %d at most. Choose a "
                      "smaller size."),
                    wide, high, MOST_SIDE);
        return FALSE;
    }
    *new_width = (guint)MAX(wide, 1.0);
    *new_height = (guint)MAX(high, 1.0);
    return TRUE;
}

guint upscale_margin(const GanModelInfo *model)
{
    // Cubics reach 3 pixels and colour is bled 16 pixels far, both beyond the network's reach. A
    // second pass sees as far in pixels of the first one's result.
    enum { AROUND = 19 };
    const guint reach = model->exact_tiles ? model->reach : 2 * model->overlap;
    return AROUND + reach + ((guint)model->scale > 1 ? reach / ((guint)model->scale - 1) : reach);
}

gboolean upscale_selected(const HostLayer *layer, const GeglRectangle *selection,
                          GeglRectangle *area)
{
    const GeglRectangle whole = {layer->x, layer->y, (gint)layer->width, (gint)layer->height};
    return gegl_rectangle_intersect(area, &whole, selection) != FALSE;
}

// --- the run ---

static gboolean check(Session *session, const Values *values, GError **error)
{
    return upscale_runner(session, values, error) != NULL;
}

static gboolean run_scope(Job *job, GError **error)
{
    switch ((UpscaleScope)values_integer(job->values, "scope")) {
    case UPSCALE_LAYER:
        return upscale_layer(job, FALSE, error);
    case UPSCALE_SELECTION:
        return upscale_layer(job, TRUE, error);
    case UPSCALE_NEW_IMAGE:
        return upscale_image(job, TRUE, error);
    case UPSCALE_IMAGE:
        return upscale_image(job, FALSE, error);
    }
    g_return_val_if_reached(FALSE);
}

static gboolean run(Job *job, GError **error)
{
    const gint64 began_us = g_get_monotonic_time();
    if (!run_scope(job, error))
        return FALSE;
    const GanRunner *runner = upscale_runner(job->session, job->values, NULL);
    if (runner != NULL)
        g_log(SESSION_LOG_DOMAIN, G_LOG_LEVEL_DEBUG, "the network took %.3f s, all of it %.3f s",
              gan_runner_network_seconds(runner),
              (double)(g_get_monotonic_time() - began_us) * 1e-6);
    return TRUE;
}

// --- the dialog ---

static gboolean in_image(UpscaleScope scope)
{
    return scope == UPSCALE_IMAGE || scope == UPSCALE_NEW_IMAGE;
}

static void sensitive(Session *session, const Values *values, const Subject *subject,
                      gboolean *flags)
{
    GanPartner kind = GAN_PARTNER_DETAIL;
    const gboolean has_partner = find_partner(session, values, &kind) != NULL;
    const gboolean whole = in_image((UpscaleScope)values_integer(values, "scope"));
    for (guint i = 0; i < G_N_ELEMENTS(ARGUMENTS); i++) {
        const char *name = ARGUMENTS[i].name;
        flags[i] = TRUE;
        if (strcmp(name, "detail") == 0)
            flags[i] = has_partner && kind == GAN_PARTNER_DETAIL;
        else if (strcmp(name, "denoise") == 0)
            flags[i] = has_partner && kind == GAN_PARTNER_DENOISE;
        else if (strcmp(name, "keep-print-size") == 0)
            flags[i] = whole;
        else if (strcmp(name, "alpha") == 0)
            flags[i] = whole || subject->layer.has_alpha;
    }
}

// What is enlarged: the size that width and height are given for. FALSE: there is nothing.
static gboolean find_base(const Values *values, const Subject *subject, guint *width, guint *height)
{
    const UpscaleScope scope = (UpscaleScope)values_integer(values, "scope");
    const gboolean has_layer = subject->layer.id > 0 && !subject->layer.is_group;
    GeglRectangle area;
    if (in_image(scope)) {
        *width = subject->info.width;
        *height = subject->info.height;
        return TRUE;
    }
    if (!has_layer)
        return FALSE;
    *width = subject->layer.width;
    *height = subject->layer.height;
    if (scope == UPSCALE_LAYER)
        return TRUE;
    if (!subject->has_selection || !upscale_selected(&subject->layer, &subject->selection, &area))
        return FALSE;
    *width = (guint)area.width;
    *height = (guint)area.height;
    return TRUE;
}

static void base_size(const Values *values, const Subject *subject, guint *width, guint *height)
{
    *width = subject->info.width;
    *height = subject->info.height;
    find_base(values, subject, width, height);
}

// find_base(), with the reason why there is nothing and the number of all pixels.
static gboolean subject_size(const Values *values, const Subject *subject, guint *width,
                             guint *height, guint64 *n_pixels, GError **error)
{
    const UpscaleScope scope = (UpscaleScope)values_integer(values, "scope");
    if (find_base(values, subject, width, height)) {
        *n_pixels = in_image(scope) ? subject->n_layer_pixels : (guint64)*width * *height;
        return TRUE;
    }
    if (subject->layer.id <= 0 || subject->layer.is_group)
        g_set_error(error, GAN_ERROR, GAN_ERROR_ARGUMENT,
                    _("No layer is active. Choose a layer in the Layers dialog, or enlarge the "
                      "whole image."));
    else
        g_set_error(error, GAN_ERROR, GAN_ERROR_ARGUMENT,
                    _("Nothing of the active layer is selected. Select a part of it, or choose "
                      "another scope."));
    return FALSE;
}

// "400 x 320 pixels, about 12 s, 90 MB of memory", and a warning where there is one.
static char *describe(const TaskEstimate *size, const GanUpscalePlan *plan, double seconds,
                      double result_pixels)
{
    // The dialog does not know how many bytes a pixel has; that many at least.
    enum { LEAST_BYTES = 4 };
    g_autofree char *memory = quantity_bytes(plan->memory_bytes);
    g_autofree char *time = seconds > 0.0 ? quantity_time(seconds) : NULL;
    char *text = time != NULL ? g_strdup_printf(_("%u x %u pixels, about %s, %s of memory"),
                                                size->width, size->height, time, memory)
                              : g_strdup_printf(_("%u x %u pixels, %s of memory"), size->width,
                                                size->height, memory);
    if (plan->gpu_bytes > 0) {
        g_autofree char *alone = text, *gpu_memory = quantity_bytes(plan->gpu_bytes);
        // Translators: %s is "400 x 320 pixels, 90 MB of memory" and then an amount, "300 MB".
        text = g_strdup_printf(_("%s and %s of the GPU's"), alone, gpu_memory);
    }
    if (room_check(result_pixels * LEAST_BYTES, NULL))
        return text;
    g_autofree char *alone = text;
    return g_strdup_printf("%s\n%s", alone,
                           _("The result is larger than what memory and GIMP's swap folder have "
                             "free. Choose a smaller size."));
}

static gboolean estimate(Session *session, const Values *values, const Subject *subject,
                         gboolean measure, TaskEstimate *result, GError **error)
{
    guint width = 0, height = 0;
    guint64 n_pixels = 0;
    TaskEstimate found = {0};
    GanUpscalePlan plan;
    GanRunner *runner = upscale_runner(session, values, error);
    const GanModelInfo *model = runner != NULL ? upscale_model(session, values, error) : NULL;
    if (model == NULL || !subject_size(values, subject, &width, &height, &n_pixels, error) ||
        !upscale_size(values, (guint)model->scale, width, height, &found.width, &found.height,
                      error))
        return FALSE;
    const GanUpscaleOptions options = {.width = found.width, .height = found.height};
    GError *reason = NULL;
    if (!gan_upscale_plan(runner, width, height, &options, measure, &plan, &reason)) {
        upscale_explain(&reason);
        g_propagate_error(error, reason);
        return FALSE;
    }
    const double parts = (double)n_pixels / ((double)width * height);
    const gboolean twice = values_integer(values, "alpha") == UPSCALE_ALPHA_NETWORK;
    found.text = describe(&found, &plan, plan.seconds * parts * (twice ? 2.0 : 1.0),
                          parts * found.width * found.height);
    *result = found;
    return TRUE;
}

GanUpscaleOptions upscale_options(const Values *values, guint width, guint height)
{
    return (GanUpscaleOptions){.width = width,
                               .height = height,
                               .network_alpha =
                                   values_integer(values, "alpha") == UPSCALE_ALPHA_NETWORK};
}

static guint preview_margin(Session *session, const Values *values, GError **error)
{
    const GanModelInfo *model = upscale_model(session, values, error);
    return model != NULL ? upscale_margin(model) : 0;
}

static GeglBuffer *preview(Session *session, const Values *values, const Subject *subject,
                           GeglBuffer *in, double *scale_x, double *scale_y, GanProgress progress,
                           gpointer data, GError **error)
{
    guint width = 0, height = 0, new_width = 0, new_height = 0;
    guint64 n_pixels = 0;
    GanRunner *runner = upscale_runner(session, values, error);
    const GanModelInfo *model = runner != NULL ? upscale_model(session, values, error) : NULL;
    if (model == NULL || !subject_size(values, subject, &width, &height, &n_pixels, error) ||
        !upscale_size(values, (guint)model->scale, width, height, &new_width, &new_height, error))
        return NULL;
    const GeglRectangle *extent = gegl_buffer_get_extent(in);
    const double wide = round((double)extent->width * new_width / width);
    const double high = round((double)extent->height * new_height / height);
    GError *reason = NULL;
    const GanUpscaleOptions options =
        upscale_options(values, (guint)MAX(wide, 1.0), (guint)MAX(high, 1.0));
    GeglBuffer *out = gan_upscale(runner, in, &options, progress, data, &reason);
    if (out == NULL) {
        upscale_explain(&reason);
        g_propagate_error(error, reason);
        return NULL;
    }
    *scale_x = (double)gegl_buffer_get_width(out) / extent->width;
    *scale_y = (double)gegl_buffer_get_height(out) / extent->height;
    return out;
}

const Task task_upscale = {
    .name = "upscale",
    .label = N_("_Upscale…"),
    .title = N_("Upscale"),
    .blurb = N_("Enlarges an image, a layer or the selection with a pretrained network"),
    .help = N_("Runs a generative network (ESRGAN, Real-ESRGAN, SPAN and their relatives) from a "
               ".pth or .safetensors file over every layer of the image, over the active layer or "
               "over the selected part of it, in the image's own precision and colour space, and "
               "gives masks, channels, selection, paths, guides and sample points the place that "
               "Scale Image gives them."),
    .icon = "gimp-tool-scale",
    .arguments = ARGUMENTS,
    .n_arguments = G_N_ELEMENTS(ARGUMENTS),
    .check = check,
    .run = run,
    .sensitive = sensitive,
    .base_size = base_size,
    .estimate = estimate,
    .preview_margin = preview_margin,
    .preview = preview,
};
