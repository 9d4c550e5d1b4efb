// SPDX-License-Identifier: LGPL-3.0-or-later
// Noting how a picture was made; see gan/provenance.h.
#ifndef GAN_PICTURE_PROVENANCE_H
#define GAN_PICTURE_PROVENANCE_H

#include <gan/provenance.h>

// The note as one line of text, and back.
// Owner:   the caller frees the text, clears `provenance`. FALSE: `text` is no such line.
char *gan_provenance_to_text(const GanProvenance *provenance);
gboolean gan_provenance_from_text(const char *text, gsize length, GanProvenance *provenance);

// Puts the line into the file at `path`, where its format has a place for it, in addition to all
// that is there. Returns FALSE where it has none, and when the file cannot be written.
gboolean gan_provenance_embed(const char *path, const char *text);

// Finds the line in a picture file; NULL when there is none.
// Owner:   a part of `data`, of *text_length bytes.
const char *gan_provenance_find(const guint8 *data, gsize length, gsize *text_length);

// Notes it in the record, by the file's content, so that it may be moved. Nothing is said where
// the record cannot be written: the picture is then one of unknown provenance.
void gan_record_add(const char *path, const char *text);

// Looks the file up in the record; NULL when it is not there.
// Owner:   the caller frees the line.
char *gan_record_find(const char *path);

#endif
