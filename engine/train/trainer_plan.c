// SPDX-License-Identifier: LGPL-3.0-or-later
// What a run will be like: its size, its memory, and the time of a step.
#include "trainer-private.h"

#include <string.h>

#define WARM_STEPS 2 // before a step is timed

// --- memory ---

// Reads "Name:   123 kB".
static guint64 status_bytes(const char *text, const char *name)
{
    const char *line = strstr(text, name);
    return line != NULL ? g_ascii_strtoull(line + strlen(name), NULL, 10) * 1024 : 0;
}

guint64 gan_trainer_resident_bytes(guint64 *most)
{
    g_autofree char *text = NULL;
    if (!g_file_get_contents("/proc/self/status", &text, NULL, NULL))
        text = g_strdup("");
    if (most != NULL)
        *most = status_bytes(text, "VmHWM:");
    return status_bytes(text, "VmRSS:");
}

// Where memory is taken: where the networks are computed, which may be a GPU, and in the process.
typedef struct {
    guint64 computing, process;
} Taken;

// A player's values, and for each weight: itself, its gradient and the sum of those, two moments.
// A GPU has copies of the process's own.
static void add_player(Taken *taken, const GanTrainer *t, const GanPlayer *player,
                       guint64 *scratch_bytes)
{
    if (player->gradients == NULL)
        return;
    const GanStepInfo *info = gan_gradients_info(player->gradients);
    guint64 n_weights = 0;
    for (guint i = 0; i < gan_gradients_n(player->gradients); i++)
        n_weights += gan_tensor_length(gan_gradients_weights(player->gradients)[i]);
    *scratch_bytes = MAX(*scratch_bytes, info->scratch_bytes);
    taken->computing += info->arena_bytes + info->packed_bytes + 5 * n_weights * sizeof(float);
    taken->process += gan_trainer_is_on_gpu(t) ? 5 * n_weights * sizeof(float) : 0;
}

// Batches that are ready or being made, the one that is worked on, and what the network makes.
static guint64 batches_bytes(const GanTrainer *t)
{
    const GanRecipe *r = t->recipe;
    const guint64 target = t->picture_length;
    const guint64 input = t->loading.input ? target / ((guint64)r->scale * r->scale) : 0;
    const guint64 planes =
        t->planes != NULL ? (guint64)r->batch * r->size * r->size * t->n_classes : 0;
    return ((r->queue + 1) * (target + input) + (t->made != NULL ? target : 0) + planes) *
           sizeof(float);
}

// The network alone, as samples and validation run it, over `n` inputs of height x width.
static gboolean add_run(Taken *taken, const GanTrainer *t, gsize n, gsize height, gsize width,
                        GError **error)
{
    const GanRecipe *r = t->recipe;
    const guint channels = r->task == GAN_RECIPE_GENERATE ? r->latent + t->n_classes : r->channels;
    const GanShape shape = {n, height, width, channels};
    GanGraph *graph = gan_graph_new();
    g_autoptr(GanNet) net = gan_net_new_training(graph, t->weights, NULL);
    GanNode *made =
        gan_family_apply(t->family, &t->sizes, net, gan_named_input(graph, "input", channels));
    if (!gan_net_check(net, error)) {
        gan_graph_free(graph);
        return FALSE;
    }
    gan_graph_add_output(graph, made);
    g_autoptr(GanStep) step = gan_step_new(graph, t->step_device, &shape, error);
    if (step == NULL)
        return FALSE;
    const GanShape out = gan_step_output_shape(step, 0);
    const GanStepInfo *info = gan_step_info(step);
    // Twice the output: it is compared with the truth.
    taken->computing += info->arena_bytes + info->packed_bytes + info->scratch_bytes;
    taken->process +=
        (n * height * width * channels + 2 * out.n * out.h * out.w * out.c) * sizeof(float);
    return TRUE;
}

// What comes on top between steps: the sample grid, or the largest picture of the validation.
static gboolean add_reports(Taken *taken, const GanTrainer *t, GError **error)
{
    const GanRecipe *r = t->recipe;
    const gsize side = r->task == GAN_RECIPE_GENERATE ? 1 : r->patch / r->scale;
    Taken samples = {0}, validation = {0};
    if (r->samples_every > 0 && !add_run(&samples, t, r->n_samples, side, side, error))
        return FALSE;
    gsize width = 0, height = 0;
    if (t->validation != NULL && r->validate_every > 0)
        gan_trainer_validated_size(t, &width, &height);
    if (width > 0 && !add_run(&validation, t, 1, height, width, error))
        return FALSE;
    taken->computing += MAX(samples.computing, validation.computing);
    taken->process += MAX(samples.process, validation.process);
    return TRUE;
}

// --- the plan ---

gboolean gan_trainer_plan(GanTrainer *t, GanTrainerPlan *plan, GError **error)
{
    const GanRecipe *r = t->recipe;
    *plan = (GanTrainerPlan){.title = r->title,
                             .network = t->network_text,
                             .n_weights = gan_parameters_n_weights(t->weights),
                             .n_pictures = gan_dataset_n(t->dataset, 0),
                             .step = t->step,
                             .steps = r->steps};
    if (t->critic != NULL)
        plan->n_critic_weights = gan_parameters_n_weights(t->critic);
    plan->flops = gan_gradients_info(t->generator.gradients)->flops +
                  (t->make != NULL ? gan_step_info(t->make)->flops * r->critic_steps : 0);
    if (t->judge.gradients != NULL)
        plan->flops += gan_gradients_info(t->judge.gradients)->flops *
                       (r->task == GAN_RECIPE_GENERATE ? r->critic_steps : 1);
    plan->flops *= r->accumulate;
    gan_trainer_start_loader(t);
    for (guint i = 0; i <= WARM_STEPS; i++) {
        gboolean diverged;
        const gint64 begun_us = g_get_monotonic_time();
        if (!gan_trainer_step(t, &diverged, error))
            return FALSE;
        plan->step_seconds = (double)(g_get_monotonic_time() - begun_us) / G_USEC_PER_SEC;
    }
    guint64 scratch_bytes = t->make != NULL ? gan_step_info(t->make)->scratch_bytes : 0;
    Taken taken = {.process = batches_bytes(t) + gan_dataset_memory_bytes(t->dataset)};
    if (!add_reports(&taken, t, error))
        return FALSE;
    add_player(&taken, t, &t->generator, &scratch_bytes);
    add_player(&taken, t, &t->judge, &scratch_bytes);
    const guint64 averages = t->ema != NULL ? plan->n_weights * sizeof(float) : 0;
    taken.computing +=
        scratch_bytes + averages + (t->make != NULL ? gan_step_info(t->make)->arena_bytes : 0);
    taken.process += t->begun_bytes + (gan_trainer_is_on_gpu(t) ? averages : taken.computing);
    plan->gpu_bytes = gan_trainer_is_on_gpu(t) ? taken.computing : 0;
    guint64 most_bytes;
    gan_trainer_resident_bytes(&most_bytes);
    plan->memory_bytes = MAX(taken.process, most_bytes);
    return TRUE;
}
