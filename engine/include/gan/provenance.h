// SPDX-License-Identifier: LGPL-3.0-or-later
// How a picture file was made by this program: noted in the file, or, where its format has no place
// for that, in a record beside the user's models. So results are known as such, and those of other settings are
// told from those of the same.
#ifndef GAN_PROVENANCE_H
#define GAN_PROVENANCE_H

#include <glib.h>

G_BEGIN_DECLS

typedef struct {
    char *settings;     // in words that are equal where all is that decides on the pixels
    char *source;       // name of the file that it was made of, without folders
    char *source_print; // of that file, as gan_provenance_print() gives it
} GanProvenance;

void gan_provenance_clear(GanProvenance *provenance);
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC(GanProvenance, gan_provenance_clear)

// Looks up how the file was made. Returns FALSE, and leaves `provenance` alone, where that is not
// known: it is not of this program, or was changed since by one that drops what it does not know.
// Owner:   the caller clears `provenance`.
gboolean gan_provenance_read(const char *path, GanProvenance *provenance);

// Returns a text that tells files of other content apart: the size and a sum over the file, of a
// large one over parts of it; NULL for a file that cannot be read.
// Owner:   the caller frees the text.
char *gan_provenance_print(const char *path);

G_END_DECLS
#endif
