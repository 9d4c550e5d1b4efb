// SPDX-License-Identifier: LGPL-3.0-or-later
// Runs a network with norms over the whole picture tile by tile: one pass over all tiles for each
// of its segments. Values between segments are GeglBuffers, whose tiles GEGL moves to its swap
// file; moments are merged in double precision. The result is that of the whole picture at once.
#ifndef GAN_PASSES_H
#define GAN_PASSES_H

#include "composer.h"
#include "source.h"
#include <model-private.h>

typedef struct GanPasses GanPasses;

// Cuts the network of a model whose sight is statistics.
// Owner:   borrows the model; keeps references to device and workspace.
// Errors:  GAN_ERROR_UNSUPPORTED: it cannot be cut. GAN_ERROR_MEMORY.
GanPasses *gan_passes_new(GanModel *model, GanDevice *device, GanWorkspace *workspace,
                          GError **error);
void gan_passes_free(GanPasses *passes); // accepts NULL
G_DEFINE_AUTOPTR_CLEANUP_FUNC(GanPasses, gan_passes_free)

// Predicts a run over a width x height picture with tiles of `tile` input pixels: memory, tiles of
// all passes, flops.
gboolean gan_passes_estimate(GanPasses *passes, guint width, guint height, guint tile,
                             GanEstimate *estimate, GError **error);

typedef struct {
    const GanReader *reader;
    GanComposer *composer;
    guint width, height, tile;
    GanProgress progress;
    gpointer data;
    gint64 *network_us; // counts what is spent in the network
} GanPassesRun;

// Errors:  gan_runner_run()'s.
gboolean gan_passes_run(GanPasses *passes, const GanPassesRun *run, GError **error);

#endif
