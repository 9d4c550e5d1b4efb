// SPDX-License-Identifier: LGPL-3.0-or-later
// Tiled runs of small golden networks against the same networks over the whole picture.
#include <gan/image.h>
#include <gan/resample.h>
#include <gan/runner.h>
#include <gan/upscale.h>

#include <gio/gio.h>
#include <math.h>
#include <runner-private.h>
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
        const gsize column = i / channels % width, row = i / channels / width;
        const double x = (double)column, y = (double)row;
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

static gboolean enlarge(GanRunner *runner, GeglBuffer *in, const GeglRectangle *area,
                        GeglBuffer *out, GanProgress progress, gpointer data, GError **error)
{
    // A number, where the network takes one, is what gan_model_run() gives it.
    const GanModelInfo *info = gan_model_info(gan_runner_model(runner));
    const GanSource sources[] = {{.buffer = in}, {.number = (double)info->inputs[1].initial}};
    g_autoptr(GanComposer) composer = gan_composer_enlarge(out);
    return gan_runner_run(runner, sources, area, composer, progress, data, error);
}

static void run_or_die(GanModel *model, GanDevice *device, guint tile, GeglBuffer *in,
                       GeglBuffer *out)
{
    g_autoptr(GError) error = NULL;
    const GanRunnerOptions options = {.tile = tile};
    g_autoptr(GanRunner) runner = gan_runner_new(model, device, &options, &error);
    g_assert_no_error(error);
    g_assert_true(enlarge(runner, in, gegl_buffer_get_extent(in), out, NULL, NULL, &error));
    g_assert_no_error(error);
}

// `wanted` is in the units of the network's output, `end`.
static double largest_difference(GeglBuffer *found, const GanTensor *wanted, const GanEnd *end,
                                 double *mean)
{
    const float low = end->low, range = end->high - end->low;
    const gsize n = gan_tensor_length(wanted);
    g_autofree float *values = g_new(float, n);
    gegl_buffer_get(found, NULL, 1.0,
                    babl_format(wanted->shape[3] == 1 ? "Y' float" : "R'G'B' float"), values,
                    GEGL_AUTO_ROWSTRIDE, GEGL_ABYSS_NONE);
    double most = 0.0, sum = 0.0, largest = 1.0;
    // Networks of random weights give numbers far beyond 0..1; rounding grows with them.
    for (gsize i = 0; i < n; i++)
        largest = MAX(largest, fabs((wanted->data[i] - low) / range));
    for (gsize i = 0; i < n; i++) {
        const double difference = fabs(values[i] - (wanted->data[i] - low) / range) / largest;
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
    const float low = info->inputs[0].low;
    g_autoptr(GError) error = NULL;
    g_autoptr(GanTensor) picture = random_picture(width, height, info->inputs[0].channels);
    g_autoptr(GeglBuffer) in =
        buffer_of(picture, info->inputs[0].channels == 1 ? "Y' float" : "R'G'B' float");
    g_autoptr(GeglBuffer) out = gegl_buffer_new(
        GEGL_RECTANGLE(0, 0, (gint)(width * (guint)info->scale), (gint)(height * info->scale)),
        babl_format(info->output.channels == 1 ? "Y' float" : "R'G'B' float"));
    run_or_die(model, device, tile, in, out);
    for (gsize i = 0; i < gan_tensor_length(picture); i++)
        picture->data[i] = low + picture->data[i] * (info->inputs[0].high - low);
    g_autoptr(GanTensor) whole = gan_model_run(model, device, picture, &error);
    g_assert_no_error(error);
    return largest_difference(out, whole, &info->output, mean);
}

// Tiles that begin elsewhere are summed in another order, and random weights amplify the rounding:
// x1 RRDBNet, the worst of them, comes to 1.1e-5 at some of the random sizes.
#define ROUNDING 2e-5
#define LARGEST_BORDER 64u

static void test_tiled_equals_untiled(gconstpointer name)
{
    g_autoptr(GanModel) model = load_model(name);
    g_autoptr(GanDevice) device = open_device();
    const GanModelInfo *info = gan_model_info(model);
    if (info->inputs[0].kind == GAN_END_LATENT) {
        g_autoptr(GError) error = NULL;
        g_assert_null(gan_runner_new(model, device, NULL, &error));
        g_assert_error(error, GAN_ERROR, GAN_ERROR_UNSUPPORTED);
        return;
    }
    if (!info->exact_tiles) {
        g_autofree char *why =
            g_strdup_printf("reach %u, overlap %u: blended", info->reach, info->overlap);
        g_test_skip(why);
        return;
    }
    // What depends on the whole picture sees any of these.
    const guint border = MIN(info->overlap, LARGEST_BORDER) + info->alignment;
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
        if (difference > ROUNDING)
            g_test_message("%u x %u, tile %u: %g", sizes[i][0], sizes[i][1], sizes[i][2],
                           difference);
        most = MAX(most, difference);
    }
    g_test_message("%s: reach %u, largest difference %g", (const char *)name, info->reach, most);
    g_assert_cmpfloat(most, <=, ROUNDING);
}

// RRDB of 23 blocks sees 350 pixels far; here the bound of one of fewer, whose overlap is less
// than its reach.
static void test_blended_tiles_stay_close(void)
{
    g_autoptr(GanModel) model = load_model("rrdb-basicsr-x2.safetensors");
    g_autoptr(GanDevice) device = open_device();
    g_assert_false(gan_model_info(model)->exact_tiles);
    double mean = 0.0;
    const double most = compare(model, device, 333, 270, 96, &mean);
    g_test_message("largest difference %g, mean %g", most, mean);
    g_assert_cmpfloat(most, <=, 1e-3);
    g_assert_cmpfloat(mean, <=, 1e-5);
}

// What Babl makes of negative numbers in the networks' curve that are stored as light: it goes on
// straight below black, the curve goes on as above.
static float as_babl(float seen)
{
    return seen < -0.04045f ? -12.92f * powf((0.055f - seen) / 1.055f, 2.4f) : seen;
}

static void test_every_format(void)
{
    static const char *const formats[] = {
        "R'G'B' u8",  "R'G'B' u16",  "R'G'B' half", "RGB float",     "R'G'B' double",
        "R'G'B'A u8", "R'G'B'A u16", "RGBA float",  "RaGaBaA float", "R'aG'aB'aA u8",
        "Y' u8",      "Y' u16",      "Y float",     "Y'A u8",        "YA half"};
    g_autoptr(GanModel) model = load_model("srvgg-prelu-x4.safetensors");
    g_autoptr(GanDevice) device = open_device();
    g_autoptr(GanTensor) grey = random_picture(37, 41, 1);
    const gsize shape[4] = {1, 41, 37, 3};
    g_autoptr(GanTensor) picture = gan_tensor_new(4, shape, NULL);
    for (gsize i = 0; i < gan_tensor_length(picture); i++)
        picture->data[i] = roundf(grey->data[i / 3] * 255) / 255;
    g_autoptr(GeglBuffer) in = buffer_of(picture, "R'G'B' float");
    g_autoptr(GeglBuffer) wanted =
        gegl_buffer_new(GEGL_RECTANGLE(0, 0, 148, 164), babl_format("R'G'B' float"));
    run_or_die(model, device, 0, in, wanted);
    g_autofree float *expected = g_new(float, 148 * 164 * 3);
    gegl_buffer_get(wanted, NULL, 1.0, babl_format("R'G'B' float"), expected, GEGL_AUTO_ROWSTRIDE,
                    GEGL_ABYSS_NONE);
    for (guint f = 0; f < G_N_ELEMENTS(formats); f++) {
        const Babl *format = babl_format(formats[f]);
        const gboolean has_no_colour = strchr(formats[f], 'Y') != NULL;
        g_autoptr(GeglBuffer) from = buffer_of(picture, formats[f]);
        g_autoptr(GeglBuffer) to = gegl_buffer_new(GEGL_RECTANGLE(0, 0, 148, 164), format);
        run_or_die(model, device, 20, from, to);
        g_autofree float *found = g_new(float, 148 * 164 * 4);
        gegl_buffer_get(to, NULL, 1.0, babl_format("R'G'B'A float"), found, GEGL_AUTO_ROWSTRIDE,
                        GEGL_ABYSS_NONE);
        const gboolean cut = strstr(formats[f], " u") != NULL;
        const gboolean light = strchr(formats[f], '\'') == NULL;
        const double within = strstr(formats[f], "u8") ? 0.5 / 255 + 1e-4 : 2e-3;
        for (gsize i = 0; i < 148 * 164; i++) {
            g_assert_cmpfloat_with_epsilon(found[4 * i + 3], 1.0, 1e-6);
            const float *e = expected + 3 * i;
            const float value =
                has_no_colour ? 0.2126f * e[0] + 0.7152f * e[1] + 0.0722f * e[2] : e[1];
            g_assert_cmpfloat_with_epsilon(found[4 * i + 1],
                                           cut     ? CLAMP(value, 0, 1)
                                           : light ? as_babl(value)
                                                   : value,
                                           within);
        }
    }
}

static void test_alpha_without_halo(void)
{
    // A white square that nobody sees red around: after enlarging, what is visible is
    // what white becomes.
    enum { N = 40 };
    g_autoptr(GanModel) model = load_model("srvgg-prelu-x4.safetensors");
    g_autoptr(GanDevice) device = open_device();
    g_autofree float *expected = NULL;
    for (int visible = 1; visible >= 0; visible--) {
        g_autoptr(GeglBuffer) in =
            gegl_buffer_new(GEGL_RECTANGLE(0, 0, N, N), babl_format("R'G'B'A float"));
        g_autoptr(GeglBuffer) out =
            gegl_buffer_new(GEGL_RECTANGLE(0, 0, 4 * N, 4 * N), babl_format("R'G'B'A float"));
        for (gint y = 0; y < N; y++) {
            for (gint x = 0; x < N; x++) {
                const gboolean inside = visible || (x >= 12 && x < 28 && y >= 12 && y < 28);
                const float pixel[4] = {1, inside, inside, inside};
                gegl_buffer_set(in, GEGL_RECTANGLE(x, y, 1, 1), 0, babl_format("R'G'B'A float"),
                                pixel, GEGL_AUTO_ROWSTRIDE);
            }
        }
        run_or_die(model, device, 16, in, out);
        g_autofree float *found = g_new(float, 16 * N * N * 4);
        gegl_buffer_get(out, NULL, 1.0, babl_format("R'G'B'A float"), found, GEGL_AUTO_ROWSTRIDE,
                        GEGL_ABYSS_NONE);
        for (gint y = 44; y < 116 && expected; y++) {
            for (gint x = 44; x < 116; x++) {
                const gsize i = 4 * ((gsize)y * 4 * N + (gsize)x);
                for (guint c = 0; c < 3; c++)
                    g_assert_cmpfloat_with_epsilon(found[i + c], expected[i + c], 1e-4);
            }
        }
        // The alpha is the cubic's: solid within, nothing without.
        g_assert_cmpfloat_with_epsilon(found[4 * (80 * 4 * N + 80) + 3], 1.0, 1e-6);
        g_assert_cmpfloat_with_epsilon(found[4 * (4 * 4 * N + 4) + 3], visible ? 1.0 : 0.0, 1e-6);
        if (visible)
            expected = g_steal_pointer(&found);
    }
}

static void test_alpha_tiled_equals_untiled(void)
{
    g_autoptr(GanModel) model = load_model("srvgg-prelu-x4.safetensors");
    g_autoptr(GanDevice) device = open_device();
    const Babl *format = babl_format("R'G'B'A float");
    for (guint round = 0; round < 4; round++) {
        const gint width = g_test_rand_int_range(1, 120), height = g_test_rand_int_range(1, 120);
        g_autoptr(GeglBuffer) in = gegl_buffer_new(GEGL_RECTANGLE(0, 0, width, height), format);
        // Large transparent areas, so that bleeding ends at its reach somewhere.
        const double edge = g_test_rand_double_range(0, 1);
        for (gint y = 0; y < height; y++) {
            for (gint x = 0; x < width; x++) {
                const gboolean seen = sin(x / 17.0) * cos(y / 23.0) > edge;
                const float pixel[4] = {(float)g_test_rand_double(), (float)g_test_rand_double(),
                                        (float)g_test_rand_double(),
                                        seen ? (float)g_test_rand_double() : 0.0f};
                gegl_buffer_set(in, GEGL_RECTANGLE(x, y, 1, 1), 0, format, pixel,
                                GEGL_AUTO_ROWSTRIDE);
            }
        }
        const GeglRectangle size = {0, 0, 4 * width, 4 * height};
        const gsize n = (gsize)size.width * (gsize)size.height * 4;
        g_autoptr(GeglBuffer) whole = gegl_buffer_new(&size, format);
        g_autoptr(GeglBuffer) tiled = gegl_buffer_new(&size, format);
        run_or_die(model, device, 4096, in, whole);
        run_or_die(model, device, 12, in, tiled);
        g_autofree float *a = g_new(float, n), *b = g_new(float, n);
        gegl_buffer_get(whole, NULL, 1.0, format, a, GEGL_AUTO_ROWSTRIDE, GEGL_ABYSS_NONE);
        gegl_buffer_get(tiled, NULL, 1.0, format, b, GEGL_AUTO_ROWSTRIDE, GEGL_ABYSS_NONE);
        for (gsize i = 0; i < n; i++)
            g_assert_cmpfloat_with_epsilon(a[i], b[i], 1e-5);
    }
}

static void test_grey_network_keeps_colours(void)
{
    g_autoptr(GanModel) model = load_model("srvgg-gray-prelu-x2.safetensors");
    g_autoptr(GanDevice) device = open_device();
    g_assert_cmpuint(gan_model_info(model)->inputs[0].channels, ==, 1);
    g_autoptr(GanTensor) picture = random_picture(50, 44, 3);
    g_autoptr(GeglBuffer) in = buffer_of(picture, "R'G'B' float");
    g_autoptr(GeglBuffer) out =
        gegl_buffer_new(GEGL_RECTANGLE(0, 0, 100, 88), babl_format("R'G'B' float"));
    run_or_die(model, device, 16, in, out);
    // Differences of colour are the cubic's.
    g_autoptr(GanTensor) cubic = gan_resample_bicubic(picture, 100, 88, FALSE, NULL);
    g_autofree float *found = g_new(float, 100 * 88 * 3);
    gegl_buffer_get(out, NULL, 1.0, babl_format("R'G'B' float"), found, GEGL_AUTO_ROWSTRIDE,
                    GEGL_ABYSS_NONE);
    for (gsize i = 0; i < 100 * 88 * 3; i += 3) {
        g_assert_cmpfloat_with_epsilon(found[i] - found[i + 1], cubic->data[i] - cubic->data[i + 1],
                                       1e-5);
        g_assert_cmpfloat_with_epsilon(found[i + 2] - found[i + 1],
                                       cubic->data[i + 2] - cubic->data[i + 1], 1e-5);
    }
    // The luma is the network's.
    const gsize shape[4] = {1, 44, 50, 1};
    g_autoptr(GanTensor) luma = gan_tensor_new(4, shape, NULL);
    for (gsize i = 0; i < 44 * 50; i++)
        luma->data[i] = 0.299f * picture->data[3 * i] + 0.587f * picture->data[3 * i + 1] +
                        0.114f * picture->data[3 * i + 2];
    g_autoptr(GanTensor) net = gan_model_run(model, device, luma, NULL);
    for (gsize i = 0; i < 100 * 88; i++)
        g_assert_cmpfloat_with_epsilon(0.299f * found[3 * i] + 0.587f * found[3 * i + 1] +
                                           0.114f * found[3 * i + 2],
                                       net->data[i], 1e-5);
}

static void test_one_bad_pixel_stays_local(void)
{
    g_autoptr(GanModel) model = load_model("srvgg-prelu-x4.safetensors");
    g_autoptr(GanDevice) device = open_device();
    g_autoptr(GanTensor) picture = random_picture(40, 40, 3);
    picture->data[(5 * 40 + 5) * 3] = NAN;
    picture->data[(5 * 40 + 7) * 3 + 1] = INFINITY;
    picture->data[(5 * 40 + 9) * 3 + 2] = -INFINITY;
    g_autoptr(GeglBuffer) in = buffer_of(picture, "R'G'B' float");
    g_autoptr(GeglBuffer) out =
        gegl_buffer_new(GEGL_RECTANGLE(0, 0, 160, 160), babl_format("R'G'B' float"));
    run_or_die(model, device, 0, in, out);
    g_autofree float *found = g_new(float, 160 * 160 * 3);
    gegl_buffer_get(out, NULL, 1.0, babl_format("R'G'B' float"), found, GEGL_AUTO_ROWSTRIDE,
                    GEGL_ABYSS_NONE);
    // They stand where they stood, as large as a pixel became; what is around them is a picture.
    for (gint i = 0; i < 160 * 160 * 3; i++) {
        const gint x = i / 3 % 160 / 4, y = i / 3 / 160 / 4, c = i % 3;
        if (y == 5 && x == 5 && c == 0)
            g_assert_true(isnan(found[i]));
        else if (y == 5 && ((x == 7 && c == 1) || (x == 9 && c == 2)))
            g_assert_true(isinf(found[i]) && (found[i] > 0) == (c == 1));
        else
            g_assert_true(isfinite(found[i]));
    }
}

typedef struct {
    guint n, until;
    double last;
} Count;

static gboolean count_progress(double fraction, gpointer data)
{
    Count *count = data;
    g_assert_cmpfloat(fraction, >=, count->last - 1e-9);
    g_assert_cmpfloat(fraction, <=, 1.0);
    count->last = fraction;
    return ++count->n < count->until;
}

static void test_cancel(void)
{
    g_autoptr(GanModel) model = load_model("srvgg-prelu-x4.safetensors");
    g_autoptr(GanDevice) device = open_device();
    g_autoptr(GanTensor) picture = random_picture(90, 70, 3);
    g_autoptr(GeglBuffer) in = buffer_of(picture, "R'G'B' u8");
    g_autoptr(GeglBuffer) out =
        gegl_buffer_new(GEGL_RECTANGLE(0, 0, 360, 280), babl_format("R'G'B' u8"));
    const GanRunnerOptions options = {.tile = 30};
    g_autoptr(GanRunner) runner = gan_runner_new(model, device, &options, NULL);
    Count whole = {.until = G_MAXUINT};
    g_assert_true(
        enlarge(runner, in, gegl_buffer_get_extent(in), out, count_progress, &whole, NULL));
    g_assert_cmpfloat_with_epsilon(whole.last, 1.0, 1e-9);
    g_assert_cmpuint(whole.n, >, 9 * 3); // also within tiles
    for (guint until = 1; until < whole.n; until += 1 + whole.n / 9) {
        g_autoptr(GError) error = NULL;
        Count count = {.until = until};
        g_assert_false(
            enlarge(runner, in, gegl_buffer_get_extent(in), out, count_progress, &count, &error));
        g_assert_error(error, G_IO_ERROR, G_IO_ERROR_CANCELLED);
    }
    Count again = {.until = G_MAXUINT};
    g_assert_true(
        enlarge(runner, in, gegl_buffer_get_extent(in), out, count_progress, &again, NULL));
}

static void test_area_and_offset(void)
{
    g_autoptr(GanModel) model = load_model("srvgg-relu-x2.safetensors");
    g_autoptr(GanDevice) device = open_device();
    g_autoptr(GanTensor) picture = random_picture(60, 50, 3);
    g_autoptr(GeglBuffer) at_zero = buffer_of(picture, "R'G'B' float");
    g_autoptr(GeglBuffer) moved =
        gegl_buffer_new(GEGL_RECTANGLE(-7, 13, 60, 50), babl_format("R'G'B' float"));
    gegl_buffer_copy(at_zero, NULL, GEGL_ABYSS_NONE, moved, GEGL_RECTANGLE(-7, 13, 60, 50));
    const GeglRectangle area = {10, 20, 31, 17}, same = {3, 33, 31, 17}, size = {0, 0, 62, 34};
    g_autoptr(GeglBuffer) a = gegl_buffer_new(&size, babl_format("R'G'B' float"));
    g_autoptr(GeglBuffer) b = gegl_buffer_new(&size, babl_format("R'G'B' float"));
    g_autoptr(GanRunner) runner = gan_runner_new(model, device, NULL, NULL);
    g_assert_true(enlarge(runner, at_zero, &area, a, NULL, NULL, NULL));
    g_assert_true(enlarge(runner, moved, &same, b, NULL, NULL, NULL));
    g_autofree float *pa = g_new(float, 62 * 34 * 3), *pb = g_new(float, 62 * 34 * 3);
    gegl_buffer_get(a, NULL, 1.0, babl_format("R'G'B' float"), pa, GEGL_AUTO_ROWSTRIDE,
                    GEGL_ABYSS_NONE);
    gegl_buffer_get(b, NULL, 1.0, babl_format("R'G'B' float"), pb, GEGL_AUTO_ROWSTRIDE,
                    GEGL_ABYSS_NONE);
    g_assert_cmpmem(pa, sizeof(float) * 62 * 34 * 3, pb, sizeof(float) * 62 * 34 * 3);
}

static void test_memory_bounds_the_tile(void)
{
    g_autoptr(GanModel) model = load_model("srvgg-prelu-x4.safetensors");
    g_autoptr(GanDevice) device = open_device();
    guint64 before = G_MAXUINT64;
    guint tiles_before = 0;
    for (guint mb = 64; mb >= 2; mb /= 2) {
        g_autoptr(GError) error = NULL;
        const GanRunnerOptions options = {.memory_bytes = (guint64)mb << 20};
        g_autoptr(GanRunner) runner = gan_runner_new(model, device, &options, NULL);
        GanEstimate estimate;
        if (!gan_runner_estimate(runner, 2000, 1500, FALSE, &estimate, &error)) {
            g_assert_error(error, GAN_ERROR, GAN_ERROR_MEMORY);
            break;
        }
        g_assert_cmpuint(estimate.memory_bytes, <=, options.memory_bytes);
        g_assert_cmpuint(estimate.memory_bytes, <=, before);
        g_assert_cmpuint(estimate.n_tiles, >=, tiles_before);
        before = estimate.memory_bytes;
        tiles_before = estimate.n_tiles;
    }
    const GanRunnerOptions nothing = {.memory_bytes = 1000};
    g_autoptr(GError) error = NULL;
    GanEstimate estimate;
    g_autoptr(GanRunner) runner = gan_runner_new(model, device, &nothing, NULL);
    g_assert_false(gan_runner_estimate(runner, 2000, 1500, FALSE, &estimate, &error));
    g_assert_error(error, GAN_ERROR, GAN_ERROR_MEMORY);
}

static void test_upscale_any_factor(void)
{
    static const struct {
        double factor;
        guint width, height, passes;
        gboolean resample;
    } rows[] = {{2, 46, 34, 1, FALSE},   {4, 92, 68, 2, FALSE}, {3, 69, 51, 2, TRUE},
                {0.5, 12, 9, 1, TRUE},   {1, 23, 17, 1, TRUE},  {1.5, 35, 26, 1, TRUE},
                {16, 368, 272, 4, FALSE}};
    g_autoptr(GanModel) model = load_model("srvgg-relu-x2.safetensors");
    g_autoptr(GanDevice) device = open_device();
    g_autoptr(GanRunner) runner = gan_runner_new(model, device, NULL, NULL);
    g_autoptr(GanTensor) picture = random_picture(23, 17, 3);
    g_autoptr(GeglBuffer) in = buffer_of(picture, "R'G'B' u8");
    for (guint i = 0; i < G_N_ELEMENTS(rows); i++) {
        g_autoptr(GError) error = NULL;
        const GanUpscaleOptions options = {.factor = rows[i].factor};
        GanUpscalePlan plan;
        g_assert_true(gan_upscale_plan(runner, 23, 17, &options, i == 0, &plan, &error));
        g_assert_cmpuint(plan.width, ==, rows[i].width);
        g_assert_cmpuint(plan.height, ==, rows[i].height);
        g_assert_cmpuint(plan.passes, ==, rows[i].passes);
        g_assert_cmpint(plan.resample, ==, rows[i].resample);
        g_assert_true(i > 0 || plan.seconds > 0);
        Count count = {.until = G_MAXUINT};
        g_autoptr(GeglBuffer) out =
            gan_upscale(runner, in, &options, count_progress, &count, &error);
        g_assert_no_error(error);
        g_assert_cmpint(gegl_buffer_get_width(out), ==, (gint)rows[i].width);
        g_assert_cmpint(gegl_buffer_get_height(out), ==, (gint)rows[i].height);
        g_assert_true(gegl_buffer_get_format(out) == gegl_buffer_get_format(in));
        g_assert_cmpfloat_with_epsilon(count.last, 1.0, 1e-9);
    }
    static const GanUpscaleOptions wrong[] = {
        {.factor = 0.4}, {.factor = 17}, {.factor = NAN}, {.width = 5000, .height = 3}};
    for (guint i = 0; i < G_N_ELEMENTS(wrong); i++) {
        g_autoptr(GError) error = NULL;
        g_assert_null(gan_upscale(runner, in, &wrong[i], NULL, NULL, &error));
        g_assert_error(error, GAN_ERROR, GAN_ERROR_ARGUMENT);
    }
}

// A network that changes little: R'G'B' in, R'G'B' out, through a wide space and back.
static void test_wide_space_comes_back(void)
{
    static const char *const spaces[] = {"Adobish", "ProPhoto", "Rec2020"};
    g_autoptr(GanDevice) device = open_device();
    g_autoptr(GanModel) model = load_model("srvgg-leakyrelu-x1.safetensors");
    for (guint s = 0; s < G_N_ELEMENTS(spaces); s++) {
        const Babl *format = babl_format_with_space("R'G'B' float", babl_space(spaces[s]));
        guint n_compared = 0;
        g_autoptr(GanTensor) picture = random_picture(30, 20, 3);
        g_autoptr(GeglBuffer) in = gegl_buffer_new(GEGL_RECTANGLE(0, 0, 30, 20), format);
        g_autoptr(GeglBuffer) out = gegl_buffer_new(GEGL_RECTANGLE(0, 0, 30, 20), format);
        g_autoptr(GeglBuffer) wanted =
            gegl_buffer_new(GEGL_RECTANGLE(0, 0, 30, 20), babl_format("R'G'B' float"));
        gegl_buffer_set(in, NULL, 0, format, picture->data, GEGL_AUTO_ROWSTRIDE);
        run_or_die(model, device, 9, in, out);
        // What the network makes of the same numbers in sRGB: it knows no primaries.
        const Babl *seen = babl_format_with_space("R'G'B' float", babl_space(spaces[s]));
        g_autofree float *a = g_new(float, 30 * 20 * 3), *b = g_new(float, 30 * 20 * 3);
        g_autoptr(GeglBuffer) plain =
            gegl_buffer_new(GEGL_RECTANGLE(0, 0, 30, 20), babl_format("R'G'B' float"));
        gegl_buffer_get(in, NULL, 1.0, seen, a, GEGL_AUTO_ROWSTRIDE, GEGL_ABYSS_NONE);
        gegl_buffer_set(plain, NULL, 0, babl_format("R'G'B' float"), a, GEGL_AUTO_ROWSTRIDE);
        run_or_die(model, device, 9, plain, wanted);
        gegl_buffer_get(out, NULL, 1.0, seen, a, GEGL_AUTO_ROWSTRIDE, GEGL_ABYSS_NONE);
        gegl_buffer_get(wanted, NULL, 1.0, babl_format("R'G'B' float"), b, GEGL_AUTO_ROWSTRIDE,
                        GEGL_ABYSS_NONE);
        for (gsize i = 0; i < 30 * 20 * 3; i += 3) {
            gboolean inside = TRUE;
            for (guint c = 0; c < 3; c++)
                inside = inside && b[i + c] > 0.0f && b[i + c] < 1.0f;
            for (guint c = 0; c < 3 && inside; c++)
                g_assert_cmpfloat_with_epsilon(a[i + c], b[i + c], 2e-3);
            n_compared += inside;
        }
        g_assert_cmpuint(n_compared, >, 10);
    }
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    gan_image_init(2);
    g_autofree char *folder = g_test_build_filename(G_TEST_DIST, "golden", "models", NULL);
    GDir *models = g_dir_open(folder, 0, NULL);
    g_assert_nonnull(models);
    const char *name;
    while ((name = g_dir_read_name(models))) {
        if (g_str_has_suffix(name, ".safetensors") && !strstr(name, ".golden.")) {
            g_autofree char *path = g_strconcat("/runner/tiled-equals-untiled/", name, NULL);
            g_test_add_data_func_full(path, g_strdup(name), test_tiled_equals_untiled, g_free);
        }
    }
    g_test_add_func("/runner/blended-tiles-stay-close", test_blended_tiles_stay_close);
    g_test_add_func("/runner/takes-every-format", test_every_format);
    g_test_add_func("/runner/alpha-without-halo", test_alpha_without_halo);
    g_test_add_func("/runner/alpha-tiled-equals-untiled", test_alpha_tiled_equals_untiled);
    g_test_add_func("/runner/grey-network-keeps-colours", test_grey_network_keeps_colours);
    g_test_add_func("/runner/one-bad-pixel-spoils-no-tile", test_one_bad_pixel_stays_local);
    g_test_add_func("/runner/cancel-leaves-a-runner-that-works", test_cancel);
    g_test_add_func("/runner/area-and-offset", test_area_and_offset);
    g_test_add_func("/runner/memory-bounds-the-tile", test_memory_bounds_the_tile);
    g_test_add_func("/runner/wide-space-comes-back", test_wide_space_comes_back);
    g_test_add_func("/upscale/any-factor", test_upscale_any_factor);
    const int result = g_test_run();
    g_dir_close(models);
    return result;
}
