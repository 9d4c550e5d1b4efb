// SPDX-License-Identifier: LGPL-3.0-or-later
// `gimp-gan info`: says everything about one weight file.
#include "cli.h"

#include "compute.h"
#include "options.h"
#include "pick.h"
#include "report.h"

#include <gan/image.h>
#include <gan/runner.h>
#include <string.h>

#define PIXEL_BYTES 4.0

typedef struct {
    CliCompute compute;
    char **files;
    char *size_text;
    gboolean json, all;
    guint width, height;
} Options;

typedef struct {
    CliPick pick;
    char *sha256;
    char *good_for; // or NULL
    char *dtypes;   // "f32" or "f16, f32"
    GanEstimate estimate;
    char *estimate_problem; // why there is no estimate; else NULL
    char *device;           // description of what the estimate is for
} Facts;

static void options_clear(Options *options)
{
    g_strfreev(options->files);
    cli_compute_clear(&options->compute);
    g_free(options->size_text);
}
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC(Options, options_clear)

static void facts_clear(Facts *facts)
{
    cli_pick_clear(&facts->pick);
    g_free(facts->sha256);
    g_free(facts->good_for);
    g_free(facts->dtypes);
    g_free(facts->estimate_problem);
    g_free(facts->device);
}
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC(Facts, facts_clear)

static char *list_dtypes(const GanWeights *weights)
{
    guint counts[GAN_DTYPE_OTHER + 1] = {0};
    for (guint i = 0; i < gan_weights_n_entries(weights); i++)
        counts[gan_weights_entry(weights, i)->dtype]++;
    g_autoptr(GString) text = g_string_new(NULL);
    for (guint i = 0; i < G_N_ELEMENTS(counts); i++)
        if (counts[i] > 0)
            g_string_append_printf(text, "%s%s", text->len > 0 ? ", " : "",
                                   cli_options_dtype_name((GanDtype)i));
    return g_string_free(g_steal_pointer(&text), FALSE);
}

// An estimate that fails (no such device, too little memory) is a fact like the others.
static void estimate(const Options *o, GanModel *model, Facts *facts)
{
    g_autoptr(GError) error = NULL;
    const GanRunnerOptions options = {.memory_bytes = o->compute.memory_bytes};
    g_autoptr(GanDevice) device = cli_compute_open(&o->compute, &error);
    g_autoptr(GanRunner) runner =
        device != NULL ? gan_runner_new(model, device, &options, &error) : NULL;
    if (device != NULL)
        facts->device = g_strdup(gan_device_description(device));
    if (runner == NULL ||
        !gan_runner_estimate(runner, o->width, o->height, TRUE, &facts->estimate, &error))
        facts->estimate_problem = g_strdup(error->message);
    // And the pixels, of 8 bits, with alpha.
    const double scale = gan_model_info(model)->scale;
    facts->estimate.memory_bytes +=
        (guint64)(PIXEL_BYTES * (1.0 + scale * scale) * o->width * o->height);
}

static const char *const END_NAMES[] = {
    [GAN_END_PICTURE] = "picture", [GAN_END_MASK] = "mask",     [GAN_END_STYLE] = "style",
    [GAN_END_LATENT] = "latent",   [GAN_END_NUMBER] = "number",
};

static const char *const SIGHT_NAMES[] = {
    [GAN_SIGHT_LOCAL] = "local",
    [GAN_SIGHT_STATISTICS] = "statistics",
    [GAN_SIGHT_WHOLE] = "whole",
};

static void report_end(JsonBuilder *builder, const GanEnd *end)
{
    json_builder_begin_object(builder);
    cli_report_string(builder, "kind", END_NAMES[end->kind]);
    if (end->name != NULL)
        cli_report_string(builder, "name", end->name);
    cli_report_integer(builder, "channels", end->channels);
    cli_report_number(builder, "low", (double)end->low);
    cli_report_number(builder, "high", (double)end->high);
    if (end->kind == GAN_END_NUMBER && end->initial >= end->low)
        cli_report_number(builder, "initial", (double)end->initial);
    json_builder_end_object(builder);
}

static void print_end(const char *which, const GanEnd *end)
{
    g_print("  %-12s %s%s%s, ", which, END_NAMES[end->kind], end->name != NULL ? " " : "",
            end->name != NULL ? end->name : "");
    if (end->kind != GAN_END_NUMBER)
        g_print("%u channel%s, ", end->channels, end->channels == 1 ? "" : "s");
    g_print("values %g to %g", (double)end->low, (double)end->high);
    if (end->kind == GAN_END_NUMBER && end->initial < end->low)
        g_print(", found by the network unless told");
    else if (end->kind == GAN_END_NUMBER)
        g_print(", %g unless told", (double)end->initial);
    g_print("\n");
}

static void print_json(const Options *o, GanModel *model, const Facts *facts)
{
    GanWeights *weights = gan_model_weights(model);
    const GanModelInfo *info = gan_model_info(model);
    g_autoptr(JsonBuilder) builder = json_builder_new();
    json_builder_begin_object(builder);
    cli_report_string(builder, "name", facts->pick.name);
    cli_report_path(builder, "path", facts->pick.path);
    cli_report_string(builder, "family", info->family);
    cli_report_string(builder, "family_title", gan_family_title(info->family));
    cli_report_string(builder, "title", info->title);
    cli_report_string(builder, "good_for", facts->good_for);
    cli_report_string(builder, "task", gan_task_name(info->task));
    cli_report_scale(builder, "scale", info->scale);
    json_builder_set_member_name(builder, "inputs");
    json_builder_begin_array(builder);
    for (guint i = 0; i < info->n_inputs; i++)
        report_end(builder, &info->inputs[i]);
    json_builder_end_array(builder);
    json_builder_set_member_name(builder, "output");
    report_end(builder, &info->output);
    g_autofree char *part = gan_weights_part_name(weights);
    cli_report_string(builder, "part", part);
    json_builder_set_member_name(builder, "left_out");
    json_builder_begin_array(builder);
    g_auto(GStrv) left_out = gan_weights_left_out(weights);
    for (guint i = 0; left_out[i] != NULL; i++)
        json_builder_add_string_value(builder, left_out[i]);
    json_builder_end_array(builder);
    cli_report_integer(builder, "tensors", gan_weights_n_entries(weights));
    cli_report_integer(builder, "parameters", info->n_parameters);
    cli_report_string(builder, "container", gan_weights_container(weights));
    cli_report_string(builder, "dtypes", facts->dtypes);
    cli_report_integer(builder, "bytes", gan_weights_file_bytes(weights));
    cli_report_string(builder, "licence", facts->pick.licence);
    cli_report_boolean(builder, "non_commercial", facts->pick.non_commercial);
    cli_report_string(builder, "sha256", facts->sha256);
    cli_report_string(builder, "sight", SIGHT_NAMES[info->sight]);
    if (info->sight == GAN_SIGHT_LOCAL) {
        cli_report_integer(builder, "reach", info->reach);
        cli_report_integer(builder, "overlap", info->overlap);
    }
    cli_report_integer(builder, "alignment", info->alignment);
    cli_report_boolean(builder, "exact_tiles", info->exact_tiles);
    cli_report_number(builder, "gflop_per_megapixel", info->flops_per_pixel * 1e6 / 1e9);
    json_builder_set_member_name(builder, "metadata");
    json_builder_begin_object(builder);
    g_autofree const char **keys = gan_weights_metadata_keys(weights);
    for (const char **key = keys; key != NULL && *key != NULL; key++)
        cli_report_string(builder, *key, gan_weights_metadata(weights, *key));
    json_builder_end_object(builder);
    json_builder_set_member_name(builder, "picture");
    json_builder_begin_object(builder);
    cli_report_integer(builder, "width", o->width);
    cli_report_integer(builder, "height", o->height);
    cli_report_integer(builder, "result_width", (guint64)(o->width * info->scale));
    cli_report_integer(builder, "result_height", (guint64)(o->height * info->scale));
    cli_report_string(builder, "device", facts->device);
    if (facts->estimate_problem != NULL) {
        cli_report_string(builder, "problem", facts->estimate_problem);
    } else {
        cli_report_integer(builder, "tiles", facts->estimate.n_tiles);
        cli_report_integer(builder, "tile_width", facts->estimate.tile_width);
        cli_report_integer(builder, "tile_height", facts->estimate.tile_height);
        cli_report_integer(builder, "memory_bytes", facts->estimate.memory_bytes);
        cli_report_integer(builder, "gpu_bytes", facts->estimate.gpu_bytes);
        cli_report_number(builder, "gflop", facts->estimate.flops / 1e9);
        cli_report_number(builder, "seconds", facts->estimate.seconds);
    }
    json_builder_end_object(builder);
    json_builder_end_object(builder);
    cli_report_print(builder, TRUE);
}

static char *deed(const GanModelInfo *info)
{
    switch (info->task) {
    case GAN_TASK_UPSCALE:
        return g_strdup_printf("enlarges pictures %g times", info->scale);
    case GAN_TASK_RESTORE:
        return g_strdup("restores pictures at their size");
    case GAN_TASK_STYLE:
        return g_strdup("gives pictures another style");
    case GAN_TASK_INPAINT:
        return g_strdup("fills holes in pictures");
    case GAN_TASK_GENERATE:
        return g_strdup("makes pictures out of random numbers");
    default:
        return g_strdup("is for any task");
    }
}

// Hashes and whole recipes are for programs, or for who asks for them.
static gboolean is_long(const char *key, const char *value)
{
    return strstr(key, "sha256") != NULL || strchr(value, '\n') != NULL || strlen(value) > 160;
}

// What is said in other lines is not said twice.
static gboolean is_said(const char *key)
{
    static const char *const SAID[] = {"family",  "title",   "task",     "scale",   "format",
                                       "licence", "license", "good_for", "left_out"};
    for (guint i = 0; i < G_N_ELEMENTS(SAID); i++)
        if (strcmp(key, SAID[i]) == 0)
            return TRUE;
    return FALSE;
}

static void print_metadata(const GanWeights *weights, gboolean all)
{
    g_autofree const char **keys = gan_weights_metadata_keys(weights);
    g_autoptr(GString) folded = g_string_new(all ? NULL : "SHA-256");
    for (const char **key = keys; key != NULL && *key != NULL; key++) {
        const char *value = gan_weights_metadata(weights, *key);
        if (all || (!is_said(*key) && !is_long(*key, value)))
            g_print("  metadata     %s: %s\n", *key, value);
        else if (!is_said(*key))
            g_string_append_printf(folded, ", %s", *key);
    }
    if (folded->len > 0)
        g_print("  more         %s: with --all\n", folded->str);
}

static void print_text(const Options *o, GanModel *model, const Facts *facts)
{
    GanWeights *weights = gan_model_weights(model);
    const GanModelInfo *info = gan_model_info(model);
    g_autofree char *path = g_filename_display_name(facts->pick.path);
    g_autofree char *bytes = cli_report_bytes(gan_weights_file_bytes(weights));
    g_autofree char *does = deed(info);
    g_print("%s: %s; good for %s\n", facts->pick.name, does,
            facts->good_for != NULL ? facts->good_for : "what, it does not say");
    g_print("  path         %s\n", path);
    g_print("  network      %s: %s\n", gan_family_title(info->family), info->title);
    g_print("  task         %s\n", gan_task_name(info->task));
    g_print("  scale        x%g\n", info->scale);
    for (guint i = 0; i < info->n_inputs; i++)
        print_end("input", &info->inputs[i]);
    print_end("output", &info->output);
    g_autofree char *part = gan_weights_part_name(weights);
    g_auto(GStrv) left_out = gan_weights_left_out(weights);
    g_autofree char *others = g_strjoinv(", ", left_out);
    if (part != NULL)
        g_print("  taken        '%s' of the file\n", part);
    if (others[0] != 0)
        g_print("  left out     %s\n", others);
    g_autofree char *tensors =
        cli_report_count(gan_weights_n_entries(weights), "tensor", "tensors");
    g_print("  weights      %s, %" G_GUINT64_FORMAT " parameters\n", tensors, info->n_parameters);
    g_print("  file         %s, %s, %s\n", bytes, gan_weights_container(weights), facts->dtypes);
    g_print("  licence      %s%s\n",
            facts->pick.licence != NULL ? facts->pick.licence : "not known",
            facts->pick.non_commercial ? ", no commercial use" : "");
    if (o->all)
        g_print("  SHA-256      %s\n", facts->sha256);
    print_metadata(weights, o->all);
    if (info->sight == GAN_SIGHT_STATISTICS)
        g_print(
            "  tiles        exact, in passes: the network takes means over the whole picture\n");
    else if (info->sight == GAN_SIGHT_WHOLE)
        g_print("  tiles        none: the network sees the whole picture\n");
    else
        g_print("  tiles        %s: the network sees %u pixels far, and tiles overlap by %u\n",
                info->exact_tiles ? "exact" : "blended", info->reach, info->overlap);
    g_print("  work         %.4g GFLOP per megapixel of the input\n",
            info->flops_per_pixel * 1e6 / 1e9);
    g_print("  picture      %u x %u to %u x %u pixels\n", o->width, o->height,
            (guint)(o->width * info->scale), (guint)(o->height * info->scale));
    if (facts->device != NULL)
        g_print("  device       %s\n", facts->device);
    if (facts->estimate_problem != NULL) {
        g_print("  estimate     none: %s\n", facts->estimate_problem);
        return;
    }
    g_autofree char *tiles = cli_report_count(facts->estimate.n_tiles, "tile", "tiles");
    g_autofree char *memory =
        cli_report_memory(facts->estimate.memory_bytes, facts->estimate.gpu_bytes);
    g_autofree char *time = cli_report_seconds(facts->estimate.seconds);
    g_print("  estimate     %s of %u x %u pixels, about %s, about %s\n", tiles,
            facts->estimate.tile_width, facts->estimate.tile_height, memory, time);
}

static gboolean check(Options *o, GError **error)
{
    if (o->files == NULL || o->files[0] == NULL) {
        g_set_error(error, GAN_ERROR, GAN_ERROR_ARGUMENT, "No model is named.");
        return FALSE;
    }
    if (o->files[1] != NULL) {
        g_set_error(error, GAN_ERROR, GAN_ERROR_ARGUMENT, "'%s' is too much; one model is taken.",
                    o->files[1]);
        return FALSE;
    }
    if (o->size_text != NULL &&
        !cli_options_size("--size", o->size_text, FALSE, &o->width, &o->height, error))
        return FALSE;
    return cli_compute_check(&o->compute, error);
}

CliExit cli_info(int argc, char **argv)
{
    g_auto(Options) o = {.width = 1920, .height = 1080};
    const GOptionEntry entries[] = {
        {"size", 0, 0, G_OPTION_ARG_STRING, &o.size_text,
         "Predict memory and time for a picture of this size; the default is 1920x1080",
         "WIDTHxHEIGHT"},
        cli_compute_models(&o.compute),
        cli_compute_device(&o.compute),
        cli_compute_threads(&o.compute),
        cli_compute_memory(&o.compute),
        {"all", 0, 0, G_OPTION_ARG_NONE, &o.all,
         "Also print checksums, the recipe and all metadata", NULL},
        {"json", 0, 0, G_OPTION_ARG_NONE, &o.json, "Print a JSON object", NULL},
        {G_OPTION_REMAINING, 0, 0, G_OPTION_ARG_FILENAME_ARRAY, &o.files, NULL, NULL},
        {0}};
    if (!cli_options_parse(argc, argv, entries, "NAME|FILE", "Says everything about a weight file.",
                           NULL))
        return CLI_EXIT_USAGE;
    GError *error = NULL;
    if (!check(&o, &error))
        return cli_options_complain(error);
    g_auto(Facts) facts = {0};
    g_autoptr(GanModel) model =
        cli_pick_load(o.files[0], o.compute.models, GAN_TASK_ANY, 0, &facts.pick, &error);
    if (model != NULL)
        facts.sha256 = gan_file_sha256(facts.pick.path, &error);
    if (facts.sha256 == NULL)
        return cli_options_fail(error);
    g_free(facts.pick.licence);
    facts.pick.licence =
        gan_catalogue_licence(gan_model_weights(model), facts.sha256, &facts.pick.non_commercial);
    facts.good_for = gan_catalogue_good_for(model, facts.sha256);
    facts.dtypes = list_dtypes(gan_model_weights(model));
    gan_image_init((guint)o.compute.threads);
    estimate(&o, model, &facts);
    if (o.json)
        print_json(&o, model, &facts);
    else
        print_text(&o, model, &facts);
    gan_image_exit();
    return CLI_EXIT_OK;
}
