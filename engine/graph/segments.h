// SPDX-License-Identifier: LGPL-3.0-or-later
// A network with norms over the whole picture, cut where their moments are taken, so that it can be
// run tile by tile: a segment at a time over all tiles. What lies between segments is kept for the
// whole picture, and so are the moments, which are complete only after the segment's last tile.
#ifndef GAN_SEGMENTS_H
#define GAN_SEGMENTS_H

#include "graph.h"

typedef struct {
    guint node;     // in the network
    gboolean kept;  // a later segment reads it
    gboolean final; // the network's output
    guint *moments; // nodes of the network that are moments of it, n_moments of them
    guint n_moments;
} GanSegmentOutput;

typedef struct {
    GanGraph *graph; // local, or at the end the network's own output
    guint *inputs;   // nodes of the network that the graph's inputs stand for, in their order: its
                     // own inputs, kept values and moments
    guint n_inputs;
    GanSegmentOutput *outputs; // of the graph, in its order
    guint n_outputs;
    guint *dropped; // kept values that nobody reads after this segment
    guint n_dropped;
} GanSegment;

// Cuts a graph whose output has the sight GAN_SIGHT_STATISTICS.
// Owner:   the caller frees the array of GanSegment with g_ptr_array_unref(); parameters are
//          shared.
// Errors:  GAN_ERROR_UNSUPPORTED: something but moments looks at the whole picture; the message
//          names it. GAN_ERROR_MEMORY.
GPtrArray *gan_graph_segments(const GanGraph *graph, GError **error);

#endif
