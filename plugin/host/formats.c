// SPDX-License-Identifier: LGPL-3.0-or-later
#include "formats.h"

static gboolean has_extension(const char *path, const char *const *extensions)
{
    g_autofree char *lower = g_ascii_strdown(path, -1);
    for (; *extensions != NULL; extensions++) {
        if (g_str_has_suffix(lower, *extensions))
            return TRUE;
    }
    return FALSE;
}

gboolean formats_keep_layers(const char *path)
{
    static const char *const layered[] = {".xcf",    ".xcf.gz", ".xcfgz", ".xcf.bz2",
                                          ".xcfbz2", ".xcf.xz", ".xcfxz", ".psd",
                                          ".psb",    ".ora",    NULL};
    return has_extension(path, layered);
}

gboolean formats_are_opaque(const char *path)
{
    static const char *const opaque[] = {".jpg", ".jpeg", ".jpe", ".pnm", ".ppm", ".pgm", NULL};
    return has_extension(path, opaque);
}

gboolean formats_hold_frames(const char *path)
{
    static const char *const films[] = {".gif", ".webp", ".mng", ".fli", ".flc", NULL};
    return has_extension(path, films);
}

gboolean formats_hold_pages(const char *path)
{
    static const char *const paged[] = {".tif", ".tiff", ".pdf", ".heic", ".heif",
                                        ".hif", ".avif", ".ico", ".cur",  NULL};
    return has_extension(path, paged);
}
