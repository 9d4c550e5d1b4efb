// SPDX-License-Identifier: LGPL-3.0-or-later
// Runs a model over a picture of any size, tile by tile, in bounded memory.
#ifndef GAN_RUNNER_H
#define GAN_RUNNER_H

#include <gan/model.h>
#include <gegl.h>

G_BEGIN_DECLS

typedef struct GanRunner GanRunner;

// Called on the calling thread many times in each tile with the finished part, 0..1.
// Returning FALSE cancels.
typedef gboolean (*GanProgress)(double fraction, gpointer data);

typedef struct {
    guint64 memory_bytes; // for the run, on a GPU and off it each; 0: half of what is free
    guint tile;           // input pixels of a tile's side without its border; 0: as memory allows
} GanRunnerOptions;

// `options`: NULL for the defaults.
// Owner:   keeps references to model and device.
GanRunner *gan_runner_new(GanModel *model, GanDevice *device, const GanRunnerOptions *options,
                          GError **error);
void gan_runner_free(GanRunner *runner); // accepts NULL
G_DEFINE_AUTOPTR_CLEANUP_FUNC(GanRunner, gan_runner_free)

typedef struct {
    guint tile_width, tile_height; // input pixels without border
    guint n_tiles;
    guint64 memory_bytes; // predicted peak of the run: tile buffers, and without a GPU what follows
    guint64 gpu_bytes;    // arena, packed weights, scratch, both ends of tiles; 0 without a GPU
    double flops;         // direct formula, borders included
    double seconds;       // predicted from a short measurement of this device; 0 when not measured
} GanEstimate;

// Predicts a run over a width x height picture. `measure`: time one small tile for `seconds` (takes
// < 1 s the first time; the runner remembers).
// Errors:  GAN_ERROR_MEMORY: no tile fits into the budget; the message says what the least is.
gboolean gan_runner_estimate(GanRunner *runner, guint width, guint height, gboolean measure,
                             GanEstimate *estimate, GError **error);

// Runs the network over `area` of `in` and writes `out`.
// Shape:   out covers area's size times the model's scale, from its own (0, 0); other pixels stay.
// Units:   any Babl format; the network sees R'G'B' (or Y') float in sRGB primaries, 0..1,
//          straight alpha; colour is bled under transparent pixels first, alpha is scaled apart by
//          a cubic resampler.
// Owner:   borrows in and out for the call.
// Errors:  GAN_ERROR_MEMORY, GAN_ERROR_DEVICE. G_IO_ERROR_CANCELLED.
//          On error `out` keeps the tiles already finished.
// Threads: one call per runner at a time; `progress` runs on the calling thread, may be NULL.
gboolean gan_runner_run(GanRunner *runner, GeglBuffer *in, const GeglRectangle *area,
                        GeglBuffer *out, GanProgress progress, gpointer data, GError **error);

// Returns how long all runs so far have computed, or waited for a GPU that did, in seconds. The
// rest of their time went into reading, converting and writing pixels.
double gan_runner_network_seconds(const GanRunner *runner);

G_END_DECLS
#endif
