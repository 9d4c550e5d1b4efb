// SPDX-License-Identifier: LGPL-3.0-or-later
// A generator: a network of a known family with its weights, independent of device
// and picture size.
#ifndef GAN_MODEL_H
#define GAN_MODEL_H

#include <gan/device.h>
#include <gan/sight.h>
#include <gan/task.h>
#include <gan/weights.h>

G_BEGIN_DECLS

typedef struct GanModel GanModel;

// What the state dict cannot tell. A zeroed member means what the file's metadata say under the
// member's name (safetensors), else "as the family guesses".
typedef struct {
    const char *activation; // SRVGGNetCompact without PReLU: "relu" or "leakyrelu"
    double residual_scale;  // EDSR: 1 for the small network, 0.1 for the large one
    const char *padding;    // ResNet generator: "reflect", or "replicate" in its blocks
    guint scale;            // RRDBNet with old names and one upsampling: 3 where it is not 2
} GanModelOptions;

// Returns what papers and people call a family: "ESRGAN" for "rrdb". NULL: there is none such.
// `family`: or NULL, as of a file that cannot be used.
const char *gan_family_title(const char *family);

// Reads `path`, recognises its family from names and shapes, and builds the network.
// `options`: NULL for none.
// Errors:  gan_weights_open()'s. GAN_ERROR_UNKNOWN: no family fits; the message says
//          what was found.
//          GAN_ERROR_SHAPE: a tensor has another shape than the family needs; the message names it.
//          GAN_ERROR_ARGUMENT: an option has no such value.
GanModel *gan_model_load(const char *path, const GanModelOptions *options, GError **error);

// The same from an open state dict.
// Owner:   keeps a reference to weights.
GanModel *gan_model_new(GanWeights *weights, const GanModelOptions *options, GError **error);

// Interpolates every tensor, (1 - t) * a + t * b, of two files of one architecture
// ("network interpolation").
// Errors:  GAN_ERROR_SHAPE: the architectures differ; the message says where. GAN_ERROR_ARGUMENT: t
//          is not in 0..1. gan_model_load()'s.
// Source:  Wang et al. 2018, arXiv:1809.00219, section 3.4.
GanModel *gan_model_blend(GanWeights *a, GanWeights *b, double t, const GanModelOptions *options,
                          GError **error);

GanModel *gan_model_ref(GanModel *model);
void gan_model_unref(GanModel *model); // accepts NULL
G_DEFINE_AUTOPTR_CLEANUP_FUNC(GanModel, gan_model_unref)

// What goes into a model or comes out of it.
typedef enum {
    GAN_END_PICTURE, // colours, or luma alone
    GAN_END_MASK,    // one channel: high where the picture is to be made anew
    GAN_END_STYLE,   // a picture whose style is taken
    GAN_END_LATENT,  // random numbers, a vector; those of a class, if there are any, follow them
    GAN_END_NUMBER,  // one setting, such as the strength of the noise
} GanEndKind;

typedef struct {
    GanEndKind kind;
    const char *name; // of a number: "noise", "quality"; else NULL
    guint channels;
    float low, high; // what black and white are, or the least and most of a number
    // Of a number: where the model's authors would leave it. Less than `low`: the network finds it.
    float initial;
} GanEnd;

#define GAN_MODEL_MAX_INPUTS 4

typedef struct {
    const char *family; // "srvgg", "rrdb", …
    const char *title;  // "SRVGGNetCompact 64/16, PReLU"
    GanTask task;       // what the file says under "task", else what its family is for
    guint n_inputs;
    GanEnd inputs[GAN_MODEL_MAX_INPUTS]; // in the order in which the network takes them
    GanEnd output;
    double scale;    // output pixels per pixel of the first input, in each direction: 4, 1, 0.5
    GanSight sight;  // statistics: tiled in passes, the result is the whole picture's all the same
    guint alignment; // tiles begin at multiples of this many input pixels
    guint reach;     // input pixels around a tile that its exact output depends on
    guint overlap;   // border that tiles are read with: the reach, or less where tiles are blended
    gboolean exact_tiles; // overlap >= reach: tiled output equals untiled output
    guint64 n_parameters;
    double flops_per_pixel; // per input pixel, direct formula
} GanModelInfo;

// Owner:   the model.
const GanModelInfo *gan_model_info(const GanModel *model);
GanWeights *gan_model_weights(const GanModel *model); // borrowed; of a blend, its first file

// Looks through all weights for numbers that are none: a training that failed leaves them, and the
// network then makes black pictures.
// Errors:  GAN_ERROR_FORMAT: there is one.
gboolean gan_model_check_numbers(const GanModel *model, GError **error);

// Runs the whole network over one dense NHWC batch in memory, without tiles. The memory of the last
// shape is kept for the next call of that shape.
// Shape:   in [N,H,W,C] of the first input; numbers besides it are what their ends say at first. The
//          result is [N, H*scale, W*scale, C] of the output.
// Units:   low..high of the ends, not clamped.
// Owner:   the caller gets a new reference.
// Errors:  GAN_ERROR_SHAPE, GAN_ERROR_MEMORY, GAN_ERROR_DEVICE, GAN_ERROR_UNSUPPORTED.
GanTensor *gan_model_run(GanModel *model, GanDevice *device, GanTensor *in, GError **error);

// The same with all inputs: pictures of one size, numbers as [1,1,1,C].
GanTensor *gan_model_run_all(GanModel *model, GanDevice *device, GanTensor *const *in,
                             GError **error);

G_END_DECLS
#endif
