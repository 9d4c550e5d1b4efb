// SPDX-License-Identifier: LGPL-3.0-or-later
// Writes the rows that a composer puts together. Where tiles are blended, the last rows of a
// tile and the last pixels of its rows are complete only with the next tile; what is missing
// is carried there.
#ifndef GAN_ROWS_H
#define GAN_ROWS_H

#include "composer.h"
#include "pixels.h"

typedef struct {
    GanComposer *composer;
    const GanTileAxis *x, *y; // borrowed
    GanPixels writer;
    guint scale, n_channels;
    float *carry_right;  // blended tiles: weighted results that the next tile in the row completes
    float *carry_bottom; // and the next row of tiles
} GanRows;

// Sets up for a run of tiles from left to right and from top to bottom.
// Errors:  GAN_ERROR_MEMORY.
gboolean gan_rows_init(GanRows *rows, GanComposer *composer, const GanTileAxis *x,
                       const GanTileAxis *y, guint scale, guint n_colours, gboolean alpha,
                       const Babl *seen, GError **error);
void gan_rows_clear(GanRows *rows);

// Writes a tile, the next one in order.
// Errors:  GAN_ERROR_MEMORY.
gboolean gan_rows_write(GanRows *rows, const GanTileResult *result, GError **error);

#endif
