// SPDX-License-Identifier: LGPL-3.0-or-later
// The state of a run: tensors "PLAYER/WEIGHT", of networks named otherwise than their player
// "PLAYER.NETWORK/WEIGHT"; "PLAYER.optimizer/N", "PLAYER.ema/N"; and counters.
#include "state.h"

#include <string.h>

static void add_player(GanCheckpoint *state, const GanPlayer *player)
{
    for (guint k = 0; k < player->networks->len; k++) {
        const GanParameters *parameters = player->networks->pdata[k];
        const char *network = player->network_names->pdata[k];
        const gboolean same = strcmp(network, player->name) == 0;
        for (guint i = 0; i < gan_parameters_n(parameters); i++) {
            const GanParameter *p = gan_parameters_at(parameters, i);
            g_autofree char *name = g_strdup_printf("%s%s%s/%s", player->name, same ? "" : ".",
                                                    same ? "" : network, p->name);
            gan_checkpoint_add(state, name, p->tensor);
        }
    }
    for (guint i = 0; i < gan_optimizer_n_states(player->optimizer); i++) {
        g_autofree char *name = g_strdup_printf("%s.optimizer/%u", player->name, i);
        gan_checkpoint_add(state, name, gan_optimizer_state(player->optimizer, i));
    }
    for (guint i = 0; player->ema != NULL && i < gan_gradients_n(player->gradients); i++) {
        g_autofree char *name = g_strdup_printf("%s.ema/%u", player->name, i);
        gan_checkpoint_add(state, name, gan_ema_average(player->ema, i));
    }
}

static GanCheckpoint *state_of(const GanTraining *t, const GanProcedure *procedure, gpointer own)
{
    GanCheckpoint *state = gan_checkpoint_new();
    for (guint i = 0; i < t->players->len; i++)
        add_player(state, t->players->pdata[i]);
    if (procedure->keep != NULL)
        procedure->keep(own, state);
    return state;
}

gboolean gan_state_save(const GanTraining *t, const GanProcedure *procedure, gpointer own,
                        const GanRollbacks *rollbacks, GError **error)
{
    if (!gan_training_pull(t, error))
        return FALSE;
    g_autoptr(GanCheckpoint) state = state_of(t, procedure, own);
    g_autofree char *path = gan_training_path(t, GAN_STATE_FILE);
    g_autofree char *recipe = gan_recipe_text(t->recipe);
    gan_checkpoint_set(state, "recipe", recipe);
    gan_checkpoint_set(state, "changes", t->changes);
    gan_checkpoint_set(state, "data", t->data_hash);
    gan_checkpoint_set_count(state, "step", t->step);
    gan_checkpoint_set_count(state, "batches", t->n_batches);
    gan_checkpoint_set_count(state, "skipped", rollbacks->skipped);
    gan_checkpoint_set_count(state, "rollbacks", rollbacks->n_rollbacks);
    gan_checkpoint_set_number(state, "rate_factor", t->rate_factor);
    if (t->best_name != NULL)
        gan_checkpoint_set(state, "best_name", t->best_name);
    gan_checkpoint_set_number(state, "best", t->best);
    for (guint i = 0; i < t->players->len; i++) {
        const GanPlayer *player = t->players->pdata[i];
        g_autofree char *key = g_strconcat(player->name, "_steps", NULL);
        gan_checkpoint_set_count(state, key, gan_optimizer_steps(player->optimizer));
    }
    return gan_checkpoint_write(state, path, error);
}

void gan_state_summary_clear(GanStateSummary *summary)
{
    g_clear_pointer(&summary->changes, g_free);
}

gboolean gan_state_look(const char *path, GanStateSummary *summary, GError **error)
{
    g_autoptr(GanWeights) file = gan_weights_open(path, error);
    if (file == NULL)
        return FALSE;
    const char *step = gan_weights_metadata(file, "step");
    *summary = (GanStateSummary){step != NULL ? g_ascii_strtoull(step, NULL, 10) : 0,
                                 g_strdup(gan_weights_metadata(file, "changes"))};
    return TRUE;
}

gboolean gan_state_load(GanTraining *t, const GanProcedure *procedure, gpointer own,
                        GanRollbacks *rollbacks, GError **error)
{
    g_autoptr(GanCheckpoint) state = state_of(t, procedure, own);
    g_autofree char *path = gan_training_path(t, GAN_STATE_FILE);
    if (!gan_checkpoint_read(state, path, error) || !gan_training_push(t, error))
        return FALSE;
    t->step = gan_checkpoint_get_count(state, "step");
    t->n_batches = gan_checkpoint_get_count(state, "batches");
    rollbacks->skipped = gan_checkpoint_get_count(state, "skipped");
    rollbacks->n_rollbacks = (guint)gan_checkpoint_get_count(state, "rollbacks");
    t->rate_factor = gan_checkpoint_get_number(state, "rate_factor");
    t->best = gan_checkpoint_get_number(state, "best");
    g_free(t->best_name);
    t->best_name = g_strdup(gan_checkpoint_get(state, "best_name"));
    for (guint i = 0; i < t->players->len; i++) {
        const GanPlayer *player = t->players->pdata[i];
        g_autofree char *key = g_strconcat(player->name, "_steps", NULL);
        gan_optimizer_set_steps(player->optimizer, gan_checkpoint_get_count(state, key));
    }
    if (procedure->restore != NULL)
        procedure->restore(own, state);
    if (g_strcmp0(gan_checkpoint_get(state, "data"), t->data_hash) != 0)
        gan_training_say(t, "the data are not those that the run began with");
    return TRUE;
}
