// SPDX-License-Identifier: LGPL-3.0-or-later
// What images are called. GIMP names an image by its file; a new one gets that under which it may be
// saved, and which is not there yet, nor any other image's. GIMP's Save writes to a file that ends in
// .xcf without asking, whatever has come to be there meanwhile; where the name has no ending it asks
// and adds .xcf. GIMP 3 takes no other names than those that end so.
#include "pdb.h"

#include <string.h>

// Of files that are there already, so many are gone by.
#define MOST_NAMES 1000

char *host_image_name(gint image)
{
    g_autofree char *path = pdb_image_file(image);
    char *name = path != NULL ? g_path_get_basename(path) : pdb_image_name(image);
    char *dot = strrchr(name, '.');
    if (dot != NULL && dot != name)
        *dot = 0;
    return name;
}

static char *folder_of(gint image)
{
    g_autofree char *path = image > 0 ? pdb_image_file(image) : NULL;
    if (path != NULL)
        return g_path_get_dirname(path);
    const char *documents = g_get_user_special_dir(G_USER_DIRECTORY_DOCUMENTS);
    return g_strdup(documents != NULL ? documents : g_get_home_dir());
}

// What follows a dot is an ending, and one that GIMP does not know.
static char *plain_name(const char *name)
{
    g_autofree char *plain = g_strdelimit(g_strdup(name), G_DIR_SEPARATOR_S, '-');
    if (pdb_name_ending()[0] != 0)
        return g_steal_pointer(&plain);
    g_auto(GStrv) parts = g_strsplit(plain, ".", -1);
    return g_strjoinv("·", parts);
}

// Whether a file is there, or an image, which may be new as well, is called after it.
static gboolean is_taken(const char *path)
{
    g_autofree char *saved = g_strconcat(path, ".xcf", NULL);
    gint n = 0;
    g_autofree gint *images = pdb_images(&n);
    gboolean taken =
        g_file_test(path, G_FILE_TEST_EXISTS) || g_file_test(saved, G_FILE_TEST_EXISTS);
    for (gint i = 0; i < n && !taken; i++) {
        g_autofree char *other = pdb_image_file(images[i]);
        taken = g_strcmp0(other, path) == 0;
    }
    return taken;
}

void host_image_set_name(gint image, const char *name, gint beside)
{
    // Made of nothing, it has no folder to be saved in unasked.
    if (pdb_name_ending()[0] != 0 && beside <= 0)
        return;
    g_autofree char *folder = folder_of(beside);
    g_autofree char *plain = plain_name(name);
    for (guint i = 1; i < MOST_NAMES; i++) {
        g_autofree char *file = i > 1 ? g_strdup_printf("%s (%u)%s", plain, i, pdb_name_ending())
                                      : g_strconcat(plain, pdb_name_ending(), NULL);
        g_autofree char *in_bytes = g_filename_from_utf8(file, -1, NULL, NULL, NULL);
        if (in_bytes == NULL)
            return;
        g_autofree char *path = g_build_filename(folder, in_bytes, NULL);
        if (is_taken(path))
            continue;
        pdb_image_set_file(image, path);
        return;
    }
}
