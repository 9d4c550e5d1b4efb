// SPDX-License-Identifier: LGPL-3.0-or-later
// A picture of a data set as 8-bit numbers in memory, shared by reference.
#ifndef GAN_PICTURE_H
#define GAN_PICTURE_H

#include <gan/error.h>

typedef struct {
    guint width, height;
    guint channels; // 1: Y'; 3: R'G'B', sRGB
    GBytes *bytes;  // rows close together; what keeps them alive may be a mapped file
} GanPicture;

void gan_picture_clear(GanPicture *picture);
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC(GanPicture, gan_picture_clear)

const guint8 *gan_picture_pixels(const GanPicture *picture);

// Reads a picture file through gan_image_load(), converted to sRGB, transparent parts on white, as
// gan_image_save() puts them on paper. `channels`: 1 or 3.
// Owner:   the caller clears `picture`.
// Errors:  gan_image_load()'s. GAN_ERROR_MEMORY.
gboolean gan_picture_load(const char *path, guint channels, GanPicture *picture, GError **error);

// Copies the pixels [x, x + width) x [y, y + height), which must lie inside.
// Errors:  GAN_ERROR_MEMORY.
gboolean gan_picture_cut(const GanPicture *picture, guint x, guint y, guint width, guint height,
                         GanPicture *cut, GError **error);

// Resizes with an antialiased cubic to width x height.
// Errors:  GAN_ERROR_MEMORY.
gboolean gan_picture_resize(const GanPicture *picture, guint width, guint height,
                            GanPicture *resized, GError **error);

// Converts grey to colour or back (Rec. 709 weights, on the R'G'B' numbers) where the picture has
// other channels than are wanted.
// Errors:  GAN_ERROR_MEMORY; the picture stays as it was.
gboolean gan_picture_fit_channels(GanPicture *picture, guint channels, GError **error);

#endif
