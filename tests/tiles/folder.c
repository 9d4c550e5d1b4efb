// SPDX-License-Identifier: LGPL-3.0-or-later
#include "folder.h"

#include <gan/image.h>
#include <glib/gstdio.h>

static char *folder;

void folder_begin(int *argc, char ***argv, gboolean loaders_warn)
{
    g_test_init(argc, argv, NULL);
    // GLib's tests end at any warning, even one that is caught.
    if (loaders_warn)
        g_log_set_always_fatal(G_LOG_FATAL_MASK);
    gan_image_init(1);
    folder = g_dir_make_tmp("gan-pictures-XXXXXX", NULL);
    g_assert_nonnull(folder);
}

char *in_folder(const char *name)
{
    return g_build_filename(folder, name, NULL);
}

int folder_run(void)
{
    const int status = g_test_run();
    g_autoptr(GDir) dir = g_dir_open(folder, 0, NULL);
    for (const char *name = g_dir_read_name(dir); name; name = g_dir_read_name(dir)) {
        g_autofree char *path = in_folder(name);
        g_remove(path);
    }
    g_rmdir(folder);
    g_clear_pointer(&folder, g_free);
    gan_image_exit();
    return status;
}
