// SPDX-License-Identifier: LGPL-3.0-or-later
// `gimp-gan upscale`: enlarges pictures, one after the other, with one model.
#include "cli.h"

#include "interrupt.h"
#include "naming.h"
#include "options.h"
#include "pick.h"
#include "progress.h"
#include "report.h"

#include <errno.h>
#include <gan/image.h>
#include <gan/upscale.h>
#include <gio/gio.h>
#include <math.h>
#include <string.h>

// What the command line says, first as text, then checked.
typedef struct {
    char **files, **models;
    char *output, *template, *format, *model, *blend, *device;
    char *scale_text, *to_text, *memory_text;
    int threads, quality;
    gboolean overwrite, dry_run, recursive, quiet, json;
    double scale;         // 0: the model's own
    guint width, height;  // of --to; 0: from the proportions or not given
    guint64 memory_bytes; // 0: the library's default
} Options;

typedef struct {
    const Options *options;
    CliInterrupt *interrupt;
    CliProgress *progress;
    GanModel *model;
    GanRunner *runner;
    double factor;
    guint n_done, n_skipped, n_failed;
} Job;

typedef enum { RESULT_DONE, RESULT_SKIPPED, RESULT_FAILED, RESULT_STOPPED } Result;

static void options_clear(Options *options)
{
    g_strfreev(options->files);
    g_strfreev(options->models);
    g_free(options->output);
    g_free(options->template);
    g_free(options->format);
    g_free(options->model);
    g_free(options->blend);
    g_free(options->device);
    g_free(options->scale_text);
    g_free(options->to_text);
    g_free(options->memory_text);
}
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC(Options, options_clear)

static gboolean parse(Options *o, int argc, char **argv)
{
    const GOptionEntry entries[] = {
        {"output", 'o', 0, G_OPTION_ARG_FILENAME, &o->output,
         "Write to FILE, or into FOLDER (made when missing); else beside each picture",
         "FILE|FOLDER"},
        {"template", 't', 0, G_OPTION_ARG_FILENAME, &o->template,
         "Names of the results, with {name} {ext} {model} {scale} {folder} {index}; the default is "
         "'" CLI_TEMPLATE_FACTOR "'",
         "TEMPLATE"},
        {"model", 'm', 0, G_OPTION_ARG_FILENAME, &o->model,
         "A model of 'gimp-gan models', or a weight file; the default is the first there is, a "
         "faithful one before its detail",
         "NAME|FILE"},
        {"models", 0, 0, G_OPTION_ARG_FILENAME_ARRAY, &o->models,
         "Look for models in FOLDER first; may be given several times", "FOLDER"},
        {"scale", 's', 0, G_OPTION_ARG_STRING, &o->scale_text,
         "Enlarge each side by a factor from 0.5 to 16; the default is the model's own", "FACTOR"},
        {"to", 0, 0, G_OPTION_ARG_STRING, &o->to_text,
         "Make the result exactly this size; WIDTHx or xHEIGHT keeps the proportions",
         "WIDTHxHEIGHT"},
        {"blend", 0, 0, G_OPTION_ARG_FILENAME, &o->blend,
         "Interpolate the weights of two models of one architecture; T is the part of B, from 0 to "
         "1",
         "A:B:T"},
        {"device", 0, 0, G_OPTION_ARG_STRING, &o->device,
         "Where to compute: auto, cpu or cuda; the default is auto", "auto|cpu|cuda"},
        {"threads", 0, 0, G_OPTION_ARG_INT, &o->threads,
         "Processor threads; the default is one for each core that may be used", "N"},
        {"memory", 0, 0, G_OPTION_ARG_STRING, &o->memory_text,
         "Memory to stay within, such as 512M or 2G; the default is half of what is free", "SIZE"},
        {"format", 'f', 0, G_OPTION_ARG_STRING, &o->format,
         "Format of the results: png, jpg, tif, webp or exr; the default is the input's own",
         "png|jpg|tif|webp|exr"},
        {"quality", 0, 0, G_OPTION_ARG_INT, &o->quality,
         "Quality of JPEG and WebP, 1 to 100; the default is 95", "N"},
        {"overwrite", 0, 0, G_OPTION_ARG_NONE, &o->overwrite, "Do again what is done already",
         NULL},
        {"dry-run", 'n', 0, G_OPTION_ARG_NONE, &o->dry_run,
         "Only say what would be done, with sizes, passes, tiles, memory and time", NULL},
        {"recursive", 'r', 0, G_OPTION_ARG_NONE, &o->recursive, "Enter the folders inside folders",
         NULL},
        {"quiet", 'q', 0, G_OPTION_ARG_NONE, &o->quiet, "Print errors only", NULL},
        {"json", 0, 0, G_OPTION_ARG_NONE, &o->json, "Print one JSON object a line", NULL},
        {G_OPTION_REMAINING, 0, 0, G_OPTION_ARG_FILENAME_ARRAY, &o->files, NULL, NULL},
        {0}};
    return cli_options_parse(
        argc, argv, entries, "FILE|FOLDER|PATTERN…", "Enlarges pictures with a pretrained network.",
        "A result that is there and newer than its input is skipped. A file that fails does not "
        "stop the others;\n"
        "the exit status is then 1. Ctrl-C stops within a moment and leaves no half file.");
}

static gboolean check(Options *o, GError **error)
{
    if (o->files == NULL || o->files[0] == NULL) {
        g_set_error(error, GAN_ERROR, GAN_ERROR_ARGUMENT, "No picture is named.");
        return FALSE;
    }
    if (o->scale_text != NULL && o->to_text != NULL) {
        g_set_error(error, GAN_ERROR, GAN_ERROR_ARGUMENT, "--scale and --to exclude each other.");
        return FALSE;
    }
    if (o->model != NULL && o->blend != NULL) {
        g_set_error(error, GAN_ERROR, GAN_ERROR_ARGUMENT,
                    "--model and --blend exclude each other.");
        return FALSE;
    }
    if (o->quiet && o->json) {
        g_set_error(error, GAN_ERROR, GAN_ERROR_ARGUMENT, "--quiet and --json exclude each other.");
        return FALSE;
    }
    if (o->scale_text != NULL &&
        !cli_options_number("--scale", o->scale_text, 0.5, 16, &o->scale, error))
        return FALSE;
    if (o->to_text != NULL &&
        !cli_options_size("--to", o->to_text, TRUE, &o->width, &o->height, error))
        return FALSE;
    if (o->memory_text != NULL &&
        !cli_options_bytes("--memory", o->memory_text, &o->memory_bytes, error))
        return FALSE;
    g_autofree char *a = NULL;
    g_autofree char *b = NULL;
    double part = 0;
    if (o->blend != NULL && !cli_options_blend(o->blend, 0, &a, &b, &part, error))
        return FALSE;
    return cli_options_integer("--threads", o->threads, 0, 1024, error) &&
           cli_options_integer("--quality", o->quality, 1, 100, error) &&
           cli_pick_check_folders(o->models, error);
}

static gboolean on_progress(double fraction, gpointer data)
{
    Job *job = data;
    cli_progress_update(job->progress, fraction);
    return !cli_interrupt_seen(job->interrupt);
}

// Completes --to from the picture's proportions.
static GanUpscaleOptions upscale_options(const Job *job, guint width, guint height)
{
    GanUpscaleOptions wanted = {
        .factor = job->factor, .width = job->options->width, .height = job->options->height};
    if (wanted.width > 0 && wanted.height == 0)
        wanted.height = MAX(1u, (guint)lround((double)wanted.width * height / width));
    else if (wanted.height > 0 && wanted.width == 0)
        wanted.width = MAX(1u, (guint)lround((double)wanted.height * width / height));
    return wanted;
}

static Result fail(Job *job, const CliItem *item, const char *message)
{
    g_autofree char *shown = g_filename_display_name(item->input);
    // Messages of the readers begin with the path already.
    const gboolean named = strstr(message, item->input) != NULL ||
                           (item->output != NULL && strstr(message, item->output) != NULL);
    cli_progress_complain(job->progress, "%s%s%s", named ? "" : shown, named ? "" : ": ", message);
    JsonBuilder *event = cli_progress_event(job->progress, "failed");
    if (event != NULL) {
        cli_report_path(event, "input", item->input);
        cli_report_string(event, "message", message);
        cli_progress_event_end(event);
    }
    return RESULT_FAILED;
}

static Result skip(Job *job, const CliItem *item)
{
    g_autofree char *input = g_filename_display_name(item->input);
    g_autofree char *output = g_filename_display_name(item->output);
    cli_progress_say(job->progress, "%s: skipped: %s exists", input, output);
    JsonBuilder *event = cli_progress_event(job->progress, "skipped");
    if (event != NULL) {
        cli_report_path(event, "input", item->input);
        cli_report_path(event, "output", item->output);
        cli_report_string(event, "reason", "exists");
        cli_progress_event_end(event);
    }
    return RESULT_SKIPPED;
}

// Adds what is known of one picture's work to a JSON event.
static void add_plan(JsonBuilder *event, const CliItem *item, guint width, guint height,
                     const GanUpscalePlan *plan)
{
    cli_report_path(event, "input", item->input);
    cli_report_path(event, "output", item->output);
    cli_report_integer(event, "width", width);
    cli_report_integer(event, "height", height);
    cli_report_integer(event, "result_width", plan->width);
    cli_report_integer(event, "result_height", plan->height);
    cli_report_integer(event, "passes", plan->passes);
    cli_report_boolean(event, "resample", plan->resample);
    cli_report_integer(event, "memory_bytes", plan->memory_bytes);
    cli_report_integer(event, "gpu_bytes", plan->gpu_bytes);
}

static Result describe(Job *job, const CliItem *item, guint width, guint height,
                       const GanUpscalePlan *plan)
{
    // The tiles of each pass: the second works on what the first made.
    const double scale = gan_model_info(job->model)->scale;
    g_autoptr(GString) tiles = g_string_new(NULL);
    g_autoptr(GError) error = NULL;
    guint n_tiles = 0, pass_width = width, pass_height = height;
    for (guint pass = 0; pass < plan->passes; pass++) {
        GanEstimate estimate;
        if (!gan_runner_estimate(job->runner, pass_width, pass_height, FALSE, &estimate, &error))
            return fail(job, item, error->message);
        g_autofree char *count = cli_report_count(estimate.n_tiles, "tile", "tiles");
        g_string_append_printf(tiles, "%s%s of %u x %u", pass > 0 ? ", then " : "", count,
                               estimate.tile_width, estimate.tile_height);
        n_tiles += estimate.n_tiles;
        pass_width *= scale;
        pass_height *= scale;
    }
    g_autofree char *input = g_filename_display_name(item->input);
    g_autofree char *output = g_filename_display_name(item->output);
    g_autofree char *passes = cli_report_count(plan->passes, "pass", "passes");
    g_autofree char *memory = cli_report_memory(plan->memory_bytes, plan->gpu_bytes);
    g_autofree char *time = cli_report_seconds(plan->seconds);
    cli_progress_say(job->progress,
                     "%s -> %s: %u x %u to %u x %u pixels, %s (%s)%s, about %s, about %s", input,
                     output, width, height, plan->width, plan->height, passes,
                     plan->passes > 0 ? tiles->str : "no tile",
                     plan->resample ? " and a resampling" : "", memory, time);
    JsonBuilder *event = cli_progress_event(job->progress, "would-do");
    if (event != NULL) {
        add_plan(event, item, width, height, plan);
        cli_report_integer(event, "tiles", n_tiles);
        cli_report_number(event, "seconds", plan->seconds);
        cli_progress_event_end(event);
    }
    return RESULT_DONE;
}

static gboolean make_folder_of(const char *path, GError **error)
{
    g_autofree char *folder = g_path_get_dirname(path);
    if (g_mkdir_with_parents(folder, 0777) == 0)
        return TRUE;
    const int number = errno;
    g_autofree char *shown = g_filename_display_name(folder);
    g_set_error(error, GAN_ERROR, GAN_ERROR_FILE, "The folder '%s' cannot be made: %s.", shown,
                g_strerror(number));
    return FALSE;
}

static void warn_of_transparency(Job *job, const CliItem *item, GeglBuffer *buffer)
{
    const char *extension = cli_naming_extension(item->output);
    const gboolean is_jpeg =
        g_ascii_strcasecmp(extension, "jpg") == 0 || g_ascii_strcasecmp(extension, "jpeg") == 0;
    if (!is_jpeg || !babl_format_has_alpha(gegl_buffer_get_format(buffer)))
        return;
    g_autofree char *shown = g_filename_display_name(item->input);
    cli_progress_complain(
        job->progress,
        "%s: warning: JPEG files have no transparency; what is transparent becomes white.", shown);
}

// Runs the network and saves the result.
static Result work(Job *job, const CliItem *item, GeglBuffer *buffer,
                   const GanUpscaleOptions *wanted, const GanUpscalePlan *plan)
{
    GError *error = NULL;
    const gint64 begun_us = g_get_monotonic_time();
    const GeglRectangle extent = *gegl_buffer_get_extent(buffer);
    g_autoptr(GeglBuffer) result =
        gan_upscale(job->runner, buffer, wanted, on_progress, job, &error);
    if (result != NULL && !cli_interrupt_seen(job->interrupt) &&
        make_folder_of(item->output, &error)) {
        const GanImageSaveOptions save = {.quality = (guint)job->options->quality,
                                          .metadata = item->input};
        gan_image_save(result, item->output, &save, &error);
    } else if (error == NULL) {
        return RESULT_STOPPED;
    }
    cli_progress_end(job->progress);
    if (error != NULL) {
        const gboolean stopped = g_error_matches(error, G_IO_ERROR, G_IO_ERROR_CANCELLED);
        const Result failed = stopped ? RESULT_STOPPED : fail(job, item, error->message);
        g_error_free(error);
        return failed;
    }
    const double seconds = (double)(g_get_monotonic_time() - begun_us) / G_USEC_PER_SEC;
    g_autofree char *input = g_filename_display_name(item->input);
    g_autofree char *output = g_filename_display_name(item->output);
    g_autofree char *time = cli_report_seconds(seconds);
    cli_progress_say(job->progress, "%s -> %s: %u x %u pixels, %s", input, output, plan->width,
                     plan->height, time);
    JsonBuilder *event = cli_progress_event(job->progress, "done");
    if (event != NULL) {
        add_plan(event, item, (guint)extent.width, (guint)extent.height, plan);
        cli_report_number(event, "seconds", seconds);
        cli_progress_event_end(event);
    }
    return RESULT_DONE;
}

static Result process(Job *job, const CliItem *item, guint index)
{
    if (item->problem != NULL)
        return fail(job, item, item->problem);
    if (!job->options->overwrite && cli_batch_is_done(item))
        return skip(job, item);
    g_autoptr(GError) error = NULL;
    g_autofree char *warning = NULL;
    g_autoptr(GeglBuffer) buffer = gan_image_load(item->input, &warning, &error);
    if (buffer == NULL)
        return fail(job, item, error->message);
    if (warning != NULL)
        cli_progress_complain(job->progress, "warning: %s", warning);
    const GeglRectangle *extent = gegl_buffer_get_extent(buffer);
    const guint width = (guint)extent->width, height = (guint)extent->height;
    const GanUpscaleOptions wanted = upscale_options(job, width, height);
    GanUpscalePlan plan;
    if (!gan_upscale_plan(job->runner, width, height, &wanted, job->options->dry_run, &plan,
                          &error))
        return fail(job, item, error->message);
    g_autofree char *size_problem = cli_naming_size_problem(item->output, plan.width, plan.height);
    if (size_problem != NULL)
        return fail(job, item, size_problem);
    warn_of_transparency(job, item, buffer);
    if (job->options->dry_run)
        return describe(job, item, width, height, &plan);
    g_autofree char *what =
        g_strdup_printf("%u x %u to %u x %u pixels", width, height, plan.width, plan.height);
    cli_progress_begin(job->progress, index, item->input, what);
    const Result result = work(job, item, buffer, &wanted, &plan);
    cli_progress_end(job->progress);
    return result;
}

static CliExit run_batch(Job *job, const GPtrArray *items)
{
    guint n_begun = 0;
    gboolean stopped = FALSE;
    while (n_begun < items->len && !stopped) {
        if (cli_interrupt_seen(job->interrupt)) {
            stopped = TRUE;
            break;
        }
        const Result result = process(job, items->pdata[n_begun], n_begun + 1);
        stopped = result == RESULT_STOPPED;
        if (!stopped)
            n_begun++;
        job->n_done += result == RESULT_DONE;
        job->n_skipped += result == RESULT_SKIPPED;
        job->n_failed += result == RESULT_FAILED;
    }
    const guint n_left = items->len - n_begun;
    // A signal that came while the last result was saved is answered too.
    stopped = stopped || cli_interrupt_seen(job->interrupt);
    if (stopped)
        cli_progress_say(job->progress, "Interrupted: %u done, %u skipped, %u failed, %u not done",
                         job->n_done, job->n_skipped, job->n_failed, n_left);
    else
        cli_progress_say(job->progress, "%u %s, %u skipped, %u failed", job->n_done,
                         job->options->dry_run ? "would be done" : "done", job->n_skipped,
                         job->n_failed);
    JsonBuilder *event = cli_progress_event(job->progress, "summary");
    if (event != NULL) {
        cli_report_integer(event, "done", job->n_done);
        cli_report_integer(event, "skipped", job->n_skipped);
        cli_report_integer(event, "failed", job->n_failed);
        cli_report_integer(event, "not_done", n_left);
        cli_report_boolean(event, "interrupted", stopped);
        cli_progress_event_end(event);
    }
    if (stopped)
        return CLI_EXIT_INTERRUPTED;
    return job->n_failed > 0 ? CLI_EXIT_FAILED : CLI_EXIT_OK;
}

// Loads the model or the blend of two, and says which one was taken where the user named none.
static GanModel *load_model(const Options *o, CliPick *pick, GError **error)
{
    if (o->blend != NULL)
        return cli_pick_blend(o->blend, o->models, GAN_TASK_UPSCALE, pick, error);
    if (!cli_pick(o->model, o->models, GAN_TASK_UPSCALE, o->scale, pick, error))
        return NULL;
    g_autoptr(GanModel) model = gan_model_load(pick->path, NULL, error);
    if (model != NULL && gan_model_info(model)->task != GAN_TASK_RESTORE &&
        !cli_pick_check_task(pick, model, GAN_TASK_UPSCALE, error))
        return NULL;
    // Of a file outside the catalogue only what it says itself: a sum over it takes too long here.
    if (model != NULL && pick->licence == NULL)
        pick->licence =
            gan_catalogue_licence(gan_model_weights(model), NULL, &pick->non_commercial);
    return g_steal_pointer(&model);
}

static void announce(CliProgress *progress, const GanModel *model, const CliPick *pick,
                     const GanDevice *device)
{
    const GanModelInfo *info = gan_model_info(model);
    if (pick->chosen)
        cli_progress_say(progress,
                         "Model: %s (%s, x%g), the first that fits; --model NAME takes another.",
                         pick->name, info->title, info->scale);
    if (pick->non_commercial)
        cli_progress_complain(progress,
                              "note: the licence of the model '%s' (%s) allows no commercial use.",
                              pick->name, pick->licence != NULL ? pick->licence : "not named");
    if (gan_device_note(device) != NULL)
        cli_progress_say(progress, "No graphics processor is used: %s.", gan_device_note(device));
    JsonBuilder *event = cli_progress_event(progress, "start");
    if (event == NULL)
        return;
    cli_report_string(event, "model", pick->name);
    cli_report_path(event, "model_path", pick->path);
    cli_report_string(event, "family", info->family);
    cli_report_scale(event, "model_scale", info->scale);
    cli_report_string(event, "licence", pick->licence);
    cli_report_string(event, "device", gan_device_description(device));
    cli_progress_event_end(event);
}

static CliExit complain_and_fail(GError *error)
{
    g_printerr("%s: %s\n", g_get_prgname(), error->message);
    g_error_free(error);
    return CLI_EXIT_FAILED;
}

// Works through the batch with GEGL running.
static CliExit work_through(Job *job, const GPtrArray *items, const CliPick *pick,
                            GanDevice *device)
{
    const Options *o = job->options;
    GError *error = NULL;
    const GanRunnerOptions runner_options = {.memory_bytes = o->memory_bytes};
    g_autoptr(GanRunner) runner = gan_runner_new(job->model, device, &runner_options, &error);
    if (runner == NULL)
        return complain_and_fail(error);
    const CliProgressMode mode = o->quiet  ? CLI_PROGRESS_QUIET
                                 : o->json ? CLI_PROGRESS_JSON
                                           : CLI_PROGRESS_AUTO;
    g_autoptr(CliProgress) progress = cli_progress_new(mode, items->len);
    job->progress = progress;
    job->runner = runner;
    announce(progress, job->model, pick, device);
    return run_batch(job, items);
}

CliExit cli_upscale(int argc, char **argv)
{
    g_auto(Options) o = {.quality = 95};
    GError *error = NULL;
    if (!parse(&o, argc, argv))
        return CLI_EXIT_USAGE;
    if (!check(&o, &error))
        return cli_options_complain(error);

    // Before any thread: the engine's threads must not take the signals.
    Job job = {.options = &o, .interrupt = cli_interrupt_new()};
    g_autoptr(GPtrArray) items = cli_batch_expand(o.files, o.recursive, o.output);
    if (items->len == 0) {
        g_printerr("%s: There is no picture in what was named.%s\n", g_get_prgname(),
                   o.recursive ? "" : " --recursive enters folders inside folders.");
        return CLI_EXIT_FAILED;
    }
    CliNaming naming = {.output = o.output,
                        .template = o.template,
                        .usual = o.to_text != NULL ? CLI_TEMPLATE_SIZE : CLI_TEMPLATE_FACTOR,
                        .format = o.format,
                        .overwrite = o.overwrite};
    if (!cli_naming_check(items, &naming, &error))
        return cli_options_complain(error);

    g_auto(CliPick) pick = {0};
    g_autoptr(GanModel) model = load_model(&o, &pick, &error);
    if (model == NULL)
        return complain_and_fail(error);
    job.model = model;
    job.factor = o.scale > 0 ? o.scale : gan_model_info(model)->scale;
    g_autofree char *scale =
        o.to_text != NULL ? g_ascii_strdown(o.to_text, -1) : g_strdup_printf("%g", job.factor);
    naming.model = pick.name;
    naming.scale = scale;
    if (!cli_naming_apply(items, &naming, &error))
        return cli_options_complain(error);
    g_autoptr(GanDevice) device =
        gan_device_open(o.device != NULL ? o.device : "auto", (guint)o.threads, &error);
    if (device == NULL)
        return complain_and_fail(error);

    gan_image_init((guint)o.threads);
    const CliExit status = work_through(&job, items, &pick, device);
    gan_image_exit();
    return status;
}
