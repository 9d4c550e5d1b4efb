// SPDX-License-Identifier: LGPL-3.0-or-later
// The image transformation network of fast style transfer: one style in one network.
//
// Johnson, Alahi, Fei-Fei, "Perceptual Losses for Real-Time Style Transfer and Super-Resolution",
// arXiv:1603.08155; with instance norm: Ulyanov, Vedaldi, Lempitsky, arXiv:1607.08022;
// pytorch/examples, fast_neural_style/neural_style/transformer_net.py.
//
//   conv1, in1              9x9 3 -> f, ReLU
//   conv2, in2              3x3, stride 2 -> 2 f, ReLU
//   conv3, in3              3x3, stride 2 -> 4 f, ReLU
//   resI                    x + in2(conv2(ReLU(in1(conv1(x))))), 3x3                 5 times
//   deconv1, in4            of the nearest enlargement by 2, 3x3 -> 2 f, ReLU
//   deconv2, in5            of the nearest enlargement by 2, 3x3 -> f, ReLU
//   deconv3                 9x9 -> 3
//
// All paddings mirror; f is 32. White is 255 on both sides. Where a side is no multiple of 4 more
// comes out than goes in, which is cut off.
#include "family.h"

#define WHITE 255

static gboolean recognise(const GanWeights *weights)
{
    return gan_family_has(weights, "conv1.conv2d.weight", 4) &&
           gan_family_has(weights, "res1.in1.weight", 1) &&
           gan_family_has(weights, "deconv3.conv2d.weight", 4);
}

static void sizes_of_file(GanNet *net, const GanModelOptions *options, GanSizes *sizes)
{
    sizes->channels_in = gan_family_inputs(net, "conv1.conv2d");
    sizes->channels_out = gan_family_outputs(net, "deconv3.conv2d");
    sizes->scale = 1;
    gan_family_check_colours(net, "conv1.conv2d", sizes->channels_in);
    gan_family_check_colours(net, "deconv3.conv2d", sizes->channels_out);
    sizes->features = gan_family_outputs(net, "conv1.conv2d");
    sizes->blocks =
        gan_family_count(gan_net_weights(net), "res", ".conv1.conv2d.weight") - 1; // from 1
}

static void describe(const GanSizes *sizes, GanModelInfo *info)
{
    info->title = g_strdup_printf("TransformerNet %u/%u", sizes->features, sizes->blocks);
    info->inputs[0].high = info->output.high = WHITE;
}

static GanNode *conv_layer(GanNet *net, const char *name, GanNode *x, guint channels, guint kernel,
                           guint stride)
{
    g_autofree char *conv2d = g_strconcat(name, ".conv2d", NULL);
    const GanConv mirrored = {.stride = stride, .pad_mode = GK_PAD_REFLECT};
    return gan_conv2d_with(net, conv2d, x, channels, kernel, mirrored);
}

// Files of old versions of PyTorch have running statistics that nothing ever used.
static GanNode *norm(GanNet *net, const char *name, GanNode *x)
{
    gan_net_spare(net, "%s.running_mean", name);
    gan_net_spare(net, "%s.running_var", name);
    return gan_instance_norm(net, name, x);
}

static GanNode *residual_block(GanNet *net, GanNode *x)
{
    GanNode *y = gan_relu(norm(net, "in1", conv_layer(net, "conv1", x, x->channels, 3, 1)));
    return gan_add(norm(net, "in2", conv_layer(net, "conv2", y, x->channels, 3, 1)), x);
}

static GanNode *build(GanNet *net, const GanSizes *sizes)
{
    const guint f = sizes->features;
    GanNode *x = gan_input(net, 0);
    GanNode *y = gan_relu(norm(net, "in1", conv_layer(net, "conv1", x, f, 9, 1)));
    y = gan_relu(norm(net, "in2", conv_layer(net, "conv2", y, 2 * f, 3, 2)));
    y = gan_relu(norm(net, "in3", conv_layer(net, "conv3", y, 4 * f, 3, 2)));
    for (guint i = 1; i <= sizes->blocks; i++) {
        gan_push(net, "res%u", i);
        y = residual_block(net, y);
        gan_pop(net);
    }
    y = conv_layer(net, "deconv1", gan_upsample_nearest(y, 2), 2 * f, 3, 1);
    y = gan_relu(norm(net, "in4", y));
    y = conv_layer(net, "deconv2", gan_upsample_nearest(y, 2), f, 3, 1);
    y = gan_relu(norm(net, "in5", y));
    return gan_crop_like(conv_layer(net, "deconv3", y, sizes->channels_out, 9, 1), x, 1);
}

const GanFamily gan_family_transformernet = {
    .name = "transformernet",
    .title = "fast style transfer",
    .task = GAN_TASK_STYLE,
    .scales = {1},
    .recognise = recognise,
    .sizes_of_file = sizes_of_file,
    .describe = describe,
    .build = build,
};
