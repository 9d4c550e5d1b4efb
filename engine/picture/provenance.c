// SPDX-License-Identifier: LGPL-3.0-or-later
// How a picture was made, and what tells files apart.
#include "provenance.h"

#include <glib/gstdio.h>
#include <stdio.h>
#include <string.h>

// Of files up to this size all counts, of larger ones as much in pieces from their first to their
// last byte: a folder of large pictures is told apart in a moment.
#define PIECE_BYTES ((gsize)64 << 10)
#define N_PIECES 16u

void gan_provenance_clear(GanProvenance *provenance)
{
    g_clear_pointer(&provenance->settings, g_free);
    g_clear_pointer(&provenance->source, g_free);
    g_clear_pointer(&provenance->source_print, g_free);
}

// Tabs and ends of lines stand between members and lines.
static char *member(const char *text)
{
    return g_strdelimit(g_strdup(text), "\t\n\r", ' ');
}

char *gan_provenance_to_text(const GanProvenance *provenance)
{
    g_autofree char *settings = member(provenance->settings), *source = member(provenance->source);
    return g_strconcat(settings, "\t", provenance->source_print, "\t", source, NULL);
}

gboolean gan_provenance_from_text(const char *text, gsize length, GanProvenance *provenance)
{
    g_autofree char *line = g_strndup(text, length);
    g_auto(GStrv) members = g_strsplit(line, "\t", 3);
    if (g_strv_length(members) != 3)
        return FALSE;
    *provenance = (GanProvenance){.settings = g_strdup(members[0]),
                                  .source_print = g_strdup(members[1]),
                                  .source = g_strdup(members[2])};
    return TRUE;
}

gboolean gan_provenance_read(const char *path, GanProvenance *provenance)
{
    // To open a pipe waits for who writes into it.
    if (!g_file_test(path, G_FILE_TEST_IS_REGULAR))
        return FALSE;
    g_autoptr(GMappedFile) map = g_mapped_file_new(path, FALSE, NULL);
    if (map == NULL || g_mapped_file_get_length(map) == 0)
        return FALSE;
    gsize length = 0;
    const char *text = gan_provenance_find((const guint8 *)g_mapped_file_get_contents(map),
                                           g_mapped_file_get_length(map), &length);
    if (text != NULL)
        return gan_provenance_from_text(text, length, provenance);
    g_autofree char *line = gan_record_find(path);
    return line != NULL && gan_provenance_from_text(line, strlen(line), provenance);
}

char *gan_provenance_print(const char *path)
{
    FILE *file = g_file_test(path, G_FILE_TEST_IS_REGULAR) ? g_fopen(path, "rbe") : NULL;
    if (file == NULL)
        return NULL;
    g_autoptr(GChecksum) sum = g_checksum_new(G_CHECKSUM_SHA256);
    g_autofree guchar *piece = g_malloc(PIECE_BYTES);
    const gint64 size = fseeko(file, 0, SEEK_END) == 0 ? (gint64)ftello(file) : -1;
    const gint64 last = MAX(size - (gint64)PIECE_BYTES, 0);
    const gboolean whole = size <= (gint64)(PIECE_BYTES * N_PIECES);
    gboolean fine = size >= 0;
    for (guint i = 0; fine && i < N_PIECES; i++) {
        const gint64 at = whole ? (gint64)(PIECE_BYTES * i) : last / (N_PIECES - 1) * i;
        fine = fseeko(file, i + 1 < N_PIECES || whole ? at : last, SEEK_SET) == 0;
        const gsize n_read = fine ? fread(piece, 1, PIECE_BYTES, file) : 0;
        g_checksum_update(sum, piece, (gssize)n_read);
        fine = fine && ferror(file) == 0;
    }
    (void)fclose(file);
    return fine ? g_strdup_printf("%" G_GINT64_FORMAT "-%.32s", size, g_checksum_get_string(sum))
                : NULL;
}
