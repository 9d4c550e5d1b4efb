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

static gboolean has_weights(const GanTraining *t)
{
    static const char *const which[] = {"best", "last"};
    gboolean found = FALSE;
    for (guint i = 0; i < G_N_ELEMENTS(which); i++) {
        g_autofree char *file = g_strdup_printf("%s-%s.safetensors", t->name, which[i]);
        g_autofree char *path = gan_training_path(t, file);
        found = found || g_file_test(path, G_FILE_TEST_EXISTS);
    }
    return found;
}

// A run that ended before its first save has left nothing that another could destroy.
static gboolean check_output(const GanTraining *t, GError **error)
{
    g_autofree char *path = gan_training_path(t, GAN_STATE_FILE);
    g_auto(GanStateSummary) summary = {0};
    const gboolean there = g_file_test(path, G_FILE_TEST_EXISTS);
    if (there == t->resumes ||
        (there && gan_state_look(path, &summary, NULL) && summary.step == 0 && !has_weights(t)))
        return TRUE;
    g_set_error(error, GAN_ERROR, GAN_ERROR_FILE,
                there ? "%s: a run has been saved here; --resume goes on with it, another --output "
                        "begins anew"
                      : "%s: there is nothing to resume: no " GAN_STATE_FILE,
                t->output);
    return FALSE;
}

static gboolean read_recipe(GanTrainer *trainer, const GanTrainerOptions *options,
                            const GanProcedure *const *procedures, const char *const *changes,
                            GError **error)
{
    GanTraining *t = &trainer->training;
    t->recipe =
        gan_procedure_read(procedures, options->recipe, changes, &trainer->procedure, error);
    if (t->recipe == NULL)
        return FALSE;
    t->run = gan_recipe_settings(t->recipe, &gan_run_keys);
    t->name = name_of(t->recipe, t->run);
    t->output = g_strdup(options->output != NULL ? options->output : t->name);
    return TRUE;
}

// Whether one of `changes` sets what `former` does.
static gboolean is_replaced(const char *former, const char *const *changes)
{
    const gsize length = strcspn(former, "=") + 1;
    for (; changes != NULL && *changes != NULL; changes++)
        if (strncmp(former, *changes, length) == 0)
            return TRUE;
    return FALSE;
}

// The settings that the run in `output` was given beside its recipe's, those of `changes` last.
static char **join_changes(const GanTraining *t, const char *output, const char *const *changes,
                           GError **error)
{
    g_autofree char *path = g_build_filename(output, GAN_STATE_FILE, NULL);
    g_autoptr(GPtrArray) all = g_ptr_array_new_with_free_func(g_free);
    g_autoptr(GString) taken = g_string_new(NULL);
    g_auto(GanStateSummary) summary = {0};
    // Without a file there is nothing to resume, which check_output() says.
    if (t->resumes && g_file_test(path, G_FILE_TEST_EXISTS) &&
        !gan_state_look(path, &summary, error))
        return NULL;
    g_auto(GStrv) former = g_strsplit(summary.changes != NULL ? summary.changes : "", "\n", -1);
    for (guint i = 0; former[i] != NULL; i++) {
        if (is_replaced(former[i], changes))
            continue;
        g_string_append_printf(taken, " --set %s", former[i]);
        g_ptr_array_add(all, g_strdup(former[i]));
    }
    if (taken->len > 0)
        gan_training_say(t, "as this run began:%s", taken->str);
    for (guint i = 0; changes != NULL && changes[i] != NULL; i++)
        g_ptr_array_add(all, g_strdup(changes[i]));
    g_ptr_array_add(all, NULL);
    return (char **)g_ptr_array_free(g_steal_pointer(&all), FALSE);
}

// Reads the recipe with all that was ever set beside it, and finds the place of the run.
static gboolean settle_recipe(GanTrainer *trainer, const GanTrainerOptions *options,
                              const GanProcedure *const *procedures, GError **error)
{
    GanTraining *t = &trainer->training;
    g_autofree char *output = g_strdup(options->output);
    if (output == NULL) {
        // The place is the run's name.
        if (!read_recipe(trainer, options, procedures, options->changes, error))
            return FALSE;
        output = g_steal_pointer(&t->output);
        g_clear_pointer(&t->name, g_free);
        g_clear_pointer(&t->recipe, gan_recipe_free);
    }
    g_auto(GStrv) changes = join_changes(t, output, options->changes, error);
    if (changes == NULL ||
        !read_recipe(trainer, options, procedures, (const char *const *)changes, error))
        return FALSE;
    t->changes = g_strjoinv("\n", changes);
    const GPtrArray *notices = gan_recipe_notices(t->recipe);
    for (guint i = 0; i < notices->len; i++)
        gan_training_say(t, "%s", (const char *)notices->pdata[i]);
    return (options->plans && !t->resumes) || check_output(t, error);
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
    t->data = g_strdup(options->data);
    if (!settle_recipe(trainer, options, procedures, error))
        return NULL;
    t->device = gan_device_open(options->device != NULL ? options->device : "auto",
                                options->n_threads, error);
    if (t->device == NULL)
        return NULL;
    if (gan_device_note(t->device) != NULL)
        gan_training_say(t, "no graphics processor is used: %s", gan_device_note(t->device));
    if (!choose_step_device(t, error))
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
