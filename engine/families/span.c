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

#define IMG_RANGE 255.f
static const float rgb_mean[3] = {0.4488f, 0.4371f, 0.4040f};

// Without the shift by the mean; with the tensors of Conv3XC's training form.
enum { NO_NORM = 1, TRAINED = 2 };

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

static gboolean recognise(const GanWeights *weights)
{
    return has_conv3xc(weights, "conv_1") && has_conv3xc(weights, "block_1.c1_r") &&
           gan_family_has(weights, "conv_cat.weight", 4);
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

// "<part>.weight" and ".bias" of the convolution `o` x `i`, side k.
static void read_part(GanNet *net, const char *part, gsize o, gsize i, gsize k, GanTensor *both[2])
{
    g_autofree char *weight = g_strconcat(part, ".weight", NULL);
    g_autofree char *bias = g_strconcat(part, ".bias", NULL);
    const gsize shape[] = {o, i, k, k};
    both[0] = gan_net_tensor(net, weight, 4, shape);
    both[1] = gan_net_tensor(net, bias, 1, shape);
}

// The convolution that is the training tensors in one.
static GanNode *fused_conv(GanNet *net, const char *name, GanNode *x, gsize o)
{
    g_autofree char *first = g_strconcat(name, ".conv.0", NULL);
    g_autofree char *second = g_strconcat(name, ".conv.1", NULL);
    g_autofree char *eval = g_strconcat(name, ".eval_conv", NULL);
    const gsize i = x->channels, a = gan_family_outputs(net, first),
                b = gan_family_outputs(net, second);
    GanTensor *t[8];
    gan_push(net, "%s", name);
    read_part(net, "conv.0", a, i, 1, t);
    read_part(net, "conv.1", b, a, 3, t + 2);
    read_part(net, "conv.2", o, b, 1, t + 4);
    read_part(net, "sk", o, i, 1, t + 6);
    gan_net_spare(net, "eval_conv.weight");
    gan_net_spare(net, "eval_conv.bias");
    gan_pop(net);
    const gsize shape[] = {o, i, 3, 3};
    GanTensor *weight = gan_net_new_tensor(net, 4, shape),
              *bias = gan_net_new_tensor(net, 1, shape);
    gboolean whole = weight->data != NULL && bias->data != NULL;
    for (guint k = 0; k < G_N_ELEMENTS(t); k++)
        whole = whole && t[k] != NULL;
    if (whole) {
        const Conv3xc c = {i,          a,          b,          o,          t[0]->data, t[1]->data,
                           t[2]->data, t[3]->data, t[4]->data, t[5]->data, t[6]->data, t[7]->data};
        if (!fuse(&c, weight->data, bias->data))
            gan_net_fail(net,
                         g_error_new(GAN_ERROR, GAN_ERROR_MEMORY, "no memory to fuse '%s'", name));
    }
    for (guint k = 0; k < G_N_ELEMENTS(t); k++)
        gan_tensor_unref(t[k]);
    return gan_conv2d_of(x, eval, weight, bias);
}

static GanNode *conv3xc(GanNet *net, const GanSizes *sizes, const char *name, GanNode *x)
{
    g_autofree char *eval = g_strconcat(name, ".eval_conv", NULL);
    return sizes->form & TRAINED ? fused_conv(net, name, x, sizes->features)
                                 : gan_conv2d(net, eval, x, sizes->features, 3);
}

// `first` receives the block's first convolution after its SiLU.
static GanNode *spab(GanNet *net, const GanSizes *sizes, guint number, GanNode *x, GanNode **first)
{
    GanNode *o[3], *y = x;
    for (guint k = 0; k < 3; k++) {
        g_autofree char *name = g_strdup_printf("block_%u.c%u_r", number, k + 1);
        o[k] = conv3xc(net, sizes, name, y);
        if (k < 2)
            y = gan_silu(o[k]);
        if (k == 0)
            *first = y;
    }
    return gan_multiply(gan_add(o[2], x), gan_affine(net, gan_sigmoid(o[2]), 1, -0.5f));
}

static void sizes_of_file(GanNet *net, const GanModelOptions *options, GanSizes *sizes)
{
    const GanWeights *weights = gan_net_weights(net);
    const gboolean trained = is_trained(weights, "conv_1");
    const char *conv_1 = trained ? "conv_1.sk" : "conv_1.eval_conv";
    const guint out = gan_family_outputs(net, "upsampler.0");
    sizes->form = (trained ? TRAINED : 0) | (gan_family_has(weights, "no_norm", 0) ? NO_NORM : 0);
    sizes->features = gan_family_outputs(net, conv_1);
    sizes->channels_in = gan_family_inputs(net, conv_1);
    sizes->blocks = MAX(gan_family_count(weights, "block_", ".c1_r.sk.weight"),
                        gan_family_count(weights, "block_", ".c1_r.eval_conv.weight")) -
                    1;
    sizes->scale = gan_family_shuffle(out, sizes->channels_in);
    if (!(sizes->form & NO_NORM) && sizes->channels_in != 3)
        gan_family_fail(net, trained ? "conv_1.sk.weight" : "conv_1.eval_conv.weight",
                        "3 inputs, since the file has no 'no_norm'");
    if (sizes->scale == 0)
        gan_family_fail(net, "upsampler.0.weight", "%u s^2 outputs for a whole s",
                        sizes->channels_in);
    else
        sizes->channels_out = out / (sizes->scale * sizes->scale);
}

// In its evaluation form, one 3x3 convolution for each triple; without the shift by the mean.
static gboolean sizes_of_new(GanSizes *sizes, GError **error)
{
    sizes->blocks = 6;
    sizes->form = NO_NORM;
    return TRUE;
}

static void describe(const GanSizes *sizes, GanModelInfo *info)
{
    const guint64 f = sizes->features, s = sizes->scale, n_inner = 3 * sizes->blocks + 1;
    info->title =
        g_strdup_printf("SPAN %u%s%s", sizes->features, sizes->form & NO_NORM ? ", no norm" : "",
                        sizes->form & TRAINED ? "" : ", evaluation form");
    // As the network runs: of the training form's tensors, what is left of them when fused.
    info->n_parameters = (sizes->channels_in * 9 + 1) * f + n_inner * (9 * f + 1) * f +
                         (4 * f + 1) * f + (9 * f + 1) * sizes->channels_out * s * s;
}

static GanNode *build(GanNet *net, const GanSizes *sizes)
{
    const guint f = sizes->features, s = sizes->scale;
    GanNode *y = gan_input(net, 0);
    if (!(sizes->form & NO_NORM)) {
        const float scale[3] = {IMG_RANGE, IMG_RANGE, IMG_RANGE};
        const float shift[3] = {-IMG_RANGE * rgb_mean[0], -IMG_RANGE * rgb_mean[1],
                                -IMG_RANGE * rgb_mean[2]};
        y = gan_affine_channels(net, y, scale, shift);
    }
    GanNode *feature = conv3xc(net, sizes, "conv_1", y), *block_1 = feature, *first = feature;
    y = feature;
    for (guint i = 1; i <= sizes->blocks; i++) {
        y = spab(net, sizes, i, y, &first);
        if (i == 1)
            block_1 = y;
    }
    GanNode *all[4] = {feature, conv3xc(net, sizes, "conv_2", y), block_1, first};
    y = gan_conv2d(net, "conv_cat", gan_concat(all, 4), f, 1);
    y = gan_conv2d(net, "upsampler.0", y, sizes->channels_out * s * s, 3);
    if (sizes->form & NO_NORM)
        gan_marker(net, "no_norm");
    return gan_pixel_shuffle(y, s);
}

const GanFamily gan_family_span = {
    .name = "span",
    .title = "SPAN",
    .task = GAN_TASK_UPSCALE,
    .recognise = recognise,
    .sizes_of_file = sizes_of_file,
    .sizes_of_new = sizes_of_new,
    .describe = describe,
    .build = build,
};
