// SPDX-License-Identifier: LGPL-3.0-or-later
// Random numbers that depend on a seed and a place alone.
#include "random.h"

#include <math.h>

// Rounds of the permutation; four make any output depend on every bit of the input.
#define N_ROUNDS 6

static guint64 rotate(guint64 x, guint k)
{
    return (x << k) | (x >> (64 - k));
}

// splitmix64's finaliser (Steele, Lea, Flood 2014).
static guint64 mix(guint64 x)
{
    x += G_GUINT64_CONSTANT(0x9e3779b97f4a7c15);
    x = (x ^ (x >> 30)) * G_GUINT64_CONSTANT(0xbf58476d1ce4e5b9);
    x = (x ^ (x >> 27)) * G_GUINT64_CONSTANT(0x94d049bb133111eb);
    return x ^ (x >> 31);
}

void gan_random_init(GanRandom *random, guint64 seed, GanRandomUse use, guint64 index)
{
    guint64 key = mix(mix(mix(seed) ^ (guint64)use) ^ index);
    for (guint i = 0; i < 4; i++)
        random->state[i] = key = mix(key);
}

guint64 gan_random_bits(GanRandom *random)
{
    guint64 *s = random->state;
    const guint64 result = rotate(s[1] * 5, 7) * 9, t = s[1] << 17;
    s[2] ^= s[0];
    s[3] ^= s[1];
    s[1] ^= s[2];
    s[0] ^= s[3];
    s[2] ^= t;
    s[3] = rotate(s[3], 45);
    return result;
}

double gan_random_uniform(GanRandom *random)
{
    return (double)(gan_random_bits(random) >> 11) * 0x1p-53;
}

double gan_random_between(GanRandom *random, double low, double high)
{
    return low + (high - low) * gan_random_uniform(random);
}

guint gan_random_below(GanRandom *random, guint n)
{
    g_assert(n > 0);
    // The bias of a 64-bit product is below 2^-32.
    return (guint)(((gan_random_bits(random) >> 32) * n) >> 32);
}

// Box and Muller, the cosine only: no second number to remember, so the state stays four words.
double gan_random_normal(GanRandom *random)
{
    const double u = 1 - gan_random_uniform(random), v = gan_random_uniform(random);
    return sqrt(-2 * log(u)) * cos(2 * G_PI * v);
}

// Hoermann 1993, "The transformed rejection method for generating Poisson random variables" (PTRS).
static double poisson_large(GanRandom *random, double mean)
{
    const double log_mean = log(mean), b = 0.931 + 2.53 * sqrt(mean), a = -0.059 + 0.02483 * b;
    const double inverse_alpha = 1.1239 + 1.1328 / (b - 3.4), v_r = 0.9277 - 3.6224 / (b - 2);
    for (;;) {
        const double u = gan_random_uniform(random) - 0.5, v = gan_random_uniform(random);
        const double us = 0.5 - fabs(u), k = floor((2 * a / us + b) * u + mean + 0.43);
        if (us >= 0.07 && v <= v_r)
            return k;
        if (k < 0 || (us < 0.013 && v > us))
            continue;
        int sign;
        if (log(v) + log(inverse_alpha) - log(a / (us * us) + b) <=
            k * log_mean - mean - lgamma_r(k + 1, &sign))
            return k;
    }
}

double gan_random_poisson(GanRandom *random, double mean)
{
    if (mean >= 10)
        return poisson_large(random, mean);
    // Knuth: uniform numbers are multiplied until their product falls below e^-mean.
    const double limit = exp(-mean);
    double product = 1, k = -1;
    do {
        product *= gan_random_uniform(random);
        k++;
    } while (product > limit);
    return k;
}

guint gan_random_choose(GanRandom *random, const double *weights, guint n)
{
    double sum = 0;
    guint last = 0;
    for (guint i = 0; i < n; i++) {
        sum += weights[i];
        if (weights[i] > 0)
            last = i;
    }
    double left = sum * gan_random_uniform(random);
    for (guint i = 0; i < last; i++) {
        left -= weights[i];
        if (left < 0)
            return i;
    }
    return last;
}

// A Feistel network over 2k bits, the least that hold n; places beyond n are sent round again,
// which ends because a bijection's cycle comes back to where it began.
guint64 gan_random_permuted(guint64 seed, guint64 epoch, guint64 n, guint64 i)
{
    g_assert(i < n);
    guint half = 1;
    while (half < 31 && (G_GUINT64_CONSTANT(1) << (2 * half)) < n)
        half++;
    const guint64 mask = (G_GUINT64_CONSTANT(1) << half) - 1;
    const guint64 key = mix(mix(mix(seed) ^ (guint64)GAN_RANDOM_ORDER) ^ epoch);
    do {
        guint64 left = i >> half, right = i & mask;
        for (guint round = 0; round < N_ROUNDS; round++) {
            const guint64 next = left ^ (mix(key + round * 0x10001 + (right << 20)) & mask);
            left = right;
            right = next;
        }
        i = (left << half) | right;
    } while (i >= n);
    return i;
}
