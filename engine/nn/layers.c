// SPDX-License-Identifier: LGPL-3.0-or-later
// Layers with weights.
#include "net-private.h"

#include <math.h>
#include <string.h>

#define NORM_EPS 1e-5f
#define MOMENTUM 0.1f
#define SPECTRAL_EPS 1e-12f

static const GanStart zeros = {.rule = "zeros"}, ones = {.rule = "ones"};

// --- spectral normalisation: Miyato, Kataoka, Koyama, Yoshida 2018, arXiv:1802.05957 ---

// v / max(|v|, eps); as sqrt(max(v v, eps^2)).
static GanNode *unit(GanNode *v)
{
    GanNode *norm = gan_square_root(gan_clamp(gan_reduce_sum(gan_square(v), GAN_AXIS_ALL),
                                              SPECTRAL_EPS * SPECTRAL_EPS, G_MAXFLOAT));
    return gan_quotient(v, norm);
}

// The weight over its largest singular value. Its matrix has `rows` rows along axis 0, or along
// axis 1 for transposed convolutions.
static GanNode *spectral(GanNet *net, const char *name, GanNode *weight, gsize rows, gsize columns,
                         gboolean transposed)
{
    const GanStart start = {.rule = "normal"};
    GanNode *u = gan_net_value(net, name, ".weight_u", GAN_PARAMETER_BUFFER, 1, &rows, &start);
    GanNode *v = gan_net_value(net, name, ".weight_v", GAN_PARAMETER_BUFFER, 1, &columns, &start);
    GanNode *ordered = transposed ? gan_transpose(weight, 1, 0, 2, 3) : weight;
    GanNode *matrix = gan_reshape(ordered, 1, 1, (int)rows, (int)columns);
    if (net->training) {
        // Row vectors: v = u W, u = v W^T.
        GanNode *frozen = gan_stop(matrix);
        v = gan_stop(unit(gan_matmul(u, FALSE, frozen, FALSE)));
        u = gan_stop(unit(gan_matmul(v, FALSE, frozen, TRUE)));
        gan_net_change(net, name, ".weight_u", u);
        gan_net_change(net, name, ".weight_v", v);
    }
    GanNode *sigma = gan_reduce_sum(
        gan_product(gan_matmul(gan_stop(v), FALSE, matrix, TRUE), gan_stop(u)), GAN_AXIS_ALL);
    return gan_quotient(weight, sigma);
}

// --- convolutions and linear layers ---

// "<name>.weight" or its spectral form.
static GanNode *layer_weight(GanNet *net, const char *name, guint rank, const gsize *shape,
                             const GanConv *conv, gboolean transposed)
{
    const GanStart start = {.rule = net->weight_rule != NULL ? net->weight_rule : "default"};
    if (!conv->spectral)
        return gan_net_value(net, name, ".weight", GAN_PARAMETER_WEIGHT, rank, shape, &start);
    GanNode *weight =
        gan_net_value(net, name, ".weight_orig", GAN_PARAMETER_WEIGHT, rank, shape, &start);
    gsize length = 1;
    for (guint i = 0; i < rank; i++)
        length *= shape[i];
    const gsize rows = shape[transposed ? 1 : 0];
    return spectral(net, name, weight, rows, length / rows, transposed);
}

static GanNode *layer_bias(GanNet *net, const char *name, gsize channels, guint weight_rank,
                           const gsize *weight_shape, const GanConv *conv)
{
    const GanStart start = {.rule = net->weight_rule != NULL ? "zeros" : NULL,
                            .weight = weight_shape,
                            .rank = weight_rank};
    return conv->no_bias
               ? NULL
               : gan_net_value(net, name, ".bias", GAN_PARAMETER_WEIGHT, 1, &channels, &start);
}

static guint padding(const GanConv *conv, guint kernel)
{
    return conv->unpadded ? 0 : MAX(conv->dilation, 1) * (kernel - 1) / 2;
}

static GanConvParams params_of(const GanConv *conv, guint kernel, guint pad)
{
    return (GanConvParams){.kernel_h = kernel,
                           .kernel_w = kernel,
                           .stride = conv->stride,
                           .dilation = conv->dilation,
                           .groups = conv->groups,
                           .pad_top = conv->pad_behind ? 0 : pad,
                           .pad_left = conv->pad_behind ? 0 : pad,
                           .pad_bottom = pad,
                           .pad_right = pad,
                           .output_pad = conv->output_pad,
                           .pad_mode = conv->pad_mode};
}

GanNode *gan_conv2d_with(GanNet *net, const char *name, GanNode *x, guint channels, guint kernel,
                         GanConv conv)
{
    const gsize shape[] = {channels, x->channels / MAX(conv.groups, 1), kernel, kernel};
    GanNode *weight = layer_weight(net, name, 4, shape, &conv, FALSE);
    GanNode *bias = layer_bias(net, name, channels, 4, shape, &conv);
    const GanConvParams params = params_of(&conv, kernel, padding(&conv, kernel));
    return gan_convolution(x, weight, bias, channels, &params);
}

GanNode *gan_conv2d(GanNet *net, const char *name, GanNode *x, guint channels, guint kernel)
{
    return gan_conv2d_with(net, name, x, channels, kernel, (GanConv){0});
}

GanNode *gan_conv2d_of(GanNode *x, const char *name, GanTensor *weight, GanTensor *bias)
{
    g_autofree char *bias_name = g_strconcat(name, " bias", NULL);
    const guint channels = (guint)weight->shape[0], kernel = (guint)weight->shape[2];
    const GanConv usual = {0};
    const GanConvParams params = params_of(&usual, kernel, padding(&usual, kernel));
    GanNode *w = gan_net_constant(x->graph, name, weight);
    GanNode *b = gan_net_constant(x->graph, bias_name, bias);
    return gan_convolution(x, w, b, channels, &params);
}

// --- transposed convolutions ---

// A transposed convolution makes `factor` x `factor` pixels of each: a convolution with as many
// times the channels, and a pixel shuffle. So the fast kernels run it. Its weight is [out factor
// factor, in, taps, taps], with taps / 2 pixels around the one that becomes a block.
static GanNode *as_shuffled(GanNet *net, const char *name, GanNode *x, guint channels, guint kernel,
                            guint factor, guint pad, guint taps, gboolean has_bias)
{
    g_autofree char *weight_name = g_strconcat(name, ".weight", NULL);
    g_autofree char *bias_name = g_strconcat(name, ".bias", NULL);
    g_autofree char *full = gan_net_full_name(net, weight_name, "");
    const gsize n_in = x->channels, n_out = channels, k = kernel, f = factor;
    const gsize from_shape[] = {n_in, n_out, k, k}, shape[] = {n_out * f * f, n_in, taps, taps};
    g_autoptr(GanTensor) from = gan_net_tensor(net, weight_name, 4, from_shape);
    g_autoptr(GanTensor) from_bias = has_bias ? gan_net_tensor(net, bias_name, 1, &n_out) : NULL;
    GanTensor *weight = gan_net_new_tensor(net, 4, shape);
    GanTensor *bias = gan_net_new_tensor(net, 1, shape);
    if (net->error == NULL)
        memset(weight->data, 0, gan_tensor_length(weight) * sizeof(float));
    for (gsize o = 0; net->error == NULL && o < n_out; o++) {
        for (gsize phase = 0; phase < f * f; phase++)
            bias->data[o * f * f + phase] = from_bias != NULL ? from_bias->data[o] : 0;
        for (gsize i = 0; i < n_in; i++)
            for (gsize t = 0; t < k * k; t++) {
                // Place p makes pixel `phase` of a block, from the input pixel at distance d:
                // p = phase + pad - f d. The farthest d are -taps / 2 and taps / 2.
                const gsize beyond = f * (taps / 2) + t / k - pad,
                            beside = f * (taps / 2) + t % k - pad;
                const gsize phase = beyond % f * f + beside % f;
                const gsize tap = (taps - 1 - beyond / f) * taps + taps - 1 - beside / f;
                weight->data[((o * f * f + phase) * n_in + i) * taps * taps + tap] =
                    from->data[(i * n_out + o) * k * k + t];
            }
    }
    GanNode *conv = gan_conv2d_of(x, full, weight, bias);
    conv->attributes.transposed_kernel = kernel;
    conv->attributes.transposed_pad = pad;
    return gan_pixel_shuffle(conv, factor);
}

static GanNode *transposed(GanNet *net, const char *name, GanNode *x, guint channels, guint kernel,
                           const GanConv *conv)
{
    const gsize shape[] = {x->channels, channels / MAX(conv->groups, 1), kernel, kernel};
    GanNode *weight = layer_weight(net, name, 4, shape, conv, TRUE);
    GanNode *bias = layer_bias(net, name, channels, 4, shape, conv);
    const GanConvParams params = params_of(conv, kernel, padding(conv, kernel));
    return gan_transposed_convolution(x, weight, bias, channels, &params);
}

GanNode *gan_conv_transpose2d(GanNet *net, const char *name, GanNode *x, guint channels,
                              guint kernel, GanConv conv)
{
    const guint pad = padding(&conv, kernel), stride = MAX(conv.stride, 1);
    const gboolean is_plain = !conv.spectral && conv.groups <= 1 && conv.dilation <= 1;
    // Blocks of stride x stride pixels, one for each pixel, and no pixels beside them.
    if (net->weights == NULL || !is_plain || kernel + conv.output_pad != stride + 2 * pad)
        return transposed(net, name, x, channels, kernel, &conv);
    const guint farthest = MAX(kernel - 1 - pad, stride - 1 + pad) / stride;
    return as_shuffled(net, name, x, channels, kernel, stride, pad, 2 * farthest + 1,
                       !conv.no_bias);
}

GanNode *gan_project(GanNet *net, const char *name, GanNode *x, guint channels, guint kernel,
                     GanConv conv)
{
    conv.unpadded = TRUE;
    return net->weights == NULL
               ? transposed(net, name, x, channels, kernel, &conv)
               : as_shuffled(net, name, x, channels, kernel, kernel, 0, 1, !conv.no_bias);
}

GanNode *gan_linear(GanNet *net, const char *name, GanNode *x, guint inputs, guint outputs,
                    GanConv conv)
{
    const gsize shape[] = {outputs, inputs};
    GanNode *weight = layer_weight(net, name, 2, shape, &conv, FALSE);
    GanNode *bias = layer_bias(net, name, outputs, 2, shape, &conv);
    // N C H W, one row for each image.
    GanNode *flat = gan_reshape(gan_transpose(x, 0, 3, 1, 2), 1, 1, GAN_REST, (int)inputs);
    GanNode *y = gan_matmul(flat, FALSE, weight, TRUE);
    if (bias != NULL)
        y = gan_sum(y, bias);
    return gan_reshape(y, GAN_REST, 1, 1, (int)outputs);
}

// --- normalisations ---

GanNode *gan_normalise(GanNode *x, guint axes, float eps, GanNode **mean, GanNode **variance)
{
    *mean = gan_reduce_mean(x, axes);
    GanNode *centred = gan_difference(x, *mean);
    *variance = gan_reduce_mean(gan_square(centred), axes);
    GanNode *scale = gan_reciprocal(gan_square_root(gan_linear_map(*variance, 1, eps)));
    return gan_product(centred, scale);
}

// y * weight + bias with one of each for a channel.
static GanNode *scaled(GanNet *net, const char *name, GanNode *y, gsize channels)
{
    const GanStart start = {.rule = net->norm_rule != NULL ? net->norm_rule : "ones"};
    GanNode *weight =
        gan_net_value(net, name, ".weight", GAN_PARAMETER_WEIGHT, 1, &channels, &start);
    GanNode *bias = gan_net_value(net, name, ".bias", GAN_PARAMETER_WEIGHT, 1, &channels, &zeros);
    if (net->weights == NULL)
        return gan_sum(gan_product(y, weight), bias);
    GanNode *inputs[] = {y, weight, bias};
    const GanAttributes attributes = gan_attributes_default();
    return gan_graph_append(net->graph, GAN_OP_AFFINE, weight->name, inputs, 3, &attributes);
}

// gamma (x - mean) / sqrt(variance + eps) + beta = s x + (beta - s mean), s = gamma / sqrt(variance
// + eps), of a file's numbers.
static GanNode *folded_batch_norm(GanNet *net, const char *name, GanNode *x, float eps)
{
    static const char *const parts[] = {".weight", ".bias", ".running_mean", ".running_var"};
    const gsize n = x->channels;
    GanTensor *t[4];
    for (guint k = 0; k < 4; k++) {
        g_autofree char *part = g_strconcat(name, parts[k], NULL);
        t[k] = gan_net_tensor(net, part, 1, &n);
    }
    g_autofree float *values = g_new0(float, 2 * n);
    for (gsize i = 0; net->error == NULL && i < n; i++) {
        const double s = t[0]->data[i] / sqrt((double)t[3]->data[i] + (double)eps);
        values[i] = (float)s;
        values[n + i] = (float)(t[1]->data[i] - s * t[2]->data[i]);
    }
    for (guint k = 0; k < 4; k++)
        gan_tensor_unref(t[k]);
    return gan_affine_channels(net, x, values, values + n);
}

// The running variance is unbiased: n / (n - 1) for n places.
static GanNode *unbiased(GanNode *variance, GanNode *x)
{
    GanNode *share = gan_share(x, GAN_AXIS_N | GAN_AXIS_H | GAN_AXIS_W);
    return gan_quotient(variance, gan_linear_map(share, -1, 1));
}

GanNode *gan_batch_norm_with(GanNet *net, const char *name, GanNode *x, float eps)
{
    const gsize n = x->channels;
    if (net->weights != NULL && !net->training)
        return folded_batch_norm(net, name, x, eps);
    GanNode *running_mean =
        gan_net_value(net, name, ".running_mean", GAN_PARAMETER_BUFFER, 1, &n, &zeros);
    GanNode *running_variance =
        gan_net_value(net, name, ".running_var", GAN_PARAMETER_BUFFER, 1, &n, &ones);
    GanNode *y;
    if (net->training) {
        GanNode *mean, *variance;
        y = gan_normalise(x, GAN_AXIS_N | GAN_AXIS_H | GAN_AXIS_W, eps, &mean, &variance);
        gan_net_change(net, name, ".running_mean",
                       gan_binary(running_mean, mean, GK_BINARY_ADD, 1 - MOMENTUM, MOMENTUM));
        gan_net_change(net, name, ".running_var",
                       gan_binary(running_variance, unbiased(variance, x), GK_BINARY_ADD,
                                  1 - MOMENTUM, MOMENTUM));
    } else {
        GanNode *scale = gan_reciprocal(gan_square_root(gan_linear_map(running_variance, 1, eps)));
        y = gan_product(gan_difference(x, running_mean), scale);
    }
    return scaled(net, name, y, n);
}

GanNode *gan_batch_norm(GanNet *net, const char *name, GanNode *x)
{
    return gan_batch_norm_with(net, name, x, NORM_EPS);
}

GanNode *gan_instance_norm(GanNet *net, const char *name, GanNode *x)
{
    GanNode *y;
    if (net->training) {
        GanNode *mean, *variance;
        y = gan_normalise(x, GAN_AXIS_H | GAN_AXIS_W, NORM_EPS, &mean, &variance);
    } else {
        y = gan_normalised(x, gan_moments(x, x->channels, FALSE), NORM_EPS);
    }
    return name == NULL ? y : scaled(net, name, y, x->channels);
}

GanNode *gan_group_norm(GanNet *net, const char *name, GanNode *x, guint groups)
{
    GanNode *mean, *variance, *y;
    g_return_val_if_fail(groups > 0 && x->channels % groups == 0, x);
    if (!net->training) {
        y = gan_normalised(x, gan_moments(x, groups, FALSE), NORM_EPS);
    } else if (groups == 1) {
        y = gan_normalise(x, GAN_AXIS_H | GAN_AXIS_W | GAN_AXIS_C, NORM_EPS, &mean, &variance);
    } else {
        // N, pixels, groups, channels of a group.
        GanNode *split =
            gan_reshape(x, GAN_KEEP(0), GAN_REST, (int)groups, (int)(x->channels / groups));
        y = gan_normalise(split, GAN_AXIS_H | GAN_AXIS_C, NORM_EPS, &mean, &variance);
        GanNode *inputs[] = {y, x};
        const GanAttributes attributes = gan_attributes_default();
        y = gan_graph_append(x->graph, GAN_OP_RESHAPE, x->name, inputs, 2, &attributes);
    }
    return scaled(net, name, y, x->channels);
}

GanNode *gan_layer_norm(GanNet *net, const char *name, GanNode *x)
{
    return gan_group_norm(net, name, x, 1);
}

// --- PReLU ---

// max(x, 0) + a min(x, 0) with one slope for all channels.
static GanNode *shared_prelu(GanNode *x, GanNode *slope)
{
    return gan_sum(gan_binary(x, x, GK_BINARY_STEP, 1, 0),
                   gan_product(gan_binary(x, x, GK_BINARY_STEP, 0, 1), slope));
}

GanNode *gan_prelu(GanNet *net, const char *name, GanNode *x)
{
    const gsize n = gan_net_length(net, name) == 1 ? 1 : x->channels;
    const GanStart start = {.rule = "constant(value=0.25)"};
    GanNode *slopes = gan_net_value(net, name, ".weight", GAN_PARAMETER_WEIGHT, 1, &n, &start);
    // Training kernels have slopes for channels.
    if (net->weights == NULL && n == 1 && x->channels > 1)
        return shared_prelu(x, slopes);
    GanAttributes attributes = gan_attributes_default();
    attributes.activation = GK_ACT_PRELU;
    GanNode *inputs[] = {x, slopes};
    return gan_graph_append(x->graph, GAN_OP_ACTIVATE, x->name, inputs, 2, &attributes);
}
