// SPDX-License-Identifier: LGPL-3.0-or-later
// A way to train that the library does not have, made of what procedures are made of: two networks
// that lead from one collection to another and back, a critic for each collection that learns at
// its own rate and from a pool of former pictures. It has more players, networks and inputs than
// those that come with the library, and a state of its own.
#include "pictures.h"

#include <critic_turn.h>
#include <gan/image.h>
#include <glib/gstdio.h>
#include <string.h>
#include <trainer-private.h>

#define SIDE 16u
#define CHANNELS 3u
#define POOL 3u // pictures

typedef struct {
    double cycle_weight;
} Settings;

static const GanKey rows[] = {
    {"loss", "cycle_weight", GAN_KEY_NUMBER, 0, 0, 100, "10", NULL},
};
static const GanKeys own_keys = {rows, 1, sizeof(Settings), NULL};
static const GanKeys *const keys[] = {&gan_network_keys,  &gan_data_keys, &gan_critic_keys,
                                      &gan_learning_keys, &own_keys,      NULL};

// One of the two directions: from pictures of its side to those of the other.
typedef struct {
    GanNetwork *network;
    GanParameters *critic_network; // knows the pictures that this direction makes
    GanPlayer *critic;
    GanTurn *turn;        // of the critic
    const float *made;    // by the last run
    GanTensor *pool;      // of pictures that were made before
    const char *out, *in; // names in the generators' turn
} Way;

typedef struct {
    GanTraining *training;
    const GanCriticSettings *critic;
    GanPlayer *generators;
    GanTurn *turn;
    Way ways[2]; // a to b, b to a
    guint64 n_pooled;
} Own;

static gboolean begin_way(Own *o, guint i, GanShape shape, GError **error)
{
    static const char *const ins[] = {"a", "b"}, *const outs[] = {"made-b", "made-a"},
                             *const networks[] = {"a-to-b", "b-to-a"},
                             *const critics[] = {"critic-b", "critic-a"};
    GanTraining *t = o->training;
    const GanLearning *learning = gan_recipe_settings(t->recipe, &gan_learning_keys);
    const gsize pool[] = {POOL, SIDE, SIDE, CHANNELS};
    Way *way = &o->ways[i];
    way->in = ins[i];
    way->out = outs[i];
    way->network = gan_network_new(t->recipe, t->run->seed + i, 0, NULL, error);
    if (way->network == NULL)
        return FALSE;
    gan_player_add(o->generators, networks[i], way->network->parameters);
    way->critic_network = gan_parameters_new();
    way->critic = gan_critic_player(t, critics[i], o->critic, learning, way->critic_network);
    way->turn = gan_critic_turn(t, way->critic, o->critic, shape, 0, t->run->seed + 8 + i, error);
    way->pool = gan_tensor_new(4, pool, error);
    if (way->turn == NULL || way->pool == NULL)
        return FALSE;
    memset(way->pool->data, 0, gan_tensor_length(way->pool) * sizeof(float));
    return TRUE;
}

static gboolean begin(GanTraining *t, gpointer *own, GError **error)
{
    static const char *const cycles[] = {"cycle-a", "cycle-b"}, *const fooling[] = {"fools-b",
                                                                                    "fools-a"};
    Own *o = *own = g_new0(Own, 1);
    const GanLearning *learning = gan_recipe_settings(t->recipe, &gan_learning_keys);
    const Settings *settings = gan_recipe_settings(t->recipe, &own_keys);
    o->training = t;
    o->critic = gan_recipe_settings(t->recipe, &gan_critic_keys);
    t->network_text = g_strdup("two ways");
    t->loading = gan_data_loader(gan_recipe_settings(t->recipe, &gan_data_keys), t->run->seed);
    t->loading.input = TRUE;
    if (!gan_training_open_data(t, CHANNELS, 1, FALSE, error))
        return FALSE;
    const GanShape shape = gan_training_target(t, CHANNELS);
    o->generators = gan_training_player(t, "generators", GAN_PLAYER_GENERATOR, learning);
    if (!begin_way(o, 0, shape, error) || !begin_way(o, 1, shape, error))
        return FALSE;
    GanTurn *turn = o->turn = gan_training_turn(t);
    GanNet *nets[2], *critics[2];
    GanNode *in[2];
    for (guint i = 0; i < 2; i++) {
        in[i] = gan_turn_input(turn, o->ways[i].in, shape);
        nets[i] = gan_turn_network(turn, o->ways[i].network->parameters, NULL);
        critics[i] = gan_turn_network(turn, o->ways[i].critic_network, NULL);
    }
    for (guint i = 0; i < 2; i++) {
        const Way *way = &o->ways[i], *back = &o->ways[1 - i];
        GanNode *made = gan_network_append(way->network, nets[i], in[i], NULL);
        GanNode *again = gan_network_append(back->network, nets[1 - i], made, NULL);
        GanNode *score = gan_critic_opinion(o->critic, critics[i], made, NULL, shape);
        gan_turn_loss(turn, cycles[i], gan_loss_l1(again, in[i]), settings->cycle_weight);
        gan_turn_loss(turn, fooling[i],
                      gan_loss_generator((GanCriticLoss)o->critic->loss, NULL, score), 1);
        gan_turn_output(turn, way->out, made);
    }
    if (!gan_turn_train(turn, o->generators, t->step_device, error))
        return FALSE;
    for (guint i = 0; i < 2; i++)
        if ((o->ways[i].made = gan_turn_read(turn, o->ways[i].out, error)) == NULL)
            return FALSE;
    return TRUE;
}

static void end(gpointer own)
{
    Own *o = own;
    if (o == NULL)
        return;
    for (guint i = 0; i < 2; i++) {
        gan_network_free(o->ways[i].network);
        gan_parameters_free(o->ways[i].critic_network);
        gan_tensor_unref(o->ways[i].pool);
    }
    g_free(o);
}

// Half of the time a critic sees a former picture, whose place the new one takes.
static gboolean run_critic(Own *o, Way *way, const GanTensor *real, GError **error)
{
    const gsize length = gan_tensor_length(way->pool) / POOL;
    float *fake = gan_turn_room(way->turn, "fake", error);
    if (fake == NULL)
        return FALSE;
    GanRandom random = gan_training_random(o->training, GAN_RANDOM_ORDER, o->training->n_batches);
    for (guint i = 0; i < o->training->loading.batch; i++) {
        const float *made = way->made + i * length;
        const guint place = gan_random_below(&random, POOL);
        const gboolean is_former = gan_random_uniform(&random) < 0.5 && o->n_pooled > POOL;
        float *pooled = way->pool->data + place * length;
        memcpy(fake + i * length, is_former ? pooled : made, length * sizeof(float));
        memcpy(pooled, made, length * sizeof(float));
    }
    gan_turn_feed(way->turn, "real", real->data);
    return gan_critic_run(o->training, way->turn, o->critic, FALSE, error);
}

static gboolean step(gpointer own, gboolean *diverged, GError **error)
{
    Own *o = own;
    g_auto(GanBatch) batch = {0};
    if (!gan_training_batch(o->training, &batch, error))
        return FALSE;
    gan_turn_feed(o->turn, "a", batch.target->data);
    gan_turn_feed(o->turn, "b", batch.input->data);
    if (!gan_turn_run(o->turn, FALSE, error) ||
        !gan_training_update(o->training, o->generators, diverged, error))
        return FALSE;
    for (guint i = 0; i < 2 && !*diverged; i++)
        if (!run_critic(o, &o->ways[i], i == 0 ? batch.input : batch.target, error) ||
            !gan_training_update(o->training, o->ways[i].critic, diverged, error))
            return FALSE;
    o->n_pooled += o->training->loading.batch;
    return TRUE;
}

static gboolean samples(gpointer own, const char *path, GError **error)
{
    (void)own;
    return g_file_set_contents(path, "a sheet", -1, error);
}

static gboolean save(gpointer own, const char *which, GError **error)
{
    Own *o = own;
    const char *const metadata[] = {"family", "srvgg", "scale", "1", NULL};
    for (guint i = 0; i < 2; i++) {
        g_autofree char *name = g_strdup_printf("%s-%s", i == 0 ? "a-to-b" : "b-to-a", which);
        if (!gan_training_save_network(o->training, o->generators, o->ways[i].network, name,
                                       metadata, error))
            return FALSE;
    }
    return TRUE;
}

static void keep(gpointer own, GanCheckpoint *state)
{
    Own *o = own;
    gan_checkpoint_add(state, "pool/a", o->ways[1].pool);
    gan_checkpoint_add(state, "pool/b", o->ways[0].pool);
    gan_checkpoint_set_count(state, "pooled", o->n_pooled);
}

static void restore(gpointer own, const GanCheckpoint *state)
{
    ((Own *)own)->n_pooled = gan_checkpoint_get_count(state, "pooled");
}

static gboolean foresee(gpointer own, GanMemory *memory, GError **error)
{
    const Own *o = own;
    return gan_memory_add_run(memory, o->training, o->ways[0].network,
                              gan_training_target(o->training, CHANNELS), error);
}

static const GanProcedure two_ways = {.name = "two-ways",
                                      .keys = keys,
                                      .begin = begin,
                                      .free = end,
                                      .step = step,
                                      .samples = samples,
                                      .save = save,
                                      .keep = keep,
                                      .restore = restore,
                                      .foresee = foresee};
static const GanProcedure *const procedures[] = {&two_ways, NULL};

// --- tests ---

static const char recipe[] = "[recipe]\n"
                             "title = Two ways\n"
                             "procedure = two-ways\n"
                             "[network]\n"
                             "family = srvgg\n"
                             "features = 4\n"
                             "blocks = 1\n"
                             "[data]\n"
                             "kind = unpaired\n"
                             "patch = 16\n"
                             "batch = 2\n"
                             "[loss]\n"
                             "cycle_weight = 5\n"
                             "[critic]\n"
                             "kind = patch\n"
                             "layers = 1\n"
                             "features = 4\n"
                             "norm = instance\n"
                             "loss = lsgan\n"
                             "rate = 3e-3\n"
                             "[optimizer]\n"
                             "rate = 1e-3\n"
                             "[ema]\n"
                             "decay = 0.5\n"
                             "[run]\n"
                             "steps = 6\n"
                             "log_every = 1\n"
                             "samples_every = 3\n";

static void count_notices(const char *text, gpointer data)
{
    guint *n = data;
    *n += strstr(text, "passed over: ") != NULL && strstr(text, "B/broken.png") != NULL ? 1 : 0;
}

// A trainer over two collections of different sizes, with a file among them that is damaged.
static GanTrainer *trainer_of(const char *folder, const char *name, gboolean resume, guint *n_told)
{
    GError *error = NULL;
    g_autofree char *data = g_build_filename(folder, "data", NULL);
    g_autofree char *path = g_build_filename(folder, "two.ini", NULL);
    g_autofree char *output = g_build_filename(folder, name, NULL);
    const GanTrainerOptions options = {.recipe = path,
                                       .data = data,
                                       .output = output,
                                       .n_threads = 1,
                                       .resume = resume,
                                       .notice = count_notices,
                                       .notice_data = n_told};
    GanTrainer *trainer = gan_trainer_new_with(&options, procedures, NULL, &error);
    g_assert_no_error(error);
    return trainer;
}

static char *folder_with_data(void)
{
    char *folder = test_folder();
    test_write_bytes(folder, "two.ini", recipe, strlen(recipe));
    for (guint i = 0; i < 5; i++) {
        g_autofree char *a = g_strdup_printf("data/A/%u.png", i);
        g_autofree char *b = g_strdup_printf("data/B/%u.png", i);
        test_write_picture(folder, a, 24, 20, i);
        if (i < 3)
            test_write_picture(folder, b, 40, 32, 50 + i);
    }
    g_autofree char *b = g_build_filename(folder, "data", "B", NULL);
    test_write_bytes(b, "broken.png", "no picture", 10);
    return folder;
}

static gboolean stop_after_three(const GanTrainerState *state, gpointer data)
{
    (void)data;
    return state->step < 3;
}

static void run(const char *folder, const char *name, gboolean resume, GanTrainerProgress progress,
                guint *n_told)
{
    GError *error = NULL;
    g_autoptr(GanTrainer) trainer = trainer_of(folder, name, resume, n_told);
    gan_trainer_run(trainer, progress, NULL, &error);
    g_assert_no_error(error);
}

static void assert_same_file(const char *folder, const char *name)
{
    g_autofree char *one = g_build_filename(folder, "whole", name, NULL);
    g_autofree char *other = g_build_filename(folder, "halves", name, NULL);
    g_autofree char *a = NULL, *b = NULL;
    gsize n_a, n_b;
    g_assert_true(g_file_get_contents(one, &a, &n_a, NULL));
    g_assert_true(g_file_get_contents(other, &b, &n_b, NULL));
    g_assert_cmpmem(a, n_a, b, n_b);
}

static void test_resume(void)
{
    char *folder = folder_with_data();
    guint n_told = 0;
    run(folder, "whole", FALSE, NULL, &n_told);
    // The damaged picture gives its place to the next of its own collection.
    g_assert_cmpuint(n_told, >, 0);
    run(folder, "halves", FALSE, stop_after_three, &n_told);
    run(folder, "halves", TRUE, NULL, &n_told);
    assert_same_file(folder, "two-a-to-b-last.safetensors");
    assert_same_file(folder, "two-b-to-a-last.safetensors");
    assert_same_file(folder, "checkpoint.safetensors");
    test_remove(folder);
}

static void test_players(void)
{
    char *folder = folder_with_data();
    guint n_told = 0;
    run(folder, "whole", FALSE, NULL, &n_told);
    g_autofree char *path = g_build_filename(folder, "whole", "log.jsonl", NULL);
    GError *error = NULL;
    g_autoptr(GanLog) log = gan_log_open(path, 6, &error);
    g_assert_no_error(error);
    static const char *const names[] = {"cycle-a", "cycle-b",         "fools-a",
                                        "fools-b", "critic-a/critic", "critic-b/fake"};
    for (guint i = 0; i < G_N_ELEMENTS(names); i++) {
        g_autofree char *name = g_strconcat("loss/", names[i], NULL);
        g_assert_nonnull(gan_log_find(log, name));
        g_assert_cmpuint(gan_log_find(log, name)->points->len, ==, 6);
    }
    // Every player has learned, each network of the first one.
    g_autofree char *file = g_build_filename(folder, "whole", "checkpoint.safetensors", NULL);
    g_autoptr(GanWeights) state = gan_weights_open(file, &error);
    g_assert_no_error(error);
    static const char *const tensors[] = {"generators.a-to-b/body.0.weight",
                                          "generators.b-to-a/body.0.weight",
                                          "generators.ema/0",
                                          "critic-a/model.0.weight",
                                          "critic-b.optimizer/0",
                                          "pool/a"};
    for (guint i = 0; i < G_N_ELEMENTS(tensors); i++)
        g_assert_nonnull(gan_weights_find(state, tensors[i]));
    g_assert_null(gan_weights_find(state, "critic-a.ema/0"));
    g_assert_cmpstr(gan_weights_metadata(state, "critic-a_steps"), ==, "6");
    g_assert_cmpstr(gan_weights_metadata(state, "pooled"), ==, "12");
    test_remove(folder);
}

static void test_plan(void)
{
    char *folder = folder_with_data();
    guint n_told = 0;
    GError *error = NULL;
    g_autoptr(GanTrainer) trainer = trainer_of(folder, "never", FALSE, &n_told);
    GanTrainerPlan plan;
    gan_trainer_plan(trainer, &plan, &error);
    g_assert_no_error(error);
    // Both collections, the damaged file too: nobody has opened it yet.
    g_assert_cmpuint(plan.n_pictures, ==, 9);
    const Own *o = trainer->own;
    g_assert_cmpuint(plan.n_weights, ==, gan_player_n_weights(o->generators));
    g_assert_cmpuint(plan.n_critic_weights, ==, 2 * gan_player_n_weights(o->ways[0].critic));
    g_assert_cmpfloat(plan.flops, >, 0);
    g_assert_cmpuint(plan.memory_bytes, >, 0);
    g_autofree char *output = g_build_filename(folder, "never", NULL);
    g_assert_false(g_file_test(output, G_FILE_TEST_EXISTS));
    test_remove(folder);
}

int main(int argc, char **argv)
{
    gan_image_init(1);
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/procedure/a-run-in-two-halves-comes-to-the-same-bits", test_resume);
    g_test_add_func("/procedure/players-have-losses-networks-and-state-by-name", test_players);
    g_test_add_func("/procedure/what-it-will-be-like-is-said", test_plan);
    const int status = g_test_run();
    gan_image_exit();
    return status;
}
