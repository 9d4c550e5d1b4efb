// SPDX-License-Identifier: LGPL-3.0-or-later
// DnCNN, a plain stack that finds the noise of a picture. No generator of a GAN, but small and of
// use in front of one. FDnCNN is told how much noise there is, and makes the picture itself.
//
// Zhang, Zuo, Chen, Meng, Zhang, "Beyond a Gaussian Denoiser: Residual Learning of Deep CNN for
// Image Denoising", arXiv:1608.03981; cszn/KAIR, models/network_dncnn.py.
//
//   batch norm merged                                   with batch norm
//   model.0                  conv 3x3 in -> f, ReLU     model.0
//   model.2 ... model.2(N-2) conv 3x3 f -> f, ReLU      model.2, model.5 ... : conv, norm, ReLU
//   model.2(N-1)             conv 3x3 f -> in           the last
//   the input minus that
//
//   SaoYan/DnCNN-PyTorch, models.py: "dncnn." for "model.", with batch norm, no biases
//   FDnCNN: the input and a plane of the noise's deviation; nothing is subtracted
//
// The paper has N = 17 or 20. IRCNN of the same authors has the same names and N = 7, but dilated
// convolutions, so seven without norms are refused.
#include "denoiser.h"

#define IRCNN_DEPTH 7

// By GanSizes.naming: what stands before the numbers, and what the batch norms add to a variance.
enum { KAIR, BARE };
static const struct {
    const char *scope;
    float eps;
} namings[] = {{"model", 1e-4f}, {"dncnn", 1e-5f}};

enum { BATCH_NORM = 1, TOLD = 2 };

// The number of the last convolution of a stack with batch norms, which are every third module
// from the third on; 0 where there is none.
static guint last_with_norms(const GanWeights *weights, const char *scope)
{
    g_autofree char *prefix = g_strconcat(scope, ".", NULL);
    const guint count = gan_family_count(weights, prefix, ".weight");
    if (count < 6 || count % 3 != 0)
        return 0;
    for (guint i = 2; i + 1 < count; i += 3) {
        g_autofree char *conv = g_strdup_printf("%s.%u.weight", scope, i);
        g_autofree char *norm = g_strdup_printf("%s.%u.running_mean", scope, i + 1);
        if (!gan_family_has(weights, conv, 4) || !gan_family_has(weights, norm, 1))
            return 0;
    }
    return count - 1;
}

// The number of the last convolution, and what the names tell of the sizes; 0 where they are not
// those of this stack.
static guint last_of(const GanWeights *weights, GanSizes *sizes)
{
    const guint count = gan_denoiser_stack(weights);
    if (count > 0)
        return count / 2 + 1 == IRCNN_DEPTH ? 0 : count - 1;
    sizes->form = BATCH_NORM;
    sizes->naming = gan_family_has(weights, "dncnn.0.weight", 4) ? BARE : KAIR;
    return last_with_norms(weights, namings[sizes->naming].scope);
}

static gboolean recognise(const GanWeights *weights)
{
    GanSizes sizes = {0};
    const guint last = last_of(weights, &sizes);
    const char *scope = namings[sizes.naming].scope;
    g_autofree char *head_name = g_strdup_printf("%s.0.weight", scope);
    g_autofree char *tail_name = g_strdup_printf("%s.%u.weight", scope, last);
    if (last == 0 || !gan_family_has(weights, head_name, 4) ||
        !gan_family_has(weights, tail_name, 4))
        return FALSE;
    const gsize in = gan_weights_find(weights, head_name)->shape[1],
                out = gan_weights_find(weights, tail_name)->shape[0];
    return in == out || (in == out + 1 && !(sizes.form & BATCH_NORM) && (out == 1 || out == 3));
}

static void sizes_of_file(GanNet *net, const GanModelOptions *options, GanSizes *sizes)
{
    const guint last = last_of(gan_net_weights(net), sizes);
    const char *scope = namings[sizes->naming].scope;
    g_autofree char *head = g_strdup_printf("%s.0", scope);
    g_autofree char *tail = g_strdup_printf("%s.%u", scope, last);
    sizes->channels_in = sizes->channels_out = gan_family_outputs(net, tail);
    sizes->features = gan_family_outputs(net, head);
    sizes->blocks = sizes->form & BATCH_NORM ? (last - 2) / 3 + 2 : last / 2 + 1;
    sizes->scale = 1;
    if (gan_family_inputs(net, head) != sizes->channels_in) {
        sizes->form |= TOLD;
        sizes->told_bare = TRUE;
    }
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
    const gboolean told = (sizes->form & TOLD) != 0;
    info->title = g_strdup_printf("%s %u/%u%s", told ? "FDnCNN" : "DnCNN", sizes->features,
                                  sizes->blocks, sizes->form & BATCH_NORM ? ", batch norm" : "");
    if (told)
        gan_denoiser_add_level(info);
}

static GanNode *stack_with_norms(GanNet *net, const GanSizes *sizes, GanNode *x)
{
    const GanConv conv = {.no_bias = sizes->naming == BARE};
    char name[16];
    guint number = 2;
    gan_push(net, "%s", namings[sizes->naming].scope);
    GanNode *y = gan_relu(gan_conv2d_with(net, "0", x, sizes->features, 3, conv));
    for (guint i = 2; i < sizes->blocks; i++, number += 3) {
        g_snprintf(name, sizeof name, "%u", number);
        y = gan_conv2d_with(net, name, y, sizes->features, 3, conv);
        g_snprintf(name, sizeof name, "%u", number + 1);
        y = gan_relu(gan_batch_norm_with(net, name, y, namings[sizes->naming].eps));
    }
    g_snprintf(name, sizeof name, "%u", number);
    y = gan_conv2d_with(net, name, y, sizes->channels_out, 3, conv);
    gan_pop(net);
    return y;
}

static GanNode *build(GanNet *net, const GanSizes *sizes)
{
    const gboolean told = (sizes->form & TOLD) != 0;
    GanNode *x = gan_input(net, 0), *seen = x;
    if (told) {
        GanNode *both[] = {x, gan_denoiser_plane(gan_denoiser_level(net, sizes), x)};
        seen = gan_concat(both, 2);
    }
    GanNode *y = sizes->form & BATCH_NORM
                     ? stack_with_norms(net, sizes, seen)
                     : gan_denoiser_build_stack(net, sizes, seen, sizes->channels_out);
    return told ? y : gan_scaled_add(-1, y, 1, x);
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
    .stack = "model",
    .build = build,
};
