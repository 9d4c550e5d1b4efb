// SPDX-License-Identifier: LGPL-3.0-or-later
// DRUNet, a residual U-Net without biases, which is told how much noise there is.
//
// Zhang, Li, Zuo, Zhang, Van Gool, Timofte, "Plug-and-Play Image Restoration with Deep Denoiser
// Prior", arXiv:2008.13751; cszn/KAIR, models/network_unet.py, UNetRes.
//
//   m_head                      3x3 c + 1 -> f, of the picture and a plane of the deviation
//   m_down1, m_down2, m_down3   n residual blocks; .n 2x2, stride 2 -> 2 f, 4 f, 8 f
//   m_body                      n residual blocks
//   m_up3, m_up2, m_up1         of the sum with what came in there: .0 transposed 2x2, stride 2 ->
//                               4 f, 2 f, f; n residual blocks
//   m_tail                      of the sum with m_head's: 3x3 -> c
//
//   residual block:  x + res.2(ReLU(res.0(x))), 3x3
//
// f is 64, n is 4. Sides that are no multiples of 8 repeat their last pixels first. Ours are marked
// as those of FFDNet are.
#include "denoiser.h"

#define N_LEVELS 3u

static gboolean recognise(const GanWeights *weights)
{
    return gan_family_has(weights, "m_head.weight", 4) &&
           gan_family_has(weights, "m_down1.0.res.0.weight", 4) &&
           gan_family_has(weights, "m_body.0.res.0.weight", 4) &&
           gan_family_has(weights, "m_tail.weight", 4) &&
           !gan_family_has(weights, "m_head.bias", 0); // FBCNN has biases, and more
}

static void sizes_of_file(GanNet *net, const GanModelOptions *options, GanSizes *sizes)
{
    sizes->channels_in = sizes->channels_out = gan_family_outputs(net, "m_tail");
    sizes->features = gan_family_outputs(net, "m_head");
    sizes->blocks = gan_family_count(gan_net_weights(net), "m_body.", ".res.0.weight");
    sizes->scale = 1;
    gan_denoiser_told_sizes(gan_net_weights(net), sizes);
    gan_family_check_colours(net, "m_tail", sizes->channels_out);
}

static void describe(const GanSizes *sizes, GanModelInfo *info)
{
    gan_denoiser_describe_told("DRUNet", sizes, info);
}

static const GanConv plain = {.no_bias = TRUE}, twice = {.stride = 2, .no_bias = TRUE};

static GanNode *build(GanNet *net, const GanSizes *sizes)
{
    const guint f = sizes->features, n = sizes->blocks;
    g_autofree char *step = g_strdup_printf("%u", n);
    GanNode *x = gan_input(net, 0);
    GanNode *padded =
        gan_pad_to_multiple(gan_denoiser_seen(sizes, x), 1u << N_LEVELS, GK_PAD_REPLICATE);
    GanNode *told = gan_denoiser_level(net, sizes);
    GanNode *both[] = {padded, gan_denoiser_plane(told, padded)};
    GanNode *y = gan_conv2d_with(net, "m_head", gan_concat(both, 2), f, 3, plain);
    GanNode *level[N_LEVELS + 1] = {y};
    for (guint i = 1; i <= N_LEVELS; i++) {
        gan_push(net, "m_down%u", i);
        y = gan_denoiser_residuals(net, n, 0, y, FALSE);
        level[i] = y = gan_conv2d_with(net, step, y, f << i, 2, twice);
        gan_pop(net);
    }
    gan_push(net, "m_body");
    y = gan_denoiser_residuals(net, n, 0, y, FALSE);
    gan_pop(net);
    for (guint i = N_LEVELS; i >= 1; i--) {
        gan_push(net, "m_up%u", i);
        y = gan_conv_transpose2d(net, "0", gan_add(y, level[i]), f << (i - 1), 2, twice);
        y = gan_denoiser_residuals(net, n, 1, y, FALSE);
        gan_pop(net);
    }
    gan_denoiser_begin_last(net, sizes);
    y = gan_conv2d_with(net, "m_tail", gan_add(y, level[0]), sizes->channels_out, 3, plain);
    gan_initialise_by(net, NULL, NULL);
    return gan_denoiser_told(net, sizes, x, told, gan_crop_like(y, x, 1));
}

const GanFamily gan_family_drunet = {
    .name = "drunet",
    .title = "DRUNet",
    .task = GAN_TASK_RESTORE,
    .scales = {1},
    .recognise = recognise,
    .sizes_of_file = sizes_of_file,
    .describe = describe,
    .build = build,
};
