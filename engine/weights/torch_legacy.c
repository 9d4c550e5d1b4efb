// SPDX-License-Identifier: LGPL-3.0-or-later
// PyTorch's container before 1.6: five pickles (magic number, protocol, system, object, list of
// storage keys), then for each key the number of elements as int64 and the elements.
// Source:  torch/serialization.py, _legacy_save() and _legacy_load().
#include "state_dict.h"
#include <string.h>

static const char MAGIC[] = "\x6c\xfc\x9c\x46\xf9\x20\x6a\xa8\x50\x19"; // 0x1950a86a20f9469cfc6c
static const gint64 PROTOCOL = 1001;

gboolean gan_torch_legacy_probe(const guint8 *data, gsize length)
{
    return length >= 2 && data[0] == 0x80 && data[1] >= 2 && data[1] <= 5;
}

static gboolean read_preamble(const GanWeights *weights, GanPickle *pickle, GError **error)
{
    const GanPickleValue *magic = gan_pickle_load(pickle, error);
    if (magic == NULL)
        return FALSE;
    if (magic->kind != GAN_PICKLE_BIG_INT || magic->string.length != sizeof MAGIC - 1 ||
        memcmp(magic->string.text, MAGIC, sizeof MAGIC - 1) != 0) {
        const char *other = gan_weights_other_pickle(weights);
        g_set_error(error, GAN_ERROR, GAN_ERROR_FORMAT, "is %s",
                    other != NULL ? other
                                  : "a Python pickle, but not one that torch.save() wrote: a .pth "
                                    "or .safetensors file of the model is needed");
        return FALSE;
    }
    const GanPickleValue *protocol = gan_pickle_load(pickle, error);
    if (protocol == NULL)
        return FALSE;
    if (protocol->kind != GAN_PICKLE_INT || protocol->integer != PROTOCOL) {
        g_set_error(error, GAN_ERROR, GAN_ERROR_FORMAT,
                    "its legacy protocol is not %" G_GINT64_FORMAT, PROTOCOL);
        return FALSE;
    }
    const GanPickleValue *system = gan_pickle_load(pickle, error);
    if (system == NULL)
        return FALSE;
    const GanPickleValue *little = gan_pickle_lookup(system, "little_endian");
    if (little == NULL || little->kind != GAN_PICKLE_BOOL || !little->integer) {
        g_set_error_literal(error, GAN_ERROR, GAN_ERROR_FORMAT,
                            "its byte order is not little-endian, or not said");
        return FALSE;
    }
    return TRUE;
}

static gboolean read_storage(const GanWeights *weights, const GanPickle *pickle,
                             const GanPickleValue *key, gsize *position, GError **error)
{
    g_autofree char *name =
        key->kind == GAN_PICKLE_STRING ? g_strndup(key->string.text, key->string.length) : NULL;
    GanPickleStorage *storage = name != NULL ? gan_pickle_find_storage(pickle, name) : NULL;
    if (storage == NULL) {
        g_set_error_literal(error, GAN_ERROR, GAN_ERROR_FORMAT,
                            "its list of storages names one that no tensor uses");
        return FALSE;
    }
    const gsize rest = weights->length - *position;
    guint64 n_elements = 0;
    if (rest >= 8)
        memcpy(&n_elements, weights->data + *position, 8);
    n_elements = GUINT64_FROM_LE(n_elements);
    const gsize element_bytes = gan_element_bytes(storage->element);
    if (rest < 8 || n_elements > (rest - 8) / element_bytes) {
        g_set_error_literal(error, GAN_ERROR, GAN_ERROR_FORMAT,
                            "it is cut off: a storage is missing");
        return FALSE;
    }
    if (n_elements != storage->n_elements) {
        g_set_error(error, GAN_ERROR, GAN_ERROR_FORMAT,
                    "a storage has %" G_GUINT64_FORMAT
                    " elements; its tensors expect %" G_GSIZE_FORMAT,
                    n_elements, storage->n_elements);
        return FALSE;
    }
    storage->data = weights->data + *position + 8;
    *position += 8 + (gsize)n_elements * element_bytes;
    return TRUE;
}

static gboolean storage_missing(GanPickleStorage *storage, gpointer data, GError **error)
{
    g_autofree char *safe = g_utf8_make_valid(storage->key, -1);
    g_set_error(error, GAN_ERROR, GAN_ERROR_FORMAT, "storage '%.60s' is missing", safe);
    return FALSE;
}

gboolean gan_torch_legacy_read(GanWeights *weights, GError **error)
{
    g_autoptr(GanPickle) pickle = gan_pickle_new(weights->data, weights->length);
    if (!read_preamble(weights, pickle, error))
        return FALSE;
    const GanPickleValue *object = gan_pickle_load(pickle, error);
    const GanPickleValue *keys = object != NULL ? gan_pickle_load(pickle, error) : NULL;
    if (keys == NULL)
        return FALSE;
    if (keys->kind != GAN_PICKLE_LIST) {
        g_set_error_literal(error, GAN_ERROR, GAN_ERROR_FORMAT, "its list of storages is missing");
        return FALSE;
    }
    gsize position = gan_pickle_position(pickle);
    for (gsize i = 0; i < keys->list.n; i++)
        if (!read_storage(weights, pickle, keys->list.items[i], &position, error))
            return FALSE;
    return gan_state_dict_collect(weights, object, storage_missing, NULL, error);
}
