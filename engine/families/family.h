// SPDX-License-Identifier: LGPL-3.0-or-later
// What a generator family is: how its files are recognised and how its network is built.
#ifndef GAN_FAMILY_H
#define GAN_FAMILY_H

#include "nn.h"
#include <gan/model.h>

typedef struct {
    const char *name;  // "srvgg"
    const char *title; // "SRVGGNetCompact"

    // What files are for that do not say it themselves. Of a family that enlarges, those of scale 1
    // restore.
    GanTask task;

    // Returns TRUE when the names and shapes in `weights` are this family's; reads no values.
    // Families are asked in the order of the list in meson.build.
    gboolean (*detect)(const GanWeights *weights);

    // Builds the network over `net` and returns its output, never NULL; errors stick to the net.
    // Fills in what it alone knows of `info`: title (allocated), overlap (0: the reach),
    // n_parameters (0: all tensors of the file), and of the ends kind, name and range, where they
    // are no pictures of 0..1.
    GanNode *(*build)(GanNet *net, const GanModelOptions *options, GanModelInfo *info);

    // Returns TRUE for tensors that files of this family hold though no parameter of the graph has
    // their name: they were folded into others, or are not needed. Any other left-over tensor means
    // that the file is of another family. NULL: there are none.
    gboolean (*spare)(const GanWeights *weights, const char *name);
} GanFamily;

// All families, NULL-terminated, made by the build from its list.
extern const GanFamily *const gan_families[];

// Greatest i + 1 for which a tensor "<prefix><i><suffix>" exists; 0 if none does. Numbers that are
// larger than a file with so few tensors can mean are passed over, so counts are safe to loop over.
guint gan_family_count(const GanWeights *weights, const char *prefix, const char *suffix);

// The pixel-shuffle factor of a last convolution: out = C * s * s with C tried as in, 3, 4, 1.
// 0 if none fits.
guint gan_family_shuffle(gsize out_channels, gsize in_channels);

// Whether a tensor has this full name, and this rank unless that is 0.
gboolean gan_family_has(const GanWeights *weights, const char *name, guint rank);

// Output or input channels of the convolution with this full name, from the shape of its weight.
// Sticks an error to the net and returns 1 where there is none or its size is absurd.
guint gan_family_outputs(GanNet *net, const char *name);
guint gan_family_inputs(GanNet *net, const char *name);

// Sticks GAN_ERROR_SHAPE to the net: the tensor with this full name is not what it should be.
// `wanted`: printf-like, follows "needs ".
void gan_family_fail(GanNet *net, const char *name, const char *wanted, ...) G_GNUC_PRINTF(3, 4);

// gan_conv2d() whose bias the file must have: in a network that was trained with biases a missing
// one is damage, which would otherwise show as wrong colours only.
GanNode *gan_family_conv(GanNet *net, const char *name, GanNode *x, guint out_channels,
                         guint kernel);

#endif
