// SPDX-License-Identifier: LGPL-3.0-or-later
// FFDNet, which takes out as much noise as it is told that there is.
//
// Zhang, Zuo, Zhang, "FFDNet: Toward a Fast and Flexible Solution for CNN-based Image Denoising",
// arXiv:1710.04026; cszn/KAIR, models/network_ffdnet.py, with batch norm merged, as its authors
// publish the weights.
//
//   pixels become channels by 2, and a plane of the noise's deviation joins them
//   model.0                  conv 3x3 4 c + 1 -> f, ReLU
//   model.2 ... model.2(N-2) conv 3x3 f -> f, ReLU
//   model.2(N-1)             conv 3x3 f -> 4 c
//   channels become pixels by 2
//
// N is 15 for grey pictures and 12 for colours. Odd sides repeat their last pixel first.
//
// Ours see pictures less 0.5 and add what comes out, as much as the plane says, to the picture; a
// tensor "residual" marks them, and a tensor "quality" those whose plane is of JPEG's quality.
#include "denoiser.h"

#define BY 2u

static gboolean recognise(const GanWeights *weights)
{
    const guint count = gan_denoiser_stack(weights);
    if (count == 0)
        return FALSE;
    g_autofree char *last = g_strdup_printf("model.%u.weight", count - 1);
    const gsize in = gan_weights_find(weights, "model.0.weight")->shape[1],
                out = gan_weights_find(weights, last)->shape[0];
    return in == out + 1 && out % (BY * BY) == 0;
}

static void sizes_of_file(GanNet *net, const GanModelOptions *options, GanSizes *sizes)
{
    const guint count = gan_denoiser_stack(gan_net_weights(net));
    g_autofree char *last = g_strdup_printf("model.%u", count - 1);
    sizes->channels_in = sizes->channels_out = gan_family_outputs(net, last) / (BY * BY);
    sizes->features = gan_family_outputs(net, "model.0");
    sizes->blocks = count / 2 + 1;
    sizes->scale = 1;
    gan_denoiser_told_sizes(gan_net_weights(net), sizes);
    gan_family_check_colours(net, last, sizes->channels_out);
}

static gboolean sizes_of_new(GanSizes *sizes, GError **error)
{
    if (sizes->blocks >= 2)
        return TRUE;
    g_set_error(error, GAN_ERROR, GAN_ERROR_FORMAT, "blocks is %u; ffdnet has 2 or more",
                sizes->blocks);
    return FALSE;
}

static void describe(const GanSizes *sizes, GanModelInfo *info)
{
    gan_denoiser_describe_told("FFDNet", sizes, info);
}

static GanNode *build(GanNet *net, const GanSizes *sizes)
{
    GanNode *x = gan_input(net, 0);
    GanNode *seen = gan_denoiser_seen(sizes, x);
    GanNode *y = gan_pixel_unshuffle(gan_pad_to_multiple(seen, BY, GK_PAD_REPLICATE), BY);
    GanNode *level = gan_denoiser_level(net, sizes);
    GanNode *both[] = {y, gan_denoiser_plane(level, y)};
    y = gan_denoiser_build_stack(net, sizes, gan_concat(both, 2), BY * BY * sizes->channels_out);
    return gan_denoiser_told(net, sizes, x, level, gan_crop_like(gan_pixel_shuffle(y, BY), x, 1));
}

const GanFamily gan_family_ffdnet = {
    .name = "ffdnet",
    .title = "FFDNet",
    .task = GAN_TASK_RESTORE,
    .scales = {1},
    .recognise = recognise,
    .sizes_of_file = sizes_of_file,
    .sizes_of_new = sizes_of_new,
    .describe = describe,
    .stack = "model",
    .build = build,
};
