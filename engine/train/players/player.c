// SPDX-License-Identifier: LGPL-3.0-or-later
// Players, and what a step changes of them: weights and their averages, in the process's memory or
// on the device that computed the gradients.
#include "player.h"

#include <math.h>

static void term_clear(gpointer data)
{
    g_free(((GanTerm *)data)->name);
}

GanPlayer *gan_player_new(const char *name, GanPlayerRole role, const GanLearning *learning)
{
    GanPlayer *player = g_new0(GanPlayer, 1);
    player->name = g_strdup(name);
    player->role = role;
    player->learning = *learning;
    player->networks = g_ptr_array_new();
    player->network_names = g_ptr_array_new_with_free_func(g_free);
    player->terms = g_array_new(FALSE, TRUE, sizeof(GanTerm));
    g_array_set_clear_func(player->terms, term_clear);
    return player;
}

void gan_player_free(GanPlayer *player)
{
    if (player == NULL)
        return;
    gan_resident_free(player->resident);
    gan_ema_free(player->ema);
    gan_optimizer_free(player->optimizer);
    gan_gradients_free(player->gradients);
    g_array_unref(player->terms);
    g_ptr_array_unref(player->networks);
    g_ptr_array_unref(player->network_names);
    g_free(player->name);
    g_free(player);
}

void gan_player_add(GanPlayer *player, const char *name, GanParameters *parameters)
{
    g_ptr_array_add(player->networks, parameters);
    g_ptr_array_add(player->network_names, g_strdup(name));
}

gboolean gan_player_has(const GanPlayer *player, const GanParameters *parameters)
{
    return g_ptr_array_find(player->networks, parameters, NULL);
}

guint64 gan_player_n_weights(const GanPlayer *player)
{
    guint64 n = 0;
    for (guint i = 0; i < player->networks->len; i++)
        n += gan_parameters_n_weights(player->networks->pdata[i]);
    return n;
}

gboolean gan_player_learn(GanPlayer *player, GanGradients *gradients, GError **error)
{
    GanTensor *const *weights = gan_gradients_weights(gradients);
    const guint n = gan_gradients_n(gradients);
    gan_gradients_free(player->gradients);
    player->gradients = gradients;
    if (player->optimizer == NULL)
        player->optimizer = gan_optimizer_new(&player->learning.optimizer, weights, n, error);
    if (player->optimizer == NULL)
        return FALSE;
    if (player->ema == NULL && player->learning.average > 0 &&
        (player->ema = gan_ema_new(weights, n, error)) == NULL)
        return FALSE;
    return TRUE;
}

gboolean gan_player_settle(GanPlayer *player, GanDevice *device, GError **error)
{
    player->resident =
        gan_resident_new(device, player->gradients, player->optimizer, player->ema, error);
    return player->resident != NULL;
}

gboolean gan_player_pull(const GanPlayer *player, GError **error)
{
    return player->resident == NULL || gan_resident_pull(player->resident, error);
}

gboolean gan_player_push(const GanPlayer *player, GError **error)
{
    return player->resident == NULL || gan_resident_push(player->resident, error);
}

// --- updates ---

static gboolean update_here(GanPlayer *player, double rate)
{
    const GanLearning *learning = &player->learning;
    const guint n = gan_gradients_n(player->gradients);
    GanTensor *const *gradients = gan_gradients_tensors(player->gradients);
    for (guint i = 0; i < n && learning->accumulate > 1; i++)
        for (gsize k = 0; k < gan_tensor_length(gradients[i]); k++)
            gradients[i]->data[k] /= (float)learning->accumulate;
    const double most = learning->clip_norm > 0 ? learning->clip_norm : INFINITY;
    if (!isfinite(gan_gradients_clip_norm(gradients, n, most)))
        return FALSE;
    gan_optimizer_step(player->optimizer, rate, gradients);
    if (player->largest > 0)
        gan_tensors_clamp(gan_gradients_weights(player->gradients), n, player->largest);
    return TRUE;
}

static gboolean update_there(GanPlayer *player, double rate, gboolean *diverged, GError **error)
{
    const GanLearning *learning = &player->learning;
    double norm;
    if (!gan_resident_norm(player->resident, &norm, error))
        return FALSE;
    // Of the mean over the batches; as torch.nn.utils.clip_grad_norm_ does.
    double factor = 1.0 / learning->accumulate;
    if (learning->clip_norm > 0)
        factor *= fmin(1, learning->clip_norm / (norm * factor + 1e-6));
    *diverged = !isfinite(norm);
    return *diverged ||
           (gan_resident_step(player->resident, rate, factor, error) &&
            (player->largest <= 0 || gan_resident_clamp(player->resident, player->largest, error)));
}

gboolean gan_player_update(GanPlayer *player, guint64 step, double factor, gboolean *diverged,
                           GError **error)
{
    *diverged = TRUE;
    for (guint i = 0; i < player->terms->len; i++)
        if (!isfinite(g_array_index(player->terms, GanTerm, i).value))
            return TRUE;
    const double rate = factor * gan_schedule_rate(&player->learning.schedule, step);
    if (player->resident != NULL)
        return update_there(player, rate, diverged, error);
    *diverged = !update_here(player, rate);
    return TRUE;
}

gboolean gan_player_average(GanPlayer *player, GError **error)
{
    if (player->ema == NULL)
        return TRUE;
    if (player->resident != NULL)
        return gan_resident_average(player->resident, player->learning.average, error);
    gan_ema_update(player->ema, player->learning.average);
    return TRUE;
}
