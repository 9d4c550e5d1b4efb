// SPDX-License-Identifier: LGPL-3.0-or-later
// A run is set up from a recipe.
#include "trainer-private.h"

#include <string.h>

static char *name_of(const GanRecipe *recipe, const GanRunSettings *run)
{
    if (run->name[0] != '\0')
        return g_strdup(run->name);
    char *name = g_path_get_basename(gan_recipe_path(recipe));
    char *dot = strrchr(name, '.');
    if (dot != NULL && dot != name)
        *dot = '\0';
    return name;
}

static gboolean check_output(const GanTraining *t, GError **error)
{
    g_autofree char *path = gan_training_path(t, GAN_STATE_FILE);
    const gboolean there = g_file_test(path, G_FILE_TEST_EXISTS);
    if (there == t->resumes)
        return TRUE;
    g_set_error(error, GAN_ERROR, GAN_ERROR_FILE,
                there ? "%s: a run has been saved here; --resume goes on with it, another --output "
                        "begins anew"
                      : "%s: there is nothing to resume: no " GAN_STATE_FILE,
                t->output);
    return FALSE;
}

// A card without bfloat16 trains in float32, only slower.
static gboolean choose_step_device(GanTraining *t, GError **error)
{
    g_autoptr(GError) reason = NULL;
    if (t->run->precision == GAN_PRECISION_BFLOAT16)
        t->step_device = gan_device_in(t->device, GK_BF16, &reason);
    if (reason != NULL)
        gan_training_say(t, "steps compute in float32: %s", reason->message);
    if (t->step_device == NULL)
        t->step_device = gan_device_in(t->device, GK_F32, error);
    return t->step_device != NULL;
}

GanTrainer *gan_trainer_new_with(const GanTrainerOptions *options,
                                 const GanProcedure *const *procedures,
                                 const GanTrainingSource *source, GError **error)
{
    g_autoptr(GanTrainer) trainer = g_new0(GanTrainer, 1);
    GanTraining *t = &trainer->training;
    trainer->begun_bytes = gan_memory_resident_bytes(NULL);
    t->rate_factor = 1;
    t->resumes = options->resume;
    t->source = source;
    t->notice = options->notice;
    t->notice_data = options->notice_data;
    t->players = g_ptr_array_new_with_free_func((GDestroyNotify)gan_player_free);
    t->turns = g_ptr_array_new_with_free_func((GDestroyNotify)gan_turn_free);
    t->recipe = gan_procedure_read(procedures, options->recipe, options->changes,
                                   &trainer->procedure, error);
    if (t->recipe == NULL)
        return NULL;
    t->run = gan_recipe_settings(t->recipe, &gan_run_keys);
    const GPtrArray *notices = gan_recipe_notices(t->recipe);
    for (guint i = 0; i < notices->len; i++)
        gan_training_say(t, "%s", (const char *)notices->pdata[i]);
    t->name = name_of(t->recipe, t->run);
    t->data = g_strdup(options->data);
    t->output = g_strdup(options->output != NULL ? options->output : t->name);
    if (!check_output(t, error))
        return NULL;
    t->device = gan_device_open(options->device != NULL ? options->device : "cpu",
                                options->n_threads, error);
    if (t->device == NULL || !choose_step_device(t, error))
        return NULL;
    if (!trainer->procedure->begin(t, &trainer->own, error) || !gan_training_settle(t, error))
        return NULL;
    if (t->resumes &&
        !gan_state_load(t, trainer->procedure, trainer->own, &trainer->rollbacks, error))
        return NULL;
    return g_steal_pointer(&trainer);
}

GanTrainer *gan_trainer_new(const GanTrainerOptions *options, GError **error)
{
    return gan_trainer_new_with(options, gan_procedures, NULL, error);
}

void gan_trainer_free(GanTrainer *trainer)
{
    if (trainer == NULL)
        return;
    gan_log_free(trainer->log);
    // Turns and players read what the procedure owns to the last.
    gan_training_clear(&trainer->training);
    if (trainer->procedure != NULL)
        trainer->procedure->free(trainer->own);
    g_free(trainer);
}

void gan_trainer_start_loader(GanTrainer *trainer)
{
    GanTraining *t = &trainer->training;
    gan_loader_free(t->loader);
    t->loader = gan_loader_new(t->dataset, &t->loading, t->n_batches + trainer->rollbacks.skipped);
}

gboolean gan_trainer_step(GanTrainer *trainer, gboolean *diverged, GError **error)
{
    const GanTraining *t = &trainer->training;
    *diverged = FALSE;
    if (!trainer->procedure->step(trainer->own, diverged, error))
        return FALSE;
    for (guint i = 0; !*diverged && i < t->players->len; i++)
        if (!gan_player_average(t->players->pdata[i], error))
            return FALSE;
    return TRUE;
}
