// SPDX-License-Identifier: LGPL-3.0-or-later
// The texts of PNG files: title, author, what made the picture.
#ifndef GAN_PNGTEXT_H
#define GAN_PNGTEXT_H

#include <gio/gio.h>

// Returns the file's texts as chunks (tEXt, zTXt, iTXt), as GBytes of name and contents, without
// those that hold EXIF, XMP, IPTC, a profile or how the picture was made.
// Owner:   the caller.
GPtrArray *gan_png_text_chunks(const guint8 *data, gsize length);

// The key under which this program itself notes how a picture was made; see provenancefile.c.
#define GAN_OWN_TEXT "gimp-gan"

// Returns whether the file has a chunk of that name.
gboolean gan_png_has_chunk(const guint8 *data, gsize length, const char name[4]);

// Returns the names of chunks that say something that neither goes into a new file nor is worthless
// there, between commas; NULL for none. `to_png`: whether that is a PNG, too.
// Owner:   the caller frees it.
char *gan_png_other_chunks(const guint8 *data, gsize length, gboolean to_png);

// Puts a chunk before the pixels of the file at `path`, where none of the name stands.
void gan_png_embed(const char *path, const char name[4], GBytes *contents);

typedef struct {
    char *key, *value; // UTF-8
} GanPngText;

// Reads such a chunk. Returns FALSE for a damaged one.
// Owner:   the caller frees both with gan_png_text_clear().
gboolean gan_png_text_read(GBytes *chunk, GanPngText *text);
void gan_png_text_clear(GanPngText *text);

#endif
