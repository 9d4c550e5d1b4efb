// SPDX-License-Identifier: LGPL-3.0-or-later
// Losses of generators and their critics.
#include "gradient.h"
#include "loss.h"

static GanNode *mean(GanNode *x)
{
    return gan_reduce_mean(x, GAN_AXIS_ALL);
}

// Mean of max(0, 1 + sign * x); at the hinge the gradient is zero, as PyTorch has it.
static GanNode *hinge(GanNode *x, float sign)
{
    GanNode *v = gan_linear_map(x, sign, 1);
    return mean(gan_binary(v, v, GK_BINARY_STEP, 1, 0));
}

// Cross entropy of the sigmoid of a score with 1 and with 0: softplus(-x), softplus(x).
static GanNode *entropy_one(GanNode *x)
{
    return mean(gan_softplus(gan_negate(x)));
}

static GanNode *entropy_zero(GanNode *x)
{
    return mean(gan_softplus(x));
}

// Half of the entropies of `one` with 1 and of `zero` with 0.
static GanNode *half(GanNode *one, GanNode *zero)
{
    return gan_binary(entropy_one(one), entropy_zero(zero), GK_BINARY_ADD, 0.5f, 0.5f);
}

GanNode *gan_loss_critic(GanCriticLoss loss, GanNode *real, GanNode *fake)
{
    switch (loss) {
    case GAN_CRITIC_LOSS_MINIMAX:
    case GAN_CRITIC_LOSS_NON_SATURATING:
        return gan_sum(entropy_one(real), entropy_zero(fake));
    case GAN_CRITIC_LOSS_LEAST_SQUARES:
        return gan_sum(mean(gan_square(gan_linear_map(real, 1, -1))), mean(gan_square(fake)));
    case GAN_CRITIC_LOSS_HINGE:
        return gan_sum(hinge(real, -1), hinge(fake, 1));
    case GAN_CRITIC_LOSS_WASSERSTEIN:
        return gan_difference(mean(fake), mean(real));
    case GAN_CRITIC_LOSS_RELATIVISTIC:
        return half(gan_difference(real, gan_stop(mean(fake))),
                    gan_difference(fake, gan_stop(mean(real))));
    case GAN_CRITIC_LOSS_NONE:
        break;
    }
    g_assert_not_reached();
}

GanNode *gan_loss_generator(GanCriticLoss loss, GanNode *real, GanNode *fake)
{
    switch (loss) {
    case GAN_CRITIC_LOSS_MINIMAX:
        return gan_negate(entropy_zero(fake));
    case GAN_CRITIC_LOSS_NON_SATURATING:
        return entropy_one(fake);
    case GAN_CRITIC_LOSS_LEAST_SQUARES:
        return mean(gan_square(gan_linear_map(fake, 1, -1)));
    case GAN_CRITIC_LOSS_HINGE:
    case GAN_CRITIC_LOSS_WASSERSTEIN:
        return gan_negate(mean(fake));
    case GAN_CRITIC_LOSS_RELATIVISTIC: {
        GanNode *fixed = gan_stop(real);
        return half(gan_difference(fake, mean(fixed)), gan_difference(fixed, mean(fake)));
    }
    case GAN_CRITIC_LOSS_NONE:
        break;
    }
    g_assert_not_reached();
}

GanNode *gan_loss_bce(GanNode *score, GanNode *target)
{
    // softplus(x) - t x
    return mean(gan_difference(gan_softplus(score), gan_product(score, target)));
}

// The squares of the gradients of the sum of the scores, summed up for each sample: a sample's
// score depends on that sample alone.
static GanNode *squared_norms(GanNode *score, GanNode *x)
{
    GanNode *gradient = NULL;
    gan_graph_gradient(score->graph, score, &x, 1, &gradient);
    return gan_reduce_sum(gan_square(gradient), GAN_AXIS_H | GAN_AXIS_W | GAN_AXIS_C);
}

GanNode *gan_slopes(GanNode *score, GanNode *x)
{
    return gan_square_root(squared_norms(score, x));
}

GanNode *gan_loss_gradient_penalty(GanNode *slopes)
{
    return mean(gan_square(gan_linear_map(slopes, 1, -1)));
}

GanNode *gan_loss_r1(GanNode *score, GanNode *x)
{
    return mean(squared_norms(score, x));
}

GanNode *gan_between(GanNode *real, GanNode *fake, GanNode *share)
{
    // fake + share * (real - fake)
    return gan_stop(gan_sum(fake, gan_product(gan_difference(real, fake), share)));
}
