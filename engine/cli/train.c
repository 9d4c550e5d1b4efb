// SPDX-License-Identifier: LGPL-3.0-or-later
// `gimp-gan train`: makes weights out of a recipe and pictures.
#include "cli.h"

#include "interrupt.h"
#include "options.h"
#include "progress.h"
#include "report.h"

#include <gan/image.h>
#include <gan/trainer.h>
#include <math.h>

typedef struct {
    char **recipes, **changes;
    char **data, *output, *device;
    int threads;
    gboolean resume, dry_run, quiet, json;
} Options;

typedef struct {
    CliInterrupt *interrupt;
    CliProgress *progress;
    char *recipe;
    gboolean stopped;
} Job;

static void options_clear(Options *options)
{
    g_strfreev(options->recipes);
    g_strfreev(options->changes);
    g_strfreev(options->data);
    g_free(options->output);
    g_free(options->device);
}
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC(Options, options_clear)

static gboolean on_progress(const GanTrainerState *state, gpointer data)
{
    Job *job = data;
    g_autofree char *text =
        g_strdup_printf("%" G_GUINT64_FORMAT "/%" G_GUINT64_FORMAT "  %.3g images/s  %s",
                        state->step, state->steps, state->images_per_second, state->terms);
    cli_progress_rename(job->progress, text);
    cli_progress_start_at(job->progress, (double)state->first / (double)state->steps);
    cli_progress_update(job->progress, (double)state->step / (double)state->steps);
    job->stopped = cli_interrupt_seen(job->interrupt);
    return !job->stopped;
}

static void on_notice(const char *text, gpointer data)
{
    Job *job = data;
    JsonBuilder *event = cli_progress_event(job->progress, "notice");
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
        {"data", 'd', 0, G_OPTION_ARG_FILENAME_ARRAY, &o->data,
         "Learn from this folder, or from a file of 'gimp-gan prepare'", "PATH"},
        {"output", 'o', 0, G_OPTION_ARG_FILENAME, &o->output,
         "Write into FOLDER; the default is the recipe's name", "FOLDER"},
        {"set", 0, 0, G_OPTION_ARG_STRING_ARRAY, &o->changes,
         "Replace a setting of the recipe; may be given several times", "SECTION.KEY=VALUE"},
        {"resume", 0, 0, G_OPTION_ARG_NONE, &o->resume,
         "Go on with the run in the output folder, with what --set said there", NULL},
        {"dry-run", 'n', 0, G_OPTION_ARG_NONE, &o->dry_run,
         "Only say what would be trained, in how much memory and time", NULL},
        {"device", 0, 0, G_OPTION_ARG_STRING, &o->device,
         "Where to compute: auto, cpu or cuda; the default is auto", "auto|cpu|cuda"},
        {"threads", 0, 0, G_OPTION_ARG_INT, &o->threads,
         "Processor threads; the default is one for each core that may be used", "N"},
        {"quiet", 'q', 0, G_OPTION_ARG_NONE, &o->quiet, "Say errors and notices only", NULL},
        {"json", 0, 0, G_OPTION_ARG_NONE, &o->json, "Print a JSON object for each event", NULL},
        {G_OPTION_REMAINING, 0, 0, G_OPTION_ARG_FILENAME_ARRAY, &o->recipes, NULL, NULL},
        {0}};
    return cli_options_parse(
        argc, argv, entries, "RECIPE --data PATH",
        "Trains a network as a recipe says: a file, or the name of one that comes with the "
        "program.",
        "Ctrl-C saves and stops; --resume goes on to the same numbers. The output folder receives\n"
        "log.jsonl, curves.png, samples-N.png, checkpoint.safetensors and the weights, "
        "RECIPE-last\n"
        "and, with --set data.validation=FOLDER, RECIPE-best. 'gimp-gan import' puts weights into\n"
        "your model folder.");
}

static gboolean check(const Options *o, GError **error)
{
    const char *problem = o->recipes == NULL || o->recipes[1] != NULL
                              ? "One recipe is needed: a file, or a name such as sr-faithful."
                          : o->data == NULL
                              ? "--data is missing: a folder of pictures, or a prepared file."
                              : NULL;
    if (problem == NULL)
        return cli_options_integer("--threads", o->threads, 0, 1024, error);
    g_set_error(error, GAN_ERROR, GAN_ERROR_ARGUMENT, "%s", problem);
    return FALSE;
}

// The last one counts, as of every option; here that leaves out what may be half of the data.
static const char *choose_data(const Job *job, char *const *data)
{
    guint last = 0;
    while (data[last + 1] != NULL)
        last++;
    g_autofree char *shown = g_filename_display_name(data[last]);
    g_autofree char *text = g_strdup_printf(
        "--data is given %u times, and '%s' counts; 'gimp-gan prepare FOLDER… -o FILE' makes one "
        "file of several folders",
        last + 1, shown);
    if (last > 0)
        on_notice(text, (gpointer)job);
    return data[last];
}

static gboolean say_plan(const Job *job, GanTrainer *trainer, GError **error)
{
    GanTrainerPlan plan;
    if (!gan_trainer_plan(trainer, &plan, error))
        return FALSE;
    const double seconds = plan.step_seconds * (double)(plan.steps - plan.step);
    JsonBuilder *event = cli_progress_event(job->progress, "plan");
    if (event != NULL) {
        cli_report_string(event, "title", plan.title);
        cli_report_string(event, "network", plan.network);
        cli_report_string(event, "device", plan.device);
        cli_report_integer(event, "weights", plan.n_weights);
        cli_report_integer(event, "critic_weights", plan.n_critic_weights);
        cli_report_integer(event, "pictures", plan.n_pictures);
        cli_report_integer(event, "validation_pictures", plan.n_validation);
        cli_report_integer(event, "memory_bytes", plan.memory_bytes);
        cli_report_integer(event, "gpu_bytes", plan.gpu_bytes);
        cli_report_number(event, "flops", plan.flops);
        cli_report_integer(event, "step", plan.step);
        cli_report_integer(event, "steps", plan.steps);
        cli_report_number(event, "step_seconds", plan.step_seconds);
        cli_report_number(event, "seconds", seconds);
        cli_progress_event_end(event);
        return TRUE;
    }
    g_autofree char *memory = cli_report_bytes(plan.memory_bytes);
    g_autofree char *gpu_memory = cli_report_bytes(plan.gpu_bytes);
    g_autofree char *step = cli_report_seconds(plan.step_seconds);
    g_autofree char *time = cli_report_seconds(seconds);
    g_print("%s\n", plan.title);
    g_print("  network    %s, %" G_GUINT64_FORMAT " weights\n", plan.network, plan.n_weights);
    if (plan.n_critic_weights > 0)
        g_print("  critic     %" G_GUINT64_FORMAT " weights\n", plan.n_critic_weights);
    g_print("  data       %" G_GUINT64_FORMAT " pictures\n", plan.n_pictures);
    if (plan.n_validation > 0)
        g_print("  validation %" G_GUINT64_FORMAT " pictures\n", plan.n_validation);
    g_print("  device     %s\n", plan.device);
    g_print("  memory     about %s%s%s\n", memory, plan.gpu_bytes > 0 ? ", on the GPU " : "",
            plan.gpu_bytes > 0 ? gpu_memory : "");
    g_print("  step       %s, %.3g GFLOP\n", step, plan.flops / 1e9);
    g_print("  time       %s for %" G_GUINT64_FORMAT " steps\n", time, plan.steps - plan.step);
    return TRUE;
}

static gboolean run(Job *job, GanTrainer *trainer, GError **error)
{
    cli_progress_begin(job->progress, 1, job->recipe, "training");
    const gboolean done = gan_trainer_run(trainer, on_progress, job, error);
    cli_progress_end(job->progress);
    if (!done)
        return FALSE;
    guint64 n_batches;
    double waited_s;
    gan_trainer_waiting(trainer, &n_batches, &waited_s);
    JsonBuilder *event = cli_progress_event(job->progress, job->stopped ? "stopped" : "done");
    if (event != NULL) {
        cli_report_path(event, "weights", gan_trainer_result(trainer));
        cli_report_integer(event, "batches", n_batches);
        cli_report_number(event, "seconds_waited", waited_s);
        cli_progress_event_end(event);
        return TRUE;
    }
    g_autofree char *shown = g_filename_display_name(gan_trainer_result(trainer));
    g_autofree char *waited = cli_report_seconds(waited_s);
    cli_progress_say(job->progress, "%s: %s; %" G_GUINT64_FORMAT " batches, waited for %s%s",
                     job->stopped ? "Stopped and saved" : "Done", shown, n_batches, waited,
                     job->stopped ? "; --resume goes on" : "");
    return TRUE;
}

CliExit cli_train(int argc, char **argv)
{
    g_auto(Options) o = {0};
    GError *error = NULL;
    if (!parse(&o, argc, argv))
        return CLI_EXIT_USAGE;
    if (!check(&o, &error))
        return cli_options_complain(error);
    Job job = {.interrupt = cli_interrupt_new()};
    g_autoptr(CliProgress) progress = cli_progress_new(o.json    ? CLI_PROGRESS_JSON
                                                       : o.quiet ? CLI_PROGRESS_QUIET
                                                                 : CLI_PROGRESS_AUTO,
                                                       1);
    job.progress = progress;
    job.recipe = o.recipes[0];
    g_autofree char *path = gan_recipe_find(o.recipes[0], &error);
    const GanTrainerOptions options = {.recipe = path,
                                       .changes = (const char *const *)o.changes,
                                       .data = choose_data(&job, o.data),
                                       .output = o.output,
                                       .device = o.device,
                                       .n_threads = (guint)o.threads,
                                       .resume = o.resume,
                                       .plans = o.dry_run,
                                       .notice = on_notice,
                                       .notice_data = &job};
    gan_image_init(1);
    GanTrainer *trainer = path != NULL ? gan_trainer_new(&options, &error) : NULL;
    const gboolean done = trainer != NULL && (o.dry_run ? say_plan(&job, trainer, &error)
                                                        : run(&job, trainer, &error));
    gan_trainer_free(trainer);
    gan_image_exit();
    if (done)
        return job.stopped ? CLI_EXIT_INTERRUPTED : CLI_EXIT_OK;
    cli_progress_complain(progress, "%s", error->message);
    g_error_free(error);
    return CLI_EXIT_FAILED;
}
