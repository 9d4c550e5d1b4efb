// SPDX-License-Identifier: LGPL-3.0-or-later
// Picture files, opened and written by GIMP.
#include "pdb.h"

#include <errno.h>
#include <glib/gi18n-lib.h>
#include <glib/gstdio.h>
#include <unistd.h>

gint host_file_load(const char *path, GError **error)
{
    if (!g_file_test(path, G_FILE_TEST_IS_REGULAR)) {
        g_set_error(error, GAN_ERROR, GAN_ERROR_FILE, _("%s: there is no such file"), path);
        return 0;
    }
    const gint image = pdb_file_load(path);
    if (image > 0)
        return image;
    g_set_error(error, GAN_ERROR, GAN_ERROR_FILE, "%s: %s", path, pdb_last_error());
    return 0;
}

gboolean host_file_save(gint image, const char *path, GError **error)
{
    // A file that is complete takes the place of a former one; GIMP goes by the extension.
    g_autofree char *folder = g_path_get_dirname(path), *name = g_path_get_basename(path);
    g_autofree char *hidden = g_strdup_printf(".%d-%s", (int)getpid(), name);
    g_autofree char *temporary = g_build_filename(folder, hidden, NULL);
    gboolean done = pdb_file_save(image, temporary, error);
    if (!done) {
        g_prefix_error(error, "%s: ", path);
    } else if (g_rename(temporary, path) != 0) {
        g_set_error(error, GAN_ERROR, GAN_ERROR_FILE, "%s: %s", path, g_strerror(errno));
        done = FALSE;
    }
    if (!done)
        g_unlink(temporary);
    return done;
}
