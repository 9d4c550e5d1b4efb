// SPDX-License-Identifier: LGPL-3.0-or-later
#define _GNU_SOURCE // dladdr, realpath
#include "folders.h"

#include <dlfcn.h>
#include <stdlib.h>

char *gan_folders_library(void)
{
    Dl_info info;
    static const char here;
    return dladdr(&here, &info) != 0 && info.dli_fname != NULL ? g_path_get_dirname(info.dli_fname)
                                                               : NULL;
}

char *gan_folders_user(const char *kind)
{
    return g_build_filename(g_get_user_data_dir(), "gimp-gan", kind, NULL);
}

static void add(GPtrArray *folders, const char *data, const char *kind, const char *user)
{
    g_autofree char *path = g_build_filename(data, "gimp-gan", kind, NULL);
    char *folder = g_canonicalize_filename(path, NULL);
    if (g_strcmp0(folder, user) == 0 ||
        g_ptr_array_find_with_equal_func(folders, folder, g_str_equal, NULL))
        g_free(folder);
    else
        g_ptr_array_add(folders, folder);
}

// Whether the library runs from where it was to be installed: what is there does not belong to one
// that lies in a folder of builds.
static gboolean is_installed(const char *library)
{
    // The C library allocates them.
    char *here = realpath(library, NULL), *wanted = realpath(GAN_LIBRARY_FOLDER, NULL);
    const gboolean same = here != NULL && g_strcmp0(here, wanted) == 0;
    free(here);
    free(wanted);
    return same;
}

char **gan_folders_system(const char *kind)
{
    g_autoptr(GPtrArray) folders = g_ptr_array_new();
    g_autofree char *own = gan_folders_user(kind);
    g_autofree char *user = g_canonicalize_filename(own, NULL);
    for (const char *const *dir = g_get_system_data_dirs(); *dir != NULL; dir++)
        add(folders, *dir, kind, user);
    g_autofree char *library = gan_folders_library();
    g_autofree char *moved =
        library != NULL ? g_build_filename(library, "..", "share", NULL) : NULL;
    if (moved != NULL && g_file_test(moved, G_FILE_TEST_IS_DIR))
        add(folders, moved, kind, user);
    if (library != NULL && is_installed(library))
        add(folders, GAN_DATA_FOLDER, kind, user);
    g_ptr_array_add(folders, NULL);
    return (char **)g_ptr_array_free(g_steal_pointer(&folders), FALSE);
}
