// SPDX-License-Identifier: LGPL-3.0-or-later
// What all verbs share that make pictures of pictures: options, files, and the way through a batch
// that one damaged file or a signal does not spoil.
#include "pictures.h"

#include "job.h"
#include "naming.h"
#include "options.h"
#include "pages.h"
#include "place.h"
#include "report.h"
#include "results.h"

#include <gan/series.h>
#include <gio/gio.h>
#include <string.h>

// No quality is asked for; the library knows what is usual.
#define QUALITY_OF_SOURCE G_MININT

static guint quality_of(const CliJobOptions *o)
{
    return o->quality == QUALITY_OF_SOURCE ? 0 : (guint)o->quality;
}

static void options_clear(CliJobOptions *options)
{
    g_strfreev(options->files);
    cli_compute_clear(&options->compute);
    g_free(options->output);
    g_free(options->template);
    g_free(options->format);
    g_free(options->model);
    g_free(options->blend);
    g_free(options->page);
}
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC(CliJobOptions, options_clear)

static void pictures_clear(CliPictures *pictures)
{
    for (guint i = 0; i < pictures->n_networks; i++) {
        cli_pick_clear(&pictures->networks[i].pick);
        g_clear_pointer(&pictures->networks[i].runner, gan_runner_free);
        g_clear_pointer(&pictures->networks[i].model, gan_model_unref);
    }
    g_clear_pointer(&pictures->note, g_free);
}
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC(CliPictures, pictures_clear)

static void plan_clear(CliPlan *plan)
{
    g_string_free(plan->tiles, TRUE);
}
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC(CliPlan, plan_clear)

// --- the command line ---

static gboolean parse(const CliPictureVerb *verb, CliJobOptions *o, int argc, char **argv)
{
    g_autofree char *template_text = g_strdup_printf(
        "Names of the results, with {name} {ext} {model} {scale} {folder} {index}; the default is "
        "'%s'",
        verb->usual);
    const GOptionEntry shared[] = {
        {"model", 'm', 0, G_OPTION_ARG_FILENAME, &o->model,
         "A model of 'gimp-gan models', or a weight file; the default is the first there is, a "
         "faithful one before its detail",
         "NAME|FILE"},
        {"blend", 0, 0, G_OPTION_ARG_FILENAME, &o->blend,
         "Interpolate the weights of two models of one architecture; T is the part of B, from 0 to "
         "1",
         "A:B:T"},
        cli_compute_models(&o->compute),
        {"output", 'o', 0, G_OPTION_ARG_FILENAME, &o->output,
         "Write to FILE, or into FOLDER (made when missing); else beside each picture",
         "FILE|FOLDER"},
        {"template", 't', 0, G_OPTION_ARG_FILENAME, &o->template, template_text, "TEMPLATE"},
        {"format", 'f', 0, G_OPTION_ARG_STRING, &o->format,
         "Format of the results: png, jpg, tif, webp or exr; the default is the input's own",
         "png|jpg|tif|webp|exr"},
        {"quality", 0, 0, G_OPTION_ARG_INT, &o->quality,
         "Quality of JPEG and WebP, 1 to 100 (lossless WebP); the default is 95, and lossless for "
         "WebP of a lossless source",
         "N"},
        {"page", 0, 0, G_OPTION_ARG_STRING, &o->page,
         "Of files with several pages, frames or parts take number N, the part or layer of that "
         "name "
         "(OpenEXR), or all, into a file of as many; the default is the first",
         "N|NAME|all"},
        {"recursive", 'r', 0, G_OPTION_ARG_NONE, &o->recursive, "Enter the folders inside folders",
         NULL},
        {"overwrite", 0, 0, G_OPTION_ARG_NONE, &o->overwrite,
         "Do again what is done already, and replace files that this program did not make", NULL},
        {"dry-run", 'n', 0, G_OPTION_ARG_NONE, &o->dry_run,
         "Only say what would be done, with sizes, passes, tiles, memory and time", NULL},
        cli_compute_device(&o->compute),
        cli_compute_threads(&o->compute),
        cli_compute_memory(&o->compute),
        {"quiet", 'q', 0, G_OPTION_ARG_NONE, &o->quiet, "Print errors and warnings only", NULL},
        {"json", 0, 0, G_OPTION_ARG_NONE, &o->json, "Print one JSON object a line", NULL},
        {G_OPTION_REMAINING, 0, 0, G_OPTION_ARG_FILENAME_ARRAY, &o->files, NULL, NULL},
        {0}};
    g_autoptr(GArray) entries = g_array_new(FALSE, FALSE, sizeof(GOptionEntry));
    for (const GOptionEntry *own = verb->entries; own != NULL && own->long_name != NULL; own++)
        g_array_append_vals(entries, own, 1);
    g_array_append_vals(entries, shared, G_N_ELEMENTS(shared));
    return cli_options_parse(
        argc, argv, (const GOptionEntry *)(const void *)entries->data, "FILE|FOLDER|PATTERN…",
        verb->summary,
        "A result that is there, made of the same picture by the same settings, is skipped. A file "
        "that fails\n"
        "does not stop the others; the exit status is then 1. Ctrl-C stops within a moment and "
        "leaves no half file.");
}

static gboolean check(CliJobOptions *o, GError **error)
{
    const char *problem = NULL;
    if (o->files == NULL || o->files[0] == NULL)
        problem = "No picture is named.";
    else if (o->model != NULL && o->blend != NULL)
        problem = "--model and --blend exclude each other.";
    else if (o->quiet && o->json)
        problem = "--quiet and --json exclude each other.";
    if (problem != NULL) {
        g_set_error_literal(error, GAN_ERROR, GAN_ERROR_ARGUMENT, problem);
        return FALSE;
    }
    g_autofree char *a = NULL;
    g_autofree char *b = NULL;
    double part = 0;
    if (o->blend != NULL && !cli_options_blend(o->blend, 0, &a, &b, &part, error))
        return FALSE;
    return (o->quality == QUALITY_OF_SOURCE ||
            cli_options_integer("--quality", o->quality, 1, 100, error)) &&
           cli_pages_check(o->page, error) && cli_compute_check(&o->compute, error);
}

// Says before the work what the new file will lack.
static void foresee(CliJob *job, const CliItem *item, const CliPicture *picture)
{
    const GanImageSaveOptions save = {.quality = quality_of(job->options),
                                      .metadata = item->input,
                                      .page = picture->page,
                                      .notes = job->notes};
    gan_image_foresee(gegl_buffer_get_format(picture->buffer), item->output, &save);
    cli_job_say_notes(job, item->input);
}

// --- the work on one picture ---

static gboolean on_progress(double fraction, gpointer data)
{
    CliJob *job = data;
    cli_progress_update(job->progress, (job->n_pages_done + fraction) / job->n_pages);
    return !cli_interrupt_seen(job->interrupt);
}

static GeglBuffer *load(CliJob *job, const char *path, guint page, GError **error)
{
    GeglBuffer *buffer = gan_image_load_page(path, page, job->notes, error);
    // No page is left out where all are asked for.
    for (guint i = job->notes->len; job->n_pages > 1 && i-- > job->n_said;) {
        if (cli_job_is_of_pages(job->notes->pdata[i]))
            g_ptr_array_remove_index(job->notes, i);
    }
    cli_job_say_notes(job, path);
    return buffer;
}

static gboolean load_companions(CliJob *job, const CliItem *item, GError **error)
{
    for (guint i = 0; i < job->pictures->n_companions; i++) {
        if (g_strcmp0(job->companion_paths[i], item->companions[i]) == 0)
            continue;
        g_clear_object(&job->companions[i]);
        g_clear_pointer(&job->companion_paths[i], g_free);
        job->companions[i] = load(job, item->companions[i], 0, error);
        if (job->companions[i] == NULL)
            return FALSE;
        job->companion_paths[i] = g_strdup(item->companions[i]);
    }
    return TRUE;
}

// All that the run takes, as GIMP's dialogs say it: the network, the picture and its result. (In GIMP
// the result is there twice, the second time in GIMP's own tiles.)
static guint64 with_pixels(guint64 network_bytes, const CliPicture *picture, const CliPlan *plan)
{
    const guint64 pixel_bytes =
        (guint64)babl_format_get_bytes_per_pixel(gegl_buffer_get_format(picture->buffer));
    const guint64 before = (guint64)picture->width * picture->height;
    const guint64 after = (guint64)plan->width * plan->height;
    return network_bytes + (before + after) * pixel_bytes;
}

// Says before the work what a page is and what it takes.
static gboolean plan_page(CliJob *job, const CliItem *item, GeglBuffer *buffer, guint page,
                          CliPicture *picture, CliPlan *plan, GError **error)
{
    const GeglRectangle *extent = gegl_buffer_get_extent(buffer);
    *picture = (CliPicture){.buffer = buffer,
                            .input = item->input,
                            .page = page,
                            .width = (guint)extent->width,
                            .height = (guint)extent->height,
                            .sideways = gan_image_orientation(item->input, page) >= 5};
    memcpy(picture->companions, job->companions, sizeof picture->companions);
    plan->width = picture->width;
    plan->height = picture->height;
    if (!job->verb->plan(job->pictures, picture, job->options->dry_run, plan, job->verb->data,
                         error))
        return FALSE;
    plan->memory_bytes = with_pixels(plan->memory_bytes, picture, plan);
    g_autofree char *problem = cli_naming_size_problem(item->output, plan->width, plan->height);
    if (problem == NULL)
        return TRUE;
    g_set_error(error, GAN_ERROR, GAN_ERROR_FORMAT, "%s", problem);
    return FALSE;
}

// Makes the result of one page and adds it. FALSE without an error: it was interrupted.
static gboolean add_page(CliJob *job, GanSeries *series, const CliPicture *picture,
                         const CliPlan *plan, GError **error)
{
    g_autoptr(GeglBuffer) result =
        job->verb->run(job->pictures, picture, plan, on_progress, job, job->verb->data, error);
    if (result == NULL || cli_interrupt_seen(job->interrupt) ||
        !gan_series_add(series, result, error))
        return FALSE;
    job->n_pages_done++;
    return !cli_interrupt_seen(job->interrupt);
}

// Makes the results of all pages, of which the first is there, one at a time, and saves them.
static void save_pages(CliJob *job, const CliItem *item, const GanImagePages *pages,
                       const CliPicture *first, const CliPlan *first_plan,
                       const GanImageSaveOptions *save, GError **error)
{
    g_autoptr(GanSeries) series = cli_place_make_folder(item->output, error)
                                      ? gan_series_new(item->output, pages, save, error)
                                      : NULL;
    if (series == NULL || !add_page(job, series, first, first_plan, error))
        return;
    for (guint page = 2; page <= pages->n; page++) {
        CliPicture picture;
        g_auto(CliPlan) plan = {.tiles = g_string_new(NULL)};
        g_autoptr(GeglBuffer) buffer = load(job, item->input, page, error);
        if (buffer == NULL || !plan_page(job, item, buffer, page, &picture, &plan, error) ||
            !add_page(job, series, &picture, &plan, error))
            return;
    }
    gan_series_end(series, error);
}

// Makes the result of a picture and saves it.
static void save_picture(CliJob *job, const CliItem *item, const CliPicture *picture,
                         const CliPlan *plan, const GanImageSaveOptions *save, GError **error)
{
    g_autoptr(GeglBuffer) result =
        job->verb->run(job->pictures, picture, plan, on_progress, job, job->verb->data, error);
    // What is stopped leaves no folder either.
    if (result != NULL && !cli_interrupt_seen(job->interrupt) &&
        cli_place_make_folder(item->output, error) &&
        gan_image_save(result, item->output, save, error))
        job->n_pages_done++;
}

// Makes the result and saves it. `pages`: all of them; NULL: the one there is.
static CliJobResult work(CliJob *job, const CliItem *item, const GanImagePages *pages,
                         const CliPicture *picture, const CliPlan *plan,
                         const GanProvenance *provenance)
{
    GError *error = NULL;
    const gint64 begun_us = g_get_monotonic_time();
    const GanImageSaveOptions save = {.quality = quality_of(job->options),
                                      .metadata = item->input,
                                      .page = picture->page,
                                      .notes = job->notes,
                                      .provenance =
                                          provenance->source_print != NULL ? provenance : NULL};
    if (pages != NULL)
        save_pages(job, item, pages, picture, plan, &save, &error);
    else
        save_picture(job, item, picture, plan, &save, &error);
    if (error == NULL && job->n_pages_done < job->n_pages)
        return RESULT_STOPPED;
    cli_progress_end(job->progress);
    cli_job_say_notes(job, item->input);
    if (error != NULL) {
        const gboolean stopped = g_error_matches(error, G_IO_ERROR, G_IO_ERROR_CANCELLED);
        const CliJobResult failed =
            stopped ? RESULT_STOPPED : cli_job_fail(job, item, error->message);
        g_error_free(error);
        return failed;
    }
    const double seconds = (double)(g_get_monotonic_time() - begun_us) / G_USEC_PER_SEC;
    g_autofree char *input = g_filename_display_name(item->input);
    g_autofree char *output = g_filename_display_name(item->output);
    g_autofree char *time = cli_report_seconds(seconds);
    const CliPicture made = {
        .width = plan->width, .height = plan->height, .sideways = picture->sideways};
    g_autofree char *size = cli_job_sizes(job, &made, plan);
    cli_progress_say(job->progress, "%s -> %s: %s, %s", input, output, size, time);
    JsonBuilder *event = cli_job_event(job, "done", item, picture, plan);
    if (event != NULL) {
        cli_report_number(event, "seconds", seconds);
        cli_progress_event_end(event);
    }
    return RESULT_DONE;
}

static CliJobResult process(CliJob *job, const CliItem *item, guint index)
{
    if (item->problem != NULL)
        return cli_job_fail(job, item, item->problem);
    g_auto(GanProvenance) provenance = cli_results_provenance(
        item, job->verb, job->pictures, job->scale, quality_of(job->options), job->options->page);
    if (cli_results_is_done_in_place(item, &provenance))
        return cli_job_skip(job, item);
    if (!job->options->overwrite) {
        const char *reason = NULL;
        switch (cli_results_look(item, &provenance, &reason)) {
        case CLI_RESULT_DONE:
            return cli_job_skip(job, item);
        case CLI_RESULT_ALIEN:
            return cli_job_refuse(job, item);
        case CLI_RESULT_OTHER:
            cli_job_say_replaced(job, item, reason);
            break;
        case CLI_RESULT_NONE:
            break;
        }
    }
    g_autofree char *place_problem = cli_place_problem(item->output);
    if (place_problem != NULL)
        return cli_job_fail(job, item, place_problem);
    g_autoptr(GError) error = NULL;
    g_ptr_array_set_size(job->notes, 0);
    job->n_said = 0;
    job->n_pages = 1;
    job->n_pages_done = 0;
    guint page = 0;
    g_autoptr(GanImagePages) pages = NULL;
    if (!cli_pages_find(job->options->page, item->input, item->output, &page, &pages, &error))
        return cli_job_fail(job, item, error->message);
    if (pages != NULL) {
        job->n_pages = pages->n;
        job->unit = pages->unit;
    }
    g_autoptr(GeglBuffer) buffer = load(job, item->input, page, &error);
    CliPicture picture;
    g_auto(CliPlan) plan = {.tiles = g_string_new(NULL)};
    if (buffer == NULL || !load_companions(job, item, &error) ||
        !plan_page(job, item, buffer, page, &picture, &plan, &error))
        return cli_job_fail(job, item, error->message);
    foresee(job, item, &picture);
    if (job->options->dry_run) {
        plan.n_passes *= job->n_pages;
        plan.n_tiles *= job->n_pages;
        plan.seconds *= job->n_pages;
        return cli_job_describe(job, item, &picture, &plan);
    }
    g_autofree char *what = cli_job_sizes(job, &picture, &plan);
    cli_progress_begin(job->progress, index, item->input, what);
    const CliJobResult result = work(job, item, pages, &picture, &plan, &provenance);
    cli_progress_end(job->progress);
    return result;
}

// --- the batch ---

static CliExit run_batch(CliJob *job, const GPtrArray *items)
{
    guint n_begun = 0;
    gboolean stopped = FALSE;
    while (n_begun < items->len && !stopped) {
        if (cli_interrupt_seen(job->interrupt)) {
            stopped = TRUE;
            break;
        }
        const CliJobResult result = process(job, items->pdata[n_begun], n_begun + 1);
        stopped = result == RESULT_STOPPED;
        if (!stopped)
            n_begun++;
        job->n_done += result == RESULT_DONE;
        job->n_skipped += result == RESULT_SKIPPED;
        job->n_failed += result == RESULT_FAILED;
    }
    const guint n_left = items->len - n_begun;
    cli_announce_not_taken(job->progress, &job->left);
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
        cli_report_integer(event, "not_read", job->left.not_read->len);
        cli_report_integer(event, "not_taken", job->left.alone->len);
        cli_report_integer(event, "not_followed", job->left.links->len);
        cli_report_boolean(event, "interrupted", stopped);
        cli_progress_event_end(event);
    }
    if (stopped)
        return CLI_EXIT_INTERRUPTED;
    return job->n_failed > 0 ? CLI_EXIT_FAILED : CLI_EXIT_OK;
}

static gboolean open_networks(const CliJobOptions *o, CliPictures *pictures, GError **error)
{
    for (guint i = 0; i < pictures->n_networks; i++) {
        CliNetwork *network = &pictures->networks[i];
        network->model =
            i == 0 && o->blend != NULL
                ? cli_pick_blend(o->blend, o->compute.models, network->task, &network->pick, error)
                : cli_pick_load(network->name, o->compute.models, network->task, network->scale,
                                &network->pick, error);
        if (network->model == NULL)
            return FALSE;
    }
    return TRUE;
}

// Works through the batch with GEGL running.
static CliExit work_through(CliJob *job, const GPtrArray *items, const GPtrArray *left_out,
                            GanDevice *device)
{
    const CliJobOptions *o = job->options;
    GError *error = NULL;
    const GanRunnerOptions options = {.memory_bytes = o->compute.memory_bytes};
    for (guint i = 0; i < job->pictures->n_networks; i++) {
        CliNetwork *network = &job->pictures->networks[i];
        network->runner = gan_runner_new(network->model, device, &options, &error);
        if (network->runner == NULL)
            return cli_options_fail(error);
    }
    const CliProgressMode mode = o->quiet  ? CLI_PROGRESS_QUIET
                                 : o->json ? CLI_PROGRESS_JSON
                                           : CLI_PROGRESS_AUTO;
    g_autoptr(CliProgress) progress = cli_progress_new(mode, items->len);
    job->progress = progress;
    job->notes = g_ptr_array_new_with_free_func(g_free);
    cli_announce(progress, job->pictures, device);
    cli_announce_left_out(progress, left_out);
    const CliExit status = run_batch(job, items);
    g_clear_pointer(&job->notes, g_ptr_array_unref);
    for (guint i = 0; i < CLI_MAX_COMPANIONS; i++) {
        g_clear_object(&job->companions[i]);
        g_clear_pointer(&job->companion_paths[i], g_free);
    }
    return status;
}

CliExit cli_pictures_main(const CliPictureVerb *verb, int argc, char **argv)
{
    g_auto(CliJobOptions) o = {.quality = QUALITY_OF_SOURCE};
    GError *error = NULL;
    if (!parse(verb, &o, argc, argv))
        return CLI_EXIT_USAGE;
    g_auto(CliPictures)
        pictures = {.usual = verb->usual,
                    .networks = {{.name = o.model, .task = verb->task, .option = "--model NAME"}},
                    .n_networks = 1};
    if (!check(&o, &error) || (verb->check != NULL && !verb->check(&pictures, verb->data, &error)))
        return cli_options_complain(error);

    // Before any thread: the engine's threads must not take the signals.
    CliJob job = {
        .verb = verb, .options = &o, .pictures = &pictures, .interrupt = cli_interrupt_new()};
    g_autoptr(GPtrArray) not_read = g_ptr_array_new_with_free_func(g_free);
    g_autoptr(GPtrArray) alone = g_ptr_array_new_with_free_func(g_free);
    g_autoptr(GPtrArray) links = g_ptr_array_new_with_free_func(g_free);
    job.left = (CliLeft){.not_read = not_read, .alone = alone, .links = links};
    g_autoptr(GPtrArray) items = cli_batch_expand(o.files, o.recursive, o.output, &job.left);
    if (items->len == 0) {
        g_autofree char *kinds = cli_batch_describe_left(not_read, "not read");
        g_printerr("%s: There is no picture in what was named.%s%s%s\n", g_get_prgname(),
                   o.recursive ? "" : " --recursive enters folders inside folders.",
                   kinds != NULL ? " Beside: " : "", kinds != NULL ? kinds : "");
        return CLI_EXIT_FAILED;
    }
    g_autoptr(GPtrArray) left_out = g_ptr_array_new_with_free_func((GDestroyNotify)cli_item_free);
    cli_results_leave_out(items, left_out);
    CliNaming naming = {.output = o.output,
                        .template = o.template,
                        .usual = pictures.usual,
                        .format = o.format,
                        .overwrite = o.overwrite};
    if (!cli_naming_check(items, &naming, &error))
        return cli_options_complain(error);
    for (guint i = 0; i < pictures.n_companions; i++)
        if (!cli_batch_pair(items, i, pictures.companions[i].option, pictures.companions[i].place,
                            &error))
            return cli_options_complain(error);

    if (!open_networks(&o, &pictures, &error))
        return cli_options_fail(error);
    g_autofree char *scale =
        verb->complete != NULL
            ? verb->complete(&pictures, verb->data, &error)
            : g_strdup_printf("%g", gan_model_info(pictures.networks[0].model)->scale);
    naming.model = pictures.networks[0].pick.name;
    naming.scale = job.scale = scale;
    if (scale == NULL || !cli_naming_apply(items, &naming, &error))
        return cli_options_complain(error);
    g_autoptr(GanDevice) device = cli_compute_open(&o.compute, &error);
    if (device == NULL)
        return cli_options_fail(error);

    gan_image_init((guint)o.compute.threads);
    const CliExit status = work_through(&job, items, left_out, device);
    pictures_clear(&pictures); // before GEGL ends
    gan_image_exit();
    return status;
}
