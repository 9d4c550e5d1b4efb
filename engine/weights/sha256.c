// SPDX-License-Identifier: LGPL-3.0-or-later
// SHA-256 of a file, read in pieces.
#include <errno.h>
#include <gan/weights.h>
#include <glib/gstdio.h>
#include <stdio.h>

// What was only read cannot be lost in closing.
static void file_close(FILE *file)
{
    (void)fclose(file);
}
G_DEFINE_AUTOPTR_CLEANUP_FUNC(FILE, file_close)

char *gan_file_sha256(const char *path, GError **error)
{
    g_return_val_if_fail(path != NULL, NULL);
    g_autoptr(FILE) file = g_fopen(path, "rbe");
    if (file == NULL) {
        g_set_error(error, GAN_ERROR, GAN_ERROR_FILE, "%s: %s", path, g_strerror(errno));
        return NULL;
    }
    g_autoptr(GChecksum) sum = g_checksum_new(G_CHECKSUM_SHA256);
    g_autofree guint8 *piece = g_malloc(1 << 18);
    for (;;) {
        const gsize n = fread(piece, 1, 1 << 18, file);
        if (n == 0)
            break;
        g_checksum_update(sum, piece, (gssize)n);
    }
    if (ferror(file)) {
        g_set_error(error, GAN_ERROR, GAN_ERROR_FILE, "%s: cannot be read", path);
        return NULL;
    }
    return g_strdup(g_checksum_get_string(sum));
}
