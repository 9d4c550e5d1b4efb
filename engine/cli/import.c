// SPDX-License-Identifier: LGPL-3.0-or-later
// `gimp-gan import`: converts weight files to safetensors in the user's model folder.
#include "cli.h"

#include "naming.h"
#include "options.h"
#include "pick.h"
#include "report.h"

#include <errno.h>
#include <gan/catalogue.h>
#include <gan/model.h>
#include <string.h>

typedef struct {
    char **files;
    char *output, *dtype_text, *name, *licence, *activation, *residual_text;
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
    g_free(options->residual_text);
}
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC(Options, options_clear)

// Tensors of one file with their names, ready to be saved.
typedef struct {
    GPtrArray *names, *tensors;
    GanDtype dtype; // the one that most of the tensors have in the file
} StateDict;

static void state_dict_clear(StateDict *dict)
{
    if (dict->names != NULL)
        g_ptr_array_unref(dict->names);
    if (dict->tensors != NULL)
        g_ptr_array_unref(dict->tensors);
}
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC(StateDict, state_dict_clear)

// Counters such as num_batches_tracked are no weights; they stay behind.
static gboolean read_tensors(GanWeights *weights, StateDict *dict, GError **error)
{
    guint counts[GAN_DTYPE_OTHER + 1] = {0};
    dict->names = g_ptr_array_new();
    dict->tensors = g_ptr_array_new_with_free_func((GDestroyNotify)gan_tensor_unref);
    for (guint i = 0; i < gan_weights_n_entries(weights); i++) {
        const GanWeightsEntry *entry = gan_weights_entry(weights, i);
        if (entry->dtype == GAN_DTYPE_OTHER)
            continue;
        GanTensor *tensor = gan_weights_tensor(weights, entry->name, error);
        if (tensor == NULL)
            return FALSE;
        counts[entry->dtype]++;
        g_ptr_array_add(dict->names, (char *)entry->name);
        g_ptr_array_add(dict->tensors, tensor);
    }
    // Double precision is kept as single: no network is run in double.
    dict->dtype = GAN_DTYPE_F32;
    counts[GAN_DTYPE_F32] += counts[GAN_DTYPE_F64];
    for (GanDtype dtype = GAN_DTYPE_F16; dtype <= GAN_DTYPE_BF16; dtype++)
        if (counts[dtype] > counts[dict->dtype])
            dict->dtype = dtype;
    return TRUE;
}

// Sets a metadata value; NULL leaves what is there.
static void set(GHashTable *metadata, const char *key, const char *value)
{
    if (value != NULL)
        g_hash_table_insert(metadata, g_strdup(key), g_strdup(value));
}

static int compare_keys(gconstpointer a, gconstpointer b)
{
    return strcmp(a, b);
}

// Returns alternating keys and values in the order of the keys, so that equal files are made from
// equal files.
static GPtrArray *flatten(GHashTable *metadata)
{
    GPtrArray *flat = g_ptr_array_new();
    GList *keys = g_list_sort(g_hash_table_get_keys(metadata), compare_keys);
    for (GList *key = keys; key != NULL; key = key->next) {
        g_ptr_array_add(flat, key->data);
        g_ptr_array_add(flat, g_hash_table_lookup(metadata, key->data));
    }
    g_list_free(keys);
    g_ptr_array_add(flat, NULL);
    return flat;
}

static GHashTable *make_metadata(const Options *o, const char *file, const char *sha256,
                                 GanModel *model)
{
    GHashTable *metadata = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, g_free);
    GanWeights *weights = gan_model_weights(model);
    const GanModelInfo *info = gan_model_info(model);
    g_autofree const char **keys = gan_weights_metadata_keys(weights);
    for (const char **key = keys; key != NULL && *key != NULL; key++)
        set(metadata, *key, gan_weights_metadata(weights, *key));
    g_autofree char *name = g_path_get_basename(file);
    g_autofree char *shown = g_filename_display_name(name);
    g_autofree char *scale = g_strdup_printf("%u", info->scale);
    set(metadata, "format", "pt");
    set(metadata, "family", info->family);
    set(metadata, "title", info->title);
    set(metadata, "scale", scale);
    g_autofree char *known = gan_catalogue_licence(weights, sha256, NULL);
    set(metadata, "licence", o->licence != NULL ? o->licence : known);
    // What the tensors cannot tell, so that nobody has to know it again.
    set(metadata, "activation", o->activation);
    set(metadata, "residual_scale", o->residual_text);
    // What was imported before keeps the name and the sum of the file it first came from.
    if (gan_weights_metadata(weights, "source_sha256") == NULL) {
        set(metadata, "source_file", shown);
        set(metadata, "source_sha256", sha256);
    }
    return metadata;
}

static char *output_path(const Options *o, const char *folder, const char *file)
{
    g_autofree char *base = g_path_get_basename(file);
    const char *extension = cli_naming_extension(base);
    if (extension[0] != '\0')
        base[strlen(base) - strlen(extension) - 1] = '\0';
    g_autofree char *name = g_strconcat(o->name != NULL ? o->name : base, ".safetensors", NULL);
    return g_build_filename(folder, name, NULL);
}

static void report(JsonBuilder *builder, const char *file, const char *output, GanModel *model,
                   GanDtype dtype)
{
    const GanModelInfo *info = gan_model_info(model);
    if (builder == NULL) {
        g_autofree char *shown = g_filename_display_name(file);
        g_autofree char *shown_output = g_filename_display_name(output);
        g_print("%s -> %s: %s, x%u, %s\n", shown, shown_output, info->title, info->scale,
                cli_options_dtype_name(dtype));
        return;
    }
    json_builder_begin_object(builder);
    cli_report_path(builder, "input", file);
    cli_report_path(builder, "output", output);
    cli_report_string(builder, "family", info->family);
    cli_report_string(builder, "title", info->title);
    cli_report_integer(builder, "scale", info->scale);
    cli_report_string(builder, "dtype", cli_options_dtype_name(dtype));
    cli_report_string(builder, "problem", NULL);
    json_builder_end_object(builder);
}

static gboolean import_file(const Options *o, const char *file, const char *folder,
                            JsonBuilder *builder, GError **error)
{
    g_autoptr(GanModel) model = gan_model_load(file, &o->told, error);
    g_autofree char *sha256 = model != NULL ? gan_file_sha256(file, error) : NULL;
    if (sha256 == NULL)
        return FALSE;
    g_autofree char *output = output_path(o, folder, file);
    if (!o->overwrite && g_file_test(output, G_FILE_TEST_EXISTS)) {
        g_autofree char *shown = g_filename_display_name(output);
        g_set_error(error, GAN_ERROR, GAN_ERROR_FILE,
                    "%s exists already. --overwrite replaces it, --name gives another name.",
                    shown);
        return FALSE;
    }
    g_auto(StateDict) dict = {0};
    if (!read_tensors(gan_model_weights(model), &dict, error))
        return FALSE;
    const GanDtype dtype = o->dtype != GAN_DTYPE_OTHER ? o->dtype : dict.dtype;
    g_autoptr(GHashTable) metadata = make_metadata(o, file, sha256, model);
    g_autoptr(GPtrArray) flat = flatten(metadata);
    if (!gan_weights_save(output, (const char *const *)dict.names->pdata,
                          (GanTensor *const *)dict.tensors->pdata, dict.names->len, dtype,
                          (const char *const *)flat->pdata, error))
        return FALSE;
    // What was written is read again, so that a conversion that lost something is noticed now.
    g_autoptr(GanModel) again = gan_model_load(output, NULL, error);
    if (again == NULL) {
        g_prefix_error(error, "The file was written, but reading it again failed: ");
        return FALSE;
    }
    report(builder, file, output, again, dtype);
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
    if (o->residual_text != NULL && !cli_options_number("--residual-scale", o->residual_text, 0.001,
                                                        16, &o->told.residual_scale, error))
        return FALSE;
    o->told.activation = o->activation;
    o->told.scale = (guint)o->scale;
    return cli_options_integer("--scale", o->scale, 0, 16, error) &&
           (o->dtype_text == NULL || cli_options_dtype("--dtype", o->dtype_text, &o->dtype, error));
}

static gboolean make_folder(const char *folder)
{
    if (g_mkdir_with_parents(folder, 0777) == 0)
        return TRUE;
    const int number = errno;
    g_autofree char *shown = g_filename_display_name(folder);
    g_printerr("%s: The folder '%s' cannot be made: %s.\n", g_get_prgname(), shown,
               g_strerror(number));
    return FALSE;
}

CliExit cli_import(int argc, char **argv)
{
    g_auto(Options) o = {.dtype = GAN_DTYPE_OTHER};
    const GOptionEntry entries[] = {
        {"output", 'o', 0, G_OPTION_ARG_FILENAME, &o.output,
         "Write into FOLDER; the default is your model folder", "FOLDER"},
        {"dtype", 0, 0, G_OPTION_ARG_STRING, &o.dtype_text,
         "Store f32, f16 or bf16; the default is as in the file", "TYPE"},
        {"name", 0, 0, G_OPTION_ARG_FILENAME, &o.name,
         "Name of the model; the default is the file's", "NAME"},
        {"licence", 0, 0, G_OPTION_ARG_STRING, &o.licence,
         "Licence to note in the file, as an SPDX identifier; the default is what is known",
         "SPDX"},
        {"activation", 0, 0, G_OPTION_ARG_STRING, &o.activation,
         "SRVGGNetCompact without PReLU: relu or leakyrelu; its tensors do not tell", "KIND"},
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
    g_autofree char *folder = o.output != NULL ? g_strdup(o.output) : gan_catalogue_user_folder();
    if (!make_folder(folder))
        return CLI_EXIT_FAILED;
    g_autoptr(JsonBuilder) builder = o.json ? json_builder_new() : NULL;
    if (builder != NULL)
        json_builder_begin_array(builder);
    guint n_done = 0, n_failed = 0;
    for (char **file = o.files; *file != NULL; file++) {
        g_autoptr(GError) problem = NULL;
        if (import_file(&o, *file, folder, builder, &problem)) {
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
