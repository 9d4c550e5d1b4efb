// SPDX-License-Identifier: LGPL-3.0-or-later
// How a critic learns.
#include "critic_turn.h"

GanPlayer *gan_critic_player(GanTraining *t, const char *name, const GanCriticSettings *settings,
                             const GanLearning *learning, GanParameters *network)
{
    GanLearning own = *learning;
    own.average = 0;
    if (settings->rate > 0)
        own.schedule.rate = settings->rate;
    GanPlayer *player = gan_training_player(t, name, GAN_PLAYER_CRITIC, &own);
    player->largest = settings->largest;
    gan_player_add(player, name, network);
    return player;
}

GanNode *gan_critic_opinion(const GanCriticSettings *settings, GanNet *critic, GanNode *pictures,
                            GanNode *planes, GanShape shape)
{
    GanNode *both[] = {pictures, planes};
    return gan_critic_append(settings, critic, planes != NULL ? gan_concat(both, 2) : pictures,
                             (guint)shape.w);
}

GanTurn *gan_critic_turn(GanTraining *t, GanPlayer *player, const GanCriticSettings *settings,
                         GanShape shape, guint n_classes, guint64 seed, GError **error)
{
    g_autoptr(GRand) random = g_rand_new_with_seed((guint32)seed);
    GanTurn *turn = gan_training_turn(t);
    GanNet *critic = gan_turn_network(turn, player->networks->pdata[0], random);
    GanNode *real = gan_turn_input(turn, "real", shape);
    GanNode *fake = gan_turn_input(turn, "fake", shape);
    const GanShape planes_shape = {shape.n, shape.h, shape.w, n_classes};
    GanNode *planes = n_classes > 0 ? gan_turn_input(turn, "planes", planes_shape) : NULL;
    GanNode *on_real = gan_critic_opinion(settings, critic, real, planes, shape);
    GanNode *on_fake = gan_critic_opinion(settings, critic, fake, planes, shape);
    gan_turn_loss(turn, "critic", gan_loss_critic((GanCriticLoss)settings->loss, on_real, on_fake),
                  1);
    gan_turn_watch(turn, "real", gan_reduce_mean(on_real, GAN_AXIS_ALL));
    gan_turn_watch(turn, "fake", gan_reduce_mean(on_fake, GAN_AXIS_ALL));
    if (settings->penalty > 0) {
        GanNode *share = gan_turn_input(turn, "share", (GanShape){shape.n, 1, 1, 1});
        GanNode *between = gan_between(real, fake, share);
        GanNode *score = gan_critic_opinion(settings, critic, between, planes, shape);
        GanNode *slopes = gan_slopes(score, between);
        gan_turn_loss(turn, "penalty", gan_loss_gradient_penalty(slopes), settings->penalty);
        gan_turn_watch(turn, "slope", gan_reduce_mean(slopes, GAN_AXIS_ALL));
    }
    if (settings->r1 > 0)
        gan_turn_loss(turn, "r1", gan_loss_r1(on_real, real), settings->r1 / 2);
    return gan_turn_train(turn, player, t->step_device, error) ? turn : NULL;
}

gboolean gan_critic_run(const GanTraining *t, GanTurn *turn, const GanCriticSettings *settings,
                        gboolean accumulate, GError **error)
{
    if (settings->penalty > 0) {
        float *share = gan_turn_room(turn, "share", error);
        GanRandom random = gan_training_random(t, GAN_RANDOM_PENALTY, t->n_batches);
        for (guint i = 0; share != NULL && i < t->loading.batch; i++)
            share[i] = (float)gan_random_uniform(&random);
        if (share == NULL)
            return FALSE;
    }
    return gan_turn_run(turn, accumulate, error);
}
