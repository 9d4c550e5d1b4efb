// SPDX-License-Identifier: LGPL-3.0-or-later
// Where a file is to lie: whether it can be written there, and its folder.
#include "place.h"

#include <errno.h>
#include <glib/gstdio.h>
#include <limits.h>
#include <string.h>
#include <unistd.h>

// What a message shows of a name: whole, a name that is too long fills the screen.
#define SHOWN_LETTERS 40

static char *shorten(const char *name)
{
    char *shown = g_filename_display_name(name);
    if (g_utf8_strlen(shown, -1) > SHOWN_LETTERS)
        *g_utf8_offset_to_pointer(shown, SHOWN_LETTERS) = '\0';
    return shown;
}

// Returns what is wrong with the first of the parts of `rest` that is too long; NULL for none.
static char *length_problem(const char *rest, const char *folder)
{
    const long most = pathconf(folder, _PC_NAME_MAX);
    g_auto(GStrv) parts = g_strsplit(rest, G_DIR_SEPARATOR_S, -1);
    for (guint i = 0; most > 0 && parts[i] != NULL; i++) {
        const gsize length = strlen(parts[i]);
        if (length <= (gsize)most)
            continue;
        g_autofree char *shown = shorten(parts[i]);
        return g_strdup_printf("The name '%s…' would have %" G_GSIZE_FORMAT
                               " bytes; the file system takes %ld. Another has to be named.",
                               shown, length, most);
    }
    return NULL;
}

// Where the last part of the first `length` bytes of the path begins, behind its slash.
static gsize last_part(const char *path, gsize length)
{
    while (length > 0 && path[length - 1] != G_DIR_SEPARATOR)
        length--;
    return length;
}

char *cli_place_problem(const char *path)
{
    gsize rest = last_part(path, strlen(path));
    g_autofree char *folder = rest > 0 ? g_strndup(path, rest) : g_strdup(".");
    while (rest > 0 && !g_file_test(folder, G_FILE_TEST_EXISTS)) {
        rest = last_part(path, rest - 1);
        g_free(folder);
        folder = rest > 0 ? g_strndup(path, rest) : g_strdup(".");
    }
    g_autofree char *shown = g_filename_display_name(folder);
    if (!g_file_test(folder, G_FILE_TEST_IS_DIR))
        return g_strdup_printf("No file can be written below '%s', which is no folder.", shown);
    char *problem = length_problem(path + rest, folder);
    if (problem == NULL && strlen(path) >= PATH_MAX)
        problem = g_strdup_printf("The path of the result would have %" G_GSIZE_FORMAT
                                  " bytes; the system takes %d. Another has to be named.",
                                  strlen(path), PATH_MAX - 1);
    if (problem == NULL && g_access(folder, W_OK | X_OK) != 0)
        problem =
            g_strdup_printf("The folder '%s' cannot be written to: %s.", shown, g_strerror(errno));
    return problem;
}

gboolean cli_place_check(const char *path, GError **error)
{
    g_autofree char *problem = cli_place_problem(path);
    if (problem != NULL)
        g_set_error_literal(error, GAN_ERROR, GAN_ERROR_FILE, problem);
    return problem == NULL;
}

gboolean cli_place_make_folder(const char *path, GError **error)
{
    g_autofree char *folder = g_path_get_dirname(path);
    if (g_mkdir_with_parents(folder, 0777) == 0)
        return TRUE;
    const int number = errno;
    g_autofree char *shown = g_filename_display_name(folder);
    g_set_error(error, GAN_ERROR, GAN_ERROR_FILE, "The folder '%s' cannot be made: %s.", shown,
                g_strerror(number));
    return FALSE;
}
