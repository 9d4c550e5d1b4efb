// SPDX-License-Identifier: LGPL-3.0-or-later
// `gimp-gan import`: converts weight files to safetensors in the user's model folder.
#include "cli.h"

#include "options.h"
#include "report.h"

#include <gan/catalogue.h>
#include <gan/model.h>
#include <string.h>

typedef struct {
    char **files;
    char *output, *dtype_text, *name, *licence, *activation, *padding, *residual_text;
    int scale;
    gboolean overwrite, json;
    GanDtype dtype;       // OTHER: the file's own
    GanModelOptions told; // what the files cannot tell
} Options;

static void options_clear(Options *options)
{
    g_strfreev(options->files);
    g_free(options->output);
    g_free(options->dtype_text);
    g_free(options->name);
    g_free(options->licence);
    g_free(options->activation);
    g_free(options->padding);
    g_free(options->residual_text);
}
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC(Options, options_clear)

static void report(JsonBuilder *builder, const char *file, const char *output, GanModel *model,
                   GanDtype dtype)
{
    const GanModelInfo *info = gan_model_info(model);
    const GanWeights *weights = gan_model_weights(model);
    const char *part = gan_weights_metadata(weights, "source_part");
    const char *left_out = gan_weights_metadata(weights, "left_out");
    if (builder == NULL) {
        g_autofree char *shown = g_filename_display_name(file);
        g_autofree char *shown_output = g_filename_display_name(output);
        g_print("%s -> %s: %s, x%g, %s\n", shown, shown_output, info->title, info->scale,
                cli_options_dtype_name(dtype));
        if (left_out != NULL)
            g_print("%s: %s%s%sleft out: %s\n", shown, part != NULL ? "taken: " : "",
                    part != NULL ? part : "", part != NULL ? "; " : "", left_out);
        return;
    }
    json_builder_begin_object(builder);
    cli_report_path(builder, "input", file);
    cli_report_path(builder, "output", output);
    cli_report_string(builder, "family", info->family);
    cli_report_string(builder, "title", info->title);
    cli_report_string(builder, "task", gan_task_name(info->task));
    cli_report_scale(builder, "scale", info->scale);
    cli_report_string(builder, "dtype", cli_options_dtype_name(dtype));
    cli_report_string(builder, "part", part);
    cli_report_string(builder, "left_out", left_out);
    cli_report_string(builder, "problem", NULL);
    json_builder_end_object(builder);
}

static gboolean import_file(const Options *o, const char *file, JsonBuilder *builder,
                            GError **error)
{
    const GanImport import = {.folder = o->output,
                              .name = o->name,
                              .licence = o->licence,
                              .dtype = o->dtype,
                              .told = &o->told,
                              .overwrite = o->overwrite};
    GError *reason = NULL;
    GanDtype dtype = GAN_DTYPE_OTHER;
    g_autoptr(GanModel) model = gan_catalogue_import(file, &import, &dtype, &reason);
    if (g_error_matches(reason, GAN_ERROR, GAN_ERROR_EXISTS)) {
        g_set_error(error, GAN_ERROR, GAN_ERROR_EXISTS,
                    "%s --overwrite replaces it, --name gives another name.", reason->message);
        g_error_free(reason);
        return FALSE;
    }
    if (model == NULL) {
        g_propagate_error(error, reason);
        return FALSE;
    }
    report(builder, file, gan_weights_path(gan_model_weights(model)), model, dtype);
    return TRUE;
}

static gboolean check(Options *o, GError **error)
{
    if (o->files == NULL || o->files[0] == NULL) {
        g_set_error(error, GAN_ERROR, GAN_ERROR_ARGUMENT, "No weight file is named.");
        return FALSE;
    }
    if (o->name != NULL && o->files[1] != NULL) {
        g_set_error(error, GAN_ERROR, GAN_ERROR_ARGUMENT, "--name goes with one weight file only.");
        return FALSE;
    }
    if (o->name != NULL &&
        (o->name[0] == '\0' || o->name[0] == '.' || strchr(o->name, G_DIR_SEPARATOR) != NULL)) {
        g_set_error(error, GAN_ERROR, GAN_ERROR_ARGUMENT,
                    "--name is '%s'; it takes a file name without folder and extension.", o->name);
        return FALSE;
    }
    if (o->activation != NULL && strcmp(o->activation, "relu") != 0 &&
        strcmp(o->activation, "leakyrelu") != 0) {
        g_set_error(error, GAN_ERROR, GAN_ERROR_ARGUMENT,
                    "--activation is '%s'; it takes relu or leakyrelu.", o->activation);
        return FALSE;
    }
    if (o->padding != NULL && strcmp(o->padding, "reflect") != 0 &&
        strcmp(o->padding, "replicate") != 0) {
        g_set_error(error, GAN_ERROR, GAN_ERROR_ARGUMENT,
                    "--padding is '%s'; it takes reflect or replicate.", o->padding);
        return FALSE;
    }
    if (o->residual_text != NULL && !cli_options_number("--residual-scale", o->residual_text, 0.001,
                                                        16, &o->told.residual_scale, error))
        return FALSE;
    o->told.activation = o->activation;
    o->told.padding = o->padding;
    o->told.scale = (guint)o->scale;
    return cli_options_integer("--scale", o->scale, 0, 16, error) &&
           (o->dtype_text == NULL || cli_options_dtype("--dtype", o->dtype_text, &o->dtype, error));
}

CliExit cli_import(int argc, char **argv)
{
    g_auto(Options) o = {.dtype = GAN_DTYPE_OTHER};
    const GOptionEntry entries[] = {
        {"output", 'o', 0, G_OPTION_ARG_FILENAME, &o.output,
         "Write into FOLDER; the default is your model folder", "FOLDER"},
        {"dtype", 0, 0, G_OPTION_ARG_STRING, &o.dtype_text,
         "Store f32, f16 or bf16; the default is as in the file", "f32|f16|bf16"},
        {"name", 0, 0, G_OPTION_ARG_FILENAME, &o.name,
         "Name of the model; the default is the file's", "NAME"},
        {"licence", 0, 0, G_OPTION_ARG_STRING, &o.licence,
         "Licence to note in the file, as an SPDX identifier; the default is what is known",
         "SPDX"},
        {"activation", 0, 0, G_OPTION_ARG_STRING, &o.activation,
         "SRVGGNetCompact without PReLU: relu or leakyrelu; its tensors do not tell",
         "relu|leakyrelu"},
        {"padding", 0, 0, G_OPTION_ARG_STRING, &o.padding,
         "ResNet generator: reflect, or replicate in its blocks; its tensors do not tell",
         "reflect|replicate"},
        {"residual-scale", 0, 0, G_OPTION_ARG_STRING, &o.residual_text,
         "EDSR: 1 for the small network, 0.1 for the large one; its tensors do not tell", "X"},
        {"scale", 0, 0, G_OPTION_ARG_INT, &o.scale,
         "RRDBNet with old names and one upsampling: 3 where it is not 2", "N"},
        {"overwrite", 0, 0, G_OPTION_ARG_NONE, &o.overwrite, "Replace a model of the same name",
         NULL},
        {"json", 0, 0, G_OPTION_ARG_NONE, &o.json, "Print a JSON array", NULL},
        {G_OPTION_REMAINING, 0, 0, G_OPTION_ARG_FILENAME_ARRAY, &o.files, NULL, NULL},
        {0}};
    if (!cli_options_parse(
            argc, argv, entries, "FILE…",
            "Converts weight files to safetensors in your model folder. No code in them is run.",
            NULL))
        return CLI_EXIT_USAGE;
    GError *error = NULL;
    if (!check(&o, &error))
        return cli_options_complain(error);
    g_autoptr(JsonBuilder) builder = o.json ? json_builder_new() : NULL;
    if (builder != NULL)
        json_builder_begin_array(builder);
    guint n_done = 0, n_failed = 0;
    for (char **file = o.files; *file != NULL; file++) {
        g_autoptr(GError) problem = NULL;
        if (import_file(&o, *file, builder, &problem)) {
            n_done++;
            continue;
        }
        n_failed++;
        g_autofree char *shown = g_filename_display_name(*file);
        const gboolean named = strstr(problem->message, *file) != NULL;
        g_printerr("%s: %s%s%s\n", g_get_prgname(), named ? "" : shown, named ? "" : ": ",
                   problem->message);
        if (builder != NULL) {
            json_builder_begin_object(builder);
            cli_report_path(builder, "input", *file);
            cli_report_string(builder, "problem", problem->message);
            json_builder_end_object(builder);
        }
    }
    if (builder != NULL) {
        json_builder_end_array(builder);
        cli_report_print(builder, TRUE);
    } else {
        g_print("%u done, %u failed\n", n_done, n_failed);
    }
    return n_failed > 0 ? CLI_EXIT_FAILED : CLI_EXIT_OK;
}
