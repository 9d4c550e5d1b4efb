// SPDX-License-Identifier: LGPL-3.0-or-later
// Plans at their ends: rows of the caller's that do not lie together, several inputs and outputs,
// and the operations of training in a plan.
#include "gradient.h"
#include "nets.h"
#include "plan.h"
#include "step.h"
#include "values.h"

#include <math.h>
#include <string.h>

static const char *const devices[] = {"reference", "cpu:avx512", "cpu:avx2", "cpu:plain"};

static float *random_floats(gsize n, guint32 seed)
{
    float *data = g_new(float, n);
    GRand *random = g_rand_new_with_seed(seed);
    for (gsize i = 0; i < n; i++)
        data[i] = (float)g_rand_double(random);
    g_rand_free(random);
    return data;
}

// Devices that this machine has.
static GanDevice *open_device(const char *name)
{
    g_autoptr(GError) error = NULL;
    GanDevice *device = gan_device_open(name, 2, &error);
    if (device == NULL)
        g_test_message("%s: %s", name, error->message);
    return device;
}

static void run(GanPlan *plan, const GkView *in, const GkView *out)
{
    g_autoptr(GError) error = NULL;
    gan_plan_run(plan, in, out, NULL, NULL, &error);
    g_assert_no_error(error);
}

// A picture in the middle of a larger one, whose other pixels are `around`.
typedef struct {
    gsize h, w, c;
    float *data;
} Frame;

#define MARGIN 3

static Frame frame_new(gsize h, gsize w, gsize c, float around)
{
    const gsize n = (h + 2 * MARGIN) * (w + 2 * MARGIN) * c;
    Frame frame = {h, w, c, g_new(float, n)};
    for (gsize i = 0; i < n; i++)
        frame.data[i] = around;
    return frame;
}

static GkView frame_view(const Frame *f)
{
    const GkView whole =
        gk_view_nhwc(f->data, GK_F32, 1, f->h + 2 * MARGIN, f->w + 2 * MARGIN, f->c);
    return gk_view_rectangle(&whole, MARGIN, MARGIN, f->h, f->w);
}

// A tile is read and written where it lies in its picture, and nothing around it is touched.
static void test_rows_apart(gconstpointer data)
{
    const TestNet *net = data;
    const gsize h = 13, w = 10, c = net->channels;
    for (guint d = 0; d < G_N_ELEMENTS(devices); d++) {
        g_autoptr(GanDevice) device = open_device(devices[d]);
        if (device == NULL)
            continue;
        g_autoptr(GanGraph) graph = test_net_build(net);
        g_autoptr(GanProgram) program = gan_program_new(gan_graph_fuse(graph, NULL), device);
        g_autoptr(GanPlan) plan = gan_plan_new(program, NULL, 1, h, w, NULL);
        const GanPlanInfo *info = gan_plan_info(plan);
        g_autofree float *in = random_floats(h * w * c, d);
        g_autofree float *out = g_new(float, info->out_h * info->out_w * info->out_c);
        const GkView from = gk_view_nhwc(in, GK_F32, 1, h, w, c);
        const GkView to = gk_view_nhwc(out, GK_F32, 1, info->out_h, info->out_w, info->out_c);
        run(plan, &from, &to);
        Frame in_frame = frame_new(h, w, c, NAN);
        Frame out_frame = frame_new(info->out_h, info->out_w, info->out_c, 7);
        const GkView apart = frame_view(&in_frame), there = frame_view(&out_frame);
        for (gsize y = 0; y < h; y++)
            memcpy((float *)apart.data + gk_offset(&apart, 0, y, 0, 0), in + y * w * c,
                   w * c * sizeof(float));
        run(plan, &apart, &there);
        const GkView all = gk_view_nhwc(out_frame.data, GK_F32, 1, info->out_h + 2 * MARGIN,
                                        info->out_w + 2 * MARGIN, info->out_c);
        for (gsize y = 0; y < all.h; y++)
            for (gsize x = 0; x < all.w; x++)
                for (gsize k = 0; k < all.c; k++) {
                    const gboolean inside = y >= MARGIN && y < MARGIN + info->out_h &&
                                            x >= MARGIN && x < MARGIN + info->out_w;
                    const float wanted =
                        inside ? out[gk_offset(&to, 0, y - MARGIN, x - MARGIN, k)] : 7;
                    g_assert_cmpfloat(out_frame.data[gk_offset(&all, 0, y, x, k)], ==, wanted);
                }
        g_free(in_frame.data);
        g_free(out_frame.data);
    }
}

#define SIDE 12
#define CHANNELS 16

static GanNode *weights(GanGraph *graph, const char *name, guint rank, const gsize *shape,
                        guint32 seed)
{
    g_autoptr(GanTensor) tensor = gan_tensor_new(rank, shape, NULL);
    g_autofree float *from = random_floats(gan_tensor_length(tensor), seed);
    for (gsize i = 0; i < gan_tensor_length(tensor); i++)
        tensor->data[i] = 0.4f * (from[i] - 0.5f);
    return gan_frozen(graph, name, tensor);
}

// Instance norm with weights and biases.
static GanNode *instance_norm(GanNode *x)
{
    const gsize channels = x->channels;
    GanNode *centred = gan_difference(x, gan_reduce_mean(x, GAN_AXIS_H | GAN_AXIS_W));
    GanNode *variance = gan_reduce_mean(gan_square(centred), GAN_AXIS_H | GAN_AXIS_W);
    GanNode *scale = gan_reciprocal(gan_square_root(gan_linear_map(variance, 1, 1e-5f)));
    GanNode *weight = weights(x->graph, "weight", 1, &channels, 5);
    return gan_sum(gan_product(gan_product(centred, scale), weight),
                   weights(x->graph, "bias", 1, &channels, 6));
}

// A picture, a plane of numbers and a vector go in; a picture, and a vector that the picture was
// made of, come out.
static GanGraph *many_ends(void)
{
    GanGraph *graph = gan_graph_new();
    GanNode *picture = gan_named_input(graph, "picture", 3);
    GanNode *plane = gan_named_input(graph, "plane", 1);
    GanNode *style = gan_named_input(graph, "style", 0);
    const gsize first[] = {CHANNELS, 4, 3, 3}, last[] = {3, CHANNELS, 3, 3};
    const GanConvParams params = {3, 3, 1, 1, 1, 1, 1, 1, 1, 0, GK_PAD_ZERO};
    GanNode *parts[] = {picture, plane};
    const GanAttributes plain = gan_attributes_default();
    GanNode *both = gan_graph_append(graph, GAN_OP_CONCAT, "both", parts, 2, &plain);
    GanNode *y =
        gan_convolution(both, weights(graph, "first", 4, first, 1), NULL, CHANNELS, &params);
    y = gan_product(instance_norm(y), style);
    GanNode *mean = gan_reduce_mean(gan_absolute(y), GAN_AXIS_H | GAN_AXIS_W);
    y = gan_convolution(gan_sum(y, mean), weights(graph, "last", 4, last, 2), NULL, 3, &params);
    gan_graph_set_output(graph, y);
    gan_graph_add_output(graph, mean);
    return graph;
}

static void test_many_ends(void)
{
    const GanShape shapes[] = {{1, SIDE, SIDE, 3}, {1, SIDE, SIDE, 1}, {1, 1, 1, CHANNELS}};
    g_autofree float *picture = random_floats(SIDE * SIDE * 3, 1);
    g_autofree float *plane = random_floats(SIDE * SIDE, 2);
    g_autofree float *style = random_floats(CHANNELS, 3);
    float *const arrays[] = {picture, plane, style};
    GkView in[3];
    for (guint i = 0; i < 3; i++)
        in[i] = gk_view_nhwc(arrays[i], GK_F32, 1, shapes[i].h, shapes[i].w, shapes[i].c);

    // As a step on the reference computes it.
    float wanted[SIDE * SIDE * 3], wanted_mean[CHANNELS];
    g_autoptr(GError) error = NULL;
    g_autoptr(GanDevice) reference = gan_device_open("reference", 0, NULL);
    g_autoptr(GanStep) step = gan_step_new(many_ends(), reference, shapes, &error);
    g_assert_no_error(error);
    gan_step_run(step, (const void *const *)arrays, (void *[]){wanted, wanted_mean}, &error);
    g_assert_no_error(error);

    for (guint d = 0; d < G_N_ELEMENTS(devices); d++) {
        g_autoptr(GanDevice) device = open_device(devices[d]);
        if (device == NULL)
            continue;
        g_autoptr(GanGraph) graph = many_ends();
        g_autoptr(GanProgram) program = gan_program_new(gan_graph_fuse(graph, NULL), device);
        g_autoptr(GanPlan) plan = gan_plan_new_for(program, NULL, shapes, &error);
        g_assert_no_error(error);
        float found[SIDE * SIDE * 3], mean[CHANNELS];
        const GkView out[] = {gk_view_nhwc(found, GK_F32, 1, SIDE, SIDE, 3),
                              gk_view_nhwc(mean, GK_F32, 1, 1, 1, CHANNELS)};
        // Twice: a run leaves nothing behind that the next one trips over.
        for (guint times = 0; times < 2; times++)
            run(plan, in, out);
        for (guint i = 0; i < SIDE * SIDE * 3; i++)
            g_assert_cmpfloat(fabsf(found[i] - wanted[i]), <, 1e-5f);
        for (guint i = 0; i < CHANNELS; i++)
            g_assert_cmpfloat(fabsf(mean[i] - wanted_mean[i]), <, 1e-5f);
    }
}

// Neighbouring functions of a network are one pass over memory in a plan, too.
static void test_chains(void)
{
    g_autoptr(GanDevice) device = open_device("cpu");
    gsize n_kernels[2];
    for (guint n = 1; n <= 2; n++) {
        GanGraph *graph = gan_graph_new();
        const GanConvParams params = {1, 1, 1, 1, 1, 0, 0, 0, 0, 0, GK_PAD_ZERO};
        const gsize first[] = {CHANNELS, 3, 1, 1}, last[] = {3, CHANNELS, 1, 1};
        GanNode *x = gan_named_input(graph, "picture", 3);
        GanNode *y =
            gan_convolution(x, weights(graph, "first", 4, first, 1), NULL, CHANNELS, &params);
        for (guint i = 0; i < 3 * n; i++)
            y = gan_sum(gan_square(y), y);
        y = gan_convolution(y, weights(graph, "last", 4, last, 2), NULL, 3, &params);
        gan_graph_set_output(graph, y);
        g_autoptr(GanProgram) program = gan_program_new(graph, device);
        g_autoptr(GanPlan) plan = gan_plan_new(program, NULL, 1, SIDE, SIDE, NULL);
        n_kernels[n - 1] = gan_plan_info(plan)->n_kernels;
    }
    g_assert_cmpuint(n_kernels[0], ==, 3);
    g_assert_cmpuint(n_kernels[1], ==, 3);
}

static void count_activation(const GanNode *node, double seconds, gpointer data)
{
    *(guint *)data += node->op == GAN_OP_ACTIVATE;
}

// How often a step of two convolutions and their weights' gradients calls an activation's kernel.
static guint n_activations(GkActivationKind kind)
{
    g_autoptr(GError) error = NULL;
    g_autoptr(GanDevice) device = open_device("cpu");
    GanGraph *graph = gan_graph_new();
    GanNode *x = gan_named_input(graph, "picture", 3), *gradients[2];
    const gsize shapes[][4] = {{CHANNELS, 3, 3, 3}, {3, CHANNELS, 3, 3}};
    GanNode *w[2];
    for (guint i = 0; i < 2; i++) {
        g_autoptr(GanTensor) tensor = gan_tensor_new(4, shapes[i], NULL);
        for (gsize k = 0; k < gan_tensor_length(tensor); k++)
            tensor->data[k] = 0.01f * (float)(k % 13) - 0.05f;
        w[i] = gan_trainable(graph, "weight", tensor);
    }
    const GanConvParams params = {3, 3, 1, 1, 1, 1, 1, 1, 1, 0, GK_PAD_ZERO};
    GanAttributes a = gan_attributes_default();
    a.activation = kind;
    a.slope = 0.2f;
    GanNode *y = gan_convolution(x, w[0], NULL, CHANNELS, &params);
    y = gan_graph_append(graph, GAN_OP_ACTIVATE, "activation", &y, 1, &a);
    y = gan_convolution(y, w[1], NULL, 3, &params);
    gan_graph_gradient(graph, gan_reduce_sum(gan_square(y), GAN_AXIS_ALL), w, 2, gradients);
    gan_graph_add_output(graph, gradients[0]);
    gan_graph_add_output(graph, gradients[1]);
    const GanShape shape = {1, SIDE, SIDE, 3};
    g_autoptr(GanStep) step = gan_step_new(graph, device, &shape, &error);
    g_assert_no_error(error);
    guint n = 0;
    gan_step_watch(step, count_activation, &n);
    g_autofree float *picture = random_floats(SIDE * SIDE * 3, 1);
    gan_step_run(step, (const void *[]){picture}, (void *[]){NULL, NULL}, &error);
    g_assert_no_error(error);
    return n;
}

// What a gradient needs the value before the activation for stays apart.
static void test_fused_steps(void)
{
    g_assert_cmpuint(n_activations(GK_ACT_LEAKY), ==, 0);
    g_assert_cmpuint(n_activations(GK_ACT_TANH), ==, 0);
    g_assert_cmpuint(n_activations(GK_ACT_MISH), >, 0);
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    for (guint i = 0; i < n_test_nets; i++) {
        g_autofree char *path =
            g_strdup_printf("/plan/takes-rows-that-lie-apart/%s", test_nets[i].name);
        g_test_add_data_func(path, &test_nets[i], test_rows_apart);
    }
    g_test_add_func("/plan/several-inputs-and-outputs", test_many_ends);
    g_test_add_func("/step/activations-are-fused-unless-a-gradient-asks", test_fused_steps);
    g_test_add_func("/plan/chains-of-functions-are-one-kernel", test_chains);
    return g_test_run();
}
