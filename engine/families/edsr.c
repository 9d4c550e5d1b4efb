// SPDX-License-Identifier: LGPL-3.0-or-later
// EDSR, the enhanced deep residual network.
//
// Lim, Son, Kim, Nah, Lee, "Enhanced Deep Residual Networks for Single Image Super-Resolution",
// arXiv:1707.02921; sanghyun-son/EDSR-PyTorch, src/model/edsr.py; BasicSR,
// basicsr/archs/edsr_arch.py.
//
//                  BasicSR                          EDSR-PyTorch
//   mean           (x - mean) 255                   sub_mean, 1x1; white is 255
//   first          conv_first                       head.0
//   block I        body.I.conv1, body.I.conv2       body.I.body.0, body.I.body.2
//   after body     conv_after_body                  body.N
//   upsampling     upsample.0, upsample.2, ...      tail.0.0, tail.0.2, ...
//   last           conv_last                        tail.1
//   mean           x / 255 + mean                   add_mean, 1x1
//
//   block:       x + res_scale conv2(ReLU(conv1(x)))
//   upsampling:  conv f -> f s^2, pixel shuffle s; x4 is two of s = 2, x3 one of s = 3
//
// res_scale is in no file: the paper's table 1 has 1 for 64 features and 0.1 for 256.
#include "family.h"

#define LARGE 256
#define LARGE_SCALE 0.1f
#define IMG_RANGE 255.f
static const float rgb_mean[3] = {0.4488f, 0.4371f, 0.4040f};

// Names, in the order of GanSizes.naming; behind the blocks, EDSR-PyTorch goes on
// with their number.
enum { BASICSR, PYTORCH };
static const struct {
    const char *first, *conv1, *conv2, *after, *up, *last;
} names[] = {
    {"conv_first", "conv1", "conv2", "conv_after_body", "upsample.", "conv_last"},
    {"head.0", "body.0", "body.2", NULL, "tail.0.", "tail.1"},
};

static gboolean recognise(const GanWeights *weights)
{
    return (gan_family_has(weights, "conv_first.weight", 4) &&
            gan_family_has(weights, "body.0.conv1.weight", 4) &&
            gan_family_has(weights, "conv_after_body.weight", 4)) ||
           (gan_family_has(weights, "head.0.weight", 4) &&
            gan_family_has(weights, "body.0.body.0.weight", 4) &&
            gan_family_has(weights, "tail.1.weight", 4));
}

static GanNode *res_block(GanNet *net, const GanSizes *sizes, GanNode *x)
{
    const guint naming = sizes->naming;
    GanNode *y = gan_relu(gan_conv2d(net, names[naming].conv1, x, x->channels, 3));
    y = gan_conv2d(net, names[naming].conv2, y, x->channels, 3);
    return gan_scaled_add(sizes->residual_scale, y, 1, x);
}

// x per channel: (x - mean) 255, or x / 255 + mean when `back`.
static GanNode *mean_shift(GanNet *net, GanNode *x, gboolean back)
{
    float scale[3], shift[3];
    for (guint c = 0; c < 3; c++) {
        scale[c] = back ? 1 / IMG_RANGE : IMG_RANGE;
        shift[c] = back ? rgb_mean[c] : -IMG_RANGE * rgb_mean[c];
    }
    return gan_affine_channels(net, x, scale, shift);
}

// x4 is two doublings, x3 one of three.
static GanNode *upsampler(GanNet *net, const GanSizes *sizes, GanNode *x)
{
    const guint nf = x->channels, by = sizes->scale == 3 ? 3 : 2;
    guint number = 0;
    for (guint enlarged = 1; enlarged < sizes->scale; enlarged *= by, number += 2) {
        g_autofree char *name = g_strdup_printf("%s%u", names[sizes->naming].up, number);
        x = gan_pixel_shuffle(gan_conv2d(net, name, x, nf * by * by, 3), by);
    }
    return x;
}

// The factor that one step of upsampling has, 1 behind the last.
static guint up_of_file(GanNet *net, const GanSizes *sizes, guint number)
{
    g_autofree char *name = g_strdup_printf("%s%u", names[sizes->naming].up, number);
    g_autofree char *weight = g_strdup_printf("%s.weight", name);
    if (number > 0 && !gan_family_has(gan_net_weights(net), weight, 0))
        return 1;
    const guint out = gan_family_outputs(net, name), nf = sizes->features;
    if (out != 4 * nf && out != 9 * nf)
        gan_family_fail(net, weight, "%u or %u outputs", 4 * nf, 9 * nf);
    return out == 9 * nf ? 3 : 2;
}

static float residual_scale(guint features)
{
    return features >= LARGE ? LARGE_SCALE : 1;
}

static void sizes_of_file(GanNet *net, const GanModelOptions *options, GanSizes *sizes)
{
    const GanWeights *weights = gan_net_weights(net);
    const gboolean basicsr = gan_family_has(weights, "conv_after_body.weight", 4);
    sizes->naming = basicsr ? BASICSR : PYTORCH;
    const char *first = names[sizes->naming].first;
    sizes->channels_in = sizes->channels_out = gan_family_inputs(net, first);
    sizes->features = gan_family_outputs(net, first);
    sizes->blocks =
        gan_family_count(weights, "body.", basicsr ? ".conv1.weight" : ".body.0.weight");
    sizes->residual_scale = options->residual_scale > 0 ? (float)options->residual_scale
                                                        : residual_scale(sizes->features);
    sizes->scale = up_of_file(net, sizes, 0);
    for (guint number = 2; number <= 4 && sizes->scale != 3; number += 2)
        sizes->scale *= up_of_file(net, sizes, number);
    if (sizes->channels_in != 3) {
        g_autofree char *weight = g_strconcat(first, ".weight", NULL);
        gan_family_fail(net, weight, "3 inputs, as the mean of edsr has");
    }
}

static gboolean sizes_of_new(GanSizes *sizes, GError **error)
{
    sizes->residual_scale = residual_scale(sizes->features);
    if (sizes->channels_in == 3)
        return TRUE;
    g_set_error(error, GAN_ERROR, GAN_ERROR_FORMAT, "channels is %u; edsr has 3",
                sizes->channels_in);
    return FALSE;
}

static void describe(const GanSizes *sizes, GanModelInfo *info)
{
    info->title = g_strdup_printf("EDSR %u/%u", sizes->features, sizes->blocks);
    info->inputs[0].high = info->output.high = sizes->naming == BASICSR ? 1 : IMG_RANGE;
}

static GanNode *build(GanNet *net, const GanSizes *sizes)
{
    const guint nf = sizes->features, naming = sizes->naming;
    const gboolean basicsr = naming == BASICSR;
    g_autofree char *last_block = g_strdup_printf("body.%u", sizes->blocks);
    GanNode *x = gan_input(net, 0);
    GanNode *y = basicsr ? mean_shift(net, x, FALSE) : gan_conv2d(net, "sub_mean", x, 3, 1);
    GanNode *head = gan_conv2d(net, names[naming].first, y, nf, 3);
    y = head;
    for (guint i = 0; i < sizes->blocks; i++) {
        gan_push(net, "body.%u", i);
        y = res_block(net, sizes, y);
        gan_pop(net);
    }
    y = gan_conv2d(net, basicsr ? names[naming].after : last_block, y, nf, 3);
    y = upsampler(net, sizes, gan_add(y, head));
    y = gan_conv2d(net, names[naming].last, y, 3, 3);
    return basicsr ? mean_shift(net, y, TRUE) : gan_conv2d(net, "add_mean", y, 3, 1);
}

const GanFamily gan_family_edsr = {
    .name = "edsr",
    .title = "EDSR",
    .task = GAN_TASK_UPSCALE,
    .scales = {2, 3, 4},
    .recognise = recognise,
    .sizes_of_file = sizes_of_file,
    .sizes_of_new = sizes_of_new,
    .describe = describe,
    .build = build,
};
