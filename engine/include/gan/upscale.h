// SPDX-License-Identifier: LGPL-3.0-or-later
// The upscale task: any factor or exact size from a model of a fixed scale.
#ifndef GAN_UPSCALE_H
#define GAN_UPSCALE_H

#include <gan/runner.h>

G_BEGIN_DECLS

typedef struct {
    double factor;       // 0.5..16; ignored when width and height are set
    guint width, height; // exact size in pixels; 0: from factor
    // Alpha as a grey picture through the network, which takes as long again, rather than by a
    // cubic.
    gboolean network_alpha;
    // Alpha is one more channel of data, as in textures: colours are enlarged as they are, also where
    // it is 0, and it goes through the network apart, which takes as long again.
    gboolean data_alpha;
} GanUpscaleOptions;

// What will be done: `passes` runs of the network, then a resample when the size differs.
typedef struct {
    guint passes;
    guint width, height; // of the result
    gboolean resample;
    guint64 memory_bytes; // predicted peak
    guint64 gpu_bytes;    // of a GPU's memory; 0 without one
    double seconds;       // predicted; 0 when not measured
} GanUpscalePlan;

// Plans the upscaling of a width x height picture.
// Errors:  GAN_ERROR_ARGUMENT: factor or size out of range. GAN_ERROR_MEMORY.
gboolean gan_upscale_plan(GanRunner *runner, guint width, guint height,
                          const GanUpscaleOptions *options, gboolean measure, GanUpscalePlan *plan,
                          GError **error);

// Upscales `in` and returns a new buffer in `in`'s own Babl format and space, its corner at (0, 0).
// Colours of a palette go through the network as R'G'B' and come back as the palette's nearest.
// Owner:   the caller gets the buffer.
// Errors:  gan_upscale_plan()'s, gan_runner_run()'s.
GeglBuffer *gan_upscale(GanRunner *runner, GeglBuffer *in, const GanUpscaleOptions *options,
                        GanProgress progress, gpointer data, GError **error);

G_END_DECLS
#endif
