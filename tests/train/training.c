// SPDX-License-Identifier: LGPL-3.0-or-later
// Normalisations, optimizers, averages and first values against PyTorch's.
#include "ema.h"
#include "golden.h"
#include "gradient.h"
#include "gradients.h"
#include "initialise.h"
#include "optimizer.h"
#include "schedule.h"

#include <math.h>
#include <string.h>

static GanTensor *copy_of(const GanTensor *tensor)
{
    GanTensor *copy = gan_tensor_new(tensor->rank, tensor->shape, NULL);
    memcpy(copy->data, tensor->data, gan_tensor_length(tensor) * sizeof(float));
    return copy;
}

// --- normalisations ---

typedef enum { BATCH, INSTANCE, GROUP } NormKind;

static const struct {
    const char *pack, *name;
    NormKind kind;
    guint groups;
    gboolean affine, evaluate;
} norms[] = {
    {"batch_norm", "train_4x3x5x6", BATCH, 0, TRUE, FALSE},
    {"batch_norm", "train_2x4x1x2", BATCH, 0, TRUE, FALSE},
    {"batch_norm", "train_noaffine", BATCH, 0, FALSE, FALSE}, // here with weights of 1 and 0
    {"batch_norm", "eval", BATCH, 0, TRUE, TRUE},
    {"instance_norm", "affine_2x3x5x6", INSTANCE, 0, TRUE, FALSE},
    {"instance_norm", "plain_2x4x7x3", INSTANCE, 0, FALSE, FALSE},
    {"instance_norm", "affine_1x2x2x2", INSTANCE, 0, TRUE, FALSE},
    {"group_norm", "groups1_of_6", GROUP, 1, TRUE, FALSE},
    {"group_norm", "groups2_of_6", GROUP, 2, TRUE, FALSE},
    {"group_norm", "groups3_of_6", GROUP, 3, TRUE, FALSE},
    {"group_norm", "groups6_of_6", GROUP, 6, TRUE, FALSE},
};

static void add_constant(GanParameters *parameters, const char *name, GanParameterKind kind,
                         gsize n, float value)
{
    GanTensor *tensor = gan_parameters_add(parameters, name, kind, 1, &n, NULL);
    for (gsize i = 0; i < n; i++)
        tensor->data[i] = value;
}

static void run_norm(guint i, const char *device_name)
{
    g_autoptr(GanDevice) device = golden_device(device_name);
    if (device == NULL)
        return;
    g_autoptr(GanWeights) pack = golden_open(norms[i].pack);
    const char *name = norms[i].name;
    g_autoptr(GanParameters) parameters = gan_parameters_new();
    static const struct {
        const char *name, *from;
        GanParameterKind kind;
    } parts[] = {{"n.weight", "w", GAN_PARAMETER_WEIGHT},
                 {"n.bias", "b", GAN_PARAMETER_WEIGHT},
                 {"n.running_mean", "running_mean", GAN_PARAMETER_BUFFER},
                 {"n.running_var", "running_var", GAN_PARAMETER_BUFFER}};
    g_autoptr(GanTensor) tx = golden_tensor(pack, "%s/x", name);
    for (guint k = 0; k < G_N_ELEMENTS(parts); k++) {
        g_autoptr(GanTensor) part = golden_find(pack, "%s/%s", name, parts[k].from);
        if (part != NULL)
            golden_add_parameter(parameters, parts[k].name, parts[k].kind, part);
        else if (norms[i].kind != INSTANCE || norms[i].affine)
            add_constant(parameters, parts[k].name, parts[k].kind, tx->shape[1],
                         k == 0 || k == 3 ? 1 : 0);
    }
    g_autoptr(GanTensor) tg = golden_tensor(pack, "%s/gy", name);
    const GanShape shape = golden_picture_shape(tx), shapes[] = {shape, shape};
    GanGraph *graph = gan_graph_new();
    GanNode *x = gan_named_input(graph, "x", (guint)shape.c);
    GanNode *g = gan_named_input(graph, "gy", (guint)shape.c), *gx = NULL;
    g_autoptr(GanNet) net = gan_net_new_training(graph, parameters, NULL);
    gan_net_set_training(net, !norms[i].evaluate);
    GanNode *y = norms[i].kind == BATCH ? gan_batch_norm(net, "n", x)
                 : norms[i].kind == INSTANCE
                     ? gan_instance_norm(net, norms[i].affine ? "n" : NULL, x)
                     : gan_group_norm(net, "n", x, norms[i].groups);
    g_autoptr(GError) error = NULL;
    gan_net_check(net, &error);
    g_assert_no_error(error);
    GanNode *loss = gan_product(y, g);
    gan_graph_gradient(graph, loss, &x, 1, &gx);
    GanNode *watched[] = {y, gx};
    g_autoptr(GanGradients) step =
        gan_gradients_new(graph, device, loss, watched, 2, &net, 1, NULL, 0, shapes, &error);
    g_assert_no_error(error);
    g_autofree float *in_x = golden_picture(tx), *in_g = golden_picture(tg);
    const gsize length = gan_tensor_length(tx);
    g_autofree float *found_y = g_new(float, length), *found_gx = g_new(float, length);
    gan_gradients_run(step, (const float *[]){in_x, in_g}, (float *[]){found_y, found_gx}, FALSE,
                      &error);
    g_assert_no_error(error);
    g_autoptr(GanTensor) wanted_y = golden_tensor(pack, "%s/f64.y", name);
    g_autoptr(GanTensor) wanted_gx = golden_tensor(pack, "%s/f64.gx", name);
    g_autofree float *y_picture = golden_picture(wanted_y);
    g_autofree float *gx_picture = golden_picture(wanted_gx);
    golden_compare(name, found_y, y_picture, length, 1e-5);
    golden_compare(name, found_gx, gx_picture, length, 1e-5);
    for (guint k = 0; norms[i].affine && k < gan_gradients_n(step); k++) {
        const GanTensor *found = gan_gradients_tensors(step)[k];
        g_autoptr(GanTensor) wanted = golden_tensor(pack, "%s/f64.g%s", name, k == 0 ? "w" : "b");
        golden_compare(name, found->data, wanted->data, gan_tensor_length(wanted), 1e-5);
    }
    g_assert_cmpuint(gan_gradients_n(step), ==, norms[i].affine || norms[i].kind == BATCH ? 2 : 0);
    for (guint k = 2; k < G_N_ELEMENTS(parts) && norms[i].kind == BATCH; k++) {
        const GanParameter *found = gan_parameters_find(parameters, parts[k].name);
        g_autoptr(GanTensor) wanted = golden_find(pack, "%s/f64.new_%s", name, parts[k].from);
        if (wanted != NULL)
            golden_compare(name, found->tensor->data, wanted->data, gan_tensor_length(wanted),
                           1e-5);
    }
}

static void test_norms(void)
{
    for (const char *const *device = golden_devices(); *device != NULL; device++)
        for (guint i = 0; i < G_N_ELEMENTS(norms); i++)
            run_norm(i, *device);
}

// --- spectral normalisation ---

// The layer is applied to unit impulses, so that its value is the normalised weight.
static void run_spectral(const char *name, gboolean transposed, const char *device_name)
{
    g_autoptr(GanDevice) device = golden_device(device_name);
    if (device == NULL)
        return;
    g_autoptr(GanWeights) pack = golden_open("spectral_norm");
    g_autoptr(GanTensor) w = golden_tensor(pack, "%s/w", name);
    g_autoptr(GanTensor) u = golden_tensor(pack, "%s/u0", name);
    g_autoptr(GanTensor) v = golden_tensor(pack, "%s/v0", name);
    g_autoptr(GanTensor) gy = golden_tensor(pack, "%s/gy", name);
    g_autoptr(GanParameters) parameters = gan_parameters_new();
    golden_add_parameter(parameters, "s.weight_orig", GAN_PARAMETER_WEIGHT, w);
    golden_add_parameter(parameters, "s.weight_u", GAN_PARAMETER_BUFFER, u);
    golden_add_parameter(parameters, "s.weight_v", GAN_PARAMETER_BUFFER, v);
    GanGraph *graph = gan_graph_new();
    g_autoptr(GanNet) net = gan_net_new_training(graph, parameters, NULL);
    GanNode *x = gan_named_input(graph, "x", transposed ? 3 : w->rank == 2 ? 7 : 3);
    const GanConv spectral = {.unpadded = TRUE, .spectral = TRUE, .no_bias = TRUE};
    GanNode *y = transposed     ? gan_conv_transpose2d(net, "s", x, 4, 4, spectral)
                 : w->rank == 2 ? gan_linear(net, "s", x, 7, 5, spectral)
                                : gan_conv2d_with(net, "s", x, 4, 3, spectral);
    // The normalised weight itself is the second input of the layer's node.
    GanNode *weight = NULL;
    for (guint i = 0; i < gan_graph_n_nodes(graph); i++)
        if (gan_graph_node(graph, i)->op == GAN_OP_BINARY &&
            gan_graph_node(graph, i)->attributes.binary == GK_BINARY_DIVIDE)
            weight = gan_graph_node(graph, i);
    g_assert_nonnull(y);
    g_assert_nonnull(weight);
    GanNode *upstream = gan_named_input(graph, "gy", 0);
    const GanShape shapes[] = {transposed     ? (GanShape){1, 4, 4, 3}
                               : w->rank == 2 ? (GanShape){1, 1, 1, 7}
                                              : (GanShape){1, 4, 4, 3},
                               gan_parameter_shape(gy)};
    g_autoptr(GError) error = NULL;
    g_autoptr(GanGradients) step = gan_gradients_new(graph, device, gan_product(weight, upstream),
                                                     &weight, 1, &net, 1, NULL, 0, shapes, &error);
    g_assert_no_error(error);
    g_autofree float *found = g_new(float, gan_tensor_length(w));
    g_autofree float *unused = g_new0(float, 64);
    for (guint i = 1; i <= 3; i++) {
        gan_gradients_run(step, (const float *[]){unused, gy->data}, (float *[]){found}, FALSE,
                          &error);
        g_assert_no_error(error);
        const struct {
            const char *what;
            const float *found;
        } parts[] = {
            {"weight", found},
            {"gw", gan_gradients_tensors(step)[0]->data},
            {"u", gan_parameters_find(parameters, "s.weight_u")->tensor->data},
            {"v", gan_parameters_find(parameters, "s.weight_v")->tensor->data},
        };
        for (guint k = 0; k < G_N_ELEMENTS(parts); k++) {
            g_autoptr(GanTensor) wanted =
                golden_tensor(pack, "%s/f64.step%u.%s", name, i, parts[k].what);
            golden_compare(parts[k].what, parts[k].found, wanted->data, gan_tensor_length(wanted),
                           3e-6);
        }
    }
}

static void test_spectral(void)
{
    for (const char *const *device = golden_devices(); *device != NULL; device++) {
        run_spectral("conv_4x3x3x3", FALSE, *device);
        run_spectral("linear_5x7", FALSE, *device);
        run_spectral("convT_3x4x4x4", TRUE, *device);
    }
}

// --- optimizers, averages, clipping ---

static const struct {
    const char *name;
    double rate;
    GanOptimizerOptions options;
} optimizers[] = {
    {"adam", 0.01, {GAN_OPTIMIZER_ADAM, 0.9, 0.999, 1e-8, 0, 0, 0.99}},
    {"adam_.9_.99", 2e-4, {GAN_OPTIMIZER_ADAM, 0.9, 0.99, 1e-8, 0, 0, 0.99}},
    {"adam_.5_.999", 2e-4, {GAN_OPTIMIZER_ADAM, 0.5, 0.999, 1e-8, 0, 0, 0.99}},
    {"adam_0_.99_eps1e-8", 2.5e-3, {GAN_OPTIMIZER_ADAM, 0, 0.99, 1e-8, 0, 0, 0.99}},
    {"adam_wd", 0.01, {GAN_OPTIMIZER_ADAM, 0.9, 0.999, 1e-8, 0.1, 0, 0.99}},
    {"adamw", 0.01, {GAN_OPTIMIZER_ADAMW, 0.9, 0.999, 1e-8, 0.1, 0, 0.99}},
    {"adam_eps1e-2", 0.01, {GAN_OPTIMIZER_ADAM, 0.9, 0.999, 1e-2, 0, 0, 0.99}},
    {"sgd_momentum", 0.01, {GAN_OPTIMIZER_SGD, 0.9, 0.999, 1e-8, 0, 0.9, 0.99}},
    {"rmsprop", 1e-3, {GAN_OPTIMIZER_RMSPROP, 0.9, 0.999, 1e-8, 0, 0, 0.99}},
};

static void test_optimizers(void)
{
    g_autoptr(GanWeights) pack = golden_open("optimizers");
    for (guint i = 0; i < G_N_ELEMENTS(optimizers); i++) {
        const char *names[] = {"a", "b"};
        GanTensor *weights[2];
        for (guint k = 0; k < 2; k++) {
            g_autoptr(GanTensor) start = golden_tensor(pack, "%s", names[k]);
            weights[k] = copy_of(start);
        }
        g_autoptr(GanOptimizer) optimizer =
            gan_optimizer_new(&optimizers[i].options, weights, 2, NULL);
        for (guint s = 0; s < 5; s++) {
            g_autoptr(GanTensor) ga = golden_tensor(pack, "ga%u", s);
            g_autoptr(GanTensor) gb = golden_tensor(pack, "gb%u", s);
            gan_optimizer_step(optimizer, optimizers[i].rate, (GanTensor *[]){ga, gb});
            for (guint k = 0; k < 2; k++) {
                g_autoptr(GanTensor) wanted =
                    golden_tensor(pack, "%s/f64.step%u.%s", optimizers[i].name, s + 1, names[k]);
                golden_compare(optimizers[i].name, weights[k]->data, wanted->data,
                               gan_tensor_length(wanted), 3e-7);
            }
        }
        g_assert_cmpuint(gan_optimizer_steps(optimizer), ==, 5);
        gan_tensor_unref(weights[0]);
        gan_tensor_unref(weights[1]);
    }
}

static void test_average(void)
{
    g_autoptr(GanWeights) pack = golden_open("ema");
    static const char *const decays[] = {"0.999", "0.5", "0.0"};
    for (guint i = 0; i < G_N_ELEMENTS(decays); i++) {
        g_autoptr(GanTensor) weight = golden_tensor(pack, "e0");
        g_autoptr(GanTensor) moving = copy_of(weight);
        g_autoptr(GanEma) ema = gan_ema_new(&moving, 1, NULL);
        for (guint s = 0; s < 5; s++) {
            g_autoptr(GanTensor) now = golden_tensor(pack, "p%u", s);
            memcpy(moving->data, now->data, gan_tensor_length(now) * sizeof(float));
            gan_ema_update(ema, g_ascii_strtod(decays[i], NULL));
            g_autoptr(GanTensor) wanted =
                golden_tensor(pack, "decay%s/f64.step%u", decays[i], s + 1);
            golden_compare(decays[i], gan_ema_average(ema, 0)->data, wanted->data,
                           gan_tensor_length(wanted), 3e-7);
        }
    }
}

static void test_clip(void)
{
    g_autoptr(GanWeights) pack = golden_open("clip_grad");
    static const char *const limits[] = {"1.0", "100.0"};
    for (guint i = 0; i < G_N_ELEMENTS(limits); i++) {
        g_autoptr(GanTensor) from_a = golden_tensor(pack, "ga");
        g_autoptr(GanTensor) from_b = golden_tensor(pack, "gb");
        g_autoptr(GanTensor) a = copy_of(from_a);
        g_autoptr(GanTensor) b = copy_of(from_b);
        const float norm = (float)gan_gradients_clip_norm((GanTensor *[]){a, b}, 2,
                                                          g_ascii_strtod(limits[i], NULL));
        g_autoptr(GanTensor) wanted_norm = golden_tensor(pack, "max%s/f64.norm", limits[i]);
        g_autoptr(GanTensor) wanted_a = golden_tensor(pack, "max%s/f64.ga", limits[i]);
        g_autoptr(GanTensor) wanted_b = golden_tensor(pack, "max%s/f64.gb", limits[i]);
        golden_compare("norm", &norm, wanted_norm->data, 1, 3e-7);
        golden_compare("a", a->data, wanted_a->data, gan_tensor_length(a), 3e-7);
        golden_compare("b", b->data, wanted_b->data, gan_tensor_length(b), 3e-7);
    }
    // A gradient that is not finite is told and left alone.
    const gsize two = 2;
    g_autoptr(GanTensor) bad = gan_tensor_new(1, &two, NULL);
    bad->data[0] = INFINITY;
    bad->data[1] = 3;
    g_assert_true(isinf(gan_gradients_clip_norm(&bad, 1, 1)));
    g_assert_cmpfloat(bad->data[1], ==, 3);
    gan_tensors_clamp(&bad, 1, 0.01);
    g_assert_cmpfloat(bad->data[0], ==, 0.01f);
}

static void test_schedules(void)
{
    const guint64 milestones[] = {10, 20};
    const GanSchedule step = {.kind = GAN_SCHEDULE_STEP,
                              .rate = 1,
                              .gamma = 0.5,
                              .milestones = milestones,
                              .n_milestones = 2,
                              .warm_up = 4};
    const GanSchedule cosine = {
        .kind = GAN_SCHEDULE_COSINE, .rate = 1, .lowest = 0.2, .period = 100};
    const GanSchedule linear = {.kind = GAN_SCHEDULE_LINEAR, .rate = 1, .start = 100, .end = 200};
    const struct {
        const GanSchedule *schedule;
        guint64 steps;
        double wanted;
    } rows[] = {{&step, 0, 0.25},  {&step, 3, 1},      {&step, 9, 1},      {&step, 10, 0.5},
                {&step, 25, 0.25}, {&cosine, 0, 1},    {&cosine, 50, 0.6}, {&cosine, 100, 1},
                {&linear, 100, 1}, {&linear, 150, .5}, {&linear, 200, 0},  {&linear, 999, 0}};
    for (guint i = 0; i < G_N_ELEMENTS(rows); i++)
        g_assert_cmpfloat(fabs(gan_schedule_rate(rows[i].schedule, rows[i].steps) - rows[i].wanted),
                          <, 1e-12);
}

// --- first values ---

static void moments(const GanTensor *t, double *mean, double *deviation)
{
    const gsize n = gan_tensor_length(t);
    *mean = *deviation = 0;
    for (gsize i = 0; i < n; i++)
        *mean += t->data[i] / (double)n;
    for (gsize i = 0; i < n; i++)
        *deviation += (t->data[i] - *mean) * (t->data[i] - *mean) / (double)n;
    *deviation = sqrt(*deviation);
}

static void test_initialisers(void)
{
    // fan_in 32 * 9 = 288, fan_out 64 * 9 = 576.
    static const struct {
        const char *rule;
        double mean, deviation, low, high;
    } rows[] = {
        {"zeros", 0, 0, 0, 0},
        {"ones", 1, 0, 1, 1},
        {"constant(value=0.25)", 0.25, 0, 0.25, 0.25},
        {"uniform(low=-1,high=3)", 1, 1.1547, -1, 3},
        {"normal(mean=1,std=0.02)", 1, 0.02, 0.8, 1.2},
        {"trunc_normal(std=0.5,low=-1,high=1)", 0, 0.4399, -1, 1},
        {"xavier_uniform", 0, 0.04811, -0.08334, 0.08334},
        {"xavier_normal(gain=2)", 0, 0.09623, -1, 1},
        {"kaiming_uniform", 0, 0.08333, -0.14434, 0.14434},
        {"kaiming_normal(a=0.2)", 0, 0.08171, -1, 1},
        {"kaiming_normal(mode=fan_out, scale=0.1)", 0, 0.005893, -1, 1},
        {"default", 0, 0.03402, -0.058926, 0.058926},
        {"orthogonal", 0, 0.058926, -1, 1},
    };
    const gsize shape[] = {64, 32, 3, 3};
    g_autoptr(GanTensor) t = gan_tensor_new(4, shape, NULL);
    GRand *random = g_rand_new_with_seed(5);
    for (guint i = 0; i < G_N_ELEMENTS(rows); i++) {
        g_autoptr(GError) error = NULL;
        gan_initialise(t, rows[i].rule, random, &error);
        g_assert_no_error(error);
        double mean, deviation;
        moments(t, &mean, &deviation);
        // 18432 numbers: the mean's deviation is 0.0074 of theirs.
        g_assert_cmpfloat(fabs(mean - rows[i].mean), <, 0.03 * rows[i].deviation + 1e-9);
        g_assert_cmpfloat(fabs(deviation - rows[i].deviation), <, 0.02 * rows[i].deviation + 1e-9);
        for (gsize k = 0; k < gan_tensor_length(t); k++)
            g_assert_true(t->data[k] >= rows[i].low - 1e-6 && t->data[k] <= rows[i].high + 1e-6);
    }
    // The last one's 64 rows are orthonormal.
    for (gsize a = 0; a < 64; a++)
        for (gsize b = 0; b <= a; b++) {
            double product = 0;
            for (gsize k = 0; k < 288; k++)
                product += (double)t->data[a * 288 + k] * t->data[b * 288 + k];
            g_assert_cmpfloat(fabs(product - (a == b)), <, 1e-6);
        }
    static const char *const wrong[] = {"kaiming", "normal(sigma=1)", "normal(std=x)", "ones(",
                                        "kaiming_normal(mode=in)"};
    for (guint i = 0; i < G_N_ELEMENTS(wrong); i++) {
        g_autoptr(GError) error = NULL;
        g_assert_false(gan_initialise(t, wrong[i], random, &error));
        g_assert_error(error, GAN_ERROR, GAN_ERROR_ARGUMENT);
        g_assert_nonnull(strstr(error->message, wrong[i]));
    }
    g_rand_free(random);
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/layers/norms-follow-pytorch", test_norms);
    g_test_add_func("/layers/spectral-norm-follows-pytorch", test_spectral);
    g_test_add_func("/optimizers/follow-pytorch", test_optimizers);
    g_test_add_func("/ema/follows-basicsr", test_average);
    g_test_add_func("/gradients/are-clipped-as-pytorch-does", test_clip);
    g_test_add_func("/schedules/pass-their-corners", test_schedules);
    g_test_add_func("/initialisers/have-pytorchs-moments", test_initialisers);
    return g_test_run();
}
