// SPDX-License-Identifier: LGPL-3.0-or-later
// Two short trainings, put together step by step, against PyTorch's. trajectory.c has the trainer
// repeat them from recipes.
#include "ema.h"
#include "golden.h"
#include "gradients.h"
#include "loss.h"
#include "optimizer.h"

#include <family.h>
#include <math.h>
#include <string.h>

extern const GanFamily gan_family_srvgg; // of the registry that the build makes

// The tensors "<prefix>..." of a pack, without the prefix.
static GanParameters *parameters_of(GanWeights *pack, const char *prefix)
{
    GanParameters *parameters = gan_parameters_new();
    for (guint i = 0; i < gan_weights_n_entries(pack); i++) {
        const GanWeightsEntry *entry = gan_weights_entry(pack, i);
        if (!g_str_has_prefix(entry->name, prefix))
            continue;
        const char *name = entry->name + strlen(prefix);
        g_autoptr(GanTensor) tensor = golden_tensor(pack, "%s", entry->name);
        golden_add_parameter(
            parameters, name,
            strstr(name, "running_") != NULL ? GAN_PARAMETER_BUFFER : GAN_PARAMETER_WEIGHT, tensor);
    }
    return parameters;
}

static void compare_parameters(const char *what, GanWeights *pack, const char *prefix,
                               const GanParameters *parameters, double limit)
{
    for (guint i = 0; i < gan_parameters_n(parameters); i++) {
        const GanParameter *p = gan_parameters_at(parameters, i);
        g_autoptr(GanTensor) wanted = golden_tensor(pack, "%s%s", prefix, p->name);
        g_autofree char *name = g_strdup_printf("%s: %s%s", what, prefix, p->name);
        golden_compare(name, p->tensor->data, wanted->data, gan_tensor_length(wanted), limit);
    }
}

static const GanSizes sr_sizes = {
    .channels_in = 3, .channels_out = 3, .scale = 2, .features = 6, .blocks = 2};

static void run_sr(const char *device_name)
{
    g_autoptr(GanDevice) device = golden_device(device_name);
    if (device == NULL)
        return;
    g_autoptr(GError) error = NULL;
    g_autoptr(GanWeights) pack = golden_open("trajectory_sr");
    g_autoptr(GanParameters) parameters = parameters_of(pack, "init/");
    GanGraph *graph = gan_graph_new();
    GanNode *low = gan_named_input(graph, "low", 3), *high = gan_named_input(graph, "high", 3);
    g_autoptr(GanNet) net = gan_net_new_training(graph, parameters, NULL);
    GanNode *loss =
        gan_loss_l1(gan_family_apply(&gan_family_srvgg, &sr_sizes, net, low, NULL), high);
    gan_net_check(net, &error);
    g_assert_no_error(error);
    const GanShape shapes[] = {{2, 8, 10, 3}, {2, 16, 20, 3}};
    g_autoptr(GanGradients) step =
        gan_gradients_new(graph, device, loss, &loss, 1, &net, 1, NULL, 0, shapes, &error);
    g_assert_no_error(error);
    g_assert_cmpuint(gan_gradients_n(step), ==, gan_parameters_n(parameters));
    GanOptimizerOptions options = gan_optimizer_options_default(GAN_OPTIMIZER_ADAM);
    options.beta2 = 0.99;
    g_autoptr(GanOptimizer) optimizer =
        gan_optimizer_new(&options, gan_gradients_weights(step), gan_gradients_n(step), NULL);
    g_autoptr(GanEma) ema = gan_ema_new(gan_gradients_weights(step), gan_gradients_n(step), NULL);
    g_autoptr(GanTensor) losses = golden_tensor(pack, "f64.loss");
    for (guint i = 0; i < 10; i++) {
        g_autoptr(GanTensor) lr = golden_tensor(pack, "batch%u/lr", i);
        g_autoptr(GanTensor) hr = golden_tensor(pack, "batch%u/hr", i);
        g_autofree float *in_low = golden_picture(lr), *in_high = golden_picture(hr);
        float found = NAN;
        gan_gradients_run(step, (const float *[]){in_low, in_high}, (float *[]){&found}, FALSE,
                          &error);
        g_assert_no_error(error);
        g_autofree char *what = g_strdup_printf("%s, loss of step %u", device_name, i);
        golden_compare(what, &found, &losses->data[i], 1, 1e-5);
        for (guint k = 0; i == 0 && k < gan_gradients_n(step); k++) {
            const char *name = gan_net_weight(net, k)->name;
            g_autoptr(GanTensor) wanted = golden_tensor(pack, "f64.grad0/%s", name);
            golden_compare(name, gan_gradients_tensors(step)[k]->data, wanted->data,
                           gan_tensor_length(wanted), 1e-6);
        }
        gan_optimizer_step(optimizer, 2e-3, gan_gradients_tensors(step));
        gan_ema_update(ema, 0.9);
    }
    // Adam's first steps are nearly signs of the gradient, so that tiny errors move weights.
    compare_parameters(device_name, pack, "f64.final/", parameters, 3e-4);
    for (guint k = 0; k < gan_gradients_n(step); k++) {
        const char *name = gan_net_weight(net, k)->name;
        g_autoptr(GanTensor) wanted = golden_tensor(pack, "f64.ema/%s", name);
        golden_compare(name, gan_ema_average(ema, k)->data, wanted->data, gan_tensor_length(wanted),
                       3e-4);
    }
}

static void test_sr(void)
{
    for (const char *const *device = golden_devices(); *device != NULL; device++)
        run_sr(*device);
}

// DCGAN of pytorch/examples with 4 features: Radford, Metz, Chintala 2015, arXiv:1511.06434.
static GanNode *dcgan_generator(GanNet *net, GanNode *z)
{
    static const guint channels[] = {32, 16, 8, 4, 3};
    GanNode *x = z;
    for (guint i = 0; i < 5; i++) {
        g_autofree char *conv = g_strdup_printf("main.%u", 3 * i);
        g_autofree char *norm = g_strdup_printf("main.%u", 3 * i + 1);
        const GanConv how = {.stride = i == 0 ? 1 : 2, .unpadded = i == 0, .no_bias = TRUE};
        x = gan_conv_transpose2d(net, conv, x, channels[i], 4, how);
        if (i < 4)
            x = gan_relu(gan_batch_norm(net, norm, x));
    }
    return gan_tanh(x);
}

// The scores before the sigmoid.
static GanNode *dcgan_critic(GanNet *net, GanNode *x)
{
    static const guint channels[] = {4, 8, 16, 32, 1}, convs[] = {0, 2, 5, 8, 11};
    for (guint i = 0; i < 5; i++) {
        g_autofree char *conv = g_strdup_printf("main.%u", convs[i]);
        g_autofree char *norm = g_strdup_printf("main.%u", convs[i] + 1);
        const GanConv how = {.stride = i == 4 ? 1 : 2, .unpadded = i == 4, .no_bias = TRUE};
        x = gan_conv2d_with(net, conv, x, channels[i], 4, how);
        if (i > 0 && i < 4)
            x = gan_batch_norm(net, norm, x);
        if (i < 4)
            x = gan_lrelu(x, 0.2f);
    }
    return x;
}

static GanNode *probability(GanNode *scores)
{
    return gan_reduce_mean(gan_sigmoid(scores), GAN_AXIS_ALL);
}

static void run_dcgan(const char *device_name)
{
    g_autoptr(GanDevice) device = golden_device(device_name);
    if (device == NULL)
        return;
    enum { BATCH_SIZE = 4, N_NOISE = 8, SIZE = 64 };
    g_autoptr(GError) error = NULL;
    g_autoptr(GanWeights) pack = golden_open("trajectory_dcgan");
    g_autoptr(GanParameters) pg = parameters_of(pack, "init.G/");
    g_autoptr(GanParameters) pd = parameters_of(pack, "init.D/");
    const GanShape pictures = {BATCH_SIZE, SIZE, SIZE, 3}, noise = {BATCH_SIZE, 1, 1, N_NOISE};

    // The critic's step: real and made pictures go through it one after the other.
    GanGraph *graph = gan_graph_new();
    GanNode *real = gan_named_input(graph, "real", 3);
    GanNode *z = gan_named_input(graph, "z", N_NOISE);
    g_autoptr(GanNet) g1 = gan_net_new_training(graph, pg, NULL);
    g_autoptr(GanNet) d1 = gan_net_new_training(graph, pd, NULL);
    GanNode *of_real = dcgan_critic(d1, real), *fake = dcgan_generator(g1, z);
    GanNode *of_fake = dcgan_critic(d1, gan_stop(fake));
    GanNode *one = gan_scalar(graph, 1), *zero = gan_scalar(graph, 0);
    GanNode *terms[] = {gan_loss_bce(of_real, one), gan_loss_bce(of_fake, zero)};
    GanNode *loss = gan_sum(terms[0], terms[1]);
    GanNode *watched_d[] = {terms[0], terms[1], loss, probability(of_real), probability(of_fake),
                            fake};
    const GanShape shapes_d[] = {pictures, noise};
    g_autoptr(GanGradients) critic =
        gan_gradients_new(graph, device, loss, watched_d, 6, &d1, 1, &g1, 1, shapes_d, &error);
    g_assert_no_error(error);

    // The generator's step makes the same pictures of the same noise again; PyTorch keeps them, and
    // they are counted once.
    graph = gan_graph_new();
    z = gan_named_input(graph, "z", N_NOISE);
    g_autoptr(GanNet) g2 = gan_net_new_training(graph, pg, NULL);
    g_autoptr(GanNet) d2 = gan_net_new_training(graph, pd, NULL);
    gan_net_keep_buffers(g2);
    GanNode *scores = dcgan_critic(d2, dcgan_generator(g2, z));
    loss = gan_loss_bce(scores, gan_scalar(graph, 1));
    GanNode *watched_g[] = {loss, probability(scores)};
    const GanShape shapes_g[] = {noise};
    g_autoptr(GanGradients) generator =
        gan_gradients_new(graph, device, loss, watched_g, 2, &g2, 1, &d2, 1, shapes_g, &error);
    g_assert_no_error(error);

    GanOptimizerOptions options = gan_optimizer_options_default(GAN_OPTIMIZER_ADAM);
    options.beta1 = 0.5;
    g_autoptr(GanOptimizer) adam_d =
        gan_optimizer_new(&options, gan_gradients_weights(critic), gan_gradients_n(critic), NULL);
    g_autoptr(GanOptimizer) adam_g = gan_optimizer_new(&options, gan_gradients_weights(generator),
                                                       gan_gradients_n(generator), NULL);
    g_autoptr(GanTensor) log = golden_tensor(pack, "f64.log");
    g_autofree float *made = g_new(float, BATCH_SIZE *SIZE *SIZE * 3);
    for (guint i = 0; i < 5; i++) {
        g_autoptr(GanTensor) bytes = golden_tensor(pack, "step%u/real_i8", i);
        g_autoptr(GanTensor) draw = golden_tensor(pack, "step%u/z", i);
        g_autofree float *in_real = golden_picture(bytes);
        for (gsize k = 0; k < gan_tensor_length(bytes); k++)
            in_real[k] /= 127;
        float found[7];
        gan_gradients_run(critic, (const float *[]){in_real, draw->data},
                          (float *[]){&found[0], &found[1], &found[2], &found[4], &found[5], made},
                          FALSE, &error);
        g_assert_no_error(error);
        if (i == 0) {
            g_autoptr(GanTensor) wanted = golden_tensor(pack, "f64.fake0");
            g_autofree float *picture = golden_picture(wanted);
            golden_compare("fake0", made, picture, gan_tensor_length(wanted), 1e-5);
        }
        for (guint k = 0; i == 0 && k < gan_gradients_n(critic); k++) {
            const char *name = gan_net_weight(d1, k)->name;
            g_autoptr(GanTensor) wanted = golden_tensor(pack, "f64.grad0.D/%s", name);
            golden_compare(name, gan_gradients_tensors(critic)[k]->data, wanted->data,
                           gan_tensor_length(wanted), 1e-5);
        }
        gan_optimizer_step(adam_d, 2e-4, gan_gradients_tensors(critic));
        gan_gradients_run(generator, (const float *[]){draw->data},
                          (float *[]){&found[3], &found[6]}, FALSE, &error);
        g_assert_no_error(error);
        for (guint k = 0; i == 0 && k < gan_gradients_n(generator); k++) {
            const char *name = gan_net_weight(g2, k)->name;
            g_autoptr(GanTensor) wanted = golden_tensor(pack, "f64.grad0.G/%s", name);
            golden_compare(name, gan_gradients_tensors(generator)[k]->data, wanted->data,
                           gan_tensor_length(wanted), 1e-5);
        }
        gan_optimizer_step(adam_g, 2e-4, gan_gradients_tensors(generator));
        g_autofree char *what = g_strdup_printf("%s, log of step %u", device_name, i);
        golden_compare(what, found, log->data + 7 * i, 7, 1e-5);
    }
    compare_parameters(device_name, pack, "f64.final.G/", pg, 1e-5);
    compare_parameters(device_name, pack, "f64.final.D/", pd, 1e-5);
}

static void test_dcgan(void)
{
    for (const char *const *device = golden_devices(); *device != NULL; device++)
        run_dcgan(*device);
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/trajectory/super-resolution", test_sr);
    g_test_add_func("/trajectory/dcgan", test_dcgan);
    return g_test_run();
}
