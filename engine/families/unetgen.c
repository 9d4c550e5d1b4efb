// SPDX-License-Identifier: LGPL-3.0-or-later
// The generator of pix2pix, a U-Net.
//
// Isola, Zhu, Zhou, Efros, "Image-to-Image Translation with Conditional Adversarial Networks",
// arXiv:1611.07004; junyanz/pytorch-CycleGAN-and-pix2pix, models/networks.py, UnetGenerator.
//
//                    outermost             middle                       innermost
//   down, 4x4 by 2   model.0               leaky ReLU, model.1          leaky ReLU, model.1
//   norm                                   model.2
//   what is inside   model.1               model.3
//   up, 4x4 by 2     ReLU, model.3, tanh   ReLU, model.5                ReLU, model.3
//   norm                                   model.6                      model.4
//   result                                 its input and that           its input and that
//
// f, 2 f, 4 f, 8 f, 8 f ... channels; 8 levels for pictures of 256 pixels, 7 for 128. Slope 0.2.
// Sides have to be multiples of 2^levels: the picture is mirrored to that and cut again. Instance
// norms have no weights.
#include "family.h"

#define SLOPE 0.2f
#define MOST_WIDE 8u
#define MOST_LEVELS 12u

// Batch norms unless these are set.
enum { INSTANCE_NORM = 1, NO_NORM = 2 };

static gboolean recognise(const GanWeights *weights)
{
    return gan_family_has(weights, "model.model.0.weight", 4) &&
           gan_family_has(weights, "model.model.1.model.1.weight", 4);
}

static void sizes_of_file(GanNet *net, const GanModelOptions *options, GanSizes *sizes)
{
    const GanWeights *weights = gan_net_weights(net);
    g_autoptr(GString) scope = g_string_new("model.model.1");
    sizes->channels_in = gan_family_inputs(net, "model.model.0");
    sizes->channels_out = gan_family_inputs(net, "model.model.3"); // transposed: [in, out]
    sizes->features = gan_family_outputs(net, "model.model.0");
    sizes->scale = 1;
    gan_family_check_colours(net, "model.model.0", sizes->channels_in);
    gan_family_check_colours(net, "model.model.3", sizes->channels_out);
    // Of two levels the inner one has but the norm behind its way up.
    if (!gan_family_has(weights, "model.model.1.model.2.weight", 1) &&
        !gan_family_has(weights, "model.model.1.model.4.weight", 1))
        sizes->form = gan_family_has(weights, "model.model.0.bias", 0) ? INSTANCE_NORM : NO_NORM;
    for (sizes->blocks = 1; sizes->blocks <= MOST_LEVELS; sizes->blocks++) {
        g_autofree char *down = g_strconcat(scope->str, ".model.1.weight", NULL);
        if (!gan_family_has(weights, down, 4))
            return;
        g_string_append(scope, ".model.3");
    }
    gan_family_fail(net, "model.model.0.weight", "at most %u levels below it", MOST_LEVELS - 1);
}

static gboolean sizes_of_new(GanSizes *sizes, GError **error)
{
    if (sizes->blocks >= 2 && sizes->blocks <= MOST_LEVELS)
        return TRUE;
    g_set_error(error, GAN_ERROR, GAN_ERROR_FORMAT, "blocks is %u; unetgen has 2 to %u levels",
                sizes->blocks, MOST_LEVELS);
    return FALSE;
}

static void describe(const GanSizes *sizes, GanModelInfo *info)
{
    info->title =
        g_strdup_printf("U-Net generator %u, %u levels, %s norm", sizes->features, sizes->blocks,
                        sizes->form & INSTANCE_NORM ? "instance"
                        : sizes->form & NO_NORM     ? "no"
                                                    : "batch");
    info->inputs[0].low = info->output.low = -1;
    info->inputs[0].high = info->output.high = 1;
}

static GanNode *norm(GanNet *net, const GanSizes *sizes, const char *name, GanNode *x)
{
    return sizes->form & INSTANCE_NORM ? gan_instance_norm(net, NULL, x)
           : sizes->form & NO_NORM     ? x
                                       : gan_batch_norm(net, name, x);
}

static GanNode *block(GanNet *net, const GanSizes *sizes, guint level, GanNode *x)
{
    const gboolean outermost = level == 0, innermost = level + 1 == sizes->blocks;
    const GanConv half = {.stride = 2, .no_bias = !(sizes->form & INSTANCE_NORM)};
    const GanConv twice = {.stride = 2, .no_bias = half.no_bias && !outermost};
    const guint channels = sizes->features * MIN(1u << level, MOST_WIDE);
    gan_push(net, "model");
    GanNode *y = gan_conv2d_with(net, outermost ? "0" : "1", outermost ? x : gan_lrelu(x, SLOPE),
                                 channels, 4, half);
    if (!outermost && !innermost)
        y = norm(net, sizes, "2", y);
    if (!innermost) {
        gan_push(net, outermost ? "1" : "3");
        y = block(net, sizes, level + 1, y);
        gan_pop(net);
    }
    y = gan_conv_transpose2d(net, outermost || innermost ? "3" : "5", gan_relu(y),
                             outermost ? sizes->channels_out : x->channels, 4, twice);
    if (!outermost)
        y = norm(net, sizes, innermost ? "4" : "6", y);
    gan_pop(net);
    GanNode *both[] = {x, y};
    return outermost ? gan_tanh(y) : gan_concat(both, 2);
}

static GanNode *build(GanNet *net, const GanSizes *sizes)
{
    gan_initialise_by(net, "normal(std=0.02)", "normal(mean=1,std=0.02)"); // the authors' code
    GanNode *x = gan_input(net, 0);
    GanNode *padded = gan_pad_to_multiple(x, 1u << sizes->blocks, GK_PAD_REFLECT);
    gan_push(net, "model");
    GanNode *y = block(net, sizes, 0, padded);
    gan_pop(net);
    return gan_crop_like(y, x, 1);
}

const GanFamily gan_family_unetgen = {
    .name = "unetgen",
    .title = "pix2pix",
    .task = GAN_TASK_STYLE,
    .scales = {1},
    .recognise = recognise,
    .sizes_of_file = sizes_of_file,
    .sizes_of_new = sizes_of_new,
    .describe = describe,
    .build = build,
};
