// SPDX-License-Identifier: LGPL-3.0-or-later
// Random numbers that depend on a seed and a place alone: what sample 7 of step 300 draws is the
// same whichever thread draws it, and after a resume.
#ifndef GAN_RANDOM_H
#define GAN_RANDOM_H

#include <glib.h>

// A generator is a small value: copy it to keep its place.
// Source:  Blackman and Vigna, xoshiro256**; seeded by splitmix64.
typedef struct {
    guint64 state[4];
} GanRandom;

// What numbers are drawn for, so that two uses of one seed and index are independent.
typedef enum {
    GAN_RANDOM_SAMPLE,  // which picture, crop and flips; index: the sample
    GAN_RANDOM_DEGRADE, // blur, noise and so on of a sample
    GAN_RANDOM_ORDER,   // the order of an epoch
    GAN_RANDOM_WEIGHTS, // initial weights
    GAN_RANDOM_NOISE,   // a generator's input while training; index: the draw
    GAN_RANDOM_GRID,    // a generator's input of the sample grid
    GAN_RANDOM_PENALTY, // where between real and made a gradient penalty is taken
    GAN_RANDOM_SHIFT,   // how far pictures are moved before a feature network sees them
    GAN_RANDOM_OTHER,   // as SAMPLE, of the second of two collections
} GanRandomUse;

void gan_random_init(GanRandom *random, guint64 seed, GanRandomUse use, guint64 index);

guint64 gan_random_bits(GanRandom *random);
double gan_random_uniform(GanRandom *random);                          // in [0, 1)
double gan_random_between(GanRandom *random, double low, double high); // in [low, high)
guint gan_random_below(GanRandom *random, guint n);                    // 0 .. n - 1; n > 0
double gan_random_normal(GanRandom *random);                           // mean 0, deviation 1
double gan_random_poisson(GanRandom *random, double mean);             // mean >= 0

// Draws an index with the given weights, which need not sum to 1 but to more than 0.
guint gan_random_choose(GanRandom *random, const double *weights, guint n);

// Returns the place of `i` in a random order of 0 .. n - 1, a bijection for each seed and epoch.
guint64 gan_random_permuted(guint64 seed, guint64 epoch, guint64 n, guint64 i);

#endif
