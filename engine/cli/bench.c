// SPDX-License-Identifier: LGPL-3.0-or-later
// `gimp-gan bench`: times a network alone, without pictures' loading, colour and tiles.
#include "cli.h"

#include "compute.h"
#include "options.h"
#include "pick.h"
#include "report.h"

#include <errno.h>
#include <gan/model.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>

typedef struct {
    CliCompute compute;
    char **files;
    char *size_text, *input_raw, *output_raw;
    int runs;
    gboolean json;
    guint width, height;
} Options;

typedef struct {
    double load_ms,
        first_ms;   // opening and building; the first run, with its planning and packing of weights
    double *run_ms; // each of the others, sorted
    guint n_runs;
    double median_ms, least_ms, most_ms;
    guint64 peak_bytes; // resident memory of the process at its highest
    double busy_ms;     // of a GPU, for each run but the first; 0: none
} Timing;

static void options_clear(Options *options)
{
    g_strfreev(options->files);
    cli_compute_clear(&options->compute);
    g_free(options->size_text);
    g_free(options->input_raw);
    g_free(options->output_raw);
}
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC(Options, options_clear)

static double now_ms(void)
{
    return (double)g_get_monotonic_time() / 1000;
}

// Returns [1,H,W,C] of the raw file, or of reproducible noise in the range of the input.
static GanTensor *make_input(const Options *o, const GanModelInfo *info, GError **error)
{
    const gsize shape[] = {1, o->height, o->width, info->inputs[0].channels};
    g_autoptr(GanTensor) in = gan_tensor_new(4, shape, error);
    if (in == NULL)
        return NULL;
    const gsize length = gan_tensor_length(in);
    if (o->input_raw == NULL) {
        g_autoptr(GRand) random = g_rand_new_with_seed(1);
        for (gsize i = 0; i < length; i++)
            in->data[i] =
                (float)g_rand_double_range(random, info->inputs[0].low, info->inputs[0].high);
        return g_steal_pointer(&in);
    }
    g_autofree char *bytes = NULL;
    gsize n_bytes = 0;
    if (!g_file_get_contents(o->input_raw, &bytes, &n_bytes, error))
        return NULL;
    if (n_bytes != length * sizeof(float)) {
        g_set_error(error, GAN_ERROR, GAN_ERROR_SHAPE,
                    "%s has %" G_GSIZE_FORMAT
                    " bytes; %u x %u pixels of %u channels in float32 need %" G_GSIZE_FORMAT ".",
                    o->input_raw, n_bytes, o->width, o->height, info->inputs[0].channels,
                    length * sizeof(float));
        return NULL;
    }
    memcpy(in->data, bytes, n_bytes);
    return g_steal_pointer(&in);
}

static int compare_times(const void *a, const void *b)
{
    const double x = *(const double *)a, y = *(const double *)b;
    return (x > y) - (x < y);
}

// Runs the network once more than asked: the first run plans, packs the weights and
// touches the memory.
static GanTensor *time_runs(GanModel *model, GanDevice *device, GanTensor *in, Timing *timing,
                            GError **error)
{
    g_autoptr(GanTensor) out = NULL;
    double busy_before_s = 0;
    for (guint run = 0; run <= timing->n_runs; run++) {
        gan_tensor_unref(out);
        out = NULL;
        const double begun = now_ms();
        if (run == 1)
            busy_before_s = gan_device_busy_seconds(device);
        out = gan_model_run(model, device, in, error);
        if (out == NULL)
            return NULL;
        const double spent = now_ms() - begun;
        if (run == 0)
            timing->first_ms = spent;
        else
            timing->run_ms[run - 1] = spent;
    }
    const guint n = timing->n_runs;
    timing->busy_ms = (gan_device_busy_seconds(device) - busy_before_s) * 1000 / n;
    qsort(timing->run_ms, n, sizeof(double), compare_times);
    timing->median_ms = n % 2 == 1 ? timing->run_ms[n / 2]
                                   : (timing->run_ms[n / 2 - 1] + timing->run_ms[n / 2]) / 2;
    timing->least_ms = timing->run_ms[0];
    timing->most_ms = timing->run_ms[n - 1];
    struct rusage usage;
    if (getrusage(RUSAGE_SELF, &usage) == 0)
        timing->peak_bytes = (guint64)usage.ru_maxrss * 1024;
    return g_steal_pointer(&out);
}

static void print(const Options *o, const CliPick *pick, const GanModelInfo *info,
                  const GanDevice *device, const Timing *timing)
{
    const double n_pixels = (double)o->width * o->height;
    const double gflop = info->flops_per_pixel * n_pixels / 1e9;
    const double seconds = timing->median_ms / 1000;
    const double out_pixels = n_pixels * info->scale * info->scale;
    if (!o->json) {
        g_autofree char *peak = cli_report_bytes(timing->peak_bytes);
        g_print("%s: %s, x%g\n", pick->name, info->title, info->scale);
        g_print("  device       %s\n", gan_device_description(device));
        g_print("  input        %u x %u pixels, %u channels, float32\n", o->width, o->height,
                info->inputs[0].channels);
        g_print("  load         %.1f ms, first run %.1f ms\n", timing->load_ms, timing->first_ms);
        g_print("  median       %.2f ms of %u runs (%.2f to %.2f)\n", timing->median_ms,
                timing->n_runs, timing->least_ms, timing->most_ms);
        if (timing->busy_ms > 0)
            g_print("  computing    %.2f ms of each run, the rest is transfers\n", timing->busy_ms);
        g_print("  speed        %.1f GFLOP/s, %.3f Mpx/s in, %.3f Mpx/s out\n", gflop / seconds,
                n_pixels / 1e6 / seconds, out_pixels / 1e6 / seconds);
        g_print("  memory       %s at its peak\n", peak);
        return;
    }
    g_autoptr(JsonBuilder) builder = json_builder_new();
    json_builder_begin_object(builder);
    cli_report_string(builder, "model", pick->name);
    cli_report_string(builder, "title", info->title);
    cli_report_string(builder, "device", gan_device_description(device));
    cli_report_integer(builder, "threads", gan_device_n_threads(device));
    cli_report_integer(builder, "width", o->width);
    cli_report_integer(builder, "height", o->height);
    cli_report_scale(builder, "scale", info->scale);
    cli_report_integer(builder, "runs", timing->n_runs);
    cli_report_number(builder, "load_ms", timing->load_ms);
    cli_report_number(builder, "first_ms", timing->first_ms);
    cli_report_number(builder, "median_ms", timing->median_ms);
    cli_report_number(builder, "least_ms", timing->least_ms);
    cli_report_number(builder, "most_ms", timing->most_ms);
    cli_report_number(builder, "busy_ms", timing->busy_ms);
    json_builder_set_member_name(builder, "run_ms");
    json_builder_begin_array(builder);
    for (guint i = 0; i < timing->n_runs; i++)
        json_builder_add_double_value(builder, timing->run_ms[i]);
    json_builder_end_array(builder);
    cli_report_number(builder, "gflop", gflop);
    cli_report_number(builder, "gflop_per_second", gflop / seconds);
    cli_report_number(builder, "input_megapixels_per_second", n_pixels / 1e6 / seconds);
    cli_report_number(builder, "output_megapixels_per_second", out_pixels / 1e6 / seconds);
    cli_report_integer(builder, "peak_bytes", timing->peak_bytes);
    json_builder_end_object(builder);
    cli_report_print(builder, TRUE);
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
    if (o->input_raw != NULL && o->size_text == NULL) {
        g_set_error(error, GAN_ERROR, GAN_ERROR_ARGUMENT,
                    "--input-raw needs --size; the file does not tell it.");
        return FALSE;
    }
    if (o->size_text != NULL &&
        !cli_options_size("--size", o->size_text, FALSE, &o->width, &o->height, error))
        return FALSE;
    return cli_options_integer("--runs", o->runs, 1, 100000, error) &&
           cli_compute_check(&o->compute, error);
}

static gboolean bench(const Options *o, Timing *timing, GError **error)
{
    g_auto(CliPick) pick = {0};
    if (!cli_pick(o->files[0], o->compute.models, GAN_TASK_ANY, 0, &pick, error))
        return FALSE;
    const double begun = now_ms();
    g_autoptr(GanModel) model = gan_model_load(pick.path, NULL, error);
    g_autoptr(GanDevice) device = model != NULL ? cli_compute_open(&o->compute, error) : NULL;
    timing->load_ms = now_ms() - begun;
    if (device == NULL)
        return FALSE;
    const GanModelInfo *info = gan_model_info(model);
    g_autoptr(GanTensor) in = make_input(o, info, error);
    g_autoptr(GanTensor) out = in != NULL ? time_runs(model, device, in, timing, error) : NULL;
    if (out == NULL)
        return FALSE;
    if (o->output_raw != NULL &&
        !g_file_set_contents(o->output_raw, (const char *)out->data,
                             (gssize)(gan_tensor_length(out) * sizeof(float)), error))
        return FALSE;
    print(o, &pick, info, device, timing);
    return TRUE;
}

CliExit cli_bench(int argc, char **argv)
{
    g_auto(Options) o = {.width = 256, .height = 256, .runs = 5};
    const GOptionEntry entries[] = {
        {"size", 0, 0, G_OPTION_ARG_STRING, &o.size_text,
         "Size of the input; the default is 256x256", "WIDTHxHEIGHT"},
        {"runs", 0, 0, G_OPTION_ARG_INT, &o.runs,
         "How often to run, after one run that does not count; default 5", "N"},
        cli_compute_threads(&o.compute),
        cli_compute_device(&o.compute),
        {"input-raw", 0, 0, G_OPTION_ARG_FILENAME, &o.input_raw,
         "Take the input from FILE: float32, rows of pixels of channels; else reproducible noise",
         "FILE"},
        {"output-raw", 0, 0, G_OPTION_ARG_FILENAME, &o.output_raw,
         "Write the last output to FILE in the same way", "FILE"},
        cli_compute_models(&o.compute),
        {"json", 0, 0, G_OPTION_ARG_NONE, &o.json, "Print a JSON object", NULL},
        {G_OPTION_REMAINING, 0, 0, G_OPTION_ARG_FILENAME_ARRAY, &o.files, NULL, NULL},
        {0}};
    if (!cli_options_parse(argc, argv, entries, "NAME|FILE",
                           "Times a network alone, over one input in memory and without tiles.",
                           NULL))
        return CLI_EXIT_USAGE;
    GError *error = NULL;
    if (!check(&o, &error))
        return cli_options_complain(error);
    Timing timing = {.n_runs = (guint)o.runs};
    timing.run_ms = g_new0(double, timing.n_runs);
    const gboolean fine = bench(&o, &timing, &error);
    g_free(timing.run_ms);
    if (fine)
        return CLI_EXIT_OK;
    return cli_options_fail(error);
}
