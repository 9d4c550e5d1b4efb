// SPDX-License-Identifier: LGPL-3.0-or-later
// Operations, losses and gradient penalties, values and gradients, against PyTorch's.
#include "golden.h"
#include "gradient.h"
#include "loss.h"
#include "nn.h"

#include <math.h>
#include <string.h>

enum { MAX_INPUTS = 10 };

// A case of a pack. `inputs` are names; "*x" is an N C H W picture, others are dense. `p` are the
// case's numbers, as its builder takes them.
typedef struct {
    const char *pack, *name;
    const char *inputs[MAX_INPUTS];
    GanNode *(*build)(GanNode *const *x, const double *p);
    double p[8];
    double limit; // 0: the usual
} Case;

// --- builders ---

static GanNode *conv2d(GanNode *const *x, const double *p)
{
    // kernel, stride, padding, dilation, groups, outputs, bias
    const guint k = (guint)p[0], pad = (guint)p[2];
    const GanConvParams params = {.kernel_h = k,
                                  .kernel_w = k,
                                  .stride = (guint)p[1],
                                  .dilation = (guint)p[3],
                                  .groups = (guint)p[4],
                                  .pad_top = pad,
                                  .pad_left = pad,
                                  .pad_bottom = pad,
                                  .pad_right = pad};
    return gan_convolution(x[0], x[1], p[6] != 0 ? x[2] : NULL, (guint)p[5], &params);
}

static GanNode *conv_transpose2d(GanNode *const *x, const double *p)
{
    // kernel, stride, padding, dilation, groups, outputs, bias, output padding
    const guint k = (guint)p[0], pad = (guint)p[2];
    const GanConvParams params = {.kernel_h = k,
                                  .kernel_w = k,
                                  .stride = (guint)p[1],
                                  .dilation = (guint)p[3],
                                  .groups = (guint)p[4],
                                  .pad_top = pad,
                                  .pad_left = pad,
                                  .pad_bottom = pad,
                                  .pad_right = pad,
                                  .output_pad = (guint)p[7]};
    return gan_transposed_convolution(x[0], x[1], p[6] != 0 ? x[2] : NULL, (guint)p[5], &params);
}

static GanNode *linear(GanNode *const *x, const double *p)
{
    GanNode *y = gan_matmul(x[0], FALSE, x[1], TRUE);
    return p[0] != 0 ? gan_sum(y, x[2]) : y;
}

static GanNode *relu(GanNode *const *x, const double *p)
{
    return gan_lrelu(x[0], (float)p[0]);
}

static GanNode *tangent(GanNode *const *x, const double *p)
{
    return gan_tanh(x[0]);
}

static GanNode *sigmoid(GanNode *const *x, const double *p)
{
    return gan_sigmoid(x[0]);
}

static GanNode *softplus(GanNode *const *x, const double *p)
{
    return gan_softplus(x[0]);
}

static GanNode *silu(GanNode *const *x, const double *p)
{
    return gan_silu(x[0]);
}

static GanNode *clamp(GanNode *const *x, const double *p)
{
    return gan_clamp(x[0], (float)p[0], (float)p[1]);
}

static GanNode *span(GanNode *const *x, const double *p)
{
    return gan_product(gan_sum(x[0], x[1]), gan_linear_map(gan_sigmoid(x[0]), 1, -0.5f));
}

static GanNode *prelu(GanNode *const *x, const double *p)
{
    GanAttributes attributes = gan_attributes_default();
    attributes.activation = GK_ACT_PRELU;
    return gan_graph_append(x[0]->graph, GAN_OP_ACTIVATE, "prelu", x, 2, &attributes);
}

static GanNode *shuffle(GanNode *const *x, const double *p)
{
    return gan_pixel_shuffle(x[0], (guint)p[0]);
}

static GanNode *unshuffle(GanNode *const *x, const double *p)
{
    return gan_pixel_unshuffle(x[0], (guint)p[0]);
}

static GanNode *nearest(GanNode *const *x, const double *p)
{
    return gan_upsample_nearest(x[0], (guint)p[0]);
}

static GanNode *bilinear(GanNode *const *x, const double *p)
{
    return gan_upsample_bilinear(x[0], (guint)p[0]);
}

static GanNode *pad(GanNode *const *x, const double *p)
{
    // left, right, top, bottom, mode
    return gan_pad(x[0], (guint)p[2], (guint)p[0], (guint)p[3], (guint)p[1], (GkPadMode)p[4]);
}

static GanNode *average(GanNode *const *x, const double *p)
{
    // kernel, stride, padding, ceil, count_include_pad
    return gan_average_pool(x[0], (guint)p[0], (guint)p[1], (guint)p[2], p[3] != 0, p[4] != 0);
}

static GanNode *maximum(GanNode *const *x, const double *p)
{
    return gan_max_pool(x[0], (guint)p[0], (guint)p[1], (guint)p[2], p[3] != 0);
}

static GanNode *average_all(GanNode *const *x, const double *p)
{
    return gan_reduce_mean(x[0], GAN_AXIS_H | GAN_AXIS_W);
}

static GanNode *noise(GanNode *const *x, const double *p)
{
    // n is [H,W]: one number for each pixel.
    return gan_sum(x[0], gan_product(gan_reshape(x[1], 1, 4, 5, 1), x[2]));
}

static GanNode *gain(GanNode *const *x, const double *p)
{
    return gan_clamp(gan_linear_map(gan_lrelu(x[0], 0.2f), (float)sqrt(2), 0), -1.5f, 1.5f);
}

static GanNode *concat(GanNode *const *x, const double *p)
{
    return gan_concat(x, 2);
}

static GanNode *pixel_norm(GanNode *const *x, const double *p)
{
    GanNode *square = gan_reduce_mean(gan_square(x[0]), GAN_AXIS_C);
    return gan_quotient(x[0], gan_square_root(gan_linear_map(square, 1, 1e-8f)));
}

static GanNode *l1(GanNode *const *x, const double *p)
{
    return gan_loss_l1(x[0], x[1]);
}

static GanNode *mse(GanNode *const *x, const double *p)
{
    return gan_loss_mse(x[0], x[1]);
}

static GanNode *charbonnier(GanNode *const *x, const double *p)
{
    return gan_loss_charbonnier(x[0], x[1], (float)p[0]);
}

static GanNode *huber(GanNode *const *x, const double *p)
{
    return gan_loss_huber(x[0], x[1], (float)p[0]);
}

// torch's smooth_l1_loss is the Huber loss divided by beta.
static GanNode *smooth_l1(GanNode *const *x, const double *p)
{
    return gan_linear_map(gan_loss_huber(x[0], x[1], (float)p[0]), (float)(1 / p[0]), 0);
}

static GanNode *variation(GanNode *const *x, const double *p)
{
    return gan_loss_total_variation(x[0]);
}

static GanNode *gram(GanNode *const *x, const double *p)
{
    return gan_gram(x[0]);
}

// One score of two: p[0] the loss, p[1] 1 for the critic's loss of real scores, 2 for that of
// fake ones, 3 for the generator's. What the other kind adds with a score of its own is taken off.
static GanNode *critic_loss(GanNode *const *x, const double *p)
{
    const GanCriticLoss kind = (GanCriticLoss)p[0];
    if (p[1] == 3)
        return gan_loss_generator(kind, NULL, x[0]);
    // A score of -/+100 costs nothing but with least squares and Wasserstein; 1 and 0 do there.
    const gboolean real = p[1] == 1;
    const double neutral = kind == GAN_CRITIC_LOSS_LEAST_SQUARES ? (real ? 0 : 1)
                           : kind == GAN_CRITIC_LOSS_WASSERSTEIN ? 0
                                                                 : (real ? -100 : 100);
    GanNode *other = gan_scalar(x[0]->graph, neutral);
    return real ? gan_loss_critic(kind, x[0], other) : gan_loss_critic(kind, other, x[0]);
}

static GanNode *entropy(GanNode *const *x, const double *p)
{
    return gan_loss_bce(x[0], x[1]);
}

static GanNode *relativistic_generator(GanNode *const *x, const double *p)
{
    return gan_loss_generator(GAN_CRITIC_LOSS_RELATIVISTIC, x[0], x[1]);
}

static GanNode *relativistic_critic(GanNode *const *x, const double *p)
{
    return gan_loss_critic(GAN_CRITIC_LOSS_RELATIVISTIC, x[0], x[1]);
}

// The critic of the pack: convolution 4x4 of stride 2, convolution 3x3, linear.
static GanNode *critic(GanNode *x, GanNode *const *w, guint activation)
{
    GanNode *(*const functions[])(GanNode *) = {NULL, gan_softplus, gan_tanh};
    const GanConvParams first = {.kernel_h = 4,
                                 .kernel_w = 4,
                                 .stride = 2,
                                 .pad_top = 1,
                                 .pad_left = 1,
                                 .pad_bottom = 1,
                                 .pad_right = 1},
                        second = {.kernel_h = 3,
                                  .kernel_w = 3,
                                  .pad_top = 1,
                                  .pad_left = 1,
                                  .pad_bottom = 1,
                                  .pad_right = 1};
    for (guint i = 0; i < 2; i++) {
        x = gan_convolution(x, w[2 * i], w[2 * i + 1], i == 0 ? 4 : 5, i == 0 ? &first : &second);
        x = activation == 0 ? gan_lrelu(x, 0.2f) : functions[activation](x);
    }
    // PyTorch flattens C H W.
    GanNode *flat = gan_reshape(gan_transpose(x, 0, 3, 1, 2), 1, 1, GAN_KEEP(0), GAN_REST);
    return gan_sum(gan_matmul(flat, FALSE, w[4], TRUE), w[5]);
}

// real, fake, alpha, w1 b1 w2 b2 w3 b3
static GanNode *penalty(GanNode *const *x, const double *p)
{
    // x_hat = alpha * real + (1 - alpha) * fake
    GanNode *between = gan_between(x[0], x[1], gan_reshape(x[2], GAN_REST, 1, 1, 1));
    return gan_loss_gradient_penalty(gan_slopes(critic(between, x + 3, (guint)p[0]), between));
}

static GanNode *r1(GanNode *const *x, const double *p)
{
    return gan_loss_r1(critic(x[0], x + 1, (guint)p[0]), x[0]);
}

#define CONV(name, k, s, pd, d, g, o, b)                                                           \
    {                                                                                              \
        "conv2d", name, {"*x", "w", b ? "b" : NULL}, conv2d, {k, s, pd, d, g, o, b}, 0             \
    }
#define CONVT(name, k, s, pd, d, g, o, b, op)                                                      \
    {                                                                                              \
        "conv_transpose2d", name, {"*x", "w", b ? "b" : NULL}, conv_transpose2d,                   \
            {k, s, pd, d, g, o, b, op}, 0                                                          \
    }
#define ONE(pack, name, build, ...)                                                                \
    {                                                                                              \
        pack, name, {"*x"}, build, {__VA_ARGS__}, 0                                                \
    }
#define LOSS(name, build, ...)                                                                     \
    {                                                                                              \
        "pixel_losses", name, {"*pred", "*target"}, build, {__VA_ARGS__}, 0                        \
    }
#define PENALTY(name, act)                                                                         \
    {                                                                                              \
        "gradient_penalty", name, {"*real", "*fake", "alpha", "w1", "b1", "w2", "b2", "w3", "b3"}, \
            penalty, {act}, 0                                                                      \
    }
#define R1(name, act)                                                                              \
    {                                                                                              \
        "gradient_penalty", name, {"*real", "w1", "b1", "w2", "b2", "w3", "b3"}, r1, {act}, 0      \
    }

static const Case cases[] = {
    CONV("k3s1p1", 3, 1, 1, 1, 1, 5, 1),
    CONV("k3s2p1", 3, 2, 1, 1, 1, 4, 1),
    CONV("k4s2p1", 4, 2, 1, 1, 1, 6, 1),
    CONV("k3d2p2", 3, 1, 2, 2, 1, 4, 1),
    CONV("k3s2d3p1", 3, 2, 1, 3, 1, 3, 1),
    CONV("groups2", 3, 1, 1, 1, 2, 6, 1),
    CONV("groups4_8to12", 3, 2, 1, 1, 4, 12, 1),
    CONV("depthwise", 3, 1, 1, 1, 5, 5, 1),
    CONV("depthwise_x2", 3, 2, 1, 1, 3, 6, 1),
    CONV("k1", 1, 1, 0, 1, 1, 3, 1),
    CONV("k1s2", 1, 2, 0, 1, 1, 3, 1),
    CONV("k7p0_nobias", 7, 1, 0, 1, 1, 3, 0),
    CONV("k2p0_even", 2, 1, 0, 1, 1, 2, 1),
    CONV("k4s1p0_to1x1", 4, 1, 0, 1, 1, 3, 1),
    CONV("k3p3_wide_pad", 3, 1, 3, 1, 1, 2, 1),
    CONVT("k4s2p1", 4, 2, 1, 1, 1, 3, 1, 0),
    CONVT("k3s2p1op1", 3, 2, 1, 1, 1, 3, 1, 1),
    CONVT("k4s1p0_nobias", 4, 1, 0, 1, 1, 4, 0, 0),
    CONVT("k3s1p1", 3, 1, 1, 1, 1, 4, 1, 0),
    CONVT("k3s2p0", 3, 2, 0, 1, 1, 2, 1, 0),
    CONVT("k2s2", 2, 2, 0, 1, 1, 2, 1, 0),
    CONVT("groups2", 4, 2, 1, 1, 2, 6, 1, 0),
    CONVT("k3s3p1op2", 3, 3, 1, 1, 1, 3, 1, 2),
    CONVT("k3d2", 3, 1, 0, 2, 1, 3, 1, 0),
    {"linear", "b5_7to4", {"x", "w", "b"}, linear, {1}, 0},
    {"linear", "nobias", {"x", "w"}, linear, {0}, 0},
    ONE("activations", "relu", relu, 0),
    ONE("activations", "leaky_relu_0.2", relu, 0.2),
    ONE("activations", "leaky_relu_0.1", relu, 0.1),
    ONE("activations", "tanh", tangent, 0),
    ONE("activations", "sigmoid", sigmoid, 0),
    ONE("activations", "softplus", softplus, 0),
    ONE("activations", "silu", silu, 0),
    ONE("activations", "hardtanh", clamp, -1, 1),
    {"activations", "sigmoid_minus_half_times_span", {"*o3", "*x"}, span, {0}, 0},
    {"prelu", "per_channel", {"*x", "w"}, prelu, {0}, 0},
    ONE("pixel_shuffle", "shuffle2", shuffle, 2),
    ONE("pixel_shuffle", "shuffle3", shuffle, 3),
    ONE("pixel_shuffle", "shuffle4", shuffle, 4),
    ONE("pixel_shuffle", "unshuffle2", unshuffle, 2),
    ONE("pixel_shuffle", "unshuffle4", unshuffle, 4),
    ONE("upsample", "nearest2", nearest, 2),
    ONE("upsample", "nearest3", nearest, 3),
    ONE("upsample", "bilinear2_false", bilinear, 2),
    ONE("upsample", "bilinear4_false", bilinear, 4),
    ONE("upsample", "bilinear3_false", bilinear, 3),
    ONE("pad", "reflect1", pad, 1, 1, 1, 1, GK_PAD_REFLECT),
    ONE("pad", "reflect3", pad, 3, 3, 3, 3, GK_PAD_REFLECT),
    ONE("pad", "reflect_0_1_0_1", pad, 0, 1, 0, 1, GK_PAD_REFLECT),
    ONE("pad", "reflect_2_0_3_1", pad, 2, 0, 3, 1, GK_PAD_REFLECT),
    ONE("pad", "reflect_max", pad, 4, 4, 3, 3, GK_PAD_REFLECT),
    ONE("pad", "replicate2", pad, 2, 2, 2, 2, GK_PAD_REPLICATE),
    ONE("pad", "replicate_0_3_1_0", pad, 0, 3, 1, 0, GK_PAD_REPLICATE),
    ONE("pad", "zero_2_1_2_1", pad, 2, 1, 2, 1, GK_PAD_ZERO),
    ONE("pool", "avg2", average, 2, 2, 0, 0, 0),
    ONE("pool", "avg3s2p1_count_pad", average, 3, 2, 1, 0, 1),
    ONE("pool", "avg3s2p1_no_count_pad", average, 3, 2, 1, 0, 0),
    ONE("pool", "avg_ceil_3s2", average, 3, 2, 0, 1, 0),
    ONE("pool", "max2", maximum, 2, 2, 0, 0),
    ONE("pool", "max3s2_ceil", maximum, 3, 2, 0, 1),
    ONE("pool", "max3s2_floor", maximum, 3, 2, 0, 0),
    ONE("pool", "max3s1p1", maximum, 3, 1, 1, 0),
    ONE("pool", "max_ties", maximum, 2, 2, 0, 0),
    ONE("pool", "adaptive_avg_1x1", average_all, 0),
    {"elementwise", "add_noise_broadcast", {"*x", "n", "s"}, noise, {0}, 0},
    ONE("elementwise", "lrelu_gain_clamp", gain, 0),
    {"elementwise", "concat", {"*x", "*z"}, concat, {0}, 0},
    {"elementwise", "pixelnorm", {"x"}, pixel_norm, {0}, 0},
    LOSS("l1_mean", l1, 0),
    LOSS("mse_mean", mse, 0),
    LOSS("charbonnier_1e-12", charbonnier, 1e-12),
    LOSS("charbonnier_1e-6", charbonnier, 1e-6),
    LOSS("charbonnier_1e-3sq", charbonnier, 1e-6),
    LOSS("huber_1", huber, 1),
    LOSS("smooth_l1_0.5", smooth_l1, 0.5),
    {"pixel_losses", "tv_basicsr", {"*pred"}, variation, {0}, 0},
    ONE("pixel_losses", "gram", gram, 0),
    ONE("gan_losses", "vanilla_real", critic_loss, GAN_CRITIC_LOSS_NON_SATURATING, 1),
    ONE("gan_losses", "vanilla_fake", critic_loss, GAN_CRITIC_LOSS_MINIMAX, 2),
    ONE("gan_losses", "lsgan_real", critic_loss, GAN_CRITIC_LOSS_LEAST_SQUARES, 1),
    ONE("gan_losses", "lsgan_fake", critic_loss, GAN_CRITIC_LOSS_LEAST_SQUARES, 2),
    ONE("gan_losses", "wgan_real", critic_loss, GAN_CRITIC_LOSS_WASSERSTEIN, 1),
    ONE("gan_losses", "wgan_fake", critic_loss, GAN_CRITIC_LOSS_WASSERSTEIN, 2),
    ONE("gan_losses", "wgan_softplus_real", critic_loss, GAN_CRITIC_LOSS_NON_SATURATING, 3),
    ONE("gan_losses", "wgan_softplus_fake", critic_loss, GAN_CRITIC_LOSS_NON_SATURATING, 2),
    ONE("gan_losses", "hinge_real_disc", critic_loss, GAN_CRITIC_LOSS_HINGE, 1),
    ONE("gan_losses", "hinge_real_gen", critic_loss, GAN_CRITIC_LOSS_HINGE, 3),
    ONE("gan_losses", "hinge_fake_disc", critic_loss, GAN_CRITIC_LOSS_HINGE, 2),
    {"gan_losses", "bce_with_logits_soft", {"*x", "*target"}, entropy, {0}, 0},
    {"gan_losses", "relativistic_g", {"real", "fake"}, relativistic_generator, {0}, 0},
    {"gan_losses", "relativistic_d", {"real", "fake"}, relativistic_critic, {0}, 0},
    PENALTY("wgan_gp_lrelu_per_sample", 0),
    PENALTY("wgan_gp_softplus_per_sample", 1),
    PENALTY("wgan_gp_tanh_per_sample", 2),
    R1("r1_lrelu", 0),
    R1("r1_softplus", 1),
    R1("r1_tanh", 2),
};

#undef CONV
#undef CONVT
#undef ONE
#undef LOSS
#undef PENALTY
#undef R1

// An array of a step on some device: floats, or doubles.
typedef struct {
    gboolean wide;
    gsize length;
    void *data;
} Array;

static Array array_new(gboolean wide, gsize length, const float *from)
{
    Array a = {wide, length, g_malloc0_n(MAX(length, 1), wide ? sizeof(double) : sizeof(float))};
    for (gsize i = 0; from != NULL && i < length; i++)
        if (wide)
            ((double *)a.data)[i] = from[i];
        else
            ((float *)a.data)[i] = from[i];
    return a;
}

static float *array_floats(const Array *a)
{
    float *to = g_new(float, MAX(a->length, 1));
    for (gsize i = 0; i < a->length; i++)
        to[i] = a->wide ? (float)((double *)a->data)[i] : ((float *)a->data)[i];
    return to;
}

static void compare(const Case *c, const char *device, const char *what, const Array *found,
                    const GanTensor *wanted, gboolean picture, double limit)
{
    g_autofree float *floats = array_floats(found);
    g_autofree float *reordered = picture ? golden_picture(wanted) : NULL;
    g_autofree char *name = g_strdup_printf("%s/%s on %s: %s", c->pack, c->name, device, what);
    g_assert_cmpuint(found->length, ==, gan_tensor_length(wanted));
    golden_compare(name, floats, picture ? reordered : wanted->data, found->length, limit);
}

static void run_case(const Case *c, const char *device_name, double limit)
{
    g_autoptr(GanDevice) device = golden_device(device_name);
    if (device == NULL)
        return;
    const gboolean wide = gan_device_backend(device)->dtype == GK_F64;
    g_autoptr(GanWeights) pack = golden_open(c->pack);
    g_autoptr(GanTensor) upstream = golden_find(pack, "%s/gy", c->name);
    g_autoptr(GanTensor) wanted = golden_tensor(pack, "%s/f64.y", c->name);
    const gboolean picture = wanted->rank == 4;

    GanGraph *graph = gan_graph_new();
    GanNode *x[MAX_INPUTS], *gradients[MAX_INPUTS];
    GanShape shapes[MAX_INPUTS + 1];
    Array in[MAX_INPUTS + 1], out[MAX_INPUTS + 1];
    GanTensor *wanted_gradient[MAX_INPUTS];
    guint n = 0;
    for (; n < MAX_INPUTS && c->inputs[n] != NULL; n++) {
        const gboolean is_picture = c->inputs[n][0] == '*';
        const char *name = c->inputs[n] + is_picture;
        g_autoptr(GanTensor) tensor = golden_tensor(pack, "%s/%s", c->name, name);
        g_autofree float *reordered = is_picture ? golden_picture(tensor) : NULL;
        shapes[n] = is_picture ? golden_picture_shape(tensor) : gan_parameter_shape(tensor);
        in[n] = array_new(wide, gan_tensor_length(tensor), is_picture ? reordered : tensor->data);
        x[n] = gan_named_input(graph, name, is_picture ? (guint)shapes[n].c : 0);
        wanted_gradient[n] = golden_find(pack, "%s/f64.g%s", c->name, name);
    }
    GanNode *y = c->build(x, c->p), *loss = y;
    guint n_in = n;
    if (upstream != NULL) {
        g_autofree float *reordered = picture ? golden_picture(upstream) : NULL;
        shapes[n] = picture ? golden_picture_shape(upstream) : gan_parameter_shape(upstream);
        in[n_in++] =
            array_new(wide, gan_tensor_length(upstream), picture ? reordered : upstream->data);
        GanNode *g = gan_named_input(graph, "gy", picture ? (guint)shapes[n].c : 0);
        // Equal elements, whatever axes they lie on.
        if (!picture) {
            GanNode *inputs[] = {g, y};
            const GanAttributes attributes = gan_attributes_default();
            g = gan_graph_append(graph, GAN_OP_RESHAPE, "gy", inputs, 2, &attributes);
        }
        loss = gan_product(y, g);
    }
    gan_graph_gradient(graph, loss, x, n, gradients);
    gan_graph_add_output(graph, y);
    for (guint k = 0; k < n; k++)
        gan_graph_add_output(graph, gradients[k]);
    g_autoptr(GError) error = NULL;
    g_autoptr(GanStep) step = gan_step_new(graph, device, shapes, &error);
    g_assert_no_error(error);
    const void *inputs[MAX_INPUTS + 1];
    void *outputs[MAX_INPUTS + 1];
    for (guint k = 0; k < n_in; k++)
        inputs[k] = in[k].data;
    for (guint k = 0; k <= n; k++) {
        const GanShape s = gan_step_output_shape(step, k);
        out[k] = array_new(wide, s.n * s.h * s.w * s.c, NULL);
        outputs[k] = out[k].data;
    }
    gan_step_run(step, inputs, outputs, &error);
    g_assert_no_error(error);
    compare(c, device_name, "y", &out[0], wanted, picture, limit);
    guint n_gradients = 0;
    for (guint k = 0; k < n; k++)
        if (wanted_gradient[k] != NULL) {
            compare(c, device_name, c->inputs[k], &out[1 + k], wanted_gradient[k],
                    c->inputs[k][0] == '*', limit);
            gan_tensor_unref(wanted_gradient[k]);
            n_gradients++;
        }
    g_assert_cmpuint(n_gradients, >, 0);
    for (guint k = 0; k < n_in; k++)
        g_free(in[k].data);
    for (guint k = 0; k <= n; k++)
        g_free(out[k].data);
}

static void test_case(gconstpointer data)
{
    const Case *c = data;
    // The golden results are doubles rounded to float; constants such as 0.2 are floats in a graph.
    run_case(c, "reference:double", c->limit > 0 ? c->limit : 3e-7);
    for (const char *const *device = golden_devices(); *device != NULL; device++)
        run_case(c, *device,
                 c->limit > 0                        ? c->limit
                 : g_str_equal(*device, "reference") ? 3e-6
                                                     : 1e-5);
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    for (guint i = 0; i < G_N_ELEMENTS(cases); i++) {
        g_autofree char *path =
            g_strdup_printf("/operations/follow-pytorch/%s/%s", cases[i].pack, cases[i].name);
        g_test_add_data_func(path, &cases[i], test_case);
    }
    return g_test_run();
}
