// SPDX-License-Identifier: LGPL-3.0-or-later
// DnCNN, a plain stack that finds the noise of a picture. No generator of a GAN, but small and of
// use in front of one.
//
// Zhang, Zuo, Chen, Meng, Zhang, "Beyond a Gaussian Denoiser: Residual Learning of Deep CNN for
// Image Denoising", arXiv:1608.03981; cszn/KAIR, models/network_dncnn.py, with batch norm merged,
// as its authors publish the weights.
//
//   model.0                  conv 3x3 in -> f, ReLU
//   model.2 ... model.2(N-2) conv 3x3 f -> f, ReLU
//   model.2(N-1)             conv 3x3 f -> in
//   the input minus that
//
// The paper has N = 17 or 20. IRCNN of the same authors has the same names and N = 7, but dilated
// convolutions, so seven are refused.
#include "family.h"

#include <string.h>

#define IRCNN_DEPTH 7

static guint depth(const GanWeights *weights)
{
    return gan_family_count(weights, "model.", ".weight") / 2 + 1;
}

// "model.", a number, "weight" or "bias"; other networks have some of these names among theirs.
static gboolean is_layer(const char *name)
{
    g_auto(GStrv) parts = g_strsplit(name, ".", 4);
    return g_strv_length(parts) == 3 && strcmp(parts[0], "model") == 0 &&
           (strcmp(parts[2], "weight") == 0 || strcmp(parts[2], "bias") == 0);
}

static gboolean recognise(const GanWeights *weights)
{
    for (guint i = 0; i < gan_weights_n_entries(weights); i++)
        if (!is_layer(gan_weights_entry(weights, i)->name))
            return FALSE;
    const guint count = gan_family_count(weights, "model.", ".weight");
    if (count < 3 || count % 2 == 0 || depth(weights) == IRCNN_DEPTH)
        return FALSE;
    for (guint i = 0; i < count; i++) {
        g_autofree char *weight = g_strdup_printf("model.%u.weight", i);
        if (i % 2 == 0 ? !gan_family_has(weights, weight, 4) : gan_family_has(weights, weight, 0))
            return FALSE;
    }
    // FDnCNN has a map of the noise as one more input and no subtraction.
    g_autofree char *last = g_strdup_printf("model.%u.weight", count - 1);
    const GanWeightsEntry *first = gan_weights_find(weights, "model.0.weight");
    return first->shape[1] == gan_weights_find(weights, last)->shape[0] && first->shape[2] == 3;
}

static void sizes_of_file(GanNet *net, const GanModelOptions *options, GanSizes *sizes)
{
    sizes->channels_in = sizes->channels_out = gan_family_inputs(net, "model.0");
    sizes->features = gan_family_outputs(net, "model.0");
    sizes->blocks = depth(gan_net_weights(net));
}

static gboolean sizes_of_new(GanSizes *sizes, GError **error)
{
    if (sizes->blocks >= 2 && sizes->blocks != IRCNN_DEPTH)
        return TRUE;
    g_set_error(error, GAN_ERROR, GAN_ERROR_FORMAT,
                "blocks is %u; dncnn has 2 or more, but not the %d that IRCNN has", sizes->blocks,
                IRCNN_DEPTH);
    return FALSE;
}

static void describe(const GanSizes *sizes, GanModelInfo *info)
{
    info->title = g_strdup_printf("DnCNN %u/%u", sizes->features, sizes->blocks);
}

static GanNode *build(GanNet *net, const GanSizes *sizes)
{
    GanNode *x = gan_input(net, 0), *y = x;
    char name[16] = "0";
    gan_push(net, "model");
    for (guint i = 0; i + 1 < sizes->blocks; i++) {
        y = gan_relu(gan_conv2d(net, name, y, sizes->features, 3));
        g_snprintf(name, sizeof name, "%u", 2 * i + 2);
    }
    y = gan_conv2d(net, name, y, sizes->channels_out, 3);
    gan_pop(net);
    return gan_scaled_add(-1, y, 1, x);
}

const GanFamily gan_family_dncnn = {
    .name = "dncnn",
    .title = "DnCNN",
    .task = GAN_TASK_RESTORE,
    .scales = {1},
    .recognise = recognise,
    .sizes_of_file = sizes_of_file,
    .sizes_of_new = sizes_of_new,
    .describe = describe,
    .build = build,
};
