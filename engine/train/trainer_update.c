// SPDX-License-Identifier: LGPL-3.0-or-later
// What a step changes: the weights of a player and their averages, in the process's memory or on
// the device that computed the gradients.
#include "trainer-private.h"

#include <math.h>

static gboolean settle(GanTrainer *t, GanPlayer *player, GanEma *ema, GError **error)
{
    player->resident =
        gan_resident_new(t->step_device, player->gradients, player->optimizer, ema, error);
    return player->resident != NULL;
}

gboolean gan_trainer_is_on_gpu(const GanTrainer *t)
{
    return gan_device_backend(t->step_device)->device != NULL;
}

gboolean gan_trainer_settle(GanTrainer *t, GError **error)
{
    if (!gan_trainer_is_on_gpu(t))
        return TRUE;
    if (!settle(t, &t->generator, t->ema, error) ||
        (t->critic != NULL && !settle(t, &t->judge, NULL, error)))
        return FALSE;
    if (t->make != NULL)
        gan_resident_bind(t->generator.resident, t->make);
    if (t->critic == NULL)
        return TRUE;
    // The network learns from what the critic says, and the critic from what it makes.
    GanStep *network = gan_gradients_step(t->generator.gradients);
    gan_resident_bind(t->judge.resident, network);
    gan_step_link(gan_gradients_step(t->judge.gradients), GAN_TRAINER_FAKE,
                  t->make != NULL ? t->make : network, t->make != NULL ? 0 : t->generator.n_terms);
    return TRUE;
}

gboolean gan_trainer_pull(const GanTrainer *t, GError **error)
{
    return (t->generator.resident == NULL || gan_resident_pull(t->generator.resident, error)) &&
           (t->judge.resident == NULL || gan_resident_pull(t->judge.resident, error));
}

gboolean gan_trainer_push(GanTrainer *t, GError **error)
{
    return (t->generator.resident == NULL || gan_resident_push(t->generator.resident, error)) &&
           (t->judge.resident == NULL || gan_resident_push(t->judge.resident, error));
}

static gboolean update_here(const GanTrainer *t, GanPlayer *player, double rate, double clip)
{
    const GanRecipe *r = t->recipe;
    const guint n = gan_gradients_n(player->gradients);
    GanTensor *const *gradients = gan_gradients_tensors(player->gradients);
    for (guint i = 0; i < n && r->accumulate > 1; i++)
        for (gsize k = 0; k < gan_tensor_length(gradients[i]); k++)
            gradients[i]->data[k] /= (float)r->accumulate;
    if (!isfinite(
            gan_gradients_clip_norm(gradients, n, r->clip_norm > 0 ? r->clip_norm : INFINITY)))
        return FALSE;
    gan_optimizer_step(player->optimizer, rate, gradients);
    if (clip > 0)
        gan_tensors_clamp(gan_gradients_weights(player->gradients), n, clip);
    return TRUE;
}

static gboolean update_there(const GanTrainer *t, GanPlayer *player, double rate, double clip,
                             gboolean *diverged, GError **error)
{
    const GanRecipe *r = t->recipe;
    double norm;
    if (!gan_resident_norm(player->resident, &norm, error))
        return FALSE;
    // Of the mean over the batches; as torch.nn.utils.clip_grad_norm_ does.
    double factor = 1.0 / r->accumulate;
    if (r->clip_norm > 0)
        factor *= fmin(1, r->clip_norm / (norm * factor + 1e-6));
    *diverged = !isfinite(norm);
    return *diverged || (gan_resident_step(player->resident, rate, factor, error) &&
                         (clip <= 0 || gan_resident_clamp(player->resident, clip, error)));
}

gboolean gan_trainer_update(GanTrainer *t, GanPlayer *player, gboolean *diverged, GError **error)
{
    *diverged = TRUE;
    for (guint i = 0; i < player->n_terms; i++)
        if (!isfinite(player->values[i]))
            return TRUE;
    const double rate = t->rate_factor * gan_schedule_rate(&player->schedule, t->step);
    const double clip = player == &t->judge ? t->recipe->weight_clip : 0;
    if (player->resident != NULL)
        return update_there(t, player, rate, clip, diverged, error);
    *diverged = !update_here(t, player, rate, clip);
    return TRUE;
}

gboolean gan_trainer_average(GanTrainer *t, GError **error)
{
    if (t->ema == NULL)
        return TRUE;
    if (t->generator.resident != NULL)
        return gan_resident_average(t->generator.resident, t->recipe->ema, error);
    gan_ema_update(t->ema, t->recipe->ema);
    return TRUE;
}
