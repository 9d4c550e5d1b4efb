// SPDX-License-Identifier: LGPL-3.0-or-later
// The generator of AnimeGANv2, photographs to drawings.
//
// Chen, Liu, Chen, "AnimeGAN: A Novel Lightweight GAN for Photo Animation", 2020; its second
// version: TachibanaYoshino/AnimeGANv2; the names: bryandlee/animegan2-pytorch, model.py.
//
//   block_a.0, .1, .2    7x7 3 -> f; 3x3, stride 2 -> 2 f; 3x3
//   block_b.0, .1        3x3, stride 2 -> 4 f; 3x3
//   block_c.0 ... .5     3x3; inverted residual blocks -> 8 f, 8 f, 8 f, 8 f; 3x3 -> 4 f
//   block_d.0, .1        of the bilinear enlargement by 2: 3x3, 3x3
//   block_e.0, .1, .2    of the bilinear enlargement by 2: 3x3 -> 2 f, 3x3, 7x7 -> f
//   out_layer.0          1x1 -> 3, tanh
//
// Every one is mirrored, without bias, and followed by a layer norm and a leaky ReLU 0.2: .1 is the
// convolution, .2 the norm. Stride 2 mirrors at the right and at the bottom only.
//
//   inverted residual block:  layers.0  1x1 in -> 2 in;  layers.1  3x3 of each channel, with bias
//                             layers.2, .3  1x1 -> out, norm;  + x where in = out
//
// f is 32. The authors enlarge to the size that was, with aligned corners, or by 2, as here and in
// their published samples; so sides have to be multiples of 4: the picture is mirrored to that and
// cut again.
#include "family.h"

#define SLOPE 0.2f
#define N_RESIDUAL 4u
#define EXPANSION 2u

static gboolean recognise(const GanWeights *weights)
{
    return gan_family_has(weights, "block_a.0.1.weight", 4) &&
           gan_family_has(weights, "block_c.1.layers.0.1.weight", 4) &&
           gan_family_has(weights, "out_layer.0.weight", 4);
}

static void sizes_of_file(GanNet *net, const GanModelOptions *options, GanSizes *sizes)
{
    sizes->channels_in = gan_family_inputs(net, "block_a.0.1");
    sizes->channels_out = gan_family_outputs(net, "out_layer.0");
    sizes->features = gan_family_outputs(net, "block_a.0.1");
    sizes->scale = 1;
    gan_family_check_colours(net, "block_a.0.1", sizes->channels_in);
    gan_family_check_colours(net, "out_layer.0", sizes->channels_out);
}

static void describe(const GanSizes *sizes, GanModelInfo *info)
{
    info->title = g_strdup_printf("AnimeGANv2 %u", sizes->features);
    info->inputs[0].low = info->output.low = -1;
    info->inputs[0].high = info->output.high = 1;
}

// Convolution, norm, leaky ReLU.
static GanNode *cnl(GanNet *net, const char *name, GanNode *x, guint channels, guint kernel,
                    GanConv conv)
{
    gan_push(net, "%s", name);
    conv.pad_mode = GK_PAD_REFLECT;
    conv.no_bias = conv.groups <= 1;
    conv.pad_behind = conv.stride == 2;
    GanNode *y = gan_conv2d_with(net, "1", x, channels, kernel, conv);
    y = gan_lrelu(gan_layer_norm(net, "2", y), SLOPE);
    gan_pop(net);
    return y;
}

static GanNode *same(GanNet *net, const char *name, GanNode *x, guint channels, guint kernel)
{
    return cnl(net, name, x, channels, kernel, (GanConv){0});
}

static GanNode *half(GanNet *net, const char *name, GanNode *x, guint channels)
{
    return cnl(net, name, x, channels, 3, (GanConv){.stride = 2});
}

static GanNode *inverted_residual(GanNet *net, GanNode *x, guint channels)
{
    const guint inner = EXPANSION * x->channels;
    GanNode *y = same(net, "0", x, inner, 1);
    y = cnl(net, "1", y, inner, 3, (GanConv){.groups = inner});
    y = gan_conv2d_with(net, "2", y, channels, 1, (GanConv){.no_bias = TRUE});
    y = gan_layer_norm(net, "3", y);
    return x->channels == channels ? gan_add(y, x) : y;
}

static GanNode *build(GanNet *net, const GanSizes *sizes)
{
    const guint f = sizes->features;
    GanNode *x = gan_input(net, 0);
    GanNode *y = gan_pad_to_multiple(x, 4, GK_PAD_REFLECT);
    y = same(net, "block_a.0", y, f, 7);
    y = half(net, "block_a.1", y, 2 * f);
    y = same(net, "block_a.2", y, 2 * f, 3);
    y = half(net, "block_b.0", y, 4 * f);
    y = same(net, "block_b.1", y, 4 * f, 3);
    y = same(net, "block_c.0", y, 4 * f, 3);
    for (guint i = 1; i <= N_RESIDUAL; i++) {
        gan_push(net, "block_c.%u.layers", i);
        y = inverted_residual(net, y, 8 * f);
        gan_pop(net);
    }
    y = same(net, "block_c.5", y, 4 * f, 3);
    y = same(net, "block_d.0", gan_upsample_bilinear(y, 2), 4 * f, 3);
    y = same(net, "block_d.1", y, 4 * f, 3);
    y = same(net, "block_e.0", gan_upsample_bilinear(y, 2), 2 * f, 3);
    y = same(net, "block_e.1", y, 2 * f, 3);
    y = same(net, "block_e.2", y, f, 7);
    y = gan_conv2d_with(net, "out_layer.0", y, sizes->channels_out, 1, (GanConv){.no_bias = TRUE});
    return gan_crop_like(gan_tanh(y), x, 1);
}

const GanFamily gan_family_animegan2 = {
    .name = "animegan2",
    .title = "AnimeGANv2",
    .task = GAN_TASK_STYLE,
    .scales = {1},
    .recognise = recognise,
    .sizes_of_file = sizes_of_file,
    .describe = describe,
    .build = build,
};
