// SPDX-License-Identifier: LGPL-3.0-or-later
// The catalogue of weight files.
#include "cache.h"
#include "licence.h"
#include "purpose.h"
#include <folders.h>
#include <gan/catalogue.h>
#include <string.h>
#include <sys/stat.h>

// Folders may be linked in a circle.
enum { DEPTH_MAX = 8 };

// Of files that differ only in this, the first kind counts: it was converted from the others.
static const char *const EXTENSIONS[] = {".safetensors", ".pth", ".pt", ".ckpt", ".bin"};

struct GanCatalogue {
    GPtrArray *entries;  // GanCatalogueEntry, in the order in which they were found
    GHashTable *by_name; // name -> entry
    GanCache *cache;     // while the catalogue is being made
};

static void entry_free(gpointer data)
{
    GanCatalogueEntry *entry = data;
    g_free(entry->name);
    g_free(entry->path);
    g_free(entry->family);
    g_free(entry->title);
    g_free(entry->licence);
    g_free(entry->good_for);
    g_free(entry->sha256);
    g_free(entry->problem);
    g_free(entry);
}

// Returns the index of the file's extension in EXTENSIONS, or their number.
static guint kind_of(const char *file)
{
    g_autofree char *lower = g_ascii_strdown(file, -1);
    guint kind = 0;
    while (kind < G_N_ELEMENTS(EXTENSIONS) && !g_str_has_suffix(lower, EXTENSIONS[kind]))
        kind++;
    return kind;
}

// --- one file ---

// A converted file names its source.
static char *stated_licence(const GanWeights *weights)
{
    const char *licence = gan_weights_metadata(weights, "licence");
    if (licence == NULL)
        licence = gan_weights_metadata(weights, "license");
    const char *source = gan_weights_metadata(weights, "source_sha256");
    if (licence == NULL && source != NULL)
        licence = gan_licence_of_known(source);
    return licence != NULL && licence[0] != 0 ? g_strdup(licence) : NULL;
}

// What the file says itself may be known already, in `stated`.
static char *find_licence(const char *path, const char *stated, const char *sha256,
                          gboolean *non_commercial)
{
    char *licence = g_strdup(stated);
    if (licence == NULL)
        licence = gan_licence_of_card(path);
    if (licence == NULL && sha256 != NULL)
        licence = g_strdup(gan_licence_of_known(sha256));
    if (non_commercial != NULL)
        *non_commercial = licence != NULL && gan_licence_is_non_commercial(licence);
    return licence;
}

char *gan_catalogue_licence(const GanWeights *weights, const char *sha256, gboolean *non_commercial)
{
    g_autofree char *stated = stated_licence(weights);
    return find_licence(gan_weights_path(weights), stated, sha256, non_commercial);
}

// A card, which somebody may have written by hand, goes before what is known.
char *gan_catalogue_good_for(GanModel *model, const char *sha256)
{
    const GanWeights *weights = gan_model_weights(model);
    char *words = gan_purpose_of_card(gan_weights_path(weights));
    if (words == NULL)
        words = gan_purpose_of_weights(weights);
    return words != NULL ? words : gan_purpose_of_model(model, sha256);
}

// Finds out family and scale. What makes the file unusable is an error.
static gboolean recognise(const char *path, GanCacheFacts *facts, GError **error)
{
    g_autoptr(GanWeights) weights = gan_weights_open(path, error);
    if (weights == NULL)
        return FALSE;
    if (facts->licence == NULL)
        facts->licence = stated_licence(weights);
    g_autoptr(GanModel) model = gan_model_new(weights, NULL, error);
    if (model == NULL)
        return FALSE;
    const GanModelInfo *info = gan_model_info(model);
    facts->family = g_strdup(info->family);
    facts->title = g_strdup(info->title);
    facts->task = info->task;
    facts->scale = info->scale;
    facts->good_for = gan_purpose_of_weights(weights);
    if (facts->good_for == NULL)
        facts->good_for = gan_purpose_of_model(model, facts->sha256);
    return TRUE;
}

// Fills in what is known of the file, from the cache if it has not changed. A file that could not
// be used is tried again: it may be that only its family was unknown.
static void learn(GanCache *cache, const GanCacheKey *key, GanCacheFacts *facts, GError **error)
{
    if (gan_cache_find(cache, key, facts) && facts->family != NULL)
        return;
    const gboolean is_new = facts->sha256 == NULL;
    if (is_new)
        facts->sha256 = gan_file_sha256(key->path, error);
    if (facts->sha256 == NULL)
        return;
    if (recognise(key->path, facts, error) || is_new)
        gan_cache_put(cache, key, facts);
}

// Takes name.
static void add_file(GanCatalogue *catalogue, const char *path, char *name,
                     const struct stat *status)
{
    const GanCacheKey key = {path, (guint64)status->st_size,
                             (gint64)status->st_mtim.tv_sec * 1000000000 + status->st_mtim.tv_nsec};
    g_auto(GanCacheFacts) facts = {0};
    g_autoptr(GError) error = NULL;
    learn(catalogue->cache, &key, &facts, &error);
    GanCatalogueEntry *entry = g_new0(GanCatalogueEntry, 1);
    entry->name = name;
    entry->path = g_strdup(path);
    entry->bytes = key.bytes;
    if (error != NULL)
        entry->problem = g_strdup(error->message);
    else {
        entry->family = g_strdup(facts.family);
        entry->title = g_strdup(facts.title);
        entry->task = facts.task;
        entry->scale = facts.scale;
    }
    entry->sha256 = g_strdup(facts.sha256);
    entry->good_for = gan_purpose_of_card(path);
    if (entry->good_for == NULL && facts.good_for != NULL && facts.good_for[0] != 0)
        entry->good_for = g_strdup(facts.good_for);
    entry->licence = find_licence(path, facts.licence, facts.sha256, &entry->non_commercial);
    g_ptr_array_add(catalogue->entries, entry);
    g_hash_table_insert(catalogue->by_name, entry->name, entry);
}

// --- folders ---

static int compare_files(const void *a, const void *b)
{
    const char *left = *(const char *const *)a, *right = *(const char *const *)b;
    const guint left_kind = kind_of(left), right_kind = kind_of(right);
    if (left_kind != right_kind)
        return left_kind < right_kind ? -1 : 1;
    return strcmp(left, right);
}

static void look_at(GanCatalogue *catalogue, const char *path, const char *file)
{
    struct stat status;
    const guint kind = kind_of(file);
    if (kind == G_N_ELEMENTS(EXTENSIONS) || stat(path, &status) != 0 || !S_ISREG(status.st_mode))
        return;
    g_autofree char *stem = g_strndup(file, strlen(file) - strlen(EXTENSIONS[kind]));
    g_autofree char *name = g_filename_display_name(stem);
    if (name[0] == 0 || g_hash_table_contains(catalogue->by_name, name))
        return;
    add_file(catalogue, path, g_steal_pointer(&name), &status);
}

static void look_through(GanCatalogue *catalogue, const char *folder, guint depth)
{
    g_autoptr(GDir) dir = g_dir_open(folder, 0, NULL);
    g_autoptr(GPtrArray) files = g_ptr_array_new_with_free_func(g_free);
    const char *file;
    while (dir != NULL && (file = g_dir_read_name(dir)) != NULL)
        if (file[0] != '.')
            g_ptr_array_add(files, g_strdup(file));
    g_ptr_array_sort(files, compare_files);
    for (guint i = 0; i < files->len; i++) {
        g_autofree char *path = g_build_filename(folder, files->pdata[i], NULL);
        if (!g_file_test(path, G_FILE_TEST_IS_DIR))
            look_at(catalogue, path, files->pdata[i]);
    }
    for (guint i = 0; i < files->len && depth < DEPTH_MAX; i++) {
        g_autofree char *path = g_build_filename(folder, files->pdata[i], NULL);
        if (g_file_test(path, G_FILE_TEST_IS_DIR))
            look_through(catalogue, path, depth + 1);
    }
}

static gboolean look_through_extra(GanCatalogue *catalogue, const char *folder, GError **error)
{
    if (!g_file_test(folder, G_FILE_TEST_IS_DIR)) {
        g_autofree char *shown = g_filename_display_name(folder);
        g_set_error(error, GAN_ERROR, GAN_ERROR_FILE, "%s: not a folder", shown);
        return FALSE;
    }
    g_autofree char *absolute = g_canonicalize_filename(folder, NULL);
    look_through(catalogue, absolute, 0);
    return TRUE;
}

char *gan_catalogue_user_folder(void)
{
    return gan_folders_user("models");
}

char **gan_catalogue_system_folders(void)
{
    return gan_folders_system("models");
}

GanCatalogue *gan_catalogue_open(const char *const *extra_folders, GError **error)
{
    g_autoptr(GanCatalogue) catalogue = g_new0(GanCatalogue, 1);
    catalogue->entries = g_ptr_array_new_with_free_func(entry_free);
    catalogue->by_name = g_hash_table_new(g_str_hash, g_str_equal);
    catalogue->cache = gan_cache_open();
    for (guint i = 0; extra_folders != NULL && extra_folders[i] != NULL; i++)
        if (!look_through_extra(catalogue, extra_folders[i], error))
            return NULL;
    g_autofree char *user = gan_catalogue_user_folder();
    look_through(catalogue, user, 0);
    g_auto(GStrv) system = gan_catalogue_system_folders();
    for (guint i = 0; system[i] != NULL; i++)
        look_through(catalogue, system[i], 0);
    g_clear_pointer(&catalogue->cache, gan_cache_close);
    return g_steal_pointer(&catalogue);
}

void gan_catalogue_free(GanCatalogue *catalogue)
{
    if (catalogue == NULL)
        return;
    gan_cache_close(catalogue->cache);
    g_hash_table_unref(catalogue->by_name);
    g_ptr_array_unref(catalogue->entries);
    g_free(catalogue);
}

guint gan_catalogue_n_entries(const GanCatalogue *catalogue)
{
    return catalogue->entries->len;
}

const GanCatalogueEntry *gan_catalogue_entry(const GanCatalogue *catalogue, guint i)
{
    g_return_val_if_fail(i < catalogue->entries->len, NULL);
    return g_ptr_array_index(catalogue->entries, i);
}

const GanCatalogueEntry *gan_catalogue_find(const GanCatalogue *catalogue, const char *name)
{
    g_return_val_if_fail(name != NULL, NULL);
    g_autofree char *shown = g_filename_display_name(name);
    const GanCatalogueEntry *entry = g_hash_table_lookup(catalogue->by_name, shown);
    if (entry != NULL)
        return entry;
    for (guint i = 0; i < catalogue->entries->len; i++) {
        entry = g_ptr_array_index(catalogue->entries, i);
        g_autofree char *file = g_path_get_basename(entry->path);
        if (strcmp(file, name) == 0)
            return entry;
    }
    return NULL;
}
