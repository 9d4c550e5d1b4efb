// SPDX-License-Identifier: LGPL-3.0-or-later
// SRResNet, the generator of SRGAN, with the names of leftthomas/SRGAN.
//
// Ledig et al., "Photo-Realistic Single Image Super-Resolution Using a Generative Adversarial
// Network", arXiv:1609.04802; leftthomas/SRGAN, model.py.
//
//   block1.0, .1                     conv 9x9 3 -> f, PReLU
//   block2 ... block(N + 1)          x + bn2(conv2(prelu(bn1(conv1(x)))))
//   block(N + 2).0, .1               conv 3x3, PReLU (batch norm in later versions); + block1
//   block(N + 3).I.conv, .prelu      conv 3x3 f -> 4 f, pixel shuffle 2, PReLU      log2(s) times
//   block(N + 3).last                conv 9x9 f -> 3
//   (tanh + 1) / 2
//
// The paper's generator has no tanh and N = 16; this code has N = 5. Fusion folds the batch norms.
#include "family.h"

#define MAX_UPS 5u

// Later versions normalise before the long skip, where the first had a PReLU.
enum { NORM_AFTER = 1 };

static gboolean recognise(const GanWeights *weights)
{
    return gan_family_has(weights, "block1.0.weight", 4) &&
           gan_family_has(weights, "block1.1.weight", 1) &&
           gan_family_has(weights, "block2.conv1.weight", 4) &&
           gan_family_has(weights, "block2.prelu.weight", 1);
}

static GanNode *residual_block(GanNet *net, GanNode *x)
{
    GanNode *y = gan_conv2d(net, "conv1", x, x->channels, 3);
    y = gan_prelu(net, "prelu", gan_batch_norm(net, "bn1", y));
    y = gan_conv2d(net, "conv2", y, x->channels, 3);
    return gan_add(gan_batch_norm(net, "bn2", y), x);
}

static GanNode *upsample_block(GanNet *net, GanNode *x)
{
    GanNode *y = gan_pixel_shuffle(gan_conv2d(net, "conv", x, 4 * x->channels, 3), 2);
    return gan_prelu(net, "prelu", y);
}

// Whether the layer is a batch norm: any tensor that a PReLU does not have says so.
static gboolean is_norm(const GanWeights *weights, const char *scope)
{
    static const char *const parts[] = {".bias", ".running_mean", ".running_var"};
    for (guint i = 0; i < G_N_ELEMENTS(parts); i++) {
        g_autofree char *name = g_strconcat(scope, parts[i], NULL);
        if (gan_family_has(weights, name, 0))
            return TRUE;
    }
    return FALSE;
}

static void sizes_of_file(GanNet *net, const GanModelOptions *options, GanSizes *sizes)
{
    const GanWeights *weights = gan_net_weights(net);
    // The number behind the last residual block's, which count from 2.
    const guint after = gan_family_count(weights, "block", ".conv1.weight");
    g_autofree char *ups = g_strdup_printf("block%u.", after + 1);
    g_autofree char *join = g_strdup_printf("block%u.1", after);
    sizes->channels_in = sizes->channels_out = gan_family_inputs(net, "block1.0");
    sizes->features = gan_family_outputs(net, "block1.0");
    sizes->blocks = after - 2;
    sizes->scale = 1u << MIN(gan_family_count(weights, ups, ".conv.weight"), MAX_UPS);
    sizes->form = is_norm(weights, join) ? NORM_AFTER : 0;
}

static void describe(const GanSizes *sizes, GanModelInfo *info)
{
    info->title = g_strdup_printf("SRResNet %u/%u", sizes->features, sizes->blocks);
}

static GanNode *build(GanNet *net, const GanSizes *sizes)
{
    const guint f = sizes->features, after = sizes->blocks + 2;
    gan_push(net, "block1");
    GanNode *block1 = gan_prelu(net, "1", gan_conv2d(net, "0", gan_input(net, 0), f, 9));
    gan_pop(net);
    GanNode *y = block1;
    for (guint i = 2; i < after; i++) {
        gan_push(net, "block%u", i);
        y = residual_block(net, y);
        gan_pop(net);
    }
    gan_push(net, "block%u", after);
    y = gan_conv2d(net, "0", y, f, 3);
    y = sizes->form & NORM_AFTER ? gan_batch_norm(net, "1", y) : gan_prelu(net, "1", y);
    gan_pop(net);
    y = gan_add(y, block1);
    guint n_ups = 0;
    for (; 1u << n_ups < sizes->scale; n_ups++) {
        gan_push(net, "block%u.%u", after + 1, n_ups);
        y = upsample_block(net, y);
        gan_pop(net);
    }
    gan_push(net, "block%u", after + 1);
    char last[16];
    g_snprintf(last, sizeof last, "%u", n_ups);
    y = gan_conv2d(net, last, y, sizes->channels_out, 9);
    gan_pop(net);
    // (tanh(y) + 1) / 2, in a form that fusion puts into the convolution.
    return gan_sigmoid(gan_affine(net, y, 2, 0));
}

const GanFamily gan_family_srresnet = {
    .name = "srresnet",
    .title = "SRResNet",
    .task = GAN_TASK_UPSCALE,
    .scales = {2, 4, 8},
    .recognise = recognise,
    .sizes_of_file = sizes_of_file,
    .describe = describe,
    .build = build,
};
