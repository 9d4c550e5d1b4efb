// SPDX-License-Identifier: LGPL-3.0-or-later
// The generator of DCGAN: a picture out of random numbers.
//
// Radford, Metz, Chintala, "Unsupervised Representation Learning with Deep Convolutional Generative
// Adversarial Networks", arXiv:1511.06434; pytorch/examples, dcgan/main.py.
//
//   main.0, .1, .2             transposed conv k x k of 1 x 1 -> k x k, batch norm, ReLU
//   main.3i, .3i + 1, .3i + 2  transposed conv 4x4, stride 2, padding 1; batch norm; ReLU
//   main.3n, .3n + 1           transposed conv 4x4, stride 2, padding 1 -> colours; tanh
//
// k is 4 for sides that are powers of two, 7 for 28. No biases, five tensors a layer but the last.
// Where the class is told, as many numbers of 0 and 1 follow the random ones.
#include "family.h"

#define MOST_KERNEL 16

static gboolean recognise(const GanWeights *weights)
{
    const GanWeightsEntry *first = gan_weights_find(weights, "main.0.weight"),
                          *second = gan_weights_find(weights, "main.3.weight");
    return first != NULL && second != NULL && first->rank == 4 && second->rank == 4 &&
           second->shape[0] == first->shape[1] && second->shape[2] == 4 &&
           gan_family_has(weights, "main.1.running_mean", 1);
}

static void sizes_of_file(GanNet *net, const GanModelOptions *options, GanSizes *sizes)
{
    const GanWeights *weights = gan_net_weights(net);
    const guint last = gan_family_count(weights, "main.", ".weight") - 1;
    g_autofree char *last_name = g_strdup_printf("main.%u", last);
    g_autofree char *last_weight = g_strconcat(last_name, ".weight", NULL);
    // Weights of transposed convolutions are [in, out].
    sizes->channels_in = gan_family_outputs(net, "main.0");
    sizes->kernel = (guint)gan_weights_find(weights, "main.0.weight")->shape[2];
    sizes->blocks = last / 3 + 1;
    if (last % 3 != 0)
        gan_family_fail(net, last_weight, "a number of layer that is a multiple of 3");
    else if (sizes->blocks > GAN_SIZES_MOST_WIDTHS)
        gan_family_fail(net, last_weight, "at most %d layers before it", GAN_SIZES_MOST_WIDTHS);
    else if (sizes->kernel == 0 || sizes->kernel > MOST_KERNEL)
        gan_family_fail(net, "main.0.weight", "[%u,outputs,k,k]", sizes->channels_in);
    else
        for (guint i = 0; i < sizes->blocks; i++) {
            g_autofree char *name = g_strdup_printf("main.%u", 3 * i);
            sizes->widths[i] = gan_family_inputs(net, name);
        }
    sizes->channels_out = sizes->widths[MIN(sizes->blocks, GAN_SIZES_MOST_WIDTHS) - 1];
    gan_family_check_colours(net, last_name, sizes->channels_out);
}

static gboolean sizes_of_new(GanSizes *sizes, GError **error)
{
    sizes->kernel = sizes->size % 7 == 0 ? 7 : 4;
    sizes->blocks = 0;
    for (guint side = sizes->kernel; side < sizes->size; side *= 2)
        sizes->widths[sizes->blocks++] = sizes->features * (sizes->size / side / 2);
    sizes->widths[sizes->blocks++] = sizes->channels_out;
    return TRUE;
}

static void describe(const GanSizes *sizes, GanModelInfo *info)
{
    const guint side = sizes->kernel << (sizes->blocks - 1);
    info->title =
        g_strdup_printf("DCGAN %u, %u x %u", sizes->widths[sizes->blocks - 2], side, side);
    info->inputs[0].kind = GAN_END_LATENT;
    info->output.low = -1; // tanh
    info->output.high = 1;
}

static GanNode *build(GanNet *net, const GanSizes *sizes)
{
    const GanConv twice = {.stride = 2, .no_bias = TRUE};
    gan_initialise_by(net, "normal(std=0.02)", "normal(mean=1,std=0.02)"); // the paper's section 4
    GanNode *x = gan_input(net, 0);
    for (guint i = 0;; i++) {
        g_autofree char *name = g_strdup_printf("main.%u", 3 * i);
        g_autofree char *norm = g_strdup_printf("main.%u", 3 * i + 1);
        x = i == 0 ? gan_project(net, name, x, sizes->widths[i], sizes->kernel, twice)
                   : gan_conv_transpose2d(net, name, x, sizes->widths[i], 4, twice);
        if (i + 1 == sizes->blocks)
            return gan_tanh(x);
        x = gan_relu(gan_batch_norm(net, norm, x));
    }
}

const GanFamily gan_family_dcgan = {
    .name = "dcgan",
    .title = "DCGAN",
    .task = GAN_TASK_GENERATE,
    .recognise = recognise,
    .sizes_of_file = sizes_of_file,
    .sizes_of_new = sizes_of_new,
    .describe = describe,
    .build = build,
};
