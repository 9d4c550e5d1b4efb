// SPDX-License-Identifier: LGPL-3.0-or-later
// Files of several pages or frames, which GIMP opens as layers, the first one at the bottom.
#include "pages.h"

#include "formats.h"
#include "pdb.h"

#include <gan/image.h>

// Takes the layers of thumbnails away, which GIMP opens as pages, too. Returns how many pages are
// left.
static guint drop_thumbnails(gint image, const GanImagePages *pages, const gint *layers, guint n)
{
    guint left = n;
    if (pages->reduced == NULL || pages->reduced->len != n)
        return n;
    for (guint i = 0; i < n && left > 1; i++) {
        if (!g_array_index(pages->reduced, gboolean, i))
            continue;
        pdb_layer_remove(image, layers[n - 1 - i]);
        left--;
    }
    return left;
}

// Leaves the lowest layer.
static void keep_first(gint image)
{
    gint n = 0;
    g_autofree gint *layers = pdb_layers(image, 0, &n);
    for (gint i = 0; i + 1 < n; i++)
        pdb_layer_remove(image, layers[i]);
}

HostPages pages_choose(gint image, const char *path, gboolean keep_all)
{
    const HostPages one = {.n = 1, .are_layers = TRUE};
    gint n = 0;
    g_autofree gint *layers = pdb_layers(image, 0, &n);
    g_autoptr(GanImagePages) pages = gan_image_pages(path, NULL);
    const gboolean is_series = pages != NULL && pages->n > 1;
    // Of some files, such as OpenEXR and, before GIMP 3.2, animated PNG, it opens the first picture
    // only.
    if (n == 1 && is_series)
        return (HostPages){.n = pages->n, .are_layers = FALSE};
    // Of a file that the engine does not know, the name has to tell.
    const gboolean is_film = is_series ? pages->delays_ms != NULL : formats_hold_frames(path);
    const gboolean is_paged = !is_film && (is_series || formats_hold_pages(path));
    if (n < 2 || (!is_paged && !is_film))
        return one;
    const guint left = pages != NULL ? drop_thumbnails(image, pages, layers, (guint)n) : (guint)n;
    if (!keep_all)
        keep_first(image);
    // The canvas was as large as the largest page; that of frames is the film's.
    if (is_paged && (!keep_all || left < (guint)n))
        pdb_image_fit(image);
    return keep_all ? one : (HostPages){.n = left, .are_layers = TRUE};
}
