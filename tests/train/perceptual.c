// SPDX-License-Identifier: LGPL-3.0-or-later
// The feature network against golden values of VGG19's beginning. Its weights are not part of this
// repository: they are looked for in the folder GIMP_GAN_TEST_LOSSNET, or in shared/data/lossnet
// beside the source tree.
#include "pictures.h"

#include <math.h>
#include <perceptual.h>
#include <step.h>
#include <string.h>

static char *lossnet_path(const char *name)
{
    const char *folder = g_getenv("GIMP_GAN_TEST_LOSSNET");
    return folder != NULL ? g_build_filename(folder, name, NULL)
                          : g_test_build_filename(G_TEST_DIST, "..", "..", "shared", "data",
                                                  "lossnet", name, NULL);
}

static void check_layer(const float *found, GanWeights *golden, const char *name)
{
    GError *error = NULL;
    g_autoptr(GanTensor) wanted = gan_weights_tensor(golden, name, &error);
    g_assert_no_error(error);
    const gsize channels = wanted->shape[1], pixels = wanted->shape[2] * wanted->shape[3];
    double most = 0, worst = 0;
    for (gsize c = 0; c < channels; c++)
        for (gsize p = 0; p < pixels; p++) {
            const double value = found[p * channels + c], other = wanted->data[c * pixels + p];
            most = MAX(most, fabs(other));
            worst = MAX(worst, fabs(value - other));
        }
    g_assert_cmpfloat(worst, <, 2e-5 * most);
}

static void test_golden(void)
{
    g_autofree char *path = lossnet_path("vgg19_to_conv3_1_f32.safetensors");
    g_autofree char *golden_path = g_test_build_filename(
        G_TEST_DIST, "golden", "train", "vgg19-to-conv3_1.golden.safetensors", NULL);
    if (!g_file_test(path, G_FILE_TEST_EXISTS)) {
        g_test_skip("the weights of VGG19 are not here");
        return;
    }
    GError *error = NULL;
    g_autoptr(GanWeights) golden = gan_weights_open(golden_path, &error);
    g_assert_no_error(error);
    g_autoptr(GanTensor) picture = gan_weights_tensor(golden, "input", &error);
    g_assert_no_error(error);
    g_autoptr(GanFeatures) features = gan_features_open(path, "conv1_2:0.5 conv3_1", &error);
    g_assert_no_error(error);
    g_assert_cmpuint(gan_features_n(features), ==, 2);
    g_assert_cmpfloat(gan_features_weight(features, 0), ==, 0.5);
    g_assert_cmpfloat(gan_features_weight(features, 1), ==, 1);

    static const float mean[] = {123.68f, 116.78f, 103.94f}; // was taken off
    const gsize h = picture->shape[2], w = picture->shape[3];
    g_autofree float *in = g_new(float, h *w * 3);
    for (gsize i = 0; i < h * w; i++)
        for (gsize c = 0; c < 3; c++)
            in[i * 3 + c] = (picture->data[c * h * w + i] + mean[c]) / 255;
    GanGraph *graph = gan_graph_new();
    GanNode *x = gan_named_input(graph, "x", 3), *values[2];
    gan_features_append(features, x, values);
    gan_graph_add_output(graph, values[0]);
    gan_graph_add_output(graph, values[1]);
    // A picture differs from itself by nothing, and from another by something.
    GanNode *others[2], *flat = gan_linear_map(x, 0.9f, 0);
    gan_features_append(features, flat, others);
    gan_graph_add_output(graph, gan_loss_perceptual(features, values, values));
    gan_graph_add_output(graph, gan_loss_perceptual(features, values, others));
    gan_graph_add_output(graph, gan_loss_style(features, values, others));
    const GanShape shape = {1, h, w, 3};
    g_autoptr(GanDevice) device = gan_device_open("cpu", 1, &error);
    g_autoptr(GanStep) step = gan_step_new(graph, device, &shape, &error);
    g_assert_no_error(error);
    const GanShape a = gan_step_output_shape(step, 0), b = gan_step_output_shape(step, 1);
    g_autofree float *first = g_new(float, a.h *a.w *a.c), *last = g_new(float, b.h *b.w *b.c);
    float same, differs, style;
    const void *const inputs[] = {in};
    void *const outputs[] = {first, last, &same, &differs, &style};
    gan_step_run(step, inputs, outputs, &error);
    g_assert_no_error(error);
    check_layer(first, golden, "conv1_2");
    check_layer(last, golden, "conv3_1");
    g_assert_cmpfloat(same, ==, 0);
    g_assert_cmpfloat(differs, >, 0);
    g_assert_cmpfloat(style, >, 0);
}

static void test_refused(void)
{
    g_autofree char *other =
        g_test_build_filename(G_TEST_DIST, "golden", "models", "srvgg-prelu-x4.safetensors", NULL);
    g_autofree char *path = lossnet_path("vgg19_to_conv3_1_f32.safetensors");
    GError *error = NULL;
    g_assert_null(gan_features_open(other, "", &error));
    g_assert_error(error, GAN_ERROR, GAN_ERROR_UNKNOWN);
    g_clear_error(&error);
    if (!g_file_test(path, G_FILE_TEST_EXISTS))
        return;
    static const char *const wrong[] = {"conv5_4", "conv1_1:0", "conv1_1:x", "relu1_1"};
    for (gsize i = 0; i < G_N_ELEMENTS(wrong); i++) {
        g_assert_null(gan_features_open(path, wrong[i], &error));
        g_assert_error(error, GAN_ERROR, GAN_ERROR_FORMAT);
        g_assert_nonnull(strstr(error->message, "it goes from conv1_1 to conv3_1"));
        g_clear_error(&error);
    }
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/features/vgg19-equals-the-golden-values", test_golden);
    g_test_add_func("/features/other-files-and-layers-are-refused", test_refused);
    return g_test_run();
}
