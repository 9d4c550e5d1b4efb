// SPDX-License-Identifier: LGPL-3.0-or-later
// What the denoisers of KAIR, and FBCNN, have in common.
#include "denoiser.h"

#include <string.h>

#define MOST_NOISE 75 // that they were trained with
#define USUAL_NOISE 15

// "model.", a number, "weight" or "bias"; other networks have some of these names among theirs.
static gboolean is_layer(const char *name)
{
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

GanNode *gan_denoiser_build_stack(GanNet *net, const GanSizes *sizes, GanNode *x, guint channels)
{
    char name[16] = "0";
    gan_push(net, "model");
    for (guint i = 0; i + 1 < sizes->blocks; i++) {
        x = gan_relu(gan_conv2d(net, name, x, sizes->features, 3));
        g_snprintf(name, sizeof name, "%u", 2 * i + 2);
    }
    x = gan_conv2d(net, name, x, channels, 3);
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

GanNode *gan_denoiser_plane(GanNet *net, GanNode *like)
{
    GanNode *level = gan_affine(net, gan_input(net, 1), 1 / 255.f, 0);
    return gan_broadcast(level, gan_slice(like, 3, 0, 1));
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
