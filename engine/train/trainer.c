// SPDX-License-Identifier: LGPL-3.0-or-later
// The run: set up from a recipe, step after step, with what is written in between.
#include "curves.h"
#include "trainer-private.h"
#include <folders.h>

#include <errno.h>
#include <glib/gstdio.h>
#include <math.h>
#include <string.h>

#define MOST_ROLLBACKS 5u
#define MEAN_PART 0.05 // of a new value in the running means

// --- finding recipes ---

static void list_recipes(const char *folder, GString *names)
{
    g_autoptr(GDir) dir = g_dir_open(folder, 0, NULL);
    for (const char *name = dir != NULL ? g_dir_read_name(dir) : NULL; name != NULL;
         name = g_dir_read_name(dir))
        if (g_str_has_suffix(name, ".ini"))
            g_string_append_printf(names, "%s%.*s", names->len > 0 ? ", " : "",
                                   (int)strlen(name) - 4, name);
}

// The path of a recipe that is in this folder; NULL when it is not, and others are added to
// `known`.
static char *recipe_in(const char *folder, const char *file, GString *known)
{
    g_autofree char *path = g_build_filename(folder, file, NULL);
    if (g_file_test(path, G_FILE_TEST_IS_REGULAR))
        return g_steal_pointer(&path);
    list_recipes(folder, known);
    return NULL;
}

char *gan_recipe_find(const char *name, GError **error)
{
    if (strchr(name, G_DIR_SEPARATOR) != NULL || g_file_test(name, G_FILE_TEST_IS_REGULAR))
        return g_strdup(name);
    g_autofree char *file = g_strconcat(name, ".ini", NULL);
    g_autoptr(GString) known = g_string_new(NULL);
    g_autofree char *user = gan_folders_user("recipes");
    g_auto(GStrv) system = gan_folders_system("recipes");
    char *path = recipe_in(user, file, known);
    for (guint i = 0; path == NULL && system[i] != NULL; i++)
        path = recipe_in(system[i], file, known);
    if (path != NULL)
        return path;
    g_set_error(error, GAN_ERROR, GAN_ERROR_FILE, "there is no recipe '%s'; %s%s", name,
                known->len > 0 ? "there are "
                               : "none was found in gimp-gan/recipes of the data folders",
                known->str);
    return NULL;
}

// --- setting up ---

static void G_GNUC_PRINTF(2, 3) say(const GanTrainer *t, const char *format, ...)
{
    if (t->notice == NULL)
        return;
    va_list list;
    va_start(list, format);
    g_autofree char *text = g_strdup_vprintf(format, list);
    va_end(list);
    t->notice(text, t->data);
}

static gboolean open_data(GanTrainer *t, const char *path, GError **error)
{
    const GanRecipe *r = t->recipe;
    GanDatasetOptions options = {(GanDatasetKind)r->kind, r->channels, r->scale,
                                 (guint64)r->cache_mb << 20};
    t->dataset = gan_dataset_open(path, &options, error);
    if (t->dataset == NULL)
        return FALSE;
    t->data_hash = gan_dataset_hash(t->dataset, error);
    if (t->data_hash == NULL)
        return FALSE;
    t->n_classes = r->conditional ? gan_dataset_n_classes(t->dataset) : 0;
    if (r->validation[0] == '\0' || r->task == GAN_RECIPE_GENERATE)
        return TRUE;
    options.cache_bytes = 0;
    // Of a set as the literature packs them, the originals are meant.
    g_autofree char *originals = g_build_filename(r->validation, "HR", NULL);
    const gboolean packed =
        r->kind == GAN_DATASET_PICTURES && g_file_test(originals, G_FILE_TEST_IS_DIR);
    t->validation = gan_dataset_open(packed ? originals : r->validation, &options, error);
    if (t->validation == NULL)
        g_prefix_error(error, "[data] validation: ");
    return t->validation != NULL;
}

static char *name_of(const GanRecipe *r)
{
    if (r->name[0] != '\0')
        return g_strdup(r->name);
    char *name = g_path_get_basename(r->path);
    char *dot = strrchr(name, '.');
    if (dot != NULL && dot != name)
        *dot = '\0';
    return name;
}

static char *network_text(const GanRecipe *r)
{
    g_autofree char *family = gan_recipe_value(r, "network", "family");
    if (r->task == GAN_RECIPE_GENERATE)
        return g_strdup_printf("%s, %u features, %u numbers to %u x %u pixels", family, r->features,
                               r->latent, r->size, r->size);
    return g_strdup_printf("%s, %u features, %u blocks, x%u", family, r->features, r->blocks,
                           r->scale);
}

// Reads "name:weight name"; nothing means the last layer. That they are there is found out by a
// walk through the network.
static gboolean choose_layers(GanTrainer *t, GError **error)
{
    const GanRecipe *r = t->recipe;
    g_auto(GStrv) words = g_strsplit_set(r->perceptual_layers, " ,", -1);
    const guint most = g_strv_length(words) + 1;
    guint n = 0;
    t->feature_layers = g_new0(char *, most + 1);
    t->feature_weights = g_new(float, most);
    for (guint w = 0; words[w] != NULL; w++) {
        if (words[w][0] == '\0')
            continue;
        g_auto(GStrv) parts = g_strsplit(words[w], ":", 2);
        const double weight = parts[1] != NULL ? g_ascii_strtod(parts[1], NULL) : 1;
        if (!(weight > 0)) {
            g_set_error(error, GAN_ERROR, GAN_ERROR_FORMAT,
                        "%s: [loss] perceptual_layers: '%s'; a weight above 0 is wanted", r->path,
                        words[w]);
            return FALSE;
        }
        t->feature_layers[n] = g_strdup(parts[0]);
        t->feature_weights[n++] = (float)weight;
    }
    if (n == 0) {
        t->feature_layers[n] = g_strdup(gan_features_last(t->features));
        t->feature_weights[n++] = 1;
    }
    g_autoptr(GanGraph) graph = gan_graph_new();
    g_autofree GanNode **values = g_new0(GanNode *, n);
    if (gan_features_append(t->features, gan_named_input(graph, "x", 3),
                            (const char *const *)t->feature_layers, n, values, error))
        return TRUE;
    g_prefix_error(error, "%s: [loss] perceptual_layers: ", r->path);
    return FALSE;
}

// A feature network is looked for where its path says, then beside the recipe.
static gboolean open_features(GanTrainer *t, GError **error)
{
    const GanRecipe *r = t->recipe;
    g_autofree char *folder = g_path_get_dirname(r->path);
    g_autofree char *beside = g_build_filename(folder, r->perceptual_network, NULL);
    const gboolean here = g_file_test(r->perceptual_network, G_FILE_TEST_EXISTS) ||
                          !g_file_test(beside, G_FILE_TEST_EXISTS);
    if (r->channels != 3) {
        g_set_error(error, GAN_ERROR, GAN_ERROR_FORMAT,
                    "%s: [network] channels: a feature network sees colours; it needs 3", r->path);
        return FALSE;
    }
    t->features = gan_features_open(here ? r->perceptual_network : beside, error);
    if (t->features == NULL) {
        g_prefix_error(error, "[loss] perceptual_network: ");
        return FALSE;
    }
    return choose_layers(t, error);
}

static gboolean check_output(const GanTrainer *t, GError **error)
{
    g_autofree char *path = gan_trainer_path(t, "checkpoint.safetensors");
    const gboolean there = g_file_test(path, G_FILE_TEST_EXISTS);
    if (there == t->resume)
        return TRUE;
    g_set_error(error, GAN_ERROR, GAN_ERROR_FILE,
                there ? "%s: a run has been saved here; --resume goes on with it, another --output "
                        "begins anew"
                      : "%s: there is nothing to resume: no checkpoint.safetensors",
                t->output);
    return FALSE;
}

// A card without bfloat16 trains in float32, only slower.
static gboolean choose_step_device(GanTrainer *t, GError **error)
{
    g_autoptr(GError) reason = NULL;
    if (t->recipe->precision == GAN_PRECISION_BFLOAT16)
        t->step_device = gan_device_in(t->device, GK_BF16, &reason);
    if (reason != NULL)
        t->precision_note = g_strdup_printf("steps compute in float32: %s", reason->message);
    if (t->step_device == NULL)
        t->step_device = gan_device_in(t->device, GK_F32, error);
    return t->step_device != NULL;
}

// Replaces the first weights by those of the file that the recipe begins from.
static gboolean load_start(GanTrainer *t, GError **error)
{
    g_autoptr(GanWeights) weights = gan_weights_open(t->recipe->start, error);
    if (weights == NULL)
        return FALSE;
    if (t->recipe->start_strict)
        return gan_parameters_load_exactly(t->weights, weights, error);
    t->unread = gan_parameters_load_fitting(t->weights, weights, error);
    return t->unread != NULL;
}

// Makes the weights that the recipe asks for: by the rule of the family's authors, or from a file.
static gboolean open_network(GanTrainer *t, GError **error)
{
    const GanRecipe *r = t->recipe;
    g_autofree char *family = gan_recipe_value(r, "network", "family");
    g_autoptr(GRand) random = g_rand_new_with_seed((guint32)r->seed);
    t->family = gan_family_find(family);
    t->sizes = gan_recipe_sizes(r, t->n_classes);
    t->weights = gan_parameters_new();
    if (!gan_family_complete(t->family, &t->sizes, error)) {
        g_prefix_error(error, "%s: [network] ", r->path);
        return FALSE;
    }
    if (!gan_family_begin(t->family, &t->sizes, t->weights, random, error))
        return FALSE;
    if (r->start[0] == '\0' || load_start(t, error))
        return TRUE;
    g_prefix_error(error, "[network] start: ");
    return FALSE;
}

GanTrainer *gan_trainer_new_from(const GanTrainerOptions *options, const GanTrainerSource *source,
                                 GError **error)
{
    g_autoptr(GanTrainer) t = g_new0(GanTrainer, 1);
    t->begun_bytes = gan_trainer_resident_bytes(NULL);
    t->rate_factor = 1;
    t->resume = options->resume;
    t->recipe = gan_recipe_read(options->recipe, options->changes, error);
    if (t->recipe == NULL)
        return NULL;
    const GanRecipe *r = t->recipe;
    t->source = source;
    t->height = t->width = r->task == GAN_RECIPE_GENERATE ? r->size : r->patch;
    if (source != NULL) {
        t->height = source->height;
        t->width = source->width;
    }
    t->name = name_of(r);
    t->output = g_strdup(options->output != NULL ? options->output : t->name);
    t->network_text = network_text(r);
    t->loading = gan_recipe_loader(r);
    if ((r->perceptual_weight > 0 || r->style_weight > 0) && !open_features(t, error))
        return NULL;
    if (!check_output(t, error) || !open_data(t, options->data, error))
        return NULL;
    t->device = gan_device_open(options->device != NULL ? options->device : "cpu",
                                options->n_threads, error);
    if (t->device == NULL || !choose_step_device(t, error))
        return NULL;
    if (!open_network(t, error))
        return NULL;
    if (r->critic != GAN_CRITIC_NONE)
        t->critic = gan_parameters_new();
    if (!gan_trainer_build(t, error) || (t->resume && !gan_trainer_load_state(t, error)))
        return NULL;
    return g_steal_pointer(&t);
}

GanTrainer *gan_trainer_new(const GanTrainerOptions *options, GError **error)
{
    return gan_trainer_new_from(options, NULL, error);
}

void gan_trainer_free(GanTrainer *t)
{
    if (t == NULL)
        return;
    gan_loader_free(t->loader);
    gan_log_free(t->log);
    gan_ema_free(t->ema);
    gan_features_free(t->features);
    g_strfreev(t->feature_layers);
    g_free(t->feature_weights);
    gan_player_clear(&t->generator);
    gan_player_clear(&t->judge);
    gan_step_free(t->make);
    gan_parameters_free(t->weights);
    if (t->unread != NULL)
        g_ptr_array_unref(t->unread);
    gan_parameters_free(t->critic);
    gan_dataset_free(t->dataset);
    gan_dataset_free(t->validation);
    gan_device_unref(t->device);
    g_free(t->precision_note);
    gan_batch_clear(&t->grid);
    gan_tensor_unref(t->grid_latent);
    gan_recipe_free(t->recipe);
    g_free(t->latent);
    g_free(t->made);
    g_free(t->planes);
    g_free(t->share);
    g_free(t->shift);
    g_free(t->labels);
    g_free(t->data_hash);
    g_free(t->output);
    g_free(t->name);
    g_free(t->network_text);
    g_free(t->result);
    g_free(t);
}

const char *gan_trainer_result(const GanTrainer *t)
{
    return t->result;
}

void gan_trainer_waiting(const GanTrainer *t, guint64 *n_batches, double *seconds)
{
    const GanLoaderStats stats =
        t->loader != NULL ? gan_loader_stats(t->loader) : (GanLoaderStats){0};
    *n_batches = stats.n_batches;
    *seconds = (double)stats.wait_us / G_USEC_PER_SEC;
}

void gan_trainer_start_loader(GanTrainer *t)
{
    gan_loader_free(t->loader);
    t->loader = gan_loader_new(t->dataset, &t->loading, t->n_batches + t->skipped);
}

static void pass_notices(const GanTrainer *t)
{
    for (char *text = gan_loader_notice(t->loader); text != NULL;
         text = gan_loader_notice(t->loader)) {
        say(t, "%s", text);
        g_free(text);
    }
}

static void say_what_begins_anew(const GanTrainer *t)
{
    const GPtrArray *unread = t->unread;
    if (unread == NULL || unread->len == 0 || t->step > 0)
        return;
    g_autoptr(GString) names = g_string_new(NULL);
    for (guint i = 0; i < unread->len; i++)
        g_string_append_printf(names, "%s%s", i > 0 ? ", " : "", (const char *)unread->pdata[i]);
    say(t, "%s: %u of %u tensors are taken; these begin anew: %s", t->recipe->start,
        gan_parameters_n(t->weights) - unread->len, gan_parameters_n(t->weights), names->str);
}

// --- running ---

static void add_means(GanTrainer *t, guint first, const GanPlayer *player, gboolean begin)
{
    for (guint i = 0; i < player->n_terms; i++) {
        double *mean = &t->means[first + i];
        *mean = begin ? player->values[i] : *mean + MEAN_PART * (player->values[i] - *mean);
    }
}

static char *terms_text(const GanTrainer *t)
{
    GString *text = g_string_new(NULL);
    for (guint i = 0; i < t->generator.n_terms; i++)
        g_string_append_printf(text, "%s%s %.4g", i > 0 ? "  " : "", t->generator.terms[i],
                               t->means[i]);
    for (guint i = 0; i < t->judge.n_terms; i++)
        g_string_append_printf(text, "  %s %.4g", t->judge.terms[i],
                               t->means[GAN_TRAINER_TERMS + i]);
    return g_string_free(text, FALSE);
}

static void log_terms(GanTrainer *t, guint first, const GanPlayer *player)
{
    for (guint i = 0; i < player->n_terms; i++) {
        g_autofree char *name = g_strdup_printf("loss/%s", player->terms[i]);
        gan_log_number(t->log, name, player->values[i]);
    }
}

// A file that cannot be written costs what it would have held, not the run.
// `error` is a place: as a value it could be read before the call that sets it.
static void try_to(const GanTrainer *t, gboolean done, GError **error)
{
    if (done)
        return;
    say(t, "%s", (*error)->message);
    g_clear_error(error);
}

static void write_log(GanTrainer *t, double seconds)
{
    GError *error = NULL;
    gan_log_begin(t->log, t->step);
    log_terms(t, 0, &t->generator);
    log_terms(t, GAN_TRAINER_TERMS, &t->judge);
    gan_log_number(t->log, "rate",
                   t->rate_factor * gan_schedule_rate(&t->generator.schedule, t->step - 1));
    gan_log_number(t->log, "seconds", seconds);
    try_to(t, gan_log_end(t->log, &error), &error);
}

static void validate(GanTrainer *t)
{
    GanMetrics found;
    GError *error = NULL;
    if (!gan_trainer_validate(t, &found, &error)) {
        try_to(t, FALSE, &error);
        return;
    }
    say(t,
        "step %" G_GUINT64_FORMAT
        ": validation PSNR Y %.3f dB, RGB %.3f dB, SSIM Y %.4f, RGB %.4f%s",
        t->step, found.psnr_y, found.psnr_rgb, found.ssim_y, found.ssim_rgb,
        found.psnr_y > t->best ? ", the best so far" : "");
    gan_log_begin(t->log, t->step);
    gan_log_number(t->log, "validation/psnr_y", found.psnr_y);
    gan_log_number(t->log, "validation/psnr_rgb", found.psnr_rgb);
    gan_log_number(t->log, "validation/ssim_y", found.ssim_y);
    gan_log_number(t->log, "validation/ssim_rgb", found.ssim_rgb);
    try_to(t, gan_log_end(t->log, &error), &error);
    if (found.psnr_y <= t->best)
        return;
    t->best = found.psnr_y;
    error = NULL;
    try_to(t, gan_trainer_save_weights(t, "best", &error), &error);
}

static gboolean save(GanTrainer *t, GError **error)
{
    g_autofree char *curves = gan_trainer_path(t, "curves.png");
    g_autofree char *best = t->result != NULL && g_str_has_suffix(t->result, "-best.safetensors")
                                ? g_strdup(t->result)
                                : NULL;
    const gboolean done = gan_trainer_save_state(t, error) &&
                          gan_trainer_save_weights(t, "last", error) &&
                          gan_curves_write(t->log, t->recipe->title, curves, error);
    if (best != NULL) {
        g_free(t->result);
        t->result = g_steal_pointer(&best);
    }
    return done;
}

// Goes back to the last checkpoint, past the batches that led astray, with half the rate.
static gboolean roll_back(GanTrainer *t, GError **error)
{
    const guint64 at = t->step, batches = t->n_batches + t->skipped;
    const guint n_rollbacks = t->n_rollbacks + 1;
    const double factor = t->rate_factor / 2;
    if (n_rollbacks > MOST_ROLLBACKS) {
        g_set_error(error, GAN_ERROR, GAN_ERROR_FORMAT,
                    "the run diverged at step %" G_GUINT64_FORMAT
                    ", for the %uth time; a smaller optimizer.rate or a clip_norm may help",
                    at, n_rollbacks);
        return FALSE;
    }
    if (!gan_trainer_load_state(t, error))
        return FALSE;
    t->n_rollbacks = n_rollbacks;
    t->rate_factor = factor;
    t->skipped = batches - t->n_batches;
    say(t,
        "step %" G_GUINT64_FORMAT ": the losses are no numbers any more; back to step "
        "%" G_GUINT64_FORMAT " with %g times the rate",
        at + 1, t->step, t->rate_factor);
    // The lines of the steps that are undone go.
    g_autofree char *path = gan_trainer_path(t, "log.jsonl");
    gan_log_free(t->log);
    t->log = gan_log_open(path, t->step, error);
    gan_trainer_start_loader(t);
    // Or else the next rollback would not know of this one.
    return t->log != NULL && gan_trainer_save_state(t, error);
}

static gboolean has_diverged(const GanTrainer *t)
{
    const double limit = t->recipe->diverged;
    for (guint i = 0; limit > 0 && t->step > 100 && i < t->generator.n_terms; i++)
        if (fabs(t->generator.values[i]) > limit * MAX(fabs(t->means[i]), 1e-6))
            return TRUE;
    return FALSE;
}

// Removes what a process that was killed had not yet renamed.
static void sweep(const GanTrainer *t)
{
    g_autofree char *weights = g_strdup_printf(".%s-*.safetensors.??????", t->name);
    const char *const patterns[] = {".checkpoint.safetensors.??????", ".curves.png.??????",
                                    ".samples-*.png.??????", weights};
    g_autoptr(GDir) dir = g_dir_open(t->output, 0, NULL);
    for (const char *name = dir != NULL ? g_dir_read_name(dir) : NULL; name != NULL;
         name = g_dir_read_name(dir))
        for (guint i = 0; i < G_N_ELEMENTS(patterns); i++)
            if (g_pattern_match_simple(patterns[i], name)) {
                g_autofree char *path = gan_trainer_path(t, name);
                g_unlink(path);
                break;
            }
}

static gboolean prepare_output(GanTrainer *t, GError **error)
{
    g_autofree char *path = gan_trainer_path(t, "log.jsonl");
    if (g_mkdir_with_parents(t->output, 0777) != 0) {
        const int code = errno;
        g_set_error(error, GAN_ERROR, GAN_ERROR_FILE, "%s: %s", t->output, g_strerror(code));
        return FALSE;
    }
    sweep(t);
    t->log = gan_log_open(path, t->step, error);
    // A checkpoint from the first step on: what a rollback goes back to.
    return t->log != NULL && (t->step > 0 || gan_trainer_save_state(t, error));
}

static void write_what_is_due(GanTrainer *t)
{
    const GanRecipe *r = t->recipe;
    GError *error = NULL;
    if (t->validation != NULL && r->validate_every > 0 && t->step % r->validate_every == 0)
        validate(t);
    if (r->samples_every > 0 && t->step % r->samples_every == 0)
        try_to(t, gan_trainer_write_samples(t, &error), &error);
    error = NULL;
    if (t->step % r->save_every == 0)
        try_to(t, save(t, &error), &error);
}

gboolean gan_trainer_run(GanTrainer *t, GanTrainerProgress progress, GanTrainerNotice notice,
                         gpointer data, GError **error)
{
    const GanRecipe *r = t->recipe;
    t->notice = notice;
    t->data = data;
    if (!prepare_output(t, error))
        return FALSE;
    say_what_begins_anew(t);
    if (t->precision_note != NULL)
        say(t, "%s", t->precision_note);
    gan_trainer_start_loader(t);
    double step_s = 0;
    const guint64 first = t->step;
    gboolean go_on = TRUE;
    for (gboolean begin = TRUE; go_on && t->step < r->steps;) {
        gboolean diverged = FALSE;
        const gint64 begun_us = g_get_monotonic_time();
        if (!gan_trainer_step(t, &diverged, error))
            return FALSE;
        pass_notices(t);
        if (diverged || has_diverged(t)) {
            if (!roll_back(t, error))
                return FALSE;
            begin = TRUE;
            continue;
        }
        t->step++;
        const double took_s = (double)(g_get_monotonic_time() - begun_us) / G_USEC_PER_SEC;
        step_s = begin ? took_s : step_s + MEAN_PART * (took_s - step_s);
        add_means(t, 0, &t->generator, begin);
        add_means(t, GAN_TRAINER_TERMS, &t->judge, begin);
        begin = FALSE;
        if (t->step % r->log_every == 0)
            write_log(t, took_s);
        write_what_is_due(t);
        g_autofree char *terms = terms_text(t);
        const GanTrainerState state = {t->step, r->steps, first, r->batch * r->accumulate / step_s,
                                       terms};
        go_on = progress == NULL || progress(&state, data);
    }
    // What falls on the last step anyway was written there.
    if (t->validation != NULL && r->validate_every > 0 && t->step % r->validate_every != 0)
        validate(t);
    if (r->samples_every > 0 && t->step % r->samples_every != 0) {
        GError *reason = NULL;
        try_to(t, gan_trainer_write_samples(t, &reason), &reason);
    }
    return save(t, error);
}
