// SPDX-License-Identifier: LGPL-3.0-or-later
// Pixels read into the networks' space and written back, and colour under transparent pixels.
#include <gan/image.h>
#include <math.h>
#include <pixels.h>
#include <string.h>

// Every byte value in every channel, many mixed.
static void fill(guint8 *bytes, gsize n)
{
    for (gsize i = 0; i < n; i++)
        bytes[i] = i < 768 ? (guint8)(i / 3) : (guint8)g_test_rand_int_range(0, 256);
}

static void test_comes_back(void)
{
    static const char *const spaces[] = {"sRGB", "Adobish", "Rec2020", "ProPhoto", "Apple"};
    static const char *const encodings[] = {"R'G'B' u8",  "R'G'B'A u8", "Y' u8",       "Y'A u8",
                                            "R'G'B' u16", "Y' u16",     "R'G'B'A u16", "RGB u16",
                                            "YA u16",     "R~G~B~A u16"};
    enum { W = 64, H = 50 };
    for (guint s = 0; s < G_N_ELEMENTS(spaces); s++) {
        for (guint e = 0; e < G_N_ELEMENTS(encodings); e++) {
            const Babl *format = babl_format_with_space(encodings[e], babl_space(spaces[s]));
            const gsize n = (gsize)W * H * (gsize)babl_format_get_bytes_per_pixel(format);
            const GeglRectangle area = {3, -2, W, H};
            g_autoptr(GeglBuffer) from = gegl_buffer_new(&area, format);
            g_autoptr(GeglBuffer) to = gegl_buffer_new(&area, format);
            g_autofree guint8 *a = g_malloc(n), *b = g_malloc(n);
            g_autofree float *floats = g_new(float, W *H * 4);
            fill(a, n);
            gegl_buffer_set(from, &area, 0, format, a, GEGL_AUTO_ROWSTRIDE);
            g_auto(GanPixels) pixels = {0};
            gan_pixels_init(&pixels, format, NULL);
            g_assert_true(gan_pixels_read(&pixels, from, &area, floats, NULL));
            g_assert_true(gan_pixels_write(&pixels, to, &area, floats, NULL));
            gegl_buffer_get(to, &area, 1.0, format, b, GEGL_AUTO_ROWSTRIDE, GEGL_ABYSS_NONE);
            const gboolean wide = strstr(encodings[e], "u16") != NULL;
            int most = 0;
            for (gsize i = 0; i < (wide ? n / 2 : n); i++)
                most =
                    MAX(most, wide ? abs(((guint16 *)a)[i] - ((guint16 *)b)[i]) : abs(a[i] - b[i]));
            g_test_message("%s %s: %d", spaces[s], encodings[e], most);
            g_assert_cmpint(most, <=, 0);
        }
    }
}

// The format that a network's numbers have for one of light, or along a curve for the eye.
static const char *seen_model(const char *encoding, gsize channels)
{
    static const char *const names[][5] = {
        {NULL, "Y' float", "Y'A float", "R'G'B' float", "R'G'B'A float"},
        {NULL, "Y~ float", "Y~A float", "R~G~B~ float", "R~G~B~A float"}};
    return names[strchr(encoding, '\'') == NULL ? 1 : 0][channels];
}

// What is written is what Babl makes of it, where Babl is exact: of 16 bits above black. Below 0 and
// above 1 curves go on in their own way.
static void test_equals_babl(void)
{
    static const char *const spaces[] = {"sRGB", "Adobish", "Rec2020", "ProPhoto", "Apple"};
    static const char *const encodings[] = {"R'G'B' u8",  "R'G'B'A u8", "R'G'B' u16",   "RGB u8",
                                            "Y' u8",      "Y'A u8",     "RGBA u8",      "RGB u16",
                                            "R'G'B' u32", "RGB float",  "R'G'B'A float"};
    enum { W = 320, H = 240 }; // more than a thread is worth
    g_autofree float *floats = g_new(float, W *H * 4), *light = g_new(float, W *H * 4);
    g_autofree guint8 *wanted = g_malloc(W * H * 16), *found = g_malloc(W * H * 16);
    const GeglRectangle area = {0, 0, W, H};
    for (guint s = 0; s < G_N_ELEMENTS(spaces); s++) {
        for (guint e = 0; e < G_N_ELEMENTS(encodings); e++) {
            const Babl *space = babl_space(spaces[s]);
            const Babl *format = babl_format_with_space(encodings[e], space);
            const gsize channels = (gsize)babl_format_get_n_components(format);
            const gsize n = (gsize)W * H * channels;
            g_autoptr(GeglBuffer) buffer = gegl_buffer_new(&area, format);
            g_auto(GanPixels) pixels = {0};
            gan_pixels_init(&pixels, format, NULL);
            const gboolean bytes = strstr(encodings[e], "u8") != NULL;
            for (gsize i = 0; i < n; i++) {
                floats[i] = (float)g_test_rand_double_range(bytes ? -0.2 : 0.1, bytes ? 1.2 : 1.0);
                light[i] = CLAMP(floats[i], 0.0f, 1.0f);
            }
            g_assert_true(gan_pixels_write(&pixels, buffer, &area, floats, NULL));
            const Babl *like = babl_format_with_space(seen_model(encodings[e], channels), space);
            const Babl *deep = babl_format_with_space(seen_model("'", channels), space);
            const Babl *compared = bytes ? format : deep;
            babl_process(babl_fish(like, compared), light, wanted, W * H);
            gegl_buffer_get(buffer, &area, 1.0, compared, found, GEGL_AUTO_ROWSTRIDE,
                            GEGL_ABYSS_NONE);
            double most = 0;
            for (gsize i = 0; i < n; i++)
                most = MAX(most, bytes ? abs(wanted[i] - found[i])
                                       : fabs((double)((float *)(void *)wanted)[i] -
                                              (double)((float *)(void *)found)[i]));
            g_test_message("%s %s: %g", spaces[s], encodings[e], most);
            g_assert_cmpfloat(most, <=, bytes ? 1 : 4e-4);
        }
    }
}

// Powers are for the eye, and seen as they are, or like light. Those of light come down to the last
// of 16 bits, where polynomials leave them, from the formula. All rise all the way and come back.
static void test_powers(void)
{
    static const double powers[] = {1.25, 1.5, 1.8, 2.0, 2.19921875, 2.2, 2.4, 2.6, 3.0};
    enum { N = 65536 };
    g_autofree guint16 *from = g_new(guint16, N), *back = g_new(guint16, N);
    g_autofree float *seen = g_new(float, N);
    const GeglRectangle area = {0, 0, 256, 256};
    for (guint i = 0; i < N; i++)
        from[i] = (guint16)i;
    for (guint k = 0; k < G_N_ELEMENTS(powers); k++) {
        const Babl *curve = babl_trc_gamma(powers[k]);
        const Babl *space = babl_space_from_chromaticities(
            NULL, 0.3127, 0.329, 0.68, 0.32, 0.265, 0.69, 0.15, 0.06, curve, curve, curve, 0);
        const Babl *format = babl_format_with_space("Y' u16", space);
        g_autoptr(GeglBuffer) buffer = gegl_buffer_new(&area, format);
        g_auto(GanPixels) pixels = {0};
        gan_pixels_init(&pixels, format, NULL);
        gegl_buffer_set(buffer, &area, 0, format, from, GEGL_AUTO_ROWSTRIDE);
        g_assert_true(gan_pixels_read(&pixels, buffer, &area, seen, NULL));
        for (guint i = 0; i < N; i++) {
            const double light = pow(i / 65535.0, powers[k]);
            const double wanted = powers[k] > 1.5 && powers[k] < 2.7 ? i / 65535.0
                                  : light > 0.0031308 ? 1.055 * pow(light, 1 / 2.4) - 0.055
                                                      : 12.92 * light;
            g_assert_cmpfloat_with_epsilon((double)seen[i], wanted, 4e-5);
            g_assert_true(i == 0 || seen[i] > seen[i - 1]);
        }
        g_assert_true(gan_pixels_write(&pixels, buffer, &area, seen, NULL));
        gegl_buffer_get(buffer, &area, 1.0, format, back, GEGL_AUTO_ROWSTRIDE, GEGL_ABYSS_NONE);
        g_assert_cmpmem(from, N * sizeof(*from), back, N * sizeof(*back));
    }
}

// A result with other primaries or another curve than the picture's shows the same colours.
static void test_other_spaces(void)
{
    static const char *const spaces[] = {"sRGB", "Adobish", "Rec2020", "ProPhoto"};
    static const char *const encodings[] = {"R'G'B' float", "R'G'B' u16", "RGB float",
                                            "R~G~B~ u16",   "R'G'B'A u8", "R'aG'aB'aA float"};
    enum { N = G_N_ELEMENTS(spaces) * G_N_ELEMENTS(encodings) };
    const float seen[6] = {0.5f, 0.5f, 0.5f, 0.55f, 0.5f, 0.48f};
    const GeglRectangle area = {0, 0, 2, 1};
    for (guint i = 0; i < N * N; i++) {
        const char *names[2] = {encodings[i % N / 4], encodings[i / N / 4]};
        const Babl *formats[2] = {babl_format_with_space(names[0], babl_space(spaces[i % 4])),
                                  babl_format_with_space(names[1], babl_space(spaces[i / N % 4]))};
        const Babl *like =
            babl_format_with_space(seen_model(names[0], 3), babl_format_get_space(formats[0]));
        g_autoptr(GeglBuffer) buffer = gegl_buffer_new(&area, formats[1]);
        g_auto(GanPixels) pixels = {0};
        gan_pixels_init(&pixels, formats[1], formats[0]);
        gan_pixels_set_layout(&pixels, 3, FALSE);
        g_assert_true(gan_pixels_write(&pixels, buffer, &area, seen, NULL));
        float found[6];
        gegl_buffer_get(buffer, &area, 1.0, like, found, GEGL_AUTO_ROWSTRIDE, GEGL_ABYSS_NONE);
        g_test_message("%s %s to %s %s", names[0], spaces[i % 4], names[1], spaces[i / N % 4]);
        for (guint c = 0; c < 6; c++)
            g_assert_cmpfloat_with_epsilon(found[c], seen[c], strstr(names[1], "u8") ? 5e-3 : 1e-3);
    }
}

static void test_not_a_number(void)
{
    static const char *const spaces[] = {"sRGB", "Adobish", "ProPhoto"};
    const float floats[8] = {NAN, NAN, NAN, NAN, INFINITY, INFINITY, INFINITY, -INFINITY};
    const guint8 wanted[8] = {0, 0, 0, 0, 255, 255, 255, 0};
    for (guint s = 0; s < G_N_ELEMENTS(spaces); s++) {
        const Babl *format = babl_format_with_space("R'G'B'A u8", babl_space(spaces[s]));
        const GeglRectangle area = {0, 0, 2, 1};
        g_autoptr(GeglBuffer) buffer = gegl_buffer_new(&area, format);
        guint8 found[8];
        g_auto(GanPixels) pixels = {0};
        gan_pixels_init(&pixels, format, NULL);
        g_assert_true(gan_pixels_write(&pixels, buffer, &area, floats, NULL));
        gegl_buffer_get(buffer, &area, 1.0, format, found, GEGL_AUTO_ROWSTRIDE, GEGL_ABYSS_NONE);
        g_assert_cmpmem(found, sizeof(found), wanted, sizeof(wanted));
    }
}

static void test_layouts(void)
{
    const float rgb[3] = {0.2f, 0.4f, 0.8f};
    g_autoptr(GeglBuffer) buffer =
        gegl_buffer_new(GEGL_RECTANGLE(0, 0, 1, 1), babl_format("R'G'B' float"));
    gegl_buffer_set(buffer, NULL, 0, babl_format("R'G'B' float"), rgb, GEGL_AUTO_ROWSTRIDE);
    g_auto(GanPixels) pixels = {0};
    float found[4];
    gan_pixels_init(&pixels, gegl_buffer_get_format(buffer), NULL);
    gan_pixels_set_layout(&pixels, 1, TRUE);
    g_assert_true(gan_pixels_read(&pixels, buffer, GEGL_RECTANGLE(0, 0, 1, 1), found, NULL));
    g_assert_cmpfloat_with_epsilon(found[0], 0.2126 * 0.2 + 0.7152 * 0.4 + 0.0722 * 0.8, 1e-6);
    g_assert_cmpfloat_with_epsilon(found[1], 1.0, 1e-6);
    g_autoptr(GeglBuffer) grey = gegl_buffer_new(GEGL_RECTANGLE(0, 0, 1, 1), babl_format("Y' u8"));
    const guint8 value = 51;
    gegl_buffer_set(grey, NULL, 0, babl_format("Y' u8"), &value, GEGL_AUTO_ROWSTRIDE);
    gan_pixels_clear(&pixels);
    gan_pixels_init(&pixels, gegl_buffer_get_format(grey), NULL);
    gan_pixels_set_layout(&pixels, 3, FALSE);
    g_assert_true(gan_pixels_read(&pixels, grey, GEGL_RECTANGLE(0, 0, 1, 1), found, NULL));
    for (guint c = 0; c < 3; c++)
        g_assert_cmpfloat_with_epsilon(found[c], 0.2, 1e-6);
}

static void test_bleed(void)
{
    enum { N = 50 };
    g_autofree float *pixels = g_new0(float, N *N * 4);
    pixels[(25 * N + 25) * 4] = 1.0f;
    pixels[(25 * N + 25) * 4 + 3] = 1.0f;
    g_assert_true(gan_pixels_bleed(pixels, N, N, 3, NULL));
    for (gint y = 0; y < N; y++) {
        for (gint x = 0; x < N; x++) {
            const gint far = MAX(ABS(x - 25), ABS(y - 25));
            const float *p = pixels + (y * N + x) * 4;
            g_assert_cmpfloat_with_epsilon(p[0], far <= GAN_BLEED_REACH ? 1.0 : 0.5, 1e-6);
            g_assert_cmpfloat_with_epsilon(p[1], far <= GAN_BLEED_REACH ? 0.0 : 0.5, 1e-6);
            g_assert_cmpfloat_with_epsilon(p[3], far == 0 ? 1.0 : 0.0, 1e-6);
        }
    }
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    gan_image_init(3);
    g_test_add_func("/pixels/come-back-as-they-were", test_comes_back);
    g_test_add_func("/pixels/written-as-babl-writes-to-a-step", test_equals_babl);
    g_test_add_func("/pixels/powers-keep-the-order-of-shadows", test_powers);
    g_test_add_func("/pixels/other-spaces-show-the-same-colours", test_other_spaces);
    g_test_add_func("/pixels/not-a-number-is-black", test_not_a_number);
    g_test_add_func("/pixels/other-channels", test_layouts);
    g_test_add_func("/pixels/bleed-reaches-as-far-as-it-says", test_bleed);
    return g_test_run();
}
