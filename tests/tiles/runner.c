// SPDX-License-Identifier: LGPL-3.0-or-later
// Tiled runs of small golden networks against the same networks over the whole picture.
#include <gan/image.h>
#include <gan/resample.h>
#include <gan/runner.h>
#include <gan/upscale.h>

#include <gio/gio.h>
#include <math.h>
#include <string.h>

static GanModel *load_model(const char *name)
{
    g_autoptr(GError) error = NULL;
    g_autofree char *path = g_test_build_filename(G_TEST_DIST, "golden", "models", name, NULL);
    GanModel *model = gan_model_load(path, NULL, &error);
    g_assert_no_error(error);
    return model;
}

static GanDevice *open_device(void)
{
    g_autoptr(GError) error = NULL;
    GanDevice *device = gan_device_open("cpu", 2, &error);
    g_assert_no_error(error);
    return device;
}

static GanTensor *random_picture(guint width, guint height, guint channels)
{
    const gsize shape[4] = {1, height, width, channels};
    GanTensor *tensor = gan_tensor_new(4, shape, NULL);
    // Broad blobs with noise on them, as pictures are.
    const double a = g_test_rand_double_range(1, 9), b = g_test_rand_double_range(1, 9);
    for (gsize i = 0; i < gan_tensor_length(tensor); i++) {
        const double x = (double)(i / channels % width), y = (double)(i / channels / width);
        const double v = 0.5 + 0.25 * sin(x / a + (double)(i % channels)) * cos(y / b) +
                         g_test_rand_double_range(-0.2, 0.2);
        tensor->data[i] = (float)CLAMP(v, 0, 1);
    }
    return tensor;
}

static GeglBuffer *buffer_of(const GanTensor *picture, const char *format)
{
    GeglBuffer *buffer =
        gegl_buffer_new(GEGL_RECTANGLE(0, 0, (gint)picture->shape[2], (gint)picture->shape[1]),
                        babl_format(format));
    gegl_buffer_set(buffer, NULL, 0,
                    babl_format(picture->shape[3] == 1 ? "Y' float" : "R'G'B' float"),
                    picture->data, GEGL_AUTO_ROWSTRIDE);
    return buffer;
}

static void run_or_die(GanModel *model, GanDevice *device, guint tile, GeglBuffer *in,
                       GeglBuffer *out)
{
    g_autoptr(GError) error = NULL;
    const GanRunnerOptions options = {.tile = tile};
    g_autoptr(GanRunner) runner = gan_runner_new(model, device, &options, &error);
    g_assert_no_error(error);
    g_assert_true(gan_runner_run(runner, in, gegl_buffer_get_extent(in), out, NULL, NULL, &error));
    g_assert_no_error(error);
}

static double largest_difference(GeglBuffer *found, const GanTensor *wanted, float range,
                                 double *mean)
{
    const gsize n = gan_tensor_length(wanted);
    g_autofree float *values = g_new(float, n);
    gegl_buffer_get(found, NULL, 1.0,
                    babl_format(wanted->shape[3] == 1 ? "Y' float" : "R'G'B' float"), values,
                    GEGL_AUTO_ROWSTRIDE, GEGL_ABYSS_NONE);
    double most = 0.0, sum = 0.0, largest = 1.0;
    // Networks of random weights give numbers far beyond 0..1; rounding grows with them.
    for (gsize i = 0; i < n; i++)
        largest = MAX(largest, fabs(wanted->data[i] / range));
    for (gsize i = 0; i < n; i++) {
        const double difference = fabs(values[i] - wanted->data[i] / range) / largest;
        g_assert_false(isnan(difference));
        most = MAX(most, difference);
        sum += difference;
    }
    if (mean)
        *mean = sum / (double)n;
    return most;
}

// Runs one random picture tiled and whole.
static double compare(GanModel *model, GanDevice *device, guint width, guint height, guint tile,
                      double *mean)
{
    const GanModelInfo *info = gan_model_info(model);
    g_autoptr(GError) error = NULL;
    g_autoptr(GanTensor) picture = random_picture(width, height, info->channels_in);
    g_autoptr(GeglBuffer) in =
        buffer_of(picture, info->channels_in == 1 ? "Y' float" : "R'G'B' float");
    g_autoptr(GeglBuffer) out = gegl_buffer_new(
        GEGL_RECTANGLE(0, 0, (gint)(width * info->scale), (gint)(height * info->scale)),
        gegl_buffer_get_format(in));
    run_or_die(model, device, tile, in, out);
    for (gsize i = 0; i < gan_tensor_length(picture); i++)
        picture->data[i] *= info->range;
    g_autoptr(GanTensor) whole = gan_model_run(model, device, picture, &error);
    g_assert_no_error(error);
    return largest_difference(out, whole, info->range, mean);
}

static void test_tiled_equals_untiled(gconstpointer name)
{
    g_autoptr(GanModel) model = load_model(name);
    g_autoptr(GanDevice) device = open_device();
    const GanModelInfo *info = gan_model_info(model);
    if (!info->exact_tiles) {
        g_autofree char *why =
            g_strdup_printf("reach %u, overlap %u: blended", info->reach, info->overlap);
        g_test_skip(why);
        return;
    }
    const guint border = info->overlap + info->alignment;
    const guint sizes[][3] = {
        {1, 1, 8},
        {1, 17, 4},
        {23, 1, 4},
        {4 * border + 3, 3 * border + 1, border},
        {(guint)g_test_rand_int_range(1, 90), (guint)g_test_rand_int_range(1, 90), 16},
        {(guint)g_test_rand_int_range(80, 150), (guint)g_test_rand_int_range(60, 130), 13}};
    double most = 0.0;
    for (guint i = 0; i < G_N_ELEMENTS(sizes); i++) {
        const double difference =
            compare(model, device, sizes[i][0], sizes[i][1], sizes[i][2], NULL);
        if (difference > 1e-5)
            g_test_message("%u x %u, tile %u: %g", sizes[i][0], sizes[i][1], sizes[i][2],
                           difference);
        most = MAX(most, difference);
    }
    g_test_message("%s: reach %u, largest difference %g", (const char *)name, info->reach, most);
    g_assert_cmpfloat(most, <=, 1e-5);
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    gan_image_init(2);
    g_autofree char *folder = g_test_build_filename(G_TEST_DIST, "golden", "models", NULL);
    GDir *models = g_dir_open(folder, 0, NULL);
    const char *name;
    while (models && (name = g_dir_read_name(models))) {
        if (g_str_has_suffix(name, ".safetensors") && !strstr(name, ".golden.")) {
            g_autofree char *path = g_strconcat("/runner/tiled-equals-untiled/", name, NULL);
            g_test_add_data_func_full(path, g_strdup(name), test_tiled_equals_untiled, g_free);
        }
    }
    return g_test_run();
}
