// SPDX-License-Identifier: LGPL-3.0-or-later
// The two players of a run: the graphs of a step of the network and of its critic, and their turns.
#include "critics.h"
#include "loss.h"
#include "trainer-private.h"

#include <math.h>
#include <string.h>

#define CHARBONNIER_EPS 1e-6f // LapSRN's 1e-3, squared
#define MOST_INPUTS 4

// A graph while it is built: its inputs' shapes, in order, and its loss so far.
typedef struct {
    GanTrainer *trainer;
    GanGraph *graph;
    GanShape shapes[MOST_INPUTS];
    guint n_inputs;
    GanNode *total;
    GanNode *watched[GAN_TRAINER_TERMS + 1];
    guint n_watched;
    GanPlayer *player;
} Builder;

// One number for a sample in each channel.
static GanNode *numbers(Builder *b, const char *name, gsize channels)
{
    b->shapes[b->n_inputs++] = (GanShape){b->trainer->recipe->batch, 1, 1, channels};
    return gan_named_input(b->graph, name, (guint)channels);
}

// A picture of the targets' size, or that many times smaller.
static GanNode *input(Builder *b, const char *name, guint scale, gsize channels)
{
    const GanTrainer *t = b->trainer;
    b->shapes[b->n_inputs++] =
        (GanShape){t->recipe->batch, t->height / scale, t->width / scale, channels};
    return gan_named_input(b->graph, name, (guint)channels);
}

static void watch(Builder *b, const char *name, GanNode *value)
{
    b->player->terms[b->player->n_terms++] = name;
    b->watched[b->n_watched++] = value;
}

static void add_term(Builder *b, const char *name, GanNode *value, double weight)
{
    GanNode *weighted = gan_linear_map(value, (float)weight, 0);
    watch(b, name, value);
    b->total = b->total != NULL ? gan_sum(b->total, weighted) : weighted;
}

// What the critic sees: the picture, and planes that tell the class.
static GanNode *judged(Builder *b, GanNet *net, GanNode *x, GanNode *planes)
{
    static GanCritic *const critics[] = {NULL, gan_critic_dcgan, gan_critic_patch, gan_critic_vgg,
                                         gan_critic_unet};
    const GanRecipe *r = b->trainer->recipe;
    const GanCriticOptions options = {.features = r->critic_features,
                                      .size = (guint)b->trainer->width,
                                      .n_layers = r->critic_layers,
                                      .norm = (GanCriticNorm)r->critic_norm};
    GanNode *both[] = {x, planes};
    return critics[r->critic](net, planes != NULL ? gan_concat(both, 2) : x, &options);
}

// The picture moved by as many pixels as `shift`, a kernel with a single one in it, says.
static GanNode *moved(const GanRecipe *r, GanNode *x, GanNode *shift)
{
    const guint side = r->perceptual_shift + 1;
    const GanWalk walk = {.kernel_h = side,
                          .kernel_w = side,
                          .groups = r->channels,
                          .pad_top = side - 1,
                          .pad_left = side - 1};
    return gan_convolution(x, shift, NULL, r->channels, &walk);
}

static void add_features_loss(Builder *b, const char *name, GanPerceptual kind, GanNode *made,
                              GanNode *target, double weight)
{
    const GanTrainer *t = b->trainer;
    if (weight <= 0)
        return;
    // The layers were checked when the network was opened.
    GanNode *loss =
        gan_loss_perceptual(t->features, kind, made, target, (const char *const *)t->feature_layers,
                            t->feature_weights, g_strv_length(t->feature_layers), NULL);
    g_assert(loss != NULL);
    add_term(b, name, loss, weight);
}

static void add_pixel_losses(Builder *b, GanNode *made, GanNode *target)
{
    const GanRecipe *r = b->trainer->recipe;
    if (r->pixel == GAN_PIXEL_LOSS_L1)
        add_term(b, "pixel", gan_loss_l1(made, target), r->pixel_weight);
    if (r->pixel == GAN_PIXEL_LOSS_CHARBONNIER)
        add_term(b, "pixel", gan_loss_charbonnier(made, target, CHARBONNIER_EPS), r->pixel_weight);
    if (r->pixel == GAN_PIXEL_LOSS_MSE)
        add_term(b, "pixel", gan_loss_mse(made, target), r->pixel_weight);
    if (r->ms_ssim_weight > 0) {
        guint n_scales = 1; // as many as the patch has room for
        while (n_scales < 5 && r->patch >> n_scales >= 11)
            n_scales++;
        add_term(b, "ms-ssim", gan_loss_ms_ssim(made, target, r->channels, n_scales),
                 r->ms_ssim_weight);
    }
    if (b->trainer->features != NULL) {
        GanNode *seen = made, *wanted = target;
        // Pooling sees pixels in a fixed grid, and a network that enlarges can write in that grid
        // what only features take for detail. It cannot where the grid lies elsewhere each time.
        if (r->perceptual_shift > 0) {
            const gsize side = r->perceptual_shift + 1;
            b->shapes[b->n_inputs++] = (GanShape){r->channels, 1, side, side};
            b->trainer->shift = g_new0(float, r->channels *side *side);
            GanNode *shift = gan_named_input(b->graph, "shift", (guint)side);
            seen = moved(r, made, shift);
            wanted = moved(r, target, shift);
        }
        add_features_loss(b, "perceptual", GAN_PERCEPTUAL_L1, seen, wanted, r->perceptual_weight);
        add_features_loss(b, "style", GAN_PERCEPTUAL_STYLE, seen, wanted, r->style_weight);
    }
    if (r->variation_weight > 0)
        add_term(b, "variation", gan_loss_total_variation(made), r->variation_weight);
}

// --- the network's step ---

static gboolean finish(Builder *b, GanNet *net, GError **error)
{
    const GanRecipe *r = b->trainer->recipe;
    GanPlayer *player = b->player;
    if (!gan_net_check(net, error)) {
        gan_graph_free(b->graph);
        return FALSE;
    }
    player->gradients = gan_gradients_new(b->graph, b->trainer->step_device, b->total, b->watched,
                                          b->n_watched, &net, 1, NULL, 0, b->shapes, error);
    if (player->gradients == NULL)
        return FALSE;
    GanOptimizerOptions options =
        gan_optimizer_options_default(r->optimizer == 0 ? GAN_OPTIMIZER_ADAM : GAN_OPTIMIZER_ADAMW);
    options.beta1 = r->beta1;
    options.beta2 = r->beta2;
    options.eps = r->epsilon;
    options.weight_decay = r->weight_decay;
    player->optimizer = gan_optimizer_new(&options, gan_gradients_weights(player->gradients),
                                          gan_gradients_n(player->gradients), error);
    player->schedule = (GanSchedule){.kind = (GanScheduleKind)r->schedule,
                                     .rate = r->rate,
                                     .lowest = r->least,
                                     .warm_up = r->warm_up,
                                     .gamma = r->factor,
                                     .milestones = r->milestones.values,
                                     .n_milestones = r->milestones.n,
                                     .period = MAX(r->steps / r->periods, 1),
                                     .end = r->steps};
    return player->optimizer != NULL;
}

static gboolean build_generator(GanTrainer *t, GError **error)
{
    const GanRecipe *r = t->recipe;
    const gboolean generate = r->task == GAN_RECIPE_GENERATE;
    const gboolean relativistic = r->adversary == GAN_RIVAL_RELATIVISTIC;
    Builder b = {.trainer = t, .graph = gan_graph_new(), .player = &t->generator};
    GanNode *x = generate ? numbers(&b, "latent", r->latent + t->n_classes)
                          : input(&b, "input", r->scale, r->channels);
    GanNode *target = !generate || relativistic ? input(&b, "target", 1, r->channels) : NULL;
    GanNode *planes = t->n_classes > 0 ? input(&b, "planes", 1, t->n_classes) : NULL;
    g_autoptr(GanNet) net = gan_net_new_training(b.graph, t->weights, NULL);
    g_autoptr(GanNet) critic =
        t->critic != NULL ? gan_net_new_training(b.graph, t->critic, NULL) : NULL;
    GanNode *made = gan_family_apply(t->family, &t->sizes, net, x);
    if (!generate)
        add_pixel_losses(&b, made, target);
    if (critic != NULL) {
        GanNode *fake = judged(&b, critic, made, planes);
        GanNode *real = relativistic ? judged(&b, critic, target, planes) : NULL;
        GanNode *loss = relativistic ? gan_loss_generator_relativistic(real, fake)
                                     : gan_loss_generator((GanAdversary)(r->adversary - 1), fake);
        add_term(&b, "adversary", loss, r->adversary_weight);
        if (!gan_net_check(critic, error)) {
            gan_graph_free(b.graph);
            return FALSE;
        }
    }
    // The critic's turn uses the picture that this step made.
    if (!generate && critic != NULL)
        b.watched[b.n_watched++] = made;
    return finish(&b, net, error);
}

static gboolean build_make(GanTrainer *t, GError **error)
{
    const GanRecipe *r = t->recipe;
    GanGraph *graph = gan_graph_new();
    const GanShape shape = {r->batch, 1, 1, r->latent + t->n_classes};
    g_autoptr(GanNet) net = gan_net_new_training(graph, t->weights, NULL);
    GanNode *made = gan_family_apply(t->family, &t->sizes, net,
                                     gan_named_input(graph, "latent", (guint)shape.c));
    if (!gan_net_check(net, error)) {
        gan_graph_free(graph);
        return FALSE;
    }
    gan_graph_add_output(graph, made);
    t->make = gan_step_new(graph, t->step_device, &shape, error);
    return t->make != NULL;
}

// --- the critic's step ---

static gboolean build_critic(GanTrainer *t, GError **error)
{
    const GanRecipe *r = t->recipe;
    Builder b = {.trainer = t, .graph = gan_graph_new(), .player = &t->judge};
    g_autoptr(GRand) random = g_rand_new_with_seed((guint32)r->seed + 1);
    g_autoptr(GanNet) net = gan_net_new_training(b.graph, t->critic, random);
    GanNode *real = input(&b, "real", 1, r->channels);
    GanNode *fake = input(&b, "fake", 1, r->channels);
    GanNode *planes = t->n_classes > 0 ? input(&b, "planes", 1, t->n_classes) : NULL;
    GanNode *on_real = judged(&b, net, real, planes), *on_fake = judged(&b, net, fake, planes);
    add_term(&b, "critic",
             r->adversary == GAN_RIVAL_RELATIVISTIC
                 ? gan_loss_critic_relativistic(on_real, on_fake)
                 : gan_loss_critic((GanAdversary)(r->adversary - 1), on_real, on_fake),
             1);
    watch(&b, "real", gan_reduce_mean(on_real, GAN_AXIS_ALL));
    watch(&b, "fake", gan_reduce_mean(on_fake, GAN_AXIS_ALL));
    if (r->gradient_penalty > 0) {
        GanNode *between = gan_between(real, fake, numbers(&b, "share", 1));
        GanNode *score = judged(&b, net, between, planes);
        GanNode *slopes = gan_slopes(score, between);
        add_term(&b, "penalty", gan_loss_gradient_penalty(slopes), r->gradient_penalty);
        watch(&b, "slope", gan_reduce_mean(slopes, GAN_AXIS_ALL));
    }
    if (r->r1 > 0)
        add_term(&b, "r1", gan_loss_r1(on_real, real), r->r1 / 2);
    if (!finish(&b, net, error))
        return FALSE;
    if (r->critic_rate > 0)
        t->judge.schedule.rate = r->critic_rate;
    return TRUE;
}

gboolean gan_trainer_build(GanTrainer *t, GError **error)
{
    const GanRecipe *r = t->recipe;
    const gsize n_pixels = t->height * t->width;
    t->picture_length = r->batch * n_pixels * r->channels;
    // The critic first: it makes its own weights, which the network's step then uses.
    if (t->critic != NULL && !build_critic(t, error))
        return FALSE;
    if (!build_generator(t, error))
        return FALSE;
    if (r->task == GAN_RECIPE_GENERATE) {
        t->latent = g_new0(float, (gsize)r->batch *(r->latent + t->n_classes));
        if (!build_make(t, error))
            return FALSE;
    }
    // Between a GPU's steps it does not leave the GPU.
    const gboolean needs_made = t->critic != NULL && !gan_trainer_is_on_gpu(t);
    if (needs_made)
        t->made = g_try_new(float, t->picture_length);
    if (t->n_classes > 0)
        t->planes = g_try_new(float, r->batch *n_pixels * t->n_classes);
    t->share = g_new(float, r->batch);
    t->labels = g_new0(guint, r->batch);
    if ((needs_made && t->made == NULL) || (t->n_classes > 0 && t->planes == NULL)) {
        g_set_error(error, GAN_ERROR, GAN_ERROR_MEMORY, "no memory for a batch of %u pictures",
                    r->batch);
        return FALSE;
    }
    if (r->ema > 0) {
        t->ema = gan_ema_new(gan_gradients_weights(t->generator.gradients),
                             gan_gradients_n(t->generator.gradients), error);
        if (t->ema == NULL)
            return FALSE;
    }
    return gan_trainer_settle(t, error);
}

void gan_player_clear(GanPlayer *player)
{
    gan_resident_free(player->resident);
    gan_optimizer_free(player->optimizer);
    gan_gradients_free(player->gradients);
}

// --- turns ---

void gan_trainer_fill_latent(const GanTrainer *t, GanRandomUse use, guint64 draw,
                             const guint *labels, guint n, float *latent)
{
    const guint length = t->recipe->latent + t->n_classes;
    GanRandom random;
    gan_random_init(&random, t->recipe->seed, use, draw);
    for (guint i = 0; i < n; i++) {
        float *row = latent + (gsize)i * length;
        for (guint k = 0; k < t->recipe->latent; k++)
            row[k] = (float)gan_random_normal(&random);
        for (guint k = 0; k < t->n_classes; k++)
            row[t->recipe->latent + k] = labels[i] == k ? 1 : 0;
    }
}

static void draw_latent(GanTrainer *t)
{
    if (t->source != NULL)
        t->source->latent(t->source->data, t->latent);
    else
        gan_trainer_fill_latent(t, GAN_RANDOM_NOISE, t->n_latents++, t->labels, t->recipe->batch,
                                t->latent);
}

static gboolean next_batch(GanTrainer *t, GanBatch *batch, GError **error)
{
    const guint n = t->recipe->batch;
    const gsize n_pixels = t->height * t->width;
    if (!(t->source != NULL ? t->source->batch(t->source->data, batch, error)
                            : gan_loader_next(t->loader, batch, error)))
        return FALSE;
    t->n_batches++;
    for (guint i = 0; i < n && batch->labels != NULL; i++)
        t->labels[i] = batch->labels[i];
    for (gsize i = 0; t->planes != NULL && i < n * n_pixels; i++)
        for (guint k = 0; k < t->n_classes; k++)
            t->planes[i * t->n_classes + k] = t->labels[i / n_pixels] == k ? 1 : 0;
    return TRUE;
}

static gboolean run(GanPlayer *player, const float *const *inputs, float *made, gboolean accumulate,
                    GError **error)
{
    float *watched[GAN_TRAINER_TERMS + 1];
    for (guint i = 0; i < player->n_terms; i++)
        watched[i] = &player->values[i];
    watched[player->n_terms] = made;
    return gan_gradients_run(player->gradients, inputs, watched, accumulate, error) &&
           (player->resident == NULL || gan_resident_collect(player->resident, accumulate, error));
}

static gboolean run_critic(GanTrainer *t, const GanBatch *batch, gboolean accumulate,
                           GError **error)
{
    const float *inputs[MOST_INPUTS] = {batch->target->data, [GAN_TRAINER_FAKE] = t->made};
    guint n = GAN_TRAINER_FAKE + 1;
    if (t->planes != NULL)
        inputs[n++] = t->planes;
    if (t->recipe->gradient_penalty > 0) {
        GanRandom random;
        gan_random_init(&random, t->recipe->seed, GAN_RANDOM_PENALTY, t->n_batches);
        for (guint i = 0; i < t->recipe->batch; i++)
            t->share[i] = (float)gan_random_uniform(&random);
        inputs[n++] = t->share;
    }
    return run(&t->judge, inputs, NULL, accumulate, error);
}

// A kernel for each channel with a single one, at the same random place in all of them.
static void draw_shift(GanTrainer *t)
{
    const GanRecipe *r = t->recipe;
    const guint side = r->perceptual_shift + 1;
    GanRandom random;
    gan_random_init(&random, r->seed, GAN_RANDOM_SHIFT, t->n_batches);
    const gsize place = gan_random_below(&random, side * side);
    for (gsize i = 0; i < (gsize)r->channels * side * side; i++)
        t->shift[i] = i % (side * side) == place ? 1 : 0;
}

static gboolean restore_step(GanTrainer *t, gboolean *diverged, GError **error)
{
    for (guint a = 0; a < t->recipe->accumulate; a++) {
        g_auto(GanBatch) batch = {0};
        if (!next_batch(t, &batch, error))
            return FALSE;
        const float *inputs[MOST_INPUTS] = {batch.input->data, batch.target->data, t->shift};
        if (t->shift != NULL)
            draw_shift(t);
        if (!run(&t->generator, inputs, t->made, a > 0, error) ||
            (t->critic != NULL && !run_critic(t, &batch, a > 0, error)))
            return FALSE;
    }
    if (!gan_trainer_update(t, &t->generator, diverged, error))
        return FALSE;
    return t->critic == NULL || *diverged || gan_trainer_update(t, &t->judge, diverged, error);
}

static gboolean generate_step(GanTrainer *t, gboolean *diverged, GError **error)
{
    const GanRecipe *r = t->recipe;
    g_auto(GanBatch) batch = {0};
    for (guint k = 0; k < r->critic_steps; k++) {
        for (guint a = 0; a < r->accumulate; a++) {
            gan_batch_clear(&batch);
            if (!next_batch(t, &batch, error))
                return FALSE;
            draw_latent(t);
            const void *const inputs[] = {t->latent};
            void *const outputs[] = {t->made};
            if (!gan_step_run(t->make, inputs, outputs, error) ||
                !run_critic(t, &batch, a > 0, error))
                return FALSE;
        }
        if (!gan_trainer_update(t, &t->judge, diverged, error))
            return FALSE;
        if (*diverged)
            return TRUE;
    }
    for (guint a = 0; a < r->accumulate; a++) {
        // The first time with the numbers that the critic just judged, as the paper's code does.
        if (a > 0)
            draw_latent(t);
        const float *inputs[MOST_INPUTS] = {t->latent};
        guint n = 1;
        if (r->adversary == GAN_RIVAL_RELATIVISTIC) {
            g_assert(batch.target != NULL);
            inputs[n++] = batch.target->data;
        }
        if (t->planes != NULL)
            inputs[n++] = t->planes;
        if (!run(&t->generator, inputs, NULL, a > 0, error))
            return FALSE;
    }
    return gan_trainer_update(t, &t->generator, diverged, error);
}

gboolean gan_trainer_step(GanTrainer *t, gboolean *diverged, GError **error)
{
    *diverged = FALSE;
    if (!(t->recipe->task == GAN_RECIPE_GENERATE ? generate_step(t, diverged, error)
                                                 : restore_step(t, diverged, error)))
        return FALSE;
    return *diverged || gan_trainer_average(t, error);
}
