// SPDX-License-Identifier: LGPL-3.0-or-later
// The generator of CycleGAN.
//
// Zhu, Park, Isola, Efros, "Unpaired Image-to-Image Translation using
// Cycle-Consistent Adversarial Networks", arXiv:1703.10593;
// junyanz/pytorch-CycleGAN-and-pix2pix, models/networks.py, ResnetGenerator.
//
//   model.1, .2                conv 7x7, mirrored 3 -> f, norm, ReLU
//   model.4, .5                conv 3x3, stride 2 -> 2 f, norm, ReLU
//   model.7, .8                conv 3x3, stride 2 -> 4 f, norm, ReLU
//   model.(10 + I).conv_block  x + norm(conv(ReLU(norm(conv(x))))), 3x3, mirrored    6 or 9 times
//   model.(10 + N), .(11 + N)  transposed conv 3x3, stride 2 -> 2 f, norm, ReLU
//   model.(13 + N), .(14 + N)  the same -> f
//   model.(17 + N)             conv 7x7, mirrored -> 3, tanh
//
// The numbers count modules, so that those of a block tell its padding and whether there was
// dropout in training. Instance norms have no weights. Where a side is no multiple of 4 more comes
// out than goes in, which is cut off.
#include "family.h"

// Instance norms and mirrored blocks without dropout unless these are set.
enum { BATCH_NORM = 1, NO_NORM = 2, DROPOUT = 4, ZEROS = 8, REPLICATE = 16 };

#define FIRST_BLOCK 10u

static gboolean recognise(const GanWeights *weights)
{
    const GanWeightsEntry *first = gan_weights_find(weights, "model.1.weight");
    return first != NULL && first->rank == 4 && first->shape[2] == 7 &&
           (gan_family_has(weights, "model.10.conv_block.1.weight", 4) ||
            gan_family_has(weights, "model.10.conv_block.0.weight", 4));
}

static void sizes_of_file(GanNet *net, const GanModelOptions *options, GanSizes *sizes)
{
    const GanWeights *weights = gan_net_weights(net);
    const gboolean zeros = gan_family_has(weights, "model.10.conv_block.0.weight", 0);
    const guint n = gan_family_count(weights, "model.", ".conv_block.1.weight");
    sizes->blocks =
        MAX(n, gan_family_count(weights, "model.", ".conv_block.0.weight")) - FIRST_BLOCK;
    g_autofree char *last = g_strdup_printf("model.%u", sizes->blocks + 17);
    sizes->channels_in = gan_family_inputs(net, "model.1");
    sizes->channels_out = gan_family_outputs(net, last);
    sizes->features = gan_family_outputs(net, "model.1");
    sizes->scale = 1;
    gan_family_check_colours(net, "model.1", sizes->channels_in);
    gan_family_check_colours(net, last, sizes->channels_out);
    if (zeros)
        sizes->form |= ZEROS;
    else if (g_strcmp0(options->padding, "replicate") == 0)
        sizes->form |= REPLICATE;
    if (gan_family_has(weights,
                       zeros ? "model.10.conv_block.4.weight" : "model.10.conv_block.6.weight", 4))
        sizes->form |= DROPOUT;
    if (gan_family_has(weights, "model.2.weight", 0))
        sizes->form |= BATCH_NORM;
    else if (!gan_family_has(weights, "model.1.bias", 0))
        sizes->form |= NO_NORM;
}

static void describe(const GanSizes *sizes, GanModelInfo *info)
{
    const guint form = sizes->form;
    info->title =
        g_strdup_printf("ResNet generator %u/%u, %s norm%s", sizes->features, sizes->blocks,
                        form & BATCH_NORM ? "batch"
                        : form & NO_NORM  ? "no"
                                          : "instance",
                        form & ZEROS       ? ", zero padding"
                        : form & REPLICATE ? ", replicated padding"
                                           : "");
    info->inputs[0].low = info->output.low = -1;
    info->inputs[0].high = info->output.high = 1;
}

// The norm that is module `number` of the scope. Old files have statistics of instance norms, which
// nothing ever used.
static GanNode *norm(GanNet *net, const GanSizes *sizes, guint number, GanNode *x)
{
    g_autofree char *name = g_strdup_printf("%u", number);
    if (sizes->form & BATCH_NORM)
        return gan_batch_norm(net, name, x);
    if (sizes->form & NO_NORM)
        return x;
    gan_net_spare(net, "%s.running_mean", name);
    gan_net_spare(net, "%s.running_var", name);
    return gan_instance_norm(net, NULL, x);
}

// A convolution, module `number`, and its norm. The norms with weights have the biases.
static GanNode *conv_norm(GanNet *net, const GanSizes *sizes, guint number, GanNode *x,
                          guint channels, guint kernel, GanConv conv)
{
    g_autofree char *name = g_strdup_printf("%u", number);
    conv.no_bias = (sizes->form & (BATCH_NORM | NO_NORM)) != 0;
    GanNode *y = gan_conv2d_with(net, name, x, channels, kernel, conv);
    return norm(net, sizes, number + 1, y);
}

static GanNode *residual_block(GanNet *net, const GanSizes *sizes, GanNode *x)
{
    const guint form = sizes->form, n = x->channels;
    // A block is [pad,] conv, norm, ReLU, [dropout,] [pad,] conv, norm.
    const guint pads = form & ZEROS ? 0 : 1, first = pads,
                second = first + 3 + (form & DROPOUT ? 1 : 0) + pads;
    const GanConv padded = {.pad_mode = form & ZEROS       ? GK_PAD_ZERO
                                        : form & REPLICATE ? GK_PAD_REPLICATE
                                                           : GK_PAD_REFLECT};
    GanNode *y = gan_relu(conv_norm(net, sizes, first, x, n, 3, padded));
    return gan_add(conv_norm(net, sizes, second, y, n, 3, padded), x);
}

static GanNode *up(GanNet *net, const GanSizes *sizes, guint number, GanNode *x)
{
    g_autofree char *name = g_strdup_printf("%u", number);
    const GanConv twice = {
        .stride = 2, .output_pad = 1, .no_bias = (sizes->form & (BATCH_NORM | NO_NORM)) != 0};
    GanNode *y = gan_conv_transpose2d(net, name, x, x->channels / 2, 3, twice);
    return gan_relu(norm(net, sizes, number + 1, y));
}

static GanNode *build(GanNet *net, const GanSizes *sizes)
{
    const guint f = sizes->features, n = sizes->blocks;
    const GanConv mirrored = {.pad_mode = GK_PAD_REFLECT}, half = {.stride = 2};
    gan_initialise_by(net, "normal(std=0.02)", "normal(mean=1,std=0.02)"); // the authors' code
    GanNode *x = gan_input(net, 0);
    gan_push(net, "model");
    GanNode *y = gan_relu(conv_norm(net, sizes, 1, x, f, 7, mirrored));
    y = gan_relu(conv_norm(net, sizes, 4, y, 2 * f, 3, half));
    y = gan_relu(conv_norm(net, sizes, 7, y, 4 * f, 3, half));
    for (guint i = 0; i < n; i++) {
        gan_push(net, "%u.conv_block", FIRST_BLOCK + i);
        y = residual_block(net, sizes, y);
        gan_pop(net);
    }
    y = up(net, sizes, n + 10, y);
    y = up(net, sizes, n + 13, y);
    g_autofree char *last = g_strdup_printf("%u", n + 17);
    y = gan_tanh(gan_conv2d_with(net, last, y, sizes->channels_out, 7, mirrored));
    gan_pop(net);
    return gan_crop_like(y, x, 1);
}

const GanFamily gan_family_resnetgen = {
    .name = "resnetgen",
    .title = "CycleGAN",
    .task = GAN_TASK_STYLE,
    .scales = {1},
    .recognise = recognise,
    .sizes_of_file = sizes_of_file,
    .describe = describe,
    .build = build,
};
