// SPDX-License-Identifier: LGPL-3.0-or-later
// Animated PNG files, which libpng knows nothing of: their frames are shown to it one by one, as PNG
// files of their own.
#ifndef GAN_APNG_H
#define GAN_APNG_H

#include "film.h"

typedef struct {
    const guint8 *header, *palette, *transparency; // whole chunks of the file; NULL: it has none
    GanFilm film;                                  // of the frames that are whole
    GPtrArray *parts;                              // of the file that the frames' data stand in
    gboolean has_cover; // a picture for programs that show no animations, which is no frame
    gboolean is_whole;  // FALSE: it ends or is damaged within a later frame
    gboolean has_end;   // the end marker is there
} GanApng;

// Reads how a PNG file is animated. Returns FALSE for one that is not, or not by a single frame that
// is whole.
gboolean gan_apng_open(const guint8 *data, gsize length, GanApng *apng);
void gan_apng_clear(GanApng *apng);
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC(GanApng, gan_apng_clear)

// Returns what is shown while frame `number` is, 0 for the first. `space`: as of gan_png_decode().
// Owner:   the caller gets the buffer, which has an alpha.
// Errors:  GAN_ERROR_FORMAT: damaged. GAN_ERROR_MEMORY.
GeglBuffer *gan_apng_compose(const GanApng *apng, guint number, const Babl *space, GError **error);

#endif
