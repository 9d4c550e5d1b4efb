// SPDX-License-Identifier: LGPL-3.0-or-later
// What a recipe says of losses that compare pixels with pixels: a part of [loss].
#ifndef GAN_PIXEL_H
#define GAN_PIXEL_H

#include "loss.h"
#include <keys.h>

typedef enum {
    GAN_PIXEL_LOSS_L1,
    GAN_PIXEL_LOSS_CHARBONNIER,
    GAN_PIXEL_LOSS_MSE,
    GAN_PIXEL_LOSS_NONE,
} GanPixelLoss;

typedef struct {
    guint kind; // GanPixelLoss
    double weight, ms_ssim_weight, variation_weight;
} GanPixelSettings;

extern const GanKeys gan_pixel_keys; // GanPixelSettings

// The loss of the kind, which is not NONE.
GanNode *gan_pixel_loss(GanPixelLoss kind, GanNode *made, GanNode *target);

// Over as many scales as a square of `side` pixels has room for; see gan_loss_ms_ssim().
GanNode *gan_pixel_ms_ssim(GanNode *made, GanNode *target, guint channels, guint side);

#endif
