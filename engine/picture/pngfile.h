// SPDX-License-Identifier: LGPL-3.0-or-later
// PNG files read and written with libpng itself: GEGL's loader and saver let libpng write to the
// terminal, the saver states a wrong gamma beside the profile and leaves grey pictures without one.
#ifndef GAN_PNGFILE_H
#define GAN_PNGFILE_H

#include <gan/error.h>
#include <gegl.h>

// Decodes a file in memory. `space`: of the new buffer's format; NULL for sRGB. `notes`: added to when the data is damaged but a
// picture came out.
// Owner:   the caller gets the buffer.
// Errors:  GAN_ERROR_FORMAT: damaged. GAN_ERROR_MEMORY.
GeglBuffer *gan_png_decode(const guint8 *data, gsize length, const Babl *space, GPtrArray *notes,
                           GError **error);

// What goes into a file beside the pixels: chunks, each as its name and contents.
typedef struct {
    const GPtrArray *colours; // what the numbers mean, in place of a profile; NULL: they do not say
    const GPtrArray *texts;   // NULL: none
    GBytes *density;          // NULL: none
} GanPngParts;

// Writes the whole buffer in its own space with 8 or 16 bits. `profile`: NULL for sRGB, or what
// `parts` says.
// Errors:  GAN_ERROR_FILE.
gboolean gan_png_write(GeglBuffer *buffer, const char *path, GBytes *profile,
                       const GanPngParts *parts, GError **error);

#endif
