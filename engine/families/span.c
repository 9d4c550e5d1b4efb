// SPDX-License-Identifier: LGPL-3.0-or-later
// SPAN, the Swift Parameter-free Attention Network.
//
// Wan et al., "Swift Parameter-free Attention Network for Efficient Super-Resolution",
// arXiv:2311.12770; hongyuanyu/SPAN, basicsr/archs/span_arch.py.
//
//   conv_1                     in -> f, of (x - mean) 255, or of x where the file has "no_norm"
//   block_1 ... block_6        SPAB, f -> f
//   conv_2                     f -> f
//   conv_cat                   1x1, [conv_1, conv_2, block 1, SiLU(c1_r) of the last block] -> f
//   upsampler.0                3x3, f -> out s^2, pixel shuffle s
//
//   SPAB:  o1 = c1_r(x), o2 = c2_r(SiLU(o1)), o3 = c3_r(SiLU(o2)), (o3 + x) (sigmoid(o3) - 1/2)
//
// Every conv but the last two is a Conv3XC: in training conv.0 1x1 -> conv.1 3x3 -> conv.2 1x1,
// plus sk 1x1 of the input, all with biases; "eval_conv" 3x3 is the same in one. The stored
// eval_conv may be older than the other tensors, so it is computed anew where they are there. The
// authors' code joins the last block's first convolution after its SiLU, because that works in
// place. The output is not taken back to x's range: conv_cat and upsampler learn that.
#include "family.h"

#include <string.h>

#define IMG_RANGE 255.f
static const float rgb_mean[3] = {0.4488f, 0.4371f, 0.4040f};

static gboolean has_conv3xc(const GanWeights *weights, const char *name)
{
    g_autofree char *sk = g_strconcat(name, ".sk.weight", NULL);
    g_autofree char *eval = g_strconcat(name, ".eval_conv.weight", NULL);
    return gan_family_has(weights, sk, 4) || gan_family_has(weights, eval, 4);
}

// Whether the training tensors are there; if but one is, the others must be, too.
static gboolean is_trained(const GanWeights *weights, const char *name)
{
    static const char *const parts[] = {".sk.weight", ".conv.0.weight", ".conv.1.weight",
                                        ".conv.2.weight"};
    for (guint i = 0; i < G_N_ELEMENTS(parts); i++) {
        g_autofree char *full = g_strconcat(name, parts[i], NULL);
        if (gan_family_has(weights, full, 0))
            return TRUE;
    }
    return FALSE;
}

static gboolean detect(const GanWeights *weights)
{
    return has_conv3xc(weights, "conv_1") && has_conv3xc(weights, "block_1.c1_r") &&
           gan_family_has(weights, "conv_cat.weight", 4);
}

// Training tensors go into fused ones, in place of the stored ones.
static gboolean spare(const GanWeights *weights, const char *name)
{
    return strcmp(name, "no_norm") == 0 ||
           (is_trained(weights, "conv_1") &&
            (strstr(name, ".sk.") != NULL || strstr(name, ".conv.") != NULL ||
             strstr(name, ".eval_conv.") != NULL));
}

// The tensor "<name>.<part>", checked; NULL when it is not there or an error stuck to the net.
static GanTensor *part_of(GanNet *net, const char *name, const char *part, guint rank, gsize d0,
                          gsize d1, gsize k)
{
    g_autofree char *full = g_strconcat(name, ".", part, NULL);
    const gsize shape[] = {d0, d1, k, k};
    const GanWeightsEntry *entry = gan_weights_find(gan_net_weights(net), full);
    if (entry == NULL || entry->rank != rank ||
        memcmp(entry->shape, shape, rank * sizeof *shape) != 0) {
        g_autofree char *wanted = gan_shape_text(rank, shape);
        gan_family_fail(net, full, "%s", wanted);
        return NULL;
    }
    GError *error = NULL;
    GanTensor *tensor = gan_weights_tensor(gan_net_weights(net), full, &error);
    if (tensor == NULL)
        gan_net_fail(net, error);
    return tensor;
}

// The tensors of one Conv3XC with i inputs, a and b inner channels and o outputs.
typedef struct {
    gsize i, a, b, o;
    const float *w0, *b0, *w1, *b1, *w2, *b2, *ws, *bs;
} Conv3xc;

//   W[o,i,y,x] = sum_b w2[o,b] sum_a w1[b,a,y,x] w0[a,i]   + ws[o,i] in the middle
//   B[o]       = sum_b w2[o,b] (b1[b] + sum_a b0[a] sum_yx w1[b,a,y,x]) + b2[o] + bs[o]
// In double: the sums cancel. Exact at borders too, since training pads conv.0's input and so lets
// its bias reach the padding.
static gboolean fuse(const Conv3xc *c, float *weight, float *bias)
{
    // inner[b, i, t] = sum_a w1[b,a,t] w0[a,i]
    g_autofree double *inner = g_try_new0(double, c->b * c->i * 9);
    g_autofree double *inner_bias = g_try_new(double, c->b);
    if (inner == NULL || inner_bias == NULL)
        return FALSE;
    for (gsize b = 0; b < c->b; b++) {
        inner_bias[b] = c->b1[b];
        for (gsize a = 0; a < c->a; a++)
            for (gsize t = 0; t < 9; t++) {
                const double w1 = c->w1[(b * c->a + a) * 9 + t];
                inner_bias[b] += w1 * c->b0[a];
                for (gsize i = 0; i < c->i; i++)
                    inner[(b * c->i + i) * 9 + t] += w1 * c->w0[a * c->i + i];
            }
    }
    for (gsize o = 0; o < c->o; o++) {
        for (gsize k = 0; k < c->i * 9; k++) {
            double sum = k % 9 == 4 ? c->ws[o * c->i + k / 9] : 0;
            for (gsize b = 0; b < c->b; b++)
                sum += c->w2[o * c->b + b] * inner[b * c->i * 9 + k];
            weight[o * c->i * 9 + k] = (float)sum;
        }
        double sum = (double)c->b2[o] + c->bs[o];
        for (gsize b = 0; b < c->b; b++)
            sum += c->w2[o * c->b + b] * inner_bias[b];
        bias[o] = (float)sum;
    }
    return TRUE;
}

// Convolution fused from the training tensors; x where they are wrong.
static GanNode *fused_conv(GanNet *net, const char *name, GanNode *x, gsize out)
{
    g_autofree char *first = g_strconcat(name, ".conv.0", NULL);
    g_autofree char *second = g_strconcat(name, ".conv.1", NULL);
    const gsize i = x->channels, a = gan_family_outputs(net, first),
                b = gan_family_outputs(net, second);
    g_autoptr(GanTensor) w0 = part_of(net, name, "conv.0.weight", 4, a, i, 1);
    g_autoptr(GanTensor) b0 = part_of(net, name, "conv.0.bias", 1, a, 0, 0);
    g_autoptr(GanTensor) w1 = part_of(net, name, "conv.1.weight", 4, b, a, 3);
    g_autoptr(GanTensor) b1 = part_of(net, name, "conv.1.bias", 1, b, 0, 0);
    g_autoptr(GanTensor) w2 = part_of(net, name, "conv.2.weight", 4, out, b, 1);
    g_autoptr(GanTensor) b2 = part_of(net, name, "conv.2.bias", 1, out, 0, 0);
    g_autoptr(GanTensor) ws = part_of(net, name, "sk.weight", 4, out, i, 1);
    g_autoptr(GanTensor) bs = part_of(net, name, "sk.bias", 1, out, 0, 0);
    if (w0 == NULL || b0 == NULL || w1 == NULL || b1 == NULL || w2 == NULL || b2 == NULL ||
        ws == NULL || bs == NULL)
        return x;
    const Conv3xc c = {i,        a,        b,        out,      w0->data, b0->data,
                       w1->data, b1->data, w2->data, b2->data, ws->data, bs->data};
    GError *error = NULL;
    const gsize shape[] = {out, i, 3, 3};
    g_autoptr(GanTensor) weight = gan_tensor_new(4, shape, &error);
    g_autoptr(GanTensor) bias = weight == NULL ? NULL : gan_tensor_new(1, shape, &error);
    if (bias == NULL) {
        gan_net_fail(net, error);
        return x;
    }
    if (!fuse(&c, weight->data, bias->data)) {
        gan_net_fail(net, g_error_new(GAN_ERROR, GAN_ERROR_MEMORY, "no memory to fuse '%s'", name));
        return x;
    }
    g_autofree char *weight_name = g_strconcat(name, ".eval_conv.weight", NULL);
    g_autofree char *bias_name = g_strconcat(name, ".eval_conv.bias", NULL);
    GanNode *w = gan_constant(net, weight_name, g_steal_pointer(&weight));
    return gan_conv2d_with(x, w, gan_constant(net, bias_name, g_steal_pointer(&bias)));
}

static GanNode *conv3xc(GanNet *net, const char *name, GanNode *x, guint out, guint64 *n_parameters)
{
    g_autofree char *eval = g_strconcat(name, ".eval_conv", NULL);
    *n_parameters += (guint64)out * x->channels * 9 + out;
    return is_trained(gan_net_weights(net), name) ? fused_conv(net, name, x, out)
                                                  : gan_family_conv(net, eval, x, out, 3);
}

// `first` receives the block's first convolution after its SiLU.
static GanNode *spab(GanNet *net, guint number, GanNode *x, GanNode **first, guint64 *n_parameters)
{
    GanNode *o[3], *y = x;
    for (guint k = 0; k < 3; k++) {
        g_autofree char *name = g_strdup_printf("block_%u.c%u_r", number, k + 1);
        o[k] = conv3xc(net, name, y, x->channels, n_parameters);
        if (k < 2)
            y = gan_silu(o[k]);
        if (k == 0)
            *first = y;
    }
    return gan_multiply(gan_add(o[2], x), gan_affine(net, gan_sigmoid(o[2]), 1, -0.5f));
}

static GanNode *build(GanNet *net, const GanModelOptions *options, GanModelInfo *info)
{
    const GanWeights *weights = gan_net_weights(net);
    const gboolean trained = is_trained(weights, "conv_1");
    const char *conv_1 = trained ? "conv_1.sk" : "conv_1.eval_conv";
    const guint f = gan_family_outputs(net, conv_1), in = gan_family_inputs(net, conv_1);
    const guint out = gan_family_outputs(net, "upsampler.0");
    const guint n_blocks = MAX(gan_family_count(weights, "block_", ".c1_r.sk.weight"),
                               gan_family_count(weights, "block_", ".c1_r.eval_conv.weight"));
    const gboolean norm = !gan_family_has(weights, "no_norm", 0);

    GanNode *x = gan_input(net, in), *y = x;
    if (norm && in != 3)
        gan_family_fail(net, trained ? "conv_1.sk.weight" : "conv_1.eval_conv.weight",
                        "3 inputs, since the file has no 'no_norm'");
    else if (norm) {
        const float scale[3] = {IMG_RANGE, IMG_RANGE, IMG_RANGE};
        const float shift[3] = {-IMG_RANGE * rgb_mean[0], -IMG_RANGE * rgb_mean[1],
                                -IMG_RANGE * rgb_mean[2]};
        y = gan_affine_channels(net, y, scale, shift);
    }
    guint64 n = 0;
    GanNode *feature = conv3xc(net, "conv_1", y, f, &n), *block_1 = feature, *first = feature;
    y = feature;
    for (guint i = 1; i < n_blocks; i++) {
        y = spab(net, i, y, &first, &n);
        if (i == 1)
            block_1 = y;
    }
    GanNode *all[4] = {feature, conv3xc(net, "conv_2", y, f, &n), block_1, first};
    y = gan_family_conv(net, "conv_cat", gan_concat(all, 4), f, 1);
    y = gan_family_conv(net, "upsampler.0", y, out, 3);
    const guint scale = gan_family_shuffle(out, in);

    info->title = g_strdup_printf("SPAN %u%s%s", f, norm ? "" : ", no norm",
                                  trained ? "" : ", evaluation form");
    // As the network runs: of the training form's tensors, what is left of them when fused.
    info->n_parameters = n + 4 * (guint64)f * f + f + (guint64)out * f * 9 + out;
    if (scale == 0) {
        gan_family_fail(net, "upsampler.0.weight", "%u s^2 outputs for a whole s", in);
        return x;
    }
    return gan_pixel_shuffle(y, scale);
}

const GanFamily gan_family_span = {
    .name = "span",
    .title = "SPAN",
    .task = GAN_TASK_UPSCALE,
    .detect = detect,
    .build = build,
    .spare = spare,
};
