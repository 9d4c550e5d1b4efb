// SPDX-License-Identifier: LGPL-3.0-or-later
// Takes training steps whenever stdin says so, so that engines can take turns; see training.py. A
// step is what the trainer does with a batch in memory: the loss L1, its gradients, and Adam.
#include "gradients.h"
#include "loss.h"
#include "optimizer.h"
#include "procedure.h"
#include "resident.h"

#include <stdio.h>
#include <string.h>

typedef struct {
    GanRecipe *recipe;
    GanNetwork *network;
    GanDevice *device;
    GanGradients *gradients;
    GanOptimizer *optimizer;
    GanResident *resident; // or NULL
    float *input, *target;
    double rate;
} Bench;

static void bench_clear(Bench *b)
{
    gan_resident_free(b->resident);
    gan_optimizer_free(b->optimizer);
    gan_gradients_free(b->gradients);
    gan_network_free(b->network);
    gan_recipe_free(b->recipe);
    gan_device_unref(b->device);
    g_free(b->input);
    g_free(b->target);
}
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC(Bench, bench_clear)

// Reads the numbers of a picture, channels last.
static float *read_floats(const char *path, const GanShape *shape, GError **error)
{
    const gsize wanted = shape->n * shape->h * shape->w * shape->c * sizeof(float);
    gsize found;
    char *data;
    if (!g_file_get_contents(path, &data, &found, error))
        return NULL;
    if (found == wanted)
        return (float *)data;
    g_free(data);
    g_set_error(error, GAN_ERROR, GAN_ERROR_FILE,
                "%s has %" G_GSIZE_FORMAT " bytes; the batch needs %" G_GSIZE_FORMAT, path, found,
                wanted);
    return NULL;
}

// argv: as main() has it.
static gboolean build(Bench *b, char **argv, GError **error)
{
    const GanProcedure *procedure;
    b->recipe = gan_procedure_read(gan_procedures, argv[1], (const char *const *)argv + 6,
                                   &procedure, error);
    if (b->recipe == NULL)
        return FALSE;
    const GanNetworkSettings *r = gan_recipe_settings(b->recipe, &gan_network_keys);
    const GanDataSettings *data = gan_recipe_settings(b->recipe, &gan_data_keys);
    const GanLearning *learning = gan_recipe_settings(b->recipe, &gan_learning_keys);
    b->rate = learning->schedule.rate;
    const gsize low = data->patch / r->scale;
    const GanShape shapes[] = {{data->batch, low, low, r->channels},
                               {data->batch, data->patch, data->patch, r->channels}};
    b->input = read_floats(argv[2], &shapes[0], error);
    b->target = b->input != NULL ? read_floats(argv[3], &shapes[1], error) : NULL;
    if (b->target == NULL)
        return FALSE;
    b->device = gan_device_open(argv[4], (guint)g_ascii_strtoull(argv[5], NULL, 10), error);
    b->network = b->device != NULL ? gan_network_new(b->recipe, 1, 0, NULL, error) : NULL;
    if (b->network == NULL)
        return FALSE;
    GanGraph *graph = gan_graph_new();
    g_autoptr(GanNet) net = gan_net_new_training(graph, b->network->parameters, NULL);
    GanNode *input = gan_named_input(graph, "input", r->channels);
    GanNode *made = gan_network_append(b->network, net, input, NULL);
    GanNode *loss = gan_loss_l1(made, gan_named_input(graph, "target", r->channels));
    if (!gan_net_check(net, error)) {
        gan_graph_free(graph);
        return FALSE;
    }
    b->gradients =
        gan_gradients_new(graph, b->device, loss, &loss, 1, &net, 1, NULL, 0, shapes, error);
    if (b->gradients == NULL)
        return FALSE;
    const GanOptimizerOptions options = gan_optimizer_options_default(GAN_OPTIMIZER_ADAM);
    b->optimizer = gan_optimizer_new(&options, gan_gradients_weights(b->gradients),
                                     gan_gradients_n(b->gradients), error);
    if (b->optimizer == NULL || gan_device_backend(b->device)->device == NULL)
        return b->optimizer != NULL;
    b->resident = gan_resident_new(b->device, b->gradients, b->optimizer, NULL, error);
    return b->resident != NULL;
}

// Takes `n` steps and prints how long one took in the mean, and the last loss.
static gboolean run(Bench *b, guint64 n, GError **error)
{
    float loss = 0;
    float *const watched[] = {&loss};
    const float *const inputs[] = {b->input, b->target};
    const gint64 begun_us = g_get_monotonic_time();
    for (guint64 i = 0; i < n; i++) {
        if (!gan_gradients_run(b->gradients, inputs, watched, FALSE, error))
            return FALSE;
        if (b->resident == NULL)
            gan_optimizer_step(b->optimizer, b->rate, gan_gradients_tensors(b->gradients));
        else if (!gan_resident_collect(b->resident, FALSE, error) ||
                 !gan_resident_step(b->resident, b->rate, 1, error))
            return FALSE;
    }
    const double ms = (double)(g_get_monotonic_time() - begun_us) / 1000;
    g_print("ms %.3f %.9g\n", ms / (double)n, loss);
    return TRUE;
}

// --- where the time goes ---

typedef struct {
    double seconds;
    guint n;
} Share;

static void add_share(const GanNode *node, double seconds, gpointer data)
{
    const char *op = gan_op_name(node->op);
    char *key = node->channels > 0 ? g_strdup_printf("%s to %u channels", op, node->channels)
                                   : g_strdup(op);
    Share *share = g_hash_table_lookup(data, key);
    if (share == NULL)
        g_hash_table_insert(data, g_strdup(key), share = g_new0(Share, 1));
    share->seconds += seconds;
    share->n++;
    g_free(key);
}

static int compare_shares(gconstpointer a, gconstpointer b, gpointer shares)
{
    const Share *x = g_hash_table_lookup(shares, *(const char *const *)a),
                *y = g_hash_table_lookup(shares, *(const char *const *)b);
    return (x->seconds < y->seconds) - (x->seconds > y->seconds);
}

// Prints the time of `n` steps by operation.
static gboolean profile(Bench *b, guint64 n, GError **error)
{
    g_autoptr(GHashTable) shares = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, g_free);
    gan_step_watch(gan_gradients_step(b->gradients), add_share, shares);
    const gboolean done = run(b, n, error);
    gan_step_watch(gan_gradients_step(b->gradients), NULL, NULL);
    guint n_keys;
    g_autofree gpointer *keys = g_hash_table_get_keys_as_array(shares, &n_keys);
    g_qsort_with_data(keys, (int)n_keys, sizeof *keys, compare_shares, shares);
    for (guint i = 0; i < n_keys; i++) {
        const Share *share = g_hash_table_lookup(shares, keys[i]);
        g_print("%9.3f ms %5.1f times  %s\n", share->seconds * 1000 / (double)n,
                (double)share->n / (double)n, (const char *)keys[i]);
    }
    return done;
}

// Answers "run N" and "profile N" until stdin ends.
static gboolean serve(Bench *b, GError **error)
{
    char line[256];
    while (fgets(line, sizeof line, stdin)) {
        g_strchomp(line);
        const char *number = strchr(line, ' ');
        const guint64 n = number != NULL ? g_ascii_strtoull(number, NULL, 10) : 0;
        if (n == 0 || !(g_str_has_prefix(line, "run ") || g_str_has_prefix(line, "profile "))) {
            g_set_error(error, GAN_ERROR, GAN_ERROR_ARGUMENT,
                        "stdin: '%s' is neither 'run N' nor 'profile N'", line);
            return FALSE;
        }
        if (!(line[0] == 'r' ? run(b, n, error) : profile(b, n, error)))
            return FALSE;
        fflush(stdout);
    }
    return TRUE;
}

int main(int argc, char **argv)
{
    if (argc < 6) {
        g_printerr("Usage: step RECIPE INPUT.raw TARGET.raw DEVICE THREADS "
                   "[SECTION.KEY=VALUE...]\n");
        return 2;
    }
    g_autoptr(GError) error = NULL;
    g_auto(Bench) bench = {0};
    if (build(&bench, argv, &error)) {
        const GanStepInfo *info = gan_gradients_info(bench.gradients);
        g_print("ready {\"gflop\": %.3f, \"kernels\": %" G_GSIZE_FORMAT
                ", \"arena_mb\": %.1f, \"device\": \"%s\"}\n",
                info->flops / 1e9, info->n_kernels, (double)info->arena_bytes / 1e6,
                gan_device_description(bench.device));
        fflush(stdout);
        if (serve(&bench, &error))
            return 0;
    }
    g_printerr("step: %s\n", error->message);
    return 1;
}
