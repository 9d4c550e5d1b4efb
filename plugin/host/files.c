// SPDX-License-Identifier: LGPL-3.0-or-later
// Picture files, opened and written by GIMP.
#include "formats.h"
#include "pages.h"
#include "pdb.h"

#include <errno.h>
#include <gan/image.h>
#include <glib/gi18n-lib.h>
#include <glib/gstdio.h>
#include <string.h>
#include <unistd.h>

#define LONGEST_ENDING 10u // ".xcf.bz2" and the like

// Whether GIMP's words say only that something failed. Some of its loaders, JPEG's for one, tell the
// reason to whoever looks at messages and not to the caller.
static gboolean is_empty(const char *words)
{
    static const char *const domains[] = {"gimp20-libgimp", "gimp30-libgimp"};
    static const char *const empty[] = {"", "execution error", "calling error", "success"};
    for (guint i = 0; words != NULL && i < G_N_ELEMENTS(empty); i++) {
        if (strcmp(words, empty[i]) == 0)
            return TRUE;
        for (guint k = 0; k < G_N_ELEMENTS(domains); k++)
            if (empty[i][0] != 0 && strcmp(words, g_dgettext(domains[k], empty[i])) == 0)
                return TRUE;
    }
    return words == NULL;
}

gint host_file_load(const char *path, const char *output, HostPages *pages, GError **error)
{
    if (!g_file_test(path, G_FILE_TEST_IS_REGULAR)) {
        g_set_error(error, GAN_ERROR, GAN_ERROR_FILE, _("%s: there is no such file"), path);
        return 0;
    }
    // GIMP opens what there is of a file that is cut, and tells the user of its window alone.
    g_autofree char *damage = gan_image_damage(path);
    if (damage != NULL) {
        g_set_error_literal(error, GAN_ERROR, GAN_ERROR_FORMAT, damage); // begins with the path
        return 0;
    }
    const gint image = pdb_file_load(path);
    if (image > 0) {
        *pages = pages_choose(image, path, formats_keep_layers(output));
        return image;
    }
    const char *words = pdb_last_error();
    g_autoptr(GError) own = NULL;
    g_autoptr(GeglBuffer) buffer = is_empty(words) ? gan_image_load(path, NULL, &own) : NULL;
    if (own != NULL)
        g_propagate_error(error, g_steal_pointer(&own)); // begins with the path
    else
        g_set_error(error, GAN_ERROR, GAN_ERROR_FILE, "%s: %s", path,
                    buffer != NULL ? _("GIMP cannot open this file") : words);
    return 0;
}

guint host_image_jpeg_quality(gint image)
{
    HostImageInfo info;
    g_autofree char *path = pdb_image_is_valid(image) ? pdb_image_source(image) : NULL;
    if (path == NULL || !host_image_info(image, &info, NULL))
        return 0;
    return gan_image_jpeg_quality_at(path, info.width, info.height);
}

// Whether nothing can be seen through the image: merged, it would have an alpha channel that it had
// no need of. Groups are left out, which have alpha always.
static gboolean is_opaque(const HostImageInfo *info, const gint *layers, gint n)
{
    for (gint i = 0; i < n; i++) {
        HostLayer layer;
        pdb_layer_describe(layers[i], &layer);
        if (pdb_layer_hides(layers[i]) && layer.x <= 0 && layer.y <= 0 &&
            layer.x + (gint64)layer.width >= info->width &&
            layer.y + (gint64)layer.height >= info->height)
            return TRUE;
    }
    return FALSE;
}

// Formats that hold one picture get all visible layers as one; those without transparency get them
// on the background colour. Returns a copy that is to be deleted, or the image itself.
static gint as_saved(gint image, const char *path)
{
    HostImageInfo info;
    gint n = 0;
    g_autofree gint *layers = pdb_layers(image, 0, &n);
    if (formats_keep_layers(path) || n == 0 || !host_image_info(image, &info, NULL))
        return image;
    const gboolean flatten = formats_are_opaque(path) || is_opaque(&info, layers, n);
    const gint copy = host_image_duplicate(image, NULL);
    if (copy <= 0)
        return image;
    host_undo_disable(copy);
    // Without a visible layer there is nothing to merge.
    pdb_image_merge(copy, flatten);
    return copy;
}

static gboolean save(gint image, const char *path, GError **error)
{
    const gint saved = as_saved(image, path);
    const gboolean done = pdb_file_save(saved, path, error);
    if (saved != image)
        host_image_delete(saved);
    return done;
}

gboolean host_file_save(gint image, const char *path, GError **error)
{
    // A file that is complete takes the place of a former one; GIMP goes by the extension.
    // Of the name its end is kept: the whole may be as long as a name can be.
    g_autofree char *folder = g_path_get_dirname(path), *name = g_path_get_basename(path);
    const gsize length = strlen(name);
    const char *end = strchr(length > LONGEST_ENDING ? name + length - LONGEST_ENDING : name, '.');
    g_autofree char *hidden = g_strdup_printf(".gimp-gan-%d%s", (int)getpid(), end ? end : "");
    g_autofree char *temporary = g_build_filename(folder, hidden, NULL);
    gboolean done = save(image, temporary, error);
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
