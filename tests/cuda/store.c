// SPDX-License-Identifier: LGPL-3.0-or-later
// The store of what backends prepare: it gives back what it was given, and nothing else.
#include <store.h>

#include <glib.h>
#include <glib/gstdio.h>
#include <string.h>

static const char key[] = "engine 7 on a device";
static const char value[] = "a plan\0with a zero in it";

// The only file of the cache.
static char *only_file(void)
{
    g_autofree char *folder = g_build_filename(g_get_user_cache_dir(), "gimp-gan", NULL);
    g_autoptr(GDir) dir = g_dir_open(folder, 0, NULL);
    const char *name = dir != NULL ? g_dir_read_name(dir) : NULL;
    g_assert_nonnull(name);
    char *path = g_build_filename(folder, name, NULL);
    g_assert_null(g_dir_read_name(dir));
    return path;
}

static void test_keeps(void)
{
    size_t bytes = 0;
    g_assert_null(gan_store.load(gan_store.data, key, &bytes));
    gan_store.save(gan_store.data, key, value, sizeof value);
    void *found = gan_store.load(gan_store.data, key, &bytes);
    g_assert_cmpmem(found, bytes, value, sizeof value);
    gan_store.release(gan_store.data, found);
    g_assert_null(gan_store.load(gan_store.data, "engine 8 on a device", &bytes));
}

// Damage anywhere in the file, and a file that ends early.
static void test_refuses_damage(void)
{
    g_autofree char *path = only_file();
    g_autofree char *file = NULL;
    gsize length = 0;
    size_t bytes = 0;
    g_assert_true(g_file_get_contents(path, &file, &length, NULL));
    for (gsize i = 0; i < length; i++) {
        file[i] ^= 1;
        g_assert_true(g_file_set_contents(path, file, (gssize)length, NULL));
        g_assert_null(gan_store.load(gan_store.data, key, &bytes));
        file[i] ^= 1;
    }
    for (gsize end = 0; end < length; end++) {
        g_assert_true(g_file_set_contents(path, file, (gssize)end, NULL));
        g_assert_null(gan_store.load(gan_store.data, key, &bytes));
    }
    g_unlink(path);
}

int main(int argc, char **argv)
{
    g_autofree char *folder = g_dir_make_tmp("gimp-gan-store-XXXXXX", NULL);
    g_setenv("XDG_CACHE_HOME", folder, TRUE);
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/store/keeps-values-by-key", test_keeps);
    g_test_add_func("/store/refuses-damaged-files", test_refuses_damage);
    const int status = g_test_run();
    g_autofree char *inside = g_build_filename(folder, "gimp-gan", NULL);
    g_rmdir(inside);
    g_rmdir(folder);
    return status;
}
