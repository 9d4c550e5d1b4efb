// SPDX-License-Identifier: LGPL-3.0-or-later
// What the denoisers of KAIR, and FBCNN, have in common.
#include "denoiser.h"

#include <string.h>

#define WHITE 255
#define MOST_NOISE 75 // that they were trained with
#define USUAL_NOISE 15
#define BEST_QUALITY 100 // nothing is lost, as far as a network is told
#define USUAL_QUALITY 75

#define MUCH_NOISE 50 // which ours see as 1, so that a plane is as large as a picture
// The part of much damage from which on all is added of what a network makes; below it goes down to
// nothing in a straight line.
#define KNEE 0.1f

// Their presence alone counts: metadata get lost when files are converted, and what a network
// computes must not depend on them.
#define RESIDUAL "residual"
#define QUALITY "quality"

// "model.", a number, "weight" or "bias"; other networks have some of these names among theirs.
static gboolean is_layer(const char *name)
{
    if (strcmp(name, RESIDUAL) == 0 || strcmp(name, QUALITY) == 0)
        return TRUE;
    g_auto(GStrv) parts = g_strsplit(name, ".", 4);
    return g_strv_length(parts) == 3 && strcmp(parts[0], "model") == 0 &&
           (strcmp(parts[2], "weight") == 0 || strcmp(parts[2], "bias") == 0);
}

guint gan_denoiser_stack(const GanWeights *weights)
{
    for (guint i = 0; i < gan_weights_n_entries(weights); i++)
        if (!is_layer(gan_weights_entry(weights, i)->name))
            return 0;
    const guint count = gan_family_count(weights, "model.", ".weight");
    if (count < 3 || count % 2 == 0)
        return 0;
    for (guint i = 0; i < count; i++) {
        g_autofree char *weight = g_strdup_printf("model.%u.weight", i);
        const GanWeightsEntry *entry = gan_weights_find(weights, weight);
        if (i % 2 == 0 ? entry == NULL || entry->rank != 4 || entry->shape[2] != 3 : entry != NULL)
            return 0;
    }
    return count;
}

void gan_denoiser_begin_last(GanNet *net, const GanSizes *sizes)
{
    gan_initialise_by(net, sizes->told_bare ? "kaiming_normal" : "zeros", NULL);
}

GanNode *gan_denoiser_build_stack(GanNet *net, const GanSizes *sizes, GanNode *x, guint channels)
{
    char name[16] = "0";
    gan_initialise_by(net, "kaiming_normal", NULL);
    gan_push(net, "model");
    for (guint i = 0; i + 1 < sizes->blocks; i++) {
        x = gan_relu(gan_conv2d(net, name, x, sizes->features, 3));
        g_snprintf(name, sizeof name, "%u", 2 * i + 2);
    }
    gan_denoiser_begin_last(net, sizes);
    x = gan_conv2d(net, name, x, channels, 3);
    gan_initialise_by(net, NULL, NULL);
    gan_pop(net);
    return x;
}

void gan_denoiser_add_level(GanModelInfo *info)
{
    info->n_inputs = 2;
    info->inputs[1] = (GanEnd){.kind = GAN_END_NUMBER,
                               .name = "noise",
                               .channels = 1,
                               .high = MOST_NOISE,
                               .initial = USUAL_NOISE};
}

void gan_denoiser_told_sizes(const GanWeights *weights, GanSizes *sizes)
{
    sizes->told_bare = !gan_family_has(weights, RESIDUAL, 0);
    sizes->told_quality = gan_family_has(weights, QUALITY, 0);
}

void gan_denoiser_describe_told(const char *title, const GanSizes *sizes, GanModelInfo *info)
{
    info->title = g_strdup_printf("%s %u/%u%s", title, sizes->features, sizes->blocks,
                                  sizes->told_bare ? "" : ", residual");
    gan_denoiser_add_level(info);
    if (sizes->told_quality)
        info->inputs[1] = (GanEnd){.kind = GAN_END_NUMBER,
                                   .name = "quality",
                                   .channels = 1,
                                   .low = 1,
                                   .high = BEST_QUALITY,
                                   .initial = USUAL_QUALITY};
}

GanNode *gan_denoiser_level(GanNet *net, const GanSizes *sizes)
{
    GanNode *number = gan_input(net, 1);
    if (!sizes->told_quality)
        return gan_linear_map(number, 1.f / (sizes->told_bare ? WHITE : MUCH_NOISE), 0);
    // In two steps, so that the best is 0 to the last bit.
    return gan_linear_map(gan_linear_map(number, -1, BEST_QUALITY), 1.f / BEST_QUALITY, 0);
}

GanNode *gan_denoiser_seen(const GanSizes *sizes, GanNode *x)
{
    return sizes->told_bare ? x : gan_linear_map(x, 1, -0.5f);
}

GanNode *gan_denoiser_plane(GanNode *level, GanNode *like)
{
    return gan_broadcast(level, gan_slice(like, 3, 0, 1));
}

GanNode *gan_denoiser_told(GanNet *net, const GanSizes *sizes, GanNode *x, GanNode *level,
                           GanNode *made)
{
    if (sizes->told_quality)
        gan_marker(net, QUALITY);
    if (sizes->told_bare)
        return made;
    gan_marker(net, RESIDUAL);
    return gan_add(x, gan_product(made, gan_clamp(gan_linear_map(level, 1 / KNEE, 0), 0, 1)));
}

GanNode *gan_denoiser_residual(GanNet *net, guint number, GanNode *x, gboolean bias)
{
    const GanConv conv = {.no_bias = !bias};
    gan_push(net, "%u.res", number);
    GanNode *y = gan_relu(gan_conv2d_with(net, "0", x, x->channels, 3, conv));
    y = gan_conv2d_with(net, "2", y, x->channels, 3, conv);
    gan_pop(net);
    return y;
}

GanNode *gan_denoiser_residuals(GanNet *net, guint n, guint first, GanNode *x, gboolean bias)
{
    for (guint i = 0; i < n; i++)
        x = gan_add(gan_denoiser_residual(net, first + i, x, bias), x);
    return x;
}
