// SPDX-License-Identifier: LGPL-3.0-or-later
// Files of a store: named by the hash of their key, and holding the key in front of the value,
// so that neither a collision nor a damaged file passes for the right one. A hash of the value
// ends the file.
#include "store.h"

#include <glib.h>
#include <glib/gstdio.h>
#include <string.h>

enum { HASH_LENGTH = 64 };

static char *path_of(const char *key)
{
    g_autofree char *hash = g_compute_checksum_for_string(G_CHECKSUM_SHA256, key, -1);
    g_autofree char *name = g_strconcat("kernels-", hash, NULL);
    return g_build_filename(g_get_user_cache_dir(), "gimp-gan", name, NULL);
}

static void *load(void *data, const char *key, size_t *bytes)
{
    g_autofree char *path = path_of(key);
    g_autofree char *file = NULL;
    gsize length = 0;
    const gsize key_bytes = strlen(key) + 1;
    if (!g_file_get_contents(path, &file, &length, NULL) || length < key_bytes + HASH_LENGTH ||
        memcmp(file, key, key_bytes) != 0)
        return NULL;
    const gsize value_bytes = length - key_bytes - HASH_LENGTH;
    g_autofree char *hash = g_compute_checksum_for_data(
        G_CHECKSUM_SHA256, (const guchar *)file + key_bytes, value_bytes);
    if (memcmp(hash, file + length - HASH_LENGTH, HASH_LENGTH) != 0)
        return NULL;
    *bytes = value_bytes;
    return g_memdup2(file + key_bytes, value_bytes);
}

static void release(void *data, void *value)
{
    g_free(value);
}

static void save(void *data, const char *key, const void *value, size_t bytes)
{
    g_autofree char *path = path_of(key);
    g_autofree char *folder = g_path_get_dirname(path);
    g_autofree char *hash = g_compute_checksum_for_data(G_CHECKSUM_SHA256, value, bytes);
    g_autoptr(GByteArray) file = g_byte_array_new();
    g_byte_array_append(file, (const guint8 *)key, (guint)strlen(key) + 1);
    g_byte_array_append(file, value, (guint)bytes);
    g_byte_array_append(file, (const guint8 *)hash, HASH_LENGTH);
    if (g_mkdir_with_parents(folder, 0755) == 0)
        g_file_set_contents(path, (const char *)file->data, file->len, NULL);
}

const GkStore gan_store = {NULL, load, release, save};
