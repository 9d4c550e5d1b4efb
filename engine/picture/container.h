// SPDX-License-Identifier: LGPL-3.0-or-later
// Picture files as bytes: what kind a file is, whether it is complete, and its ICC profile.
#ifndef GAN_CONTAINER_H
#define GAN_CONTAINER_H

#include <gan/error.h>

typedef enum {
    GAN_CONTAINER_UNKNOWN,
    GAN_CONTAINER_PNG,
    GAN_CONTAINER_JPEG,
    GAN_CONTAINER_TIFF,
    GAN_CONTAINER_WEBP,
    GAN_CONTAINER_EXR,
    GAN_CONTAINER_GIF,
    GAN_CONTAINER_PNM,
    GAN_CONTAINER_HDR,
    GAN_CONTAINER_RAW, // of a camera
} GanContainer;

// One of the parts that a file is made of.
typedef struct {
    const guint8 *name, *data, *whole; // name: four letters; whole: with name, length and check
    gsize length, whole_length;
} GanChunk;

// Goes to the chunk of a PNG file at *at, 8 for the first, and sets *at behind it. Returns FALSE
// when there is no whole one.
gboolean gan_png_next(const guint8 *data, gsize length, gsize *at, GanChunk *chunk);

// Returns whether the file has its last chunk. Without it, all pixels may be there.
gboolean gan_png_has_end(const guint8 *data, gsize length);

// The same for a WebP file, 12 for the first.
gboolean gan_webp_next(const guint8 *data, gsize length, gsize *at, GanChunk *chunk);

// Goes to the segment of a JPEG file at *at, 2 for the first, and sets *at behind it. Returns FALSE
// at the first scan, or when there is no whole one.
gboolean gan_jpeg_next(const guint8 *data, gsize length, gsize *at, guint8 *marker,
                       const guint8 **payload, gsize *n);

// Append the n lowest bytes of a number, at most 8: the highest first, or the lowest.
void gan_append_big(GByteArray *to, guint64 x, guint n);
void gan_append_little(GByteArray *to, guint64 x, guint n);

// Tells the kind of a file by its first bytes.
GanContainer gan_container_kind(const guint8 *data, gsize length);

// Returns NULL, or what is missing of a file whose parts do not reach its end (static text). Only
// the frame is looked at, because GEGL's loaders read past the end of some of them.
const char *gan_container_damage(GanContainer kind, const guint8 *data, gsize length);

// Returns the embedded ICC profile, byte for byte, or NULL.
// Owner:   the caller.
GBytes *gan_container_profile(GanContainer kind, const guint8 *data, gsize length);

// Returns whether a WebP file is animated.
gboolean gan_container_webp_moves(const guint8 *data, gsize length);

// Returns the contents of a PNG file's iCCP chunk for `profile`.
// Owner:   the caller.
// Errors:  G_IO_ERROR's.
GBytes *gan_container_png_profile(GBytes *profile, GError **error);

// Puts `profile` into the WebP file at `path` in place of any other, which GEGL's saver cannot.
// Errors:  GAN_ERROR_FORMAT: no WebP file. G_FILE_ERROR's.
gboolean gan_container_embed_webp(const char *path, GBytes *profile, GError **error);

#endif
