// SPDX-License-Identifier: LGPL-3.0-or-later
// What the readers of the formats share: what they are asked and how they answer.
#ifndef GAN_READER_H
#define GAN_READER_H

#include <gan/error.h>
#include <gegl.h>

// A file to be read. Readers give the numbers as they lie in the file, in a format of Babl's sRGB:
// the profile is put on them afterwards.
typedef struct {
    const char *path;
    const guint8 *data; // of the whole file
    gsize length;
    guint page;       // that is asked for, the first is 1; 0: the picture itself, or the first
    guint n_pages;    // set by the reader of a format that may have several; 0: has one
    const char *unit; // set with it: "page", "frame" or "part"
    GBytes *profile;  // owned: the container's, which the reader may replace by the page's; or NULL
    GPtrArray *notes; // that gan_note() adds to
} GanReading;

// Reads the picture. Errors need not name the file.
// Owner:   the caller gets the buffer.
// Errors:  GAN_ERROR_FORMAT: damaged, or something that is not read. GAN_ERROR_MEMORY.
typedef GeglBuffer *(*GanReader)(GanReading *reading, GError **error);

#endif
