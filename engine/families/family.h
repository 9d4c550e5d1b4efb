// SPDX-License-Identifier: LGPL-3.0-or-later
// What a generator family is: how its files are recognised and how its network is built.
#ifndef GAN_FAMILY_H
#define GAN_FAMILY_H

#include "nn.h"
#include <gan/model.h>

#define GAN_SIZES_MOST_WIDTHS 16

// What differs between networks of one family: of a file it is read off names and shapes, of a new
// network the recipe says it. A family uses what it has.
typedef struct {
    guint channels_in, channels_out;     // of the first input, and of the output
    guint scale;                         // it enlarges by
    guint features;                      // channels of most of its layers
    guint blocks;                        // residual blocks, or layers
    guint growth;                        // channels that a layer of a dense block adds
    guint size;                          // side of the picture that is made of numbers
    guint unshuffle;                     // the factor by which pixels become channels first
    guint n_ups;                         // steps of upsampling
    guint kernel;                        // side of the first layer's
    guint widths[GAN_SIZES_MOST_WIDTHS]; // channels of the layers, where they follow no rule
    float residual_scale;
    // Of a network that is told the damage: as the quality of JPEG, else as the deviation of noise;
    // and whether it makes the picture itself, as its authors' do, else what is added to one.
    gboolean told_quality, told_bare;
    // Which of the names its files have, and what else they differ in, by enums of the family; 0 is
    // what new networks have.
    guint naming, form;
} GanSizes;

typedef struct {
    const char *name;  // "srvgg"
    const char *title; // what papers and people call it: "Compact"

    // What files are for that do not say it themselves. Of a family that enlarges, those of
    // scale 1 restore.
    GanTask task;

    // The scales that new networks can have, ascending; none: any.
    guint scales[4];

    // Returns TRUE when the names and shapes in `weights` are this family's; reads no values.
    // Families are asked in the order of the list in meson.build.
    gboolean (*recognise)(const GanWeights *weights);

    // Fills in the sizes of a file, gan_net_weights(net); errors stick to the net.
    void (*sizes_of_file)(GanNet *net, const GanModelOptions *options, GanSizes *sizes);

    // Completes the sizes of a new network, which are those of the recipe. NULL: there is
    // nothing to complete.
    // Errors:  GAN_ERROR_FORMAT: the family has no such network; "channels is 1; edsr has 3".
    gboolean (*sizes_of_new)(GanSizes *sizes, GError **error);

    // Fills in what a model of these sizes has of its own: title (allocated), overlap (0: the
    // reach), n_parameters (0: all tensors of the file), and the ends where they are other than one
    // picture of 0..1 with the channels of `sizes`, and one that comes out.
    void (*describe)(const GanSizes *sizes, GanModelInfo *info);

    // Of a plain stack of convolutions of 3x3, "<stack>.0", "<stack>.2", …, with ReLUs or PReLUs
    // between them, as deeper ones of which a new network can begin as a shallower one: its scope,
    // and how many there are beside one for each block. NULL: the family is no such stack.
    const char *stack;
    guint stack_extra;

    // Builds the network over gan_input(net, …) and returns its output, never NULL; errors stick to
    // the net. For running and for training.
    GanNode *(*build)(GanNet *net, const GanSizes *sizes);
} GanFamily;

// All families, NULL-terminated, made by the build from its list.
extern const GanFamily *const gan_families[];

// The family called `name`, or NULL.
const GanFamily *gan_family_find(const char *name);

// Returns what a network that is none of the families is called, "SwinIR", or NULL.
const char *gan_stranger(const GanWeights *weights);

// Whether the tensors are a critic's, which makes no pictures.
gboolean gan_stranger_is_critic(const GanWeights *weights);

// Returns the part of a checkpoint that is a network of the family, else the weights as they are.
// Owner:   the caller gets a reference.
GanWeights *gan_family_part(const GanFamily *family, GanWeights *weights);

// Completes the sizes of a new network.
// Errors:  GAN_ERROR_FORMAT: the family has no such network, the message says which it has; or it
//          takes what nothing gives it in training.
gboolean gan_family_complete(const GanFamily *family, GanSizes *sizes, GError **error);

// Whether a network of these sizes takes a number besides its first input, and what it is.
gboolean gan_family_number(const GanFamily *family, const GanSizes *sizes, GanEnd *number);

// Makes the weights of a new network, by the rules of its authors.
// Errors:  GAN_ERROR_MEMORY.
gboolean gan_family_begin(const GanFamily *family, const GanSizes *sizes, GanParameters *parameters,
                          GRand *random, GError **error);

// Gives the weights of a new network, which are there, such values that it does what a shallower
// network of its family does, or one that is as deep: convolutions that change nothing, and slopes
// of 1, are spread between those of the file.
// Errors:  GAN_ERROR_UNSUPPORTED: the family is none that this is exact for. GAN_ERROR_SHAPE: the
//          file is of another family, or differs in more than its depth, or is deeper.
//          GAN_ERROR_MEMORY, and those of gan_weights_tensor().
// Source:  Chen, Goodfellow, Shlens 2016, Net2Net, arXiv:1511.05641, Net2DeeperNet.
gboolean gan_family_grow(const GanFamily *family, const GanSizes *sizes, GanParameters *parameters,
                         GanWeights *weights, GError **error);

// Appends the network, applied to `x`. Errors stick to the net.
// `number`: of the shape [N,1,1,1]; NULL where the network takes none.
GanNode *gan_family_apply(const GanFamily *family, const GanSizes *sizes, GanNet *net, GanNode *x,
                          GanNode *number);

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

// Sticks an error to the net unless `channels`, those of the convolution with this full name, can
// be a picture's: 1 or 3.
void gan_family_check_colours(GanNet *net, const char *name, guint channels);

// Sticks GAN_ERROR_SHAPE to the net: the tensor with this full name is not what it should be.
// `wanted`: printf-like, follows "needs ".
void gan_family_fail(GanNet *net, const char *name, const char *wanted, ...) G_GNUC_PRINTF(3, 4);

#endif
