// SPDX-License-Identifier: LGPL-3.0-or-later
// The community's weight files give what their authors' code gives. The files are not part of this
// repository: they are looked for in the folder GIMP_GAN_TEST_MODELS, or in shared/data/models
// beside the source tree.
#include "plain.h"

#include <gegl.h>
#include <math.h>
#include <string.h>

static char *model_path(const char *name)
{
    const char *folder = g_getenv("GIMP_GAN_TEST_MODELS");
    return folder != NULL ? g_build_filename(folder, name, NULL)
                          : g_test_build_filename(G_TEST_DIST, "..", "..", "shared", "data",
                                                  "models", name, NULL);
}

// Reads the picture that the golden outputs were made of, 0..1.
static GanTensor *input_picture(void)
{
    g_autofree char *path = model_path("golden/input_rgb_48x48.png");
    GeglBuffer *buffer = NULL;
    GeglNode *graph = gegl_node_new();
    GeglNode *load = gegl_node_new_child(graph, "operation", "gegl:load", "path", path, NULL);
    GeglNode *sink =
        gegl_node_new_child(graph, "operation", "gegl:buffer-sink", "buffer", &buffer, NULL);
    gegl_node_link(load, sink);
    gegl_node_process(sink);
    g_object_unref(graph);
    g_assert_nonnull(buffer);
    const GeglRectangle *extent = gegl_buffer_get_extent(buffer);
    const gsize h = (gsize)extent->height, w = (gsize)extent->width;
    const gsize shape[] = {1, h, w, 3};
    GanTensor *tensor = tensor_filled(4, shape, 0);
    g_autofree guchar *bytes = g_malloc(h * w * 3);
    gegl_buffer_get(buffer, extent, 1, babl_format("R'G'B' u8"), bytes, GEGL_AUTO_ROWSTRIDE,
                    GEGL_ABYSS_NONE);
    for (gsize i = 0; i < h * w * 3; i++)
        tensor->data[i] = bytes[i] / 255.f;
    g_object_unref(buffer);
    return tensor;
}

static GanTensor *golden_output(const char *name, gsize side)
{
    g_autofree char *file = g_strdup_printf("golden/%s.f32", name);
    g_autofree char *path = model_path(file);
    char *bytes;
    gsize length;
    GError *error = NULL;
    g_file_get_contents(path, &bytes, &length, &error);
    g_assert_no_error(error);
    const gsize shape[] = {1, 3, side, side};
    g_assert_cmpuint(length, ==, 3 * side * side * sizeof(float));
    g_autoptr(GanTensor) nchw =
        gan_tensor_new_borrowed(4, shape, (float *)(void *)bytes, bytes, g_free);
    return nhwc_of_nchw(nchw);
}

static GanModel *load(const char *name)
{
    GError *error = NULL;
    g_autofree char *path = model_path(name);
    GanModel *model = gan_model_load(path, NULL, &error);
    g_assert_no_error(error);
    return model;
}

typedef struct {
    const char *file, *golden, *family, *title;
    gsize side;
    guint64 n_parameters;
} Known;

static const Known known[] = {
    {"realesr-animevideov3.pth", "realesr-animevideov3_x4", "srvgg", "SRVGGNetCompact 64/16, PReLU",
     192, 621424},
    {"srgan-leftthomas-x2.pth", "srgan_leftthomas_x2", "srresnet", "SRResNet 64/5", 96, 0},
    {"srgan-leftthomas-x4.pth", "srgan_leftthomas_x4", "srresnet", "SRResNet 64/5", 192, 0},
};

typedef struct {
    const Known *known;
    const char *device;
} KnownCase;

static void test_known(gconstpointer data)
{
    const KnownCase *c = data;
    GError *error = NULL;
    g_autoptr(GanDevice) device = device_or_skip(c->device);
    if (device == NULL)
        return;
    g_autoptr(GanModel) model = load(c->known->file);
    const GanModelInfo *info = gan_model_info(model);
    g_assert_cmpstr(info->family, ==, c->known->family);
    g_assert_cmpstr(info->title, ==, c->known->title);
    g_assert_true(info->exact_tiles);
    if (c->known->n_parameters != 0)
        g_assert_cmpuint(info->n_parameters, ==, c->known->n_parameters);
    g_autoptr(GanTensor) in = input_picture();
    g_autoptr(GanTensor) wanted = golden_output(c->known->golden, c->known->side);
    g_autoptr(GanTensor) out = gan_model_run(model, device, in, &error);
    g_assert_no_error(error);
    const double worst = difference(out, wanted);
    g_test_message("%s differs by %g", c->known->file, worst);
    g_assert_cmpfloat(worst, <=, 1e-4);
}

// The architecture's cost, as published: 0.619 million multiplications an input pixel.
static void test_cost(void)
{
    g_autoptr(GanModel) model = load("realesr-animevideov3.pth");
    const GanModelInfo *info = gan_model_info(model);
    g_assert_cmpfloat_with_epsilon(info->flops_per_pixel / 2e6, 0.619, 0.001);
    g_assert_cmpuint(info->reach, ==, 18);
    g_assert_cmpuint(info->overlap, ==, 18);
}

// There is no output of the authors' code of these two; but an upscaled picture, made small again,
// is the picture it was, and a denoiser takes noise of its own strength out of a smooth one.
static void test_slim_span_enlarges(void)
{
    GError *error = NULL;
    g_autoptr(GanModel) model = load("team38_span_ch28_slim.pth");
    g_assert_cmpstr(gan_model_info(model)->family, ==, "span");
    g_assert_cmpfloat(gan_model_info(model)->scale, ==, 4);
    g_autoptr(GanDevice) device = gan_device_open("reference", 1, &error);
    g_assert_no_error(error);
    g_autoptr(GanTensor) in = input_picture();
    g_autoptr(GanTensor) out = gan_model_run(model, device, in, &error);
    g_assert_no_error(error);
    double sum = 0;
    for (gsize i = 0; i < gan_tensor_length(in); i++) {
        const gsize y = i / 3 / 48, x = i / 3 % 48;
        double mean = 0;
        for (gsize t = 0; t < 16; t++)
            mean += out->data[((4 * y + t / 4) * 192 + 4 * x + t % 4) * 3 + i % 3] / 16;
        sum += (mean - in->data[i]) * (mean - in->data[i]);
    }
    const double rms = sqrt(sum / (double)gan_tensor_length(in));
    g_test_message("made small again it differs by %g", rms);
    g_assert_cmpfloat(rms, <=, 0.02);
}

static void test_dncnn_takes_noise_out(void)
{
    GError *error = NULL;
    g_autoptr(GanModel) model = load("dncnn_25.pth");
    g_assert_cmpstr(gan_model_info(model)->title, ==, "DnCNN 64/17");
    g_autoptr(GanDevice) device = gan_device_open("reference", 1, &error);
    g_assert_no_error(error);
    g_autoptr(GRand) rand = g_rand_new_with_seed(25);
    const gsize side = 40;
    g_autoptr(GanTensor) noisy = tensor_random(rand, 25 / 255., 4, (gsize)1, side, side, (gsize)1);
    double before = 0, after = 0;
    for (gsize i = 0; i < side * side; i++) {
        before += noisy->data[i] * noisy->data[i];
        noisy->data[i] += (float)(0.3 + 0.01 * (i % side));
    }
    g_autoptr(GanTensor) out = gan_model_run(model, device, noisy, &error);
    g_assert_no_error(error);
    for (gsize i = 0; i < side * side; i++) {
        const double d = out->data[i] - (0.3 + 0.01 * (i % side));
        after += d * d;
    }
    g_test_message("noise power falls to %g", after / before);
    g_assert_cmpfloat(after, <=, 0.05 * before);
}

static void test_rlfn_is_refused(void)
{
    g_autoptr(GError) error = NULL;
    g_autofree char *path = model_path("team00_rlfn.pth");
    g_assert_null(gan_model_load(path, NULL, &error));
    g_assert_error(error, GAN_ERROR, GAN_ERROR_UNKNOWN);
    g_assert_nonnull(strstr(error->message, "RLFN model, which is not supported; supported are"));
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_autofree char *index = model_path("golden/index.json");
    if (!g_file_test(index, G_FILE_TEST_EXISTS)) {
        g_print("no community weights: there is no %s\n", index);
        return 77;
    }
    gegl_init(NULL, NULL);
    for (guint i = 0; i < G_N_ELEMENTS(known); i++)
        for (guint d = 0; device_names[d] != NULL; d++) {
            KnownCase *c = g_new(KnownCase, 1);
            *c = (KnownCase){&known[i], device_names[d]};
            g_autofree char *path =
                g_strdup_printf("/community/%s/%s", known[i].golden, device_names[d]);
            g_test_add_data_func_full(path, c, test_known, g_free);
        }
    g_test_add_func("/community/cost-is-as-published", test_cost);
    g_test_add_func("/community/slim-span-enlarges", test_slim_span_enlarges);
    g_test_add_func("/community/dncnn-takes-noise-out", test_dncnn_takes_noise_out);
    g_test_add_func("/community/rlfn-is-refused", test_rlfn_is_refused);
    const int status = g_test_run();
    gegl_exit();
    return status;
}
