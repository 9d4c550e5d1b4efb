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
} GanContainer;

// Tells the kind of a file by its first bytes.
GanContainer gan_container_kind(const guint8 *data, gsize length);

// Returns NULL, or what is missing of a file whose parts do not reach its end (static text). Only
// the frame is looked at, because GEGL's loaders read past the end of some of them.
const char *gan_container_damage(GanContainer kind, const guint8 *data, gsize length);

// Returns the embedded ICC profile, byte for byte, or NULL.
// Owner:   the caller.
GBytes *gan_container_profile(GanContainer kind, const guint8 *data, gsize length);

// Puts `profile` into the PNG, JPEG or WebP file at `path` in place of any other and of other
// statements on colour. The file is replaced by a rewritten one. Errors:  GAN_ERROR_FILE.
// GAN_ERROR_FORMAT: no such container.
gboolean gan_container_embed(const char *path, GBytes *profile, GError **error);

#endif
