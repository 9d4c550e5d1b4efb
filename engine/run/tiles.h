// SPDX-License-Identifier: LGPL-3.0-or-later
// How a picture is cut into tiles: what each tile reads, and what part of the result
// it answers for.
//
// Every tile of a picture reads an area of one and the same size (smaller only where a side is
// no multiple of the alignment), moved inwards at the edges, so that few plans are made. What
// lies outside the picture is never invented: at a real edge the network's own padding acts, as
// in an untiled run.
//
// Exact tiles meet at a boundary. Blended tiles reach over it by `ramp` pixels on either side,
// where their weights, a smooth step and its complement, sum to 1; the outermost pixels that a tile
// reads, where its own padding does most harm, count for nothing.
#ifndef GAN_TILES_H
#define GAN_TILES_H

#include <glib.h>

typedef struct {
    guint length;    // input pixels of this side of the picture
    guint alignment; // reads begin at multiples
    guint border;    // least input pixels read beyond a boundary, a multiple of the alignment
    guint ramp;      // input pixels on either side of a boundary that two tiles share; 0: exact
    guint n;         // tiles along this side
    guint read;      // input pixels that a tile reads
} GanTileAxis;

// Cuts `length` pixels into tiles of at most about `tile` pixels without border.
void gan_tile_axis_init(GanTileAxis *axis, guint length, guint tile, guint alignment, guint overlap,
                        gboolean exact);

// The input pixels [*from, *to) that tile `k` reads.
void gan_tile_axis_read(const GanTileAxis *axis, guint k, guint *from, guint *to);

// The input pixels [*from, *to) that tile `k` contributes to; neighbours' overlap by 2 * ramp.
void gan_tile_axis_area(const GanTileAxis *axis, guint k, guint *from, guint *to);

// Fills in the weights of tile `k` for the output pixels of its area, (to - from) * scale of them.
void gan_tile_axis_weights(const GanTileAxis *axis, guint k, guint scale, float *weights);

// A tile of a picture: what it reads, without and with a margin, and what it contributes to; all
// in input pixels.
typedef struct {
    guint i, j; // column and row of tiles
    guint read_x0, read_x1, read_y0, read_y1;
    guint wide_x0, wide_x1, wide_y0, wide_y1;
    guint area_x0, area_x1, area_y0, area_y1;
} GanTile;

void gan_tile_init(GanTile *tile, const GanTileAxis *x, const GanTileAxis *y, guint i, guint j,
                   guint margin);

#endif
