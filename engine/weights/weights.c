// SPDX-License-Identifier: LGPL-3.0-or-later
// A state dict over a mapped file, whatever the container.
#include "weights-private.h"
#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

typedef struct {
    const char *name;
    gboolean (*probe)(const guint8 *data, gsize length);
    gboolean (*read)(GanWeights *weights, GError **error);
} Container;

// safetensors comes first: a header of 640 bytes begins as a pickle does.
static const Container CONTAINERS[] = {
    {"safetensors", gan_safetensors_probe, gan_safetensors_read},
    {"PyTorch zip", gan_torch_zip_probe, gan_torch_zip_read},
    {"PyTorch legacy", gan_torch_legacy_probe, gan_torch_legacy_read},
};

// Far above any real file; bounds what a file made to waste memory can take.
enum { NAME_MAX_BYTES = 1024, TENSORS_MAX = 1 << 18 };

// A tensor without memory of its own needs some address.
static const float NOTHING[1] = {0};

GanWeights *gan_weights_new(const char *path)
{
    GanWeights *weights = g_new0(GanWeights, 1);
    weights->ref_count = 1;
    weights->path = g_strdup(path);
    weights->inflated = g_ptr_array_new_with_free_func(g_free);
    weights->tensors = g_ptr_array_new_with_free_func((GDestroyNotify)gan_tensor_unref);
    weights->names = g_string_chunk_new(4096);
    weights->entries = g_array_new(FALSE, FALSE, sizeof(GanWeightsEntry));
    weights->stored = g_array_new(FALSE, FALSE, sizeof(GanStored));
    weights->containers = g_array_new(FALSE, FALSE, sizeof(guint));
    weights->index = g_hash_table_new(g_str_hash, g_str_equal);
    weights->metadata = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, g_free);
    return weights;
}

GanWeights *gan_weights_ref(GanWeights *weights)
{
    g_return_val_if_fail(weights != NULL, NULL);
    g_atomic_int_inc(&weights->ref_count);
    return weights;
}

void gan_weights_unref(GanWeights *weights)
{
    if (weights == NULL || !g_atomic_int_dec_and_test(&weights->ref_count))
        return;
    g_hash_table_unref(weights->metadata);
    g_hash_table_unref(weights->index);
    g_array_unref(weights->stored);
    g_array_unref(weights->containers);
    g_array_unref(weights->entries);
    g_string_chunk_free(weights->names);
    g_ptr_array_unref(weights->inflated);
    g_ptr_array_unref(weights->tensors);
    g_clear_pointer(&weights->mapping, g_mapped_file_unref);
    g_clear_pointer(&weights->bytes, g_bytes_unref);
    gan_weights_unref(weights->whole);
    g_free(weights->traded);
    g_free(weights->prefix);
    g_free(weights->path);
    g_free(weights);
}

gboolean gan_weights_add(GanWeights *weights, const char *name, gsize name_length, guint container,
                         const GanStored *stored, gboolean replace, GError **error)
{
    if (name_length == 0 || name_length > NAME_MAX_BYTES) {
        g_set_error(error, GAN_ERROR, GAN_ERROR_FORMAT,
                    "a tensor's name has %" G_GSIZE_FORMAT " bytes; 1 to %d are read", name_length,
                    NAME_MAX_BYTES);
        return FALSE;
    }
    if (memchr(name, 0, name_length) != NULL) {
        g_set_error(error, GAN_ERROR, GAN_ERROR_FORMAT,
                    "the name of a tensor that begins '%.60s' contains a NUL", name);
        return FALSE;
    }
    if (!g_utf8_validate(name, (gssize)name_length, NULL)) {
        g_set_error_literal(error, GAN_ERROR, GAN_ERROR_FORMAT, "a tensor's name is not UTF-8");
        return FALSE;
    }
    char key[NAME_MAX_BYTES + 1];
    memcpy(key, name, name_length);
    key[name_length] = 0;
    const guint known = GPOINTER_TO_UINT(g_hash_table_lookup(weights->index, key));
    if (known != 0 && !replace) {
        g_set_error(error, GAN_ERROR, GAN_ERROR_FORMAT, "duplicate tensor name '%.60s'", key);
        return FALSE;
    }
    if (known == 0 && weights->entries->len >= TENSORS_MAX) {
        g_set_error(error, GAN_ERROR, GAN_ERROR_FORMAT, "there are more than %d tensors",
                    TENSORS_MAX);
        return FALSE;
    }
    GanWeightsEntry entry = {.dtype = gan_element_dtype(stored->element), .rank = stored->rank};
    memcpy(entry.shape, stored->shape, stored->rank * sizeof *entry.shape);
    if (known != 0) {
        entry.name = g_array_index(weights->entries, GanWeightsEntry, known - 1).name;
        g_array_index(weights->entries, GanWeightsEntry, known - 1) = entry;
        g_array_index(weights->stored, GanStored, known - 1) = *stored;
        g_array_index(weights->containers, guint, known - 1) = container;
        return TRUE;
    }
    entry.name = g_string_chunk_insert(weights->names, key);
    g_array_append_val(weights->entries, entry);
    g_array_append_vals(weights->stored, stored, 1);
    g_array_append_val(weights->containers, container);
    g_hash_table_insert(weights->index, (gpointer)entry.name,
                        GUINT_TO_POINTER(weights->entries->len));
    return TRUE;
}

// Takes `prefix` off all names if all have it.
static gboolean strip_prefix(GanWeights *weights, const char *prefix)
{
    const guint n = weights->entries->len;
    const gsize length = strlen(prefix);
    for (guint i = 0; i < n; i++) {
        const char *name = g_array_index(weights->entries, GanWeightsEntry, i).name;
        if (!g_str_has_prefix(name, prefix) || name[length] == 0)
            return FALSE;
    }
    g_hash_table_remove_all(weights->index);
    for (guint i = 0; i < n; i++) {
        GanWeightsEntry *entry = &g_array_index(weights->entries, GanWeightsEntry, i);
        entry->name += length;
        g_hash_table_insert(weights->index, (gpointer)entry->name, GUINT_TO_POINTER(i + 1));
    }
    return TRUE;
}

static gboolean read_content(GanWeights *weights, GError **error)
{
    const Container *found = NULL;
    for (guint i = 0; i < G_N_ELEMENTS(CONTAINERS) && found == NULL; i++)
        if (CONTAINERS[i].probe(weights->data, weights->length))
            found = &CONTAINERS[i];
    if (found == NULL) {
        gan_weights_explain(weights, error);
        return FALSE;
    }
    weights->container = found->name;
    if (!found->read(weights, error))
        return FALSE;
    if (weights->entries->len == 0) {
        g_set_error(error, GAN_ERROR, GAN_ERROR_FORMAT, "is a %s file with no tensors in it",
                    found->name);
        return FALSE;
    }
    gan_weights_mark_traded(weights);
    gan_weights_unwrap_names(weights);
    while (strip_prefix(weights, "netG."))
        continue;
    return TRUE;
}

// Of what lies in dicts, the best part; of a flat file, all of it: prefixes there may belong to
// the network, which its family knows.
static GanWeights *choose_part(GanWeights *weights)
{
    gboolean nested = FALSE;
    for (guint i = 0; i < weights->containers->len; i++)
        if (g_array_index(weights->containers, guint, i) > 0)
            nested = TRUE;
        else if (strchr(g_array_index(weights->entries, GanWeightsEntry, i).name, '.') != NULL)
            return weights;
    g_auto(GStrv) names = nested ? gan_weights_part_names(weights) : NULL;
    // Single tensors beside dicts, such as the state of a random generator, are no network.
    const char *best = nested ? names[0] : NULL;
    if (best != NULL && best[0] == 0)
        best = names[1];
    if (best == NULL)
        return weights;
    g_autoptr(GanWeights) part = gan_weights_part(weights, best);
    if (part->entries->len == 0)
        return weights;
    gan_weights_unref(weights);
    return g_steal_pointer(&part);
}

static GanWeights *finish(GanWeights *weights, GError **error)
{
    g_autoptr(GError) inner = NULL;
    if (read_content(weights, &inner))
        return choose_part(weights);
    // Readers cut names from the file to a number of bytes, which may be in mid-character.
    g_autofree char *message = g_utf8_make_valid(inner->message, -1);
    g_autofree char *name = g_filename_display_basename(weights->path);
    // "bad.pth is not a weight file", but "bad.pth: tensor 'w' has …".
    const gboolean verb = g_str_has_prefix(message, "is ") || g_str_has_prefix(message, "holds ");
    g_set_error(error, inner->domain, inner->code, "%s%s %s", name, verb ? "" : ":", message);
    gan_weights_unref(weights);
    return NULL;
}

static void set_file_error(const char *path, const char *what, GError **error)
{
    g_autofree char *name = g_filename_display_name(path);
    g_set_error(error, GAN_ERROR, GAN_ERROR_FILE, "%s: %s", name, what);
}

GanWeights *gan_weights_open(const char *path, GError **error)
{
    g_return_val_if_fail(path != NULL, NULL);
    // Without O_NONBLOCK a named pipe in a folder of models would block here for ever.
    const int fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
    if (fd < 0) {
        set_file_error(path, g_strerror(errno), error);
        return NULL;
    }
    struct stat status;
    if (fstat(fd, &status) != 0) {
        set_file_error(path, g_strerror(errno), error);
        close(fd);
        return NULL;
    }
    if (!S_ISREG(status.st_mode)) {
        set_file_error(path,
                       S_ISDIR(status.st_mode) ? "this is a folder; name weight files in it, such "
                                                 "as FOLDER/*.pth or FOLDER/*.safetensors"
                                               : "not a regular file",
                       error);
        close(fd);
        return NULL;
    }
    g_autoptr(GError) inner = NULL;
    GMappedFile *mapping = g_mapped_file_new_from_fd(fd, FALSE, &inner);
    close(fd);
    if (mapping == NULL) {
        set_file_error(path, inner->message, error);
        return NULL;
    }
    GanWeights *weights = gan_weights_new(path);
    weights->mapping = mapping;
    weights->data = (const guint8 *)g_mapped_file_get_contents(mapping);
    weights->length = g_mapped_file_get_length(mapping);
    return finish(weights, error);
}

GanWeights *gan_weights_open_bytes(GBytes *bytes, const char *name, GError **error)
{
    g_return_val_if_fail(bytes != NULL && name != NULL, NULL);
    GanWeights *weights = gan_weights_new(name);
    weights->bytes = g_bytes_ref(bytes);
    weights->data = g_bytes_get_data(bytes, &weights->length);
    return finish(weights, error);
}

GanWeights *gan_weights_new_from_tensors(const char *name, const char *const *names,
                                         GanTensor *const *tensors, guint n, GError **error)
{
    g_autoptr(GanWeights) weights = gan_weights_new(name);
    weights->container = "memory";
    for (guint i = 0; i < n; i++) {
        GanTensor *tensor = tensors[i];
        GanStored stored = {.element = GAN_ELEMENT_F32,
                            .rank = tensor->rank,
                            .first = (const guint8 *)tensor->data};
        gsize stride = 1;
        for (guint k = tensor->rank; k-- > 0; stride *= tensor->shape[k]) {
            stored.shape[k] = tensor->shape[k];
            stored.stride[k] = stride;
        }
        if (!gan_weights_add(weights, names[i], strlen(names[i]), 0, &stored, FALSE, error)) {
            g_prefix_error(error, "%s: ", name);
            return NULL;
        }
        weights->length += stride * sizeof(float);
        g_ptr_array_add(weights->tensors, gan_tensor_ref(tensor));
    }
    return g_steal_pointer(&weights);
}

const char *gan_weights_path(const GanWeights *weights)
{
    return weights->path;
}

guint64 gan_weights_file_bytes(const GanWeights *weights)
{
    return weights->length;
}

const char *gan_weights_container(const GanWeights *weights)
{
    return weights->container;
}

guint gan_weights_n_entries(const GanWeights *weights)
{
    return weights->entries->len;
}

const GanWeightsEntry *gan_weights_entry(const GanWeights *weights, guint i)
{
    g_return_val_if_fail(i < weights->entries->len, NULL);
    return &g_array_index(weights->entries, GanWeightsEntry, i);
}

const GanWeightsEntry *gan_weights_find(const GanWeights *weights, const char *name)
{
    const guint known = GPOINTER_TO_UINT(g_hash_table_lookup(weights->index, name));
    return known != 0 ? gan_weights_entry(weights, known - 1) : NULL;
}

static void weights_unref(gpointer weights)
{
    gan_weights_unref(weights);
}

GanTensor *gan_weights_tensor(GanWeights *weights, const char *name, GError **error)
{
    g_return_val_if_fail(weights != NULL && name != NULL, NULL);
    const guint known = GPOINTER_TO_UINT(g_hash_table_lookup(weights->index, name));
    if (known == 0) {
        g_autofree char *file = g_filename_display_basename(weights->path);
        g_set_error(error, GAN_ERROR, GAN_ERROR_UNKNOWN, "%s: there is no tensor '%s'", file, name);
        return NULL;
    }
    const GanStored *stored = &g_array_index(weights->stored, GanStored, known - 1);
    if (gan_element_dtype(stored->element) == GAN_DTYPE_OTHER) {
        g_autofree char *file = g_filename_display_basename(weights->path);
        g_set_error(
            error, GAN_ERROR, GAN_ERROR_FORMAT,
            "%s: tensor '%s' holds %s; floating-point weights (F64, F32, F16, BF16, F8) are needed",
            file, name, gan_element_name(stored->element));
        return NULL;
    }
    const gboolean empty = gan_stored_length(stored) == 0;
    if (G_BYTE_ORDER == G_LITTLE_ENDIAN && stored->element == GAN_ELEMENT_F32 &&
        gan_stored_is_dense(stored) && (empty || (guintptr)stored->first % sizeof(float) == 0)) {
        // The tensor is const to all who share it; the mapping is read-only.
        float *data = (float *)(guintptr)(empty ? (const void *)NOTHING : stored->first);
        return gan_tensor_new_borrowed(stored->rank, stored->shape, data, gan_weights_ref(weights),
                                       weights_unref);
    }
    GanTensor *tensor = gan_tensor_new(stored->rank, stored->shape, error);
    if (tensor == NULL) {
        g_autofree char *file = g_filename_display_basename(weights->path);
        g_prefix_error(error, "%s: tensor '%s': ", file, name);
        return NULL;
    }
    gan_stored_to_float(stored, tensor->data);
    return tensor;
}

void gan_weights_drop_pages(GanWeights *weights)
{
    if (weights->whole != NULL)
        weights = weights->whole;
    // Only of our own mapping: in memory that somebody else owns the pages would come
    // back as zeros.
    if (weights->mapping != NULL && weights->length > 0)
        madvise((void *)(guintptr)weights->data, weights->length, MADV_DONTNEED);
}

const char *gan_weights_metadata(const GanWeights *weights, const char *key)
{
    return g_hash_table_lookup(weights->metadata, key);
}

static int compare_keys(const void *a, const void *b)
{
    return strcmp(*(const char *const *)a, *(const char *const *)b);
}

const char **gan_weights_metadata_keys(const GanWeights *weights)
{
    guint n = 0;
    const char **keys = (const char **)g_hash_table_get_keys_as_array(weights->metadata, &n);
    if (n > 0)
        qsort(keys, n, sizeof *keys, compare_keys);
    return keys;
}
