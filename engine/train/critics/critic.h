// SPDX-License-Identifier: LGPL-3.0-or-later
// What a recipe says of a critic: [critic].
#ifndef GAN_CRITIC_H
#define GAN_CRITIC_H

#include "critics.h"
#include <loss.h>
#include <recipe.h>

typedef struct {
    guint kind; // GanCriticKind
    guint features, n_layers;
    guint norm;     // GanCriticNorm
    guint loss;     // GanCriticLoss
    double weight;  // of the generator's loss
    double rate;    // of learning; 0: the generator's
    double penalty; // of slopes other than 1 between real and made pictures; 0: none
    double r1;      // of slopes at real pictures; 0: none
    double largest; // weight; 0: any
} GanCriticSettings;

extern const GanKeys gan_critic_keys; // GanCriticSettings

// Appends the critic that the settings name; `size`: side of the picture.
GanNode *gan_critic_append(const GanCriticSettings *settings, GanNet *net, GanNode *x, guint size);

#endif
