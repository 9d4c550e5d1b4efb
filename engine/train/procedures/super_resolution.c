// SPDX-License-Identifier: LGPL-3.0-or-later
// Super-resolution and restoration: small or damaged pictures go in, and what comes out is compared
// with the good ones they were made of, by pixels, by features, and by a critic.
//
// Dong et al. 2014, arXiv:1501.00092; Ledig et al. 2016 (SRGAN), arXiv:1609.04802; Wang et al. 2021
// (Real-ESRGAN), arXiv:2107.10833. The critic's turn uses the pictures that the generator has just
// made, as BasicSR does.
#include "critic_turn.h"
#include "grid.h"
#include "perceptual.h"
#include "pixel.h"
#include "procedure.h"

#include <gan/metrics.h>
#include <gan/resample.h>
#include <math.h>
#include <string.h>

#define MOST_VALIDATED_PIXELS (1u << 19)         // of an input; larger ones are cut to their middle
#define GRID_BATCH (G_GUINT64_CONSTANT(1) << 40) // beyond all steps: the fixed samples
#define MOST_CELL 192u

typedef struct {
    GanTraining *training;
    const GanNetworkSettings *settings;
    const GanDataSettings *data;
    const GanDegradeSettings *degrade;
    const GanPixelSettings *pixel;
    const GanPerceptualSettings *perceptual;
    const GanCriticSettings *critic_settings;

    GanObserver *observer; // or NULL
    GanNetwork *network;
    GanParameters *critic_network;     // or NULL
    GanPlayer *generator, *critic;     // critic: or NULL
    GanTurn *generating, *criticising; // criticising: or NULL
    GanBatch sheet;                    // fixed samples
    gboolean *useless;                 // pictures of the validation, or NULL before the first
} Own;

static const GanKeys *const keys[] = {
    &gan_network_keys,    &gan_data_keys,   &gan_degrade_keys,  &gan_pixel_keys,
    &gan_perceptual_keys, &gan_critic_keys, &gan_learning_keys, NULL};

static gboolean check(const GanRecipe *recipe, GError **error)
{
    const GanNetworkSettings *n = gan_recipe_settings(recipe, &gan_network_keys);
    const GanDataSettings *d = gan_recipe_settings(recipe, &gan_data_keys);
    const GanDegradeSettings *g = gan_recipe_settings(recipe, &gan_degrade_keys);
    const GanPixelSettings *x = gan_recipe_settings(recipe, &gan_pixel_keys);
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
             c->kind == GAN_CRITIC_NONE,
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
    gan_network_free(o->network);
    gan_parameters_free(o->critic_network);
    gan_batch_clear(&o->sheet);
    g_free(o->useless);
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

// What the model makes of each sample of `in`, which is told `numbers`, or NULL.
static GanTensor *run_told(const Own *o, GanModel *model, GanTensor *in, const float *numbers,
                           GError **error)
{
    const gsize one[] = {1, 1, 1, 1};
    g_autoptr(GanTensor) out = NULL;
    if (!o->network->told)
        return gan_model_run(model, o->training->device, in, error);
    for (guint i = 0; i < in->shape[0]; i++) {
        float value = numbers[i];
        g_autoptr(GanTensor) sample = gan_grid_sample(in, i);
        g_autoptr(GanTensor) number = gan_tensor_new_borrowed(4, one, &value, NULL, NULL);
        GanTensor *all[] = {sample, number};
        g_autoptr(GanTensor) made = gan_model_run_all(model, o->training->device, all, error);
        if (made == NULL)
            return NULL;
        const gsize shape[] = {in->shape[0], made->shape[1], made->shape[2], made->shape[3]};
        if (out == NULL && (out = gan_tensor_new(4, shape, error)) == NULL)
            return NULL;
        const gsize length = gan_tensor_length(made);
        memcpy(out->data + i * length, made->data, length * sizeof(float));
    }
    return g_steal_pointer(&out);
}

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
        if (gan_batch_make(t->validation, &options, GRID_BATCH, notices, &o->sheet, &reason))
            return TRUE;
        if (g_error_matches(reason, GAN_ERROR, GAN_ERROR_MEMORY)) {
            g_propagate_error(error, g_steal_pointer(&reason));
            return FALSE;
        }
        gan_training_say(t, "samples are of the pictures that are trained with: validation: %s",
                         reason->message);
    }
    return gan_batch_make(t->dataset, &options, GRID_BATCH, notices, &o->sheet, error);
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
        model != NULL ? run_told(o, model, o->sheet.input, o->sheet.numbers, error) : NULL;
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

// The side of the data that is wanted of the network.
static guint wanted_side(const GanTraining *t)
{
    return gan_dataset_kind(t->validation) == GAN_DATASET_PAIRS ? 1 : 0;
}

// The size of the largest input of the validation; left as it is where no picture can be read.
static void largest_validated(const Own *o, gsize *width, gsize *height)
{
    GanDataset *validation = o->training->validation;
    const guint side = wanted_side(o->training);
    const guint64 n = MIN(gan_dataset_n(validation, side), o->data->validation_limit);
    for (guint64 i = 0; i < n; i++) {
        g_auto(GanPicture) picture = {0};
        guint w = 0, h = 0;
        if (!gan_dataset_read(validation, side, i, &picture, NULL))
            continue;
        validated_size(&picture, o->settings->scale, &w, &h);
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

// A bad copy, as the seed damages this item, or as far as `level` says: NAN: the seed. Returns in
// `number` what can be told of it.
static GanTensor *damaged(const Own *o, guint64 item, GanTensor *truth, double level, float *number,
                          GError **error)
{
    const GanDegrade *degrade = &o->degrade->degrade;
    GanRandom random = gan_training_random(o->training, GAN_RANDOM_DEGRADE, GRID_BATCH + item);
    GanDegradeDraw draw;
    gan_degrade_draw(degrade, &random, &draw);
    if (!isnan(level))
        gan_degrade_set_level(degrade, level, &draw);
    *number = (float)gan_degrade_level(degrade, &draw);
    return gan_degrade_apply(degrade, &draw, truth, o->settings->scale, &random, error);
}

// One picture: a bad copy of it, or with pairs its partner, through the network.
static gboolean validate_one(const Own *o, GanModel *model, guint64 item, double level,
                             GanMetrics *found, GError **error)
{
    const GanTraining *t = o->training;
    const guint side = wanted_side(t), scale = o->settings->scale;
    g_auto(GanPicture) picture = {0};
    g_auto(GanPicture) partner = {0};
    if (!gan_dataset_read(t->validation, side, item, &picture, error) ||
        (side == 1 && !gan_dataset_read(t->validation, 0, item, &partner, error)))
        return FALSE;
    if (picture.width < scale || picture.height < scale) {
        g_set_error(error, GAN_ERROR, GAN_ERROR_SHAPE, "%u x %u pixels are fewer than the scale",
                    picture.width, picture.height);
        return FALSE;
    }
    g_autoptr(GanTensor) truth = middle(&picture, scale, error);
    g_autoptr(GanTensor) copy = NULL;
    if (truth == NULL)
        return FALSE;
    float number = 0;
    copy = side == 1 ? middle(&partner, 1, error) : damaged(o, item, truth, level, &number, error);
    g_autoptr(GanTensor) made = copy != NULL ? run_told(o, model, copy, &number, error) : NULL;
    if (made == NULL)
        return FALSE;
    to_levels(made);
    to_levels(truth);
    return gan_metrics_compare(truth, made, scale > 1 ? scale : 0, found, error);
}

static void add_metrics(GanMetrics *sum, const GanMetrics *one)
{
    sum->psnr_y += one->psnr_y;
    sum->psnr_rgb += one->psnr_rgb;
    sum->ssim_y += one->ssim_y;
    sum->ssim_rgb += one->ssim_rgb;
}

// One picture at each of the strengths that the recipe names, or as it is drawn.
static gboolean validate_at_all(const Own *o, GanModel *model, guint64 item, GanMetrics *sum,
                                guint *n_found, GError **error)
{
    const GanSteps *at = &o->degrade->validate_at;
    // Pairs are as they are.
    const guint n = wanted_side(o->training) == 1 ? 0 : at->n;
    for (guint k = 0; k < MAX(n, 1); k++) {
        GanMetrics one;
        if (!validate_one(o, model, item, n > 0 ? (double)at->values[k] : NAN, &one, error))
            return FALSE;
        add_metrics(sum, &one);
        ++*n_found;
    }
    return TRUE;
}

static gboolean validate(gpointer own, GanValidation *found, GError **error)
{
    Own *o = own;
    const GanTraining *t = o->training;
    const guint side = wanted_side(t);
    const guint64 n = MIN(gan_dataset_n(t->validation, side), o->data->validation_limit);
    g_autoptr(GanModel) model = gan_training_model(t, o->generator, o->network, error);
    if (model == NULL)
        return FALSE;
    GanMetrics sum = {0};
    guint n_found = 0;
    if (o->useless == NULL)
        o->useless = g_new0(gboolean, n);
    for (guint64 i = 0; i < n; i++) {
        g_autoptr(GError) reason = NULL;
        if (o->useless[i])
            continue;
        if (!validate_at_all(o, model, i, &sum, &n_found, &reason)) {
            // Said once. For want of memory it is tried again.
            const char *name = gan_dataset_name(t->validation, side, i);
            o->useless[i] = !g_error_matches(reason, GAN_ERROR, GAN_ERROR_MEMORY);
            if (strstr(reason->message, name) != NULL)
                gan_training_say(t, "validation passes over %s", reason->message);
            else
                gan_training_say(t, "validation passes over %s: %s", name, reason->message);
        }
    }
    if (n_found == 0) {
        g_set_error(error, GAN_ERROR, GAN_ERROR_FORMAT, "no picture for validation could be used");
        return FALSE;
    }
    *found = (GanValidation){.scores = {{"psnr_y", sum.psnr_y / n_found},
                                        {"psnr_rgb", sum.psnr_rgb / n_found},
                                        {"ssim_y", sum.ssim_y / n_found},
                                        {"ssim_rgb", sum.ssim_rgb / n_found}},
                             .n = 4};
    found->text = g_strdup_printf("PSNR Y %.3f dB, RGB %.3f dB, SSIM Y %.4f, RGB %.4f",
                                  found->scores[0].value, found->scores[1].value,
                                  found->scores[2].value, found->scores[3].value);
    return TRUE;
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
        largest_validated(o, &largest.w, &largest.h);
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
