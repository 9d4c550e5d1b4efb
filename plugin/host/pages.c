// SPDX-License-Identifier: LGPL-3.0-or-later
// Files of several pages or frames, which GIMP opens as layers, the first one at the bottom.
#include "pages.h"

#include "../host.h"
#include "formats.h"
#include "pdb.h"

#include <string.h>

// --- thumbnails in TIFF files, which GIMP opens as pages, too ---
// Source:  TIFF 6.0, section 2; BigTIFF.

typedef struct {
    const guint8 *bytes;
    gsize length;
    gboolean is_big_endian, is_64_bit;
} Tiff;

// A number of `n` bytes, 0 beyond the end.
static guint64 number(const Tiff *tiff, guint64 at, guint n)
{
    guint64 value = 0;
    if (at > tiff->length || n > tiff->length - at)
        return 0;
    for (guint i = 0; i < n; i++)
        value = value << 8 | tiff->bytes[tiff->is_big_endian ? at + i : at + n - 1 - i];
    return value;
}

static gboolean open_tiff(Tiff *tiff)
{
    if (tiff->length < 16 || (memcmp(tiff->bytes, "II", 2) && memcmp(tiff->bytes, "MM", 2)))
        return FALSE;
    tiff->is_big_endian = tiff->bytes[0] == 'M';
    const guint64 version = number(tiff, 2, 2);
    tiff->is_64_bit = version == 43;
    return version == 42 || version == 43;
}

// Whether the directory is of a smaller version of another page. *next: where the next one lies.
static gboolean is_reduced(const Tiff *tiff, guint64 at, guint64 *next)
{
    enum { NEW_SUBFILE_TYPE = 254, SUBFILE_TYPE = 255, SHORT = 3 };
    const guint wide = tiff->is_64_bit ? 8 : 4, head = tiff->is_64_bit ? 8 : 2;
    const guint entry_bytes = 4 + 2 * wide;
    const guint64 n = number(tiff, at, head);
    gboolean reduced = FALSE;
    *next = 0;
    if (n > tiff->length / entry_bytes)
        return FALSE;
    for (guint64 i = 0; i < n; i++) {
        const guint64 entry = at + head + i * entry_bytes;
        const guint64 tag = number(tiff, entry, 2);
        const guint bytes = number(tiff, entry + 2, 2) == SHORT ? 2 : 4;
        const guint64 value = number(tiff, entry + 4 + wide, bytes);
        if ((tag == NEW_SUBFILE_TYPE && (value & 1)) || (tag == SUBFILE_TYPE && value == 2))
            reduced = TRUE;
    }
    *next = number(tiff, at + head + n * entry_bytes, wide);
    return reduced;
}

// Fills a flag for each of the n pages; FALSE where the file has another number of them.
static gboolean find_reduced(const char *path, gboolean *reduced, guint n)
{
    g_autoptr(GMappedFile) file = g_mapped_file_new(path, FALSE, NULL);
    Tiff tiff = {0};
    guint found = 0;
    if (file != NULL)
        tiff = (Tiff){.bytes = (const guint8 *)g_mapped_file_get_contents(file),
                      .length = g_mapped_file_get_length(file)};
    if (!open_tiff(&tiff))
        return FALSE;
    guint64 at = number(&tiff, tiff.is_64_bit ? 8 : 4, tiff.is_64_bit ? 8 : 4);
    while (at != 0 && found < n)
        reduced[found++] = is_reduced(&tiff, at, &at);
    return found == n && at == 0;
}

// --- pages ---

// Takes the layers of thumbnails away. Returns how many pages are left.
static guint drop_thumbnails(gint image, const char *path, const gint *layers, guint n)
{
    g_autofree gboolean *reduced = g_new0(gboolean, n);
    guint left = n;
    if (!find_reduced(path, reduced, n))
        return n;
    for (guint i = 0; i < n && left > 1; i++) {
        if (!reduced[i])
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

guint pages_choose(gint image, const char *path, gboolean keep_all)
{
    const gboolean is_paged = formats_hold_pages(path);
    gint n = 0;
    g_autofree gint *layers = pdb_layers(image, 0, &n);
    if (n < 2 || (!is_paged && !formats_hold_frames(path)))
        return 1;
    const guint left =
        formats_hold_thumbnails(path) ? drop_thumbnails(image, path, layers, (guint)n) : (guint)n;
    if (!keep_all)
        keep_first(image);
    // The canvas was as large as the largest page; that of frames is the film's.
    if (is_paged && (!keep_all || left < (guint)n))
        pdb_image_fit(image);
    return keep_all ? 1 : left;
}
