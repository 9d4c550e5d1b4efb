// SPDX-License-Identifier: LGPL-3.0-or-later
// Training code puts state dicts into dicts of its own, whose keys become the first segments of the
// tensors' names; which of them is the network is seen later (parts.c). TorchScript keeps tensors as
// attributes of objects.
#include "state_dict.h"
#include <string.h>

enum {
    ITEMS_MAX = 1 << 20,
    DEPTH_MAX = 32,
    KEY_MAX = 255,
};

typedef struct {
    GanWeights *weights;
    GanStorageFinder find;
    gpointer data;
    guint n_visited;
    GString *path;    // keys and attributes on the way
    GHashTable *seen; // containers: each is looked at once, though values may hold each other
} Collection;

static gboolean add_tensor(Collection *collection, const char *name, gsize name_length,
                           guint container, const GanPickleTensor *tensor, GError **error)
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
    return gan_weights_add(collection->weights, name, name_length, container, &stored, TRUE, error);
}

static gboolean visit(Collection *collection, GError **error)
{
    if (++collection->n_visited <= ITEMS_MAX)
        return TRUE;
    g_set_error(error, GAN_ERROR, GAN_ERROR_FORMAT, "the state dict has more than %d entries",
                ITEMS_MAX);
    return FALSE;
}

static gboolean is_container(const GanPickleValue *value)
{
    return value->kind == GAN_PICKLE_DICT || value->kind == GAN_PICKLE_OBJECT ||
           value->kind == GAN_PICKLE_LIST || value->kind == GAN_PICKLE_TUPLE;
}

static gboolean collect(Collection *collection, const GanPickleValue *value, guint container,
                        guint depth, GError **error);

// Adds a tensor, or what is in a container. `outer`: what holds it.
static gboolean collect_member(Collection *collection, const GanPickleValue *outer, const char *key,
                               gsize length, const GanPickleValue *value, guint container,
                               guint depth, GError **error)
{
    GString *path = collection->path;
    const gsize before = path->len;
    gboolean done = TRUE;
    g_string_append_len(path, key, (gssize)length);
    if (value->kind == GAN_PICKLE_TENSOR)
        done = add_tensor(collection, path->str, path->len, container, value->tensor, error);
    else {
        g_string_append_c(path, '.');
        // Modules within a TorchScript module are the network's own segments.
        const gboolean is_module = outer->kind == GAN_PICKLE_OBJECT;
        done =
            collect(collection, value, is_module ? container : (guint)path->len, depth + 1, error);
    }
    g_string_truncate(path, before);
    return done;
}

static gboolean collect_named(Collection *collection, const GanPickleValue *value, guint container,
                              guint depth, GError **error)
{
    for (gsize i = 0; i < value->list.n; i += 2) {
        const GanPickleValue *key = value->list.items[i], *member = value->list.items[i + 1];
        if (!visit(collection, error))
            return FALSE;
        const gboolean is_tensor = member->kind == GAN_PICKLE_TENSOR;
        // What a module holds besides tensors and modules are its settings.
        const gboolean is_inner = value->kind == GAN_PICKLE_OBJECT
                                      ? member->kind == GAN_PICKLE_OBJECT
                                      : is_container(member);
        // Networks by number. Further down that is how optimizers name what they keep.
        if (key->kind == GAN_PICKLE_INT && depth == 0 && is_inner) {
            char number[24];
            g_snprintf(number, sizeof number, "%" G_GINT64_FORMAT, key->integer);
            if (!collect_member(collection, value, number, strlen(number), member, container, depth,
                                error))
                return FALSE;
            continue;
        }
        if (key->kind != GAN_PICKLE_STRING || !(is_tensor || is_inner) ||
            (key->string.length > KEY_MAX && !(is_tensor && depth == 0)))
            continue;
        if (!collect_member(collection, value, key->string.text, key->string.length, member,
                            container, depth, error))
            return FALSE;
    }
    return TRUE;
}

// Dicts in a list, by their number. Tensors there have no name.
static gboolean collect_numbered(Collection *collection, const GanPickleValue *value,
                                 guint container, guint depth, GError **error)
{
    for (gsize i = 0; i < value->list.n; i++) {
        const GanPickleValue *member = value->list.items[i];
        if (!visit(collection, error))
            return FALSE;
        if (!is_container(member))
            continue;
        char key[24];
        g_snprintf(key, sizeof key, "%" G_GSIZE_FORMAT, i);
        if (!collect_member(collection, value, key, strlen(key), member, container, depth, error))
            return FALSE;
    }
    return TRUE;
}

static gboolean collect(Collection *collection, const GanPickleValue *value, guint container,
                        guint depth, GError **error)
{
    if (depth > DEPTH_MAX || !g_hash_table_add(collection->seen, (gpointer)value))
        return TRUE;
    return value->kind == GAN_PICKLE_DICT || value->kind == GAN_PICKLE_OBJECT
               ? collect_named(collection, value, container, depth, error)
               : collect_numbered(collection, value, container, depth, error);
}

static void refuse_empty(const GanPickleValue *root, GError **error)
{
    g_autoptr(GString) keys = g_string_new(NULL);
    gboolean is_state = FALSE;
    if (root->kind == GAN_PICKLE_LIST || root->kind == GAN_PICKLE_TUPLE) {
        g_set_error_literal(error, GAN_ERROR, GAN_ERROR_FORMAT,
                            "it holds a list of values, and no state dict (a dict of tensors by "
                            "name)");
        return;
    }
    for (gsize i = 0; i < MIN(root->list.n, 12); i += 2) {
        const GanPickleValue *key = root->list.items[i];
        if (key->kind == GAN_PICKLE_STRING)
            g_string_append_printf(keys, "%s'%.*s'", keys->len > 0 ? ", " : "",
                                   (int)MIN(key->string.length, 40), key->string.text);
    }
    static const char *const STATES[] = {"optimizers", "optimizer",    "schedulers", "iter",
                                         "epoch",      "param_groups", "base_lrs"};
    for (guint i = 0; i < G_N_ELEMENTS(STATES); i++)
        is_state = is_state || gan_pickle_lookup(root, STATES[i]) != NULL;
    g_set_error(error, GAN_ERROR, GAN_ERROR_FORMAT, "there are no tensors in it%s%s%s",
                keys->len > 0 ? ", only " : "", keys->str,
                is_state ? ": the state of a training, whose weights lie in another file" : "");
}

gboolean gan_state_dict_collect(GanWeights *weights, const GanPickleValue *root,
                                GanStorageFinder find, gpointer data, GError **error)
{
    if (!is_container(root)) {
        g_set_error_literal(error, GAN_ERROR, GAN_ERROR_FORMAT,
                            "it does not hold a state dict (a dict of tensors by name)");
        return FALSE;
    }
    g_autoptr(GString) path = g_string_new(NULL);
    g_autoptr(GHashTable) seen = g_hash_table_new(NULL, NULL);
    Collection collection = {weights, find, data, 0, path, seen};
    if (!collect(&collection, root, 0, 0, error))
        return FALSE;
    if (weights->entries->len > 0 || root->list.n == 0)
        return TRUE;
    refuse_empty(root, error);
    return FALSE;
}
