// SPDX-License-Identifier: LGPL-3.0-or-later
// Data sets of picture files in folders, decoded when they are read. Decoded pictures are kept, the
// least used leaving first, as far as the memory given for them goes.
#include "source.h"

#include <gan/image.h>
#include <gan/weights.h>
#include <glib/gstdio.h>
#include <math.h>
#include <string.h>
#include <unistd.h>

#define MOST_ENDINGS 6 // of files that are not read

typedef struct {
    GanPicture picture;
    guint64 key;
    GList *link; // in `used`
} Kept;

typedef struct {
    GPtrArray *paths[2];
    GMutex lock;      // of all below
    GHashTable *kept; // key -> Kept
    GQueue used;      // of Kept, most recently used first
    guint64 kept_bytes;
} Folder;

static void kept_free(gpointer data)
{
    Kept *kept = data;
    gan_picture_clear(&kept->picture);
    g_free(kept);
}

static void folder_free(gpointer place)
{
    Folder *folder = place;
    for (guint side = 0; side < 2; side++)
        g_clear_pointer(&folder->paths[side], g_ptr_array_unref);
    g_hash_table_unref(folder->kept);
    g_queue_clear(&folder->used);
    g_mutex_clear(&folder->lock);
    g_free(folder);
}

static int compare_texts(gconstpointer a, gconstpointer b)
{
    return strcmp(*(const char *const *)a, *(const char *const *)b);
}

// --- listing ---

// What a folder holds; names are relative to it.
typedef struct {
    GPtrArray *names;  // of pictures
    GPtrArray *others; // of files that are none
    GPtrArray *notices;
} Listing;

// The output of a training run shows pictures that networks made of these.
static gboolean is_run(const char *folder)
{
    static const char *const files[] = {"checkpoint.safetensors", "log.jsonl"};
    for (guint i = 0; i < G_N_ELEMENTS(files); i++) {
        g_autofree char *path = g_build_filename(folder, files[i], NULL);
        if (!g_file_test(path, G_FILE_TEST_IS_REGULAR))
            return FALSE;
    }
    return TRUE;
}

static void leave_out(const Listing *listing, const char *path, const char *reason)
{
    g_autofree char *line = g_strdup_printf("%s: left out, %s", path, reason);
    g_ptr_array_add(listing->notices, g_utf8_make_valid(line, -1));
}

static gboolean list(const char *root, const char *below, const Listing *listing, GError **error);

// Lists one thing in a folder. Reading a pipe would wait for ever.
static gboolean list_one(const char *root, const char *relative, const Listing *listing,
                         GError **error)
{
    g_autofree char *full = g_build_filename(root, relative, NULL);
    if (!g_file_test(full, G_FILE_TEST_IS_DIR)) {
        if (gan_image_name(relative) != GAN_IMAGE_NAME_READ)
            g_ptr_array_add(listing->others, g_strdup(relative));
        else if (g_file_test(full, G_FILE_TEST_IS_REGULAR) && g_access(full, R_OK) == 0)
            g_ptr_array_add(listing->names, g_strdup(relative));
        else
            leave_out(listing, full, "no file that can be read");
        return TRUE;
    }
    if (g_file_test(full, G_FILE_TEST_IS_SYMLINK)) {
        leave_out(listing, full, "folders are not entered through links");
        return TRUE;
    }
    if (is_run(full)) {
        leave_out(listing, full, "the output of a training run");
        return TRUE;
    }
    return list(root, relative, listing, error);
}

static gboolean list(const char *root, const char *below, const Listing *listing, GError **error)
{
    g_autofree char *path = g_build_filename(root, below, NULL);
    g_autoptr(GError) reason = NULL;
    g_autoptr(GDir) dir = g_dir_open(path, 0, &reason);
    if (dir == NULL) {
        g_set_error(error, GAN_ERROR, GAN_ERROR_FILE, "%s", reason->message);
        return FALSE;
    }
    for (const char *name = g_dir_read_name(dir); name != NULL; name = g_dir_read_name(dir)) {
        if (name[0] == '.')
            continue;
        g_autofree char *relative =
            below[0] != '\0' ? g_build_filename(below, name, NULL) : g_strdup(name);
        if (!list_one(root, relative, listing, error))
            return FALSE;
    }
    return TRUE;
}

// Says that there are files that are not read, and what their names end in.
static void tell_others(GanDataset *dataset, const char *root, const GPtrArray *others)
{
    g_autoptr(GPtrArray) endings = g_ptr_array_new();
    for (guint i = 0; i < others->len; i++) {
        const char *slash = strrchr(others->pdata[i], G_DIR_SEPARATOR);
        const char *name = slash != NULL ? slash + 1 : others->pdata[i], *dot = strrchr(name, '.');
        const char *ending = dot != NULL ? dot : name;
        if (!g_ptr_array_find_with_equal_func(endings, ending, g_str_equal, NULL))
            g_ptr_array_add(endings, (gpointer)ending);
    }
    if (others->len == 0)
        return;
    g_ptr_array_sort(endings, compare_texts);
    const gboolean many = endings->len > MOST_ENDINGS;
    g_ptr_array_set_size(endings, MIN((int)endings->len, MOST_ENDINGS));
    g_ptr_array_add(endings, NULL);
    g_autofree char *text = g_strjoinv(", ", (char **)endings->pdata);
    g_autofree char *line =
        g_strdup_printf("%s: %u %s not read (%s%s)", root, others->len,
                        others->len == 1 ? "file is" : "files are", text, many ? ", …" : "");
    g_ptr_array_add(dataset->notices, g_utf8_make_valid(line, -1));
}

// Lists one side. GAN_ERROR_FILE: there is none.
static gboolean list_side(GanDataset *dataset, guint side, const char *root, GError **error)
{
    Folder *folder = dataset->place;
    g_autoptr(GPtrArray) names = g_ptr_array_new_with_free_func(g_free);
    g_autoptr(GPtrArray) others = g_ptr_array_new_with_free_func(g_free);
    const Listing listing = {names, others, dataset->notices};
    if (!list(root, "", &listing, error))
        return FALSE;
    g_ptr_array_sort(dataset->notices, compare_texts);
    if (names->len == 0) {
        g_set_error(error, GAN_ERROR, GAN_ERROR_FILE,
                    "%s: no picture that is read in this folder or below it", root);
        return FALSE;
    }
    tell_others(dataset, root, others);
    g_ptr_array_sort(names, compare_texts);
    folder->paths[side] = g_ptr_array_new_with_free_func(g_free);
    for (guint i = 0; i < names->len; i++)
        g_ptr_array_add(folder->paths[side], g_build_filename(root, names->pdata[i], NULL));
    dataset->n[side] = names->len;
    dataset->names[side] = g_steal_pointer(&names);
    return TRUE;
}

// The first of the folders below the data set's that exists, or NULL.
static char *find_below(const GanDataset *dataset, const char *const *candidates)
{
    for (guint i = 0; candidates[i] != NULL; i++) {
        g_autofree char *path = g_build_filename(dataset->path, candidates[i], NULL);
        if (g_file_test(path, G_FILE_TEST_IS_DIR))
            return g_steal_pointer(&path);
    }
    return NULL;
}

// --- kinds ---

// A name without its ending.
static char *stem(const char *name)
{
    const char *slash = strrchr(name, G_DIR_SEPARATOR), *dot = strrchr(name, '.');
    return dot != NULL && (slash == NULL || dot > slash + 1) ? g_strndup(name, (gsize)(dot - name))
                                                             : g_strdup(name);
}

// Brings both sides into one order: partners have one name, or the input's ends in xN.
static gboolean match_pairs(GanDataset *dataset, GError **error)
{
    Folder *folder = dataset->place;
    const guint n_targets = dataset->names[1]->len, n_inputs = dataset->names[0]->len;
    g_autoptr(GHashTable) inputs = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, NULL);
    for (guint i = 0; i < n_inputs; i++)
        g_hash_table_insert(inputs, stem(dataset->names[0]->pdata[i]), GUINT_TO_POINTER(i + 1));
    GPtrArray *names[2], *paths[2];
    for (guint side = 0; side < 2; side++) {
        names[side] = g_ptr_array_new_with_free_func(g_free);
        paths[side] = g_ptr_array_new_with_free_func(g_free);
    }
    for (guint i = 0; i < n_targets; i++) {
        g_autofree char *name = stem(dataset->names[1]->pdata[i]);
        g_autofree char *scaled = g_strdup_printf("%sx%u", name, dataset->options.scale);
        guint found = GPOINTER_TO_UINT(g_hash_table_lookup(inputs, name));
        if (found == 0)
            found = GPOINTER_TO_UINT(g_hash_table_lookup(inputs, scaled));
        if (found == 0) {
            g_ptr_array_add(dataset->notices,
                            g_strdup_printf("%s: left out, it has no partner among the inputs, "
                                            "'%s' or '%s'",
                                            (char *)folder->paths[1]->pdata[i], name, scaled));
            continue;
        }
        const guint places[] = {found - 1, i};
        for (guint side = 0; side < 2; side++) {
            g_ptr_array_add(names[side], g_strdup(dataset->names[side]->pdata[places[side]]));
            g_ptr_array_add(paths[side], g_strdup(folder->paths[side]->pdata[places[side]]));
        }
    }
    for (guint side = 0; side < 2; side++) {
        g_ptr_array_unref(dataset->names[side]);
        g_ptr_array_unref(folder->paths[side]);
        dataset->names[side] = names[side];
        folder->paths[side] = paths[side];
        dataset->n[side] = names[side]->len;
    }
    if (dataset->n[1] > 0) {
        if (dataset->n[1] < n_inputs)
            g_ptr_array_add(dataset->notices,
                            g_strdup_printf("%s: %" G_GUINT64_FORMAT
                                            " inputs are left out, they have no target",
                                            dataset->path, n_inputs - dataset->n[1]));
        return TRUE;
    }
    g_set_error(error, GAN_ERROR, GAN_ERROR_FILE,
                "%s: none of the %u targets has a partner among the inputs, of its name or with "
                "x%u behind it",
                dataset->path, n_targets, dataset->options.scale);
    return FALSE;
}

static gboolean open_pairs(GanDataset *dataset, GError **error)
{
    const guint scale = dataset->options.scale;
    g_autofree char *bicubic = g_strdup_printf("LR_bicubic/X%u", scale);
    g_autofree char *lower = g_strdup_printf("LR/X%u", scale);
    g_autofree char *joined = g_strdup_printf("LRx%u", scale);
    const char *const inputs[] = {bicubic, lower, joined, "LR", "input", NULL};
    static const char *const targets[] = {"HR", "target", NULL};
    g_autofree char *input = find_below(dataset, inputs), *target = find_below(dataset, targets);
    if (input == NULL || target == NULL) {
        g_set_error(error, GAN_ERROR, GAN_ERROR_FILE,
                    "%s: pairs of the scale %u need the folders 'HR' and 'LR' (or '%s', '%s', "
                    "'%s'), or 'target' and 'input', in it",
                    dataset->path, scale, bicubic, lower, joined);
        return FALSE;
    }
    return list_side(dataset, 0, input, error) && list_side(dataset, 1, target, error) &&
           match_pairs(dataset, error);
}

static gboolean open_unpaired(GanDataset *dataset, GError **error)
{
    static const char *const a[] = {"trainA", "A", NULL}, *const b[] = {"trainB", "B", NULL};
    g_autofree char *first = find_below(dataset, a), *second = find_below(dataset, b);
    if (first == NULL || second == NULL) {
        g_set_error(
            error, GAN_ERROR, GAN_ERROR_FILE,
            "%s: unpaired data need the folders 'A' and 'B', or 'trainA' and 'trainB', in it",
            dataset->path);
        return FALSE;
    }
    return list_side(dataset, 0, first, error) && list_side(dataset, 1, second, error);
}

// Leaves out what lies in no sub-folder.
static void leave_out_strays(GanDataset *dataset)
{
    Folder *folder = dataset->place;
    GPtrArray *names = g_ptr_array_new_with_free_func(g_free);
    GPtrArray *paths = g_ptr_array_new_with_free_func(g_free);
    const char *first = NULL;
    for (guint i = 0; i < dataset->names[0]->len; i++) {
        const char *name = dataset->names[0]->pdata[i];
        if (strchr(name, G_DIR_SEPARATOR) != NULL) {
            g_ptr_array_add(names, g_strdup(name));
            g_ptr_array_add(paths, g_strdup(folder->paths[0]->pdata[i]));
        } else if (first == NULL) {
            first = name;
        }
    }
    if (first != NULL)
        g_ptr_array_add(dataset->notices,
                        g_strdup_printf("%s: left out: %u that lie in no sub-folder, which are the "
                                        "classes, such as %s",
                                        dataset->path, dataset->names[0]->len - names->len, first));
    g_ptr_array_unref(dataset->names[0]);
    g_ptr_array_unref(folder->paths[0]);
    dataset->names[0] = names;
    folder->paths[0] = paths;
    dataset->n[0] = names->len;
}

// The first folder of each name is the class; names are sorted, so classes are, too.
static gboolean open_classes(GanDataset *dataset, GError **error)
{
    if (!list_side(dataset, 0, dataset->path, error))
        return FALSE;
    leave_out_strays(dataset);
    if (dataset->n[0] == 0) {
        g_set_error(error, GAN_ERROR, GAN_ERROR_FILE,
                    "%s: no picture lies in a sub-folder; the sub-folders are the classes",
                    dataset->path);
        return FALSE;
    }
    dataset->labels = g_array_new(FALSE, FALSE, sizeof(guint));
    g_autoptr(GHashTable) known = g_hash_table_new(g_str_hash, g_str_equal);
    for (guint i = 0; i < dataset->names[0]->len; i++) {
        const char *name = dataset->names[0]->pdata[i], *slash = strchr(name, G_DIR_SEPARATOR);
        g_autofree char *class_name = g_strndup(name, (gsize)(slash - name));
        guint label = GPOINTER_TO_UINT(g_hash_table_lookup(known, class_name));
        if (label == 0) {
            g_ptr_array_add(dataset->classes, g_strdup(class_name));
            label = dataset->classes->len;
            g_hash_table_insert(known, dataset->classes->pdata[label - 1], GUINT_TO_POINTER(label));
        }
        label--;
        g_array_append_val(dataset->labels, label);
    }
    return TRUE;
}

// --- reading ---

static gboolean find_kept(Folder *folder, guint64 key, GanPicture *picture)
{
    g_autoptr(GMutexLocker) locker G_GNUC_UNUSED = g_mutex_locker_new(&folder->lock);
    Kept *kept = g_hash_table_lookup(folder->kept, &key);
    if (kept == NULL)
        return FALSE;
    g_queue_unlink(&folder->used, kept->link);
    g_queue_push_head_link(&folder->used, kept->link);
    *picture = kept->picture;
    g_bytes_ref(picture->bytes);
    return TRUE;
}

static void keep(Folder *folder, guint64 key, const GanPicture *picture, guint64 most_bytes)
{
    const gsize bytes = g_bytes_get_size(picture->bytes);
    g_autoptr(GMutexLocker) locker G_GNUC_UNUSED = g_mutex_locker_new(&folder->lock);
    // Two threads may have decoded one picture.
    if (bytes > most_bytes || g_hash_table_contains(folder->kept, &key))
        return;
    while (folder->kept_bytes + bytes > most_bytes) {
        Kept *last = g_queue_pop_tail(&folder->used);
        folder->kept_bytes -= g_bytes_get_size(last->picture.bytes);
        g_hash_table_remove(folder->kept, &last->key);
    }
    Kept *kept = g_new0(Kept, 1);
    kept->picture = *picture;
    g_bytes_ref(kept->picture.bytes);
    kept->key = key;
    g_queue_push_head(&folder->used, kept);
    kept->link = folder->used.head;
    folder->kept_bytes += bytes;
    g_hash_table_insert(folder->kept, &kept->key, kept);
}

static gboolean folder_read(GanDataset *dataset, guint side, guint64 item, GanPicture *picture,
                            GError **error)
{
    Folder *folder = dataset->place;
    const guint64 key = 2 * item + side;
    if (find_kept(folder, key, picture))
        return TRUE;
    if (!gan_picture_load(folder->paths[side]->pdata[item], dataset->options.channels, picture,
                          error))
        return FALSE;
    if (dataset->options.cache_bytes > 0)
        keep(folder, key, picture, dataset->options.cache_bytes);
    return TRUE;
}

static guint64 folder_memory_bytes(GanDataset *dataset)
{
    Folder *folder = dataset->place;
    const guint64 most_bytes = dataset->options.cache_bytes;
    g_autoptr(GMutexLocker) locker G_GNUC_UNUSED = g_mutex_locker_new(&folder->lock);
    const guint n_kept = g_hash_table_size(folder->kept);
    if (n_kept == 0)
        return most_bytes;
    const double mean = (double)folder->kept_bytes / n_kept;
    return (guint64)fmin(mean * (double)(dataset->n[0] + dataset->n[1]), (double)most_bytes);
}

static char *folder_hash(GanDataset *dataset, GError **error)
{
    const Folder *folder = dataset->place;
    g_autoptr(GChecksum) sum = g_checksum_new(G_CHECKSUM_SHA256);
    for (guint side = 0; side < 2 && folder->paths[side] != NULL; side++)
        for (guint i = 0; i < folder->paths[side]->len; i++) {
            const char *name = dataset->names[side]->pdata[i];
            g_autofree char *content = gan_file_sha256(folder->paths[side]->pdata[i], error);
            if (content == NULL)
                return NULL;
            g_checksum_update(sum, (const guchar *)name, (gssize)strlen(name) + 1);
            g_checksum_update(sum, (const guchar *)content, (gssize)strlen(content));
        }
    return g_strdup(g_checksum_get_string(sum));
}

static gboolean folder_open(GanDataset *dataset, GError **error)
{
    Folder *folder = g_new0(Folder, 1);
    g_mutex_init(&folder->lock);
    folder->kept = g_hash_table_new_full(g_int64_hash, g_int64_equal, NULL, kept_free);
    g_queue_init(&folder->used);
    dataset->place = folder;
    switch (dataset->options.kind) {
    case GAN_DATASET_PICTURES:
        return list_side(dataset, 0, dataset->path, error);
    case GAN_DATASET_PAIRS:
        return open_pairs(dataset, error);
    case GAN_DATASET_UNPAIRED:
        return open_unpaired(dataset, error);
    case GAN_DATASET_CLASSES:
        return open_classes(dataset, error);
    }
    g_assert_not_reached();
}

static gboolean folder_knows(const char *path)
{
    return g_file_test(path, G_FILE_TEST_IS_DIR);
}

const GanSource gan_source_folder = {
    .name = "a folder",
    .knows = folder_knows,
    .open = folder_open,
    .free = folder_free,
    .read = folder_read,
    .hash = folder_hash,
    .memory_bytes = folder_memory_bytes,
};
