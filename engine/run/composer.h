// SPDX-License-Identifier: LGPL-3.0-or-later
// What becomes of a network's output: the rows of a finished picture. One file in compose/ a way.
//
// A finished pixel is base + weight * (made - base). The base is what the picture would be without
// the network, `made` what the network makes of it: its colours, or, of a network of luma, the base
// with the luma changed. Alpha is the base's.
#ifndef GAN_COMPOSER_H
#define GAN_COMPOSER_H

#include "tiles.h"
#include <gan/runner.h>

// A tile that the network has computed.
typedef struct {
    const GanTile *tile;
    guint width, height; // of the whole picture, in input pixels
    guint scale;         // output pixels per input pixel
    guint n_colours;     // of `pixels` and of finished rows: 1 or 3
    gboolean alpha;      // of both; one more channel, the last
    const float *pixels; // the tile with its margin, n_colours + alpha channels
    gboolean beyond;     // some of them lay beyond 0..1 (range.h)
    const float *net;    // what the network gave for what the tile reads, dense
    const GanEnd *end;   // its channels and their range
} GanTileResult;

struct GanComposer {
    GeglBuffer *out;
    gboolean enlarges; // FALSE: the output has the input's size, whatever the model's scale is

    // Input pixels around what a tile reads that the base depends on.
    guint (*margin)(const GanComposer *composer, gboolean alpha, gboolean luma);

    // Makes what the rows of a tile need; the rows of the tile before are finished. May be NULL.
    gboolean (*begin)(GanComposer *composer, const GanTileResult *result, GError **error);

    // Returns the base of row `y` of the tile's area, in its width; may lie in memory of `worker`'s
    // that begin() made. NULL: there is none; the network makes all channels.
    const float *(*base)(GanComposer *composer, const GanTileResult *result, guint y, guint worker);

    // Returns the weights of that row, one a pixel. No function, or NULL: all are `weight`.
    const float *(*weights)(GanComposer *composer, const GanTileResult *result, guint y,
                            guint worker);
    float weight;

    // After the last tile: `in` is the picture, of which `area` was worked on. May be NULL.
    gboolean (*finish)(GanComposer *composer, GeglBuffer *in, const GeglRectangle *area,
                       GError **error);
    void (*free)(GanComposer *composer);
};

// Puts row `y` of the tile's area together. Returns n_colours + alpha channels a pixel, which may
// lie in `row`.
// Threads: any; no two rows with the same `worker` at once.
const float *gan_composer_row(GanComposer *composer, const GanTileResult *result, guint y,
                              guint worker, float *row);

// The row of the input's own pixels that stands at row `y` of the area, copied close together into
// `row`: the base of composers that keep the size.
void gan_composer_input_row(const GanTileResult *result, guint y, float *row);

#endif
