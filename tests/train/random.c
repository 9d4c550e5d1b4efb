// SPDX-License-Identifier: LGPL-3.0-or-later
// Random numbers against what their distributions must show. All draws are seeded, so a test that
// passes once passes always; limits are five standard errors.
#include <random.h>

#include <math.h>

enum { N = 200000 };

typedef double (*Draw)(GanRandom *random);

static void moments(Draw draw, double *mean, double *variance)
{
    GanRandom random;
    double sum = 0, squares = 0;
    gan_random_init(&random, 1, GAN_RANDOM_SAMPLE, 0);
    for (guint i = 0; i < N; i++) {
        const double x = draw(&random);
        sum += x;
        squares += x * x;
    }
    *mean = sum / N;
    *variance = squares / N - *mean * *mean;
}

static double poisson_3(GanRandom *random)
{
    return gan_random_poisson(random, 3);
}

static double poisson_80(GanRandom *random)
{
    return gan_random_poisson(random, 80);
}

static void test_moments(void)
{
    // The variance of a sample's variance is (fourth moment - variance^2) / N.
    static const struct {
        Draw draw;
        double mean, variance, fourth;
    } rows[] = {{gan_random_uniform, 0.5, 1. / 12, 1. / 80},
                {gan_random_normal, 0, 1, 3},
                {poisson_3, 3, 3, 3 + 3 * 9},
                {poisson_80, 80, 80, 80 + 3 * 6400}};
    for (guint i = 0; i < G_N_ELEMENTS(rows); i++) {
        double mean, variance;
        moments(rows[i].draw, &mean, &variance);
        const double v = rows[i].variance;
        g_assert_cmpfloat(fabs(mean - rows[i].mean), <, 5 * sqrt(v / N));
        g_assert_cmpfloat(fabs(variance - v), <, 5 * sqrt((rows[i].fourth - v * v) / N));
    }
}

// The frequencies of a Poisson distribution beyond both ways of drawing it.
static void test_poisson_frequencies(void)
{
    static const double means[] = {0.5, 9.5, 10.5, 250};
    for (guint m = 0; m < G_N_ELEMENTS(means); m++) {
        g_autofree guint *count = g_new0(guint, 1000);
        GanRandom random;
        gan_random_init(&random, 2, GAN_RANDOM_DEGRADE, m);
        for (guint i = 0; i < N; i++) {
            const double k = gan_random_poisson(&random, means[m]);
            g_assert_true(k >= 0 && k < 1000 && k == floor(k));
            count[(guint)k]++;
        }
        for (guint k = 0; k < 1000; k++) {
            const double p = exp(k * log(means[m]) - means[m] - lgamma(k + 1.));
            if (p * N > 20)
                g_assert_cmpfloat(fabs(count[k] - p * N), <, 5 * sqrt(p * N));
        }
    }
    GanRandom random;
    gan_random_init(&random, 2, GAN_RANDOM_DEGRADE, 0);
    g_assert_cmpfloat(gan_random_poisson(&random, 0), ==, 0);
}

static void test_choose(void)
{
    static const double weights[] = {0, 2, 1, 0, 5, 0};
    guint count[6] = {0};
    GanRandom random;
    gan_random_init(&random, 3, GAN_RANDOM_SAMPLE, 0);
    for (guint i = 0; i < N; i++)
        count[gan_random_choose(&random, weights, 6)]++;
    for (guint i = 0; i < 6; i++) {
        const double wanted = N * weights[i] / 8;
        g_assert_cmpfloat(fabs(count[i] - wanted), <=, 5 * sqrt(wanted));
    }
}

static void test_seeds_differ(void)
{
    g_autoptr(GHashTable) seen = g_hash_table_new_full(g_int64_hash, g_int64_equal, g_free, NULL);
    for (guint64 seed = 0; seed < 10; seed++)
        for (guint use = 0; use < 7; use++)
            for (guint64 index = 0; index < 100; index++) {
                GanRandom random;
                gan_random_init(&random, seed, (GanRandomUse)use, index);
                gint64 *bits = g_new(gint64, 1);
                *bits = (gint64)gan_random_bits(&random);
                g_assert_true(g_hash_table_add(seen, bits));
            }
}

static void test_permutation(void)
{
    static const guint sizes[] = {1, 2, 3, 4, 5, 17, 1000, 4097};
    for (guint s = 0; s < G_N_ELEMENTS(sizes); s++)
        for (guint64 epoch = 0; epoch < 3; epoch++) {
            g_autofree guint8 *hit = g_new0(guint8, sizes[s]);
            for (guint i = 0; i < sizes[s]; i++) {
                const guint64 place = gan_random_permuted(7, epoch, sizes[s], i);
                g_assert_cmpuint(place, <, sizes[s]);
                g_assert_cmpuint(hit[place]++, ==, 0);
            }
        }
    // Where an element goes is uniform over epochs: chi-squared with 16 degrees of freedom, 5e-7.
    guint count[17] = {0};
    double chi = 0;
    for (guint64 epoch = 0; epoch < 17000; epoch++)
        count[gan_random_permuted(7, epoch, 17, 3)]++;
    for (guint i = 0; i < 17; i++)
        chi += (count[i] - 1000.) * (count[i] - 1000.) / 1000;
    g_assert_cmpfloat(chi, <, 60);
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/random/moments-as-the-distributions-have", test_moments);
    g_test_add_func("/random/poisson-frequencies", test_poisson_frequencies);
    g_test_add_func("/random/choice-follows-the-weights", test_choose);
    g_test_add_func("/random/every-place-draws-its-own", test_seeds_differ);
    g_test_add_func("/random/every-epoch-is-a-permutation", test_permutation);
    return g_test_run();
}
