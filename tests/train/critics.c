// SPDX-License-Identifier: LGPL-3.0-or-later
// Critics against what the authors' code gave, running statistics and stored power iteration
// vectors as they are.
#include <critics/critics.h>
#include <gan/weights.h>
#include <math.h>
#include <step.h>
#include <string.h>

typedef struct {
    const char *file;
    GanCritic *critic;
    GanCriticOptions options;
    gboolean sigmoid; // the golden output went through one
} Row;

static const Row rows[] = {
    {"dcgan-d", gan_critic_dcgan, {.features = 4, .size = 64, .norm = GAN_CRITIC_NORM_BATCH}, TRUE},
    {"patchgan-batch-6ch",
     gan_critic_patch,
     {.features = 4, .n_layers = 3, .norm = GAN_CRITIC_NORM_BATCH},
     FALSE},
    {"patchgan-instance-3ch",
     gan_critic_patch,
     {.features = 4, .n_layers = 3, .norm = GAN_CRITIC_NORM_INSTANCE},
     FALSE},
    {"vggd-128", gan_critic_vgg, {.features = 2}, FALSE},
    {"unetd-sn", gan_critic_unet, {.features = 4}, FALSE},
};

static GanWeights *open_golden(const char *name, const char *ending)
{
    g_autofree char *file = g_strconcat(name, ending, NULL);
    g_autofree char *path = g_test_build_filename(G_TEST_DIST, "golden", "critics", file, NULL);
    GError *error = NULL;
    GanWeights *weights = gan_weights_open(path, &error);
    g_assert_no_error(error);
    return weights;
}

// NCHW to channels last; fewer axes get extents of 1 on the right.
static float *channels_last(const GanTensor *t, GanShape *shape)
{
    *shape = (GanShape){t->shape[0], t->rank > 2 ? t->shape[2] : 1, t->rank > 3 ? t->shape[3] : 1,
                        t->rank > 1 ? t->shape[1] : 1};
    float *to = g_new0(float, gan_tensor_length(t));
    for (gsize n = 0; n < shape->n; n++)
        for (gsize c = 0; c < shape->c; c++)
            for (gsize p = 0; p < shape->h * shape->w; p++)
                to[(n * shape->h * shape->w + p) * shape->c + c] =
                    t->data[(n * shape->c + c) * shape->h * shape->w + p];
    return to;
}

static void test_golden(gconstpointer data)
{
    const Row *row = data;
    GError *error = NULL;
    g_autoptr(GanWeights) weights = open_golden(row->file, ".safetensors");
    g_autoptr(GanWeights) golden = open_golden(row->file, ".golden.safetensors");
    g_autoptr(GanTensor) input = gan_weights_tensor(golden, "input", &error);
    g_autoptr(GanTensor) output = gan_weights_tensor(golden, "output", &error);
    g_assert_no_error(error);
    GanShape in_shape, out_shape;
    g_autofree float *in = channels_last(input, &in_shape);
    g_autofree float *wanted = channels_last(output, &out_shape);

    g_autoptr(GanParameters) parameters = gan_parameters_new();
    gan_parameters_load(parameters, weights, &error);
    g_assert_no_error(error);
    const guint n_tensors = gan_parameters_n(parameters);
    GanGraph *graph = gan_graph_new();
    g_autoptr(GanNet) net = gan_net_new_training(graph, parameters, NULL);
    gan_net_set_training(net, FALSE);
    GanNode *x = gan_named_input(graph, "x", (guint)in_shape.c);
    GanNode *score = row->critic(net, x, &row->options);
    gan_net_check(net, &error);
    g_assert_no_error(error);
    // Nothing was invented, and all weights of the file have their place.
    g_assert_cmpuint(gan_parameters_n(parameters), ==, n_tensors);
    guint n_weights = 0;
    for (guint i = 0; i < n_tensors; i++) {
        const char *name = gan_parameters_at(parameters, i)->name;
        n_weights += strstr(name, "running_") == NULL && !g_str_has_suffix(name, "_u") &&
                             !g_str_has_suffix(name, "_v")
                         ? 1
                         : 0;
    }
    g_assert_cmpuint(gan_net_n_weights(net), ==, n_weights);
    gan_graph_add_output(graph, row->sigmoid ? gan_sigmoid(score) : score);

    g_autoptr(GanDevice) device = gan_device_open("cpu", 1, &error);
    g_assert_no_error(error);
    g_autoptr(GanStep) step = gan_step_new(graph, device, &in_shape, &error);
    g_assert_no_error(error);
    const gsize n = gan_tensor_length(output);
    const GanShape found_shape = gan_step_output_shape(step, 0);
    g_assert_cmpuint(found_shape.n * found_shape.h * found_shape.w * found_shape.c, ==, n);
    g_autofree float *found = g_new(float, n);
    const void *const inputs[] = {in};
    void *const outputs[] = {found};
    gan_step_run(step, inputs, outputs, &error);
    g_assert_no_error(error);
    double most = 0;
    for (gsize i = 0; i < n; i++)
        most = MAX(most, fabs(wanted[i]));
    for (gsize i = 0; i < n; i++)
        g_assert_cmpfloat_with_epsilon(found[i], wanted[i], 2e-5 * MAX(most, 1));
}

static void test_every_critic_is_checked(void)
{
    for (guint kind = 0; kind < GAN_CRITIC_NONE; kind++) {
        gboolean checked = FALSE;
        for (gsize i = 0; i < G_N_ELEMENTS(rows); i++)
            checked = checked || rows[i].critic == gan_critics[kind];
        if (!checked)
            g_error("critic number %u of '" GAN_CRITIC_WORDS "' has no golden file", kind);
    }
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    for (gsize i = 0; i < G_N_ELEMENTS(rows); i++) {
        g_autofree char *path = g_strdup_printf("/critics/%s-equals-the-authors", rows[i].file);
        g_test_add_data_func(path, &rows[i], test_golden);
    }
    g_test_add_func("/critics/every-critic-is-checked", test_every_critic_is_checked);
    return g_test_run();
}
