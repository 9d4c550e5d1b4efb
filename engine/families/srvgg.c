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
//   + the input, nearest-upsampled by s
#include "family.h"

#define LEAKY_SLOPE 0.1f

static gboolean detect(const GanWeights *weights)
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

static GanNode *build(GanNet *net, const GanModelOptions *options, GanModelInfo *info)
{
    GanWeights *weights = gan_net_weights(net);
    const guint last = gan_family_count(weights, "body.", ".weight") - 1;
    const guint nf = gan_family_outputs(net, "body.0");
    const gboolean prelu = gan_family_has(weights, "body.1.weight", 1);
    const gboolean leaky = g_strcmp0(options->activation, "leakyrelu") == 0;
    const float slope = leaky ? LEAKY_SLOPE : 0;
    g_autofree char *last_name = g_strdup_printf("body.%u", last);
    const guint out = gan_family_outputs(net, last_name);

    GanNode *x = gan_input(net, gan_family_inputs(net, "body.0"));
    GanNode *y = x;
    gan_push(net, "body");
    for (guint i = 0; i < last; i += 2) {
        g_autofree char *conv = g_strdup_printf("%u", i);
        g_autofree char *activation = g_strdup_printf("%u", i + 1);
        y = gan_family_conv(net, conv, y, nf, 3);
        y = prelu ? gan_prelu(net, activation, y) : gan_lrelu(y, slope);
    }
    g_autofree char *conv = g_strdup_printf("%u", last);
    y = gan_family_conv(net, conv, y, out, 3);
    gan_pop(net);

    const guint scale = gan_family_shuffle(out, x->channels);
    const gboolean plain = is_plain(weights, last, slope);
    info->title = g_strdup_printf("SRVGGNetCompact %u/%u, %s%s", nf, (last - 2) / 2,
                                  prelu   ? "PReLU"
                                  : leaky ? "leaky ReLU"
                                          : "ReLU",
                                  plain ? ", no skip" : "");
    if (scale == 0 || (!plain && out != x->channels * scale * scale)) {
        g_autofree char *weight = g_strdup_printf("%s.weight", last_name);
        gan_family_fail(net, weight, "%u s^2 outputs for a whole s", x->channels);
        return x;
    }
    y = gan_pixel_shuffle(y, scale);
    return plain ? y : gan_add(y, gan_upsample_nearest(x, scale));
}

const GanFamily gan_family_srvgg = {
    .name = "srvgg",
    .title = "SRVGGNetCompact",
    .task = GAN_TASK_UPSCALE,
    .detect = detect,
    .build = build,
};
