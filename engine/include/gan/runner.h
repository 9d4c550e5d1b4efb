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

// Predicts a run over a width x height picture.
// `measure`: time one small tile for `seconds` (takes < 1 s the first time; the runner remembers).
// Errors:  GAN_ERROR_MEMORY: no tile fits into the budget; the message says what the least is.
gboolean gan_runner_estimate(GanRunner *runner, guint width, guint height, gboolean measure,
                             GanEstimate *estimate, GError **error);

// Where an input of the network comes from; one for each of the model's, in their order. All
// buffers show the same place: they have the extent of the first.
typedef struct {
    GeglBuffer *buffer; // of a picture or a mask, in any Babl format; borrowed
    double number;      // of a number, in the model's range
} GanSource;

// What becomes of the network's output. A composer writes to a buffer, whose (0, 0) is the corner
// of the area that is worked on; pixels outside the result stay.
typedef struct GanComposer GanComposer;
void gan_composer_free(GanComposer *composer); // accepts NULL
G_DEFINE_AUTOPTR_CLEANUP_FUNC(GanComposer, gan_composer_free)

// The result is as many times as large as the model makes it. Alpha is scaled apart by a cubic
// resampler, and so are the colours of a network of luma.
// Owner:   all composers keep a reference to out, and to mask.
GanComposer *gan_composer_enlarge(GeglBuffer *out);

// The result has the input's size: `strength`, 0..1, of the way from the input to what the network
// makes of it. Alpha is the input's, and pixels of alpha 0 keep their bytes where `out` has the
// input's format, as all do for a strength of 0.
GanComposer *gan_composer_replace(GeglBuffer *out, double strength);

// The result is the network's where `mask` ("Y float" of the size of the result) is 1, the input
// where it is 0 and farther than `feather` pixels from all that is 0.5 at least, and in between a
// smooth mixture. The input's pixels keep their bytes where `out` has its format.
// Errors:  GAN_ERROR_MEMORY.
GanComposer *gan_composer_repaint(GeglBuffer *out, GeglBuffer *mask, double feather,
                                  GError **error);

// Runs the network over `area` of the sources and has `composer` put the result
// together, tile by tile.
// Units:   the network sees R'G'B' (or Y') in the primaries of each picture, so that integers of any
//          profile lie in the range of its ends: numbers as they are where their curve is for the
//          eye, light along sRGB's curve; straight alpha; colour is bled under transparent pixels
//          first. Numbers of a float picture beyond 0..1 are brought near
//          to it and back after: above 1, v becomes 1 + ln(1 + 4 (v - 1)) / 4, below 0,
//          -ln(1 - 10 v) / 10. NaN, infinities and what is beyond 128 in that curve, which is light
//          100000 times white, are shown as what is around them, channel by channel, and stand in a
//          float result where they were, each as large as its pixel became.
// Owner:   borrows sources and composer for the call; a composer serves one run. Its buffer is not
//          one of the sources'.
// Errors:  GAN_ERROR_MEMORY, GAN_ERROR_DEVICE. G_IO_ERROR_CANCELLED.
//          On error the composer's buffer keeps the tiles already finished.
// Threads: one call per runner at a time; `progress` runs on the calling thread, may be NULL.
gboolean gan_runner_run(GanRunner *runner, const GanSource *sources, const GeglRectangle *area,
                        GanComposer *composer, GanProgress progress, gpointer data, GError **error);

// Returns how long all runs so far have computed, or waited for a GPU that did, in seconds. The
// rest of their time went into reading, converting and writing pixels.
double gan_runner_network_seconds(const GanRunner *runner);

G_END_DECLS
#endif
