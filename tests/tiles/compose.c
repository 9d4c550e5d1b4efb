// SPDX-License-Identifier: LGPL-3.0-or-later
// What composers make of a network's output: replaced by a part, repainted inside a mask, tiled as
// whole; and what has to come out as it went in, to the bit.
#include <compose/distance.h>
#include <gan/image.h>
#include <gan/restore.h>

#include <math.h>
#include <string.h>

enum { WIDTH = 75, HEIGHT = 58 };

static GanModel *load_model(const char *name)
{
    g_autoptr(GError) error = NULL;
    g_autofree char *path = g_test_build_filename(G_TEST_DIST, "golden", "models", name, NULL);
    GanModel *model = gan_model_load(path, NULL, &error);
    g_assert_no_error(error);
    return model;
}

static GanRunner *open_runner(const char *name, guint tile)
{
    g_autoptr(GError) error = NULL;
    g_autoptr(GanModel) model = load_model(name);
    g_autoptr(GanDevice) device = gan_device_open("cpu", 2, &error);
    g_assert_no_error(error);
    const GanRunnerOptions options = {.tile = tile};
    GanRunner *runner = gan_runner_new(model, device, &options, &error);
    g_assert_no_error(error);
    return runner;
}

// A picture of random pixels, of which some are transparent where the format has alpha.
static GeglBuffer *picture(const char *format)
{
    GeglBuffer *buffer = gegl_buffer_new(GEGL_RECTANGLE(0, 0, WIDTH, HEIGHT), babl_format(format));
    g_autofree float *pixels = g_new(float, WIDTH *HEIGHT * 4);
    for (gsize i = 0; i < (gsize)WIDTH * HEIGHT * 4; i++)
        pixels[i] = (float)g_test_rand_double();
    for (gsize i = 0; i < (gsize)WIDTH * HEIGHT; i++)
        if (i % WIDTH < 20)
            pixels[4 * i + 3] = 0.0f;
    gegl_buffer_set(buffer, NULL, 0, babl_format("R'G'B'A float"), pixels, GEGL_AUTO_ROWSTRIDE);
    return buffer;
}

// A disc of 1 with a soft edge.
static GeglBuffer *disc(double radius)
{
    const Babl *format = babl_format("Y float");
    GeglBuffer *mask = gegl_buffer_new(GEGL_RECTANGLE(0, 0, WIDTH, HEIGHT), format);
    g_autofree float *values = g_new(float, WIDTH *HEIGHT);
    for (gint y = 0; y < HEIGHT; y++)
        for (gint x = 0; x < WIDTH; x++)
            values[y * WIDTH + x] =
                (float)CLAMP(radius + 0.5 - hypot(x - 40.0, y - 30.0), 0.0, 1.0);
    gegl_buffer_set(mask, NULL, 0, format, values, GEGL_AUTO_ROWSTRIDE);
    return mask;
}

static float *floats(GeglBuffer *buffer, const char *format)
{
    float *values = g_new(float, (gsize)WIDTH *HEIGHT * 4);
    gegl_buffer_get(buffer, NULL, 1.0, babl_format(format), values, GEGL_AUTO_ROWSTRIDE,
                    GEGL_ABYSS_NONE);
    return values;
}

static char *bytes(GeglBuffer *buffer, gsize *pixel)
{
    const Babl *format = gegl_buffer_get_format(buffer);
    *pixel = (gsize)babl_format_get_bytes_per_pixel(format);
    char *data = g_malloc((gsize)WIDTH * HEIGHT * *pixel);
    gegl_buffer_get(buffer, NULL, 1.0, format, data, GEGL_AUTO_ROWSTRIDE, GEGL_ABYSS_NONE);
    return data;
}

static GeglBuffer *replaced(GanRunner *runner, GeglBuffer *in, double strength)
{
    g_autoptr(GError) error = NULL;
    const GanRestoreOptions options = {.strength = strength, .level = NAN};
    GeglBuffer *out = gan_restore(runner, in, &options, NULL, NULL, &error);
    g_assert_no_error(error);
    return out;
}

static GeglBuffer *repainted(GanRunner *runner, GeglBuffer *in, GeglBuffer *mask, double feather)
{
    g_autoptr(GError) error = NULL;
    GeglBuffer *out = gegl_buffer_new(gegl_buffer_get_extent(in), gegl_buffer_get_format(in));
    g_autoptr(GanComposer) composer = gan_composer_repaint(out, mask, feather, &error);
    g_assert_no_error(error);
    const GanSource source = {.buffer = in};
    g_assert_true(
        gan_runner_run(runner, &source, gegl_buffer_get_extent(in), composer, NULL, NULL, &error));
    g_assert_no_error(error);
    return out;
}

// The network's own picture, computed without runner and composers.
static GanTensor *network(GanRunner *runner, GeglBuffer *in)
{
    g_autoptr(GError) error = NULL;
    g_autoptr(GanModel) model = load_model("srvgg-leakyrelu-x1.safetensors");
    g_autoptr(GanDevice) device = gan_device_open("cpu", 2, &error);
    const gsize shape[4] = {1, HEIGHT, WIDTH, 3};
    g_autoptr(GanTensor) tensor = gan_tensor_new(4, shape, &error);
    gegl_buffer_get(in, NULL, 1.0, babl_format("R'G'B' float"), tensor->data, GEGL_AUTO_ROWSTRIDE,
                    GEGL_ABYSS_NONE);
    GanTensor *out = gan_model_run(model, device, tensor, &error);
    g_assert_no_error(error);
    return out;
}

static void test_strength(void)
{
    g_autoptr(GanRunner) runner = open_runner("srvgg-leakyrelu-x1.safetensors", 16);
    g_autoptr(GeglBuffer) in = picture("R'G'B' float");
    g_autoptr(GanTensor) made = network(runner, in);
    g_autofree float *before = floats(in, "R'G'B' float");
    static const double strengths[] = {1.0, 0.5, 0.25};
    for (guint s = 0; s < G_N_ELEMENTS(strengths); s++) {
        g_autoptr(GeglBuffer) out = replaced(runner, in, strengths[s]);
        g_autofree float *after = floats(out, "R'G'B' float");
        for (gsize i = 0; i < (gsize)WIDTH * HEIGHT * 3; i++)
            g_assert_cmpfloat_with_epsilon(
                after[i], before[i] + strengths[s] * (made->data[i] - before[i]), 1e-4);
    }
}

// Formats whose way through floats loses something.
static void test_kept_bytes(void)
{
    static const char *const formats[] = {"R'G'B'A u8", "RaGaBaA u16", "RGBA half", "Y'A u8"};
    g_autoptr(GanRunner) runner = open_runner("srvgg-leakyrelu-x1.safetensors", 16);
    for (guint f = 0; f < G_N_ELEMENTS(formats); f++) {
        g_autoptr(GeglBuffer) in = picture(formats[f]);
        g_autoptr(GeglBuffer) same = replaced(runner, in, 0.0);
        g_autoptr(GeglBuffer) out = replaced(runner, in, 1.0);
        gsize pixel;
        g_autofree char *a = bytes(in, &pixel), *b = bytes(same, &pixel), *c = bytes(out, &pixel);
        g_assert_cmpmem(a, (gsize)WIDTH * HEIGHT * pixel, b, (gsize)WIDTH * HEIGHT * pixel);
        g_autofree float *alpha = floats(in, "YA float"), *alpha_out = floats(out, "YA float");
        gsize n_changed = 0;
        for (gsize i = 0; i < (gsize)WIDTH * HEIGHT; i++) {
            const gboolean changed = memcmp(a + i * pixel, c + i * pixel, pixel) != 0;
            n_changed += changed;
            g_assert_false(changed && alpha[2 * i + 1] <= 0.0f);
            g_assert_cmpfloat_with_epsilon(alpha[2 * i + 1], alpha_out[2 * i + 1], 2e-3);
        }
        g_assert_cmpuint(n_changed, >, (gsize)WIDTH * HEIGHT / 2);
    }
}

// What Babl makes of negative numbers in the networks' curve that are stored as light: it goes on
// straight below black, the curve goes on as above.
static float as_babl(float seen)
{
    return seen < -0.04045f ? -12.92f * powf((0.055f - seen) / 1.055f, 2.4f) : seen;
}

static void test_repaint(void)
{
    g_autoptr(GanRunner) runner = open_runner("srvgg-leakyrelu-x1.safetensors", 16);
    g_autoptr(GeglBuffer) mask = disc(11.0);
    g_autofree float *shares = floats(mask, "Y float");
    static const double feathers[] = {0.0, 6.0};
    for (guint f = 0; f < G_N_ELEMENTS(feathers); f++) {
        g_autoptr(GeglBuffer) in = picture("RGB half");
        g_autoptr(GanTensor) made = network(runner, in);
        g_autoptr(GeglBuffer) out = repainted(runner, in, mask, feathers[f]);
        g_autofree float *before = floats(in, "R'G'B' float"), *after = floats(out, "R'G'B' float");
        gsize pixel, n_between = 0;
        g_autofree char *a = bytes(in, &pixel), *b = bytes(out, &pixel);
        for (gsize i = 0; i < (gsize)WIDTH * HEIGHT; i++) {
            const gsize x = i % WIDTH, y = i / WIDTH;
            const double far = hypot((double)x - 40.0, (double)y - 30.0);
            if (shares[i] >= 1.0f)
                for (gsize c = 3 * i; c < 3 * i + 3; c++)
                    g_assert_cmpfloat_with_epsilon(after[c], as_babl(made->data[c]),
                                                   2e-3 *
                                                       (1 + fabs((double)as_babl(made->data[c]))));
            else if (far > 12.0 + feathers[f])
                g_assert_cmpmem(a + i * pixel, pixel, b + i * pixel, pixel);
            else if (far > 12.5 && fabsf(after[3 * i] - before[3 * i]) > 1e-3f)
                n_between++;
        }
        g_assert_true((n_between > 100) == (feathers[f] > 0.0));
    }
}

static void test_tiled_equals_whole(void)
{
    g_autoptr(GanRunner) tiled = open_runner("srvgg-leakyrelu-x1.safetensors", 8);
    g_autoptr(GanRunner) whole = open_runner("srvgg-leakyrelu-x1.safetensors", 4096);
    g_autoptr(GeglBuffer) in = picture("R'G'B'A float");
    g_autoptr(GeglBuffer) mask = disc(17.0);
    g_autoptr(GeglBuffer) a = replaced(tiled, in, 0.7), b = replaced(whole, in, 0.7);
    g_autoptr(GeglBuffer) c = repainted(tiled, in, mask, 9.0);
    g_autoptr(GeglBuffer) d = repainted(whole, in, mask, 9.0);
    g_autofree float *va = floats(a, "R'G'B'A float"), *vb = floats(b, "R'G'B'A float");
    g_autofree float *vc = floats(c, "R'G'B'A float"), *vd = floats(d, "R'G'B'A float");
    for (gsize i = 0; i < (gsize)WIDTH * HEIGHT * 4; i++) {
        g_assert_cmpfloat_with_epsilon(va[i], vb[i], 2e-5);
        g_assert_cmpfloat_with_epsilon(vc[i], vd[i], 2e-5);
    }
}

static void test_distance(void)
{
    for (guint round = 0; round < 20; round++) {
        const gsize width = (gsize)g_test_rand_int_range(1, 24),
                    height = (gsize)g_test_rand_int_range(1, 24);
        g_autofree float *mask = g_new(float, width *height), *found = g_new(float, width *height);
        const double part = g_test_rand_double_range(0, 0.2);
        for (gsize i = 0; i < width * height; i++)
            mask[i] = g_test_rand_double() < part ? 0.5f : 0.49f;
        g_assert_true(gan_distance(mask, width, height, found, NULL));
        for (gsize i = 0; i < width * height; i++) {
            double least = (double)G_MAXFLOAT;
            for (gsize k = 0; k < width * height; k++) {
                const gsize x = k % width, y = k / width, at_x = i % width, at_y = i / width;
                if (mask[k] >= 0.5f)
                    least = MIN(least, hypot((double)at_x - (double)x, (double)at_y - (double)y));
            }
            g_assert_cmpfloat_with_epsilon(found[i], least, 1e-4 * MAX(1.0, least));
        }
    }
}

static void test_options(void)
{
    static const GanRestoreOptions wrong[] = {{.strength = 1.1, .level = NAN},
                                              {.strength = -0.1, .level = NAN},
                                              {.strength = NAN, .level = NAN},
                                              {.strength = 1.0, .level = 25.0}};
    g_autoptr(GanRunner) runner = open_runner("srvgg-leakyrelu-x1.safetensors", 0);
    g_autoptr(GeglBuffer) in = picture("R'G'B' u8");
    for (guint i = 0; i < G_N_ELEMENTS(wrong); i++) {
        g_autoptr(GError) error = NULL;
        g_assert_null(gan_restore(runner, in, &wrong[i], NULL, NULL, &error));
        g_assert_error(error, GAN_ERROR, GAN_ERROR_ARGUMENT);
    }
}

// A level that is said goes into the network; one that is not is what the model says.
static void test_level(void)
{
    static const struct {
        const char *model;
        double level;
        float number;
    } rows[] = {{"ffdnet-colour.safetensors", 40, 40}, {"ffdnet-colour.safetensors", NAN, 15},
                {"drunet-colour.safetensors", 0, 0},   {"dncnn-told-colour.safetensors", 75, 75},
                {"fbcnn-colour.safetensors", 30, 30},  {"fbcnn-colour.safetensors", NAN, 0}};
    static const gsize shape[4] = {1, HEIGHT, WIDTH, 3}, one[4] = {1, 1, 1, 1};
    g_autoptr(GeglBuffer) in = picture("R'G'B' float");
    for (guint i = 0; i < G_N_ELEMENTS(rows); i++) {
        g_autoptr(GError) error = NULL;
        g_autoptr(GanModel) model = load_model(rows[i].model);
        g_autoptr(GanRunner) runner = open_runner(rows[i].model, 16);
        const GanRestoreOptions options = {.strength = 1.0, .level = rows[i].level};
        g_autoptr(GeglBuffer) out = gan_restore(runner, in, &options, NULL, NULL, &error);
        g_assert_no_error(error);
        g_autofree float *found = floats(out, "R'G'B' float");
        g_autofree float *pixels = floats(in, "R'G'B' float");
        float number = rows[i].number;
        g_autoptr(GanTensor) from = gan_tensor_new_borrowed(4, shape, pixels, NULL, NULL);
        g_autoptr(GanTensor) told = gan_tensor_new_borrowed(4, one, &number, NULL, NULL);
        g_autoptr(GanDevice) device = gan_device_open("cpu", 2, &error);
        GanTensor *const all[] = {from, told};
        g_autoptr(GanTensor) wanted = gan_model_run_all(model, device, all, &error);
        g_assert_no_error(error);
        for (gsize k = 0; k < (gsize)WIDTH * HEIGHT * 3; k++)
            g_assert_cmpfloat_with_epsilon(found[k], wanted->data[k], 1e-4);
    }
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    gan_image_init(2);
    g_test_add_func("/compose/strength", test_strength);
    g_test_add_func("/compose/kept-bytes", test_kept_bytes);
    g_test_add_func("/compose/repaint", test_repaint);
    g_test_add_func("/compose/tiled-equals-whole", test_tiled_equals_whole);
    g_test_add_func("/compose/distance", test_distance);
    g_test_add_func("/compose/options", test_options);
    g_test_add_func("/compose/level", test_level);
    const int status = g_test_run();
    gan_image_exit();
    return status;
}
