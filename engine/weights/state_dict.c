// SPDX-License-Identifier: LGPL-3.0-or-later
// Training code wraps state dicts in dicts of its own; TorchScript keeps tensors as
// attributes of objects.
// Source:  the keys are those of spandrel's canonicalize_state_dict, with BasicSR's rule
//          that the averaged weights (params_ema) come before the last ones (params),
//          and rosinality's g_ema.
#include "state_dict.h"
#include <string.h>

static const char *const WRAPPERS[] = {
    "model_state_dict", "state_dict", "params_ema", "params-ema", "g_ema", "params", "model", "net",
};

enum {
    UNWRAP_MAX = 8,
    ITEMS_MAX = 1 << 20,
    OBJECT_DEPTH_MAX = 32,
};

typedef struct {
    GanWeights *weights;
    GanStorageFinder find;
    gpointer data;
    guint n_visited;
    GString *path; // of TorchScript attributes
} Collection;

static gboolean is_dict(const GanPickleValue *value)
{
    return value != NULL && (value->kind == GAN_PICKLE_DICT || value->kind == GAN_PICKLE_OBJECT);
}

// Returns the dict to go on with inside `dict`, or NULL if it is the state dict itself.
static const GanPickleValue *unwrap(const GanPickleValue *dict)
{
    if (dict->kind != GAN_PICKLE_DICT)
        return NULL;
    for (guint i = 0; i < G_N_ELEMENTS(WRAPPERS); i++) {
        const GanPickleValue *inner = gan_pickle_lookup(dict, WRAPPERS[i]);
        if (is_dict(inner) && inner->list.n > 0 && inner != dict)
            return inner;
    }
    if (dict->list.n == 2 && is_dict(dict->list.items[1]) && dict->list.items[1] != dict)
        return dict->list.items[1];
    return NULL;
}

static gboolean add_tensor(Collection *collection, const char *name, gsize name_length,
                           const GanPickleTensor *tensor, GError **error)
{
    GanPickleStorage *storage = tensor->storage;
    if (storage->data == NULL && !collection->find(storage, collection->data, error)) {
        g_autofree char *text = g_strndup(name, MIN(name_length, 100));
        g_autofree char *safe = g_utf8_make_valid(text, -1);
        g_prefix_error(error, "tensor '%s': ", safe);
        return FALSE;
    }
    GanStored stored = {.element = tensor->element, .rank = tensor->rank};
    memcpy(stored.shape, tensor->shape, sizeof stored.shape);
    memcpy(stored.stride, tensor->stride, sizeof stored.stride);
    stored.first = storage->data + tensor->offset * gan_element_bytes(tensor->element);
    return gan_weights_add(collection->weights, name, name_length, &stored, TRUE, error);
}

static gboolean visit(Collection *collection, GError **error)
{
    if (++collection->n_visited <= ITEMS_MAX)
        return TRUE;
    g_set_error(error, GAN_ERROR, GAN_ERROR_FORMAT, "the state dict has more than %d entries",
                ITEMS_MAX);
    return FALSE;
}

static gboolean collect_dict(Collection *collection, const GanPickleValue *dict, GError **error)
{
    for (gsize i = 0; i < dict->list.n; i += 2) {
        const GanPickleValue *key = dict->list.items[i], *value = dict->list.items[i + 1];
        if (!visit(collection, error))
            return FALSE;
        if (key->kind == GAN_PICKLE_STRING && value->kind == GAN_PICKLE_TENSOR &&
            !add_tensor(collection, key->string.text, key->string.length, value->tensor, error))
            return FALSE;
    }
    return TRUE;
}

// Attributes of nested objects become dotted names. Objects may hold each other, so
// depth is bounded.
static gboolean collect_object(Collection *collection, const GanPickleValue *object, guint depth,
                               GError **error)
{
    const gsize length = collection->path->len;
    for (gsize i = 0; i < object->list.n; i += 2) {
        const GanPickleValue *key = object->list.items[i], *value = object->list.items[i + 1];
        if (!visit(collection, error))
            return FALSE;
        const gboolean nested = value->kind == GAN_PICKLE_OBJECT;
        if (key->kind != GAN_PICKLE_STRING || key->string.length > 255 ||
            (!nested && value->kind != GAN_PICKLE_TENSOR))
            continue;
        g_string_append_len(collection->path, key->string.text, (gssize)key->string.length);
        gboolean done = TRUE;
        if (!nested)
            done = add_tensor(collection, collection->path->str, collection->path->len,
                              value->tensor, error);
        else if (depth < OBJECT_DEPTH_MAX) {
            g_string_append_c(collection->path, '.');
            done = collect_object(collection, value, depth + 1, error);
        }
        g_string_truncate(collection->path, length);
        if (!done)
            return FALSE;
    }
    return TRUE;
}

gboolean gan_state_dict_collect(GanWeights *weights, const GanPickleValue *root,
                                GanStorageFinder find, gpointer data, GError **error)
{
    if (!is_dict(root)) {
        g_set_error_literal(error, GAN_ERROR, GAN_ERROR_FORMAT,
                            "it does not hold a state dict (a dict of tensors by name)");
        return FALSE;
    }
    for (guint i = 0; i < UNWRAP_MAX; i++) {
        const GanPickleValue *inner = unwrap(root);
        if (inner == NULL)
            break;
        root = inner;
    }
    g_autoptr(GString) path = g_string_new(NULL);
    Collection collection = {weights, find, data, 0, path};
    return root->kind == GAN_PICKLE_OBJECT ? collect_object(&collection, root, 0, error)
                                           : collect_dict(&collection, root, error);
}
