// SPDX-License-Identifier: LGPL-3.0-or-later
// PyTorch's ten steps of super-resolution, five of DCGAN and five of networks that are told the
// damage, run by the trainer from recipes: its losses, optimizers, schedule, average and the
// players' turns. Only the batches and the random numbers are PyTorch's.
#include "golden.h"
#include "pictures.h"

#include <gan/image.h>
#include <string.h>
#include <trainer-private.h>

static const char sr_recipe[] = "[recipe]\n"
                                "title = Trajectory\n"
                                "procedure = super-resolution\n"
                                "[network]\n"
                                "family = srvgg\n"
                                "scale = 2\n"
                                "features = 6\n"
                                "blocks = 2\n"
                                "[data]\n"
                                "batch = 2\n"
                                "patch = 16\n"
                                "[degrade]\n"
                                "kind = bicubic\n"
                                "[loss]\n"
                                "pixel = l1\n"
                                "[optimizer]\n"
                                "rate = 2e-3\n"
                                "beta2 = 0.99\n"
                                "[ema]\n"
                                "decay = 0.9\n"
                                "[run]\n"
                                "steps = 10\n"
                                "samples_every = 0\n";

// Of a network that is told the damage; noise, and the quality of JPEG.
#define TOLD_RECIPE(degrade)                                                                       \
    "[recipe]\n"                                                                                   \
    "title = Trajectory\n"                                                                         \
    "procedure = super-resolution\n"                                                               \
    "[network]\n"                                                                                  \
    "family = ffdnet\n"                                                                            \
    "features = 6\n"                                                                               \
    "blocks = 4\n"                                                                                 \
    "[data]\n"                                                                                     \
    "batch = 2\n"                                                                                  \
    "patch = 16\n"                                                                                 \
    "[degrade]\n" degrade "[loss]\n"                                                               \
    "pixel = mse\n"                                                                                \
    "[optimizer]\n"                                                                                \
    "rate = 2e-3\n"                                                                                \
    "beta2 = 0.99\n"                                                                               \
    "[run]\n"                                                                                      \
    "steps = 5\n"                                                                                  \
    "samples_every = 0\n"
static const struct {
    const char *kind, *recipe;
} told[] = {{"noise", TOLD_RECIPE("kind = noise\ngaussian = 1\nnoise = 0 50\n")},
            {"quality", TOLD_RECIPE("kind = jpeg\njpeg = 10 95\n")}};
#undef TOLD_RECIPE

static const char dcgan_recipe[] = "[recipe]\n"
                                   "title = Trajectory\n"
                                   "procedure = latent\n"
                                   "[network]\n"
                                   "family = dcgan\n"
                                   "size = 64\n"
                                   "latent = 8\n"
                                   "features = 4\n"
                                   "[data]\n"
                                   "batch = 4\n"
                                   "[critic]\n"
                                   "kind = dcgan\n"
                                   "features = 4\n"
                                   "norm = batch\n"
                                   "loss = non-saturating\n"
                                   "[optimizer]\n"
                                   "rate = 2e-4\n"
                                   "beta1 = 0.5\n"
                                   "beta2 = 0.999\n"
                                   "[run]\n"
                                   "steps = 5\n"
                                   "samples_every = 0\n";

typedef struct {
    GanWeights *pack;
    GanTrainer *trainer;
    guint n_batches, n_latents, n_steps;
    const char *kind; // of what is told
} Run;

static GanTensor *picture_tensor(const GanTensor *from)
{
    const GanShape s = golden_picture_shape(from);
    const gsize shape[] = {s.n, s.h, s.w, s.c};
    g_autofree float *numbers = golden_picture(from);
    GanTensor *tensor = gan_tensor_new(4, shape, NULL);
    memcpy(tensor->data, numbers, gan_tensor_length(tensor) * sizeof(float));
    return tensor;
}

static gboolean sr_batch(gpointer data, GanBatch *batch, GError **error)
{
    (void)error;
    Run *run = data;
    g_autoptr(GanTensor) low = golden_tensor(run->pack, "batch%u/lr", run->n_batches);
    g_autoptr(GanTensor) high = golden_tensor(run->pack, "batch%u/hr", run->n_batches++);
    *batch = (GanBatch){.input = picture_tensor(low), .target = picture_tensor(high)};
    return TRUE;
}

static gboolean dcgan_batch(gpointer data, GanBatch *batch, GError **error)
{
    (void)error;
    Run *run = data;
    g_autoptr(GanTensor) real = golden_tensor(run->pack, "step%u/real_i8", run->n_batches++);
    *batch = (GanBatch){.target = picture_tensor(real)};
    for (gsize i = 0; i < gan_tensor_length(batch->target); i++)
        batch->target->data[i] /= 127;
    return TRUE;
}

static void dcgan_latent(gpointer data, float *latent)
{
    Run *run = data;
    g_autoptr(GanTensor) z = golden_tensor(run->pack, "step%u/z", run->n_latents++);
    memcpy(latent, z->data, gan_tensor_length(z) * sizeof(float));
}

// Gives the parameters PyTorch's first values.
static void set_parameters(const GanParameters *parameters, GanWeights *pack, const char *prefix)
{
    for (guint i = 0; i < gan_parameters_n(parameters); i++) {
        const GanParameter *p = gan_parameters_at(parameters, i);
        g_autoptr(GanTensor) first = golden_tensor(pack, "%s%s", prefix, p->name);
        g_assert_cmpuint(gan_tensor_length(first), ==, gan_tensor_length(p->tensor));
        memcpy(p->tensor->data, first->data, gan_tensor_length(first) * sizeof(float));
    }
}

static void compare_parameters(const GanParameters *parameters, gboolean buffers, GanWeights *pack,
                               const char *prefix, double limit)
{
    for (guint i = 0; i < gan_parameters_n(parameters); i++) {
        const GanParameter *p = gan_parameters_at(parameters, i);
        if (p->kind != GAN_PARAMETER_WEIGHT && !buffers)
            continue;
        g_autoptr(GanTensor) wanted = golden_tensor(pack, "%s%s", prefix, p->name);
        g_autofree char *name = g_strconcat(prefix, p->name, NULL);
        golden_compare(name, p->tensor->data, wanted->data, gan_tensor_length(wanted), limit);
    }
}

static GanTrainer *trainer_of(Run *run, const char *folder, const char *recipe,
                              const GanTrainingSource *source)
{
    GError *error = NULL;
    // What the recipe's data are does not matter; they have to be there.
    g_autofree char *data = g_build_filename(folder, "data", NULL);
    g_autofree char *path = g_build_filename(folder, "trajectory.ini", NULL);
    g_autofree char *output = g_build_filename(folder, "output", NULL);
    test_write_bytes(folder, "trajectory.ini", recipe, strlen(recipe));
    test_write_picture(data, "1.png", 64, 64, 1);
    const GanTrainerOptions options = {
        .recipe = path, .data = data, .output = output, .n_threads = 2};
    run->trainer = gan_trainer_new_with(&options, gan_procedures, source, &error);
    g_assert_no_error(error);
    return run->trainer;
}

// The network of a player, and its first loss. Generators come first.
static GanPlayer *player_of(const GanTrainer *trainer, guint i)
{
    return trainer->training.players->pdata[i];
}

static const GanParameters *parameters_of(const GanTrainer *trainer, guint i)
{
    return player_of(trainer, i)->networks->pdata[0];
}

static const GanTerm *term_of(const GanTrainer *trainer, guint i)
{
    return &g_array_index(player_of(trainer, i)->terms, GanTerm, 0);
}

static gboolean sr_progress(const GanTrainerState *state, gpointer data)
{
    Run *run = data;
    g_autoptr(GanTensor) losses = golden_tensor(run->pack, "f64.loss");
    g_autofree char *what = g_strdup_printf("loss of step %" G_GUINT64_FORMAT, state->step);
    const GanTerm *term = term_of(run->trainer, 0);
    g_assert_cmpstr(term->name, ==, "pixel");
    golden_compare(what, &term->value, &losses->data[run->n_steps++], 1, 1e-5);
    return TRUE;
}

static void test_sr(void)
{
    char *folder = test_folder();
    GError *error = NULL;
    g_autoptr(GanWeights) pack = golden_open("trajectory_sr");
    Run run = {.pack = pack};
    const GanTrainingSource source = {.height = 16, .width = 20, .batch = sr_batch, .data = &run};
    g_autoptr(GanTrainer) t = trainer_of(&run, folder, sr_recipe, &source);
    const GanParameters *parameters = parameters_of(t, 0);
    const GanPlayer *player = player_of(t, 0);
    GanTensor *const *weights = gan_gradients_weights(player->gradients);
    set_parameters(parameters, pack, "init/");
    for (guint i = 0; i < gan_gradients_n(player->gradients); i++)
        memcpy(gan_ema_average(player->ema, i)->data, weights[i]->data,
               gan_tensor_length(weights[i]) * sizeof(float));
    gan_trainer_run(t, sr_progress, &run, &error);
    g_assert_no_error(error);
    g_assert_cmpuint(run.n_steps, ==, 10);
    // Adam's first steps are nearly signs of the gradient, so that tiny errors move weights.
    compare_parameters(parameters, TRUE, pack, "f64.final/", 3e-4);
    for (guint i = 0; i < gan_parameters_n(parameters); i++) {
        const GanParameter *p = gan_parameters_at(parameters, i);
        g_autoptr(GanTensor) wanted = golden_tensor(pack, "f64.ema/%s", p->name);
        guint at = 0;
        while (weights[at] != p->tensor)
            at++;
        golden_compare(p->name, gan_ema_average(player->ema, at)->data, wanted->data,
                       gan_tensor_length(wanted), 3e-4);
    }
    test_remove(folder);
}

static gboolean told_batch(gpointer data, GanBatch *batch, GError **error)
{
    (void)error;
    Run *run = data;
    const guint i = run->n_batches++;
    g_autoptr(GanTensor) input = golden_tensor(run->pack, "%s/batch%u/input", run->kind, i);
    g_autoptr(GanTensor) target = golden_tensor(run->pack, "%s/batch%u/target", run->kind, i);
    g_autoptr(GanTensor) number = golden_tensor(run->pack, "%s/batch%u/number", run->kind, i);
    *batch = (GanBatch){
        .input = picture_tensor(input),
        .target = picture_tensor(target),
        .numbers = g_memdup2(number->data, gan_tensor_length(number) * sizeof *number->data)};
    return TRUE;
}

static gboolean told_progress(const GanTrainerState *state, gpointer data)
{
    Run *run = data;
    g_autoptr(GanTensor) losses = golden_tensor(run->pack, "%s/loss", run->kind);
    g_autofree char *what =
        g_strdup_printf("%s, loss of step %" G_GUINT64_FORMAT, run->kind, state->step);
    golden_compare(what, &term_of(run->trainer, 0)->value, &losses->data[run->n_steps++], 1, 1e-6);
    return TRUE;
}

static void test_told(void)
{
    g_autoptr(GanWeights) pack = golden_open("trajectory_told");
    for (guint i = 0; i < G_N_ELEMENTS(told); i++) {
        char *folder = test_folder();
        GError *error = NULL;
        Run run = {.pack = pack, .kind = told[i].kind};
        const GanTrainingSource source = {
            .height = 15, .width = 18, .batch = told_batch, .data = &run};
        g_autofree char *first = g_strconcat(run.kind, "/init/", NULL);
        g_autofree char *final = g_strconcat(run.kind, "/final/", NULL);
        g_autoptr(GanTrainer) t = trainer_of(&run, folder, told[i].recipe, &source);
        set_parameters(parameters_of(t, 0), pack, first);
        gan_trainer_run(t, told_progress, &run, &error);
        g_assert_no_error(error);
        g_assert_cmpuint(run.n_steps, ==, 5);
        // As above.
        compare_parameters(parameters_of(t, 0), TRUE, pack, final, 3e-4);
        test_remove(folder);
    }
}

// PyTorch's log: both halves of the critic's loss, their sum, the generator's loss, probabilities.
enum { LOG_CRITIC = 2, LOG_GENERATOR = 3, LOG_LENGTH = 7 };

static gboolean dcgan_progress(const GanTrainerState *state, gpointer data)
{
    Run *run = data;
    const GanTrainer *t = run->trainer;
    g_autoptr(GanTensor) log = golden_tensor(run->pack, "f64.log");
    const float *wanted = log->data + (gsize)LOG_LENGTH * run->n_steps++;
    g_autofree char *critic = g_strdup_printf("critic, step %" G_GUINT64_FORMAT, state->step);
    g_autofree char *made = g_strdup_printf("generator, step %" G_GUINT64_FORMAT, state->step);
    g_assert_cmpstr(term_of(t, 1)->name, ==, "critic");
    g_assert_cmpstr(term_of(t, 0)->name, ==, "generator");
    golden_compare(critic, &term_of(t, 1)->value, wanted + LOG_CRITIC, 1, 1e-5);
    golden_compare(made, &term_of(t, 0)->value, wanted + LOG_GENERATOR, 1, 1e-5);
    return TRUE;
}

static void test_dcgan(void)
{
    char *folder = test_folder();
    GError *error = NULL;
    g_autoptr(GanWeights) pack = golden_open("trajectory_dcgan");
    Run run = {.pack = pack};
    const GanTrainingSource source = {
        .height = 64, .width = 64, .batch = dcgan_batch, .numbers = dcgan_latent, .data = &run};
    g_autoptr(GanTrainer) t = trainer_of(&run, folder, dcgan_recipe, &source);
    set_parameters(parameters_of(t, 0), pack, "init.G/");
    set_parameters(parameters_of(t, 1), pack, "init.D/");
    gan_trainer_run(t, dcgan_progress, &run, &error);
    g_assert_no_error(error);
    g_assert_cmpuint(run.n_steps, ==, 5);
    compare_parameters(parameters_of(t, 0), TRUE, pack, "f64.final.G/", 1e-5);
    // The critic's running statistics are never used; the generator's step leaves them alone here.
    compare_parameters(parameters_of(t, 1), FALSE, pack, "f64.final.D/", 1e-5);
    test_remove(folder);
}

int main(int argc, char **argv)
{
    gan_image_init(1);
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/trajectory/super-resolution-from-a-recipe", test_sr);
    g_test_add_func("/trajectory/told-the-damage-from-a-recipe", test_told);
    g_test_add_func("/trajectory/dcgan-from-a-recipe", test_dcgan);
    const int status = g_test_run();
    gan_image_exit();
    return status;
}
