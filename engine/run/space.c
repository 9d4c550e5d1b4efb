// SPDX-License-Identifier: LGPL-3.0-or-later
// From the networks' space to 8-bit R'G'B' of another space.
//
// Straight lines between 1024 samples of sRGB's curve are within 3e-7 of it. An entry of the
// encoded light stands for lights within 2^-11 of it, which is 0.07 of a step of 8 bits.
#include "space.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

// Pixels of a block, whose numbers pass from loop to loop: those that do sums go several pixels at
// a time, and only those that look up tables one at a time.
#define BLOCK 256

// Versions for the vector sizes of the processors there are; the loader picks at run time. What
// they call is compiled into each. clang 14 makes the versions, but not the name that they go by.
#if defined(__x86_64__) && !defined(__clang__)
#define WIDE __attribute__((target_clones("avx512f", "avx2", "default")))
#else
#define WIDE
#endif
#define WITHIN static inline __attribute__((always_inline))

// Beyond it numbers are taken for infinite, which no matrix can mix.
#define FARTHEST 65504.0f

#define DROPPED_BITS (23 - GAN_SPACE_MANTISSA_BITS)
#define LEAST_LIGHT (1.0f / (1 << GAN_SPACE_EXPONENTS))
#define LEAST_LIGHT_BITS ((127u - GAN_SPACE_EXPONENTS) << 23) // of that float

static gboolean fits(const Babl *format)
{
    const Babl *space = babl_format_get_space(format);
    return space != babl_space("sRGB") && !babl_space_is_gray(space) &&
           !babl_space_is_cmyk(space) &&
           (format == babl_format_with_space("R'G'B' u8", space) ||
            format == babl_format_with_space("R'G'B'A u8", space));
}

static guint8 to_byte(float x)
{
    x = x > 0.0f ? x : 0.0f; // NaN, too
    return (guint8)((x < 1.0f ? x : 1.0f) * 255.0f + 0.5f);
}

// The middle of the lights that entry i stands for; the last is 1 alone.
static float light_of(guint i)
{
    const guint exponent = i >> GAN_SPACE_MANTISSA_BITS;
    const guint mantissa = i & ((1u << GAN_SPACE_MANTISSA_BITS) - 1);
    const float part = ((float)mantissa + (exponent == GAN_SPACE_EXPONENTS ? 0.0f : 0.5f)) /
                       (1 << GAN_SPACE_MANTISSA_BITS);
    return ldexpf(1.0f + part, (gint)exponent - GAN_SPACE_EXPONENTS);
}

// Returns whether the tables hold for a few colours, too, whose channels differ: a profile may mix
// them in its own way.
static gboolean holds(const GanSpace *space, const Babl *mix, const Babl *encode)
{
    for (guint i = 0; i < 27; i++) {
        const guint red = i % 3, green = i / 3 % 3, blue = i / 9;
        const float light[3] = {0.1f + 0.4f * (float)red, 0.1f + 0.4f * (float)green,
                                0.1f + 0.4f * (float)blue};
        float mixed[3], encoded[3];
        babl_process(mix, light, mixed, 1);
        babl_process(encode, light, encoded, 1);
        for (guint c = 0; c < 3; c++) {
            const float *row = space->matrix + 3 * c;
            const float sum = row[0] * light[0] + row[1] * light[1] + row[2] * light[2];
            guint32 bits;
            memcpy(&bits, &light[c], sizeof(bits));
            const guint8 byte = space->encoded[c][(bits - LEAST_LIGHT_BITS) >> DROPPED_BITS];
            if (!(fabsf(sum - mixed[c]) < 1e-4f) || abs(byte - to_byte(encoded[c])) > 1)
                return FALSE;
        }
    }
    return TRUE;
}

gboolean gan_space_init(GanSpace *space, const Babl *format)
{
    if (!fits(format))
        return FALSE;
    const Babl *own = babl_format_get_space(format);
    const Babl *linear = babl_format("RGB float");
    const Babl *own_linear = babl_format_with_space("RGB float", own);
    const Babl *decode = babl_fish(babl_format("R'G'B' float"), linear);
    const Babl *mix = babl_fish(linear, own_linear);
    const Babl *encode = babl_fish(own_linear, babl_format_with_space("R'G'B' float", own));
    float colour[3];
    for (guint i = 0; i < G_N_ELEMENTS(space->light); i++) {
        const float x = (float)i / GAN_SPACE_STEPS, grey[3] = {x, x, x};
        babl_process(decode, grey, colour, 1);
        space->light[i] = colour[0];
    }
    for (guint c = 0; c < 3; c++) {
        const float primary[3] = {c == 0, c == 1, c == 2};
        babl_process(mix, primary, colour, 1);
        for (guint k = 0; k < 3; k++)
            space->matrix[3 * k + c] = colour[k];
    }
    for (guint i = 0; i < GAN_SPACE_N_LIGHTS; i++) {
        const float light = light_of(i), grey[3] = {light, light, light};
        babl_process(encode, grey, colour, 1);
        for (guint c = 0; c < 3; c++)
            space->encoded[c][i] = to_byte(colour[c]);
    }
    return holds(space, mix, encode);
}

// Decodes n pixels. The lines at both ends go on: below 0 that is sRGB's own rule.
WITHIN void decode(const float *table, const float *from, guint channels, float light[3][BLOCK],
                   gsize n)
{
    gint32 entries[4 * BLOCK];
    float rest[4 * BLOCK];
    for (gsize i = 0; i < n * channels; i++) {
        const float finite = from[i] > -FARTHEST ? from[i] : -FARTHEST; // of NaN, too
        const float place = (finite < FARTHEST ? finite : FARTHEST) * GAN_SPACE_STEPS;
        const float most = GAN_SPACE_MOST * GAN_SPACE_STEPS - 1;
        const float low = place > 0.0f ? place : 0.0f;
        entries[i] = (gint32)(low < most ? low : most);
        rest[i] = place - (float)entries[i];
    }
    for (guint c = 0; c < 3; c++) {
        for (gsize i = 0; i < n; i++) {
            const float *entry = table + entries[i * channels + c];
            light[c][i] = entry[0] + rest[i * channels + c] * (entry[1] - entry[0]);
        }
    }
}

// Mixes and encodes one channel of n pixels.
WITHIN void encode(const guint8 *table, const float *row, float light[3][BLOCK], guint8 *to,
                   guint channels, gsize n)
{
    float mixed[BLOCK];
    guint32 entries[BLOCK];
    for (gsize i = 0; i < n; i++) {
        const float x = row[0] * light[0][i] + row[1] * light[1][i] + row[2] * light[2][i];
        const float low = x > LEAST_LIGHT ? x : LEAST_LIGHT;
        mixed[i] = low < 1.0f ? low : 1.0f;
    }
    memcpy(entries, mixed, n * sizeof(float));
    for (gsize i = 0; i < n; i++)
        entries[i] = (entries[i] - LEAST_LIGHT_BITS) >> DROPPED_BITS;
    for (gsize i = 0; i < n; i++)
        to[i * channels] = table[entries[i]];
}

WIDE void gan_space_encode(const GanSpace *space, const float *from, guint8 *to, gsize n,
                           gboolean alpha)
{
    const guint channels = alpha ? 4 : 3;
    for (gsize at = 0; at < n; at += BLOCK, from += BLOCK * channels, to += BLOCK * channels) {
        const gsize part = MIN(n - at, BLOCK);
        float light[3][BLOCK];
        decode(space->light, from, channels, light, part);
        for (guint c = 0; c < 3; c++)
            encode(space->encoded[c], space->matrix + 3 * c, light, to + c, channels, part);
        for (gsize i = 0; i < part && alpha; i++)
            to[4 * i + 3] = to_byte(from[4 * i + 3]);
    }
}
