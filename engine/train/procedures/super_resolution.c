// SPDX-License-Identifier: LGPL-3.0-or-later
// Super-resolution and restoration: small or damaged pictures go in, and what comes out is compared
// with the good ones they were made of, by pixels, by features, and by a critic.
//
// Dong et al. 2014, arXiv:1501.00092; Ledig et al. 2016 (SRGAN), arXiv:1609.04802; Wang et al. 2021
// (Real-ESRGAN), arXiv:2107.10833. The critic's turn uses the pictures that the generator has just
// made, as BasicSR does.
#include "comparison.h"
#include "critic_turn.h"
#include "grid.h"
#include "perceptual.h"
#include "pixel.h"
#include "procedure.h"
#include "teacher.h"

#include <gan/resample.h>
#include <math.h>
#include <string.h>

#define MOST_CELL 192u

typedef struct {
    GanTraining *training;
    const GanNetworkSettings *settings;
    const GanDataSettings *data;
    const GanDegradeSettings *degrade;
    const GanPixelSettings *pixel;
    const GanTeacherSettings *teaching;
    const GanPerceptualSettings *perceptual;
    const GanCriticSettings *critic_settings;

    GanObserver *observer; // or NULL
    GanModel *teacher;     // or NULL
    GanNetwork *network;
    GanParameters *critic_network;     // or NULL
    GanPlayer *generator, *critic;     // critic: or NULL
    GanTurn *generating, *criticising; // criticising: or NULL
    GanBatch sheet;                    // fixed samples
    GanComparison comparison;
} Own;

static const GanKeys *const keys[] = {&gan_network_keys, &gan_data_keys,     &gan_degrade_keys,
                                      &gan_pixel_keys,   &gan_teacher_keys,  &gan_perceptual_keys,
                                      &gan_critic_keys,  &gan_learning_keys, NULL};

static gboolean check(const GanRecipe *recipe, GError **error)
{
    const GanNetworkSettings *n = gan_recipe_settings(recipe, &gan_network_keys);
    const GanDataSettings *d = gan_recipe_settings(recipe, &gan_data_keys);
    const GanDegradeSettings *g = gan_recipe_settings(recipe, &gan_degrade_keys);
    const GanPixelSettings *x = gan_recipe_settings(recipe, &gan_pixel_keys);
    const GanTeacherSettings *t = gan_recipe_settings(recipe, &gan_teacher_keys);
    const GanPerceptualSettings *p = gan_recipe_settings(recipe, &gan_perceptual_keys);
    const GanCriticSettings *c = gan_recipe_settings(recipe, &gan_critic_keys);
    const gboolean pairs = d->kind == GAN_DATASET_PAIRS;
    const gboolean observed = p->weight > 0 || p->style_weight > 0;
    const GanTask task = gan_network_task(n);
    const GanDegradeKind copies = g->degrade.kind;
    const GanRule rules[] = {
        {task != GAN_TASK_UPSCALE && task != GAN_TASK_RESTORE, "network.family",
         "super-resolution needs a network that enlarges or restores"},
        {d->patch % n->scale != 0, "data.patch", "the patch has to be a multiple of the scale"},
        {d->kind != GAN_DATASET_PICTURES && !pairs, "data.kind",
         "enlarging and restoring learn from pictures or pairs"},
        {!pairs && copies == GAN_DEGRADE_NONE, "degrade.kind",
         "without pairs the small or damaged pictures have to be made: kind is missing"},
        {pairs && copies != GAN_DEGRADE_NONE, "degrade.kind",
         "pairs have their own inputs; it has to be none"},
        {n->scale > 1 && (copies == GAN_DEGRADE_JPEG || copies == GAN_DEGRADE_NOISE),
         "degrade.kind", "jpeg and noise keep the size; they need the scale 1"},
        {n->scale == 1 && copies == GAN_DEGRADE_BICUBIC, "degrade.kind",
         "bicubic needs a scale of 2 or more"},
        {x->kind == GAN_PIXEL_LOSS_NONE && x->ms_ssim_weight <= 0 && !observed &&
             c->kind == GAN_CRITIC_NONE && t->file[0] == '\0',
         "loss.pixel", "there is no loss at all"},
        {observed && n->channels != 3, "network.channels",
         "a feature network sees colours; it needs 3"},
        {c->kind == GAN_CRITIC_VGG && d->patch != 128, "data.patch",
         "the critic 'vgg' sees patches of 128 pixels"},
        {c->kind == GAN_CRITIC_UNET && d->patch % 8 != 0, "data.patch",
         "the critic 'unet' sees patches of a multiple of 8 pixels"},
        {c->kind == GAN_CRITIC_DCGAN, "critic.kind",
         "the critic 'dcgan' is for the procedure 'latent'"},
    };
    return gan_recipe_check(recipe, rules, G_N_ELEMENTS(rules), error);
}

// --- players ---

static GanLoaderOptions loading(const Own *o)
{
    const guint scale = o->settings->scale;
    // A bicubic kernel reaches twice the scale; more is not needed for exactness.
    // Noise looks at no neighbours.
    const GanDegradeKind kind = o->degrade->degrade.kind;
    const guint margin = kind == GAN_DEGRADE_BICUBIC ? 4
                         : kind == GAN_DEGRADE_NOISE ? 0
                                                     : o->degrade->margin;
    GanLoaderOptions options = gan_data_loader(o->data, o->training->run->seed);
    options.scale = scale;
    options.input = TRUE;
    options.sharpen = o->degrade->sharpen;
    options.degrade = o->degrade->degrade;
    options.margin = o->data->kind == GAN_DATASET_PAIRS ? 0 : margin * scale;
    return options;
}

static void add_observed(const Own *o, GanNode *made, GanNode *target)
{
    const GanPerceptualSettings *p = o->perceptual;
    const guint channels = o->settings->channels;
    if (o->observer == NULL)
        return;
    if (p->shift > 0) {
        GanNode *shift =
            gan_turn_input(o->generating, "shift", gan_shift_shape(p->shift, channels));
        made = gan_shift_apply(made, shift, p->shift, channels);
        target = gan_shift_apply(target, shift, p->shift, channels);
    }
    if (p->weight > 0)
        gan_turn_loss(o->generating, "perceptual",
                      gan_observer_loss(o->observer, GAN_PERCEPTUAL_L1, made, target), p->weight);
    if (p->style_weight > 0)
        gan_turn_loss(o->generating, "style",
                      gan_observer_loss(o->observer, GAN_PERCEPTUAL_STYLE, made, target),
                      p->style_weight);
}

// What the teacher makes is another truth, compared as the truth is.
static gboolean add_taught(const Own *o, GanNode *x, GanNode *number, GanNode *made, GError **error)
{
    if (o->teacher == NULL)
        return TRUE;
    GanNode *taught = gan_teacher_append(o->teacher, x, number, error);
    if (taught == NULL)
        return FALSE;
    const GanPixelLoss kind = (GanPixelLoss)o->pixel->kind;
    gan_turn_loss(
        o->generating, "teacher",
        gan_pixel_loss(kind != GAN_PIXEL_LOSS_NONE ? kind : GAN_PIXEL_LOSS_L1, made, taught),
        o->teaching->weight);
    return TRUE;
}

static gboolean build_generating(Own *o, GError **error)
{
    GanTraining *t = o->training;
    const GanPixelSettings *p = o->pixel;
    const guint channels = o->settings->channels, scale = o->settings->scale;
    const GanShape large = gan_training_target(t, channels);
    const GanShape small = {large.n, large.h / scale, large.w / scale, channels};
    GanTurn *turn = o->generating = gan_training_turn(t);
    GanNode *x = gan_turn_input(turn, "input", small);
    GanNode *target = gan_turn_input(turn, "target", large);
    GanNode *number =
        o->network->told ? gan_turn_input(turn, "number", (GanShape){large.n, 1, 1, 1}) : NULL;
    GanNet *net = gan_turn_network(turn, o->network->parameters, NULL);
    GanNet *critic = o->critic != NULL ? gan_turn_network(turn, o->critic_network, NULL) : NULL;
    GanNode *made = gan_network_append(o->network, net, x, number);
    if (p->kind != GAN_PIXEL_LOSS_NONE)
        gan_turn_loss(turn, "pixel", gan_pixel_loss((GanPixelLoss)p->kind, made, target),
                      p->weight);
    if (p->ms_ssim_weight > 0)
        gan_turn_loss(turn, "ms-ssim", gan_pixel_ms_ssim(made, target, channels, o->data->patch),
                      p->ms_ssim_weight);
    if (!add_taught(o, x, number, made, error))
        return FALSE;
    add_observed(o, made, target);
    if (p->variation_weight > 0)
        gan_turn_loss(turn, "variation", gan_loss_total_variation(made), p->variation_weight);
    if (critic != NULL) {
        const GanCriticSettings *c = o->critic_settings;
        GanNode *fake = gan_critic_opinion(c, critic, made, NULL, large);
        GanNode *real = c->loss == GAN_CRITIC_LOSS_RELATIVISTIC
                            ? gan_critic_opinion(c, critic, target, NULL, large)
                            : NULL;
        gan_turn_loss(turn, "generator", gan_loss_generator((GanCriticLoss)c->loss, real, fake),
                      c->weight);
        gan_turn_output(turn, "made", made);
    }
    return gan_turn_train(turn, o->generator, t->step_device, error);
}

static gboolean build_turns(Own *o, const GanLearning *learning, GError **error)
{
    GanTraining *t = o->training;
    // The critic's turn comes first: it makes the weights, which the generator's then uses.
    if (o->critic_settings->kind != GAN_CRITIC_NONE) {
        o->critic_network = gan_parameters_new();
        o->critic = gan_critic_player(t, "critic", o->critic_settings, learning, o->critic_network);
        o->criticising = gan_critic_turn(t, o->critic, o->critic_settings,
                                         gan_training_target(t, o->settings->channels), 0,
                                         t->run->seed + 1, error);
        if (o->criticising == NULL)
            return FALSE;
    }
    return build_generating(o, error) &&
           (o->critic == NULL ||
            gan_turn_link(o->criticising, "fake", o->generating, "made", error));
}

static gboolean build(Own *o, GError **error)
{
    GanTraining *t = o->training;
    const GanLearning *learning = gan_recipe_settings(t->recipe, &gan_learning_keys);
    o->network =
        gan_network_new(t->recipe, t->run->seed, 0, gan_degrade_told(&o->degrade->degrade), error);
    if (o->network == NULL)
        return FALSE;
    o->comparison = (GanComparison){.training = t,
                                    .network = o->network,
                                    .degrade = o->degrade,
                                    .scale = o->settings->scale,
                                    .limit = o->data->validation_limit};
    if (o->teaching->file[0] != '\0' &&
        (o->teacher = gan_teacher_open(t->recipe, o->network, error)) == NULL)
        return FALSE;
    o->generator = gan_training_player(t, "generator", GAN_PLAYER_GENERATOR, learning);
    gan_player_add(o->generator, "generator", o->network->parameters);
    GError *reason = NULL;
    if (build_turns(o, learning, &reason))
        return TRUE;
    // Networks and losses shrink what they see; their own words do not tell what to change.
    if (g_error_matches(reason, GAN_ERROR, GAN_ERROR_SHAPE))
        g_prefix_error(&reason,
                       "[data] patch: %u x %u pixels are too few for this recipe: ", o->data->patch,
                       o->data->patch);
    g_propagate_error(error, reason);
    return FALSE;
}

static void end(gpointer own)
{
    Own *o = own;
    if (o == NULL)
        return;
    gan_observer_free(o->observer);
    gan_model_unref(o->teacher);
    gan_network_free(o->network);
    gan_parameters_free(o->critic_network);
    gan_batch_clear(&o->sheet);
    gan_comparison_clear(&o->comparison);
    g_free(o);
}

static gboolean begin(GanTraining *t, gpointer *own, GError **error)
{
    Own *o = *own = g_new0(Own, 1);
    o->training = t;
    o->settings = gan_recipe_settings(t->recipe, &gan_network_keys);
    o->data = gan_recipe_settings(t->recipe, &gan_data_keys);
    o->degrade = gan_recipe_settings(t->recipe, &gan_degrade_keys);
    o->pixel = gan_recipe_settings(t->recipe, &gan_pixel_keys);
    o->teaching = gan_recipe_settings(t->recipe, &gan_teacher_keys);
    o->perceptual = gan_recipe_settings(t->recipe, &gan_perceptual_keys);
    o->critic_settings = gan_recipe_settings(t->recipe, &gan_critic_keys);
    const GanNetworkSettings *n = o->settings;
    t->network_text = g_strdup_printf("%s, %u features, %u blocks, x%u", n->family, n->features,
                                      n->blocks, n->scale);
    t->loading = loading(o);
    const gboolean observed = o->perceptual->weight > 0 || o->perceptual->style_weight > 0;
    if (observed && (o->observer = gan_observer_new(t->recipe, error)) == NULL)
        return FALSE;
    if (!gan_training_open_data(t, n->channels, n->scale, TRUE, error) || !build(o, error))
        return FALSE;
    gan_training_say_unread(t, o->network, n->start);
    return TRUE;
}

static gboolean step(gpointer own, gboolean *diverged, GError **error)
{
    Own *o = own;
    GanTraining *t = o->training;
    for (guint a = 0; a < o->generator->learning.accumulate; a++) {
        g_auto(GanBatch) batch = {0};
        if (!gan_training_batch(t, &batch, error))
            return FALSE;
        gan_turn_feed(o->generating, "input", batch.input->data);
        gan_turn_feed(o->generating, "target", batch.target->data);
        if (o->network->told)
            gan_turn_feed(o->generating, "number", batch.numbers);
        if (o->observer != NULL && o->perceptual->shift > 0) {
            GanRandom random = gan_training_random(t, GAN_RANDOM_SHIFT, t->n_batches);
            float *kernel = gan_turn_room(o->generating, "shift", error);
            if (kernel == NULL)
                return FALSE;
            gan_shift_draw(o->perceptual->shift, o->settings->channels, &random, kernel);
        }
        if (!gan_turn_run(o->generating, a > 0, error))
            return FALSE;
        if (o->critic == NULL)
            continue;
        gan_turn_feed(o->criticising, "real", batch.target->data);
        if (!gan_critic_run(t, o->criticising, o->critic_settings, a > 0, error))
            return FALSE;
    }
    if (!gan_training_update(t, o->generator, diverged, error))
        return FALSE;
    return o->critic == NULL || *diverged || gan_training_update(t, o->critic, diverged, error);
}

// Where a network that is told was trained, from where to where, and where to leave it unless
// somebody knows better: as families have it, kept in that range.
static char *number_text(const Own *o)
{
    const GanDegrade *degrade = &o->degrade->degrade;
    const GanEnd *number = &o->network->number;
    if (!o->network->told)
        return NULL;
    const gboolean jpeg = degrade->kind == GAN_DEGRADE_JPEG;
    const double low = jpeg ? degrade->jpeg.low : MIN(degrade->noise.low, 0),
                 high = jpeg ? (double)number->high : degrade->noise.high;
    return g_strdup_printf("%s %g %g %g", number->name, low, high,
                           CLAMP((double)number->initial, low, high));
}

static gboolean save(gpointer own, const char *which, GError **error)
{
    const Own *o = own;
    g_autofree char *scale = g_strdup_printf("%u", o->settings->scale);
    const char *task = gan_task_name(o->settings->scale > 1 ? GAN_TASK_UPSCALE : GAN_TASK_RESTORE);
    g_autofree char *number = number_text(o);
    const char *const metadata[] = {"family",
                                    o->settings->family,
                                    "task",
                                    task,
                                    "scale",
                                    scale,
                                    number != NULL ? "number" : NULL,
                                    number,
                                    NULL};
    return gan_training_save_network(o->training, o->generator, o->network, which, metadata, error);
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

// Cuts the fixed samples out of the pictures of the validation or, where no patch fits into those,
// out of the pictures that are trained with.
static gboolean cut_sheet(Own *o, GError **error)
{
    const GanTraining *t = o->training;
    GanLoaderOptions options = t->loading;
    g_autoptr(GPtrArray) notices = g_ptr_array_new_with_free_func(g_free);
    g_autoptr(GError) reason = NULL;
    options.batch = t->run->n_samples;
    options.flip = options.rotate = FALSE;
    options.colour = 0;
    if (t->validation != NULL) {
        if (gan_batch_make(t->validation, &options, GAN_COMPARISON_BATCH, notices, &o->sheet,
                           &reason))
            return TRUE;
        if (g_error_matches(reason, GAN_ERROR, GAN_ERROR_MEMORY)) {
            g_propagate_error(error, g_steal_pointer(&reason));
            return FALSE;
        }
        gan_training_say(t, "samples are of the pictures that are trained with: validation: %s",
                         reason->message);
    }
    return gan_batch_make(t->dataset, &options, GAN_COMPARISON_BATCH, notices, &o->sheet, error);
}

// Rows of: the input enlarged by bicubic, what the network makes of it, the truth.
static gboolean samples(gpointer own, const char *path, GError **error)
{
    Own *o = own;
    GanTraining *t = o->training;
    const guint n = t->run->n_samples, side = o->data->patch;
    if (o->sheet.target == NULL && !cut_sheet(o, error))
        return FALSE;
    g_autoptr(GanModel) model = gan_training_model(t, o->generator, o->network, error);
    g_autoptr(GanTensor) made =
        model != NULL
            ? gan_comparison_run(&o->comparison, model, o->sheet.input, o->sheet.numbers, error)
            : NULL;
    if (made == NULL)
        return FALSE;
    g_autoptr(GPtrArray) cells = g_ptr_array_new_with_free_func((GDestroyNotify)gan_tensor_unref);
    for (guint i = 0; i < n; i++) {
        g_autoptr(GanTensor) small = gan_grid_sample(o->sheet.input, i);
        g_autoptr(GanTensor) large = gan_resample_bicubic(small, side, side, FALSE, error);
        GanTensor *columns[] = {large, made, o->sheet.target};
        for (guint k = 0; k < 3; k++) {
            GanTensor *cell = large != NULL ? cut_cell(columns[k], k == 0 ? 0 : i, error) : NULL;
            if (cell == NULL)
                return FALSE;
            g_ptr_array_add(cells, cell);
        }
    }
    const char *const heads[] = {o->settings->scale > 1 ? "bicubic" : "damaged", "network",
                                 "original", NULL};
    g_autofree char *title = gan_training_sheet_title(t);
    const GanGridText text = {title, heads};
    // Two samples in a row of the grid.
    return gan_grid_write((GanTensor *const *)cells->pdata, cells->len, n > 1 ? 6 : 3, 0, 1, &text,
                          path, error);
}

// --- validation ---

static gboolean validate(gpointer own, GanValidation *found, GError **error)
{
    Own *o = own;
    g_autoptr(GanModel) model = gan_training_model(o->training, o->generator, o->network, error);
    return model != NULL && gan_comparison_validate(&o->comparison, model, found, error);
}

// The sample sheet, or the largest picture of the validation.
static gboolean foresee(gpointer own, GanMemory *memory, GError **error)
{
    const Own *o = own;
    const GanTraining *t = o->training;
    const guint channels = o->settings->channels;
    const gsize side = o->data->patch / o->settings->scale;
    const GanShape sheet = {t->run->n_samples, side, side, channels};
    GanMemory sampling = {0}, validating = {0};
    if (t->run->samples_every > 0 && !gan_memory_add_run(&sampling, t, o->network, sheet, error))
        return FALSE;
    GanShape largest = {1, 0, 0, channels};
    if (t->validation != NULL && t->run->validate_every > 0)
        gan_comparison_largest(&o->comparison, &largest.w, &largest.h);
    if (largest.w > 0 && !gan_memory_add_run(&validating, t, o->network, largest, error))
        return FALSE;
    memory->computing += MAX(sampling.computing, validating.computing);
    memory->process += MAX(sampling.process, validating.process);
    return TRUE;
}

const GanProcedure gan_procedure_super_resolution = {
    .name = "super-resolution",
    .keys = keys,
    .check = check,
    .begin = begin,
    .free = end,
    .step = step,
    .samples = samples,
    .validate = validate,
    .save = save,
    .foresee = foresee,
};
