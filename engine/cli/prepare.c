// SPDX-License-Identifier: LGPL-3.0-or-later
// `gimp-gan prepare`: makes one file of training data out of folders of pictures.
#include "cli.h"

#include "interrupt.h"
#include "options.h"
#include "place.h"
#include "progress.h"
#include "report.h"

#include <gan/image.h>
#include <gan/prepare.h>
#include <gio/gio.h>
#include <math.h>

#define TILE_DEFAULT 512
#define LEAST_DEFAULT 32
#define NEAR_DEFAULT 8

typedef struct {
    char **folders;
    char *output, *kind, *sharpness_text;
    int tile, least, resize, scale, near;
    gboolean grey, quiet, json;
    double sharpness;
} Options;

typedef struct {
    CliInterrupt *interrupt;
    CliProgress *progress;
} Job;

static void options_clear(Options *options)
{
    g_strfreev(options->folders);
    g_free(options->output);
    g_free(options->kind);
    g_free(options->sharpness_text);
}
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC(Options, options_clear)

static gboolean on_progress(double fraction, gpointer data)
{
    Job *job = data;
    cli_progress_update(job->progress, fraction);
    return !cli_interrupt_seen(job->interrupt);
}

static void on_notice(const char *text, gpointer data)
{
    Job *job = data;
    JsonBuilder *event = cli_progress_event(job->progress, "left-out");
    if (event == NULL) {
        cli_progress_complain(job->progress, "%s", text);
        return;
    }
    cli_report_path(event, "text", text);
    cli_progress_event_end(event);
}

static gboolean parse(Options *o, int argc, char **argv)
{
    const GOptionEntry entries[] = {
        {"output", 'o', 0, G_OPTION_ARG_FILENAME, &o->output, "Write the data to FILE", "FILE"},
        {"kind", 'k', 0, G_OPTION_ARG_STRING, &o->kind,
         "pictures (the default), pairs, unpaired or classes", "pictures|pairs|unpaired|classes"},
        {"tile", 't', 0, G_OPTION_ARG_INT, &o->tile,
         "Cut into tiles of N x N pixels; 0 keeps pictures whole; the default is 512", "N"},
        {"scale", 's', 0, G_OPTION_ARG_INT, &o->scale,
         "How much larger the targets of pairs are; the default is 1", "N"},
        {"resize", 0, 0, G_OPTION_ARG_INT, &o->resize,
         "Shrink pictures until their shorter side has N pixels", "N"},
        {"least", 0, 0, G_OPTION_ARG_INT, &o->least,
         "Leave out pictures whose shorter side is below N pixels; the default is 32", "N"},
        {"sharpness", 0, 0, G_OPTION_ARG_STRING, &o->sharpness_text,
         "Leave out tiles below this variance of the Laplacian; 0, the default, keeps all", "X"},
        {"near", 0, 0, G_OPTION_ARG_INT, &o->near,
         "Bits of 256 by which the hashes of doubles may differ; 0: equal pictures only; "
         "the default is 8",
         "N"},
        {"grey", 0, 0, G_OPTION_ARG_NONE, &o->grey, "Keep the brightness only", NULL},
        {"quiet", 'q', 0, G_OPTION_ARG_NONE, &o->quiet, "Say errors and warnings only", NULL},
        {"json", 0, 0, G_OPTION_ARG_NONE, &o->json, "Print a JSON object for each event", NULL},
        {G_OPTION_REMAINING, 0, 0, G_OPTION_ARG_FILENAME_ARRAY, &o->folders, NULL, NULL},
        {0}};
    return cli_options_parse(
        argc, argv, entries, "FOLDER… -o FILE",
        "Makes one file of training data out of folders of pictures: tiles, without doubles, "
        "damaged\nfiles and, on demand, blurred parts.",
        "pairs:    the folder holds HR and LR (or LR_bicubic/XN, LR/XN, LRxN), or target and "
        "input\n"
        "unpaired: the folder holds A and B, or trainA and trainB\n"
        "classes:  the folder's sub-folders are the classes\n\n"
        "Training takes the file in place of a folder.");
}

static gboolean check(Options *o, GError **error)
{
    if (o->folders == NULL || o->output == NULL) {
        g_set_error(error, GAN_ERROR, GAN_ERROR_ARGUMENT, "%s",
                    o->folders == NULL ? "A folder of pictures is missing."
                                       : "--output is missing: the file to be written.");
        return FALSE;
    }
    if (o->sharpness_text != NULL &&
        !cli_options_number("--sharpness", o->sharpness_text, 0, 1e6, &o->sharpness, error))
        return FALSE;
    return cli_options_integer("--tile", o->tile, 0, 65536, error) &&
           cli_options_integer("--scale", o->scale, 1, 16, error) &&
           cli_options_integer("--resize", o->resize, 0, 65536, error) &&
           cli_options_integer("--least", o->least, 0, 65536, error) &&
           cli_options_integer("--near", o->near, 0, 256, error);
}

static void say(CliProgress *progress, const char *output, guint tile, const GanPrepareReport *r)
{
    const struct {
        const char *name, *text;
        guint64 n;
    } rows[] = {{"damaged", "could not be read", r->n_damaged},
                {"small", "were too small", r->n_small},
                {"unmatched", "had a partner of another size", r->n_unmatched},
                {"duplicates", "equalled a former one", r->n_duplicates},
                {"near", "looked like a former one", r->n_near}};
    JsonBuilder *event = cli_progress_event(progress, "done");
    if (event != NULL) {
        cli_report_path(event, "output", output);
        cli_report_integer(event, "pictures", r->n_pictures);
        for (gsize i = 0; i < G_N_ELEMENTS(rows); i++)
            cli_report_integer(event, rows[i].name, rows[i].n);
        cli_report_integer(event, "blurred_tiles", r->n_blurred);
        cli_report_integer(event, "equal_tiles", r->n_equal);
        cli_report_integer(event, "tiles", r->n_tiles);
        cli_report_integer(event, "narrow_tiles", r->n_narrow);
        cli_report_integer(event, "shortest_side", r->shortest);
        cli_report_integer(event, "bytes", r->bytes);
        cli_report_string(event, "sha256", r->hash);
        cli_progress_event_end(event);
        return;
    }
    g_autofree char *bytes = cli_report_bytes(r->bytes);
    g_autofree char *pictures = cli_report_count(r->n_pictures, "picture", "pictures");
    g_autofree char *shown = g_filename_display_name(output);
    cli_progress_say(progress, "%s: %s", pictures,
                     r->n_damaged + r->n_small + r->n_unmatched + r->n_duplicates + r->n_near == 0
                         ? "all are used"
                         : "of these");
    for (gsize i = 0; i < G_N_ELEMENTS(rows); i++)
        if (rows[i].n > 0)
            cli_progress_say(progress, "  %" G_GUINT64_FORMAT " %s", rows[i].n, rows[i].text);
    if (r->n_blurred + r->n_equal > 0)
        cli_progress_say(progress,
                         "Left out besides: %" G_GUINT64_FORMAT " blurred tiles, %" G_GUINT64_FORMAT
                         " that equalled a former one",
                         r->n_blurred, r->n_equal);
    cli_progress_say(progress, "%s: %" G_GUINT64_FORMAT " %s, %s, data %.12s", shown, r->n_tiles,
                     r->n_tiles == 1 ? "tile" : "tiles", bytes, r->hash);
    if (tile > 0 && r->n_narrow > 0)
        cli_progress_say(progress,
                         "  Smaller than %u x %u: %" G_GUINT64_FORMAT
                         " of them; the shortest side has %u pixels",
                         tile, tile, r->n_narrow, r->shortest);
    if (tile == 0 || r->n_narrow > 0)
        cli_progress_say(progress,
                         "  Training leaves out those into which its patch (data.patch) does not "
                         "fit; up to %u all do",
                         r->shortest);
}

CliExit cli_prepare(int argc, char **argv)
{
    g_auto(Options)
        o = {.tile = TILE_DEFAULT, .least = LEAST_DEFAULT, .scale = 1, .near = NEAR_DEFAULT};
    GError *error = NULL;
    if (!parse(&o, argc, argv))
        return CLI_EXIT_USAGE;
    if (!check(&o, &error))
        return cli_options_complain(error);
    if (!cli_place_check(o.output, &error))
        return cli_options_fail(error);
    Job job = {.interrupt = cli_interrupt_new()};
    g_autoptr(CliProgress) progress = cli_progress_new(o.json    ? CLI_PROGRESS_JSON
                                                       : o.quiet ? CLI_PROGRESS_QUIET
                                                                 : CLI_PROGRESS_AUTO,
                                                       1);
    job.progress = progress;
    const GanPrepareOptions options = {.folders = (const char *const *)o.folders,
                                       .kind = o.kind,
                                       .channels = o.grey ? 1 : 3,
                                       .scale = (guint)o.scale,
                                       .tile = (guint)o.tile,
                                       .least = (guint)o.least,
                                       .resize = (guint)o.resize,
                                       .sharpness = o.sharpness,
                                       .near_bits = (guint)o.near};
    GanPrepareReport report;
    gan_image_init(1);
    cli_progress_begin(progress, 1, o.output, "reading pictures");
    const gboolean done =
        gan_prepare(o.output, &options, on_progress, on_notice, &job, &report, &error);
    cli_progress_end(progress);
    gan_image_exit();
    if (done) {
        say(progress, o.output, (guint)o.tile, &report);
        return CLI_EXIT_OK;
    }
    const gboolean cancelled = g_error_matches(error, G_IO_ERROR, G_IO_ERROR_CANCELLED);
    if (g_error_matches(error, GAN_ERROR, GAN_ERROR_ARGUMENT))
        return cli_options_complain(error);
    if (!cancelled)
        cli_progress_complain(progress, "%s", error->message);
    g_error_free(error);
    return cancelled ? CLI_EXIT_INTERRUPTED : CLI_EXIT_FAILED;
}
