// SPDX-License-Identifier: LGPL-3.0-or-later
// Every family that there is can be trained from its one file: what trains is what runs, and its
// gradients are those of its loss.
#include "gradients.h"
#include "loss.h"

#include <family.h>
#include <math.h>
#include <string.h>

typedef struct {
    const GanFamily *family;
    GanSizes sizes;
    GanParameters *parameters;
    GRand *random;
    GanShape in, out;
} Case;

static void case_clear(Case *c)
{
    gan_parameters_free(c->parameters);
    g_rand_free(c->random);
}
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC(Case, case_clear)

static float *random_numbers(GRand *random, gsize n, double low, double high)
{
    float *numbers = g_new(float, n);
    for (gsize i = 0; i < n; i++)
        numbers[i] = (float)g_rand_double_range(random, low, high);
    return numbers;
}

static gsize length_of(const GanShape *s)
{
    return s->n * s->h * s->w * s->c;
}

static GanSizes small_sizes(const GanFamily *family, guint blocks)
{
    return (GanSizes){.channels_in = family->task == GAN_TASK_GENERATE ? 5 : 3,
                      .channels_out = 3,
                      .scale = family->scales[0] != 0 ? family->scales[0] : 2,
                      .features = 8,
                      .blocks = blocks,
                      .growth = 4,
                      .size = 16};
}

// A small new network, its first weights moved, so that no two of them and no bias are equal.
// FALSE: there is no way to train its family, and the test is skipped.
static gboolean case_begin(Case *c, const GanFamily *family)
{
    const gboolean makes = family->task == GAN_TASK_GENERATE;
    GError *error = NULL;
    c->family = family;
    c->random = g_rand_new_with_seed(17);
    c->parameters = gan_parameters_new();
    c->sizes = small_sizes(family, 3);
    if (!gan_family_complete(family, &c->sizes, &error)) {
        g_test_skip(error->message);
        g_error_free(error);
        return FALSE;
    }
    gan_family_begin(family, &c->sizes, c->parameters, c->random, &error);
    g_assert_no_error(error);
    for (guint i = 0; i < gan_parameters_n(c->parameters); i++) {
        const GanParameter *p = gan_parameters_at(c->parameters, i);
        const gboolean variance = g_str_has_suffix(p->name, ".running_var");
        for (gsize k = 0; k < gan_tensor_length(p->tensor); k++)
            p->tensor->data[k] +=
                (float)g_rand_double_range(c->random, variance ? -0.5 : -0.1, 0.1);
    }
    c->in = makes ? (GanShape){2, 1, 1, 5} : (GanShape){2, 16, 24, 3};
    const guint scale = c->sizes.scale;
    c->out = makes ? (GanShape){2, 16, 16, 3} : (GanShape){2, 16 * scale, 24 * scale, 3};
    return TRUE;
}

static GanModel *saved_model(const Case *c)
{
    const guint n = gan_parameters_n(c->parameters);
    g_autofree const char **names = g_new(const char *, n);
    g_autofree GanTensor **tensors = g_new(GanTensor *, n);
    GError *error = NULL;
    for (guint i = 0; i < n; i++) {
        const GanParameter *p = gan_parameters_at(c->parameters, i);
        names[i] = p->name;
        tensors[i] = p->tensor;
    }
    g_autoptr(GanWeights) weights =
        gan_weights_new_from_tensors(c->family->name, names, tensors, n, &error);
    g_assert_no_error(error);
    GanModel *model = gan_model_new(weights, NULL, &error);
    g_assert_no_error(error);
    return model;
}

// However deep a network is that a recipe asks for: it is refused, or known when it is read again.
static void test_what_is_saved_is_known(gconstpointer data)
{
    for (guint blocks = 1; blocks <= 9; blocks++) {
        g_auto(Case) c = {
            .family = data, .random = g_rand_new_with_seed(1), .parameters = gan_parameters_new()};
        g_autoptr(GError) refused = NULL, error = NULL;
        c.sizes = small_sizes(c.family, blocks);
        if (!gan_family_complete(c.family, &c.sizes, &refused)) {
            g_test_message("%u blocks: %s", blocks, refused->message);
            g_assert_error(refused, GAN_ERROR, GAN_ERROR_FORMAT);
            continue;
        }
        gan_family_begin(c.family, &c.sizes, c.parameters, c.random, &error);
        g_assert_no_error(error);
        g_autoptr(GanModel) model = saved_model(&c);
        g_assert_cmpstr(gan_model_info(model)->family, ==, c.family->name);
    }
}

static GanDevice *open_device(void)
{
    GError *error = NULL;
    GanDevice *device = gan_device_open("cpu", 2, &error);
    g_assert_no_error(error);
    return device;
}

// What the network makes as it stands in a training graph, with the running statistics.
static float *made_by_step(const Case *c, GanDevice *device, const float *in)
{
    GError *error = NULL;
    GanGraph *graph = gan_graph_new();
    g_autoptr(GanNet) net = gan_net_new_training(graph, c->parameters, NULL);
    gan_net_set_training(net, FALSE);
    GanNode *x = gan_named_input(graph, "x", c->sizes.channels_in);
    gan_graph_add_output(graph, gan_family_apply(c->family, &c->sizes, net, x));
    gan_net_check(net, &error);
    g_assert_no_error(error);
    g_autoptr(GanStep) step = gan_step_new(graph, device, &c->in, &error);
    g_assert_no_error(error);
    const GanShape shape = gan_step_output_shape(step, 0);
    g_assert_cmpuint(length_of(&shape), ==, length_of(&c->out));
    float *made = g_new(float, length_of(&shape));
    const void *const inputs[] = {in};
    void *const outputs[] = {made};
    gan_step_run(step, inputs, outputs, &error);
    g_assert_no_error(error);
    return made;
}

static void test_what_trains_is_what_runs(gconstpointer data)
{
    g_auto(Case) c = {0};
    if (!case_begin(&c, data))
        return;
    g_autoptr(GanDevice) device = open_device();
    g_autoptr(GanModel) model = saved_model(&c);
    g_assert_cmpstr(gan_model_info(model)->family, ==, c.family->name);
    const gsize n = length_of(&c.out), shape[] = {c.in.n, c.in.h, c.in.w, c.in.c};
    g_autofree float *in = random_numbers(c.random, length_of(&c.in), 0, 1);
    g_autofree float *trains = made_by_step(&c, device, in);
    g_autoptr(GanTensor) picture = gan_tensor_new_borrowed(4, shape, in, NULL, NULL);
    GError *error = NULL;
    g_autoptr(GanTensor) runs = gan_model_run(model, device, picture, &error);
    g_assert_no_error(error);
    g_assert_cmpuint(gan_tensor_length(runs), ==, n);
    double worst = 0, most = 0, least = 0;
    for (gsize i = 0; i < n; i++) {
        g_assert_false(isnan(trains[i]));
        worst = MAX(worst, fabs(trains[i] - (double)runs->data[i]));
        most = MAX(most, (double)trains[i]);
        least = MIN(least, (double)trains[i]);
    }
    g_test_message("differs by %g of %g", worst, most - least);
    g_assert_cmpfloat(worst, <=, 1e-4 * (most - least));
    g_assert_cmpfloat(most - least, >, 1e-3); // else nothing is compared
}

// Moves all weights that train by `far` along the directions.
static void move(const GanGradients *g, GPtrArray *directions, double far)
{
    for (guint i = 0; i < gan_gradients_n(g); i++) {
        GanTensor *weight = gan_gradients_weights(g)[i];
        const float *direction = directions->pdata[i];
        for (gsize k = 0; k < gan_tensor_length(weight); k++)
            weight->data[k] += (float)(far * direction[k]);
    }
}

static double loss_of(GanGradients *g, const float *const *inputs)
{
    float loss = NAN;
    GError *error = NULL;
    gan_gradients_run(g, inputs, (float *[]){&loss}, FALSE, &error);
    g_assert_no_error(error);
    return loss;
}

static void test_gradients_are_differences(gconstpointer data)
{
    g_auto(Case) c = {0};
    if (!case_begin(&c, data))
        return;
    g_autoptr(GanDevice) device = open_device();
    GError *error = NULL;
    GanGraph *graph = gan_graph_new();
    g_autoptr(GanNet) net = gan_net_new_training(graph, c.parameters, NULL);
    GanNode *x = gan_named_input(graph, "x", c.sizes.channels_in);
    GanNode *y = gan_named_input(graph, "y", 3);
    GanNode *loss = gan_loss_mse(gan_family_apply(c.family, &c.sizes, net, x), y);
    gan_net_check(net, &error);
    g_assert_no_error(error);
    const GanShape shapes[] = {c.in, c.out};
    g_autoptr(GanGradients) g =
        gan_gradients_new(graph, device, loss, &loss, 1, &net, 1, NULL, 0, shapes, &error);
    g_assert_no_error(error);
    // All that are weights take part.
    guint n_weights = 0;
    for (guint i = 0; i < gan_parameters_n(c.parameters); i++)
        n_weights += gan_parameters_at(c.parameters, i)->kind == GAN_PARAMETER_WEIGHT;
    g_assert_cmpuint(gan_gradients_n(g), ==, n_weights);
    g_autofree float *in = random_numbers(c.random, length_of(&c.in), 0, 1);
    g_autofree float *wanted = random_numbers(c.random, length_of(&c.out), 0, 1);
    const float *const inputs[] = {in, wanted};
    loss_of(g, inputs);
    g_autoptr(GPtrArray) directions = g_ptr_array_new_with_free_func(g_free);
    double slope = 0, length = 0;
    for (guint i = 0; i < gan_gradients_n(g); i++) {
        const GanTensor *gradient = gan_gradients_tensors(g)[i];
        // Mostly along the gradient, so that the difference is large beside its rounding.
        float *direction = g_new0(float, gan_tensor_length(gradient));
        for (gsize k = 0; k < gan_tensor_length(gradient); k++) {
            direction[k] = (float)(gradient->data[k] * g_rand_double_range(c.random, 0.5, 1.5));
            slope += (double)direction[k] * gradient->data[k];
            length += (double)direction[k] * direction[k];
        }
        g_ptr_array_add(directions, direction);
    }
    const double far = 2e-3 / sqrt(length);
    move(g, directions, far);
    const double above = loss_of(g, inputs);
    move(g, directions, -2 * far);
    const double below = loss_of(g, inputs);
    g_test_message("slope %g, difference %g", slope, (above - below) / (2 * far));
    g_assert_cmpfloat(slope, >, 0);
    g_assert_cmpfloat(fabs((above - below) / (2 * far) - slope), <=, 0.02 * slope);
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    for (guint i = 0; gan_families[i] != NULL; i++) {
        const char *name = gan_families[i]->name;
        g_autofree char *runs = g_strdup_printf("/families/what-trains-is-what-runs/%s", name);
        g_autofree char *slopes = g_strdup_printf("/families/gradients-are-differences/%s", name);
        g_autofree char *known = g_strdup_printf("/families/what-is-saved-is-known/%s", name);
        g_test_add_data_func(known, gan_families[i], test_what_is_saved_is_known);
        g_test_add_data_func(runs, gan_families[i], test_what_trains_is_what_runs);
        g_test_add_data_func(slopes, gan_families[i], test_gradients_are_differences);
    }
    return g_test_run();
}
