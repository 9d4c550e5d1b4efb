// SPDX-License-Identifier: LGPL-3.0-or-later
// What a generator family is: how its files are recognised and how its network is built.
#ifndef GAN_FAMILY_H
#define GAN_FAMILY_H

#include "nn.h"
#include <gan/model.h>

typedef struct {
    const char *name;  // "srvgg"
    const char *title; // "SRVGGNetCompact"

    // Returns TRUE when the names and shapes in `weights` are this family's; reads no values.
    // Families are asked in the order of the list in meson.build.
    gboolean (*detect)(const GanWeights *weights);

    // Builds the network over `net` and returns its output; errors stick to the net. Fills in what
    // it knows of `info`: title (allocated), scale, channels, range, overlap (0: the reach).
    GanNode *(*build)(GanNet *net, const GanModelOptions *options, GanModelInfo *info);
} GanFamily;

// All families, NULL-terminated, made by the build from its list.
extern const GanFamily *const gan_families[];

// Greatest i + 1 for which a tensor "<prefix><i><suffix>" exists; 0 if none does.
guint gan_family_count(const GanWeights *weights, const char *prefix, const char *suffix);

// The pixel-shuffle factor of a last convolution: out = C * s * s with C tried as in, 3, 4, 1. 0 if
// none fits.
guint gan_family_shuffle(gsize out_channels, gsize in_channels);

#endif
