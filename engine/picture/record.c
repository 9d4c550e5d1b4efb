// SPDX-License-Identifier: LGPL-3.0-or-later
// The record of results whose files have no place for a note: a line each, the result's print, a tab
// and the note. The last line on a file counts.
#include "provenance.h"

#include <folders.h>
#include <glib/gstdio.h>
#include <stdio.h>
#include <string.h>

// Past this size the older half goes.
#define LARGEST_BYTES ((gsize)8 << 20)

static char *record_path(void)
{
    return gan_folders_user("results");
}

static void shorten(const char *path)
{
    g_autofree char *text = NULL;
    gsize length = 0;
    if (!g_file_get_contents(path, &text, &length, NULL) || length <= LARGEST_BYTES)
        return;
    const char *half = strchr(text + length / 2, '\n');
    if (half != NULL)
        g_file_set_contents(path, half + 1, -1, NULL);
}

void gan_record_add(const char *path, const char *text)
{
    g_autofree char *print = gan_provenance_print(path);
    g_autofree char *record = record_path(), *folder = g_path_get_dirname(record);
    if (print == NULL || g_mkdir_with_parents(folder, 0755) != 0)
        return;
    shorten(record);
    FILE *file = g_fopen(record, "abe");
    if (file == NULL)
        return;
    // One write at the end: runs side by side do not mix their lines.
    (void)fprintf(file, "%s\t%s\n", print, text);
    (void)fclose(file);
}

char *gan_record_find(const char *path)
{
    g_autofree char *record = record_path();
    g_autofree char *lines = NULL;
    if (!g_file_get_contents(record, &lines, NULL, NULL))
        return NULL;
    g_autofree char *print = gan_provenance_print(path);
    const gsize length = print != NULL ? strlen(print) : 0;
    const char *found = NULL;
    for (const char *line = lines; print != NULL && line != NULL && *line != '\0';) {
        if (strncmp(line, print, length) == 0 && line[length] == '\t')
            found = line + length + 1;
        line = strchr(line, '\n');
        if (line != NULL)
            line++;
    }
    return found != NULL ? g_strndup(found, strcspn(found, "\n")) : NULL;
}
