// SPDX-License-Identifier: LGPL-3.0-or-later
// Every family that there is can be trained from its one file: what trains is what runs, and its
// gradients are those of its loss.
#include "gradients.h"
#include "loss.h"

#include <family.h>
#include <math.h>
#include <string.h>

// A family, and what its networks that are told the damage take it for.
typedef struct {
    const GanFamily *family;
    gboolean quality, bare;
} Row;

typedef struct {
    const GanFamily *family;
    GanSizes sizes;
    GanParameters *parameters;
    GRand *random;
    GanShape in, out;
    gboolean told; // it takes a number of each sample
    float numbers[2];
} Case;

static void case_clear(Case *c)
{
    gan_parameters_free(c->parameters);
    g_clear_pointer(&c->random, g_rand_free);
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

static GanSizes small_sizes(const Row *row, guint blocks)
{
    const GanFamily *family = row->family;
    return (GanSizes){.channels_in = family->task == GAN_TASK_GENERATE ? 5 : 3,
                      .channels_out = 3,
                      .scale = family->scales[0] != 0 ? family->scales[0] : 2,
                      .features = 8,
                      .blocks = blocks,
                      .growth = 4,
                      .size = 16,
                      .told_quality = row->quality,
                      .told_bare = row->bare};
}

// A small new network, its first weights moved, so that no two of them and no bias are equal.
// FALSE: there is no way to train its family, and the test is skipped.
static gboolean case_begin(Case *c, const Row *row)
{
    const GanFamily *family = row->family;
    const gboolean makes = family->task == GAN_TASK_GENERATE;
    GError *error = NULL;
    c->family = family;
    c->random = g_rand_new_with_seed(17);
    c->parameters = gan_parameters_new();
    c->sizes = small_sizes(row, 3);
    if (!gan_family_complete(family, &c->sizes, &error)) {
        g_test_skip(error->message);
        g_error_free(error);
        return FALSE;
    }
    GanEnd number;
    c->told = gan_family_number(family, &c->sizes, &number);
    if (c->told) {
        // As running says it, and another.
        c->numbers[0] = number.initial;
        c->numbers[1] = number.low + (number.high - number.low) / 2;
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
    const Row *row = data;
    for (guint blocks = 1; blocks <= 9; blocks++) {
        g_auto(Case) c = {.family = row->family,
                          .random = g_rand_new_with_seed(1),
                          .parameters = gan_parameters_new()};
        g_autoptr(GError) refused = NULL, error = NULL;
        c.sizes = small_sizes(row, blocks);
        if (!gan_family_complete(c.family, &c.sizes, &refused)) {
            g_test_message("%u blocks: %s", blocks, refused->message);
            g_assert_error(refused, GAN_ERROR, GAN_ERROR_FORMAT);
            continue;
        }
        gan_family_begin(c.family, &c.sizes, c.parameters, c.random, &error);
        g_assert_no_error(error);
        g_autoptr(GanModel) model = saved_model(&c);
        const GanModelInfo *info = gan_model_info(model);
        g_assert_cmpstr(info->family, ==, c.family->name);
        GanEnd number = {0};
        g_assert_cmpint(gan_family_number(c.family, &c.sizes, &number), ==, info->n_inputs == 2);
        g_assert_cmpstr(info->inputs[1].name, ==, number.name);
        g_assert_true(strstr(info->title, "residual") == NULL || !row->bare);
    }
}

static GanNode *number_input(const Case *c, GanGraph *graph)
{
    return c->told ? gan_named_input(graph, "number", 1) : NULL;
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
    GanNode *number = number_input(c, graph);
    gan_graph_add_output(graph, gan_family_apply(c->family, &c->sizes, net, x, number));
    gan_net_check(net, &error);
    g_assert_no_error(error);
    const GanShape shapes[] = {c->in, {c->in.n, 1, 1, 1}};
    g_autoptr(GanStep) step = gan_step_new(graph, device, shapes, &error);
    g_assert_no_error(error);
    const GanShape shape = gan_step_output_shape(step, 0);
    g_assert_cmpuint(length_of(&shape), ==, length_of(&c->out));
    float *made = g_new(float, length_of(&shape));
    const void *const inputs[] = {in, c->numbers};
    void *const outputs[] = {made};
    gan_step_run(step, inputs, outputs, &error);
    g_assert_no_error(error);
    return made;
}

// What the model makes of each sample, which is told its number where it takes one.
static float *made_by_model(const Case *c, GanModel *model, GanDevice *device, float *in)
{
    const gsize n = length_of(&c->out) / c->out.n, n_in = length_of(&c->in) / c->in.n;
    const gsize shape[] = {1, c->in.h, c->in.w, c->in.c}, one[] = {1, 1, 1, 1};
    float *made = g_new(float, n * c->out.n);
    for (gsize i = 0; i < c->in.n; i++) {
        GError *error = NULL;
        float told = c->numbers[i];
        g_autoptr(GanTensor) picture = gan_tensor_new_borrowed(4, shape, in + i * n_in, NULL, NULL);
        g_autoptr(GanTensor) number = gan_tensor_new_borrowed(4, one, &told, NULL, NULL);
        GanTensor *all[] = {picture, number};
        g_autoptr(GanTensor) out = gan_model_run_all(model, device, all, &error);
        g_assert_no_error(error);
        g_assert_cmpuint(gan_tensor_length(out), ==, n);
        memcpy(made + i * n, out->data, n * sizeof(float));
    }
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
    const gsize n = length_of(&c.out);
    g_autofree float *in = random_numbers(c.random, length_of(&c.in), 0, 1);
    g_autofree float *trains = made_by_step(&c, device, in);
    g_autofree float *runs = made_by_model(&c, model, device, in);
    double worst = 0, most = 0, least = 0;
    for (gsize i = 0; i < n; i++) {
        g_assert_false(isnan(trains[i]));
        worst = MAX(worst, fabs(trains[i] - (double)runs[i]));
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
    GanNode *number = number_input(&c, graph);
    GanNode *loss = gan_loss_mse(gan_family_apply(c.family, &c.sizes, net, x, number), y);
    gan_net_check(net, &error);
    g_assert_no_error(error);
    const GanShape shapes[] = {c.in, c.out, {c.in.n, 1, 1, 1}};
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
    const float *const inputs[] = {in, wanted, c.numbers};
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

// A network that is told that there is no damage leaves the picture as it is, to the last bit,
// whatever its weights are.
static void test_what_is_whole_stays(gconstpointer data)
{
    g_auto(Case) c = {0};
    const Row *row = data;
    if (!case_begin(&c, row))
        return;
    for (guint i = 0; i < c.in.n; i++)
        c.numbers[i] = row->quality ? 100 : 0;
    g_autoptr(GanDevice) device = open_device();
    g_autoptr(GanModel) model = saved_model(&c);
    g_autofree float *in = random_numbers(c.random, length_of(&c.in), 0, 1);
    g_autofree float *out = made_by_model(&c, model, device, in);
    g_assert_cmpmem(in, length_of(&c.in) * sizeof *in, out, length_of(&c.out) * sizeof *out);
    c.numbers[0] = c.numbers[1] = 40;
    g_autofree float *changed = made_by_model(&c, model, device, in);
    g_assert_cmpint(memcmp(in, changed, length_of(&c.in) * sizeof *in), !=, 0);
}

// Whether networks of the family can learn what they are told.
static gboolean is_told(const Row *row)
{
    GanEnd number;
    const GanSizes sizes = small_sizes(row, 3);
    return gan_family_number(row->family, &sizes, &number) && number.initial >= number.low;
}

// A deeper network begins as what a shallower one does, or cannot.
static void test_grows_as_it_is(gconstpointer data)
{
    g_auto(Case) c = {0}, deep = {0};
    GError *error = NULL;
    if (!case_begin(&c, data) || !case_begin(&deep, data))
        return;
    g_autoptr(GanDevice) device = open_device();
    g_autofree float *in = random_numbers(c.random, length_of(&c.in), 0, 1);
    g_autofree float *before = made_by_step(&c, device, in);
    g_autoptr(GanModel) model = saved_model(&c);
    GanWeights *weights = gan_model_weights(model);
    const gsize n = length_of(&c.out);
    for (guint blocks = 3; blocks <= 12; blocks += 3) {
        gan_parameters_free(deep.parameters);
        deep.parameters = gan_parameters_new();
        deep.sizes.blocks = blocks;
        gan_family_begin(c.family, &deep.sizes, deep.parameters, deep.random, &error);
        g_assert_no_error(error);
        if (!gan_family_grow(c.family, &deep.sizes, deep.parameters, weights, &error)) {
            g_assert_error(error, GAN_ERROR, GAN_ERROR_UNSUPPORTED);
            g_assert_null(c.family->stack);
            g_error_free(error);
            return;
        }
        g_autofree float *after = made_by_step(&deep, device, in);
        double worst = 0;
        for (gsize i = 0; i < n; i++)
            worst = MAX(worst, fabs(before[i] - (double)after[i]));
        g_test_message("%u blocks: differs by %g", blocks, worst);
        // Winograd's transforms round.
        g_assert_cmpfloat(worst, <=, 2e-6);
    }
    // Neither wider, nor shallower, nor for another number.
    GanSizes others[] = {deep.sizes, deep.sizes, deep.sizes};
    others[0].features *= 2;
    others[1].blocks = 2;
    others[2].told_quality = !others[2].told_quality;
    for (guint i = 0; i < G_N_ELEMENTS(others); i++) {
        GanEnd number;
        if (i == 2 && !gan_family_number(c.family, &others[i], &number))
            continue;
        g_autoptr(GanParameters) parameters = gan_parameters_new();
        gan_family_begin(c.family, &others[i], parameters, c.random, &error);
        g_assert_no_error(error);
        g_assert_false(gan_family_grow(c.family, &others[i], parameters, weights, &error));
        g_assert_error(error, GAN_ERROR, GAN_ERROR_SHAPE);
        g_test_message("%s", error->message);
        g_clear_error(&error);
    }
}

static void add_tests(const Row *row, const char *variant)
{
    static const struct {
        const char *name;
        GTestDataFunc test;
    } tests[] = {{"what-is-saved-is-known", test_what_is_saved_is_known},
                 {"what-trains-is-what-runs", test_what_trains_is_what_runs},
                 {"gradients-are-differences", test_gradients_are_differences},
                 {"grows-as-it-is", test_grows_as_it_is},
                 {"what-is-whole-stays", test_what_is_whole_stays}};
    const gboolean residual = is_told(row) && !row->bare;
    for (guint i = 0; i < G_N_ELEMENTS(tests); i++) {
        g_autofree char *path =
            g_strdup_printf("/families/%s/%s%s", tests[i].name, row->family->name, variant);
        if (tests[i].test != test_what_is_whole_stays || residual)
            g_test_add_data_func_full(path, g_memdup2(row, sizeof *row), tests[i].test, g_free);
    }
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    for (guint i = 0; gan_families[i] != NULL; i++) {
        Row row = {.family = gan_families[i]};
        add_tests(&row, "");
        if (!is_told(&row))
            continue;
        row.quality = TRUE;
        add_tests(&row, "-quality");
        row.bare = TRUE;
        add_tests(&row, "-quality-bare");
        row.quality = FALSE;
        add_tests(&row, "-bare");
    }
    return g_test_run();
}
