// SPDX-License-Identifier: LGPL-3.0-or-later
// What a network sees of pictures with wide primaries, and of numbers that no picture should have:
// with one that is shipped, and with one that changes nothing.
#include <gan/image.h>
#include <gan/restore.h>
#include <gan/upscale.h>
#include <glib/gstdio.h>
#include <math.h>
#include <string.h>

#define W 48
#define H 40
#define LENGTH ((gsize)W * H * 3)

static GanRunner *open_runner(const char *folder, const char *model)
{
    g_autofree char *name = g_strconcat(model, ".safetensors", NULL);
    g_autofree char *path = g_test_build_filename(G_TEST_DIST, folder, name, NULL);
    g_autoptr(GError) error = NULL;
    g_autoptr(GanModel) loaded = gan_model_load(path, NULL, &error);
    g_assert_no_error(error);
    g_autoptr(GanDevice) device = gan_device_open("cpu", 2, &error);
    g_assert_no_error(error);
    const GanRunnerOptions options = {.tile = 30};
    GanRunner *runner = gan_runner_new(loaded, device, &options, &error);
    g_assert_no_error(error);
    return runner;
}

static GeglBuffer *enlarged(GanRunner *runner, GeglBuffer *in, double factor)
{
    g_autoptr(GError) error = NULL;
    const GanUpscaleOptions options = {.factor = factor};
    GeglBuffer *out = gan_upscale(runner, in, &options, NULL, NULL, &error);
    g_assert_no_error(error);
    return out;
}

// Saturated squares and lines on grey, as numbers.
static float *squares(void)
{
    static const guint8 colours[6][3] = {{60, 160, 60}, {255, 0, 0},   {0, 255, 40},
                                         {20, 30, 240}, {250, 240, 5}, {0, 0, 0}};
    float *numbers = g_new(float, LENGTH);
    for (gsize i = 0; i < LENGTH / 3; i++) {
        const gsize x = i % W, y = i / W, square = y / 20 * 3 + x / 16;
        const gboolean inside =
            x % 16 >= 4 && x % 16 < 12 && y % 20 >= 5 && y % 20 < 15 && (square != 5 || x % 2 == 0);
        for (gsize c = 0; c < 3; c++)
            numbers[3 * i + c] = (float)(inside ? colours[square][c] : 128) / 255.0f;
    }
    return numbers;
}

static GeglBuffer *picture_of(const float *numbers, const Babl *like, const Babl *format)
{
    GeglBuffer *buffer = gegl_buffer_new(GEGL_RECTANGLE(0, 0, W, H), format);
    gegl_buffer_set(buffer, NULL, 0, like, numbers, GEGL_AUTO_ROWSTRIDE);
    return buffer;
}

static float *numbers_of(GeglBuffer *buffer, const Babl *like)
{
    const gsize n = (gsize)gegl_buffer_get_width(buffer) * (gsize)gegl_buffer_get_height(buffer);
    float *numbers = g_new(float, n * 3);
    gegl_buffer_get(buffer, NULL, 1.0, like, numbers, GEGL_AUTO_ROWSTRIDE, GEGL_ABYSS_NONE);
    return numbers;
}

static float unit(float x)
{
    return CLAMP(x, 0.0f, 1.0f);
}

static double farthest(const float *a, const float *b, gsize n)
{
    double most = 0.0;
    for (gsize i = 0; i < n; i++)
        most = MAX(most, fabs((double)unit(a[i]) - (double)unit(b[i])));
    return most;
}

static const Babl *space_of(guint i)
{
    static const struct {
        const char *name;
        double red[2], green[2], blue[2], power; // 0: sRGB's curve
    } spaces[] = {{"Display P3", {0.68, 0.32}, {0.265, 0.69}, {0.15, 0.06}, 0},
                  {"Adobe RGB", {0.64, 0.33}, {0.21, 0.71}, {0.15, 0.06}, 2.19921875},
                  {"Rec. 2020", {0.708, 0.292}, {0.17, 0.797}, {0.131, 0.046}, 2.4},
                  {"ProPhoto", {0.7347, 0.2653}, {0.1596, 0.8404}, {0.0366, 0.0001}, 1.8},
                  {"linear Rec. 2020", {0.708, 0.292}, {0.17, 0.797}, {0.131, 0.046}, 1.0}};
    if (i >= G_N_ELEMENTS(spaces))
        return NULL;
    const Babl *curve = spaces[i].power > 0 ? babl_trc_gamma(spaces[i].power) : babl_trc("sRGB");
    g_test_message("%s", spaces[i].name);
    return babl_space_from_chromaticities(NULL, 0.3127, 0.329, spaces[i].red[0], spaces[i].red[1],
                                          spaces[i].green[0], spaces[i].green[1], spaces[i].blue[0],
                                          spaces[i].blue[1], curve, curve, curve, 0);
}

// Through a file and back, where one has the format.
static GeglBuffer *through_file(GeglBuffer *buffer, const char *extension)
{
    if (extension == NULL)
        return g_object_ref(buffer);
    g_autoptr(GError) error = NULL;
    g_autofree char *folder = g_dir_make_tmp("gan-colour-XXXXXX", &error);
    g_autofree char *name = g_strconcat("a.", extension, NULL);
    g_autofree char *path = g_build_filename(folder, name, NULL);
    g_assert_true(gan_image_save(buffer, path, NULL, &error));
    GeglBuffer *loaded = gan_image_load(path, NULL, &error);
    g_assert_no_error(error);
    g_unlink(path);
    g_rmdir(folder);
    return loaded;
}

// The numbers that a network sees of a picture: those of light along sRGB's curve.
static const Babl *seen_format(const Babl *format)
{
    const Babl *space = babl_format_get_space(format);
    const BablModelFlag flags = babl_get_model_flags(babl_format_get_model(format));
    const float half[3] = {0.5f, 0.5f, 0.5f};
    float light[3];
    babl_process(babl_fish(babl_format_with_space("R'G'B' float", space),
                           babl_format_with_space("RGB float", space)),
                 half, light, 1);
    const gboolean own =
        light[0] < 0.4f && !(flags & (BABL_MODEL_FLAG_LINEAR | BABL_MODEL_FLAG_PERCEPTUAL));
    return babl_format_with_space(own ? "R'G'B' float" : "R~G~B~ float", space);
}

// The same numbers as a network sees them are enlarged alike in all spaces, depths and files; so
// nothing rings more in wide ones.
static void test_wide(void)
{
    static const struct {
        const char *encoding, *extension;
        double within; // stored steps, where the curve is steepest, and rounding of input
    } rows[] = {
        {"R'G'B' u8", "png", 0.02},  {"R'G'B' u16", "png", 2e-3},   {"R'G'B' u8", "tif", 0.02},
        {"R'G'B' u16", "tif", 2e-3}, {"R'G'B' float", "tif", 2e-3}, {"RGB u16", NULL, 2e-3},
        {"RGB float", NULL, 2e-3},   {"R'G'B' half", NULL, 4e-3},   {"R~G~B~ u8", NULL, 0.01}};
    g_autoptr(GanRunner) runner = open_runner("../weights/models", "photo-x2-faithful");
    g_autofree float *numbers = squares();
    g_autoptr(GeglBuffer) plain =
        picture_of(numbers, babl_format("R'G'B' float"), babl_format("R'G'B' float"));
    g_autoptr(GeglBuffer) plain_out = enlarged(runner, plain, 2);
    g_autofree float *wanted = numbers_of(plain_out, babl_format("R'G'B' float"));
    const Babl *space;
    for (guint s = 0; (space = space_of(s)) != NULL; s++) {
        for (guint i = 0; i < G_N_ELEMENTS(rows); i++) {
            const Babl *format = babl_format_with_space(rows[i].encoding, space);
            g_autoptr(GeglBuffer) made = picture_of(numbers, seen_format(format), format);
            g_autoptr(GeglBuffer) in = through_file(made, rows[i].extension);
            g_autoptr(GeglBuffer) out = enlarged(runner, in, 2);
            g_autofree float *found = numbers_of(out, seen_format(gegl_buffer_get_format(out)));
            const double far = farthest(found, wanted, 4 * LENGTH);
            g_test_message("%s %s: %g", rows[i].encoding, rows[i].extension, far);
            // Eight bits of light are few in the dark.
            if (s != 4 || strstr(rows[i].encoding, "' u8") == NULL)
                g_assert_cmpfloat(far, <=, rows[i].within);
        }
    }
}

// How far stored numbers go from the grey around the squares, 2 result pixels and more away.
static double ringing(GeglBuffer *out)
{
    const Babl *own =
        babl_format_with_space("R'G'B' float", babl_format_get_space(gegl_buffer_get_format(out)));
    g_autofree float *numbers = numbers_of(out, own);
    double most = 0.0;
    for (gsize i = 0; i < 4 * LENGTH / 3; i++) {
        const gsize x = i % (2 * W) / 2, y = i / (2 * W) / 2;
        const gboolean near = x % 16 >= 3 && x % 16 < 13 && y % 20 >= 4 && y % 20 < 16;
        for (gsize c = 0; c < 3 && !near; c++)
            most = MAX(most, fabs((double)numbers[3 * i + c] - 128.0 / 255.0));
    }
    return most;
}

// The same stored numbers ring no more than they do in sRGB.
static void test_ringing(void)
{
    static const char *const models[] = {"photo-x2-faithful", "photo-x2-detail"};
    static const char *const encodings[] = {"R'G'B' u8", "R'G'B' u16", "R'G'B' float"};
    g_autofree float *numbers = squares();
    for (guint m = 0; m < G_N_ELEMENTS(models); m++) {
        g_autoptr(GanRunner) runner = open_runner("../weights/models", models[m]);
        for (guint e = 0; e < G_N_ELEMENTS(encodings); e++) {
            const Babl *space;
            const Babl *like = babl_format("R'G'B' float");
            g_autoptr(GeglBuffer) plain = picture_of(numbers, like, babl_format(encodings[e]));
            g_autoptr(GeglBuffer) plain_out = enlarged(runner, plain, 2);
            const double wanted = ringing(plain_out);
            for (guint s = 0; (space = space_of(s)) != NULL && s < 4; s++) {
                g_autoptr(GeglBuffer) in =
                    picture_of(numbers, babl_format_with_space("R'G'B' float", space),
                               babl_format_with_space(encodings[e], space));
                g_autoptr(GeglBuffer) out = enlarged(runner, in, 2);
                const double found = ringing(out);
                g_test_message("%s %s: %g, in sRGB %g", models[m], encodings[e], found, wanted);
                g_assert_cmpfloat(found, <=, wanted + 1.0 / 255.0);
            }
        }
    }
}

static const char *const float_encodings[] = {"R'G'B' float", "RGB float",     "RGB half",
                                              "RGBA float",   "RaGaBaA float", "R'G'B'A double"};

static void put(GeglBuffer *buffer, gint x, gint y, const float *light)
{
    gegl_buffer_set(buffer, GEGL_RECTANGLE(x, y, 1, 1), 0, babl_format("RGB float"), light,
                    GEGL_AUTO_ROWSTRIDE);
}

static GeglBuffer *grey_picture(const Babl *format, float light)
{
    GeglBuffer *buffer = gegl_buffer_new(GEGL_RECTANGLE(0, 0, W, H), format);
    for (gint i = 0; i < W * H; i++)
        put(buffer, i % W, i / W, (const float[]){light, light, light});
    return buffer;
}

// A pixel beyond all bounds among grey ones of 0.18: the result is grey from three pixels on, and
// what is at the pixel itself is of its size.
static void test_bad_pixel(void)
{
    static const float bad[][3] = {
        {-0.01f, -0.01f, -0.01f}, {-0.1f, -0.1f, -0.1f},    {-0.5f, -0.5f, -0.5f},
        {-5, 0.18f, 0.18f},       {0.18f, 300, 0.18f},      {60000, 60000, 60000},
        {NAN, 0.18f, 0.18f},      {INFINITY, 0.18f, 0.18f}, {0.18f, -INFINITY, NAN}};
    static const char *const models[] = {"photo-x2-faithful", "photo-x2-detail"};
    static const double factors[] = {2, 2, 1.5};
    for (guint m = 0; m < 3; m++) {
        const double factor = factors[m];
        g_autoptr(GanRunner) runner = open_runner("../weights/models", models[m % 2]);
        for (guint e = 0; e < G_N_ELEMENTS(float_encodings); e++) {
            for (guint b = 0; b < G_N_ELEMENTS(bad); b++) {
                g_autoptr(GeglBuffer) in = grey_picture(babl_format(float_encodings[e]), 0.18f);
                put(in, 20, 17, bad[b]);
                g_autoptr(GeglBuffer) out = enlarged(runner, in, factor);
                g_autofree float *found = numbers_of(out, babl_format("RGB float"));
                const gint width = gegl_buffer_get_width(out);
                const gint height = gegl_buffer_get_height(out);
                for (gint i = 0; i < width * height * 3; i++) {
                    const gint column = i / 3 % width, row = i / 3 / width;
                    const double x = (column + 0.5) / factor - 20.5;
                    const double y = (row + 0.5) / factor - 17.5;
                    const double far = MAX(fabs(x), fabs(y));
                    const double value = (double)found[i], wanted = (double)bad[b][i % 3];
                    if (far > 3.5)
                        g_assert_cmpfloat_with_epsilon(value, 0.18, 0.03);
                    else if (far > 1.5)
                        g_assert_cmpfloat_with_epsilon(value, 0.18, 0.3);
                    else if (far > 0.51)
                        g_assert_true(isfinite(value));
                    else if (far < 0.49 && !isfinite(wanted))
                        g_assert_true(isnan(wanted) ? isnan(value) : value == wanted);
                    else if (isfinite(wanted))
                        g_assert_cmpfloat(fabs(value), <=, 2 * fabs(wanted) + 1);
                }
            }
        }
    }
}

// What a network does not change comes back, whatever it is; also in a large hole.
static void test_reversible(void)
{
    static const float values[] = {-60000,  -5,   -0.1f, -1e-4f, 0,     1e-6f,    0.5f,      1,
                                   1.0001f, 1.5f, 4,     1000,   60000, INFINITY, -INFINITY, NAN};
    enum { N = G_N_ELEMENTS(values) };
    g_autoptr(GanRunner) runner = open_runner("golden/faults", "identity-x1");
    const GanRestoreOptions options = {.strength = 1, .level = NAN};
    for (guint e = 0; e < G_N_ELEMENTS(float_encodings); e++) {
        g_autoptr(GError) error = NULL;
        g_autoptr(GeglBuffer) in = grey_picture(babl_format(float_encodings[e]), 0.18f);
        for (gint i = 0; i < W * 20; i++)
            put(in, i % W, i / W,
                (const float[]){values[i % N], values[i / 3 % N], values[i / 7 % N]});
        g_autoptr(GeglBuffer) out = gan_restore(runner, in, &options, NULL, NULL, &error);
        g_assert_no_error(error);
        const char *like = strchr(float_encodings[e], '\'') ? "R'G'B' float" : "RGB float";
        g_autofree float *a = numbers_of(in, babl_format(like));
        g_autofree float *b = numbers_of(out, babl_format(like));
        const float within = strstr(float_encodings[e], "half") ? 2e-3f : 2e-5f;
        for (gsize i = 0; i < LENGTH; i++) {
            if (isnan(a[i]))
                g_assert_true(isnan(b[i]));
            else if (isinf(a[i]))
                g_assert_true(a[i] == b[i]);
            else
                g_assert_cmpfloat_with_epsilon(a[i], b[i], within * (fabsf(a[i]) + 0.1f));
        }
    }
}

// Alpha as data: networks that change nothing, or double each pixel, leave all numbers as they are,
// also those under an alpha of 0.
static void test_data_alpha(void)
{
    static const char *const encodings[] = {"R'G'B'A u8",  "R'G'B'A u16",    "Y'A u8",
                                            "RGBA float",  "R'G'B'A half",   "RaGaBaA float",
                                            "R~G~B~A u16", "R'aG'aB'aA u16", "YA u16"};
    g_autoptr(GanRunner) twice = open_runner("golden/faults", "nearest-x2");
    g_autoptr(GanRunner) same = open_runner("golden/faults", "identity-x1");
    for (guint e = 0; e < G_N_ELEMENTS(encodings); e++) {
        const Babl *format = babl_format_with_space(encodings[e], space_of(1));
        const gsize pixel = (gsize)babl_format_get_bytes_per_pixel(format);
        const gsize n = (gsize)babl_format_get_n_components(format);
        const gboolean floats = strstr(encodings[e], " u") == NULL;
        g_autofree float *numbers = g_new(float, W *H *n);
        g_autofree char *from = g_malloc(W * H * pixel), *to = g_malloc(4 * W * H * pixel);
        for (gsize i = 0; i < W * H * n; i++)
            numbers[i] = i % n == n - 1 && i / n % 5 < 3
                             ? 0.0f
                             : (float)g_test_rand_int_range(0, 256) / 255.0f;
        const char *type = babl_get_name(babl_format_get_type(format, 0));
        babl_process(babl_fish(babl_format_n(babl_type("float"), (int)n),
                               babl_format_n(babl_type(type), (int)n)),
                     numbers, from, W * H);
        g_autoptr(GeglBuffer) in = gegl_buffer_new(GEGL_RECTANGLE(3, -5, W, H), format);
        gegl_buffer_set(in, NULL, 0, format, from, GEGL_AUTO_ROWSTRIDE);
        g_autoptr(GError) error = NULL;
        const GanUpscaleOptions upscale = {.factor = 2, .data_alpha = TRUE};
        const GanRestoreOptions restore = {.strength = 1, .level = NAN, .data_alpha = TRUE};
        g_autoptr(GeglBuffer) restored = gan_restore(same, in, &restore, NULL, NULL, &error);
        g_assert_no_error(error);
        g_autoptr(GeglBuffer) out = gan_upscale(twice, restored, &upscale, NULL, NULL, &error);
        g_assert_no_error(error);
        g_assert_true(gegl_buffer_get_format(out) == format);
        gegl_buffer_get(out, NULL, 1.0, format, to, GEGL_AUTO_ROWSTRIDE, GEGL_ABYSS_NONE);
        g_autofree float *found = g_new(float, 4 * W * H * n);
        babl_process(babl_fish(babl_format_n(babl_type(type), (int)n),
                               babl_format_n(babl_type("float"), (int)n)),
                     to, found, 4 * W * H);
        for (gsize i = 0; i < (gsize)4 * W * H * n; i++) {
            const gsize p = i / n, x = p % (2 * W) / 2, y = p / (2 * W) / 2;
            const float wanted = numbers[(y * W + x) * n + i % n];
            g_assert_cmpfloat_with_epsilon(found[i], wanted, floats ? 1e-3f : 1e-6f);
        }
    }
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    gan_image_init(2);
    g_test_add_func("/colour/wide-primaries-are-enlarged-as-narrow-ones", test_wide);
    g_test_add_func("/colour/wide-primaries-ring-no-more", test_ringing);
    g_test_add_func("/colour/a-bad-pixel-stays-a-pixel", test_bad_pixel);
    g_test_add_func("/colour/what-lies-beyond-comes-back", test_reversible);
    g_test_add_func("/colour/alpha-as-data-keeps-all-numbers", test_data_alpha);
    const int result = g_test_run();
    gan_image_exit();
    return result;
}
