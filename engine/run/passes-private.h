// SPDX-License-Identifier: LGPL-3.0-or-later
// What passes.c, which knows all segments, and sweep.c, which takes one over all tiles, share.
#ifndef GAN_PASSES_PRIVATE_H
#define GAN_PASSES_PRIVATE_H

#include "passes.h"

#include <segments.h>

// One segment of the network.
typedef struct {
    const GanSegment *segment;
    GanProgram *program;
    guint reach; // in pixels of the picture
} GanPass;

struct GanPasses {
    GanModel *model; // borrowed
    const GanModelInfo *info;
    const GanGraph *graph;
    GanDevice *device;
    GanWorkspace *workspace;
    GanGeometry *rows; // by node of the graph
    GPtrArray *segments;
    GanPass *passes;
    guint n;
};

// One run: what lies between its passes, each by node of the graph.
typedef struct {
    GanPasses *passes;
    const GanPassesRun *run;
    GanShape *full;     // of the whole picture
    GeglBuffer **kept;  // values with pixels
    float **vectors;    // moments, and kept values without pixels
    double done, share; // finished part of the run, and that of the pass, then of the tile, at work
    gboolean overflowed; // moments are no numbers: values left the range of the device's type
} GanPassesWork;

// The part of a value that stands where pixels [x0, x1) x [y0, y1) of the picture are.
typedef struct {
    gsize x, y, w, h;
} GanPart;

// Returns the part of the value of node `id`; beyond the last whole pixel of the picture a value
// has what its network gave it.
// Shape:   full is the value's of the whole picture; area is x0, x1, y0, y1.
GanPart gan_passes_part(const GanPasses *passes, guint id, const GanShape *full,
                        const guint area[4], guint width, guint height);

// Fills in the shapes of a segment's inputs for the tile that reads `area`.
void gan_passes_input_shapes(const GanPasses *passes, const GanSegment *segment,
                             const GanShape *full, const guint area[4], guint width, guint height,
                             GanShape *shapes);

// Cuts the picture into a pass's tiles.
void gan_passes_cut(const GanPasses *passes, const GanPass *pass, guint width, guint height,
                    guint tile, GanTileAxis *x, GanTileAxis *y);

guint64 gan_passes_length(const GanShape *shape);

// Takes a pass over all tiles: its outputs and moments go into `work`, or those of the `last` to
// the composer.
// Errors:  gan_runner_run()'s.
gboolean gan_sweep(GanPassesWork *work, const GanPass *pass, gboolean last, GError **error);

#endif
