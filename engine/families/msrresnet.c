// SPDX-License-Identifier: LGPL-3.0-or-later
// MSRResNet, SRResNet without batch norm, as BasicSR trains it.
//
// Ledig et al., "Photo-Realistic Single Image Super-Resolution Using a Generative Adversarial
// Network", arXiv:1609.04802, changed as in Wang et al., arXiv:1809.00219; the network: BasicSR,
// basicsr/archs/srresnet_arch.py.
//
//   conv_first                       in -> f, leaky ReLU
//   body.I.conv1, body.I.conv2       x + conv2(ReLU(conv1(x)))
//   upconv1 (, upconv2 for x4)       f -> f s^2, pixel shuffle s, leaky ReLU; s = 3 for x3, else 2
//   conv_hr                          f -> f, leaky ReLU
//   conv_last                        f -> out
//   + the input, bilinearly enlarged
//
// All leaky slopes are 0.1.
#include "family.h"

#define SLOPE 0.1f

static gboolean recognise(const GanWeights *weights)
{
    return gan_family_has(weights, "conv_first.weight", 4) &&
           gan_family_has(weights, "body.0.conv1.weight", 4) &&
           gan_family_has(weights, "upconv1.weight", 4) &&
           gan_family_has(weights, "conv_hr.weight", 4);
}

static GanNode *residual_block(GanNet *net, GanNode *x)
{
    GanNode *y = gan_relu(gan_conv2d(net, "conv1", x, x->channels, 3));
    return gan_add(gan_conv2d(net, "conv2", y, x->channels, 3), x);
}

static GanNode *upconv(GanNet *net, const char *name, GanNode *x, guint scale)
{
    GanNode *y = gan_conv2d(net, name, x, x->channels * scale * scale, 3);
    return gan_lrelu(gan_pixel_shuffle(y, scale), SLOPE);
}

static void sizes_of_file(GanNet *net, const GanModelOptions *options, GanSizes *sizes)
{
    const GanWeights *weights = gan_net_weights(net);
    sizes->channels_in = sizes->channels_out = gan_family_inputs(net, "conv_first");
    sizes->features = gan_family_outputs(net, "conv_first");
    sizes->blocks = gan_family_count(weights, "body.", ".conv1.weight");
    sizes->scale = gan_family_has(weights, "upconv2.weight", 0)                ? 4
                   : gan_family_outputs(net, "upconv1") == 9 * sizes->features ? 3
                                                                               : 2;
}

static void describe(const GanSizes *sizes, GanModelInfo *info)
{
    info->title = g_strdup_printf("MSRResNet %u/%u", sizes->features, sizes->blocks);
}

static GanNode *build(GanNet *net, const GanSizes *sizes)
{
    // As its authors begin residual networks without norms: with small numbers.
    gan_initialise_by(net, "kaiming_normal(scale=0.1)", NULL);
    GanNode *x = gan_input(net, 0);
    GanNode *y = gan_lrelu(gan_conv2d(net, "conv_first", x, sizes->features, 3), SLOPE);
    for (guint i = 0; i < sizes->blocks; i++) {
        gan_push(net, "body.%u", i);
        y = residual_block(net, y);
        gan_pop(net);
    }
    y = upconv(net, "upconv1", y, sizes->scale == 3 ? 3 : 2);
    if (sizes->scale == 4)
        y = upconv(net, "upconv2", y, 2);
    y = gan_lrelu(gan_conv2d(net, "conv_hr", y, sizes->features, 3), SLOPE);
    y = gan_conv2d(net, "conv_last", y, sizes->channels_out, 3);
    return gan_add(y, gan_upsample_bilinear(x, sizes->scale));
}

const GanFamily gan_family_msrresnet = {
    .name = "msrresnet",
    .title = "MSRResNet",
    .task = GAN_TASK_UPSCALE,
    .scales = {2, 3, 4},
    .recognise = recognise,
    .sizes_of_file = sizes_of_file,
    .describe = describe,
    .build = build,
};
