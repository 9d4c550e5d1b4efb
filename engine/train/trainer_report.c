// SPDX-License-Identifier: LGPL-3.0-or-later
// What a run writes: its state, its weights, sample grids; and how good it is on pictures it has
// not seen.
#include "grid.h"
#include "trainer-private.h"

#include <gan/model.h>
#include <gan/resample.h>
#include <math.h>
#include <string.h>

#define MOST_VALIDATED_PIXELS (1u << 19)         // of an input; larger ones are cut to their middle
#define GRID_BATCH (G_GUINT64_CONSTANT(1) << 40) // beyond all steps: the fixed samples
#define MOST_CELL 192u

char *gan_trainer_path(const GanTrainer *t, const char *name)
{
    return g_build_filename(t->output, name, NULL);
}

// --- state ---

static void add_parameters(GanCheckpoint *state, const char *part, const GanParameters *parameters)
{
    for (guint i = 0; i < gan_parameters_n(parameters); i++) {
        const GanParameter *p = gan_parameters_at(parameters, i);
        g_autofree char *name = g_strdup_printf("%s/%s", part, p->name);
        gan_checkpoint_add(state, name, p->tensor);
    }
}

static void add_optimizer(GanCheckpoint *state, const char *part, const GanOptimizer *optimizer)
{
    for (guint i = 0; i < gan_optimizer_n_states(optimizer); i++) {
        g_autofree char *name = g_strdup_printf("%s.optimizer/%u", part, i);
        gan_checkpoint_add(state, name, gan_optimizer_state(optimizer, i));
    }
}

static GanCheckpoint *state_of(const GanTrainer *t)
{
    GanCheckpoint *state = gan_checkpoint_new();
    add_parameters(state, "generator", t->weights);
    add_optimizer(state, "generator", t->generator.optimizer);
    if (t->critic != NULL) {
        add_parameters(state, "critic", t->critic);
        add_optimizer(state, "critic", t->judge.optimizer);
    }
    for (guint i = 0; t->ema != NULL && i < gan_gradients_n(t->generator.gradients); i++) {
        g_autofree char *name = g_strdup_printf("ema/%u", i);
        gan_checkpoint_add(state, name, gan_ema_average(t->ema, i));
    }
    return state;
}

gboolean gan_trainer_save_state(GanTrainer *t, GError **error)
{
    if (!gan_trainer_pull(t, error))
        return FALSE;
    g_autoptr(GanCheckpoint) state = state_of(t);
    g_autofree char *path = gan_trainer_path(t, "checkpoint.safetensors");
    g_autofree char *recipe = gan_recipe_text(t->recipe);
    gan_checkpoint_set(state, "recipe", recipe);
    gan_checkpoint_set(state, "data", t->data_hash);
    gan_checkpoint_set_count(state, "step", t->step);
    gan_checkpoint_set_count(state, "batches", t->n_batches);
    gan_checkpoint_set_count(state, "latents", t->n_latents);
    gan_checkpoint_set_count(state, "skipped", t->skipped);
    gan_checkpoint_set_count(state, "rollbacks", t->n_rollbacks);
    gan_checkpoint_set_number(state, "rate_factor", t->rate_factor);
    gan_checkpoint_set_number(state, "best", t->best);
    gan_checkpoint_set_count(state, "generator_steps", gan_optimizer_steps(t->generator.optimizer));
    if (t->critic != NULL)
        gan_checkpoint_set_count(state, "critic_steps", gan_optimizer_steps(t->judge.optimizer));
    return gan_checkpoint_write(state, path, error);
}

gboolean gan_trainer_load_state(GanTrainer *t, GError **error)
{
    g_autoptr(GanCheckpoint) state = state_of(t);
    g_autofree char *path = gan_trainer_path(t, "checkpoint.safetensors");
    if (!gan_checkpoint_read(state, path, error) || !gan_trainer_push(t, error))
        return FALSE;
    t->step = gan_checkpoint_get_count(state, "step");
    t->n_batches = gan_checkpoint_get_count(state, "batches");
    t->n_latents = gan_checkpoint_get_count(state, "latents");
    t->skipped = gan_checkpoint_get_count(state, "skipped");
    t->n_rollbacks = (guint)gan_checkpoint_get_count(state, "rollbacks");
    t->rate_factor = gan_checkpoint_get_number(state, "rate_factor");
    t->best = gan_checkpoint_get_number(state, "best");
    gan_optimizer_set_steps(t->generator.optimizer,
                            gan_checkpoint_get_count(state, "generator_steps"));
    if (t->critic != NULL)
        gan_optimizer_set_steps(t->judge.optimizer,
                                gan_checkpoint_get_count(state, "critic_steps"));
    if (g_strcmp0(gan_checkpoint_get(state, "data"), t->data_hash) != 0 && t->notice != NULL)
        t->notice("the data are not those that the run began with", t->data);
    return TRUE;
}

// --- weights ---

static void set(GPtrArray *metadata, const char *key, char *value)
{
    if (value != NULL && value[0] != '\0') {
        g_ptr_array_add(metadata, g_strdup(key));
        g_ptr_array_add(metadata, value);
    } else {
        g_free(value);
    }
}

static char *class_names(const GanTrainer *t)
{
    GString *names = g_string_new(NULL);
    for (guint i = 0; i < t->n_classes; i++)
        g_string_append_printf(names, "%s%s", i > 0 ? "\n" : "",
                               gan_dataset_class_name(t->dataset, i));
    return g_string_free(names, FALSE);
}

// What is saved: the weights, or their averages where there are any, and buffers.
static GanTensor **saved_tensors(const GanTrainer *t, const char ***names)
{
    const guint n = gan_parameters_n(t->weights);
    GanTensor **tensors = g_new(GanTensor *, n);
    *names = g_new(const char *, n);
    for (guint i = 0; i < n; i++) {
        const GanParameter *p = gan_parameters_at(t->weights, i);
        (*names)[i] = p->name;
        tensors[i] = gan_ema_of(t->ema, p->tensor);
    }
    return tensors;
}

gboolean gan_trainer_save_weights(GanTrainer *t, const char *which, GError **error)
{
    const GanRecipe *r = t->recipe;
    g_autofree char *file = g_strdup_printf("%s-%s.safetensors", t->name, which);
    g_autofree char *path = gan_trainer_path(t, file);
    g_autoptr(GPtrArray) metadata = g_ptr_array_new_with_free_func(g_free);
    set(metadata, "format", g_strdup("pt"));
    set(metadata, "family", gan_recipe_value(r, "network", "family"));
    set(metadata, "title", g_strdup(r->title));
    if (r->task != GAN_RECIPE_GENERATE)
        set(metadata, "scale", gan_recipe_value(r, "network", "scale"));
    if (r->family == GAN_NETWORK_DCGAN)
        set(metadata, "latent", gan_recipe_value(r, "network", "latent"));
    set(metadata, "classes", class_names(t));
    set(metadata, "licence", g_strdup(r->licence));
    set(metadata, "note", g_strdup(r->note));
    set(metadata, "paper", g_strdup(r->paper));
    set(metadata, "recipe", gan_recipe_given(r));
    set(metadata, "data_sha256", g_strdup(t->data_hash));
    set(metadata, "steps", g_strdup_printf("%" G_GUINT64_FORMAT, t->step));
    if (t->best > 0)
        set(metadata, "validation_psnr_y", g_strdup_printf("%.3f", t->best));
    g_ptr_array_add(metadata, NULL);
    if (!gan_trainer_pull(t, error))
        return FALSE;
    g_autofree const char **names = NULL;
    g_autofree GanTensor **tensors = saved_tensors(t, &names);
    if (!gan_weights_save(path, names, tensors, gan_parameters_n(t->weights), GAN_DTYPE_F32,
                          (const char *const *)metadata->pdata, error))
        return FALSE;
    g_free(t->result);
    t->result = g_steal_pointer(&path);
    return TRUE;
}

// The network as it would be saved now, ready to run.
static GanModel *model_of(const GanTrainer *t, GError **error)
{
    if (!gan_trainer_pull(t, error))
        return NULL;
    g_autofree const char **names = NULL;
    g_autofree GanTensor **tensors = saved_tensors(t, &names);
    g_autoptr(GanWeights) state = gan_weights_new_from_tensors(t->family->name, names, tensors,
                                                               gan_parameters_n(t->weights), error);
    return state != NULL ? gan_model_new(state, NULL, error) : NULL;
}

// --- samples ---

static GanTensor *cut_cell(GanTensor *batch, guint i, GError **error)
{
    g_autoptr(GanTensor) sample = gan_grid_sample(batch, i);
    const gsize channels = sample->shape[3];
    const gsize shape[] = {1, MIN(sample->shape[1], MOST_CELL), MIN(sample->shape[2], MOST_CELL),
                           channels};
    GanTensor *cell = gan_tensor_new(4, shape, error);
    for (gsize y = 0; cell != NULL && y < shape[1]; y++)
        memcpy(cell->data + y * shape[2] * channels, sample->data + y * sample->shape[2] * channels,
               shape[2] * channels * sizeof(float));
    return cell;
}

static gboolean write_generated(GanTrainer *t, GanModel *model, const char *path, GError **error)
{
    const GanRecipe *r = t->recipe;
    const gsize shape[] = {r->n_samples, 1, 1, r->latent + t->n_classes};
    if (t->grid_latent == NULL) {
        g_autofree guint *labels = g_new(guint, r->n_samples);
        for (guint i = 0; i < r->n_samples; i++)
            labels[i] = t->n_classes > 0 ? i % t->n_classes : 0;
        t->grid_latent = gan_tensor_new(4, shape, error);
        if (t->grid_latent == NULL)
            return FALSE;
        gan_trainer_fill_latent(t, GAN_RANDOM_GRID, 0, labels, r->n_samples, t->grid_latent->data);
    }
    g_autoptr(GanTensor) made = gan_model_run(model, t->device, t->grid_latent, error);
    if (made == NULL)
        return FALSE;
    g_autoptr(GPtrArray) cells = g_ptr_array_new_with_free_func((GDestroyNotify)gan_tensor_unref);
    for (guint i = 0; i < r->n_samples; i++)
        g_ptr_array_add(cells, gan_grid_sample(made, i));
    const guint columns =
        t->n_classes > 0 && t->n_classes <= 20 ? t->n_classes : (guint)ceil(sqrt(r->n_samples));
    return gan_grid_write((GanTensor *const *)cells->pdata, cells->len, columns, -1, 1, path,
                          error);
}

// Rows of: the input enlarged by bicubic, what the network makes of it, the truth.
static gboolean write_restored(GanTrainer *t, GanModel *model, const char *path, GError **error)
{
    const GanRecipe *r = t->recipe;
    if (t->grid.target == NULL) {
        GanLoaderOptions options = t->loading;
        g_autoptr(GPtrArray) notices = g_ptr_array_new_with_free_func(g_free);
        options.batch = r->n_samples;
        options.flip = options.rotate = FALSE;
        options.colour = 0;
        if (!gan_batch_make(t->validation != NULL ? t->validation : t->dataset, &options,
                            GRID_BATCH, notices, &t->grid, error))
            return FALSE;
    }
    g_autoptr(GanTensor) made = gan_model_run(model, t->device, t->grid.input, error);
    if (made == NULL)
        return FALSE;
    g_autoptr(GPtrArray) cells = g_ptr_array_new_with_free_func((GDestroyNotify)gan_tensor_unref);
    for (guint i = 0; i < r->n_samples; i++) {
        g_autoptr(GanTensor) small = gan_grid_sample(t->grid.input, i);
        g_autoptr(GanTensor) large = gan_resample_bicubic(small, r->patch, r->patch, FALSE, error);
        GanTensor *columns[] = {large, made, t->grid.target};
        for (guint k = 0; k < 3; k++) {
            GanTensor *cell = large != NULL ? cut_cell(columns[k], k == 0 ? 0 : i, error) : NULL;
            if (cell == NULL)
                return FALSE;
            g_ptr_array_add(cells, cell);
        }
    }
    // Two samples in a row of the grid.
    return gan_grid_write((GanTensor *const *)cells->pdata, cells->len, r->n_samples > 1 ? 6 : 3, 0,
                          1, path, error);
}

gboolean gan_trainer_write_samples(GanTrainer *t, GError **error)
{
    g_autofree char *file = g_strdup_printf("samples-%07" G_GUINT64_FORMAT ".png", t->step);
    g_autofree char *path = gan_trainer_path(t, file);
    g_autoptr(GanModel) model = model_of(t, error);
    if (model == NULL)
        return FALSE;
    return t->recipe->task == GAN_RECIPE_GENERATE ? write_generated(t, model, path, error)
                                                  : write_restored(t, model, path, error);
}

// --- validation ---

// The size of the input that a picture is validated with. Returns which part of each side that is.
static double validated_size(const GanPicture *picture, guint scale, guint *width, guint *height)
{
    *width = picture->width / scale;
    *height = picture->height / scale;
    const double part = sqrt((double)MOST_VALIDATED_PIXELS / ((double)*width * *height));
    if (part < 1) {
        *width = (guint)(*width * part);
        *height = (guint)(*height * part);
    }
    return part;
}

void gan_trainer_validated_size(const GanTrainer *t, gsize *width, gsize *height)
{
    const guint side = gan_dataset_kind(t->validation) == GAN_DATASET_PAIRS ? 1 : 0;
    const guint64 n = MIN(gan_dataset_n(t->validation, side), t->recipe->validation_limit);
    for (guint64 i = 0; i < n; i++) {
        g_auto(GanPicture) picture = {0};
        guint w = 0, h = 0;
        if (!gan_dataset_read(t->validation, side, i, &picture, NULL))
            continue;
        validated_size(&picture, t->recipe->scale, &w, &h);
        if ((gsize)w * h > *width * *height) {
            *width = w;
            *height = h;
        }
    }
}

// The middle of a picture, as large as may be and a multiple of the scale; 0..1.
static GanTensor *middle(const GanPicture *picture, guint scale, GError **error)
{
    guint width, height;
    const double part = validated_size(picture, scale, &width, &height);
    const gsize shape[] = {1, height * scale, width * scale, picture->channels};
    // From the upper left where all is taken, as the literature cuts.
    const guint x = part < 1 ? (picture->width - width * scale) / 2 : 0,
                y = part < 1 ? (picture->height - height * scale) / 2 : 0;
    g_auto(GanPicture) cut = {0};
    GanTensor *tensor = NULL;
    if (gan_picture_cut(picture, x, y, width * scale, height * scale, &cut, error))
        tensor = gan_tensor_new(4, shape, error);
    for (gsize i = 0; tensor != NULL && i < gan_tensor_length(tensor); i++)
        tensor->data[i] = (float)gan_picture_pixels(&cut)[i] / 255;
    return tensor;
}

static void to_levels(GanTensor *tensor)
{
    for (gsize i = 0; i < gan_tensor_length(tensor); i++)
        tensor->data[i] = roundf(CLAMP(tensor->data[i], 0, 1) * 255);
}

// One picture: a bad copy of it, or with pairs its partner, through the network.
static gboolean validate_one(const GanTrainer *t, GanModel *model, guint64 item, GanMetrics *found,
                             GError **error)
{
    const GanRecipe *r = t->recipe;
    const gboolean pairs = gan_dataset_kind(t->validation) == GAN_DATASET_PAIRS;
    g_auto(GanPicture) picture = {0};
    g_auto(GanPicture) partner = {0};
    if (!gan_dataset_read(t->validation, pairs ? 1 : 0, item, &picture, error) ||
        (pairs && !gan_dataset_read(t->validation, 0, item, &partner, error)))
        return FALSE;
    g_autoptr(GanTensor) truth = middle(&picture, r->scale, error);
    g_autoptr(GanTensor) copy = NULL;
    if (truth == NULL)
        return FALSE;
    if (pairs) {
        copy = middle(&partner, 1, error);
    } else {
        GanRandom random;
        GanDegradeDraw draw;
        gan_random_init(&random, r->seed, GAN_RANDOM_DEGRADE, GRID_BATCH + item);
        gan_degrade_draw(&r->degradation, &random, &draw);
        copy = gan_degrade_apply(&r->degradation, &draw, truth, r->scale, &random, error);
    }
    g_autoptr(GanTensor) made = copy != NULL ? gan_model_run(model, t->device, copy, error) : NULL;
    if (made == NULL)
        return FALSE;
    to_levels(made);
    to_levels(truth);
    return gan_metrics_compare(truth, made, r->scale > 1 ? r->scale : 0, found, error);
}

gboolean gan_trainer_validate(GanTrainer *t, GanMetrics *mean, GError **error)
{
    const guint side = gan_dataset_kind(t->validation) == GAN_DATASET_PAIRS ? 1 : 0;
    const guint64 n = MIN(gan_dataset_n(t->validation, side), t->recipe->validation_limit);
    g_autoptr(GanModel) model = model_of(t, error);
    if (model == NULL)
        return FALSE;
    *mean = (GanMetrics){0};
    guint n_found = 0;
    for (guint64 i = 0; i < n; i++) {
        GanMetrics one;
        g_autoptr(GError) reason = NULL;
        if (!validate_one(t, model, i, &one, &reason)) {
            if (t->notice != NULL)
                t->notice(reason->message, t->data);
            continue;
        }
        mean->psnr_y += one.psnr_y;
        mean->psnr_rgb += one.psnr_rgb;
        mean->ssim_y += one.ssim_y;
        mean->ssim_rgb += one.ssim_rgb;
        n_found++;
    }
    if (n_found == 0) {
        g_set_error(error, GAN_ERROR, GAN_ERROR_FORMAT, "no picture for validation could be used");
        return FALSE;
    }
    mean->psnr_y /= n_found;
    mean->psnr_rgb /= n_found;
    mean->ssim_y /= n_found;
    mean->ssim_rgb /= n_found;
    return TRUE;
}
