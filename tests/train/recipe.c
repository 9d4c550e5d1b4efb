// SPDX-License-Identifier: LGPL-3.0-or-later
// Recipes: those that come with the program, and what is said about wrong ones.
#include "pictures.h"

#include <critic.h>
#include <math.h>
#include <pixel.h>
#include <procedure.h>
#include <string.h>

static const char good[] = "# a comment\n"
                           "[recipe]\n"
                           "title = Test\n"
                           "procedure = super-resolution\n"
                           "\n"
                           "[network]\n"
                           "family = srvgg\n"
                           "scale = 2\n"
                           "; another\n"
                           "[degrade]\n"
                           "kind = real\n"
                           "sigma = 0.5 2\n"
                           "resize_parts = 1 0 1\n"
                           "[loss]\n"
                           "  pixel=l1  \n"
                           "[optimizer]\n"
                           "rate = 2e-4\n"
                           "[schedule]\n"
                           "kind = step\n"
                           "milestones = 10 20 40\n"
                           "[run]\n"
                           "steps = 50\n";

static GanRecipe *read_text(const char *folder, const char *text, const char *const *changes,
                            GError **error)
{
    g_autofree char *path = g_build_filename(folder, "r.ini", NULL);
    test_write_bytes(folder, "r.ini", text, strlen(text));
    const GanProcedure *procedure;
    return gan_procedure_read(gan_procedures, path, changes, &procedure, error);
}

static void test_values(void)
{
    char *folder = test_folder();
    GError *error = NULL;
    g_autoptr(GanRecipe) r = read_text(folder, good, NULL, &error);
    g_assert_no_error(error);
    const GanRecipeTitle *title = gan_recipe_settings(r, &gan_title_keys);
    const GanNetworkSettings *network = gan_recipe_settings(r, &gan_network_keys);
    const GanPixelSettings *pixel = gan_recipe_settings(r, &gan_pixel_keys);
    const GanLearning *learning = gan_recipe_settings(r, &gan_learning_keys);
    const GanRunSettings *run = gan_recipe_settings(r, &gan_run_keys);
    const GanDegradeSettings *degrade = gan_recipe_settings(r, &gan_degrade_keys);
    g_assert_cmpstr(title->title, ==, "Test");
    g_assert_cmpuint(network->scale, ==, 2);
    g_assert_cmpuint(network->features, ==, 64);
    g_assert_cmpuint(pixel->kind, ==, GAN_PIXEL_LOSS_L1);
    g_assert_cmpfloat(learning->schedule.rate, ==, 2e-4);
    g_assert_cmpuint(learning->schedule.n_milestones, ==, 3);
    g_assert_cmpuint(learning->schedule.milestones[2], ==, 40);
    g_assert_cmpuint(learning->schedule.end, ==, 50);
    g_assert_cmpuint(run->steps, ==, 50);
    g_assert_cmpuint(gan_recipe_notices(r)->len, ==, 0);
    // What is not given is Real-ESRGAN's; what is given is not.
    const GanDegrade real = gan_degrade_real_default();
    const GanDegrade *found = &degrade->degrade;
    g_assert_cmpuint(found->kind, ==, GAN_DEGRADE_REAL);
    g_assert_cmpfloat(found->stages[0].sigma.low, ==, 0.5);
    g_assert_cmpfloat(found->stages[0].resize_probability[1], ==, 0);
    g_assert_cmpmem(&found->stages[1], sizeof found->stages[1], &real.stages[1],
                    sizeof real.stages[1]);
    g_assert_cmpmem(found->blur_weights, sizeof found->blur_weights, real.blur_weights,
                    sizeof real.blur_weights);
    g_assert_cmpfloat(found->last_sinc, ==, real.last_sinc);

    // The text of all settings reads as the same recipe.
    g_autofree char *text = gan_recipe_text(r);
    g_autoptr(GanRecipe) again = read_text(folder, text, NULL, &error);
    g_assert_no_error(error);
    g_autofree char *same = gan_recipe_text(again);
    g_assert_cmpstr(text, ==, same);

    // What is told to others names no folders and no defaults.
    const char *const changes[] = {"network.start=/home/me/a.safetensors", "data.validation=x/y/",
                                   NULL};
    g_autoptr(GanRecipe) placed = read_text(folder, good, changes, &error);
    g_assert_no_error(error);
    g_autofree char *given = gan_recipe_given(placed);
    g_assert_cmpstr(given, ==,
                    "[recipe]\ntitle = Test\nprocedure = super-resolution\n\n"
                    "[network]\nfamily = srvgg\nscale = 2\nstart = a.safetensors\n\n"
                    "[data]\nvalidation = y\n\n"
                    "[degrade]\nkind = real\nsigma = 0.5 2\nresize_parts = 1 0 1\n\n"
                    "[loss]\npixel = l1\n\n[optimizer]\nrate = 0.0002\n\n"
                    "[schedule]\nkind = step\nmilestones = 10 20 40\n\n[run]\nsteps = 50\n");
    test_remove(folder);
}

static void test_changes(void)
{
    char *folder = test_folder();
    const char *const changes[] = {"optimizer.rate=0.5", "network.scale = 4", "output.note=a=b.c",
                                   NULL};
    GError *error = NULL;
    g_autoptr(GanRecipe) r = read_text(folder, good, changes, &error);
    g_assert_no_error(error);
    const GanLearning *learning = gan_recipe_settings(r, &gan_learning_keys);
    const GanNetworkSettings *network = gan_recipe_settings(r, &gan_network_keys);
    const GanRunSettings *run = gan_recipe_settings(r, &gan_run_keys);
    g_assert_cmpfloat(learning->schedule.rate, ==, 0.5);
    g_assert_cmpuint(network->scale, ==, 4);
    g_assert_cmpstr(run->note, ==, "a=b.c");
    test_remove(folder);
}

// Replaces the first `from` of the good recipe.
static char *replaced(const char *from, const char *to)
{
    const char *at = strstr(good, from);
    g_assert_nonnull(at);
    return g_strdup_printf("%.*s%s%s", (int)(at - good), good, to, at + strlen(from));
}

static void test_messages(void)
{
    static const struct {
        const char *from, *to, *message;
    } rows[] = {
        {"rate = 2e-4", "rate = fast",
         "r.ini:17: [optimizer] rate is 'fast'; it takes a number from 0 to 1"},
        {"rate = 2e-4", "rate = 2",
         "r.ini:17: [optimizer] rate is '2'; it takes a number from 0 to 1"},
        {"rate = 2e-4", "rate = nan", "r.ini:17: [optimizer] rate is 'nan'"},
        {"rate = 2e-4", "rat = 2e-4",
         "r.ini:17: [optimizer] has no key 'rat'; the nearest is [optimizer] rate"},
        {"rate = 2e-4", "lr = 2e-4",
         "r.ini:17: [optimizer] has no key 'lr'; it has kind, rate, beta1, beta2, epsilon, "
         "weight_decay, clip_norm, accumulate"},
        {"rate = 2e-4", "loss = hinge",
         "r.ini:17: [optimizer] has no key 'loss'; the nearest is [critic] loss"},
        {"title = Test", "titel = Test",
         "r.ini:3: [recipe] has no key 'titel'; the nearest is [recipe] title"},
        {"super-resolution", "super resolution",
         "r.ini:4: [recipe] procedure: it is 'super resolution'; it takes one of latent, super-"},
        {"procedure = super-resolution", "",
         "r.ini: [recipe] procedure: it is missing; it takes one of latent, super-resolution"},
        {"super-resolution", "latent", "r.ini:7: [network] family: the procedure 'latent' needs"},
        {"rate = 2e-4", "", "r.ini: [optimizer] rate is missing; it takes a number"},
        {"steps = 50", "steps = 50\nsteps = 60", "r.ini:23: [run] steps was set already, at"},
        {"steps = 50", "steps = 0", "r.ini:22: [run] steps is '0'; it takes a whole number from 1"},
        {"steps = 50", "steps = 5.5", "r.ini:22: [run] steps is '5.5'"},
        {"[run]", "[walk]", "r.ini:21: there is no section [walk]; there are recipe,"},
        {"[run]", "[run", "r.ini:21: '[run' begins a section"},
        {"[run]", "run", "r.ini:21: 'run' is neither a [section], key = value"},
        {"[recipe]", "", "r.ini:3: 'title = Test' comes before any [section]"},
        {"family = srvgg", "family = vgg",
         "r.ini:7: [network] family: there is none called 'vgg'; there are "},
        {"sigma = 0.5 2", "sigma = 2 0.5",
         "r.ini:12: [degrade] sigma is '2 0.5'; it takes two numbers"},
        {"resize_parts = 1 0 1", "resize_parts = 0 0 0",
         "r.ini:13: [degrade] resize_parts is '0 0 0'"},
        {"resize_parts = 1 0 1", "resize_parts = 1 0", "r.ini:13: [degrade] resize_parts is '1 0'"},
        {"milestones = 10 20 40", "milestones = 10 20 15", "r.ini:20: [schedule] milestones is"},
        {"milestones = 10 20 40", "",
         "[schedule] milestones: the schedule 'step' needs milestones"},
        {"family = srvgg", "family = dcgan", "r.ini:7: [network] family: super-resolution needs"},
        {"scale = 2", "scale = 3", "[data] patch: the patch has to be a multiple of the scale"},
        {"pixel=l1", "pixel=none", "r.ini:15: [loss] pixel: there is no loss at all"},
        {"pixel=l1", "[critic]\nloss = hinge", "[critic] kind: a loss of a critic needs a critic"},
        {"pixel=l1", "[critic]\nkind = unet", "[critic] loss: a critic needs a loss"},
        {"kind = real", "kind = jpeg", "r.ini:11: [degrade] kind: jpeg and noise keep the size"},
        {"kind = real", "", "[degrade] kind: without pairs"},
    };
    char *folder = test_folder();
    for (gsize i = 0; i < G_N_ELEMENTS(rows); i++) {
        g_autofree char *text = replaced(rows[i].from, rows[i].to);
        g_autoptr(GError) error = NULL;
        g_autoptr(GanRecipe) r = read_text(folder, text, NULL, &error);
        g_assert_null(r);
        g_assert_error(error, GAN_ERROR, GAN_ERROR_FORMAT);
        if (strstr(error->message, rows[i].message) == NULL)
            g_error("'%s' does not say '%s'", error->message, rows[i].message);
    }
    static const struct {
        const char *change, *message;
    } changes[] = {
        {"rate=1", "--set takes section.key=value"},
        {"optimizer.rate", "--set takes section.key=value"},
        {"optimizer.rates=1", "--set optimizer.rates=1: [optimizer] has no key 'rates'"},
        {"optimiser.rate=1", "--set optimiser.rate=1: there is no section [optimiser]"},
        {"data.patch=7", "--set data.patch=7: [data] patch is '7'"},
        {"data.patch=9", "--set data.patch=9: [data] patch: the patch has to be a multiple"},
    };
    for (gsize i = 0; i < G_N_ELEMENTS(changes); i++) {
        const char *const list[] = {changes[i].change, NULL};
        g_autoptr(GError) error = NULL;
        g_autoptr(GanRecipe) r = read_text(folder, good, list, &error);
        g_assert_null(r);
        if (strstr(error->message, changes[i].message) == NULL)
            g_error("'%s' does not say '%s'", error->message, changes[i].message);
    }
    test_remove(folder);
}

// Recipes of former versions are read as they were meant, and each key that has another name now is
// said in a line.
static void test_former(void)
{
    static const char former[] = "[recipe]\n"
                                 "title = Test\n"
                                 "task = generate\n"
                                 "[network]\n"
                                 "family = dcgan\n"
                                 "blocks = 3\n"
                                 "[degrade]\n"
                                 "kind = real\n"
                                 "[loss]\n"
                                 "adversary = wasserstein\n"
                                 "adversary_weight = 2\n"
                                 "gradient_penalty = 10\n"
                                 "weight_clip = 0.5\n"
                                 "r1 = 3\n"
                                 "[critic]\n"
                                 "kind = dcgan\n"
                                 "norm = none\n"
                                 "[optimizer]\n"
                                 "rate = 2e-4\n"
                                 "critic_rate = 4e-4\n"
                                 "[run]\n"
                                 "steps = 50\n";
    static const char *const notices[] = {
        "r.ini:3: [recipe] task = generate is [recipe] procedure = latent now",
        "r.ini:10: [loss] adversary = wasserstein is [critic] loss = wasserstein now",
        "r.ini:11: [loss] adversary_weight = 2 is [critic] weight = 2 now",
        "r.ini:12: [loss] gradient_penalty = 10 is [critic] gradient_penalty = 10 now",
        "r.ini:13: [loss] weight_clip = 0.5 is [critic] weight_clip = 0.5 now",
        "r.ini:14: [loss] r1 = 3 is [critic] r1 = 3 now",
        "r.ini:20: [optimizer] critic_rate = 4e-4 is [critic] rate = 4e-4 now",
        "--set loss.adversary=hinge: [loss] adversary = hinge is [critic] loss = hinge now",
        "r.ini:8: [degrade] kind means nothing to this procedure"};
    char *folder = test_folder();
    const char *const changes[] = {"loss.adversary=hinge", NULL};
    GError *error = NULL;
    g_autoptr(GanRecipe) r = read_text(folder, former, changes, &error);
    g_assert_no_error(error);
    const GanCriticSettings *critic = gan_recipe_settings(r, &gan_critic_keys);
    g_assert_cmpuint(critic->loss, ==, GAN_CRITIC_LOSS_HINGE);
    g_assert_cmpfloat(critic->weight, ==, 2);
    g_assert_cmpfloat(critic->penalty, ==, 10);
    g_assert_cmpfloat(critic->largest, ==, 0.5);
    g_assert_cmpfloat(critic->r1, ==, 3);
    g_assert_cmpfloat(critic->rate, ==, 4e-4);
    const GPtrArray *found = gan_recipe_notices(r);
    g_assert_cmpuint(found->len, ==, G_N_ELEMENTS(notices));
    for (guint i = 0; i < found->len; i++)
        g_assert_true(g_str_has_suffix(found->pdata[i], notices[i]));

    // Both names of a key are one key twice.
    g_autofree char *twice = g_strconcat(former, "[critic]\nr1 = 4\n", NULL);
    g_assert_null(read_text(folder, twice, NULL, &error));
    g_assert_nonnull(strstr(error->message, "r.ini:24: [critic] r1 was set already, at"));
    g_clear_error(&error);
    test_remove(folder);
}

// Every recipe that comes with the program is read, names its paper, and explains itself.
static void test_shipped(void)
{
    g_autofree char *folder = g_test_build_filename(G_TEST_DIST, "..", "weights", "recipes", NULL);
    g_autoptr(GDir) dir = g_dir_open(folder, 0, NULL);
    g_assert_nonnull(dir);
    guint n = 0;
    for (const char *name = g_dir_read_name(dir); name != NULL; name = g_dir_read_name(dir), n++) {
        g_autofree char *path = g_build_filename(folder, name, NULL);
        g_autofree char *text = NULL;
        GError *error = NULL;
        const GanProcedure *procedure;
        g_autoptr(GanRecipe) r = gan_procedure_read(gan_procedures, path, NULL, &procedure, &error);
        g_assert_no_error(error);
        const GanRecipeTitle *title = gan_recipe_settings(r, &gan_title_keys);
        g_assert_cmpuint(strlen(title->paper), >, 10);
        g_assert_cmpstr(title->procedure, ==, procedure->name);
        // Nothing in it is called otherwise today, or left out.
        g_assert_cmpuint(gan_recipe_notices(r)->len, ==, 0);
        g_assert_true(g_file_get_contents(path, &text, NULL, NULL));
        g_assert_true(text[0] == '#');
    }
    g_assert_cmpuint(n, >, 0);
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/recipe/values-and-defaults", test_values);
    g_test_add_func("/recipe/changes-replace-values", test_changes);
    g_test_add_func("/recipe/messages-name-file-and-line", test_messages);
    g_test_add_func("/recipe/former-names-are-converted", test_former);
    g_test_add_func("/recipe/those-that-come-with-the-program", test_shipped);
    return g_test_run();
}
