// SPDX-License-Identifier: LGPL-3.0-or-later
// `gimp-gan evaluate`: PSNR and SSIM against originals, in the protocol of the super-resolution
// literature: the original is cropped to a multiple of the scale, the low-resolution picture is
// MATLAB's bicubic of it in 8 bits (or the given one), results are rounded to 8 bits, and a border
// of `scale` pixels does not count. Where pictures are restored (scale 1), damaged ones are given
// and every pixel counts; or the original is damaged here, in the same way at every go, as the small
// picture can be, too. On demand the distance in the features of a frozen network stands beside
// it, which follows what people see where detail is made up.
#include "cli.h"

#include "batch.h"
#include "compute.h"
#include "dataset.h"
#include "interrupt.h"
#include "options.h"
#include "pick.h"
#include "progress.h"
#include "report.h"

#include <gan/damage.h>
#include <gan/features.h>
#include <gan/image.h>
#include <gan/metrics.h>
#include <gan/resample.h>
#include <gan/restore.h>
#include <gan/upscale.h>
#include <gio/gio.h>
#include <math.h>
#include <string.h>

typedef struct {
    CliCompute compute;
    char **files;
    char *data, *ready, *features, *layer, *level, *degrade;
    int scale, limit;
    gint64 seed;
    gboolean json;
} Options;

typedef enum { METHOD_PLAIN, METHOD_MODEL, METHOD_READY, N_METHODS } Method;

typedef struct {
    GanMetrics of[N_METHODS];
    double distance[N_METHODS]; // in features
    char *problem;              // why the picture was passed over; NULL: it was measured
} Score;

typedef struct {
    const Options *options;
    guint scale;
    gboolean restores; // the model; else it upscales
    double level;      // that it is told; NAN: its own
    GanDamage *damage; // NULL: none
    CliInterrupt *interrupt;
    CliProgress *progress;
    GanRunner *runner;            // NULL: no model, ready pictures only
    GanFeatureDistance *features; // NULL: not asked for
    gboolean used[N_METHODS];     // which methods are measured
} Job;

static void options_clear(Options *options)
{
    g_strfreev(options->files);
    cli_compute_clear(&options->compute);
    g_free(options->data);
    g_free(options->ready);
    g_free(options->features);
    g_free(options->layer);
    g_free(options->level);
    g_free(options->degrade);
}
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC(Options, options_clear)

static void score_clear(gpointer data)
{
    g_free(((Score *)data)->problem);
}

static const char *method_name(const Job *job, Method method)
{
    static const char *const names[] = {"bicubic", "model", "ready"};
    return method == METHOD_PLAIN && job->scale == 1 ? "damaged" : names[method];
}

// Pixels at the sides that do not count. Nothing was cut off there where pictures are restored.
static guint border(const Job *job)
{
    return job->scale > 1 ? job->scale : 0;
}

static gboolean on_progress(double fraction, gpointer data)
{
    Job *job = data;
    cli_progress_update(job->progress, fraction);
    return !cli_interrupt_seen(job->interrupt);
}

static GanTensor *run_model(Job *job, GanTensor *lr, const GanTensor *hr, GError **error)
{
    g_autoptr(GeglBuffer) in = cli_sample_to_buffer(lr, error);
    if (in == NULL)
        return NULL;
    const GanRestoreOptions restore = {.strength = 1, .level = job->level};
    const GanUpscaleOptions upscale = {.width = (guint)hr->shape[2], .height = (guint)hr->shape[1]};
    g_autoptr(GeglBuffer) out =
        job->restores ? gan_restore(job->runner, in, &restore, on_progress, job, error)
                      : gan_upscale(job->runner, in, &upscale, on_progress, job, error);
    return out != NULL ? cli_sample_from_buffer(out, error) : NULL;
}

static gboolean measure(const Job *job, const CliSample *sample, GanTensor *hr, GanTensor *result,
                        Method method, Score *score, GError **error)
{
    if (result == NULL ||
        !gan_metrics_compare(hr, result, border(job), &score->of[method], error) ||
        (job->features != NULL &&
         !gan_feature_distance_measure(job->features, hr, result, border(job),
                                       &score->distance[method], error))) {
        g_prefix_error(error, "%s: %s: ", sample->hr, method_name(job, method));
        return FALSE;
    }
    return TRUE;
}

static gboolean evaluate(Job *job, const CliSample *sample, Score *score, GError **error)
{
    g_autoptr(GanTensor) hr = NULL;
    g_autoptr(GanTensor) lr = NULL;
    if (!cli_sample_load(sample, job->scale, &hr, &lr, error))
        return FALSE;
    if (job->damage != NULL) {
        GanTensor *damaged = gan_damage_apply(job->damage, lr, (guint64)job->options->seed,
                                              sample->name, job->scale > 1, error);
        gan_tensor_unref(lr);
        lr = damaged;
        if (lr == NULL)
            return FALSE;
    }
    // At scale 1 that is the damaged picture itself, in 8 bits.
    g_autoptr(GanTensor) plain = gan_resample_bicubic(lr, hr->shape[2], hr->shape[1], TRUE, error);
    if (!measure(job, sample, hr, plain, METHOD_PLAIN, score, error))
        return FALSE;
    if (job->used[METHOD_MODEL]) {
        g_autoptr(GanTensor) result = run_model(job, lr, hr, error);
        if (!measure(job, sample, hr, result, METHOD_MODEL, score, error))
            return FALSE;
    }
    if (job->used[METHOD_READY]) {
        g_autoptr(GanTensor) result = cli_sample_load_ready(sample, job->scale, hr, error);
        if (!measure(job, sample, hr, result, METHOD_READY, score, error))
            return FALSE;
    }
    return TRUE;
}

static guint count_measured(const Score *scores, guint n)
{
    guint n_measured = 0;
    for (guint i = 0; i < n; i++)
        n_measured += scores[i].problem == NULL ? 1 : 0;
    return n_measured;
}

// Of those that were measured.
static Score mean_score(const Score *scores, guint n)
{
    const guint n_measured = count_measured(scores, n);
    Score mean = {0};
    for (guint m = 0; m < N_METHODS; m++)
        for (guint i = 0; i < n; i++) {
            if (scores[i].problem != NULL)
                continue;
            mean.of[m].psnr_y += scores[i].of[m].psnr_y / n_measured;
            mean.of[m].psnr_rgb += scores[i].of[m].psnr_rgb / n_measured;
            mean.of[m].ssim_y += scores[i].of[m].ssim_y / n_measured;
            mean.of[m].ssim_rgb += scores[i].of[m].ssim_rgb / n_measured;
            mean.distance[m] += scores[i].distance[m] / n_measured;
        }
    return mean;
}

static void print_row(const Job *job, const char *name, int name_columns, const Score *score)
{
    g_autoptr(GString) row = g_string_new(NULL);
    g_string_append_printf(row, "%-*s", name_columns, name);
    for (guint m = 0; m < N_METHODS; m++) {
        if (!job->used[m])
            continue;
        g_string_append_printf(row, "  %7.2f %7.2f %7.4f %8.4f", score->of[m].psnr_y,
                               score->of[m].psnr_rgb, score->of[m].ssim_y, score->of[m].ssim_rgb);
        if (job->features != NULL)
            g_string_append_printf(row, " %8.4f", score->distance[m]);
    }
    cli_progress_say(job->progress, "%s", row->str);
}

static void print_head(const Job *job, int name_columns)
{
    g_autoptr(GString) methods = g_string_new(NULL);
    g_autoptr(GString) columns = g_string_new(NULL);
    g_string_append_printf(methods, "%-*s", name_columns, "");
    g_string_append_printf(columns, "%-*s", name_columns, "picture");
    for (guint m = 0; m < N_METHODS; m++)
        if (job->used[m]) {
            g_string_append_printf(methods, "  %-*s", job->features != NULL ? 41 : 32,
                                   method_name(job, (Method)m));
            g_string_append(columns, "   Y-PSNR    RGB  Y-SSIM RGB-SSIM");
            g_string_append(columns, job->features != NULL ? " features" : "");
        }
    cli_progress_say(job->progress, "%s", g_strchomp(methods->str));
    cli_progress_say(job->progress, "%s", columns->str);
}

static void add_score(const Job *job, JsonBuilder *builder, const Score *score)
{
    for (guint m = 0; m < N_METHODS; m++) {
        if (!job->used[m])
            continue;
        json_builder_set_member_name(builder, method_name(job, (Method)m));
        json_builder_begin_object(builder);
        cli_report_number(builder, "psnr_y", score->of[m].psnr_y);
        cli_report_number(builder, "psnr_rgb", score->of[m].psnr_rgb);
        cli_report_number(builder, "ssim_y", score->of[m].ssim_y);
        cli_report_number(builder, "ssim_rgb", score->of[m].ssim_rgb);
        if (job->features != NULL)
            cli_report_number(builder, "feature_distance", score->distance[m]);
        json_builder_end_object(builder);
    }
}

static void print_json(const Job *job, const GPtrArray *samples, const Score *scores,
                       const CliPick *pick)
{
    g_autoptr(JsonBuilder) builder = json_builder_new();
    json_builder_begin_object(builder);
    cli_report_string(builder, "model", pick->name);
    cli_report_string(builder, "task",
                      gan_task_name(job->scale == 1 ? GAN_TASK_RESTORE : GAN_TASK_UPSCALE));
    cli_report_path(builder, "data", job->options->data);
    cli_report_integer(builder, "scale", job->scale);
    cli_report_integer(builder, "border", border(job));
    cli_report_string(builder, "degrade",
                      job->damage != NULL ? gan_damage_text(job->damage) : NULL);
    cli_report_integer(builder, "seed", (guint64)job->options->seed);
    cli_report_number(builder, "level", job->level);
    if (job->features != NULL)
        cli_report_string(builder, "feature_layer", gan_feature_distance_layer(job->features));
    json_builder_set_member_name(builder, "pictures");
    json_builder_begin_array(builder);
    for (guint i = 0; i < samples->len; i++) {
        const CliSample *sample = samples->pdata[i];
        if (scores[i].problem != NULL)
            continue;
        json_builder_begin_object(builder);
        cli_report_path(builder, "name", sample->name);
        cli_report_boolean(builder, "lr_given", sample->lr != NULL);
        add_score(job, builder, &scores[i]);
        json_builder_end_object(builder);
    }
    json_builder_end_array(builder);
    json_builder_set_member_name(builder, "passed_over");
    json_builder_begin_array(builder);
    for (guint i = 0; i < samples->len; i++) {
        if (scores[i].problem == NULL)
            continue;
        json_builder_begin_object(builder);
        cli_report_path(builder, "name", ((const CliSample *)samples->pdata[i])->name);
        cli_report_path(builder, "reason", scores[i].problem);
        json_builder_end_object(builder);
    }
    json_builder_end_array(builder);
    const Score mean = mean_score(scores, samples->len);
    json_builder_set_member_name(builder, "mean");
    if (count_measured(scores, samples->len) > 0) {
        json_builder_begin_object(builder);
        add_score(job, builder, &mean);
        json_builder_end_object(builder);
    } else
        json_builder_add_null_value(builder);
    json_builder_end_object(builder);
    cli_report_print(builder, TRUE);
}

// Where the small or damaged pictures come from.
static void print_source(const Job *job, const GPtrArray *samples)
{
    const char *given = NULL;
    for (guint i = 0; i < samples->len && given == NULL; i++)
        given = ((const CliSample *)samples->pdata[i])->lr;
    g_autofree char *path = given != NULL ? g_path_get_dirname(given) : NULL;
    g_autofree char *folder = path != NULL ? g_filename_display_name(path) : NULL;
    if (job->scale > 1)
        cli_progress_say(job->progress, "Low-resolution pictures: %s.",
                         folder != NULL ? "the given ones"
                                        : "bicubic (MATLAB's imresize), rounded to 8 bits");
    else if (folder != NULL)
        cli_progress_say(job->progress, "Damaged pictures: those of %s.", folder);
    if (job->damage != NULL)
        cli_progress_say(job->progress, "Damage: %s, seed %" G_GINT64_FORMAT ".",
                         gan_damage_text(job->damage), job->options->seed);
    if (!isnan(job->level))
        cli_progress_say(job->progress, "The model is told %g.", job->level);
    if (job->features != NULL)
        cli_progress_say(job->progress, "Features: mean absolute difference at layer %s of %s.",
                         gan_feature_distance_layer(job->features), job->options->features);
}

// Measures one picture, or keeps in its score why that cannot be done. FALSE: nothing can be.
static gboolean measure_sample(Job *job, const CliSample *sample, Score *score)
{
    g_autoptr(GError) error = NULL;
    if (sample->problem != NULL)
        score->problem = g_strdup(sample->problem);
    else if (!evaluate(job, sample, score, &error))
        score->problem = g_strdup(error->message);
    cli_progress_end(job->progress);
    if (score->problem == NULL)
        return TRUE;
    // A picture may be at fault for anything but that.
    const gboolean lost = g_error_matches(error, GAN_ERROR, GAN_ERROR_DEVICE);
    if (!cli_interrupt_seen(job->interrupt))
        cli_progress_complain(job->progress, lost ? "%s" : "passed over: %s", score->problem);
    return !lost;
}

static CliExit run(Job *job, const GPtrArray *samples, const CliPick *pick)
{
    g_autoptr(GArray) array = g_array_sized_new(FALSE, TRUE, sizeof(Score), samples->len);
    g_array_set_size(array, samples->len);
    g_array_set_clear_func(array, score_clear);
    Score *scores = (Score *)(void *)array->data;
    g_autofree char *rest = g_strdup_printf("mean of %u", samples->len);
    int name_columns = (int)strlen(rest);
    for (guint i = 0; i < samples->len; i++)
        name_columns = MAX(name_columns, (int)strlen(((const CliSample *)samples->pdata[i])->name));
    print_source(job, samples);
    print_head(job, name_columns);
    for (guint i = 0; i < samples->len; i++) {
        const CliSample *sample = samples->pdata[i];
        cli_progress_begin(job->progress, i + 1, sample->name, "is being measured");
        if (!measure_sample(job, sample, &scores[i]))
            return CLI_EXIT_FAILED;
        if (cli_interrupt_seen(job->interrupt))
            return CLI_EXIT_INTERRUPTED;
        if (scores[i].problem == NULL)
            print_row(job, sample->name, name_columns, &scores[i]);
    }
    const guint n_measured = count_measured(scores, samples->len);
    if (n_measured == 0) {
        cli_progress_complain(job->progress, "none of the pictures could be measured");
        if (job->options->json)
            print_json(job, samples, scores, pick);
        return CLI_EXIT_FAILED;
    }
    const Score mean = mean_score(scores, samples->len);
    g_autofree char *name = g_strdup_printf("mean of %u", n_measured);
    print_row(job, n_measured < samples->len ? name : "mean", name_columns, &mean);
    if (n_measured < samples->len)
        cli_progress_say(job->progress,
                         "%u of %u pictures could not be measured; they are no part "
                         "of the mean.",
                         samples->len - n_measured, samples->len);
    if (job->options->json)
        print_json(job, samples, scores, pick);
    return CLI_EXIT_OK;
}

static gboolean check(Options *o, GError **error)
{
    const char *model = o->files != NULL ? o->files[0] : NULL;
    const char *problem = NULL;
    if (o->data == NULL)
        problem = "--data is missing; it names a folder of original pictures.";
    else if (model == NULL && o->ready == NULL)
        problem = "No model is named, and no --ready folder.";
    else if (model == NULL && o->scale == 0)
        problem = "--scale is missing; without a model it has to be given.";
    else if (model != NULL && o->files[1] != NULL)
        problem = "More than one model is named.";
    else if (model == NULL && o->level != NULL)
        problem = "--level is for a model, which is missing.";
    else if (o->layer != NULL && o->features == NULL)
        problem = "--feature-layer is for --features, which is missing.";
    else if (o->seed != 0 && o->degrade == NULL)
        problem = "--seed is for --degrade, which is missing.";
    else if (o->seed < 0)
        problem = "--seed is negative; it is 0 or more.";
    if (problem != NULL) {
        g_set_error(error, GAN_ERROR, GAN_ERROR_ARGUMENT, "%s", problem);
        return FALSE;
    }
    return cli_options_integer("--scale", o->scale, 0, 16, error) &&
           cli_options_integer("--limit", o->limit, 0, G_MAXINT, error) &&
           cli_compute_check(&o->compute, error);
}

static gboolean parse(Options *o, int argc, char **argv)
{
    const GOptionEntry entries[] = {
        {"data", 'd', 0, G_OPTION_ARG_FILENAME, &o->data,
         "Folder of originals, or with folders HR and LR_bicubic/XN, LR or input inside", "FOLDER"},
        {"scale", 's', 0, G_OPTION_ARG_INT, &o->scale,
         "Scale to measure; the default is the model's", "N"},
        {"level", 0, 0, G_OPTION_ARG_STRING, &o->level,
         "What a model that restores is told of the damage; the default is --degrade's or its own",
         "N"},
        {"degrade", 0, 0, G_OPTION_ARG_STRING, &o->degrade,
         "Damage the small pictures, or the originals to be restored: jpeg:75, noise:25, blur:1.2; "
         "noise:5,jpeg:75",
         "STEPS"},
        {"seed", 0, 0, G_OPTION_ARG_INT64, &o->seed, "Number that noise follows from (0)", "N"},
        {"limit", 0, 0, G_OPTION_ARG_INT, &o->limit, "Take the first N pictures only", "N"},
        {"ready", 0, 0, G_OPTION_ARG_FILENAME, &o->ready,
         "Measure the ready results in FOLDER too, found by their names", "FOLDER"},
        {"features", 0, 0, G_OPTION_ARG_FILENAME, &o->features,
         "Measure the distance in features of this VGG or SqueezeNet, too", "FILE"},
        {"feature-layer", 0, 0, G_OPTION_ARG_STRING, &o->layer,
         "Layer of that network, such as relu3_1; the default is the deepest", "NAME"},
        cli_compute_models(&o->compute),
        cli_compute_device(&o->compute),
        cli_compute_threads(&o->compute),
        cli_compute_memory(&o->compute),
        {"json", 0, 0, G_OPTION_ARG_NONE, &o->json, "Print a JSON object", NULL},
        {G_OPTION_REMAINING, 0, 0, G_OPTION_ARG_FILENAME_ARRAY, &o->files, NULL, NULL},
        {0}};
    return cli_options_parse(
        argc, argv, entries, "[NAME|FILE]",
        "Measures PSNR and SSIM of a model, and of bicubic or of damaged pictures beside it, "
        "against "
        "originals.",
        "The protocol is the literature's: originals cropped to a multiple of the scale, shrunk\n"
        "with MATLAB's bicubic in 8 bits, results rounded to 8 bits, a border of N pixels left "
        "out.\n"
        "A model that restores is measured on pairs (HR and LR, or target and input) or, with\n"
        "--degrade, on originals that are damaged here; every pixel counts.");
}

// What the model is told where the user does not say it: the damage that is made here, as far as the
// model was trained. One that finds it out itself is left to it.
static void tell_damage(Job *job, const GanModel *model)
{
    const GanEnd *number = gan_restore_level(model);
    double level;
    if (job->damage == NULL || number == NULL || number->initial < number->low ||
        !gan_damage_level(job->damage, number->name, &level))
        return;
    job->level = CLAMP(level, (double)number->low, (double)number->high);
}

// Checks that the model's pictures can be compared with originals, and how it is to make them.
static gboolean check_model(Job *job, const CliPick *pick, const GanModel *model, GError **error)
{
    const Options *o = job->options;
    const GanModelInfo *info = gan_model_info(model);
    job->restores = info->task == GAN_TASK_RESTORE;
    if (o->level != NULL && !cli_pick_level(pick, model, "--level", o->level, &job->level, error))
        return FALSE;
    if (o->level == NULL)
        tell_damage(job, model);
    if (job->restores && o->scale > 1)
        g_set_error(error, GAN_ERROR, GAN_ERROR_ARGUMENT,
                    "--scale is %d; the model '%s' restores pictures at their size, so it is 1.",
                    o->scale, pick->name);
    else if (!job->restores && info->task != GAN_TASK_UPSCALE)
        g_set_error(error, GAN_ERROR, GAN_ERROR_ARGUMENT,
                    "The model '%s' is one to %s with; originals are there for one that upscales "
                    "or restores.",
                    pick->name, gan_task_name(info->task));
    else
        return TRUE;
    return FALSE;
}

// Measures with GEGL running. `model`: NULL for ready pictures alone.
static CliExit measure_all(Job *job, GanModel *model, const CliPick *pick)
{
    const Options *o = job->options;
    GError *error = NULL;
    g_autoptr(GanDevice) device = NULL;
    g_autoptr(GanRunner) runner = NULL;
    g_autoptr(GanFeatureDistance) features = NULL;
    g_autoptr(GPtrArray) samples = NULL;
    g_autoptr(GPtrArray) not_read = g_ptr_array_new_with_free_func(g_free);
    gboolean fine = TRUE;
    if (model != NULL) {
        const GanRunnerOptions options = {.memory_bytes = o->compute.memory_bytes};
        device = cli_compute_open(&o->compute, &error);
        runner = device != NULL ? gan_runner_new(model, device, &options, &error) : NULL;
        fine = runner != NULL;
    }
    if (fine && o->features != NULL) {
        g_autoptr(GanDevice) cpu = gan_device_open("cpu", (guint)o->compute.threads, &error);
        features =
            cpu != NULL ? gan_feature_distance_open(o->features, o->layer, cpu, &error) : NULL;
        fine = features != NULL;
    }
    job->runner = runner;
    job->features = features;
    job->scale = o->scale > 0 ? (guint)o->scale : (guint)gan_model_info(model)->scale;
    if (fine)
        samples = cli_dataset_open(o->data, o->ready, job->scale, job->damage != NULL,
                                   (guint)o->limit, not_read, &error);
    if (samples == NULL)
        return cli_options_fail(error);
    g_autoptr(CliProgress) progress =
        cli_progress_new(o->json ? CLI_PROGRESS_QUIET : CLI_PROGRESS_AUTO, samples->len);
    job->progress = progress;
    g_autofree char *left = cli_batch_describe_left(not_read, "not measured");
    if (left != NULL)
        cli_progress_complain(progress, "%s", left);
    return run(job, samples, pick);
}

CliExit cli_evaluate(int argc, char **argv)
{
    g_auto(Options) o = {0};
    GError *error = NULL;
    if (!parse(&o, argc, argv))
        return CLI_EXIT_USAGE;
    if (!check(&o, &error))
        return cli_options_complain(error);
    Job job = {.options = &o,
               .interrupt = cli_interrupt_new(),
               .level = NAN,
               .used = {TRUE, o.files != NULL, o.ready != NULL}};
    g_autoptr(GanDamage) damage = NULL;
    if (o.degrade != NULL) {
        job.damage = damage = gan_damage_new(o.degrade, &error);
        if (damage == NULL) {
            g_prefix_error(&error, "--degrade: ");
            return cli_options_complain(error);
        }
    }
    g_auto(CliPick) pick = {0};
    g_autoptr(GanModel) model = NULL;
    if (o.files != NULL) {
        model = cli_pick_load(o.files[0], o.compute.models, GAN_TASK_ANY, o.scale, &pick, &error);
        if (model != NULL && !check_model(&job, &pick, model, &error))
            return cli_options_complain(error);
        if (model == NULL)
            return cli_options_fail(error);
    }
    gan_image_init((guint)o.compute.threads);
    const CliExit status = measure_all(&job, model, &pick);
    gan_image_exit();
    return status;
}
