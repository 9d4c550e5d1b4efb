// SPDX-License-Identifier: LGPL-3.0-or-later
// The catalogue's cache: {"version": "0.1.0", "files": {PATH: {"bytes": …, "changed_ns": …, …}}}.
#include "cache.h"
#include <json-glib/json-glib.h>
#include <string.h>

// A thousand files take half a megabyte.
static const gsize FILE_MAX_BYTES = 16 << 20;

struct GanCache {
    char *path;
    JsonNode *root;
    JsonObject *files; // in root
    gboolean changed;
};

void gan_cache_facts_clear(GanCacheFacts *facts)
{
    g_clear_pointer(&facts->sha256, g_free);
    g_clear_pointer(&facts->family, g_free);
    g_clear_pointer(&facts->title, g_free);
    g_clear_pointer(&facts->licence, g_free);
    g_clear_pointer(&facts->good_for, g_free);
}

static const char *text_of(JsonObject *object, const char *name)
{
    JsonNode *node = json_object_get_member(object, name);
    return node != NULL && json_node_get_value_type(node) == G_TYPE_STRING
               ? json_node_get_string(node)
               : NULL;
}

static gint64 number_of(JsonObject *object, const char *name)
{
    JsonNode *node = json_object_get_member(object, name);
    return node != NULL && json_node_get_value_type(node) == G_TYPE_INT64 ? json_node_get_int(node)
                                                                          : -1;
}

static double real_of(JsonObject *object, const char *name)
{
    JsonNode *node = json_object_get_member(object, name);
    return node != NULL && JSON_NODE_HOLDS_VALUE(node) ? json_node_get_double(node) : -1;
}

static JsonObject *object_of(JsonObject *object, const char *name)
{
    JsonNode *node = json_object_get_member(object, name);
    return node != NULL && JSON_NODE_HOLDS_OBJECT(node) ? json_node_get_object(node) : NULL;
}

// Another version may recognise more families, or describe them otherwise.
static gboolean read_file(GanCache *cache)
{
    g_autofree char *text = NULL;
    gsize length = 0;
    if (!g_file_get_contents(cache->path, &text, &length, NULL) || length > FILE_MAX_BYTES)
        return FALSE;
    g_autoptr(JsonParser) parser = json_parser_new();
    if (!json_parser_load_from_data(parser, text, (gssize)length, NULL))
        return FALSE;
    JsonNode *root = json_parser_get_root(parser);
    if (root == NULL || !JSON_NODE_HOLDS_OBJECT(root) ||
        g_strcmp0(text_of(json_node_get_object(root), "version"), GAN_VERSION) != 0 ||
        object_of(json_node_get_object(root), "files") == NULL)
        return FALSE;
    cache->root = json_parser_steal_root(parser);
    cache->files = object_of(json_node_get_object(cache->root), "files");
    return TRUE;
}

GanCache *gan_cache_open(void)
{
    GanCache *cache = g_new0(GanCache, 1);
    cache->path = g_build_filename(g_get_user_cache_dir(), "gimp-gan", "catalogue.json", NULL);
    if (!read_file(cache)) {
        JsonObject *object = json_object_new();
        cache->files = json_object_new();
        json_object_set_string_member(object, "version", GAN_VERSION);
        json_object_set_object_member(object, "files", cache->files);
        cache->root = json_node_init_object(json_node_alloc(), object);
        json_object_unref(object);
    }
    return cache;
}

static void drop_deleted(GanCache *cache)
{
    g_autoptr(GList) paths = json_object_get_members(cache->files);
    for (GList *l = paths; l != NULL; l = l->next)
        if (!g_file_test(l->data, G_FILE_TEST_EXISTS))
            json_object_remove_member(cache->files, l->data);
}

static void write_file(GanCache *cache)
{
    drop_deleted(cache);
    g_autofree char *folder = g_path_get_dirname(cache->path);
    g_autoptr(JsonGenerator) generator = json_generator_new();
    json_generator_set_root(generator, cache->root);
    gsize length = 0;
    g_autofree char *text = json_generator_to_data(generator, &length);
    if (g_mkdir_with_parents(folder, 0700) == 0)
        g_file_set_contents_full(cache->path, text, (gssize)length, G_FILE_SET_CONTENTS_CONSISTENT,
                                 0600, NULL);
}

void gan_cache_close(GanCache *cache)
{
    if (cache == NULL)
        return;
    if (cache->changed)
        write_file(cache);
    json_node_unref(cache->root);
    g_free(cache->path);
    g_free(cache);
}

gboolean gan_cache_find(const GanCache *cache, const GanCacheKey *key, GanCacheFacts *facts)
{
    // JSON is UTF-8; the few files with other names are looked at anew.
    if (!g_utf8_validate(key->path, -1, NULL))
        return FALSE;
    JsonObject *file = object_of(cache->files, key->path);
    if (file == NULL || number_of(file, "bytes") != (gint64)key->bytes ||
        number_of(file, "changed_ns") != key->changed_ns)
        return FALSE;
    const char *sha256 = text_of(file, "sha256"), *family = text_of(file, "family");
    const char *good_for = text_of(file, "good_for");
    const GanTask task = gan_task_parse(text_of(file, "task"));
    const double scale = real_of(file, "scale");
    // The comparison also refuses what is not a number.
    if (sha256 == NULL || good_for == NULL || strlen(sha256) != 64 ||
        !(scale >= 0 && scale <= 64) || (family != NULL && (scale == 0 || task == GAN_TASK_ANY)))
        return FALSE;
    *facts = (GanCacheFacts){g_strdup(sha256),
                             g_strdup(family),
                             g_strdup(text_of(file, "title")),
                             g_strdup(text_of(file, "licence")),
                             g_strdup(good_for),
                             task,
                             scale};
    return TRUE;
}

static void set_text(JsonObject *object, const char *name, const char *text)
{
    if (text != NULL)
        json_object_set_string_member(object, name, text);
}

void gan_cache_put(GanCache *cache, const GanCacheKey *key, const GanCacheFacts *facts)
{
    if (!g_utf8_validate(key->path, -1, NULL))
        return;
    JsonObject *file = json_object_new();
    json_object_set_int_member(file, "bytes", (gint64)key->bytes);
    json_object_set_int_member(file, "changed_ns", key->changed_ns);
    json_object_set_double_member(file, "scale", facts->scale);
    if (facts->family != NULL)
        set_text(file, "task", gan_task_name(facts->task));
    set_text(file, "sha256", facts->sha256);
    set_text(file, "family", facts->family);
    set_text(file, "title", facts->title);
    set_text(file, "licence", facts->licence);
    set_text(file, "good_for", facts->good_for != NULL ? facts->good_for : "");
    json_object_set_object_member(cache->files, key->path, file);
    cache->changed = TRUE;
}
