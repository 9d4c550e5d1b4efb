// SPDX-License-Identifier: LGPL-3.0-or-later
// Frozen feature networks against PyTorch, and MS-SSIM against its formula. The networks are not
// part of this repository: they are looked for in the folder GIMP_GAN_TEST_DATA, or in shared/data
// beside the source tree.
#include "golden.h"
#include "gradient.h"
#include "loss.h"
#include "loss_features.h"

#include <math.h>
#include <string.h>

static char *data_path(const char *name)
{
    const char *folder = g_getenv("GIMP_GAN_TEST_DATA");
    return folder != NULL
               ? g_build_filename(folder, name, NULL)
               : g_test_build_filename(G_TEST_DIST, "..", "..", "shared", "data", name, NULL);
}

static const struct {
    const char *name, *network, *golden, *input;
    const char *layers[4];
    double limit; // PyTorch's own float result is off by up to 1e-5 of the largest
} networks[] = {
    {"vgg19",
     "lossnet/vgg19_to_conv3_1_f32.safetensors",
     "golden/models/vgg19-to-conv3_1.golden.safetensors",
     "rgb",
     {"conv1_2", "conv2_2", "conv3_1", "relu3_1"},
     2e-5},
    {"vgg19-wct",
     "lossnet/vgg19norm_to_conv3_1_f32.safetensors",
     "golden/models/vgg19-normalised-wct.golden.safetensors",
     "rgb",
     {"relu3_1"},
     2e-5},
    {"squeezenet-1.1",
     "lossnet/squeezenet1_1_notop_f32.safetensors",
     "golden/models/squeezenet-1.1-features.golden.safetensors",
     "rgb",
     {"pool1", "fire3", "fire5", "fire9"},
     2e-5},
};

// The picture of a golden file in 0..1, channels-last.
static float *input_of(GanWeights *golden, GanShape *shape)
{
    g_autoptr(GanTensor) input = golden_tensor(golden, "input");
    *shape = golden_picture_shape(input);
    return golden_picture(input);
}

static void test_network(gconstpointer data)
{
    const guint i = GPOINTER_TO_UINT(data);
    g_autofree char *network_path = data_path(networks[i].network);
    g_autofree char *golden_path = data_path(networks[i].golden);
    if (!g_file_test(network_path, G_FILE_TEST_EXISTS) ||
        !g_file_test(golden_path, G_FILE_TEST_EXISTS)) {
        g_test_skip("the network or its golden file is not on this machine");
        return;
    }
    g_autoptr(GError) error = NULL;
    g_autoptr(GanFeatures) features = gan_features_open(network_path, &error);
    g_assert_no_error(error);
    g_autoptr(GanWeights) golden = gan_weights_open(golden_path, &error);
    g_assert_no_error(error);
    GanShape shape;
    g_autofree float *picture = input_of(golden, &shape);
    // The golden input is what enters the first convolution; back to RGB in 0..1.
    const double means[][3] = {{123.68, 116.78, 103.94}, {0, 0, 0}, {103.939, 116.779, 123.68}};
    for (gsize p = 0; p < shape.n * shape.h * shape.w && i != 1; p++) {
        float *v = picture + 3 * p, rgb[3];
        for (guint c = 0; c < 3; c++)
            rgb[i == 2 ? 2 - c : c] = (float)((v[c] + means[i][c]) / 255);
        memcpy(v, rgb, sizeof rgb);
    }
    guint n = 0;
    while (n < 4 && networks[i].layers[n] != NULL)
        n++;
    g_autoptr(GanDevice) device = gan_device_open("cpu", 2, NULL);
    GanGraph *graph = gan_graph_new();
    GanNode *x = gan_named_input(graph, "x", 3), *values[4], *gradient = NULL;
    gan_features_append(features, x, networks[i].layers, n, values, &error);
    g_assert_no_error(error);
    for (guint k = 0; k < n; k++)
        gan_graph_add_output(graph, values[k]);
    // The whole way back runs as well: the loss of a picture against itself has no gradient.
    const float weights[] = {1, 0.5f, 0.1f, 1};
    GanNode *loss = gan_sum(gan_loss_perceptual(features, GAN_PERCEPTUAL_L1, x, x,
                                                networks[i].layers, weights, n, &error),
                            gan_loss_perceptual(features, GAN_PERCEPTUAL_STYLE, x, x,
                                                networks[i].layers, weights, n, &error));
    g_assert_no_error(error);
    gan_graph_gradient(graph, loss, &x, 1, &gradient);
    gan_graph_add_output(graph, loss);
    gan_graph_add_output(graph, gradient);
    g_autoptr(GanStep) step = gan_step_new(graph, device, &shape, &error);
    g_assert_no_error(error);
    void *outputs[6];
    for (guint k = 0; k < n + 2; k++) {
        const GanShape s = gan_step_output_shape(step, k);
        outputs[k] = g_new(float, s.n *s.h *s.w *s.c);
    }
    gan_step_run(step, (const void *[]){picture}, outputs, &error);
    g_assert_no_error(error);
    for (guint k = 0; k < n; k++) {
        g_autoptr(GanTensor) wanted = golden_find(golden, "%s", networks[i].layers[k]);
        if (wanted == NULL)
            wanted = golden_tensor(golden, "output");
        g_autofree float *wanted_picture = golden_picture(wanted);
        golden_compare(networks[i].layers[k], outputs[k], wanted_picture, gan_tensor_length(wanted),
                       networks[i].limit);
    }
    g_assert_cmpfloat(*(float *)outputs[n], ==, 0);
    for (gsize k = 0; k < shape.n * shape.h * shape.w * 3; k++)
        g_assert_cmpfloat(((float *)outputs[n + 1])[k], ==, 0);
    for (guint k = 0; k < n + 2; k++)
        g_free(outputs[k]);
    const char *none = "conv9_9";
    graph = gan_graph_new();
    x = gan_named_input(graph, "x", 3);
    g_assert_false(gan_features_append(features, x, &none, 1, values, &error));
    g_assert_error(error, GAN_ERROR, GAN_ERROR_ARGUMENT);
    g_assert_nonnull(strstr(error->message, "'conv9_9' is none of conv1"));
    gan_graph_free(graph);
}

static void test_refuses(void)
{
    g_autoptr(GError) error = NULL;
    g_autofree char *path =
        g_test_build_filename(G_TEST_DIST, "golden", "train", "ema.safetensors", NULL);
    g_assert_null(gan_features_open(path, &error));
    g_assert_error(error, GAN_ERROR, GAN_ERROR_UNKNOWN);
}

// --- MS-SSIM by its formula, in double, with the window as a sum over 11 x 11 pixels ---

enum { SIDE = 48, WINDOW = 11 };

static double mean_at(const double *a, const double *b, guint side, guint y, guint x)
{
    double sum = 0, total = 0;
    for (int v = 0; v < WINDOW; v++)
        for (int u = 0; u < WINDOW; u++) {
            const double w = exp(-((v - 5) * (v - 5) + (u - 5) * (u - 5)) / (2 * 1.5 * 1.5));
            const guint at = (y + (guint)v) * side + x + (guint)u;
            sum += w * a[at] * (b == NULL ? 1 : b[at]);
            total += w;
        }
    return sum / total;
}

static double ms_ssim(const double *first, const double *second, guint scales)
{
    static const double exponents[] = {0.0448, 0.2856, 0.3001, 0.2363, 0.1333};
    const double c1 = 1e-4, c2 = 9e-4;
    double a[SIDE * SIDE], b[SIDE * SIDE], product = 1, total = 0;
    memcpy(a, first, sizeof a);
    memcpy(b, second, sizeof b);
    for (guint s = 0; s < scales; s++)
        total += exponents[s];
    guint side = SIDE;
    for (guint s = 0; s < scales; s++, side /= 2) {
        double sum = 0;
        const guint n = side - WINDOW + 1;
        for (guint y = 0; y < n; y++)
            for (guint x = 0; x < n; x++) {
                const double ma = mean_at(a, NULL, side, y, x), mb = mean_at(b, NULL, side, y, x);
                const double va = mean_at(a, a, side, y, x) - ma * ma;
                const double vb = mean_at(b, b, side, y, x) - mb * mb;
                const double cov = mean_at(a, b, side, y, x) - ma * mb;
                const double structure = (2 * cov + c2) / (va + vb + c2);
                sum += s + 1 < scales ? structure
                                      : structure * (2 * ma * mb + c1) / (ma * ma + mb * mb + c1);
            }
        product *= pow(sum / (n * n), exponents[s] / total);
        for (guint y = 0; y < side / 2; y++)
            for (guint x = 0; x < side / 2; x++) {
                const guint from = 2 * y * side + 2 * x, to = y * (side / 2) + x;
                a[to] = (a[from] + a[from + 1] + a[from + side] + a[from + side + 1]) / 4;
                b[to] = (b[from] + b[from + 1] + b[from + side] + b[from + side + 1]) / 4;
            }
    }
    return product;
}

static void test_ms_ssim(void)
{
    g_autoptr(GanDevice) device = gan_device_open("reference:double", 0, NULL);
    GRand *random = g_rand_new_with_seed(3);
    double a[SIDE * SIDE], b[SIDE * SIDE];
    for (guint i = 0; i < SIDE * SIDE; i++) {
        a[i] = 0.5 + 0.3 * sin(i * 0.05) + 0.1 * g_rand_double(random);
        b[i] = a[i] + 0.2 * (g_rand_double(random) - 0.5);
    }
    g_rand_free(random);
    for (guint scales = 1; scales <= 3; scales++) {
        GanGraph *graph = gan_graph_new();
        GanNode *x = gan_named_input(graph, "x", 1), *y = gan_named_input(graph, "y", 1);
        GanNode *loss = gan_loss_ms_ssim(x, y, 1, scales), *gradient = NULL;
        gan_graph_gradient(graph, loss, &x, 1, &gradient);
        gan_graph_add_output(graph, loss);
        gan_graph_add_output(graph, gradient);
        const GanShape shapes[] = {{1, SIDE, SIDE, 1}, {1, SIDE, SIDE, 1}};
        g_autoptr(GError) error = NULL;
        g_autoptr(GanStep) step = gan_step_new(graph, device, shapes, &error);
        g_assert_no_error(error);
        double found, same, above, below;
        g_autofree double *g = g_new(double, SIDE *SIDE);
        gan_step_run(step, (const void *[]){a, b}, (void *[]){&found, g}, &error);
        gan_step_run(step, (const void *[]){a, a}, (void *[]){&same, NULL}, &error);
        g_assert_no_error(error);
        g_assert_cmpfloat(fabs(found - (1 - ms_ssim(a, b, scales))), <, 1e-6);
        g_assert_cmpfloat(found, >, 0.01);
        g_assert_cmpfloat(fabs(same), <, 1e-6);
        const guint at = SIDE * 20 + 17;
        const double old = a[at];
        a[at] = old + 1e-5;
        gan_step_run(step, (const void *[]){a, b}, (void *[]){&above, NULL}, &error);
        a[at] = old - 1e-5;
        gan_step_run(step, (const void *[]){a, b}, (void *[]){&below, NULL}, &error);
        a[at] = old;
        g_assert_cmpfloat(fabs(g[at] - (above - below) / 2e-5), <, 1e-6 * fmax(1, fabs(g[at])));
    }
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    for (guint i = 0; i < G_N_ELEMENTS(networks); i++) {
        g_autofree char *path = g_strdup_printf("/features/follow-pytorch/%s", networks[i].name);
        g_test_add_data_func(path, GUINT_TO_POINTER(i), test_network);
    }
    g_test_add_func("/features/refuse-other-files", test_refuses);
    g_test_add_func("/loss/ms-ssim-follows-its-formula", test_ms_ssim);
    return g_test_run();
}
