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
//
// A transposed convolution of 1 x 1 is a 1x1 convolution to k^2 times the channels and a pixel
// shuffle; one of stride 2 a 3x3 convolution to four times the channels and a shuffle by 2, each of
// the four with the taps that its pixels get. So the fast kernels run them, and the batch norm that
// follows goes into the weights.
#include "family.h"

#include <math.h>
#include <string.h>

#define EPS 1e-5

static gboolean detect(const GanWeights *weights)
{
    const GanWeightsEntry *first = gan_weights_find(weights, "main.0.weight"),
                          *second = gan_weights_find(weights, "main.3.weight");
    return first != NULL && second != NULL && first->rank == 4 && second->rank == 4 &&
           second->shape[0] == first->shape[1] && second->shape[2] == 4 &&
           gan_family_has(weights, "main.1.running_mean", 1);
}

// All tensors become parts of the convolutions' weights, which are made anew.
static gboolean spare(const GanWeights *weights, const char *name)
{
    return g_str_has_prefix(name, "main.");
}

// A tensor by its name, checked; NULL after an error, which sticks.
static GanTensor *tensor_of(GanNet *net, const char *name, guint rank, gsize d0, gsize d1, gsize k)
{
    const gsize shape[] = {d0, d1, k, k};
    const GanWeightsEntry *entry = gan_weights_find(gan_net_weights(net), name);
    if (entry == NULL || entry->rank != rank ||
        memcmp(entry->shape, shape, rank * sizeof *shape) != 0) {
        g_autofree char *wanted = gan_shape_text(rank, shape);
        gan_family_fail(net, name, "%s", wanted);
        return NULL;
    }
    GError *error = NULL;
    GanTensor *tensor = gan_weights_tensor(gan_net_weights(net), name, &error);
    if (tensor == NULL)
        gan_net_fail(net, error);
    return tensor;
}

// The scale and shift of the batch norm behind a layer; 1 and 0 where there is none. `n` channels.
static gboolean norm_of(GanNet *net, guint layer, gsize n, gboolean has_norm, double *scale,
                        double *shift)
{
    static const char *const parts[] = {"weight", "bias", "running_mean", "running_var"};
    GanTensor *t[4] = {NULL};
    gboolean whole = TRUE;
    for (guint k = 0; k < 4 && has_norm; k++) {
        g_autofree char *name = g_strdup_printf("main.%u.%s", layer + 1, parts[k]);
        t[k] = tensor_of(net, name, 1, n, 0, 0);
        whole = whole && t[k] != NULL;
    }
    for (gsize i = 0; whole && i < n; i++) {
        scale[i] = has_norm ? t[0]->data[i] / sqrt((double)t[3]->data[i] + EPS) : 1;
        shift[i] = has_norm ? t[1]->data[i] - scale[i] * t[2]->data[i] : 0;
    }
    for (guint k = 0; k < 4; k++)
        gan_tensor_unref(t[k]);
    return whole;
}

// Output pixel a of a pair and tap t of the 3x3 convolution: the row of the 4x4 kernel that counts
// there, or one outside of it.
static gssize row_of(gsize a, gsize t)
{
    return (gssize)(a + 3) - 2 * (gssize)t;
}

// Fills the weight of the convolution that stands for `from`, [in, out, k, k]: [out f f, in, taps,
// taps], f x f pixels out of one.
static void rearrange(const GanTensor *from, gsize f, gsize taps, const double *scale, float *to)
{
    const gsize n_in = from->shape[0], n_out = from->shape[1], k = from->shape[2];
    for (gsize o = 0; o < n_out; o++)
        for (gsize p = 0; p < f * f; p++)
            for (gsize i = 0; i < n_in; i++)
                for (gsize t = 0; t < taps * taps; t++, to++) {
                    const gssize y = taps == 1 ? (gssize)(p / f) : row_of(p / f, t / taps),
                                 x = taps == 1 ? (gssize)(p % f) : row_of(p % f, t % taps);
                    const gboolean inside = y >= 0 && x >= 0 && (gsize)y < k && (gsize)x < k;
                    *to = inside
                              ? (float)(scale[o] *
                                        from->data[((i * n_out + o) * k + (gsize)y) * k + (gsize)x])
                              : 0;
                }
}

// A transposed convolution with its batch norm. `first`: of 1 x 1; else of stride 2.
static GanNode *layer(GanNet *net, guint number, GanNode *x, gboolean first, gboolean has_norm)
{
    g_autofree char *name = g_strdup_printf("main.%u.weight", number);
    const GanWeightsEntry *entry = gan_weights_find(gan_net_weights(net), name);
    if (entry == NULL || entry->rank != 4 || entry->shape[1] == 0 || entry->shape[1] > 32768 ||
        entry->shape[2] == 0 || entry->shape[2] > 16) {
        gan_family_fail(net, name, "[%u,outputs,%s]", x->channels, first ? "k,k" : "4,4");
        return x;
    }
    const gsize n = entry->shape[1], k = first ? entry->shape[2] : 4, f = first ? k : 2;
    const gsize taps = first ? 1 : 3, shape[] = {n * f * f, x->channels, taps, taps};
    g_autoptr(GanTensor) from = tensor_of(net, name, 4, x->channels, n, k);
    g_autofree double *scale = g_new(double, n), *shift = g_new(double, n);
    if (from == NULL || !norm_of(net, number, n, has_norm, scale, shift))
        return x;
    GError *error = NULL;
    g_autoptr(GanTensor) weight = gan_tensor_new(4, shape, &error);
    g_autoptr(GanTensor) bias = weight != NULL ? gan_tensor_new(1, shape, &error) : NULL;
    if (bias == NULL) {
        gan_net_fail(net, error);
        return x;
    }
    rearrange(from, f, taps, scale, weight->data);
    for (gsize o = 0; o < n * f * f; o++)
        bias->data[o] = (float)shift[o / (f * f)];
    GanNode *w = gan_constant(net, name, g_steal_pointer(&weight));
    GanNode *b = gan_constant(net, "bias", g_steal_pointer(&bias));
    return gan_pixel_shuffle(gan_conv2d_with(x, w, b), (guint)f);
}

static GanNode *build(GanNet *net, const GanModelOptions *options, GanModelInfo *info)
{
    const GanWeights *weights = gan_net_weights(net);
    const guint last = gan_family_count(weights, "main.", ".weight") - 1;
    g_autofree char *last_name = g_strdup_printf("main.%u", last);
    // [in, out]: a transposed convolution's weight.
    const guint n = gan_family_outputs(net, last_name);
    GanNode *x = gan_input(net, gan_family_outputs(net, "main.0")), *y = x;
    guint side = 1;
    for (guint i = 0; i <= last; i += 3) {
        const guint before = y->channels;
        y = layer(net, i, y, i == 0, i < last);
        if (y->channels == before && y == x)
            break;
        side *= i == 0 ? (guint)gan_weights_find(weights, "main.0.weight")->shape[2] : 2;
        y = i < last ? gan_relu(y) : gan_tanh(y);
    }
    info->inputs[0].kind = GAN_END_LATENT;
    info->output.low = -1; // tanh
    info->output.high = 1;
    info->title = g_strdup_printf("DCGAN %u, %u x %u", n, side, side);
    if (y->channels != 1 && y->channels != 3)
        gan_family_fail(net, "main.0.weight", "layers that end in 1 or 3 channels; they end in %u",
                        y->channels);
    if (last % 3 != 0) {
        g_autofree char *name = g_strdup_printf("main.%u.weight", last);
        gan_family_fail(net, name, "a number of layer that is a multiple of 3");
    }
    return y;
}

const GanFamily gan_family_dcgan = {
    .name = "dcgan",
    .title = "DCGAN",
    .task = GAN_TASK_GENERATE,
    .detect = detect,
    .build = build,
    .spare = spare,
};
