// SPDX-License-Identifier: LGPL-3.0-or-later
// How far operations see: what is called local changes nowhere beyond its reach, and what sees more
// than that says so.
#include "step.h"
#include "values.h"

#include <math.h>

#define SIDE 48
#define CHANNELS 4

typedef struct {
    const char *name;
    GanNode *(*build)(GanNode *x);
    GanSight sight;
} Row;

static GanNode *constant(GanNode *x, guint rank, const gsize *shape)
{
    g_autoptr(GanTensor) tensor = gan_tensor_new(rank, shape, NULL);
    for (gsize i = 0; i < gan_tensor_length(tensor); i++)
        tensor->data[i] = 0.3f + 0.1f * (float)(i % 7);
    return gan_frozen(x->graph, "constant", tensor);
}

static GanNode *weight(GanNode *x, guint kernel)
{
    const gsize shape[] = {CHANNELS, CHANNELS, kernel, kernel};
    return constant(x, 4, shape);
}

static GanNode *padded_convolution(GanNode *x, guint kernel, guint stride, guint dilation,
                                   guint pad, GkPadMode mode)
{
    const GanConvParams params = {kernel, kernel, stride, dilation, 1, pad, pad, pad, pad, 0, mode};
    return gan_convolution(x, weight(x, kernel), NULL, CHANNELS, &params);
}

static GanNode *convolution(GanNode *x, guint kernel, guint stride, guint dilation, guint pad)
{
    return padded_convolution(x, kernel, stride, dilation, pad, GK_PAD_ZERO);
}

static GanNode *transposed(GanNode *x, guint kernel, guint stride, guint pad, guint output_pad)
{
    const GanConvParams params = {kernel, kernel, stride, 1,          1,          pad,
                                  pad,    pad,    pad,    output_pad, GK_PAD_ZERO};
    return gan_transposed_convolution(x, weight(x, kernel), NULL, CHANNELS, &params);
}

static GanNode *conv3(GanNode *x)
{
    return convolution(x, 3, 1, 1, 1);
}

static GanNode *mirrored(GanNode *x)
{
    return padded_convolution(x, 5, 1, 1, 2, GK_PAD_REFLECT);
}

static GanNode *wrapped(GanNode *x)
{
    return padded_convolution(x, 5, 1, 1, 2, GK_PAD_CIRCULAR);
}

static GanNode *instance_norm(GanNode *x)
{
    return gan_normalised(conv3(x), gan_moments(x, CHANNELS, FALSE), 1e-5f);
}

static GanNode *softmax_of_channels(GanNode *x)
{
    return gan_softmax(conv3(x), GAN_AXIS_C);
}

static GanNode *softmax_of_rows(GanNode *x)
{
    return gan_softmax(conv3(x), GAN_AXIS_W);
}

static GanNode *conv_wide(GanNode *x)
{
    return convolution(x, 3, 1, 3, 3);
}

static GanNode *conv_strided(GanNode *x)
{
    return convolution(convolution(x, 4, 2, 1, 1), 3, 2, 1, 1);
}

static GanNode *conv_valid(GanNode *x)
{
    return convolution(x, 3, 1, 1, 0);
}

static GanNode *there_and_back(GanNode *x)
{
    GanNode *small = convolution(x, 3, 2, 1, 1);
    return gan_sum(transposed(small, 4, 2, 1, 0), transposed(small, 3, 2, 1, 1));
}

static GanNode *transposed_short(GanNode *x)
{
    return transposed(x, 3, 2, 1, 0);
}

static GanNode *pools(GanNode *x)
{
    GanNode *small = gan_sum(gan_max_pool(x, 2, 2, 0, FALSE), gan_max_pool(x, 3, 2, 1, FALSE));
    return gan_average_pool(gan_sum(small, gan_average_pool(x, 3, 2, 1, FALSE, FALSE)), 3, 1, 1,
                            FALSE, TRUE);
}

static GanNode *pool_valid(GanNode *x)
{
    return gan_average_pool(x, 3, 1, 0, FALSE, FALSE);
}

static GanNode *padded(GanNode *x)
{
    return gan_pad(x, 1, 1, 1, 1, GK_PAD_REFLECT);
}

static GanNode *channel_mean(GanNode *x)
{
    return gan_difference(conv3(x), gan_reduce_mean(x, GAN_AXIS_C));
}

static GanNode *picture_mean(GanNode *x)
{
    return gan_difference(conv3(x), gan_reduce_mean(x, GAN_AXIS_H | GAN_AXIS_W));
}

// Layers over numbers of the whole picture see no more than those.
static GanNode *layer_of_means(GanNode *x)
{
    const gsize shape[] = {CHANNELS, CHANNELS};
    GanNode *means = gan_reduce_mean(x, GAN_AXIS_H | GAN_AXIS_W);
    GanNode *row = gan_reshape(gan_transpose(means, 0, 3, 1, 2), 1, 1, GAN_REST, CHANNELS);
    GanNode *made = gan_matmul(row, FALSE, constant(x, 2, shape), TRUE);
    return gan_difference(conv3(x), gan_reshape(made, GAN_REST, 1, 1, CHANNELS));
}

static GanNode *row_mean(GanNode *x)
{
    return gan_difference(x, gan_reduce_mean(x, GAN_AXIS_W));
}

static GanNode *broadcast_mean(GanNode *x)
{
    return gan_broadcast(gan_reduce_mean(x, GAN_AXIS_H | GAN_AXIS_W), conv3(x));
}

static GanNode *reordered(GanNode *x)
{
    return gan_transpose(x, 0, 2, 1, 3);
}

static GanNode *reshaped(GanNode *x)
{
    return gan_reshape(x, GAN_KEEP(0), GAN_KEEP(1), GAN_KEEP(2), GAN_KEEP(3));
}

static GanNode *attention(GanNode *x)
{
    GanNode *flat = gan_reshape(x, GAN_KEEP(0), 1, GAN_REST, CHANNELS);
    return gan_reshape(gan_matmul(gan_matmul(flat, FALSE, flat, TRUE), FALSE, flat, FALSE), 1, SIDE,
                       SIDE, CHANNELS);
}

// Whatever is done to a weight sees nothing of the picture.
static GanNode *normalised_weight(GanNode *x)
{
    GanNode *w = weight(x, 3);
    GanNode *rows = gan_reshape(w, 1, 1, CHANNELS, GAN_REST);
    GanNode *norm = gan_reduce_sum(gan_matmul(rows, FALSE, rows, TRUE), GAN_AXIS_ALL);
    const GanConvParams params = {3, 3, 1, 1, 1, 1, 1, 1, 1, 0, GK_PAD_ZERO};
    return gan_convolution(x, gan_quotient(w, norm), NULL, CHANNELS, &params);
}

static GanNode *placed(GanNode *x)
{
    const gsize shape[] = {SIDE, SIDE, CHANNELS};
    return gan_sum(x, constant(x, 3, shape));
}

static GanNode *channels_part(GanNode *x)
{
    return gan_sum(gan_slice(x, 3, 1, 2), gan_slice(x, 3, 0, 2));
}

static GanNode *rows_part(GanNode *x)
{
    return gan_slice(x, 1, 3, 0);
}

static GanNode *append(GanOp op, GanNode *a, GanNode *b, GanNode *c, guint factor)
{
    GanAttributes attributes = gan_attributes_default();
    GanNode *inputs[] = {a, b, c};
    attributes.factor = factor;
    return gan_graph_append(a->graph, op, "tested", inputs,
                            c != NULL   ? 3
                            : b != NULL ? 2
                                        : 1,
                            &attributes);
}

static GanNode *pointwise(GanNode *x)
{
    const gsize shape[] = {CHANNELS};
    GanNode *scale = constant(x, 1, shape);
    GanNode *a = append(GAN_OP_AFFINE, gan_absolute(x), scale, scale, 1);
    GanNode *b = append(GAN_OP_ACTIVATE, gan_stop(conv3(x)), NULL, NULL, 1);
    GanNode *both = append(GAN_OP_MULTIPLY, append(GAN_OP_ADD, a, b, NULL, 1), x, NULL, 1);
    return append(GAN_OP_CONCAT, both, b, NULL, 1);
}

static GanNode *enlarged(GanNode *x)
{
    GanNode *shuffled = append(GAN_OP_PIXEL_SHUFFLE, x, NULL, NULL, 2);
    GanNode *small = append(GAN_OP_PIXEL_UNSHUFFLE, shuffled, NULL, NULL, 2);
    return gan_sum(append(GAN_OP_UPSAMPLE_NEAREST, small, NULL, NULL, 3),
                   append(GAN_OP_UPSAMPLE_BILINEAR, conv3(x), NULL, NULL, 3));
}

static GanNode *made_to_fit(GanNode *x)
{
    return append(GAN_OP_CROP_LIKE, append(GAN_OP_PAD_TO_MULTIPLE, x, NULL, NULL, 5), x, NULL, 1);
}

static const Row rows[] = {
    {"pointwise", pointwise, GAN_SIGHT_LOCAL},
    {"enlarged", enlarged, GAN_SIGHT_LOCAL},
    {"made-to-fit", made_to_fit, GAN_SIGHT_LOCAL},
    {"convolution", conv3, GAN_SIGHT_LOCAL},
    {"mirrored-convolution", mirrored, GAN_SIGHT_LOCAL},
    {"wrapped-convolution", wrapped, GAN_SIGHT_WHOLE},
    {"instance-norm", instance_norm, GAN_SIGHT_STATISTICS},
    {"softmax-of-channels", softmax_of_channels, GAN_SIGHT_LOCAL},
    {"softmax-of-rows", softmax_of_rows, GAN_SIGHT_WHOLE},
    {"dilated-convolution", conv_wide, GAN_SIGHT_LOCAL},
    {"strided-convolution", conv_strided, GAN_SIGHT_LOCAL},
    {"convolution-without-padding", conv_valid, GAN_SIGHT_WHOLE},
    {"transposed-convolution", there_and_back, GAN_SIGHT_LOCAL},
    {"transposed-convolution-short", transposed_short, GAN_SIGHT_WHOLE},
    {"pooling", pools, GAN_SIGHT_LOCAL},
    {"pooling-without-padding", pool_valid, GAN_SIGHT_WHOLE},
    {"padding", padded, GAN_SIGHT_WHOLE},
    {"mean-over-channels", channel_mean, GAN_SIGHT_LOCAL},
    {"mean-over-the-picture", picture_mean, GAN_SIGHT_STATISTICS},
    {"layer-of-means", layer_of_means, GAN_SIGHT_STATISTICS},
    {"mean-over-rows", row_mean, GAN_SIGHT_WHOLE},
    {"broadcast-mean", broadcast_mean, GAN_SIGHT_STATISTICS},
    {"transposition", reordered, GAN_SIGHT_WHOLE},
    {"reshape", reshaped, GAN_SIGHT_WHOLE},
    {"attention", attention, GAN_SIGHT_WHOLE},
    {"normalised-weight", normalised_weight, GAN_SIGHT_LOCAL},
    {"parameter-of-one-size", placed, GAN_SIGHT_WHOLE},
    {"some-channels", channels_part, GAN_SIGHT_LOCAL},
    {"some-rows", rows_part, GAN_SIGHT_WHOLE},
};

static GanGraph *graph_of(const Row *row)
{
    GanGraph *graph = gan_graph_new();
    gan_graph_add_output(graph, row->build(gan_named_input(graph, "x", CHANNELS)));
    return graph;
}

static GanGeometry geometry_of(const GanGraph *graph)
{
    g_autoptr(GError) error = NULL;
    g_autofree GanGeometry *all = g_new(GanGeometry, gan_graph_n_nodes(graph));
    gan_graph_geometry(graph, all, &error);
    g_assert_no_error(error);
    return all[gan_graph_output_at(graph, 0)->id];
}

static void test_sight(gconstpointer data)
{
    const Row *row = data;
    g_autoptr(GanGraph) graph = graph_of(row);
    g_assert_cmpint(geometry_of(graph).sight, ==, row->sight);
}

static double *run(GanStep *step, const double *picture, gsize length)
{
    g_autoptr(GError) error = NULL;
    double *value = g_new(double, length);
    const void *inputs[] = {picture};
    void *outputs[] = {value};
    gan_step_run(step, inputs, outputs, &error);
    g_assert_no_error(error);
    return value;
}

// What is called local depends on no pixel beyond its reach, along both axes, and has the size that
// its scale says.
static void test_reach(gconstpointer data)
{
    g_autoptr(GError) error = NULL;
    const GanShape shape = {1, SIDE, SIDE, CHANNELS};
    GanGraph *graph = graph_of(data);
    const GanGeometry g = geometry_of(graph);
    g_autoptr(GanDevice) device = gan_device_open("reference:double", 0, &error);
    g_autoptr(GanStep) step = gan_step_new(graph, device, &shape, &error);
    g_assert_no_error(error);
    const GanShape out = gan_step_output_shape(step, 0);
    const gsize length = out.h * out.w * out.c;
    g_assert_cmpuint(out.h * g.scale_den, ==, SIDE * g.scale_num);
    g_assert_cmpuint(out.w * g.scale_den, ==, SIDE * g.scale_num);
    g_autofree double *x = g_new(double, SIDE *SIDE *CHANNELS);
    for (guint i = 0; i < SIDE * SIDE * CHANNELS; i++)
        x[i] = sin(i * 12.9898) * 0.5 + 0.5;
    const guint at_y = 20, at_x = 27;
    g_autofree double *before = run(step, x, length);
    for (guint c = 0; c < CHANNELS; c++)
        x[(at_y * SIDE + at_x) * CHANNELS + c] += 1;
    g_autofree double *after = run(step, x, length);
    guint n_changed = 0;
    for (gsize i = 0; i < length; i++) {
        if (before[i] == after[i])
            continue;
        const gsize row = i / out.c / out.w, column = i / out.c % out.w;
        // The input pixels that the changed one stands on.
        const double size = (double)g.scale_den / g.scale_num, cell = MAX(1, size);
        g_assert_cmpfloat(fabs((double)row * size - at_y), <, g.reach + cell);
        g_assert_cmpfloat(fabs((double)column * size - at_x), <, g.reach + cell);
        n_changed++;
    }
    g_assert_cmpuint(n_changed, >, 0);
}

// What no network has that runs: only gradients append it.
static gboolean is_of_gradients(GanOp op)
{
    return op == GAN_OP_CONV2D_WEIGHT_GRADIENT || op == GAN_OP_PAD_GRADIENT || op == GAN_OP_EMBED ||
           op == GAN_OP_AVERAGE_POOL_GRADIENT || op == GAN_OP_MAX_POOL_GRADIENT ||
           op == GAN_OP_UPSAMPLE_BILINEAR_GRADIENT;
}

// Every operation tells its geometry and its sight, and has a row above that checks what it says.
static void test_all_say(void)
{
    gboolean used[GAN_N_OPS] = {FALSE};
    for (guint i = 0; i < G_N_ELEMENTS(rows); i++) {
        g_autoptr(GanGraph) graph = graph_of(&rows[i]);
        for (guint k = 0; k < gan_graph_n_nodes(graph); k++)
            used[gan_graph_node(graph, k)->op] = TRUE;
    }
    for (guint op = 0; op < GAN_N_OPS; op++) {
        g_assert_nonnull(gan_op_row((GanOp)op)->geometry);
        g_assert_nonnull(gan_op_sight((GanOp)op));
        if (!used[op] && !is_of_gradients((GanOp)op))
            g_error("no row of this test has the operation '%s'", gan_op_name((GanOp)op));
    }
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    for (guint i = 0; i < G_N_ELEMENTS(rows); i++) {
        g_autofree char *sight = g_strdup_printf("/sight/%s", rows[i].name);
        g_test_add_data_func(sight, &rows[i], test_sight);
        g_autofree char *reach = g_strdup_printf("/sight/%s-within-its-reach", rows[i].name);
        if (rows[i].sight == GAN_SIGHT_LOCAL)
            g_test_add_data_func(reach, &rows[i], test_reach);
    }
    g_test_add_func("/sight/every-operation-says-it", test_all_say);
    return g_test_run();
}
