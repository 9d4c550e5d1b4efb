// SPDX-License-Identifier: LGPL-3.0-or-later
// PyTorch's zip container (since 1.6, and TorchScript): <root>/data.pkl and one entry
// <root>/data/<key> for each storage. The root's name is arbitrary.
// Source:  torch/serialization.py, caffe2/serialize/inline_container.cc.
#include "state_dict.h"
#include "zip.h"
#include <string.h>

typedef struct {
    GanZip *zip;
    const char *root; // "archive/"
} Archive;

gboolean gan_torch_zip_probe(const guint8 *data, gsize length)
{
    return length >= 4 && (memcmp(data, "PK\3\4", 4) == 0 || memcmp(data, "PK\5\6", 4) == 0);
}

static gboolean find_storage(GanPickleStorage *storage, gpointer data, GError **error)
{
    const Archive *archive = data;
    g_autofree char *name = g_strconcat(archive->root, "data/", storage->key, NULL);
    gsize n_bytes;
    const gsize wanted = storage->n_elements * gan_element_bytes(storage->element);
    return gan_zip_find(archive->zip, name, wanted, &storage->data, &n_bytes, error);
}

// Returns the name before "data.pkl" of the only such entry.
static char *find_root(const GanZip *zip, GError **error)
{
    static const char WANTED[] = "data.pkl";
    const char *found = NULL;
    for (guint i = 0; i < gan_zip_n_entries(zip); i++) {
        const char *name = gan_zip_name(zip, i);
        if (!g_str_has_suffix(name, "/data.pkl") || strstr(name, "/data/") != NULL)
            continue;
        if (found != NULL) {
            g_set_error_literal(error, GAN_ERROR, GAN_ERROR_FORMAT,
                                "the zip archive has more than one data.pkl: unpack it, and take "
                                "one of the files in it");
            return NULL;
        }
        found = name;
    }
    if (found == NULL) {
        gan_weights_explain_zip(zip, error);
        return NULL;
    }
    return g_strndup(found, strlen(found) - strlen(WANTED));
}

static gboolean check_byte_order(const Archive *archive, GError **error)
{
    g_autofree char *name = g_strconcat(archive->root, "byteorder", NULL);
    if (!gan_zip_has(archive->zip, name))
        return TRUE;
    const guint8 *text;
    gsize length;
    if (!gan_zip_find(archive->zip, name, G_MAXSIZE, &text, &length, error))
        return FALSE;
    if (length == 6 && memcmp(text, "little", 6) == 0)
        return TRUE;
    g_set_error_literal(error, GAN_ERROR, GAN_ERROR_FORMAT,
                        "its byteorder is not little: it was written on a big-endian machine");
    return FALSE;
}

gboolean gan_torch_zip_read(GanWeights *weights, GError **error)
{
    g_autoptr(GanZip) zip = gan_zip_open(weights->data, weights->length, weights->inflated, error);
    if (zip == NULL)
        return FALSE;
    g_autofree char *root = find_root(zip, error);
    if (root == NULL)
        return FALSE;
    Archive archive = {zip, root};
    g_autofree char *name = g_strconcat(root, "data.pkl", NULL);
    const guint8 *data;
    gsize length;
    if (!check_byte_order(&archive, error) ||
        !gan_zip_find(zip, name, G_MAXSIZE, &data, &length, error))
        return FALSE;
    g_autoptr(GanPickle) pickle = gan_pickle_new(data, length);
    const GanPickleValue *object = gan_pickle_load(pickle, error);
    if (object == NULL || !gan_state_dict_collect(weights, object, find_storage, &archive, error))
        return FALSE;
    g_autofree char *constants = g_strconcat(root, "constants.pkl", NULL);
    if (weights->entries->len > 0 || !gan_zip_has(zip, constants))
        return TRUE;
    g_set_error_literal(error, GAN_ERROR, GAN_ERROR_FORMAT,
                        "is a TorchScript program whose weights have lost their names, as freezing "
                        "does: the model as it was before is needed");
    return FALSE;
}
