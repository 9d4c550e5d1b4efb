// SPDX-License-Identifier: LGPL-3.0-or-later
// Import: a weight file of any container becomes a safetensors file in a model folder.
#include <gan/catalogue.h>

#include <errno.h>
#include <string.h>

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
    // Double precision is kept as single: no network is run in double. Half precision holds what 8
    // bits can say.
    dict->dtype = GAN_DTYPE_F32;
    counts[GAN_DTYPE_F32] += counts[GAN_DTYPE_F64];
    counts[GAN_DTYPE_F16] += counts[GAN_DTYPE_F8];
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

// Returns alternating keys and values in the order of the keys, so that equal files are made
// from equal files.
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

static GHashTable *make_metadata(const char *file, const char *sha256, GanModel *model,
                                 const GanImport *import)
{
    GHashTable *metadata = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, g_free);
    GanWeights *weights = gan_model_weights(model);
    const GanModelInfo *info = gan_model_info(model);
    g_autofree const char **keys = gan_weights_metadata_keys(weights);
    for (const char **key = keys; key != NULL && *key != NULL; key++)
        set(metadata, *key, gan_weights_metadata(weights, *key));
    g_autofree char *name = g_path_get_basename(file);
    g_autofree char *shown = g_filename_display_name(name);
    char scale[G_ASCII_DTOSTR_BUF_SIZE];
    g_ascii_formatd(scale, sizeof scale, "%.9g", info->scale);
    set(metadata, "format", "pt");
    set(metadata, "family", info->family);
    set(metadata, "title", info->title);
    set(metadata, "task", gan_task_name(info->task));
    set(metadata, "scale", scale);
    g_autofree char *known = gan_catalogue_licence(weights, sha256, NULL);
    g_autofree char *good_for = gan_catalogue_good_for(model, sha256);
    set(metadata, "good_for", good_for);
    set(metadata, "licence", import->licence != NULL ? import->licence : known);
    // What the tensors cannot tell, so that nobody has to know it again.
    if (import->told != NULL) {
        char residual[G_ASCII_DTOSTR_BUF_SIZE];
        g_ascii_formatd(residual, sizeof residual, "%.9g", import->told->residual_scale);
        set(metadata, "activation", import->told->activation);
        set(metadata, "padding", import->told->padding);
        set(metadata, "residual_scale", import->told->residual_scale > 0 ? residual : NULL);
    }
    // What was imported before keeps the name and the sum of the file it first came from.
    if (gan_weights_metadata(weights, "source_sha256") == NULL) {
        set(metadata, "source_file", shown);
        set(metadata, "source_sha256", sha256);
        g_autofree char *part = gan_weights_part_name(weights);
        g_auto(GStrv) others = gan_weights_left_out(weights);
        g_autofree char *left_out = g_strjoinv(", ", others);
        set(metadata, "source_part", part);
        set(metadata, "left_out", left_out[0] != 0 ? left_out : NULL);
    }
    return metadata;
}

static char *output_path(const char *folder, const char *file, const char *name)
{
    g_autofree char *base = g_path_get_basename(file);
    char *dot = strrchr(base, '.');
    if (dot != NULL && dot != base)
        *dot = '\0';
    g_autofree char *full = g_strconcat(name != NULL ? name : base, ".safetensors", NULL);
    return g_build_filename(folder, full, NULL);
}

static gboolean make_folder(const char *folder, GError **error)
{
    if (g_mkdir_with_parents(folder, 0777) == 0)
        return TRUE;
    const int number = errno;
    g_autofree char *shown = g_filename_display_name(folder);
    g_set_error(error, GAN_ERROR, GAN_ERROR_FILE, "The folder '%s' cannot be made: %s.", shown,
                g_strerror(number));
    return FALSE;
}

static gboolean is_free(const char *path, GError **error)
{
    if (!g_file_test(path, G_FILE_TEST_EXISTS))
        return TRUE;
    g_autofree char *shown = g_filename_display_name(path);
    g_set_error(error, GAN_ERROR, GAN_ERROR_EXISTS, "%s exists already.", shown);
    return FALSE;
}

GanModel *gan_catalogue_import(const char *file, const GanImport *import, GanDtype *dtype,
                               GError **error)
{
    g_return_val_if_fail(file != NULL && import != NULL, NULL);
    g_autoptr(GanModel) model = gan_model_load(file, import->told, error);
    g_autofree char *sha256 = model != NULL && gan_model_check_numbers(model, error)
                                  ? gan_file_sha256(file, error)
                                  : NULL;
    if (sha256 == NULL)
        return NULL;
    g_autofree char *folder =
        import->folder != NULL ? g_strdup(import->folder) : gan_catalogue_user_folder();
    g_autofree char *output = output_path(folder, file, import->name);
    g_auto(StateDict) dict = {0};
    if ((!import->overwrite && !is_free(output, error)) || !make_folder(folder, error) ||
        !read_tensors(gan_model_weights(model), &dict, error))
        return NULL;
    const GanDtype stored = import->dtype != GAN_DTYPE_OTHER ? import->dtype : dict.dtype;
    g_autoptr(GHashTable) metadata = make_metadata(file, sha256, model, import);
    g_autoptr(GPtrArray) flat = flatten(metadata);
    if (!gan_weights_save(output, (const char *const *)dict.names->pdata,
                          (GanTensor *const *)dict.tensors->pdata, dict.names->len, stored,
                          (const char *const *)flat->pdata, error))
        return NULL;
    // What was written is read again, so that a conversion that lost something is noticed now.
    GanModel *again = gan_model_load(output, NULL, error);
    if (again == NULL)
        g_prefix_error(error, "The file was written, but reading it again failed: ");
    else if (dtype != NULL)
        *dtype = stored;
    return again;
}
