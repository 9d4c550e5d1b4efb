// SPDX-License-Identifier: LGPL-3.0-or-later
// What a procedure trains with.
#include "training.h"

void gan_training_say(const GanTraining *t, const char *format, ...)
{
    if (t->notice == NULL)
        return;
    va_list list;
    va_start(list, format);
    g_autofree char *text = g_strdup_vprintf(format, list);
    va_end(list);
    t->notice(text, t->notice_data);
}

char *gan_training_path(const GanTraining *t, const char *name)
{
    return g_build_filename(t->output, name, NULL);
}

void gan_training_clear(GanTraining *t)
{
    gan_loader_free(t->loader);
    g_clear_pointer(&t->turns, g_ptr_array_unref);
    g_clear_pointer(&t->players, g_ptr_array_unref);
    gan_dataset_free(t->dataset);
    gan_dataset_free(t->validation);
    gan_device_unref(t->device);
    gan_recipe_free(t->recipe);
    g_free(t->changes);
    g_free(t->data_hash);
    g_free(t->data);
    g_free(t->output);
    g_free(t->name);
    g_free(t->network_text);
    g_free(t->best_name);
    g_free(t->result);
}

// --- data ---

// Leaves out what the run could not use, with a word.
static gboolean fit_data(const GanTraining *t, guint scale, GError **error)
{
    const guint patch = t->loading.patch;
    const gboolean pairs = gan_dataset_kind(t->dataset) == GAN_DATASET_PAIRS;
    const char *what = pairs ? "pairs" : "pictures";
    GanDatasetFit fit;
    // A batch from elsewhere needs none, and pictures that are resized fit.
    if (t->source != NULL || t->loading.resize)
        return TRUE;
    gan_dataset_fit(t->dataset, patch, scale, &fit);
    g_autofree char *small = g_strdup_printf("%" G_GUINT64_FORMAT " of %" G_GUINT64_FORMAT
                                             " %s, smaller than the patch of %u x %u",
                                             fit.n_small, fit.n, what, patch, patch);
    g_autofree char *unmatched =
        g_strdup_printf("%" G_GUINT64_FORMAT " of %" G_GUINT64_FORMAT " %s, not of the scale %u",
                        fit.n_unmatched, fit.n, what, scale);
    const gboolean empty =
        gan_dataset_n(t->dataset, 0) == 0 ||
        (gan_dataset_kind(t->dataset) == GAN_DATASET_UNPAIRED && gan_dataset_n(t->dataset, 1) == 0);
    if (!empty) {
        if (fit.n_small > 0)
            gan_training_say(t, "%s: left out: %s", t->data, small);
        if (fit.n_unmatched > 0)
            gan_training_say(t, "%s: left out: %s", t->data, unmatched);
        return TRUE;
    }
    g_autofree char *hint =
        fit.n_small > 0 && fit.most >= 8
            ? g_strdup_printf("; --set data.patch=%u takes the largest", fit.most)
            : g_strdup("");
    g_set_error(error, GAN_ERROR, GAN_ERROR_FORMAT,
                "%s: nothing is left to learn from; left out: %s%s%s%s", t->data,
                fit.n_small > 0 ? small : "", fit.n_small > 0 && fit.n_unmatched > 0 ? "; " : "",
                fit.n_unmatched > 0 ? unmatched : "", hint);
    return FALSE;
}

gboolean gan_training_open_data(GanTraining *t, guint channels, guint scale, gboolean validates,
                                GError **error)
{
    const GanDataSettings *s = gan_recipe_settings(t->recipe, &gan_data_keys);
    GanDatasetOptions options = {(GanDatasetKind)s->kind, channels, scale,
                                 (guint64)s->cache_mb << 20};
    t->dataset = gan_dataset_open(t->data, &options, error);
    if (t->dataset == NULL)
        return FALSE;
    const GPtrArray *notices = gan_dataset_notices(t->dataset);
    for (guint i = 0; i < notices->len; i++)
        gan_training_say(t, "%s", (const char *)notices->pdata[i]);
    t->data_hash = gan_dataset_hash(t->dataset, error);
    if (t->data_hash == NULL || !fit_data(t, scale, error))
        return FALSE;
    if (s->validation[0] == '\0' || !validates)
        return TRUE;
    options.cache_bytes = 0;
    // Of a set as the literature packs them, the originals are meant.
    g_autofree char *originals = g_build_filename(s->validation, "HR", NULL);
    const gboolean packed =
        s->kind == GAN_DATASET_PICTURES && g_file_test(originals, G_FILE_TEST_IS_DIR);
    t->validation = gan_dataset_open(packed ? originals : s->validation, &options, error);
    if (t->validation == NULL)
        g_prefix_error(error, "[data] validation: ");
    return t->validation != NULL;
}

gboolean gan_training_batch(GanTraining *t, GanBatch *batch, GError **error)
{
    if (!(t->source != NULL ? t->source->batch(t->source->data, batch, error)
                            : gan_loader_next(t->loader, batch, error)))
        return FALSE;
    t->n_batches++;
    return TRUE;
}

GanShape gan_training_target(const GanTraining *t, guint channels)
{
    const gsize side = t->loading.patch;
    return (GanShape){t->loading.batch, t->source != NULL ? t->source->height : side,
                      t->source != NULL ? t->source->width : side, channels};
}

GanRandom gan_training_random(const GanTraining *t, GanRandomUse use, guint64 index)
{
    GanRandom random;
    gan_random_init(&random, t->run->seed, use, index);
    return random;
}

// --- players ---

GanPlayer *gan_training_player(GanTraining *t, const char *name, GanPlayerRole role,
                               const GanLearning *learning)
{
    GanPlayer *player = gan_player_new(name, role, learning);
    g_ptr_array_add(t->players, player);
    return player;
}

GanTurn *gan_training_turn(GanTraining *t)
{
    GanTurn *turn = gan_turn_new();
    g_ptr_array_add(t->turns, turn);
    return turn;
}

gboolean gan_training_update(GanTraining *t, GanPlayer *player, gboolean *diverged, GError **error)
{
    return gan_player_update(player, t->step, t->rate_factor, diverged, error);
}

gboolean gan_training_is_on_gpu(const GanTraining *t)
{
    return gan_device_backend(t->step_device)->device != NULL;
}

gboolean gan_training_settle(GanTraining *t, GError **error)
{
    if (!gan_training_is_on_gpu(t))
        return TRUE;
    for (guint i = 0; i < t->players->len; i++)
        if (!gan_player_settle(t->players->pdata[i], t->step_device, error))
            return FALSE;
    for (guint i = 0; i < t->turns->len; i++)
        for (guint k = 0; k < t->players->len; k++)
            gan_turn_bind(t->turns->pdata[i], t->players->pdata[k]);
    return TRUE;
}

gboolean gan_training_pull(const GanTraining *t, GError **error)
{
    for (guint i = 0; i < t->players->len; i++)
        if (!gan_player_pull(t->players->pdata[i], error))
            return FALSE;
    return TRUE;
}

gboolean gan_training_push(const GanTraining *t, GError **error)
{
    for (guint i = 0; i < t->players->len; i++)
        if (!gan_player_push(t->players->pdata[i], error))
            return FALSE;
    return TRUE;
}

// --- networks ---

GanModel *gan_training_model(const GanTraining *t, const GanPlayer *player,
                             const GanNetwork *network, GError **error)
{
    if (!gan_training_pull(t, error))
        return NULL;
    g_autoptr(GanWeights) state = gan_network_state(network, player->ema, error);
    return state != NULL ? gan_model_new(state, NULL, error) : NULL;
}

static void set(GPtrArray *metadata, const char *key, const char *value)
{
    if (value == NULL || value[0] == '\0')
        return;
    g_ptr_array_add(metadata, g_strdup(key));
    g_ptr_array_add(metadata, g_strdup(value));
}

gboolean gan_training_save_network(GanTraining *t, const GanPlayer *player,
                                   const GanNetwork *network, const char *which,
                                   const char *const *metadata, GError **error)
{
    const GanRecipeTitle *title = gan_recipe_settings(t->recipe, &gan_title_keys);
    g_autofree char *file = g_strdup_printf("%s-%s.safetensors", t->name, which);
    g_autofree char *path = gan_training_path(t, file);
    g_autofree char *recipe = gan_recipe_given(t->recipe);
    g_autofree char *steps = g_strdup_printf("%" G_GUINT64_FORMAT, t->step);
    g_autoptr(GPtrArray) all = g_ptr_array_new_with_free_func(g_free);
    set(all, "format", "pt");
    set(all, "title", title->title);
    for (guint i = 0; metadata[i] != NULL; i += 2)
        set(all, metadata[i], metadata[i + 1]);
    set(all, "licence", t->run->licence);
    set(all, "good_for", t->run->good_for);
    set(all, "note", t->run->note);
    set(all, "paper", title->paper);
    set(all, "recipe", recipe);
    set(all, "data_sha256", t->data_hash);
    set(all, "steps", steps);
    if (t->best_name != NULL) {
        g_autofree char *key = g_strconcat("validation_", t->best_name, NULL);
        g_autofree char *value = g_strdup_printf("%.3f", t->best);
        set(all, key, value);
    }
    g_ptr_array_add(all, NULL);
    if (!gan_training_pull(t, error) ||
        !gan_network_save(network, player->ema, path, (const char *const *)all->pdata, error))
        return FALSE;
    g_free(t->result);
    t->result = g_steal_pointer(&path);
    return TRUE;
}

char *gan_training_sheet_title(const GanTraining *t)
{
    const GanRecipeTitle *title = gan_recipe_settings(t->recipe, &gan_title_keys);
    return g_strdup_printf("%s, step %" G_GUINT64_FORMAT, title->title, t->step);
}

void gan_training_say_unread(const GanTraining *t, const GanNetwork *network, const char *file)
{
    const GPtrArray *unread = network->unread;
    if (t->resumes || unread == NULL || unread->len == 0)
        return;
    g_autoptr(GString) names = g_string_new(NULL);
    for (guint i = 0; i < unread->len; i++)
        g_string_append_printf(names, "%s%s", i > 0 ? ", " : "", (const char *)unread->pdata[i]);
    const guint n = gan_parameters_n(network->parameters);
    gan_training_say(t, "%s: %u of %u tensors are taken; these begin anew: %s", file,
                     n - unread->len, n, names->str);
}
