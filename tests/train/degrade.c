// SPDX-License-Identifier: LGPL-3.0-or-later
// Degradations: kernels against their closed forms, resizing against torch, noise against its
// distribution, draws against the options' probabilities. Draws are seeded. One file: all steps are
// tried on the same few pictures, by the same sums over them.
#include <degrade.h>
#include <gan/weights.h>
#include <math.h>
#include <string.h>

static GanTensor *filled(gsize width, gsize height, gsize channels, float value)
{
    const gsize shape[] = {1, height, width, channels};
    GanTensor *tensor = gan_tensor_new(4, shape, NULL);
    for (gsize i = 0; i < gan_tensor_length(tensor); i++)
        tensor->data[i] = value;
    return tensor;
}

// Soft waves with edges, 0.1..0.9.
static GanTensor *scene(gsize width, gsize height, gsize channels)
{
    GanTensor *tensor = filled(width, height, channels, 0);
    for (gsize y = 0; y < height; y++)
        for (gsize x = 0; x < width; x++)
            for (gsize c = 0; c < channels; c++) {
                const double wave = sin(0.11 * (double)x + (double)c) * cos(0.07 * (double)y);
                const double edge = (x / 17 + y / 23) % 2 == 0 ? 0.2 : -0.2;
                tensor->data[(y * width + x) * channels + c] = (float)(0.5 + 0.2 * wave + edge);
            }
    return tensor;
}

static double mean_square(const GanTensor *a, const GanTensor *b)
{
    double sum = 0;
    for (gsize i = 0; i < gan_tensor_length(a); i++)
        sum += (a->data[i] - b->data[i]) * (double)(a->data[i] - b->data[i]);
    return sum / (double)gan_tensor_length(a);
}

// --- kernels ---

typedef struct {
    double sum, xx, xy, yy;
} Moments;

static Moments moments_of(const GanBlur *blur)
{
    float weights[GAN_BLUR_MOST * GAN_BLUR_MOST];
    const int size = (int)blur->size, half = size / 2;
    Moments m = {0};
    gan_blur_kernel(blur, weights);
    for (int y = -half; y <= half; y++)
        for (int x = -half; x <= half; x++) {
            const double w = weights[(y + half) * size + x + half];
            // Point symmetry holds for all of them.
            g_assert_cmpfloat_with_epsilon(w, weights[(half - y) * size + half - x], 1e-7);
            m.sum += w;
            m.xx += w * x * x;
            m.xy += w * x * y;
            m.yy += w * y * y;
        }
    g_assert_cmpfloat_with_epsilon(m.sum, 1, 1e-5);
    return m;
}

// The second moments of a Gaussian are its covariance, S = R diag(sx^2, sy^2) R'.
static void test_gaussian_moments(void)
{
    const Moments iso =
        moments_of(&(GanBlur){.kind = GAN_BLUR_ISO, .size = 21, .sigma_x = 2, .sigma_y = 9});
    g_assert_cmpfloat_with_epsilon(iso.xx, 4, 1e-3);
    g_assert_cmpfloat_with_epsilon(iso.yy, 4, 1e-3);
    g_assert_cmpfloat_with_epsilon(iso.xy, 0, 1e-6);
    const double angle = 0.6, a = 2.2 * 2.2, b = 1.1 * 1.1;
    const Moments turned = moments_of(&(GanBlur){
        .kind = GAN_BLUR_ANISO, .size = 21, .sigma_x = 2.2, .sigma_y = 1.1, .rotation = angle});
    const double c = cos(angle), s = sin(angle);
    g_assert_cmpfloat_with_epsilon(turned.xx, a * c * c + b * s * s, 1e-2);
    g_assert_cmpfloat_with_epsilon(turned.yy, a * s * s + b * c * c, 1e-2);
    g_assert_cmpfloat_with_epsilon(turned.xy, (a - b) * s * c, 1e-2);
}

// Ratios of two weights say the formula, whatever the sum was.
static void test_other_forms(void)
{
    float weights[GAN_BLUR_MOST * GAN_BLUR_MOST];
    GanBlur blur = {.kind = GAN_BLUR_GENERALISED_ISO, .size = 11, .sigma_x = 2, .beta = 1.7};
    gan_blur_kernel(&blur, weights);
    // Distance 3 from the middle: q = 9 / 4.
    g_assert_cmpfloat_with_epsilon(weights[5 * 11 + 8] / weights[5 * 11 + 5],
                                   exp(-pow(2.25, 1.7) / 2), 1e-6);
    blur.kind = GAN_BLUR_PLATEAU_ISO;
    gan_blur_kernel(&blur, weights);
    g_assert_cmpfloat_with_epsilon(weights[5 * 11 + 8] / weights[5 * 11 + 5],
                                   1 / (pow(2.25, 1.7) + 1), 1e-6);
    blur = (GanBlur){.kind = GAN_BLUR_GENERALISED_ANISO,
                     .size = 11,
                     .sigma_x = 2,
                     .sigma_y = 1,
                     .rotation = G_PI / 2,
                     .beta = 0.8};
    gan_blur_kernel(&blur, weights);
    // Turned by a quarter, the long axis stands upright.
    g_assert_cmpfloat_with_epsilon(weights[8 * 11 + 5] / weights[5 * 11 + 5],
                                   exp(-pow(2.25, 0.8) / 2), 1e-6);
    g_assert_cmpfloat_with_epsilon(weights[5 * 11 + 8] / weights[5 * 11 + 5], exp(-pow(9, 0.8) / 2),
                                   1e-6);
    // With exponent 1 the general form is the Gaussian.
    float plain[121];
    blur.beta = 1;
    gan_blur_kernel(&blur, weights);
    blur.kind = GAN_BLUR_ANISO;
    gan_blur_kernel(&blur, plain);
    for (guint i = 0; i < 121; i++)
        g_assert_cmpfloat_with_epsilon(weights[i], plain[i], 1e-7);
}

// A low-pass passes what is below its cutoff and stops what is above.
static void test_sinc_passes_low(void)
{
    float weights[GAN_BLUR_MOST * GAN_BLUR_MOST];
    const GanBlur blur = {.kind = GAN_BLUR_SINC, .size = 21, .sigma_x = 1, .cutoff = G_PI / 2};
    moments_of(&blur);
    gan_blur_kernel(&blur, weights);
    const double frequencies[] = {0.3, 0.8, 2.4, 3};
    for (guint f = 0; f < 4; f++) {
        double response = 0;
        for (int y = -10; y <= 10; y++)
            for (int x = -10; x <= 10; x++)
                response += weights[(y + 10) * 21 + x + 10] * cos(frequencies[f] * x);
        g_assert_cmpfloat_with_epsilon(response, f < 2 ? 1 : 0, 0.12);
    }
    // At the sampling limit it is all but nothing.
    gan_blur_kernel(&(GanBlur){.kind = GAN_BLUR_SINC, .size = 7, .sigma_x = 1, .cutoff = 1.1},
                    weights);
    g_assert_cmpfloat(weights[24], >, weights[25]);
}

// --- filters ---

static void test_correlation(void)
{
    float weights[25];
    for (guint i = 0; i < 25; i++)
        weights[i] = (float)(i + 1) / 325;
    // Flat stays flat, to its edges.
    g_autoptr(GanTensor) flat = filled(9, 7, 3, 0.4f);
    g_autoptr(GanTensor) same = gan_filter_correlate(flat, weights, 5, NULL);
    for (gsize i = 0; i < gan_tensor_length(same); i++)
        g_assert_cmpfloat_with_epsilon(same->data[i], 0.4, 1e-6);
    // A point becomes the weights, turned about it.
    g_autoptr(GanTensor) point = filled(11, 11, 3, 0);
    point->data[(5 * 11 + 5) * 3 + 1] = 1;
    g_autoptr(GanTensor) spread = gan_filter_correlate(point, weights, 5, NULL);
    for (gsize y = 0; y < 11; y++)
        for (gsize x = 0; x < 11; x++)
            for (gsize c = 0; c < 3; c++) {
                const gboolean inside = c == 1 && x >= 3 && x <= 7 && y >= 3 && y <= 7;
                g_assert_cmpfloat_with_epsilon(spread->data[(y * 11 + x) * 3 + c],
                                               inside ? weights[(7 - y) * 5 + 7 - x] : 0, 1e-7);
            }
    // Mirrored without the edge itself: column -1 is column 1.
    g_autoptr(GanTensor) edge = filled(6, 6, 1, 0);
    for (gsize y = 0; y < 6; y++)
        edge->data[y * 6 + 1] = 1;
    const float left[9] = {0, 0, 0, 1, 0, 0, 0, 0, 0};
    g_autoptr(GanTensor) shifted = gan_filter_correlate(edge, left, 3, NULL);
    g_assert_cmpfloat(shifted->data[0], ==, 1);
    g_autoptr(GError) error = NULL;
    g_autoptr(GanTensor) tiny = filled(2, 9, 1, 0);
    g_assert_null(gan_filter_correlate(tiny, weights, 5, &error));
    g_assert_error(error, GAN_ERROR, GAN_ERROR_SHAPE);
}

static void test_resize_equals_torch(void)
{
    static const struct {
        const char *name;
        GanResize kind;
    } cases[] = {{"bilinear2_false", GAN_RESIZE_BILINEAR},
                 {"bilinear3_false", GAN_RESIZE_BILINEAR},
                 {"bilinear4_false", GAN_RESIZE_BILINEAR},
                 {"bilinear_to_9x11_false", GAN_RESIZE_BILINEAR},
                 {"bilinear_to_3x2_false", GAN_RESIZE_BILINEAR},
                 {"bicubic2_false", GAN_RESIZE_BICUBIC},
                 {"area_to_2x3", GAN_RESIZE_AREA}};
    g_autofree char *path =
        g_test_build_filename(G_TEST_DIST, "golden", "train", "upsample.safetensors", NULL);
    GError *error = NULL;
    g_autoptr(GanWeights) file = gan_weights_open(path, &error);
    g_assert_no_error(error);
    for (guint i = 0; i < G_N_ELEMENTS(cases); i++) {
        g_autofree char *x_name = g_strdup_printf("%s/x", cases[i].name);
        g_autofree char *y_name = g_strdup_printf("%s/f64.y", cases[i].name);
        const GanWeightsEntry *entry = gan_weights_find(file, y_name);
        g_assert_nonnull(entry);
        g_autoptr(GanTensor) x = gan_weights_tensor(file, x_name, NULL);
        g_autoptr(GanTensor) y = gan_weights_tensor(file, y_name, NULL);
        // Each plane of the NCHW tensors as a picture of one channel.
        const gsize h = x->shape[2], w = x->shape[3], oh = y->shape[2], ow = y->shape[3];
        for (gsize p = 0; p < x->shape[0] * x->shape[1]; p++) {
            g_autoptr(GanTensor) plane = filled(w, h, 1, 0);
            memcpy(plane->data, x->data + p * h * w, h * w * sizeof(float));
            g_autoptr(GanTensor) out =
                gan_filter_resize(plane, (guint)ow, (guint)oh, cases[i].kind, NULL);
            for (gsize k = 0; k < oh * ow; k++)
                g_assert_cmpfloat_with_epsilon(out->data[k], y->data[p * oh * ow + k], 2e-6);
        }
    }
}

static void test_sharpen(void)
{
    g_autoptr(GanTensor) flat = filled(60, 60, 3, 0.3f);
    g_autoptr(GanTensor) same = gan_filter_sharpen(flat, NULL);
    g_assert_cmpfloat(mean_square(flat, same), <, 1e-12);
    // A step becomes steeper, and stays in range.
    g_autoptr(GanTensor) step = filled(120, 60, 1, 0.25f);
    for (gsize i = 0; i < 120 * 60; i++)
        step->data[i] = i % 120 < 60 ? 0.25f : 0.75f;
    g_autoptr(GanTensor) sharp = gan_filter_sharpen(step, NULL);
    const float *row = sharp->data + 30 * 120;
    g_assert_cmpfloat(row[60] - row[59], >, 0.55);
    g_assert_cmpfloat_with_epsilon(row[5], 0.25, 1e-3);
}

static void test_gaussian_noise(void)
{
    for (guint grey = 0; grey < 2; grey++) {
        g_autoptr(GanTensor) picture = filled(200, 200, 3, 0.5f);
        GanRandom random;
        double sum = 0, squares = 0, between = 0;
        gan_random_init(&random, 3, GAN_RANDOM_DEGRADE, grey);
        gan_filter_gaussian_noise(picture, 20 / 255., grey == 1, TRUE, &random);
        for (gsize i = 0; i < 40000; i++) {
            const float *p = picture->data + 3 * i;
            sum += p[0] - 0.5;
            squares += (p[0] - 0.5) * (p[0] - 0.5);
            between += (p[0] - 0.5) * (p[2] - 0.5);
        }
        const double variance = 20 / 255. * 20 / 255.;
        g_assert_cmpfloat(fabs(sum / 40000), <, 5 * sqrt(variance / 40000));
        g_assert_cmpfloat(fabs(squares / 40000 - variance), <, 5 * variance * sqrt(2. / 40000));
        g_assert_cmpfloat(fabs(between / 40000 - (grey == 1 ? variance : 0)), <,
                          5 * variance * sqrt(2. / 40000));
    }
}

// Of a picture with two levels there are two grains: the variance at value v is scale^2 v / 2. Of
// many levels there are 256.
static void test_poisson_noise(void)
{
    g_autoptr(GanTensor) two = filled(200, 200, 1, 102 / 255.f);
    two->data[0] = 0;
    g_autoptr(GanTensor) many = filled(200, 200, 1, 102 / 255.f);
    for (gsize i = 0; i < 200; i++)
        many->data[i] = (float)i / 255;
    GanTensor *const pictures[] = {two, many};
    const double grains[] = {2, 256};
    for (guint k = 0; k < 2; k++) {
        const double scale = k == 0 ? 0.2 : 2;
        GanRandom random;
        double squares = 0;
        gan_random_init(&random, 4, GAN_RANDOM_DEGRADE, k);
        gan_filter_poisson_noise(pictures[k], scale, FALSE, &random);
        for (gsize i = 200; i < 40000; i++)
            squares += (pictures[k]->data[i] - 0.4) * (pictures[k]->data[i] - 0.4);
        const double variance = scale * scale * 0.4 / grains[k];
        g_assert_cmpfloat_with_epsilon(squares / 39800 / variance, 1, 0.06);
    }
    g_autoptr(GanTensor) colour = scene(50, 50, 3);
    g_autoptr(GanTensor) before = scene(50, 50, 3);
    GanRandom random;
    gan_random_init(&random, 4, GAN_RANDOM_DEGRADE, 9);
    gan_filter_poisson_noise(colour, 1, TRUE, &random);
    for (gsize i = 0; i < 2500; i++) {
        const float *a = colour->data + 3 * i, *b = before->data + 3 * i;
        if (MIN(a[0], a[2]) > 0 && MAX(a[0], a[2]) < 1) // else it was cut off
            g_assert_cmpfloat_with_epsilon(a[0] - b[0], a[2] - b[2], 1e-6);
    }
    g_assert_cmpfloat(mean_square(colour, before), >, 0);
}

static void test_jpeg(void)
{
    g_autoptr(GanTensor) picture = scene(61, 47, 3);
    double last = 1;
    static const guint qualities[] = {10, 30, 60, 90, 100};
    for (guint i = 0; i < G_N_ELEMENTS(qualities); i++) {
        g_autoptr(GanTensor) coded = gan_filter_jpeg(picture, qualities[i], FALSE, NULL);
        const double error = mean_square(picture, coded);
        g_assert_cmpfloat(error, <, last);
        g_assert_cmpfloat(error, >, 0);
        last = error;
    }
    g_assert_cmpfloat(last, <, 1e-5);
    g_autoptr(GanTensor) grey = filled(20, 20, 1, 0.5f);
    g_autoptr(GanTensor) coded = gan_filter_jpeg(grey, 50, TRUE, NULL);
    g_assert_cmpfloat(mean_square(grey, coded), <, 1e-4);
    // Halved colours lose colour edges.
    g_autoptr(GanTensor) half = gan_filter_jpeg(picture, 90, TRUE, NULL);
    g_autoptr(GanTensor) full = gan_filter_jpeg(picture, 90, FALSE, NULL);
    g_assert_cmpfloat(mean_square(picture, half), >=, mean_square(picture, full));
}

// --- the pipeline ---

static void assert_part(guint count, guint n, double part)
{
    g_assert_cmpfloat(fabs(count - n * part), <=, 5 * sqrt(n * part * (1 - part)) + 1e-9);
}

static void test_draws_follow_the_options(void)
{
    enum { N = 20000 };
    const GanDegrade degrade = gan_degrade_real_default();
    guint kinds[GAN_N_BLURS] = {0}, second_none = 0, up = 0, down = 0, keep = 0, poisson = 0,
          grey = 0, last = 0, jpeg_last = 0, resizes[GAN_N_RESIZES] = {0}, sizes[22] = {0};
    double sigma_low = 9, sigma_high = 0, factor_low = 9, factor_high = 0;
    for (guint i = 0; i < N; i++) {
        GanRandom random;
        GanDegradeDraw draw;
        gan_random_init(&random, 11, GAN_RANDOM_DEGRADE, i);
        gan_degrade_draw(&degrade, &random, &draw);
        const GanDegradeRound *first = &draw.rounds[0];
        kinds[first->blur.kind]++;
        sizes[first->blur.size]++;
        second_none += draw.rounds[1].blur.kind == GAN_BLUR_NONE ? 1 : 0;
        up += first->factor > 1 ? 1 : 0;
        down += first->factor < 1 ? 1 : 0;
        keep += draw.rounds[1].factor == 1 ? 1 : 0;
        poisson += first->poisson ? 1 : 0;
        grey += first->grey ? 1 : 0;
        resizes[first->resize]++;
        last += draw.last.kind == GAN_BLUR_SINC ? 1 : 0;
        jpeg_last += draw.jpeg_last ? 1 : 0;
        g_assert_true(first->jpeg >= 30 && first->jpeg <= 95);
        if (first->blur.kind != GAN_BLUR_SINC) {
            sigma_low = MIN(sigma_low, first->blur.sigma_x);
            sigma_high = MAX(sigma_high, first->blur.sigma_x);
        } else {
            g_assert_cmpfloat(first->blur.cutoff, >=, first->blur.size < 13 ? G_PI / 3 : G_PI / 5);
            g_assert_cmpfloat(first->blur.cutoff, <=, G_PI);
        }
        factor_low = MIN(factor_low, first->factor);
        factor_high = MAX(factor_high, first->factor);
        if (!first->poisson)
            g_assert_true(first->noise >= 1 / 255. && first->noise <= 30 / 255.);
        else
            g_assert_true(first->noise >= 0.05 && first->noise <= 3);
    }
    g_assert_cmpuint(kinds[GAN_BLUR_NONE], ==, 0);
    assert_part(kinds[GAN_BLUR_SINC], N, 0.1);
    for (guint i = 0; i < 6; i++)
        assert_part(kinds[GAN_BLUR_ISO + i], N, 0.9 * degrade.blur_weights[i]);
    for (guint size = 7; size <= 21; size += 2)
        assert_part(sizes[size], N, 1. / 8);
    for (guint i = 0; i < GAN_N_RESIZES; i++)
        assert_part(resizes[i], N, 1. / 3);
    assert_part(second_none, N, 0.2);
    assert_part(up, N, 0.2);
    assert_part(down, N, 0.7);
    assert_part(keep, N, 0.3);
    assert_part(poisson, N, 0.5);
    assert_part(grey, N, 0.4);
    assert_part(last, N, 0.8);
    assert_part(jpeg_last, N, 0.5);
    // The ranges are used to their ends.
    g_assert_true(sigma_low >= 0.2 && sigma_low < 0.21 && sigma_high <= 3 && sigma_high > 2.99);
    g_assert_true(factor_low >= 0.15 && factor_low < 0.16 && factor_high <= 1.5 &&
                  factor_high > 1.49);
}

static void test_pipeline(void)
{
    const GanDegrade degrade = gan_degrade_real_default();
    g_autoptr(GanTensor) picture = scene(128, 96, 3);
    double worst = 0;
    for (guint i = 0; i < 40; i++) {
        GanTensor *copies[2];
        for (guint k = 0; k < 2; k++) {
            GanRandom random;
            GanDegradeDraw draw;
            GError *error = NULL;
            gan_random_init(&random, 12, GAN_RANDOM_DEGRADE, i);
            gan_degrade_draw(&degrade, &random, &draw);
            copies[k] = gan_degrade_apply(&degrade, &draw, picture, 4, &random, &error);
            g_assert_no_error(error);
        }
        g_assert_cmpuint(copies[0]->shape[1], ==, 24);
        g_assert_cmpuint(copies[0]->shape[2], ==, 32);
        g_assert_cmpmem(copies[0]->data, gan_tensor_length(copies[0]) * sizeof(float),
                        copies[1]->data, gan_tensor_length(copies[1]) * sizeof(float));
        for (gsize n = 0; n < gan_tensor_length(copies[0]); n++) {
            const float level = copies[0]->data[n] * 255;
            g_assert_true(level >= 0 && level <= 255 && fabsf(level - roundf(level)) < 1e-3f);
        }
        // It is still the same scene: its means over the quarters stay near.
        g_autoptr(GanTensor) small = gan_filter_resize(picture, 2, 2, GAN_RESIZE_AREA, NULL);
        g_autoptr(GanTensor) found = gan_filter_resize(copies[0], 2, 2, GAN_RESIZE_AREA, NULL);
        worst = MAX(worst, mean_square(small, found));
        gan_tensor_unref(copies[0]);
        gan_tensor_unref(copies[1]);
    }
    g_assert_cmpfloat(worst, <, 0.02);
    g_assert_cmpfloat(worst, >, 0);
}

// The copy is what JPEG makes of the picture with the shift's mirrored rows and columns before it.
static void test_jpeg_moves_its_blocks(void)
{
    GanDegrade degrade = gan_degrade_real_default();
    degrade.kind = GAN_DEGRADE_JPEG;
    degrade.jpeg = (GanRange){20, 20};
    g_autoptr(GanTensor) picture = scene(64, 64, 3);
    guint shifts = 0;
    for (guint i = 0; i < 200; i++) {
        GanRandom random;
        GanDegradeDraw draw;
        gan_random_init(&random, 13, GAN_RANDOM_DEGRADE, i);
        gan_degrade_draw(&degrade, &random, &draw);
        g_assert_cmpuint(draw.rounds[0].jpeg, ==, 20);
        shifts |= 1u << draw.shift_x;
        g_autoptr(GanTensor) copy = gan_degrade_apply(&degrade, &draw, picture, 1, &random, NULL);
        const gsize dx = draw.shift_x, dy = draw.shift_y;
        g_autoptr(GanTensor) larger = filled(64 + dx, 64 + dy, 3, 0);
        for (gsize y = 0; y < 64 + dy; y++)
            for (gsize x = 0; x < 64 + dx; x++) {
                const gsize from_x = x < dx ? dx - x : x - dx, from_y = y < dy ? dy - y : y - dy;
                memcpy(larger->data + (y * (64 + dx) + x) * 3,
                       picture->data + (from_y * 64 + from_x) * 3, 3 * sizeof(float));
            }
        g_autoptr(GanTensor) coded = gan_filter_jpeg(larger, 20, draw.subsample, NULL);
        for (gsize y = 0; y < 64; y++)
            g_assert_cmpmem(copy->data + y * 64 * 3, 64 * 3 * sizeof(float),
                            coded->data + ((y + dy) * (64 + dx) + dx) * 3, 64 * 3 * sizeof(float));
    }
    g_assert_cmpuint(shifts, ==, 0xffff);
}

// The i-th draw of a seed, and the random numbers to go on with.
static GanDegradeDraw drawn(const GanDegrade *degrade, guint64 seed, guint i, GanRandom *random)
{
    GanDegradeDraw draw;
    gan_random_init(random, seed, GAN_RANDOM_DEGRADE, i);
    gan_degrade_draw(degrade, random, &draw);
    return draw;
}

// What a network is told of a copy is what was done to it.
static void test_damage_can_be_told(void)
{
    GanDegrade degrade = gan_degrade_real_default();
    g_assert_null(gan_degrade_told(&degrade));
    degrade.kind = GAN_DEGRADE_NOISE;
    degrade.gaussian = 0.9; // some of it is shot noise, which no number tells
    g_assert_null(gan_degrade_told(&degrade));
    degrade.gaussian = 1;
    degrade.grey = 0;
    degrade.noise = (GanRange){0, 50};
    degrade.clean = 0.25;
    g_assert_cmpstr(gan_degrade_told(&degrade), ==, "noise");
    // Nothing is cut off grey by so little noise.
    g_autoptr(GanTensor) grey = filled(64, 64, 3, 0.5f);
    guint n_clean = 0;
    double sum = 0;
    for (guint i = 0; i < 100; i++) {
        GanRandom random;
        const GanDegradeDraw draw = drawn(&degrade, 17, i, &random);
        const double level = gan_degrade_level(&degrade, &draw);
        g_autoptr(GanTensor) copy = gan_degrade_apply(&degrade, &draw, grey, 1, &random, NULL);
        const double found = 255 * sqrt(mean_square(grey, copy));
        n_clean += draw.clean ? 1 : 0;
        sum += level;
        g_assert_cmpfloat(fabs(found - level), <=, 0.03 * level); // 12288 draws: 0.6 %
        g_assert_true(draw.clean ? level == 0 : level > 0 && level <= 50);
    }
    g_assert_cmpuint(n_clean, >, 12);
    g_assert_cmpuint(n_clean, <, 40);
    g_assert_cmpfloat(fabs(sum / (100 - n_clean) - 25), <, 5);

    // One time in two it goes beyond black, as near as a network sees it: a deviation of 50 levels
    // becomes less below, but half of it lies there.
    degrade.uncut = 0.5;
    g_autoptr(GanTensor) black = filled(64, 64, 3, 0);
    guint n_uncut = 0;
    for (guint i = 0; i < 100; i++) {
        GanRandom random;
        GanDegradeDraw draw = drawn(&degrade, 19, i, &random);
        gan_degrade_set_level(&degrade, 50, &draw);
        g_autoptr(GanTensor) copy = gan_degrade_apply(&degrade, &draw, black, 1, &random, NULL);
        guint n_below = 0;
        float least = 0;
        for (gsize k = 0; k < gan_tensor_length(copy); k++) {
            n_below += copy->data[k] < 0 ? 1 : 0;
            least = MIN(least, copy->data[k]);
        }
        n_uncut += draw.rounds[0].uncut ? 1 : 0;
        g_assert_true(draw.rounds[0].uncut ? n_below > 5500 && least > -0.3f : n_below == 0);
    }
    g_assert_cmpuint(n_uncut, >, 30);
    g_assert_cmpuint(n_uncut, <, 70);

    degrade.kind = GAN_DEGRADE_JPEG;
    degrade.jpeg = (GanRange){10, 95};
    g_assert_cmpstr(gan_degrade_told(&degrade), ==, "quality");
    g_autoptr(GanTensor) picture = scene(64, 64, 3);
    for (guint i = 0; i < 100; i++) {
        GanRandom random;
        GanDegradeDraw draw = drawn(&degrade, 18, i, &random);
        const double level = gan_degrade_level(&degrade, &draw);
        g_autoptr(GanTensor) copy = gan_degrade_apply(&degrade, &draw, picture, 1, &random, NULL);
        g_assert_true(draw.clean ? level == 100 : level >= 10 && level <= 95);
        g_assert_true(draw.clean == (mean_square(picture, copy) == 0));
        // As it is validated: a number is given, and told again.
        static const double given[] = {10, 55, 100};
        for (guint k = 0; k < G_N_ELEMENTS(given); k++) {
            gan_degrade_set_level(&degrade, given[k], &draw);
            g_assert_cmpfloat(gan_degrade_level(&degrade, &draw), ==, given[k]);
            g_assert_true(draw.clean == (given[k] == 100));
        }
    }
}

// What photographs go through, beyond the authors' steps.
static void test_steps_are_left_out_by_chance(void)
{
    enum { N = 20000 };
    GanDegrade degrade = gan_degrade_real_default();
    degrade.stages[0].noise_part = 0.2;
    degrade.stages[1].noise_part = 0.6;
    degrade.stages[1].mosaic = 0.3;
    degrade.stages[1].denoise = 0.45;
    degrade.stages[0].jpeg_part = 0;
    degrade.stages[1].jpeg_part = 0.85;
    degrade.stages[1].jpeg = (GanRange){50, 95};
    degrade.antialias = 0.7;
    degrade.clean = 0.15;
    degrade.heavy = 0.1;
    degrade.subsample = 0.8;
    guint clean = 0, heavy = 0, noisy[2] = {0}, mosaic = 0, denoised[GAN_N_DENOISES] = {0},
          coded = 0, antialias = 0, halved = 0;
    for (guint i = 0; i < N; i++) {
        GanRandom random;
        const GanDegradeDraw draw = drawn(&degrade, 14, i, &random);
        clean += draw.clean ? 1 : 0;
        if (draw.rounds[0].jpeg > 0) { // of the authors' pipeline alone
            heavy++;
            g_assert_true(draw.rounds[0].noisy && draw.rounds[1].noisy && draw.subsample);
            g_assert_false(draw.last_antialias);
            g_assert_cmpuint(draw.rounds[1].denoise.kind, ==, GAN_DENOISE_NONE);
            continue;
        }
        noisy[0] += draw.rounds[0].noisy ? 1 : 0;
        noisy[1] += draw.rounds[1].noisy ? 1 : 0;
        mosaic += draw.rounds[1].mosaic ? 1 : 0;
        denoised[draw.rounds[1].denoise.kind]++;
        coded += draw.rounds[1].jpeg > 0 ? 1 : 0;
        antialias += draw.last_antialias ? 1 : 0;
        halved += draw.subsample ? 1 : 0;
        g_assert_false(draw.rounds[0].mosaic);
        g_assert_true(draw.rounds[1].jpeg == 0 ||
                      (draw.rounds[1].jpeg >= 50 && draw.rounds[1].jpeg <= 95));
    }
    const guint n = N - heavy;
    assert_part(heavy, N, 0.1);
    assert_part(clean, N, 0.15);
    assert_part(noisy[0], n, 0.2);
    assert_part(noisy[1], n, 0.6);
    assert_part(mosaic, n, 0.3);
    for (guint k = GAN_DENOISE_MEDIAN; k < GAN_N_DENOISES; k++)
        assert_part(denoised[k], n, 0.15);
    assert_part(coded, n, 0.85);
    assert_part(antialias, n, 0.7);
    assert_part(halved, n, 0.8);
}

// With every step left out, a copy is MATLAB's bicubic one, as clean ones are.
static void test_nothing_done_is_bicubic(void)
{
    const GanDegrade bicubic = {.kind = GAN_DEGRADE_BICUBIC};
    GanDegrade degrade = gan_degrade_real_default();
    degrade.clean = 1;
    g_autoptr(GanTensor) picture = scene(128, 96, 3);
    GanRandom random;
    GanDegradeDraw draw;
    gan_random_init(&random, 15, GAN_RANDOM_DEGRADE, 0);
    gan_degrade_draw(&degrade, &random, &draw);
    g_autoptr(GanTensor) clean = gan_degrade_apply(&degrade, &draw, picture, 4, &random, NULL);
    gan_degrade_draw(&bicubic, &random, &draw);
    g_autoptr(GanTensor) wanted = gan_degrade_apply(&bicubic, &draw, picture, 4, &random, NULL);
    g_assert_cmpfloat(mean_square(clean, wanted), ==, 0);
    degrade.kind = GAN_DEGRADE_JPEG;
    gan_degrade_draw(&degrade, &random, &draw);
    g_autoptr(GanTensor) uncoded = gan_degrade_apply(&degrade, &draw, picture, 1, &random, NULL);
    g_assert_cmpfloat(mean_square(uncoded, picture), ==, 0);
    degrade.kind = GAN_DEGRADE_REAL;
    degrade.clean = degrade.last_sinc = 0;
    degrade.antialias = 1;
    for (guint i = 0; i < 2; i++) {
        GanDegradeStage *stage = &degrade.stages[i];
        stage->blur = stage->noise_part = stage->jpeg_part = 0;
        stage->resize_probability[0] = stage->resize_probability[1] = 0;
    }
    gan_degrade_draw(&degrade, &random, &draw);
    g_autoptr(GanTensor) same = gan_degrade_apply(&degrade, &draw, picture, 4, &random, NULL);
    // But for the rounding between rows and columns.
    g_assert_cmpfloat(mean_square(same, wanted), <, 0.6 / 255 * 0.6 / 255);
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/blur/gaussians-have-their-moments", test_gaussian_moments);
    g_test_add_func("/blur/generalised-and-plateau-forms", test_other_forms);
    g_test_add_func("/blur/sinc-passes-low-frequencies-only", test_sinc_passes_low);
    g_test_add_func("/filter/correlation", test_correlation);
    g_test_add_func("/filter/resizing-equals-torch", test_resize_equals_torch);
    g_test_add_func("/filter/sharpening", test_sharpen);
    g_test_add_func("/filter/gaussian-noise", test_gaussian_noise);
    g_test_add_func("/filter/poisson-noise", test_poisson_noise);
    g_test_add_func("/filter/jpeg", test_jpeg);
    g_test_add_func("/degrade/draws-follow-the-options", test_draws_follow_the_options);
    g_test_add_func("/degrade/pipeline", test_pipeline);
    g_test_add_func("/degrade/damage-can-be-told", test_damage_can_be_told);
    g_test_add_func("/degrade/jpeg-blocks-begin-anywhere", test_jpeg_moves_its_blocks);
    g_test_add_func("/degrade/steps-are-left-out-by-chance", test_steps_are_left_out_by_chance);
    g_test_add_func("/degrade/nothing-done-is-bicubic", test_nothing_done_is_bicubic);
    return g_test_run();
}
