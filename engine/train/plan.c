// SPDX-License-Identifier: LGPL-3.0-or-later
// What a run will be like: its size, its memory, and the time of a step.
#include "trainer-private.h"

#define WARM_STEPS 2 // before a step is timed

static double flops_of(const GanTraining *t)
{
    double flops = 0;
    for (guint i = 0; i < t->turns->len; i++)
        flops +=
            gan_turn_info(t->turns->pdata[i])->flops * (double)gan_turn_n_runs(t->turns->pdata[i]);
    return flops;
}

gboolean gan_trainer_plan(GanTrainer *trainer, GanTrainerPlan *plan, GError **error)
{
    GanTraining *t = &trainer->training;
    const GanRecipeTitle *title = gan_recipe_settings(t->recipe, &gan_title_keys);
    *plan = (GanTrainerPlan){.title = title->title,
                             .network = t->network_text,
                             .device = gan_device_description(t->device),
                             .n_pictures = gan_dataset_n_pictures(t->dataset),
                             .n_validation = t->validation != NULL && t->run->validate_every > 0
                                                 ? gan_dataset_n_pictures(t->validation)
                                                 : 0,
                             .step = t->step,
                             .steps = t->run->steps};
    for (guint i = 0; i < t->players->len; i++) {
        const GanPlayer *player = t->players->pdata[i];
        *(player->role == GAN_PLAYER_CRITIC ? &plan->n_critic_weights : &plan->n_weights) +=
            gan_player_n_weights(player);
    }
    gan_trainer_start_loader(trainer);
    for (guint i = 0; i <= WARM_STEPS; i++) {
        gboolean diverged;
        const double before = flops_of(t);
        const gint64 begun_us = g_get_monotonic_time();
        if (!gan_trainer_step(trainer, &diverged, error))
            return FALSE;
        plan->step_seconds = (double)(g_get_monotonic_time() - begun_us) / G_USEC_PER_SEC;
        plan->flops = flops_of(t) - before;
    }
    const gboolean on_gpu = gan_training_is_on_gpu(t);
    GanMemory taken = {0};
    if (trainer->procedure->foresee != NULL &&
        !trainer->procedure->foresee(trainer->own, &taken, error))
        return FALSE;
    gan_memory_add_steps(&taken, t);
    taken.process += trainer->begun_bytes + (on_gpu ? 0 : taken.computing);
    plan->gpu_bytes = on_gpu ? taken.computing : 0;
    guint64 most_bytes;
    gan_memory_resident_bytes(&most_bytes);
    plan->memory_bytes = MAX(taken.process, most_bytes);
    return TRUE;
}
