// SPDX-License-Identifier: LGPL-3.0-or-later
// Picture files, opened and written by GIMP.
#include "../host.h"

#include "error.h"
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
    g_autoptr(GFile) file = g_file_new_for_path(path);
    GimpImage *image = gimp_file_load(GIMP_RUN_NONINTERACTIVE, file);
    if (image)
        return gimp_image_get_id(image);
    g_set_error(error, GAN_ERROR, GAN_ERROR_FILE, "%s: %s", path,
                gimp_pdb_get_last_error(gimp_get_pdb()));
    return 0;
}

gboolean host_file_save(gint image, const char *path, GError **error)
{
    GimpImage *saved = error_get_image(image, error);
    if (!saved)
        return FALSE;
    // A file that is complete takes the place of a former one; GIMP goes by the extension, and
    // merges layers itself where the format has none.
    g_autofree char *folder = g_path_get_dirname(path), *name = g_path_get_basename(path);
    g_autofree char *hidden = g_strdup_printf(".%d-%s", (int)getpid(), name);
    g_autofree char *temporary = g_build_filename(folder, hidden, NULL);
    g_autoptr(GFile) file = g_file_new_for_path(temporary);
    gboolean done = gimp_file_save(GIMP_RUN_NONINTERACTIVE, saved, file, NULL);
    if (!done) {
        g_set_error(error, GAN_ERROR, GAN_ERROR_FILE, "%s: %s", path,
                    gimp_pdb_get_last_error(gimp_get_pdb()));
    } else if (g_rename(temporary, path) != 0) {
        g_set_error(error, GAN_ERROR, GAN_ERROR_FILE, "%s: %s", path, g_strerror(errno));
        done = FALSE;
    }
    if (!done)
        g_unlink(temporary);
    return done;
}
