// SPDX-License-Identifier: LGPL-3.0-or-later
// Mixed precision: the gradients of a first step in bfloat16 against those in float32, on the
// device that TEST_DEVICE names.
#include "pictures.h"

#include <gan/image.h>
#include <math.h>
#include <string.h>
#include <trainer-private.h>

// `limit`: how far gradients may be from those in float32, of their length. Each rounding is off by
// up to 2^-9. Of a new critic with normalised features nearly all of the gradient is the same for
// all pixels and is taken off again, so that mostly roundings are left; PyTorch's autocast finds
// gradients 0.49 off for the PatchGAN below.
static const struct {
    double limit;
    const char *recipe;
    const char *changes[12];
} runs[] = {
    {0.01, "sr-faithful", {"network.features=16", "network.blocks=3", "data.patch=64"}},
    {0.01,
     "sr-faithful",
     {"network.family=rrdb", "network.features=16", "network.growth=8", "network.blocks=1",
      "data.patch=64"}},
    {0.01,
     "sr-faithful",
     {"network.family=span", "network.features=16", "network.blocks=2", "data.patch=64"}},
    {0.03,
     "sr-faithful",
     {"network.family=srresnet", "network.features=16", "network.blocks=2", "data.patch=64"}},
    {0.03,
     "sr-detail",
     {"network.features=16", "network.blocks=2", "data.patch=64", "loss.perceptual_weight=0",
      "loss.variation_weight=1", "critic.kind=unet", "critic.norm=spectral"}},
    {0.3,
     "sr-detail",
     {"network.features=16", "network.blocks=2", "data.patch=64", "loss.perceptual_weight=0",
      "critic.kind=patch", "critic.norm=instance"}},
    {0.5,
     "sr-detail",
     {"network.features=16", "network.blocks=2", "data.patch=128", "loss.perceptual_weight=0",
      "critic.kind=vgg", "critic.norm=batch"}},
    {0.15, "wgan-gp", {"network.size=28", "critic.steps=1"}},
    {0.3, "dcgan-64", {"network.features=16"}},
};

// A device that computes otherwise than the recipe says would be no test.
static void refuse_notice(const char *text, gpointer data)
{
    (void)data;
    g_assert_null(strstr(text, "steps compute in"));
}

static GanTrainer *step(guint run, const char *precision, const char *pictures, const char *output)
{
    GPtrArray *changes = g_ptr_array_new();
    for (guint i = 0; runs[run].changes[i] != NULL; i++)
        g_ptr_array_add(changes, (gpointer)runs[run].changes[i]);
    g_ptr_array_add(changes, (gpointer) "data.batch=4");
    g_ptr_array_add(changes, (gpointer) "critic.features=8");
    g_ptr_array_add(changes, (gpointer)precision);
    g_ptr_array_add(changes, NULL);
    g_autofree char *file = g_strconcat(runs[run].recipe, ".ini", NULL);
    g_autofree char *recipe = g_build_filename(g_getenv("RECIPES"), file, NULL);
    const GanTrainerOptions options = {.recipe = recipe,
                                       .changes = (const char *const *)changes->pdata,
                                       .data = pictures,
                                       .output = output,
                                       .device = g_getenv("TEST_DEVICE"),
                                       .n_threads = 1,
                                       .notice = refuse_notice};
    GError *error = NULL;
    GanTrainer *t = gan_trainer_new(&options, &error);
    g_assert_no_error(error);
    gan_trainer_start_loader(t);
    gboolean diverged = TRUE;
    gan_trainer_step(t, &diverged, &error);
    g_assert_no_error(error);
    g_assert_false(diverged);
    gan_training_pull(&t->training, &error);
    g_assert_no_error(error);
    g_ptr_array_unref(changes);
    return t;
}

// How far the gradients of a player are from those in float32, of their length. Adam's first
// moments are the gradients of a first step, times a number.
static double distance(const GanPlayer *found, const GanPlayer *wanted)
{
    double off = 0, whole = 0;
    for (guint k = 0; k < gan_gradients_n(wanted->gradients); k++) {
        const GanTensor *a = gan_optimizer_state(found->optimizer, 2 * k),
                        *b = gan_optimizer_state(wanted->optimizer, 2 * k);
        double off_k = 0, whole_k = 0;
        for (gsize i = 0; i < gan_tensor_length(b); i++) {
            off_k += pow((double)a->data[i] - b->data[i], 2);
            whole_k += pow(b->data[i], 2);
        }
        g_test_message("  tensor %u: %.4f of %g", k, sqrt(off_k / fmax(whole_k, 1e-300)),
                       sqrt(whole_k));
        off += off_k;
        whole += whole_k;
    }
    g_assert_cmpfloat(whole, >, 0);
    return sqrt(off / whole);
}

static void test_gradients(void)
{
    if (g_getenv("TEST_DEVICE") == NULL) {
        g_test_skip("TEST_DEVICE names no device with mixed precision");
        return;
    }
    char *folder = test_folder();
    g_autofree char *pictures = g_build_filename(folder, "pictures", NULL);
    g_autofree char *output = g_build_filename(folder, "run", NULL);
    for (guint i = 0; i < 4; i++) {
        g_autofree char *name = g_strdup_printf("%u.png", i);
        test_write_picture(pictures, name, 160, 144, i);
    }
    for (guint i = 0; i < G_N_ELEMENTS(runs); i++) {
        g_autoptr(GanTrainer) wanted = step(i, "run.precision=float32", pictures, output);
        g_autoptr(GanTrainer) found = step(i, "run.precision=bfloat16", pictures, output);
        const GPtrArray *players = wanted->training.players;
        double off[2] = {0};
        for (guint k = 0; k < players->len; k++)
            off[k] = distance(found->training.players->pdata[k], players->pdata[k]);
        g_test_message("%s, run %u: gradients off by %.4f, the critic's by %.4f", runs[i].recipe, i,
                       off[0], off[1]);
        // Equal numbers would mean that nothing was rounded.
        g_assert_cmpfloat(off[0], >, 0);
        g_assert_cmpfloat(off[0], <=, runs[i].limit);
        g_assert_cmpfloat(off[1], <=, runs[i].limit);
    }
    test_remove(folder);
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    gan_image_init(1);
    g_test_add_func("/train/precision/gradients", test_gradients);
    const int status = g_test_run();
    gan_image_exit();
    return status;
}
