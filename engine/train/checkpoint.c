// SPDX-License-Identifier: LGPL-3.0-or-later
// The state of a run as safetensors.
#include "checkpoint.h"

#include <string.h>

#define FORMAT "gimp-gan checkpoint 2"

struct GanCheckpoint {
    GPtrArray *names, *tensors;
    GPtrArray *texts; // keys and values in turn
};

GanCheckpoint *gan_checkpoint_new(void)
{
    GanCheckpoint *checkpoint = g_new0(GanCheckpoint, 1);
    checkpoint->names = g_ptr_array_new_with_free_func(g_free);
    checkpoint->tensors = g_ptr_array_new_with_free_func((GDestroyNotify)gan_tensor_unref);
    checkpoint->texts = g_ptr_array_new_with_free_func(g_free);
    gan_checkpoint_set(checkpoint, "format", FORMAT);
    return checkpoint;
}

void gan_checkpoint_free(GanCheckpoint *checkpoint)
{
    if (checkpoint == NULL)
        return;
    g_ptr_array_unref(checkpoint->names);
    g_ptr_array_unref(checkpoint->tensors);
    g_ptr_array_unref(checkpoint->texts);
    g_free(checkpoint);
}

void gan_checkpoint_add(GanCheckpoint *checkpoint, const char *name, GanTensor *tensor)
{
    g_ptr_array_add(checkpoint->names, g_strdup(name));
    g_ptr_array_add(checkpoint->tensors, gan_tensor_ref(tensor));
}

static guint place_of(const GanCheckpoint *checkpoint, const char *key)
{
    guint i = 0;
    while (i < checkpoint->texts->len && strcmp(checkpoint->texts->pdata[i], key) != 0)
        i += 2;
    return i;
}

void gan_checkpoint_set(GanCheckpoint *checkpoint, const char *key, const char *value)
{
    const guint i = place_of(checkpoint, key);
    if (i == checkpoint->texts->len) {
        g_ptr_array_add(checkpoint->texts, g_strdup(key));
        g_ptr_array_add(checkpoint->texts, NULL);
    }
    g_free(checkpoint->texts->pdata[i + 1]);
    checkpoint->texts->pdata[i + 1] = g_strdup(value);
}

void gan_checkpoint_set_number(GanCheckpoint *checkpoint, const char *key, double value)
{
    char text[G_ASCII_DTOSTR_BUF_SIZE];
    gan_checkpoint_set(checkpoint, key, g_ascii_dtostr(text, sizeof text, value));
}

void gan_checkpoint_set_count(GanCheckpoint *checkpoint, const char *key, guint64 value)
{
    g_autofree char *text = g_strdup_printf("%" G_GUINT64_FORMAT, value);
    gan_checkpoint_set(checkpoint, key, text);
}

const char *gan_checkpoint_get(const GanCheckpoint *checkpoint, const char *key)
{
    const guint i = place_of(checkpoint, key);
    return i < checkpoint->texts->len ? checkpoint->texts->pdata[i + 1] : NULL;
}

double gan_checkpoint_get_number(const GanCheckpoint *checkpoint, const char *key)
{
    const char *text = gan_checkpoint_get(checkpoint, key);
    return text != NULL ? g_ascii_strtod(text, NULL) : 0;
}

guint64 gan_checkpoint_get_count(const GanCheckpoint *checkpoint, const char *key)
{
    const char *text = gan_checkpoint_get(checkpoint, key);
    return text != NULL ? g_ascii_strtoull(text, NULL, 10) : 0;
}

gboolean gan_checkpoint_write(const GanCheckpoint *checkpoint, const char *path, GError **error)
{
    g_autoptr(GPtrArray) metadata = g_ptr_array_new();
    for (guint i = 0; i < checkpoint->texts->len; i++)
        g_ptr_array_add(metadata, checkpoint->texts->pdata[i]);
    g_ptr_array_add(metadata, NULL);
    return gan_weights_save(path, (const char *const *)checkpoint->names->pdata,
                            (GanTensor *const *)checkpoint->tensors->pdata, checkpoint->names->len,
                            GAN_DTYPE_F32, (const char *const *)metadata->pdata, error);
}

// The stored tensors in this state's order, each with the shape that it must have.
static GPtrArray *read_tensors(const GanCheckpoint *checkpoint, GanWeights *file, GError **error)
{
    g_autoptr(GPtrArray) found = g_ptr_array_new_with_free_func((GDestroyNotify)gan_tensor_unref);
    for (guint i = 0; i < checkpoint->names->len; i++) {
        const char *name = checkpoint->names->pdata[i];
        const GanTensor *wanted = checkpoint->tensors->pdata[i];
        const GanWeightsEntry *entry = gan_weights_find(file, name);
        if (entry == NULL || entry->rank != wanted->rank || entry->dtype != GAN_DTYPE_F32 ||
            memcmp(entry->shape, wanted->shape, wanted->rank * sizeof *wanted->shape) != 0) {
            g_autofree char *want = gan_shape_text(wanted->rank, wanted->shape);
            g_autofree char *have =
                entry == NULL ? g_strdup("missing") : gan_shape_text(entry->rank, entry->shape);
            g_set_error(error, GAN_ERROR, GAN_ERROR_SHAPE,
                        "%s: tensor '%s' is %s; this run needs %s: the recipe has changed",
                        gan_weights_path(file), name, have, want);
            return NULL;
        }
        GanTensor *tensor = gan_weights_tensor(file, name, error);
        if (tensor == NULL)
            return NULL;
        g_ptr_array_add(found, tensor);
    }
    return g_steal_pointer(&found);
}

gboolean gan_checkpoint_read(GanCheckpoint *checkpoint, const char *path, GError **error)
{
    g_autoptr(GanWeights) file = gan_weights_open(path, error);
    if (file == NULL)
        return FALSE;
    if (g_strcmp0(gan_weights_metadata(file, "format"), FORMAT) != 0) {
        g_set_error(error, GAN_ERROR, GAN_ERROR_FORMAT,
                    "%s: not a checkpoint of this program's version", path);
        return FALSE;
    }
    g_autoptr(GPtrArray) found = read_tensors(checkpoint, file, error);
    if (found == NULL)
        return FALSE;
    for (guint i = 0; i < found->len; i++) {
        const GanTensor *from = found->pdata[i];
        GanTensor *to = checkpoint->tensors->pdata[i];
        memcpy(to->data, from->data, gan_tensor_length(from) * sizeof(float));
    }
    g_autofree const char **keys = gan_weights_metadata_keys(file);
    for (guint i = 0; keys[i] != NULL; i++)
        gan_checkpoint_set(checkpoint, keys[i], gan_weights_metadata(file, keys[i]));
    return TRUE;
}
