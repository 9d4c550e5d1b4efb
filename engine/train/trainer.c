// SPDX-License-Identifier: LGPL-3.0-or-later
// The run: step after step, with what is written in between.
#include "curves.h"
#include "trainer-private.h"

#include <errno.h>
#include <glib/gstdio.h>
#include <math.h>
#include <string.h>
#include <temporary.h>

#define MOST_ROLLBACKS 5u
#define MEAN_PART 0.05 // of a new value in the running means

const char *gan_trainer_result(const GanTrainer *trainer)
{
    return trainer->training.result;
}

void gan_trainer_waiting(const GanTrainer *trainer, guint64 *n_batches, double *seconds)
{
    GanLoader *loader = trainer->training.loader;
    const GanLoaderStats stats = loader != NULL ? gan_loader_stats(loader) : (GanLoaderStats){0};
    *n_batches = stats.n_batches;
    *seconds = (double)stats.wait_us / G_USEC_PER_SEC;
}

// --- what is told ---

static void pass_notices(const GanTraining *t)
{
    for (char *text = gan_loader_notice(t->loader); text != NULL;
         text = gan_loader_notice(t->loader)) {
        gan_training_say(t, "%s", text);
        g_free(text);
    }
}

static void add_means(const GanTraining *t, gboolean begin)
{
    for (guint i = 0; i < t->players->len; i++) {
        const GanPlayer *player = t->players->pdata[i];
        for (guint k = 0; k < player->terms->len; k++) {
            GanTerm *term = &g_array_index(player->terms, GanTerm, k);
            term->mean = begin ? term->value : term->mean + MEAN_PART * (term->value - term->mean);
        }
    }
}

// What a term is called where those of all players stand together.
static char *full_name(const GanTraining *t, const GanPlayer *player, const GanTerm *term)
{
    for (guint i = 0; i < t->players->len; i++) {
        const GanPlayer *other = t->players->pdata[i];
        for (guint k = 0; other != player && k < other->terms->len; k++)
            if (strcmp(g_array_index(other->terms, GanTerm, k).name, term->name) == 0)
                return g_strdup_printf("%s/%s", player->name, term->name);
    }
    return g_strdup(term->name);
}

static char *terms_text(const GanTraining *t)
{
    GString *text = g_string_new(NULL);
    for (guint i = 0; i < t->players->len; i++) {
        const GanPlayer *player = t->players->pdata[i];
        for (guint k = 0; k < player->terms->len; k++) {
            const GanTerm *term = &g_array_index(player->terms, GanTerm, k);
            g_autofree char *name = full_name(t, player, term);
            g_string_append_printf(text, "%s%s %.4g", text->len > 0 ? "  " : "", name, term->mean);
        }
    }
    return g_string_free(text, FALSE);
}

// A file that cannot be written costs what it would have held, not the run.
// `error` is a place: as a value it could be read before the call that sets it.
static void try_to(const GanTraining *t, gboolean done, GError **error)
{
    if (done)
        return;
    gan_training_say(t, "%s", (*error)->message);
    g_clear_error(error);
}

static void write_log(GanTrainer *trainer, double seconds)
{
    const GanTraining *t = &trainer->training;
    const GanPlayer *first = t->players->pdata[0];
    GError *error = NULL;
    gan_log_begin(trainer->log, t->step);
    for (guint i = 0; i < t->players->len; i++) {
        const GanPlayer *player = t->players->pdata[i];
        for (guint k = 0; k < player->terms->len; k++) {
            const GanTerm *term = &g_array_index(player->terms, GanTerm, k);
            g_autofree char *own = full_name(t, player, term);
            g_autofree char *name = g_strconcat("loss/", own, NULL);
            gan_log_number(trainer->log, name, term->value);
        }
    }
    gan_log_number(trainer->log, "rate",
                   t->rate_factor * gan_schedule_rate(&first->learning.schedule, t->step - 1));
    gan_log_number(trainer->log, "seconds", seconds);
    try_to(t, gan_log_end(trainer->log, &error), &error);
}

// --- what is written ---

static gboolean write_samples(const GanTrainer *trainer, GError **error)
{
    const GanTraining *t = &trainer->training;
    g_autofree char *file = g_strdup_printf("samples-%07" G_GUINT64_FORMAT ".png", t->step);
    g_autofree char *path = gan_training_path(t, file);
    return trainer->procedure->samples(trainer->own, path, error);
}

static gboolean is_best(const GanTraining *t, const GanValidation *found)
{
    return t->best_name == NULL || found->scores[0].value > t->best;
}

static void validate(GanTrainer *trainer)
{
    GanTraining *t = &trainer->training;
    GanValidation found;
    GError *error = NULL;
    if (!trainer->procedure->validate(trainer->own, &found, &error)) {
        try_to(t, FALSE, &error);
        return;
    }
    const gboolean best = is_best(t, &found);
    gan_training_say(t, "step %" G_GUINT64_FORMAT ": validation %s%s", t->step, found.text,
                     best ? ", the best so far" : "");
    g_free(found.text);
    gan_log_begin(trainer->log, t->step);
    for (guint i = 0; i < found.n; i++) {
        g_autofree char *name = g_strconcat("validation/", found.scores[i].name, NULL);
        gan_log_number(trainer->log, name, found.scores[i].value);
    }
    try_to(t, gan_log_end(trainer->log, &error), &error);
    if (!best)
        return;
    t->best = found.scores[0].value;
    g_free(t->best_name);
    t->best_name = g_strdup(found.scores[0].name);
    error = NULL;
    try_to(t, trainer->procedure->save(trainer->own, "best", &error), &error);
}

static gboolean save(GanTrainer *trainer, GError **error)
{
    GanTraining *t = &trainer->training;
    const GanRecipeTitle *title = gan_recipe_settings(t->recipe, &gan_title_keys);
    g_autofree char *curves = gan_training_path(t, "curves.png");
    g_autofree char *best = t->result != NULL && g_str_has_suffix(t->result, "-best.safetensors")
                                ? g_strdup(t->result)
                                : NULL;
    const gboolean done =
        gan_state_save(t, trainer->procedure, trainer->own, &trainer->rollbacks, error) &&
        trainer->procedure->save(trainer->own, "last", error) &&
        gan_curves_write(trainer->log, title->title, curves, error);
    if (best != NULL) {
        g_free(t->result);
        t->result = g_steal_pointer(&best);
    }
    return done;
}

// Removes what a process that was killed had not yet renamed.
static void sweep(const GanTraining *t)
{
    g_autoptr(GDir) dir = g_dir_open(t->output, 0, NULL);
    for (const char *name = dir != NULL ? g_dir_read_name(dir) : NULL; name != NULL;
         name = g_dir_read_name(dir))
        if (gan_temporary_is(name)) {
            g_autofree char *path = gan_training_path(t, name);
            g_unlink(path);
        }
}

static gboolean open_log(GanTrainer *trainer, GError **error)
{
    g_autofree char *path = gan_training_path(&trainer->training, "log.jsonl");
    gan_log_free(trainer->log);
    // The lines of steps that are undone go.
    trainer->log = gan_log_open(path, trainer->training.step, error);
    return trainer->log != NULL;
}

// `made`: whether the folder was not there before.
static gboolean prepare_output(GanTrainer *trainer, gboolean *made, GError **error)
{
    const GanTraining *t = &trainer->training;
    *made = !g_file_test(t->output, G_FILE_TEST_EXISTS);
    if (g_mkdir_with_parents(t->output, 0777) != 0) {
        const int code = errno;
        g_set_error(error, GAN_ERROR, GAN_ERROR_FILE, "%s: %s", t->output, g_strerror(code));
        return FALSE;
    }
    sweep(t);
    // A checkpoint from the first step on: what a rollback goes back to.
    return open_log(trainer, error) &&
           (t->step > 0 ||
            gan_state_save(t, trainer->procedure, trainer->own, &trainer->rollbacks, error));
}

// Removes what a run that ended before its first step has written.
static void leave_nothing(GanTrainer *trainer, gboolean made)
{
    const GanTraining *t = &trainer->training;
    g_autofree char *state = gan_training_path(t, GAN_STATE_FILE);
    g_autofree char *log = gan_training_path(t, "log.jsonl");
    g_clear_pointer(&trainer->log, gan_log_free);
    g_unlink(state);
    g_unlink(log);
    if (made)
        g_rmdir(t->output);
}

static gboolean validates(const GanTrainer *trainer)
{
    return trainer->procedure->validate != NULL && trainer->training.validation != NULL &&
           trainer->training.run->validate_every > 0;
}

// `last`: the run is over, so that what is written now and then is written once more.
static void write_what_is_due(GanTrainer *trainer, gboolean last)
{
    const GanTraining *t = &trainer->training;
    const GanRunSettings *run = t->run;
    GError *error = NULL;
    if (validates(trainer) && (t->step % run->validate_every == 0) != last)
        validate(trainer);
    if (trainer->procedure->samples != NULL && run->samples_every > 0 &&
        (t->step % run->samples_every == 0) != last)
        try_to(t, write_samples(trainer, &error), &error);
}

// --- running ---

// Goes back to the last checkpoint, past the batches that led astray, with half the rate.
static gboolean roll_back(GanTrainer *trainer, GError **error)
{
    GanTraining *t = &trainer->training;
    GanRollbacks *rollbacks = &trainer->rollbacks;
    const guint64 at = t->step, batches = t->n_batches + rollbacks->skipped;
    const guint n_rollbacks = rollbacks->n_rollbacks + 1;
    const double factor = t->rate_factor / 2;
    if (n_rollbacks > MOST_ROLLBACKS) {
        g_set_error(error, GAN_ERROR, GAN_ERROR_FORMAT,
                    "the run diverged at step %" G_GUINT64_FORMAT
                    ", for the %uth time; a smaller optimizer.rate or a clip_norm may help",
                    at, n_rollbacks);
        return FALSE;
    }
    if (!gan_state_load(t, trainer->procedure, trainer->own, rollbacks, error))
        return FALSE;
    rollbacks->n_rollbacks = n_rollbacks;
    rollbacks->skipped = batches - t->n_batches;
    t->rate_factor = factor;
    gan_training_say(t,
                     "step %" G_GUINT64_FORMAT ": the losses are no numbers any more; back to step "
                     "%" G_GUINT64_FORMAT " with %g times the rate",
                     at + 1, t->step, t->rate_factor);
    if (!open_log(trainer, error))
        return FALSE;
    gan_trainer_start_loader(trainer);
    // Or else the next rollback would not know of this one.
    return gan_state_save(t, trainer->procedure, trainer->own, rollbacks, error);
}

// A critic's loss may leap when a generator finds something new.
static gboolean has_diverged(const GanTraining *t)
{
    const double limit = t->run->diverged;
    for (guint i = 0; limit > 0 && t->step > 100 && i < t->players->len; i++) {
        const GanPlayer *player = t->players->pdata[i];
        for (guint k = 0; player->role != GAN_PLAYER_CRITIC && k < player->terms->len; k++) {
            const GanTerm *term = &g_array_index(player->terms, GanTerm, k);
            if (fabs(term->value) > limit * MAX(fabs(term->mean), 1e-6))
                return TRUE;
        }
    }
    return FALSE;
}

static gboolean run_steps(GanTrainer *trainer, GanTrainerProgress progress, gpointer data,
                          GError **error)
{
    GanTraining *t = &trainer->training;
    const GanRunSettings *run = t->run;
    const GanPlayer *player = t->players->pdata[0];
    gan_trainer_start_loader(trainer);
    const double n_images = t->loading.batch * player->learning.accumulate;
    double step_s = 0;
    const guint64 first = t->step;
    gboolean go_on = TRUE;
    for (gboolean begin = TRUE; go_on && t->step < run->steps;) {
        gboolean diverged = FALSE;
        const gint64 begun_us = g_get_monotonic_time();
        if (!gan_trainer_step(trainer, &diverged, error))
            return FALSE;
        pass_notices(t);
        if (diverged || has_diverged(t)) {
            if (!roll_back(trainer, error))
                return FALSE;
            begin = TRUE;
            continue;
        }
        t->step++;
        const double took_s = (double)(g_get_monotonic_time() - begun_us) / G_USEC_PER_SEC;
        step_s = begin ? took_s : step_s + MEAN_PART * (took_s - step_s);
        add_means(t, begin);
        begin = FALSE;
        if (t->step % run->log_every == 0 || t->step == run->steps)
            write_log(trainer, took_s);
        write_what_is_due(trainer, FALSE);
        GError *reason = NULL;
        if (t->step % run->save_every == 0)
            try_to(t, save(trainer, &reason), &reason);
        g_autofree char *terms = terms_text(t);
        const GanTrainerState state = {t->step, run->steps, first, n_images / step_s, terms};
        go_on = progress == NULL || progress(&state, data);
    }
    write_what_is_due(trainer, TRUE);
    return save(trainer, error);
}

gboolean gan_trainer_run(GanTrainer *trainer, GanTrainerProgress progress, gpointer data,
                         GError **error)
{
    const GanTraining *t = &trainer->training;
    gboolean made;
    if (prepare_output(trainer, &made, error) && run_steps(trainer, progress, data, error))
        return TRUE;
    if (t->step == 0 && !t->resumes)
        leave_nothing(trainer, made);
    return FALSE;
}
