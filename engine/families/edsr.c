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

typedef struct {
    const char *first, *block, *conv1, *conv2, *up, *last;
    char after[24];
    guint n_blocks;
    gboolean basicsr;
} Style;

static gboolean detect(const GanWeights *weights)
{
    return (gan_family_has(weights, "conv_first.weight", 4) &&
            gan_family_has(weights, "body.0.conv1.weight", 4) &&
            gan_family_has(weights, "conv_after_body.weight", 4)) ||
           (gan_family_has(weights, "head.0.weight", 4) &&
            gan_family_has(weights, "body.0.body.0.weight", 4) &&
            gan_family_has(weights, "tail.1.weight", 4));
}

static Style style_of(const GanWeights *weights)
{
    if (gan_family_has(weights, "conv_after_body.weight", 4))
        return (Style){.first = "conv_first",
                       .conv1 = "conv1",
                       .conv2 = "conv2",
                       .up = "upsample.",
                       .last = "conv_last",
                       .after = "conv_after_body",
                       .n_blocks = gan_family_count(weights, "body.", ".conv1.weight"),
                       .basicsr = TRUE};
    Style s = {.first = "head.0",
               .conv1 = "body.0",
               .conv2 = "body.2",
               .up = "tail.0.",
               .last = "tail.1",
               .n_blocks = gan_family_count(weights, "body.", ".body.0.weight")};
    g_snprintf(s.after, sizeof s.after, "body.%u", s.n_blocks);
    return s;
}

static GanNode *res_block(GanNet *net, const Style *s, GanNode *x, float res_scale)
{
    GanNode *y = gan_relu(gan_family_conv(net, s->conv1, x, x->channels, 3));
    return gan_scaled_add(res_scale, gan_family_conv(net, s->conv2, y, x->channels, 3), 1, x);
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

static GanNode *upsampler(GanNet *net, const Style *s, GanNode *x)
{
    const guint nf = x->channels;
    for (guint i = 0; i <= 4; i += 2) {
        g_autofree char *name = g_strdup_printf("%s%u", s->up, i);
        g_autofree char *weight = g_strdup_printf("%s.weight", name);
        if (i > 0 && !gan_family_has(gan_net_weights(net), weight, 0))
            break;
        const guint out = gan_family_outputs(net, name);
        x = gan_family_conv(net, name, x, out, 3);
        if (out != 4 * nf && out != 9 * nf) {
            gan_family_fail(net, weight, "%u or %u outputs", 4 * nf, 9 * nf);
            return x;
        }
        x = gan_pixel_shuffle(x, out == 4 * nf ? 2 : 3);
    }
    return x;
}

static GanNode *build(GanNet *net, const GanModelOptions *options, GanModelInfo *info)
{
    const Style s = style_of(gan_net_weights(net));
    const guint nf = gan_family_outputs(net, s.first), in = gan_family_inputs(net, s.first);
    const float res_scale = options->residual_scale > 0 ? (float)options->residual_scale
                            : nf >= LARGE               ? LARGE_SCALE
                                                        : 1;
    info->title = g_strdup_printf("EDSR %u/%u", nf, s.n_blocks);
    info->inputs[0].high = info->output.high = s.basicsr ? 1 : 255;

    GanNode *x = gan_input(net, in), *y;
    if (in != 3) {
        g_autofree char *weight = g_strconcat(s.first, ".weight", NULL);
        gan_family_fail(net, weight, "3 inputs, as the mean of edsr has");
        return x;
    }
    y = s.basicsr ? mean_shift(net, x, FALSE) : gan_family_conv(net, "sub_mean", x, 3, 1);
    GanNode *head = gan_family_conv(net, s.first, y, nf, 3);
    y = head;
    for (guint i = 0; i < s.n_blocks; i++) {
        gan_push(net, "body.%u", i);
        y = res_block(net, &s, y, res_scale);
        gan_pop(net);
    }
    y = gan_add(gan_family_conv(net, s.after, y, nf, 3), head);
    y = gan_family_conv(net, s.last, upsampler(net, &s, y), 3, 3);
    return s.basicsr ? mean_shift(net, y, TRUE) : gan_family_conv(net, "add_mean", y, 3, 1);
}

const GanFamily gan_family_edsr = {
    .name = "edsr",
    .title = "EDSR",
    .task = GAN_TASK_UPSCALE,
    .detect = detect,
    .build = build,
};
