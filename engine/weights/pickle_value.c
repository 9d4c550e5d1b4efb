// SPDX-License-Identifier: LGPL-3.0-or-later
// The pickle machine's values. They come from an arena that is freed at once, so that neither deep
// nor cyclic ones need recursion; the arena, the memo and decoded text share one budget.
#include "pickle-private.h"
#include <stdarg.h>
#include <string.h>

// A checkpoint of 10000 tensors with its optimizer takes about 30 MB.
static const gsize BUDGET_BYTES = (gsize)192 << 20;
static const gsize BLOCK_BYTES = 64 << 10;

gpointer gan_pickle_fail(GanPickle *pickle, GanError code, const char *format, ...)
{
    if (pickle->error == NULL) {
        va_list arguments;
        va_start(arguments, format);
        g_autofree char *message = g_strdup_vprintf(format, arguments);
        va_end(arguments);
        // Names come from the file.
        g_autofree char *safe = g_utf8_make_valid(message, -1);
        pickle->error = g_error_new_literal(GAN_ERROR, (gint)code, safe);
    }
    return NULL;
}

gboolean gan_pickle_spend(GanPickle *pickle, gsize bytes)
{
    if (bytes > BUDGET_BYTES - pickle->spent_bytes) {
        gan_pickle_fail(pickle, GAN_ERROR_FORMAT, "the pickle is too large");
        return FALSE;
    }
    pickle->spent_bytes += bytes;
    return TRUE;
}

gpointer gan_pickle_alloc(GanPickle *pickle, gsize bytes)
{
    const gsize rounded = (bytes + 15) & ~(gsize)15;
    if (rounded > pickle->free_bytes) {
        const gsize block_bytes = MAX(rounded, BLOCK_BYTES);
        if (!gan_pickle_spend(pickle, block_bytes))
            return NULL;
        guint8 *block = g_try_malloc0(block_bytes);
        if (block == NULL)
            return gan_pickle_fail(pickle, GAN_ERROR_MEMORY, "no memory for the pickle");
        g_ptr_array_add(pickle->blocks, block);
        if (block_bytes > BLOCK_BYTES)
            return block;
        pickle->free_space = block;
        pickle->free_bytes = block_bytes;
    }
    gpointer memory = pickle->free_space;
    pickle->free_space += rounded;
    pickle->free_bytes -= rounded;
    return memory;
}

GanPickleValue *gan_pickle_value(GanPickle *pickle, GanPickleKind kind)
{
    GanPickleValue *value = gan_pickle_alloc(pickle, sizeof *value);
    if (value != NULL)
        value->kind = kind;
    return value;
}

static gboolean reserve(GanPickle *pickle, GanPickleValue *list, gsize n)
{
    if (n <= list->list.capacity)
        return TRUE;
    const gsize capacity = MAX(n, list->list.capacity * 2);
    GanPickleValue **items = gan_pickle_alloc(pickle, capacity * sizeof *items);
    if (items == NULL)
        return FALSE;
    if (list->list.n > 0)
        memcpy(items, list->list.items, list->list.n * sizeof *items);
    list->list.items = items;
    list->list.capacity = capacity;
    return TRUE;
}

gboolean gan_pickle_extend(GanPickle *pickle, GanPickleValue *list, GanPickleValue *const *items,
                           gsize n)
{
    if (n == 0)
        return TRUE;
    if (!reserve(pickle, list, list->list.n + n))
        return FALSE;
    memmove(list->list.items + list->list.n, items, n * sizeof *items);
    list->list.n += n;
    return TRUE;
}

gboolean gan_pickle_set_items(GanPickle *pickle, GanPickleValue *dict, GanPickleValue *const *items,
                              gsize n)
{
    for (gsize i = 0; i < n; i += 2)
        switch (items[i]->kind) {
        case GAN_PICKLE_LIST:
        case GAN_PICKLE_SET:
        case GAN_PICKLE_DICT:
            gan_pickle_fail(pickle, GAN_ERROR_FORMAT, "a dict's key is a list, a set or a dict");
            return FALSE;
        default:
            break;
        }
    return gan_pickle_extend(pickle, dict, items, n);
}

gboolean gan_pickle_is_string(const GanPickleValue *value, const char *text)
{
    return value->kind == GAN_PICKLE_STRING && value->string.length == strlen(text) &&
           memcmp(value->string.text, text, value->string.length) == 0;
}

GanPickleValue *gan_pickle_lookup(const GanPickleValue *dict, const char *key)
{
    if (dict->kind != GAN_PICKLE_DICT && dict->kind != GAN_PICKLE_OBJECT)
        return NULL;
    for (gsize i = dict->list.n; i >= 2; i -= 2)
        if (gan_pickle_is_string(dict->list.items[i - 2], key))
            return dict->list.items[i - 1];
    return NULL;
}

GanPickleStorage *gan_pickle_find_storage(const GanPickle *pickle, const char *key)
{
    return g_hash_table_lookup(pickle->storages, key);
}

gsize gan_pickle_position(const GanPickle *pickle)
{
    return pickle->position;
}

GanPickle *gan_pickle_new(const guint8 *data, gsize length)
{
    GanPickle *pickle = g_new0(GanPickle, 1);
    pickle->data = data;
    pickle->length = length;
    pickle->blocks = g_ptr_array_new_with_free_func(g_free);
    pickle->stack = g_ptr_array_new();
    pickle->memo = g_hash_table_new(NULL, NULL);
    pickle->storages = g_hash_table_new(g_str_hash, g_str_equal);
    pickle->strings = g_string_chunk_new(4096);
    return pickle;
}

void gan_pickle_free(GanPickle *pickle)
{
    if (pickle == NULL)
        return;
    g_clear_error(&pickle->error);
    g_string_chunk_free(pickle->strings);
    g_hash_table_unref(pickle->storages);
    g_hash_table_unref(pickle->memo);
    g_ptr_array_unref(pickle->stack);
    g_ptr_array_unref(pickle->blocks);
    g_free(pickle);
}
