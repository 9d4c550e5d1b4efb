// SPDX-License-Identifier: LGPL-3.0-or-later
// FBCNN, which takes JPEG's blocks and rings out of a picture: by the quality that it finds, or by
// the one that it is told.
//
// Jiang, Zhang, Timofte, "Towards Flexible Blind JPEG Artifacts Removal", arXiv:2109.14573;
// jiaxi-jiang/FBCNN, models/network_fbcnn.py.
//
//   m_head                      3x3 c -> f
//   m_down1, m_down2, m_down3   n residual blocks; .n 2x2, stride 2 -> 2 f, 4 f, 8 f
//   m_body_encoder              n residual blocks
//   qf_pred                     of that: n residual blocks; the mean over all pixels; .(n + 2) -> e,
//                               ReLU; .(n + 4) -> e, ReLU; .(n + 6) -> 1, sigmoid: how far from 100
//   m_body_decoder              n residual blocks
//   qf_embed                    of qf_pred, or of what it is told: .0, .2, .4 -> e, each with ReLU
//   to_gamma_I.0, to_beta_I.0   of that, with sigmoid and tanh: one each for the channels of m_upI
//   m_up3, m_up2, m_up1         of the sum with what came in there: .0 transposed 2x2, stride 2 ->
//                               4 f, 2 f, f; n blocks x + gamma res(x) + beta
//   m_tail                      of the sum with m_head's: 3x3 -> c
//
//   residual block:  x + res(x),  res(x) = res.2(ReLU(res.0(x))), 3x3
//
// f is 64, n is 4, e is 512. Sides that are no multiples of 8 repeat their last pixels first.
#include "denoiser.h"

#define N_LEVELS 3u
#define MOST_NUMBERS 32768u
#define BEST_QUALITY 100

static gboolean recognise(const GanWeights *weights)
{
    return gan_family_has(weights, "m_head.weight", 4) &&
           gan_family_has(weights, "m_body_encoder.0.res.0.weight", 4) &&
           gan_family_has(weights, "m_tail.weight", 4) &&
           gan_family_has(weights, "qf_embed.0.weight", 2);
}

// sizes->growth is e.
static void sizes_of_file(GanNet *net, const GanModelOptions *options, GanSizes *sizes)
{
    const GanWeights *weights = gan_net_weights(net);
    const gsize numbers = gan_weights_find(weights, "qf_embed.0.weight")->shape[0];
    sizes->channels_in = sizes->channels_out = gan_family_outputs(net, "m_tail");
    sizes->features = gan_family_outputs(net, "m_head");
    sizes->blocks = gan_family_count(weights, "m_body_encoder.", ".res.0.weight");
    sizes->growth = (guint)CLAMP(numbers, 1, MOST_NUMBERS);
    sizes->scale = 1;
    gan_family_check_colours(net, "m_tail", sizes->channels_out);
}

// A quality of 0, which no file has, leaves it to the network.
static void describe(const GanSizes *sizes, GanModelInfo *info)
{
    info->title = g_strdup_printf("FBCNN %u/%u", sizes->features, sizes->blocks);
    info->n_inputs = 2;
    info->inputs[1] = (GanEnd){
        .kind = GAN_END_NUMBER, .name = "quality", .channels = 1, .low = 1, .high = BEST_QUALITY};
}

static GanNode *linear(GanNet *net, const char *name, GanNode *x, guint outputs)
{
    return gan_linear(net, name, x, x->channels, outputs, (GanConv){0});
}

static GanNode *estimate(GanNet *net, const GanSizes *sizes, GanNode *x)
{
    const guint n = sizes->blocks;
    char name[16];
    gan_push(net, "qf_pred");
    x = gan_denoiser_residuals(net, n, 0, x, TRUE);
    x = gan_slice(gan_moments(x, x->channels, FALSE), 3, 0, x->channels);
    for (guint i = 2; i <= 4; i += 2) {
        g_snprintf(name, sizeof name, "%u", n + i);
        x = gan_relu(linear(net, name, x, sizes->growth));
    }
    g_snprintf(name, sizeof name, "%u", n + 6);
    x = gan_sigmoid(linear(net, name, x, 1));
    gan_pop(net);
    return x;
}

// What the second input says, or `estimated` where it is 0.
static GanNode *chosen(GanNet *net, GanNode *estimated)
{
    GanNode *quality = gan_input(net, 1);
    GanNode *told = gan_linear_map(quality, -1.f / BEST_QUALITY, 1);
    GanNode *change = gan_difference(told, estimated);
    return gan_sum(estimated, gan_product(gan_clamp(quality, 0, 1), change));
}

static GanNode *embed(GanNet *net, const GanSizes *sizes, GanNode *x)
{
    static const char *const layers[] = {"qf_embed.0", "qf_embed.2", "qf_embed.4"};
    for (guint i = 0; i < G_N_ELEMENTS(layers); i++)
        x = gan_relu(linear(net, layers[i], x, sizes->growth));
    return x;
}

static GanNode *up(GanNet *net, const GanSizes *sizes, guint level, GanNode *x, GanNode *embedded)
{
    const guint channels = sizes->features << (level - 1);
    g_autofree char *gamma_name = g_strdup_printf("to_gamma_%u.0", level);
    g_autofree char *beta_name = g_strdup_printf("to_beta_%u.0", level);
    GanNode *gamma = gan_sigmoid(linear(net, gamma_name, embedded, channels));
    GanNode *beta = gan_tanh(linear(net, beta_name, embedded, channels));
    gan_push(net, "m_up%u", level);
    x = gan_conv_transpose2d(net, "0", x, channels, 2, (GanConv){.stride = 2});
    for (guint i = 1; i <= sizes->blocks; i++) {
        GanNode *y = gan_denoiser_residual(net, i, x, TRUE);
        x = gan_add(x, gan_sum(gan_product(y, gamma), beta));
    }
    gan_pop(net);
    return x;
}

static GanNode *build(GanNet *net, const GanSizes *sizes)
{
    const guint f = sizes->features, n = sizes->blocks;
    g_autofree char *step = g_strdup_printf("%u", n);
    GanNode *x = gan_input(net, 0);
    GanNode *y = gan_pad_to_multiple(x, 1u << N_LEVELS, GK_PAD_REPLICATE);
    GanNode *level[N_LEVELS + 1] = {y = gan_conv2d(net, "m_head", y, f, 3)};
    for (guint i = 1; i <= N_LEVELS; i++) {
        gan_push(net, "m_down%u", i);
        y = gan_denoiser_residuals(net, n, 0, y, TRUE);
        level[i] = y = gan_conv2d_with(net, step, y, f << i, 2, (GanConv){.stride = 2});
        gan_pop(net);
    }
    gan_push(net, "m_body_encoder");
    y = gan_denoiser_residuals(net, n, 0, y, TRUE);
    gan_pop(net);
    GanNode *embedded = embed(net, sizes, chosen(net, estimate(net, sizes, y)));
    gan_push(net, "m_body_decoder");
    y = gan_denoiser_residuals(net, n, 0, y, TRUE);
    gan_pop(net);
    for (guint i = N_LEVELS; i >= 1; i--)
        y = up(net, sizes, i, gan_add(y, level[i]), embedded);
    y = gan_conv2d(net, "m_tail", gan_add(y, level[0]), sizes->channels_out, 3);
    return gan_crop_like(y, x, 1);
}

const GanFamily gan_family_fbcnn = {
    .name = "fbcnn",
    .title = "FBCNN",
    .task = GAN_TASK_RESTORE,
    .scales = {1},
    .recognise = recognise,
    .sizes_of_file = sizes_of_file,
    .describe = describe,
    .build = build,
};
