// SPDX-License-Identifier: LGPL-3.0-or-later
// Losses as values of a graph: each is a scalar, so that a recipe's loss is a weighted sum of them.
#ifndef GAN_LOSS_H
#define GAN_LOSS_H

#include "values.h"

// Means over all elements.
GanNode *gan_loss_l1(GanNode *made, GanNode *wanted);
GanNode *gan_loss_mse(GanNode *made, GanNode *wanted);
GanNode *gan_loss_charbonnier(GanNode *made, GanNode *wanted, float eps); // sqrt(d^2 + eps)
// d^2 / 2 below delta, delta (|d| - delta / 2) above it.
GanNode *gan_loss_huber(GanNode *made, GanNode *wanted, float delta);

// Mean absolute difference of vertical neighbours plus that of horizontal ones.
GanNode *gan_loss_total_variation(GanNode *x);

// 1 - the multi-scale structural similarity of values in 0..1 of `channels`, over the first
// `scales` (1 to 5) of the paper's five, their exponents scaled to the sum 1. The smallest scale
// must hold the window of 11 pixels.
// Source:  Wang, Simoncelli, Bovik 2003, "Multi-Scale Structural Similarity for
//          Image Quality Assessment".
GanNode *gan_loss_ms_ssim(GanNode *made, GanNode *wanted, guint channels, guint scales);

// Inner products of the channels over all pixels, divided by C H W: N 1 C C.
// Source:  Gatys, Ecker, Bethge 2015, arXiv:1508.06576; Johnson, Alahi, Li 2016, arXiv:1603.08155.
GanNode *gan_gram(GanNode *features);

// --- critics ---

typedef enum {
    GAN_CRITIC_LOSS_MINIMAX,        // log D(x) + log(1 - D(G(z))), played as it stands
    GAN_CRITIC_LOSS_NON_SATURATING, // the generator minimises -log D(G(z)): BCE with label 1
    GAN_CRITIC_LOSS_LEAST_SQUARES,  // Mao et al. 2016, arXiv:1611.04076
    GAN_CRITIC_LOSS_HINGE,          // Lim, Ye 2017, arXiv:1705.02894
    GAN_CRITIC_LOSS_WASSERSTEIN,    // Arjovsky, Chintala, Bottou 2017, arXiv:1701.07875
    // Relativistic average: each score less the mean of the other kind's, and half the sum of both
    // terms. The means are not differentiated in the critic, the real scores not in the generator.
    // Jolicoeur-Martineau 2018, arXiv:1807.00734, as ESRGAN (arXiv:1809.00219) has it in BasicSR.
    GAN_CRITIC_LOSS_RELATIVISTIC,
    GAN_CRITIC_LOSS_NONE, // no critic
} GanCriticLoss;

// What the critic and the generator minimise. Scores are the critic's values without a sigmoid, of
// any shape; means over all of them. `real` matters to a RELATIVISTIC generator only.
GanNode *gan_loss_critic(GanCriticLoss loss, GanNode *real, GanNode *fake);
GanNode *gan_loss_generator(GanCriticLoss loss, GanNode *real, GanNode *fake);

// Binary cross entropy of scores against a target of 0..1: a node of any shape that broadcasts.
GanNode *gan_loss_bce(GanNode *score, GanNode *target);

// |d score / d x|, the norm over each sample; `score` must have been made of `x`.
GanNode *gan_slopes(GanNode *score, GanNode *x);

// Mean of (slope - 1)^2; the slopes are those at places between real and fake pictures,
// gan_between().
// Source:  Gulrajani et al. 2017, arXiv:1704.00028.
GanNode *gan_loss_gradient_penalty(GanNode *slopes);

// Mean over samples of |d score / d x|^2, x being real pictures.
// Source:  Mescheder, Geiger, Nowozin 2018, arXiv:1801.04406.
GanNode *gan_loss_r1(GanNode *score, GanNode *x);

// share * real + (1 - share) * fake, without gradients to either; share: N 1 1 1.
GanNode *gan_between(GanNode *real, GanNode *fake, GanNode *share);

#endif
