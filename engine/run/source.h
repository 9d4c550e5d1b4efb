// SPDX-License-Identifier: LGPL-3.0-or-later
// Tiles of a network's inputs, read from pictures, masks and numbers.
#ifndef GAN_SOURCE_H
#define GAN_SOURCE_H

#include "tiles.h"
#include <gan/runner.h>
#include <pixels.h>

typedef struct {
    const GanModelInfo *info;
    const GanSource *sources;
    GeglRectangle area; // of the sources
    const Babl *seen;   // the format whose primaries the first has
    GanPixels reader;   // of it
    guint n_colours;    // of the picture's floats, and of the result: 1 or 3
    gboolean alpha;     // one more channel, where the result has alpha, too
} GanReader;

// `out`: the format of the result.
// Owner:   borrows info and sources.
void gan_reader_init(GanReader *reader, const GanModelInfo *info, const GanSource *sources,
                     const GeglRectangle *area, const Babl *out);
void gan_reader_clear(GanReader *reader);
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC(GanReader, gan_reader_clear)

// n_colours + alpha.
guint gan_reader_n_channels(const GanReader *reader);

// Input pixels around what a tile reads that its colours depend on.
guint gan_reader_margin(const GanReader *reader);

// Reads a tile of the picture with its margin, n_channels floats a pixel; colours are bled under
// transparent pixels, and numbers beyond 0..1 brought near to it (range.h).
// `beyond`: set to whether there were such.
// Errors:  GAN_ERROR_MEMORY.
gboolean gan_reader_pixels(const GanReader *reader, const GanTile *tile, float *pixels,
                           gboolean *beyond, GError **error);

// Floats of input `k` for a tile that reads n_pixels.
gsize gan_reader_length(const GanReader *reader, guint k, gsize n_pixels);

// Fills in input `k` of the network for what a tile reads, dense. The first, the picture, is made
// of `pixels`, which gan_reader_pixels() has read.
// Errors:  GAN_ERROR_MEMORY.
gboolean gan_reader_input(const GanReader *reader, const GanTile *tile, guint k,
                          const float *pixels, float *to, GError **error);

#endif
