// SPDX-License-Identifier: LGPL-3.0-or-later
// Losses that compare pixels with pixels, by the words of recipes.
#include "pixel.h"

#include <stddef.h>

#define CHARBONNIER_EPS 1e-6f // LapSRN's 1e-3, squared
#define WINDOW 11u            // of MS-SSIM
#define MOST_SCALES 5u

#define AT(member) offsetof(GanPixelSettings, member)
static const GanKey rows[] = {
    {"loss", "pixel", GAN_KEY_CHOICE, AT(kind), 0, 0, "none", "l1|charbonnier|mse|none"},
    {"loss", "pixel_weight", GAN_KEY_NUMBER, AT(weight), 0, 1e6, "1", NULL},
    {"loss", "ms_ssim_weight", GAN_KEY_NUMBER, AT(ms_ssim_weight), 0, 1e6, "0", NULL},
    {"loss", "variation_weight", GAN_KEY_NUMBER, AT(variation_weight), 0, 1e6, "0", NULL},
};
#undef AT

const GanKeys gan_pixel_keys = {rows, G_N_ELEMENTS(rows), sizeof(GanPixelSettings), NULL};

GanNode *gan_pixel_loss(GanPixelLoss kind, GanNode *made, GanNode *target)
{
    switch (kind) {
    case GAN_PIXEL_LOSS_L1:
        return gan_loss_l1(made, target);
    case GAN_PIXEL_LOSS_CHARBONNIER:
        return gan_loss_charbonnier(made, target, CHARBONNIER_EPS);
    case GAN_PIXEL_LOSS_MSE:
        return gan_loss_mse(made, target);
    case GAN_PIXEL_LOSS_NONE:
        break;
    }
    g_assert_not_reached();
}

GanNode *gan_pixel_ms_ssim(GanNode *made, GanNode *target, guint channels, guint side)
{
    guint n_scales = 1;
    while (n_scales < MOST_SCALES && side >> n_scales >= WINDOW)
        n_scales++;
    return gan_loss_ms_ssim(made, target, channels, n_scales);
}
