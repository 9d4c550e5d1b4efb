// SPDX-License-Identifier: LGPL-3.0-or-later
// Names of files that are not complete yet.
#include "temporary.h"

#define BEGINNING ".gimp-gan-"

char *gan_temporary_name(const char *path)
{
    g_autofree char *folder = g_path_get_dirname(path);
    return g_build_filename(folder, BEGINNING "XXXXXX", NULL);
}

gboolean gan_temporary_is(const char *name)
{
    return g_pattern_match_simple(BEGINNING "??????", name);
}
