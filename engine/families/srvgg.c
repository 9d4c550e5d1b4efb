// SPDX-License-Identifier: LGPL-3.0-or-later
// SRVGGNetCompact, a plain stack of 3x3 convolutions that works at the input's size.
//
// Wang, Xie, Dong, Shan, "Real-ESRGAN: Training Real-World Blind Super-Resolution with Pure
// Synthetic Data", arXiv:2107.10833; the network: xinntao/Real-ESRGAN,
// realesrgan/archs/srvgg_arch.py.
//
//   body.0            conv 3x3   in -> nf
//   body.1            PReLU (nf slopes), ReLU or leaky ReLU 0.1
//   body.2k, 2k + 1   conv 3x3   nf -> nf, activation            num_conv times
//   body.N            conv 3x3   nf -> out s^2
//                     pixel shuffle s
//   + the input, nearest-upsampled by s; one channel joins each of three
#include "family.h"

#define LEAKY_SLOPE 0.1f

// Forms besides PReLU and a skip.
enum { RELU = 1, LEAKY = 2, PLAIN = 4 };

static gboolean recognise(const GanWeights *weights)
{
    const guint count = gan_family_count(weights, "body.", ".weight");
    g_autofree char *last = g_strdup_printf("body.%u.weight", count - 1);
    return count >= 3 && count % 2 == 1 && gan_family_has(weights, "body.0.weight", 4) &&
           gan_family_has(weights, last, 4) &&
           (!gan_family_has(weights, "body.1.weight", 0) ||
            gan_family_has(weights, "body.1.weight", 1));
}

// What `body` makes of an endless flat picture of value `in`, in double; FALSE if a tensor is not
// what it should be, which building the network then reports.
static gboolean flat_response(GanWeights *weights, guint last, float slope, double in,
                              double *lowest, double *highest)
{
    g_autofree double *x = NULL;
    gsize n = 0;
    for (guint i = 0; i <= last; i += 2) {
        g_autofree char *weight_name = g_strdup_printf("body.%u.weight", i);
        g_autofree char *bias_name = g_strdup_printf("body.%u.bias", i);
        g_autofree char *slopes_name = g_strdup_printf("body.%u.weight", i + 1);
        g_autoptr(GanTensor) weight = gan_weights_tensor(weights, weight_name, NULL);
        g_autoptr(GanTensor) bias = gan_weights_tensor(weights, bias_name, NULL);
        if (weight == NULL || bias == NULL || weight->rank != 4 || bias->rank != 1 ||
            bias->shape[0] != weight->shape[0] || (x != NULL && weight->shape[1] != n))
            return FALSE;
        g_autoptr(GanTensor) slopes = gan_weights_find(weights, slopes_name) == NULL
                                          ? NULL
                                          : gan_weights_tensor(weights, slopes_name, NULL);
        if (slopes != NULL && gan_tensor_length(slopes) != weight->shape[0])
            return FALSE;
        const gsize taps = weight->shape[2] * weight->shape[3];
        double *y = g_try_new(double, weight->shape[0]);
        if (y == NULL)
            return FALSE;
        for (gsize o = 0; o < weight->shape[0]; o++) {
            y[o] = bias->data[o];
            for (gsize c = 0; c < weight->shape[1]; c++) {
                const float *w = weight->data + (o * weight->shape[1] + c) * taps;
                double sum = 0;
                for (gsize t = 0; t < taps; t++)
                    sum += w[t];
                y[o] += sum * (x == NULL ? in : x[c]);
            }
            if (i < last && y[o] < 0)
                y[o] *= slopes == NULL ? slope : slopes->data[o];
        }
        g_free(x);
        x = y;
        n = weight->shape[0];
    }
    *lowest = *highest = x[0];
    for (gsize o = 1; o < n; o++) {
        *lowest = MIN(*lowest, x[o]);
        *highest = MAX(*highest, x[o]);
    }
    return TRUE;
}

// Forks train the network without the skip, and the file does not tell. A network that makes the
// picture itself must map flat grey to about the same grey, at any level and in every output
// channel; with the skip added such a body would double the brightness. So a body that does so is
// plain, and any other has the skip.
static gboolean is_plain(GanWeights *weights, guint last, float slope)
{
    for (guint i = 1; i <= 3; i++) {
        const double grey = i / 4.;
        double lowest, highest;
        if (!flat_response(weights, last, slope, grey, &lowest, &highest) || lowest < grey - 0.1 ||
            highest > grey + 0.1)
            return FALSE;
    }
    return TRUE;
}

static void sizes_of_file(GanNet *net, const GanModelOptions *options, GanSizes *sizes)
{
    GanWeights *weights = gan_net_weights(net);
    const guint last = gan_family_count(weights, "body.", ".weight") - 1;
    g_autofree char *last_name = g_strdup_printf("body.%u", last);
    const guint out = gan_family_outputs(net, last_name);
    sizes->channels_in = gan_family_inputs(net, "body.0");
    sizes->scale = gan_family_shuffle(out, sizes->channels_in);
    sizes->channels_out = out / MAX(sizes->scale * sizes->scale, 1);
    sizes->features = gan_family_outputs(net, "body.0");
    sizes->blocks = (last - 2) / 2;
    const gboolean leaky = g_strcmp0(options->activation, "leakyrelu") == 0;
    if (!gan_family_has(weights, "body.1.weight", 1))
        sizes->form |= leaky ? LEAKY : RELU;
    if (is_plain(weights, last, leaky ? LEAKY_SLOPE : 0))
        sizes->form |= PLAIN;
    if (sizes->scale == 0 || (!(sizes->form & PLAIN) && sizes->channels_in != 1 &&
                              sizes->channels_out != sizes->channels_in)) {
        g_autofree char *weight = g_strdup_printf("%s.weight", last_name);
        gan_family_fail(net, weight, "%u s^2 outputs for a whole s", sizes->channels_in);
    }
}

static void describe(const GanSizes *sizes, GanModelInfo *info)
{
    info->title = g_strdup_printf("SRVGGNetCompact %u/%u, %s%s", sizes->features, sizes->blocks,
                                  sizes->form & RELU    ? "ReLU"
                                  : sizes->form & LEAKY ? "leaky ReLU"
                                                        : "PReLU",
                                  sizes->form & PLAIN ? ", no skip" : "");
}

static GanNode *activate(GanNet *net, const char *name, GanNode *x, const GanSizes *sizes)
{
    return sizes->form & RELU    ? gan_relu(x)
           : sizes->form & LEAKY ? gan_lrelu(x, LEAKY_SLOPE)
                                 : gan_prelu(net, name, x);
}

static GanNode *build(GanNet *net, const GanSizes *sizes)
{
    const guint s = sizes->scale;
    GanNode *x = gan_input(net, 0), *y = x;
    char conv[16], activation[16];
    gan_push(net, "body");
    for (guint i = 0; i <= sizes->blocks; i++) {
        g_snprintf(conv, sizeof conv, "%u", 2 * i);
        g_snprintf(activation, sizeof activation, "%u", 2 * i + 1);
        y = gan_conv2d(net, conv, y, sizes->features, 3);
        y = activate(net, activation, y, sizes);
    }
    g_snprintf(conv, sizeof conv, "%u", 2 * sizes->blocks + 2);
    y = gan_pixel_shuffle(gan_conv2d(net, conv, y, sizes->channels_out * s * s, 3), s);
    gan_pop(net);
    if (sizes->form & PLAIN)
        return y;
    GanNode *skip = gan_upsample_nearest(x, s);
    return y->channels == x->channels ? gan_add(y, skip) : gan_sum(y, skip);
}

const GanFamily gan_family_srvgg = {
    .name = "srvgg",
    .title = "Compact",
    .task = GAN_TASK_UPSCALE,
    .recognise = recognise,
    .sizes_of_file = sizes_of_file,
    .describe = describe,
    .stack = "body",
    .stack_extra = 2,
    .build = build,
};
