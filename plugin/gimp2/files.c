// SPDX-License-Identifier: LGPL-3.0-or-later
// Picture files, opened and written by GIMP.
#include "../host.h"

#include <errno.h>
#include <glib/gi18n-lib.h>
#include <glib/gstdio.h>
#include <libgimp/gimp.h>
#include <unistd.h>

gint host_file_load(const char *path, GError **error)
{
    if (!g_file_test(path, G_FILE_TEST_IS_REGULAR)) {
        g_set_error(error, GAN_ERROR, GAN_ERROR_FILE, _("%s: there is no such file"), path);
        return 0;
    }
    const gint image = gimp_file_load(GIMP_RUN_NONINTERACTIVE, path, path);
    if (image > 0)
        return image;
    g_set_error(error, GAN_ERROR, GAN_ERROR_FILE, "%s: %s", path, gimp_get_pdb_error());
    return 0;
}

static gboolean has_extension(const char *path, const char *const *extensions)
{
    g_autofree char *lower = g_utf8_strdown(path, -1);
    for (; *extensions; extensions++) {
        if (g_str_has_suffix(lower, *extensions))
            return TRUE;
    }
    return FALSE;
}

// Formats that hold one picture get all visible layers as one; those without transparency get them
// on the background colour. Returns a copy that is to be deleted, or the image itself.
static gint as_saved(gint image, const char *path, gint *drawable)
{
    static const char *const layered[] = {".xcf", ".xcf.gz", ".xcf.bz2", ".xcf.xz",
                                          ".psd", ".ora",    NULL};
    static const char *const opaque[] = {".jpg", ".jpeg", ".jpe", ".bmp",
                                         ".pnm", ".ppm",  ".pgm", NULL};
    gint n = 0;
    g_autofree gint *layers = gimp_image_get_layers(image, &n);
    *drawable = gimp_image_get_active_drawable(image);
    if (has_extension(path, layered) || !layers || n == 0)
        return image;
    const gint copy = gimp_image_duplicate(image);
    if (copy <= 0)
        return image;
    gimp_image_undo_disable(copy);
    *drawable = has_extension(path, opaque)
                    ? gimp_image_flatten(copy)
                    : gimp_image_merge_visible_layers(copy, GIMP_CLIP_TO_IMAGE);
    // Without a visible layer there is nothing to merge.
    if (*drawable <= 0)
        *drawable = gimp_image_get_active_drawable(copy);
    return copy;
}

gboolean host_file_save(gint image, const char *path, GError **error)
{
    // A file that is complete takes the place of a former one; GIMP goes by the extension.
    g_autofree char *folder = g_path_get_dirname(path), *name = g_path_get_basename(path);
    g_autofree char *hidden = g_strdup_printf(".%d-%s", (int)getpid(), name);
    g_autofree char *temporary = g_build_filename(folder, hidden, NULL);
    gint drawable = -1;
    const gint saved = as_saved(image, path, &drawable);
    gboolean done = gimp_file_save(GIMP_RUN_NONINTERACTIVE, saved, drawable, temporary, temporary);
    if (!done) {
        g_set_error(error, GAN_ERROR, GAN_ERROR_FILE, "%s: %s", path, gimp_get_pdb_error());
    } else if (g_rename(temporary, path) != 0) {
        g_set_error(error, GAN_ERROR, GAN_ERROR_FILE, "%s: %s", path, g_strerror(errno));
        done = FALSE;
    }
    if (!done)
        g_unlink(temporary);
    if (saved != image)
        gimp_image_delete(saved);
    return done;
}
